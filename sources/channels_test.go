package sources_test

import (
	"slices"
	"testing"

	"habeas/sources"
)

func TestChannelsAreTheOtherAddressesOfAPersonsOwnRows(t *testing.T) {
	everywhere(t, testChannelsAreTheOtherAddressesOfAPersonsOwnRows)
}

func testChannelsAreTheOtherAddressesOfAPersonsOwnRows(t *testing.T) {
	set := open(t,
		source(t, "shop", `CREATE TABLE people (id INTEGER PRIMARY KEY, no TEXT, email TEXT, invoices TEXT, partner TEXT, more TEXT);
			CREATE TABLE orders (id INTEGER PRIMARY KEY, person INTEGER, email TEXT);
			INSERT INTO people VALUES (1, 'N1', 'Ann@Example.com', ' ann@Bills.example ', 'eve@example.com', '{"mails":["ann@old.example","no address",""]}'),
				(2, 'N2', 'family@example.com', 'two@example.com', NULL, NULL), (3, 'N3', 'family@example.com', 'three@example.com', NULL, NULL);
			INSERT INTO orders VALUES (1, 1, 'gift@example.com');`, `
dataset:
  - fides_key: shop
    collections:
      - name: people
        habeas_meta: {person: true}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: no, fides_meta: {identity: customer_number}}
          - {name: email, fides_meta: {identity: email}}
          - {name: invoices, data_categories: [user.contact.email]}
          - {name: partner, data_categories: [user.contact.email], habeas_meta: {third_party: true}}
          - name: more
            fields:
              - {name: mails, data_categories: [user.contact.email], fides_meta: {data_type: "string[]"}}
      - name: orders
        habeas_meta: {person: false}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: person, fides_meta: {references: [{dataset: shop, field: people.id, direction: from}]}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
`),
		source(t, "crm", `CREATE TABLE contacts (id INTEGER PRIMARY KEY, no TEXT, email TEXT);
			INSERT INTO contacts VALUES (1, 'N1', 'ann@work.example'), (2, 'N2', 'bob@work.example');`, `
dataset:
  - fides_key: crm
    collections:
      - name: contacts
        habeas_meta: {person: true}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: no, fides_meta: {identity: customer_number}}
          - {name: email, fides_meta: {identity: email}}
`))
	find := func(email string) sources.Match {
		t.Helper()
		m, err := set.Find(t.Context(), sources.Identity{Email: email})
		must(t, err)
		return m
	}
	for _, c := range []struct {
		why, email string
		want       []string
	}{
		{"those of every list, none of a third party's or of an order", "ann@example.com", []string{"ann@Bills.example", "ann@old.example", "ann@work.example"}},
		{"the stored address is another where the mailbox is", "ann@work.example", []string{"Ann@Example.com", "ann@Bills.example", "ann@old.example"}},
		{"two people behind the mailbox have none until one is chosen", "family@example.com", nil},
		{"nobody has none", "nobody@example.com", nil},
	} {
		if got := find(c.email).Channels; !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
	chosen, ok, err := set.Choose(t.Context(), find("family@example.com"), "N3")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if got, err := set.Channels(t.Context(), chosen); err != nil || !slices.Equal(got, []string{"three@example.com"}) {
		t.Errorf("who was chosen: %q, %v", got, err)
	}
}

func TestChannelsOfASourceInTroubleAreMissingAndTheOthersAreNot(t *testing.T) {
	everywhere(t, testChannelsOfASourceInTroubleAreMissingAndTheOthersAreNot)
}

func testChannelsOfASourceInTroubleAreMissingAndTheOthersAreNot(t *testing.T) {
	configs := shopConfigs(t)
	set := open(t, configs...)
	p := person(t, set, "ann@example.com")
	execute(t, configs[1].DSN, `ALTER TABLE contacts RENAME TO kontakte`)
	got, err := set.Channels(t.Context(), p)
	if !isTrouble(err) || len(got) != 0 {
		t.Errorf("%q, %v", got, err)
	}
	execute(t, configs[1].DSN, `ALTER TABLE kontakte RENAME TO contacts`)
	execute(t, configs[0].DSN, `ALTER TABLE customers RENAME TO kunden`)
	if got, err = set.Channels(t.Context(), p); !isTrouble(err) || !slices.Equal(got, []string{"ann@work.example"}) {
		t.Errorf("%q, %v", got, err)
	}
}
