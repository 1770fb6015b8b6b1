package sources

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
)

// Identity is what the asker has proved to be theirs.
type Identity struct {
	Email string // canonical, as the portal confirmed it
}

// Match is who an identity belongs to.
//
// With at most one candidate, Person is that person; nobody known is a Person without seeds, and a good answer. With
// several, Person has nothing until Choose tells which it is.
type Match struct {
	Person     Person
	Candidates []Person
	Addresses  []string       // the spellings of the address that lists of people store: letters go to these
	Channels   []string       // other addresses of Person, as far as sources could be asked: alerts go to these, too
	Troubles   []*SourceError // sources that could not be asked; see Person.Complete
}

// Ambiguous reports whether several people stand behind the identity.
func (m Match) Ambiguous() bool { return len(m.Candidates) > 1 }

// maxCandidates is how many rows for one address are looked at; more are as ambiguous as these.
const maxCandidates = 50

// Find looks for the person behind a confirmed mailbox in every list of people, sources in parallel. Addresses match
// exactly but for ASCII case, blanks around them and the script of the domain; what only looks alike never matches.
//
// An error is the caller's (no address, a cancelled context): a source in trouble is one of Match.Troubles instead.
func (s *Set) Find(ctx context.Context, identity Identity) (Match, error) {
	if strings.TrimSpace(identity.Email) == "" {
		return Match{}, errors.New("an empty address identifies nobody: confirm a mailbox first")
	}
	f := finder{set: s, email: identity.Email}
	var lists []*Collection
	for _, c := range s.plan.people {
		if c.has(emailIdentity) {
			lists = append(lists, c)
		}
	}
	found := make([][]*row, len(lists))
	errs := make([]error, len(lists))
	var wait sync.WaitGroup
	for i, c := range lists {
		wait.Go(func() {
			found[i], errs[i] = f.rows(ctx, c, f.mailbox(c), maxCandidates)
		})
	}
	wait.Wait()
	var rows []*row
	for i, c := range lists {
		rows = append(rows, found[i]...)
		if errs[i] == nil {
			continue
		}
		if err := f.trouble(c, errs[i]); err != nil {
			return Match{}, err
		}
		f.hold = Reason(kindOf(errs[i]))
	}
	m, err := f.match(ctx, rows)
	if err != nil || m.Ambiguous() {
		return m, err
	}
	var t *SourceError
	if m.Channels, err = s.Channels(ctx, m.Person); errors.As(err, &t) {
		m.Troubles = append(m.Troubles, t)
		err = nil
	}
	return m, err
}

// finder gathers what one call of Find or Choose learns.
type finder struct {
	set      *Set
	email    string
	hold     Reason
	kept     []keptList
	troubles []*SourceError
}

// trouble notes a source's trouble with a list of people; any other error it gives back.
func (f *finder) trouble(c *Collection, err error) error {
	var t *SourceError
	if !errors.As(err, &t) {
		return err
	}
	f.troubles = append(f.troubles, t)
	f.keep(c, Reason(t.Kind))
	return nil
}

func (f *finder) keep(c *Collection, why Reason) {
	k := keptList{c.Source(), c.Name, why}
	if !slices.Contains(f.kept, k) {
		f.kept = append(f.kept, k)
	}
}

// mailbox is the condition of rows that have the address.
func (f *finder) mailbox(c *Collection) cond {
	var any []cond
	walk(c.Fields, func(field *Field) {
		if field.Identity == emailIdentity && !field.hidden() {
			any = append(any, among{field, emailIdentity, addressForms(f.email)})
		}
	})
	return either(any)
}

// rows reads the key and the linking values of rows of a list of people.
func (f *finder) rows(ctx context.Context, c *Collection, where cond, limit int) ([]*row, error) {
	links := f.linking(c)
	fields := columnsOf(slices.Concat(c.Key, links))
	var out []*row
	err := f.set.rows(ctx, query{from: c, fields: fields, where: where, order: true, limit: limit}, func(values []any) error {
		r := &row{list: c, values: map[*Field][]any{}}
		for i := range c.Key {
			r.key = append(r.key, normal(values[i]))
		}
		for _, l := range links {
			r.values[l] = valuesOf(l, normal(values[slices.Index(fields, l.column())]))
		}
		out = append(out, r)
		return nil
	})
	return out, err
}

// linking returns the fields of a list of people that identify, that tie its rows to another list, or that tell them
// from those of another.
func (f *finder) linking(c *Collection) []*Field {
	var out []*Field
	walk(c.Fields, func(field *Field) {
		tied := slices.ContainsFunc(f.set.plan.ties, func(e edge) bool { return e.from == field || e.to == field })
		if !field.hidden() && (field.Identity != "" || tied || field.tells()) {
			out = append(out, field)
		}
	})
	return out
}

// match settles how many people the rows of a mailbox are.
func (f *finder) match(ctx context.Context, rows []*row) (Match, error) {
	groups := f.group(rows)
	if compatible(slices.Concat(groups...)) && !contradict(groups) {
		groups = nil
		if len(rows) > 0 {
			groups = [][]*row{rows}
		}
	}
	m := Match{Addresses: addresses(f.email, rows)}
	if len(groups) > 1 {
		f.hold = Shared
	}
	for i, g := range groups {
		p, err := f.person(ctx, g, slices.Concat(slices.Delete(slices.Clone(groups), i, i+1)...))
		if err != nil {
			return Match{}, err
		}
		m.Candidates = append(m.Candidates, p)
	}
	m.Troubles = f.troubles
	switch len(groups) {
	case 0:
		m.Person = Person{email: f.email, hold: f.hold, kept: f.kept}
	case 1:
		m.Person = m.Candidates[0]
	default:
		for _, r := range rows {
			f.keep(r.list, Shared)
		}
		m.Person = Person{email: f.email, hold: Shared, kept: f.kept}
	}
	return m, nil
}

// person makes a person of rows that are known to be theirs, and adds what issued identities lead to in other lists.
// Others are the rows of the other candidates.
func (f *finder) person(ctx context.Context, rows, others []*row) (Person, error) {
	before := len(f.kept)
	for {
		more, err := f.linked(ctx, rows, others)
		if err != nil {
			return Person{}, err
		}
		if more == nil {
			break
		}
		rows = append(rows, more)
	}
	p := Person{email: f.email, hold: f.hold, kept: slices.Clone(f.kept)}
	for _, r := range rows {
		p.rows = append(p.rows, seat{r.list.Source(), r.list.Name, r.key})
	}
	if err := f.identify(ctx, &p, rows); err != nil {
		return Person{}, err
	}
	for _, o := range others {
		if len(p.in(o.list)) == 0 && p.keeps(o.list) == "" {
			p.kept = append(p.kept, keptList{o.list.Source(), o.list.Name, Shared})
		}
	}
	// What one candidate leads to into doubt says nothing of the next, but a source that is down is down for all.
	f.kept = append(f.kept[:before:before], slices.DeleteFunc(slices.Clone(f.kept[before:]), func(k keptList) bool { return !k.why.trouble() })...)
	return p, nil
}

// linked follows issued identities from the person's rows to a list in which they have none yet, and returns the row
// found, nil if there is none. An identity that leads to several rows, or that somebody else's row has too, leads nowhere.
func (f *finder) linked(ctx context.Context, rows, others []*row) (*row, error) {
	for _, list := range f.set.plan.people {
		settled := slices.ContainsFunc(rows, func(r *row) bool { return r.list == list }) ||
			slices.ContainsFunc(f.kept, func(k keptList) bool { return k.source == list.Source() && k.collection == list.Name })
		if settled {
			continue
		}
		var found []*row
		for _, e := range f.set.plan.links {
			if e.to.Collection != list {
				continue
			}
			for _, r := range rows {
				values := r.values[e.from]
				if r.list != e.from.Collection || len(values) == 0 {
					continue
				}
				alone, err := f.holding(ctx, e.from, values)
				if err == nil && slices.ContainsFunc(alone, func(o *row) bool { return !o.is(r.list, r.key) }) {
					f.keep(list, Shared)
					continue
				}
				var hits []*row
				if err == nil {
					hits, err = f.holding(ctx, e.to, values)
				}
				if err != nil {
					if err := f.trouble(list, err); err != nil {
						return nil, err
					}
					continue
				}
				for _, h := range hits {
					if !slices.ContainsFunc(found, func(o *row) bool { return o.is(list, h.key) }) {
						found = append(found, h)
					}
				}
			}
		}
		hit := only(found)
		switch {
		case len(found) == 0:
		case hit == nil, !compatible(append(slices.Clone(rows), hit)),
			slices.ContainsFunc(others, func(o *row) bool { return o.is(list, hit.key) }):
			f.keep(list, Shared)
		default:
			return hit, nil
		}
	}
	return nil, nil
}

// holding returns rows of a list of people whose field holds one of the values: two at most, as many as several.
func (f *finder) holding(ctx context.Context, field *Field, values []any) ([]*row, error) {
	where, err := f.set.oneOf(ctx, field, "", values)
	if err != nil {
		return nil, err
	}
	return f.rows(ctx, field.Collection, where, 2)
}

// identify gives the person the issued identities of their rows, except those that a row of somebody else has too.
func (f *finder) identify(ctx context.Context, p *Person, rows []*row) error {
	for _, r := range rows {
		for _, field := range f.linking(r.list) {
			for _, v := range r.values[field] {
				h := held{field.Identity, v}
				if issued(h.kind) && !slices.ContainsFunc(p.identities, func(o held) bool { return o.kind == h.kind && same(o.value, v) }) {
					p.identities = append(p.identities, h)
				}
			}
		}
	}
	for _, list := range f.set.plan.people {
		hits, err := f.sharing(ctx, *p, list)
		var t *SourceError
		if err != nil && !errors.As(err, &t) {
			return err // trouble is noted when the list is searched; an issued identity is one person's until shown otherwise
		}
		for _, hit := range hits {
			if slices.ContainsFunc(rows, func(r *row) bool { return r.is(list, hit.key) }) {
				continue
			}
			for field, values := range hit.values {
				for _, h := range p.identities {
					if h.kind == field.Identity && meet([]any{h.value}, values) && !slices.Contains(p.shared, h.kind) {
						p.shared = append(p.shared, h.kind)
					}
				}
			}
		}
	}
	p.identities = slices.DeleteFunc(p.identities, func(h held) bool { return slices.Contains(p.shared, h.kind) })
	return nil
}

// sharing returns the rows of a list of people that hold an issued identity of the person.
func (f *finder) sharing(ctx context.Context, p Person, list *Collection) ([]*row, error) {
	var conds []cond
	for _, field := range f.linking(list) {
		for _, h := range p.identities {
			if h.kind != field.Identity {
				continue
			}
			holds, err := f.set.oneOf(ctx, field, "", []any{h.value})
			if err != nil {
				return nil, err
			}
			conds = append(conds, holds)
		}
	}
	if len(conds) == 0 {
		return nil, nil
	}
	return f.rows(ctx, list, either(conds), maxCandidates)
}

// addresses returns the spellings in which the rows store the address that was asked for, each once.
func addresses(email string, rows []*row) []string {
	forms := addressForms(email)
	var out []string
	for _, r := range rows {
		for field, values := range r.values {
			for _, v := range values {
				s := strings.TrimSpace(text(v))
				if field.Identity == emailIdentity && slices.Contains(forms, any(lowerASCII(s))) && !slices.Contains(out, s) {
					out = append(out, s)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}
