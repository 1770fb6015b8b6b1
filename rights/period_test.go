package rights

import (
	"testing"
)

func TestAPeriodIsReadAsISO8601WritesIt(t *testing.T) {
	for _, row := range []struct {
		about, text string
		want        Period
		again       string
	}{
		{"eight years", "P8Y", Period{Months: 96}, "P8Y"},
		{"eighteen months", "P18M", Period{Months: 18}, "P1Y6M"},
		{"six weeks", "P6W", Period{Days: 42}, "P42D"},
		{"days, with blanks around", " P35D ", Period{Days: 35}, "P35D"},
		{"all together", "P1Y2M3W4D", Period{14, 25}, "P1Y2M25D"},
		{"none is no period", "P", Period{}, ""},
		{"nothing of anything neither", "P0D", Period{}, ""},
		{"hours do not count days", "PT24H", Period{}, ""},
		{"words", "8 years", Period{}, ""},
		{"less than nothing", "P-1D", Period{}, ""},
		{"beyond all bounds", "P99999Y", Period{}, ""},
	} {
		got, err := ParsePeriod(row.text)
		if got != row.want || got.String() != row.again || (err == nil) != (row.again != "") {
			t.Errorf("%s: %q is %v (%q), %v; want %v (%q)", row.about, row.text, got, got.String(), err, row.want, row.again)
		}
	}
}

func TestAPeriodEndsOnADayOfTheCalendar(t *testing.T) {
	for _, row := range []struct{ about, from, period, want string }{
		{"a month after the last of January", "2026-01-31", "P1M", "2026-02-28"},
		{"a year after a leap day", "2024-02-29", "P1Y", "2025-02-28"},
		{"months before days", "2026-01-31", "P1M1D", "2026-03-01"},
		{"days over the end of a year", "2026-12-20", "P35D", "2027-01-24"},
	} {
		from, err := ParseDate(row.from)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ParsePeriod(row.period)
		if err != nil {
			t.Fatal(err)
		}
		if got := from.Plus(p).String(); got != row.want {
			t.Errorf("%s: %s and %s is %s, want %s", row.about, row.from, row.period, got, row.want)
		}
	}
}
