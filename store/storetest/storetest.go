// Package storetest gives tests data directories that are ready at once. To migrate a database costs more than most
// tests do, above all under the race detector: it is done once for all tests of a package, and copied.
package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"habeas/store"
)

// template returns the files of an empty, migrated store, by name.
var template = sync.OnceValues(func() (files map[string][]byte, err error) {
	dir, err := os.MkdirTemp("", "habeas-store-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	made := func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	s, err := store.Open(context.Background(), store.Options{Dir: dir, Now: made})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	files = map[string][]byte{}
	for _, e := range entries {
		b, failed := os.ReadFile(filepath.Join(dir, e.Name()))
		files[e.Name()], err = b, errors.Join(err, failed)
	}
	return files, err
})

// Fill puts an empty store into the directory, and makes that if it is missing. All stores of a test binary that begin
// so have one master key.
func Fill(t testing.TB, dir string) {
	t.Helper()
	files, err := template()
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	for name, b := range files {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
}
