package workflow

import (
	"context"
	"errors"
	"slices"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// Alteration is one time that a value became another: by a correction that was written, or by an import.
type Alteration struct {
	Record      string // ID of the record
	Field       *Field
	Was, Became string // masked where they must not be read
	At          time.Time
	By          string // "person", "team" or "import"
	Ref         string // of the request that corrected it, "" for an import
	Stands      bool   // it still stands as it became, and may be corrected back
}

// history lists what was changed in records of one collection, the newest first. Values are as they are: whoever shows them masks
// them.
func (p *Portal) history(ctx context.Context, subject string, person sources.Person, c *Collection, records []Record) ([]Alteration, error) {
	kin, err := p.Store.Kin(ctx, subject)
	if err != nil {
		return nil, err
	}
	corrections, err := p.Store.CorrectionsIn(ctx, subject, c.Source(), c.Name)
	if err != nil {
		return nil, err
	}
	var out []Alteration
	for _, k := range corrections {
		i := slices.IndexFunc(records, func(r Record) bool { return r.ID == k.Record })
		f := c.Field(k.Field)
		if i < 0 || f == nil {
			continue // on another page, or not in the map any more
		}
		r, err := p.Store.Request(ctx, k.Request)
		if err != nil {
			return nil, err
		}
		a := Alteration{Record: k.Record, Field: f, Was: k.Old, Became: k.New, At: k.DecidedAt, By: "team", Ref: r.Ref}
		if k.DecidedBy == rights.System.ID || slices.Contains(kin, k.DecidedBy) {
			a.By = "person"
		}
		a.Stands = f.Meta.Editable != sources.EditableNo && records[i].Cell(f.Name).String() == k.New &&
			!slices.ContainsFunc(out, func(b Alteration) bool { return b.Record == a.Record && b.Field == f })
		out = append(out, a)
	}
	if !p.Sources.Imported(c.Source()) {
		return out, nil
	}
	for _, r := range records {
		changes, err := p.Sources.Changes(ctx, person, c.Source(), c.Name, r.ID)
		if errors.Is(err, rights.ErrNotFound) {
			continue // an import has just taken it
		}
		if err != nil {
			return nil, err
		}
		now := map[*Field]string{}
		for _, cell := range r.Cells {
			now[cell.Field] = cell.String()
		}
		for _, change := range changes { // the newest first: each became what the next newer one was
			out = append(out, Alteration{Record: r.ID, Field: change.Field, Was: change.Was, Became: now[change.Field], At: change.Until, By: "import"})
			now[change.Field] = change.Was
		}
	}
	slices.SortStableFunc(out, func(a, b Alteration) int { return b.At.Compare(a.At) })
	return out, nil
}

// masking stars the values of alterations whose field hide names.
func masking(list []Alteration, hide func(*Field) bool) []Alteration {
	for i, a := range list {
		if hide(a.Field) {
			list[i].Was, list[i].Became = rights.Mask(a.Field.Meta.Mask, a.Was), rights.Mask(a.Field.Meta.Mask, a.Became)
		}
	}
	return list
}

// ownHistory is the history of records as their person may read it: what is core is masked until a fresh proof.
func (p *Portal) ownHistory(ctx context.Context, by rights.Actor, person sources.Person, c *Collection, records []Record) ([]Alteration, error) {
	list, err := p.history(ctx, by.ID, person, c, records)
	proven := p.needStepUp(ctx, by) == nil
	return masking(list, func(f *Field) bool { return !proven && hidden(rights.OwnPages, f) }), err
}

// deskHistory is the history as an officer may read it: masked, but for the field that they revealed. IDs of records are sealed.
func (p *Portal) deskHistory(ctx context.Context, s store.Subject, ref string, person sources.Person, c *Collection, records []Record, revealed *Field) ([]Alteration, error) {
	list, err := p.history(ctx, s.ID, person, c, records)
	for i, a := range list {
		list[i].Record = p.Sources.Veil(place(ref, c), a.Record)
	}
	return masking(list, func(f *Field) bool { return f != revealed || len(f.Fields) > 0 }), err // a structure may hold what no page shows
}

// Before returns what a person's own correction replaced, to be proposed again: what was written is taken back by another
// correction, and nothing in the ledger is rewritten. Of another field, or of nobody's own, there is nothing.
func (p *Portal) Before(ctx context.Context, by rights.Actor, ref string, at Spot) (string, error) {
	if err := p.needStepUp(ctx, by); err != nil {
		return "", err
	}
	r, err := p.own(ctx, by, ref)
	if err != nil {
		return "", err
	}
	c, err := p.Store.Correction(ctx, r.ID)
	if err != nil {
		return "", err
	}
	if c.Decision != "accepted" || at != (Spot{Source: c.Source, Collection: c.Collection, Record: c.Record, Field: c.Field}) {
		return "", rights.ErrNotFound
	}
	return c.Old, p.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.Append(p.entry(by, "request.viewed", r.Subject, r.ID, nil))
	})
}
