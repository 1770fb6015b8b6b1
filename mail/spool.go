package mail

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// spool writes one file a letter, for development and for relays that collect from a directory.
type spool struct{ dir, from, host string }

func newSpool(dir, from, host string) (Sender, error) {
	if dir == "" {
		return nil, fmt.Errorf("mail.url: name the directory, as in spool:mail")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("mail.url: make the spool directory: %w", err)
	}
	return &spool{dir: dir, from: from, host: host}, nil
}

// Send writes the letter beside its place and renames it there: a reader never sees half a letter, and a repeated
// attempt replaces the first instead of adding a second.
func (s *spool) Send(_ context.Context, id string, l Letter, at time.Time) (string, error) {
	name, err := messageID(id, s.host)
	if err != nil {
		return "", err
	}
	msg, err := Build(l, s.from, name, at)
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp(s.dir, ".letter-*") // CreateTemp gives 0600
	if err != nil {
		return "", fmt.Errorf("spool a letter: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // after the rename there is nothing to remove
	if _, err = msg.WriteTo(f); err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	file := id + ".eml"
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(s.dir, file))
	}
	if err != nil {
		return "", fmt.Errorf("spool a letter: %w", err)
	}
	return file, nil
}

// Close has nothing to end.
func (s *spool) Close() error { return nil }
