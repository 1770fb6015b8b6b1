package sources

import (
	"strconv"
	"strings"
)

// mysqlDialect is the way of MySQL and MariaDB to say what SQL leaves open. They compare by collation, blind to case and
// to blanks at the end, and take a text for the number it begins with: whatever is not compared as a number is compared
// as the bytes of its UTF-8, and no number is ever compared with a text.
type mysqlDialect struct{ shapes *shapes }

func (mysqlDialect) quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func (d mysqlDialect) class(f *Field, kind string) class { return d.shapes.class(f, kind) }

func (d mysqlDialect) read(f *Field, column string) string {
	c := d.shapes.column(f)
	switch {
	case c.typ == "bit":
		return "(" + column + " + 0)"
	case c.class == textual && !c.plain, c.class == structure:
		return "CAST(" + column + " AS CHAR)"
	}
	return column
}

// value makes text of the bytes that the driver returns for texts and numbers alike.
func (d mysqlDialect) value(f *Field, kind string, v any) any {
	switch v := v.(type) {
	case []byte:
		if kind != "" || f.Parent != nil || f.Array {
			return string(v)
		}
		switch c := d.shapes.column(f); c.class {
		case binary:
			return v
		case integer, decimal:
			return number(string(v))
		}
		return string(v)
	case float32:
		n, err := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', -1, 32), 64)
		if err != nil {
			return float64(v)
		}
		return n
	}
	return v
}

func (d mysqlDialect) sort(f *Field, column string) (by, term string) {
	by = d.fold(f, "", column)
	return by, by
}

// letters of ASCII, which alone are lowered: the server's own function knows more, and binary text none.
const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

func (d mysqlDialect) fold(f *Field, kind, expr string) string {
	switch kind {
	case "":
		if d.class(f, "") != textual {
			return expr
		}
	case emailIdentity:
		expr = `CAST(REGEXP_REPLACE(` + d.characters(f, expr) + `, '\A[\x09-\x0d ]+|[\x09-\x0d ]+\z', '') AS BINARY)`
		for _, c := range capitals {
			expr = "REPLACE(" + expr + ", '" + string(c) + "', '" + strings.ToLower(string(c)) + "')"
		}
		return expr
	case phoneIdentity:
		expr = d.written(f, expr)
		for _, c := range []string{" ", "-", "(", ")", ".", "/", "+"} {
			expr = "REPLACE(" + expr + ", '" + c + "', '')"
		}
		return expr
	}
	return d.written(f, expr)
}

// written is a value as the bytes of its text.
func (d mysqlDialect) written(f *Field, expr string) string {
	return "CAST(" + d.characters(f, expr) + " AS BINARY)"
}

// characters is a value as text in UTF-8.
func (d mysqlDialect) characters(f *Field, expr string) string {
	if f.Parent != nil || f.Array {
		return expr // a member of JSON, text already
	}
	c := d.shapes.column(f)
	switch {
	case c.class == binary:
		return "LOWER(HEX(" + expr + "))"
	case c.class == decimal:
		return "TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(" + expr + " AS CHAR)))"
	case c.typ == "bit":
		return "CAST(" + expr + " + 0 AS CHAR)"
	case c.plain:
		return "CONVERT(" + expr + " USING utf8mb4)"
	}
	return "CAST(" + expr + " AS CHAR)"
}

// narrow lets the collation of a column find what its index has, and one that is blind to case look for an address; of
// that the folded comparison, which no index serves and which takes its time, keeps what is the same.
func (d mysqlDialect) narrow(f *Field, kind, column string, values []any) (string, []any) {
	var conds []string
	var args []any
	for _, v := range values {
		s, ok := textual.comparable(v)
		switch {
		case !ok:
		case kind == emailIdentity:
			conds = append(conds, d.characters(f, column)+" COLLATE utf8mb4_general_ci LIKE ? ESCAPE '!'")
			args = append(args, "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)+"%")
		case kind == "" && d.shapes.column(f).plain:
			conds = append(conds, column+" = ?")
			args = append(args, s)
		}
	}
	if conds == nil {
		return "", nil
	}
	return "(" + strings.Join(conds, " OR ") + ")", args
}

func (d mysqlDialect) empty(f *Field, kind, expr string) string {
	if d.class(f, kind) != textual {
		return expr + " IS NULL"
	}
	return "(" + expr + " IS NULL OR " + expr + " = CAST('' AS BINARY))"
}

func (d mysqlDialect) filled(f *Field, kind, expr string) string {
	if d.class(f, kind) != textual {
		return expr + " IS NOT NULL"
	}
	return expr + " <> CAST('' AS BINARY)"
}

// bind passes a value as what it is compared as. What can equal nothing of the type is NULL.
func (d mysqlDialect) bind(f *Field, kind string, _ int, v any) (string, any) {
	class := d.class(f, kind)
	s, ok := class.comparable(v)
	var arg any = s
	if !ok {
		arg = nil
	}
	switch {
	case class == binary:
		return "UNHEX(?)", arg
	case class.number():
		if _, whole := v.(int64); whole {
			return "?", v
		}
		if _, float := v.(float64); float && ok {
			return "?", v
		}
		return "CAST(? AS DECIMAL(65, 20))", arg
	}
	return "CAST(? AS BINARY)", arg
}

func (d mysqlDialect) list(f *Field, kind string, _ int, values []any) (string, any) {
	class := d.class(f, kind)
	texts, whole := comparables(class, values)
	value, typ := "CAST(v AS BINARY)", "LONGTEXT"
	switch {
	case class == binary:
		value = "UNHEX(v)"
	case whole:
		value, typ = "v", "BIGINT" // what an index on whole numbers can use
	case class.number():
		value = "CAST(v AS DECIMAL(65, 20))"
	}
	return "SELECT " + value + " FROM JSON_TABLE(?, '$[*]' COLUMNS (v " + typ + " PATH '$')) AS many", jsonText(texts)
}

func (d mysqlDialect) assign(f *Field, _ int, v any) (string, any) {
	if b, ok := v.(bool); ok {
		v = int64(0)
		if b {
			v = int64(1)
		}
	}
	return "?", v
}

func (mysqlDialect) lock() string { return " FOR UPDATE" }

// nested walks from the column to the field, unfolding each list on the way. Text that is not JSON has no members.
func (d mysqlDialect) nested(column string, f *Field) (joins, expr string) {
	var path []*Field
	for at := f; at != nil; at = at.Parent {
		path = append([]*Field{at}, path...)
	}
	valid := func(expr string) string { return "CASE WHEN JSON_VALID(" + expr + ") THEN " + expr + " END" }
	base, where := valid(column), "$"
	lists := 0
	for i, at := range path {
		if i > 0 {
			where += "." + jsonName(at.Name)
		}
		if at.Array {
			lists++
			alias := "j" + strconv.Itoa(lists)
			joins += ", JSON_TABLE(" + base + ", " + sqlString(where+"[*]") + " COLUMNS (v JSON PATH '$')) AS " + alias
			base, where = alias+".v", "$"
		}
	}
	expr = "JSON_EXTRACT(" + base + ", " + sqlString(where) + ")"
	return joins, "CASE JSON_TYPE(" + expr + ") WHEN 'NULL' THEN NULL ELSE JSON_UNQUOTE(" + expr + ") END"
}
