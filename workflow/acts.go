package workflow

import (
	"context"
	"slices"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// Reasons a clock may be stopped for, in the order a form shows them.
var pauseReasons = []string{rights.ForIdentity, rights.ForClarification}

// mayPause lists the reasons for which the regime of an open, running request lets its clock stand still.
func mayPause(g rights.Regime, r rights.Request) []string {
	if !r.State.CanBecome(rights.Paused) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(pauseReasons), func(why string) bool { return !g.MayPause(why) })
}

// Pause asks the person for proof of identity or for clarification, in words, and stops the clock where the regime lets
// it: from today to their answer.
func (p *Portal) Pause(ctx context.Context, by rights.Actor, ref string, version int, why, text string) error {
	text, err := checkMessage(text)
	if err != nil {
		return err
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, s store.Subject, r rights.Request) error {
		g, err := p.regime(r.Regime)
		if err != nil {
			return err
		}
		if !slices.Contains(mayPause(g, r), why) {
			return rights.Fault("ground", "desk.error.pause", nil)
		}
		r.Clock.Pauses = append(slices.Clone(r.Clock.Pauses), rights.Pause{Why: why, From: p.today()})
		if r, err = p.reckon(r); err != nil {
			return err
		}
		if r, err = p.move(tx, by, r, rights.Paused, "paused", map[string]string{"why": why}); err != nil {
			return err
		}
		if err := p.say(tx, by, r, text, p.Now()); err != nil {
			return err
		}
		return p.write(tx, s, r, "message "+p.newID(), mail.TeamMessage{Ref: r.Ref})
	})
}

// Resume starts the clock again: the person has answered.
func (p *Portal) Resume(ctx context.Context, by rights.Actor, ref string, version int) error {
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, _ store.Subject, r rights.Request) error {
		_, err := p.resume(tx, by, r)
		return err
	})
}

// resume ends the pause that lasts, on today.
func (p *Portal) resume(tx *store.Tx, by rights.Actor, r rights.Request) (rights.Request, error) {
	if r.State != rights.Paused {
		return r, rights.ErrConflict
	}
	r.Clock.Pauses = slices.Clone(r.Clock.Pauses)
	for i := range r.Clock.Pauses {
		if pause := &r.Clock.Pauses[i]; pause.To.IsZero() {
			pause.To = p.today()
		}
	}
	r, err := p.reckon(r)
	if err != nil {
		return r, err
	}
	return p.move(tx, by, r, rights.InProgress, "resumed", nil)
}

// Extend puts the answer off, once, before the last day on which the person can be told, with the reasons
// (GDPR Art. 12(3); 11 CCR 7021(b)).
func (p *Portal) Extend(ctx context.Context, by rights.Actor, ref string, version int, reason string) error {
	reason, err := checkMessage(reason)
	if err != nil {
		return err
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, s store.Subject, r rights.Request) error {
		g, err := p.regime(r.Regime)
		if err != nil {
			return err
		}
		if !r.State.Open() || !g.MayExtend(r.Clock, p.today()) {
			return rights.Fault("act", "desk.error.extend", nil)
		}
		r.Clock.Extended = true
		if r, err = p.reckon(r); err != nil {
			return err
		}
		if err := tx.UpdateRequest(r, p.entry(by, "request.extended", r.Subject, r.ID, map[string]string{"due": r.Due.String()})); err != nil {
			return err
		}
		if err := tx.InsertEvent(p.event(by, r.ID, "extended", nil)); err != nil {
			return err
		}
		if err := p.say(tx, by, r, reason, p.Now()); err != nil {
			return err
		}
		return p.write(tx, s, r, "extended", mail.Extended{Ref: r.Ref, Right: r.Right, Due: r.Due, Reason: reason})
	})
}

// reckon computes every date of a request anew from its receipt, its pauses and its extension.
func (p *Portal) reckon(r rights.Request) (rights.Request, error) {
	g, err := p.regime(r.Regime)
	if err != nil {
		return r, err
	}
	facts, err := p.facts(r)
	if err != nil {
		return r, err
	}
	r.Clock = g.Clock(r.Right, facts)
	r.Due = r.Clock.DueDay()
	return r, nil
}
