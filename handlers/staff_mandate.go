package handlers

import (
	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// intake is what came in with a request, for its page at the desk.
func (s *server) intake(v *visit, f workflow.Folder, d draft) *views.Intake {
	r := f.Request
	t := func(key string, pairs ...any) string { return locale.T(v.lang, key, pairs...) }
	handles := v.actor.Role.May(rights.HandleRequest)
	at := "/staff/requests/" + r.Ref
	m := &views.Intake{Adds: handles && r.State.Open()}
	if held := f.Held(); held != "" {
		m.Held = t("intake.held." + held)
	}
	var loose, mandate []rights.File
	for _, file := range f.Files {
		switch {
		case file.Mandate:
			mandate = append(mandate, file)
		case file.Message == "":
			loose = append(loose, file)
		}
	}
	m.Files = fileLines(v.lang, at, loose)
	if r.Channel != rights.ByPortal {
		m.Facts = append(m.Facts, views.Fact{Term: t("intake.identity.how"), Value: t("identity." + string(r.Identity))})
		if p := f.Postal; p != nil {
			m.Facts = append(m.Facts, views.Fact{Term: t("register.name"), Value: rights.Mask("name", p.Name), Why: t("intake.paper")})
		}
		if handles && r.State.Open() {
			m.Identities = options(rights.Identities[1:], r.Identity, func(i rights.Identity) string { return t("identity." + string(i)) })
			if d.act.name == "identity" {
				m.Note = d.text
				m.Identities = options(rights.Identities[1:], rights.Identity(d.sent.one("how")), func(i rights.Identity) string { return t("identity." + string(i)) })
			}
		}
	}
	if f.Mandate != nil {
		m.Mandate = s.mandateCard(v, f, d, fileLines(v.lang, at, mandate))
	}
	s.complained(v, f, m)
	return m
}

// mandateCard shows whoever acts for the person to those who decide about it; to whoever only reads, masked.
func (s *server) mandateCard(v *visit, f workflow.Folder, d draft, files []views.FileLine) *views.MandateCard {
	k, r := *f.Mandate, f.Request
	handles := v.actor.Role.May(rights.HandleRequest)
	if !handles {
		k.Name, k.Contact = rights.Mask("name", k.Name), rights.Mask("name", k.Contact)
	}
	m := &views.MandateCard{Facts: mandateFacts(v.lang, k), Files: files, State: views.Pill{Text: locale.T(v.lang, "mandate.open"), Tone: "warn"}}
	if k.Confirmed() {
		m.State = views.Pill{Text: locale.T(v.lang, "mandate.confirmed"), Tone: "ok"}
		m.Facts = append(m.Facts, views.Fact{Term: locale.T(v.lang, "mandate.how"), Value: locale.T(v.lang, "mandate.how."+k.How), Why: s.dateTime(v.lang, k.ConfirmedAt)})
		return m
	}
	g, _ := rights.RegimeByID(r.Regime)
	byDocument := k.ByDocument(g, r.Right, f.Postal == nil)
	law := "mandate.law." + string(k.Kind)
	if byDocument && k.Kind.Asked() {
		law = "mandate.law.permission"
	}
	if own := law + "." + r.Regime; locale.Has(v.lang, own) {
		law = own // the rule that wants it is that of the request's own law
	}
	m.Law = locale.T(v.lang, law)
	if handles && r.State.Open() {
		m.Adds, m.Confirm = true, byDocument
		if d.act.name == "mandate" {
			m.Note = d.text
		}
	}
	return m
}

// complained says who should not decide alone: whoever answered the request that this one complains about.
func (s *server) complained(v *visit, f workflow.Folder, m *views.Intake) {
	about, r := f.About, f.Request
	if about != nil && about.Owner != "" && r.State.Open() && (about.Owner == v.actor.ID || about.Owner == r.Owner) {
		m.Complained = locale.T(v.lang, "intake.same_owner", "Ref", about.Ref)
	}
	if r.MayComplain() && v.actor.Role.May(rights.HandleRequest) {
		m.Complain = "/staff/requests/new?about=" + r.Ref
	}
}
