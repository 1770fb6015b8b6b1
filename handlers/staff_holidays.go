package handlers

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

func (s *server) holidays(c echo.Context) error {
	v := visitOf(c)
	now, err := s.portal.HouseSettings(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "settings", "")
	if err != nil {
		return err
	}
	m := views.HolidaysPage{Desk: desk, CanChange: v.actor.Role.May(rights.ManageSettings)}
	for _, id := range rights.HolidayPlaces() {
		m.Places = append(m.Places, views.HolidayLine{
			ID: id, Name: locale.T(v.lang, "country."+id), Years: years(rights.HolidayYears(id)), Added: now.Holidays[id],
		})
	}
	slices.SortStableFunc(m.Places, func(a, b views.HolidayLine) int { // first what the house has touched, then what ends soonest
		return cmp.Or(-cmp.Compare(min(len(a.Added), 1), min(len(b.Added), 1)), cmp.Compare(lastYear(a.ID), lastYear(b.ID)))
	})
	return s.page(c, http.StatusOK, "", views.Holidays(m))
}

// lastYear is the last year that is built in for a place.
func lastYear(place string) int { return slices.Max(append(rights.HolidayYears(place), 0)) }

// years writes years that follow each other as a stretch: 2024–2026.
func years(list []int) string {
	if len(list) == 0 {
		return ""
	}
	first, last := list[0], list[len(list)-1]
	if len(list) > 2 && last-first == len(list)-1 {
		return strconv.Itoa(first) + "–" + strconv.Itoa(last)
	}
	words := make([]string, len(list))
	for i, y := range list {
		words[i] = strconv.Itoa(y)
	}
	return strings.Join(words, ", ")
}

func (s *server) holidaysOf(c echo.Context) error {
	return s.drawHolidays(c, http.StatusOK, form{}, nil)
}

func (s *server) drawHolidays(c echo.Context, status int, f form, faults []views.Fault) error {
	v, id := visitOf(c), c.Param("place")
	if !slices.Contains(rights.HolidayPlaces(), id) {
		return rights.ErrNotFound
	}
	now, err := s.portal.HouseSettings(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "settings", "")
	if err != nil {
		return err
	}
	m := views.HolidayPage{
		Desk: desk, ID: pathEscape(id), Name: locale.T(v.lang, "country."+id), Years: years(rights.HolidayYears(id)), Lines: now.Holidays[id],
		Version: strconv.Itoa(now.Version), CanChange: v.actor.Role.May(rights.ManageSettings), Conflict: status == http.StatusConflict, Faults: faults,
	}
	if f.values != nil {
		m.Lines, m.Now = f.one("lines"), m.Lines
	}
	return s.page(c, status, "", views.HolidaysOf(m))
}

func (s *server) holidaysSave(c echo.Context) error {
	f, err := parse(c)
	var version int
	if err == nil {
		version, err = settingsVersion(f)
	}
	if err == nil {
		err = s.portal.SaveHolidays(c.Request().Context(), visitOf(c).actor, c.Param("place"), f.one("lines"), version)
	}
	if err == nil {
		s.flash(c, "settings.saved")
		return s.see(c, "/staff/settings/clocks")
	}
	if errors.Is(err, rights.ErrConflict) {
		return s.drawHolidays(c, http.StatusConflict, f, nil)
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawHolidays(c, http.StatusUnprocessableEntity, f, faults)
	}
	return err
}

func (s *server) clocks(c echo.Context) error {
	v := visitOf(c)
	moves, err := s.portal.Moves(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "settings", "")
	if err != nil {
		return err
	}
	m := views.ClocksPage{
		Desk: desk, CanChange: v.actor.Role.May(rights.ManageSettings),
		Summary: locale.T(v.lang, "clocks.summary", "Count", moves.Touched, "Number", locale.Number(v.lang, moves.Touched), "Moved", locale.Number(v.lang, moves.Moved)),
	}
	if moves.More || len(moves.List) < moves.Touched {
		m.More = locale.T(v.lang, "clocks.more", "Count", len(moves.List))
	}
	for _, one := range moves.List {
		m.Lines = append(m.Lines, s.moveLine(v.lang, one))
	}
	return s.page(c, http.StatusOK, "", views.Clocks(m))
}

func (s *server) moveLine(lang string, m workflow.Move) views.MoveLine {
	return views.MoveLine{
		Reference: m.Ref, Right: locale.T(lang, "desk.right."+string(m.Right)), From: s.day(lang, m.From), To: s.day(lang, m.To), Moves: m.From != m.To,
	}
}

func (s *server) clocksRecompute(c echo.Context) error {
	if _, err := parse(c); err != nil {
		return err
	}
	_, more, err := s.portal.Recompute(c.Request().Context(), visitOf(c).actor)
	if err != nil {
		return err
	}
	key := "clocks.done"
	if more {
		key = "clocks.done.more"
	}
	s.flash(c, key)
	return s.see(c, "/staff/settings/clocks")
}
