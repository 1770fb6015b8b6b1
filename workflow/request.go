package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// maxText is the most characters of free text one message or reason may hold.
const maxText = 4000

func tooLong(field, text string) (rights.FieldError, bool) {
	n := utf8.RuneCountInString(text)
	return rights.FieldError{Field: field, Key: "error.too_long", Args: map[string]any{"Max": maxText, "Over": n - maxText}}, n > maxText
}

// file inserts a request with its first event and what is to be done for it.
func (p *Portal) file(tx *store.Tx, by rights.Actor, r rights.Request, facts map[string]string) error {
	why := p.entry(by, "request.received", r.Subject, r.ID, map[string]string{"right": string(r.Right), "regime": r.Regime, "state": string(r.State)})
	if err := tx.InsertRequest(r, why); err != nil {
		return err
	}
	if err := p.makeTasks(tx, by, r, facts); err != nil {
		return err
	}
	if r.Right == rights.Erasure {
		if err := tx.InsertErasure(r.ID, r.NotBefore); err != nil {
			return err
		}
	}
	return tx.InsertEvent(p.event(by, r.ID, "received", facts))
}

func (p *Portal) event(by rights.Actor, request, kind string, facts map[string]string) rights.Event {
	return rights.Event{ID: p.newID(), Request: request, At: p.Now(), Actor: by, Kind: kind, Facts: facts}
}

func (p *Portal) receipt(r rights.Request) mail.Receipt {
	return mail.Receipt{Ref: r.Ref, Right: r.Called(), Received: p.local(r.ReceivedAt), Due: r.Due}
}

// local is t where the house is; the zero time stays zero.
func (p *Portal) local(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(p.Location)
}

// alert tells the person at once what was asked in their name, with a link that stops it without signing in.
func (p *Portal) alert(tx *store.Tx, s store.Subject, r rights.Request, act Act) error {
	token := p.newToken(16)
	if err := tx.InsertStop(p.Store.Hash("stop", token), r.ID, p.Now().Add(stopLife)); err != nil {
		return err
	}
	letter := mail.Alert{Ref: r.Ref, Act: act, At: p.local(r.ReceivedAt), NotBefore: p.local(r.NotBefore), Token: token, Registered: r.Channel != rights.ByPortal}
	everywhere, err := p.kinChannels(tx, s)
	if err != nil {
		return err
	}
	for i, to := range everywhere {
		if err := p.enqueue(tx, outgoing{
			to: to, language: r.Language, subject: s.ID, request: r.ID, dedupe: fmt.Sprintf("alert %d %s", i, r.ID), secret: token, message: letter,
		}); err != nil {
			return err
		}
	}
	return nil
}

// move takes a request to another state with its event and audit entry.
func (p *Portal) move(tx *store.Tx, by rights.Actor, r rights.Request, to rights.State, kind string, facts map[string]string) (rights.Request, error) {
	r, err := r.Move(to, p.Now())
	if err != nil {
		return r, err
	}
	if to == rights.Fulfilled {
		if err := p.proven(tx, r); err != nil {
			return r, err
		}
	}
	if err := tx.UpdateRequest(r, p.entry(by, "request."+kind, r.Subject, r.ID, facts)); err != nil {
		return r, err
	}
	r.Version++
	return r, tx.InsertEvent(p.event(by, r.ID, kind, facts))
}

// Requests lists a person's requests, newest first, a page at a time.
func (p *Portal) Requests(ctx context.Context, by rights.Actor, after string, limit int) ([]rights.Request, string, error) {
	s, err := p.subject(ctx, by)
	if err != nil {
		return nil, "", err
	}
	return p.Store.RequestsOf(ctx, s.ID, after, limit)
}

// Dossier is everything about one request.
type Dossier struct {
	Request    rights.Request
	Events     []rights.Event
	Messages   []rights.Message
	Correction *rights.Correction
	Package    *store.Package
	Copy       Copy        // what the package lacks, and what came after it
	Erasure    Erasure     // by machine; the zero value while there is nothing to say of it
	Hold       *store.Hold // that stands on the person; nil for none
	Files      []rights.File
	Mandate    *rights.Mandate // who acts for the person; nil for nobody
	Postal     *Postal         // of somebody without a mailbox
	About      *rights.Request // of a complaint: the request it is about
	Complaints []rights.Request
}

// Request returns one of the person's own requests, without what is for officers only.
func (p *Portal) Request(ctx context.Context, by rights.Actor, ref string) (Dossier, error) {
	r, err := p.own(ctx, by, ref)
	if err != nil {
		return Dossier{}, err
	}
	d, err := p.dossier(ctx, r)
	if err != nil {
		return Dossier{}, err
	}
	if p.needStepUp(ctx, by) != nil {
		p.maskCorrection(d.Correction)
	}
	public := d.Events[:0]
	for _, e := range d.Events {
		if !e.Private {
			public = append(public, e)
		}
	}
	d.Events = public
	// While two were shown as one each could write here. Now that they are two again, that is nobody's to read but the team's.
	kin, err := p.Store.Kin(ctx, by.ID)
	if err != nil {
		return Dossier{}, err
	}
	d.Messages = slices.DeleteFunc(d.Messages, func(m rights.Message) bool { return anothers(m.Actor, kin) })
	d.Files = slices.DeleteFunc(d.Files, func(f rights.File) bool { return f.Private || anothers(f.Actor, kin) })
	return d, p.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.Append(p.entry(by, "request.viewed", r.Subject, r.ID, nil))
	})
}

// anothers reports whether something comes from a person who is none of these subjects.
func anothers(by rights.Actor, kin []string) bool {
	return by.Role == rights.RoleSubject && !slices.Contains(kin, by.ID)
}

// own returns the actor's own request of that reference. Somebody else's is not found.
func (p *Portal) own(ctx context.Context, by rights.Actor, ref string) (rights.Request, error) {
	if by.Role != rights.RoleSubject || by.ID == "" {
		return rights.Request{}, rights.ErrNotFound
	}
	clean, ok := rights.ParseRef(ref)
	if !ok {
		return rights.Request{}, rights.ErrNotFound
	}
	r, err := p.Store.RequestByRef(ctx, clean)
	if err != nil {
		return rights.Request{}, err
	}
	head, err := p.Store.HeadOf(ctx, r.Subject)
	if err != nil {
		return rights.Request{}, err
	}
	if head != by.ID {
		return rights.Request{}, rights.ErrNotFound
	}
	return r, nil
}

func (p *Portal) dossier(ctx context.Context, r rights.Request) (Dossier, error) {
	d := Dossier{Request: r}
	var err error
	if d.Events, err = p.Store.Events(ctx, r.ID); err != nil {
		return d, err
	}
	if d.Messages, err = p.Store.Messages(ctx, r.ID); err != nil && !absent(err) {
		return d, err
	}
	if err := p.intake(ctx, &d); err != nil {
		return d, err
	}
	switch r.Right {
	case rights.Rectification:
		c, err := p.Store.Correction(ctx, r.ID)
		if err == nil {
			d.Correction = &c
		} else if !absent(err) {
			return d, err
		}
		return d, nil
	case rights.Access, rights.Portability:
		pkg, err := p.Store.PackageOf(ctx, r.ID)
		if err != nil {
			return d, ignoreNotFound(err)
		}
		d.Package = &pkg
		d.Copy, err = p.copyOf(ctx, r)
		return d, err
	case rights.Erasure:
		hold, err := p.Store.Held(ctx, r.Subject)
		if err == nil {
			d.Hold = &hold
		} else if !errors.Is(err, rights.ErrNotFound) {
			return d, err
		}
		d.Erasure, err = p.erasureOf(ctx, r)
		return d, err
	}
	return d, nil
}

// Cancel withdraws a person's own open request.
func (p *Portal) Cancel(ctx context.Context, by rights.Actor, ref string) error {
	r, err := p.own(ctx, by, ref)
	if err != nil {
		return err
	}
	s, err := p.Store.Subject(ctx, r.Subject)
	if err != nil {
		return err
	}
	err = p.Store.Write(ctx, func(tx *store.Tx) error { return p.cancelIn(ctx, tx, by, s, r, "cancelled") })
	if err != nil {
		return err
	}
	return p.removePackage(r.ID)
}

// cancelIn ends an open request in the person's name and makes the package it may have made unreachable. One that is
// closed, or whose new value is being written to its source at this moment, is ErrConflict and untouched.
func (p *Portal) cancelIn(ctx context.Context, tx *store.Tx, by rights.Actor, s store.Subject, r rights.Request, kind string) error {
	if !r.State.CanBecome(rights.Cancelled) {
		return rights.ErrConflict
	}
	c, err := tx.Correction(ctx, r.ID)
	if err == nil && beingWritten(c) {
		return rights.ErrConflict
	}
	if err = ignoreNotFound(err); err != nil {
		return err
	}
	if r, err = p.move(tx, by, r, rights.Cancelled, kind, nil); err != nil {
		return err
	}
	if err := p.expirePackage(ctx, tx, r.ID); err != nil {
		return err
	}
	if err := p.takeBack(ctx, tx, by, r); err != nil {
		return err
	}
	begun, err := tx.HasErased(ctx, r.ID)
	if err != nil {
		return err
	}
	return p.write(tx, s, r, "cancelled", mail.Cancelled{Ref: r.Ref, Right: r.Called(), Begun: begun})
}

// Say adds the person's message, and the files with it, to the conversation about their request.
func (p *Portal) Say(ctx context.Context, by rights.Actor, ref, text string, uploads ...Upload) error {
	r, err := p.own(ctx, by, ref)
	if err != nil {
		return err
	}
	text, files, err := checkSaid(text, uploads)
	if err != nil {
		return err
	}
	now := p.Now()
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := take(tx, "messages "+by.ID, messagesADay, now); err != nil {
			return err
		}
		if err := p.sayWith(ctx, tx, by, r, text, files, now); err != nil {
			return err
		}
		if err := p.tellOwner(ctx, tx, r); err != nil {
			return err
		}
		if r.State != rights.Paused {
			return nil
		}
		// Whoever was asked something has answered: the clock must not stand still a day longer than the law lets it.
		_, err := p.resume(tx, by, r)
		return err
	})
}

func (p *Portal) say(tx *store.Tx, by rights.Actor, r rights.Request, text string, now time.Time) error {
	m := rights.Message{ID: p.newID(), Request: r.ID, At: now, Actor: by, Body: text}
	return tx.InsertMessage(m, p.entry(by, "message.sent", r.Subject, r.ID, nil))
}

func checkMessage(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", rights.Fault("text", "request.error.message", nil)
	}
	if f, bad := tooLong("text", text); bad {
		return "", rights.FieldErrors{f}
	}
	return text, nil
}
