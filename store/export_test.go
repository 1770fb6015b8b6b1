package store

import (
	"sync/atomic"
	"testing"

	"modernc.org/sqlite"
)

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

// CountCommits returns how many groups of transactions have become durable since it was called.
func CountCommits(t testing.TB, s *Store) func() int64 {
	t.Helper()
	var n atomic.Int64
	if err := s.Write(t.Context(), func(*Tx) error {
		return s.w.conn.Raw(func(driver any) error {
			driver.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 { n.Add(1); return 0 })
			return nil
		})
	}); err != nil {
		t.Fatal(err)
	}
	return func() int64 { return n.Load() - 1 } // without the one that it came with
}

// Statement is a query with its arguments.
type Statement struct {
	Text string
	Args []any
}

// QueueSQL is what a page of the queue is read with.
func QueueSQL(t testing.TB, s *Store, q QueueQuery) (out []Statement) {
	t.Helper()
	asked, err := q.search()
	if err != nil {
		t.Fatal(err)
	}
	for _, leg := range asked.legs() {
		parts, err := s.parts(t.Context(), leg)
		if err != nil {
			t.Fatal(err)
		}
		if st, some := leg.statement(parts); some {
			out = append(out, Statement{st.text, st.args})
		}
	}
	return out
}

// Forgets lists the tables in which a request is forgotten when its record ends.
func Forgets() (tables []string) {
	for _, f := range forgets {
		tables = append(tables, f.table)
	}
	return tables
}

// Remembers lists those in which it is not, and why.
func Remembers() map[string]string { return remembers }

// ServedQuery is how records that can end are looked for.
const ServedQuery = servedQuery

// RelatedSQL is the statement that finds what belongs with a request.
var RelatedSQL = relatedQuery
