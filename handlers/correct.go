package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// longValue is the number of characters from which a value deserves several lines.
const longValue = 80

func (s *server) correct(c echo.Context) error {
	at := workflow.Spot{
		Source: c.QueryParam("source"), Collection: c.QueryParam("collection"), Record: c.QueryParam("id"), Field: c.QueryParam("field"),
	}
	cell, err := s.portal.Editable(c.Request().Context(), visitOf(c).actor, at)
	if err != nil {
		return err
	}
	change := workflow.Change{Spot: at, Old: cell.String(), New: cell.String()}
	if ref := c.QueryParam("undo"); ref != "" { // what that correction replaced, to be checked and sent like any other
		if change.New, err = s.portal.Before(c.Request().Context(), visitOf(c).actor, ref, at); err != nil {
			return err
		}
	}
	return s.page(c, http.StatusOK, "data", views.Correct(s.correctPage(c, cell, change)))
}

func (s *server) correctPage(c echo.Context, cell workflow.Cell, change workflow.Change) views.CorrectPage {
	lang := visitOf(c).lang
	f := cell.Field
	return views.CorrectPage{
		Source: change.Source, Collection: change.Collection, ID: change.Record, Field: change.Field,
		Label: workflow.FieldName(f, lang), Where: workflow.CollectionName(f.Collection, lang) + " · " + workflow.SourceName(f.Collection, lang),
		Old: change.Old, New: change.New, Reason: change.Reason, Ask: f.Meta.Editable == "ask", Long: len([]rune(change.Old)) > longValue,
	}
}

// correctCheck takes the form of GET /correct: first to be checked, then, with confirm=yes, to be done.
func (s *server) correctCheck(c echo.Context) error {
	f, err := parse(c)
	if err != nil {
		return err
	}
	v, ctx := visitOf(c), c.Request().Context()
	change := workflow.Change{
		Spot: workflow.Spot{Source: f.one("source"), Collection: f.one("collection"), Record: f.one("id"), Field: f.one("field")},
		Old:  f.one("old"), New: f.one("value"), Reason: f.one("reason"),
	}
	standsAt(c, views.CorrectURL(change.Source, change.Collection, change.Record, change.Field))
	cell, err := s.portal.CheckCorrection(ctx, v.actor, change)
	if errors.Is(err, rights.ErrStepUp) {
		return s.proveFirst(c, f)
	}
	var changed workflow.Changed
	if errors.As(err, &changed) {
		return s.drawConflict(c, cell, change, changed)
	}
	if faults, ok := s.faults(v.lang, err); ok {
		m := s.correctPage(c, cell, change)
		m.Faults = faults
		return s.page(c, http.StatusUnprocessableEntity, "data", views.Correct(m))
	}
	if err != nil {
		return err
	}
	m := s.correctPage(c, cell, change)
	switch f.one("confirm") {
	case "yes":
		return s.correctNow(c, cell, change)
	case "back":
		return s.page(c, http.StatusOK, "data", views.Correct(m))
	}
	return s.page(c, http.StatusOK, "data", views.CorrectCheck(m))
}

func (s *server) correctNow(c echo.Context, cell workflow.Cell, change workflow.Change) error {
	v := visitOf(c)
	r, err := s.portal.Correct(c.Request().Context(), v.actor, change, v.lang)
	var changed workflow.Changed
	if errors.As(err, &changed) {
		return s.drawConflict(c, cell, change, changed)
	}
	if err != nil {
		return err
	}
	if r.State == rights.Fulfilled {
		return s.done(c, "corrected", r)
	}
	return s.done(c, "correct_asked", r)
}

// drawConflict shows both: what stands there now, and what was about to be written.
func (s *server) drawConflict(c echo.Context, cell workflow.Cell, change workflow.Change, changed workflow.Changed) error {
	return s.page(c, http.StatusConflict, "data", views.Conflict(views.ConflictPage{
		Label: workflow.FieldName(cell.Field, visitOf(c).lang), Seen: change.Old, Now: changed.Now, Yours: change.New,
		Again: views.CorrectURL(change.Source, change.Collection, change.Record, change.Field),
	}))
}
