package sources

import "slices"

// Known is a value by which a system, and whoever it discloses data to, knows a person.
type Known struct {
	Field *Field // that holds it in the source
	Value string
}

// KnownBy returns by what whoever a source discloses data to knows a person: what the map says they have of the identities that were
// issued to them, such as a customer number, else of their mailboxes. Where it says of no identity that they have it, it is those
// of which it says nothing; what it says that they have not is not told them (GDPR Art. 5(1)(c)). No source is asked: it holds
// after everything of the person is erased.
func (s *Set) KnownBy(p Person, source string, to Recipient) []Known {
	for _, may := range []func(*Field) bool{to.has, unsaid} {
		if known := s.knownBy(p, source, may); len(known) > 0 {
			return known
		}
	}
	return nil
}

// has reports whether the map says that a field is disclosed to the recipient.
func (r Recipient) has(f *Field) bool {
	return slices.ContainsFunc(f.Meta.Recipients, func(o Recipient) bool { return o.Key() == r.Key() })
}

// unsaid reports whether the map says nothing of whom a field is disclosed to.
func unsaid(f *Field) bool { return f.Meta.Recipients == nil }

func (s *Set) knownBy(p Person, source string, may func(*Field) bool) []Known {
	var issued, mailboxes []Known
	for _, c := range s.plan.order {
		if c.Source() != source {
			continue
		}
		walk(c.Fields, func(f *Field) {
			if f.hidden() || f.Identity == "" || !may(f) {
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

// RecipientName is what a recipient whom the maps call name, in whichever language, is called in lang; name itself where they know of none.
func (s *Set) RecipientName(name, lang string) string {
	for _, c := range s.mapped {
		for _, r := range c.AllRecipients() {
			for _, text := range r.Name {
				if text == name {
					return r.In(lang)
				}
			}
		}
	}
	return name
}

// Key tells recipients apart, whatever else two places of the maps say of them: the address where they are told, else the name.
func (r Recipient) Key() string {
	if r.Email != "" {
		return lowerASCII(r.Email)
	}
	return r.Name.In("")
}
