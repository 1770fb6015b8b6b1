package workflow

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// Two subjects may be one person: a mailbox changed and the record stayed, or somebody came in without saying which of
// several people behind a mailbox they are. Nothing decides that by itself (security.md 4). An officer does, with a reason;
// both subjects stay as they are, the one is shown with the other, and it can be undone.

// settlesADay bounds how often one member of staff tries numbers on somebody whom nobody picked.
var settlesADay = store.Limit{Burst: 20, Per: 24 * time.Hour}

// Verdict is a decision about two subjects that stands, seen from one of them.
type Verdict struct {
	store.Merge
	Other   string // subject ID of whom it is about: of two who are one, who is shown with the other
	Mailbox string // of Other, masked
}

// Candidate is somebody who may be the same person as another, and why.
type Candidate struct {
	ID      string
	Mailbox string   // masked
	Numbers []string // masked
	Same    string   // what both have: "mailbox" or "row"
}

// whole returns the person that a subject is, joined with everybody who was found to be the same, whichever of them it is. A sign-in
// confirms one of their mailboxes, so what is kept under each is theirs only as far as the sources still say so.
func (p *Portal) whole(ctx context.Context, s store.Subject) (sources.Person, error) {
	if s.MergedInto != "" {
		head, err := p.Store.Subject(ctx, s.MergedInto)
		if err != nil {
			return sources.Person{}, err
		}
		s = head
	}
	person, err := sources.ParsePerson(s.Person)
	if err != nil {
		return person, err
	}
	merged, err := p.Store.MergedWith(ctx, s.ID)
	if err != nil || len(merged) == 0 {
		return person, err
	}
	if person, err = p.Sources.Recheck(ctx, person); err != nil {
		return person, err
	}
	for _, m := range merged {
		same, err := sources.ParsePerson(m.Person)
		if err != nil {
			return person, err
		}
		if same, err = p.Sources.Recheck(ctx, same); err != nil {
			return person, err
		}
		person = person.Join(same)
	}
	return person, nil
}

// kindred adds to a profile who else the person may be, and what was decided about that.
func (p *Portal) kindred(ctx context.Context, s store.Subject, f *Profile) error {
	kin, err := p.Store.Kin(ctx, s.ID)
	if err != nil {
		return err
	}
	decided := map[string]bool{}
	for _, id := range kin {
		verdicts, err := p.verdicts(ctx, id)
		if err != nil {
			return err
		}
		for _, v := range verdicts {
			switch {
			case !v.One:
				decided[v.Other] = true
				f.Apart = append(f.Apart, v)
			case v.Gone == id: // each once, from the side that is shown with another
				f.Merged = append(f.Merged, v)
			}
		}
	}
	f.Likely, err = p.candidates(ctx, s)
	f.Likely = slices.DeleteFunc(f.Likely, func(c Candidate) bool { return decided[c.ID] })
	return err
}

func (p *Portal) verdicts(ctx context.Context, id string) ([]Verdict, error) {
	merges, err := p.Store.MergesOf(ctx, id)
	if err != nil {
		return nil, err
	}
	out := make([]Verdict, len(merges))
	for i, m := range merges {
		out[i] = Verdict{Merge: m, Other: m.Gone}
		if m.Gone == id && !m.One {
			out[i].Other = m.Kept
		}
		s, err := p.Store.Subject(ctx, out[i].Other)
		if errors.Is(err, rights.ErrGone) {
			continue // erased: nothing is left of the mailbox
		}
		if err != nil {
			return nil, err
		}
		out[i].Mailbox = rights.Mask("email", s.Mailbox)
	}
	return out, nil
}

// candidates are the subjects that share a mailbox or a row of a list of people with a subject, and stand for themselves.
// Two of whom it is not known who they are cannot be compared.
func (p *Portal) candidates(ctx context.Context, s store.Subject) ([]Candidate, error) {
	person, err := p.whole(ctx, s)
	if err != nil {
		return nil, err
	}
	var out []Candidate
	add := func(same string, found []store.Subject, err error) error {
		if err == nil {
			found, err = heads(ctx, p.Store, found)
		}
		if err != nil {
			return err
		}
		for _, o := range found {
			other, err := p.whole(ctx, o)
			if err != nil {
				return err
			}
			if o.ID != s.ID && !(isUnpicked(person) && isUnpicked(other)) && !slices.ContainsFunc(out, func(c Candidate) bool { return c.ID == o.ID }) {
				c := Candidate{ID: o.ID, Mailbox: rights.Mask("email", o.Mailbox), Same: same}
				for _, n := range other.Numbers() {
					c.Numbers = append(c.Numbers, maskNumber(n))
				}
				out = append(out, c)
			}
		}
		return nil
	}
	for _, row := range person.Rows() {
		found, err := p.Store.SubjectsByMark(ctx, "row "+row)
		if err := add("row", found, err); err != nil {
			return nil, err
		}
	}
	merged, err := p.Store.MergedWith(ctx, s.ID)
	if err != nil {
		return nil, err
	}
	for _, one := range append(merged, s) {
		if one.Mailbox == "" { // whoever has none shares it with nobody
			continue
		}
		found, err := p.Store.SubjectsByMailbox(ctx, one.Mailbox)
		if err := add("mailbox", found, err); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Decide keeps an officer's decision about two candidates: one person, or two.
func (p *Portal) Decide(ctx context.Context, by rights.Actor, id, other string, one bool, reason string) error {
	if err := may(by, rights.HandleRequest); err != nil {
		return err
	}
	kept, gone, _, err := p.couple(ctx, id, other)
	if err != nil {
		return err
	}
	reason, faults := checkReason("reason", reason)
	if len(faults) > 0 {
		return faults
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		return p.decideIn(ctx, tx, by, store.Merge{Gone: gone.ID, Kept: kept.ID, One: one, Reason: reason}, "decided")
	})
}

func (p *Portal) decideIn(ctx context.Context, tx *store.Tx, by rights.Actor, m store.Merge, how string) error {
	m.ID, m.By, m.At = p.newID(), by.ID, p.Now()
	for _, id := range []string{m.Kept, m.Gone} {
		if err := p.seePerson(ctx, tx, by, id); err != nil {
			return err
		}
		if err := p.notTheirs(ctx, tx, by, id); err != nil {
			return err
		}
	}
	act := "person.merged"
	if !m.One {
		act = "person.told_apart"
	}
	if err := tx.InsertMerge(m, p.aboutBoth(by, act, m, map[string]string{"merge": m.ID, "how": how})...); err != nil || !m.One {
		return err
	}
	// Who is signed in as the one that is gone signs in again, and is then the one that stays.
	if _, err := tx.EndSessionsOf("subject", m.Gone, "", m.At, p.entry(by, "session.ended_by_merge", m.Gone, "", nil)); err != nil {
		return err
	}
	return p.tellAgain(ctx, tx, m.Kept) // what one of them decided holds for the records of both
}

// notTheirs refuses whoever is one of those about whom is decided. Of whoever is erased no mailbox is left to compare.
func (p *Portal) notTheirs(ctx context.Context, tx *store.Tx, by rights.Actor, id string) error {
	s, err := tx.Subject(ctx, id)
	if errors.Is(err, rights.ErrGone) {
		return nil
	}
	if err != nil {
		return err
	}
	return p.disinterested(ctx, tx, by, s)
}

// aboutBoth are the entries of a decision, one for each of the two whom it is about.
func (p *Portal) aboutBoth(by rights.Actor, act string, m store.Merge, facts map[string]string) []rights.Entry {
	return []rights.Entry{p.entry(by, act, m.Gone, "", facts), p.entry(by, act, m.Kept, "", facts)}
}

// UndoMerge undoes a decision. Two who were shown as one are apart again at once: their sessions end, copies that hold the data of
// both are gone, and whatever was begun for both is begun anew for whom it is about.
func (p *Portal) UndoMerge(ctx context.Context, by rights.Actor, id string) error {
	if err := may(by, rights.HandleRequest); err != nil {
		return err
	}
	m, err := p.Store.Merge(ctx, id)
	if err != nil {
		return err
	}
	var copies []string
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		head, err := tx.HeadOf(ctx, m.Gone)
		if err != nil {
			return err
		}
		kin, err := tx.Kin(ctx, head)
		if err != nil {
			return err
		}
		if err := p.seePerson(ctx, tx, by, m.Gone); err != nil {
			return err
		}
		for _, id := range []string{m.Kept, m.Gone} {
			if err := p.notTheirs(ctx, tx, by, id); err != nil {
				return err
			}
		}
		was, err := p.sharedBy(ctx, tx, m, head)
		if err != nil {
			return err
		}
		if err := tx.UndoMerge(m, by.ID, p.Now(), p.aboutBoth(by, "person.unmerged", m, map[string]string{"merge": m.ID})...); err != nil || !m.One {
			return err
		}
		for _, subject := range slices.Compact([]string{m.Gone, head}) {
			_, err := tx.EndSessionsOf("subject", subject, "", p.Now(), p.entry(by, "session.ended_by_merge", subject, "", nil))
			if err != nil {
				return err
			}
		}
		for _, subject := range kin {
			ready, err := p.withdrawCopies(ctx, tx, subject)
			if err != nil {
				return err
			}
			copies = append(copies, ready...)
			if err := p.eraseAnew(ctx, tx, subject); err != nil {
				return err
			}
		}
		return p.divide(ctx, tx, by, m, head, was)
	})
	if err != nil {
		return err
	}
	var errs []error
	for _, request := range copies {
		errs = append(errs, p.removePackage(request))
	}
	return errors.Join(errs...)
}

// withdrawCopies makes unreachable what was gathered for a person who turned out to be two, and begins anew what is being
// gathered. It returns the requests whose files are to be removed.
func (p *Portal) withdrawCopies(ctx context.Context, tx *store.Tx, subject string) (ready []string, err error) {
	requests, err := tx.UnexpiredPackages(ctx, subject)
	if err != nil {
		return nil, err
	}
	for _, request := range requests {
		all, err := tx.PackagesOf(ctx, request)
		if err != nil {
			return nil, err
		}
		gathered := false
		for _, pkg := range all {
			switch pkg.State {
			case "ready":
				err, gathered = expire(tx, pkg), true
			case "queued", "building":
				pkg.State, pkg.NextAt = "queued", p.Now()
				err = tx.UpdatePackage(pkg)
			}
			if err != nil {
				return nil, err
			}
		}
		if gathered {
			ready = append(ready, request)
		}
	}
	return ready, nil
}

// Settle finds out who somebody is whom nobody picked among several behind one mailbox, by a number that the officer has from
// the person: what they wrote is then shown with that person. Nobody is told whose number it would have been.
func (p *Portal) Settle(ctx context.Context, by rights.Actor, id, number, reason string) error {
	if err := may(by, rights.HandleRequest); err != nil {
		return err
	}
	s, err := p.Store.Subject(ctx, id)
	if err != nil {
		return err
	}
	unknown, err := sources.ParsePerson(s.Person)
	if err != nil {
		return err
	}
	if !isUnpicked(unknown) || s.MergedInto != "" {
		return rights.ErrConflict
	}
	reason, faults := checkReason("reason", reason)
	if number = strings.TrimSpace(number); number == "" {
		faults = append(rights.Fault("number", "merge.error.empty", nil), faults...)
	}
	if len(faults) > 0 {
		return faults
	}
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := p.notTheirs(ctx, tx, by, s.ID); err != nil {
			return err
		}
		if err := takePlace(tx, "settle "+by.ID, settlesADay, p.Now()); err != nil {
			return err
		}
		return tx.Append(p.entry(by, "person.number_tried", s.ID, "", nil)) // whether it fits is an answer too
	})
	if err != nil {
		return err
	}
	match, err := p.Sources.Find(ctx, sources.Identity{Email: s.Mailbox})
	if err != nil {
		return err
	}
	person, ok, err := p.Sources.Choose(ctx, match, number)
	if err != nil {
		return err
	}
	if !ok {
		return rights.Fault("number", "merge.error.number", nil)
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		known, err := tx.SubjectsByMailbox(ctx, s.Mailbox)
		if err != nil {
			return err
		}
		theirs, err := p.pick(known, s.Mailbox, person, true)
		if err != nil {
			return err
		}
		if theirs.MadeAt.IsZero() { // nobody has signed in as them yet
			theirs.MadeAt, theirs.Language, theirs.Regime, theirs.Addresses = p.Now(), s.Language, s.Regime, match.Addresses
			if err := tx.InsertSubject(theirs, p.entry(by, "subject.made", theirs.ID, "", nil)); err != nil {
				return err
			}
			if err := mark(tx, theirs); err != nil {
				return err
			}
		}
		return p.decideIn(ctx, tx, by, store.Merge{Gone: s.ID, Kept: theirs.Head(), One: true, Reason: reason}, "number")
	})
}
