package sources_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"habeas/rights"
	"habeas/sources"
)

const flagSQL = `
CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, name TEXT, no_sale BOOLEAN, status TEXT, news INTEGER NOT NULL);
CREATE TABLE cards (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES people (id), no_sale TEXT);
INSERT INTO people VALUES (1, 'ana@example.com', 'Ana', NULL, 'active', 1), (2, 'ben@example.com', 'Ben', NULL, 'active', 1), (3, 'cy@example.com', 'Cy', NULL, 'vip', 1);
INSERT INTO cards VALUES (1, 1, 'n'), (2, 1, 'n'), (3, 2, 'n');`

const flagMap = `
dataset:
  - fides_key: shop
    collections:
      - name: people
        habeas_meta:
          person: true
          flags:
            opt_out: no_sale
            restriction: {field: status, set: restricted, clear: active}
            cancellation: {field: status, set: closed, clear: active}
            objection: {field: news, set: "0", clear: "1"}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, fides_meta: {identity: email}}
          - {name: name}
          - {name: no_sale, fides_meta: {data_type: boolean}}
          - {name: status, fides_meta: {data_type: string}}
          - {name: news, fides_meta: {data_type: integer}}
      - name: cards
        habeas_meta:
          flags:
            opt_out: {field: no_sale, set: y, clear: n}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: person_id, fides_meta: {references: [{dataset: shop, field: people.id, direction: from}]}}
          - {name: no_sale, fides_meta: {data_type: string}}
`

// flags returns what the records of a person say of what must not be done, as a person reads it.
func flags(t testing.TB, set *sources.Set, email string) string {
	t.Helper()
	var out []string
	_, err := scan(t, set, person(t, set, email), func(c *sources.Collection, rec sources.Record) error {
		for _, f := range []string{"no_sale", "status", "news"} {
			if c.Field(f) != nil {
				out = append(out, rec.Cell(f).String())
			}
		}
		return nil
	})
	must(t, err)
	return strings.Join(out, " ")
}

func TestAFlagIsWrittenIntoThePersonsOwnRecordsAndTakenBack(t *testing.T) {
	everywhere(t, testAFlagIsWrittenIntoThePersonsOwnRecordsAndTakenBack)
}

func testAFlagIsWrittenIntoThePersonsOwnRecordsAndTakenBack(t *testing.T) {
	set := open(t, source(t, "shop", flagSQL, flagMap))
	ana := person(t, set, "ana@example.com")
	for _, step := range []struct {
		why    string
		kind   rights.FlagKind
		raised bool
		want   string
	}{
		{"in every collection that names a field, each in its own words", rights.OptedOut, true, "true active 1 y y"},
		{"twice is once", rights.OptedOut, true, "true active 1 y y"},
		{"into a number", rights.Objected, true, "true active 0 y y"},
		{"as the map says it", rights.Restricted, true, "true restricted 0 y y"},
		{"what says another flag is not cleared", rights.Closed, false, "true restricted 0 y y"},
		{"cleared", rights.Restricted, false, "true active 0 y y"},
		{"cleared in every collection", rights.OptedOut, false, "false active 0 n n"},
	} {
		must(t, set.SetFlag(t.Context(), ana, "shop", step.kind, step.raised))
		if got := flags(t, set, "ana@example.com"); got != step.want {
			t.Errorf("%s: %q, want %q", step.why, got, step.want)
		}
	}
	if got := flags(t, set, "ben@example.com"); got != " active 1 n" {
		t.Errorf("somebody else's records say %q", got)
	}
	cy := person(t, set, "cy@example.com")
	must(t, set.SetFlag(t.Context(), cy, "shop", rights.Restricted, false))
	if got := flags(t, set, "cy@example.com"); got != " vip 1" {
		t.Errorf("a value of the house's own was cleared: %q", got)
	}
}

func TestAFlagThatItsSourceTakesBackIsNotTakenForWritten(t *testing.T) {
	schema := flagSQL + `CREATE TRIGGER stubborn AFTER UPDATE ON people BEGIN UPDATE people SET no_sale = 0 WHERE id = NEW.id AND no_sale = 1; END;`
	set := open(t, source(t, "shop", schema, flagMap))
	err := set.SetFlag(t.Context(), person(t, set, "ana@example.com"), "shop", rights.OptedOut, true)
	if _, ok := errorAs[*sources.SourceError](err); !ok {
		t.Errorf("got %v", err)
	}
	if got := flags(t, set, "ana@example.com"); got != " active 1 n n" {
		t.Errorf("half of it stands: %q", got)
	}
}

func TestAFlagThatTheColumnCannotHoldIsTroubleWithTheMap(t *testing.T) {
	set := open(t, source(t, "shop", flagSQL, strings.Replace(flagMap, `set: "0"`, "set: never", 1)))
	err := set.SetFlag(t.Context(), person(t, set, "ana@example.com"), "shop", rights.Objected, true)
	trouble, ok := errorAs[*sources.SourceError](err)
	if !ok || trouble.Kind != sources.Changed || trouble.Collection != "people" {
		t.Errorf("got %v", err)
	}
	var none *sources.SourceError
	if err := set.SetFlag(t.Context(), sources.Person{}, "gone", rights.OptedOut, true); !errors.As(err, &none) {
		t.Errorf("a source that is not there: %v", err)
	}
}

func TestOnlySourcesWhoseMapNamesAFieldAreWritten(t *testing.T) {
	set := open(t, source(t, "shop", flagSQL, flagMap), source(t, "crm", flagSQL, strings.ReplaceAll(regexp.MustCompile(`(?s)          flags:.*?(        fields:)`).ReplaceAllString(flagMap, "$1"), "shop", "crm")))
	for kind, want := range map[rights.FlagKind][]string{rights.OptedOut: {"shop"}, rights.Limited: nil, rights.Closed: {"shop"}} {
		if got := set.FlagSources(kind); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", kind, got, want)
		}
	}
}
