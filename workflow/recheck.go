package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// What an erasure left is looked at again by itself: what was kept for a span goes when it ends, copies are crossed off when
// they have been overwritten, and for as long as such a copy may be restored it is looked every day whether what is gone has
// come back.

const (
	lookBack  = 24 * time.Hour // between two looks whether something has come back
	heldAgain = 24 * time.Hour // until it is asked again whether a dispute still needs what is kept
)

// watchFor is how long it is looked whether something comes back where the map names no copies.
var watchFor = rights.Period{Days: 90}

// noted is what is to be looked at again after an erasure. What an earlier one of the same request kept, is kept from then.
func (p *Portal) noted(r rights.Request, holdings []sources.Holdings, before []store.Residue) ([]store.Residue, error) {
	var out []store.Residue
	for _, source := range p.Sources.Sources() {
		since := p.today()
		for _, b := range before {
			if b.Source == source && b.Kind == "kept" {
				since = b.ErasedOn
			}
		}
		found, err := p.notedIn(source, ofSource(holdings, source), since)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	for i := range out {
		d := &out[i]
		d.ID, d.Request, d.State, d.NextAt = p.newID(), r.ID, "stands", p.dayAfter(d.Until)
		if d.Kind == "gone" {
			d.NextAt = p.Now().Add(lookBack)
		}
	}
	return out, nil
}

// notedIn is the part of one source.
func (p *Portal) notedIn(source string, holdings []sources.Holdings, since rights.Date) (out []store.Residue, err error) {
	today := p.today()
	kept := store.Residue{Kind: "kept", Source: source, ErasedOn: since}
	gone := store.Residue{Kind: "gone", Source: source, ErasedOn: today, Until: today.Plus(watchFor)}
	var keeps, goes []sources.Holdings
	for _, h := range holdings {
		fate := p.fate(h)
		if fate.ByHand {
			continue
		}
		if until := p.Sources.KeptUntil(fate.Collection, since, today); !until.IsZero() {
			keeps, kept.Until = append(keeps, h), earlier(kept.Until, until)
		}
		if fate.Record != sources.EraseKeep && fate.Collection.Person {
			goes = append(goes, h)
		}
	}
	if len(p.touched(holdings)) > 0 {
		for i, c := range p.Sources.Copies(source) {
			last := today.Plus(c.For)
			out = append(out, store.Residue{Kind: "copy", Source: source, Copy: i, ErasedOn: today, Until: last})
			if last.After(gone.Until) {
				gone.Until = last
			}
		}
	}
	if len(keeps) > 0 {
		if kept.Holdings, err = asJSON(keeps); err != nil {
			return nil, err
		}
		out = append(out, kept)
	}
	if len(goes) > 0 {
		if gone.Holdings, err = asJSON(goes); err != nil {
			return nil, err
		}
		out = append(out, gone)
	}
	return out, nil
}

func ofSource(holdings []sources.Holdings, source string) (out []sources.Holdings) {
	for _, h := range holdings {
		if h.Source == source {
			out = append(out, h)
		}
	}
	return out
}

// earlier is the first of two days, of which the zero Date is none.
func earlier(a, b rights.Date) rights.Date {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// dayAfter is when a day is over where the house is.
func (p *Portal) dayAfter(d rights.Date) time.Time { return d.AddDays(1).In(p.Location) }

// RecheckNext looks at one thing that an erasure left and that is due. It returns false when none is.
func (p *Portal) RecheckNext(ctx context.Context) (had bool, err error) {
	d, err := p.Store.NextResidue(ctx, p.Now())
	if err != nil {
		return false, ignoreNotFound(err)
	}
	r, err := p.Store.Request(ctx, d.Request)
	if err != nil {
		return false, err
	}
	d.At = p.Now()
	look := map[string]func(context.Context, rights.Request, store.Residue) error{
		"kept": p.endKept, "copy": p.endCopy, "gone": p.watchGone, "import": p.forgetImported,
	}[d.Kind]
	err = look(ctx, r, d)
	switch {
	case err == nil, ctx.Err() != nil:
		return true, err
	case errors.Is(err, rights.ErrConflict): // an erasure that runs again has noted it anew
		return true, nil
	}
	d.NextAt, d.Attempts = p.Now().Add(pause(d.Attempts)), d.Attempts+1
	var trouble *sources.SourceError
	if errors.As(err, &trouble) {
		p.Log.Warn("what is left cannot be looked at", "request", r.ID, "attempt", d.Attempts, "error", trouble)
		err = nil
	}
	return true, errors.Join(err, p.Store.Write(ctx, func(tx *store.Tx) error { return tx.UpdateResidue(d) }))
}

// endKept erases what was kept until now. A dispute that needs it keeps it for longer.
func (p *Portal) endKept(ctx context.Context, r rights.Request, d store.Residue) error {
	_, err := p.Store.Held(ctx, r.Subject)
	if err == nil {
		d.NextAt = p.Now().Add(heldAgain)
		return p.Store.Write(ctx, func(tx *store.Tx) error { return tx.UpdateResidue(d) })
	}
	if !errors.Is(err, rights.ErrNotFound) {
		return err
	}
	holdings, err := fromJSON[[]sources.Holdings](d.Holdings)
	if err != nil {
		return err
	}
	today := p.today()
	known := slices.DeleteFunc(slices.Clone(holdings), func(h sources.Holdings) bool { return !p.Sources.Leads(h) })
	if err := p.Sources.EraseLapsed(ctx, d.Source, known, d.ErasedOn, today); err != nil {
		return err
	}
	facts := map[string]string{"source": d.Source, "until": d.Until.String()}
	d.State, d.Until, d.Attempts = "over", rights.Date{}, 0
	byHand := len(known) < len(holdings) // the map has changed since
	for _, h := range known {
		fate := p.fate(h)
		byHand = byHand || fate.ByHand
		if next := p.Sources.KeptUntil(fate.Collection, d.ErasedOn, today); !next.IsZero() {
			d.Until = earlier(d.Until, next)
		}
		if p.Sources.KeepsAfter(fate.Collection, d.ErasedOn, today) {
			d.State = "left"
		}
	}
	kind, act := "kept_over", "residue.ended"
	switch {
	case byHand:
		d.State, kind, act = "left", "kept_left", "residue.left"
	case !d.Until.IsZero():
		d.State, d.NextAt = "stands", p.dayAfter(d.Until)
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.UpdateResidue(d, p.entry(rights.System, act, r.Subject, r.ID, facts)); err != nil {
			return err
		}
		if byHand {
			n := notice{kind: rights.AlertKept, request: r, dedupe: "kept " + d.ID}
			if err := p.notifyWhoMay(ctx, tx, rights.HandleRequest, n); err != nil {
				return err
			}
			return p.keepPrivate(tx, rights.System, r, kind, facts, "")
		}
		return tx.InsertEvent(p.event(rights.System, r.ID, kind, facts))
	})
}

// endCopy crosses a copy off once it has been overwritten, as the map says.
func (p *Portal) endCopy(ctx context.Context, r rights.Request, d store.Residue) error {
	d.State = "over"
	facts := map[string]string{"source": d.Source, "until": d.Until.String()}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.UpdateResidue(d, p.entry(rights.System, "residue.copy_ended", r.Subject, r.ID, facts))
	})
}

// watchGone looks whether a backup brought back what was erased. Then it is erased again, without anybody asking.
func (p *Portal) watchGone(ctx context.Context, r rights.Request, d store.Residue) error {
	holdings, err := fromJSON[[]sources.Holdings](d.Holdings)
	if err != nil {
		return err
	}
	marks, err := p.Sources.Marks(ctx, holdings)
	if err != nil {
		return err
	}
	back, err := p.Store.Tombstones(ctx, marks)
	if err != nil {
		return err
	}
	d.Attempts, d.NextAt = 0, p.Now().Add(lookBack)
	if back == 0 && p.today().After(d.Until) {
		d.State = "over"
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if back == 0 {
			return tx.UpdateResidue(d)
		}
		e, err := tx.ErasureOf(ctx, r.ID)
		if err != nil {
			return err
		}
		if e.State != "done" { // it is on its way already
			return tx.UpdateResidue(d)
		}
		facts := map[string]string{"source": d.Source}
		if err := tx.UpdateResidue(d, p.entry(rights.System, "erasure.came_back", r.Subject, r.ID, facts)); err != nil {
			return err
		}
		if err := tx.EraseAgain(r.ID, p.Now()); err != nil {
			return err
		}
		n := notice{kind: rights.AlertBack, request: r, dedupe: fmt.Sprintf("back %s %d", r.ID, e.Round)}
		if err := p.notifyWhoMay(ctx, tx, rights.HandleRequest, n); err != nil {
			return err
		}
		return tx.InsertEvent(p.event(rights.System, r.ID, "came_back", facts))
	})
}

// erasedByHand notes that people erased somebody in a system of which the portal holds an export: the export goes, too, and
// the next one does not bring them back.
func (p *Portal) erasedByHand(tx *store.Tx, r rights.Request, t rights.Task) error {
	if t.Kind != string(rights.Erasure) || t.State != rights.TaskDone || !p.Sources.Imported(t.Source) {
		return nil
	}
	return tx.InsertResidues(r.ID, store.Residue{
		ID: p.newID(), Kind: "import", Source: t.Source, ErasedOn: p.today(), State: "stands", NextAt: p.Now(),
	})
}

// forgetImported takes what was erased in a system out of the portal's own export of it.
func (p *Portal) forgetImported(ctx context.Context, r rights.Request, d store.Residue) error {
	holdings, err := p.heldIn(ctx, r, d.Source)
	if errors.Is(err, sources.ErrUnsettled) { // nobody can tell which records of the export are theirs
		d.State = "left"
		return p.Store.Write(ctx, func(tx *store.Tx) error { return tx.UpdateResidue(d) })
	}
	if err != nil {
		return err
	}
	if err := p.Sources.Forget(ctx, d.Source, holdings, p.Now()); err != nil {
		return err
	}
	d.State = "over"
	facts := map[string]string{"source": d.Source}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.UpdateResidue(d, p.entry(rights.System, "erasure.forgotten", r.Subject, r.ID, facts)); err != nil {
			return err
		}
		return p.keepPrivate(tx, rights.System, r, "forgotten", facts, "")
	})
}

// heldIn is what a source holds of the person of an erasure: as it was noted before anything went, or as it is now where a
// machine began nothing.
func (p *Portal) heldIn(ctx context.Context, r rights.Request, source string) ([]sources.Holdings, error) {
	e, err := p.Store.ErasureOf(ctx, r.ID)
	if err != nil && !absent(err) {
		return nil, err
	}
	if e.Holdings != "" {
		noted, err := fromJSON[[]sources.Holdings](e.Holdings)
		return ofSource(noted, source), err
	}
	s, err := p.Store.Subject(ctx, r.Subject)
	if err != nil {
		return nil, err
	}
	person, err := p.whole(ctx, s)
	if err != nil {
		return nil, err
	}
	now, err := p.Sources.Holdings(ctx, person)
	return ofSource(now, source), err
}
