package workflow

import (
	"context"
	"errors"
	"slices"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// Choices is all that a person has chosen, and may choose, about the use of their data.
type Choices struct {
	Regime   string
	CanLimit bool // the law lets the use of sensitive information be limited (Cal. Civ. Code 1798.121)
	Flags    rights.Flags
	Lifts    []store.FlagLift
	Purposes []PurposeChoice
}

// PurposeChoice is where a person stands on one purpose.
type PurposeChoice struct {
	rights.Purpose
	Standing rights.Standing
	Verdict  rights.Verdict
}

// Choices returns where a person stands.
func (p *Portal) Choices(ctx context.Context, by rights.Actor) (Choices, error) {
	s, err := p.subject(ctx, by)
	if err != nil {
		return Choices{}, err
	}
	g, err := p.regime(s.Regime)
	if err != nil {
		return Choices{}, err
	}
	c := Choices{Regime: s.Regime, CanLimit: g.FlagOf(rights.Restriction) == rights.Limited}
	consents, err := p.Store.ConsentEvents(ctx, s.ID)
	if err != nil {
		return c, err
	}
	events, err := p.Store.FlagEvents(ctx, s.ID)
	if err != nil {
		return c, err
	}
	if c.Lifts, err = p.Store.FlagLifts(ctx, s.ID); err != nil {
		return c, err
	}
	c.Flags = rights.FlagsOf(events)
	for i, standing := range rights.Standings(p.Purposes, consents, p.Now()) {
		purpose := p.Purposes[i]
		c.Purposes = append(c.Purposes, PurposeChoice{purpose, standing, purpose.Judge(standing, c.Flags, p.Now())})
	}
	return c, nil
}

// rightOf is the right under which a person raises a flag by their own word.
var rightOf = map[rights.FlagKind]rights.Right{
	rights.OptedOut: rights.OptOut, rights.Limited: rights.Restriction, rights.Objected: rights.Objection,
}

// RaiseFlag raises a flag at a person's word: at once, without a reason and without proof of who they are. The purpose is that of an
// objection, and direct marketing; anything else is asked in words. What stands already makes no second request.
func (p *Portal) RaiseFlag(ctx context.Context, by rights.Actor, kind rights.FlagKind, purpose, language string) error {
	s, err := p.subject(ctx, by)
	if err != nil {
		return err
	}
	ask := Ask{Right: rightOf[kind], Language: language}
	if purpose != "" {
		ask.Purposes = []string{purpose}
	}
	w, err := p.wordOf(rights.Request{Right: ask.Right, Regime: s.Regime}, ask.Purposes)
	if err != nil {
		return err
	}
	if w.kind != kind || w.rest {
		return rights.ErrNotFound
	}
	events, err := p.Store.FlagEvents(ctx, s.ID)
	if err != nil {
		return err
	}
	if _, stands := rights.FlagsOf(events).Of(kind, purpose); stands {
		return nil
	}
	_, err = p.Submit(ctx, by, ask)
	return err
}

// LowerFlag takes such a choice back, a restriction too: it protects the person, and is theirs to end. Pages ask twice before
// (11 CCR 7028(a)). A request that only asked for it ends with it.
func (p *Portal) LowerFlag(ctx context.Context, by rights.Actor, kind rights.FlagKind, purpose, language string) error {
	s, err := p.subject(ctx, by)
	if err != nil {
		return err
	}
	if kind == rights.Closed || !slices.Contains(rights.FlagKinds, kind) {
		return rights.ErrNotFound
	}
	r, err := p.newRequest(s, rights.Consent, language)
	if err != nil {
		return err
	}
	r.State, r.ClosedAt = rights.Fulfilled, r.ReceivedAt
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		events, err := tx.FlagEvents(ctx, s.ID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(rights.FlagsOf(events), func(f rights.Flag) bool { return f.Kind == kind && f.Purpose == purpose }) {
			return nil
		}
		if err := p.file(tx, by, r, map[string]string{"flag": string(kind)}); err != nil {
			return err
		}
		if err := p.lower(ctx, tx, by, r, kind, purpose); err != nil {
			return err
		}
		if err := p.endAsked(ctx, tx, by, events, kind, purpose); err != nil {
			return err
		}
		err = takePlace(tx, "receipts "+s.ID, receiptsAnHour, r.ReceivedAt)
		if errors.Is(err, rights.ErrTooMany) {
			return nil
		}
		if err != nil {
			return err
		}
		return p.write(tx, s, r, "flag", mail.FlagLowered{Ref: r.Ref, Flag: kind, At: p.local(r.ReceivedAt)})
	})
}

// endAsked ends what was still to be done for a flag that its person has taken back.
func (p *Portal) endAsked(ctx context.Context, tx *store.Tx, by rights.Actor, events []rights.FlagEvent, kind rights.FlagKind, purpose string) error {
	for _, e := range events {
		if !e.Raised || e.Kind != kind || e.Purpose != purpose {
			continue
		}
		r, err := tx.Request(ctx, e.Request)
		if err != nil {
			return err
		}
		steps, err := tx.Events(ctx, r.ID)
		if err != nil {
			return err
		}
		w, err := p.wordOf(r, purposesOf(steps))
		if err != nil {
			return err
		}
		if !r.State.Open() || w.kind != kind || w.rest || len(w.purposes) > 1 {
			continue
		}
		if _, err := p.move(tx, by, r, rights.Cancelled, "cancelled", nil); err != nil {
			return err
		}
	}
	return nil
}

// choiceLetter confirms what a request raised by itself, nil where it raised nothing.
func (p *Portal) choiceLetter(r rights.Request, purposes []string) (mail.Message, error) {
	w, err := p.wordOf(r, purposes)
	if err != nil || w.kind == "" || w.rest {
		return nil, err
	}
	letter := mail.FlagRaised{Ref: r.Ref, Flag: w.kind, At: p.local(r.ReceivedAt)}
	for _, purpose := range p.Purposes {
		if slices.Contains(w.purposes, purpose.Key) {
			letter.Purposes = append(letter.Purposes, purpose.Title[r.Language])
		}
	}
	for _, source := range p.Sources.Sources() {
		if r.State.Open() && !slices.Contains(p.Sources.FlagSources(w.kind), source) {
			letter.Due = r.Due
		}
	}
	return letter, nil
}
