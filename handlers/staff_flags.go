package handlers

import (
	"slices"
	"strconv"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// flagLines are what stands for a person, with what gives it, who raised it and by which request.
func (s *server) flagLines(v *visit, flags []workflow.StandingFlag, names map[string]string) []views.FlagLine {
	var out []views.FlagLine
	for _, f := range flags {
		who := locale.T(v.lang, "staff.who.subject")
		if f.By.IsStaff() {
			who = names[f.By.ID]
		}
		line := views.FlagLine{
			Title: locale.T(v.lang, "flag."+string(f.Kind)), Reference: f.Ref,
			Since: locale.T(v.lang, "flags.since", "Date", s.dateTime(v.lang, f.Since), "Name", who),
		}
		if f.Purpose != "" {
			line.Title = locale.T(v.lang, "flags.of", "Flag", line.Title, "Purpose", s.purposeTitle(v.lang, f.Purpose))
		}
		if f.Law != "" {
			line.Law = locale.Citation(v.lang, f.Law)
		}
		if !f.Falls.IsZero() {
			line.Falls = locale.T(v.lang, "flags.falls", "Date", locale.Date(v.lang, s.at(f.Falls)))
		}
		out = append(out, line)
	}
	return out
}

// purposeTitle is what a purpose is called; one that is no longer configured keeps its key.
func (s *server) purposeTitle(lang, key string) string {
	i := slices.IndexFunc(s.portal.Purposes, func(p rights.Purpose) bool { return p.Key == key })
	if i < 0 {
		return key
	}
	return s.portal.Purposes[i].Title[lang]
}

// flagCard is what stands for the person of a request and what can be done about it there, nil for nothing.
func (s *server) flagCard(v *visit, f workflow.Folder, d draft) *views.FlagCard {
	m := &views.FlagCard{Lines: s.flagLines(v, f.Flags, f.Names)}
	standing := slices.IndexFunc(f.Flags, func(x workflow.StandingFlag) bool { return x.Kind == rights.Restricted })
	if v.actor.Role.May(rights.HandleRequest) && f.Request.PseudonymisedAt.IsZero() {
		switch {
		case standing < 0 && workflow.MayRestrict(f.Request):
			m.Restrict = flagForm(v.lang, "restrict", f, d)
		case standing >= 0 && f.Flags[standing].Request == f.Request.ID && f.Flags[standing].Falls.IsZero():
			m.Lift = flagForm(v.lang, "lift", f, d)
		}
	}
	if len(m.Lines) == 0 && m.Restrict == nil && m.Lift == nil {
		return nil
	}
	return m
}

func flagForm(lang, act string, f workflow.Folder, d draft) *views.FlagForm {
	m := &views.FlagForm{
		ActForm: views.ActForm{Name: act, Paper: f.Postal != nil}, Version: strconv.Itoa(f.Request.Version),
		Title: locale.T(lang, "flags."+act), Lead: locale.T(lang, "flags."+act+".text"), Button: locale.T(lang, "flags."+act+".go"),
	}
	if d.act.name == act {
		m.Open, m.Text, m.Fault = true, d.text, d.fault("text")
	}
	return m
}
