package export

import (
	"errors"
	"io"
	"slices"
	"strconv"

	"github.com/klauspost/compress/flate"

	"habeas/sources"
)

// Linked data: one file of all records as JSON-LD 1.1 with the terms of schema.org, for a service that shall take the data
// over (GDPR Art. 20(1): structured, commonly used, machine-readable; recital 68: interoperable). Each record of a list of
// people says who the person is, in nodes of one identity that a reader merges. Every collection is a Dataset that lists its
// records, each a list of PropertyValues: what of an order or a visit means what in schema.org the map does not say, and a
// wrong type would be worse than none.

const linkedName = "data.jsonld"

// The file begins and ends so. The vocabulary stands in the file, so that nobody need be called to read it.
const (
	linkedHead = `{"@context":{"@vocab":"https://schema.org/"},"@graph":[` + "\n"
	linkedMe   = `{"@id":"_:person","@type":"Person"`
	linkedFoot = "\n]}\n"
)

// personTerm is the schema.org property of a Person that a category of fideslang is; within names the node in between.
type personTerm struct{ category, within, term string }

func (t personTerm) same(o personTerm) bool { return t.within == o.within && t.term == o.term }

// personNodes are the types of the nodes between a Person and a term, in the order in which they are written.
var personNodes = []struct{ property, typ string }{{"", ""}, {"contactPoint", "ContactPoint"}, {"address", "PostalAddress"}}

var personTerms = []personTerm{
	{"user.name", "", "name"},
	{"user.name.first", "", "givenName"},
	{"user.name.last", "", "familyName"},
	{"user.demographic.date_of_birth", "", "birthDate"},
	{"user.demographic.gender", "", "gender"},
	{"user.demographic.language", "", "knowsLanguage"},
	{"user.job_title", "", "jobTitle"},
	{"user.contact.url", "", "url"},
	{"user.contact.social_url", "", "sameAs"},
	{"user.contact.organization", "", "affiliation"},
	{"user.account.username", "", "identifier"},
	{"user.contact.email", "contactPoint", "email"},
	{"user.contact.phone_number", "contactPoint", "telephone"},
	{"user.contact.fax_number", "contactPoint", "faxNumber"},
	{"user.contact.address", "address", "streetAddress"},
	{"user.contact.address.street", "address", "streetAddress"},
	{"user.contact.address.mailing_address", "address", "streetAddress"},
	{"user.contact.address.postal_code", "address", "postalCode"},
	{"user.contact.address.city", "address", "addressLocality"},
	{"user.contact.address.state", "address", "addressRegion"},
	{"user.contact.address.country", "address", "addressCountry"},
}

// termOf finds the term of a field; the zero value for none, and for a value that is not there in full.
func termOf(c *column) personTerm {
	i := slices.IndexFunc(personTerms, func(t personTerm) bool { return slices.Contains(c.field.Categories, t.category) })
	if i < 0 || c.shown != full || c.field.Array || len(c.field.Fields) > 0 {
		return personTerm{}
	}
	return personTerms[i]
}

// linkedForm writes a collection as nodes of the graph, without what stands around them all.
type linkedForm struct {
	*packer
	table  *table
	terms  []personTerm // of the columns, in a list of people
	buf    []byte
	people []byte // nodes that say who the person is: as many as there are rows in a list of people, which are few
	rows   int
}

func (f *linkedForm) begin(t *table) error {
	f.table, f.rows, f.terms, f.people = t, 0, nil, f.people[:0]
	if t.collection.Person {
		for _, c := range t.shown {
			f.terms = append(f.terms, termOf(c))
		}
	}
	f.buf = append(f.buf[:0], `{"@type":["Dataset","ItemList"],"name":`...)
	f.buf = append(appendString(f.buf, t.label), `,"identifier":`...)
	f.buf = appendString(f.buf, t.collection.Source()+"/"+t.collection.Name)
	f.buf = append(f.buf, `,"about":{"@id":"_:person"},"itemListElement":[`+"\n"...)
	return nil
}

func (f *linkedForm) row(values []any) error {
	if f.rows > 0 {
		f.buf = append(f.buf, ",\n"...)
	}
	f.rows++
	f.buf = append(f.buf, `{"@type":"ItemList","itemListElement":[`...)
	first := true
	for i, c := range f.table.shown {
		f.buf, first = appendProperty(f.buf, c.label, c.field.Name, values[i], first)
	}
	f.buf = append(f.buf, "]}"...)
	if f.terms != nil {
		f.me(values)
	}
	return f.flush(&f.buf, gather)
}

// me adds what a record of a list of people says of the person.
func (f *linkedForm) me(values []any) {
	node := []byte(",\n" + linkedMe)
	said := len(node)
	for _, n := range personNodes {
		open := false
		for i, t := range f.terms {
			if t.term == "" || t.within != n.property || slices.ContainsFunc(f.terms[:i], t.same) {
				continue
			}
			var same []any // two telephones are two values of one property
			for j, v := range values {
				if text := (sources.Cell{Value: v}).String(); t.same(f.terms[j]) && text != "" && !slices.Contains(same, any(text)) {
					same = append(same, text)
				}
			}
			if len(same) == 0 {
				continue
			}
			node = append(node, ',')
			if n.property != "" && !open {
				node = append(node, `"`+n.property+`":{"@type":"`+n.typ+`",`...)
				open = true
			}
			node = append(node, `"`+t.term+`":`...)
			if len(same) == 1 {
				node = appendJSON(node, same[0], nil)
			} else {
				node = appendJSON(node, same, nil)
			}
		}
		if open {
			node = append(node, '}')
		}
	}
	if len(node) > said {
		f.people = append(append(f.people, node...), '}')
	}
}

func (f *linkedForm) end() error {
	f.buf = append(f.buf, "\n],\"numberOfItems\":"...)
	f.buf = append(strconv.AppendInt(f.buf, int64(f.rows), 10), '}')
	f.buf = append(f.buf, f.people...)
	if err := f.flush(&f.buf, 0); err != nil {
		return err
	}
	f.table.linked = &member{name: f.table.collection.String()}
	return f.packer.end(f.table.linked)
}

// appendProperty writes a value as a PropertyValue, or nothing where nothing is stored.
func appendProperty(dst []byte, label, name string, v any, first bool) (out []byte, still bool) {
	if list, ok := v.([]any); v == nil || ok && len(list) == 0 {
		return dst, first
	}
	if !first {
		dst = append(dst, ',')
	}
	dst = append(appendString(append(dst, `{"@type":"PropertyValue","name":`...), label), `,"propertyID":`...)
	dst = append(appendString(dst, name), `,"value":`...)
	return append(appendLinked(dst, v), '}'), false
}

// appendLinked writes a value that a PropertyValue may have: text, a number, a truth value, or for a structure a
// PropertyValue of its members. A list is several values.
func appendLinked(dst []byte, v any) []byte {
	still := true
	switch v := v.(type) {
	case []any:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendLinked(dst, e)
		}
		return append(dst, ']')
	case sources.Object:
		dst = append(dst, `{"@type":"PropertyValue","value":[`...)
		for _, c := range v {
			dst, still = appendProperty(dst, c.Field.Name, c.Field.Name, c.Value, still)
		}
		return append(dst, "]}"...)
	case map[string]any:
		dst = append(dst, `{"@type":"PropertyValue","value":[`...)
		for _, k := range sortedKeys(v) {
			dst, still = appendProperty(dst, k, k, v[k], still)
		}
		return append(dst, "]}"...)
	}
	return appendJSON(dst, v, nil)
}

// linked puts the nodes of all sources together as one file, unpacking and packing them as a stream.
func (b *build) linked() error {
	if len(b.forms) == separate {
		return nil
	}
	if _, err := io.WriteString(b.docs, linkedHead+linkedMe+"}"); err != nil {
		return err
	}
	for _, s := range b.shelves {
		if s.lanes == nil {
			continue
		}
		p := s.lanes[separate].packer
		from, err := p.spool.reader()
		if err != nil {
			return err
		}
		for _, m := range p.members {
			if err := b.join(m, io.LimitReader(from, m.packed)); err != nil {
				return err
			}
		}
	}
	_, err := io.WriteString(b.docs, linkedFoot)
	return errors.Join(err, b.docs.end(&member{name: linkedName, records: b.done}))
}

func (b *build) join(m *member, packed io.Reader) error {
	if m.dropped {
		_, err := io.Copy(io.Discard, packed)
		return err
	}
	if _, err := io.WriteString(b.docs, ",\n"); err != nil {
		return err
	}
	nodes := flate.NewReader(packed)
	if _, err := io.Copy(b.docs, nodes); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, packed) // what the reader did not need
	return errors.Join(err, nodes.Close())
}
