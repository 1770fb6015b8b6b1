package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"habeas/mail"
	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// FlagNext takes one step of what flags leave to do: one that falls today, or one source that is to be told. It returns false when
// there is none.
func (p *Portal) FlagNext(ctx context.Context) (had bool, err error) {
	lift, err := p.Store.NextFlagLift(ctx, p.Now())
	if err == nil {
		return true, p.fall(ctx, lift)
	}
	if !errors.Is(err, rights.ErrNotFound) {
		return false, err
	}
	w, err := p.Store.NextFlagWrite(ctx, p.Now())
	if errors.Is(err, rights.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = p.tellSource(ctx, w)
	var trouble *sources.SourceError
	switch {
	case err == nil, ctx.Err() != nil:
		return true, err
	case errors.Is(err, rights.ErrConflict): // something else stands by now: it is told at the next step
		return true, nil
	case errors.As(err, &trouble):
		return true, p.flagWaits(ctx, w, trouble)
	}
	w.NextAt, w.Attempts = p.Now().Add(pause(w.Attempts)), w.Attempts+1 // so that it holds up no other
	return true, errors.Join(err, p.Store.Write(ctx, func(tx *store.Tx) error { return tx.UpdateFlagWrite(w) }))
}

// fall lowers a flag whose person was told that it would.
func (p *Portal) fall(ctx context.Context, l store.FlagLift) error {
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(ctx, l.Request)
		if err != nil {
			return err
		}
		if err := tx.EndFlagLift(l.ID); err != nil {
			return err
		}
		return p.lower(ctx, tx, rights.System, r, l.Kind, "")
	})
}

// tellSource writes into one source what stands of one kind of flag, and settles what was to be done there.
func (p *Portal) tellSource(ctx context.Context, w store.FlagWrite) error {
	events, person, err := p.flagged(ctx, w)
	if errors.Is(err, rights.ErrGone) { // whose key is destroyed has nothing left to mark
		w.State = "written"
		return p.Store.Write(ctx, func(tx *store.Tx) error { return tx.UpdateFlagWrite(w) })
	}
	if err != nil {
		return err
	}
	raised := slices.ContainsFunc(rights.FlagsOf(events), func(f rights.Flag) bool { return f.Kind == w.Kind })
	byHand := person.Nobody() || !slices.Contains(p.Sources.FlagSources(w.Kind), w.Source) // or the map has changed since
	if !byHand {
		err = p.Sources.SetFlag(ctx, person, w.Source, w.Kind, raised)
		byHand = errors.Is(err, sources.ErrUnsettled)
	}
	if err != nil && !byHand {
		return err
	}
	r, err := p.Store.Request(ctx, w.Request)
	if err != nil {
		return err
	}
	facts := map[string]string{"source": w.Source, "flag": string(w.Kind)}
	w.Attempts, w.Trouble = 0, ""
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(ctx, r.ID)
		if err != nil {
			return err
		}
		theirs, err := sameHead(ctx, tx, r.Subject, w.Subject)
		if err != nil {
			return err
		}
		if !theirs { // they were one with whoever asked, and are not: what is cleared there is no step of that request
			w.State, w.WrittenAt = "written", p.Now()
			act := "flag.written"
			if byHand {
				w.State, w.WrittenAt, act = "by_hand", time.Time{}, "flag.by_hand"
			}
			return tx.UpdateFlagWrite(w, p.entry(rights.System, act, w.Subject, "", facts))
		}
		if byHand {
			w.State = "by_hand"
			if err := tx.UpdateFlagWrite(w, p.entry(rights.System, "flag.by_hand", r.Subject, r.ID, facts)); err != nil {
				return err
			}
			return p.flagByHand(tx, r, facts)
		}
		w.State, w.WrittenAt = "written", p.Now()
		if err := tx.UpdateFlagWrite(w, p.entry(rights.System, "flag.written", r.Subject, r.ID, facts)); err != nil {
			return err
		}
		kind := "flagged_in"
		if !raised {
			kind = "unflagged_in"
		}
		if err := tx.InsertEvent(p.event(rights.System, r.ID, kind, facts)); err != nil || w.Kind == rights.Closed || !raised {
			return err // what closing an account owes beside the flag is to erase
		}
		if err := p.settleTasks(ctx, tx, r, func(of string) bool { return of == w.Source }); err != nil {
			return err
		}
		_, err = p.conclude(ctx, tx, r)
		return err
	})
}

// sameHead reports whether two subjects are shown as one person.
func sameHead(ctx context.Context, tx *store.Tx, a, b string) (bool, error) {
	one, err := tx.HeadOf(ctx, a)
	if err != nil {
		return false, err
	}
	other, err := tx.HeadOf(ctx, b)
	return one == other, err
}

// flagged returns the ledger of the person that a source is told of, and who they are in the sources.
func (p *Portal) flagged(ctx context.Context, w store.FlagWrite) (events []rights.FlagEvent, person sources.Person, err error) {
	head, err := p.Store.HeadOf(ctx, w.Subject)
	if err != nil {
		return nil, person, err
	}
	s, err := p.Store.Subject(ctx, head)
	if err != nil {
		return nil, person, err
	}
	if person, err = p.whole(ctx, s); err != nil {
		return nil, person, err
	}
	events, err = p.Store.FlagEvents(ctx, head)
	return events, person, err
}

// flagByHand leaves a source to officers. A request that is closed is taken up again: it is not answered while its data are used.
func (p *Portal) flagByHand(tx *store.Tx, r rights.Request, facts map[string]string) error {
	if r.State == rights.Fulfilled && r.Right.Tasked() {
		if _, err := p.move(tx, rights.System, r, rights.InProgress, "reopened", nil); err != nil {
			return err
		}
	}
	return p.keepPrivate(tx, rights.System, r, "flag_by_hand", facts, "")
}

// conclude answers an open request that the person's own word has met, once nothing is left to do for it.
func (p *Portal) conclude(ctx context.Context, tx *store.Tx, r rights.Request) (rights.Request, error) {
	if !r.State.Open() || r.State == rights.Paused {
		return r, nil
	}
	events, err := tx.Events(ctx, r.ID)
	if err != nil {
		return r, err
	}
	w, err := p.wordOf(r, purposesOf(events))
	if err != nil || w.kind == "" || w.rest {
		return r, err
	}
	tasks, err := tx.TasksOf(ctx, r.ID)
	if err != nil || slices.ContainsFunc(tasks, func(t rights.Task) bool { return t.State == rights.TaskOpen }) {
		return r, err
	}
	why, err := p.obstacle(ctx, tx, r)
	if err != nil || why != "" {
		return r, err
	}
	return p.move(tx, rights.System, r, rights.Fulfilled, "fulfilled", nil)
}

// concludeByHand does the same after a task that people have done, and tells the person, who was told that some were left.
func (p *Portal) concludeByHand(ctx context.Context, tx *store.Tx, s store.Subject, r rights.Request) (rights.Request, error) {
	was := r.State
	r, err := p.conclude(ctx, tx, r)
	if err != nil || r.State == was {
		return r, err
	}
	return r, p.write(tx, s, r, fmt.Sprintf("fulfilled %d", r.Version), mail.Fulfilled{Ref: r.Ref, Right: r.Called()})
}

// flagWaits puts the next attempt off, ever longer. The first failure stands in the history.
func (p *Portal) flagWaits(ctx context.Context, w store.FlagWrite, trouble *sources.SourceError) error {
	r, err := p.Store.Request(ctx, w.Request)
	if err != nil {
		return err
	}
	w.NextAt, w.Attempts, w.Trouble = p.Now().Add(pause(w.Attempts)), w.Attempts+1, string(trouble.Kind)
	p.Log.Warn("a flag waits for a source", "request", r.ID, "attempt", w.Attempts, "error", trouble)
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if w.Attempts > 1 {
			return tx.UpdateFlagWrite(w)
		}
		facts := map[string]string{"source": trouble.Source, "trouble": string(trouble.Kind)}
		if err := tx.UpdateFlagWrite(w, p.entry(rights.System, "flag.waits", r.Subject, r.ID, facts)); err != nil {
			return err
		}
		return p.keepPrivate(tx, rights.System, r, "flag_waits", facts, "")
	})
}

// tellAgain has the sources told what stands for a person, who has more records than when they were told.
func (p *Portal) tellAgain(ctx context.Context, tx *store.Tx, subject string) error {
	events, err := tx.FlagEvents(ctx, subject)
	if err != nil {
		return err
	}
	standing := rights.FlagsOf(events)
	for _, e := range events {
		if _, stands := standing.Of(e.Kind, e.Purpose); !e.Raised || !stands {
			continue
		}
		if err := tx.QueueFlagWrites(subject, e.Request, e.Kind, p.Sources.FlagSources(e.Kind), p.Now()); err != nil {
			return err
		}
	}
	return nil
}
