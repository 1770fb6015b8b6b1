package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"habeas/mail"
	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// checkErased reads back whether what should be gone is gone, and whether more has appeared meanwhile; then it reports.
func (p *Portal) checkErased(ctx context.Context, r rights.Request, e store.Erasure) error {
	holdings, err := fromJSON[[]sources.Holdings](e.Holdings)
	if err != nil {
		return err
	}
	left, err := p.Sources.Remains(ctx, holdings)
	if err != nil {
		return err
	}
	s, err := p.Store.Subject(ctx, r.Subject)
	if err != nil {
		return err
	}
	person, err := p.whole(ctx, s)
	if err != nil {
		return err
	}
	now, err := p.Sources.Holdings(ctx, person)
	if err != nil && !errors.Is(err, sources.ErrUnsettled) {
		return err
	}
	holdings, more := p.alsoHeld(holdings, now)
	if len(left) > 0 || more {
		if e.Round == erasureRounds {
			return p.leaveToOfficers(ctx, r, e, "remains")
		}
		e.Round++
		e.State, e.NextAt = "erasing", p.Now()
		if e.Holdings, err = asJSON(holdings); err != nil {
			return err
		}
		return p.Store.Write(ctx, func(tx *store.Tx) error {
			if _, err := p.noteHeld(tx, r, rights.Erasure, person, holdings); err != nil {
				return err
			}
			return tx.UpdateErasure(e)
		})
	}
	return p.reportErased(ctx, s, r, e, holdings)
}

// alsoHeld adds what is found now to what was noted, and reports whether a machine has something to do about it.
func (p *Portal) alsoHeld(noted, now []sources.Holdings) (all []sources.Holdings, more bool) {
	all = slices.Clone(noted)
	for _, h := range now {
		i := slices.IndexFunc(all, func(o sources.Holdings) bool { return o.Source == h.Source && o.Collection == h.Collection })
		if i < 0 {
			all = append(all, sources.Holdings{Source: h.Source, Collection: h.Collection, Key: h.Key})
			i = len(all) - 1
		}
		known := map[string]bool{}
		for _, id := range all[i].IDs {
			known[id] = true
		}
		fate := p.fate(h)
		ids := slices.Clone(all[i].IDs)
		for _, id := range h.IDs {
			if !known[id] {
				ids = append(ids, id)
				more = more || !fate.ByHand && fate.Record != sources.EraseKeep
			}
		}
		all[i].IDs = ids
	}
	return all, more
}

// reportErased ends an erasure: what is left, where and why is written down and told.
func (p *Portal) reportErased(ctx context.Context, s store.Subject, r rights.Request, e store.Erasure, holdings []sources.Holdings) error {
	before, err := p.Store.ResiduesOf(ctx, r.ID)
	if err != nil {
		return err
	}
	residue := p.residue(holdings)
	text, err := asJSON(residue)
	if err != nil {
		return err
	}
	noted, err := p.noted(r, holdings, before)
	if err != nil {
		return err
	}
	e.State, e.Residue, e.DoneAt = "done", text, p.Now()
	facts := map[string]string{"left": strconv.Itoa(len(residue))}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := p.unchanged(ctx, tx, r); err != nil {
			return err
		}
		if err := tx.UpdateErasure(e, p.entry(rights.System, "erasure.done", r.Subject, r.ID, facts)); err != nil {
			return err
		}
		if err := tx.ReplaceResidues(r.ID, noted); err != nil {
			return err
		}
		letter := mail.Erased{Ref: r.Ref, Left: p.kept(residue, r.Language)}
		if !r.State.Open() { // it came back, and is gone again
			if err := tx.InsertEvent(p.event(rights.System, r.ID, "erased_again", facts)); err != nil {
				return err
			}
			return p.write(tx, s, r, fmt.Sprintf("erased %d", e.Round), letter)
		}
		for _, source := range p.Sources.Sources() { // where nothing was held, or all of it is kept
			if err := p.settleErased(ctx, tx, r, source, holdings); err != nil {
				return err
			}
		}
		tasks, err := tx.TasksOf(ctx, r.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(tasks, func(t rights.Task) bool { return t.State == rights.TaskOpen && t.Kind != rights.TaskRecipient }) {
			return tx.InsertEvent(p.event(rights.System, r.ID, "erased_by_machine", facts)) // the rest is for officers
		}
		if r, err = p.move(tx, rights.System, r, rights.Fulfilled, "erased", facts); err != nil {
			return err
		}
		if err := p.passOn(tx, r); err != nil { // of what people did before
			return err
		}
		return p.write(tx, s, r, fmt.Sprintf("erased %d", e.Round), letter)
	})
}
