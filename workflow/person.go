package workflow

import (
	"context"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// identify settles who is behind the mailbox of a fresh session. One person: the session is theirs. Nobody we hold data
// of is an answer too (GDPR Art. 15(1): whether or not data are processed). Several people behind one mailbox: the
// session waits for Choose, and sees nothing of either.
func (p *Portal) identify(ctx context.Context, in SignedIn) (SignedIn, error) {
	match, err := p.Sources.Find(ctx, sources.Identity{Email: in.Session.Mailbox})
	if err != nil {
		return in, err
	}
	if len(match.Candidates) > 1 {
		return in, nil
	}
	person := match.Person()
	return p.settle(ctx, in, person)
}

// Choose picks one of several people behind a mailbox by a second datum that only one of them has: a customer number,
// a phone number, a postcode. A wrong one is a FieldError and counts against a daily limit.
func (p *Portal) Choose(ctx context.Context, session store.Session, datum string) error {
	if session.Subject != "" {
		return nil
	}
	if len(datum) == 0 {
		return rights.Fault("datum", "choose.error.empty", nil)
	}
	now := p.Now()
	if err := p.Store.Write(ctx, func(tx *store.Tx) error { return take(tx, "datum "+session.Mailbox, datumTries, now) }); err != nil {
		return err
	}
	match, err := p.Sources.Find(ctx, sources.Identity{Email: session.Mailbox})
	if err != nil {
		return err
	}
	person, ok, err := p.Sources.Choose(ctx, match, datum)
	if err != nil {
		return err
	}
	if !ok {
		return rights.Fault("datum", "choose.error.wrong", nil)
	}
	_, err = p.settle(ctx, SignedIn{Session: session}, person)
	return err
}

// EnterUnchosen lets somebody in whom no second datum could pick: they see no data, but can write to the privacy team.
func (p *Portal) EnterUnchosen(ctx context.Context, session store.Session) error {
	if session.Subject != "" {
		return nil
	}
	_, err := p.settle(ctx, SignedIn{Session: session}, sources.Nobody(session.Mailbox))
	return err
}

// settle gives the session to the subject that person is, making it where it is new. The mailbox alone never decides:
// when an address passes to somebody else, the new holder does not inherit the requests of the old.
func (p *Portal) settle(ctx context.Context, in SignedIn, person sources.Person) (SignedIn, error) {
	err := p.Store.Write(ctx, func(tx *store.Tx) error {
		known, err := tx.SubjectsByMailbox(ctx, in.Session.Mailbox)
		if err != nil {
			return err
		}
		s, isNew, err := p.pick(known, in.Session.Mailbox, person)
		if err != nil {
			return err
		}
		by := rights.Actor{ID: s.ID, Role: rights.RoleSubject, Session: in.Session.ID}
		why := p.entry(by, "subject.recognised", s.ID, "", nil)
		switch {
		case isNew:
			why.Act = "subject.made"
			err = tx.InsertSubject(s, why)
		case s.Person != person.Key() && !person.IsNobody():
			s.Person = person.Key()
			err = tx.UpdateSubject(s, why)
		}
		if err != nil {
			return err
		}
		in.Session.Subject = s.ID
		return tx.UpdateSession(in.Session)
	})
	return in, err
}

// pick finds the subject that person is among those of the mailbox: one that shares a record with them, else one that
// no record was ever tied to, else a new one.
func (p *Portal) pick(known []store.Subject, mailbox string, person sources.Person) (s store.Subject, isNew bool, err error) {
	var blank *store.Subject
	for i, k := range known {
		was, err := sources.ParsePerson(k.Person)
		if err != nil {
			return s, false, err
		}
		if was.IsNobody() {
			blank = &known[i]
		} else if was.Same(person) {
			return k, false, nil
		}
	}
	if blank != nil {
		return *blank, false, nil
	}
	return store.Subject{
		ID: p.newID(), Mailbox: mailbox, Person: person.Key(), Language: p.Languages[0], Regime: p.Regime, MadeAt: p.Now(),
	}, true, nil
}

// person returns whose records an actor may see.
func (p *Portal) person(ctx context.Context, by rights.Actor) (store.Subject, sources.Person, error) {
	s, err := p.subject(ctx, by)
	if err != nil {
		return s, sources.Person{}, err
	}
	person, err := sources.ParsePerson(s.Person)
	return s, person, err
}

// SetLanguage keeps the language a person chose, for their letters.
func (p *Portal) SetLanguage(ctx context.Context, by rights.Actor, language string) error {
	s, err := p.subject(ctx, by)
	if err != nil || s.Language == language {
		return ignoreNotFound(err)
	}
	s.Language = language
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.UpdateSubject(s, p.entry(by, "subject.language", s.ID, "", map[string]string{"language": language}))
	})
}
