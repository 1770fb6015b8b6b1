package sources

import (
	"context"
	"slices"

	"habeas/rights"
)

// KeptUntil returns the last day on which something of records that were erased on that day is kept, after today: the first
// of them, where there are several. It is the zero Date where nothing of them is kept, or for no span that the map says.
func (s *Set) KeptUntil(c *Collection, erased, today rights.Date) rights.Date {
	var first rights.Date
	var spans []rights.Period
	fate := s.Fate(c)
	if fate.Record == EraseKeep && len(fate.Kept) == 0 { // nothing in it but what ties records together
		spans = append(spans, c.Meta.Keep)
	}
	for _, f := range fate.Kept {
		for _, l := range leaves(f) {
			spans = append(spans, l.Meta.Keep)
		}
	}
	for _, span := range spans {
		if span.IsZero() {
			continue
		}
		if day := erased.Plus(span); !day.Before(today) && (first.IsZero() || day.Before(first)) {
			first = day
		}
	}
	return first
}

// KeepsAfter reports whether records that were erased on that day are still kept, in whole or in part, after today.
func (s *Set) KeepsAfter(c *Collection, erased, today rights.Date) bool {
	fate := s.fate(c, over(erased, today))
	return fate.ByHand || fate.Record == EraseKeep || len(fate.Kept) > 0
}

// Marks are what rows in lists of people are known by again when a backup brings them back: each row's key together with an
// identity that stands in it. A key alone is none, because a database may give it to somebody else. They are personal: keep
// them hashed. Holdings of other collections have none. Trouble with a source is a *SourceError.
func (s *Set) Marks(ctx context.Context, holdings []Holdings) ([]string, error) {
	var out []string
	f := finder{set: s}
	for _, h := range holdings {
		c := s.Collection(h.Source, h.Collection)
		if !s.Leads(h) || !slices.Contains(s.plan.people, c) {
			continue
		}
		for ids := range slices.Chunk(h.IDs, lookedAt) {
			where, err := s.keys(c, ids)
			if err != nil {
				return nil, err
			}
			rows, err := f.rows(ctx, c, where, len(ids))
			if err != nil {
				return nil, err
			}
			for _, r := range rows {
				out = append(out, r.marks()...)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func (r *row) marks() (out []string) {
	for f, values := range r.values {
		if f.Identity == "" {
			continue
		}
		for _, v := range values {
			seat := r.list.Source() + "/" + r.list.Name + "/" + id(r.key)
			out = append(out, seat+"\x00"+f.Identity+"\x00"+lowerASCII(text(v)))
		}
	}
	return out
}
