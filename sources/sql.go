package sources

import (
	"fmt"
	"math"
	"strings"
)

// dialect is what SQL databases say differently. Everything that varies is here, so that another database costs
// another dialect.
type dialect interface {
	quote(name string) string                        // an identifier
	bind(n int) string                               // the n-th parameter, from 1
	read(column string) string                       // a column in a select list, as stored
	fold(kind, expr string) string                   // an expression, made comparable for that kind of identity
	empty(expr string) string                        // whether an expression is NULL or an empty text
	filled(expr string) string                       // whether it is neither
	list(n int, values []any) (string, []any)        // a select of many values from one parameter, the n-th
	nested(column string, f *Field) (string, string) // tables to join and the expression of a value in a JSON column
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
		s.b.WriteString(s.d.read(s.column(alias, f)))
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
			s.b.WriteString(s.column(alias, k))
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
	value = s.d.fold(q.fold, value)
	if q.sole == nil {
		once := "DISTINCT " // a set that IN looks up needs none
		if s.aliases > 1 {
			once = ""
		}
		s.b.WriteString("SELECT " + once + value + " FROM " + s.d.quote(q.from.Name) + " AS " + alias + joins + " WHERE " + s.d.filled(value) + " AND ")
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
func (s *statement) exact(alias string, f *Field) string { return s.d.fold("", s.column(alias, f)) }

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
		s.match(alias, c.field, c.fold, func() { s.list(c.values) })
	case within:
		s.match(alias, c.field, c.fold, func() { s.query(c.of) })
	case absent:
		joins, value := s.value(alias, c.field)
		value = s.d.fold(c.fold, value)
		if joins == "" {
			s.b.WriteString(s.d.empty(value))
			return
		}
		s.b.WriteString("NOT EXISTS (SELECT 1 FROM (SELECT 1) AS one" + joins + " WHERE " + s.d.filled(value) + ")")
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
	value = s.d.fold(fold, value)
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

// fewValues is how many values are listed as parameters of their own; more travel in one.
const fewValues = 64

func (s *statement) list(values []any) {
	if len(values) > fewValues && plain(values) {
		text, args := s.d.list(len(s.args)+1, values)
		s.b.WriteString(text)
		s.args = append(s.args, args...)
		return
	}
	for i, v := range values {
		if i > 0 {
			s.b.WriteString(", ")
		}
		s.param(v)
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

func (s *statement) param(v any) {
	s.args = append(s.args, v)
	s.b.WriteString(s.d.bind(len(s.args)))
}

func (s *statement) keyed(alias string, k keyed) {
	if len(k.key) == 1 {
		values := make([]any, len(k.rows))
		for i, r := range k.rows {
			values[i] = r[0]
		}
		if !hasNil(values) {
			s.b.WriteString(s.exact(alias, k.key[0]) + " IN (")
			s.list(values)
			s.b.WriteString(")")
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
	s.param(v)
}

// after renders "the key is greater". Empty parts of a key sort first; a row comparison would lose them.
func (s *statement) after(alias string, key []*Field, values []any) {
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
			s.b.WriteString(s.column(alias, k))
		}
		s.b.WriteString(end + " > " + open)
		for i, v := range values {
			if i > 0 {
				s.b.WriteString(", ")
			}
			s.param(v)
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
			s.b.WriteString(s.column(alias, key[i]) + " > ")
			s.param(values[i])
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
