package sources

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"habeas/rights"
)

// loader is one import under way.
type loader struct {
	*snapshotSystem
	ctx   context.Context //nolint:containedctx // it lives as long as one call
	tx    *sql.Tx
	c     *Collection
	im    Import
	at    int64
	today rights.Date
	types map[string]string
	n     Imported
	lost  int // faulty rows whose key cannot be read
	tombs int // keys that are not brought back

	quiet context.Context //nolint:containedctx // ctx without its end, which each statement would watch for: read does it
	seen  map[int64]bool  // and fresh: not written yet
	fresh []any

	find, buried, insert, update, noteSeen, noteMarks, dropMark, noteChange *sql.Stmt
}

// written at once: a statement a row costs more than what it does.
const (
	seenAtOnce  = 500
	freshAtOnce = 200
)

// settleAfter is after how many rows their hashes are put in order.
const settleAfter = 100_000

func (s *snapshotSystem) load(ctx context.Context, c *Collection, im Import) (n Imported, err error) {
	if s.vault == nil {
		return n, s.locked("its snapshot cannot be made without the key file")
	}
	if err := s.make(); err != nil {
		return n, err
	}
	db, err := s.write.db()
	if err != nil {
		return n, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return n, err
	}
	defer tx.Rollback() // after a commit this does nothing
	l := &loader{snapshotSystem: s, ctx: ctx, tx: tx, c: c, im: im, at: since(im.At), today: rights.DateOf(im.At.UTC()), types: map[string]string{},
		quiet: context.WithoutCancel(ctx), seen: map[int64]bool{}}
	for _, step := range []func() error{l.tables, l.prepare, l.reindex, l.read, l.gone, l.finish} {
		if err := step(); err != nil {
			return l.n, err
		}
	}
	if err := tx.Commit(); err != nil {
		return l.n, err
	}
	// What is replaced is in the journal until it is emptied.
	if _, err := db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return l.n, fmt.Errorf("all is imported, but the journal of the snapshot cannot be emptied: %w", err)
	}
	return l.n, nil
}

func (l *loader) exec(text string, args ...any) error {
	_, err := l.tx.ExecContext(l.ctx, text, args...)
	return err
}

// tables makes what is missing, and finds a file of another key before anything is read.
func (l *loader) tables() error {
	if err := makeTables(l.ctx, l.tx); err != nil {
		return err
	}
	versions := 0
	if err := rowsOf(l.ctx, l.tx, "SELECT count(*) FROM snapshot", nil, []any{&versions}, func() error { return nil }); err != nil {
		return err
	}
	if versions == 0 {
		if err := l.exec("INSERT INTO snapshot (version, proof) VALUES (?, ?)", snapshotVersion, l.vault.seal([]byte("habeas"), "proof", l.source)); err != nil {
			return err
		}
	}
	return l.prove(l.ctx, l.tx)
}

func (l *loader) prepare() error {
	for _, text := range []string{
		"CREATE TEMP TABLE IF NOT EXISTS seen (record INTEGER PRIMARY KEY)", "DELETE FROM temp.seen",
		"CREATE TEMP TABLE IF NOT EXISTS fresh (hash BLOB, record INTEGER)", "DELETE FROM temp.fresh",
	} {
		if err := l.exec(text); err != nil {
			return err
		}
	}
	for _, st := range []struct {
		into **sql.Stmt
		text string
	}{
		{&l.find, "SELECT r.id, r.sealed, s.record IS NOT NULL FROM records AS r LEFT JOIN temp.seen AS s ON s.record = r.id WHERE r.key = ?"},
		{&l.buried, "SELECT EXISTS (SELECT 1 FROM forgotten WHERE key = ?), EXISTS (SELECT 1 FROM destroyed WHERE key = ?)"},
		{&l.insert, "INSERT INTO records (collection, key, sealed, since) VALUES (?, ?, ?, ?)"},
		{&l.update, "UPDATE records SET sealed = ?, gone_at = NULL WHERE id = ?"},
		{&l.noteSeen, "INSERT OR IGNORE INTO temp.seen (record) SELECT value FROM json_each(?)"},
		{&l.noteMarks, "INSERT INTO temp.fresh (hash, record) VALUES (?, ?)" + strings.Repeat(", (?, ?)", freshAtOnce-1)},
		{&l.dropMark, "DELETE FROM marks WHERE hash = ? AND record = ?"},
		{&l.noteChange, "INSERT INTO history (record, at, field, sealed) VALUES (?, ?, ?, ?)"},
	} {
		var err error
		if *st.into, err = l.tx.PrepareContext(l.ctx, st.text); err != nil {
			return err
		}
	}
	if err := rowsOf(l.ctx, l.tx, "SELECT (SELECT count(*) FROM forgotten) + (SELECT count(*) FROM destroyed)", nil, []any{&l.tombs}, func() error { return nil }); err != nil {
		return err
	}
	for _, f := range l.c.Fields {
		l.types[f.Name] = map[string]string{"integer": "INTEGER", "float": "NUMERIC", "boolean": "BOOLEAN"}[f.Type]
		if l.types[f.Name] == "" || f.Array {
			l.types[f.Name] = "TEXT"
		}
	}
	return nil
}

// reindex makes the hashes of all records anew where the map wants others than it did.
func (l *loader) reindex() error {
	have, want := map[string]bool{}, map[string]bool{}
	var m string
	if err := rowsOf(l.ctx, l.tx, "SELECT mark FROM indexed WHERE collection = ?", []any{l.c.Name}, []any{&m}, func() error {
		have[m] = true
		return nil
	}); err != nil {
		return err
	}
	same := true
	for _, m := range l.marks[l.c] {
		want[m.String()] = true
		same = same && have[m.String()]
	}
	if same && len(have) == len(want) {
		return nil
	}
	for _, text := range []string{"DELETE FROM indexed WHERE collection = ?", "DELETE FROM marks WHERE record IN (SELECT id FROM records WHERE collection = ?)"} {
		if err := l.exec(text, l.c.Name); err != nil {
			return err
		}
	}
	for m := range want {
		if err := l.exec("INSERT INTO indexed (mark, collection) VALUES (?, ?)", m, l.c.Name); err != nil {
			return err
		}
	}
	f := &found{}
	if err := rowsOf(l.ctx, l.tx, "SELECT id, key, sealed FROM records WHERE collection = ? AND gone_at IS NULL", []any{l.c.Name}, []any{&f.id, &f.hash, &f.sealed}, func() error {
		r, err := l.unseal(l.c, f)
		if err != nil {
			return err
		}
		return l.mark(f.id, l.hashes(l.c, r), nil)
	}); err != nil {
		return err
	}
	return l.settle()
}

// settle puts hashes into the table in its own order: one by one in the order of the file they would touch all of it.
func (l *loader) settle() error {
	for ; len(l.fresh) > 0; l.fresh = l.fresh[2:] {
		if err := l.exec("INSERT INTO temp.fresh (hash, record) VALUES (?, ?)", l.fresh[:2]...); err != nil {
			return err
		}
	}
	if err := l.exec("INSERT OR IGNORE INTO marks (hash, record) SELECT hash, record FROM temp.fresh ORDER BY hash, record"); err != nil {
		return err
	}
	return l.exec("DELETE FROM temp.fresh")
}

// mark notes hashes that are new and drops those that are not there any more.
func (l *loader) mark(id int64, now, before map[string]bool) error {
	for h := range now {
		if before[h] {
			continue
		}
		if l.fresh = append(l.fresh, []byte(h), id); len(l.fresh) == 2*freshAtOnce {
			if _, err := l.noteMarks.ExecContext(l.quiet, l.fresh...); err != nil {
				return err
			}
			l.fresh = l.fresh[:0]
		}
	}
	for h := range before {
		if now[h] {
			continue
		}
		if _, err := l.dropMark.ExecContext(l.quiet, []byte(h), id); err != nil {
			return err
		}
	}
	return nil
}

// read takes in every row.
func (l *loader) read() error {
	for {
		number, cells, err := l.im.Next()
		var fault *RowFault
		if err == nil {
			if l.n.Rows++; l.n.Rows%1000 == 0 {
				if err := l.ctx.Err(); err != nil {
					return err
				}
				if l.im.Progress != nil {
					l.im.Progress(l.n.Rows)
				}
				if l.n.Rows%settleAfter == 0 { // sorting all at once maps all into memory
					if err := l.settle(); err != nil {
						return err
					}
				}
			}
			err = l.row(number, cells)
		} else if errors.As(err, &fault) {
			l.n.Rows++
			l.lost++
		}
		switch {
		case errors.Is(err, io.EOF):
			switch {
			case l.n.Rows == 0:
				return ErrNoRows
			case l.n.Faulty > 0 && !l.im.Partial:
				return ErrFaultyRows
			}
			return errors.Join(l.flush(), l.settle())
		case errors.As(err, &fault):
			l.n.Faulty++
			if err := l.im.Fault(*fault); err != nil {
				return err
			}
		case err != nil:
			return err
		}
	}
}

// see notes that the file has a record.
func (l *loader) see(id int64) error {
	if l.seen[id] = true; len(l.seen) < seenAtOnce {
		return nil
	}
	return l.flush()
}

func (l *loader) flush() error {
	ids, err := json.Marshal(slices.Collect(maps.Keys(l.seen)))
	if err != nil {
		return fmt.Errorf("write numbers of records: %w", err)
	}
	if _, err := l.noteSeen.ExecContext(l.quiet, string(ids)); err != nil {
		return err
	}
	clear(l.seen)
	return nil
}
