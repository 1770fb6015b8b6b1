package handlers

import (
	"cmp"
	"slices"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
)

// clock is every date that the law sets for a request, as a line from receipt on, and a sentence about the one that
// comes next.
func (s *server) clock(lang string, r rights.Request) ([]views.ClockDate, views.NextDate) {
	line := []views.ClockDate{{What: locale.T(lang, "clock.start"), Date: s.day(lang, r.Clock.Start), State: "done"}}
	var next views.NextDate
	today := rights.DateOf(s.at(s.Now()))
	for _, d := range inOrder(r) {
		date := views.ClockDate{
			What: locale.T(lang, "kind."+string(d.Kind)), Date: s.day(lang, d.Due), Citation: locale.Citation(lang, d.Citation), State: stateOf(d, r, today),
		}
		if !d.At.IsZero() {
			date.Date = s.dateTime(lang, d.At)
		}
		if d.StrictDue != d.Due {
			date.Strict = s.day(lang, d.StrictDue)
		}
		for _, n := range d.Notes {
			date.Notes = append(date.Notes, remark(lang, n))
		}
		if date.State == "" && next.Text == "" && comes(d, r) {
			date.State = "next"
		}
		if next.Text == "" && (date.State == "next" || date.State == "late") {
			next = nextDate(lang, date, today.DaysUntil(d.Due))
		}
		line = append(line, date)
	}
	return line, next
}

// inOrder sorts the dates; of two on one day, the answer comes first.
func inOrder(r rights.Request) []rights.Deadline {
	rank := func(d rights.Deadline) int {
		if d.Kind == rights.KindResponse {
			return 0
		}
		return 1
	}
	dates := slices.Clone(r.Clock.Deadlines)
	slices.SortStableFunc(dates, func(a, b rights.Deadline) int {
		return cmp.Or(cmp.Compare(a.Due.String(), b.Due.String()), cmp.Compare(rank(a), rank(b)))
	})
	return dates
}

// stateOf tells what is behind from what is missed; "" is still to come. The receipt letter, which leaves with the
// request's arrival, is its acknowledgement. Of what lies behind only the answer itself can be missed: an extension
// that was never needed is no fault.
func stateOf(d rights.Deadline, r rights.Request, today rights.Date) string {
	switch {
	case d.Kind == rights.KindAck, !r.State.Open() && d.Kind != rights.KindRecords:
		return "done"
	case !d.Due.Before(today):
		return ""
	case r.State.Open() && d.Due == r.Due && d.Kind != rights.KindExtensionNotice:
		return "late"
	}
	return "done"
}

// comes reports whether the date will be the next: keeping the record matters once the request is closed, the extended
// answer once there is an extension.
func comes(d rights.Deadline, r rights.Request) bool {
	switch d.Kind {
	case rights.KindRecords:
		return !r.State.Open()
	case rights.KindExtended:
		return r.Clock.Extended
	}
	return true
}

func nextDate(lang string, d views.ClockDate, left int) views.NextDate {
	n := views.NextDate{Text: locale.T(lang, "desk.next", "What", d.What, "Date", d.Date), Citation: d.Citation}
	switch {
	case d.State == "late":
		n.Text, n.Tone = locale.T(lang, "desk.next.late", "What", d.What, "Date", d.Date), "bad"
	case left <= 3:
		n.Tone = "warn"
	}
	return n
}

// remark is what an officer must know before relying on a date.
func remark(lang string, n rights.Note) string {
	pairs := []any{}
	for name, value := range n.Args {
		pairs = append(pairs, name, value)
	}
	return locale.T(lang, n.Key, pairs...)
}

func (s *server) pauses(lang string, c rights.Clock) []string {
	var out []string
	for _, p := range c.Pauses {
		to := s.day(lang, p.To)
		if to == "" {
			to = locale.T(lang, "clock.paused.today")
		}
		out = append(out, locale.T(lang, "clock.paused."+p.Why, "From", s.day(lang, p.From), "To", to))
	}
	return out
}
