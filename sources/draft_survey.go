package sources

import (
	"context"
	"database/sql"
)

// table is what a live schema says of one table.
type table struct {
	name    string
	columns []column
	refs    []foreignKey
}

// foreignKey says that columns hold the values of those of another table, pair by pair.
type foreignKey struct {
	columns []string
	table   string
	others  []string
}

// surveyor is a system that has a schema of its own to draft a map from.
type surveyor interface {
	// survey lists its tables, sorted by name.
	survey(ctx context.Context) ([]table, error)
}

// surveyed reads a schema: names lists the tables, refs for one of them rows of a number for each foreign key, a column,
// the table that it refers to, and the column there.
func surveyed(ctx context.Context, db *sql.DB, s system, names, refs string) ([]table, error) {
	var out []table
	err := sqlRows(ctx, db, names, nil, 1, func(values []any) error {
		out = append(out, table{name: textOf(values[0])})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		t := &out[i]
		if t.columns, err = s.columns(ctx, &Collection{Name: t.name}); err != nil {
			return nil, err
		}
		last := ""
		err := sqlRows(ctx, db, refs, []any{t.name}, 4, func(values []any) error {
			if id := textOf(values[0]); len(t.refs) == 0 || id != last {
				t.refs, last = append(t.refs, foreignKey{table: textOf(values[2])}), id
			}
			r := &t.refs[len(t.refs)-1]
			r.columns, r.others = append(r.columns, textOf(values[1])), append(r.others, textOf(values[3]))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// textOf is a name as a driver returns it: one of them returns bytes.
func textOf(v any) string {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return text(v)
}

func (s *sqliteSystem) survey(ctx context.Context) ([]table, error) {
	db, err := s.read.db()
	if err != nil {
		return nil, err
	}
	return surveyed(ctx, db, s, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`,
		// A reference that names no column is to the key.
		`SELECT f.id, f."from", f."table", coalesce(f."to", (SELECT name FROM pragma_table_info(f."table") WHERE pk = f.seq + 1))
			FROM pragma_foreign_key_list(?) f ORDER BY f.id, f.seq`)
}

func (s *postgresSystem) survey(ctx context.Context) ([]table, error) {
	return surveyed(ctx, s.pools[0], s, `SELECT relname::text FROM pg_catalog.pg_class
			WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname::text COLLATE "C"`,
		`SELECT k.conname::text, a.attname::text, t.relname::text, o.attname::text FROM pg_catalog.pg_constraint k
			JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS pair(own, other, n) ON true
			JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.own
			JOIN pg_catalog.pg_class t ON t.oid = k.confrelid AND t.relnamespace = current_schema()::regnamespace
			JOIN pg_catalog.pg_attribute o ON o.attrelid = k.confrelid AND o.attnum = pair.other
			WHERE k.contype = 'f' AND k.conrelid = to_regclass(quote_ident($1::text)) ORDER BY k.conname, pair.n`)
}

func (s *mysqlSystem) survey(ctx context.Context) ([]table, error) {
	return surveyed(ctx, s.pools[0], s, `SELECT table_name FROM information_schema.tables
			WHERE table_schema = database() AND table_type = 'BASE TABLE' ORDER BY CAST(table_name AS BINARY)`,
		`SELECT constraint_name, column_name, referenced_table_name, referenced_column_name FROM information_schema.key_column_usage
			WHERE table_schema = database() AND table_name = ? AND referenced_table_schema = database() ORDER BY constraint_name, ordinal_position`)
}
