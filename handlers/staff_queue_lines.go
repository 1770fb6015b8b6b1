package handlers

import (
	"slices"
	"strconv"
	"time"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// groups parts what is open by how near its day is, where the list is in that order: what is late is seen without reading.
func (s *server) groups(lang string, a queueAsk, lines []workflow.Line) []views.QueueGroup {
	var out []views.QueueGroup
	last, today := "", rights.DateOf(s.at(s.Now()))
	for _, l := range lines {
		name := "all"
		if a.order() == "due" {
			name = nearness(l.Request, today)
		}
		if name != last {
			out, last = append(out, views.QueueGroup{Text: name}), name
		}
		g := &out[len(out)-1]
		g.Lines = append(g.Lines, s.queueLine(lang, l))
	}
	if len(out) == 1 {
		out[0].Text = ""
		return out
	}
	for i, name := range out {
		if name.Text == "late" {
			out[i].Tone = "late"
		}
		out[i].Text = locale.T(lang, "queue.group."+name.Text)
	}
	return out
}

func nearness(r rights.Request, today rights.Date) string {
	left := today.DaysUntil(r.Due)
	switch {
	case r.Due.IsZero():
		return "none"
	case left < 0:
		return "late"
	case left <= 7:
		return "week"
	}
	return "later"
}

func (s *server) queueLine(lang string, l workflow.Line) views.QueueLine {
	line := views.QueueLine{
		Reference: l.Ref, Version: strconv.Itoa(l.Version), Mailbox: l.Mailbox, Right: deskTitle(lang, l.Request), State: deskPill(lang, l.State),
		Owner: l.OwnerName, Initials: initials(l.OwnerName), Received: s.shortDay(lang, l.ReceivedAt), Due: s.due(lang, l.Request),
		About: locale.T(lang, "regime."+l.Regime) + " · " + locale.T(lang, "language."+l.Language), When: locale.T(lang, "queue.none_due"),
	}
	if line.Mailbox == "" {
		line.Mailbox = locale.T(lang, "intake.no_mailbox")
		if l.Erased {
			line.Mailbox = locale.T(lang, "queue.erased")
		}
	}
	if !l.State.Open() {
		line.When = locale.T(lang, "queue.closed.on", "Date", s.shortDay(lang, l.ClosedAt))
	}
	return line
}

// shortDay leaves out the year that everybody knows.
func (s *server) shortDay(lang string, t time.Time) string {
	if s.at(t).Year() == s.at(s.Now()).Year() {
		return locale.ShortDate(lang, s.at(t))
	}
	return locale.Date(lang, s.at(t))
}

// heads are the columns of dates: when it came in, and when it is or was over. Those that the view can be sorted by are
// links; the one it is sorted by turns around.
func heads(lang string, a queueAsk) []views.Head {
	over := "due"
	if a.View == "closed" || a.View == "routine" {
		over = "closed"
	}
	newest := map[string]string{"received": "-received", "closed": "-closed", "due": "due"} // what comes first at the first press
	var out []views.Head
	for _, column := range []string{"received", over} {
		h := views.Head{Text: locale.T(lang, "queue."+column)}
		next := newest[column]
		switch a.order() {
		case column:
			h.Sort, next = "ascending", "-"+column
		case "-" + column:
			h.Sort, next = "descending", column
		}
		if slices.Contains(a.sorts(), next) {
			h.Href = a.sorted(next).href()
		}
		out = append(out, h)
	}
	return out
}

// caption says how many there are and in which order; on one page of several, how many are on it.
func caption(lang string, a queueAsk, n int, next string) string {
	key := "queue.count.all"
	if a.After != "" || next != "" {
		key = "queue.count.page"
	}
	what := locale.T(lang, key, "Count", n, "Number", locale.Number(lang, n))
	return locale.T(lang, "queue.caption", "What", what, "Order", locale.T(lang, "queue.sort."+a.order()))
}
