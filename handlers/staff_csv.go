package handlers

import (
	"net/http"
	"strconv"
	"time"

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
	err = file.row(heads...)
	if err == nil {
		err = s.portal.QueueAll(c.Request().Context(), v.actor, a.query(v.actor.ID), func(l workflow.Line) error {
			return file.row(s.queueFacts(v.lang, l, today)...)
		})
	}
	if err == nil {
		err = file.end()
	}
	if err != nil {
		return s.cutOff(c, err)
	}
	return nil
}

// cutOff breaks an answer off whose beginning has left: a file that is not whole must not look as if it were.
func (s *server) cutOff(c echo.Context, why error) error {
	s.Log.Error("answer cut off", "route", c.Path(), "error", why)
	return http.NewResponseController(c.Response()).SetWriteDeadline(time.Unix(1, 0)) // long past: the end is never written
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
