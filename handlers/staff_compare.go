package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

func (s *server) compare(c echo.Context) error { return s.drawCompare(c, http.StatusOK, form{}, nil) }

func (s *server) drawCompare(c echo.Context, status int, f form, faults []views.Fault) error {
	v := visitOf(c)
	two, err := s.portal.Compare(c.Request().Context(), v.actor, c.Param("id"), c.Param("other"))
	if err != nil {
		return err
	}
	separator := locale.T(v.lang, "list.separator")
	m := views.ComparePage{
		ID: c.Param("id"), Other: c.Param("other"), Why: locale.T(v.lang, "compare."+two.Same), Verdict: typed(f, "verdict"), Reason: typed(f, "reason"), Faults: faults,
		Rows: []views.CompareRow{{Term: locale.T(v.lang, "desk.fact.mailbox"), Kept: s.mailboxOf(v.lang, two.Kept), Gone: s.mailboxOf(v.lang, two.Gone)}},
	}
	if len(two.Rivals) > 0 {
		m.Rivals = s.listsOf(v.lang, two.Rivals, separator)
	}
	kept, gone := s.compared(v.lang, two.Kept), s.compared(v.lang, two.Gone)
	for i, fact := range kept {
		m.Rows = append(m.Rows, views.CompareRow{Term: fact.Term, Kept: fact.Value, Gone: gone[i].Value})
	}
	if m.Desk, err = s.desk(c, "people", ""); err != nil {
		return err
	}
	return s.page(c, status, "", views.Compare(m))
}

// compared are the facts of one of two, the same for each.
func (s *server) compared(lang string, p workflow.Card) []views.Fact {
	if p.Unpicked {
		p.Numbers = []string{locale.T(lang, "compare.unpicked")}
	} else if len(p.Numbers) == 0 {
		p.Numbers = []string{locale.T(lang, "data.none")}
	}
	return s.personFacts(lang, p)
}

func (s *server) decide(c echo.Context) error {
	f, err := parse(c)
	verdict := typed(f, "verdict")
	if err == nil && verdict != "one" && verdict != "two" {
		err = rights.Fault("verdict", "compare.error.verdict", nil)
	}
	if err == nil {
		err = s.portal.Decide(c.Request().Context(), visitOf(c).actor, c.Param("id"), c.Param("other"), verdict == "one", f.one("reason"))
		if err == nil {
			s.flash(c, "person.done.decided")
			return s.backToPerson(c)
		}
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawCompare(c, http.StatusUnprocessableEntity, f, faults)
	}
	return err
}
