package handlers

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

func (s *server) budgets(c echo.Context) error { return s.drawBudgets(c, http.StatusOK, form{}, nil) }

func (s *server) drawBudgets(c echo.Context, status int, f form, faults []views.Fault) error {
	v := visitOf(c)
	lines, err := s.portal.Budgets(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	m := views.BudgetPage{
		People: typed(f, "people"), Reason: typed(f, "reason"), Faults: faults, Staff: []views.Option{{Text: locale.T(v.lang, "budget.choose")}},
	}
	for _, l := range lines {
		line := views.BudgetLine{
			Name: l.Name, Role: locale.T(v.lang, "staff.role."+string(l.Role)), Seen: s.budgetWords(v.lang, "budget.share", l.BudgetState),
			Percent: min(100, l.Seen*100/l.Limit), State: views.Pill{Text: locale.T(v.lang, "budget.state.fine"), Tone: "ok"},
		}
		switch {
		case l.Seen >= l.Limit:
			line.State = views.Pill{Text: locale.T(v.lang, "budget.state.used"), Tone: "bad"}
		case l.Near():
			line.State = views.Pill{Text: locale.T(v.lang, "budget.state.near"), Tone: "warn"}
		}
		if l.Raised > 0 {
			line.Note = locale.T(v.lang, "budget.raised", "Name", l.By, "Reason", l.Reason)
		}
		m.Lines = append(m.Lines, line)
		if l.MayRaise {
			m.Staff = append(m.Staff, views.Option{Value: l.Staff, Text: l.Name, Chosen: l.Staff == typed(f, "staff")})
		}
	}
	if m.Desk, err = s.desk(c, "people", ""); err != nil {
		return err
	}
	return s.page(c, status, "", views.Budgets(m))
}

func (s *server) raiseBudget(c echo.Context) error {
	f, err := parse(c)
	if err == nil && f.one("staff") == "" {
		err = rights.Fault("staff", "budget.error.own", nil)
	}
	if err == nil {
		people, _ := strconv.Atoi(strings.TrimSpace(f.one("people"))) // what is no number is 0, which is out of range
		err = s.portal.RaiseBudget(c.Request().Context(), visitOf(c).actor, f.one("staff"), people, f.one("reason"))
		if err == nil {
			s.flash(c, "budget.done")
			return s.see(c, "/staff/people/budget")
		}
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawBudgets(c, http.StatusUnprocessableEntity, f, faults)
	}
	return err
}

func (s *server) budgetWords(lang, key string, b workflow.BudgetState) string {
	return locale.T(lang, key, "Seen", locale.Number(lang, b.Seen), "Limit", locale.Number(lang, b.Limit))
}

// budgetNote says on every page of the desk that somebody nears the end of their budget.
func (s *server) budgetNote(c echo.Context) (string, error) {
	v := visitOf(c)
	b, err := s.portal.Budget(c.Request().Context(), v.actor)
	if err != nil || !b.Near() {
		return "", err
	}
	if b.Seen >= b.Limit {
		return s.budgetWords(v.lang, "budget.used", b), nil
	}
	return s.budgetWords(v.lang, "budget.near", b), nil
}

// overBudget is the page of whoever has looked at enough people for a day: why, until when and whom to ask.
func (s *server) overBudget(c echo.Context, over workflow.OverBudget) error {
	v := visitOf(c)
	ask, err := s.portal.Raisers(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "people", "")
	if err != nil {
		return err
	}
	desk.Budget = "" // the page says it
	m := views.OverBudgetPage{Desk: desk, Limit: locale.Number(v.lang, over.Limit), Until: s.dateTime(v.lang, over.Until), Ask: ask}
	return s.page(c, http.StatusTooManyRequests, "", views.OverBudget(m))
}

// asOverBudget is err where it says that somebody's budget is used up.
func asOverBudget(err error) (workflow.OverBudget, bool) {
	var over workflow.OverBudget
	return over, errors.As(err, &over)
}
