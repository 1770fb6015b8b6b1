package workflow

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"habeas/rights"
	"habeas/store"
)

// Postal is where somebody without a mailbox gets their letters.
type Postal = store.Postal

// intake adds to a dossier what came in with its request: files, who acts for the person, what it is about.
func (p *Portal) intake(ctx context.Context, d *Dossier) error {
	var err error
	if d.Files, err = p.Store.Files(ctx, d.Request.ID); err != nil {
		return err
	}
	if d.Complaints, err = p.Store.RequestsAbout(ctx, d.Request.ID); err != nil {
		return err
	}
	if d.Request.Parent != "" {
		about, err := p.Store.Request(ctx, d.Request.Parent)
		if err != nil {
			return err
		}
		d.About = &about
	}
	if d.Request.Channel == rights.ByPortal {
		return nil // asked by the person themselves, who has a mailbox
	}
	m, err := p.Store.Mandate(ctx, d.Request.ID)
	if err == nil {
		d.Mandate = &m
	} else if !absent(err) {
		return err
	}
	postal, err := p.Store.Postal(ctx, d.Request.Subject)
	if err == nil {
		d.Postal = &postal
	} else if !absent(err) {
		return err
	}
	return nil
}

// OnPaper reports whether the letters about a request are printed and posted: its person has no mailbox, or somebody acts in
// the place of a person who cannot read them.
func (d Dossier) OnPaper() bool { return d.Postal != nil || d.Mandate != nil && d.Mandate.Kind.Alone() }

// postTo is where letters about a request are posted: to whoever acts in the place of a person, where they can be reached,
// else to somebody without a mailbox at their address; nil for everybody else.
func (p *Portal) postTo(ctx context.Context, r rights.Request) (*Postal, error) {
	var to *Postal
	postal, err := p.Store.Postal(ctx, r.Subject)
	if err == nil {
		to = &postal
	} else if !absent(err) {
		return nil, err
	}
	m, err := p.Store.Mandate(ctx, r.ID)
	if absent(err) || err == nil && !m.Kind.Alone() {
		return to, nil
	}
	if err != nil {
		return nil, err
	}
	if to != nil {
		m.Contact += "\n" + to.Address
	}
	return &Postal{Name: m.Name, Address: m.Contact}, nil
}

// absent reports whether there is no such thing, or no longer, because its person's key is destroyed.
func absent(err error) bool {
	return errors.Is(err, rights.ErrNotFound) || errors.Is(err, rights.ErrGone)
}

// Held says why the request may not be met yet: "identity" while nobody knows who asks, "mandate" while nobody knows that
// they may, "hold" while a dispute needs what is to be erased; "" where nothing is in the way. It may be refused all the same.
func (d Dossier) Held() string {
	g, ok := rights.RegimeByID(d.Request.Regime)
	if !ok || !d.Request.State.Open() {
		return ""
	}
	return held(g, d.Request, d.Mandate, d.Hold != nil)
}

func held(g rights.Regime, r rights.Request, m *rights.Mandate, standing bool) string {
	switch {
	case m != nil && !m.Confirmed():
		return "mandate"
	case r.Identity == rights.Unidentified && g.NeedsIdentity(r.Right):
		return "identity"
	case standing && r.Right == rights.Erasure:
		return "hold"
	}
	return ""
}

// facts are what obstacle reads, in a transaction or outside of one.
type facts interface {
	Mandate(ctx context.Context, request string) (rights.Mandate, error)
	Held(ctx context.Context, subject string) (store.Hold, error)
}

// obstacle says why a request may not be met yet, as Dossier.Held does; "" where nothing is in the way.
func (p *Portal) obstacle(ctx context.Context, from facts, r rights.Request) (string, error) {
	g, err := p.regime(r.Regime)
	if err != nil {
		return "", err
	}
	var mandate *rights.Mandate
	if r.Channel != rights.ByPortal {
		m, err := from.Mandate(ctx, r.ID)
		if err == nil {
			mandate = &m
		} else if !errors.Is(err, rights.ErrNotFound) {
			return "", err
		}
	}
	standing := false
	if r.Right == rights.Erasure {
		_, err := from.Held(ctx, r.Subject)
		if err != nil && !errors.Is(err, rights.ErrNotFound) {
			return "", err
		}
		standing = err == nil
	}
	return held(g, r, mandate, standing), nil
}

// proven refuses to meet a request while something is in the way: nothing is let out or changed for somebody who only says
// who they are, and nothing is erased that a dispute needs.
func (p *Portal) proven(tx *store.Tx, r rights.Request) error {
	why, err := p.obstacle(context.Background(), tx, r) // a transaction does not end with whoever waits for it
	if err == nil && why != "" {
		err = rights.Fault("act", "intake.error.held."+why, nil)
	}
	return err
}

// Identify records how an officer made sure of who asks, or that it turned out not to be sure. Where the law counts its
// period from there, the clock is computed anew.
func (p *Portal) Identify(ctx context.Context, by rights.Actor, ref string, version int, how rights.Identity, note string) error {
	if err := may(by, rights.HandleRequest); err != nil {
		return err
	}
	note, faults := checkProof(how, note)
	if len(faults) > 0 {
		return faults
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, _ store.Subject, r rights.Request) error {
		if !r.State.Open() || r.Channel == rights.ByPortal {
			return rights.Fault("how", "intake.error.closed", nil)
		}
		r.Identity = how
		if err := p.identified(tx, by, r, p.entry(by, "request.identified", r.Subject, r.ID, map[string]string{"how": string(how)})); err != nil {
			return err
		}
		e := p.event(by, r.ID, "identified", map[string]string{"how": string(how)})
		if how == rights.Unidentified {
			e.Kind = "unidentified"
		}
		e.Detail = note
		return tx.InsertEvent(e)
	})
}

// checkProof tells what is wrong with what an officer says they have seen.
func checkProof(how rights.Identity, note string) (string, rights.FieldErrors) {
	var faults rights.FieldErrors
	if !how.Valid() || how == rights.ByMailbox { // that one is the portal's own
		faults = append(faults, rights.FieldError{Field: "how", Key: "intake.error.identity"})
	}
	note = strings.TrimSpace(note)
	if note == "" && how != rights.Unidentified {
		faults = append(faults, rights.FieldError{Field: "note", Key: "intake.error.note"})
	}
	return note, append(faults, noteFaults(note)...)
}

// noteFaults keeps numbers of documents out of notes: what was seen is proof enough, and the number is a risk of its own.
func noteFaults(note string) (faults rights.FieldErrors) {
	if f, bad := tooLong("note", note); bad {
		faults = append(faults, f)
	}
	digits := 0
	for _, c := range note {
		if digits++; !unicode.IsDigit(c) {
			digits = 0
		}
		if digits == 6 {
			return append(faults, rights.FieldError{Field: "note", Key: "intake.error.number"})
		}
	}
	return faults
}

// identified updates a request that is of another identity now. Whoever was asked for proof and waited for has answered;
// where the period begins with the proof (UK GDPR Art. 12A; GB/T 35273-2020 8.7(a)) it begins today, unless nobody had
// asked them, which the person need not pay for.
func (p *Portal) identified(tx *store.Tx, by rights.Actor, r rights.Request, why rights.Entry) error {
	g, err := p.regime(r.Regime)
	if err != nil {
		return err
	}
	asked := slices.ContainsFunc(r.Clock.Pauses, func(s rights.Pause) bool { return s.Why == rights.ForIdentity })
	waits := slices.ContainsFunc(r.Clock.Pauses, func(s rights.Pause) bool { return s.Why == rights.ForIdentity && s.To.IsZero() })
	received := rights.DateOf(p.local(r.ReceivedAt))
	switch {
	case r.Identity == rights.Unidentified:
	case waits && r.State == rights.Paused:
		if err := tx.Append(why); err != nil {
			return err
		}
		_, err := p.resume(tx, by, r)
		return err
	case !asked && !r.AcknowledgedAt.IsZero() && g.StartsAtIdentity() && received.Before(p.today()):
		r.Clock.Pauses = append(slices.Clone(r.Clock.Pauses), rights.Pause{Why: rights.ForIdentity, From: received, To: p.today()})
		if r, err = p.reckon(r); err != nil {
			return err
		}
	}
	return tx.UpdateRequest(r, why)
}

// ConfirmMandate records that an officer has seen the document by which somebody may act for the person. Where the person
// can be asked, they are (11 CCR 7063(a)).
func (p *Portal) ConfirmMandate(ctx context.Context, by rights.Actor, ref string, version int, note string) error {
	if err := may(by, rights.HandleRequest); err != nil {
		return err
	}
	note = strings.TrimSpace(note)
	faults := noteFaults(note)
	if note == "" {
		faults = append(faults, rights.FieldError{Field: "note", Key: "intake.error.note"})
	}
	if len(faults) > 0 {
		return faults
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, s store.Subject, r rights.Request) error {
		m, err := tx.Mandate(ctx, r.ID)
		if err != nil {
			return err
		}
		g, err := p.regime(r.Regime)
		if err != nil {
			return err
		}
		seen, err := tx.HasMandateFile(ctx, r.ID)
		switch {
		case err != nil:
			return err
		case m.Confirmed() || !r.State.Open():
			return rights.ErrConflict
		case !m.ByDocument(g, r.Right, s.Mailbox != ""):
			return rights.Fault("note", "intake.error.ask_person", nil)
		case !seen:
			return rights.Fault("note", "intake.error.no_document", nil)
		}
		return p.confirm(tx, by, r, m, rights.ConfirmedByDocument, note)
	})
}

func (p *Portal) confirm(tx *store.Tx, by rights.Actor, r rights.Request, m rights.Mandate, how, note string) error {
	m.ConfirmedAt, m.ConfirmedBy, m.How = p.Now(), by.ID, how
	facts := map[string]string{"kind": string(m.Kind), "how": how}
	if err := tx.ConfirmMandate(m, p.entry(by, "mandate.confirmed", r.Subject, r.ID, facts)); err != nil {
		return err
	}
	e := p.event(by, r.ID, "mandate_confirmed", facts)
	e.Detail = note
	return tx.InsertEvent(e)
}

// ForThem reports whether a message is what somebody else said in the person's name, when they asked.
func (d Dossier) ForThem(m rights.Message) bool {
	return d.Mandate != nil && m.Actor.Role == rights.RoleSubject && m.At.Equal(d.Request.ReceivedAt)
}

// Asks reports whether the person is to say if the request is theirs: nobody knows yet that it was they who asked, or that
// whoever asked may.
func (d Dossier) Asks() bool { return d.Request.Channel != rights.ByPortal && d.Held() != "" }

// AnswerFor takes the person's word on a request that was registered in their name: yes, it is theirs, and whoever asked
// for them may; or no, and it is over. The mailbox of several people says yes for none of them.
func (p *Portal) AnswerFor(ctx context.Context, by rights.Actor, ref string, yes bool) error {
	r, err := p.own(ctx, by, ref)
	if err != nil {
		return err
	}
	s, err := p.Store.Subject(ctx, r.Subject)
	if err != nil {
		return err
	}
	if yes {
		_, person, err := p.person(ctx, by)
		if err != nil {
			return err
		}
		if isUnpicked(person) {
			return rights.Fault("answer", "yours.error.shared", nil)
		}
		if r.Right.NeedsStepUp() {
			if err := p.needStepUp(ctx, by); err != nil {
				return err
			}
		}
	}
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		d := Dossier{Request: r}
		m, err := tx.Mandate(ctx, r.ID)
		if err == nil {
			d.Mandate = &m
		} else if !errors.Is(err, rights.ErrNotFound) {
			return err
		}
		if !d.Asks() {
			return rights.ErrConflict
		}
		if !yes {
			err = p.cancelIn(ctx, tx, by, s, r, "denied")
		} else {
			err = p.confirmed(tx, by, d)
		}
		if err != nil {
			return err
		}
		return p.tellOwner(ctx, tx, r)
	})
	if err != nil || yes {
		return err
	}
	return p.removePackage(r.ID)
}

// confirmed takes the person's yes: the mailbox has proved who they are.
func (p *Portal) confirmed(tx *store.Tx, by rights.Actor, d Dossier) error {
	r := d.Request
	if d.Mandate != nil && !d.Mandate.Confirmed() {
		if err := p.confirm(tx, by, r, *d.Mandate, rights.ConfirmedByPerson, ""); err != nil {
			return err
		}
	}
	if r.Identity != rights.Unidentified {
		return nil
	}
	r.Identity = rights.ByMailbox
	if err := p.identified(tx, by, r, p.entry(by, "request.identified", r.Subject, r.ID, map[string]string{"how": string(r.Identity)})); err != nil {
		return err
	}
	return tx.InsertEvent(p.event(by, r.ID, "identified", map[string]string{"how": string(r.Identity)}))
}

// checkMandate tells what is wrong with what an officer writes down of whoever acts for the person.
func checkMandate(m rights.Mandate) (faults rights.FieldErrors) {
	if !m.Kind.Valid() {
		return rights.Fault("by", "intake.error.by", nil)
	}
	for _, f := range []struct{ field, value string }{{"agent_name", m.Name}, {"agent_contact", m.Contact}} {
		if f.value == "" {
			faults = append(faults, rights.FieldError{Field: f.field, Key: "intake.error." + f.field})
		} else if n := utf8.RuneCountInString(f.value); n > maxLine {
			faults = append(faults, rights.FieldError{Field: f.field, Key: "error.too_long", Args: map[string]any{"Max": maxLine, "Over": n - maxLine}})
		}
	}
	if m.Kind.Alone() != (m.Relation != "") || m.Relation != "" && !slices.Contains(rights.Relations, m.Relation) {
		faults = append(faults, rights.FieldError{Field: "relation", Key: "intake.error.relation"})
	}
	return faults
}
