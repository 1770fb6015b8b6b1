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
	everywhere(t, testTheAdviceOfAWarningMakesItGoAway)
}

func testTheAdviceOfAWarningMakesItGoAway(t *testing.T) {
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
	everywhere(t, testWhatAValueOfTwoPeopleLeadsToIsWithheldAndNotEmpty)
}

func testWhatAValueOfTwoPeopleLeadsToIsWithheldAndNotEmpty(t *testing.T) {
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

// The comments of this shop name an account, which is not the list that orders name.
const comments = `
      - name: orders
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: customer_id, fides_meta: {references: [{dataset: one, field: customers.id, direction: from}]}}
      - name: comments
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: order_id, fides_meta: {references: [{dataset: one, field: orders.id, direction: from}]}}
          - {name: account_id, fides_meta: {references: [{dataset: one, field: accounts.id, direction: from}]}}
          - {name: body}
`

func TestARecordThatNamesAPersonOfAnyListIsTheirsAlone(t *testing.T) {
	everywhere(t, testARecordThatNamesAPersonOfAnyListIsTheirsAlone)
}

func testARecordThatNamesAPersonOfAnyListIsTheirsAlone(t *testing.T) {
	for _, c := range []struct {
		why, number string
		warned      bool
	}{
		{"an issued identity ties the lists", ", fides_meta: {identity: customer_number}", false},
		{"nothing ties the lists", "", true},
	} {
		set := one(t, `CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, no TEXT);
			CREATE TABLE accounts (id INTEGER PRIMARY KEY, email TEXT, no TEXT);
			CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER);
			CREATE TABLE comments (id INTEGER PRIMARY KEY, order_id INTEGER, account_id INTEGER, body TEXT);
			INSERT INTO customers VALUES (1, 'a@example.com', 'N1'), (2, 'b@example.com', 'N2');
			INSERT INTO accounts VALUES (101, 'a@example.com', 'N1'), (102, 'b@example.com', 'N2');
			INSERT INTO orders VALUES (11, 1), (12, 2);
			INSERT INTO comments VALUES (1, 11, 101, 'By-A'), (2, 11, 102, 'By-B'), (3, 11, NULL, 'By-nobody'), (4, 11, '', 'By-no-account');`,
			list("customers", c.number)+list("accounts", c.number)+comments)
		a, b := string(dump(t, set, person(t, set, "a@example.com"))), string(dump(t, set, person(t, set, "b@example.com")))
		for _, w := range []struct{ why, token, of string }{
			{"their own", "By-A", "a"},
			{"another's account on their order", "By-B", "b"},
			{"one that names nobody on their order", "By-nobody", "a"},
			{"one whose account is an empty text", "By-no-account", "a"},
		} {
			if strings.Contains(a, w.token) != (w.of == "a") || strings.Contains(b, w.token) != (w.of == "b") {
				t.Errorf("%s: %s should be %s's alone\nA has\n%sB has\n%s", c.why, w.why, w.of, a, b)
			}
		}
		if got := warned(set, `nothing ties "accounts" to "customers"`); got != c.warned {
			t.Errorf("%s: warned %v: %v", c.why, got, set.Warnings())
		}
	}
}

func TestAnEmptyTextRefersToNobody(t *testing.T) { everywhere(t, testAnEmptyTextRefersToNobody) }

func testAnEmptyTextRefersToNobody(t *testing.T) {
	orders := `
      - name: orders
        habeas_meta: {person: false}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: customer, fides_meta: {references: [{dataset: one, field: people.no, direction: from}]}}
          - {name: email, fides_meta: {identity: email}}
          - {name: body}
`
	set := one(t, `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, no TEXT);
		CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, email TEXT, body TEXT);
		INSERT INTO people VALUES (1, 'a@example.com', ''), (2, 'b@example.com', 'K2');
		INSERT INTO orders VALUES (1, '', NULL, 'Guest'), (2, 'K2', 'a@example.com', 'Of-B'), (3, '', ' A@example.com', 'Guest-A-1'), (4, NULL, 'a@example.com', 'Guest-A-2');`,
		list("people", "")+orders)
	out := string(dump(t, set, person(t, set, "a@example.com")))
	for _, c := range []struct {
		why, token string
		want       bool
	}{
		{"a guest's order, because the own number is empty", `"Guest"`, false},
		{"another's order to the own mailbox", "Of-B", false},
		{"an own order as a guest, the customer an empty text", "Guest-A-1", true},
		{"an own order as a guest, without a customer", "Guest-A-2", true},
	} {
		if strings.Contains(out, c.token) != c.want {
			t.Errorf("%s: %v\n%s", c.why, !c.want, out)
		}
	}
}

func TestAnEmptyNumberTiesNobodyAndTellsNobodyApart(t *testing.T) {
	everywhere(t, testAnEmptyNumberTiesNobodyAndTellsNobodyApart)
}

func testAnEmptyNumberTiesNobodyAndTellsNobodyApart(t *testing.T) {
	number := ", fides_meta: {identity: customer_number}"
	set := one(t, `CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, no TEXT);
		CREATE TABLE accounts (id INTEGER PRIMARY KEY, email TEXT, no TEXT);
		INSERT INTO customers VALUES (1, 'a@example.com', ''), (2, 'b@example.com', 'N2');
		INSERT INTO accounts VALUES (101, 'b@example.com', ''), (102, 'c@example.com', '');`, list("customers", number)+list("accounts", number))
	for _, c := range []struct {
		why, email string
		rows       int
	}{
		{"two empty numbers are not one", "a@example.com", 1},
		{"an empty number is not another number", "b@example.com", 2},
	} {
		if got := person(t, set, c.email).Seeds(); got != c.rows {
			t.Errorf("%s: %d rows, want %d", c.why, got, c.rows)
		}
	}
}

func TestReferencesAreComparedAsTheyAreWrittenWhateverTheColumnSays(t *testing.T) {
	everywhere(t, testReferencesAreComparedAsTheyAreWrittenWhateverTheColumnSays)
}

func testReferencesAreComparedAsTheyAreWrittenWhateverTheColumnSays(t *testing.T) {
	refers := func(table string) string {
		return `
      - name: ` + table + `
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: customer, fides_meta: {references: [{dataset: one, field: customers.id, direction: from}]}}
          - {name: account, fides_meta: {references: [{dataset: one, field: accounts.no, direction: from}]}}
          - {name: body}
`
	}
	const rows = `INSERT INTO %[1]s VALUES (1, 'aB1', NULL, 'Of-aB1'), (2, 'Ab1', NULL, 'Of-Ab1'), (3, '7', NULL, 'Of-7'), (4, NULL, 'aB1', 'No-aB1'), (5, NULL, 'Ab1', 'No-Ab1'), (6, NULL, '7', 'No-7');`
	numbers, columns := fmt.Sprintf(rows, "numbers"), 3
	if engine(t) != "sqlite" { // where a column of numbers holds nothing else
		numbers, columns = `INSERT INTO numbers VALUES (3, 7, NULL, 'Of-7'), (6, NULL, 7, 'No-7');`, 2
	}
	set := one(t, `CREATE TABLE customers (id TEXT PRIMARY KEY, email TEXT, no TEXT);
		CREATE TABLE accounts (id INTEGER PRIMARY KEY, email TEXT, no TEXT COLLATE NOCASE);
		CREATE TABLE nocase (id INTEGER PRIMARY KEY, customer TEXT COLLATE NOCASE, account TEXT COLLATE NOCASE, body TEXT);
		CREATE TABLE numbers (id INTEGER PRIMARY KEY, customer INTEGER, account NUMERIC, body TEXT);
		CREATE TABLE bare (id, customer, account, body);
		INSERT INTO customers (id, email) VALUES ('aB1', 'a@example.com'), ('Ab1', 'b@example.com'), ('007', 'c@example.com'), ('7', 'd@example.com');
		INSERT INTO accounts (email, no) VALUES ('a@example.com', 'aB1'), ('b@example.com', 'Ab1'), ('c@example.com', '007'), ('d@example.com', '7');`+
		fmt.Sprintf(rows, "nocase")+numbers+fmt.Sprintf(rows, "bare"),
		list("customers", "")+list("accounts", "")+refers("nocase")+refers("numbers")+refers("bare"))
	for _, c := range []struct {
		why, email, body string
	}{
		{"letters of another case are another key", "a@example.com", "aB1"},
		{"and the other way round", "b@example.com", "Ab1"},
		{"noughts make another number", "c@example.com", ""},
		{"a number written as text is that number", "d@example.com", "7"},
	} {
		out := string(dump(t, set, person(t, set, c.email)))
		for _, body := range []string{"aB1", "Ab1", "7"} {
			want := 0
			if body == c.body {
				want = columns
			}
			if body == c.body && body == "7" {
				want = 3
			}
			for _, token := range []string{`"Of-` + body + `"`, `"No-` + body + `"`} {
				if n := strings.Count(out, token); n != want {
					t.Errorf("%s: %s comes %d times, want %d\n%s", c.why, token, n, want, out)
				}
			}
		}
	}
	var said []string
	for _, f := range set.Check(t.Context()) {
		if strings.Contains(f.Message, "compared as text") {
			said = append(said, f.Message)
		}
	}
	if all := strings.Join(said, "\n"); len(said) != 2 || !strings.Contains(all, "one.numbers.customer") || !strings.Contains(all, "one.numbers.account") {
		t.Errorf("check should warn of the two columns of numbers alone, and says %q", said)
	}
}

func TestIssuedNumbersOfTwoSourcesAreComparedAsTheyAreWritten(t *testing.T) {
	everywhere(t, testIssuedNumbersOfTwoSourcesAreComparedAsTheyAreWritten)
}

func testIssuedNumbersOfTwoSourcesAreComparedAsTheyAreWritten(t *testing.T) {
	number := ", fides_meta: {identity: customer_number}"
	mapped := func(key string) string {
		return "dataset:\n  - fides_key: " + key + "\n    collections:\n" + list("people", number) + `
      - name: logs
        habeas_meta: {person: false}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: no` + number + `}
`
	}
	set := open(t,
		source(t, "a", `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, no TEXT); CREATE TABLE logs (id INTEGER PRIMARY KEY, no TEXT COLLATE NOCASE);
			INSERT INTO people VALUES (1, 'c@example.com', '007'), (2, 'd@example.com', '7'), (3, 'e@example.com', 'x');
			INSERT INTO logs VALUES (1, 'X'), (2, 'x'), (3, '007');`, mapped("a")),
		source(t, "b", `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, no INTEGER); CREATE TABLE logs (id INTEGER PRIMARY KEY, no INTEGER);
			INSERT INTO people VALUES (1, NULL, 7); INSERT INTO logs VALUES (1, 7), (2, 8);`, mapped("b")))
	for _, c := range []struct {
		why, email string
		seeds      int
		log        string
	}{
		{"noughts make another number", "c@example.com", 1, "b.logs"},
		{"a number in one source, text in the other", "d@example.com", 2, "a.logs"},
		{"a letter of another case", "e@example.com", 1, "a.logs 1 "},
	} {
		p := person(t, set, c.email)
		if got := p.Seeds(); got != c.seeds {
			t.Errorf("%s: %d rows, want %d", c.why, got, c.seeds)
		}
		if out := string(dump(t, set, p)); strings.Contains(out, c.log) || !strings.Contains(out, ".logs") {
			t.Errorf("%s: %s came out\n%s", c.why, c.log, out)
		}
	}
}
