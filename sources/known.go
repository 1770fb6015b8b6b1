package sources

import "slices"

// Known is a value by which a system, and whoever it discloses data to, knows a person.
type Known struct {
	Field *Field // that holds it in the source
	Value string
}

// KnownBy returns by what a source knows a person: the identities that were issued to them and that it has a field for, such as a
// customer number; where it has none, the mailboxes. No source is asked: it holds after everything of the person is erased.
func (s *Set) KnownBy(p Person, source string) []Known {
	var issued, mailboxes []Known
	for _, c := range s.plan.order {
		if c.Source() != source {
			continue
		}
		walk(c.Fields, func(f *Field) {
			if f.hidden() || f.Identity == "" {
				return
			}
			if f.Identity == emailIdentity {
				for _, m := range p.mailboxes() {
					mailboxes = also(mailboxes, f, m.email)
				}
				return
			}
			for _, h := range p.identities {
				if h.kind == f.Identity && !slices.Contains(p.shared, h.kind) {
					issued = also(issued, f, text(h.value))
				}
			}
		})
	}
	if len(issued) > 0 {
		return issued
	}
	return mailboxes
}

// also adds a value, once: several lists may know somebody by the same number.
func also(list []Known, f *Field, value string) []Known {
	if value == "" || slices.ContainsFunc(list, func(k Known) bool { return k.Value == value && k.Field.Identity == f.Identity }) {
		return list
	}
	return append(list, Known{f, value})
}

// AllRecipients returns whom anything in a collection is disclosed to, each once.
func (c *Collection) AllRecipients() []Recipient {
	out := slices.Clone(c.Meta.Recipients)
	walk(c.Fields, func(f *Field) {
		for _, r := range f.Meta.Recipients {
			if !f.hidden() && !slices.ContainsFunc(out, func(o Recipient) bool { return o.Key() == r.Key() }) {
				out = append(out, r)
			}
		}
	})
	return out
}

// Key tells recipients apart, whatever else two places of the maps say of them: the address where they are told, else the name.
func (r Recipient) Key() string {
	if r.Email != "" {
		return lowerASCII(r.Email)
	}
	return r.Name.In("")
}
