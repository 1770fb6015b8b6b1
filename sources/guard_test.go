package sources_test

import (
	"fmt"
	"strings"
	"testing"

	"habeas/sources"
)

// one opens a source of one map; the tables are its schema, and the collections stand in YAML under its dataset "one".
func one(t testing.TB, tables, collections string) *sources.Set {
	t.Helper()
	return open(t, source(t, "one", tables, "dataset:\n  - fides_key: one\n    collections:\n"+collections))
}

// list is a list of people with a customer number, which is an issued identity where the map says so.
func list(name, number string) string {
	return fmt.Sprintf(`
      - name: %s
        habeas_meta: {person: true}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, fides_meta: {identity: email}}
          - {name: no%s}
`, name, number)
}

func warned(set *sources.Set, what string) bool {
	for _, f := range set.Warnings() {
		if strings.Contains(f.Message, what) {
			return true
		}
	}
	return false
}

func TestTheAdviceOfAWarningMakesItGoAway(t *testing.T) {
	for direction, want := range map[string]bool{"from": true, "to": false} {
		set := one(t, `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, no TEXT);
			CREATE TABLE messages (id INTEGER PRIMARY KEY, sender INTEGER, recipient INTEGER, body TEXT);
			INSERT INTO people (id, email) VALUES (1, 'a@example.com'), (2, 'b@example.com');
			INSERT INTO messages VALUES (1, 1, 2, 'From-A-to-B');`, list("people", "")+`
      - name: messages
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: sender, fides_meta: {references: [{dataset: one, field: people.id, direction: from}]}}
          - {name: recipient, fides_meta: {references: [{dataset: one, field: people.id, direction: `+direction+`}]}}
          - {name: body}
`)
		if got := warned(set, "names people in sender and recipient"); got != want {
			t.Errorf("direction %s: warned %v: %v", direction, got, set.Warnings())
		}
		if got := strings.Contains(string(dump(t, set, person(t, set, "b@example.com"))), "From-A-to-B"); got != want {
			t.Errorf("direction %s: the recipient sees it: %v", direction, got)
		}
		if !strings.Contains(string(dump(t, set, person(t, set, "a@example.com"))), "From-A-to-B") {
			t.Errorf("direction %s: the sender does not see it", direction)
		}
	}
}

func TestWhatAValueOfTwoPeopleLeadsToIsWithheldAndNotEmpty(t *testing.T) {
	texts := `
      - name: texts
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: no, fides_meta: {references: [{dataset: one, field: people.no}]}}
`
	set := one(t, `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, no TEXT);
		CREATE TABLE texts (id INTEGER PRIMARY KEY, no TEXT);
		INSERT INTO people VALUES (1, 'a@example.com', '111'), (2, 'b@example.com', '111'), (3, 'c@example.com', '333'), (4, 'd@example.com', NULL), (5, 'e@example.com', '555');
		INSERT INTO texts VALUES (1, '111'), (2, '333');`, list("people", "")+texts)
	for _, c := range []struct{ why, email, want string }{
		{"somebody else has the number too", "a@example.com", "withheld"},
		{"the other one", "b@example.com", "withheld"},
		{"a number of their own", "c@example.com", "ok 1"},
		{"no number", "d@example.com", "empty"},
		{"a number that leads nowhere", "e@example.com", "empty"},
	} {
		if got := state(t, set, person(t, set, c.email), "texts"); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}
