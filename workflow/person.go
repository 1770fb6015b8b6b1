package workflow

import (
	"context"
	"slices"
	"strings"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// identify settles who is behind the mailbox of a fresh session. One person: the session is theirs. Nobody we hold data
// of is an answer too (GDPR Art. 15(1): whether or not data are processed). Several people behind one mailbox: the
// session waits for Choose, and sees nothing of either. It waits as well while a list of people cannot be asked and the
// others know nobody: whoever it was before need not be who it is now.
func (p *Portal) identify(ctx context.Context, in SignedIn) (SignedIn, error) {
	match, err := p.Sources.Find(ctx, sources.Identity{Email: in.Session.Mailbox})
	if err != nil || match.Ambiguous() || unknowable(match.Person) {
		return in, err
	}
	return p.settle(ctx, in, match.Person, match)
}

func unknowable(person sources.Person) bool { return person.Seeds() == 0 && !person.Complete() }

// Recognise tries again to settle a session that waits. True says that several people share the mailbox and Choose must
// tell; the error is a source's while it cannot be asked.
func (p *Portal) Recognise(ctx context.Context, session Session) (shared bool, err error) {
	match, err := p.Sources.Find(ctx, sources.Identity{Email: session.Mailbox})
	switch {
	case err != nil || match.Ambiguous():
		return match.Ambiguous(), err
	case unknowable(match.Person):
		return false, match.Troubles[0]
	}
	_, err = p.settle(ctx, SignedIn{Session: session}, match.Person, match)
	return false, err
}

// Choose picks one of several people behind a mailbox by a second datum that only one of them has: a customer number,
// a phone number, a postcode. A wrong one is a FieldError and counts against a daily limit.
func (p *Portal) Choose(ctx context.Context, session Session, datum string) error {
	if session.Subject != "" {
		return nil
	}
	if datum = strings.TrimSpace(datum); datum == "" {
		return rights.Fault("datum", "choose.error.empty", nil)
	}
	now := p.Now()
	err := p.Store.Write(ctx, func(tx *store.Tx) error { return takePlace(tx, "datum "+session.Mailbox, datumTries, now) })
	if err != nil {
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
	match.Channels, err = p.Sources.Channels(ctx, person)
	if err != nil && !Unavailable(err) { // a source that sleeps tells its addresses another time
		return err
	}
	_, err = p.settle(ctx, SignedIn{Session: session}, person, match)
	return err
}

// onFile are the addresses that the sources hold of a person: the mailbox as they spell it, to which letters go, then
// every other, to which alerts go too. None where there is nothing but the mailbox as it was confirmed.
func onFile(mailbox string, match sources.Match) []string {
	if len(match.Addresses) == 0 && len(match.Channels) > 0 {
		return append([]string{mailbox}, match.Channels...)
	}
	return append(slices.Clone(match.Addresses), match.Channels...)
}

// EnterUnchosen lets somebody in whom no second datum could pick: they see no data, but can write to the privacy team.
func (p *Portal) EnterUnchosen(ctx context.Context, session Session) error {
	if session.Subject != "" {
		return nil
	}
	match, err := p.behind(ctx, session.Mailbox)
	if err != nil {
		return err
	}
	_, err = p.settle(ctx, SignedIn{Session: session}, match.Person, match)
	return err
}

// behind is who the sources know by a mailbox. While one of them that may know somebody cannot be asked, and no other does, it is
// that one's error: taken for a stranger they would be parted from all that is theirs.
func (p *Portal) behind(ctx context.Context, mailbox string) (sources.Match, error) {
	match, err := p.Sources.Find(ctx, sources.Identity{Email: mailbox})
	if err == nil && unknowable(match.Person) {
		return match, match.Troubles[0]
	}
	return match, err
}

// settle gives the session to the subject that person is, making it where it is new. Match is what the mailbox led to:
// that person, or several.
func (p *Portal) settle(ctx context.Context, in SignedIn, person sources.Person, match sources.Match) (SignedIn, error) {
	err := p.Store.Write(ctx, func(tx *store.Tx) error {
		known, err := tx.SubjectsByMailbox(ctx, in.Session.Mailbox)
		if err != nil {
			return err
		}
		s, erased, err := p.erasedLately(ctx, tx, known, person)
		if err == nil && !erased {
			s, err = p.pick(known, in.Session.Mailbox, person, match.Ambiguous())
		}
		if err != nil {
			return err
		}
		by := rights.Actor{ID: s.ID, Role: rights.RoleSubject, Session: in.Session.ID}
		was, isNew := s, s.MadeAt.IsZero()
		if in.language != "" {
			s.Language = in.language
		}
		if !erased && (isNew || person.Complete() || person.Seeds() > 0) {
			s.Person, s.Addresses = person.Key(), onFile(in.Session.Mailbox, match)
		}
		switch {
		case isNew:
			s.MadeAt = p.Now()
			err = tx.InsertSubject(s, p.entry(by, "subject.made", s.ID, "", nil))
		case s.Person != was.Person || s.Language != was.Language || !slices.Equal(s.Addresses, was.Addresses):
			err = tx.UpdateSubject(s, p.entry(by, "subject.recognised", s.ID, "", nil))
		}
		if err != nil {
			return err
		}
		if err := mark(tx, s); err != nil {
			return err
		}
		by.ID, in.Session.Subject = s.Head(), s.Head()
		if err := tx.UpdateSession(in.Session); err != nil {
			return err
		}
		return tx.Append(p.entry(by, "session.settled", s.ID, "", nil))
	})
	return in, err
}

// erasedStays is how long whoever was erased still finds what they asked, and what became of it, by their mailbox alone: it is
// all that ties them to it, and an address passes to somebody else later than that.
const erasedStays = 90 * 24 * time.Hour

// erasedLately finds the one subject of a mailbox whose records an erasure has taken, where the sources know nobody by that
// mailbox any more. With two of them nobody can tell which.
func (p *Portal) erasedLately(ctx context.Context, tx *store.Tx, known []store.Subject, person sources.Person) (found store.Subject, ok bool, err error) {
	if person.Seeds() > 0 || !person.Complete() {
		return found, false, nil
	}
	n := 0
	for _, k := range known {
		erased, err := tx.ErasedSince(ctx, k.ID, p.Now().Add(-erasedStays))
		if err != nil {
			return found, false, err
		}
		if erased {
			found, n = k, n+1
		}
	}
	return found, n == 1, nil
}

// pick finds the subject that person is among those of the mailbox: one that shares a record with them, else one that
// no record was ever tied to, else a new one. The mailbox alone never decides: when an address passes to somebody else,
// the new holder does not inherit the requests of the old, and what was written while several people shared the mailbox
// and none was picked belongs to none of them. Where an officer found whose that was, it is theirs, and who comes next
// without being picked begins anew.
func (p *Portal) pick(known []store.Subject, mailbox string, person sources.Person, shared bool) (store.Subject, error) {
	for _, k := range known {
		was, err := sources.ParsePerson(k.Person)
		if err != nil {
			return store.Subject{}, err
		}
		if isUnpicked(was) && k.MergedInto != "" {
			continue
		}
		unpicked := shared && person.Seeds() == 0
		if was.Same(person) || was.Seeds() == 0 && was.Unsettled() == unpicked && (unpicked || !shared) {
			return k, nil
		}
	}
	return store.Subject{ID: p.newID(), Mailbox: mailbox, Person: person.Key(), Language: p.Languages[0], Regime: p.Regime}, nil
}

// isUnpicked reports whether somebody stands for several people behind one mailbox, of whom none was picked.
func isUnpicked(person sources.Person) bool { return person.Seeds() == 0 && person.Unsettled() }

// person returns whose records an actor may see.
func (p *Portal) person(ctx context.Context, by rights.Actor) (store.Subject, sources.Person, error) {
	s, err := p.subject(ctx, by)
	if err != nil {
		return s, sources.Person{}, err
	}
	person, err := p.whole(ctx, s)
	return s, person, err
}

// SetLanguage keeps the language a person chose, for their letters.
func (p *Portal) SetLanguage(ctx context.Context, by rights.Actor, language string) error {
	if _, err := p.subject(ctx, by); err != nil {
		return ignoreNotFound(err)
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		s, err := tx.Subject(ctx, by.ID)
		if err != nil || s.Language == language {
			return err
		}
		s.Language = language
		return tx.UpdateSubject(s, p.entry(by, "subject.language", s.ID, "", map[string]string{"language": language}))
	})
}
