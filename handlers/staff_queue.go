package handlers

import (
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// queueRoutes are the pages of the queue.
func (s *server) queueRoutes(desk *echo.Group) {
	desk.GET("/queue", s.queue, s.may(rights.SeeQueue))
	desk.GET("/queue.csv", s.queueCSV, s.may(rights.SeeQueue))
	desk.GET("/events", s.events, s.may(rights.SeeQueue))
	// Addresses of forms lead back to the queue after a reload or a switch of the language.
	back := func(c echo.Context) error { return s.see(c, "/staff/queue") }
	desk.GET("/queue/bulk", back, s.may(rights.HandleRequest))
	desk.POST("/queue/bulk", s.bulk, s.may(rights.HandleRequest))
	desk.GET("/queue/views", back, s.may(rights.SaveView))
	desk.POST("/queue/views", s.keepView, s.may(rights.SaveView))
	desk.POST("/queue/views/:id/delete", s.dropView, s.may(rights.SaveView))
}

// queuePage is how many requests a page of the queue shows.
const queuePage = 25

func (s *server) queue(c echo.Context) error {
	v := visitOf(c)
	a, err := readQueue(c.QueryParam, v.actor.ID)
	if err != nil {
		return err
	}
	if ref, ok := rights.ParseRef(a.Q); ok {
		if _, err = s.line(c, ref); err == nil {
			return s.see(c, "/staff/requests/"+ref)
		}
		if !errors.Is(err, rights.ErrNotFound) {
			return err
		}
	}
	return s.drawQueue(c, http.StatusOK, a, keeping{})
}

// line finds one request by its reference.
func (s *server) line(c echo.Context, ref string) (workflow.Line, error) {
	found, _, err := s.portal.Queue(c.Request().Context(), visitOf(c).actor, workflow.QueueQuery{View: "all", Ref: ref, Limit: 1})
	if err != nil {
		return workflow.Line{}, err
	}
	if len(found) == 0 {
		return workflow.Line{}, rights.ErrNotFound
	}
	return found[0], nil
}

// list asks for one page.
func (s *server) list(c echo.Context, a queueAsk) ([]workflow.Line, string, error) {
	ctx, by := c.Request().Context(), visitOf(c).actor
	if a.Q != "" {
		return s.portal.QueueSearch(ctx, by, a.query(by.ID), a.Q)
	}
	return s.portal.Queue(ctx, by, a.query(by.ID))
}

// drawQueue draws the queue, with a view that is being kept.
func (s *server) drawQueue(c echo.Context, status int, a queueAsk, k keeping) error {
	v, ctx := visitOf(c), c.Request().Context()
	lines, next, err := s.list(c, a)
	if err != nil {
		return err
	}
	team, err := s.portal.Colleagues(ctx, v.actor)
	if err != nil {
		return err
	}
	desk, counts, err := s.deskAndCounts(c, "queue", a.at("").href())
	if err != nil {
		return err
	}
	t := func(key string, pairs ...any) string { return locale.T(v.lang, key, pairs...) }
	m := views.QueuePage{
		Desk: desk, Title: queueTitle(v.lang, a, desk), Here: a.href(), Q: a.Q, Tiles: tiles(v.lang, counts), Faults: k.faults,
		Common: filters(v, a, team, "right", "state", "owner"), Rare: filters(v, a, team, "due", "regime", "channel", "language"),
		Unseen: unseen(queueAsk{View: a.View, Sort: a.Sort}), Heads: heads(v.lang, a), Groups: s.groups(v.lang, a, lines),
		Closed: t("queue.closed"), Caption: caption(v.lang, a, len(lines), next),
		Keep: keepForm(v, a, desk, k), Drop: dropForm(v.actor.Role, desk), Empty: emptyQueue(v.lang, a),
	}
	if a.narrowed() {
		m.Chips, m.Clear = chips(v, a, team), a.plain().href()
	}
	if a.Q == "" {
		m.CSV = "/staff/queue.csv?" + a.at("").values().Encode()
		m.Live = &views.Live{
			One: t("queue.live.new", "Count", 1, "Number", "#"), Many: t("queue.live.new", "Count", 2, "Number", "#"), Changed: t("queue.live.changed"),
		}
	}
	if v.actor.Role.May(rights.HandleRequest) {
		m.Pick = &views.PickBar{
			Owners: owners(v, team, ""),
			One:    t("queue.picked.count", "Count", 1, "Number", "#"), Many: t("queue.picked.count", "Count", 2, "Number", "#"),
		}
	}
	if a.After != "" {
		m.Pager.First = a.at("").href()
	}
	if next != "" {
		m.Pager.Next = a.at(next).href()
	}
	if m.Recent, err = s.recent(c, a); err != nil {
		return err
	}
	return s.page(c, status, "", views.Queue(m))
}

// emptyQueue says why nothing is listed, and what to do about it.
func emptyQueue(lang string, a queueAsk) views.Blank {
	blank := func(mark, title, text string) views.Blank {
		return views.Blank{Mark: mark, Title: locale.T(lang, "queue.empty."+title), Text: locale.T(lang, "queue.empty."+text+".text")}
	}
	switch {
	case a.Q != "":
		return blank("search", "search", "search")
	case a.narrowed():
		return blank("search", "search", "filters")
	}
	return blank("check", a.View, a.View)
}

// queueTitle names what is listed: the search, the kept view, or the view.
func queueTitle(lang string, a queueAsk, d views.Desk) string {
	if a.Q != "" {
		return locale.T(lang, "queue.found")
	}
	if kept := currentView(d); kept.ID != "" {
		return kept.Text
	}
	return locale.T(lang, "queue.view."+a.View)
}

// tiles are the counts that a day begins with.
func tiles(lang string, counts map[string]int) []views.Tile {
	var out []views.Tile
	for _, name := range []string{"open", "overdue", "week", "unassigned"} {
		tile := views.Tile{Text: locale.T(lang, "queue.short."+name), Href: queueAsk{View: name}.href(), Count: locale.Number(lang, counts[name])}
		if counts[name] > 0 {
			tile.Tone = map[string]string{"overdue": "late", "week": "soon"}[name]
		}
		out = append(out, tile)
	}
	return out
}

// recentLines is how many of the requests that were just closed the front page of the queue shows.
const recentLines = 5

// recent lists what was closed in the last day, below the first page of what is open: an export or a consent is answered
// by the portal before anybody looks, and the team should see that it was.
func (s *server) recent(c echo.Context, a queueAsk) ([]views.QueueLine, error) {
	if a != (queueAsk{View: "open"}) {
		return nil, nil
	}
	lines, _, err := s.portal.Queue(c.Request().Context(), visitOf(c).actor, workflow.QueueQuery{View: "closed", Limit: recentLines})
	if err != nil {
		return nil, err
	}
	var out []views.QueueLine
	for _, l := range lines {
		if s.Now().Sub(l.ClosedAt) < 24*time.Hour {
			line := s.queueLine(lang(c), l)
			line.When = s.dateTime(lang(c), l.ClosedAt)
			out = append(out, line)
		}
	}
	return out, nil
}
