package sources_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"habeas/rights"
	"habeas/sources"
)

func TestWhatMustNotBeReadStandsInNoID(t *testing.T) {
	everywhere(t, testWhatMustNotBeReadStandsInNoID)
}

func testWhatMustNotBeReadStandsInNoID(t *testing.T) {
	table := func(name, meta string) string {
		return fmt.Sprintf(`
      - name: %s
        fields:
          - {name: customer_id, fides_meta: {primary_key: true, references: [{dataset: one, field: people.id, direction: from}]}}
          - {name: number, fides_meta: {primary_key: true}%s}
          - {name: body, habeas_meta: {editable: self}}
`, name, meta)
	}
	config := source(t, "one", `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, no TEXT);
		CREATE TABLE third (customer_id INTEGER, number TEXT, body TEXT, PRIMARY KEY (customer_id, number));
		CREATE TABLE core (customer_id INTEGER, number TEXT, body TEXT, PRIMARY KEY (customer_id, number));
		CREATE TABLE plain (customer_id INTEGER, number TEXT, body TEXT, PRIMARY KEY (customer_id, number));
		INSERT INTO people (id, email) VALUES (1, 'a@example.com'), (2, 'b@example.com');
		INSERT INTO third VALUES (1, 'N-333', 'first'), (1, 'N-444', 'second'), (2, 'N-555', 'of B');
		INSERT INTO core SELECT * FROM third; INSERT INTO plain SELECT * FROM third;`,
		"dataset:\n  - fides_key: one\n    collections:\n"+list("people", "")+table("third", ", habeas_meta: {third_party: true}")+
			table("core", ", data_categories: [user.government_id]")+table("plain", ""))
	key := []byte(strings.Repeat("k", 32))
	opened := func(key []byte) *sources.Set {
		set, err := sources.Open(t.Context(), []sources.Config{config}, sources.Options{IDKey: key})
		must(t, err)
		t.Cleanup(func() { must(t, set.Close()) })
		return set
	}
	set, again, other := opened(key), opened(key), opened(nil)
	a, b := person(t, set, "a@example.com"), person(t, set, "b@example.com")
	for _, c := range []struct {
		why, collection string
		secret          bool
	}{
		{"a part about somebody else", "third", true},
		{"a part that is a core value", "core", true},
		{"parts that may be read", "plain", false},
	} {
		first, next, err := set.Page(t.Context(), a, "one", c.collection, "", 1)
		if err != nil || len(first) != 1 || next != first[0].ID {
			t.Fatalf("%s: %v, %v", c.why, first, err)
		}
		id := first[0].ID
		if strings.Contains(id, "333") == c.secret {
			t.Errorf("%s: the ID is %s", c.why, id)
		}
		second, end, err := set.Page(t.Context(), a, "one", c.collection, next, 1)
		if err != nil || len(second) != 1 || end != "" || second[0].Cell("body").String() != "second" {
			t.Errorf("%s: after it comes %v, %v", c.why, second, err)
		}
		if rec, err := again.Record(t.Context(), a, "one", c.collection, id); err != nil || rec.ID != id || rec.Cell("body").String() != "first" {
			t.Errorf("%s: with the same key it is %v, %v", c.why, rec, err)
		}
		if err := set.Write(t.Context(), a, "one", c.collection, id, "body", "first", "first"); err != nil {
			t.Errorf("%s: written: %v", c.why, err)
		}
		if _, err := set.Record(t.Context(), b, "one", c.collection, id); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s: another finds it: %v", c.why, err)
		}
		if !c.secret {
			continue
		}
		for why, bad := range map[string]string{"the key in clear": "1~N-333", "a letter changed": "A" + id[1:] + "A", "too short": "AAAA", "of another process": id} {
			asked := set
			if why == "of another process" {
				asked = other
			}
			if _, err := asked.Record(t.Context(), a, "one", c.collection, bad); !errors.Is(err, rights.ErrNotFound) {
				t.Errorf("%s: %s: %v", c.why, why, err)
			}
		}
	}
	thirds, _, err := set.Page(t.Context(), a, "one", "third", "", 1)
	must(t, err)
	if _, err := set.Record(t.Context(), a, "one", "core", thirds[0].ID); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("an ID of another collection: %v", err)
	}
	if _, err := sources.Open(t.Context(), []sources.Config{config}, sources.Options{IDKey: []byte("short")}); err == nil {
		t.Error("a short key is accepted")
	}
}
