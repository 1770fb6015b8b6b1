package rights

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"testing/quick"
	"time"
)

// A test date is any day of a long lifetime.
func anyDay(n uint16) Date { return NewDate(1990, 1, 1).AddDays(int(n)) }

func TestAddMonthsAgreesWithWalkingDayByDay(t *testing.T) {
	agrees := func(n uint16, m uint8) bool {
		from, months := anyDay(n), int(m%30)
		// Walk to the target month, then to the same-numbered day or the month's end.
		want := Date{from.Year, from.Month, 1}
		for range months {
			for want = want.AddDays(1); want.Day != 1; want = want.AddDays(1) {
			}
		}
		for month := want.Month; want.Day < from.Day && want.AddDays(1).Month == month; {
			want = want.AddDays(1)
		}
		return from.AddMonths(months) == want
	}
	if err := quick.Check(agrees, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

func TestDaysUntilUndoesAddDays(t *testing.T) {
	undoes := func(n uint16, m int16) bool { return anyDay(n).DaysUntil(anyDay(n).AddDays(int(m))) == int(m) }
	if err := quick.Check(undoes, nil); err != nil {
		t.Error(err)
	}
}

func TestARolledDateIsTheFirstWorkingDay(t *testing.T) {
	for _, place := range append([]string{"CN", "US", "GB-ENG", "GB-SCT", "GB-NIR", "BR"}, memberStates...) {
		c, ok := CalendarOf(place)
		if !ok {
			t.Fatalf("no calendar of %s", place)
		}
		for d := NewDate(2024, 1, 1); d.Year < 2027; d = d.AddDays(1) {
			rolled := c.Next(d)
			if !c.Working(rolled) || rolled.Before(d) {
				t.Fatalf("%s: %s rolled to %s", place, d, rolled)
			}
			for between := d; between.Before(rolled); between = between.AddDays(1) {
				if c.Working(between) {
					t.Fatalf("%s: %s rolled past %s", place, d, between)
				}
			}
		}
	}
}

func TestAddWorkingDaysCountsEachOnce(t *testing.T) {
	c, _ := CalendarOf("CN")
	counts := func(n uint16, k uint8) bool {
		from, want := NewDate(2024, 1, 1).AddDays(int(n%900)), int(k%40)+1
		to, got := c.AddWorkingDays(from, want), 0
		for d := from.AddDays(1); !d.After(to); d = d.AddDays(1) {
			if c.Working(d) {
				got++
			}
		}
		return got == want && c.Working(to)
	}
	if err := quick.Check(counts, nil); err != nil {
		t.Error(err)
	}
}

func TestDaysOfRestOfChina(t *testing.T) {
	c, _ := CalendarOf("CN")
	for _, row := range []struct {
		why, day string
		working  bool
	}{
		{"a make-up Sunday", "2026-09-20", true}, {"a make-up Saturday", "2026-10-10", true},
		{"an ordinary Saturday", "2026-10-17", false}, {"Mid-Autumn", "2026-09-25", false},
		{"the last day of golden week", "2026-10-07", false}, {"the day after it", "2026-10-08", true},
	} {
		if got := c.Working(date(t, row.day)); got != row.working {
			t.Errorf("%s (%s): working %t", row.why, row.day, got)
		}
	}
}

func clock(t *testing.T, regime string, right Right, f Facts) Clock {
	t.Helper()
	g, ok := RegimeByID(regime)
	if !ok {
		t.Fatalf("no regime %s", regime)
	}
	return g.Clock(right, f)
}

func TestAClockHoldsTheDatesOfItsRight(t *testing.T) {
	received := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		regime string
		right  Right
		kinds  []Kind
		due    string
	}{
		{"eu_gdpr", Access, []Kind{KindResponse, KindExtensionNotice, KindExtended}, "2026-12-21"}, // the 20th is a Sunday
		{"uk_gdpr", Complaint, []Kind{KindComplaintAck, KindResponse}, "2026-12-21"},
		{"ccpa", Access, []Kind{KindAck, KindResponse, KindExtensionNotice, KindExtended}, "2027-01-04"},
		{"ccpa", OptOut, []Kind{KindOptOut}, "2026-12-14"},
		{"ccpa", Restriction, []Kind{KindOptOut}, "2026-12-14"},
		{"cn_pipl", Erasure, []Kind{KindResponse, KindCancellation}, "2026-12-21"},
		{"us_va", Complaint, []Kind{KindAppeal}, "2027-01-19"},
		{"us_co", Complaint, []Kind{KindAppeal, KindAppealExtended}, "2027-01-04"},
		{"br_lgpd", Access, []Kind{KindResponse}, "2026-12-05"},
		{"in_dpdp", Complaint, []Kind{KindResponse}, "2027-02-18"},
	} {
		c := clock(t, row.regime, row.right, Facts{Received: received})
		var kinds []Kind
		for _, d := range c.Deadlines {
			kinds = append(kinds, d.Kind)
		}
		if !slices.Equal(kinds, row.kinds) || c.DueDay().String() != row.due {
			t.Errorf("%s %s: %v due %s, want %v due %s", row.regime, row.right, kinds, c.DueDay(), row.kinds, row.due)
		}
	}
}

func TestTheDayOfReceiptIsThatOfThePlace(t *testing.T) {
	late := time.Date(2026, 11, 20, 23, 30, 0, 0, time.UTC)
	c := clock(t, "eu_gdpr", Access, Facts{Received: late, Location: time.FixedZone("CET", 3600)})
	if c.Start != NewDate(2026, 11, 21) {
		t.Errorf("start %s", c.Start)
	}
}

func TestPausesMoveTheAnswer(t *testing.T) {
	at := date(t, "2026-03-02").In(time.UTC)
	day := func(s string) Date {
		if s == "" {
			return Date{}
		}
		return date(t, s)
	}
	type p struct{ why, from, to string }
	for _, row := range []struct {
		why, regime string
		pauses      []p
		due, strict string
	}{
		{"nothing asked", "uk_gdpr", nil, "2026-04-02", "2026-04-02"},
		{"UK: seven days of clarification, 9 April", "uk_gdpr", []p{{"clarification", "2026-03-04", "2026-03-10"}}, "2026-04-09", "2026-04-09"},
		{"UK: asked and answered on one day", "uk_gdpr", []p{{"clarification", "2026-03-04", "2026-03-04"}}, "2026-04-07", "2026-04-07"},
		{"UK: overlapping questions count once", "uk_gdpr", []p{{"clarification", "2026-03-04", "2026-03-10"}, {"clarification", "2026-03-06", "2026-03-08"}}, "2026-04-09", "2026-04-09"},
		{"UK: days before the identity came are no days of the period", "uk_gdpr", []p{{"identity", "2026-03-03", "2026-03-10"}, {"clarification", "2026-03-05", "2026-03-12"}}, "2026-04-13", "2026-04-13"},
		{"UK: asked after the period ended", "uk_gdpr", []p{{"clarification", "2026-04-03", "2026-04-10"}}, "2026-04-02", "2026-04-02"},
		{"UK: the question still stands", "uk_gdpr", []p{{"clarification", "2026-03-04", ""}}, "2026-04-02", "2026-04-02"},
		{"EU: guidance stops the clock, the strict date runs on", "eu_gdpr", []p{{"identity", "2026-03-03", "2026-03-10"}}, "2026-04-09", "2026-04-02"},
		{"China: from the identity check", "cn_pipl", []p{{"identity", "2026-03-02", "2026-03-10"}}, "2026-04-09", "2026-04-09"},
		{"China: a question of meaning stops nothing", "cn_pipl", []p{{"clarification", "2026-03-02", "2026-03-10"}}, "2026-04-01", "2026-04-01"},
		{"California: never", "ccpa", []p{{"identity", "2026-03-03", "2026-03-10"}}, "2026-04-16", "2026-04-15"},
	} {
		f := Facts{Received: at}
		for _, p := range row.pauses {
			f.Pauses = append(f.Pauses, Pause{p.why, day(p.from), day(p.to)})
		}
		d, _ := clock(t, row.regime, Access, f).Deadline(KindResponse)
		if d.Due.String() != row.due || d.StrictDue.String() != row.strict {
			t.Errorf("%s: due %s, strict %s; want %s, %s", row.why, d.Due, d.StrictDue, row.due, row.strict)
		}
	}
}

func TestAPauseNeverBringsTheAnswerForward(t *testing.T) {
	holds := func(start uint16, from, long uint8) bool {
		received := anyDay(start)
		asked := received.AddDays(int(from % 60))
		for _, g := range Regimes {
			plain := g.Clock(Access, Facts{Received: received.In(time.UTC)}).DueDay()
			paused := g.Clock(Access, Facts{Received: received.In(time.UTC), Pauses: []Pause{{ForClarification, asked, asked.AddDays(int(long % 60))}}}).DueDay()
			if paused.Before(plain) {
				return false
			}
		}
		return true
	}
	if err := quick.Check(holds, nil); err != nil {
		t.Error(err)
	}
}

func TestExtending(t *testing.T) {
	at := date(t, "2026-09-03").In(time.UTC)
	for _, row := range []struct {
		why, regime, today string
		extended, may      bool
	}{
		{"within the first month", "uk_gdpr", "2026-10-05", false, true},
		{"the month is over", "uk_gdpr", "2026-10-06", false, false},
		{"it was extended already", "uk_gdpr", "2026-09-10", true, false},
		{"a law without extensions", "cn_pipl", "2026-09-10", false, false},
		{"the 45th day", "ccpa", "2026-10-18", false, true},
		{"the 46th day", "ccpa", "2026-10-19", false, false},
	} {
		g, _ := RegimeByID(row.regime)
		c := g.Clock(Access, Facts{Received: at, Extended: row.extended})
		if got := g.MayExtend(c, date(t, row.today)); got != row.may {
			t.Errorf("%s: may extend %t", row.why, got)
		}
	}
	c := clock(t, "uk_gdpr", Access, Facts{Received: at, Extended: true})
	if c.DueDay() != NewDate(2026, 12, 3) {
		t.Errorf("an extended answer is due %s", c.DueDay())
	}
}

func TestRecordsAreKeptFromTheAnswer(t *testing.T) {
	g, _ := RegimeByID("ccpa")
	if d, ok := g.KeepUntil(NewDate(2026, 11, 20)); !ok || d.Due != NewDate(2028, 11, 20) {
		t.Errorf("%+v, %t", d, ok)
	}
	g, _ = RegimeByID("eu_gdpr")
	if d, ok := g.KeepUntil(NewDate(2026, 11, 20)); ok {
		t.Errorf("the GDPR names no number of years: %+v", d)
	}
}

func TestAClockSurvivesStorage(t *testing.T) {
	c := clock(t, "eu_gdpr", Erasure, Facts{Received: date(t, "2026-03-02").In(time.UTC), IdentityAsked: NewDate(2026, 3, 3)})
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back Clock
	if err := json.Unmarshal(raw, &back); err != nil || !reflect.DeepEqual(c, back) {
		t.Errorf("%v\n%+v\n%+v", err, c, back)
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-01-31", "2026-02-30", "0000-00-00", "", "2026-1-1", "９９９９-01-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate(s)
		if err == nil && d.String() != s {
			t.Fatalf("%q reads as %s", s, d)
		}
	})
}
