package handlers

import (
	"cmp"
	"slices"
	"strings"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
)

// point is one day of a request's clock: in the list with everything that must be known of it, on the drawing by a word.
type point struct {
	day   rights.Date
	to    rights.Date // the last day of a stretch; zero for a single day
	short string      // its word on the drawing
	kind  rights.Kind // what the law sets; "" for what has happened
	date  views.ClockDate
}

// clock is every date that the law sets for a request and what has happened so far: the next act in words, a drawing from
// receipt to the last day, and the same as a list with the rule behind each date.
func (s *server) clock(lang string, r rights.Request) views.ClockCard {
	today := rights.DateOf(s.at(s.Now()))
	points, until := s.points(lang, r, today), today
	sayOnce(points)
	if !r.State.Open() {
		until = rights.DateOf(s.at(r.ClosedAt))
	}
	card := views.ClockCard{Next: s.next(lang, r, points, today), Line: lineOf(points, lang, r, until)}
	said := make([]string, len(points))
	for i, p := range points {
		card.Dates = append(card.Dates, p.date)
		said[i] = locale.T(lang, "clock.said", "What", p.date.What, "Date", p.date.Date)
	}
	card.Line.Label = strings.Join(said, locale.T(lang, "clock.said.and"))
	return card
}

// points lists the days of a clock in their order; of two on one day, what is owed first comes first.
func (s *server) points(lang string, r rights.Request, today rights.Date) []point {
	t := func(key string) string { return locale.T(lang, key) }
	happened := func(day rights.Date, key, state string) point {
		return point{day: day, short: t(key), date: views.ClockDate{What: t(key), Date: s.day(lang, day), State: state}}
	}
	received := rights.DateOf(s.at(r.ReceivedAt))
	out := []point{happened(received, "clock.received", "done")}
	if r.Clock.Start != received {
		out = append(out, happened(r.Clock.Start, "clock.start", "done"))
	}
	if day := rights.DateOf(s.at(r.AcknowledgedAt)); !r.AcknowledgedAt.IsZero() && day != received {
		out = append(out, happened(day, "clock.acknowledged", "done"))
	}
	for _, p := range r.Clock.Pauses {
		out = append(out, s.pause(lang, r, p, today))
	}
	for _, d := range inOrder(r) {
		if p, shown := s.owed(lang, r, d, today); shown {
			out = append(out, p)
		}
	}
	if r.State.Open() {
		out = append(out, happened(today, "clock.today", "today"))
	} else {
		out = append(out, happened(rights.DateOf(s.at(r.ClosedAt)), "desk.state."+string(r.State), "done"))
	}
	slices.SortStableFunc(out, func(a, b point) int { return cmp.Compare(a.day.String(), b.day.String()) })
	return out
}

// owed is a date of the law as the page shows it. An extended period is shown while it can still come, and once it has.
func (s *server) owed(lang string, r rights.Request, d rights.Deadline, today rights.Date) (point, bool) {
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
		date.Notes = append(date.Notes, s.remark(lang, n))
	}
	shown := !isExtended(d.Kind) || date.State != "done" || r.Clock.Extended
	return point{day: d.Due, short: locale.T(lang, "clock.short."+string(d.Kind)), kind: d.Kind, date: date}, shown
}

// remark is what must be known before a date is relied on, with the dates in it as the reader writes them.
func (s *server) remark(lang string, n rights.Note) string {
	pairs := n.Pairs()
	for i := 1; i < len(pairs); i += 2 {
		if day, err := rights.ParseDate(pairs[i].(string)); err == nil {
			pairs[i] = s.day(lang, day)
		}
	}
	return locale.T(lang, n.Key, pairs...)
}

// sayOnce leaves a remark with the first date that it holds for.
func sayOnce(points []point) {
	said := map[string]bool{}
	for i := range points {
		d := &points[i].date
		d.Notes = slices.DeleteFunc(d.Notes, func(note string) bool { return said[note] })
		for _, note := range d.Notes {
			said[note] = true
		}
	}
}

func (s *server) pause(lang string, r rights.Request, p rights.Pause, today rights.Date) point {
	to, until := p.To, s.day(lang, p.To)
	if to.IsZero() {
		to, until = today, locale.T(lang, "clock.paused.today")
	}
	date := views.ClockDate{
		What: locale.T(lang, "clock.paused."+p.Why), Date: locale.T(lang, "clock.stretch", "From", s.day(lang, p.From), "To", until), State: "pause",
	}
	if g, ok := rights.RegimeByID(r.Regime); ok {
		for _, stop := range g.Stops {
			if stop.Why == p.Why {
				date.Citation = locale.Citation(lang, stop.Citation)
			}
		}
	}
	return point{day: p.From, to: to, short: locale.T(lang, "clock.short.pause"), date: date}
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

func isExtended(k rights.Kind) bool {
	return k == rights.KindExtended || k == rights.KindAppealExtended
}

func isAck(k rights.Kind) bool { return k == rights.KindAck || k == rights.KindComplaintAck }

// stateOf tells what is behind from what is missed; "" is still to come, "may" comes only with an extension. An extension
// that was never needed is no fault.
func stateOf(d rights.Deadline, r rights.Request, today rights.Date) string {
	past := d.Due.Before(today)
	switch {
	case isAck(d.Kind) && !r.AcknowledgedAt.IsZero():
		return "done"
	case isAck(d.Kind) && r.State.Open() && past:
		return "late"
	case !r.State.Open() && d.Kind != rights.KindRecords:
		return "done"
	case isExtended(d.Kind) && !r.Clock.Extended:
		return mayStill(d, r, today)
	case r.Clock.Extended && (d.Kind == rights.KindResponse || d.Kind == rights.KindExtensionNotice):
		return "done" // the longer period stands in its place
	case past && d.Kind == rights.KindExtensionNotice:
		return "done"
	case past:
		return "late"
	}
	return ""
}

// mayStill is the state of an extended period that nobody has asked for: it can come as long as the person can be told.
func mayStill(d rights.Deadline, r rights.Request, today rights.Date) string {
	last := r.Due
	if notice, ok := r.Clock.Deadline(rights.KindExtensionNotice); ok && d.Kind == rights.KindExtended {
		last = notice.Due
	}
	if last.Before(today) {
		return "done"
	}
	return "may"
}

// next is the statutory act that comes next, or is late, and what it means to miss it. It is marked in the list.
func (s *server) next(lang string, r rights.Request, points []point, today rights.Date) views.NextDate {
	if !r.State.Open() {
		return views.NextDate{}
	}
	for i := range points {
		p := &points[i]
		if p.kind == "" || p.date.State != "" && p.date.State != "late" {
			continue
		}
		n := views.NextDate{Citation: p.date.Citation}
		if p.date.State == "late" {
			n.Text, n.Missed, n.Tone = locale.T(lang, "desk.next.late", "What", p.date.What, "Date", p.date.Date), locale.T(lang, "missed.late"), "bad"
			return n
		}
		p.date.State = "next"
		n.Text = locale.T(lang, "desk.next", "What", p.date.What, "Date", p.date.Date)
		if today.DaysUntil(p.day) <= 3 {
			n.Tone = "warn"
		}
		n.Missed = locale.T(lang, "missed."+string(p.kind))
		return n
	}
	return views.NextDate{}
}
