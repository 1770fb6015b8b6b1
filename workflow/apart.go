package workflow

import (
	"context"
	"errors"
	"slices"

	"habeas/rights"
	"habeas/store"
)

// What becomes of what was decided and begun for two who were one, once they are two again. Nobody says for whom of them it was
// meant, so what protects stands for each, and what takes away begins anew.

// shared is what stood for two while they were one.
type shared struct {
	holds []store.Hold // placed since then
	flags []rights.FlagEvent
}

func (p *Portal) sharedBy(ctx context.Context, tx *store.Tx, m store.Merge, head string) (out shared, err error) {
	if !m.One {
		return out, nil
	}
	holds, err := tx.Holds(ctx, head)
	if err != nil {
		return out, err
	}
	out.holds = slices.DeleteFunc(holds, func(h store.Hold) bool { return !h.LiftedAt.IsZero() || h.At.Before(m.At) })
	out.flags, err = tx.FlagEvents(ctx, head)
	return out, err
}

// divide gives each of the two their part: a hold that was placed on both holds both, and the sources are told what each has chosen.
func (p *Portal) divide(ctx context.Context, tx *store.Tx, by rights.Actor, m store.Merge, head string, was shared) error {
	for _, h := range was.holds {
		one, err := tx.HeadOf(ctx, h.Subject)
		if err != nil {
			return err
		}
		other := head
		if one == head {
			other = m.Gone
		}
		again := h
		again.ID, again.Subject, again.At = p.newID(), other, p.Now()
		facts := map[string]string{"hold": again.ID, "ground": h.Ground, "review": h.ReviewOn.String(), "merge": m.ID}
		err = tx.InsertHold(again, p.entry(by, "hold.placed", other, "", facts))
		if err != nil && !errors.Is(err, rights.ErrGone) { // of whoever is erased nothing is left to hold
			return err
		}
	}
	for _, one := range []string{m.Gone, head} {
		if err := p.tellApart(ctx, tx, one, was.flags, m); err != nil {
			return err
		}
	}
	return nil
}

// tellApart has the sources told what stands for one of the two of all that stood, or changed, while they were one.
func (p *Portal) tellApart(ctx context.Context, tx *store.Tx, one string, was []rights.FlagEvent, m store.Merge) error {
	own, err := tx.FlagEvents(ctx, one)
	if err != nil {
		return err
	}
	standing := rights.FlagsOf(was)
	for _, kind := range rights.FlagKinds {
		touched := slices.ContainsFunc(standing, func(f rights.Flag) bool { return f.Kind == kind })
		request := ""
		for _, e := range slices.Concat(was, own) { // of whose is their own, the last
			if e.Kind == kind {
				request, touched = e.Request, touched || !e.At.Before(m.At)
			}
		}
		if !touched {
			continue
		}
		if err := tx.QueueFlagWrites(one, request, kind, p.Sources.FlagSources(kind), p.Now()); err != nil {
			return err
		}
	}
	return nil
}

// eraseAnew has the erasures of somebody who turned out to be two noted anew: what was noted is the data of both. Where something has
// gone already, what led to the rest may have gone with it, and people look.
func (p *Portal) eraseAnew(ctx context.Context, tx *store.Tx, subject string) error {
	begun, err := tx.BegunErasures(ctx, subject)
	if err != nil {
		return err
	}
	for _, e := range begun {
		r, err := tx.Request(ctx, e.Request)
		if err != nil {
			return err
		}
		if err := tx.ForgetNoted(r.ID, rights.Erasure); err != nil {
			return err
		}
		gone, err := tx.HasErased(ctx, r.ID)
		if err != nil {
			return err
		}
		e.State, e.Holdings, e.Attempts, e.Source, e.Trouble, e.NextAt = "waiting", "", 0, "", "", p.Now()
		if !gone {
			if err := tx.UpdateErasure(e, p.entry(rights.System, "erasure.anew", r.Subject, r.ID, nil)); err != nil {
				return err
			}
			continue
		}
		e.State, e.Trouble = "by_hand", "apart"
		facts := map[string]string{"why": e.Trouble}
		if err := tx.UpdateErasure(e, p.entry(rights.System, "erasure.by_hand", r.Subject, r.ID, facts)); err != nil {
			return err
		}
		if err := p.keepPrivate(tx, rights.System, r, "erase_by_hand", facts, ""); err != nil {
			return err
		}
	}
	return nil
}
