package sources

import (
	"context"
	"slices"

	"habeas/rights"
)

// Destroys is what becomes of records that are past the rule of their collection.
type Destroys string

// What a rule does. It is what erasure does to the same records, except in a snapshot, which is only a copy: there the copy goes.
const (
	DestroyDelete Destroys = "delete"
	DestroyMask   Destroys = "mask"
	DestroyForget Destroys = "forget" // out of a snapshot; in the system itself people do it
	DestroyNone   Destroys = ""       // the map lets no machine do anything, or keeps all of it
)

// Rule is a retention rule of the map.
type Rule struct {
	Collection *Collection
	Retain
	Fate Fate
	Does Destroys
}

// Rules lists the retention rules, in the order in which they are carried out: what hangs on a record before the record.
func (s *Set) Rules() []Rule {
	var out []Rule
	rest := slices.DeleteFunc(slices.Clone(s.mapped), func(c *Collection) bool { return slices.Contains(s.plan.erasing, c) })
	for _, c := range slices.Concat(s.plan.erasing, rest) {
		if c.Retain != nil && !c.Skip && !c.Dataset.Manual {
			out = append(out, s.rule(c))
		}
	}
	return out
}

// Rule returns the rule of a collection, if it has one.
func (s *Set) Rule(source, collection string) (Rule, bool) {
	all := s.Rules()
	i := slices.IndexFunc(all, func(r Rule) bool { return r.Collection.Source() == source && r.Collection.Name == collection })
	if i < 0 {
		return Rule{}, false
	}
	return all[i], true
}

func (s *Set) rule(c *Collection) Rule {
	r := Rule{Collection: c, Retain: *c.Retain, Fate: s.Fate(c)}
	switch {
	case s.Imported(c.Source()):
		r.Does = DestroyForget
	case r.Fate.ByHand:
	case r.Fate.Record == EraseDelete:
		r.Does = DestroyDelete
	case r.Fate.Record == EraseMask:
		r.Does = DestroyMask
	}
	return r
}

// idleRules names the rules that nobody carries out.
func (s *Set) idleRules() (out Faults) {
	for _, r := range s.Rules() {
		if r.Does == DestroyNone {
			out = append(out, r.Collection.place.warning("collection %q says how long its records are kept, and nothing of what becomes of them then, or that all of them stay: say erase: delete there or at its fields, or nothing is destroyed", r.Collection.Name))
		}
	}
	return out
}

// Past reports whether a record of that day is past its time today. The last day of the period belongs to it. It is counted from
// the day after: a moment that was written in one zone falls on the next day elsewhere, and too early is never made good.
func (r Retain) Past(day, today rights.Date) bool {
	return day.AddDays(1).Plus(r.For).Before(today)
}

// age is how a record stands to its rule.
type age int

const (
	young age = iota
	past
	done    // past it, and nothing of it is left to empty
	undated // it says no day
	unread  // what it says is no day
)

// judge tells the age of the records of a rule: what to read of each besides its key, and what that says.
type judge struct {
	rule   Rule
	today  rights.Date
	order  *order
	fields []*Field
}

func (s *Set) judge(ctx context.Context, r Rule, today rights.Date) (*judge, error) {
	src := s.source(r.Collection.Source())
	fate := r.Fate
	if r.Does == DestroyForget {
		fate = Fate{Collection: r.Collection, Record: EraseDelete}
	}
	o, err := s.means(ctx, src, fate, nil)
	if err != nil {
		return nil, err
	}
	j := &judge{rule: r, today: today, order: o, fields: append(slices.Clone(r.Collection.Key), r.From)}
	for _, set := range o.sets {
		j.fields = append(j.fields, set.field)
	}
	return j, nil
}

// of reads a row of the fields.
func (j *judge) of(row []any) (age, rights.Date, error) {
	keys := len(j.rule.Collection.Key)
	day, known, read := dayOf(normal(row[keys]))
	over := known && j.rule.Past(day, j.today)
	if over && !j.order.goes || !j.order.goes && !known { // emptied with the rest, it says no day any more
		left := false
		for i, set := range j.order.sets {
			now := row[keys+1+i]
			v, err := set.to(row[:keys], now)
			if err != nil {
				return young, day, err
			}
			left = left || (v == nil) != (now == nil) || text(normal(v)) != text(normal(now))
		}
		if !left {
			return done, day, nil
		}
	}
	switch {
	case over:
		return past, day, nil
	case !read:
		return unread, day, nil
	case !known:
		return undated, day, nil
	}
	return young, day, nil
}
