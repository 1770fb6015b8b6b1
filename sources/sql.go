package sources

import (
	"fmt"
	"math"
	"strings"
)

// dialect is what SQL databases say differently. Everything that varies is here, so that another database costs
// another dialect. An expression comes with the field whose value it is, because databases compare by type; the kind is
// that of the fold that has been applied to it, "" for the value as it is.
type dialect interface {
	quote(name string) string                                           // an identifier
	read(f *Field, column string) string                                // a column in a select list, as stored
	value(f *Field, kind string, v any) any                             // what the driver returned for it, as one of the values of a Cell
	sort(f *Field, column string) (by, term string)                     // a part of a key: what pages go by, and the term that orders them, the empty first
	fold(f *Field, kind, expr string) string                            // an expression, made comparable for that kind of identity
	narrow(f *Field, kind, column string, values []any) (string, []any) // a condition that holds at least where the folded comparison does and is cheaper, or ""
	empty(f *Field, kind, expr string) string                           // whether an expression is NULL or an empty text
	filled(f *Field, kind, expr string) string                          // whether it is neither
	bind(f *Field, kind string, n int, v any) (string, any)             // the n-th parameter, from 1, as what the field's value is compared with
	list(f *Field, kind string, n int, values []any) (string, any)      // a select of many values from one parameter, the n-th
	assign(f *Field, n int, v any) (string, any)                        // the n-th parameter, as what the column is set to
	nested(column string, f *Field) (joins, expr string)                // tables to join and the expression of a value in a JSON column
	lock() string                                                       // what a select ends with that keeps others from changing what it reads
}

// statement renders a query. Names come from the map and are quoted; values are parameters, never text.
type statement struct {
	d       dialect
	b       strings.Builder
	args    []any
	aliases int
}

func render(d dialect, q query) (string, []any) {
	s := &statement{d: d}
	s.query(q)
	return s.b.String(), s.args
}

func (s *statement) query(q query) {
	s.aliases++
	alias := fmt.Sprintf("t%d", s.aliases)
	if q.values != nil {
		s.values(q, alias)
		return
	}
	s.b.WriteString("SELECT ")
	if q.fields == nil {
		s.b.WriteString("count(*)")
	}
	for i, f := range q.fields {
		if i > 0 {
			s.b.WriteString(", ")
		}
		s.b.WriteString(s.d.read(f, s.column(alias, f)))
	}
	s.b.WriteString(" FROM " + s.d.quote(q.from.Name) + " AS " + alias + " WHERE ")
	s.cond(alias, q.where)
	if q.after != nil {
		s.b.WriteString(" AND ")
		s.after(alias, q.from.Key, q.after)
	}
	if q.order {
		s.b.WriteString(" ORDER BY ")
		for i, k := range q.from.Key {
			if i > 0 {
				s.b.WriteString(", ")
			}
			_, term := s.d.sort(k, s.column(alias, k))
			s.b.WriteString(term)
		}
	}
	if q.limit > 0 {
		fmt.Fprintf(&s.b, " LIMIT %d", q.limit)
	}
}

// values renders the select of the distinct values of a field. With sole, a value that also stands in a record of
// somebody else is left out: grouping decides it in one pass, without asking again for every record.
func (s *statement) values(q query, alias string) {
	joins, value := s.value(alias, q.values)
	value = s.d.fold(q.values, q.fold, value)
	if q.sole == nil {
		once := "DISTINCT " // a set that IN looks up needs none
		if s.aliases > 1 {
			once = ""
		}
		s.b.WriteString("SELECT " + once + value + " FROM " + s.d.quote(q.from.Name) + " AS " + alias + joins + " WHERE " + s.d.filled(q.values, q.fold, value) + " AND ")
		s.cond(alias, q.where)
		return
	}
	s.b.WriteString("SELECT " + value + " FROM " + s.d.quote(q.from.Name) + " AS " + alias + joins + " WHERE " + value + " IN (")
	s.query(query{from: q.from, values: q.values, fold: q.fold, where: q.where})
	s.b.WriteString(") GROUP BY 1 HAVING min(CASE WHEN ")
	s.cond(alias, q.sole)
	alone := 1
	if q.others {
		alone = 0
	}
	fmt.Fprintf(&s.b, " THEN 1 ELSE 0 END) = %d", alone)
	if q.limit > 0 {
		fmt.Fprintf(&s.b, " LIMIT %d", q.limit)
	}
}

func (s *statement) column(alias string, f *Field) string {
	return alias + "." + s.d.quote(f.column().Name)
}

// exact is a column to be compared as it is.
func (s *statement) exact(alias string, f *Field) string { return s.d.fold(f, "", s.column(alias, f)) }

// value returns the expression of a field, with the joins it needs where it is nested or a list.
func (s *statement) value(alias string, f *Field) (joins, expr string) {
	if f.Parent == nil && !f.Array {
		return "", s.column(alias, f)
	}
	return s.d.nested(s.column(alias, f), f)
}

func (s *statement) cond(alias string, c cond) {
	switch c := c.(type) {
	case nil:
		s.b.WriteString("1 = 1")
	case never:
		s.b.WriteString("1 = 0")
	case anyOf:
		s.all(alias, c, " OR ", "1 = 0")
	case allOf:
		s.all(alias, c, " AND ", "1 = 1")
	case among:
		s.among(alias, c)
	case within:
		s.match(alias, c.field, c.fold, func() { s.query(c.of) })
	case absent:
		joins, value := s.value(alias, c.field)
		value = s.d.fold(c.field, c.fold, value)
		if joins == "" {
			s.b.WriteString(s.d.empty(c.field, c.fold, value))
			return
		}
		s.b.WriteString("NOT EXISTS (SELECT 1 FROM (SELECT 1) AS one" + joins + " WHERE " + s.d.filled(c.field, c.fold, value) + ")")
	case keyed:
		s.keyed(alias, c)
	default:
		panic(fmt.Sprintf("sources: a condition %T that SQL has no words for", c))
	}
}

func (s *statement) all(alias string, conds []cond, word, none string) {
	if len(conds) == 0 {
		s.b.WriteString(none)
		return
	}
	s.b.WriteString("(")
	for i, c := range conds {
		if i > 0 {
			s.b.WriteString(word)
		}
		s.cond(alias, c)
	}
	s.b.WriteString(")")
}

// match renders "the field is one of these", or for a list in a JSON column "one of its elements is".
func (s *statement) match(alias string, f *Field, fold string, these func()) {
	joins, value := s.value(alias, f)
	value = s.d.fold(f, fold, value)
	if joins != "" {
		s.b.WriteString("EXISTS (SELECT 1 FROM (SELECT 1) AS one" + joins + " WHERE ")
	}
	s.b.WriteString(value + " IN (")
	these()
	s.b.WriteString(")")
	if joins != "" {
		s.b.WriteString(")")
	}
}

// among renders "the field is one of these". A condition that is cheaper goes before it, where the dialect has one.
func (s *statement) among(alias string, c among) {
	narrow := ""
	if c.field.Parent == nil && !c.field.Array && len(c.values) <= fewValues {
		var args []any
		narrow, args = s.d.narrow(c.field, c.fold, s.column(alias, c.field), c.values)
		s.args = append(s.args, args...)
	}
	if narrow != "" {
		s.b.WriteString("(" + narrow + " AND ")
	}
	s.match(alias, c.field, c.fold, func() { s.list(c.field, c.fold, c.values) })
	if narrow != "" {
		s.b.WriteString(")")
	}
}

// fewValues is how many values are listed as parameters of their own; more travel in one.
const fewValues = 64

func (s *statement) list(f *Field, kind string, values []any) {
	if len(values) > fewValues && plain(values) {
		text, arg := s.d.list(f, kind, len(s.args)+1, values)
		s.b.WriteString(text)
		s.args = append(s.args, arg)
		return
	}
	for i, v := range values {
		if i > 0 {
			s.b.WriteString(", ")
		}
		s.param(f, kind, v)
	}
}

// plain reports whether JSON can carry every value as it is: bytes and infinities it cannot.
func plain(values []any) bool {
	for _, v := range values {
		switch v := v.(type) {
		case []byte:
			return false
		case float64:
			if math.IsInf(v, 0) || math.IsNaN(v) {
				return false
			}
		}
	}
	return true
}

func (s *statement) param(f *Field, kind string, v any) {
	text, arg := s.d.bind(f, kind, len(s.args)+1, v)
	s.args = append(s.args, arg)
	s.b.WriteString(text)
}

// assign renders "the column is set to".
func (s *statement) assign(f *Field, v any) {
	text, arg := s.d.assign(f, len(s.args)+1, v)
	s.args = append(s.args, arg)
	s.b.WriteString(s.d.quote(f.Name) + " = " + text)
}

func (s *statement) keyed(alias string, k keyed) {
	if len(k.key) == 1 {
		values := make([]any, len(k.rows))
		for i, r := range k.rows {
			values[i] = r[0]
		}
		if !hasNil(values) {
			s.among(alias, among{k.key[0], "", values})
			return
		}
	}
	s.b.WriteString("(")
	for i, row := range k.rows {
		if i > 0 {
			s.b.WriteString(" OR ")
		}
		s.b.WriteString("(")
		for j, f := range k.key {
			if j > 0 {
				s.b.WriteString(" AND ")
			}
			s.same(alias, f, row[j])
		}
		s.b.WriteString(")")
	}
	s.b.WriteString(")")
}

func (s *statement) same(alias string, f *Field, v any) {
	s.b.WriteString(s.exact(alias, f))
	if v == nil {
		s.b.WriteString(" IS NULL")
		return
	}
	s.b.WriteString(" = ")
	s.param(f, "", v)
}

// after renders "the key is greater". Empty parts of a key sort first; a row comparison would lose them.
func (s *statement) after(alias string, key []*Field, values []any) {
	by := func(k *Field) string {
		expr, _ := s.d.sort(k, s.column(alias, k))
		return expr
	}
	if !hasNil(values) {
		open, end := "", ""
		if len(key) > 1 {
			open, end = "(", ")"
		}
		s.b.WriteString(open)
		for i, k := range key {
			if i > 0 {
				s.b.WriteString(", ")
			}
			s.b.WriteString(by(k))
		}
		s.b.WriteString(end + " > " + open)
		for i, v := range values {
			if i > 0 {
				s.b.WriteString(", ")
			}
			s.param(key[i], "", v)
		}
		s.b.WriteString(end)
		return
	}
	s.b.WriteString("(")
	for i := range key {
		if i > 0 {
			s.b.WriteString(" OR ")
		}
		s.b.WriteString("(")
		for j := range i {
			s.same(alias, key[j], values[j])
			s.b.WriteString(" AND ")
		}
		if values[i] == nil {
			s.b.WriteString(s.column(alias, key[i]) + " IS NOT NULL")
		} else {
			s.b.WriteString(by(key[i]) + " > ")
			s.param(key[i], "", values[i])
		}
		s.b.WriteString(")")
	}
	s.b.WriteString(")")
}

func hasNil(values []any) bool {
	for _, v := range values {
		if v == nil {
			return true
		}
	}
	return false
}
