package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// dashboardRoutes are the pages of numbers.
func (s *server) dashboardRoutes(desk *echo.Group) {
	desk.GET("/dashboard", s.dashboard, s.may(rights.SeeDashboard))
	desk.GET("/dashboard.csv", s.dashboardCSV, s.may(rights.SeeDashboard))
	desk.GET("/dashboard/ccpa", s.yearly, s.may(rights.SeeDashboard))
	desk.GET("/dashboard/ccpa.csv", s.yearlyCSV, s.may(rights.SeeDashboard))
}

// span is a range of days, both included.
type span struct{ from, to rights.Date }

func (r span) days() int { return r.from.DaysUntil(r.to) + 1 }

func (r span) href(path string, more ...string) string {
	q := url.Values{"from": {r.from.String()}, "to": {r.to.String()}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return path + "?" + q.Encode()
}

// presets are the ranges asked for often, up to today.
func presets(today rights.Date) []struct {
	key string
	span
} {
	return []struct {
		key string
		span
	}{
		{"dashboard.preset.month", span{today.AddDays(-29), today}},
		{"dashboard.preset.quarter", span{today.AddDays(-90), today}},
		{"dashboard.preset.year", span{today.AddDays(-364), today}},
		{"dashboard.preset.calendar", span{rights.NewDate(today.Year, time.January, 1), today}},
	}
}

// readSpan reads the range of the address; without one it is the last thirty days.
func (s *server) readSpan(c echo.Context) (span, error) {
	today := rights.DateOf(s.at(s.Now()))
	r := presets(today)[0].span
	var faults rights.FieldErrors
	for _, f := range []struct {
		name string
		to   *rights.Date
	}{{"from", &r.from}, {"to", &r.to}} {
		text := c.QueryParam(f.name)
		if text == "" {
			continue
		}
		d, err := rights.ParseDate(text)
		if err != nil || d.Year < 1970 || d.Year > 9000 {
			faults = append(faults, rights.FieldError{Field: f.name, Key: "dashboard.error.date"})
			continue
		}
		*f.to = d
	}
	if len(faults) > 0 {
		return r, faults
	}
	return r, nil
}

func (s *server) dashboard(c echo.Context) error {
	v := visitOf(c)
	desk, err := s.desk(c, "dashboard", "")
	if err != nil {
		return err
	}
	r, err := s.readSpan(c)
	// A day that there is not can stand in no field for days: the one that was there before does.
	m := views.DashboardPage{Desk: desk, From: r.from.String(), To: r.to.String()}
	var n workflow.Numbers
	if err == nil {
		n, err = s.portal.Numbers(c.Request().Context(), v.actor, r.from, r.to)
	}
	var faults rights.FieldErrors
	if errors.As(err, &faults) {
		m.Faults, _ = s.faults(v.lang, err)
	} else if err != nil {
		return err
	}
	for _, p := range presets(rights.DateOf(s.at(s.Now()))) {
		m.Presets = append(m.Presets, views.Preset{
			Link: views.Link{Text: locale.T(v.lang, p.key), Href: p.href("/staff/dashboard")}, Here: err == nil && p.span == r,
		})
	}
	if err != nil {
		return s.page(c, http.StatusUnprocessableEntity, "", views.Dashboard(m))
	}
	m.Range = locale.T(v.lang, "dashboard.range", "From", s.day(v.lang, r.from), "To", s.day(v.lang, r.to), "Count", r.days())
	m.Apart = locale.T(v.lang, "dashboard.apart", "Count", n.AtOnce, "Number", locale.Number(v.lang, n.AtOnce), "Withdrawn", locale.Number(v.lang, n.Withdrawn))
	m.Figures, m.Charts = s.figures(v.lang, n), s.charts(v.lang, n)
	return s.page(c, http.StatusOK, "", views.Dashboard(m))
}

func (s *server) dashboardCSV(c echo.Context) error {
	v := visitOf(c)
	r, err := s.readSpan(c)
	if err != nil {
		return rights.ErrNotFound // the page itself says what is wrong with a range
	}
	n, err := s.portal.Numbers(c.Request().Context(), v.actor, r.from, r.to)
	if err != nil {
		return err
	}
	for _, chart := range s.charts(v.lang, n) {
		if chart.ID == c.QueryParam("chart") && len(chart.Groups) > 0 {
			return s.chartCSV(c, chart, r)
		}
	}
	return rights.ErrNotFound
}

func (s *server) chartCSV(c echo.Context, chart views.Chart, r span) error {
	t, err := s.newTable(c, chart.ID+"-"+r.from.String()+"-"+r.to.String()+".csv")
	if err != nil {
		return err
	}
	if err := t.row(append([]string{chart.Across}, chart.Series...)...); err != nil {
		return err
	}
	for _, g := range chart.Groups {
		if err := t.row(append([]string{g.Label}, g.Plain...)...); err != nil {
			return err
		}
	}
	return t.end()
}

// figures are the numbers at the top of the page.
func (s *server) figures(lang string, n workflow.Numbers) []views.Figure {
	t := func(key string, pairs ...any) string { return locale.T(lang, key, pairs...) }
	number := func(v int) string { return locale.Number(lang, v) }
	tone := func(v int, tone string) string {
		if v > 0 {
			return tone
		}
		return ""
	}
	median, nine := s.took(lang, n.Took)
	return []views.Figure{
		{Term: t("dashboard.received"), Value: number(n.Received), Note: compared(lang, n.Received, n.Before.Received)},
		{Term: t("dashboard.answered"), Value: number(n.Answered), Note: compared(lang, n.Answered, n.Before.Answered)},
		{Term: t("dashboard.on_time"), Value: onTime(lang, n.Tally), Note: t("dashboard.late", "Count", n.Late, "Number", number(n.Late)), Tone: tone(n.Late, "late")},
		{Term: t("dashboard.median"), Value: median, Note: t("dashboard.median.why")},
		{Term: t("dashboard.nine"), Value: nine, Note: t("dashboard.nine.why")},
		{Term: t("dashboard.open"), Value: number(n.Open), Note: t("dashboard.now"), Href: "/staff/queue?view=open"},
		{Term: t("dashboard.overdue"), Value: number(n.Overdue), Note: t("dashboard.now"), Tone: tone(n.Overdue, "late"), Href: "/staff/queue?view=overdue"},
		{Term: t("dashboard.week"), Value: number(n.Week), Note: t("dashboard.now"), Tone: tone(n.Week, "soon"), Href: "/staff/queue?view=week"},
		{Term: t("dashboard.letters"), Value: number(n.Delayed + n.Parked), Tone: tone(n.Parked, "late"),
			Note: t("dashboard.letters.why", "Delayed", number(n.Delayed), "Parked", number(n.Parked))},
	}
}

// compared says how a number stands to the one before: as many days earlier.
func compared(lang string, now, before int) string {
	switch {
	case now > before:
		return locale.T(lang, "dashboard.more", "Number", locale.Number(lang, now-before))
	case now < before:
		return locale.T(lang, "dashboard.fewer", "Number", locale.Number(lang, before-now))
	}
	return locale.T(lang, "dashboard.same")
}

// onTime is the share of answers that were given in time, rounded down: 99.9 % is not all.
func onTime(lang string, t workflow.Tally) string {
	if t.Answered == 0 {
		return locale.T(lang, "dashboard.none")
	}
	return strconv.Itoa((t.Answered-t.Late)*100/t.Answered) + " %"
}

// took writes the median and the 90th percentile of the days that answers took.
func (s *server) took(lang string, h rights.Histogram) (median, nine string) {
	half, ok := h.Median()
	if !ok {
		none := locale.T(lang, "dashboard.none")
		return none, none
	}
	days, _ := h.Quantile(90)
	return locale.T(lang, "dashboard.days", "Count", half/2, "Number", halves(half)), locale.T(lang, "dashboard.days", "Count", days, "Number", strconv.Itoa(days))
}

// halves writes a number of halves: 5 is 2.5.
func halves(n int) string {
	if n%2 == 1 {
		return strconv.Itoa(n/2) + ".5"
	}
	return strconv.Itoa(n / 2)
}
