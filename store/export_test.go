package store

import "testing"

// FillDisk makes the database unable to grow, as a full disk does.
func FillDisk(t testing.TB, s *Store) { limitPages(t, s, "PRAGMA max_page_count = 1") }

// EmptyDisk undoes FillDisk.
func EmptyDisk(t testing.TB, s *Store) { limitPages(t, s, "PRAGMA max_page_count = 1073741823") }

func limitPages(t testing.TB, s *Store, pragma string) {
	t.Helper()
	if err := s.Write(t.Context(), func(*Tx) error {
		var n int64
		return s.w.row(t.Context(), pragma).Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
}
