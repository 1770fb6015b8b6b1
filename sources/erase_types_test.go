package sources_test

import (
	"strings"
	"testing"
)

// Of what has to be overwritten, `habeas check` names just what erasure cannot overwrite, so that nobody's erasure is the first to find out.
func TestCheckWarnsOfTheColumnsThatErasureCannotOverwrite(t *testing.T) {
	type cell struct {
		typ, value string
		never      bool
	}
	everywhere(t, func(t *testing.T) {
		before := ""
		if engine(t) == "postgres" {
			before = `CREATE TYPE mood AS ENUM ('so so', 'good'); CREATE TYPE pair AS (a int, b text);`
		}
		for _, c := range map[string][]cell{
			"sqlite": {{"TEXT", "'x'", false}, {"BLOB", "x'00'", false}, {"INTEGER", "1", false}, {"DATE", "'1990-02-03'", false}},
			"postgres": {
				{"text", "'x'", false}, {"char(3)", "'x'", false}, {"numeric(5,2)", "1", false}, {"bool", "true", false}, {"date", "'1990-02-03'", false},
				{"timestamptz", "'1990-02-03'", false}, {"bytea", `'\x00ff'`, false}, {"text[]", "ARRAY['a']", false}, {"jsonb", `'{"a":1}'`, false}, {"xml", "'<a>b</a>'", false},
				{"uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", false},
				{"mood", "'good'", true}, {"money", "1", true}, {"interval", "'1 day'", true}, {"inet", "'10.0.0.1'", true}, {"macaddr", "'08:00:2b:01:02:03'", true},
				{"bit(3)", "B'101'", true}, {"pair", "ROW(1, 'x')", true}, {"daterange", "'[2026-01-01,2026-02-01)'", true}, {"timetz", "'10:00+08'", true},
			},
			"mysql": {
				{"TEXT", "'x'", false}, {"CHAR(3)", "'x'", false}, {"DECIMAL(5,2)", "1", false}, {"BOOLEAN", "1", false}, {"BIT(1)", "b'1'", false}, {"TIME", "'10:00'", false},
				{"DATETIME(3)", "'2026-01-02'", false}, {"UUID", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", false}, {"VARBINARY(30)", "x'00ff'", false}, {"LONGBLOB", "x'00ff'", false},
				{"SET('a','b')", "'a'", false},
				{"ENUM('so so','good')", "'good'", true}, {"BINARY(8)", "x'00ff'", true}, {"YEAR", "1999", true}, {"BIT(10)", "b'1000000001'", true}, {"INET6", "'2001:db8::1'", true},
			},
		}[engine(t)] {
			t.Run(c.typ, func(t *testing.T) {
				for _, meta := range []string{"", ", habeas_meta: {erase: mask}"} {
					empty := map[bool]string{true: " NOT NULL"}[meta == ""] // what may be empty is overwritten where the map says so
					config := source(t, "s", before+"CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(50), tax VARCHAR(9), it "+c.typ+empty+
						"); INSERT INTO people VALUES (1, 'ana@example.com', 'T-1', "+c.value+")", typesMap+meta+"}\n")
					set := open(t, config)
					warned := false
					for _, f := range set.Check(t.Context()) {
						warned = warned || strings.Contains(f.Message, "takes no value that says nothing")
					}
					holdings, err := set.Holdings(t.Context(), person(t, set, "ana@example.com"))
					must(t, err)
					if err := set.Erase(t.Context(), "s", holdings); (err != nil) != c.never || warned != c.never {
						t.Errorf("%s%s%s: warned %v, erased with %v", c.typ, empty, meta, warned, err)
					}
				}
			})
		}
	})
}

const typesMap = `
dataset:
  - fides_key: d
    habeas_meta: {erase: delete}
    collections:
      - name: people
        habeas_meta: {person: true}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, fides_meta: {identity: email}}
          - {name: tax, habeas_meta: {erase: {keep: {ground: Tax, until: later}}}}
          - {name: it`
