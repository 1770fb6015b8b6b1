package workflow

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"habeas/mail"
	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// Registration is a request as an officer writes it down, for somebody who phoned, wrote or came.
type Registration struct {
	ID         string // of the request to be, from CheckRegistration: what is sent twice is registered once
	Channel    rights.Channel
	Right      rights.Right
	Regime     string // "" for the house's own
	Language   string
	ReceivedAt time.Time // the clock starts there

	Mailbox       string // of the person; "" for somebody without, who has a Name and an Address
	Name, Address string
	About         string // reference of the request that a complaint is about, whose person it then is

	Text     string
	Identity rights.Identity
	Note     string          // what was seen
	Mandate  *rights.Mandate // who acts for the person; nil where they asked themselves
	Receipt  bool            // tell the person at once that it has come in

	parent *rights.Request
}

const (
	maxLine    = 200         // characters of a name or another line of a form
	oldestYear = 2           // a request that came in longer ago is a slip of the pen
	earliest   = time.Minute // how far the clock of a desk may run ahead of ours
)

// registersADay bounds what one member of staff registers: each may send a letter to an address they typed.
var registersADay = store.Limit{Burst: 200, Per: 24 * time.Hour}

// alertsFor are the acts a person is alerted of when a right is exercised in their name by somebody else.
var alertsFor = map[rights.Right]Act{
	rights.Access: ActExport, rights.Portability: ActExport, rights.Rectification: ActCorrect, rights.Erasure: ActErase,
}

// CheckRegistration tells what is wrong with a registration, and shows the request that it would make. Nothing is written.
func (p *Portal) CheckRegistration(ctx context.Context, by rights.Actor, g Registration) (Registration, rights.Request, error) {
	if err := may(by, rights.HandleRequest); err != nil {
		return g, rights.Request{}, err
	}
	if !idForm.MatchString(g.ID) {
		g.ID = p.newID()
	}
	g.Text, g.Note, g.Name, g.Address = strings.TrimSpace(g.Text), strings.TrimSpace(g.Note), strings.TrimSpace(g.Name), strings.TrimSpace(g.Address)
	if g.Regime == "" {
		g.Regime = p.Regime
	}
	faults, err := p.registrationFaults(ctx, &g)
	if err != nil {
		return g, rights.Request{}, err
	}
	if len(faults) > 0 {
		return g, rights.Request{}, faults
	}
	r, err := p.newRequest(store.Subject{Regime: g.Regime}, g.Right, g.Language)
	if err != nil {
		return g, r, err
	}
	r.ID, r.Channel, r.Identity, r.ReceivedAt = g.ID, g.Channel, g.Identity, g.ReceivedAt
	if g.parent != nil {
		r.Parent = g.parent.ID
	}
	if !g.Receipt {
		r.AcknowledgedAt = time.Time{}
	}
	if g.Right == rights.Erasure && g.Mailbox != "" { // nobody else can be alerted, and take it back
		r.NotBefore = p.Now().Add(p.CoolingOff) // the alert leaves now, whenever the letter came
	}
	r, err = p.reckon(r)
	return g, r, err
}

// idForm is how newID writes.
var idForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

func (p *Portal) registrationFaults(ctx context.Context, g *Registration) (faults rights.FieldErrors, err error) {
	wrong := func(field, key string, bad bool) {
		if bad {
			faults = append(faults, rights.FieldError{Field: field, Key: key})
		}
	}
	now := p.Now()
	wrong("channel", "intake.error.channel", !g.Channel.Valid() || g.Channel == rights.ByPortal)
	wrong("received_on", "intake.error.received", g.ReceivedAt.IsZero())
	wrong("received_on", "intake.error.future", g.ReceivedAt.After(now.Add(earliest)))
	wrong("received_on", "intake.error.old", !g.ReceivedAt.IsZero() && g.ReceivedAt.Before(now.AddDate(-oldestYear, 0, 0)))
	wrong("right", "request.error.right", !askable[g.Right])
	_, known := rights.RegimeByID(g.Regime)
	wrong("regime", "request.error.regime", !known)
	wrong("language", "intake.error.language", !slices.Contains(p.Languages, g.Language))
	who, err := p.whoFaults(ctx, g)
	if err != nil {
		return nil, err
	}
	faults = append(faults, who...)
	wrong("text", "intake.error.text", g.Text == "" && textNeeded[g.Right])
	if f, bad := tooLong("text", g.Text); bad {
		faults = append(faults, f)
	}
	var proof rights.FieldErrors
	if g.Note, proof = checkProof(g.Identity, g.Note); len(proof) > 0 {
		faults = append(faults, proof...)
	}
	if m := g.Mandate; m != nil {
		m.Name, m.Contact = strings.TrimSpace(m.Name), strings.TrimSpace(m.Contact)
		faults = append(faults, checkMandate(*m)...)
	}
	return faults, nil
}

// whoFaults finds out whose request it is: that of the request it complains about, of a mailbox, or of a name and address.
func (p *Portal) whoFaults(ctx context.Context, g *Registration) (faults rights.FieldErrors, err error) {
	switch {
	case g.About != "":
		if g.parent, err = p.complained(ctx, g.About); errors.Is(err, rights.ErrNotFound) {
			return rights.Fault("about", "intake.error.about", nil), nil
		} else if err != nil {
			return nil, err
		}
		g.Regime = g.parent.Regime // an appeal is decided under the law of what it appeals
		if g.Right != rights.Complaint {
			return rights.Fault("right", "intake.error.about_right", nil), nil
		}
		return nil, nil
	case g.Mailbox != "" && g.Name+g.Address != "":
		return rights.Fault("mailbox", "intake.error.both", nil), nil
	case g.Mailbox != "":
		if g.Mailbox, err = mail.Canonical(g.Mailbox); errors.As(err, &faults) {
			faults[0].Field = "mailbox"
			return faults, nil
		}
		return nil, err
	}
	for _, f := range []struct{ field, value, missing string }{{"name", g.Name, "mailbox"}, {"address", g.Address, "address"}} {
		if f.value == "" {
			return rights.Fault(f.missing, "intake.error."+f.missing, nil), nil
		}
		if n := utf8.RuneCountInString(f.value); n > maxLine {
			faults = append(faults, rights.FieldError{Field: f.field, Key: "error.too_long", Args: map[string]any{"Max": maxLine, "Over": n - maxLine}})
		}
	}
	return faults, nil
}

// complained returns the request that a complaint is about: one that has been answered, and is no complaint itself.
func (p *Portal) complained(ctx context.Context, ref string) (*rights.Request, error) {
	clean, ok := rights.ParseRef(ref)
	if !ok {
		return nil, rights.ErrNotFound
	}
	r, err := p.Store.RequestByRef(ctx, clean)
	if err != nil {
		return nil, err
	}
	if !r.MayComplain() {
		return nil, rights.ErrNotFound
	}
	return &r, nil
}

// Register files a request that came in another way than through the portal. Its clock starts when it was received, also
// where that makes it late already. It is its own: whoever can ask for it by telephone can neither stop nor hurry what the
// person asked through the portal, and until it is known who asked nothing is let out or changed.
func (p *Portal) Register(ctx context.Context, by rights.Actor, reg Registration) (rights.Request, error) {
	reg, r, err := p.CheckRegistration(ctx, by, reg)
	if err != nil {
		return r, err
	}
	var match sources.Match
	if reg.parent == nil && reg.Mailbox != "" {
		if match, err = p.behind(ctx, reg.Mailbox); err != nil {
			return r, err
		}
	}
	r.Ref = p.newRef()
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if was, err := tx.Request(ctx, r.ID); err == nil { // sent twice
			r = was
			return nil
		} else if !errors.Is(err, rights.ErrNotFound) {
			return err
		}
		if err := take(tx, "registers "+by.ID, registersADay, p.Now()); err != nil {
			return err
		}
		s, err := p.registrant(ctx, tx, by, reg, match)
		if err != nil {
			return err
		}
		r.Subject = s.ID
		if err := p.file(tx, by, r, map[string]string{"channel": string(r.Channel)}); err != nil {
			return err
		}
		if err := p.enclose(tx, by, s, r, reg); err != nil {
			return err
		}
		if r, err = p.takeWord(ctx, tx, by, r, nil); err != nil {
			return err
		}
		return p.announce(tx, s, r, reg)
	})
	if err == nil && r.Channel == rights.ByPortal {
		err = rights.ErrConflict // an ID that no form of ours carried
	}
	return r, err
}

// registrant returns the person of a registration: the one behind the mailbox, told as at their own sign-in. Where several
// share it none is guessed: the request waits with the mailbox, as theirs would.
func (p *Portal) registrant(ctx context.Context, tx *store.Tx, by rights.Actor, g Registration, match sources.Match) (store.Subject, error) {
	if g.parent != nil {
		return tx.Subject(ctx, g.parent.Subject)
	}
	s := store.Subject{ID: p.newID(), Person: sources.Person{}.Key()}
	if g.Mailbox != "" {
		known, err := tx.SubjectsByMailbox(ctx, g.Mailbox)
		if err != nil {
			return s, err
		}
		if s, err = p.pick(known, g.Mailbox, match.Person, match.Ambiguous()); err != nil || !s.MadeAt.IsZero() {
			return s, err
		}
		s.Addresses = onFile(g.Mailbox, match)
	}
	s.Language, s.Regime, s.MadeAt = g.Language, g.Regime, p.Now()
	if err := tx.InsertSubject(s, p.entry(by, "subject.made", s.ID, "", nil)); err != nil {
		return s, err
	}
	if g.Mailbox != "" {
		return s, mark(tx, s)
	}
	return s, tx.InsertPostal(s.ID, Postal{Name: g.Name, Address: g.Address})
}

// enclose adds to a registered request what came with it: the words, the proof of who asked, and who acts for whom.
func (p *Portal) enclose(tx *store.Tx, by rights.Actor, s store.Subject, r rights.Request, g Registration) error {
	if g.Text != "" {
		person := rights.Actor{ID: s.ID, Role: rights.RoleSubject}
		m := rights.Message{ID: p.newID(), Request: r.ID, At: r.ReceivedAt, Actor: person, Body: g.Text}
		if err := tx.InsertMessage(m, p.entry(by, "message.sent", s.ID, r.ID, nil)); err != nil {
			return err
		}
	}
	if r.Identity != rights.Unidentified {
		e := p.event(by, r.ID, "identified", map[string]string{"how": string(r.Identity)})
		e.Detail = g.Note
		if err := tx.InsertEvent(e); err != nil {
			return err
		}
	}
	if g.Mandate == nil {
		return nil
	}
	m := *g.Mandate
	m.Request = r.ID
	return tx.InsertMandate(m)
}

// announce writes to the person: that it has come in, who says that they act for them, and how to stop what would change
// or let out their data.
func (p *Portal) announce(tx *store.Tx, s store.Subject, r rights.Request, g Registration) error {
	if s.Mailbox != "" {
		act, alarming := alertsFor[r.Right]
		if alarming && (r.Right == rights.Erasure || g.Mandate != nil && !g.Mandate.Kind.Asked()) {
			if err := p.alert(tx, s, r, act); err != nil {
				return err
			}
		}
		if g.Mandate != nil && g.Mandate.Kind.Asked() {
			if err := p.write(tx, s, r, "mandate", mail.Mandate{Ref: r.Ref, Right: r.Called(), As: g.Mandate.Kind}); err != nil {
				return err
			}
		}
	}
	if !g.Receipt {
		return nil
	}
	receipt := p.receipt(r)
	receipt.Confirm = s.Mailbox != "" && (Dossier{Request: r}).Held() != ""
	return p.write(tx, s, r, "receipt", receipt)
}

// addressee is whom the letters about a request go to: the person's mailbox, or nobody's ("", on paper) where there is
// none, and where somebody acts in the place of a person who cannot read them.
func (p *Portal) addressee(tx *store.Tx, s store.Subject, r rights.Request) (string, error) {
	if r.Channel != rights.ByPortal && s.Mailbox != "" {
		m, err := tx.Mandate(context.Background(), r.ID) // a transaction does not end with whoever waits for it
		if err == nil && m.Kind.Alone() || ignoreNotFound(err) != nil {
			return "", err
		}
	}
	// Whoever was found to be the same as another is written to as that other: it is the mailbox that they have now.
	head, err := tx.Subject(context.Background(), s.Head())
	if err != nil {
		return "", err
	}
	return channels(head)[0], nil
}
