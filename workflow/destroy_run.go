package workflow

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// underWay is what a destruction has before it: the records of the batch that is noted, and after which record the next begins.
type underWay struct {
	After string   `json:"after,omitempty"`
	IDs   []string `json:"ids,omitempty"`
}

// DestroyNext takes one step of the approved destruction that is first in order: what hangs on records goes before them.
func (p *Portal) DestroyNext(ctx context.Context) (had bool, err error) {
	open, err := p.Store.OpenDestructions(ctx)
	if err != nil {
		return false, err
	}
	rules := p.Sources.Rules()
	place := func(d store.Destruction) int {
		return slices.IndexFunc(rules, func(r sources.Rule) bool {
			return r.Collection.Source() == d.Source && r.Collection.Name == d.Collection
		})
	}
	next := -1
	for i, d := range open {
		if d.State == "approved" && !p.Now().Before(d.NextAt) && (next < 0 || place(d) < place(open[next])) {
			next = i
		}
	}
	if next < 0 {
		return false, nil
	}
	d, err := readDestruction(open[next])
	if err != nil {
		return false, err
	}
	err = p.destroyStep(ctx, d)
	kind := troubleOf(err)
	switch {
	case errors.Is(err, rights.ErrConflict): // somebody was at it at the same moment
		return true, nil
	case err == nil, ctx.Err() != nil:
		return err == nil, err
	case kind == "": // nobody knows what it is: it is told, and holds up no other
		return true, errors.Join(err, p.destructionWaits(ctx, d.Destruction, string(sources.Broken), err))
	}
	return true, p.destructionWaits(ctx, d.Destruction, kind, err)
}

// destroyStep notes the next batch, or destroys the one that is noted, or ends.
func (p *Portal) destroyStep(ctx context.Context, d Destruction) error {
	work, err := fromOptionalJSON[underWay](d.Work)
	if err != nil {
		return err
	}
	r, ok := p.Sources.Rule(d.Source, d.Collection)
	changed := !ok || !p.ruleWords(r).same(d.Rule)
	switch {
	case changed && len(work.IDs) > 0: // nobody can say what became of them until the rule is there again
		return &sources.SourceError{Source: d.Source, Collection: d.Collection, Kind: sources.Changed}
	case changed: // nobody has approved what the map says now
		return p.endDestruction(ctx, d.Destruction)
	case len(work.IDs) > 0:
		return p.destroyBatch(ctx, d.Destruction, r, work)
	}
	ids, err := p.Sources.Due(ctx, r, d.DueOn, work.After, destroyedAtOnce)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return p.endDestruction(ctx, d.Destruction)
	}
	var why []rights.Entry
	if d.BegunAt.IsZero() {
		d.BegunAt = p.Now()
		why = append(why, p.entry(rights.System, "destruction.begun", "", "", destructionFacts(d.Destruction, d.Found.Due)))
	}
	return p.noteWork(ctx, d.Destruction, underWay{After: ids[len(ids)-1], IDs: ids}, func(*store.Tx) error { return nil }, why...)
}

// noteWork writes down how far a destruction has come, after a step that did not fail.
func (p *Portal) noteWork(ctx context.Context, d store.Destruction, work underWay, also func(*store.Tx) error, why ...rights.Entry) (err error) {
	if d.Work, err = asJSON(work); err != nil {
		return err
	}
	d.NextAt, d.Attempts, d.Trouble = p.Now(), 0, ""
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := also(tx); err != nil {
			return err
		}
		return tx.UpdateDestruction(d, why...)
	})
}

// destroyBatch destroys the records that are noted, except those of people who are spared now, whatever held when they were noted.
func (p *Portal) destroyBatch(ctx context.Context, d store.Destruction, r sources.Rule, work underWay) error {
	spared, err := p.spared(ctx, r)
	if err != nil {
		return err
	}
	out, err := p.Sources.Destroy(ctx, r, work.IDs, spared, d.DueOn, p.Now())
	if err != nil {
		return err
	}
	for _, id := range work.IDs {
		if spared[id] {
			d.Spared++
		}
	}
	d.Destroyed, d.Young, d.Refused = d.Destroyed+len(out.Done), d.Young+out.Young, d.Refused+out.Refused
	why := p.entry(rights.System, "destruction.batch", "", "", destructionFacts(d, len(out.Done)))
	return p.noteWork(ctx, d, underWay{After: work.After}, func(tx *store.Tx) error { return tx.AddDestroyed(d, out.Done) }, why)
}

// endDestruction writes the record, which nobody can change any more.
func (p *Portal) endDestruction(ctx context.Context, d store.Destruction) error {
	d.Work, d.Trouble = "", ""
	if d.BegunAt.IsZero() {
		d.State = "lapsed"
		return p.Store.Write(ctx, func(tx *store.Tx) error {
			return tx.UpdateDestruction(d, p.entry(rights.System, "destruction.lapsed", "", "", destructionFacts(d, 0)))
		})
	}
	d.State, d.DoneAt = "done", p.Now()
	return p.Store.Write(ctx, func(tx *store.Tx) (err error) {
		if d.SHA256, err = tx.SumDestroyed(ctx, d); err != nil {
			return err
		}
		facts := destructionFacts(d, d.Destroyed)
		for key, n := range map[string]int{"spared": d.Spared, "young": d.Young, "refused": d.Refused} {
			facts[key] = strconv.Itoa(n)
		}
		facts["sha256"] = d.SHA256
		return tx.UpdateDestruction(d, p.entry(rights.System, "destruction.done", "", "", facts))
	})
}

// destructionWaits puts the next attempt off, ever longer; the page shows what is the matter.
func (p *Portal) destructionWaits(ctx context.Context, d store.Destruction, kind string, err error) error {
	d.NextAt, d.Attempts, d.Trouble = p.Now().Add(pause(d.Attempts)), d.Attempts+1, kind
	p.Log.Warn("a destruction waits for a source", "destruction", d.ID, "attempt", d.Attempts, "error", err)
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if d.Attempts > 1 {
			return tx.UpdateDestruction(d)
		}
		facts := destructionFacts(d, d.Destroyed)
		facts["trouble"] = kind
		return tx.UpdateDestruction(d, p.entry(rights.System, "destruction.waits", "", "", facts))
	})
}
