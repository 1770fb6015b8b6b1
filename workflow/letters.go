package workflow

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	secret   string // the token of its link, which is not in the copy that stays
	expires  time.Time
	message  mail.Message
}

// waiting is a letter as it lies in the outbox, with what of it must not stay.
type waiting struct {
	mail.Letter
	Secret string `json:"secret,omitempty"`
}

// leftOut stands in the place of a token.
const leftOut = "…"

// shown is the letter without the token of its link, which opens something.
func (w waiting) shown() mail.Letter {
	l := w.Letter
	if w.Secret != "" {
		l.Text, l.HTML = strings.ReplaceAll(l.Text, w.Secret, leftOut), strings.ReplaceAll(l.HTML, w.Secret, leftOut)
	}
	return l
}

// kept is what stays of a letter that has left.
func (w waiting) kept() ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false) // people read it in the proof of a request
	err := e.Encode(w.shown())
	return out.Bytes(), err
}

// enqueue composes a letter inside the act's transaction; it is sent later, outside. One to nobody's mailbox waits to be
// printed and posted, unless it holds the token of a link: whoever prints it must not have that.
func (p *Portal) enqueue(tx *store.Tx, o outgoing) error {
	paper := o.to == ""
	if paper && o.secret != "" {
		return nil
	}
	letter, err := mail.Compose(p.House, o.language, o.to, o.message)
	if err != nil {
		return fmt.Errorf("compose %s: %w", o.dedupe, err)
	}
	body, err := json.Marshal(waiting{letter, o.secret})
	if err != nil {
		return err
	}
	return tx.Enqueue(store.Outgoing{
		ID: p.newID(), Dedupe: o.dedupe, Kind: string(letter.Kind), Language: o.language, Subject: o.subject, Request: o.request,
		Body: body, Fleeting: o.fleeting, Paper: paper, QueuedAt: p.Now(), ExpiresAt: o.expires,
	})
}

// channels are the addresses on file of a person: the mailbox as the sources spell it, or as they confirmed it.
func channels(s store.Subject) []string {
	if len(s.Addresses) == 0 {
		return []string{s.Mailbox}
	}
	return s.Addresses
}

// kinChannels are the addresses on file of a person and of everybody who was found to be the same: an alert must reach
// whoever that may be wrong about.
func (p *Portal) kinChannels(tx *store.Tx, s store.Subject) ([]string, error) {
	head, err := tx.Subject(context.Background(), s.Head()) // a transaction does not end with whoever waits for it
	if err != nil {
		return nil, err
	}
	merged, err := tx.MergedWith(context.Background(), head.ID)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, one := range append([]store.Subject{head}, merged...) {
		for _, to := range channels(one) {
			if to != "" && !slices.Contains(out, to) {
				out = append(out, to)
			}
		}
	}
	return out, nil
}

// write queues a letter about a request to its person, in the language the request was made in.
func (p *Portal) write(tx *store.Tx, s store.Subject, r rights.Request, dedupe string, m mail.Message) error {
	to, err := p.addressee(tx, s, r)
	if err != nil {
		return err
	}
	return p.enqueue(tx, outgoing{
		to: to, language: r.Language, subject: s.ID, request: r.ID, dedupe: dedupe + " " + r.ID, message: m,
	})
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
	var w waiting
	if err := json.Unmarshal(c.Body, &w); err != nil {
		return true, p.letterFailed(ctx, c, "the stored letter cannot be read", time.Time{})
	}
	serverID, err := sender.Send(ctx, c.ID, w.Letter, p.Now())
	if err != nil {
		wait, again := mail.Retry(c.Attempts)
		retryAt := p.Now().Add(wait)
		if mail.Permanent(err) || !again {
			retryAt = time.Time{}
		}
		return true, p.letterFailed(ctx, c, err.Error(), retryAt)
	}
	return true, p.letterSent(ctx, c, w, serverID)
}

// letterSent writes down that a letter has left, with the hash of what stays of it: the audit log then vouches for every
// word. A sender that came back after its lease had run out leaves the letter to whoever holds it now.
func (p *Portal) letterSent(ctx context.Context, c store.Claimed, w waiting, serverID string) error {
	facts := map[string]string{"letter": c.ID, "kind": c.Kind}
	kept, err := p.keep(c.Outgoing, w, facts)
	if err != nil {
		return err
	}
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.LetterSent(c, serverID, kept, p.Now()); err != nil {
			return err
		}
		return tx.Append(p.entry(rights.System, "letter.sent", c.Subject, c.Request, facts))
	})
	if errors.Is(err, rights.ErrConflict) {
		p.Log.Warn("letter left after its lease", "letter", c.ID, "kind", c.Kind, "attempt", c.Attempts)
		late := map[string]string{"letter": c.ID, "kind": c.Kind}
		return p.Store.Write(ctx, func(tx *store.Tx) error {
			return tx.Append(p.entry(rights.System, "letter.sent_late", c.Subject, c.Request, late))
		})
	}
	return err
}

// keep returns what stays of a letter, and adds its hash to the facts of the entry: of every letter about a request to its
// person. What a letter to staff says stands on their desk.
func (p *Portal) keep(o store.Outgoing, w waiting, facts map[string]string) ([]byte, error) {
	if o.Subject == "" || o.Request == "" || o.Fleeting {
		return nil, nil
	}
	kept, err := w.kept()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(kept)
	facts["sha256"] = hex.EncodeToString(sum[:])
	return kept, nil
}

// letterFailed keeps why a letter did not leave; a zero retryAt parks it and tells the officers through its request.
func (p *Portal) letterFailed(ctx context.Context, c store.Claimed, fault string, retryAt time.Time) error {
	now := p.Now()
	err := p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.LetterFailed(c, fault, retryAt, now); err != nil {
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
		if err := p.tellParked(ctx, tx, c); err != nil {
			return err
		}
		return tx.Append(p.entry(rights.System, "letter.parked", c.Subject, c.Request, facts))
	})
	if errors.Is(err, rights.ErrConflict) {
		return nil // its lease ran out: whoever holds it now will say
	}
	return err
}
