package workflow

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"habeas/export"
	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// A copy that lacks a source is handed out all the same (GDPR Art. 12(3): without undue delay), and its request stays open.
// Each source that is missing has a task, and the machine tries again by itself: what it can read by then is a supplement, a
// package of its own that holds what was missing and nothing else. From the day the answer is due on it is the officers' alone.

// retries is how long after one try the next is; the last holds from then on.
var retries = []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour}

// nextTry is when a supplement is tried for the next time after so many that brought nothing, and whether there is such a
// time: by the day before the answer is due, so that whoever must answer has a day.
func (p *Portal) nextTry(r rights.Request, tries int) (time.Time, bool) {
	at := p.Now().Add(retries[min(tries, len(retries)-1)])
	return at, rights.DateOf(at.In(p.Location)).Before(r.Due)
}

// Copy is what a person has been given on one request, and what not yet.
type Copy struct {
	Packages []store.Package // the first, then its supplements that came
	Missing  []export.Missing
	RetryAt  time.Time // when the machine tries again; zero where it is left to the team
}

// Copy returns what came of a person's own export request.
func (p *Portal) Copy(ctx context.Context, by rights.Actor, ref string) (Copy, error) {
	r, err := p.own(ctx, by, ref)
	if err != nil {
		return Copy{}, err
	}
	return p.copyOf(ctx, r)
}

func (p *Portal) copyOf(ctx context.Context, r rights.Request) (c Copy, err error) {
	all, err := p.Store.PackagesOf(ctx, r.ID)
	if err != nil || len(all) == 0 {
		return c, err
	}
	for _, pkg := range all {
		if pkg.Number == 0 || !pkg.ReadyAt.IsZero() {
			c.Packages = append(c.Packages, pkg)
		}
	}
	last := all[len(all)-1]
	if !r.State.Open() { // given in another way, or not wanted any more
		return c, nil
	}
	if last.Number > 0 && !lacking(last) {
		c.RetryAt = last.NextAt
	}
	if c.Missing, err = fromOptionalJSON[[]export.Missing](last.Missing); err != nil || len(c.Missing) == 0 {
		return c, err
	}
	tasks, err := p.Store.TasksOf(ctx, r.ID)
	given := doneByHand(r, tasks, r.Right, false)
	c.Missing = slices.DeleteFunc(c.Missing, func(m export.Missing) bool { return slices.Contains(given, m.Source) })
	return c, err
}

func missingText(missing []export.Missing) (string, error) {
	if len(missing) == 0 {
		return "", nil
	}
	return asJSON(missing)
}

// byMachine reports whether a machine can read, another time, what is missing.
func byMachine(m export.Missing) bool { return !m.ByHand() }

// lack makes a task for each source that a copy lacks, once, and queues the next supplement.
func (p *Portal) lack(ctx context.Context, tx *store.Tx, r rights.Request, pkg store.Package, missing []export.Missing) error {
	known, err := tx.TasksOf(ctx, r.ID)
	if err != nil {
		return err
	}
	var tasks []rights.Task
	for _, m := range missing {
		same := func(t rights.Task) bool { return t.Source == m.Source && t.Kind == string(r.Right) }
		if !slices.ContainsFunc(known, same) && !slices.ContainsFunc(tasks, same) {
			tasks = append(tasks, p.newTask(r, m.Source, string(r.Right), ""))
		}
	}
	if len(tasks) > 0 {
		facts := map[string]string{"count": strconv.Itoa(len(tasks))}
		if err := tx.InsertTasks(tasks, p.entry(rights.System, "tasks.made", r.Subject, r.ID, facts)); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(missing, byMachine) { // nothing that will come by itself
		return nil
	}
	next, ok := p.nextTry(r, 0)
	if !ok {
		return p.leaveMissing(tx, r)
	}
	return tx.InsertPackage(store.Package{Request: r.ID, Number: pkg.Number + 1, State: "queued", Missing: pkg.Missing, NextAt: next})
}

// stillMissing puts a supplement off that brought nothing, or leaves the rest to the officers: when its time is over, or when
// it keeps killing who builds it.
func (p *Portal) stillMissing(ctx context.Context, r rights.Request, pkg store.Package, missing []export.Missing) (err error) {
	next, ok := p.nextTry(r, pkg.Tries+1)
	ok = ok && pkg.Attempts-pkg.Tries <= maxBuilds
	pkg.State, pkg.NextAt = "queued", next
	if !ok {
		pkg.State = "failed"
	}
	pkg.Tries++
	if pkg.Missing, err = missingText(missing); err != nil {
		return err
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		r, err := stillBuilding(ctx, tx, pkg)
		if err != nil {
			return err
		}
		if err := tx.UpdatePackage(pkg); err != nil || ok {
			return err
		}
		return p.leaveMissing(tx, r)
	})
}

// leaveMissing leaves what a copy lacks to the officers.
func (p *Portal) leaveMissing(tx *store.Tx, r rights.Request) error {
	if err := tx.InsertEvent(p.event(rights.System, r.ID, "supplement_failed", nil)); err != nil {
		return err
	}
	return tx.Append(p.entry(rights.System, "package.failed", r.Subject, r.ID, nil))
}

// errUnmapped says that a data map no longer speaks of what a copy lacked.
var errUnmapped = errors.New("what a copy lacked is no longer in the data map: give the person the rest by hand")

// supplementOf is what a supplement is to bring.
func (p *Portal) supplementOf(ctx context.Context, pkg store.Package) (*export.Supplement, error) {
	missing, err := fromOptionalJSON[[]export.Missing](pkg.Missing)
	if err != nil {
		return nil, err
	}
	first, err := p.Store.PackageOf(ctx, pkg.Request)
	if err != nil {
		return nil, err
	}
	out := &export.Supplement{Number: pkg.Number, To: first.SHA256}
	for _, m := range missing {
		if m.ByHand() {
			continue
		}
		c := p.Sources.Collection(m.Source, m.Collection)
		if c == nil {
			return nil, errUnmapped
		}
		out.Of = append(out.Of, c)
	}
	return out, nil
}

// askAgain looks for a person again in the lists of people that could not be asked when they signed in, and for whoever was
// found to be the same: what only those lead to would stay missing for ever. A mailbox that leads to somebody else by now
// changes nothing.
func (p *Portal) askAgain(ctx context.Context, s store.Subject) (store.Subject, error) {
	merged, err := p.Store.MergedWith(ctx, s.ID)
	if err != nil {
		return s, err
	}
	for _, one := range append([]store.Subject{s}, merged...) {
		was, err := sources.ParsePerson(one.Person)
		if err != nil {
			return s, err
		}
		if was.Complete() {
			continue
		}
		match, err := p.Sources.Find(ctx, sources.Identity{Email: one.Mailbox})
		if err != nil {
			return s, err
		}
		now := append([]sources.Person{match.Person}, match.Candidates...)
		i := slices.IndexFunc(now, was.Same)
		if i < 0 {
			continue
		}
		err = p.Store.Write(ctx, func(tx *store.Tx) error {
			one, err := tx.Subject(ctx, one.ID)
			if err != nil {
				return err
			}
			one.Person = now[i].Key()
			return tx.UpdateSubject(one, p.entry(rights.System, "subject.recognised", one.ID, "", nil))
		})
		if err != nil {
			return s, err
		}
	}
	return p.Store.Subject(ctx, s.ID)
}
