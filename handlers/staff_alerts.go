package handlers

import (
	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// alertRoutes are the pages of what somebody is told of.
func (s *server) alertRoutes(desk *echo.Group) {
	desk.GET("/alerts", s.alerts, s.may(rights.SeeQueue))
	desk.POST("/alerts/seen", s.alertSeen, s.may(rights.SeeQueue))
	desk.GET("/alerts/seen", s.backTo("/staff/alerts"), s.may(rights.SeeQueue))
}

// alertsPage is how many of them a page shows.
const alertsPage = 30

func (s *server) alerts(c echo.Context) error {
	v := visitOf(c)
	found, names, next, err := s.portal.Alerts(c.Request().Context(), v.actor, c.QueryParam("after"), alertsPage)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "", "")
	if err != nil {
		return err
	}
	m := views.AlertsPage{Desk: desk, New: desk.Alerts != ""}
	for _, a := range found {
		m.Lines = append(m.Lines, s.alertLine(v.lang, a, names))
	}
	if c.QueryParam("after") != "" {
		m.Pager.First = "/staff/alerts"
	}
	if next != "" {
		m.Pager.Next = "/staff/alerts?after=" + queryEscape(next)
	}
	return s.page(c, 200, "", views.Alerts(m))
}

// alertMarks are the pictures of what somebody is told of; those that are not listed are the bell.
var alertMarks = map[rights.AlertKind]string{
	rights.AlertAssigned: "person", rights.AlertMentioned: "pen", rights.AlertMessage: "reply", rights.AlertNew: "plus",
	rights.AlertDueSoon: "clock", rights.AlertLate: "alert", rights.AlertEscalated: "alert", rights.AlertPaused: "clock",
	rights.AlertLetter: "mail", rights.AlertBudget: "lock", rights.AlertApproval: "check",
	rights.AlertReview: "log", rights.AlertRecipient: "out",
	rights.AlertBack: "alert", rights.AlertKept: "clock", rights.AlertHold: "lock", rights.AlertRetention: "clock",
}

func (s *server) alertLine(lang string, a workflow.Notification, names map[string]string) views.AlertLine {
	l := views.AlertLine{
		ID: a.ID, Mark: alertMarks[a.Kind], Text: s.alertText(lang, a, names), When: s.dateTime(lang, a.At), Unseen: a.SeenAt.IsZero(),
		Reference: a.Ref,
	}
	switch {
	case a.Kind == rights.AlertBudget:
		l.Href = "/staff/people/budget"
	case a.Kind == rights.AlertHold:
		l.Href = "/staff/holds"
	case a.Kind == rights.AlertRetention:
		l.Href = "/staff/retention"
	case a.Kind == rights.AlertReview:
		l.Href = "/staff/reviews"
	case a.Approval != "":
		l.Href = "/staff/approvals/" + pathEscape(a.Approval)
	case a.Ref != "":
		l.Href, l.About = "/staff/requests/"+pathEscape(a.Ref), locale.T(lang, "desk.right."+string(a.Right))
	}
	if open := a.State.Open(); open && l.Unseen {
		l.Tone = map[rights.AlertKind]string{rights.AlertLate: "bad", rights.AlertEscalated: "bad", rights.AlertDueSoon: "warn", rights.AlertLetter: "warn"}[a.Kind]
	}
	return l
}

// alertText says what happened, with the colleague's name where it is somebody's doing.
func (s *server) alertText(lang string, a workflow.Notification, names map[string]string) string {
	key := "alerts." + string(a.Kind)
	switch {
	case a.Kind == rights.AlertApproval && a.Decision != "":
		key += "." + a.Decision
	case a.Kind == rights.AlertEscalated && rights.DateOf(s.at(a.At)).After(a.Day):
		key += ".late"
	case names[a.By] != "" && (a.Kind == rights.AlertAssigned || a.Kind == rights.AlertMentioned || a.Kind == rights.AlertBudget):
		key += ".by"
	}
	return locale.T(lang, key, "Who", names[a.By], "Day", s.day(lang, a.Day))
}

// alertSeen marks one of them, or with none named all of them, as seen.
func (s *server) alertSeen(c echo.Context) error {
	f, err := parse(c)
	if err != nil {
		return err
	}
	if err := s.portal.SeeAlert(c.Request().Context(), visitOf(c).actor, f.one("id")); err != nil {
		return err
	}
	return s.see(c, "/staff/alerts")
}

// bell is the number beside the bell: "" for none, "99+" for more than anybody counts.
func (s *server) bell(c echo.Context) (string, error) {
	v := visitOf(c)
	n, err := s.portal.UnseenAlerts(c.Request().Context(), v.actor)
	switch {
	case err != nil || n == 0:
		return "", err
	case n > 99:
		return locale.Number(v.lang, 99) + "+", nil
	}
	return locale.Number(v.lang, n), nil
}
