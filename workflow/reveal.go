package workflow

import (
	"context"
	"slices"
	"strings"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// revealsADay bounds how many values one member of staff sees in full.
var revealsADay = store.Limit{Burst: 30, Per: 24 * time.Hour}

// RevealReasons are why a value may have to be seen in full, in the order a form shows them. The last wants words.
var RevealReasons = []string{"verify", "answer", "correct", "other"}

// DeskData returns what each collection of each source holds about the person of a request, every value masked, and which
// sources could not be reached (security.md 6).
func (p *Portal) DeskData(ctx context.Context, by rights.Actor, ref string) (rights.Request, []Holding, error) {
	r, _, person, err := p.handling(ctx, by, ref, "", "")
	if err != nil {
		return r, nil, err
	}
	states, err := p.Sources.Overview(ctx, person)
	if err != nil {
		return r, nil, err
	}
	out := make([]Holding, len(states))
	for i, st := range states {
		out[i].CollectionState = st
	}
	return r, out, nil
}

// DeskRecords returns one page of the records of a collection, every value masked and every ID sealed, and the key of the
// next. Trouble with the source comes with the collection that is in it.
func (p *Portal) DeskRecords(ctx context.Context, by rights.Actor, ref, source, collection, after string, limit int) (rights.Request, Holding, string, error) {
	c := p.Sources.Collection(source, collection)
	if c == nil {
		return rights.Request{}, Holding{}, "", rights.ErrNotFound
	}
	after, ok := p.Sources.Unveil(place(ref, c), after)
	if !ok {
		return rights.Request{}, Holding{}, "", rights.ErrNotFound
	}
	r, s, person, err := p.handling(ctx, by, ref, source, collection)
	if err != nil {
		return r, Holding{}, "", err
	}
	h := Holding{CollectionState: sources.CollectionState{Collection: c}}
	if p.Sources.Manual(source) {
		h.State = sources.ByHand
		return r, h, "", nil
	}
	if h.Count, err = p.Sources.Count(ctx, person, c); err != nil {
		return r, h, "", err
	}
	records, next, err := p.Sources.Page(ctx, person, source, collection, after, limit)
	for _, record := range records {
		h.First = append(h.First, p.veiled(ref, c, record))
	}
	if err == nil {
		h.History, err = p.deskHistory(ctx, s, ref, person, c, records, nil)
	}
	return r, h, p.Sources.Veil(place(ref, c), next), err
}

// place is what the sealed ID of a record is good for: one collection, on the pages of one request.
func place(ref string, c *Collection) string {
	clean, _ := rights.ParseRef(ref)
	return clean + " " + c.Source() + " " + c.Name
}

func (p *Portal) veiled(ref string, c *Collection, record Record) Record {
	record.ID = p.Sources.Veil(place(ref, c), record.ID)
	record.Cells = masked(record.Cells)
	return record
}

// handling is the gate before every read of a person's data by an officer: the request that is the reason, and the audit
// entry of the look.
func (p *Portal) handling(ctx context.Context, by rights.Actor, ref, source, collection string) (rights.Request, store.Subject, sources.Person, error) {
	r, s, person, err := p.concerned(ctx, by, ref)
	if err != nil {
		return r, s, person, err
	}
	var facts map[string]string
	if source != "" {
		facts = map[string]string{"source": source, "collection": collection}
	}
	return r, s, person, p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := p.seePerson(ctx, tx, by, s.ID); err != nil {
			return err
		}
		return tx.Append(p.entry(by, "data.opened", s.ID, r.ID, facts))
	})
}

// concerned returns a request that an officer may handle, and whom it is about: all that was found to be that person.
func (p *Portal) concerned(ctx context.Context, by rights.Actor, ref string) (r rights.Request, s store.Subject, person sources.Person, err error) {
	if r, err = p.deskRequest(ctx, by, rights.HandleRequest, ref); err != nil {
		return r, s, person, err
	}
	head, err := p.Store.HeadOf(ctx, r.Subject)
	if err != nil {
		return r, s, person, err
	}
	if s, err = p.Store.Subject(ctx, head); err != nil {
		return r, s, person, err
	}
	person, err = p.whole(ctx, s)
	return r, s, person, err
}

// Reveal is one value that an officer has to see in full, and why.
type Reveal struct {
	Source, Collection string
	Record             string // as DeskRecords gave it
	Field              string
	Reason             string // one of RevealReasons
	Words              string // with the last of them
}

// Revealed is one record, masked but for one value.
type Revealed struct {
	Request rights.Request
	Holding Holding
	Cell    Cell // in full; the zero Cell where nothing was revealed
}

// DeskRecord returns one record with every value masked: where a form about one of its values stands.
func (p *Portal) DeskRecord(ctx context.Context, by rights.Actor, ref string, v Reveal) (Revealed, error) {
	c, id, err := p.spot(ref, v)
	if err != nil {
		return Revealed{}, err
	}
	r, _, person, err := p.handling(ctx, by, ref, v.Source, v.Collection)
	if err != nil {
		return Revealed{}, err
	}
	record, err := p.Sources.Record(ctx, person, v.Source, v.Collection, id)
	if err != nil {
		return Revealed{}, err
	}
	h := Holding{CollectionState: sources.CollectionState{Collection: c, Count: 1}, First: []Record{p.veiled(ref, c, record)}}
	return Revealed{Request: r, Holding: h}, nil
}

func (p *Portal) spot(ref string, v Reveal) (*Collection, string, error) {
	c := p.Sources.Collection(v.Source, v.Collection)
	if c == nil || v.Record == "" {
		return nil, "", rights.ErrNotFound
	}
	id, ok := p.Sources.Unveil(place(ref, c), v.Record)
	if !ok {
		return nil, "", rights.ErrNotFound
	}
	return c, id, nil
}

// Reveal shows an officer who works on an open request one value in full, for a reason that is written down and that the
// person sees. What the law lets no answer show, and what opens accounts, is not shown here either.
func (p *Portal) Reveal(ctx context.Context, by rights.Actor, ref string, v Reveal) (Revealed, error) {
	c, id, err := p.spot(ref, v)
	if err != nil {
		return Revealed{}, err
	}
	r, s, person, err := p.concerned(ctx, by, ref)
	if err != nil {
		return Revealed{}, err
	}
	g, err := p.regime(r.Regime)
	if err != nil {
		return Revealed{}, err
	}
	f := c.Field(v.Field)
	if v.Words, err = checkReveal(g, r, f, v); err != nil {
		return Revealed{}, err
	}
	record, err := p.Sources.Record(ctx, person, v.Source, v.Collection, id)
	if err != nil {
		return Revealed{}, err
	}
	cell := record.Cell(f.Name)
	if cell.Field == nil || cell.String() == "" {
		return Revealed{}, rights.Fault("field", "reveal.error.empty", nil)
	}
	cell.Value = disclosed(g, cell.Value)
	altered, err := p.deskHistory(ctx, s, ref, person, c, []Record{record}, f)
	if err != nil {
		return Revealed{}, err
	}
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := p.seePerson(ctx, tx, by, s.ID); err != nil {
			return err
		}
		if err := takePlace(tx, "reveal "+by.ID, revealsADay, p.Now()); err != nil {
			return err
		}
		facts := map[string]string{"source": v.Source, "collection": v.Collection, "field": v.Field, "reason": v.Reason}
		e := p.event(by, r.ID, "revealed", facts)
		e.Private, e.Detail = true, v.Words
		if err := tx.InsertEvent(e); err != nil {
			return err
		}
		return tx.Append(p.entry(by, "data.revealed", s.ID, r.ID, facts))
	})
	if err != nil {
		return Revealed{}, err
	}
	h := Holding{CollectionState: sources.CollectionState{Collection: c, Count: 1}, First: []Record{p.veiled(ref, c, record)}, History: altered}
	return Revealed{Request: r, Holding: h, Cell: cell}, nil
}

// checkReveal returns the words of a reason, or what is wrong with asking for the field: nil for none.
func checkReveal(g rights.Regime, r rights.Request, f *Field, v Reveal) (string, error) {
	if !r.State.Open() {
		return "", rights.Fault("field", "reveal.error.closed", nil)
	}
	var faults rights.FieldErrors
	if f == nil || f.Parent != nil || !Revealable(g, f) {
		faults = rights.Fault("field", "reveal.error.field", nil)
	}
	if !slices.Contains(RevealReasons, v.Reason) {
		faults = append(faults, rights.FieldError{Field: "reason", Key: "reveal.error.reason"})
	}
	words := strings.TrimSpace(v.Words)
	if v.Reason == "other" || words != "" {
		var wordless rights.FieldErrors
		words, wordless = checkReason("words", words)
		faults = append(faults, wordless...)
	}
	if len(faults) > 0 {
		return "", faults
	}
	return words, nil
}

// Revealable reports whether a value of that field may be seen in full by an officer under that law.
func Revealable(g rights.Regime, f *Field) bool {
	return !slices.ContainsFunc(f.Categories, func(category string) bool { return !g.MayReveal(category) })
}

// disclosed is a value in full, but for what may not be shown inside a structure that may.
func disclosed(g rights.Regime, value any) any {
	switch v := value.(type) {
	case sources.Object:
		out := slices.Clone(v)
		for i, member := range out {
			if Revealable(g, member.Field) {
				out[i].Value = disclosed(g, member.Value)
			} else {
				out[i].Value = hiddenValue(member)
			}
		}
		return out
	case []any:
		out := slices.Clone(v)
		for i, e := range out {
			out[i] = disclosed(g, e)
		}
		return out
	}
	return value
}

// masked are cells with every value masked, also inside structures.
func masked(cells []Cell) []Cell {
	out := slices.Clone(cells)
	for i, c := range out {
		if members, ok := c.Value.(sources.Object); ok {
			out[i].Value = sources.Object(masked(members))
			continue
		}
		out[i].Value = hiddenValue(c)
	}
	return out
}

// hiddenValue is what is shown of a value: as much as its mask leaves. Of a list not even the length is.
func hiddenValue(c Cell) string {
	kind := c.Field.Meta.Mask
	if _, list := c.Value.([]any); list {
		kind = "all"
	}
	return rights.Mask(kind, c.String())
}
