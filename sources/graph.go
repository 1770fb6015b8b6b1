package sources

import (
	"slices"
	"strings"
)

// Kinds of identity that are matched otherwise than exactly.
const (
	emailIdentity = "email"
	phoneIdentity = "phone_number"
)

// issued reports whether values of the kind are issued by the controller, so that one stands for one person and may
// lead from one list of people to the next. Addresses and numbers of telephones are not: people give them, share them
// and pass them on.
func issued(kind string) bool {
	return kind != "" && kind != emailIdentity && kind != phoneIdentity
}

// Issued reports whether the field holds what the controller calls the person by: an identity that it issued, the key of a
// list of people, or either of them where another collection names it.
func (f *Field) Issued() bool { return f.issued }

// settleIssued finds these fields.
func (g *graph) settleIssued() {
	own := func(f *Field) bool {
		return issued(f.Identity) || f.Identity == "" && f.Collection.Person && slices.Contains(f.Collection.Key, f)
	}
	given := func(f *Field) bool { return f.Identity != "" && !issued(f.Identity) }
	for _, c := range g.collections {
		walk(c.Fields, func(f *Field) { f.issued = own(f) })
	}
	for _, e := range g.edges {
		e.to.issued = e.to.issued || own(e.from) && !given(e.to)
		e.from.issued = e.from.issued || own(e.to) && !given(e.from)
	}
}

// edge leads from the values of one field to the records that hold the same value in another.
type edge struct {
	from, to *Field
	down     bool // the records hang on the one they are reached from; else it names them and others may, too
	declared *Field
}

// other returns the end of e that f is not.
func (e edge) other(f *Field) *Field {
	if f == e.from {
		return e.to
	}
	return e.from
}

// person reports whether e leads from one list of people to another by an identity that is issued to one person.
func (e edge) person() bool {
	return e.from.Collection.Person && e.to.Collection.Person && issued(e.from.Identity) && issued(e.to.Identity)
}

// fold returns how the values of both ends are made comparable: "email", "phone_number" or "" for as they are.
func (e edge) fold() string {
	for _, kind := range []string{emailIdentity, phoneIdentity} {
		if e.from.Identity == kind || e.to.Identity == kind {
			return kind
		}
	}
	return ""
}

// graph is every mapped collection of every source, with what leads from one to another.
type graph struct {
	collections []*Collection // in the order of the configuration and of the maps
	manual      []*Collection // of systems without a connection: nothing leads there
	edges       []edge
	faults      Faults
}

// newGraph links the datasets of all sources. Its faults are those that concern more than one field.
func newGraph(datasets []*Dataset) *graph {
	g := &graph{}
	byKey := map[string]*Dataset{}
	taken := map[[2]string]*Collection{}
	for _, d := range datasets {
		if first, ok := byKey[d.Key]; ok {
			g.fault(d.place, "dataset %q is already mapped in %s:%d: keys of datasets are unique over all sources", d.Key, first.place.file, first.place.line)
			continue
		}
		byKey[d.Key] = d
		for _, c := range d.Collections {
			at := [2]string{c.Source(), c.Name}
			if first, ok := taken[at]; ok {
				g.fault(c.place, "collection %q is already mapped in %s:%d for the same source: map each table once", c.Name, first.place.file, first.place.line)
				continue
			}
			taken[at] = c
			if d.Manual {
				g.manual = append(g.manual, c)
				continue
			}
			g.collections = append(g.collections, c)
		}
	}
	g.link(byKey)
	g.findPeople()
	g.joinIdentities()
	g.settleIssued()
	g.settleEditable()
	g.checkOrder(byKey)
	return g
}

func (g *graph) fault(at place, format string, args ...any) {
	g.faults = append(g.faults, at.fault(format, args...))
}

func (g *graph) warn(at place, format string, args ...any) {
	g.faults = append(g.faults, at.warning(format, args...))
}

// link turns references into edges.
func (g *graph) link(byKey map[string]*Dataset) {
	for _, c := range g.collections {
		if len(c.Key) == 0 {
			g.fault(c.place, "collection %q has no primary key, so it cannot be paged: set primary_key: true under fides_meta of its key fields", c.Name)
		}
		walk(c.Fields, func(f *Field) {
			for _, r := range f.References {
				switch other := g.resolve(byKey, f, r); {
				case other == nil:
				case other.Collection.Dataset.Manual:
					g.warn(r.place, "the reference of %q is not followed: %q is of a system without a connection", f.Path(), other.Collection.Name)
				default:
					g.join(f, other, r.Direction)
				}
			}
		})
	}
}

// resolve finds the field that a reference of f names.
func (g *graph) resolve(byKey map[string]*Dataset, f *Field, r Reference) *Field {
	d, ok := byKey[r.Dataset]
	if !ok {
		known := make([]string, 0, len(byKey))
		for k := range byKey {
			known = append(known, k)
		}
		slices.Sort(known)
		g.fault(r.place, "the reference of %q dangles: no source has a dataset %q%s Map it or remove the reference", f.Path(), r.Dataset, orStop(meant(r.Dataset, known)))
		return nil
	}
	// Names of tables may hold dots themselves, so the longest collection that fits is meant.
	var names []string
	var c *Collection
	for _, candidate := range d.Collections {
		names = append(names, candidate.Name)
		if strings.HasPrefix(r.Field, candidate.Name+".") && (c == nil || len(candidate.Name) > len(c.Name)) {
			c = candidate
		}
	}
	if c == nil {
		name, _, _ := strings.Cut(r.Field, ".")
		g.fault(r.place, "the reference of %q dangles: dataset %q has no collection %q%s", f.Path(), r.Dataset, name, orStop(meant(name, names)))
		return nil
	}
	path := strings.TrimPrefix(r.Field, c.Name+".")
	other := c.Field(path)
	if other == nil {
		var fields []string
		walk(c.Fields, func(f *Field) { fields = append(fields, f.Path()) })
		g.fault(r.place, "the reference of %q dangles: collection %q has no field %q%s Map the field first", f.Path(), c.Name, path, orStop(meant(path, fields)))
		return nil
	}
	if other == f {
		g.fault(r.place, "field %q refers to itself: remove the reference", f.Path())
		return nil
	}
	return other
}

// join adds the edges of a reference that field f declares to other. A field that is about a third party is no end of
// an edge: it names another person, and nothing of theirs is this person's.
func (g *graph) join(f, other *Field, direction string) {
	if f.hidden() || other.hidden() {
		return
	}
	if direction != "from" {
		g.add(edge{from: f, to: other, declared: f})
	}
	if direction != "to" {
		g.add(edge{from: other, to: f, declared: f})
	}
}

// add decides which way the edge leads. Values of a primary key stand for one record: what holds them hangs on it. The
// other way round, many records may name the one with the key. Between two fields of which neither is a key, an issued
// identity stands for one person; else the field that declares the reference is the one that names.
func (g *graph) add(e edge) {
	fromKey, toKey := e.from.Collection.key(e.from), e.to.Collection.key(e.to)
	switch {
	case fromKey:
		e.down = true
	case toKey:
		e.down = false
	case issued(e.from.Identity) || issued(e.to.Identity):
		e.down = true
	default:
		e.down = e.declared == e.to
	}
	if !slices.ContainsFunc(g.edges, func(o edge) bool { return o.from == e.from && o.to == e.to }) {
		g.edges = append(g.edges, e)
	}
}

// settleEditable takes the ends of edges out of people's hands: whose a record is must not be theirs to write.
func (g *graph) settleEditable() {
	for _, e := range g.edges {
		for _, f := range []*Field{e.from, e.to} {
			if f.linked == nil {
				f.linked = e.other(f)
				g.faults = append(g.faults, f.settleEditable()...)
			}
		}
	}
}

// findPeople decides which collections hold one row a person: those that have an identity and that others refer to,
// unless the map says otherwise.
func (g *graph) findPeople() {
	referred := map[*Collection]bool{}
	for _, e := range g.edges {
		if e.from.Collection != e.to.Collection && e.declared == e.to {
			referred[e.from.Collection] = true
		}
		if e.from.Collection != e.to.Collection && e.declared == e.from {
			referred[e.to.Collection] = true
		}
	}
	anybody := false
	for _, c := range g.collections {
		identified := false
		walk(c.Fields, func(f *Field) {
			identified = identified || f.Identity != ""
			anybody = anybody || f.Identity == emailIdentity
		})
		if !c.saidPerson {
			c.Person = identified && referred[c]
		}
		if c.Person && !identified {
			g.fault(c.place, "collection %q is said to hold people but has no identity: set identity: email (or another kind) under fides_meta of a field", c.Name)
		}
		if !c.saidPerson && identified && !referred[c] && !c.Skip {
			g.warn(c.place, "collection %q has an identity but nothing refers to it: it is taken for a log keyed by that identity. Say person: true if it has one row a person, person: false if not", c.Name)
		}
	}
	if len(g.collections) > 0 && !anybody {
		g.fault(g.collections[0].place, "no field of any map has identity: email, so nobody can be found: set it under fides_meta of the column of addresses")
	}
}

// joinIdentities adds edges between fields that hold the same kind of issued identity.
func (g *graph) joinIdentities() {
	byKind := map[string][]*Field{}
	var kinds []string
	for _, c := range g.collections {
		walk(c.Fields, func(f *Field) {
			if issued(f.Identity) && !f.hidden() {
				if byKind[f.Identity] == nil {
					kinds = append(kinds, f.Identity)
				}
				byKind[f.Identity] = append(byKind[f.Identity], f)
			}
		})
	}
	for _, kind := range kinds {
		for _, from := range byKind[kind] {
			for _, to := range byKind[kind] {
				if from.Collection != to.Collection {
					g.add(edge{from: from, to: to, declared: to})
				}
			}
		}
	}
}

// checkOrder finds circles in after and erase_after, names there that are not mapped, and references whose directions
// lead in a circle.
func (g *graph) checkOrder(byKey map[string]*Dataset) {
	named := map[string]*Collection{}
	for _, c := range g.collections {
		named[c.String()] = c
	}
	datasets := map[string][]string{}
	for key, d := range byKey {
		datasets[key] = d.After
		for _, other := range d.After {
			if byKey[other] == nil {
				g.fault(d.place, "dataset %q comes after %q, which is not mapped: map it or remove it from after", key, other)
			}
		}
	}
	g.faultCircle(datasets, func(key string) place { return byKey[key].place }, "after")
	for what, of := range map[string]func(*Collection) []string{
		"after":       func(c *Collection) []string { return c.After },
		"erase_after": func(c *Collection) []string { return c.EraseAfter },
	} {
		order := map[string][]string{}
		for name, c := range named {
			order[name] = of(c)
			for _, other := range of(c) {
				if named[other] == nil {
					g.fault(c.place, "collection %q has %q under %s, which is not mapped: write dataset.collection of one that is", c.Name, other, what)
				}
			}
		}
		g.faultCircle(order, func(name string) place { return named[name].place }, what)
	}
	directed := map[string][]string{}
	for _, e := range g.edges {
		from, to := e.from.Collection.String(), e.to.Collection.String()
		oneWay := !slices.ContainsFunc(g.edges, func(o edge) bool { return o.from == e.to && o.to == e.from })
		entered := !e.to.Collection.Person || e.from.Collection.Person // a list of people is never entered by another's reference
		if oneWay && entered && from != to {
			directed[from] = append(directed[from], to)
		}
	}
	g.faultCircle(directed, func(name string) place { return named[name].place }, "references")
}

// faultCircle adds a fault for a circle in next, if there is one, naming every step.
func (g *graph) faultCircle(next map[string][]string, at func(string) place, what string) {
	circle := findCircle(next)
	if circle == nil {
		return
	}
	first := at(circle[0])
	if what == "references" {
		g.fault(first, "the directions of the references lead in a circle: %s. Turn one round or leave its direction out", strings.Join(circle, " → "))
		return
	}
	g.fault(first, "%s goes in a circle: %s. Remove one step", what, strings.Join(circle, " → "))
}

// findCircle returns the names of a circle in next, the first also last, or nil.
func findCircle(next map[string][]string) []string {
	names := make([]string, 0, len(next))
	for n := range next {
		names = append(names, n)
	}
	slices.Sort(names)
	done := map[string]bool{}
	var path []string
	var visit func(string) []string
	visit = func(name string) []string {
		if i := slices.Index(path, name); i >= 0 {
			return append(slices.Clone(path[i:]), name)
		}
		if done[name] {
			return nil
		}
		path = append(path, name)
		for _, n := range next[name] {
			if _, mapped := next[n]; !mapped {
				continue
			}
			if circle := visit(n); circle != nil {
				return circle
			}
		}
		path = path[:len(path)-1]
		done[name] = true
		return nil
	}
	for _, n := range names {
		if circle := visit(n); circle != nil {
			return circle
		}
	}
	return nil
}
