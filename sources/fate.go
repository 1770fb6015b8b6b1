package sources

import (
	"slices"

	"habeas/rights"
)

// Fate is what erasure does to the records of one collection.
//
// A record goes where everything in it is to be deleted. As soon as one of its fields is kept, emptied or masked the record
// stays, and loses what is not kept: what ties it to others (its key, references) and what is about somebody else stands.
type Fate struct {
	Collection *Collection
	Record     Erase    // EraseDelete: it goes. EraseMask: it stays without Gone. EraseKeep: it stays as it is
	Gone       []*Field // columns that are emptied, or made unreadable where nothing may be empty
	Kept       []*Field // columns of which something stays, on their own grounds
	ByHand     bool     // the map does not say what becomes of it: a machine leaves it alone, and an officer gets a task
}

// Fate returns what erasure does to the records of a collection.
func (s *Set) Fate(c *Collection) Fate { return s.fate(c, nil) }

func (s *Set) fate(c *Collection, over lapsed) Fate {
	f := c.fate(over)
	if _, able := s.source(c.Source()).system.(eraser); !able {
		f.ByHand = true
	}
	return f
}

// lapsed reports whether what is kept for that long after an erasure need not be kept any more. Nil is the erasure itself:
// nothing has lapsed yet.
type lapsed func(rights.Period) bool

// erasure is what becomes of what m describes, once over has lapsed.
func (m Meta) erasure(over lapsed) Erase {
	if over != nil && m.Erase == EraseKeep && !m.Keep.IsZero() && over(m.Keep) {
		return EraseDelete
	}
	return m.Erase
}

func (c *Collection) fate(over lapsed) Fate {
	f := Fate{Collection: c, Record: EraseDelete, ByHand: !c.Meta.SaysErase}
	// A record that is kept as such, and for a span that is over, goes with whatever was emptied in it before.
	ended := c.Meta.Erase == EraseKeep && c.Meta.erasure(over) == EraseDelete
	stays := false
	for _, col := range c.Fields {
		if col.structural() || col.hidden() {
			continue
		}
		gone, kept := col.rules(over)
		stays = stays || kept || !ended && slices.ContainsFunc(leaves(col), func(l *Field) bool { return l.Meta.erasure(over) != EraseDelete })
		if gone {
			f.Gone = append(f.Gone, col)
		}
		if kept {
			f.Kept = append(f.Kept, col)
		}
	}
	switch {
	case !stays && c.Meta.erasure(over) == EraseKeep: // nothing in it but what ties records together
		f.Record = EraseKeep
	case !stays:
		f.Gone = nil
	case len(f.Gone) == 0:
		f.Record = EraseKeep
	default:
		f.Record = EraseMask
	}
	return f
}

// overwritten are the columns that records lose which stay: when they are erased, or once what is kept need not be kept any more.
func (c *Collection) overwritten() (out []*Field) {
	for _, over := range []lapsed{nil, func(rights.Period) bool { return true }} {
		fate := c.fate(over)
		if fate.ByHand || fate.Record != EraseMask {
			continue
		}
		for _, f := range fate.Gone {
			if _, kept := f.rules(over); !kept && !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out
}

// structural reports whether a column ties records together, so that a record that stays cannot do without it.
func (f *Field) structural() bool {
	if f.PrimaryKey {
		return true
	}
	return f.linked != nil && f.Identity == ""
}

// rules reports whether something of a column goes, and whether something of it is kept.
func (f *Field) rules(over lapsed) (gone, kept bool) {
	for _, l := range leaves(f) {
		switch {
		case l.hidden():
		case l.Meta.erasure(over) == EraseKeep:
			kept = true
		default:
			gone = true
		}
	}
	return gone, kept
}

// leaves are the values that a column holds: itself, or the members of its structure.
func leaves(f *Field) []*Field {
	if len(f.Fields) == 0 {
		return []*Field{f}
	}
	var out []*Field
	for _, m := range f.Fields {
		out = append(out, leaves(m)...)
	}
	return out
}

// arrangeErasing puts collections in the order in which they are erased: what hangs on a record before the record, and what
// the map says before anything. Circles are cut where they are met; the map's faults name them.
func (p *plan) arrangeErasing(g *graph) {
	first := map[*Collection][]*Collection{}
	named := map[string]*Collection{}
	for _, c := range p.order {
		named[c.String()] = c
	}
	for _, c := range p.order {
		for _, name := range c.EraseAfter {
			if other := named[name]; other != nil {
				first[c] = append(first[c], other)
			}
		}
	}
	for _, e := range g.edges {
		if parent, child := e.from.Collection, e.to.Collection; e.down && parent != child {
			first[parent] = append(first[parent], child)
		}
	}
	done := map[*Collection]bool{}
	var put func(*Collection)
	put = func(c *Collection) {
		if done[c] {
			return
		}
		done[c] = true
		for _, other := range first[c] {
			put(other)
		}
		if p.reaches(c) && c.visible() && !p.shared[c] {
			p.erasing = append(p.erasing, c)
		}
	}
	for _, c := range p.order {
		put(c)
	}
}

// warnOrphans names the records that go although others, which stay, refer to them: a database with constraints refuses that,
// and the erasure waits for ever.
func (p *plan) warnOrphans(g *graph) {
	for _, e := range g.edges {
		parent, child := e.from.Collection, e.to.Collection
		if !e.down || parent == child || parent.Source() != child.Source() || p.shared[parent] {
			continue
		}
		goes, stays := parent.fate(nil), child.fate(nil)
		if !goes.ByHand && goes.Record == EraseDelete && !stays.ByHand && stays.Record != EraseDelete {
			g.warn(parent.place, "records of %q are erased, those of %q stay and refer to them by %q: if the database refuses that, erasures wait. Let something of %q stay, emptied or masked: give one of its fields erase: null or erase: mask", parent.Name, child.Name, e.to.Path(), parent.Name)
		}
	}
}
