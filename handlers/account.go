package handlers

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
)

func (s *server) activity(c echo.Context) error {
	v := visitOf(c)
	after := c.QueryParam("after")
	before, err := strconv.ParseInt(after, 10, 64)
	if after != "" && err != nil {
		return rights.ErrNotFound
	}
	looks, err := s.portal.Activity(c.Request().Context(), v.actor, before, listPage+1)
	if err != nil {
		return err
	}
	next := ""
	if len(looks) > listPage {
		looks = looks[:listPage]
		next = strconv.FormatInt(looks[listPage-1].Seq, 10)
	}
	m := views.ActivityPage{Pager: pager("/activity", after, next)}
	name := actorName(v.lang)
	for _, l := range withoutTwins(looks) {
		m.Lines = append(m.Lines, views.ActivityLine{
			What: s.lookWords(v.lang, "", l), Who: name(l.Actor), When: s.dateTime(v.lang, l.At), Why: s.lookReason(v.lang, l), Ours: l.Actor.IsStaff(),
		})
	}
	return s.page(c, http.StatusOK, "activity", views.Activity(m))
}

func (s *server) security(c echo.Context) error {
	v := visitOf(c)
	sessions, err := s.portal.Sessions(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	m := views.SecurityPage{Others: len(sessions) > 1}
	for _, one := range sessions {
		line := views.SessionLine{
			Device: one.Device, Here: one.ID == v.session.ID,
			When: locale.T(v.lang, "security.when", "Since", s.dateTime(v.lang, one.MadeAt), "Seen", s.dateTime(v.lang, one.SeenAt)),
		}
		if line.Device == "" {
			line.Device = locale.T(v.lang, "security.unknown")
		}
		m.Sessions = append(m.Sessions, line)
	}
	return s.page(c, http.StatusOK, "security", views.Security(m))
}

func (s *server) endOthers(c echo.Context) error {
	if _, err := s.portal.EndOtherSessions(c.Request().Context(), visitOf(c).actor); err != nil {
		return err
	}
	s.flash(c, "security.ended.flash")
	return s.see(c, "/security")
}

func (s *server) stop(c echo.Context) error {
	v := visitOf(c)
	r, err := s.portal.Stop(c.Request().Context(), c.Param("token"))
	if errors.Is(err, rights.ErrGone) {
		return s.page(c, http.StatusGone, "", views.Stop(views.StopPage{State: "gone"}))
	}
	if err != nil {
		return err
	}
	return s.page(c, http.StatusOK, "", views.Stop(views.StopPage{
		Token: c.Param("token"), What: title(v.lang, r), Reference: r.Ref, When: s.dateTime(v.lang, r.ReceivedAt),
	}))
}

func (s *server) stopNow(c echo.Context) error {
	r, err := s.portal.StopNow(c.Request().Context(), c.Param("token"))
	if errors.Is(err, rights.ErrGone) {
		return s.page(c, http.StatusGone, "", views.Stop(views.StopPage{State: "gone"}))
	}
	if err != nil {
		return err
	}
	s.dropCookie(c, sessionCookie)
	return s.page(c, http.StatusOK, "", views.Stop(views.StopPage{State: "done", Reference: r.Ref}))
}
