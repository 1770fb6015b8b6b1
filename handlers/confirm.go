package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// belongings adds to a person's page of a request what it belongs to: the question if it is theirs, and complaints.
func (s *server) belongings(lang string, d workflow.Dossier, m *views.RequestPage) {
	t := func(key string, pairs ...any) string { return locale.T(lang, key, pairs...) }
	if d.Asks() {
		m.Asked = t("yours.asked." + d.Held())
	}
	link := func(key string, r rights.Request) {
		m.About = append(m.About, views.Link{Text: t(key, "What", title(lang, r), "Ref", r.Ref), Href: "/requests/" + r.Ref})
	}
	if d.About != nil {
		link("complain.about", *d.About)
	}
	for _, c := range d.Complaints {
		link("complain.complaint", c)
	}
	if d.Request.MayComplain() {
		m.Complain = views.Link{Text: t("complain.go"), Href: "/requests/new?right=complaint&about=" + d.Request.Ref}
		if appeals(d.Request) {
			m.Complain.Text = t("appeal.go")
		}
	}
}

// appeals reports whether the law of a request knows an appeal to the controller itself.
func appeals(r rights.Request) bool {
	g, ok := rights.RegimeByID(r.Regime)
	return ok && !g.Appeal.IsZero()
}

// confirmRequest asks the person if a request that was registered in their name is theirs.
func (s *server) confirmRequest(c echo.Context) error {
	return s.drawConfirmRequest(c, http.StatusOK, nil)
}

func (s *server) drawConfirmRequest(c echo.Context, status int, faults []views.Fault) error {
	v := visitOf(c)
	d, err := s.portal.Request(c.Request().Context(), v.actor, c.Param("ref"))
	if err != nil {
		return err
	}
	r := d.Request
	if !d.Asks() {
		return s.see(c, "/requests/"+r.Ref)
	}
	m := views.ConfirmRequestPage{
		Reference: r.Ref, Title: title(v.lang, r), Text: locale.T(v.lang, "yours.lead."+d.Held()), Faults: faults,
		Facts: append([]views.Fact{{Term: locale.T(v.lang, "yours.fact.right"), Value: title(v.lang, r)}}, s.requestFacts(v.lang, r)...),
	}
	for _, said := range d.Messages {
		if said.At.Equal(r.ReceivedAt) {
			m.Facts = append(m.Facts, views.Fact{Term: locale.T(v.lang, "yours.fact.words"), Value: said.Body})
		}
	}
	if d.Mandate != nil {
		m.Facts = append(m.Facts, mandateFacts(v.lang, *d.Mandate)...)
		var shown []rights.File
		for _, f := range d.Files {
			if f.Mandate {
				shown = append(shown, f)
			}
		}
		m.Files = fileLines(v.lang, "/requests/"+r.Ref, shown)
	}
	return s.page(c, status, "requests", views.ConfirmRequest(m))
}

func (s *server) answerRequest(c echo.Context) error {
	f, err := parse(c)
	if err == nil {
		answer := f.one("answer")
		if answer != "yes" && answer != "no" {
			err = rights.Fault("answer", "yours.error.answer", nil)
		} else if err = s.portal.AnswerFor(c.Request().Context(), visitOf(c).actor, c.Param("ref"), answer == "yes"); err == nil {
			s.flash(c, "yours.done."+answer)
			return s.see(c, "/requests/"+c.Param("ref"))
		}
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawConfirmRequest(c, http.StatusUnprocessableEntity, faults)
	}
	return err
}
