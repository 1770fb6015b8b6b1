package sources_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
)

// agedMap is a shop whose visits go after a year, whose accounts lose what is told of them after three, and whose baskets go
// after a month, unless lines hang on them.
const agedMap = `
dataset:
  - fides_key: d
    habeas_meta: {erase: delete}
    collections:
      - name: customers
        habeas_meta: {person: true, retain: {for: P3Y, from: last_seen}, erase: mask}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, fides_meta: {identity: email}}
          - {name: name}
          - {name: last_seen, habeas_meta: {erase: {keep: {ground: Statistics, until: for good}}}}
      - name: baskets
        habeas_meta: {retain: {for: P1M, from: filled}}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: customer_id, fides_meta: {references: [{dataset: d, field: customers.id, direction: from}]}}
          - {name: filled}
      - name: contents
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: basket_id, fides_meta: {references: [{dataset: d, field: baskets.id, direction: from}]}}
          - {name: item}
      - name: visits
        habeas_meta: {retain: {for: P1Y, from: seen}}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: customer_id, fides_meta: {references: [{dataset: d, field: customers.id, direction: from}]}}
          - {name: page}
          - {name: seen}
`

const agedSQL = `
CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(80) UNIQUE NOT NULL, name VARCHAR(80) NOT NULL, last_seen DATE);
CREATE TABLE baskets (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), filled TIMESTAMP NULL);
CREATE TABLE contents (id INTEGER PRIMARY KEY, basket_id INTEGER NOT NULL, item VARCHAR(40));
CREATE TABLE visits (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), page VARCHAR(40), seen VARCHAR(40));
INSERT INTO customers VALUES (1, 'ana@example.com', 'Ana', '2026-03-01'), (2, 'ben@example.com', 'Ben', '2023-02-27'), (3, 'cho@example.com', 'Cho', NULL);
INSERT INTO baskets VALUES (1, 1, '2026-01-10 09:00:00'), (2, 1, '2026-01-10 09:00:00'), (3, 2, '2026-02-20 09:00:00'), (4, 2, NULL);
INSERT INTO contents VALUES (1, 2, 'Tea');
INSERT INTO visits VALUES (1, 1, '/old', '2025-02-01'), (2, 1, '/new', '2025-03-01T10:00:00Z'), (3, 2, '/older', '2024-12-31 23:59:59'),
  (4, 2, '/never', NULL), (5, 2, '/odd', 'last spring'), (6, 3, '/unix', '1700000000');`

// today is when these tests happen.
var agedToday = rights.NewDate(2026, 3, 2)

// rule is a rule that must be there.
func rule(t testing.TB, set *sources.Set, collection string) sources.Rule {
	t.Helper()
	r, ok := set.Rule("s", collection)
	if !ok {
		t.Fatalf("%s has no rule", collection)
	}
	return r
}

func due(t testing.TB, set *sources.Set, r sources.Rule, today rights.Date) []string {
	t.Helper()
	var all []string
	for after := ""; ; after = all[len(all)-1] {
		ids, err := set.Due(t.Context(), r, today, after, 2)
		must(t, err)
		if all = append(all, ids...); len(ids) < 2 {
			return all
		}
	}
}

func testWhatARuleFinds(t *testing.T) {
	set := open(t, source(t, "s", agedSQL, agedMap))
	var names []string
	for _, r := range set.Rules() {
		names = append(names, r.Collection.Name+" "+string(r.Does))
	}
	slices.Sort(names)
	does := map[bool]string{false: "[baskets delete customers mask visits delete]", true: "[baskets forget customers forget visits forget]"}[engine(t) == "snapshot"]
	if got := fmt.Sprint(names); got != does {
		t.Errorf("rules are %s, want %s", got, does)
	}
	hangs := map[bool]int{false: 1, true: 0}[engine(t) == "snapshot"] // in a copy nothing is kept for what hangs on it
	for _, c := range []struct {
		collection string
		ids        string
		want       sources.Survey
	}{
		{"visits", "[1 3 6]", sources.Survey{Due: 2, Spared: 1, Undated: 1, Unread: 1, Oldest: rights.NewDate(2023, 11, 14), Newest: rights.NewDate(2025, 2, 1), Years: map[int]int{2023: 1, 2025: 1}}},
		{"baskets", "[1 2]", sources.Survey{Due: 2 - hangs, Hanging: hangs, Undated: 1, Oldest: rights.NewDate(2026, 1, 10), Newest: rights.NewDate(2026, 1, 10), Years: map[int]int{2026: 2 - hangs}}},
		{"customers", "[2]", sources.Survey{Due: 1, Undated: 1, Oldest: rights.NewDate(2023, 2, 27), Newest: rights.NewDate(2023, 2, 27), Years: map[int]int{2023: 1}}},
	} {
		r := rule(t, set, c.collection)
		if got := fmt.Sprint(due(t, set, r, agedToday)); got != c.ids {
			t.Errorf("%s: %s are due, want %s", c.collection, got, c.ids)
		}
		got, err := set.Survey(t.Context(), r, agedToday, map[string]bool{"3": true})
		must(t, err)
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: found %+v, want %+v", c.collection, got, c.want)
		}
	}
}

func TestWhatARuleFinds(t *testing.T) {
	everywhere(t, testWhatARuleFinds)
	t.Run("snapshot", testWhatARuleFinds)
}

func testWhatIsDueIsDestroyedAndNothingElse(t *testing.T) {
	config := source(t, "s", agedSQL, agedMap)
	set := open(t, config)
	at := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	visits, baskets, customers := rule(t, set, "visits"), rule(t, set, "baskets"), rule(t, set, "customers")
	for range 2 { // the second time as after a crash that lost the note of it
		for _, c := range []struct {
			rule sources.Rule
			ids  []string
			want string
		}{
			{visits, []string{"1", "2", "3", "4"}, "[1] spared 1, young 2, refused 0"},
			{baskets, []string{"1", "2"}, "[1] spared 0, young 0, refused 1"},
			{customers, []string{"1", "2"}, "[2] spared 0, young 1, refused 0"},
		} {
			got, err := set.Destroy(t.Context(), c.rule, c.ids, map[string]bool{"3": true}, agedToday, at)
			must(t, err)
			spared := len(c.ids) - len(got.Done) - got.Young - got.Refused
			if said := fmt.Sprintf("%v spared %d, young %d, refused %d", got.Done, spared, got.Young, got.Refused); said != c.want {
				t.Errorf("%s: %s, want %s", c.rule.Collection.Name, said, c.want)
			}
		}
	}
	left := raw(t, config.DSN)
	for _, gone := range []string{"/old\n", "ben@example.com", "Ben"} {
		if strings.Contains(strings.ReplaceAll(left, " 2025-02-01", "\n"), gone) {
			t.Errorf("%q is left:\n%s", gone, left)
		}
	}
	for _, stays := range []string{"/new", "/older", "/never", "ana@example.com", "Tea", "2023-02-27"} {
		if !strings.Contains(left, stays) {
			t.Errorf("%q is gone:\n%s", stays, left)
		}
	}
	if got := due(t, set, customers, agedToday); len(got) != 0 {
		t.Errorf("what was emptied is due again: %v", got)
	}
}

func TestWhatIsDueIsDestroyedAndNothingElse(t *testing.T) {
	everywhere(t, testWhatIsDueIsDestroyedAndNothingElse)
}

func TestWhatIsPastItsRuleLeavesASnapshotAndDoesNotComeBack(t *testing.T) {
	t.Run("snapshot", func(t *testing.T) {
		config := source(t, "s", agedSQL, agedMap)
		set := open(t, config)
		visits := rule(t, set, "visits")
		got, err := set.Destroy(t.Context(), visits, []string{"1", "2"}, nil, agedToday, time.Now())
		must(t, err)
		if fmt.Sprint(got.Done, got.Young) != "[1] 1" {
			t.Errorf("%+v", got)
		}
		importAll(t, set, []sources.Config{config})
		if ids := fmt.Sprint(due(t, set, visits, agedToday)); ids != "[3 6]" {
			t.Errorf("due are %s: the copy has again what was taken out of it", ids)
		}
		// Ana looks again: she is a customer as before, and what is held about her must be found.
		run(t, "sqlite", originOf(config.DSN), `UPDATE visits SET seen = '2027-01-10' WHERE id = 1`)
		for range 2 {
			importAll(t, set, []sources.Config{config})
			n := 0
			_, err := scan(t, set, person(t, set, "ana@example.com"), func(_ *sources.Collection, r sources.Record) error {
				if r.Cell("page").String() == "/old" {
					n++
				}
				return nil
			})
			must(t, err)
			if n != 1 {
				t.Errorf("the visit that is recent again stands %d times", n)
			}
		}
	})
}

func testARecordThatADatabaseRefusesKeepsNoOther(t *testing.T) {
	config := source(t, "s", agedSQL, agedMap)
	run(t, driverOf(config.DSN), config.DSN, `CREATE TABLE evidence (id INTEGER PRIMARY KEY, visit INTEGER NOT NULL, FOREIGN KEY (visit) REFERENCES visits (id))`)
	run(t, driverOf(config.DSN), config.DSN, `INSERT INTO evidence VALUES (1, 3)`)
	set := open(t, config)
	got, err := set.Destroy(t.Context(), rule(t, set, "visits"), []string{"1", "3", "6"}, nil, agedToday, time.Now())
	must(t, err)
	if slices.Sort(got.Done); fmt.Sprint(got.Done, got.Refused) != "[1 6] 1" {
		t.Errorf("%+v", got)
	}
	if left := raw(t, config.DSN); !strings.Contains(left, "/older") || strings.Contains(left, "/unix") {
		t.Error(left)
	}
}

func TestARecordThatADatabaseRefusesKeepsNoOther(t *testing.T) {
	everywhere(t, testARecordThatADatabaseRefusesKeepsNoOther)
}

func TestARuleThatNobodyCarriesOutIsSaid(t *testing.T) {
	for erase, want := range map[string]int{"delete": 0, "keep": 1, "": 1} {
		meta := map[string]string{"delete": "erase: delete", "keep": "erase: {keep: {ground: Law, until: ever}}", "": "basis: contract"}[erase]
		text := strings.NewReplacer("{erase: delete}", "{"+meta+"}", ", erase: mask", "", ", habeas_meta: {erase: {keep: {ground: Statistics, until: for good}}}", "").Replace(agedMap)
		set := open(t, source(t, "s", agedSQL, text))
		n := 0
		for _, w := range set.Warnings() {
			if strings.Contains(w.Message, "nothing is destroyed") && strings.Contains(w.Message, "visits") && w.Line > 1 {
				n++
			}
		}
		if r := rule(t, set, "visits"); n != want || (r.Does == sources.DestroyNone) != (want == 1) {
			t.Errorf("erase %q: %d warnings, does %q", erase, n, r.Does)
		}
	}
}

func TestASourceThatIsDownFindsAndDestroysNothing(t *testing.T) {
	config := source(t, "s", agedSQL, agedMap)
	set := open(t, config)
	remove(t, strings.TrimPrefix(config.DSN, "file:"))
	_, err := set.Survey(t.Context(), rule(t, set, "visits"), agedToday, nil)
	if e, ok := errorAs[*sources.SourceError](err); !ok || e.Kind != sources.Down {
		t.Errorf("a survey: %v", err)
	}
	_, err = set.Destroy(t.Context(), rule(t, set, "visits"), []string{"1"}, nil, agedToday, time.Now())
	if e, ok := errorAs[*sources.SourceError](err); !ok || e.Kind != sources.Down {
		t.Errorf("a destruction: %v", err)
	}
}

// TestNothingIsDueTooEarly writes moments around the end of periods in every form and zone, and asks the law's own arithmetic.
func TestNothingIsDueTooEarly(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 4))
	forms := []func(time.Time) string{
		func(m time.Time) string { return "'" + m.Format(time.DateOnly) + "'" },
		func(m time.Time) string { return "'" + m.Format(time.RFC3339) + "'" },
		func(m time.Time) string { return "'" + m.Format("2006-01-02 15:04:05.000-07:00") + "'" },
		func(m time.Time) string { return "'" + m.Format(time.DateTime) + "'" },
		func(m time.Time) string { return fmt.Sprint(m.Unix()) },
		func(m time.Time) string { return fmt.Sprint(m.UnixMilli()) },
		func(m time.Time) string { return fmt.Sprint(m.UnixMicro()) },
		func(m time.Time) string { return m.Format("20060102") },
		func(m time.Time) string { return "'" + m.Format("20060102") + "'" },
	}
	zones := []*time.Location{time.UTC, time.FixedZone("west", -12*3600), time.FixedZone("east", 14*3600), time.FixedZone("Shanghai", 8*3600), time.FixedZone("half", 19800)}
	for _, period := range []string{"P1Y", "P1M", "P30D", "P4Y", "P13M"} {
		p, err := rights.ParsePeriod(period)
		must(t, err)
		for _, today := range []rights.Date{rights.NewDate(2026, 3, 1), rights.NewDate(2025, 3, 1), rights.NewDate(2028, 3, 1), rights.NewDate(2024, 2, 29), rights.NewDate(2026, 12, 31)} {
			var rows []string
			var moments []time.Time
			for range 120 {
				near := rights.Date{Year: today.Year, Month: today.Month, Day: today.Day}.AddMonths(-p.Months).AddDays(-p.Days + random.IntN(9) - 5)
				m := near.In(time.UTC).Add(time.Duration(random.IntN(86400)) * time.Second).In(zones[random.IntN(len(zones))])
				moments = append(moments, m)
				rows = append(rows, fmt.Sprintf("(%d, %s)", len(moments), forms[random.IntN(len(forms))](m)))
			}
			for i, nothing := range []string{"NULL", "''", "0", "'0000-00-00'", "'1970-01-01'", "'soon'", "12", "-1", "9223372036854775807", "20261345", "'2026-02-30'", "x'00ff'"} {
				rows = append(rows, fmt.Sprintf("(%d, %s)", 1000+i, nothing))
			}
			set := open(t, source(t, "s", "CREATE TABLE log (id INTEGER PRIMARY KEY, seen); CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO log VALUES "+strings.Join(rows, ", "), fmt.Sprintf(`
dataset:
  - fides_key: d
    habeas_meta: {erase: delete}
    collections:
      - {name: people, habeas_meta: {person: true}, fields: [{name: id, fides_meta: {primary_key: true}}, {name: email, fides_meta: {identity: email}}]}
      - {name: log, habeas_meta: {retain: {for: %s, from: seen}}, fields: [{name: id, fides_meta: {primary_key: true}}, {name: seen}]}
`, period)))
			found := map[string]bool{}
			for _, id := range due(t, set, rule(t, set, "log"), today) {
				found[id] = true
			}
			for i, m := range moments {
				id := fmt.Sprint(i + 1)
				for _, where := range []*time.Location{time.UTC, m.Location()} {
					if last := rights.DateOf(m.In(where)).Plus(p); found[id] && !last.Before(today) {
						t.Errorf("%s on %s: %s is due, and the last day is %s", period, today, rows[i], last)
					}
				}
				if !found[id] && rights.DateOf(m.In(zones[2])).Plus(p).AddDays(3).Before(today) {
					t.Errorf("%s on %s: %s is not due", period, today, rows[i])
				}
				delete(found, id)
			}
			if len(found) > 0 {
				t.Errorf("what says no day is due: %v", found)
			}
		}
	}
}
