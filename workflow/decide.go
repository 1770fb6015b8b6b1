package workflow

import (
	"context"
	"errors"
	"strings"

	"habeas/mail"
	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// Fulfil closes a request as answered. A correction is decided instead; a request in its cooling-off must wait, because
// the person can still take it back.
func (p *Portal) Fulfil(ctx context.Context, by rights.Actor, ref string, version int, answer string) error {
	answer, err := checkAnswer(answer)
	if err != nil {
		return err
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, s store.Subject, r rights.Request) error {
		if err := p.decidable(ctx, tx, r); err != nil {
			return err
		}
		if err := p.answer(tx, by, r, answer); err != nil {
			return err
		}
		r, err := p.move(tx, by, r, rights.Fulfilled, "fulfilled", nil)
		if err != nil {
			return err
		}
		return p.write(tx, s, r, "fulfilled", mail.Fulfilled{Ref: r.Ref, Right: r.Right})
	})
}

// checkAnswer tidies the words that go with a decision; there need not be any.
func checkAnswer(text string) (string, error) {
	text = strings.TrimSpace(text)
	if f, bad := tooLong("text", text); bad {
		return "", rights.FieldErrors{f}
	}
	return text, nil
}

// answer adds the words that go with a decision to the conversation.
func (p *Portal) answer(tx *store.Tx, by rights.Actor, r rights.Request, text string) error {
	if text == "" {
		return nil
	}
	return p.say(tx, by, r, text, p.Now())
}

func (p *Portal) decidable(ctx context.Context, tx *store.Tx, r rights.Request) error {
	if r.CoolingOff(p.Now()) {
		return rights.Fault("act", "desk.error.cooling_off", nil)
	}
	if r.Right != rights.Rectification {
		return nil
	}
	_, err := tx.Correction(ctx, r.ID)
	if err == nil {
		return rights.Fault("act", "desk.error.decide", nil)
	}
	return ignoreNotFound(err)
}

// Refuse closes a request with a ground of its regime; the letter quotes it, and says how to complain and to whom.
func (p *Portal) Refuse(ctx context.Context, by rights.Actor, ref string, version int, ground, answer string) error {
	answer, err := checkAnswer(answer)
	if err != nil {
		return err
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, s store.Subject, r rights.Request) error {
		if err := p.decidable(ctx, tx, r); err != nil {
			return err
		}
		if err := p.answer(tx, by, r, answer); err != nil {
			return err
		}
		r, err := p.refuse(tx, by, r, ground)
		if err != nil {
			return err
		}
		letter := mail.Refused{Ref: r.Ref, Right: r.Right, Refusal: mail.RefusalOf(r.Language, r.Regime, ground)}
		return p.write(tx, s, r, "refused", letter)
	})
}

// refuse moves a request to refused on a ground that its regime lists for its right.
func (p *Portal) refuse(tx *store.Tx, by rights.Actor, r rights.Request, ground string) (rights.Request, error) {
	g, err := p.regime(r.Regime)
	if err != nil {
		return r, err
	}
	for _, allowed := range g.Grounds(r.Right) {
		if allowed.ID == ground {
			r.Ground = ground
			return p.move(tx, by, r, rights.Refused, "refused", map[string]string{"ground": ground})
		}
	}
	return r, rights.Fault("ground", "desk.error.ground", nil)
}

// Accept decides a correction for the person: it is written to its source, read back, and told.
func (p *Portal) Accept(ctx context.Context, by rights.Actor, ref string, version int) error {
	r, c, err := p.undecided(ctx, by, ref, version)
	if err != nil {
		return err
	}
	s, err := p.Store.Subject(ctx, r.Subject)
	if err != nil {
		return err
	}
	person, err := sources.ParsePerson(s.Person)
	if err != nil {
		return err
	}
	// The decision is durable, and nobody else's any more, before the source is touched.
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.TakeOver(r.ID); err != nil {
			return err
		}
		if err := tx.UpdateRequest(r, p.entry(by, "correction.accepted", r.Subject, r.ID, nil)); err != nil {
			return err
		}
		return tx.InsertEvent(p.event(by, r.ID, "accepted", nil))
	})
	if err != nil {
		return err
	}
	r.Version++
	closed, err := p.writeBack(ctx, by, s, person, r, c)
	if err == nil && closed.State.Open() {
		return rights.Fault("act", "desk.error.not_written", nil)
	}
	return err
}

// Decline decides a correction against the person, on a ground of the regime.
func (p *Portal) Decline(ctx context.Context, by rights.Actor, ref string, version int, ground, answer string) error {
	answer, err := checkAnswer(answer)
	if err != nil {
		return err
	}
	_, c, err := p.undecided(ctx, by, ref, version)
	if err != nil {
		return err
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, s store.Subject, r rights.Request) error {
		r, err := p.refuse(tx, by, r, ground)
		if err != nil {
			return err
		}
		c.Decision, c.Ground, c.DecidedBy, c.DecidedAt = "declined", ground, by.ID, p.Now()
		if err := tx.UpdateCorrection(c); err != nil {
			return err
		}
		if err := p.answer(tx, by, r, answer); err != nil {
			return err
		}
		letter := mail.CorrectionDeclined{
			Ref: r.Ref, Field: p.FieldLabel(c, r.Language), Refusal: mail.RefusalOf(r.Language, r.Regime, ground),
		}
		return p.write(tx, s, r, "declined", letter)
	})
}

// undecided returns a correction that waits for an officer, at the version they saw.
func (p *Portal) undecided(ctx context.Context, by rights.Actor, ref string, version int) (rights.Request, rights.Correction, error) {
	r, err := p.deskRequest(ctx, by, rights.HandleRequest, ref)
	if err != nil {
		return r, rights.Correction{}, err
	}
	c, err := p.Store.Correction(ctx, r.ID)
	if err == nil && (r.Version != version || !r.State.Open() || c.Decision != "" || beingWritten(c)) {
		err = rights.ErrConflict
	}
	if errors.Is(err, rights.ErrNotFound) {
		err = rights.ErrConflict
	}
	return r, c, err
}
