package sources_test

import (
	"strings"
	"testing"

	"habeas/sources"
)

func twins(t *testing.T, set *sources.Set) sources.Match {
	t.Helper()
	m, err := set.Find(t.Context(), sources.Identity{Email: "family@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTwoPeopleBehindOneMailboxAreNotMerged(t *testing.T) {
	everywhere(t, testTwoPeopleBehindOneMailboxAreNotMerged)
}

func testTwoPeopleBehindOneMailboxAreNotMerged(t *testing.T) {
	set := shop(t)
	m := twins(t, set)
	if !m.Ambiguous() || m.Person.Seeds() != 0 {
		t.Fatalf("%d candidates, the person has %d rows", len(m.Candidates), m.Person.Seeds())
	}
	if out := dump(t, set, m.Person); len(out) != 0 {
		t.Errorf("before one is chosen this came out: %s", out)
	}
	for collection, want := range map[string]string{
		"customers": "withheld", "contacts": "withheld", "orders": "withheld", "mail_log": "withheld", "notes": "withheld",
	} {
		if got := state(t, set, m.Person, collection); got != want {
			t.Errorf("%s is %s, want %s", collection, got, want)
		}
	}
}

func TestASecondDatumPicksOne(t *testing.T) { everywhere(t, testASecondDatumPicksOne) }

func testASecondDatumPicksOne(t *testing.T) {
	set := shop(t)
	m := twins(t, set)
	for _, c := range []struct{ why, datum, who string }{
		{"a customer number", "C-3", "Cleo"},
		{"in another case, without its hyphen", " c4 ", "Dan"},
		{"with full-width characters", "Ｃ－３", "Cleo"},
		{"a telephone number by its digits", "+14155550100", "Cleo"},
		{"without the country code", "(415) 555-0199", "Dan"},
		{"a postcode of an address", "94105", "Cleo"},
		{"nothing", "", ""},
		{"blanks", "   ", ""},
		{"signs only", "---", ""},
		{"the end of a number, too short", "0100", ""},
		{"what both begin with", "C-", ""},
		{"somebody else's number", "C-1", ""},
		{"a name, which the map does not let confirm", "Name-Cleo", ""},
		{"the mailbox itself", "family@example.com", ""},
		{"too much", strings.Repeat("C-3", 1000), ""},
	} {
		p, ok, err := set.Choose(t.Context(), m, c.datum)
		if err != nil {
			t.Fatal(err)
		}
		if ok != (c.who != "") {
			t.Errorf("%s: chosen %v", c.why, ok)
			continue
		}
		if out := string(dump(t, set, p)); ok && !strings.Contains(out, "Name-"+c.who) {
			t.Errorf("%s chose somebody else", c.why)
		}
	}
}

func TestTheChosenOneGetsNothingThatOnlyTheMailboxTiesToThem(t *testing.T) {
	everywhere(t, testTheChosenOneGetsNothingThatOnlyTheMailboxTiesToThem)
}

func testTheChosenOneGetsNothingThatOnlyTheMailboxTiesToThem(t *testing.T) {
	set := shop(t)
	m := twins(t, set)
	cleo, ok, err := set.Choose(t.Context(), m, "C-3")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	out := string(dump(t, set, cleo))
	for _, token := range []string{"Name-Cleo", "Street-Cleo", "Order-Cleo", "Gift-Cleo", "Message-Bob-to-Cleo"} {
		if !strings.Contains(out, token) {
			t.Errorf("%s is missing", token)
		}
	}
	for _, token := range []string{"Dan", "Family"} {
		if strings.Contains(strings.ReplaceAll(out, "family@example.com", ""), token) {
			t.Errorf("%s came out", token)
		}
	}
	for collection, want := range map[string]string{
		"customers": "ok 1", "orders": "ok 1, shared", "order_lines": "ok 1, shared", "mail_log": "withheld", "addresses": "ok 1",
	} {
		if got := state(t, set, cleo, collection); got != want {
			t.Errorf("%s is %s, want %s", collection, got, want)
		}
	}
}

func TestAnIdentityThatTwoPeopleHaveLeadsNowhere(t *testing.T) {
	everywhere(t, testAnIdentityThatTwoPeopleHaveLeadsNowhere)
}

func testAnIdentityThatTwoPeopleHaveLeadsNowhere(t *testing.T) {
	configs := shopConfigs(t)
	execute(t, configs[0].DSN, `UPDATE customers SET customer_no = 'C-1', phone = '0049 711 2842222' WHERE id = 2;
		UPDATE customers SET phone = '+49 711 284-2222' WHERE id = 5`)
	set := open(t, configs...)
	p := person(t, set, "ann@example.com")
	for collection, want := range map[string]string{
		"contacts": "withheld", "notes": "withheld", "carts": "withheld", "sms_log": "withheld",
	} {
		if got := state(t, set, p, collection); got != want {
			t.Errorf("%s is %s, want %s", collection, got, want)
		}
	}
	if out := string(dump(t, set, p)); strings.Contains(out, "Mood-") || strings.Contains(out, "Cart-") || strings.Contains(out, "Sms-") {
		t.Errorf("a shared identity led to records: %s", out)
	}
}

func TestIssuedIdentitiesThatDifferMakeTwoPeople(t *testing.T) {
	everywhere(t, testIssuedIdentitiesThatDifferMakeTwoPeople)
}

func testIssuedIdentitiesThatDifferMakeTwoPeople(t *testing.T) {
	configs := shopConfigs(t)
	execute(t, configs[1].DSN, `UPDATE contacts SET email = 'ann@example.com' WHERE contact_id = 'k/2'`)
	set := open(t, configs...)
	m, err := set.Find(t.Context(), sources.Identity{Email: "ann@example.com"})
	if err != nil || len(m.Candidates) != 2 {
		t.Fatalf("%d candidates, %v: customer C-1 and contact C-2 have the same mailbox", len(m.Candidates), err)
	}
	ann, ok, err := set.Choose(t.Context(), m, "C-1")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if out := string(dump(t, set, ann)); strings.Contains(out, "Mood-Bob") || !strings.Contains(out, "Mood-Ann") {
		t.Errorf("got %s", out)
	}
}

func TestRowsOfOnePersonInTwoListsAreTiedBeforeTheyAreToldApart(t *testing.T) {
	everywhere(t, testRowsOfOnePersonInTwoListsAreTiedBeforeTheyAreToldApart)
}

func testRowsOfOnePersonInTwoListsAreTiedBeforeTheyAreToldApart(t *testing.T) {
	set := open(t, source(t, "two", `
		CREATE TABLE accounts (id INTEGER PRIMARY KEY, email TEXT, pin TEXT);
		CREATE TABLE profiles (id INTEGER PRIMARY KEY, account_id INTEGER, email TEXT, about TEXT);
		CREATE TABLE logins (id INTEGER PRIMARY KEY, account_id INTEGER, at TEXT);
		CREATE TABLE badges (id INTEGER PRIMARY KEY, profile_id INTEGER, title TEXT);
		INSERT INTO accounts VALUES (1, 'x@example.com', 'pin-one'), (2, 'x@example.com', 'pin-two');
		INSERT INTO profiles VALUES (10, 2, 'x@example.com', 'About-Two'), (11, 1, 'X@example.com', 'About-One');
		INSERT INTO logins VALUES (1, 1, 'Login-One'), (2, 2, 'Login-Two');
		INSERT INTO badges VALUES (1, 10, 'Badge-Two'), (2, 11, 'Badge-One');`, `
dataset:
  - fides_key: two
    collections:
      - name: accounts
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, fides_meta: {identity: email}}
          - {name: pin, habeas_meta: {confirms: true}}
      - name: profiles
        habeas_meta: {person: true}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: account_id, fides_meta: {references: [{dataset: two, field: accounts.id}]}}
          - {name: email, fides_meta: {identity: email}}
          - {name: about}
      - name: logins
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: account_id, fides_meta: {references: [{dataset: two, field: accounts.id}]}}
          - {name: at}
      - name: badges
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: profile_id, fides_meta: {references: [{dataset: two, field: profiles.id}]}}
          - {name: title}
`))
	m, err := set.Find(t.Context(), sources.Identity{Email: "x@example.com"})
	if err != nil || len(m.Candidates) != 2 {
		t.Fatalf("%d candidates, %v", len(m.Candidates), err)
	}
	p, ok, err := set.Choose(t.Context(), m, "PIN ONE")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	out := string(dump(t, set, p))
	for _, token := range []string{"About-One", "Login-One", "Badge-One"} {
		if !strings.Contains(out, token) {
			t.Errorf("%s is missing", token)
		}
	}
	if strings.Contains(out, "Two") {
		t.Errorf("the other's came out: %s", out)
	}
}
