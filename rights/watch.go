package rights

import "slices"

// Call is something that somebody must be told of an open request today.
type Call struct {
	Kind  AlertKind
	Day   Date // it is about: the same is told once, a day that has moved is told anew
	Above bool // to the approvers; else to whoever works on the request
}

// Calls returns what must be told of r today. Days are counted to the earlier reading of the law, day, and again to the
// statutory one, due, where that is later and has passed too (AlertDays).
func (s Settings) Calls(r Request, day, due, today Date) (out []Call) {
	if !r.State.Open() || r.Routine {
		return nil
	}
	if since, lasts := r.Clock.PausedSince(); lasts && r.State == Paused && since.DaysUntil(today) > s.PausedDays {
		out = append(out, Call{Kind: AlertPaused, Day: since})
	}
	if day.IsZero() {
		return out
	}
	left := today.DaysUntil(day)
	switch {
	case left < 0:
		out = append(out, Call{Kind: AlertLate, Day: day}, Call{Kind: AlertEscalated, Day: day, Above: true})
	case left <= s.EscalateDays:
		out = append(out, Call{Kind: AlertDueSoon, Day: day}, Call{Kind: AlertEscalated, Day: day, Above: true})
	case left <= s.DueSoonDays:
		out = append(out, Call{Kind: AlertDueSoon, Day: day})
	}
	if due.After(day) && today.After(due) {
		out = append(out, Call{Kind: AlertLate, Day: due}, Call{Kind: AlertEscalated, Day: due, Above: true})
	}
	return out
}

// PausedSince returns the first day of the pause that lasts, and whether there is one.
func (c Clock) PausedSince() (since Date, lasts bool) {
	for _, p := range c.Pauses {
		if p.To.IsZero() {
			return p.From, true
		}
	}
	return Date{}, false
}

// AlertDays returns the days that alerts about r go by: the earlier reading and the statutory one. While its clock
// stands still both are what they would be if the person answered today: a pause that only guidance knows puts off the
// later reading alone. Where even the earlier one moves with each day there is nothing to count to, and both are zero.
func (g Regime) AlertDays(r Request, f Facts, today Date) (day, due Date) {
	clock := r.Clock
	if _, lasts := clock.PausedSince(); lasts && r.State == Paused {
		f.Pauses = slices.Clone(clock.Pauses)
		for i := range f.Pauses {
			if f.Pauses[i].To.IsZero() {
				f.Pauses[i].To = today
			}
		}
		clock = g.Clock(r.Right, f)
		if clock.StrictDay() != r.Clock.StrictDay() {
			return Date{}, Date{}
		}
	}
	return clock.StrictDay(), clock.DueDay()
}
