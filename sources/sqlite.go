package sources

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteSystem is one SQLite file. It is opened read-only; a second handle that may write exists only where the map
// lets a field be corrected. A file that is missing is never made.
type sqliteSystem struct {
	sqlSystem
	read  *sqliteFile
	write *sqliteFile // nil where nothing is editable
}

// readers bounds the connections to one source, so that the portal never starves it.
const readers = 4

func openSQLite(c Config, writable bool, o Options) (system, error) {
	dsn := c.DSN
	name, query, err := splitDSN(dsn)
	if err != nil {
		return nil, err
	}
	path, err := url.PathUnescape(name)
	if err != nil {
		return nil, fmt.Errorf("the dsn %q has a path that cannot be read: write %%25 for a percent sign", dsn)
	}
	if rest, ok := strings.CutPrefix(path, "//"); ok { // an authority, which SQLite wants empty or localhost
		path = rest[max(strings.IndexByte(rest, '/'), 0):]
	}
	uri := func(mode string, pairs ...string) string {
		q := url.Values{"mode": {mode}}
		for _, keep := range []string{"cache", "immutable", "nolock", "psow", "vfs"} {
			if v := query.Get(keep); v != "" {
				q.Set(keep, v)
			}
		}
		q.Set("_busy_timeout", strconv.FormatInt(o.LockWait.Milliseconds(), 10))
		q.Set("_dqs", "0") // a missing column must be an error, not its own name as text
		for i := 0; i+1 < len(pairs); i += 2 {
			q.Set(pairs[i], pairs[i+1])
		}
		return "file:" + name + "?" + q.Encode()
	}
	s := &sqliteSystem{read: &sqliteFile{path: path, uri: uri("ro", "_query_only", "1"), pool: readers}}
	s.sqlSystem = sqlSystem{dialect: sqliteDialect{}, reads: s.read.db}
	if writable {
		s.write = &sqliteFile{path: path, uri: uri("rw", "_txlock", "immediate", "_foreign_keys", "1"), pool: 1}
		s.writes = s.write.db
	}
	return s, nil
}

// splitDSN reads a DSN ("shop.db", "file:shop.db?cache=shared") as the path in a URI and its query.
func splitDSN(dsn string) (string, url.Values, error) {
	name, isURI := strings.CutPrefix(dsn, "file:")
	query := url.Values{}
	if isURI {
		path, raw, _ := strings.Cut(name, "?")
		values, err := url.ParseQuery(raw)
		if err != nil {
			return "", nil, fmt.Errorf("the dsn %q has a query that cannot be read: write file:PATH", dsn)
		}
		name, query = path, values
	} else {
		name = strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(name)
	}
	if name == "" || strings.HasPrefix(name, ":memory:") || query.Get("mode") == "memory" {
		return "", nil, fmt.Errorf("the dsn %q names no file: write file:PATH", dsn)
	}
	return name, query, nil
}

// sqliteFile is a file with the connections to it. Connections outlive the file they were opened on: a copy that is
// swapped in every night would never be seen, so each use looks whether it is still the same file.
type sqliteFile struct {
	path, uri string
	pool      int

	mu      sync.Mutex
	info    os.FileInfo
	open    *sql.DB
	retired *sql.DB // of the file before; queries may still be under way
}

// db returns connections to the file that stands there now.
func (f *sqliteFile) db() (*sql.DB, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if err != nil {
		return nil, err
	}
	if f.open != nil && os.SameFile(info, f.info) {
		return f.open, nil
	}
	if f.retired != nil {
		if err := f.retired.Close(); err != nil {
			return nil, err
		}
	}
	f.retired, f.open = f.open, nil
	if f.retired != nil {
		f.retired.SetMaxIdleConns(0) // each connection closes as soon as its query ends
	}
	db, err := sql.Open("sqlite", f.uri)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(f.pool)
	db.SetMaxIdleConns(f.pool)
	f.open, f.info = db, info
	return db, nil
}

func (f *sqliteFile) close() error {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var errs []error
	for _, db := range []*sql.DB{f.retired, f.open} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

func (s *sqliteSystem) close() error { return errors.Join(s.read.close(), s.write.close()) }

// mayRead asks whether a file may be read without opening it: who closes a file of SQLite loses the locks of the whole process
// on it (fcntl(2)).
const mayRead = 4

func (s *sqliteSystem) kind(err error) Kind {
	var missing *os.PathError
	if errors.As(err, &missing) {
		if errors.Is(err, os.ErrPermission) {
			return Denied
		}
		return Down
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return ""
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return Busy
	case sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_READONLY:
		return Denied
	case sqlite3.SQLITE_CANTOPEN:
		if errors.Is(syscall.Access(s.read.path, mayRead), syscall.EACCES) {
			return Denied
		}
		return Down
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT:
		return Down
	case sqlite3.SQLITE_SCHEMA:
		return Changed
	case sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_NOMEM:
		return Large
	case sqlite3.SQLITE_INTERRUPT:
		return Slow
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH:
		return Refused
	case sqlite3.SQLITE_ERROR:
		if m := e.Error(); strings.Contains(m, "no such table") || strings.Contains(m, "no such column") {
			return Changed
		}
	}
	return Broken
}

func (s *sqliteSystem) columns(ctx context.Context, c *Collection) ([]column, error) {
	db, err := s.read.db()
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, `SELECT name, upper(type), "notnull", pk FROM pragma_table_info(?)`, c.Name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []column
	for rows.Next() {
		var col column
		var notNull, key int
		if err := rows.Scan(&col.name, &col.typ, &notNull, &key); err != nil {
			return nil, err
		}
		col.nullable, col.key, col.numeric = notNull == 0, key > 0, numericType(col.typ)
		out = append(out, col)
	}
	return out, rows.Err()
}

// numericType reports whether SQLite makes numbers of what is stored in a column of the type (sqlite.org/datatype3.html, 3.1).
func numericType(typ string) bool {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(typ, w) })
	}
	switch {
	case has("INT"):
		return true
	case has("CHAR", "CLOB", "TEXT", "BLOB"), typ == "":
		return false
	}
	return true
}
