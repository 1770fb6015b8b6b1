package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"habeas/rights"
)

// Restored says what was restored.
type Restored struct {
	Report
	Ended    int // sessions that were open when the backup was made
	Erased   int // subjects whose key is not among the keys
	Erasures int // by machine, that are left to people
}

// ErrNoBackup says that a file is not what Backup wrote.
var ErrNoBackup = errors.New("not a backup of habeas")

// Restore makes the database of an empty data directory from a backup and its keys. Everything is done beside its place
// and moved there at the end: a backup that is damaged, was tampered with or is of another key leaves nothing behind.
//
// What a backup remembers as open has been closed since, or ought to be: sessions end, codes and links are used up, and
// letters that hold them are not sent. An erasure may have been taken back since, or a hold placed, and a destruction declined: people
// decide anew. Subjects whose key is not among the keys were erased since, and are again.
func Restore(ctx context.Context, o Options, backup, keys string) (r Restored, err error) {
	if o.KeyFile == "" {
		o.KeyFile = filepath.Join(o.Dir, "habeas.key")
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return r, fmt.Errorf("make the data directory: %w", err)
	}
	lock, err := lockDir(o.Dir)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	for _, name := range []string{"habeas.db", "keys.db"} {
		if _, err := os.Lstat(filepath.Join(o.Dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return r, errors.Join(fmt.Errorf("%s is there already: restore into an empty data directory", filepath.Join(o.Dir, name)), err)
		}
	}
	beside := o
	if beside.Dir, err = os.MkdirTemp(o.Dir, "restore-"); err != nil {
		return r, fmt.Errorf("make a place to restore in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(beside.Dir)) }()
	for _, f := range []struct{ from, name string }{{backup, "habeas.db"}, {keys, "keys.db"}} {
		if err := copyDatabase(f.from, filepath.Join(beside.Dir, f.name)); err != nil {
			return r, err
		}
	}
	whole := filepath.Join(beside.Dir, "whole.db")
	if r, err = restoreTo(ctx, beside, whole); err != nil {
		return r, err
	}
	return r, moveIn(o.Dir, whole)
}

// restoreTo opens what was copied, verifies and quietens it, and writes it to a file without a write-ahead log.
func restoreTo(ctx context.Context, o Options, whole string) (r Restored, err error) {
	s, err := Open(ctx, o)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if r.Report, err = s.VerifyAudit(ctx); err != nil {
		return r, err
	}
	if err := s.Write(ctx, func(tx *Tx) error { return tx.quieten(ctx, &r, o.Now()) }); err != nil {
		return r, fmt.Errorf("restore: %w", err)
	}
	return r, s.Backup(ctx, whole)
}

// moveIn puts both files in place, the database last: a directory that has none is not a restored one.
func moveIn(dir, whole string) error {
	keys := filepath.Join(dir, "keys.db")
	if err := os.Rename(KeysOf(whole), keys); err != nil {
		return fmt.Errorf("put the subjects' keys in place: %w", err)
	}
	if err := os.Rename(whole, filepath.Join(dir, "habeas.db")); err != nil {
		return errors.Join(fmt.Errorf("put the database in place: %w", err), os.Remove(keys))
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("put the database in place: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// quiet ends what a backup remembers as open, but for sessions, which are counted. Limits are not among it: what was
// taken of them since is nowhere.
var quiet = []string{
	"UPDATE challenges SET used_at = $1 WHERE used_at IS NULL",
	"UPDATE enrolments SET used_at = $1 WHERE used_at IS NULL",
	"UPDATE stops SET used_at = $1 WHERE used_at IS NULL",
	`UPDATE letters SET state = 'parked', failed_at = $1, fault = 'its code or link was used up by a restore', body = NULL
		WHERE state IN ('queued', 'sending') AND (fleeting = 1 OR expires_at > 0)`,
	`UPDATE destructions SET state = 'proposed', decided_by = '', decided_at = 0, reason = NULL, next_at = $1, version = version + 1
		WHERE state = 'approved' AND begun_at = 0`,
}

func (tx *Tx) quieten(ctx context.Context, r *Restored, at time.Time) error {
	keyless, err := tx.keyless(ctx)
	if err != nil {
		return err
	}
	var left int
	if err := tx.from.row(ctx, "SELECT COUNT(*) FROM subjects WHERE erased_at = 0").Scan(&left); err != nil {
		return translate(err)
	}
	if left > 0 && left == len(keyless) {
		return errors.New("none of the subjects' keys is of this backup: name the newest copy of its own")
	}
	for _, id := range keyless {
		if err := tx.DestroySubjectKey(id, rights.Entry{At: at, Actor: rights.System, Act: "subject.erased_again", Subject: id}); err != nil {
			return err
		}
	}
	ended, err := tx.exec("UPDATE sessions SET ended_at = $1 WHERE ended_at IS NULL", millis(at))
	if err != nil {
		return err
	}
	for _, query := range quiet {
		if _, err := tx.exec(query, millis(at)); err != nil {
			return err
		}
	}
	if r.Erasures, err = tx.leaveErasures(ctx, at); err != nil {
		return err
	}
	r.Ended, r.Erased = int(ended), len(keyless)
	return tx.Append(rights.Entry{At: at, Actor: rights.System, Act: "backup.restored", Facts: map[string]string{
		"entries": strconv.FormatInt(r.Entries, 10), "sessions": strconv.Itoa(r.Ended), "erased": strconv.Itoa(r.Erased), "erasures": strconv.Itoa(r.Erasures),
	}})
}

// leaveErasures leaves to people what a machine had still to erase, and returns how many erasures those are.
func (tx *Tx) leaveErasures(ctx context.Context, at time.Time) (int, error) {
	const open = "state IN ('waiting', 'erasing', 'checking')"
	rows, err := tx.from.query(ctx, "SELECT subject_id, id FROM requests WHERE id IN (SELECT request_id FROM erasures WHERE "+open+") ORDER BY id")
	left, err := all(rows, err, func(row scanner) (e rights.Entry, err error) {
		e = rights.Entry{At: at, Actor: rights.System, Act: "erasure.by_hand", Facts: map[string]string{"why": "restored"}}
		return e, row.Scan(&e.Subject, &e.Request)
	})
	if err != nil {
		return 0, err
	}
	if _, err := tx.exec("UPDATE erasures SET state = 'by_hand', source = '', trouble = 'restored', version = version + 1 WHERE " + open); err != nil {
		return 0, err
	}
	for _, why := range left {
		if err := tx.Append(why); err != nil {
			return 0, err
		}
	}
	return len(left), nil
}

// copyDatabase copies a SQLite file, and nothing else, to a place where nothing is.
func copyDatabase(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	defer in.Close()
	head := make([]byte, 16)
	if _, err := io.ReadFull(in, head); err != nil || !bytes.Equal(head, []byte("SQLite format 3\x00")) {
		return fmt.Errorf("%s: %w", from, ErrNoBackup)
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the database: %w", err)
	}
	_, err = io.Copy(out, io.MultiReader(bytes.NewReader(head), in))
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return fmt.Errorf("write the database: %w", err)
	}
	return nil
}
