package workflow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// notice is what a member of staff is told of.
type notice struct {
	to       string // staff ID
	kind     rights.AlertKind
	request  rights.Request // the zero Request for none
	dedupe   string         // the same is told once; "" for each time
	by       string         // staff ID of whose doing it is, who is not told of it; "" for nobody's
	day      rights.Date    // it is about, zero for none
	approval string         // ID of what waits for a second pair of eyes, "" for nothing
}

// deserveLetters are the kinds of which a letter goes out at once. The others stand in the page and in the daily digest.
var deserveLetters = map[rights.AlertKind]bool{
	rights.AlertAssigned: true, rights.AlertMentioned: true, rights.AlertMessage: true, rights.AlertNew: true, rights.AlertLate: true,
	rights.AlertEscalated: true, rights.AlertLetter: true, rights.AlertBudget: true, rights.AlertApproval: true,
	rights.AlertReview: true,
	rights.AlertBack:   true, rights.AlertKept: true, rights.AlertHold: true, rights.AlertRetention: true, rights.AlertRecipient: true,
}

// lettersAKind is how many letters of one kind somebody gets at once in a day: on the day on which a hundred requests run
// late a mailbox full of letters tells less than the page and the digest do.
var lettersAKind = store.Limit{Burst: 20, Per: 24 * time.Hour}

// notify tells a member of staff of something, in the page and by letter. Nobody is told of what they did themselves, nor
// anybody who cannot sign in.
func (p *Portal) notify(ctx context.Context, tx *store.Tx, n notice) error {
	m, err := tx.StaffByID(ctx, n.to)
	if err != nil {
		return err
	}
	_, err = p.tell(tx, m, n)
	return err
}

// notifyWhoMay tells everybody who may do the deed; n.to is nobody's.
func (p *Portal) notifyWhoMay(ctx context.Context, tx *store.Tx, deed rights.Deed, n notice) error {
	team, err := tx.ListStaff(ctx)
	if err != nil {
		return err
	}
	for _, m := range team {
		if !m.Role.May(deed) {
			continue
		}
		if _, err := p.tell(tx, m, n.of(m)); err != nil {
			return err
		}
	}
	return nil
}

// of is n for one of several: told once to each.
func (n notice) of(m store.Staff) notice {
	if n.dedupe != "" {
		n.dedupe += " " + m.ID
	}
	return n
}

// tell tells m, and reports whether that was news.
func (p *Portal) tell(tx *store.Tx, m store.Staff, n notice) (news bool, err error) {
	if m.State != "active" || m.ID == n.by {
		return false, nil
	}
	a := store.Alert{
		ID: p.newID(), Dedupe: n.dedupe, Staff: m.ID, Kind: n.kind, Request: n.request.ID, Approval: n.approval, By: n.by, Day: n.day, At: p.Now(),
	}
	if a.Dedupe == "" {
		a.Dedupe = a.ID
	}
	if news, err = tx.InsertAlert(a); err != nil || !news || !deserveLetters[n.kind] {
		return news, err
	}
	err = take(tx, fmt.Sprintf("letters %s %s", n.kind, m.ID), lettersAKind, p.Now())
	if errors.Is(err, rights.ErrTooMany) {
		return true, nil
	}
	if err != nil {
		return true, err
	}
	// It is no letter of the request: those are what its person was told.
	return true, p.enqueue(tx, outgoing{to: m.Email, language: m.Language, dedupe: "alert " + a.Dedupe, message: n.letter()})
}

// letter is what goes out. It names no person.
func (n notice) letter() mail.Message {
	if n.request.ID == "" {
		return mail.StaffNotice{Event: n.kind}
	}
	return mail.StaffAlert{Ref: n.request.Ref, Event: n.kind, Right: n.request.Called(), Due: n.request.Due}
}

// tellOwner tells whoever works on a request that its person has written, once until they have looked; of nobody's, the
// team is told at its own mailbox.
func (p *Portal) tellOwner(ctx context.Context, tx *store.Tx, r rights.Request) error {
	n := notice{kind: rights.AlertMessage, request: r}
	owner, works, err := p.worksOn(ctx, tx, r)
	if err != nil {
		return err
	}
	if !works {
		return p.enqueue(tx, outgoing{
			to: p.House.PrivacyContact, language: p.Languages[0], request: r.ID, dedupe: "wrote " + p.newID(), message: n.letter(),
		})
	}
	if waits, err := tx.Waits(ctx, owner.ID, r.ID, n.kind); waits || err != nil {
		return err
	}
	_, err = p.tell(tx, owner, n)
	return err
}

// tellParked tells whoever works on a request, or else the approvers, that a letter to its person, or to a
// recipient of their data, could not be sent. A letter to staff that could not be sent is not worth another.
func (p *Portal) tellParked(ctx context.Context, tx *store.Tx, c store.Claimed) error {
	if c.Request == "" || c.Subject == "" && c.Kind != string(mail.KindRecipientNotice) && c.Kind != string(mail.KindRecipientLifted) {
		return nil
	}
	r, err := tx.Request(ctx, c.Request)
	if err != nil {
		return err
	}
	n := notice{kind: rights.AlertLetter, request: r, dedupe: "letter " + c.ID}
	owner, works, err := p.worksOn(ctx, tx, r)
	if err != nil {
		return err
	}
	if works {
		_, err = p.tell(tx, owner, n)
		return err
	}
	return p.notifyWhoMay(ctx, tx, rights.Approve, n)
}

// worksOn returns whose a request is, and whether they can work on it: a colleague who has left cannot.
func (p *Portal) worksOn(ctx context.Context, tx *store.Tx, r rights.Request) (store.Staff, bool, error) {
	if r.Owner == "" {
		return store.Staff{}, false, nil
	}
	m, err := tx.StaffByID(ctx, r.Owner)
	return m, err == nil && m.State == "active", err
}

// Notification is something that a member of staff was told of.
type Notification = store.AlertRow

// Alerts returns a page of what the actor was told of, newest first, the mark of the next, and the names of colleagues
// whose doing it is.
func (p *Portal) Alerts(ctx context.Context, by rights.Actor, after string, limit int) ([]Notification, map[string]string, string, error) {
	if err := may(by, rights.SeeQueue); err != nil {
		return nil, nil, "", err
	}
	found, next, err := p.Store.AlertsOf(ctx, by.ID, after, limit)
	if err != nil {
		return nil, nil, "", err
	}
	names, err := p.names(ctx)
	return found, names, next, err
}

// names are what everybody who works or worked here is called, by staff ID.
func (p *Portal) names(ctx context.Context) (map[string]string, error) {
	team, err := p.Store.ListStaff(ctx)
	return namesOf(team), err
}

func namesOf(team []store.Staff) map[string]string {
	names := make(map[string]string, len(team))
	for _, m := range team {
		names[m.ID] = m.Name
	}
	return names
}

// UnseenAlerts is how much the actor was told of and has not seen, up to a hundred.
func (p *Portal) UnseenAlerts(ctx context.Context, by rights.Actor) (int, error) {
	if err := may(by, rights.SeeQueue); err != nil {
		return 0, err
	}
	return p.Store.UnseenAlerts(ctx, by.ID)
}

// SeeAlert marks something that the actor was told of as seen, or all of it with "".
func (p *Portal) SeeAlert(ctx context.Context, by rights.Actor, id string) error {
	if err := may(by, rights.SeeQueue); err != nil {
		return err
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if id == "" {
			return tx.SeeAlerts(by.ID, "", p.Now())
		}
		return tx.SeeAlert(by.ID, id, p.Now())
	})
}
