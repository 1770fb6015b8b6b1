package export

import (
	"bytes"
	"encoding/json"

	"habeas/sources"
)

// seen is the set of forms in which the values of one place came.
type seen uint16

const (
	sawNull seen = 1 << iota
	sawBoolean
	sawInteger
	sawNumber
	sawString
	sawBytes // a string in base 64
	sawArray
	sawObject
	sawOpen // an object whose members the map does not name
)

// jsonTypes are the types of JSON Schema, in the order a schema lists them.
var jsonTypes = []struct {
	seen seen
	name string
}{
	{sawBoolean, "boolean"}, {sawInteger, "integer"}, {sawNumber, "number"}, {sawString | sawBytes, "string"},
	{sawArray, "array"}, {sawObject, "object"}, {sawNull, "null"},
}

// declared is what the types of a data map promise.
var declared = map[string]seen{
	"string": sawString, "integer": sawInteger, "float": sawNumber, "boolean": sawBoolean, "object_id": sawString,
}

// shape is what the values of one place looked like. A source may hold text where its map says number, and a schema
// that its own data contradicts helps nobody: so the schema is written from what came. A nil shape notes nothing.
type shape struct {
	seen    seen
	items   *shape
	members map[string]*shape
}

func (s *shape) saw(what seen) {
	if s != nil {
		s.seen |= what
	}
}

func (s *shape) element() *shape {
	if s == nil {
		return nil
	}
	if s.items == nil {
		s.items = &shape{}
	}
	return s.items
}

func (s *shape) member(name string) *shape {
	if s == nil {
		return nil
	}
	m := s.members[name]
	if m == nil {
		m = &shape{}
		if s.members == nil {
			s.members = map[string]*shape{}
		}
		s.members[name] = m
	}
	return m
}

// schema is the part of JSON Schema 2020-12 that we write. Keys that begin with x- are ours.
type schema struct {
	Schema               string         `json:"$schema,omitempty"`
	Title                string         `json:"title,omitempty"`
	Description          string         `json:"description,omitempty"`
	Type                 []string       `json:"type,omitempty"`
	ContentEncoding      string         `json:"contentEncoding,omitempty"`
	Items                *schema        `json:"items,omitempty"`
	Properties           properties     `json:"properties,omitempty"`
	Required             []string       `json:"required,omitempty"`
	AdditionalProperties *bool          `json:"additionalProperties,omitempty"`
	Categories           []string       `json:"x-categories,omitempty"`
	Masked               bool           `json:"x-masked,omitempty"`
	Withheld             []withheldNote `json:"x-withheld,omitempty"`
}

// properties keeps the order of the data map.
type properties []property

type property struct {
	name   string
	schema *schema
}

// MarshalJSON writes an object whose members stand in order.
func (ps properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range ps {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(appendString(nil, p.name))
		b.WriteByte(':')
		body, err := json.Marshal(p.schema)
		if err != nil {
			return nil, err
		}
		b.Write(body)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// schema describes the JSON file of t, which is complete by now.
func (t *table) schema(lang string) *schema {
	closed := false
	record := &schema{Type: []string{"object"}, AdditionalProperties: &closed}
	for _, c := range t.shown {
		record.Required = append(record.Required, c.field.Name)
		record.Properties = append(record.Properties, property{c.field.Name, t.describe(c.field, c.shape, lang)})
	}
	return &schema{
		Schema:      "https://json-schema.org/draft/2020-12/schema",
		Title:       t.label,
		Description: t.collection.Description,
		Type:        []string{"array"},
		Items:       record,
		Withheld:    t.withheld,
	}
}

// describe writes the schema of a field from what its values looked like.
func (t *table) describe(f *sources.Field, s *shape, lang string) *schema {
	out := s.schema()
	out.Title, out.Description, out.Categories = label(f.Label, f.Name, lang), f.Description, f.Categories
	out.Masked = t.rules[f].shown == masked
	if !out.Masked && !f.Array && out.ContentEncoding == "" {
		out.Type = (s.seen | declared[f.Type]).types()
	}
	at := out
	for s != nil && s.seen&sawArray != 0 && at.Items != nil { // a list of structures
		s, at = s.items, at.Items
	}
	if s == nil || s.seen&sawObject == 0 || s.seen&sawOpen != 0 {
		return out
	}
	at.Properties = nil
	for _, m := range f.Fields {
		if ms := s.members[m.Name]; ms != nil {
			at.Properties = append(at.Properties, property{m.Name, t.describe(m, ms, lang)})
		}
	}
	return out
}

// schema writes what is known of values without a field.
func (s *shape) schema() *schema {
	if s == nil {
		return &schema{}
	}
	out := &schema{Type: s.seen.types()}
	if s.seen&sawBytes != 0 && s.seen&sawString == 0 {
		out.ContentEncoding = "base64" // RFC 4648 section 4
	}
	if s.seen&sawArray != 0 && s.items != nil {
		out.Items = s.items.schema()
	}
	if s.seen&sawObject != 0 && s.seen&sawOpen == 0 {
		closed := false
		out.AdditionalProperties = &closed
	}
	return out
}

func (s seen) types() []string {
	var out []string
	for _, t := range jsonTypes {
		if s&t.seen != 0 {
			out = append(out, t.name)
		}
	}
	return out
}
