package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// backupCmd copies the database.
type backupCmd struct {
	File string `arg:"" help:"Where to write the copy; it must not exist yet."`
}

// Run has the copy written, by the running portal if there is one.
func (c backupCmd) Run(ctx context.Context, g *globals, out io.Writer) error {
	file, err := filepath.Abs(c.File) // the portal that writes it may have another working directory
	if err != nil {
		return fmt.Errorf("find %s: %w", c.File, err)
	}
	return runErrand(ctx, g, out, errand{Do: "backup", File: file})
}

func backUp(ctx context.Context, h *house, e errand) ([]string, error) {
	err := h.store.Backup(ctx, e.File)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("%s exists already: name a new file", e.File)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no directory %s: make it first", filepath.Dir(e.File))
	case err != nil:
		return nil, plain(err, filepath.Dir(e.File))
	}
	return []string{
		"Written: " + e.File,
		"The key is not in it. Without the key file the backup cannot be read: keep a copy of the key in another place.",
	}, nil
}

// restoreCmd makes a data directory from a backup.
type restoreCmd struct {
	File string `arg:"" type:"existingfile" help:"The backup."`
}

// Run copies the backup into place and opens it with the key, so that a backup of another key, or a damaged one, is
// noticed now and not on the day it is needed.
func (c restoreCmd) Run(ctx context.Context, g *globals, out io.Writer) (err error) {
	db := filepath.Join(g.dir(), "habeas.db")
	if _, err := os.Stat(db); err == nil {
		return fmt.Errorf("%s holds a database already: restore into an empty data directory, named with --data", g.dir())
	}
	key := g.KeyFile
	if key == "" {
		key = filepath.Join(g.dir(), "habeas.key")
	}
	if _, err := os.Stat(key); err != nil {
		return fmt.Errorf("the key file %s is missing: put the key of the backup there, or name it in HABEAS_KEY_FILE", key)
	}
	if err := os.MkdirAll(g.dir(), 0o700); err != nil {
		return plain(fmt.Errorf("make the data directory: %w", err), g.dir())
	}
	if err := copyDatabase(c.File, db); err != nil {
		return plain(err, g.dir())
	}
	s, err := openStore(ctx, g, time.Now)
	if err != nil {
		return errors.Join(err, os.Remove(db))
	}
	log, err := s.VerifyAudit(ctx)
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	fmt.Fprintf(out, "Restored to %s. The audit log is whole: %d entries, root %s\n", g.dir(), log.Entries, log.Root)
	return nil
}

// copyDatabase copies a SQLite file, and nothing else, to a place where nothing is.
func copyDatabase(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	defer in.Close()
	head := make([]byte, 16)
	if _, err := io.ReadFull(in, head); err != nil || !bytes.Equal(head, []byte("SQLite format 3\x00")) {
		return fmt.Errorf("%s is not a backup of habeas: name the file that habeas backup wrote", from)
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the database: %w", err)
	}
	_, err = io.Copy(out, io.MultiReader(bytes.NewReader(head), in))
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(fmt.Errorf("write the database: %w", err), os.Remove(to))
	}
	return nil
}
