package sources

import "slices"

// How two records of processing differ in a place.
const (
	Added   = "added"
	Removed = "removed"
	Altered = "changed"
)

// MapChange is one thing in which a record of processing differs from an earlier one: an entry or a field that came or went,
// or a fact of either.
type MapChange struct {
	Kind          string // Added, Removed or Altered
	Dataset       string
	System, Label Text   // of the entry; no Label where every entry of the system changed so
	Field         Text   // "" where it is about the entry itself
	What          string // one of FactKinds, "system" or "label"; "" where the entry or the field itself came or went
	Was, Is       []Value
}

// Since returns in what a record differs from an earlier one, entry by entry in its order, what has gone last.
func (r ProcessingRecord) Since(before ProcessingRecord) (out []MapChange) {
	for _, p := range r {
		i := slices.IndexFunc(before, p.sameEntry)
		if i < 0 {
			out = append(out, MapChange{Kind: Added, Dataset: p.Dataset, System: p.System, Label: p.Label})
			continue
		}
		out = append(out, p.since(before[i])...)
	}
	for _, p := range before {
		if !slices.ContainsFunc(r, p.sameEntry) {
			out = append(out, MapChange{Kind: Removed, Dataset: p.Dataset, System: p.System, Label: p.Label})
		}
	}
	return r.folded(out)
}

// folded tells once, of the system, what changed alike in all of its entries: it is one line of the map.
func (r ProcessingRecord) folded(changes []MapChange) (out []MapChange) {
	entries := map[string]int{}
	for _, p := range r {
		entries[p.Dataset]++
	}
	everywhere := func(c MapChange) bool {
		alike := 0
		for _, o := range changes {
			if c.alike(o) {
				alike++
			}
		}
		return c.What != "" && c.Field == nil && alike > 1 && alike == entries[c.Dataset]
	}
	var rest []MapChange
	for i, c := range changes {
		if i > 0 && c.Dataset != changes[i-1].Dataset { // what is of a system comes before what is of its entries
			out, rest = append(out, rest...), nil
		}
		switch {
		case !everywhere(c):
			rest = append(rest, c)
		case !slices.ContainsFunc(out, c.alike):
			c.Label = nil
			out = append(out, c)
		}
	}
	return append(out, rest...)
}

func (c MapChange) alike(o MapChange) bool {
	return c.Kind == o.Kind && c.Dataset == o.Dataset && c.What == o.What && c.Field == nil && o.Field == nil &&
		slices.EqualFunc(c.Was, o.Was, Value.same) && slices.EqualFunc(c.Is, o.Is, Value.same)
}

func (p Processing) sameEntry(o Processing) bool {
	return o.Dataset == p.Dataset && o.Collection == p.Collection
}

func (p Processing) since(before Processing) (out []MapChange) {
	head := func(c MapChange) MapChange {
		c.Dataset, c.System, c.Label = p.Dataset, p.System, p.Label
		return c
	}
	named := func(system, label Text) []Fact {
		return []Fact{{"system", []Value{{Text: system}}}, {"label", []Value{{Text: label}}}}
	}
	for _, c := range factChanges(append(named(before.System, before.Label), before.Facts...), append(named(p.System, p.Label), p.Facts...)) {
		out = append(out, head(c))
	}
	for _, f := range p.Fields {
		i := slices.IndexFunc(before.Fields, func(o ProcessingField) bool { return o.Path == f.Path })
		if i < 0 {
			out = append(out, head(MapChange{Kind: Added, Field: f.Label}))
			continue
		}
		was := append([]Fact{{"label", []Value{{Text: before.Fields[i].Label}}}}, before.Fields[i].Facts...)
		for _, c := range factChanges(was, append([]Fact{{"label", []Value{{Text: f.Label}}}}, f.Facts...)) {
			c.Field = f.Label
			out = append(out, head(c))
		}
	}
	for _, f := range before.Fields {
		if !slices.ContainsFunc(p.Fields, func(o ProcessingField) bool { return o.Path == f.Path }) {
			out = append(out, head(MapChange{Kind: Removed, Field: f.Label}))
		}
	}
	return out
}

// factChanges compares two lists of facts kind by kind.
func factChanges(was, is []Fact) (out []MapChange) {
	for _, what := range slices.Concat([]string{"system", "label"}, FactKinds) {
		c := MapChange{What: what, Was: saidOf(was, what), Is: saidOf(is, what)}
		switch {
		case slices.EqualFunc(c.Was, c.Is, Value.same):
			continue
		case len(c.Was) == 0:
			c.Kind = Added
		case len(c.Is) == 0:
			c.Kind = Removed
		default:
			c.Kind = Altered
		}
		out = append(out, c)
	}
	return out
}

func saidOf(facts []Fact, what string) []Value {
	for _, f := range facts {
		if f.What == what {
			return f.Values
		}
	}
	return nil
}
