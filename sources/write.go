package sources

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"habeas/rights"
)

// maxValue bounds a corrected value where neither map nor column has a length, in characters.
const maxValue = 10_000

// Write corrects one field of one record of the person, in one transaction, and confirms it by reading back. Old is the
// value the person saw, as Cell.String writes it; where something else stands there by now nothing changes.
//
// Errors: rights.ErrNotFound where the record is not the person's; rights.ErrForbidden where the map does not let the
// field be corrected; rights.FieldErrors on "value" where the new value does not fit; rights.ErrConflict where the old
// one is gone or what was read back is not what was written; else a *SourceError.
func (s *Set) Write(ctx context.Context, p Person, source, collection, id, field, old, new string) error {
	c := s.Collection(source, collection)
	if c == nil {
		return rights.ErrNotFound
	}
	f := c.Field(field)
	key, ok := s.ids.read(c, id)
	if f == nil || f.hidden() || !ok {
		return rights.ErrNotFound
	}
	if _, err := s.Record(ctx, p, source, collection, id); err != nil {
		return err
	}
	if f.Meta.Editable == EditableNo || !f.writable() || s.plan.shared[c] {
		return rights.ErrForbidden // what others share is nobody's to correct
	}
	ctx, cancel := s.call(ctx)
	defer cancel()
	src := s.source(source)
	columns, err := src.shape(ctx, c)
	if err != nil {
		return trouble(ctx, src, c, err)
	}
	col, ok := find(columns, f.Name)
	if !ok {
		return &SourceError{Source: source, Collection: c.Name, Kind: Changed}
	}
	value, err := typed(f, col, new)
	if err != nil {
		return err
	}
	mine, err := s.resolver(p).mine(ctx, c)
	if err != nil {
		return err
	}
	after, err := src.system.change(ctx, f, both(mine, keyed{c.Key, [][]any{key}}), func(current any) (any, error) {
		if written(f, col, current) != old {
			return nil, callerError{rights.ErrConflict}
		}
		return value, nil
	})
	if errors.Is(err, errNotOne) {
		return rights.ErrConflict
	}
	err = writeTrouble(ctx, src, c, err)
	var t *SourceError
	if errors.As(err, &t) && t.Kind == Refused {
		return rights.Fault("value", "value.refused", nil)
	}
	if err != nil {
		return err
	}
	if written(f, col, after) != written(f, col, value) {
		return rights.ErrConflict
	}
	return nil
}

// Accepts tells beforehand whether Write could take that value for the field: nil, rights.FieldErrors on "value" that
// say what is wrong, or a *SourceError. It looks at the type and the length, and changes nothing.
func (s *Set) Accepts(ctx context.Context, f *Field, value string) error {
	src := s.source(f.Collection.Source())
	ctx, cancel := s.call(ctx)
	defer cancel()
	columns, err := src.shape(ctx, f.Collection)
	if err != nil {
		return trouble(ctx, src, f.Collection, err)
	}
	col, ok := find(columns, f.Name)
	if !ok || !f.writable() {
		return rights.ErrForbidden
	}
	_, err = typed(f, col, value)
	return err
}

// written is a stored value as a person sees it.
func written(f *Field, col column, v any) string {
	if n, ok := v.(int64); ok && (n == 0 || n == 1) && kindOfValue(f, col) == "boolean" {
		return text(n != 0)
	}
	return text(normal(v))
}

// kindOfValue is what the map says of a field's values, else what the declared type of its column does.
func kindOfValue(f *Field, col column) string {
	if f.Type != "" {
		return f.Type
	}
	switch {
	case strings.HasPrefix(col.typ, "BOOL"):
		return "boolean"
	case strings.Contains(col.typ, "INT") && col.numeric:
		return "integer"
	case strings.Contains(col.typ, "REAL"), strings.Contains(col.typ, "FLOA"), strings.Contains(col.typ, "DOUB"),
		strings.HasPrefix(col.typ, "NUM"), strings.HasPrefix(col.typ, "DEC"):
		return "float"
	}
	return "string"
}

// longest is how many characters a value may have: what the map says, and no more than the column takes.
func (f *Field) longest(col column) int {
	longest := cmp.Or(f.Length, maxValue)
	if col.length > 0 {
		longest = min(longest, col.length)
	}
	return longest
}

// typed reads what a person typed as a value for the column. Nothing typed empties it, where it may be empty.
func typed(f *Field, col column, s string) (any, error) {
	fault := func(key string, args map[string]any) (any, error) { return nil, rights.Fault("value", key, args) }
	s = strings.TrimSpace(s)
	kind := kindOfValue(f, col)
	switch {
	case !utf8.ValidString(s), strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }):
		return fault("value.invalid", nil)
	case s == "" && col.nullable:
		return nil, nil
	case s == "" && kind != "string":
		return fault("value.missing", nil)
	}
	longest := f.longest(col)
	if utf8.RuneCountInString(s) > longest {
		return fault("value.too_long", map[string]any{"Max": longest})
	}
	switch kind {
	case "integer":
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return fault("value.not_integer", nil)
		}
		return n, nil
	case "float":
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || n-n != 0 { // the difference is not zero for infinities
			return fault("value.not_number", nil)
		}
		if col.family != "" && exactNumber(s) && text(n) != s {
			return s, nil // more digits than a float has, for a column that may hold them all
		}
		return n, nil
	case "boolean":
		b, err := strconv.ParseBool(strings.ToLower(s))
		if err != nil {
			return fault("value.not_boolean", nil)
		}
		if b {
			return int64(1), nil
		}
		return int64(0), nil
	}
	return s, nil
}
