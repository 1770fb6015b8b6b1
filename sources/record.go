package sources

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Record is one record of a person.
type Record struct {
	ID    string // its primary key as text, or sealed where that must not be read; unique in its collection
	Cells []Cell // in the order of the map
}

// Cell is one value with the field that says what it is.
//
// Value is nil, bool, int64, float64, string (valid UTF-8) or []byte; an Object for a structure whose members are
// mapped; []any of these for a list; map[string]any for a structure whose members are not mapped.
type Cell struct {
	Field *Field
	Value any
}

// Object is a structure: its mapped members in the order of the map.
type Object []Cell

// Cell returns the cell of the field of that name, or a cell without a field.
func (r Record) Cell(name string) Cell {
	for _, c := range r.Cells {
		if c.Field.Name == name {
			return c
		}
	}
	return Cell{}
}

// String returns the value as a person reads and types it: "" for nothing, a number without needless digits, bytes in
// hexadecimal, a structure as JSON.
func (c Cell) String() string { return text(c.Value) }

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []byte:
		return hex.EncodeToString(v)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "" // only infinities inside a structure, which JSON cannot have held
	}
	return string(b)
}

// MarshalJSON writes the members in the order of the map.
func (o Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, c := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(c.Field.Name)
		if err != nil {
			return nil, fmt.Errorf("write the name of a field: %w", err)
		}
		value, err := json.Marshal(c.Value)
		if err != nil {
			return nil, fmt.Errorf("write field %s: %w", c.Field, err)
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// normal makes a driver's value one of those that a Cell may hold.
func normal(v any) any {
	switch v := v.(type) {
	case string:
		if !utf8.ValidString(v) {
			return strings.ToValidUTF8(v, "\uFFFD")
		}
	case int:
		return int64(v)
	case time.Time:
		return v.Format(time.RFC3339Nano)
	}
	return v
}

// reader turns rows of a collection into records.
type reader struct {
	collection *Collection
	fields     []*Field // what a row holds: the columns that come out, then parts of the key that do not
	shown      int      // how many of fields come out
	key        []int    // where in a row the parts of the key are
	boolean    []bool   // which columns hold truth values as numbers
	limit      int      // bytes of a record at most
	ids        *ids
}

func newReader(c *Collection, columns []column, limit int, ids *ids) *reader {
	r := &reader{collection: c, limit: limit, ids: ids}
	for _, f := range c.Fields {
		if !f.hidden() {
			r.fields = append(r.fields, f)
		}
	}
	r.shown = len(r.fields)
	for _, k := range c.Key {
		i := slices.Index(r.fields, k)
		if i < 0 {
			i = len(r.fields)
			r.fields = append(r.fields, k)
		}
		r.key = append(r.key, i)
	}
	for _, f := range r.fields {
		col, _ := find(columns, f.Name)
		r.boolean = append(r.boolean, f.Type == "boolean" || f.Type == "" && strings.HasPrefix(col.typ, "BOOL"))
	}
	return r
}

// record makes a record of one row, and says how many bytes its values have.
func (r *reader) record(values []any) (Record, int, error) {
	rec := Record{ID: r.ids.write(r.collection, r.keyOf(values)), Cells: make([]Cell, r.shown)}
	size := 0
	for i, f := range r.fields[:r.shown] {
		size += weight(values[i])
		if size > r.limit {
			return Record{}, 0, &SourceError{Source: r.collection.Source(), Collection: r.collection.Name, Kind: Large}
		}
		v := normal(values[i])
		if n, ok := v.(int64); ok && r.boolean[i] && (n == 0 || n == 1) {
			v = n != 0
		}
		if f.Array || f.Type == "object" {
			v = structured(f, v)
		}
		rec.Cells[i] = Cell{f, v}
	}
	return rec, size, nil
}

func (r *reader) keyOf(values []any) []any {
	key := make([]any, len(r.key))
	for i, at := range r.key {
		key[i] = values[at]
	}
	return key
}

func weight(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []byte:
		return len(v)
	}
	return 8
}

// structured reads the JSON of a structure or a list. What is no JSON stays the text it is, unless members of the
// structure are hidden: then the whole must not come out.
func structured(f *Field, v any) any {
	var raw []byte
	switch v := v.(type) {
	case string:
		raw = []byte(v)
	case []byte:
		raw = v
	default:
		return v
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var parsed any
	if err := d.Decode(&parsed); err != nil || d.More() || !atEnd(d) {
		if len(f.Fields) > 0 {
			return nil
		}
		return v
	}
	return member(f, parsed)
}

func atEnd(d *json.Decoder) bool {
	_, err := d.Token()
	return err == io.EOF
}

// member shapes a parsed value as the map says. Members that are not mapped, or hidden, do not come out.
func member(f *Field, v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = member(f, e)
		}
		return out
	case map[string]any:
		if len(f.Fields) == 0 {
			return loose(v)
		}
		var out Object
		for _, m := range f.Fields {
			if value, ok := v[m.Name]; ok && !m.hidden() {
				out = append(out, Cell{m, member(m, value)})
			}
		}
		return out
	}
	if len(f.Fields) > 0 {
		return nil // a plain value where the map promises a structure: nobody said what it is
	}
	return loose(v)
}

// loose makes the numbers of unmapped JSON ours.
func loose(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		if n, err := v.Float64(); err == nil {
			return n
		}
		return v.String()
	case map[string]any:
		for k, e := range v {
			v[k] = loose(e)
		}
	case []any:
		for i, e := range v {
			v[i] = loose(e)
		}
	}
	return v
}

// same reports whether two values of a driver are equal.
func same(a, b any) bool {
	if x, ok := a.([]byte); ok {
		y, ok := b.([]byte)
		return ok && bytes.Equal(x, y)
	}
	if _, ok := b.([]byte); ok {
		return false
	}
	return a == b
}
