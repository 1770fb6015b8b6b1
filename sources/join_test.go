package sources_test

import (
	"reflect"
	"strings"
	"testing"

	"habeas/sources"
)

// Two customers of one shop, with notes on their number and visits under their mailbox.
func joinable(t *testing.T) *sources.Set {
	t.Helper()
	return open(t, source(t, "shop", `
		CREATE TABLE customers (id INTEGER PRIMARY KEY, number TEXT, email TEXT);
		CREATE TABLE notes (id INTEGER PRIMARY KEY, number TEXT, note TEXT);
		CREATE TABLE visits (id INTEGER PRIMARY KEY, email TEXT, page TEXT);
		INSERT INTO customers VALUES (1, 'C-1', 'old@example.com'), (2, 'C-2', 'new@example.com'), (3, 'C-3', 'other@example.com');
		INSERT INTO notes VALUES (1, 'C-1', 'note of one'), (2, 'C-2', 'note of two'), (3, 'C-3', 'note of three');
		INSERT INTO visits VALUES (1, 'old@example.com', 'visit of one'), (2, 'new@example.com', 'visit of two'), (3, 'other@example.com', 'visit of three');`, `
dataset:
  - fides_key: shop
    name: Shop
    collections:
      - name: customers
        habeas_meta: {person: true}
        fields:
          - {name: id, data_categories: [user.unique_id], fides_meta: {primary_key: true}}
          - {name: number, data_categories: [user.unique_id], fides_meta: {identity: customer_number}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
      - name: notes
        fields:
          - {name: id, data_categories: [user.unique_id], fides_meta: {primary_key: true}}
          - {name: number, data_categories: [user.unique_id], fides_meta: {identity: customer_number}}
          - {name: note, data_categories: [user.content]}
      - name: visits
        fields:
          - {name: id, data_categories: [user.unique_id], fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: page, data_categories: [user.behavior]}
`))
}

// holds is every value of a person, as one text.
func holds(t *testing.T, set *sources.Set, p sources.Person) string {
	t.Helper()
	var all strings.Builder
	_, err := scan(t, set, p, func(_ *sources.Collection, r sources.Record) error {
		for _, c := range r.Cells {
			all.WriteString(c.String() + "\n")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestAJoinedPersonHasWhatBothHaveAndNothingElse(t *testing.T) {
	everywhere(t, testAJoinedPersonHasWhatBothHaveAndNothingElse)
}

func testAJoinedPersonHasWhatBothHaveAndNothingElse(t *testing.T) {
	set := joinable(t)
	one, two := person(t, set, "old@example.com"), person(t, set, "new@example.com")
	joined := one.Join(two)
	again, err := sources.ParsePerson(joined.Key())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(joined.Numbers(), []string{"c1", "c2"}) || len(joined.Rows()) != 2 || !reflect.DeepEqual(joined.Lists(), []string{"shop/customers"}) {
		t.Errorf("joined: %v, %v, %v", joined.Numbers(), joined.Rows(), joined.Lists())
	}
	if !joined.Same(one) || !joined.Same(two) || one.Same(two) {
		t.Error("a joined person is not the same as both, or both were one before")
	}
	for sentence, p := range map[string]sources.Person{"joined": joined, "read from its key": again, "joined with itself": joined.Join(joined)} {
		text := holds(t, set, p)
		for _, want := range []string{"note of one", "note of two", "visit of one", "visit of two"} {
			if strings.Count(text, want) != 1 {
				t.Errorf("%s: %d × %q", sentence, strings.Count(text, want), want)
			}
		}
		if strings.Contains(text, "three") {
			t.Errorf("%s: somebody else's: %s", sentence, text)
		}
	}
	if text := holds(t, set, one); strings.Contains(text, "two") {
		t.Errorf("the first has changed: %s", text)
	}
}

func TestAMailboxThatPassedOnIsKeptBackWhenItIsCheckedAgain(t *testing.T) {
	everywhere(t, testAMailboxThatPassedOnIsKeptBackWhenItIsCheckedAgain)
}

func testAMailboxThatPassedOnIsKeptBackWhenItIsCheckedAgain(t *testing.T) {
	for _, c := range []struct {
		sentence, change string
		visits           bool
	}{
		{"nothing changed", "SELECT 1", true},
		{"it is somebody else's now", "UPDATE customers SET email = 'x@example.com' WHERE id = 1; INSERT INTO customers VALUES (9, 'C-9', 'old@example.com')", false},
		{"it is in no list any more", "UPDATE customers SET email = 'x@example.com' WHERE id = 1", false},
		{"two share it now", "INSERT INTO customers VALUES (9, 'C-9', 'old@example.com')", false},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			set, file := changeable(t)
			p := person(t, set, "old@example.com")
			execute(t, file, c.change)
			p, err := set.Recheck(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			text := holds(t, set, p)
			if strings.Contains(text, "visit of one") != c.visits || !strings.Contains(text, "C-1") {
				t.Errorf("they have %s", text)
			}
		})
	}
}

// changeable is a shop whose file a test can reach.
func changeable(t *testing.T) (*sources.Set, string) {
	t.Helper()
	config := source(t, "shop", `
		CREATE TABLE customers (id INTEGER PRIMARY KEY, number TEXT, email TEXT);
		CREATE TABLE visits (id INTEGER PRIMARY KEY, email TEXT, page TEXT);
		INSERT INTO customers VALUES (1, 'C-1', 'old@example.com');
		INSERT INTO visits VALUES (1, 'old@example.com', 'visit of one');`, `
dataset:
  - fides_key: shop
    name: Shop
    collections:
      - name: customers
        habeas_meta: {person: true}
        fields:
          - {name: id, data_categories: [user.unique_id], fides_meta: {primary_key: true}}
          - {name: number, data_categories: [user.unique_id], fides_meta: {identity: customer_number}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
      - name: visits
        fields:
          - {name: id, data_categories: [user.unique_id], fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: page, data_categories: [user.behavior]}
`)
	return open(t, config), strings.TrimPrefix(config.DSN, "file:")
}

func TestANumberIsHeldByAListExactlyOrNotAtAll(t *testing.T) {
	everywhere(t, testANumberIsHeldByAListExactlyOrNotAtAll)
}

func testANumberIsHeldByAListExactlyOrNotAtAll(t *testing.T) {
	set := joinable(t)
	for _, c := range []struct {
		sentence, number string
		lists            int
	}{
		{"as it is stored", "C-1", 1},
		{"in small letters", "c-1", 1},
		{"with blanks around", " C-1 ", 1},
		{"part of it", "C-", 0},
		{"a wildcard", "C-_", 0},
		{"another", "%", 0},
		{"a mailbox", "old@example.com", 0},
		{"nothing", "", 0},
		{"far too long", strings.Repeat("C", 500), 0},
	} {
		lists, err := set.Holders(t.Context(), c.number)
		if err != nil || len(lists) != c.lists {
			t.Errorf("%s: %d lists, %v", c.sentence, len(lists), err)
		}
	}
}

func TestAVeiledIDOpensForWhatItWasMadeForOnly(t *testing.T) {
	set := joinable(t)
	veiled := set.Veil("HB-1 shop customers", "17")
	if strings.Contains(veiled, "17") || veiled != set.Veil("HB-1 shop customers", "17") {
		t.Errorf("veiled as %q", veiled)
	}
	if id, ok := set.Unveil("HB-1 shop customers", veiled); !ok || id != "17" {
		t.Errorf("opened as %q", id)
	}
	for sentence, try := range map[string][2]string{
		"for another request": {"HB-2 shop customers", veiled}, "a plain ID": {"HB-1 shop customers", "17"}, "changed": {"HB-1 shop customers", veiled[:len(veiled)-2] + "AA"},
	} {
		if id, ok := set.Unveil(try[0], try[1]); ok {
			t.Errorf("%s: opened as %q", sentence, id)
		}
	}
}
