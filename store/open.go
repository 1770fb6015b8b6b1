package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"habeas/migrations"
	"habeas/rights"
	"habeas/store/seal"

	"github.com/pressly/goose/v3"
)

// lockDir takes the directory for this process until the file is closed, which also the death of the process does.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "habeas.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		err = errors.Join(fmt.Errorf("another habeas is using %s: stop it first, or give this one its own data directory", dir), f.Close())
		return nil, err
	}
	return f, nil
}

// isFresh reports whether there is no database yet. It makes the file, because SQLite would let others read it and what
// lies beside it.
func isFresh(path string) (bool, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return false, fmt.Errorf("open the database: %w", err)
	}
	info, err := f.Stat()
	if err = errors.Join(err, f.Close()); err != nil {
		return false, fmt.Errorf("open the database: %w", err)
	}
	return info.Size() == 0, nil
}

// readKeyFile reads the key file and makes it if the database is fresh. It never makes a key for a database that is
// there: that would turn a lost key into lost data.
func readKeyFile(path string, fresh bool) (master []byte, made bool, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && fresh:
		master, err := makeKeyFile(path)
		return master, true, err
	case errors.Is(err, fs.ErrNotExist):
		return nil, false, fmt.Errorf("the key file %s is missing and the database was sealed with it: put it back, or name it in HABEAS_KEY_FILE", path)
	case err != nil:
		return nil, false, fmt.Errorf("read the key file: %w", err)
	case info.Mode().Perm()&0o077 != 0:
		return nil, false, fmt.Errorf("the key file %s can be read by others: run chmod 600 %s", path, path)
	}
	if master, err = os.ReadFile(path); err != nil {
		return nil, false, fmt.Errorf("read the key file: %w", err)
	}
	return master, false, nil
}

func makeKeyFile(path string) ([]byte, error) {
	master, err := seal.NewMaster()
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make the key file: %w", err)
	}
	_, err = f.Write(master)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("make the key file: %w", err)
	}
	return master, nil
}

// migrate brings the database to the newest version. One query settles the usual case, that it is there already.
func migrate(ctx context.Context, db *sql.DB, path string) error {
	newest, err := newestVersion()
	if err != nil {
		return err
	}
	var version int64
	asked := db.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version").Scan(&version)
	switch {
	case asked == nil && version == newest:
		return nil
	case asked == nil && version > newest:
		return fmt.Errorf("the database %s is of version %d and this habeas knows %d: start the newer habeas, or restore an older backup", path, version, newest)
	}
	// No version table: fresh, or not a database, which the migration will say.
	p, err := goose.NewProvider(goose.DialectSQLite3, db, migrations.Files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	// A table that others refer to can only be made anew without the checks; afterwards they are made in full
	// (sqlite.org/lang_altertable.html, section 7).
	if _, err := db.ExecContext(ctx, checksOff); err != nil {
		return fmt.Errorf("migrate the database: %w", translate(err))
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", translate(err))
	}
	if err := dangling(ctx, db); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, checksOn); err != nil {
		return fmt.Errorf("migrate the database: %w", translate(err))
	}
	return nil
}

// dangling is an error where a row refers to one that is not there.
func dangling(ctx context.Context, db *sql.DB) error {
	var table string
	err := translate(db.QueryRowContext(ctx, checkReferences).Scan(&table))
	switch {
	case errors.Is(err, rights.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("check the migrated database: %w", err)
	}
	return fmt.Errorf("check the migrated database: a row of %s refers to one that is not there: restore the backup made before", table)
}

// newestVersion is the highest number of a migration in the binary.
func newestVersion() (int64, error) {
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		return 0, fmt.Errorf("list the migrations: %w", err)
	}
	var newest int64
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("the migration %s has no number", name)
		}
		newest = max(newest, n)
	}
	return newest, nil
}

// openKeyring opens the keys of the database, and makes them the first time.
func openKeyring(ctx context.Context, db *sql.DB, master []byte, o Options) (*seal.Keyring, error) {
	sealed, err := readKeyring(ctx, db)
	if err != nil {
		return nil, err
	}
	fresh := len(sealed) == 0
	if fresh {
		if sealed, err = seal.Make(master, o.Random, o.Name); err != nil {
			return nil, err
		}
	}
	var later map[string][]byte
	if !fresh {
		if later, err = seal.Later(master, sealed); err != nil {
			return nil, err
		}
	}
	keys, err := seal.Open(master, sealed)
	if errors.Is(err, seal.ErrWrongKey) {
		return nil, fmt.Errorf("the key file %s is not the one of this database: put the right one back, or name it in HABEAS_KEY_FILE", o.KeyFile)
	}
	if err == nil && fresh {
		err = saveKeyring(ctx, db, sealed, keys, o)
	}
	if err == nil {
		err = saveLater(ctx, db, later, o)
	}
	return keys, err
}

func readKeyring(ctx context.Context, db *sql.DB) (map[string][]byte, error) {
	rows, err := db.QueryContext(ctx, "SELECT name, sealed FROM keyring")
	if err != nil {
		return nil, fmt.Errorf("read the keyring: %w", translate(err))
	}
	defer rows.Close()
	sealed := map[string][]byte{}
	for rows.Next() {
		var name string
		var b []byte
		if err := rows.Scan(&name, &b); err != nil {
			return nil, fmt.Errorf("read the keyring: %w", translate(err))
		}
		sealed[name] = b
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the keyring: %w", translate(err))
	}
	return sealed, nil
}

// saveLater keeps the keys that a newer version has added, before anything is written with them.
func saveLater(ctx context.Context, db *sql.DB, later map[string][]byte, o Options) error {
	for name, b := range later {
		if _, err := db.ExecContext(ctx, "INSERT INTO keyring (name, sealed, made_at) VALUES ($1, $2, $3)", name, b, o.Now().UnixMilli()); err != nil {
			return fmt.Errorf("save the keyring: %w", translate(err))
		}
	}
	return nil
}

// saveKeyring keeps new keys, together with the head of an empty audit log: a log without a head was tampered with.
func saveKeyring(ctx context.Context, db *sql.DB, sealed map[string][]byte, keys *seal.Keyring, o Options) error {
	head, err := new(tree).headText()
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("save the keyring: %w", translate(err))
	}
	made := o.Now().UnixMilli()
	for name, b := range sealed {
		if _, err := tx.ExecContext(ctx, "INSERT INTO keyring (name, sealed, made_at) VALUES ($1, $2, $3)", name, b, made); err != nil {
			return errors.Join(fmt.Errorf("save the keyring: %w", translate(err)), tx.Rollback())
		}
	}
	if _, err := tx.ExecContext(ctx, setHead, 0, keys.Hash(seal.Heads, head)); err != nil {
		return errors.Join(fmt.Errorf("save the keyring: %w", translate(err)), tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("save the keyring: %w", translate(err))
	}
	return nil
}
