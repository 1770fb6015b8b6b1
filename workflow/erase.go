package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"habeas/mail"
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
	if !r.State.Open() { // taken back, stopped, refused, or answered by hand
		e.State = "dropped"
		return true, p.Store.Write(ctx, func(tx *store.Tx) error {
			return tx.UpdateErasure(e, p.entry(rights.System, "erasure.dropped", r.Subject, r.ID, nil))
		})
	}
	step := map[string]func(context.Context, rights.Request, store.Erasure) error{
		"waiting": p.beginErasure, "erasing": p.eraseSource, "checking": p.checkErased,
	}[e.State]
	err = step(ctx, r, e)
	var trouble *sources.SourceError
	switch {
	case errors.Is(err, rights.ErrConflict): // somebody was at the request at the same moment
		return true, nil
	case errors.As(err, &trouble):
		return true, p.erasureWaits(ctx, r, e, trouble)
	}
	return true, err
}

// beginErasure notes what there is to erase, when nothing stands in the way.
func (p *Portal) beginErasure(ctx context.Context, r rights.Request, e store.Erasure) error {
	now := p.Now()
	if now.Before(r.NotBefore) {
		return p.postpone(ctx, e, r.NotBefore)
	}
	s, err := p.Store.Subject(ctx, r.Subject)
	if err != nil {
		return err
	}
	open := false
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		err := p.proven(tx, r)
		var held rights.FieldErrors
		open = err == nil
		if errors.As(err, &held) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	if !open || r.State == rights.Paused { // until it is known who asks, and what they mean, nothing goes
		return p.postpone(ctx, e, now.Add(erasureIdle))
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
	if len(holdings) > 0 && !slices.ContainsFunc(holdings, func(h sources.Holdings) bool { return !p.fate(h).ByHand }) {
		return p.leaveToOfficers(ctx, r, e, "by_hand")
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
		if err := tx.InsertTombstones(r.ID, tombs(person), now); err != nil {
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

// tombs are what somebody is known by, again after an erasure: what was issued to them alone: the keys of their records, and their numbers.
func tombs(person sources.Person) []string {
	var out []string
	for _, row := range person.Rows() {
		out = append(out, "row "+row)
	}
	for _, number := range person.Numbers() {
		out = append(out, "number "+sources.Number(number))
	}
	return out
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

func asJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("write down an erasure: %w", err)
	}
	return string(b), nil
}

func holdingsOf(e store.Erasure) (out []sources.Holdings, err error) {
	if err := json.Unmarshal([]byte(e.Holdings), &out); err != nil {
		return nil, fmt.Errorf("read what there is to erase: %w", err)
	}
	return out, nil
}

// eraseSource erases the next source that is not done.
func (p *Portal) eraseSource(ctx context.Context, r rights.Request, e store.Erasure) error {
	holdings, err := holdingsOf(e)
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
		next = h.Source
		if fate := p.fate(h); !fate.ByHand && fate.Record != sources.EraseKeep {
			records += len(h.IDs)
		}
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
	if slices.ContainsFunc(holdings, func(h sources.Holdings) bool { return h.Source == source && p.fate(h).ByHand }) {
		return nil
	}
	tasks, err := tx.TasksOf(ctx, r.ID)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if t.Source != source || t.State != rights.TaskOpen || t.Kind != string(rights.Erasure) {
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

// checkErased reads back whether what should be gone is gone, and whether more has appeared meanwhile; then it reports.
func (p *Portal) checkErased(ctx context.Context, r rights.Request, e store.Erasure) error {
	holdings, err := holdingsOf(e)
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
		return p.Store.Write(ctx, func(tx *store.Tx) error { return tx.UpdateErasure(e) })
	}
	return p.reportErased(ctx, s, r, e, holdings)
}

// alsoHeld adds what is found now to what was noted, and reports whether a machine has something to do about it.
func (p *Portal) alsoHeld(noted, now []sources.Holdings) (all []sources.Holdings, more bool) {
	all = slices.Clone(noted)
	for _, h := range now {
		i := slices.IndexFunc(all, func(o sources.Holdings) bool { return o.Source == h.Source && o.Collection == h.Collection })
		if i < 0 {
			all = append(all, sources.Holdings{Source: h.Source, Collection: h.Collection})
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
	residue := p.residue(holdings)
	text, err := asJSON(residue)
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
		tasks, err := tx.TasksOf(ctx, r.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(tasks, func(t rights.Task) bool { return t.State == rights.TaskOpen && !p.settlesItself(t, holdings) }) {
			return tx.InsertEvent(p.event(rights.System, r.ID, "erased_by_machine", facts)) // the rest is for officers
		}
		for _, source := range p.Sources.Sources() { // where nothing was held
			if err := p.settleErased(ctx, tx, r, source, holdings); err != nil {
				return err
			}
		}
		if r, err = p.move(tx, rights.System, r, rights.Fulfilled, "erased", facts); err != nil {
			return err
		}
		return p.write(tx, s, r, fmt.Sprintf("erased %d", e.Round), mail.Erased{Ref: r.Ref, Left: p.kept(residue, r.Language)})
	})
}

// settlesItself reports whether an open task of a source has nothing left to it: nothing is held there, or all was erased.
func (p *Portal) settlesItself(t rights.Task, holdings []sources.Holdings) bool {
	return t.Kind == string(rights.Erasure) && !slices.ContainsFunc(holdings, func(h sources.Holdings) bool { return h.Source == t.Source && p.fate(h).ByHand })
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
	wait := erasureLate
	if e.Attempts < 9 {
		wait = min(erasureSoon<<e.Attempts, erasureLate)
	}
	e.Attempts++
	e.Source, e.Trouble, e.NextAt = trouble.Source, string(trouble.Kind), p.Now().Add(wait)
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

// Left is something of a person that an erasure leaves, where and why.
type Left struct {
	Source     string   `json:"source"`
	Collection string   `json:"collection"`
	Fields     []string `json:"fields,omitempty"` // of records that lost the others; none where the whole record stays
	Records    int      `json:"records"`
	ByHand     bool     `json:"by_hand,omitempty"` // officers see to it
}

// Erasure is how far the erasure of a request by machine has come.
type Erasure struct {
	State   string // "waiting", "erasing", "checking", "done", "dropped", "by_hand"; "" for none
	Why     string // with by_hand: "unsettled", "by_hand", "remains"
	Source  string // that it waits for, and what is the matter with it
	Trouble string
	NextAt  time.Time // when it is tried again
	Done    []store.ErasedSource
	DoneAt  time.Time
	Left    []Left
}

func (p *Portal) erasureOf(ctx context.Context, r rights.Request) (Erasure, error) {
	e, err := p.Store.ErasureOf(ctx, r.ID)
	if err != nil {
		if absent(err) {
			err = nil
		}
		return Erasure{}, err
	}
	out := Erasure{State: e.State, NextAt: e.NextAt, DoneAt: e.DoneAt}
	switch {
	case e.State == "by_hand":
		out.Why = e.Trouble
	case e.Source != "":
		out.Source, out.Trouble = e.Source, e.Trouble
	}
	if out.Done, err = p.Store.ErasedSources(ctx, r.ID, e.Round); err != nil {
		return out, err
	}
	out.Left, err = residueOf(e)
	return out, err
}

// residueOf is what an erasure left, once it is done.
func residueOf(e store.Erasure) (out []Left, err error) {
	if e.Residue == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(e.Residue), &out); err != nil {
		return nil, fmt.Errorf("read what an erasure left: %w", err)
	}
	return out, nil
}

// residue lists what an erasure leaves: what the map keeps, on its grounds, and what is left to officers.
func (p *Portal) residue(holdings []sources.Holdings) []Left {
	var out []Left
	for _, h := range holdings {
		fate := p.fate(h)
		l := Left{Source: h.Source, Collection: h.Collection, Records: len(h.IDs), ByHand: fate.ByHand}
		switch {
		case fate.ByHand, fate.Record == sources.EraseKeep:
		case fate.Record == sources.EraseMask && len(fate.Kept) > 0:
			for _, f := range fate.Kept {
				l.Fields = append(l.Fields, f.Name)
			}
		default:
			continue
		}
		out = append(out, l)
	}
	return out
}

// kept is what a letter says of a residue. What officers saw to by hand is not in it: they say so in their own words.
func (p *Portal) kept(residue []Left, language string) []mail.Kept {
	var out []mail.Kept
	for _, l := range residue {
		if l.ByHand {
			continue
		}
		k := mail.Kept{What: p.CollectionLabel(l.Source, l.Collection, language), Records: l.Records}
		k.Ground, k.Until = p.GroundOf(l, language)
		out = append(out, k)
	}
	return out
}

// GroundOf is why something is kept and until when, as the data map says.
func (p *Portal) GroundOf(l Left, language string) (ground, until string) {
	c := p.Sources.Collection(l.Source, l.Collection)
	if c == nil {
		return "", ""
	}
	meta := c.Meta
	if len(l.Fields) > 0 {
		if f := c.Field(l.Fields[0]); f != nil {
			meta = f.Meta
		}
	}
	return meta.Ground.In(language), meta.Until.In(language)
}
