package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
)

// viewLinks are the ways into the queue: those that everybody has, then the reader's own, then those that are shared. The
// one at that address is current.
func (s *server) viewLinks(c echo.Context, counts map[string]int, at string) ([]views.SavedView, error) {
	v := visitOf(c)
	var out []views.SavedView
	for _, name := range savedViews {
		if name == "mine" && !v.actor.Role.May(rights.HandleRequest) {
			continue // nothing can be theirs
		}
		href := queueAsk{View: name}.href()
		out = append(out, views.SavedView{
			Text: locale.T(v.lang, "queue.short."+name), Href: href, Count: locale.Number(v.lang, counts[name]), Current: href == at,
			Hot: name == "overdue" && counts[name] > 0,
		})
	}
	kept, err := s.portal.SavedViews(c.Request().Context(), v.actor)
	if err != nil {
		return nil, err
	}
	for _, k := range kept {
		a, err := askOf(k.Query, v.actor.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, views.SavedView{
			ID: k.ID, Text: k.Name, Href: a.href(), Count: locale.Number(v.lang, k.Count), Current: a.href() == at, Shared: k.Staff == "",
		})
	}
	return out, nil
}

// currentView is the way by which the reader came here, the zero SavedView where the address is none.
func currentView(d views.Desk) views.SavedView {
	for _, v := range d.Views {
		if v.Current {
			return v
		}
	}
	return views.SavedView{}
}

// keeping is a view that is being kept, as it was typed.
type keeping struct {
	name   string
	shared bool
	faults []views.Fault
}

// keepForm offers to keep what is shown under a name, where it is not kept already. What was searched for is a person and
// never kept.
func keepForm(v *visit, a queueAsk, d views.Desk, k keeping) *views.KeepView {
	if !v.actor.Role.May(rights.SaveView) || a.Q != "" || currentView(d).Href != "" {
		return nil
	}
	m := &views.KeepView{
		Unseen: unseen(a.at("")), Name: k.name, Shared: k.shared, Open: len(k.faults) > 0,
		Shares: v.actor.Role.May(rights.ShareView) && a.View != "mine", // which is another list for everybody
	}
	for _, f := range k.faults {
		m.Fault = f.Text
	}
	return m
}

// dropForm offers to delete the kept view that is shown.
func dropForm(role rights.Role, d views.Desk) *views.DropView {
	kept := currentView(d)
	if kept.ID == "" || kept.Shared && !role.May(rights.ShareView) {
		return nil
	}
	return &views.DropView{ID: kept.ID, Shared: kept.Shared}
}

// keepView answers POST /staff/queue/views. The form carries the parts of the address that it was sent from.
func (s *server) keepView(c echo.Context) error {
	v := visitOf(c)
	f, err := parse(c)
	if err != nil {
		return err
	}
	a, err := readQueue(f.one, v.actor.ID)
	if err != nil {
		return err
	}
	a.Q, a.After = "", ""
	standsAt(c, a.href())
	k := keeping{name: f.one("name"), shared: f.one("shared") != ""}
	if _, err = s.portal.SaveView(c.Request().Context(), v.actor, k.name, a.query(v.actor.ID), k.shared); err == nil {
		s.flash(c, "queue.kept")
		return s.see(c, a.href())
	}
	faults, ok := s.faults(v.lang, err)
	if !ok {
		return err
	}
	k.faults = faults
	return s.drawQueue(c, http.StatusUnprocessableEntity, a, k)
}

// dropView answers POST /staff/queue/views/{id}/delete.
func (s *server) dropView(c echo.Context) error {
	if err := s.portal.DeleteView(c.Request().Context(), visitOf(c).actor, c.Param("id")); err != nil {
		return err
	}
	s.flash(c, "queue.dropped")
	return s.see(c, "/staff/queue")
}
