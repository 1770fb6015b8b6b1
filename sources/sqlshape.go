package sources

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// class is what a dialect has to know of a column's type to write and compare its values.
type class int

const (
	textual class = iota // also dates, addresses of networks, whatever is best written by the database itself
	integer
	decimal
	floating
	truth
	binary
	uuid
	list
	structure
)

// number reports whether values of the class are compared as numbers.
func (c class) number() bool { return c == integer || c == decimal || c == floating }

// family names the types that compare with each other.
func (c class) family() string {
	switch c {
	case integer, decimal, floating:
		return "number"
	case binary:
		return "binary"
	case uuid:
		return "uuid"
	}
	return ""
}

// sqlColumn is a column with what its dialect has to know beyond what a system says of it.
type sqlColumn struct {
	column
	class class
	typ   string // its type as a cast names it
	plain bool   // text that compares byte by byte as it is
	tries bool   // the server can say whether a text is JSON without failing
}

// shapes remembers the columns of the collections that a dialect was asked about.
type shapes struct {
	ask func(ctx context.Context, c *Collection) ([]sqlColumn, error)

	mu    sync.Mutex
	known map[*Collection][]sqlColumn
}

// errForeign says that a query names a column whose values cannot be carried.
var errForeign = errors.New("a column is of a type that cannot be read")

// learn asks about collections that are not known yet, and refuses a query for what cannot be read.
func (s *shapes) learn(ctx context.Context, q query, all []*Collection) error {
	for _, c := range all {
		s.mu.Lock()
		_, ok := s.known[c]
		s.mu.Unlock()
		if ok {
			continue
		}
		columns, err := s.ask(ctx, c)
		if err != nil {
			return err
		}
		if len(columns) == 0 {
			continue // it is not there: the query says so, and what is not there now may come
		}
		s.mu.Lock()
		if s.known == nil {
			s.known = map[*Collection][]sqlColumn{}
		}
		s.known[c] = columns
		s.mu.Unlock()
	}
	for _, f := range q.fields {
		if s.column(f).foreign {
			return errForeign
		}
	}
	return nil
}

// forget makes every column unknown again: the source has changed.
func (s *shapes) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = nil
}

// column returns what is known of the column that holds a field.
func (s *shapes) column(f *Field) sqlColumn {
	f = f.column()
	s.mu.Lock()
	defer s.mu.Unlock()
	columns := s.known[f.Collection]
	i := slices.IndexFunc(columns, func(c sqlColumn) bool { return c.name == f.Name })
	if i < 0 {
		i = slices.IndexFunc(columns, func(c sqlColumn) bool { return !c.exact && strings.EqualFold(c.name, f.Name) })
	}
	if i < 0 {
		return sqlColumn{}
	}
	return columns[i]
}

// class returns the class of what is compared: members of JSON and elements of lists are text.
func (s *shapes) class(f *Field, kind string) class {
	if kind != "" || f.Parent != nil || f.Array {
		return textual
	}
	switch c := s.column(f).class; c {
	case integer, decimal, floating, binary, uuid:
		return c
	}
	return textual
}

// columns asks anew and returns what Set wants to know.
func (s *shapes) columns(ctx context.Context, c *Collection) ([]column, error) {
	columns, err := s.ask(ctx, c)
	if err != nil {
		return nil, err
	}
	out := make([]column, len(columns))
	for i, col := range columns {
		col.family, col.numeric = col.class.family(), col.class.number()
		out[i] = col.column
	}
	return out, nil
}

// number reads a number as a database writes it: whole ones as int64, others as float64, and as the text it is what
// neither can hold without loss.
func number(s string) any {
	trimmed := s
	if strings.Contains(s, ".") && !strings.ContainsAny(s, "eE") {
		trimmed = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	if n, err := strconv.ParseInt(trimmed, 10, 64); err == nil && strconv.FormatInt(n, 10) == trimmed {
		if trimmed != s {
			return float64(n)
		}
		return n
	}
	if n, err := strconv.ParseFloat(trimmed, 64); err == nil && n-n == 0 && strconv.FormatFloat(n, 'f', -1, 64) == trimmed {
		return n
	}
	return s
}

// comparable returns the text of a value as it is compared in that class, and whether anything of the class can equal it.
func (c class) comparable(v any) (string, bool) {
	s := text(v)
	switch c {
	case integer, decimal, floating:
		switch v := v.(type) {
		case int64:
			return s, true
		case float64:
			return s, !math.IsInf(v, 0) && !math.IsNaN(v)
		case string:
			n := number(s)
			_, still := n.(string)
			return s, !still && text(n) == s || exactNumber(s)
		}
		return "", false
	case binary:
		b, ok := v.([]byte)
		return hex.EncodeToString(b), ok
	case uuid:
		return s, isUUID(s)
	}
	return s, !strings.ContainsRune(s, 0) && utf8.ValidString(s)
}

// comparables returns the texts of those values that something of the class can equal, and whether they are compared as
// whole numbers.
func comparables(c class, values []any) (texts []string, whole bool) {
	whole = c == integer
	for _, v := range values {
		s, ok := c.comparable(v)
		if !ok {
			continue
		}
		_, isInt := v.(int64)
		whole = whole && isInt
		texts = append(texts, s)
	}
	return texts, whole
}

// jsonText writes texts as a JSON list.
func jsonText(texts []string) string {
	if texts == nil {
		return "[]"
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(texts); err != nil {
		panic(fmt.Sprintf("sources: texts that JSON cannot hold: %v", err)) // valid UTF-8 always can
	}
	return b.String()
}

// exactNumber reports whether s is a number as number leaves it where Go has none so long.
func exactNumber(s string) bool {
	digits := strings.Replace(strings.TrimPrefix(s, "-"), ".", "", 1)
	return len(digits) > 15 && digits[0] >= '0' && strings.Trim(digits, "0123456789") == "" && !strings.HasSuffix(s, ".")
}

// isUUID reports whether s is a UUID as databases write it (RFC 9562, 4: small letters).
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range s {
		switch i {
		case 8, 13, 18, 23:
			if r != '-' {
				return false
			}
		default:
			if !strings.ContainsRune("0123456789abcdef", r) {
				return false
			}
		}
	}
	return true
}

// finite makes text of what JSON has no number for.
func finite(v float64) any {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return v
}
