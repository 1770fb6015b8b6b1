package workflow

import (
	"context"
	"errors"
	"time"

	"habeas/rights"
	"habeas/store"
)

// SignedIn is a session and the token that opens it, which is told once.
type SignedIn struct {
	Token   string
	Session store.Session

	language string // they signed in with; "" when that was earlier
}

// open starts a session for a confirmed mailbox. Who is behind it is settled afterwards, outside the transaction.
func (p *Portal) open(tx *store.Tx, mailbox string, v Visitor, now, proved time.Time) (SignedIn, error) {
	in := SignedIn{Token: p.newToken(32), language: v.Language}
	in.Session = store.Session{
		ID: p.newID(), TokenHash: p.Store.Hash("session", in.Token), Kind: "subject", Mailbox: mailbox, Device: v.Device,
		MadeAt: now, SeenAt: now, StepUpAt: proved, EndsAt: now.Add(sessionLife),
	}
	by := rights.Actor{Role: rights.RoleSubject, Session: in.Session.ID}
	return in, tx.InsertSession(in.Session, p.entry(by, "session.opened", "", "", nil))
}

// Session is one signed-in browser.
type Session = store.Session

// Who is the asker behind a session token.
type Who struct {
	Session Session
	Actor   rights.Actor
	Mailbox string // of a person
	Name    string // of a member of staff
}

// Who returns the asker that a token stands for, and notes that the session was used. Anything else, be it unknown,
// ended, idle too long or of a disabled member of staff, is ErrNotFound.
func (p *Portal) Who(ctx context.Context, token string) (Who, error) {
	who, err := p.Glance(ctx, token)
	if err != nil {
		return Who{}, err
	}
	if now := p.Now(); now.Sub(who.Session.SeenAt) > time.Minute { // one write a minute keeps reading pages cheap
		who.Session.SeenAt = now
		err = p.Store.Write(ctx, func(tx *store.Tx) error { return tx.UpdateSession(who.Session) })
		if errors.Is(err, rights.ErrConflict) { // it stepped up or ended in another tab at this moment
			return p.Who(ctx, token)
		}
	}
	return who, err
}

// Glance is Who for a page that follows changes by itself: nobody is at work, so the session grows no younger by it.
func (p *Portal) Glance(ctx context.Context, token string) (Who, error) {
	s, err := p.Store.SessionByToken(ctx, p.Store.Hash("session", token))
	if err != nil {
		return Who{}, err
	}
	now := p.Now()
	idle := subjectIdle
	if s.Kind == "staff" {
		idle = staffIdle
	}
	if !s.EndedAt.IsZero() || !now.Before(s.EndsAt) || now.Sub(s.SeenAt) >= idle {
		return Who{}, rights.ErrNotFound
	}
	who := Who{Session: s}
	if s.Kind == "staff" {
		if err := p.whoOfStaff(ctx, &who); err != nil {
			return Who{}, err
		}
	} else {
		who.Mailbox, who.Actor = s.Mailbox, rights.Actor{ID: s.Subject, Role: rights.RoleSubject, Session: s.ID}
	}
	return who, nil
}

func (p *Portal) whoOfStaff(ctx context.Context, who *Who) error {
	member, err := p.Store.StaffByID(ctx, who.Session.Staff)
	if err != nil {
		return err
	}
	if member.State != "active" {
		return rights.ErrNotFound
	}
	who.Name = member.Name
	who.Actor = rights.Actor{ID: member.ID, Session: who.Session.ID}
	if !who.Session.StepUpAt.IsZero() { // until the second factor has passed there is no role
		who.Actor.Role = member.Role // of now, not of when they signed in
	}
	return nil
}

// SteppedUp reports whether the session's proof is fresh enough for acts that let data out or change it.
func (p *Portal) SteppedUp(s store.Session) bool {
	return !s.StepUpAt.IsZero() && p.Now().Sub(s.StepUpAt) < stepUpLife
}

// needStepUp returns ErrStepUp unless the actor's session has proved itself in the last ten minutes. The session is
// read again: an act must not run on what a request began with.
func (p *Portal) needStepUp(ctx context.Context, by rights.Actor) error {
	s, err := p.Store.Session(ctx, by.Session)
	if err != nil {
		return err
	}
	if s.Subject != by.ID || !s.EndedAt.IsZero() {
		return rights.ErrNotFound
	}
	if !p.SteppedUp(s) {
		return rights.ErrStepUp
	}
	return nil
}

// SignOut ends the session.
func (p *Portal) SignOut(ctx context.Context, by rights.Actor) error {
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.EndSession(by.Session, p.Now(), p.entry(by, "session.ended", subjectOf(by), "", nil))
	})
}

// Sessions lists where a person is signed in.
func (p *Portal) Sessions(ctx context.Context, by rights.Actor) ([]store.Session, error) {
	if _, err := p.subject(ctx, by); err != nil {
		return nil, err
	}
	return p.Store.SessionsOf(ctx, "subject", by.ID, p.Now())
}

// EndOtherSessions signs a person out everywhere else.
func (p *Portal) EndOtherSessions(ctx context.Context, by rights.Actor) (int, error) {
	if _, err := p.subject(ctx, by); err != nil {
		return 0, err
	}
	var n int
	err := p.Store.Write(ctx, func(tx *store.Tx) (err error) {
		n, err = tx.EndSessionsOf("subject", by.ID, by.Session, p.Now(), p.entry(by, "session.ended_others", by.ID, "", nil))
		return err
	})
	return n, err
}

// subjectOf is the person an act of by touches, when by is a person.
func subjectOf(by rights.Actor) string {
	if by.Role == rights.RoleSubject {
		return by.ID
	}
	return ""
}

// SignInAs opens a session as anybody, without proof: the demo's door, shut everywhere else.
func (p *Portal) SignInAs(ctx context.Context, mailbox string, v Visitor) (SignedIn, error) {
	if !p.Demo {
		return SignedIn{}, rights.ErrNotFound
	}
	now := p.Now()
	var in SignedIn
	err := p.Store.Write(ctx, func(tx *store.Tx) error {
		member, err := tx.StaffByEmail(ctx, mailbox)
		if err == nil {
			in, err = p.openStaff(tx, member, v, now, now)
			return err
		}
		if err = ignoreNotFound(err); err == nil {
			in, err = p.open(tx, mailbox, v, now, now)
		}
		return err
	})
	if err != nil || in.Session.Kind == "staff" {
		return in, err
	}
	return p.identify(ctx, in)
}
