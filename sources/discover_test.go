package sources_test

import (
	"slices"
	"strings"
	"testing"

	"habeas/sources"
)

func TestAPersonGetsTheirRecordsFromEverySource(t *testing.T) {
	everywhere(t, testAPersonGetsTheirRecordsFromEverySource)
}

func testAPersonGetsTheirRecordsFromEverySource(t *testing.T) {
	set := shop(t)
	out := string(dump(t, set, person(t, set, "ann@example.com")))
	for _, c := range []struct{ why, token string }{
		{"the row of a list of people, by the mailbox in another spelling", "Name-Ann"},
		{"what hangs on it", "Street-Ann"},
		{"what hangs on that", "Gift-Ann-1"},
		{"what a line names, shared with others", "Lamp"},
		{"what a shared record names, declared from the other end", "Maker-Two"},
		{"an order without a customer, by the mailbox", "Order-Guest-Ann"},
		{"its lines", "Gift-Guest"},
		{"a comment that names nobody on an order of theirs", "Comment-Nobody-on-Ann"},
		{"one end of two", "Message-Ann-to-Bob"},
		{"a log keyed by the mailbox", "Mail-Ann"},
		{"a log keyed by a telephone number written otherwise", "Sms-Ann"},
		{"a collection keyed by an issued identity, with a part of its key empty", "K1~!n"},
		{"a member of a list in JSON", "Cart-Ann"},
		{"a product named only inside a list in JSON", "Table"},
		{"another list of people, in another source, by the customer number, under another address", "Mood-Ann"},
		{"what hangs on that", "Note-Ann"},
		{"by a member of an object in JSON, in another source", `"balance":100`},
		{"two references away, in another source", "Door-Ann"},
		{"by an order, in another source", "Review-Ann"},
	} {
		if !strings.Contains(out, c.token) {
			t.Errorf("%s: %s is missing", c.why, c.token)
		}
	}
	for _, c := range []struct{ why, token string }{
		{"nobody else's, however they are tied", "Bob"},
		{"a comment by somebody else on their order", "Comment-Bob-on-Ann"},
		{"an order of somebody else that names their mailbox", "Order-Bob-3"},
		{"somebody else inside their own record", "Friend-Eve"},
		{"a member that nobody mapped", "Unmapped"},
		{"who looks after them", "rep_id"},
		{"a lookalike of their address", "Lookalike"},
		{"a record that is nobody's", "Nobody-Null"},
		{"a record with an empty reference", "Street-Nobody"},
	} {
		text := strings.ReplaceAll(out, "Message-Ann-to-Bob", "")
		if strings.Contains(text, c.token) {
			t.Errorf("%s: %s came out", c.why, c.token)
		}
	}
}

func TestEachRecordComesOnceAndInOrder(t *testing.T) {
	everywhere(t, testEachRecordComesOnceAndInOrder)
}

func testEachRecordComesOnceAndInOrder(t *testing.T) {
	set := shop(t)
	p := person(t, set, "ann@example.com")
	first := dump(t, set, p)
	lines := strings.Split(strings.TrimSpace(string(first)), "\n")
	heads := map[string]bool{}
	for _, l := range lines {
		head := strings.Join(strings.Fields(l)[:2], " ")
		if heads[head] {
			t.Errorf("%s comes twice", head)
		}
		heads[head] = true
	}
	if string(dump(t, set, p)) != string(first) {
		t.Error("a second scan says something else")
	}
}

func TestStaffSeeThemselvesAndNotTheirCustomers(t *testing.T) {
	everywhere(t, testStaffSeeThemselvesAndNotTheirCustomers)
}

func testStaffSeeThemselvesAndNotTheirCustomers(t *testing.T) {
	set := shop(t)
	out := string(dump(t, set, person(t, set, "ruth@shop.example")))
	if !strings.Contains(out, "Staff-Ruth") || strings.Count(out, "\n") != 1 {
		t.Errorf("got %s", out)
	}
}

func TestNobodyKnownIsAGoodAnswer(t *testing.T) { everywhere(t, testNobodyKnownIsAGoodAnswer) }

func testNobodyKnownIsAGoodAnswer(t *testing.T) {
	set := shop(t)
	m, err := set.Find(t.Context(), sources.Identity{Email: "nobody@example.com"})
	if err != nil || m.Ambiguous() || m.Person.Seeds() != 0 || !m.Person.Complete() {
		t.Fatalf("%+v, %v", m, err)
	}
	for _, st := range overview(t, set, m.Person) {
		if st.State != sources.Empty {
			t.Errorf("%s is %s", st.Collection, say(st))
		}
	}
}

func TestAddressesMatchExactlyButForCaseAndBlanks(t *testing.T) {
	everywhere(t, testAddressesMatchExactlyButForCaseAndBlanks)
}

func testAddressesMatchExactlyButForCaseAndBlanks(t *testing.T) {
	set := shop(t)
	for _, c := range []struct {
		why, email string
		seeds      int
		stored     []string
	}{
		{"the stored spelling is what letters go to", "ann@example.com", 2, []string{"Ann@Example.com"}},
		{"a canonical form is lower case, another is made so", "ANN@EXAMPLE.COM", 2, []string{"Ann@Example.com"}},
		{"a Cyrillic letter makes another person", "аnn@example.com", 1, []string{"аnn@example.com"}},
		{"a sign that Unicode takes for a letter is not that letter", "ſven@shop.example", 0, nil},
		{"a dot more is another address", "a.nn@example.com", 0, nil},
		{"a tag is another address", "ann+shop@example.com", 0, nil},
		{"a part is no address", "ann@example", 0, nil},
		{"a pattern is no address", "%@example.com", 0, nil},
		{"a quote is text", "x' OR '1'='1", 0, nil},
	} {
		m, err := set.Find(t.Context(), sources.Identity{Email: c.email})
		if err != nil {
			t.Fatal(err)
		}
		if m.Person.Seeds() != c.seeds || !slices.Equal(m.Addresses, c.stored) {
			t.Errorf("%s: %d rows with %q, want %d with %q", c.why, m.Person.Seeds(), m.Addresses, c.seeds, c.stored)
		}
	}
	if _, err := set.Find(t.Context(), sources.Identity{Email: " "}); err == nil {
		t.Error("an empty address found somebody")
	}
}

func TestADomainMatchesInEitherScript(t *testing.T) { everywhere(t, testADomainMatchesInEitherScript) }

func testADomainMatchesInEitherScript(t *testing.T) {
	set := open(t, source(t, "one", `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO people VALUES (1, 'a@xn--bcher-kva.example'), (2, 'b@bücher.example');`, people))
	for _, email := range []string{"a@bücher.example", "a@xn--bcher-kva.example", "b@bücher.example", "b@xn--bcher-kva.example"} {
		if n := person(t, set, email).Seeds(); n != 1 {
			t.Errorf("%s: %d rows", email, n)
		}
	}
}

// people is the smallest map there is.
const people = `
dataset:
  - fides_key: one
    collections:
      - name: people
        habeas_meta: {person: true}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, fides_meta: {identity: email}}
`

func TestAPersonSurvivesBeingWrittenDown(t *testing.T) {
	everywhere(t, testAPersonSurvivesBeingWrittenDown)
}

func testAPersonSurvivesBeingWrittenDown(t *testing.T) {
	set := shop(t)
	for _, email := range []string{"ann@example.com", "family@example.com", "nobody@example.com"} {
		m, err := set.Find(t.Context(), sources.Identity{Email: email})
		if err != nil {
			t.Fatal(err)
		}
		again, err := sources.ParsePerson(m.Person.Key())
		if err != nil || again.Key() != m.Person.Key() {
			t.Errorf("%v: %q became %q", err, m.Person.Key(), again.Key())
		}
		if string(dump(t, set, again)) != string(dump(t, set, m.Person)) {
			t.Error("what was written down sees something else")
		}
	}
	for _, bad := range []string{"", "x", `{"r":[["a","b",""]]}`, `{"e":1}`} {
		if _, err := sources.ParsePerson(bad); err == nil {
			t.Errorf("%q is taken for a person", bad)
		}
	}
}

func TestCirclesAreNamedAndNotFollowed(t *testing.T) {
	everywhere(t, testCirclesAreNamedAndNotFollowed)
}

func testCirclesAreNamedAndNotFollowed(t *testing.T) {
	set := shop(t)
	var said []string
	for _, f := range set.Warnings() {
		said = append(said, f.Message)
	}
	all := strings.Join(said, "\n")
	for _, want := range []string{"shop.orders → shop.shipments → shop.orders", "shop.comments → shop.comments", `"messages" names people in sender_id and recipient_id`} {
		if !strings.Contains(all, want) {
			t.Errorf("no warning says %s:\n%s", want, all)
		}
	}
}
