package sources

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// Person is who a confirmed mailbox belongs to in the sources: the address, the identities that were issued to them
// (a customer number), and the primary keys of their rows in the lists of people. It holds nothing else and is a value. The zero Person has no records anywhere.
type Person struct {
	email string
	// hold says why what only the mailbox leads to is kept back: Shared, or the Kind of trouble that kept a list of
	// people from being asked; "" where it is not.
	hold   Reason
	others []mailbox // of a joined person: further ones
	rows   []seat
	kept   []keptList
	// identities are the issued ones that are nobody else's; shared are the kinds of those that are.
	identities []held
	shared     []string
}

// held is an issued identity of a person.
type held struct {
	kind  string
	value any
}

// seat is a person's row in a list of people.
type seat struct {
	source, collection string
	key                []any
}

// keptList is a list of people in which it could not be settled which row is the person's.
type keptList struct {
	source, collection string
	why                Reason
}

// Reason says why records of a collection are not shown although there may be some.
type Reason string

// Shared says that the mailbox or another identity stands for several people. Every Kind of trouble is a Reason too.
const Shared Reason = "shared"

// trouble reports whether the reason is a source's trouble, which passes, and not doubt about who is who.
func (r Reason) trouble() bool { return r != "" && r != Shared }

// Seeds returns how many rows in lists of people the person has. With none, only what is keyed by the mailbox itself
// can be theirs.
func (p Person) Seeds() int { return len(p.rows) }

// Nobody reports whether nothing at all leads from the person to a record: they are known by a name and an address on paper.
func (p Person) Nobody() bool { return p.Seeds() == 0 && p.email == "" && len(p.others) == 0 }

// Complete reports whether every list of people could be asked when the person was looked for. If not, Find again once
// the source is back: until then what depends on it is reported as failed, not as empty.
func (p Person) Complete() bool {
	return !slices.ContainsFunc(p.mailboxes(), func(m mailbox) bool { return m.hold.trouble() }) &&
		!slices.ContainsFunc(p.kept, func(k keptList) bool { return k.why.trouble() })
}

// Same reports whether two persons share a row in a list of people: they are one, whatever else was found of them
// since. Nobody is the same as anybody.
func (p Person) Same(q Person) bool {
	return slices.ContainsFunc(p.rows, func(a seat) bool {
		return slices.ContainsFunc(q.rows, func(b seat) bool {
			return a.source == b.source && a.collection == b.collection && slices.EqualFunc(a.key, b.key, same)
		})
	})
}

// Unsettled reports whether the mailbox stood for several people when the person was looked for and none was picked:
// what was kept under it belongs to nobody in particular.
func (p Person) Unsettled() bool { return p.hold == Shared }

// encoded is the form of Person.Key.
type encoded struct {
	Email string      `json:"e"`
	Hold  Reason      `json:"h,omitempty"`
	Rows  [][3]string `json:"r,omitempty"` // source, collection, id
	Kept  [][3]string `json:"k,omitempty"` // source, collection, reason
	Held  [][2]string `json:"i,omitempty"` // kind of identity, value as in an ID
	Both  []string    `json:"s,omitempty"` // kinds of identities that others have too
	Also  [][2]string `json:"a,omitempty"` // further mailboxes: address, reason
}

// Key writes the person as text, the same for the same person. It is personal data: keep it sealed.
func (p Person) Key() string {
	e := encoded{Email: p.email, Hold: p.hold}
	for _, m := range p.others {
		e.Also = append(e.Also, [2]string{m.email, string(m.hold)})
	}
	for _, r := range p.rows {
		e.Rows = append(e.Rows, [3]string{r.source, r.collection, id(r.key)})
	}
	for _, k := range p.kept {
		e.Kept = append(e.Kept, [3]string{k.source, k.collection, string(k.why)})
	}
	for _, h := range p.identities {
		e.Held = append(e.Held, [2]string{h.kind, id([]any{h.value})})
	}
	e.Both = slices.Sorted(slices.Values(p.shared))
	slices.SortFunc(e.Held, func(a, b [2]string) int { return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1])) })
	slices.SortFunc(e.Rows, compare)
	slices.SortFunc(e.Kept, compare)
	b, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings only
	}
	return string(b)
}

func compare(a, b [3]string) int {
	return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1]), strings.Compare(a[2], b[2]))
}

// errPerson says that a text is no key of a person; it does not repeat the text, which is personal.
var errPerson = errors.New("this is not the key of a person: find the person again")

// ParsePerson reads what Key wrote.
func ParsePerson(key string) (Person, error) {
	var e encoded
	if err := json.Unmarshal([]byte(key), &e); err != nil {
		return Person{}, errPerson
	}
	p := Person{email: e.Email, hold: e.Hold, shared: e.Both}
	for _, m := range e.Also {
		p.others = append(p.others, mailbox{m[0], Reason(m[1])})
	}
	for _, h := range e.Held {
		value, ok := parseID(h[1], 1)
		if !ok {
			return Person{}, errPerson
		}
		p.identities = append(p.identities, held{h[0], value[0]})
	}
	for _, r := range e.Rows {
		parts, ok := parseID(r[2], strings.Count(r[2], "~")+1)
		if !ok {
			return Person{}, errPerson
		}
		p.rows = append(p.rows, seat{r[0], r[1], parts})
	}
	for _, k := range e.Kept {
		p.kept = append(p.kept, keptList{k[0], k[1], Reason(k[2])})
	}
	return p, nil
}

// in returns the keys of the person's rows in a list of people.
func (p Person) in(c *Collection) [][]any {
	var out [][]any
	for _, r := range p.rows {
		if r.source == c.Source() && r.collection == c.Name && len(r.key) == len(c.Key) {
			out = append(out, r.key)
		}
	}
	return out
}

// keeps says why the person's row in a list of people is not settled, "" if it is.
func (p Person) keeps(c *Collection) Reason {
	for _, k := range p.kept {
		if k.source == c.Source() && k.collection == c.Name {
			return k.why
		}
	}
	return ""
}

// addressForms returns the folded forms under which a canonical address may be stored: as it is, and with the domain
// written in the other of its two scripts (RFC 5891). Only ASCII is lowered: a letter that merely looks alike, or that
// Unicode would fold into another, makes another address.
func addressForms(canonical string) []any {
	address := lowerASCII(strings.TrimSpace(canonical))
	forms := []any{address}
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return forms
	}
	for _, convert := range []func(string) (string, error){idna.Lookup.ToASCII, idna.Lookup.ToUnicode} {
		domain, err := convert(address[at+1:])
		if form := address[:at+1] + domain; err == nil && !slices.Contains(forms, any(form)) {
			forms = append(forms, form)
		}
	}
	return forms
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
