package sources

import (
	"slices"
	"strings"
)

// way is one of the ways in which records of a collection come to be a person's.
type way struct {
	to       *Field // holds the value, in the collection
	from     *Field // where the values come from; nil where they are the person's own identity
	identity string // that identity's kind
	fold     string // how both are made comparable
	down     bool
	guards   []cond // must hold: each says that a field which would name somebody more surely is empty
}

// direct reports whether the way leads straight from a person, and not by way of what is theirs or of a mailbox, which
// others may have too.
func (w way) direct() bool {
	if w.from == nil {
		return issued(w.identity)
	}
	return w.from.Collection.Person
}

// strength is how surely a way says whose a record is: a reference to a person or their own number before the mailbox
// it was sent to or from, that before what it happens to hang on.
func (w way) strength() int {
	switch {
	case w.direct():
		return 2
	case w.identity == emailIdentity:
		return 1
	}
	return 0
}

// plan says how each collection is reached. It is computed once a map, reaching nothing.
type plan struct {
	order   []*Collection // those that are reached, as they are read
	erasing []*Collection // those of them that are one person's, as they are erased
	people  []*Collection
	ways    map[*Collection][]way
	shared  map[*Collection]bool // reached by going up only: its records are not one person's
	links   []edge               // from one list of people to the next, followed when a person is looked for
	ties    []edge               // every edge between lists of people: they show which rows belong together
	roots   map[*Collection]map[*Collection]bool
}

// newPlan walks the graph outward from the people. The faults it adds to g are all warnings.
func newPlan(g *graph) *plan {
	p := &plan{
		ways:   map[*Collection][]way{},
		shared: map[*Collection]bool{},
		roots:  map[*Collection]map[*Collection]bool{},
	}
	reached := p.fromPeople(g)
	reached = p.goDown(g, reached)
	p.guard()
	p.keepTelling(g)
	p.goUp(g, reached)
	p.arrange(g)
	p.arrangeErasing(g)
	for _, c := range g.manual { // which nobody reads
		if !c.Skip && c.visible() {
			p.order = append(p.order, c)
		}
	}
	p.warn(g)
	p.warnOrphans(g)
	return p
}

// fromPeople starts at the lists of people and at whatever a mailbox alone leads to.
func (p *plan) fromPeople(g *graph) []*Collection {
	var reached []*Collection
	for _, c := range g.collections {
		if c.Skip {
			continue
		}
		if c.Person {
			p.people = append(p.people, c)
			p.root(c, c)
			reached = append(reached, c)
			continue
		}
		walk(c.Fields, func(f *Field) {
			if f.hidden() || f.Identity != emailIdentity && !(issued(f.Identity) && len(g.lists(f.Identity)) > 0) {
				return
			}
			w := way{to: f, identity: f.Identity, down: true}
			if f.Identity == emailIdentity {
				w.fold = emailIdentity
			}
			p.ways[c] = append(p.ways[c], w)
			for _, people := range g.lists(f.Identity) {
				p.root(c, people)
			}
		})
		if len(p.ways[c]) > 0 {
			reached = append(reached, c)
		}
	}
	for _, e := range g.edges {
		if e.from.Collection.Person && e.to.Collection.Person && e.from.Collection != e.to.Collection {
			p.ties = append(p.ties, e)
			if e.person() {
				p.links = append(p.links, e)
			}
		}
	}
	return reached
}

// lists returns the lists of people that have the kind of identity.
func (g *graph) lists(identity string) []*Collection {
	var out []*Collection
	for _, c := range g.collections {
		if c.Person && !c.Skip && c.has(identity) {
			out = append(out, c)
		}
	}
	return out
}

func (c *Collection) has(identity string) bool {
	found := false
	walk(c.Fields, func(f *Field) { found = found || f.Identity == identity && !f.hidden() })
	return found
}

func (p *plan) root(c, people *Collection) {
	if p.roots[c] == nil {
		p.roots[c] = map[*Collection]bool{}
	}
	p.roots[c][people] = true
}

// goDown follows references to what hangs on records that are already somebody's. A list of people is never entered
// this way.
func (p *plan) goDown(g *graph, reached []*Collection) []*Collection {
	for i := 0; i < len(reached); i++ {
		from := reached[i]
		for _, e := range g.edges {
			to := e.to.Collection
			if e.from.Collection != from || !e.down || to.Person || to.Skip || g.personal(e) {
				continue
			}
			if to == from || p.leads(to, from) {
				p.circle(g, e)
				continue
			}
			p.ways[to] = append(p.ways[to], way{to: e.to, from: e.from, fold: e.fold(), down: true})
			for people := range p.roots[from] {
				p.root(to, people)
			}
			if !slices.Contains(reached, to) {
				reached = append(reached, to)
			}
		}
	}
	return reached
}

// personal reports whether e carries an identity that the person has themselves: then it is known before any source is
// asked, and no other record needs to lead to it.
func (g *graph) personal(e edge) bool {
	return issued(e.from.Identity) && e.from.Identity == e.to.Identity && len(g.lists(e.from.Identity)) > 0
}

// goUp follows references to what records name. What belongs to somebody is never entered this way: the record that a
// line, a ticket or a message names may be another's.
func (p *plan) goUp(g *graph, owned []*Collection) {
	reached := slices.Clone(owned)
	for i := 0; i < len(reached); i++ {
		from := reached[i]
		for _, e := range g.edges {
			to := e.to.Collection
			if e.from.Collection != from || e.down || to.Skip || slices.Contains(owned, to) {
				continue
			}
			if to == from || p.leads(to, from) {
				p.circle(g, e)
				continue
			}
			p.ways[to] = append(p.ways[to], way{to: e.to, from: e.from, fold: e.fold()})
			p.shared[to] = true
			if !slices.Contains(reached, to) {
				reached = append(reached, to)
			}
		}
	}
}

// leads reports whether the records of to depend on those of from by the ways found so far.
func (p *plan) leads(from, to *Collection) bool {
	seen := map[*Collection]bool{}
	var back func(*Collection) bool
	back = func(c *Collection) bool {
		if c == from {
			return true
		}
		if seen[c] {
			return false
		}
		seen[c] = true
		return slices.ContainsFunc(p.ways[c], func(w way) bool { return w.from != nil && back(w.from.Collection) })
	}
	return back(to)
}

// circle says that an edge is not followed because it would lead back to where it came from. The way back along an
// edge that is already followed is no circle worth a word.
func (p *plan) circle(g *graph, e edge) {
	for _, w := range p.ways[e.from.Collection] {
		if w.from == e.to && w.to == e.from {
			return
		}
	}
	g.warn(e.declared.place, "the reference from %s to %s closes a circle (%s): it is not followed", e.from, e.to, strings.Join(p.trail(e.to.Collection, e.from.Collection), " → "))
}

// trail names the collections from one to the other and back to the first.
func (p *plan) trail(from, to *Collection) []string {
	var back func(c *Collection) []string
	back = func(c *Collection) []string {
		if c == from {
			return []string{c.String()}
		}
		for _, w := range p.ways[c] {
			if w.from != nil && p.leads(from, w.from.Collection) {
				return append(back(w.from.Collection), c.String())
			}
		}
		return []string{c.String()}
	}
	return append(back(to), from.String())
}

// guard makes sure that a record which names its person, in whichever list of people, is that person's, however else it
// is reached: a comment on my order by another's account is theirs, and so is an order to which they typed my address,
// or sent to my door.
func (p *plan) guard() {
	for _, ways := range p.ways {
		for i, w := range ways {
			for _, other := range ways {
				guard := absent{other.to, other.fold}
				if other.strength() > w.strength() && !slices.Contains(ways[i].guards, cond(guard)) {
					ways[i].guards = append(ways[i].guards, guard)
				}
			}
		}
	}
}

// untied returns the lists of people from which a way into c stems although a stronger one leads from another list that
// nothing ties to them: whether somebody in one is somebody in the other cannot be known.
func (p *plan) untied(c *Collection, w, stronger way) []*Collection {
	stems := p.roots[c]
	if w.from != nil {
		stems = p.roots[w.from.Collection]
	}
	var out []*Collection
	for _, people := range p.people {
		if stems[people] && !slices.ContainsFunc(p.people, func(l *Collection) bool { return stronger.leaves(l) && p.tied(l, people) }) {
			out = append(out, people)
		}
	}
	return out
}

// leaves reports whether a direct way leads from the list of people.
func (w way) leaves(list *Collection) bool {
	if w.from != nil {
		return w.from.Collection == list
	}
	return list.has(w.identity)
}

// tied reports whether ties lead from one list of people to the other, step by step.
func (p *plan) tied(from, to *Collection) bool {
	reached := []*Collection{from}
	for i := 0; i < len(reached); i++ {
		for _, e := range p.ties {
			if e.fold() == "" && e.from.Collection == reached[i] && !slices.Contains(reached, e.to.Collection) {
				reached = append(reached, e.to.Collection)
			}
		}
	}
	return slices.Contains(reached, to)
}

// arrange puts the reached collections in the order in which they are read: as mapped, but after those they are to
// come after.
func (p *plan) arrange(g *graph) {
	done := map[*Collection]bool{}
	var put func(*Collection, int)
	put = func(c *Collection, depth int) {
		if done[c] || depth > len(g.collections) {
			return
		}
		for _, other := range g.collections {
			if c.comesAfter(other) {
				put(other, depth+1)
			}
		}
		if !done[c] {
			done[c] = true
			if p.reaches(c) && c.visible() {
				p.order = append(p.order, c)
			}
		}
	}
	for _, c := range g.collections {
		put(c, 0)
	}
}

func (p *plan) reaches(c *Collection) bool { return !c.Skip && (c.Person || len(p.ways[c]) > 0) }

// visible reports whether anything of c may come out at all.
func (c *Collection) visible() bool {
	return slices.ContainsFunc(c.Fields, func(f *Field) bool { return !f.hidden() })
}

// warn says what the map leaves open: what is never reached, and what two kinds of people would see.
func (p *plan) warn(g *graph) {
	for _, c := range g.collections {
		if c.Skip {
			continue
		}
		if !p.reaches(c) {
			g.warn(c.place, "collection %q is not reached from any identity, so nobody will see it: reference a field of a collection that is, or give it an identity", c.Name)
			continue
		}
		if namers := p.namers(c); len(namers) > 1 {
			g.warn(c.place, "a record of %q names people in %s, and each of them sees it: mark the fields that name somebody else third_party, or give their references direction: to", c.Name, strings.Join(namers, " and "))
		}
		p.warnUntied(g, c)
		if p.shared[c] && aboutPeople(c) {
			g.warn(c.place, "collection %q is shared and seems to be about people: whoever's record names one of its rows sees that row. Say person: true, or mark fields third_party", c.Name)
		}
		if c.Person && !c.saidPerson {
			for _, e := range g.edges {
				if e.to.Collection == c && e.down && e.from.Collection.Person && e.from.Collection != c && !e.person() {
					g.warn(e.to.place, "collection %q is taken for a list of people, yet field %q names a row of %q: say person: true if it has one row a person, person: false if one person may have several", c.Name, e.to.Path(), e.from.Collection.Name)
				}
			}
		}
	}
}

// warnUntied says where a record that names somebody of one list of people is kept from those of another.
func (p *plan) warnUntied(g *graph, c *Collection) {
	for _, stronger := range p.ways[c] {
		if stronger.from == nil || !stronger.direct() {
			continue
		}
		name, list := stronger.to.Path(), stronger.from.Collection.Name
		var said []*Collection
		for _, w := range p.ways[c] {
			for _, people := range p.untied(c, w, stronger) {
				if w.direct() || slices.Contains(said, people) {
					continue
				}
				said = append(said, people)
				g.warn(stronger.to.place, "a record of %q whose field %q names a row of %q is kept from everybody else, and nothing ties %q to %q: give both an issued identity of one kind or, if %q does not say whose the record is, mark it third_party or give its reference direction: to", c.Name, name, list, list, people.Name, name)
			}
		}
	}
}

// namers returns the fields of c by which a record is directly somebody's.
func (p *plan) namers(c *Collection) []string {
	var out []string
	for _, w := range p.ways[c] {
		if w.direct() && w.down && !slices.Contains(out, w.to.Path()) {
			out = append(out, w.to.Path())
		}
	}
	return out
}

// aboutPeople reports whether a collection holds names or ways to reach somebody.
func aboutPeople(c *Collection) bool {
	return slices.ContainsFunc(c.Categories, func(k string) bool {
		return k == "user.name" || strings.HasPrefix(k, "user.name.") || k == "user.contact.email" || k == "user.contact.phone_number"
	})
}
