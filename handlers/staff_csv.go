package handlers

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/workflow"
)

// queueColumns are the facts of a request that may be taken along: nobody is named in them, neither the person nor a
// colleague.
var queueColumns = []string{
	"queue.reference", "queue.right", "queue.regime", "queue.state", "queue.channel", "queue.language", "queue.received", "queue.due",
	"queue.closed", "queue.csv.assigned", "queue.csv.left",
}

// queueCSV answers GET /staff/queue.csv: all pages of the list at the same address, in its order. What was searched for is
// a person and not taken along.
func (s *server) queueCSV(c echo.Context) error {
	v := visitOf(c)
	a, err := readQueue(c.QueryParam, v.actor.ID)
	if err != nil {
		return err
	}
	if a.Q != "" || a.After != "" {
		return rights.ErrNotFound
	}
	today := rights.DateOf(s.at(s.Now()))
	file, err := s.newTable(c, "requests-"+today.String()+".csv")
	if err != nil {
		return err
	}
	heads := make([]string, len(queueColumns))
	for i, key := range queueColumns {
		heads[i] = locale.T(v.lang, key)
	}
	if err := file.row(heads...); err != nil {
		return err
	}
	if err := s.portal.QueueAll(c.Request().Context(), v.actor, a.query(v.actor.ID), func(l workflow.Line) error {
		return file.row(s.queueFacts(v.lang, l, today)...)
	}); err != nil {
		return err
	}
	return file.end()
}

func (s *server) queueFacts(lang string, l workflow.Line, today rights.Date) []string {
	day, left, closed, assigned := "", "", "", "queue.csv.no"
	if !l.Due.IsZero() {
		day = l.Due.String()
	}
	if l.State.Open() && day != "" {
		left = strconv.Itoa(today.DaysUntil(l.Due))
	}
	if !l.ClosedAt.IsZero() {
		closed = s.at(l.ClosedAt).Format("2006-01-02")
	}
	if l.Owner != "" {
		assigned = "queue.csv.yes"
	}
	return []string{
		l.Ref, deskTitle(lang, l.Request), locale.T(lang, "regime."+l.Regime), locale.T(lang, "desk.state."+string(l.State)),
		locale.T(lang, "queue.channel."+string(l.Channel)), locale.T(lang, "language."+l.Language), s.at(l.ReceivedAt).Format("2006-01-02"),
		day, closed, locale.T(lang, assigned), left,
	}
}
