package sources_test

import (
	"fmt"
	"strings"
	"testing"

	"habeas/sources"
)

// Two lists that nothing but the mailbox ties: one person, unless what both hold contradicts.
func TestOneMailboxInTwoListsIsOnePersonUnlessNamesOrBirthdaysContradict(t *testing.T) {
	everywhere(t, testOneMailboxInTwoListsIsOnePersonUnlessNamesOrBirthdaysContradict)
}

func testOneMailboxInTwoListsIsOnePersonUnlessNamesOrBirthdaysContradict(t *testing.T) {
	mapped := func(key string) string {
		return `
dataset:
  - fides_key: ` + key + `
    collections:
      - name: people
        habeas_meta: {person: true}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, fides_meta: {identity: email}}
          - {name: name, data_categories: [user.name]}
          - {name: first, data_categories: [user.name.first]}
          - {name: last, data_categories: [user.name.last]}
          - {name: born, data_categories: [user.demographic.date_of_birth]}
          - {name: card, data_categories: [user.government_id.national_identification_number], habeas_meta: {confirms: true}}
          - {name: boss, data_categories: [user.name], habeas_meta: {third_party: true}}
`
	}
	const schema = `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, name TEXT, first TEXT, last TEXT, born TEXT, card TEXT, boss TEXT);`
	columns := func(values string) string {
		var names, quoted []string
		for _, pair := range strings.Split(values, "; ") {
			name, value, _ := strings.Cut(pair, "=")
			names, quoted = append(names, name), append(quoted, "'"+value+"'")
		}
		return fmt.Sprintf(`INSERT INTO people (email, %s) VALUES ('fam@example.com', %s);`, strings.Join(names, ", "), strings.Join(quoted, ", "))
	}
	for _, c := range []struct {
		why, shop, crm string
		people         int
	}{
		{"the same name", "name=Freja Olsen", "name=Freja Olsen", 1},
		{"two first names", "name=Freja Olsen", "name=Jonas Olsen", 2},
		{"two names without a word in common", "name=Freja", "name=Jonas", 2},
		{"parts in another order, letters of another case", "name=Olsen, FREJA", "name=freja olsen", 1},
		{"a name in parts beside a whole one", "name=Freja Olsen", "first=Freja; last=Olsen", 1},
		{"parts that contradict a whole name", "name=Freja Olsen", "first=Jonas; last=Olsen", 2},
		{"an initial", "name=F. Olsen", "name=Freja Olsen", 1},
		{"another initial", "name=J. Olsen", "name=Freja Olsen", 2},
		{"an initial that two names could be", "name=O. Olsen", "name=Olsen Olga", 1},
		{"two Korean names", "name=김민수", "name=김민지", 2},
		{"names in another alphabet", "name=Иван Петров", "name=Пётр Петров", 2},
		{"a middle name more", "name=Freja Marie Olsen", "name=Freja Olsen", 1},
		{"accents", "name=José Núñez", "name=Jose Nunez", 1},
		{"Chinese names, with a blank or without", "name=王小明", "name=王 小明", 1},
		{"two Chinese names, of which one holds the other", "name=王小明", "name=王明", 2},
		{"names in two scripts cannot be compared", "name=王小明", "name=Wang Xiaoming", 1},
		{"one list knows no name", "name=Freja Olsen", "born=1990-02-03", 1},
		{"a name of signs is none", "name=Freja Olsen", "name=--", 1},
		{"a third party's name says nothing", "boss=Ruth", "boss=Sven", 1},
		{"two birthdays, and the same name", "name=Jan Olsen; born=1990-02-03", "name=Jan Olsen; born=1961-02-03", 2},
		{"one birthday, written otherwise", "born=1990-02-03", "born=3.2.1990", 1},
		{"one birthday, with a time of day or without signs", "born=1990-02-03 00:00:00", "born=19900203", 1},
		{"a year alone is no birthday", "born=1990", "born=1961-02-03", 1},
		{"two numbers of the state", "card=11010519491231002X", "card=110105194912310038", 2},
		{"one number of the state, with blanks", "card=110105 19491231 002x", "card=11010519491231002X", 1},
	} {
		set := open(t, source(t, "shop", schema+columns(c.shop), mapped("shop")), source(t, "crm", schema+columns(c.crm), mapped("crm")))
		m, err := set.Find(t.Context(), sources.Identity{Email: "fam@example.com"})
		must(t, err)
		if len(m.Candidates) != c.people {
			t.Errorf("%s: %d people, want %d", c.why, len(m.Candidates), c.people)
		}
		if m.Ambiguous() && (m.Person.Seeds() != 0 || len(m.Channels) != 0) {
			t.Errorf("%s: something is theirs before one is chosen", c.why)
		}
		if c.people == 2 && strings.HasPrefix(c.shop, "card=") {
			p, ok, err := set.Choose(t.Context(), m, strings.TrimPrefix(c.crm, "card="))
			if err != nil || !ok || p.Seeds() != 1 || strings.Contains(string(dump(t, set, p)), strings.TrimPrefix(c.shop, "card=")) {
				t.Errorf("%s: chosen %v, %v", c.why, ok, err)
			}
		}
	}
}

func TestATieCountsForMoreThanANameThatChanged(t *testing.T) {
	everywhere(t, testATieCountsForMoreThanANameThatChanged)
}

func testATieCountsForMoreThanANameThatChanged(t *testing.T) {
	name := ", fides_meta: {identity: customer_number}}\n          - {name: name, data_categories: [user.name]"
	set := one(t, `CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, no TEXT, name TEXT);
		CREATE TABLE accounts (id INTEGER PRIMARY KEY, email TEXT, no TEXT, name TEXT);
		INSERT INTO customers VALUES (1, 'a@example.com', 'N1', 'Freja Olsen'); INSERT INTO accounts VALUES (101, 'a@example.com', 'N1', 'Freja Lund');`,
		list("customers", name)+list("accounts", name))
	if n := person(t, set, "a@example.com").Seeds(); n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
}

func TestAPersonCannotWriteAwayWhatTellsThemApart(t *testing.T) {
	mapped := func(key, more string) string {
		return "dataset:\n  - fides_key: " + key + "\n    collections:\n      - name: people\n        habeas_meta: {person: true}\n        fields:\n" +
			"          - {name: id, fides_meta: {primary_key: true}}\n          - {name: email, fides_meta: {identity: email}}\n" +
			"          - {name: no" + more + "}\n          - {name: name, data_categories: [user.name], habeas_meta: {editable: self}}\n"
	}
	schema := `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, no TEXT, name TEXT);`
	for _, c := range []struct {
		why, number string
		lists       int
		want        sources.Editable
	}{
		{"a name in the only list", "", 1, sources.EditableSelf},
		{"a name that tells apart what the mailbox alone ties", "", 2, sources.EditableAsk},
		{"also where an issued identity ties the lists, for a row may have none", ", fides_meta: {identity: customer_number}", 2, sources.EditableAsk},
	} {
		var configs []sources.Config
		for i := range c.lists {
			key := fmt.Sprintf("s%d", i)
			configs = append(configs, source(t, key, schema, mapped(key, c.number)))
		}
		set := open(t, configs...)
		if got := set.Collection("s0", "people").Field("name").Meta.Editable; got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
		if got := warned(set, "tells people apart"); got != (c.want == sources.EditableAsk) {
			t.Errorf("%s: warned %v", c.why, got)
		}
	}
}
