package sources_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"habeas/rights"
	"habeas/sources"
)

// lapsingMap keeps what tax law wants for eight years, and what somebody wrote on an order for two.
var lapsingMap = strings.NewReplacer("until: 8 years", "for: P8Y", "{name: gift, habeas_meta: {erase: null}}", "{name: gift, habeas_meta: {erase: {keep: {ground: Disputes, for: P2Y}}}}").Replace(keptMap)

func TestWhatIsKeptForASpanGoesWhenItEnds(t *testing.T) {
	everywhere(t, testWhatIsKeptForASpanGoesWhenItEnds)
}

func testWhatIsKeptForASpanGoesWhenItEnds(t *testing.T) {
	config := source(t, "s", keptSQL, lapsingMap)
	set := open(t, config)
	erased := rights.NewDate(2026, 11, 22)
	holdings := erase(t, set, "ana@example.com")
	others := "customers 2 C-2 ben@example.com Ben Ode 556 T-2 8 {\"size\": \"L\"}\nlines 2 2 Cup\norders 2 2 8 For him Dan\nvisits 3 2 /\n"
	for _, c := range []struct {
		sentence string
		today    rights.Date
		left     string // of hers
	}{
		{"on the last day of two years all is there", rights.NewDate(2028, 11, 22), "customers 1 … …@erased.invalid … <nil> T-1 0 {\"invoice\":{\"vat\":\"V-1\"}}\nlines 1 1 Tea\norders 1 1 9.5 For you Carla\n"},
		{"the day after, what she wrote is gone", rights.NewDate(2028, 11, 23), "customers 1 … …@erased.invalid … <nil> T-1 0 {\"invoice\":{\"vat\":\"V-1\"}}\nlines 1 1 Tea\norders 1 1 9.5 <nil> Carla\n"},
		{"and no more is, a day before eight years end", rights.NewDate(2034, 11, 22), "customers 1 … …@erased.invalid … <nil> T-1 0 {\"invoice\":{\"vat\":\"V-1\"}}\nlines 1 1 Tea\norders 1 1 9.5 <nil> Carla\n"},
		{"then only what names nobody stays", rights.NewDate(2034, 11, 23), "customers 1 … …@erased.invalid … <nil> <nil> 0 <nil>\n"},
		{"and again, which does no more", rights.NewDate(2034, 11, 24), "customers 1 … …@erased.invalid … <nil> <nil> 0 <nil>\n"},
	} {
		must(t, set.EraseLapsed(t.Context(), "s", holdings, erased, c.today))
		got := regexp.MustCompile(`erased-[0-9a-f]{12}`).ReplaceAllString(raw(t, config.DSN), "…")
		want := slices.Sorted(strings.Lines(c.left + others))
		if !slices.Equal(slices.Sorted(strings.Lines(got)), want) {
			t.Errorf("%s:\n%s\nwant\n%s", c.sentence, got, strings.Join(want, ""))
		}
	}
}

func TestAMapTellsWhenToLookAtWhatIsKeptAgain(t *testing.T) {
	set := open(t, source(t, "s", keptSQL, lapsingMap))
	erased := rights.NewDate(2026, 11, 22)
	for _, c := range []struct {
		collection string
		today      rights.Date
		until      string
		after      bool // something is kept for longer
	}{
		{"orders", rights.NewDate(2026, 11, 22), "2028-11-22", true},
		{"orders", rights.NewDate(2028, 11, 22), "2028-11-22", true},
		{"orders", rights.NewDate(2028, 11, 23), "2034-11-22", true},
		{"orders", rights.NewDate(2034, 11, 23), "", false},
		{"customers", rights.NewDate(2026, 11, 22), "2034-11-22", true},
		{"visits", rights.NewDate(2026, 11, 22), "", false},
	} {
		known := set.Collection("s", c.collection)
		if until, after := set.KeptUntil(known, erased, c.today).String(), set.KeepsAfter(known, erased, c.today); until != c.until || after != c.after {
			t.Errorf("%s on %s: until %q, more after it: %v; want %q, %v", c.collection, c.today, until, after, c.until, c.after)
		}
	}
	open := open(t, source(t, "s", keptSQL, keptMap))
	if known := open.Collection("s", "orders"); !open.KeptUntil(known, erased, erased).IsZero() || !open.KeepsAfter(known, erased, rights.NewDate(2100, 1, 1)) {
		t.Error("what is kept without a span is kept until somebody says otherwise")
	}
}

func TestARowIsKnownAgainByItsKeyAndWhoItNames(t *testing.T) {
	everywhere(t, testARowIsKnownAgainByItsKeyAndWhoItNames)
}

func testARowIsKnownAgainByItsKeyAndWhoItNames(t *testing.T) {
	config := source(t, "s", keptSQL, strings.Replace(keptMap, "erase: mask", "erase: delete", 1))
	set := open(t, config)
	holdings, err := set.Holdings(t.Context(), person(t, set, "ana@example.com"))
	must(t, err)
	before, err := set.Marks(t.Context(), holdings)
	must(t, err)
	if len(before) != 2 || !strings.Contains(strings.Join(before, " "), "ana@example.com") {
		t.Fatalf("she is known by %q", before)
	}
	same := func(sentence string, want bool) {
		t.Helper()
		marks, err := set.Marks(t.Context(), holdings)
		must(t, err)
		if got := slices.ContainsFunc(marks, func(m string) bool { return slices.Contains(before, m) }); got != want {
			t.Errorf("%s: known again: %v", sentence, got)
		}
	}
	must(t, set.Erase(t.Context(), "s", holdings))
	same("after the erasure", false)
	driver := driverOf(config.DSN)
	run(t, driver, config.DSN, `UPDATE customers SET no = 'C-9', email = 'eve@example.com' WHERE id = 1`)
	same("somebody else gets her key", false)
	run(t, driver, config.DSN, `UPDATE customers SET no = 'C-1', email = 'Ana@example.com' WHERE id = 1`)
	same("a backup brings her back", true)
}

func TestNothingIsErasedByMachineInASnapshot(t *testing.T) {
	set := openCRM(t, crmConfig(t))
	if _, _, err := bring(t, set, 0, nil, anna, ben); err != nil {
		t.Fatal(err)
	}
	holdings, err := set.Holdings(t.Context(), person(t, set, "anna@example.com"))
	must(t, err)
	if len(holdings) != 1 {
		t.Fatalf("she has %v", holdings)
	}
	if err := set.Erase(t.Context(), "crm", holdings); err != nil {
		t.Errorf("what only people can erase holds up everything: %v", err)
	}
	if _, ok := errorAs[*sources.SourceError](set.Erase(t.Context(), "gone", holdings)); !ok {
		t.Error("a source that is no longer configured is no trouble")
	}
}

func TestAMapWarnsOfRecordsThatGoAlthoughOthersThatStayReferToThem(t *testing.T) {
	warned := func(datamap string) (found bool) {
		for _, f := range open(t, source(t, "s", keptSQL, datamap)).Warnings() {
			found = found || strings.Contains(f.Message, `records of "customers" are erased, those of "orders" stay`)
		}
		return found
	}
	for sentence, c := range map[string]struct {
		datamap string
		want    bool
	}{
		"something of both stays":       {keptMap, false},
		"customers go and orders stay":  {strings.NewReplacer("habeas_meta: {erase: mask}", "description: x", "{name: tax, habeas_meta: {erase: {keep: {ground: Tax law, until: 8 years}}}}", "{name: tax}", "{name: vat, habeas_meta: {erase: {keep: {ground: Tax law, until: 8 years}}}}", "{name: vat}").Replace(keptMap), true},
		"nothing is erased by machines": {strings.NewReplacer("habeas_meta: {erase: delete}", "description: x").Replace(keptMap), false},
	} {
		if got := warned(c.datamap); got != c.want {
			t.Errorf("%s: warned %v", sentence, got)
		}
	}
}
