package store

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"habeas/rights"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// Everything that only SQLite understands is in this file: a second engine replaces it and the migrations.

const (
	beginWrite  = "BEGIN IMMEDIATE"
	compactCopy = "VACUUM INTO $1"
	restartLog  = "PRAGMA main.wal_checkpoint(RESTART)"
	truncateLog = "PRAGMA wal_checkpoint(TRUNCATE)"
	patient     = "PRAGMA busy_timeout(5000)"
	impatient   = "PRAGMA busy_timeout(0)"
	checksOff   = "PRAGMA foreign_keys(0)"
	checksOn    = "PRAGMA foreign_keys(1)"
	// checkReferences names the tables with rows that refer to nothing.
	checkReferences = "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1"
)

// ErrFull says that the disk is full: nothing was written, and nothing can be until there is room.
var ErrFull = errors.New("the disk is full: make room in the data directory")

// writeDSN opens the one connection that writes. Pragmas stand in the DSN because Exec would reach one connection of a
// pool only. FULL: with NORMAL a power cut loses acknowledged requests. secure_delete: what is deleted is overwritten.
func writeDSN(path string) string {
	return dsn(path, "_txlock", "immediate",
		"_pragma", "busy_timeout(5000)",
		"_pragma", "journal_mode(WAL)",
		"_pragma", "synchronous(FULL)",
		"_pragma", "foreign_keys(1)",
		"_pragma", "secure_delete(1)",
		"_pragma", "temp_store(MEMORY)", // what a savepoint may put back is kept there: on disk it halves the speed
		"_pragma", "cache_size(-8192)",
		"_pragma", "wal_autocheckpoint(8000)")
}

// readDSN opens the readers, which cannot write even by mistake.
func readDSN(path string) string {
	return dsn(path,
		"_pragma", "busy_timeout(5000)",
		"_pragma", "query_only(1)",
		"_pragma", "mmap_size(1073741824)")
}

// keysDSN opens the one connection that writes the subjects' keys, which are as durable as the subjects and leave no trace.
func keysDSN(path string) string {
	return dsn(path, "_txlock", "immediate",
		"_pragma", "busy_timeout(5000)",
		"_pragma", "journal_mode(WAL)",
		"_pragma", "synchronous(FULL)",
		"_pragma", "secure_delete(1)")
}

// readOnlyDSN names a file that a connection only looks into.
func readOnlyDSN(path string) string { return dsn(path, "mode", "ro") }

func dsn(path string, pairs ...string) string {
	q := make([]string, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		q = append(q, pairs[i]+"="+url.QueryEscape(pairs[i+1]))
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: strings.Join(q, "&")}
	return u.String()
}

// translate turns the driver's errors into those that cross package borders.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return rights.ErrNotFound
	}
	var fault *sqlite.Error
	if !errors.As(err, &fault) {
		return err
	}
	switch fault.Code() {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_ROWID:
		return fmt.Errorf("%w: it exists already", rights.ErrConflict)
	case lib.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fmt.Errorf("%w: what it belongs to does not exist", rights.ErrNotFound)
	case lib.SQLITE_FULL, lib.SQLITE_IOERR_SHMSIZE:
		return fmt.Errorf("%w: %v", ErrFull, err)
	}
	return err
}

// keepLog lets the write-ahead log outlive the process at its size of about 32 MiB: a commit into blocks that exist is
// one write instead of two, and growing the log anew would cost the next start half a second.
func keepLog(conn *sql.Conn) error {
	const on = 1
	return conn.Raw(func(driver any) error {
		_, err := driver.(sqlite.FileControl).FileControlPersistWAL("main", on)
		return err
	})
}

// rewindLog moves the write-ahead log into the database and starts it again with one small commit, so that the next
// start has nothing to recover.
func (s *Store) rewindLog() error {
	if _, err := s.w.exec(restartLog); err != nil {
		return translate(err)
	}
	return translate(s.touch())
}
