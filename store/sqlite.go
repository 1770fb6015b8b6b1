package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"habeas/rights"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// Everything that only SQLite understands is in this file: a second engine replaces it and the migrations.

const (
	beginWrite     = "BEGIN IMMEDIATE"
	compactCopy    = "VACUUM INTO $1"
	emptyWAL       = "PRAGMA wal_checkpoint(TRUNCATE)"
	checkpointWAL  = "PRAGMA wal_checkpoint(PASSIVE)"
	keepWAL        = 1    // SQLITE_FCNTL_PERSIST_WAL: on
	walPages       = 8000 // 32 MiB: a log that wraps around keeps its blocks, which makes a FULL commit one write
	mappedBytes    = 1 << 30
	busyMillis     = 5000
	statementLimit = 64
)

// ErrFull says that the disk is full: nothing was written, and nothing can be until there is room.
var ErrFull = errors.New("the disk is full: make room in the data directory")

// writeDSN opens the one connection that writes. Pragmas stand in the DSN because Exec would reach one connection of a
// pool only. FULL: with NORMAL a power cut loses acknowledged requests. secure_delete: what is deleted is overwritten.
func writeDSN(path string) string {
	return dsn(path, "_txlock", "immediate",
		"_pragma", fmt.Sprintf("busy_timeout(%d)", busyMillis),
		"_pragma", "journal_mode(WAL)",
		"_pragma", "synchronous(FULL)",
		"_pragma", "foreign_keys(1)",
		"_pragma", "secure_delete(1)",
		"_pragma", fmt.Sprintf("wal_autocheckpoint(%d)", walPages))
}

// readDSN opens the readers, which cannot write even by mistake.
func readDSN(path string) string {
	return dsn(path,
		"_pragma", fmt.Sprintf("busy_timeout(%d)", busyMillis),
		"_pragma", "query_only(1)",
		"_pragma", fmt.Sprintf("mmap_size(%d)", mappedBytes))
}

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

// keepLog lets the write-ahead log stay when the database is closed, at its size: a new process need not grow it again.
func keepLog(conn *sql.Conn) error {
	return conn.Raw(func(driver any) error {
		_, err := driver.(sqlite.FileControl).FileControlPersistWAL("main", keepWAL)
		return err
	})
}

// Backup writes a consistent copy of the database to path, which must not exist, while the portal goes on. The copy
// holds sealed values and is of no use without the key file.
func (s *Store) Backup(ctx context.Context, path string) (err error) {
	// SQLite writes into an empty file that exists: made here, because it would be readable by others otherwise.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			err = errors.Join(err, os.Remove(path))
		}
	}()
	db, err := sql.Open("sqlite", dsn(s.path, "_pragma", fmt.Sprintf("busy_timeout(%d)", busyMillis)))
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, compactCopy, path); err != nil {
		return fmt.Errorf("back up: %w", translate(err))
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}
