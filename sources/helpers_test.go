package sources_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"

	"habeas/sources"
)

// open opens sources and closes them with the test.
func open(t testing.TB, configs ...sources.Config) *sources.Set {
	t.Helper()
	set, err := sources.Open(t.Context(), configs, sources.Options{Vault: testVault})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := set.Close(); err != nil {
			t.Error(err)
		}
	})
	importAll(t, set, configs)
	return set
}

// source makes a database of the test's engine and its map, and returns the configuration of both.
func source(t testing.TB, key, schema, datamap string) sources.Config {
	t.Helper()
	switch name := engine(t); name {
	case "sqlite":
	case "snapshot":
		return snapshotSource(t, key, schema, datamap)
	default:
		return serverSource(t, name, key, schema, datamap)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, key+".db")
	execute(t, file, schema)
	yml := filepath.Join(dir, key+".yml")
	if err := os.WriteFile(yml, []byte(datamap), 0o600); err != nil {
		t.Fatal(err)
	}
	return sources.Config{Key: key, Driver: "sqlite", DSN: "file:" + file, Dataset: yml}
}

// execute runs SQL on a database, as another program would.
func execute(t testing.TB, dsn, text string, args ...any) {
	t.Helper()
	dsn = originOf(dsn)
	driver := driverOf(dsn)
	run(t, driver, dsn, translate(driver, text), args...)
}

// person finds the one person behind an address.
func person(t testing.TB, set *sources.Set, email string) sources.Person {
	t.Helper()
	m, err := set.Find(t.Context(), sources.Identity{Email: email})
	if err != nil {
		t.Fatal(err)
	}
	if m.Ambiguous() {
		t.Fatalf("%d people behind the address", len(m.Candidates))
	}
	return m.Person
}

func overview(t testing.TB, set *sources.Set, p sources.Person) []sources.CollectionState {
	t.Helper()
	states, err := set.Overview(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return states
}

// state returns the state of one collection, as "ok 3", "withheld", "failed down", "ok 2, shared".
func state(t testing.TB, set *sources.Set, p sources.Person, collection string) string {
	t.Helper()
	for _, st := range overview(t, set, p) {
		if st.Collection.Name == collection {
			return say(st)
		}
	}
	return "not reached"
}

func say(st sources.CollectionState) string {
	switch {
	case st.State == sources.Failed:
		return "failed " + string(st.Reason)
	case st.State == sources.OK && st.Reason != "":
		return fmt.Sprintf("ok %d, %s", st.Count, st.Reason)
	case st.State == sources.OK:
		return fmt.Sprintf("ok %d", st.Count)
	case st.State == sources.Empty && st.Reason != "":
		return "empty, " + string(st.Reason)
	}
	return string(st.State)
}

// scan scans, and calls each for one source after another.
func scan(t testing.TB, set *sources.Set, p sources.Person, each func(*sources.Collection, sources.Record) error) ([]sources.CollectionState, error) {
	t.Helper()
	type line struct {
		c *sources.Collection
		r sources.Record
	}
	lines := map[string]*[]line{}
	states, err := set.Scan(t.Context(), p, func(source string) func(*sources.Collection, sources.Record) error {
		mine := &[]line{}
		lines[source] = mine
		return func(c *sources.Collection, r sources.Record) error {
			*mine = append(*mine, line{c, r})
			return nil
		}
	})
	for _, source := range set.Sources() {
		if lines[source] == nil || err != nil {
			continue
		}
		for _, l := range *lines[source] {
			if err := each(l.c, l.r); err != nil {
				return nil, err
			}
		}
	}
	return states, err
}

// each is what a scan calls where every source is treated alike.
func each(call func(*sources.Collection, sources.Record) error) func(string) func(*sources.Collection, sources.Record) error {
	return func(string) func(*sources.Collection, sources.Record) error { return call }
}

// dump writes everything that a scan gives, as an export would.
func dump(t testing.TB, set *sources.Set, p sources.Person) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := scan(t, set, p, func(c *sources.Collection, rec sources.Record) error {
		line, err := json.Marshal(sources.Object(rec.Cells))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %s %s\n", c, rec.ID, line)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// file reads a file of testdata.
func file(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// shop opens the made-up shop and the system beside it.
func shop(t testing.TB) *sources.Set {
	t.Helper()
	return open(t, shopConfigs(t)...)
}

func shopConfigs(t testing.TB) []sources.Config {
	t.Helper()
	return []sources.Config{
		source(t, "shop", file(t, "shop.sql"), file(t, "shop.yml")),
		source(t, "crm", file(t, "crm.sql"), file(t, "crm.yml")),
	}
}

// lock holds a write lock on a file until the test ends.
func lock(t *testing.T, file string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); db.Close() })
}

// errorAs returns the error of that type inside err.
func errorAs[E error](err error) (E, bool) {
	var e E
	ok := errors.As(err, &e)
	return e, ok
}
