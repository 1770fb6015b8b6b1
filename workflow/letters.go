package workflow

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// outgoing is a letter on its way into the outbox.
type outgoing struct {
	to       string
	language string
	subject  string // seals it under their key
	request  string
	dedupe   string // the same act never sends twice
	fleeting bool   // holds a code or a link: nothing of it stays, sent or parked
	expires  time.Time
	message  mail.Message
}

// enqueue composes a letter inside the act's transaction; it is sent later, outside.
func (p *Portal) enqueue(tx *store.Tx, o outgoing) error {
	letter, err := mail.Compose(p.House, o.language, o.to, o.message)
	if err != nil {
		return fmt.Errorf("compose %s: %w", o.dedupe, err)
	}
	body, err := json.Marshal(letter)
	if err != nil {
		return err
	}
	return tx.Enqueue(store.Outgoing{
		ID: p.newID(), Dedupe: o.dedupe, Kind: string(letter.Kind), Language: o.language, Subject: o.subject, Request: o.request,
		Body: body, Fleeting: o.fleeting, QueuedAt: p.Now(), ExpiresAt: o.expires,
	})
}

// channels are the addresses on file of a person: the mailbox as the sources spell it, or as they confirmed it.
func channels(s store.Subject) []string {
	if len(s.Addresses) == 0 {
		return []string{s.Mailbox}
	}
	return s.Addresses
}

// write queues a letter about a request to its person, in the language the request was made in.
func (p *Portal) write(tx *store.Tx, s store.Subject, r rights.Request, dedupe string, m mail.Message) error {
	return p.writeTo(tx, channels(s)[0], s, r, dedupe, m)
}

func (p *Portal) writeTo(tx *store.Tx, to string, s store.Subject, r rights.Request, dedupe string, m mail.Message) error {
	return p.enqueue(tx, outgoing{
		to: to, language: r.Language, subject: s.ID, request: r.ID, dedupe: dedupe + " " + r.ID, message: m,
	})
}

// tellOwner writes to whoever works on a request that its person has written; nobody's is the team's. The letter names no person.
func (p *Portal) tellOwner(ctx context.Context, tx *store.Tx, r rights.Request) error {
	o := outgoing{
		to: p.House.PrivacyContact, language: p.Languages[0], request: r.ID, dedupe: "wrote " + p.newID(),
		message: mail.StaffAlert{Ref: r.Ref, Event: mail.NewMessage, Right: r.Right, Due: r.Due},
	}
	if r.Owner != "" {
		owner, err := tx.StaffByID(ctx, r.Owner)
		if err != nil {
			return err
		}
		if owner.State == "active" {
			o.to, o.language = owner.Email, owner.Language
		}
	}
	return p.enqueue(tx, o)
}

// sendLease is how long a letter stays claimed: longer than any send takes, so that a crash costs an attempt and a
// slow server never makes two.
const sendLease = 5 * time.Minute

// SendNext sends the next letter that is due. It returns false when there is none. What the server says is kept with
// the letter; a permanent refusal parks it at once, a temporary one waits by mail.Retry.
func (p *Portal) SendNext(ctx context.Context, sender mail.Sender) (had bool, err error) {
	var c store.Claimed
	err = p.Store.Write(ctx, func(tx *store.Tx) (err error) {
		c, had, err = tx.ClaimLetter(p.Now(), sendLease)
		return err
	})
	if err != nil || !had {
		return false, err
	}
	var letter mail.Letter
	if err := json.Unmarshal(c.Body, &letter); err != nil {
		return true, p.letterFailed(ctx, c, "the stored letter cannot be read", time.Time{})
	}
	serverID, err := sender.Send(ctx, c.ID, letter, p.Now())
	if err != nil {
		wait, again := mail.Retry(c.Attempts)
		retryAt := p.Now().Add(wait)
		if mail.Permanent(err) || !again {
			retryAt = time.Time{}
		}
		return true, p.letterFailed(ctx, c, err.Error(), retryAt)
	}
	return true, p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.LetterSent(c.ID, serverID, p.Now()); err != nil {
			return err
		}
		return tx.Append(p.entry(rights.System, "letter.sent", c.Subject, c.Request, map[string]string{"letter": c.ID, "kind": c.Kind}))
	})
}

// letterFailed keeps why a letter did not leave; a zero retryAt parks it and tells the officers through its request.
func (p *Portal) letterFailed(ctx context.Context, c store.Claimed, fault string, retryAt time.Time) error {
	now := p.Now()
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.LetterFailed(c.ID, fault, retryAt, now); err != nil {
			return err
		}
		if !retryAt.IsZero() {
			p.Log.Warn("letter delayed", "letter", c.ID, "kind", c.Kind, "attempt", c.Attempts, "fault", fault)
			return nil
		}
		p.Log.Error("letter parked", "letter", c.ID, "kind", c.Kind, "attempt", c.Attempts, "fault", fault)
		facts := map[string]string{"letter": c.ID, "kind": c.Kind}
		if c.Request != "" {
			e := p.event(rights.System, c.Request, "letter_parked", facts)
			e.Private = true
			if err := tx.InsertEvent(e); err != nil {
				return err
			}
		}
		return tx.Append(p.entry(rights.System, "letter.parked", c.Subject, c.Request, facts))
	})
}
