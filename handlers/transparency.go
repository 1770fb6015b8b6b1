package handlers

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
)

// transparency is what the house tells everybody of the requests it had in the last full year, where it chose to. No
// number is so small that it tells of somebody, nor can such a number be computed from the others.
func (s *server) transparency(c echo.Context) error {
	lines, year, until, err := s.published(c)
	if err != nil {
		return err
	}
	lang := lang(c)
	m := yearlyPage(lang, "transparency.title", year, "all")
	m.Lines, m.CSV = lines, "/transparency.csv"
	m.Hidden = locale.T(lang, "transparency.hidden", "Least", strconv.Itoa(rights.SmallCell))
	m.Notes = append(m.Notes, locale.T(lang, "transparency.until", "Date", s.day(lang, until)))
	return s.page(c, http.StatusOK, "", views.Transparency(m))
}

func (s *server) transparencyCSV(c echo.Context) error {
	lines, year, _, err := s.published(c)
	if err != nil {
		return err
	}
	return s.writeYearly(c, "requests-"+strconv.Itoa(year)+".csv", lines, false)
}

// published returns the lines that anybody may see, their year, and the day up to which they are.
func (s *server) published(c echo.Context) ([]views.YearlyLine, int, rights.Date, error) {
	years, year, until, err := s.portal.PublicYearly(c.Request().Context())
	if err != nil {
		return nil, 0, until, err
	}
	lang := lang(c)
	lines := yearlyLines(lang, years)
	few, none := locale.T(lang, "transparency.few"), locale.T(lang, "dashboard.none")
	for i, y := range years {
		l := &lines[i]
		parts := []*string{&l.Whole, &l.Part, &l.Denied, &l.Withdrawn, &l.Open}
		hide, total := rights.Suppress([]int{y.Whole, y.Part, y.Denied, y.Withdrawn, y.Open})
		for j, hidden := range hide {
			if hidden {
				*parts[j] = few
			}
		}
		if !total {
			l.Received = few
		}
		if y.Took.Total() < rights.SmallCell {
			l.Median, l.Mean = none, none
		}
	}
	return lines, year, until, nil
}
