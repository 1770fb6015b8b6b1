package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// recipientRoutes are the pages behind the link of a letter to whoever data was disclosed to. They take no session.
func (s *server) recipientRoutes(open *echo.Group) {
	open.GET("/recipients/:token", s.notice)
	open.POST("/recipients/:token", s.openNotice)
	open.GET("/recipients/:token/answer", func(c echo.Context) error { return s.see(c, "/recipients/"+pathEscape(c.Param("token"))) })
	open.POST("/recipients/:token/answer", s.answerNotice)
}

func (s *server) notice(c echo.Context) error {
	v, token := visitOf(c), c.Param("token")
	answered, err := s.portal.Peek(c.Request().Context(), token, v.visitor)
	if err != nil {
		return err
	}
	m := views.NoticePage{Token: token, House: s.portal.Brand(v.lang)}
	if answered {
		m.Answered = locale.T(v.lang, "recipients.answered.text")
	}
	return s.page(c, http.StatusOK, "", views.Notice(m))
}

func (s *server) openNotice(c echo.Context) error {
	return s.drawNotice(c, http.StatusOK, form{}, nil)
}

func (s *server) drawNotice(c echo.Context, status int, sent form, faults []views.Fault) error {
	v, token := visitOf(c), c.Param("token")
	n, r, err := s.portal.OpenNotice(c.Request().Context(), token, v.visitor)
	if err != nil {
		return err
	}
	standsAt(c, "/recipients/"+pathEscape(token))
	act := string(n.Act)
	m := views.NoticePage{
		Token: token, House: s.portal.Brand(v.lang), Title: locale.T(v.lang, "recipients.title."+act), Text: locale.T(v.lang, "recipients.text."+act),
		Facts: []views.Fact{{Term: locale.T(v.lang, "recipients.reference"), Value: r.Ref}}, Words: typed(sent, "words"), Faults: faults,
	}
	for _, d := range n.What {
		m.Facts = append(m.Facts, views.Fact{Term: locale.T(v.lang, "recipients.what"), Value: d.System + locale.T(v.lang, "value.colon") + d.What})
	}
	m.Facts = append(m.Facts, s.whomToTell(v.lang, "", n)...)
	m.Facts = append(m.Facts, views.Fact{Term: locale.T(v.lang, "recipients.until"), Value: locale.Date(v.lang, s.at(n.ExpiresAt))})
	if n.State == "done" {
		m.Answered = locale.T(v.lang, "recipients.desk.done", "Date", locale.Date(v.lang, s.at(n.AnsweredAt)))
	}
	return s.page(c, status, "", views.OpenNotice(m))
}

// whomToTell says by what the recipient knows the person, and what should stand there now. Words with the prefix "desk." speak to the
// colleague who tells them.
func (s *server) whomToTell(lang, prefix string, n workflow.Notice) (out []views.Fact) {
	for _, k := range n.Known {
		out = append(out, views.Fact{Term: locale.T(lang, "recipients."+prefix+"known"), Value: k.Label + locale.T(lang, "value.colon") + k.Value})
	}
	if n.Act != rights.Rectification {
		return out
	}
	value := n.New
	switch {
	case n.Hidden:
		value = locale.T(lang, "recipients."+prefix+"new.hidden", "Contact", s.Contacts.Privacy)
	case value == "":
		value = locale.T(lang, "recipients.new.none")
	}
	return append(out, views.Fact{Term: locale.T(lang, "recipients.new"), Value: value})
}

func (s *server) answerNotice(c echo.Context) error {
	v := visitOf(c)
	f, err := parse(c)
	if err == nil {
		answer := f.one("answer")
		if answer != "done" && answer != "impossible" {
			err = rights.Fault("answer", "yours.error.answer", nil)
		} else {
			err = s.portal.AnswerNotice(c.Request().Context(), c.Param("token"), v.visitor, answer == "done", f.one("words"))
		}
	}
	if faults, bad := s.faults(v.lang, err); bad {
		return s.drawNotice(c, http.StatusUnprocessableEntity, f, faults)
	}
	if err != nil && !errors.Is(err, rights.ErrConflict) { // whoever presses twice has answered, too
		return err
	}
	return s.see(c, "/recipients/"+pathEscape(c.Param("token")))
}

// told are the recipients of what came of a request. Words with the prefix "state." speak to the person, with "desk." to a colleague.
func (s *server) told(c echo.Context, ref, prefix string) ([]views.ToldLine, error) {
	v := visitOf(c)
	list, err := s.portal.Recipients(c.Request().Context(), v.actor, ref, v.lang)
	if err != nil {
		return nil, err
	}
	var out []views.ToldLine
	for _, n := range list {
		when := n.ToldAt
		if prefix == "desk." && !n.AnsweredAt.IsZero() {
			when = n.AnsweredAt
		}
		line := views.ToldLine{
			Name: n.To.In(v.lang), State: locale.T(v.lang, "recipients."+prefix+n.State, "Date", locale.Date(v.lang, s.at(when))), Words: n.Answer,
			What: locale.T(v.lang, "recipients.act."+string(n.Act)),
		}
		for i, d := range n.What {
			line.What += locale.T(v.lang, map[bool]string{true: "value.colon", false: "list.separator"}[i == 0]) + d.What
		}
		if n.State == "by_hand" && len(n.Known) > 0 {
			line.Facts = s.whomToTell(v.lang, "desk.", n)
		}
		out = append(out, line)
	}
	return out, nil
}
