package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// Acknowledge tells somebody who phoned, wrote or came that their request is on record, how it will be handled and by when
// (11 CCR 7021(a)). Whoever asks in the portal was told at once.
func (p *Portal) Acknowledge(ctx context.Context, by rights.Actor, ref string, version int, words string) error {
	return p.carryOut(ctx, by, ref, version, ActAcknowledge, "", words)
}

// Ask asks the person for proof of who they are, or for what exactly they want. Where the law lets it, the clock stands
// still from today to their answer; anywhere else it runs on, and the letter says which.
func (p *Portal) Ask(ctx context.Context, by rights.Actor, ref string, version int, why, words string) error {
	return p.carryOut(ctx, by, ref, version, ActAsk, why, words)
}

// Extend puts the answer off, once, before the last day on which the person can be told, with the reasons
// (GDPR Art. 12(3); 11 CCR 7021(b)).
func (p *Portal) Extend(ctx context.Context, by rights.Actor, ref string, version int, reason string) error {
	return p.carryOut(ctx, by, ref, version, ActExtend, "", reason)
}

// Fulfil closes a request as answered. A correction is decided instead; a request in its cooling-off must wait, because
// the person can still take it back.
func (p *Portal) Fulfil(ctx context.Context, by rights.Actor, ref string, version int, words string) error {
	return p.carryOut(ctx, by, ref, version, ActFulfil, "", words)
}

// FulfilInPart closes a request as answered in part. The rest is refused on a ground of its law, with all that a refusal
// must say; the words tell which part is which.
func (p *Portal) FulfilInPart(ctx context.Context, by rights.Actor, ref string, version int, ground, words string) error {
	return p.carryOut(ctx, by, ref, version, ActPartly, ground, words)
}

// Refuse closes a request with a ground of its regime; the letter quotes it, and says how to complain and to whom.
func (p *Portal) Refuse(ctx context.Context, by rights.Actor, ref string, version int, ground, words string) error {
	return p.carryOut(ctx, by, ref, version, ActRefuse, ground, words)
}

// Decline decides a correction against the person, on a ground of the regime.
func (p *Portal) Decline(ctx context.Context, by rights.Actor, ref string, version int, ground, words string) error {
	return p.carryOut(ctx, by, ref, version, ActDecline, ground, words)
}

// Reopen takes a closed request up again, with the reason: something was missing, or a complaint was right. It gives no
// new time: the answer is owed by the day that it was owed from the first.
func (p *Portal) Reopen(ctx context.Context, by rights.Actor, ref string, version int, reason string) error {
	return p.carryOut(ctx, by, ref, version, ActReopen, "", reason)
}

// ruling is a statutory act worked out, before anything has happened: the request as it will be and the letter that says
// so. The preview shows it and the act carries it out, so that the two cannot differ.
type ruling struct {
	request rights.Request // as it will be, but for its state
	to      rights.State   // "" where the state stays
	kind    string         // of the event and the audit entry
	facts   map[string]string
	letter  func(words string) mail.Message
	also    func(ctx context.Context, p *Portal, tx *store.Tx, by rights.Actor) error // what changes besides the request; nil for nothing
}

// rulings say what each act makes of a request. The ground, or the reason for asking, is one that the act offers.
var rulings = map[StatutoryAct]func(p *Portal, m matter, ground string) (ruling, error){
	ActAcknowledge: func(p *Portal, m matter, _ string) (ruling, error) {
		r, law := m.Request, p.acknowledging(m).Law
		r.AcknowledgedAt = p.Now()
		return ruling{request: r, kind: "acknowledged", letter: func(words string) mail.Message {
			return mail.Acknowledged{Ref: r.Ref, Right: r.Called(), Received: p.local(r.ReceivedAt), Due: r.Due, Law: law, Words: words}
		}}, nil
	},
	ActAsk: ruleAsk,
	ActExtend: func(p *Portal, m matter, _ string) (ruling, error) {
		r, law := m.Request, p.extending(m).Law
		r.Clock.Extended = true
		r, err := p.reckon(r)
		return ruling{request: r, kind: "extended", facts: map[string]string{"due": r.Due.String()}, letter: func(words string) mail.Message {
			return mail.Extended{Ref: r.Ref, Right: r.Called(), Due: r.Due, Law: law, Reason: words}
		}}, err
	},
	ActFulfil: func(p *Portal, m matter, _ string) (ruling, error) {
		r := m.Request
		return ruling{request: r, to: rights.Fulfilled, kind: "fulfilled", letter: func(words string) mail.Message {
			if r.Right == rights.Explanation {
				return mail.Explained{Ref: r.Ref, Words: words}
			}
			return mail.Fulfilled{Ref: r.Ref, Right: r.Called(), ByHand: m.lacking, Left: p.kept(m.residue, r.Language), Words: words}
		}}, nil
	},
	ActPartly: func(_ *Portal, m matter, ground string) (ruling, error) {
		r := m.Request
		r.Ground = ground
		return ruling{request: r, to: rights.Fulfilled, kind: "fulfilled_in_part", facts: map[string]string{"ground": ground}, letter: func(words string) mail.Message {
			return mail.FulfilledInPart{Ref: r.Ref, Right: r.Called(), Refusal: mail.RefusalOf(r.Language, r.Regime, ground), Words: words}
		}}, nil
	},
	ActRefuse: func(_ *Portal, m matter, ground string) (ruling, error) {
		r := m.Request
		r.Ground = ground
		return ruling{request: r, to: rights.Refused, kind: "refused", facts: map[string]string{"ground": ground}, letter: func(words string) mail.Message {
			return mail.Refused{Ref: r.Ref, Right: r.Called(), Refusal: mail.RefusalOf(r.Language, r.Regime, ground), Words: words}
		}}, nil
	},
	ActAccept: func(p *Portal, m matter, _ string) (ruling, error) {
		return ruling{request: m.Request, to: rights.Fulfilled, kind: "corrected", letter: func(string) mail.Message {
			return mail.CorrectionAccepted{Ref: m.Ref, Field: p.FieldLabel(*m.correction, m.Language)}
		}}, nil
	},
	ActDecline: func(p *Portal, m matter, ground string) (ruling, error) {
		r, c := m.Request, *m.correction
		r.Ground = ground
		return ruling{
			request: r, to: rights.Refused, kind: "refused", facts: map[string]string{"ground": ground},
			letter: func(words string) mail.Message {
				return mail.CorrectionDeclined{
					Ref: r.Ref, Field: p.FieldLabel(c, r.Language), Refusal: mail.RefusalOf(r.Language, r.Regime, ground), Words: words,
				}
			},
			also: func(_ context.Context, p *Portal, tx *store.Tx, by rights.Actor) error {
				c.Decision, c.Ground, c.DecidedBy, c.DecidedAt = "declined", ground, by.ID, p.Now()
				return tx.UpdateCorrection(c)
			},
		}, nil
	},
	ActReopen: func(p *Portal, m matter, _ string) (ruling, error) {
		// Nobody waits for an answer any more: the clock stood still until the request was closed, and no longer.
		r, err := p.reckon(waitedUntil(m.Request, rights.DateOf(p.local(m.ClosedAt))))
		if err != nil {
			return ruling{}, err
		}
		r.Ground = ""
		late := !r.Due.IsZero() && r.Due.Before(p.today())
		out := ruling{request: r, to: rights.InProgress, kind: "reopened", letter: func(words string) mail.Message {
			return mail.Reopened{Ref: r.Ref, Right: r.Called(), Due: r.Due, Late: late, Words: words}
		}}
		if m.correction != nil {
			out.also = func(_ context.Context, _ *Portal, tx *store.Tx, _ rights.Actor) error {
				return tx.ReopenCorrection(r.ID)
			}
		}
		if r.Right == rights.Erasure {
			out.also = func(_ context.Context, p *Portal, tx *store.Tx, _ rights.Actor) error {
				return tx.InsertErasure(r.ID, p.Now())
			}
		}
		return out, nil
	},
}

// ruleAsk stops the clock where the law of the request lets it stand still for that reason.
func ruleAsk(p *Portal, m matter, why string) (ruling, error) {
	asks := questions(m)
	q := asks[slices.IndexFunc(asks, func(q Question) bool { return q.Why == why })]
	r := m.Request
	out := ruling{kind: "asked", facts: map[string]string{"why": why}}
	switch {
	case q.Stops:
		waits := slices.ContainsFunc(r.Clock.Pauses, func(s rights.Pause) bool { return s.Why == why && s.To.IsZero() })
		if !waits {
			r.Clock.Pauses = append(slices.Clone(r.Clock.Pauses), rights.Pause{Why: why, From: p.today()})
		}
		var err error
		if r, err = p.reckon(r); err != nil {
			return out, err
		}
		out.kind = "paused"
		if r.State != rights.Paused {
			out.to = rights.Paused
		}
	case r.State == rights.Received:
		out.to = rights.InProgress
	}
	out.request = r
	out.letter = func(words string) mail.Message {
		return mail.Asked{Ref: r.Ref, Right: r.Called(), Why: why, Stops: q.Stops, Due: r.Due, Law: q.Law, Words: words}
	}
	return out, nil
}

// rule works an act out, if the request offers it and, where it needs a ground or a reason, that one.
func (p *Portal) rule(m matter, act StatutoryAct, ground string) (Offer, ruling, error) {
	o, err := p.offer(m, act)
	if err != nil {
		return o, ruling{}, err
	}
	rule, ok := rulings[act]
	if !ok { // it has no letter
		return o, ruling{}, rights.ErrNotFound
	}
	switch {
	case o.Asks != nil:
		if !slices.ContainsFunc(o.Asks, func(q Question) bool { return q.Why == ground }) {
			return o, ruling{}, rights.Fault("ground", "act.error.why", nil)
		}
	case o.Grounds != nil:
		i := slices.IndexFunc(o.Grounds, func(g rights.Ground) bool { return g.ID == ground })
		if i < 0 {
			return o, ruling{}, rights.Fault("ground", "desk.error.ground", nil)
		}
		o.Words = o.Words || o.Grounds[i].NeedsWords()
	}
	out, err := rule(p, m, ground)
	return o, out, err
}

// carryOut does a statutory act: the request moves, the words stay in the conversation, and the letter is on its way.
func (p *Portal) carryOut(ctx context.Context, by rights.Actor, ref string, version int, act StatutoryAct, ground, words string) error {
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, s store.Subject, r rights.Request) error {
		m, err := p.matterIn(ctx, tx, r)
		if err != nil {
			return err
		}
		o, ruled, err := p.rule(m, act, ground)
		if err != nil {
			return err
		}
		if words, err = checkAnswer(words); err != nil {
			return err
		}
		if words == "" && o.Words {
			return rights.Fault("text", "act.error.words", nil)
		}
		if r, err = p.apply(tx, by, ruled); err != nil {
			return err
		}
		if ruled.also != nil {
			if err := ruled.also(ctx, p, tx, by); err != nil {
				return err
			}
		}
		if act == ActFulfil || act == ActPartly {
			if err := p.grant(ctx, tx, by, r); err != nil {
				return err
			}
			if err := p.passOn(tx, r); err != nil {
				return err
			}
		}
		if words != "" {
			if err := p.say(tx, by, r, words, p.Now()); err != nil {
				return err
			}
		}
		// The version is part of what makes a letter the same: an act can follow itself once the request was reopened.
		return p.write(tx, s, r, fmt.Sprintf("%s %d", ruled.kind, version), ruled.letter(words))
	})
}

// apply writes the request as a ruling leaves it, with its event and its audit entry.
func (p *Portal) apply(tx *store.Tx, by rights.Actor, ruled ruling) (rights.Request, error) {
	r := ruled.request
	if ruled.to != "" {
		return p.move(tx, by, r, ruled.to, ruled.kind, ruled.facts)
	}
	if err := tx.UpdateRequest(r, p.entry(by, "request."+ruled.kind, r.Subject, r.ID, ruled.facts)); err != nil {
		return r, err
	}
	r.Version++
	return r, tx.InsertEvent(p.event(by, r.ID, ruled.kind, ruled.facts))
}

// checkAnswer tidies the words that go with a decision; there need not be any.
func checkAnswer(text string) (string, error) {
	text = strings.TrimSpace(text)
	if f, bad := tooLong("text", text); bad {
		return "", rights.FieldErrors{f}
	}
	return text, nil
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
	person, err := p.whole(ctx, s)
	if err != nil {
		return err
	}
	// The decision is durable, and nobody else's any more, before the source is touched.
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := p.disinterested(ctx, tx, by, s); err != nil {
			return err
		}
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
