package handlers

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// deskAct is one thing an officer can do with a request, under its own name in the address.
type deskAct struct {
	name    string
	checked bool   // cannot be taken back: its form leads to a page that asks once more
	ground  bool   // needs a ground of the law
	part    string // of the page to come back to, "#tasks"; "" for its top
	said    string // what the sentence afterwards is named after, where that is not its name
	run     func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error
}

var deskActs = []deskAct{
	{name: "assign", run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Assign(ctx, by, ref, version, f.one("owner"))
	}},
	{name: "note", run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Note(ctx, by, ref, version, f.one("text"), told(f)...)
	}},
	{name: "message", run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Reply(ctx, by, ref, version, f.one("text"))
	}},
	{name: "pause", ground: true, run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Pause(ctx, by, ref, version, f.one("ground"), f.one("text"))
	}},
	{name: "resume", run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, _ form) error {
		return p.Resume(ctx, by, ref, version)
	}},
	{name: "extend", run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Extend(ctx, by, ref, version, f.one("text"))
	}},
	{name: "fulfil", checked: true, run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Fulfil(ctx, by, ref, version, f.one("text"))
	}},
	{name: "refuse", checked: true, ground: true, run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Refuse(ctx, by, ref, version, f.one("ground"), f.one("text"))
	}},
	{name: "accept", checked: true, run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, _ form) error {
		return p.Accept(ctx, by, ref, version)
	}},
	{name: "decline", checked: true, ground: true, run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Decline(ctx, by, ref, version, f.one("ground"), f.one("text"))
	}},
}

// deskAct answers the post of one act: carried out, 303; checked first; bad input, 422; changed by somebody else
// meanwhile, 409 with both. Whatever was typed is never lost.
func (s *server) deskAct(act deskAct) echo.HandlerFunc {
	return func(c echo.Context) error {
		d := draft{act: act}
		f, err := parse(c)
		if err == nil {
			d.sent, d.text, d.ground = f, f.one("text"), f.one("ground")
			d.version, err = versionOf(f)
		}
		if err == nil {
			switch {
			case f.one("change") != "":
				return s.drawDesk(c, http.StatusOK, d)
			case act.checked && f.one("check") != "":
				err = s.drawCheck(c, d)
			default:
				err = s.carryOut(c, d, f)
			}
		}
		if err == nil {
			return nil
		}
		if errors.Is(err, rights.ErrConflict) {
			d.conflict = true
			return s.drawDesk(c, http.StatusConflict, d)
		}
		if faults, ok := s.faults(lang(c), err); ok {
			d.faults = faults
			return s.drawDesk(c, http.StatusUnprocessableEntity, d)
		}
		return err
	}
}

func (s *server) carryOut(c echo.Context, d draft, f form) error {
	ref := c.Param("ref")
	if err := d.act.run(c.Request().Context(), s.portal, visitOf(c).actor, ref, d.version, f); err != nil {
		return err
	}
	s.flash(c, "desk.done."+cmp.Or(d.act.said, d.act.name))
	return s.see(c, "/staff/requests/"+ref+d.act.part)
}

// versionOf is the version of the request that the officer was looking at.
func versionOf(f form) (int, error) {
	n, err := strconv.Atoi(f.one("version"))
	if err != nil || n < 1 {
		return 0, rights.Fault("act", "desk.error.version", nil)
	}
	return n, nil
}

// drawCheck asks once more. Nothing has happened yet.
func (s *server) drawCheck(c echo.Context, d draft) error {
	v := visitOf(c)
	f, err := s.portal.Folder(c.Request().Context(), v.actor, c.Param("ref"), v.lang)
	if err != nil {
		return err
	}
	r := f.Request
	if r.Version != d.version || !r.State.Open() {
		return rights.ErrConflict
	}
	if !slices.Contains(decisions(f), d.act.name) {
		return rights.ErrNotFound // the page offers no such form
	}
	if r.CoolingOff(s.Now()) {
		return rights.Fault("act", "desk.error.cooling_off", nil)
	}
	if d.act.ground && !slices.ContainsFunc(f.Grounds, func(g rights.Ground) bool { return g.ID == d.ground }) {
		return rights.Fault("ground", "desk.error.ground", nil)
	}
	desk, err := s.desk(c, "queue", "")
	if err != nil {
		return err
	}
	t := func(key string) string { return locale.T(v.lang, key) }
	m := views.StaffCheckPage{
		Desk: desk, Reference: r.Ref, Act: d.act.name, Title: t("check." + d.act.name + ".title"), Version: strconv.Itoa(d.version),
		Ground: d.ground, Text: d.text, Danger: d.act.ground, Change: s.change(v.lang, f.Dossier),
		Facts: []views.Fact{
			{Term: t("check.fact.request"), Value: r.Ref + " · " + deskTitle(v.lang, r)},
			{Term: t("check.fact.person"), Value: f.Mailbox},
			{Term: t("check.fact.language"), Value: t("language." + r.Language)},
		},
	}
	if m.Change != nil {
		m.Facts = append(m.Facts, views.Fact{Term: t("check.fact.field"), Value: m.Change.Label})
	}
	if d.act.ground {
		m.Facts = append(m.Facts, s.groundFact(v.lang, t("check.fact.ground"), r, d.ground))
	}
	if d.act.name != "accept" {
		words := views.Fact{Term: t("check.fact.words"), Value: d.text}
		if d.text == "" {
			words.Value = t("check.fact.no_words")
		}
		m.Facts = append(m.Facts, words)
	}
	return s.page(c, http.StatusOK, "", views.StaffCheck(m))
}

// groundFact names a ground and where the law lists it.
func (s *server) groundFact(lang, term string, r rights.Request, id string) views.Fact {
	fact := views.Fact{Term: term, Value: locale.T(lang, "ground."+id)}
	if g, ok := rights.RegimeByID(r.Regime); ok {
		if ground, ok := g.Ground(id); ok {
			fact.Why = locale.Citation(lang, ground.Citation)
		}
	}
	return fact
}

// acts are the forms of the page, with what was typed in the one that was sent.
func (s *server) acts(v *visit, f workflow.Folder, d draft) *views.StaffActs {
	r := f.Request
	a := &views.StaffActs{
		Version: strconv.Itoa(r.Version),
		Owners:  []views.Option{{Text: locale.T(v.lang, "queue.nobody"), Chosen: r.Owner == ""}},
		Note:    s.actForm(v, f, d, "note"),
	}
	for _, m := range f.Team {
		a.Owners = append(a.Owners, views.Option{Value: m.ID, Text: m.Name, Chosen: m.ID == r.Owner})
		if m.ID == v.actor.ID && r.Owner != m.ID {
			a.Mine = m.ID
		}
	}
	if !r.Routine {
		form := s.actForm(v, f, d, "message")
		a.Message = &form
	}
	if !r.State.Open() || r.CoolingOff(s.Now()) {
		return a
	}
	for _, name := range append(decisions(f), clockActs(f)...) {
		a.Decide = append(a.Decide, s.actForm(v, f, d, name))
	}
	return a
}

// clockActs are the acts that the law of the request allows on its clock now.
func clockActs(f workflow.Folder) []string {
	var out []string
	if f.Request.State == rights.Paused {
		out = append(out, "resume")
	}
	if len(f.Pauses) > 0 {
		out = append(out, "pause")
	}
	if f.Extends {
		out = append(out, "extend")
	}
	return out
}

// decisions are the acts that close a request: a correction is decided on its two values, anything else is answered.
func decisions(f workflow.Folder) []string {
	if f.Correction != nil {
		return []string{"accept", "decline"}
	}
	return []string{"fulfil", "refuse"}
}

func (s *server) actForm(v *visit, f workflow.Folder, d draft, name string) views.ActForm {
	act := deskActs[slices.IndexFunc(deskActs, func(a deskAct) bool { return a.name == name })]
	form := views.ActForm{
		Name: name, Wordy: name != "accept" && name != "resume", Checked: act.checked, Danger: act.checked && act.ground, Clock: slices.Contains(clockActs(f), name),
	}
	sent := d.act.name == name
	if sent {
		form.Text, form.Fault, form.Ground, form.Open = d.text, d.fault("text"), d.fault("ground"), true
	}
	if name == "pause" {
		for _, why := range f.Pauses {
			form.Grounds = append(form.Grounds, views.Option{Value: why, Text: locale.T(v.lang, "desk.pause."+why), Chosen: sent && why == d.ground})
		}
	} else if act.ground {
		form.Grounds = []views.Option{}
		for _, g := range f.Grounds {
			form.Grounds = append(form.Grounds, views.Option{
				Value: g.ID, Text: locale.T(v.lang, g.Key()) + " (" + locale.Citation(v.lang, g.Citation) + ")", Chosen: sent && g.ID == d.ground,
			})
		}
	}
	return form
}
