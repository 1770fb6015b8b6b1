package workflow

import (
	"context"
	"slices"
	"strings"

	"habeas/rights"
	"habeas/store"
)

// Ask is a rights request as a person files it.
type Ask struct {
	Right    rights.Right
	Regime   string // where they say they live; "" for what is known of them
	Text     string // in their words; may be empty where the right speaks for itself
	Language string
	About    string   // of a complaint: the reference of the request that it is about; "" for none
	Purposes []string // of an objection: those it is about; nil for all
	Close    bool     // of an erasure: the account is closed, too, at once
}

// askable are the rights that a person files in words; the others are exercised directly, on their own pages.
var askable = map[rights.Right]bool{
	rights.Access: true, rights.Portability: true, rights.Rectification: true, rights.Erasure: true, rights.Restriction: true,
	rights.Objection: true, rights.OptOut: true, rights.Explanation: true, rights.Complaint: true,
}

// textNeeded are the rights that nobody can answer without knowing what about.
var textNeeded = map[rights.Right]bool{
	rights.Access: true, rights.Rectification: true, rights.Objection: true, rights.Explanation: true, rights.Complaint: true,
}

// Submit files a rights request: the request with every date of its clock, its first message, the receipt and, where
// data could leave or go, the alert with a link that stops it.
func (p *Portal) Submit(ctx context.Context, by rights.Actor, ask Ask) (rights.Request, error) {
	s, err := p.subject(ctx, by)
	if err != nil {
		return rights.Request{}, err
	}
	ask.Text = strings.TrimSpace(ask.Text)
	if ask.Right != rights.Objection {
		ask.Purposes = nil
	}
	if err := p.checkAsk(ask); err != nil {
		return rights.Request{}, err
	}
	if ask.Right.NeedsStepUp() {
		if err := p.needStepUp(ctx, by); err != nil {
			return rights.Request{}, err
		}
	}
	about, err := p.about(ctx, by, ask)
	if err != nil {
		return rights.Request{}, err
	}
	moved := ask.Regime != "" && ask.Regime != s.Regime && about == nil
	if about != nil {
		s.Regime = about.Regime // an appeal is decided under the law of what it appeals
	} else if moved {
		s.Regime = ask.Regime
	}
	r, err := p.newRequest(s, ask.Right, ask.Language)
	if err != nil {
		return r, err
	}
	if about != nil {
		r.Parent = about.ID
	}
	if ask.Right == rights.Erasure {
		r.NotBefore = r.ReceivedAt.Add(p.CoolingOff)
	}
	return r, p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := take(tx, "requests "+s.ID, requestsADay, r.ReceivedAt); err != nil {
			return err
		}
		if moved { // where somebody lives holds for what they ask next, too
			lives, err := tx.Subject(ctx, s.ID)
			if err != nil {
				return err
			}
			lives.Regime = s.Regime
			if err := tx.UpdateSubject(lives, p.entry(by, "subject.regime", s.ID, "", map[string]string{"regime": s.Regime})); err != nil {
				return err
			}
		}
		if err := p.file(tx, by, r, purposesFact(ask.Purposes)); err != nil {
			return err
		}
		if ask.Close && ask.Right == rights.Erasure {
			if err := p.raise(ctx, tx, by, r, rights.Closed, []string{""}); err != nil {
				return err
			}
		}
		if ask.Text != "" {
			m := rights.Message{ID: p.newID(), Request: r.ID, At: r.ReceivedAt, Actor: by, Body: ask.Text}
			if err := tx.InsertMessage(m, p.entry(by, "message.sent", s.ID, r.ID, nil)); err != nil {
				return err
			}
		}
		if ask.Right == rights.Erasure {
			if err := p.alert(tx, s, r, ActErase); err != nil {
				return err
			}
		}
		if r, err = p.takeWord(ctx, tx, by, r, ask.Purposes); err != nil {
			return err
		}
		receipt, err := p.choiceLetter(r, ask.Purposes)
		if err == nil && receipt == nil {
			receipt = p.receipt(r)
		}
		if err != nil {
			return err
		}
		return p.write(tx, s, r, "receipt", receipt)
	})
}

func (p *Portal) checkAsk(ask Ask) error {
	var faults rights.FieldErrors
	if !askable[ask.Right] {
		faults = append(faults, rights.FieldError{Field: "right", Key: "request.error.right"})
	}
	if ask.Regime != "" {
		if _, ok := rights.RegimeByID(ask.Regime); !ok {
			faults = append(faults, rights.FieldError{Field: "regime", Key: "request.error.regime"})
		}
	}
	if ask.Text == "" && textNeeded[ask.Right] && !p.onlyMarketing(ask.Purposes) {
		faults = append(faults, rights.FieldError{Field: "text", Key: "request.error.text"})
	}
	for _, key := range ask.Purposes {
		if !slices.ContainsFunc(p.Purposes, func(known rights.Purpose) bool { return known.Key == key && known.Objectable() }) {
			faults = append(faults, rights.FieldError{Field: "purposes", Key: "flags.error.purpose"})
		}
	}
	if f, bad := tooLong("text", ask.Text); bad {
		faults = append(faults, f)
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// onlyMarketing reports whether purposes are named and all are direct marketing, which nobody has to give a reason against.
func (p *Portal) onlyMarketing(purposes []string) bool {
	return len(purposes) > 0 && !slices.ContainsFunc(purposes, func(key string) bool {
		return !slices.ContainsFunc(p.Purposes, func(known rights.Purpose) bool { return known.Key == key && known.Marketing })
	})
}

// about returns the request that a complaint is about, nil for none: one of the asker's own that was answered.
func (p *Portal) about(ctx context.Context, by rights.Actor, ask Ask) (*rights.Request, error) {
	if ask.About == "" {
		return nil, nil
	}
	r, err := p.own(ctx, by, ask.About)
	if err != nil {
		return nil, err
	}
	if ask.Right != rights.Complaint || !r.MayComplain() {
		return nil, rights.ErrNotFound
	}
	return &r, nil
}

// newRequest computes a request of now, with every date of its clock.
func (p *Portal) newRequest(s store.Subject, right rights.Right, language string) (rights.Request, error) {
	now := p.Now()
	r := rights.Request{
		ID: p.newID(), Ref: p.newRef(), Subject: s.ID, Right: right, Regime: s.Regime, Channel: rights.ByPortal,
		Language: language, State: rights.Received, ReceivedAt: now, Version: 1, Identity: rights.ByMailbox,
		AcknowledgedAt: now, // by the receipt, which leaves with it
	}
	return p.reckon(r) // the mailbox is confirmed before anything can be asked: nothing waits for an identity
}

// Prospect is what filing a request of a right would mean for a person.
type Prospect struct {
	Regime     string
	Due        rights.Date
	TextNeeded bool
	About      *rights.Request // of a complaint: the request that it is about
}

// Prospect tells by when an ask would be answered if it were filed now.
func (p *Portal) Prospect(ctx context.Context, by rights.Actor, ask Ask) (Prospect, error) {
	s, err := p.subject(ctx, by)
	if err != nil {
		return Prospect{}, err
	}
	if !askable[ask.Right] {
		return Prospect{}, rights.ErrNotFound
	}
	about, err := p.about(ctx, by, ask)
	if err != nil {
		return Prospect{}, err
	}
	if about != nil {
		s.Regime = about.Regime
	} else if _, ok := rights.RegimeByID(ask.Regime); ok {
		s.Regime = ask.Regime
	}
	r, err := p.newRequest(s, ask.Right, ask.Language)
	return Prospect{Regime: r.Regime, Due: r.Due, TextNeeded: textNeeded[ask.Right], About: about}, err
}
