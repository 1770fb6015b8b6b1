package rights

import (
	"strconv"
	"time"
)

// Confidence says how sure we are of a fact of the law.
type Confidence string

// Confirmed facts were seen in a source; facts from memory a lawyer should check before anybody relies on them.
const (
	Confirmed  Confidence = "confirmed"
	FromMemory Confidence = "memory"
)

// Source is where the law says something.
type Source struct {
	Citation   string
	Confidence Confidence
}

func confirmed(citation string) Source { return Source{citation, Confirmed} }
func memory(citation string) Source    { return Source{citation, FromMemory} }

// Term is a period the law sets, in one of its units. The zero Term is "this law sets none".
type Term struct {
	Hours       int
	Days        int
	WorkingDays int
	Months      int
	AtOnce      bool // "without undue delay": no number is named, so it is due from the first moment

	FirstDayCounts bool // "beginning with": the day of the event is day one
	NextWorkingDay bool // an end on a day of rest moves to the next working day
	DayOneToo      bool // a stricter reading makes the day of the event day one
	DayUndefined   bool // "business day" is not defined: a stricter reading rests at weekends only
	FullHours      bool // the hour of the event is left out; a stricter reading counts it

	InForce Date   // zero, or the day from which the rule binds
	Remark  string // "", or the locale key of a note that every date of this term carries
	Source
}

// IsZero reports whether the law sets no such period.
func (t Term) IsZero() bool { return t.Citation == "" }

// plus lengthens t by an extension, which counts from the original start and never from a rolled date.
func (t Term) plus(extension Term) Term {
	t.Days += extension.Days
	t.Months += extension.Months
	t.Source, t.Remark = extension.Source, extension.Remark
	return t
}

// end returns the last day of a period that is set off by an event on the given day, before any roll.
func (t Term) end(event Date, c Calendar) Date {
	switch {
	case t.Months > 0:
		return event.AddMonths(t.Months)
	case t.WorkingDays > 0:
		return c.AddWorkingDays(event, t.WorkingDays)
	case t.FirstDayCounts && t.Days > 0:
		return event.AddDays(t.Days - 1)
	}
	return event.AddDays(t.Days)
}

// roll moves an end that falls on a day of rest to the next working day, where the term does that.
func (t Term) roll(end Date, c Calendar) Date {
	if !t.NextWorkingDay {
		return end
	}
	return c.Next(end)
}

// strict returns the stricter reading of t: the earlier of two that the words of the law allow.
func (t Term) strict(c Calendar) (Term, Calendar) {
	if t.DayOneToo {
		t.FirstDayCounts = true
	}
	if t.DayUndefined {
		c = Calendar{}
	}
	return t, c
}

// instants returns the end of a period in hours, statutory and strict. Hours elapse: they do not roll over days of
// rest and a change of the clocks does not lengthen them (Reg. 1182/71 Art. 3(4) speaks of other periods only).
func (t Term) instants(event time.Time) (at, strict time.Time) {
	period := time.Duration(t.Hours) * time.Hour
	strict = event.Add(period)
	if !t.FullHours {
		return strict, strict
	}
	// Reg. 1182/71 Art. 3(1): the hour during which the event occurs does not count. Hours are those of the local
	// clock, which half-hour zones shift.
	_, offset := event.Zone()
	shift := time.Duration(offset) * time.Second
	whole := event.Add(shift).Truncate(time.Hour).Add(-shift)
	if whole.Before(event) {
		whole = whole.Add(time.Hour)
	}
	return whole.Add(period), strict
}

// String writes the term as a table shows it: "1 month, to the next working day".
func (t Term) String() string {
	units := []struct {
		n    int
		name string
	}{{t.Hours, "hour"}, {t.Days, "day"}, {t.WorkingDays, "working day"}, {t.Months, "month"}}
	s := "at once"
	for _, u := range units {
		if u.n == 1 {
			s = "1 " + u.name
		} else if u.n > 1 {
			s = strconv.Itoa(u.n) + " " + u.name + "s"
		}
	}
	marks := []struct {
		on   bool
		text string
	}{
		{t.FirstDayCounts, "the first day counts"},
		{t.NextWorkingDay, "to the next working day"},
		{t.DayOneToo, "strict: the first day counts"},
		{t.DayUndefined, "strict: weekends only"},
		{t.FullHours, "full hours; strict: elapsed hours"},
	}
	for _, m := range marks {
		if m.on {
			s += ", " + m.text
		}
	}
	if !t.InForce.IsZero() {
		s += ", from " + t.InForce.String()
	}
	return s
}
