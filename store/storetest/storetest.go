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

// template makes a directory with an empty, migrated store and its key. It stays until the machine empties its own
// directory of temporary files: no test is its owner.
var template = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "habeas-store-"); err != nil {
		return "", err
	}
	made := func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	s, err := store.Open(context.Background(), store.Options{Dir: dir, Now: made})
	if err != nil {
		return "", err
	}
	return dir, s.Close()
})

// Fill puts an empty store into the directory, which must be empty or missing. All stores of a test binary that begin
// so have one master key.
func Fill(t testing.TB, dir string) {
	t.Helper()
	from, err := template()
	if err == nil {
		err = copyDir(from, dir)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// copyDir is os.CopyFS for files that nobody else may read: a key that others can read is refused.
func copyDir(from, to string) error {
	files, err := os.ReadDir(from)
	if err == nil {
		err = os.MkdirAll(to, 0o700)
	}
	for _, f := range files {
		b, failed := os.ReadFile(filepath.Join(from, f.Name()))
		if failed == nil {
			failed = os.WriteFile(filepath.Join(to, f.Name()), b, 0o600)
		}
		err = errors.Join(err, failed)
	}
	return err
}
