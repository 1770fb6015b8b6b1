package workflow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// Consents returns where a person stands on each purpose that rests on consent.
func (p *Portal) Consents(ctx context.Context, by rights.Actor) ([]rights.Purpose, []rights.Standing, error) {
	s, err := p.subject(ctx, by)
	if err != nil {
		return nil, nil, err
	}
	events, err := p.Store.ConsentEvents(ctx, s.ID)
	if err != nil {
		return nil, nil, err
	}
	purposes := p.consentable()
	return purposes, rights.Standings(purposes, events, p.Now()), nil
}

// consentable are the purposes that rest on consent: what rests on anything else is not for the person to give or withdraw,
// and they can object to it.
func (p *Portal) consentable() []rights.Purpose {
	return slices.DeleteFunc(slices.Clone(p.Purposes), func(purpose rights.Purpose) bool { return purpose.Basis != "consent" })
}

// ConsentHistory returns a person's consent ledger, newest first.
func (p *Portal) ConsentHistory(ctx context.Context, by rights.Actor) ([]rights.ConsentEvent, error) {
	s, err := p.subject(ctx, by)
	if err != nil {
		return nil, err
	}
	return p.Store.ConsentEvents(ctx, s.ID)
}

// Consent gives or withdraws consent for one purpose, with effect at once. Saying what stands already changes nothing and
// makes no second ticket: a double click is one choice.
func (p *Portal) Consent(ctx context.Context, by rights.Actor, purpose string, choice rights.Choice, language string) error {
	if choice != rights.Granted && choice != rights.Withdrawn {
		return rights.Fault("state", "consents.error.state", nil)
	}
	purposes := p.consentable()
	i := slices.IndexFunc(purposes, func(known rights.Purpose) bool { return known.Key == purpose })
	if i < 0 {
		return rights.ErrNotFound
	}
	return p.choose(ctx, by, purposes[i:i+1], choice, language)
}

// WithdrawAll withdraws every consent that stands (GDPR Art. 7(3): as easy as giving; no reason is asked).
func (p *Portal) WithdrawAll(ctx context.Context, by rights.Actor, language string) error {
	return p.choose(ctx, by, p.consentable(), rights.Withdrawn, language)
}

// choose appends one event a purpose whose standing changes, as one request with one letter.
func (p *Portal) choose(ctx context.Context, by rights.Actor, purposes []rights.Purpose, choice rights.Choice, language string) error {
	s, err := p.subject(ctx, by)
	if err != nil {
		return err
	}
	r, err := p.newRequest(s, rights.Consent, language)
	if err != nil {
		return err
	}
	r.State, r.ClosedAt = rights.Fulfilled, r.ReceivedAt
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		events, err := tx.ConsentEvents(ctx, s.ID)
		if err != nil {
			return err
		}
		changed := changes(purposes, rights.Standings(purposes, events, r.ReceivedAt), choice, r)
		if len(changed) == 0 {
			return nil
		}
		facts := map[string]string{"choice": string(choice)}
		if len(changed) == 1 {
			facts["purpose"] = changed[0].Key
		}
		if err := p.file(tx, by, r, facts); err != nil {
			return err
		}
		var titles []string
		for _, c := range changed {
			e := rights.ConsentEvent{
				ID: p.newID(), Subject: s.ID, Request: r.ID, Purpose: c.Key, Version: c.Version, Choice: choice, At: r.ReceivedAt,
				Via: "portal", Language: language, TextHash: wordsHash(c, language),
			}
			why := p.entry(by, "consent."+string(choice), s.ID, r.ID, map[string]string{"purpose": c.Key})
			if err := tx.InsertConsentEvent(e, why); err != nil {
				return err
			}
			titles = append(titles, c.Title[language])
		}
		err = takePlace(tx, "receipts "+s.ID, receiptsAnHour, r.ReceivedAt)
		if errors.Is(err, rights.ErrTooMany) {
			return nil // somebody plays with the switch: the ledger holds each choice, the mailbox need not
		}
		if err != nil {
			return err
		}
		if choice == rights.Granted {
			return p.write(tx, s, r, "consent", mail.ConsentGiven{Ref: r.Ref, Purposes: titles, At: p.local(r.ReceivedAt)})
		}
		return p.write(tx, s, r, "consent", mail.ConsentWithdrawn{Ref: r.Ref, Purposes: titles, At: p.local(r.ReceivedAt)})
	})
}

// changes are the purposes on which choice says something new. A withdrawal always counts where consent stands in any
// form, run out or to older words; a grant counts unless it stands in full.
func changes(purposes []rights.Purpose, standings []rights.Standing, choice rights.Choice, r rights.Request) []rights.Purpose {
	var out []rights.Purpose
	for i, purpose := range purposes {
		s := standings[i]
		if choice == rights.Granted && s.Active(purpose, r.ReceivedAt) || choice == rights.Withdrawn && s.Choice != rights.Granted {
			continue
		}
		out = append(out, purpose)
	}
	return out
}

// wordsHash fixes what words a consent was given to.
func wordsHash(purpose rights.Purpose, language string) string {
	sum := sha256.Sum256([]byte(purpose.Title[language] + "\n" + purpose.Text[language]))
	return hex.EncodeToString(sum[:])
}

// ConsentReceipt returns one line of a person's own ledger and the reference of the request that carried it.
func (p *Portal) ConsentReceipt(ctx context.Context, by rights.Actor, id string) (rights.ConsentEvent, string, error) {
	events, err := p.ConsentHistory(ctx, by)
	if err != nil {
		return rights.ConsentEvent{}, "", err
	}
	for _, e := range events {
		if e.ID == id {
			r, err := p.Store.Request(ctx, e.Request)
			return e, r.Ref, err
		}
	}
	return rights.ConsentEvent{}, "", rights.ErrNotFound
}
