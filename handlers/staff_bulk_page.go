package handlers

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// picked is the page about a picking, with each request as it is now.
func (s *server) picked(c echo.Context, p picking) (views.PickedPage, []workflow.Line, error) {
	v := visitOf(c)
	desk, err := s.desk(c, "queue", "")
	m := views.PickedPage{Desk: desk, Title: locale.T(v.lang, "queue.bulk.title."+p.act.Name), Back: p.back, Act: p.act.Name}
	if err != nil {
		return m, nil, err
	}
	lines := make([]workflow.Line, len(p.picks))
	for i, pick := range p.picks {
		item := views.PickedItem{Reference: pick.Ref}
		lines[i], err = s.line(c, pick.Ref)
		switch {
		case err == nil:
			item.Version, item.Ticked = strconv.Itoa(lines[i].Version), true
			item.About, item.State = deskTitle(v.lang, lines[i].Request)+" · "+lines[i].Mailbox, deskPill(v.lang, lines[i].State)
		case errors.Is(err, rights.ErrNotFound):
			item.Why = locale.T(v.lang, "queue.bulk.why.gone")
		default:
			return m, nil, err
		}
		m.Items = append(m.Items, item)
	}
	return m, lines, nil
}

// drawAgain gives back a form with faults, and everything that was ticked and typed.
func (s *server) drawAgain(c echo.Context, p picking, faults []views.Fault) error {
	if len(p.picks) > bulkMost {
		p.picks = nil
	}
	m, _, err := s.picked(c, p)
	if err != nil {
		return err
	}
	m.Faults = faults
	if err := s.askAgain(c, p, &m); err != nil {
		return err
	}
	if m.Go != "" {
		m.Go = m.Title
	}
	return s.page(c, http.StatusUnprocessableEntity, "", views.Picked(m))
}

// askAgain adds the form of the act, as it was filled in, where there is something left to do.
func (s *server) askAgain(c echo.Context, p picking, m *views.PickedPage) error {
	v := visitOf(c)
	if !canGo(m.Items) {
		return nil
	}
	switch p.act.Name {
	case "assign":
		team, err := s.portal.Colleagues(c.Request().Context(), v.actor)
		if err != nil {
			return err
		}
		m.Owners = owners(v, team, p.owner)
	case "message":
		m.Words = &views.Input{
			Name: "text", Label: locale.T(v.lang, "queue.bulk.words"), Hint: locale.T(v.lang, "queue.bulk.words.hint"), Rows: 4, Value: p.text,
		}
	case "fulfil":
		m.Unseen = []views.Field{{Name: "text", Value: p.text}}
	}
	if m.Words != nil {
		for _, f := range m.Faults {
			m.Words.Fault = f.Text
		}
	}
	m.Go = locale.T(v.lang, "queue.bulk.again")
	return nil
}

// drawSure asks once more before requests are closed, and says which of them cannot be.
func (s *server) drawSure(c echo.Context, p picking) error {
	v := visitOf(c)
	m, lines, err := s.picked(c, p)
	if err != nil {
		return err
	}
	letters := 0
	for i, l := range lines {
		item := &m.Items[i]
		switch {
		case l.ID == "":
		case !l.State.Open():
			item.Version, item.Why = "", locale.T(v.lang, "queue.bulk.why.closed")
		case l.CoolingOff(s.Now()):
			item.Version, item.Why = "", locale.T(v.lang, "queue.bulk.why.later", "Date", s.dateTime(v.lang, l.NotBefore))
		case l.Version != p.picks[i].Version: // they have not seen it like this: to be closed it must be ticked again
			item.Ticked, item.Why = false, locale.T(v.lang, "queue.bulk.why.changed")
		default:
			letters++
		}
	}
	m.Title, m.Tone = locale.T(v.lang, "queue.bulk.check.title"), "warn"
	m.Lead = locale.T(v.lang, "queue.bulk.check", "Count", letters, "Number", locale.Number(v.lang, letters))
	if !canGo(m.Items) {
		m.Lead = locale.T(v.lang, "queue.bulk.check.none")
		return s.page(c, http.StatusOK, "", views.Picked(m))
	}
	m.Unseen = []views.Field{{Name: "sure", Value: "yes"}}
	m.Words = &views.Input{
		Name: "text", Label: locale.T(v.lang, "queue.bulk.check.words"), Hint: locale.T(v.lang, "queue.bulk.check.words.hint"), Rows: 4, Value: p.text,
	}
	m.Go, m.Danger = locale.T(v.lang, "queue.bulk.check.go"), true
	return s.page(c, http.StatusOK, "", views.Picked(m))
}

// canGo reports whether anything can be done with any of the items.
func canGo(items []views.PickedItem) bool {
	for _, i := range items {
		if i.Version != "" {
			return true
		}
	}
	return false
}

// drawOutcomes says what became of each request, and offers to try those again that can still be done.
func (s *server) drawOutcomes(c echo.Context, p picking, outcomes []workflow.Outcome) error {
	v := visitOf(c)
	m, lines, err := s.picked(c, p)
	if err != nil {
		return err
	}
	done := 0
	for i, o := range outcomes {
		item := &m.Items[i]
		if o.Err == nil {
			done++
			item.Version, item.Outcome = "", views.Pill{Text: locale.T(v.lang, "queue.bulk.ok"), Tone: "ok"}
			continue
		}
		item.Outcome = views.Pill{Text: locale.T(v.lang, "queue.bulk.failed"), Tone: "bad"}
		var again bool
		if item.Why, again = s.whyNot(v.lang, lines[i], p.picks[i], o.Err); !again {
			item.Version = ""
		}
	}
	failed := len(outcomes) - done
	m.Tone, m.Lead = "warn", locale.T(v.lang, "queue.bulk.part", "Done", locale.Number(v.lang, done), "Failed", locale.Number(v.lang, failed))
	if err := s.askAgain(c, p, &m); err != nil {
		return err
	}
	return s.page(c, http.StatusOK, "", views.Picked(m))
}

// whyNot says why an act on one request was not done, and whether it is worth another try.
func (s *server) whyNot(lang string, now workflow.Line, seen workflow.Pick, err error) (why string, again bool) {
	t := func(key string, pairs ...any) string { return locale.T(lang, "queue.bulk.why."+key, pairs...) }
	switch faults, bad := s.faults(lang, err); {
	case now.ID == "":
		return t("gone"), false
	case !now.State.Open():
		return t("closed"), false
	case now.CoolingOff(s.Now()):
		return t("later", "Date", s.dateTime(lang, now.NotBefore)), false
	case errors.Is(err, rights.ErrConflict) && now.Version != seen.Version:
		return t("changed"), true
	case errors.Is(err, rights.ErrConflict):
		return t("state"), false
	case bad: // a fault of the act itself is one of this request; of a field, one that another entry mends
		return faults[0].Text, faults[0].Field != "act"
	}
	s.Log.Error("bulk act failed", "request", now.ID, "error", err)
	return t("failed"), true
}
