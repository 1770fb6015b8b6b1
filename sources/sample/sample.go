// Package sample makes SQLite files of made-up records, as a source for the demo and for tests. It knows SQL so that
// they need not; it knows nothing of data maps, people or the portal.
package sample

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Table is the rows of one table, each with a value for every column in the order of the schema.
type Table struct {
	Name string
	Rows [][]any
}

// Make writes a new database to path: the schema, then the rows. A file that is there already is an error; a full disk is
// syscall.ENOSPC.
func Make(ctx context.Context, path, schema string, tables []Table) error {
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("make %s: it exists already, remove it first", path)
	}
	db, err := sql.Open("sqlite", path+"?_pragma=synchronous(OFF)&_pragma=foreign_keys(1)")
	if err != nil {
		return fmt.Errorf("make %s: %w", path, err)
	}
	err = errors.Join(fill(ctx, db, schema, tables), db.Close())
	var full *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &full) && full.Code()&0xff == sqlite3.SQLITE_FULL:
		err = syscall.ENOSPC
	}
	return fmt.Errorf("make %s: %w", path, err)
}

// fill does everything in one transaction: thousands of rows then cost one write.
func fill(ctx context.Context, db *sql.DB, schema string, tables []Table) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit there is nothing to undo
	if _, err := tx.ExecContext(ctx, schema); err != nil {
		return err
	}
	for _, t := range tables {
		if err := insert(ctx, tx, t); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	return tx.Commit()
}

func insert(ctx context.Context, tx *sql.Tx, t Table) error {
	if len(t.Rows) == 0 {
		return nil
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(t.Rows[0])), ", ")
	st, err := tx.PrepareContext(ctx, `INSERT INTO "`+strings.ReplaceAll(t.Name, `"`, `""`)+`" VALUES (`+marks+")")
	if err != nil {
		return err
	}
	defer st.Close()
	for _, row := range t.Rows {
		if _, err := st.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	return nil
}
