package rights

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWhatIsToldOfARequestOnADay(t *testing.T) {
	set := DefaultSettings() // 7 days before: due soon; 2: the approvers too; paused for more than 21: a word
	day := func(s string) Date { d, _ := ParseDate(s); return d }
	running := Request{State: InProgress}
	paused := Request{State: Paused, Clock: Clock{Pauses: []Pause{{Why: ForClarification, From: day("2026-11-25")}}}}
	for _, c := range []struct {
		sentence   string
		r          Request
		strict     string
		due, today string
		want       string
	}{
		{"nothing while there is time", running, "2026-12-23", "2026-12-23", "2026-12-15", ""},
		{"a week before, whoever works on it", running, "2026-12-23", "2026-12-23", "2026-12-16", "due_soon 2026-12-23"},
		{"two days before, the approvers too", running, "2026-12-23", "2026-12-23", "2026-12-21", "due_soon 2026-12-23, above escalated 2026-12-23"},
		{"on the last day nothing is late", running, "2026-12-23", "2026-12-23", "2026-12-23", "due_soon 2026-12-23, above escalated 2026-12-23"},
		{"the day after, everybody", running, "2026-12-23", "2026-12-23", "2026-12-24", "late 2026-12-23, above escalated 2026-12-23"},
		{"the earlier reading first", running, "2026-12-10", "2026-12-14", "2026-12-11", "late 2026-12-10, above escalated 2026-12-10"},
		{"and the statutory day when it has passed as well", running, "2026-12-10", "2026-12-14", "2026-12-15",
			"late 2026-12-10, above escalated 2026-12-10, late 2026-12-14, above escalated 2026-12-14"},
		{"a pause of three weeks is no news", paused, "2027-01-10", "2027-01-10", "2026-12-16", ""},
		{"a longer one is", paused, "2027-01-10", "2027-01-10", "2026-12-17", "paused 2026-11-25"},
		{"a law that sets no day", running, "", "", "2026-12-24", ""},
		{"what is closed", Request{State: Fulfilled}, "2026-12-23", "2026-12-23", "2026-12-24", ""},
		{"what the machine answers", Request{State: Received, Routine: true}, "2026-12-23", "2026-12-23", "2026-12-24", ""},
	} {
		var got []string
		for _, call := range set.Calls(c.r, day(c.strict), day(c.due), day(c.today)) {
			line := string(call.Kind) + " " + call.Day.String()
			if call.Above {
				line = "above " + line
			}
			got = append(got, line)
		}
		if said := strings.Join(got, ", "); said != c.want {
			t.Errorf("%s: %q, want %q", c.sentence, said, c.want)
		}
	}
}

func TestAPauseMovesTheDaysThatAlertsGoBy(t *testing.T) {
	received := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	asked := NewDate(2026, 12, 1)
	for _, c := range []struct {
		sentence    string
		regime      string
		strict, due string // on 20 December, 19 days after the question
	}{
		{"the EU's guidance puts off the later reading alone", "eu_gdpr", "2026-12-23", "2027-01-11"},
		{"the UK's statute puts off both, day by day", "uk_gdpr", "", ""},
		{"nothing stops the clock of the CCPA, whose earlier reading counts the first day", "ccpa", "2027-01-06", "2027-01-07"},
	} {
		g, _ := RegimeByID(c.regime)
		f := Facts{Received: received, Pauses: []Pause{{Why: ForClarification, From: asked}}}
		r := Request{State: Paused, Right: Access, Clock: g.Clock(Access, f)}
		strict, due := g.AlertDays(r, Facts{Received: received}, NewDate(2026, 12, 20))
		if strict.String() != c.strict || due.String() != c.due {
			t.Errorf("%s: %s and %s, want %s and %s", c.sentence, strict, due, c.strict, c.due)
		}
	}
}

func TestLinesOfAHouseAddToTheCalendars(t *testing.T) {
	// 4 January 2027 is a Monday; that month's holidays are not built in for China.
	built := NewDate(2027, 1, 4)
	cal, _ := CalendarOf("CN")
	if _, _, unknown := cal.Unknown(built, built); !unknown {
		t.Fatal("2027 is built in by now: take a later year here")
	}
	added, err := ParseHolidays(map[string]string{"CN": "2027 01-04..01-06 # made up\n\n2027 work 01-09"})
	if err != nil {
		t.Fatal(err)
	}
	with := cal.with(added)
	for _, c := range []struct {
		day     string
		working bool
	}{{"2027-01-03", false}, {"2027-01-04", false}, {"2027-01-06", false}, {"2027-01-07", true}, {"2027-01-09", true}, {"2027-01-10", false}, {"2026-10-01", false}} {
		d, _ := ParseDate(c.day)
		if with.Working(d) != c.working {
			t.Errorf("%s working: %v", c.day, !c.working)
		}
	}
	if _, _, unknown := with.Unknown(built, built); unknown {
		t.Error("the year that was added is still unknown")
	}
	if cal.Working(built) != true {
		t.Error("what one house added changed the calendar of all")
	}
	g, _ := RegimeByID("cn_pipl")
	f := Facts{Received: time.Date(2026, 12, 28, 9, 0, 0, 0, time.UTC)}
	before, _ := g.deadline(KindCancellation, f)
	f.Holidays = added
	after, _ := g.deadline(KindCancellation, f)
	if before.Due.DaysUntil(after.Due) != 2 { // three days of rest, one working Saturday
		t.Errorf("closing an account is due on %s, before the lines on %s", after.Due, before.Due)
	}
	if slices.ContainsFunc(after.Notes, func(n Note) bool { return n.Key == "note.holidays_unknown" }) {
		t.Error("the date still says that the holidays are unknown")
	}
}

func TestAFaultyLineIsNamed(t *testing.T) {
	for _, c := range []struct{ sentence, lines, key, word string }{
		{"no year", "01-01", "settings.error.line.year", "01-01"},
		{"a year far off", "9999 01-01", "settings.error.line.year", "9999"},
		{"no such day", "2027 02-30", "settings.error.line.day", "02-30"},
		{"a day with its year", "2027 2027-01-01", "settings.error.line.day", "2027-01-01"},
		{"a stretch that ends before it begins", "2027 10-07..10-01", "settings.error.line.stretch", "10-07..10-01"},
		{"a working day that is one anyway", "2027 work 01-04", "settings.error.line.work", "01-04"},
		{"words", "2027 closed", "settings.error.line.day", "closed"},
	} {
		_, err := ParseHolidays(map[string]string{"DE": "2027 01-01\n" + c.lines})
		var faults FieldErrors
		if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Key != c.key || faults[0].Args["Line"] != 2 || faults[0].Args["Word"] != c.word {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
	if _, err := ParseHolidays(map[string]string{"XX": "2027 01-01"}); err == nil {
		t.Error("a place that nobody knows has holidays")
	}
}
