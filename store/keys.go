package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"modernc.org/sqlite"
)

// The data keys of the subjects, wrapped, lie in a file of their own beside the database: a copy of the database that is
// made today must not be readable with a key that is destroyed tomorrow. Two files cannot share a commit, so the order
// is fixed: a key is durable before the subject whose it is, and goes only after its subject is marked as erased. A crash
// in between leaves a key that nothing uses, or one that the next start removes; never a subject without their key.

// dataKey is the wrapped key of subject s: NULL once they are erased, and while the key is not in its file yet.
const dataKey = "(SELECT k.wrapped FROM keys.subject_keys k WHERE k.subject_id = s.id AND s.erased_at = 0)"

// subjectKey is a wrapped key that a transaction under way has made.
type subjectKey struct {
	subject string
	wrapped []byte
}

// openKeys opens the file of the keys, and makes it if the database is fresh. It never makes one for a database that is
// there: that would turn a lost file into lost people.
func (s *Store) openKeys(ctx context.Context, fresh bool) error {
	var err error
	if fresh {
		_, err = isFresh(s.keysPath) // which makes it
	} else if _, err = os.Stat(s.keysPath); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the file of the subjects' keys %s is missing and nobody's data can be read without it: put it back; habeas backup writes it beside the backup", s.keysPath)
	}
	if err != nil {
		return fmt.Errorf("open the subjects' keys: %w", err)
	}
	if s.vault, err = sql.Open("sqlite", keysDSN(s.keysPath)); err != nil {
		return fmt.Errorf("open the subjects' keys: %w", err)
	}
	s.vault.SetMaxOpenConns(1)
	if fresh {
		_, err = s.vault.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS subject_keys (
			subject_id TEXT PRIMARY KEY,
			wrapped    BLOB NOT NULL
		) STRICT, WITHOUT ROWID`)
	} else {
		_, err = s.vault.ExecContext(ctx, "SELECT 1 FROM subject_keys LIMIT 1")
	}
	if err != nil {
		return fmt.Errorf("the file of the subjects' keys %s cannot be used (%w): put back the one that habeas wrote", s.keysPath, translate(err))
	}
	return nil
}

// withKeys opens connections that see the keys, too, and cannot write them. Only so does a transaction on the database
// leave the file of the keys to its own writer.
type withKeys struct {
	driver.Connector
	keys string
}

func openWithKeys(dsn, keys string) (*sql.DB, error) {
	plain, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return sql.OpenDB(withKeys{plain, readOnlyDSN(keys)}), nil
}

// Connect opens a connection and attaches the keys.
func (w withKeys) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := w.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.(driver.ExecerContext).ExecContext(ctx, "ATTACH DATABASE $1 AS keys", []driver.NamedValue{{Ordinal: 1, Value: w.keys}}); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// keep puts the keys that the group has made into their file. It comes before the COMMIT of the subjects.
func (s *Store) keep() error {
	return s.inVault("INSERT INTO subject_keys (subject_id, wrapped) VALUES ($1, $2) ON CONFLICT (subject_id) DO UPDATE SET wrapped = excluded.wrapped",
		func(st *sql.Stmt) error {
			for _, k := range s.made {
				if _, err := st.Exec(k.subject, k.wrapped); err != nil {
					return err
				}
			}
			return nil
		})
}

// forget removes the keys of erased subjects from their file, after the COMMIT that marks them, and empties the file's
// write-ahead log, whose old frames still hold them. It does not wait for a reader in the way, but leaves that for the
// next commit.
func (s *Store) forget() {
	err := s.inVault("DELETE FROM subject_keys WHERE subject_id = $1", func(st *sql.Stmt) error {
		for _, id := range s.erased {
			if _, err := st.Exec(id); err != nil {
				return err
			}
		}
		return nil
	})
	var busy, frames, moved int
	if err == nil {
		_, err = s.vault.Exec(impatient)
	}
	if err == nil {
		err = s.vault.QueryRow(truncateLog).Scan(&busy, &frames, &moved)
	}
	if _, again := s.vault.Exec(patient); again != nil {
		err = again
	}
	if err == nil && busy == 0 {
		s.erased = nil
	}
}

// inVault runs a statement of the keys' file in a transaction of its own.
func (s *Store) inVault(query string, do func(*sql.Stmt) error) error {
	tx, err := s.vault.Begin()
	if err != nil {
		return fmt.Errorf("write the subjects' keys: %w", translate(err))
	}
	st, err := tx.Prepare(query)
	if err == nil {
		err = errors.Join(do(st), st.Close())
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the subjects' keys: %w", translate(err)), tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("write the subjects' keys: %w", translate(err))
	}
	return nil
}

// leftKeys returns the erased subjects whose keys a crash has left.
func leftKeys(ctx context.Context, from source) ([]string, error) {
	rows, err := from.query(ctx, "SELECT s.id FROM subjects s JOIN keys.subject_keys k ON k.subject_id = s.id WHERE s.erased_at > 0")
	return all(rows, err, scanID)
}

// newKey returns the key that the group under way has made for a subject, or nil.
func (s *Store) newKey(subject string) []byte {
	i := slices.IndexFunc(s.made, func(k subjectKey) bool { return k.subject == subject })
	if i < 0 {
		return nil
	}
	return s.made[i].wrapped
}

// unmake takes a key back that was made in the same group. The old slice stays as it is, for a transaction that is undone.
func (s *Store) unmake(subject string) {
	s.made = slices.DeleteFunc(slices.Clone(s.made), func(k subjectKey) bool { return k.subject == subject })
}

// keyless returns the subjects that are not erased and whose key is not there.
func (r reads) keyless(ctx context.Context) ([]string, error) {
	rows, err := r.from.query(ctx, "SELECT s.id FROM subjects s WHERE s.erased_at = 0 AND "+dataKey+" IS NULL ORDER BY s.id")
	return all(rows, err, scanID)
}

func scanID(row scanner) (id string, err error) {
	err = row.Scan(&id)
	return id, err
}
