package sources

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresSystem is one PostgreSQL database, 13 or later. Connections read only; a second pool that may write exists
// only where the map lets something be written.
type postgresSystem struct {
	sqlSystem
	shapes *shapes
	pools  []*sql.DB
}

// errPostgresDSN never repeats the DSN: people put passwords into it.
var errPostgresDSN = errors.New("its dsn cannot be read: write postgres://user@host:5432/database?sslmode=verify-full, or host=… user=… dbname=…")

func openPostgres(c Config, writable bool, o Options) (system, error) {
	base, err := pgx.ParseConfig(c.DSN)
	if err != nil {
		return nil, errPostgresDSN
	}
	if c.Password != "" {
		base.Password = c.Password
	}
	// Nothing is prepared, so that no plan outlives a change of the schema, and everything travels as text.
	base.DefaultQueryExecMode = pgx.QueryExecModeExec
	base.ConnectTimeout = firstPositive(base.ConnectTimeout, o.Timeout)
	pool := func(size int, settings map[string]string) *sql.DB {
		config := base.Copy()
		for name, value := range map[string]string{
			"application_name": "habeas", "timezone": "UTC",
		} {
			if config.RuntimeParams[name] == "" {
				config.RuntimeParams[name] = value
			}
		}
		for name, value := range map[string]string{
			"datestyle": "ISO, YMD", "intervalstyle": "postgres", "bytea_output": "hex", "extra_float_digits": "1",
			"standard_conforming_strings": "on", "client_encoding": "UTF8",
			"lock_timeout":                        milliseconds(o.LockWait),
			"statement_timeout":                   milliseconds(patient * o.Timeout),
			"idle_in_transaction_session_timeout": milliseconds(patient * o.Timeout),
		} {
			config.RuntimeParams[name] = value
		}
		for name, value := range settings {
			config.RuntimeParams[name] = value
		}
		return bounded(stdlib.OpenDB(*config), size)
	}
	s := &postgresSystem{}
	reads := pool(readers, map[string]string{"default_transaction_read_only": "on"})
	s.pools = []*sql.DB{reads}
	s.shapes = &shapes{ask: func(ctx context.Context, c *Collection) ([]sqlColumn, error) {
		return postgresColumns(ctx, reads, c.Name)
	}}
	s.sqlSystem = sqlSystem{
		dialect: postgresDialect{s.shapes}, learn: s.shapes.learn,
		reads: func() (*sql.DB, error) { return reads, nil },
	}
	if writable {
		writes := pool(1, map[string]string{"default_transaction_read_only": "off"})
		s.pools = append(s.pools, writes)
		s.writes = func() (*sql.DB, error) { return writes, nil }
	}
	return s, nil
}

// patient is how many times Options.Timeout a server lets one statement run at most: far longer than a page waits, so
// that a long export is not cut off while it is being written, and still an end.
const patient = 10 * scanPatience

// bounded limits the connections to one source, so that the portal never starves it.
func bounded(db *sql.DB, size int) *sql.DB {
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	db.SetConnMaxIdleTime(time.Minute)
	db.SetConnMaxLifetime(time.Hour) // whoever took over an address meanwhile is noticed
	return db
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(max(d.Milliseconds(), 1), 10) }

func firstPositive(a, b time.Duration) time.Duration {
	if a > 0 {
		return a
	}
	return b
}

func (s *postgresSystem) close() error {
	var errs []error
	for _, db := range s.pools {
		errs = append(errs, db.Close())
	}
	return errors.Join(errs...)
}

func (s *postgresSystem) columns(ctx context.Context, c *Collection) ([]column, error) {
	return s.shapes.columns(ctx, c)
}

// postgresKinds says what a class of SQLSTATE, or one code, means (postgresql.org/docs/current/errcodes-appendix.html).
var postgresKinds = map[string]Kind{
	"08": Down, "3D": Down, "53": Down, "57": Down, "58": Down,
	"28": Denied, "42501": Denied, "25006": Denied, // authorization, insufficient_privilege, read_only_sql_transaction
	"25": Down,
	"40": Busy, "55": Busy,
	"57014": Slow, "25P03": Slow, "25P04": Slow,
	"42": Changed, "3F": Changed, "0A": Changed,
	"54": Large,
	"22": Refused, "23": Refused, "44": Refused, "P0001": Refused,
}

func (s *postgresSystem) kind(err error) Kind {
	var e *pgconn.PgError
	switch {
	case errors.Is(err, errForeign):
		return Changed
	case errors.As(err, &e):
		kind, ok := postgresKinds[e.Code]
		if !ok && len(e.Code) == 5 {
			kind, ok = postgresKinds[e.Code[:2]]
		}
		if !ok {
			return Broken
		}
		if kind == Changed {
			s.shapes.forget()
		}
		return kind
	case unreachable(err):
		return Down
	}
	return ""
}

// unreachable reports whether an error is of the connection to a server.
func unreachable(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &connect) || errors.As(err, &certificate) || errors.As(err, &record) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, sql.ErrConnDone) || strings.Contains(err.Error(), "conn closed")
}

// postgresShape lists the columns of a table with the types behind their domains.
const postgresShape = `
SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), format_type(a.atttypid, -1), b.typname::text, b.typtype::text, b.typcategory::text,
	b.typnamespace = 'pg_catalog'::regnamespace, NOT a.attnotnull, a.attcollation IN (0, 100, 950), coalesce(a.attnum = ANY (i.indkey), false),
	current_setting('server_version_num')::int >= 160000,
	CASE WHEN b.typname IN ('varchar', 'bpchar') THEN greatest(a.atttypmod, b.narrowed, 4) - 4 ELSE 0 END -- 4 is what the header of a value counts as
FROM pg_catalog.pg_attribute a
JOIN LATERAL (
	WITH RECURSIVE behind AS (
		SELECT t.* FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid
		UNION ALL SELECT t.* FROM pg_catalog.pg_type t JOIN behind ON behind.typtype = 'd' AND t.oid = behind.typbasetype)
	SELECT *, (SELECT max(typtypmod) FROM behind) AS narrowed FROM behind WHERE typtype <> 'd') b ON true
LEFT JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
WHERE a.attrelid = to_regclass(quote_ident($1::text)) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum`

func postgresColumns(ctx context.Context, db *sql.DB, table string) ([]sqlColumn, error) {
	rows, err := db.QueryContext(ctx, postgresShape, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []sqlColumn
	for rows.Next() {
		var c sqlColumn
		var declared, name, kind, category string
		var builtin, plain bool
		if err := rows.Scan(&c.name, &declared, &c.typ, &name, &kind, &category, &builtin, &c.nullable, &plain, &c.key, &c.tries, &c.length); err != nil {
			return nil, err
		}
		c.column.typ, c.exact = strings.ToUpper(declared), true
		c.classify(name, kind, category, builtin, plain)
		out = append(out, c)
	}
	return out, rows.Err()
}

// classify says what to do with values of a type, from what the catalogue has of it.
func (c *sqlColumn) classify(name, kind, category string, builtin, plain bool) {
	classes := map[string]class{
		"int2": integer, "int4": integer, "int8": integer, "oid": integer, "numeric": decimal, "float4": floating, "float8": floating,
		"bool": truth, "bytea": binary, "uuid": uuid, "json": structure, "jsonb": structure,
	}
	readable := map[string]bool{"citext": true, "hstore": true, "ltree": true}
	switch {
	case builtin && category != "A":
		c.class = classes[name]
		c.plain = plain && (name == "text" || name == "varchar")
		c.foreign = category == "P" || category == "Z" && name != "char" || name == "tsvector" || name == "tsquery"
	case category == "A":
		c.class = list
	case kind == "c":
		c.class = structure // composite: written as JSON
	case kind == "e", kind == "r", kind == "m", readable[name]:
	default:
		c.foreign = true // what an extension's type writes of itself is for programs
	}
	blank := []string{"text", "varchar", "bpchar", "name", "citext", "xml", "date", "time", "timestamp", "timestamptz"}
	c.fixed = kind == "c" || c.class == textual && !slices.Contains(blank, name)
	switch name {
	case "json", "jsonb", "text", "varchar", "bpchar", "uuid", "bool":
		c.column.typ = strings.ToUpper(name) // behind a domain, too
	case "money":
		c.typ = name
	}
	if kind == "c" {
		c.typ = "record"
	}
}
