package sources

import "strconv"

// postgresDialect is PostgreSQL's way to say what SQL leaves open. It is strict about types, so that every parameter
// travels as text and says what it is, and what is not compared as a number, bytes or a UUID is compared as text.
type postgresDialect struct{ shapes *shapes }

func (postgresDialect) quote(name string) string { return sqliteDialect{}.quote(name) }

func (d postgresDialect) read(f *Field, column string) string {
	c := d.shapes.column(f)
	switch c.class {
	case integer, truth, binary:
		return column
	case floating:
		return column + "::text::float8" // the shortest form of a float4 is what was written
	case list:
		return "to_json(" + column + ")::text"
	case structure:
		if c.typ == "record" {
			return "to_json(" + column + ")::text"
		}
	}
	if c.typ == "money" {
		return column + "::numeric::text" // without the sign of a currency that depends on the session
	}
	return column + "::text"
}

func (d postgresDialect) value(f *Field, kind string, v any) any {
	switch v := v.(type) {
	case string:
		if c := d.shapes.column(f); kind == "" && f.Parent == nil && !f.Array && (c.class == decimal || c.typ == "money") {
			return number(v)
		}
	case float64:
		return finite(v)
	}
	return v
}

// sort goes by bytes: the order of a language changes with its library, and lets texts that differ be equal.
func (d postgresDialect) sort(f *Field, column string) (by, term string) {
	by = d.fold(f, "", column)
	if d.class(f, "") == textual {
		by += ` COLLATE "C"`
	}
	term = by
	if c := d.shapes.column(f); c.nullable || c.name == "" {
		term += " NULLS FIRST"
	}
	return by, term
}

func (d postgresDialect) class(f *Field, kind string) class { return d.shapes.class(f, kind) }

// fold leaves alone what compares byte by byte as it is, so that its index serves, and makes text of the rest: a column
// of characters of fixed length is blind to blanks at the end, citext and some collations to case.
func (d postgresDialect) fold(f *Field, kind, expr string) string {
	switch kind {
	case "":
		if d.class(f, "") != textual {
			return expr
		}
		return d.written(f, expr)
	case emailIdentity:
		return `lower(btrim(` + d.written(f, expr) + `, E' \t\n\x0b\f\r') COLLATE "C")` // in that collation lower knows ASCII only
	case phoneIdentity:
		return `translate(` + d.written(f, expr) + `, ' -().+/', '') COLLATE "C"`
	}
	return d.written(f, expr)
}

// written is a value as text.
func (d postgresDialect) written(f *Field, expr string) string {
	if f.Parent != nil || f.Array {
		return expr // a member of JSON, text already
	}
	c := d.shapes.column(f)
	switch {
	case c.plain:
		return expr
	case c.class == decimal:
		return "trim_scale(" + expr + ")::text"
	case c.class == binary:
		return "encode(" + expr + ", 'hex')"
	}
	return "(" + expr + `)::text COLLATE "C"`
}

func (postgresDialect) narrow(*Field, string, string, []any) (string, []any) { return "", nil }

func (d postgresDialect) empty(f *Field, kind, expr string) string {
	if d.class(f, kind) != textual {
		return expr + " IS NULL"
	}
	return "(" + expr + " IS NULL OR " + expr + " = '')"
}

func (d postgresDialect) filled(f *Field, kind, expr string) string {
	if d.class(f, kind) != textual {
		return expr + " IS NOT NULL"
	}
	return expr + " <> ''"
}

// bind casts a text to the type that it is compared as. What can equal nothing of the type is NULL.
func (d postgresDialect) bind(f *Field, kind string, n int, v any) (string, any) {
	class := d.class(f, kind)
	s, ok := class.comparable(v)
	cast := cast(class)
	if _, whole := v.(int64); whole && class.number() {
		cast = "::int8" // what an index on whole numbers can use
	}
	param := "$" + strconv.Itoa(n) + "::text"
	if class == binary {
		param = "decode(" + param + ", 'hex')"
	}
	if !ok {
		return param + cast, nil
	}
	return param + cast, s
}

// cast is how a text becomes a value that compares in the class.
func cast(c class) string {
	switch c {
	case integer, decimal, floating:
		return "::numeric"
	case uuid:
		return "::uuid"
	}
	return ""
}

func (d postgresDialect) list(f *Field, kind string, n int, values []any) (string, any) {
	class := d.class(f, kind)
	texts, whole := comparables(class, values)
	to := cast(class)
	if whole {
		to = "::int8"
	}
	value := "value"
	if class == binary {
		value = "decode(value, 'hex')"
	}
	return "SELECT " + value + to + " FROM json_array_elements_text($" + strconv.Itoa(n) + "::text::json)", jsonText(texts)
}

func (d postgresDialect) assign(f *Field, n int, v any) (string, any) {
	param := "$" + strconv.Itoa(n) + "::text"
	c := d.shapes.column(f)
	switch {
	case c.class == binary:
		param = "decode(" + param + ", 'hex')"
	case c.class == list:
		// A list is written as JSON and read back as the type it is.
		param = "coalesce((SELECT array_agg(value) FROM json_array_elements_text(" + param + "::json)), '{}')::" + c.typ
	case c.plain, c.column.typ == "VARCHAR", c.column.typ == "BPCHAR", c.typ == "":
	default:
		param += "::" + c.typ
	}
	if v == nil {
		return param, nil
	}
	if n, ok := v.(int64); ok && c.class == truth {
		v = n != 0
	}
	return param, text(v)
}

func (postgresDialect) lock() string { return " FOR UPDATE" }

// nested walks from the column to the field, unfolding each list on the way. Text that is not JSON has no members.
func (d postgresDialect) nested(column string, f *Field) (joins, expr string) {
	var path []*Field
	for at := f; at != nil; at = at.Parent {
		path = append([]*Field{at}, path...)
	}
	base := d.json(path[0], column)
	if base != column { // worked out once a record, and not wherever it is named
		joins, base = ", LATERAL (SELECT "+base+" AS value OFFSET 0) AS j0", "j0.value"
	}
	lists := 0
	for i, at := range path {
		if i > 0 {
			base = "(" + base + " -> " + sqlString(at.Name) + ")"
		}
		if at.Array {
			lists++
			alias := "j" + strconv.Itoa(lists)
			joins += ", LATERAL jsonb_array_elements(CASE jsonb_typeof(" + base + ") WHEN 'array' THEN " + base +
				" WHEN 'object' THEN NULL ELSE jsonb_build_array(" + base + ") END) AS " + alias + "(value)"
			base = alias + ".value"
		}
	}
	return joins, "(" + base + " #>> '{}')"
}

// json is a column as JSON, NULL where it is none.
func (d postgresDialect) json(f *Field, column string) string {
	c := d.shapes.column(f)
	switch {
	case c.class == list, c.typ == "record":
		return "to_jsonb(" + column + ")"
	case c.column.typ == "JSONB":
		return column
	}
	text := column + "::text"
	valid := postgresJSON(text)
	if c.tries {
		valid = "pg_input_is_valid(" + text + ", 'jsonb')"
	}
	return "CASE WHEN " + valid + " THEN " + text + "::jsonb END"
}

// jsonDepth is how deep JSON in a column of text may be nested.
const jsonDepth = 12

// postgresJSON reports whether a text is JSON that a cast to jsonb takes. PostgreSQL has no such function before 16, and
// a cast that fails fails for every record: strings become one sign, other scalars another, then what is innermost
// becomes a scalar, again and again, until one is left.
func postgresJSON(text string) string {
	const (
		hex     = `[0-9a-fA-F]`
		escape  = `\\(["\\/bfnrt]|u(?!0000|[dD][89a-fA-F])` + hex + `{4}|u[dD][89abAB]` + hex + `{2}\\u[dD][c-fC-F]` + hex + `{2})`
		str     = `"([^"\\\u0001-\u001f]|` + escape + `)*"`
		scalar  = `-?(0|[1-9][0-9]{0,200})(\.[0-9]{1,200})?([eE][-+]?[0-9]{1,3})?|true|false|null`
		any     = `[\u0001\u0002]`
		folded  = `\[(` + any + `(,` + any + `)*)?\]|\{(\u0002:` + any + `(,\u0002:` + any + `)*)?\}`
		replace = `regexp_replace(`
	)
	reduced := replace + text + `, '` + str + `', E'\x02', 'g')`
	reduced = replace + reduced + `, '` + scalar + `', E'\x01', 'g')`
	reduced = replace + reduced + `, '[ \t\n\r]+', '', 'g')`
	for range jsonDepth {
		reduced = replace + reduced + `, '` + folded + `', E'\x01', 'g')`
	}
	return text + ` !~ '[\u0001\u0002]' AND ` + reduced + ` IN (E'\x01', E'\x02')`
}
