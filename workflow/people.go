package workflow

import (
	"context"
	"errors"
	"slices"
	"strings"

	"habeas/mail"
	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// marksOf are what a person is found by, besides the mailbox: the numbers that were issued to them, and their rows.
func marksOf(person sources.Person) []string {
	var out []string
	for _, n := range person.Numbers() {
		out = append(out, "number "+n)
	}
	for _, r := range person.Rows() {
		out = append(out, "row "+r)
	}
	return out
}

// mark keeps what a subject is found by, as it was recognised.
func mark(tx *store.Tx, s store.Subject) error {
	person, err := sources.ParsePerson(s.Person)
	if err != nil {
		return err
	}
	return tx.Mark(s.ID, marksOf(person))
}

// Card is a person in a few facts, of which none says who they are to somebody who does not know it already.
type Card struct {
	ID       string
	Mailbox  string   // masked; "" for somebody without
	Numbers  []string // masked
	Lists    []*Collection
	Regime   string
	Language string
	Since    rights.Date
	Requests int
	Unpicked bool // several people share the mailbox, and it is not known which this is
}

// maskNumber shows the end of a number that is long enough to hide the rest, and else nothing, not even the length.
func maskNumber(number string) string {
	masked := rights.Mask("id", number)
	if strings.Trim(masked, "*") == "" {
		return rights.Mask("all", number)
	}
	return masked
}

func (p *Portal) card(ctx context.Context, s store.Subject) (Card, error) {
	person, err := p.whole(ctx, s)
	if err != nil {
		return Card{}, err
	}
	c := Card{
		ID: s.ID, Mailbox: rights.Mask("email", s.Mailbox), Regime: s.Regime, Language: s.Language,
		Since: rights.DateOf(s.MadeAt.In(p.Location)), Unpicked: isUnpicked(person),
	}
	for _, n := range person.Numbers() {
		c.Numbers = append(c.Numbers, maskNumber(n))
	}
	for _, list := range person.Lists() {
		source, name, _ := strings.Cut(list, "/")
		if known := p.Sources.Collection(source, name); known != nil {
			c.Lists = append(c.Lists, known)
		}
	}
	c.Requests, err = p.Store.RequestCount(ctx, s.ID)
	return c, err
}

// Found is whom an exact search found.
type Found struct {
	People []Card
	// Elsewhere are the lists of people that have the number although nobody here was recognised by it. That is all that is
	// said of it.
	Elsewhere []*Collection
	Down      *Collection // a list that could not be asked; nil where all were
}

// FindPerson finds whom a whole address, a whole number that was issued to them, or a reference belongs to. There is no
// other way to find anybody: no part of one, no list, no suggestion (security.md 6).
func (p *Portal) FindPerson(ctx context.Context, by rights.Actor, text string) (Found, error) {
	if err := may(by, rights.SeePeople); err != nil {
		return Found{}, err
	}
	subjects, err := p.lookUp(ctx, by, "person.searched", text)
	if err != nil {
		return Found{}, err
	}
	var found Found
	for _, s := range subjects {
		c, err := p.card(ctx, s)
		if err != nil {
			return Found{}, err
		}
		found.People = append(found.People, c)
	}
	if len(found.People) > 0 || isAddress(text) {
		return found, nil
	}
	holders, err := p.Sources.Holders(ctx, text)
	var down *sources.SourceError
	if errors.As(err, &down) {
		found.Down = p.Sources.Collection(down.Source, down.Collection)
		return found, nil
	}
	found.Elsewhere = holders
	return found, err
}

func isAddress(text string) bool { return strings.Contains(text, "@") }

// lookUp finds the people whose address, number or reference is exactly this, counts and writes down that somebody looked:
// whether there is anybody is personal data too, and a member of staff who tries one after another is stopped. Those found
// see it among who looked at their data.
func (p *Portal) lookUp(ctx context.Context, by rights.Actor, act, text string) ([]store.Subject, error) {
	var found []store.Subject
	err := p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := takePlace(tx, "search "+by.ID, searchesADay, p.Now()); err != nil {
			return err
		}
		hits, err := p.exactly(ctx, tx, text)
		if err != nil {
			return err
		}
		if found, err = heads(ctx, tx, hits); err != nil {
			return err
		}
		for _, s := range found {
			if err := tx.Append(p.entry(by, act, s.ID, "", nil)); err != nil {
				return err
			}
		}
		if len(found) > 0 {
			return nil
		}
		return tx.Append(p.entry(by, act, "", "", nil))
	})
	return found, err
}

// findPeople returns the subjects whose requests the queue shows for an address or a number: those found, and whoever is
// shown with them.
func (p *Portal) findPeople(ctx context.Context, by rights.Actor, text string) (ids []string, err error) {
	found, err := p.lookUp(ctx, by, "queue.searched", text)
	if err != nil {
		return nil, err
	}
	for _, s := range found {
		kin, err := p.Store.Kin(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		ids = append(ids, kin...)
	}
	return ids, nil
}

// exactly returns the subjects of an address, a reference or a number. An address that cannot be one is nobody's.
func (p *Portal) exactly(ctx context.Context, tx *store.Tx, text string) ([]store.Subject, error) {
	if isAddress(text) {
		mailbox, err := mail.Canonical(text)
		var faults rights.FieldErrors
		if errors.As(err, &faults) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return tx.SubjectsByMailbox(ctx, mailbox)
	}
	if ref, ok := rights.ParseRef(text); ok {
		r, err := tx.RequestByRef(ctx, ref)
		if err != nil {
			return nil, ignoreNotFound(err)
		}
		s, err := tx.Subject(ctx, r.Subject)
		if errors.Is(err, rights.ErrGone) {
			return nil, nil // erased: nobody is left to be found
		}
		return []store.Subject{s}, err
	}
	number := sources.Number(text)
	if number == "" {
		return nil, nil
	}
	return tx.SubjectsByMark(ctx, "number "+number)
}

// subjectReader is a Store or a transaction.
type subjectReader interface {
	Subject(ctx context.Context, id string) (store.Subject, error)
}

// heads replaces those who are shown with another by that other, each once.
func heads(ctx context.Context, from subjectReader, hits []store.Subject) ([]store.Subject, error) {
	var out []store.Subject
	for _, s := range hits {
		if s.MergedInto != "" {
			var err error
			if s, err = from.Subject(ctx, s.MergedInto); err != nil {
				return nil, err
			}
		}
		if !slices.ContainsFunc(out, func(o store.Subject) bool { return o.ID == s.ID }) {
			out = append(out, s)
		}
	}
	return out, nil
}

// Profile is one person as officers see them.
type Profile struct {
	Card
	Requests  []rights.Request // a page, newest first
	NextPage  string
	Purposes  []rights.Purpose
	Standings []rights.Standing
	Consents  []rights.ConsentEvent
	Flags     []StandingFlag
	Letters   []store.PersonLetter
	Looks     []Look // a page, newest first
	NextLook  int64  // where the next begins; 0 after the last
	Merged    []Verdict
	Apart     []Verdict
	Likely    []Candidate
	Holds     []store.Hold      // those that stand first
	Names     map[string]string // of colleagues, by staff ID
}

// ProfileAt says which pages of a profile are asked for: "" and 0 for the first.
type ProfileAt struct {
	Requests string
	Looks    int64
}

// profilePage is how many requests and how many looks a profile shows at once.
const profilePage = 20

// Profile opens the page of a person and writes down that somebody did. Whoever is shown with another is that other:
// the ID of the profile is the one to go by.
func (p *Portal) Profile(ctx context.Context, by rights.Actor, id string, at ProfileAt) (Profile, error) {
	s, err := p.beheld(ctx, by, id)
	if err != nil {
		return Profile{}, err
	}
	if err := p.behold(ctx, by, s.ID); err != nil {
		return Profile{}, err
	}
	var f Profile
	if f.Card, err = p.card(ctx, s); err != nil {
		return f, err
	}
	if f.Requests, f.NextPage, err = p.Store.RequestsOf(ctx, s.ID, at.Requests, profilePage); err != nil {
		return f, err
	}
	if f.Flags, err = p.standingFlags(ctx, s.ID); err != nil {
		return f, err
	}
	if f.Consents, err = p.Store.ConsentEvents(ctx, s.ID); err != nil {
		return f, err
	}
	f.Purposes = p.consentable()
	f.Standings = rights.Standings(f.Purposes, f.Consents, p.Now())
	if f.Holds, err = p.Store.Holds(ctx, s.ID); err != nil {
		return f, err
	}
	if f.Letters, err = p.Store.LettersTo(ctx, s.ID); err != nil {
		return f, err
	}
	if f.Looks, err = p.looksAt(ctx, s.ID, at.Looks, profilePage+1); err != nil {
		return f, err
	}
	if len(f.Looks) > profilePage {
		f.Looks = f.Looks[:profilePage]
		f.NextLook = f.Looks[profilePage-1].Seq
	}
	if f.Names, err = p.names(ctx); err != nil {
		return f, err
	}
	return f, p.kindred(ctx, s, &f)
}

// beheld returns the subject under which a person is shown to somebody who may look people up.
func (p *Portal) beheld(ctx context.Context, by rights.Actor, id string) (store.Subject, error) {
	if err := may(by, rights.SeePeople); err != nil {
		return store.Subject{}, err
	}
	head, err := p.Store.HeadOf(ctx, id)
	if err != nil {
		return store.Subject{}, err
	}
	return p.Store.Subject(ctx, head)
}

// behold counts a look at people against the budget and writes it down, before anything of them is shown.
func (p *Portal) behold(ctx context.Context, by rights.Actor, ids ...string) error {
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		for _, id := range ids {
			if err := p.seePerson(ctx, tx, by, id); err != nil {
				return err
			}
			if err := tx.Append(p.entry(by, "person.viewed", id, "", nil)); err != nil {
				return err
			}
		}
		return nil
	})
}
