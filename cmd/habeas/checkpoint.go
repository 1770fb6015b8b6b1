package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// checkpoint signs where the audit log stands and appends it to the configured file, if the log grew since the last.
// The file belongs on another machine's disk: it is what proves that entries were not taken away later.
func (s *service) checkpoint(ctx context.Context) (bool, error) {
	file := s.house.config.Checkpoints
	if file == "" {
		return false, nil
	}
	note, err := s.house.store.Checkpoint(ctx)
	if err != nil {
		return false, err
	}
	return false, appendNote(file, note)
}

// appendNote adds a signed note to a file unless it is there already; notes are parted by an empty line.
func appendNote(file string, note []byte) error {
	was, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("audit.checkpoints.file cannot be read: %w", err)
	}
	if bytes.Contains(was, note) {
		return nil
	}
	if len(was) > 0 {
		note = append([]byte("\n"), note...)
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("audit.checkpoints.file cannot be written: %w", err)
	}
	_, err = f.Write(note)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("audit.checkpoints.file cannot be written: %w", err)
	}
	return nil
}

// readNotes reads what appendNote wrote. A signed note is its text, an empty line and its signatures
// (golang.org/x/mod/sumdb/note), so every second empty line parts two notes.
func readNotes(file string) ([][]byte, error) {
	all, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var notes [][]byte
	parts := bytes.Split(bytes.TrimRight(all, "\n"), []byte("\n\n"))
	for ; len(parts) > 1; parts = parts[2:] {
		notes = append(notes, slices.Concat(parts[0], []byte("\n\n"), parts[1], []byte("\n")))
	}
	if len(parts) == 1 && len(parts[0]) > 0 {
		return nil, fmt.Errorf("%s ends in the middle of a checkpoint: keep a copy, remove what follows the last whole one and verify again", file)
	}
	return notes, nil
}
