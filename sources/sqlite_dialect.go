package sources

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// sqliteDialect is SQLite's way to say what SQL leaves open.
type sqliteDialect struct{}

func (sqliteDialect) quote(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

func (sqliteDialect) bind(_ *Field, _ string, n int, v any) (string, any) {
	return "?" + strconv.Itoa(n), v
}

func (d sqliteDialect) assign(f *Field, n int, v any) (string, any) { return d.bind(f, "", n, v) }

// read keeps the value as stored: of a bare column the driver would parse what is declared a date, and lose how it was
// written. The plus is no operation, but hides the declaration.
func (sqliteDialect) read(_ *Field, column string) string { return "+" + column }

func (sqliteDialect) value(_ *Field, _ string, v any) any { return v }

func (sqliteDialect) sort(_ *Field, column string) (by, term string) { return column, column }

func (sqliteDialect) narrow(*Field, string, string, []any) (string, []any) { return "", nil }

// lock is needless: a transaction that may write is the only one from its beginning.
func (sqliteDialect) lock() string { return "" }

// fold compares byte by byte what is compared as it is: the collation that a column declares must not make one key of
// two. An index has the collation of its column, so that only columns with one of their own lose theirs.
func (sqliteDialect) fold(_ *Field, kind, expr string) string {
	switch kind {
	case "":
		return expr + " COLLATE BINARY"
	case textFold:
		return "CAST(" + expr + " AS TEXT) COLLATE BINARY"
	case emailIdentity:
		return "lower(trim(" + expr + ", char(9, 10, 11, 12, 13, 32)))" // lower knows ASCII only, and that is what is wanted
	case phoneIdentity:
		for _, c := range []string{" ", "-", "(", ")", ".", "/", "+"} {
			expr = "replace(" + expr + ", '" + c + "', '')"
		}
	}
	return expr
}

func (sqliteDialect) empty(_ *Field, _, expr string) string {
	return "(" + expr + " IS NULL OR " + expr + " = '')"
}

func (sqliteDialect) filled(_ *Field, _, expr string) string {
	return expr + " <> ''" // of NULL neither true nor false
}

func (sqliteDialect) list(_ *Field, _ string, n int, values []any) (string, any) {
	text, err := json.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("sources: values of a database that JSON cannot hold: %v", err)) // normalised before
	}
	return "SELECT value FROM json_each(?" + strconv.Itoa(n) + ")", string(text)
}

// nested walks from the column to the field, unfolding each list on the way. Text that is not JSON has no members.
func (sqliteDialect) nested(column string, f *Field) (joins, expr string) {
	var path []*Field
	for at := f; at != nil; at = at.Parent {
		path = append([]*Field{at}, path...)
	}
	base, where := safeJSON(column), "$"
	lists := 0
	for i, at := range path {
		if i > 0 {
			where += "." + jsonName(at.Name)
		}
		if at.Array {
			lists++
			alias := "j" + strconv.Itoa(lists)
			joins += ", json_each(" + base + ", " + sqlString(where) + ") AS " + alias
			base, where = safeJSON(alias+".value"), "$"
			expr = alias + ".value"
			continue
		}
		expr = "json_extract(" + base + ", " + sqlString(where) + ")"
	}
	return joins, expr
}

func safeJSON(expr string) string { return "CASE WHEN json_valid(" + expr + ") THEN " + expr + " END" }

func jsonName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `\"`) + `"` }

func sqlString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
