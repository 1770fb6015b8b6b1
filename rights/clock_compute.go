package rights

import (
	"slices"
	"strconv"
	"time"
)

// Facts are what a clock is computed from. Nothing else moves a date.
type Facts struct {
	Received time.Time      // receipt; for a breach, the moment of awareness
	Location *time.Location // whose calendar day receipt falls on; nil for Received's own
	Country  string         // ISO 3166, whose public holidays count where the regime leaves that to the country; "" for weekends only
	Operator string         // CN incidents: OperatorCIIO, OperatorCentral, "" for any other
	Extended bool
	Holidays Holidays // that the house has added to the calendars; nil for none

	// Pauses are every stretch in which the person was asked something. The four days are the same for callers that
	// know only one of each.
	Pauses                                    []Pause
	IdentityAsked, IdentityReceived           Date
	ClarificationAsked, ClarificationAnswered Date
}

// day returns the day of receipt.
func (f Facts) day() Date { return DateOf(f.instant()) }

func (f Facts) instant() time.Time {
	if f.Location != nil {
		return f.Received.In(f.Location)
	}
	return f.Received
}

// pauses returns every pause in order of its first day. Where it is not said when the person was asked, it was at
// receipt.
func (f Facts) pauses() []Pause {
	all := slices.Clone(f.Pauses)
	for _, p := range []Pause{
		{ForIdentity, f.IdentityAsked, f.IdentityReceived},
		{ForClarification, f.ClarificationAsked, f.ClarificationAnswered},
	} {
		if p.From.IsZero() && !p.To.After(f.day()) {
			continue // never asked, or known from the first day
		}
		if p.From.IsZero() {
			p.From = f.day()
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b Pause) int {
		if a.From == b.From {
			return 0
		} else if a.From.Before(b.From) {
			return -1
		}
		return 1
	})
	return all
}

// Clock returns every date the law sets for a request of that right.
func (g Regime) Clock(right Right, f Facts) Clock {
	c := Clock{Start: g.start(f), Pauses: f.pauses(), Extended: f.Extended}
	for _, k := range g.kindsFor(right) {
		d, ok := g.deadline(k, f)
		if !ok {
			continue
		}
		grant, granted := g.Grant(right)
		switch {
		case k == KindResponse && !granted:
			d.Notes = append(d.Notes, Note{Key: "note.courtesy"})
		case k == KindOptOut && right != OptOut:
			d.Citation = grant.Citation // the same term by another section
		}
		c.Deadlines = append(c.Deadlines, d)
	}
	return c
}

// kindsFor lists the kinds of date that a request of that right has.
func (g Regime) kindsFor(right Right) []Kind {
	var kinds []Kind
	switch {
	case slices.Contains(g.OptOutFor, right):
		return []Kind{KindOptOut}
	case right == Complaint && !g.Appeal.IsZero():
		return []Kind{KindAppeal, KindAppealExtended} // a complaint to the controller is there the appeal of a refusal
	case right == Complaint:
		kinds = append(kinds, KindComplaintAck)
	case slices.Contains(g.AckFor, right):
		kinds = append(kinds, KindAck)
	}
	kinds = append(kinds, KindResponse)
	if right != Complaint {
		kinds = append(kinds, KindExtensionNotice, KindExtended)
	}
	if right == Erasure {
		kinds = append(kinds, KindCancellation)
	}
	return kinds
}

// Deadlines returns every date the regime knows, each counted from f.Received as if that were the day its own period
// begins: of receipt, of the appeal, of the answer (records), of awareness (breach), of telling people (sample).
func (g Regime) Deadlines(f Facts) []Deadline {
	var out []Deadline
	for _, k := range Kinds {
		if d, ok := g.deadline(k, f); ok {
			out = append(out, d)
		}
	}
	return out
}

// KeepUntil returns the day until which the record of a request answered on that day must be kept.
func (g Regime) KeepUntil(answered Date) (Deadline, bool) {
	return g.deadline(KindRecords, Facts{Received: answered.In(time.UTC)})
}

// MayExtend reports whether the answer may still be put off: the regime knows an extension, it was not used, and the
// last day on which the person can be told of it has not passed.
func (g Regime) MayExtend(c Clock, today Date) bool {
	last, ok := c.Deadline(KindExtensionNotice)
	return ok && !c.Extended && !today.After(last.Due)
}

// start returns the day the statutory period is counted from: receipt, or the day the person proved who they are where
// the regime starts there.
func (g Regime) start(f Facts) Date {
	start := f.day()
	for _, p := range f.pauses() {
		if s, ok := g.stop(p.Why); ok && s.Restarts && p.To.After(start) {
			start = p.To
		}
	}
	return start
}

func (g Regime) stop(why string) (Stop, bool) {
	for _, s := range g.Stops {
		if s.Why == why {
			return s, true
		}
	}
	return Stop{}, false
}

// deadline computes one date, and whether the regime has it.
func (g Regime) deadline(k Kind, f Facts) (Deadline, bool) {
	term, ok := g.term(k, f)
	if !ok {
		return Deadline{}, false
	}
	d := Deadline{Kind: k, Citation: term.Citation}
	if term.Remark != "" {
		d.Notes = append(d.Notes, Note{Key: term.Remark})
	}
	if from := term.InForce; !from.IsZero() && f.day().Before(from) {
		d.Notes = append(d.Notes, note("note.not_in_force", "Date", from.String()))
	}
	if term.Hours > 0 || term.AtOnce {
		d.At, d.StrictAt = term.instants(f.instant())
		if term.AtOnce {
			d.Notes = append(d.Notes, Note{Key: "note.at_once"})
		}
		return d, true
	}
	cal, notes := g.calendar(f)
	strictTerm, strictCal := term.strict(cal)
	if pausable(k) {
		start := g.start(f)
		d.Due = g.stretch(term, start, f, cal, false)
		d.StrictDue = g.stretch(strictTerm, start, f, strictCal, true)
		d.Notes = append(d.Notes, g.standing(f)...)
	} else {
		d.Due = term.roll(term.end(f.day(), cal), cal)
		d.StrictDue = strictTerm.roll(strictTerm.end(f.day(), strictCal), strictCal)
	}
	if term.NextWorkingDay || term.WorkingDays > 0 {
		from := d.StrictDue
		if term.WorkingDays > 0 {
			from = f.day()
		}
		d.Notes = append(d.Notes, notes...)
		if place, year, found := cal.Unknown(from, d.Due); found {
			d.Notes = append(d.Notes, note("note.holidays_unknown", "Place", place, "Year", strconv.Itoa(year)))
		}
	}
	return d, true
}

// pausable reports whether a date moves when the clock of the answer stands still.
func pausable(k Kind) bool {
	return k == KindResponse || k == KindExtensionNotice || k == KindExtended || k == KindCancellation
}

// stretch returns the end of a term from start, moved by every day that does not count. strict leaves out the stops
// that only guidance knows.
func (g Regime) stretch(t Term, start Date, f Facts, cal Calendar, strict bool) Date {
	end := t.end(start, cal)
	counted := start // the last day known to count or to have been taken out already
	for _, p := range f.pauses() {
		s, ok := g.stop(p.Why)
		if !ok || s.Restarts || p.To.IsZero() || (strict && s.Doubtful) || p.From.After(t.roll(end, cal)) {
			continue
		}
		first := p.From.AddDays(1)
		if s.BothEnds {
			first = p.From
		}
		if !first.After(counted) {
			first = counted.AddDays(1)
		}
		if days := first.DaysUntil(p.To) + 1; days > 0 {
			end, counted = end.AddDays(days), p.To
		}
	}
	return t.roll(end, cal)
}

// standing says which pause still lasts: the date shown moves by as many days as the answer takes.
func (g Regime) standing(f Facts) []Note {
	for _, p := range f.pauses() {
		if _, ok := g.stop(p.Why); ok && p.To.IsZero() {
			return []Note{note("note.paused", "Date", p.From.String())}
		}
	}
	return nil
}

// term returns the period behind a kind.
func (g Regime) term(k Kind, f Facts) (Term, bool) {
	t := Term{}
	switch k {
	case KindAck:
		t = g.Ack
	case KindResponse:
		t = g.Reply
	case KindExtensionNotice:
		if !g.Extension.IsZero() {
			t = g.Reply // the notice must go out within the period that it extends
			t.Source, t.Remark = g.Extension.Source, ""
		}
	case KindExtended:
		if !g.Extension.IsZero() {
			t = g.Reply.plus(g.Extension)
		}
	case KindOptOut:
		t = g.OptOut
	case KindCancellation:
		t = g.Cancellation
	case KindComplaintAck:
		t = g.ComplaintAck
	case KindAppeal:
		t = g.Appeal
	case KindAppealExtended:
		if !g.AppealExtension.IsZero() {
			t = g.Appeal.plus(g.AppealExtension)
		}
	case KindRecords:
		t = g.Records
	default:
		if duty, ok := g.Duty(k, f.Operator); ok {
			t = duty.Term
		}
	}
	return t, !t.IsZero()
}

// calendar returns the days of rest the regime keeps, with a note where they are weekends only for want of a country.
func (g Regime) calendar(f Facts) (Calendar, []Note) {
	places, country := g.Places, f.Country
	if slices.Contains(g.Countries, country) {
		places = []string{country}
	}
	if len(places) == 0 && len(g.Countries) > 0 {
		if country == "" {
			return Calendar{}, []Note{{Key: "note.weekends_only"}}
		}
		return Calendar{}, []Note{note("note.country_unknown", "Country", country)}
	}
	c, _ := CalendarOf(places...) // TestEveryRegimeHasItsCalendars: each place has its file
	return c.with(f.Holidays), nil
}

func note(key string, pairs ...string) Note {
	n := Note{Key: key, Args: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		n.Args[pairs[i]] = pairs[i+1]
	}
	return n
}
