package sources

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "modernc.org/sqlite"
)

// counting counts the queries that a scan sends to a source, by collection. It is all that this test sees of the inside.
type counting struct {
	system
	mu      *sync.Mutex
	queries map[string]int
}

func (c counting) rows(ctx context.Context, q query, each func([]any) error) error {
	c.mu.Lock()
	c.queries[q.from.Name]++
	c.mu.Unlock()
	return c.system.rows(ctx, q, each)
}

// collections is how many there are in the shop of these tests: people, and eleven that hang on each other and on them.
const collections = 12

// chained is a source of twelve collections with so many rows each, half of which are another's.
func chained(t testing.TB, rows int) (*Set, Person) {
	t.Helper()
	dir := t.TempDir()
	file, datamap := filepath.Join(dir, "shop.db"), filepath.Join(dir, "shop.yml")
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	do := func(text string, args ...any) {
		t.Helper()
		if _, err := db.Exec(text, args...); err != nil {
			t.Fatal(err)
		}
	}
	do(`CREATE TABLE c0 (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO c0 VALUES (1, 'a@example.com'), (2, 'b@example.com')`)
	yml := `
dataset:
  - fides_key: shop
    collections:
      - name: c0
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
`
	for i := 1; i < collections; i++ {
		above := (i - 1) / 3 * 3 // three hang on the people, three on the first of these, and so on
		do(fmt.Sprintf(`CREATE TABLE c%d (id INTEGER PRIMARY KEY, of INTEGER, text TEXT); CREATE INDEX c%[1]d_of ON c%[1]d (of)`, i))
		do(fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT $1)
			INSERT INTO c%d SELECT i, CASE %d WHEN 0 THEN 1 + i %% 2 ELSE i END, 'a text of the usual length ' || i FROM n`, i, above), 2*rows)
		yml += fmt.Sprintf(`
      - name: c%d
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: of, fides_meta: {references: [{dataset: shop, field: c%d.id, direction: from}]}}
          - {name: text}
`, i, above)
	}
	if err := os.WriteFile(datamap, []byte(strings.TrimSpace(yml)), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := Open(t.Context(), []Config{{Key: "shop", Driver: "sqlite", DSN: "file:" + file, Dataset: datamap}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := set.Close(); err != nil {
			t.Error(err)
		}
	})
	m, err := set.Find(t.Context(), Identity{Email: "a@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	return set, m.Person
}

// access scans everything and returns the number of records.
func access(t testing.TB, set *Set, p Person) int {
	t.Helper()
	n := 0
	states, err := set.Scan(t.Context(), p, func(string) func(*Collection, Record) error {
		return func(*Collection, Record) error {
			n++
			return nil
		}
	})
	if err != nil || len(states) != collections {
		t.Fatalf("%d collections, %v", len(states), err)
	}
	return n
}

func TestTheNumberOfQueriesDoesNotGrowWithTheRecords(t *testing.T) {
	var first map[string]int
	for _, rows := range []int{1, 1_000} {
		set, p := chained(t, rows)
		queries := map[string]int{}
		set.sources[0].system = counting{set.sources[0].system, &sync.Mutex{}, queries}
		if n := access(t, set, p); n != 1+(collections-1)*rows {
			t.Errorf("%d rows: %d records", rows, n)
		}
		if len(queries) != collections {
			t.Errorf("%d rows: %d collections were asked", rows, len(queries))
		}
		if first == nil {
			first = queries
		}
		if fmt.Sprint(queries) != fmt.Sprint(first) {
			t.Errorf("%d rows take %v queries, one takes %v", rows, queries, first)
		}
	}
	for name, n := range first {
		if n != 1 {
			t.Errorf("%s is asked %d times", name, n)
		}
	}
}

// BenchmarkAccess is what all of a person's records in twelve collections cost, by how many rows each has of theirs.
func BenchmarkAccess(b *testing.B) {
	for _, rows := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			set, p := chained(b, rows)
			records := 0
			for b.Loop() {
				records = access(b, set, p)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*records), "ns/record")
		})
	}
}
