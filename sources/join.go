package sources

import (
	"context"
	"slices"
	"strings"
)

// Numbers returns the numbers that were issued to the person and to nobody else (a customer number, a card), letters and
// digits alone, so that however they are typed they compare. It asks no source.
func (p Person) Numbers() []string {
	var out []string
	for _, h := range p.identities {
		if n := Number(text(h.value)); n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// Number returns a number as Numbers writes it: "c 1001" is "c1001". What has no letter and no digit is "".
func Number(typed string) string { return folded(typed) }

// Rows returns a text for each row of the person in a list of people, the same for the same row whoever it belongs to. It is
// personal data: keep it hashed.
func (p Person) Rows() []string {
	out := make([]string, len(p.rows))
	for i, r := range p.rows {
		out[i] = r.source + "/" + r.collection + "/" + id(r.key)
	}
	slices.Sort(out)
	return out
}

// Lists returns the collections in which the person has rows of their own, as "source/collection".
func (p Person) Lists() []string {
	var out []string
	for _, r := range p.rows {
		if list := r.source + "/" + r.collection; !slices.Contains(out, list) {
			out = append(out, list)
		}
	}
	return out
}

// Join returns the person that two are whom somebody has found to be one: the rows, the numbers and the mailboxes of both.
// What was kept back from either because it may be a third person's stays kept back.
func (p Person) Join(q Person) Person {
	out := p
	out.rows, out.kept = slices.Clone(p.rows), slices.Clone(p.kept)
	out.identities, out.shared, out.others = slices.Clone(p.identities), slices.Clone(p.shared), slices.Clone(p.others)
	for _, r := range q.rows {
		if !slices.ContainsFunc(out.rows, func(o seat) bool {
			return o.source == r.source && o.collection == r.collection && slices.EqualFunc(o.key, r.key, same)
		}) {
			out.rows = append(out.rows, r)
		}
	}
	for _, k := range q.kept {
		if !slices.Contains(out.kept, k) {
			out.kept = append(out.kept, k)
		}
	}
	for _, h := range q.identities {
		if !slices.ContainsFunc(out.identities, func(o held) bool { return o.kind == h.kind && same(o.value, h.value) }) {
			out.identities = append(out.identities, h)
		}
	}
	for _, kind := range q.shared {
		if !slices.Contains(out.shared, kind) {
			out.shared = append(out.shared, kind)
		}
	}
	// Doubt about which row of a list is theirs is over where one of the two has a row in it.
	out.kept = slices.DeleteFunc(out.kept, func(k keptList) bool {
		return k.why == Shared && slices.ContainsFunc(out.rows, func(r seat) bool { return r.source == k.source && r.collection == k.collection })
	})
	for _, m := range q.mailboxes() {
		if !slices.ContainsFunc(out.mailboxes(), func(o mailbox) bool { return o.email == m.email }) {
			out.others = append(out.others, m)
		}
	}
	return out
}

// Recheck returns the person with their mailbox kept back unless it leads to them, and nobody else, to this day: an address
// that was confirmed once may have passed to somebody else since, and so has what is kept under it.
func (s *Set) Recheck(ctx context.Context, p Person) (Person, error) {
	if p.email == "" {
		return p, nil
	}
	now, err := s.Find(ctx, Identity{Email: p.email})
	switch {
	case err != nil:
		return p, err
	case now.Person.Same(p), now.Person.Seeds() == 0 && p.Seeds() == 0:
		p.hold = now.Person.hold
	case now.Person.hold.trouble():
		p.hold = now.Person.hold
	default:
		p.hold = Shared
	}
	return p, nil
}

// mailbox is a confirmed address of a person with why what only it leads to is kept back, "" where it is not.
type mailbox struct {
	email string
	hold  Reason
}

// mailboxes returns every mailbox of the person, the first of a joined one first.
func (p Person) mailboxes() []mailbox {
	return append([]mailbox{{p.email, p.hold}}, p.others...)
}

// forms returns the folded forms of every address that is the person's alone, and why others were left out, "" if none was.
func (p Person) forms() (forms []any, held Reason) {
	for _, m := range p.mailboxes() {
		switch {
		case m.hold != "" && held == "":
			held = m.hold
		case m.hold == "" && m.email != "":
			forms = append(forms, addressForms(m.email)...)
		}
	}
	return forms, held
}

// Holders returns the lists of people that hold an issued number, exactly as it was typed or in capitals or small letters: to
// tell somebody whom the portal has never seen from a number that nobody has. A number that more rows of one list have is
// nobody's in particular, and left out. Trouble with a source is a *SourceError: who could not be asked cannot be ruled out.
func (s *Set) Holders(ctx context.Context, number string) ([]*Collection, error) {
	number = strings.TrimSpace(number)
	if Number(number) == "" || len(number) > maxDatum {
		return nil, nil
	}
	typed := []any{number}
	for _, form := range []string{strings.ToUpper(number), strings.ToLower(number)} {
		if !slices.Contains(typed, any(form)) {
			typed = append(typed, form)
		}
	}
	var out []*Collection
	f := finder{set: s}
	for _, list := range s.plan.people {
		var conds []cond
		for _, field := range f.linking(list) {
			if !issued(field.Identity) {
				continue
			}
			holds, err := s.oneOf(ctx, field, "", typed)
			if err != nil {
				return nil, err
			}
			conds = append(conds, holds)
		}
		if len(conds) == 0 {
			continue
		}
		rows, err := f.rows(ctx, list, either(conds), 2)
		if err != nil {
			return nil, err
		}
		if len(rows) == 1 {
			out = append(out, list)
		}
	}
	return out, nil
}
