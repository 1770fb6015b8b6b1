package workflow

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// An erasure goes through the sources by itself once its cooling-off is over. What there is to erase is noted first, because
// what leads to it goes with it; then each source is erased in one transaction of its own, read back, and noted as done. A
// crash at any point loses nothing: the note says what remains, and what is done twice is done once.

const (
	erasureRounds = 3             // what appears while an erasure runs is erased too, so often
	erasureSoon   = time.Minute   // after the first failure; twice as long after each
	erasureLate   = 6 * time.Hour // at most
	erasureIdle   = 15 * time.Minute
)

// EraseNext takes one step of the erasure whose next step is due first. It returns false when none is.
func (p *Portal) EraseNext(ctx context.Context) (had bool, err error) {
	id, err := p.Store.NextErasure(ctx, p.Now())
	if err != nil || id == "" {
		return false, err
	}
	e, err := p.Store.ErasureOf(ctx, id)
	if errors.Is(err, rights.ErrGone) { // whose key is destroyed has nothing left to erase
		return true, p.Store.Write(ctx, func(tx *store.Tx) error {
			return tx.DropErasure(id, p.entry(rights.System, "erasure.dropped", "", id, nil))
		})
	}
	if err != nil {
		return false, err
	}
	r, err := p.Store.Request(ctx, id)
	if err != nil {
		return false, err
	}
	if !r.State.Open() && !e.Again { // taken back, stopped, refused, or answered by hand
		e.State = "dropped"
		return true, p.Store.Write(ctx, func(tx *store.Tx) error {
			return tx.UpdateErasure(e, p.entry(rights.System, "erasure.dropped", r.Subject, r.ID, nil))
		})
	}
	err = p.eraseStep(ctx, r, e)
	var trouble *sources.SourceError
	switch {
	case err == nil, ctx.Err() != nil:
		return true, err
	case errors.Is(err, rights.ErrConflict): // somebody was at the request at the same moment
		return true, nil
	case errors.As(err, &trouble):
		return true, p.erasureWaits(ctx, r, e, trouble)
	}
	e.NextAt, e.Attempts = p.Now().Add(pause(e.Attempts)), e.Attempts+1 // so that it holds up no other
	return true, errors.Join(err, p.Store.Write(ctx, func(tx *store.Tx) error { return tx.UpdateErasure(e) }))
}

// eraseStep takes the next step of an erasure, unless something stands in its way: until it is known who asks, and what they mean,
// nothing goes; and once a dispute needs it, nothing more.
func (p *Portal) eraseStep(ctx context.Context, r rights.Request, e store.Erasure) error {
	why, err := p.obstacle(ctx, p.Store, r)
	if err != nil {
		return err
	}
	if why != "" || e.State == "waiting" && r.State == rights.Paused {
		return p.postpone(ctx, e, p.Now().Add(erasureIdle))
	}
	return map[string]func(context.Context, rights.Request, store.Erasure) error{
		"waiting": p.beginErasure, "erasing": p.eraseSource, "checking": p.checkErased,
	}[e.State](ctx, r, e)
}

// pause is how long to wait after so many failures before.
func pause(failures int) time.Duration {
	if failures > 8 {
		return erasureLate
	}
	return min(erasureSoon<<failures, erasureLate)
}

// beginErasure notes what there is to erase, when nothing stands in the way.
func (p *Portal) beginErasure(ctx context.Context, r rights.Request, e store.Erasure) error {
	now := p.Now()
	if now.Before(r.NotBefore) && !e.Again {
		return p.postpone(ctx, e, r.NotBefore)
	}
	s, err := p.Store.Subject(ctx, r.Subject)
	if err != nil {
		return err
	}
	person, err := p.whole(ctx, s)
	if err != nil {
		return err
	}
	holdings, err := p.Sources.Holdings(ctx, person)
	if errors.Is(err, sources.ErrUnsettled) {
		return p.leaveToOfficers(ctx, r, e, "unsettled")
	}
	if err != nil {
		return err
	}
	if len(holdings) == 0 && person.Seeds() == 0 && !e.Again { // nobody has looked by what else they are known: nothing is erased
		return p.leaveToOfficers(ctx, r, e, "unknown")
	}
	if len(holdings) > 0 && !slices.ContainsFunc(holdings, func(h sources.Holdings) bool { return !p.fate(h).ByHand }) {
		if err := p.Store.Write(ctx, func(tx *store.Tx) error {
			_, err := p.noteHeld(tx, r, rights.Erasure, person, holdings)
			return err
		}); err != nil {
			return err
		}
		return p.leaveToOfficers(ctx, r, e, "by_hand")
	}
	marks, err := p.Sources.Marks(ctx, holdings)
	if err != nil {
		return err
	}
	e.State, e.Attempts, e.Source, e.Trouble, e.BegunAt, e.NextAt = "erasing", 0, "", "", now, now
	if e.Holdings, err = asJSON(holdings); err != nil {
		return err
	}
	records := 0
	for _, h := range holdings {
		records += len(h.IDs)
	}
	facts := map[string]string{"records": strconv.Itoa(records), "collections": strconv.Itoa(len(holdings))}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := p.unchanged(ctx, tx, r); err != nil {
			return err
		}
		if why, err := p.obstacle(ctx, tx, r); err != nil || why != "" {
			return cmp.Or(err, rights.ErrConflict)
		}
		if _, err := p.noteHeld(tx, r, rights.Erasure, person, holdings); err != nil {
			return err
		}
		if err := tx.InsertTombstones(r.ID, marks, now); err != nil {
			return err
		}
		if err := tx.UpdateErasure(e, p.entry(rights.System, "erasure.begun", r.Subject, r.ID, facts)); err != nil {
			return err
		}
		if r.State == rights.Received {
			_, err := p.move(tx, rights.System, r, rights.InProgress, "erasing", facts)
			return err
		}
		return tx.InsertEvent(p.event(rights.System, r.ID, "erasing", facts))
	})
}

// unchanged is rights.ErrConflict once somebody changed a request since it was read: it may have been taken back.
func (p *Portal) unchanged(ctx context.Context, tx *store.Tx, r rights.Request) error {
	now, err := tx.Request(ctx, r.ID)
	if err == nil && now.Version != r.Version {
		err = rights.ErrConflict
	}
	return err
}

func (p *Portal) fate(h sources.Holdings) sources.Fate {
	c := p.Sources.Collection(h.Source, h.Collection)
	if c == nil {
		return sources.Fate{ByHand: true} // the map changed under it
	}
	return p.Sources.Fate(c)
}

// eraseSource erases the next source that is not done.
func (p *Portal) eraseSource(ctx context.Context, r rights.Request, e store.Erasure) error {
	holdings, err := fromJSON[[]sources.Holdings](e.Holdings)
	if err != nil {
		return err
	}
	done, err := p.Store.ErasedSources(ctx, r.ID, e.Round)
	if err != nil {
		return err
	}
	next, records := "", 0
	for _, h := range holdings {
		if slices.ContainsFunc(done, func(d store.ErasedSource) bool { return d.Source == h.Source }) || next != "" && h.Source != next {
			continue
		}
		if fate := p.fate(h); fate.ByHand || fate.Record == sources.EraseKeep { // nothing of it is the machine's
			continue
		}
		next, records = h.Source, records+len(h.IDs)
	}
	if next == "" {
		e.State, e.NextAt = "checking", p.Now()
		return p.Store.Write(ctx, func(tx *store.Tx) error { return tx.UpdateErasure(e) })
	}
	if err := p.Sources.Erase(ctx, next, holdings); err != nil {
		return err
	}
	e.Attempts, e.Source, e.Trouble, e.NextAt = 0, "", "", p.Now()
	facts := map[string]string{"source": next, "records": strconv.Itoa(records)}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.InsertErasedSource(r.ID, e.Round, store.ErasedSource{Source: next, Records: records, At: p.Now()}); err != nil {
			return err
		}
		if err := tx.UpdateErasure(e, p.entry(rights.System, "erasure.source", r.Subject, r.ID, facts)); err != nil {
			return err
		}
		if err := p.settleErased(ctx, tx, r, next, holdings); err != nil {
			return err
		}
		return tx.InsertEvent(p.event(rights.System, r.ID, "erased_in", facts))
	})
}

// settleErased ticks the task of a source in which nothing is left to do by hand.
func (p *Portal) settleErased(ctx context.Context, tx *store.Tx, r rights.Request, source string, holdings []sources.Holdings) error {
	if p.Sources.Manual(source) || slices.ContainsFunc(holdings, func(h sources.Holdings) bool { return h.Source == source && p.fate(h).ByHand }) {
		return nil
	}
	return p.settleTasks(ctx, tx, r, func(of string) bool { return of == source })
}

// settleTasks ticks what was to be done by hand in those sources for the right that a request is of.
func (p *Portal) settleTasks(ctx context.Context, tx *store.Tx, r rights.Request, in func(source string) bool) error {
	tasks, err := tx.TasksOf(ctx, r.ID)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if t.State != rights.TaskOpen || t.Kind != string(r.Right) || !in(t.Source) {
			continue
		}
		t.State, t.DoneAt = rights.TaskDone, p.Now()
		facts := map[string]string{"task": t.ID, "source": t.Source, "state": string(t.State)}
		if err := tx.UpdateTask(t, p.entry(rights.System, "task.settled", r.Subject, r.ID, facts)); err != nil {
			return err
		}
	}
	return nil
}

// leaveToOfficers ends what the machine does: people look, with the tasks that the request has from the first.
func (p *Portal) leaveToOfficers(ctx context.Context, r rights.Request, e store.Erasure, why string) error {
	e.State, e.Source, e.Trouble = "by_hand", "", why
	facts := map[string]string{"why": why}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.UpdateErasure(e, p.entry(rights.System, "erasure.by_hand", r.Subject, r.ID, facts)); err != nil {
			return err
		}
		return p.keepPrivate(tx, rights.System, r, "erase_by_hand", facts, "")
	})
}

// erasureWaits puts the next attempt off, ever longer. The first failure stands in the history; the request's page shows
// what is the matter now.
func (p *Portal) erasureWaits(ctx context.Context, r rights.Request, e store.Erasure, trouble *sources.SourceError) error {
	e.NextAt, e.Attempts = p.Now().Add(pause(e.Attempts)), e.Attempts+1
	e.Source, e.Trouble = trouble.Source, string(trouble.Kind)
	p.Log.Warn("erasure waits for a source", "request", r.ID, "attempt", e.Attempts, "error", trouble)
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if e.Attempts > 1 {
			return tx.UpdateErasure(e)
		}
		facts := map[string]string{"source": trouble.Source, "trouble": string(trouble.Kind)}
		if err := tx.UpdateErasure(e, p.entry(rights.System, "erasure.waits", r.Subject, r.ID, facts)); err != nil {
			return err
		}
		return p.keepPrivate(tx, rights.System, r, "erasure_waits", facts, "")
	})
}

func (p *Portal) postpone(ctx context.Context, e store.Erasure, until time.Time) error {
	e.NextAt = until
	return p.Store.Write(ctx, func(tx *store.Tx) error { return tx.UpdateErasure(e) })
}
