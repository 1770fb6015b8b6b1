package rights

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// Run "go test ./rights -update" to write the computable holiday files and docs/law.md anew.
var update = flag.Bool("update", false, "write generated files anew")

// The years for which rules are worked out. A law that changes a holiday changes its line here.
const firstYear, lastYear = 2024, 2030

// rule gives the days of one holiday in a year.
type rule func(year int) []Date

func day(m time.Month, d int) rule { return func(y int) []Date { return []Date{NewDate(y, m, d)} } }

func days(s ...string) rule { // "01-06": the same day each year
	return func(y int) (out []Date) {
		for _, md := range s {
			var m time.Month
			var d int
			if _, err := fmt.Sscanf(md, "%d-%d", &m, &d); err != nil {
				panic(md)
			}
			out = append(out, NewDate(y, m, d))
		}
		return out
	}
}

func easter(offsets ...int) rule {
	return func(y int) (out []Date) {
		for _, n := range offsets {
			out = append(out, gregorianEaster(y).AddDays(n))
		}
		return out
	}
}

func orthodox(offsets ...int) rule {
	return func(y int) (out []Date) {
		for _, n := range offsets {
			out = append(out, orthodoxEaster(y).AddDays(n))
		}
		return out
	}
}

// nth is the n-th weekday of a month, counted from its end when n is negative.
func nth(n int, wd time.Weekday, m time.Month) rule {
	return func(y int) []Date {
		if n < 0 {
			last := NewDate(y, m+1, 0)
			return []Date{last.AddDays(-(int(last.Weekday()-wd) + 7) % 7)}
		}
		return []Date{onOrAfter(NewDate(y, m, 1), wd).AddDays(7 * (n - 1))}
	}
}

// from is the first such weekday on or after a day.
func from(m time.Month, d int, wd time.Weekday) rule {
	return func(y int) []Date { return []Date{onOrAfter(NewDate(y, m, d), wd)} }
}

func onOrAfter(d Date, wd time.Weekday) Date {
	for d.Weekday() != wd {
		d = d.AddDays(1)
	}
	return d
}

// only keeps the days within the years.
func only(first, last int, r rule) rule {
	return func(y int) []Date {
		if y < first || y > last {
			return nil
		}
		return r(y)
	}
}

func once(y int, m time.Month, d int) rule { return only(y, y, day(m, d)) }

// moved shifts each day by its weekday: a table of weekday to days.
func moved(by map[time.Weekday]int, r rule) rule {
	return func(y int) (out []Date) {
		for _, d := range r(y) {
			out = append(out, d.AddDays(by[d.Weekday()]))
		}
		return out
	}
}

// substituted adds, for each holiday at a weekend, the next day that is neither (UK bank holidays, Bulgarian and
// Latvian holidays).
func substituted(r rule) rule {
	return func(y int) []Date {
		out := r(y)
		taken := map[Date]bool{}
		for _, d := range out {
			taken[d] = true
		}
		for _, d := range slices.Clone(out) {
			if wd := d.Weekday(); wd != time.Saturday && wd != time.Sunday {
				continue
			}
			for taken[d] || d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
				d = d.AddDays(1)
			}
			taken[d] = true
			out = append(out, d)
		}
		return out
	}
}

var (
	mondayInstead = map[time.Weekday]int{time.Sunday: 1}
	observed      = map[time.Weekday]int{time.Saturday: -1, time.Sunday: 1} // 5 U.S.C. 6103(b); E.O. 11582
)

// jurisdictions says where each computed file comes from and what it holds.
var jurisdictions = map[string]struct {
	about string
	rules []rule
}{
	"AT": {"Austria. Feiertagsruhegesetz.", []rule{days("01-01", "01-06", "05-01", "08-15", "10-26", "11-01", "12-08", "12-25", "12-26"), easter(1, 39, 50, 60)}},
	"BE": {"Belgium. The ten legal holidays.", []rule{days("01-01", "05-01", "07-21", "08-15", "11-01", "11-11", "12-25"), easter(1, 39, 50)}},
	"BG": {"Bulgaria. Labour Code Art. 154; a holiday at a weekend, Easter aside, gives the next working day.", []rule{substituted(days("01-01", "03-03", "05-01", "05-06", "05-24", "09-06", "09-22", "12-24", "12-25", "12-26")), orthodox(-2, -1, 0, 1)}},
	"CY": {"Cyprus. Public holidays of the Republic.", []rule{days("01-01", "01-06", "03-25", "04-01", "05-01", "08-15", "10-01", "10-28", "12-25", "12-26"), orthodox(-48, -2, 0, 1, 50)}},
	"CZ": {"Czechia. Act 245/2000.", []rule{days("01-01", "05-01", "05-08", "07-05", "07-06", "09-28", "10-28", "11-17", "12-24", "12-25", "12-26"), easter(-2, 1)}},
	"DE": {"Germany. Holidays in every Land; those of single Länder are not in.", []rule{days("01-01", "05-01", "10-03", "12-25", "12-26"), easter(-2, 1, 39, 50)}},
	"DK": {"Denmark. The Great Prayer Day is abolished since 2024.", []rule{days("01-01", "12-25", "12-26"), easter(-3, -2, 0, 1, 39, 49, 50)}},
	"EE": {"Estonia. Public Holidays and Days of National Importance Act.", []rule{days("01-01", "02-24", "05-01", "06-23", "06-24", "08-20", "12-24", "12-25", "12-26"), easter(-2, 0, 49)}},
	"ES": {"Spain. National holidays that no autonomous community replaces; its own are not in.", []rule{days("01-01", "01-06", "05-01", "08-15", "10-12", "11-01", "12-06", "12-08", "12-25"), easter(-2)}},
	"FI": {"Finland. Church and national holidays; the eves are not in.", []rule{days("01-01", "01-06", "05-01", "12-06", "12-25", "12-26"), easter(-2, 0, 1, 39, 49), from(6, 20, time.Saturday), from(10, 31, time.Saturday)}},
	"FR": {"France. Code du travail L3133-1; Alsace-Moselle and overseas holidays are not in.", []rule{days("01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25"), easter(1, 39, 50)}},
	"GR": {"Greece. 1 May moves where it falls in Holy Week (2024: to 7 May).", []rule{days("01-01", "01-06", "03-25", "08-15", "10-28", "12-25", "12-26"), func(y int) []Date {
		if y == 2024 {
			return []Date{NewDate(2024, 5, 7)}
		}
		return []Date{NewDate(y, 5, 1)}
	}, orthodox(-48, -2, 0, 1, 50)}},
	"HR": {"Croatia. Zakon o blagdanima.", []rule{days("01-01", "01-06", "05-01", "05-30", "06-22", "08-05", "08-15", "11-01", "11-18", "12-25", "12-26"), easter(0, 1, 60)}},
	"HU": {"Hungary. Labour Code s. 102; swapped working Saturdays and bridging days are not in.", []rule{days("01-01", "03-15", "05-01", "08-20", "10-23", "11-01", "12-24", "12-25", "12-26"), easter(-2, 0, 1, 49, 50)}},
	"IE": {"Ireland. Organisation of Working Time Act, Second Schedule.", []rule{days("01-01", "03-17", "12-25", "12-26"), easter(1), func(y int) []Date {
		if d := NewDate(y, 2, 1); d.Weekday() == time.Friday {
			return []Date{d} // Saint Brigid's Day
		}
		return nth(1, time.Monday, time.February)(y)
	}, nth(1, time.Monday, time.May), nth(1, time.Monday, time.June), nth(1, time.Monday, time.August), nth(-1, time.Monday, time.October)}},
	"IT": {"Italy. Legge 260/1949; Saint Francis, 4 October, again since 2026. Patron saints are not in.", []rule{days("01-01", "01-06", "04-25", "05-01", "06-02", "08-15", "11-01", "12-08", "12-25", "12-26"), easter(0, 1), only(2026, lastYear, day(10, 4))}},
	"LT": {"Lithuania. Labour Code Art. 123.", []rule{days("01-01", "02-16", "03-11", "05-01", "06-24", "07-06", "08-15", "11-01", "11-02", "12-24", "12-25", "12-26"), easter(0, 1)}},
	"LU": {"Luxembourg. Code du travail L. 232-2.", []rule{days("01-01", "05-01", "05-09", "06-23", "08-15", "11-01", "12-25", "12-26"), easter(1, 39, 50)}},
	"LV": {"Latvia. 4 May and 18 November give the next working day where they fall at a weekend.", []rule{days("01-01", "05-01", "06-23", "06-24", "12-24", "12-25", "12-26", "12-31"), easter(-2, 0, 1), substituted(days("05-04", "11-18"))}},
	"MT": {"Malta. National Holidays and Other Public Holidays Act.", []rule{days("01-01", "02-10", "03-19", "03-31", "05-01", "06-07", "06-29", "08-15", "09-08", "09-21", "12-08", "12-13", "12-25"), easter(-2)}},
	"NL": {"Netherlands. Algemene termijnenwet Art. 3; Good Friday is made equal to a holiday by its second paragraph.", []rule{days("01-01", "05-05", "12-25", "12-26"), moved(map[time.Weekday]int{time.Sunday: -1}, day(4, 27)), easter(-2, 0, 1, 39, 49, 50)}},
	"PL": {"Poland. Christmas Eve since 2025.", []rule{days("01-01", "01-06", "05-01", "05-03", "08-15", "11-01", "11-11", "12-25", "12-26"), only(2025, lastYear, day(12, 24)), easter(0, 1, 49, 60)}},
	"PT": {"Portugal. Código do Trabalho Art. 234.", []rule{days("01-01", "04-25", "05-01", "06-10", "08-15", "10-05", "11-01", "12-01", "12-08", "12-25"), easter(-2, 0, 60)}},
	"RO": {"Romania. Codul muncii Art. 139.", []rule{days("01-01", "01-02", "01-06", "01-07", "01-24", "05-01", "06-01", "08-15", "11-30", "12-01", "12-25", "12-26"), orthodox(-2, 0, 1, 49, 50)}},
	"SE": {"Sweden. Lag 1989:253; the eves are not in.", []rule{days("01-01", "01-06", "05-01", "06-06", "12-25", "12-26"), easter(-2, 0, 1, 39, 49), from(6, 20, time.Saturday), from(10, 31, time.Saturday)}},
	"SI": {"Slovenia. Zakon o praznikih: days off work.", []rule{days("01-01", "01-02", "02-08", "04-27", "05-01", "05-02", "06-25", "08-15", "10-31", "11-01", "12-25", "12-26"), easter(0, 1, 49)}},
	"SK": {"Slovakia. Act 241/1993: days of rest. 1 September 2024, 17 November from 2025, and 8 May and 15 September in 2026 are working days.", []rule{
		days("01-01", "01-06", "05-01", "07-05", "08-29", "11-01", "12-24", "12-25", "12-26"), easter(-2, 1), only(firstYear, 2024, day(11, 17)),
		only(firstYear, 2025, days("05-08", "09-15")), only(2027, lastYear, days("05-08", "09-15")),
	}},

	"GB-ENG": {"England and Wales. Bank holidays (gov.uk).", []rule{substituted(days("01-01", "12-25", "12-26")), easter(-2, 1), nth(1, time.Monday, time.May), nth(-1, time.Monday, time.May), nth(-1, time.Monday, time.August)}},
	"GB-SCT": {"Scotland. Bank holidays (gov.uk); 15 June 2026 by Royal Proclamation.", []rule{substituted(days("01-01", "01-02")), substituted(days("11-30")), substituted(days("12-25", "12-26")), easter(-2), nth(1, time.Monday, time.May), nth(-1, time.Monday, time.May), nth(1, time.Monday, time.August), once(2026, 6, 15)}},
	"GB-NIR": {"Northern Ireland. Bank holidays (gov.uk).", []rule{substituted(days("01-01", "12-25", "12-26")), substituted(days("03-17")), substituted(days("07-12")), easter(-2, 1), nth(1, time.Monday, time.May), nth(-1, time.Monday, time.May), nth(-1, time.Monday, time.August)}},

	"US": {"United States. Federal holidays, 5 U.S.C. 6103, on the day they are observed.", []rule{moved(observed, days("01-01", "06-19", "07-04", "11-11", "12-25")), func(y int) []Date {
		if d := NewDate(y+1, 1, 1); d.Weekday() == time.Saturday {
			return []Date{NewDate(y, 12, 31)}
		}
		return nil
	}, nth(3, time.Monday, time.January), nth(3, time.Monday, time.February), nth(-1, time.Monday, time.May), nth(1, time.Monday, time.September), nth(2, time.Monday, time.October), nth(4, time.Thursday, time.November)}},
	// Gov. Code 6700 also names days on which offices stay open (Lincoln Day, Admission Day, …), and offices shut on
	// the day after Thanksgiving, which it does not name: only a day that is both is skipped, so that the later
	// reading can always be defended.
	"US-CA": {"California, beyond the federal holidays: what is a holiday (Gov. Code 6700, 6701; Civ. Code 7) and also shuts state offices (Gov. Code 19853).", []rule{moved(mondayInstead, day(3, 31))}},

	"BR": {"Brazil. National holidays: Lei 662/1949, 6.802/1980, 14.759/2023, and Good Friday. Optional days, states and towns are not in.", []rule{days("01-01", "04-21", "05-01", "09-07", "10-12", "11-02", "11-15", "11-20", "12-25"), easter(-2)}},
}

// gregorianEaster is the anonymous Gregorian computus.
func gregorianEaster(y int) Date {
	a, b, c := y%19, y/100, y%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	return NewDate(y, time.Month(month), (h+l-7*m+33*month+19)%32)
}

// orthodoxEaster is Meeus' Julian computus, 13 days on in this century.
func orthodoxEaster(y int) Date {
	d := (19*(y%19) + 15) % 30
	e := (2*(y%4) + 4*(y%7) - d + 34) % 7
	return NewDate(y, time.Month((d+e+114)/31), (d+e+114)%31+1).AddDays(13)
}

func holidayFile(id string) string {
	j := jurisdictions[id]
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n# Computed by holidays_rules_test.go.\n", j.about)
	for y := firstYear; y <= lastYear; y++ {
		var all []string
		for _, r := range j.rules {
			for _, d := range r(y) {
				if d.Year == y {
					all = append(all, d.String()[5:])
				}
			}
		}
		slices.Sort(all)
		fmt.Fprintf(&b, "%d %s\n", y, strings.Join(slices.Compact(all), " "))
	}
	return b.String()
}

func TestComputedHolidayFilesFollowTheirRules(t *testing.T) {
	for id := range jurisdictions {
		file := "holidays/" + id + ".txt"
		want := holidayFile(id)
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is stale: run go test ./rights -update", file)
		}
	}
}

func TestEasterFallsOnTheDaysOfTheAlmanac(t *testing.T) {
	for _, row := range []struct{ western, eastern string }{
		{"2024-03-31", "2024-05-05"}, {"2025-04-20", "2025-04-20"}, {"2026-04-05", "2026-04-12"},
		{"2027-03-28", "2027-05-02"}, {"2028-04-16", "2028-04-16"}, {"2029-04-01", "2029-04-08"}, {"2030-04-21", "2030-04-28"},
	} {
		w, e := date(t, row.western), date(t, row.eastern)
		if got := gregorianEaster(w.Year); got != w {
			t.Errorf("Easter %d: %s, want %s", w.Year, got, w)
		}
		if got := orthodoxEaster(e.Year); got != e {
			t.Errorf("Orthodox Easter %d: %s, want %s", e.Year, got, e)
		}
	}
}

func date(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
