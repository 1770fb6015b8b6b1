package export

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"habeas/rights"
	"habeas/sources"
)

// table is one collection on its way into the package.
type table struct {
	collection *sources.Collection
	label      string
	names      tableNames
	columns    []*column                    // what comes out of the source, in the order of a record's cells
	shown      []*column                    // those of them that are in the package
	width      int                          // how many are shown
	rules      map[*sources.Field]treatment // of every field, nested ones too
	withheld   []withheldNote               // what is held and not shown in full
	wide       bool                         // too wide for a row each: its pages show a card a record
	records    int

	// The files, each made by its own lane: read them after the lanes are closed.
	json, csv *member
	pages     []*member
	linked    *member // a part of one file; nil where there is none
}

// files lists what was made of the collection.
func (t *table) files() []*member {
	if t.json == nil || t.json.dropped {
		return nil
	}
	return append([]*member{t.json, t.csv}, t.pages...)
}

// column is one field of a collection as it stands in the package.
type column struct {
	field *sources.Field
	label string
	key   []byte // `"name":` in JSON
	treatment
	deep  bool // members of its structure are not all shown in full
	shape *shape
}

// withheldNote tells the person of a datum that is held and not shown in full, "with sufficient particularity"
// (11 CCR 7024(d)).
type withheldNote struct {
	Field      string            `json:"field"`
	Label      map[string]string `json:"label"`
	Categories []string          `json:"categories"`
	Shown      string            `json:"shown"`
	Ground     string            `json:"ground"`
	Citation   string            `json:"citation"`
}

// widest is how many columns a page still shows as a table.
const widest = 6

func newTable(c *sources.Collection, g rights.Regime, right rights.Right, lang string) *table {
	t := &table{collection: c, label: label(c.Label, c.Name, lang), rules: map[*sources.Field]treatment{}}
	for _, f := range c.Fields {
		if f.Meta.ThirdParty {
			continue // never leaves its source
		}
		deep := t.rule(f, g, right)
		col := &column{field: f, label: label(f.Label, f.Name, lang), treatment: t.rules[f], deep: deep, shape: &shape{}}
		col.key = append(appendString(nil, f.Name), ':')
		t.columns = append(t.columns, col)
		if col.shown != leftOut {
			t.shown = append(t.shown, col)
			t.wide = t.wide || len(f.Fields) > 0 || f.Array || f.Type == "object"
		}
	}
	t.width = len(t.shown)
	t.wide = t.wide || t.width > widest
	return t
}

// rule decides how f and its members stand, and reports whether any member is not in full.
func (t *table) rule(f *sources.Field, g rights.Regime, right rights.Right) (deep bool) {
	r := treat(f, g, right)
	if r.shown == masked && len(f.Fields) > 0 {
		r = treatment{} // a structure has no mask; its members, which inherit the category, have
	}
	t.rules[f] = r
	if r.shown != full {
		t.withheld = append(t.withheld, withheldNote{
			Field: f.Path(), Label: inLanguages(f.Label, f.Name), Categories: f.Categories,
			Shown: r.shown, Ground: r.ground, Citation: r.citation,
		})
	}
	if r.shown == leftOut {
		return true
	}
	for _, m := range f.Fields {
		if !m.Meta.ThirdParty {
			deep = t.rule(m, g, right) || t.rules[m].shown != full || deep
		}
	}
	return deep
}

// value returns what the package may hold of a column's value.
func (t *table) value(c *column, v any) any {
	switch {
	case c.shown == masked:
		return mask(c.mask, v)
	case c.deep:
		return t.inside(v)
	}
	return v
}

// inside applies the rules of the members of a structure, or of a list of them.
func (t *table) inside(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = t.inside(e)
		}
		return out
	case sources.Object:
		out := make(sources.Object, 0, len(v))
		for _, m := range v {
			switch r, known := t.rules[m.Field]; {
			case !known, r.shown == leftOut:
			case r.shown == masked:
				out = append(out, sources.Cell{Field: m.Field, Value: mask(r.mask, m.Value)})
			default:
				out = append(out, sources.Cell{Field: m.Field, Value: t.inside(m.Value)})
			}
		}
		return out
	}
	return v
}

// mask shortens a value as rights.Mask does; of what is not text, a number or a list of these nothing is left.
func mask(kind string, v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = mask(kind, e)
		}
		return out
	case string, int64, float64:
		return rights.Mask(kind, sources.Cell{Value: v}.String())
	}
	return rights.Mask("all", "hidden")
}

// fits reports whether a record has the cells that the table was made for: no value may slip into another's column.
func (t *table) fits(r sources.Record) error {
	if len(r.Cells) == len(t.columns) {
		for i, c := range t.columns {
			if r.Cells[i].Field != c.field {
				break
			}
			if i == len(t.columns)-1 {
				return nil
			}
		}
	}
	return fmt.Errorf("a record of %s does not have the fields of its data map: restart the portal", t.collection)
}

// label returns what a person reads for a dataset, collection or field: what its map says, else its name made readable.
func label(t sources.Text, name, lang string) string {
	if s := t.In(lang); s != "" {
		return s
	}
	s := strings.TrimSpace(strings.ReplaceAll(name, "_", " "))
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
