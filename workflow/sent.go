package workflow

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// SentLetter is one letter about a request: as it was sent, or as it waits.
type SentLetter struct {
	store.LetterState
	Request rights.Request
	To      string // masked; "" for a letter on paper, and where nothing of the letter is left
	Title   string // what it says it is about
	// Paragraphs and Signature are its text without the token of its link; none where nothing of it is left.
	Paragraphs []string
	Signature  string
	Secret     bool    // the token of a link was left out
	Waits      bool    // it can be tried again or posted
	ByMail     bool    // it has a mailbox to be tried at
	Postal     *Postal // where to post it: of a letter that waits on paper, for whoever posts it
}

// SentLetter shows an officer one letter about a request, and writes down that they read it.
func (p *Portal) SentLetter(ctx context.Context, by rights.Actor, ref, id string) (SentLetter, error) {
	r, l, w, err := p.letterOf(ctx, by, rights.SeeQueue, ref, id)
	if err != nil {
		return SentLetter{}, err
	}
	waits := l.State == "parked" && l.Body != nil
	s := SentLetter{
		LetterState: l.LetterState, Request: r, Title: w.Letter.Subject, Waits: waits, ByMail: waits && l.Fault != store.Paper,
		Secret: strings.Contains(w.shown().Text, "/"+leftOut),
	}
	s.Paragraphs, s.Signature = mail.Unwrap(w.shown().Text)
	if w.To != "" {
		s.To = rights.Mask("email", w.To)
	}
	if waits && by.Role.May(rights.HandleRequest) {
		if s.Postal, err = p.postTo(ctx, r); err != nil {
			return SentLetter{}, err
		}
	}
	return s, p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := p.seePerson(ctx, tx, by, r.Subject); err != nil {
			return err
		}
		return tx.Append(p.entry(by, "letter.read", r.Subject, r.ID, map[string]string{"letter": id}))
	})
}

// letterOf reads a letter about a request. One about another is not found.
func (p *Portal) letterOf(ctx context.Context, by rights.Actor, deed rights.Deed, ref, id string) (r rights.Request, l store.Letter, w waiting, err error) {
	if r, err = p.deskRequest(ctx, by, deed, ref); err != nil {
		return r, l, w, err
	}
	if l, err = p.Store.Letter(ctx, id); err != nil {
		return r, l, w, err
	}
	if l.Request != r.ID {
		return r, l, w, rights.ErrNotFound
	}
	text := l.Body
	if text == nil {
		text = l.Kept
	}
	if text != nil {
		if err = json.Unmarshal(text, &w); err != nil {
			err = fmt.Errorf("read letter %s: %w", id, err)
		}
	}
	return r, l, w, err
}

// RetryLetter sends a letter once more that could not leave.
func (p *Portal) RetryLetter(ctx context.Context, by rights.Actor, ref, id string) error {
	r, l, _, err := p.letterOf(ctx, by, rights.HandleRequest, ref, id)
	if err != nil {
		return err
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.RetryLetter(id, p.entry(by, "letter.retried", l.Subject, r.ID, map[string]string{"letter": id}))
	})
}

// LetterPosted records that an officer has printed and posted a letter that waits, because its person has no mailbox or
// the one they have takes no mail.
func (p *Portal) LetterPosted(ctx context.Context, by rights.Actor, ref, id string) error {
	r, l, w, err := p.letterOf(ctx, by, rights.HandleRequest, ref, id)
	if err != nil {
		return err
	}
	facts := map[string]string{"letter": id, "kind": l.Kind, "by": store.ByPost}
	kept, err := p.keep(store.Outgoing{Subject: l.Subject, Request: r.ID}, w, facts)
	if err != nil {
		return err
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.LetterPosted(l, kept, p.entry(by, "letter.sent", r.Subject, r.ID, facts))
	})
}
