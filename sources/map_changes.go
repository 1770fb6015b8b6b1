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
	System, Label Text   // of the entry
	Field         Text   // "" where it is about the entry itself
	What          string // one of FactKinds, "system" or "label"; "" where the entry or the field itself came or went
	Was, Is       []Value
}

// Since returns in what a record differs from an earlier one, entry by entry in its order, what has gone last.
func (r ProcessingRecord) Since(before ProcessingRecord) (out []MapChange) {
	for _, p := range r {
		i := slices.IndexFunc(before, p.sameEntry)
		if i < 0 {
			out = append(out, MapChange{Kind: Added, System: p.System, Label: p.Label})
			continue
		}
		out = append(out, p.since(before[i])...)
	}
	for _, p := range before {
		if !slices.ContainsFunc(r, p.sameEntry) {
			out = append(out, MapChange{Kind: Removed, System: p.System, Label: p.Label})
		}
	}
	return out
}

func (p Processing) sameEntry(o Processing) bool {
	return o.Dataset == p.Dataset && o.Collection == p.Collection
}

func (p Processing) since(before Processing) (out []MapChange) {
	head := func(c MapChange) MapChange {
		c.System, c.Label = p.System, p.Label
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
