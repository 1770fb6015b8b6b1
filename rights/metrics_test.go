package rights

import (
	"math/rand/v2"
	"testing"
)

func TestQuantilesAreOfDaysThatDidOccur(t *testing.T) {
	for _, row := range []struct {
		why     string
		h       Histogram
		half    int // the median, in half days
		p90     int
		nothing bool
	}{
		{why: "no answers have none", h: Histogram{}, nothing: true},
		{why: "numbers that were taken back have none", h: Histogram{3: 0}, nothing: true},
		{why: "one answer is every quantile", h: Histogram{5: 1}, half: 10, p90: 5},
		{why: "of two the median lies between", h: Histogram{1: 1, 4: 1}, half: 5, p90: 4},
		{why: "of three it is the middle one", h: Histogram{1: 1, 2: 1, 30: 1}, half: 4, p90: 30},
		{why: "ten alike but one: the ninth is alike", h: Histogram{2: 9, 40: 1}, half: 4, p90: 2},
		{why: "answered on the same day", h: Histogram{0: 4}, half: 0, p90: 0},
	} {
		half, ok := row.h.Median()
		p90, _ := row.h.Quantile(90)
		if ok == row.nothing || half != row.half || p90 != row.p90 {
			t.Errorf("%s: median %d half days, 90%% %d, %t", row.why, half, p90, ok)
		}
	}
}

// A reader who knows the total and what is published cannot narrow any hidden part down to fewer than SmallCell values.
func TestWhatIsHiddenCannotBeComputed(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	shown := 0
	for range 20_000 {
		parts := make([]int, 2+chance.IntN(5))
		all := 0
		for i := range parts {
			parts[i] = []int{0, chance.IntN(12), chance.IntN(60), 500 + chance.IntN(500)}[chance.IntN(4)]
			all += parts[i]
		}
		hide, total := Suppress(parts)
		hidden, sum := 0, 0
		for i, n := range parts {
			if n > 0 && n < SmallCell && !hide[i] {
				t.Fatalf("%v: part %d is small and published: %v", parts, i, hide)
			}
			if hide[i] {
				hidden, sum = hidden+1, sum+n
			}
		}
		if !total {
			continue
		}
		shown++
		if all > 0 && all < SmallCell {
			t.Fatalf("%v: their small total is published", parts)
		}
		// What is hidden adds up to sum, each part being at least 1.
		if values := sum - hidden + 1; hidden == 1 || hidden > 1 && values < SmallCell {
			t.Fatalf("%v with %v hidden: each is one of %d values", parts, hide, values)
		}
	}
	if shown < 15_000 {
		t.Errorf("only %d of 20,000 totals could be published", shown)
	}
}

func TestOnlyWhatTellsOfSomebodyIsHidden(t *testing.T) {
	for _, row := range []struct {
		why   string
		parts []int
		hide  string
		total bool
	}{
		{"large parts are all published", []int{40, 20, 11}, "...", true},
		{"nought is published", []int{40, 0, 11}, "...", true},
		{"one small part takes the smallest other with it", []int{40, 3, 11}, ".xx", true},
		{"two small parts that add up to little take a third", []int{40, 2, 3}, "xxx", true},
		{"nothing at all", []int{0, 0, 0}, "...", true},
		{"a small total is hidden with its parts", []int{4, 3, 0}, "xx.", false},
		{"one small part alone hides the total", []int{0, 9, 0}, ".x.", false},
	} {
		hide, total := Suppress(row.parts)
		got := ""
		for _, h := range hide {
			got += map[bool]string{true: "x", false: "."}[h]
		}
		if got != row.hide || total != row.total {
			t.Errorf("%s: %s, total %t", row.why, got, total)
		}
	}
}

func TestTheYearOfARequestIsTheYearItCame(t *testing.T) {
	day := func(s string) Date {
		d, err := ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	came := []CameIn{
		{Right: Erasure, Regime: "ccpa", N: 5},
		{Right: Access, Regime: "ccpa", N: 1},
		{Right: Access, Regime: "ccpa", Routine: true, N: 700},
		{Right: Portability, Regime: "ccpa", N: 1},
		{Right: Access, Regime: "eu_gdpr", N: 9},
		{Right: Complaint, Regime: "ccpa", N: 3},
	}
	answered := []Answered{
		{Day: day("2026-01-10"), Days: 21, Came: 2025, Right: Erasure, Regime: "ccpa", State: Fulfilled, N: 2},
		{Day: day("2026-01-11"), Days: 22, Came: 2025, Right: Erasure, Regime: "ccpa", State: Fulfilled, Ground: "legal_obligation", N: 1},
		{Day: day("2025-12-30"), Days: 10, Came: 2025, Right: Erasure, Regime: "ccpa", State: Refused, Ground: "unidentified", N: 1},
		{Day: day("2026-01-10"), Days: 7, Came: 2026, Right: Erasure, Regime: "ccpa", State: Fulfilled, N: 2},
		{Day: day("2025-06-04"), Days: 3, Came: 2025, Right: Access, Regime: "ccpa", State: Cancelled, N: 1},
	}
	lines := YearlyOf(2025, "ccpa", came, answered)
	deleted, known := lines[0], lines[2]
	if deleted.Received != 5 || deleted.Whole != 2 || deleted.Part != 1 || deleted.Denied != 1 || deleted.Open != 1 || deleted.Unverifiable != 1 || deleted.Other != 1 {
		t.Errorf("to delete: %+v", deleted)
	}
	if half, ok := deleted.Took.Median(); !ok || half != 42 {
		t.Errorf("they took %d half days, %t", half, ok)
	}
	if known.Received != 2 || known.Withdrawn != 1 || known.Open != 1 || known.Took.Total() != 0 {
		t.Errorf("to know: %+v", known)
	}
	if all := YearlyOf(2025, "", came, answered)[2]; all.Received != 11 {
		t.Errorf("to know, in all regimes: %+v", all)
	}
}
