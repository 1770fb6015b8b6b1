package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
)

// KeysOf is where Backup writes the subjects' keys that belong to a backup.
func KeysOf(backup string) string { return backup + ".keys" }

// Backup writes a consistent copy of the database to path, and one of the subjects' keys to KeysOf(path), while the
// portal goes on. Neither may exist. Both are sealed and of no use without the key file, and the first is of none without
// the second: who keeps many backups and only the newest keys cannot read in any of them who was erased since.
func (s *Store) Backup(ctx context.Context, path string) error {
	if err := copyCompact(ctx, s.path, path); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	// The keys come second, so that no subject of the first copy is made after their key was copied.
	if err := copyCompact(ctx, s.keysPath, KeysOf(path)); err != nil {
		return errors.Join(fmt.Errorf("back up the subjects' keys: %w", err), os.Remove(path))
	}
	return nil
}

func copyCompact(ctx context.Context, from, to string) (err error) {
	// SQLite writes into an empty file that exists: made here, because it would be readable by others otherwise.
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			err = errors.Join(err, os.Remove(to))
		}
	}()
	db, err := sql.Open("sqlite", dsn(from, "_pragma", "busy_timeout(5000)"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, compactCopy, to); err != nil {
		return translate(err)
	}
	return f.Sync()
}
