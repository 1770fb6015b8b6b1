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
	name   string
	letter bool   // leads to a letter, which is read before anything is done
	part   string // of the page to come back to, "#tasks"; "" for its top
	said   string // what the sentence afterwards is named after, where that is not its name
	run    func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error
}

var deskActs = []deskAct{
	{name: "assign", run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Assign(ctx, by, ref, version, f.one("owner"))
	}},
	{name: "note", run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Note(ctx, by, ref, version, f.one("text"), told(f)...)
	}},
	{name: "message", run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Reply(ctx, by, ref, version, f.one("text"), f.files...)
	}},
	{name: "acknowledge", letter: true, run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Acknowledge(ctx, by, ref, version, f.one("text"))
	}},
	{name: "pause", letter: true, run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Ask(ctx, by, ref, version, f.one("ground"), f.one("text"))
	}},
	{name: "resume", run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, _ form) error {
		return p.Resume(ctx, by, ref, version)
	}},
	{name: "extend", letter: true, run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Extend(ctx, by, ref, version, f.one("text"))
	}},
	{name: "fulfil", letter: true, run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Fulfil(ctx, by, ref, version, f.one("text"))
	}},
	{name: "partly", letter: true, run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.FulfilInPart(ctx, by, ref, version, f.one("ground"), f.one("text"))
	}},
	{name: "refuse", letter: true, run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Refuse(ctx, by, ref, version, f.one("ground"), f.one("text"))
	}},
	{name: "accept", letter: true, run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, _ form) error {
		return p.Accept(ctx, by, ref, version)
	}},
	{name: "decline", letter: true, run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Decline(ctx, by, ref, version, f.one("ground"), f.one("text"))
	}},
	{name: "reopen", letter: true, run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Reopen(ctx, by, ref, version, f.one("text"))
	}},
	{name: "restrict", run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Restrict(ctx, by, ref, version, f.one("text"))
	}},
	{name: "lift", run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.LiftRestriction(ctx, by, ref, version, f.one("text"))
	}},
}

// deskAct answers the post of one act: carried out, 303; its letter first; bad input, 422; changed by somebody else
// meanwhile, 409 with both. Whatever was typed is never lost.
func (s *server) deskAct(act deskAct) echo.HandlerFunc {
	return func(c echo.Context) error {
		d := draft{act: act}
		f, err := parse(c)
		if err == nil {
			d.sent, d.ground = f, f.one("ground")
			if text := f.one("text"); mark(text) != f.one("began") { // what a template began, the next page begins again
				d.text = text
			}
			d.version, err = versionOf(f)
		}
		if err == nil {
			switch {
			case f.one("change") != "":
				return s.drawDesk(c, http.StatusOK, d)
			case act.letter && (f.one("check") != "" || f.one("read") != ""):
				err = s.drawLetter(c, http.StatusOK, d)
			default:
				err = s.carryOut(c, d, f)
			}
		}
		return s.notDone(c, d, err)
	}
}

// notDone answers where an act was not carried out: on its letter if the words of that are at fault, else on the page of
// the request, as it is now.
func (s *server) notDone(c echo.Context, d draft, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, rights.ErrConflict) {
		d.conflict = true
		return s.drawDesk(c, http.StatusConflict, d)
	}
	faults, ok := s.faults(lang(c), err)
	if !ok {
		return err
	}
	words := d.act.letter && d.version > 0 && d.faults == nil && !slices.ContainsFunc(faults, func(f views.Fault) bool { return f.Field != "text" })
	d.faults = faults
	if words {
		return s.notDone(c, d, s.drawLetter(c, http.StatusUnprocessableEntity, d))
	}
	return s.drawDesk(c, http.StatusUnprocessableEntity, d)
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
