package handlers

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
)

// yearlyAsk is what the address of the yearly numbers says.
type yearlyAsk struct {
	year   int
	regime string // "ccpa", or "" for everybody
}

// firstYear is the first for which anything can have been counted.
const firstYear = 2018

func (s *server) readYearly(c echo.Context) (yearlyAsk, error) {
	now := s.at(s.Now()).Year()
	a := yearlyAsk{year: now - 1, regime: "ccpa"}
	if text := c.QueryParam("year"); text != "" {
		year, err := strconv.Atoi(text)
		if err != nil || year < firstYear || year > now {
			return a, rights.ErrNotFound
		}
		a.year = year
	}
	switch c.QueryParam("regime") {
	case "", "ccpa":
	case "all":
		a.regime = ""
	default:
		return a, rights.ErrNotFound
	}
	return a, nil
}

// whose names the choice in an address and in a key.
func (a yearlyAsk) whose() string {
	if a.regime == "" {
		return "all"
	}
	return a.regime
}

func (s *server) yearly(c echo.Context) error {
	v := visitOf(c)
	a, err := s.readYearly(c)
	if err != nil {
		return err
	}
	lines, err := s.portal.Yearly(c.Request().Context(), v.actor, a.year, a.regime)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "dashboard", "")
	if err != nil {
		return err
	}
	m := yearlyPage(v.lang, "yearly.title", a.year, a.whose())
	m.Desk, m.Lines = desk, yearlyLines(v.lang, lines)
	m.CSV = "/staff/dashboard/ccpa.csv?" + url.Values{"year": {strconv.Itoa(a.year)}, "regime": {a.whose()}}.Encode()
	for year := s.at(s.Now()).Year(); year >= firstYear; year-- {
		m.Years = append(m.Years, views.Option{Value: strconv.Itoa(year), Text: strconv.Itoa(year), Chosen: year == a.year})
	}
	for _, whose := range []string{"ccpa", "all"} {
		m.Regimes = append(m.Regimes, views.Option{Value: whose, Text: locale.T(v.lang, "yearly.whose."+whose), Chosen: whose == a.whose()})
	}
	return s.page(c, http.StatusOK, "", views.Yearly(m))
}

// yearlyPage is what the desk's page and the public one have in common.
func yearlyPage(lang, title string, year int, whose string) views.YearlyPage {
	return views.YearlyPage{
		Title: locale.T(lang, title, "Year", strconv.Itoa(year)), Year: strconv.Itoa(year), Who: locale.T(lang, "yearly.who."+whose),
		Compiled: locale.T(lang, "yearly.compiled"), Notes: []string{locale.T(lang, "yearly.note.know"), locale.T(lang, "yearly.note.signals")},
	}
}

func yearlyLines(lang string, lines []rights.Yearly) []views.YearlyLine {
	out := make([]views.YearlyLine, len(lines))
	for i, y := range lines {
		n := func(v int) string { return locale.Number(lang, v) }
		median, mean := daysOf(lang, y.Took)
		out[i] = views.YearlyLine{
			Kind: locale.T(lang, "yearly.kind."+string(y.Kind)), Received: n(y.Received), Whole: n(y.Whole), Part: n(y.Part), Denied: n(y.Denied),
			Withdrawn: n(y.Withdrawn), Open: n(y.Open), Unverifiable: n(y.Unverifiable), NotConsumer: n(y.NotConsumer), Exempt: n(y.Exempt),
			Other: n(y.Other), Median: median, Mean: mean,
		}
	}
	return out
}

// daysOf writes the median and the mean of the days that answers took.
func daysOf(lang string, h rights.Histogram) (median, mean string) {
	half, ok := h.Median()
	if !ok {
		none := locale.T(lang, "dashboard.none")
		return none, none
	}
	sum := 0
	for days, n := range h {
		sum += days * n
	}
	return halves(half), strconv.FormatFloat(float64(sum)/float64(h.Total()), 'f', 1, 64)
}

func (s *server) yearlyCSV(c echo.Context) error {
	a, err := s.readYearly(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	lines, err := s.portal.Yearly(c.Request().Context(), v.actor, a.year, a.regime)
	if err != nil {
		return err
	}
	return s.writeYearly(c, "requests-"+strconv.Itoa(a.year)+"-"+a.whose()+".csv", yearlyLines(v.lang, lines), true)
}

// writeYearly writes the lines as a file, with the reasons of refusals or without them.
func (s *server) writeYearly(c echo.Context, name string, lines []views.YearlyLine, reasons bool) error {
	t, err := s.newTable(c, name)
	if err != nil {
		return err
	}
	keys := []string{"kind", "received", "whole", "part", "denied", "withdrawn", "open", "median", "mean"}
	if reasons {
		keys = append(keys, "unverifiable", "not_consumer", "exempt", "other")
	}
	head := make([]string, len(keys))
	for i, key := range keys {
		head[i] = locale.T(lang(c), "yearly."+key)
	}
	if err := t.row(head...); err != nil {
		return err
	}
	for _, l := range lines {
		cells := []string{l.Kind, l.Received, l.Whole, l.Part, l.Denied, l.Withdrawn, l.Open, l.Median, l.Mean, l.Unverifiable, l.NotConsumer, l.Exempt, l.Other}
		if err := t.row(cells[:len(keys)]...); err != nil {
			return err
		}
	}
	return t.end()
}
