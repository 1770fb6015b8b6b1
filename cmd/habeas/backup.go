package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"habeas/store"
)

// backupCmd copies the database, and the keys of the people in it to a file beside.
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
		return nil, fmt.Errorf("%s or %s exists already: name a new file", e.File, filepath.Base(store.KeysOf(e.File)))
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no directory %s: make it first", filepath.Dir(e.File))
	case err != nil:
		return nil, plain(err, filepath.Dir(e.File))
	}
	return []string{
		"Written: " + e.File,
		"         " + store.KeysOf(e.File) + "   the keys of the people in it",
		"Keep only the newest copy of the keys, in one place, and remove the older ones: it opens every backup, but of nobody",
		"whose data was erased since. Neither file can be read without the key file: keep a copy of that in another place.",
	}, nil
}

// restoreCmd makes a data directory from a backup.
type restoreCmd struct {
	File string `arg:"" type:"existingfile" help:"The backup."`
	Keys string `help:"The newest copy of the keys; FILE.keys without it." placeholder:"FILE"`
}

// Run has the backup verified before it is put in place, so that one of another key, or a damaged one, is noticed now
// and not on the day it is needed.
func (c restoreCmd) Run(ctx context.Context, g *globals, out io.Writer) error {
	if _, err := os.Stat(filepath.Join(g.dir(), "habeas.db")); err == nil {
		return fmt.Errorf("%s holds a database already: restore into an empty data directory, named with --data", g.dir())
	}
	key := g.KeyFile
	if key == "" {
		key = filepath.Join(g.dir(), "habeas.key")
	}
	if _, err := os.Stat(key); err != nil {
		return fmt.Errorf("the key file %s is missing: put the key of the backup there, or name it in HABEAS_KEY_FILE", key)
	}
	keys := c.Keys
	if keys == "" {
		keys = store.KeysOf(c.File)
	}
	if _, err := os.Stat(keys); err != nil {
		return fmt.Errorf("there is no %s: name the newest copy of the keys with --keys", keys)
	}
	r, err := store.Restore(ctx, store.Options{Dir: g.dir(), KeyFile: g.KeyFile, Now: time.Now}, c.File, keys)
	if errors.Is(err, store.ErrNoBackup) {
		return fmt.Errorf("%w: name the file that habeas backup wrote", err)
	}
	if err != nil {
		return plain(err, g.dir())
	}
	fmt.Fprintf(out, "Restored to %s. The audit log is whole: %d entries, root %s\n", g.dir(), r.Entries, r.Root)
	fmt.Fprintf(out, "Sessions ended: %d. Codes and links that were open are used up. People erased since, and now again: %d.\n", r.Ended, r.Erased)
	if r.Erasures > 0 {
		fmt.Fprintf(out, "Erasures that were still to be done: %d. Each may have been taken back since: people decide, on the page of its request.\n", r.Erasures)
	}
	fmt.Fprintln(out, "Not to be had back: what was counted against rate limits since the backup, and who was disabled since it; look at habeas staff list.")
	return nil
}
