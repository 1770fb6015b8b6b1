package sources_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
)

func TestPagesJoinUpToEverythingOnce(t *testing.T) { everywhere(t, testPagesJoinUpToEverythingOnce) }

func testPagesJoinUpToEverythingOnce(t *testing.T) {
	set := shop(t)
	p := person(t, set, "ann@example.com")
	for _, collection := range []string{"orders", "order_lines", "products", "carts", "comments"} {
		var whole []string
		if _, err := scan(t, set, p, func(c *sources.Collection, rec sources.Record) error {
			if c.Name == collection {
				whole = append(whole, rec.ID)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for size := 1; size <= len(whole)+1; size++ {
			var ids []string
			for after, more := "", true; more; more = after != "" {
				page, next, err := set.Page(t.Context(), p, "shop", collection, after, size)
				if err != nil || len(page) > size {
					t.Fatalf("%s: %d records, %v", collection, len(page), err)
				}
				for _, rec := range page {
					ids = append(ids, rec.ID)
				}
				after = next
			}
			if fmt.Sprint(ids) != fmt.Sprint(whole) {
				t.Errorf("%s by %d: %v, want %v", collection, size, ids, whole)
			}
		}
	}
}

func TestARecordIsFoundByItsIDAndOnlyByItsOwner(t *testing.T) {
	everywhere(t, testARecordIsFoundByItsIDAndOnlyByItsOwner)
}

func testARecordIsFoundByItsIDAndOnlyByItsOwner(t *testing.T) {
	set := shop(t)
	ann, bob := person(t, set, "ann@example.com"), person(t, set, "bob@example.com")
	if _, err := scan(t, set, ann, func(c *sources.Collection, want sources.Record) error {
		got, err := set.Record(t.Context(), ann, c.Source(), c.Name, want.ID)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s %s: %v, %v", c, want.ID, got, err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ source, collection, id string }{
		{"shop", "customers", "1"}, {"shop", "orders", "1"}, {"shop", "carts", "K1~a"}, {"crm", "contacts", "k%2F1"},
		{"shop", "customers", "99"}, {"shop", "customers", ""}, {"shop", "customers", "2~2"}, {"shop", "customers", "x"},
		{"shop", "customers", "2 OR 1=1"}, {"shop", "sqlite_master", "1"}, {"none", "customers", "2"},
	} {
		if _, err := set.Record(t.Context(), bob, c.source, c.collection, c.id); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%v: %v", c, err)
		}
	}
	if _, _, err := set.Page(t.Context(), bob, "shop", "customers", "x~y", 10); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("a page after nonsense: %v", err)
	}
}

func TestCellsKnowWhatTheyAre(t *testing.T) { everywhere(t, testCellsKnowWhatTheyAre) }

func testCellsKnowWhatTheyAre(t *testing.T) {
	set := shop(t)
	rec, err := set.Record(t.Context(), person(t, set, "ann@example.com"), "shop", "customers", "1")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		why, field string
		value      any
		text       string
	}{
		{"a number is a number", "id", int64(1), "1"},
		{"a date is as stored", "born", "1990-02-03", "1990-02-03"},
		{"a truth value is one", "newsletter", true, "true"},
		{"a decimal loses nothing", "points", 12.5, "12.5"},
		{"bytes are bytes", "photo", []byte{0, 255}, "00ff"},
		{"blanks stay", "email", "Ann@Example.com ", "Ann@Example.com "},
	} {
		cell := rec.Cell(c.field)
		if fmt.Sprint(cell.Value) != fmt.Sprint(c.value) || cell.String() != c.text {
			t.Errorf("%s: %#v, %q", c.why, cell.Value, cell)
		}
	}
	if f := rec.Cell("id_card").Field; f.Meta.Classification != sources.Core || f.Meta.Mask != "prc_id" || f.Meta.Purpose.In("fr") != "To serve you" || f.Meta.Basis != "contract" {
		t.Errorf("the field of the identity number is %+v", f.Meta)
	}
	if got := rec.Cell("profile").String(); got != `{"nick":"Nick-Ann","loyalty":{"card":"L-1","tier":2},"friends":[{"since":2019}],"tags":["a","b"]}` {
		t.Errorf("the profile is %s", got)
	}
	rec, err = set.Record(t.Context(), person(t, set, "bad@example.com"), "shop", "customers", "6")
	if err != nil || rec.Cell("name").String() != "Name-Bad\uFFFD" {
		t.Errorf("what is not UTF-8 is %q, %v", rec.Cell("name"), err)
	}
}

func TestASourceInTroubleFailsAloneAndSaysHow(t *testing.T) {
	fast := sources.Options{Timeout: 300 * time.Millisecond, LockWait: 50 * time.Millisecond}
	for _, c := range []struct {
		why    string
		harm   func(t *testing.T, file string)
		reason string
	}{
		{"the file is gone", func(t *testing.T, file string) { remove(t, file) }, "failed down"},
		{"the file is no database", func(t *testing.T, file string) { write(t, file, strings.Repeat("not a database ", 100)) }, "failed down"},
		{"a directory stands there", func(t *testing.T, file string) { remove(t, file); must(t, os.Mkdir(file, 0o700)) }, "failed down"},
		{"a table is gone", func(t *testing.T, file string) { execute(t, file, `ALTER TABLE contacts RENAME TO kontakte`) }, "failed changed"},
		{"a column is gone", func(t *testing.T, file string) {
			execute(t, file, `ALTER TABLE contacts RENAME COLUMN contact_id TO cid`)
		}, "failed changed"},
		{"it is locked", lock, "failed busy"},
	} {
		t.Run(c.why, func(t *testing.T) {
			configs := shopConfigs(t)
			set, err := sources.Open(t.Context(), configs, fast)
			must(t, err)
			defer set.Close()
			before := person(t, set, "ann@example.com")
			file := strings.TrimPrefix(configs[1].DSN, "file:")
			c.harm(t, file)

			if got := state(t, set, before, "contacts"); got != c.reason {
				t.Errorf("known before: %s, want %s", got, c.reason)
			}
			if got := state(t, set, before, "customers"); got != "ok 1" {
				t.Errorf("the other source is %s", got)
			}
			m, err := set.Find(t.Context(), sources.Identity{Email: "ann@example.com"})
			must(t, err)
			if m.Person.Complete() || len(m.Troubles) == 0 || m.Person.Seeds() != 1 {
				t.Errorf("found anew: complete %v, %v, %d rows", m.Person.Complete(), m.Troubles, m.Person.Seeds())
			}
			if got := state(t, set, m.Person, "contacts"); got != c.reason {
				t.Errorf("found anew: %s, want %s", got, c.reason)
			}
			if got := state(t, set, m.Person, "mail_log"); !strings.HasPrefix(got, "failed") {
				t.Errorf("whose the mailbox's log is cannot be known now, yet it is %s", got)
			}
			states, err := set.Scan(t.Context(), before, each(func(*sources.Collection, sources.Record) error { return nil }))
			must(t, err)
			for _, st := range states {
				if st.Collection.Name == "contacts" && say(st) != c.reason || st.Collection.Source() == "shop" && st.State != sources.OK && st.State != sources.Empty {
					t.Errorf("scanned: %s is %s", st.Collection, say(st))
				}
			}
			if _, _, err := set.Page(t.Context(), before, "crm", "contacts", "", 10); !isTrouble(err) || strings.Contains(err.Error(), "Ann") {
				t.Errorf("a page of it: %v", err)
			}
			faults := set.Check(t.Context())
			if len(sources.Faults(faults).Errors()) == 0 {
				t.Errorf("check finds no fault: %v", faults)
			}
		})
	}
}

func isTrouble(err error) bool {
	var s *sources.SourceError
	return errors.As(err, &s)
}

func TestAMissingFileIsNotMade(t *testing.T) {
	configs := shopConfigs(t)
	file := strings.TrimPrefix(configs[0].DSN, "file:")
	remove(t, file)
	set := open(t, configs...)
	_, err := set.Find(t.Context(), sources.Identity{Email: "ann@example.com"})
	must(t, err)
	set.Check(t.Context())
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("asking made the file: %v", err)
	}
}

func TestAFileThatIsSwappedIsReadAnew(t *testing.T) {
	configs := []sources.Config{source(t, "one", `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO people VALUES (1, 'a@example.com')`, people)}
	set := open(t, configs...)
	for round, email := range []string{"b@example.com", "c@example.com", "d@example.com"} {
		if n := person(t, set, email).Seeds(); n != 0 {
			t.Fatalf("round %d: known before", round)
		}
		next := source(t, "next", `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO people VALUES (1, '`+email+`')`, people)
		must(t, os.Rename(strings.TrimPrefix(next.DSN, "file:"), strings.TrimPrefix(configs[0].DSN, "file:")))
		if n := person(t, set, email).Seeds(); n != 1 {
			t.Errorf("round %d: the new file is not read", round)
		}
	}
}

func TestASlowSourceIsGivenUpInTime(t *testing.T) {
	config := source(t, "slow", `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT);
		INSERT INTO people VALUES (1, 'a@example.com');
		CREATE VIEW visits AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000000) SELECT max(i) AS id, 1 AS person FROM n;`,
		people+`
      - name: visits
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: person, fides_meta: {references: [{dataset: one, field: people.id}]}}
`)
	set, err := sources.Open(t.Context(), []sources.Config{config}, sources.Options{Timeout: 200 * time.Millisecond})
	must(t, err)
	defer set.Close()
	p := person(t, set, "a@example.com")
	if got := state(t, set, p, "visits"); got != "failed slow" {
		t.Errorf("it is %s", got)
	}
	if got := state(t, set, p, "people"); got != "ok 1" {
		t.Errorf("what came before it is %s", got)
	}
}

func TestWhoStopsAskingGetsTheirOwnError(t *testing.T) {
	everywhere(t, testWhoStopsAskingGetsTheirOwnError)
}

func testWhoStopsAskingGetsTheirOwnError(t *testing.T) {
	set := shop(t)
	p := person(t, set, "ann@example.com")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := set.Overview(ctx, p); !errors.Is(err, context.Canceled) {
		t.Errorf("overview: %v", err)
	}
	if _, err := set.Find(ctx, sources.Identity{Email: "ann@example.com"}); !errors.Is(err, context.Canceled) {
		t.Errorf("find: %v", err)
	}
	stop := errors.New("the disk is full")
	if _, err := set.Scan(t.Context(), p, each(func(*sources.Collection, sources.Record) error { return stop })); !errors.Is(err, stop) || isTrouble(err) {
		t.Errorf("scan: %v", err)
	}
}

func TestARecordBeyondTheBoundIsTroubleAndNotMemory(t *testing.T) {
	everywhere(t, testARecordBeyondTheBoundIsTroubleAndNotMemory)
}

func testARecordBeyondTheBoundIsTroubleAndNotMemory(t *testing.T) {
	configs := shopConfigs(t)
	execute(t, configs[0].DSN, `UPDATE orders SET note = hex(zeroblob(100000)) WHERE id = 1`)
	set, err := sources.Open(t.Context(), configs, sources.Options{RecordBytes: 50_000})
	must(t, err)
	defer set.Close()
	_, _, err = set.Page(t.Context(), person(t, set, "ann@example.com"), "shop", "orders", "", 10)
	var s *sources.SourceError
	if !errors.As(err, &s) || s.Kind != sources.Large {
		t.Errorf("got %v", err)
	}
}

func TestALongPageEndsEarlyAndGoesOn(t *testing.T) { everywhere(t, testALongPageEndsEarlyAndGoesOn) }

func testALongPageEndsEarlyAndGoesOn(t *testing.T) {
	set, err := sources.Open(t.Context(), shopConfigs(t), sources.Options{PageBytes: 1})
	must(t, err)
	defer set.Close()
	page, next, err := set.Page(t.Context(), person(t, set, "ann@example.com"), "shop", "orders", "", 10)
	if err != nil || len(page) != 1 || next != "1" {
		t.Errorf("%d records, next %q, %v", len(page), next, err)
	}
}

func TestManyValuesTravelBetweenSources(t *testing.T) {
	everywhere(t, testManyValuesTravelBetweenSources)
}

func testManyValuesTravelBetweenSources(t *testing.T) {
	configs := shopConfigs(t)
	many := func(n int, row string) string {
		rows := make([]string, n)
		for i := range rows {
			rows[i] = fmt.Sprintf(row, 100+i)
		}
		return strings.Join(rows, ", ")
	}
	execute(t, configs[0].DSN, `INSERT INTO orders (id, customer_id) VALUES `+many(5000, "(%d, 1)"))
	execute(t, configs[1].DSN, `INSERT INTO reviews (id, order_id) VALUES `+many(9000, "(%[1]d, %[1]d)"))
	set := open(t, configs...)
	p := person(t, set, "ann@example.com")
	if got := state(t, set, p, "reviews"); got != "ok 5001" {
		t.Errorf("reviews are %s", got)
	}
	bounded, err := sources.Open(t.Context(), configs, sources.Options{Links: 1000})
	must(t, err)
	defer bounded.Close()
	if got := state(t, bounded, p, "reviews"); got != "failed large" {
		t.Errorf("beyond the bound reviews are %s", got)
	}
}

func TestPathsWithSignsOfAURIAreFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "50% off? #1")
	must(t, os.Mkdir(dir, 0o700))
	config := source(t, "one", `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO people VALUES (1, 'a@example.com')`, people)
	moved := filepath.Join(dir, "shop.db")
	must(t, os.Rename(strings.TrimPrefix(config.DSN, "file:"), moved))
	config.DSN = moved
	if n := person(t, open(t, config), "a@example.com").Seeds(); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func remove(t testing.TB, file string) {
	t.Helper()
	for _, f := range []string{file, file + "-wal", file + "-shm"} {
		if err := os.Remove(f); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

func write(t testing.TB, file, text string) {
	t.Helper()
	must(t, os.WriteFile(file, []byte(text), 0o600))
}
