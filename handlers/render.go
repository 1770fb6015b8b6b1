package handlers

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// page draws a component whole and then writes it: a template that breaks is an error page, never half a page.
func (s *server) page(c echo.Context, status int, active string, component templ.Component) error {
	v := visitOf(c)
	if v == nil {
		v = &visit{lang: s.language(c)}
	}
	frame := views.Page{
		Lang: v.lang, Path: ownPath(c), Brand: s.brand(v.lang), Demo: s.Dev != nil, Active: active,
		Flash: s.takeFlash(c, v.lang), PolicyURL: s.Contacts.PolicyURL, Contact: s.Contacts.Privacy,
		Authority: views.Link{Text: s.Contacts.AuthorityName, Href: s.Contacts.AuthorityURL},
	}
	if v.session.Subject != "" {
		frame.SignedInAs = v.mailbox
	}
	buf := templ.GetBuffer()
	defer templ.ReleaseBuffer(buf)
	if err := component.Render(views.With(c.Request().Context(), frame), buf); err != nil {
		return err
	}
	return c.HTMLBlob(status, buf.Bytes())
}

const pathKey = "path"

// standsAt says which address shows this page to a GET: where the language switch leads back to from the answer to a post.
func standsAt(c echo.Context, path string) { c.Set(pathKey, path) }

func ownPath(c echo.Context) string {
	if path, ok := c.Get(pathKey).(string); ok {
		return path
	}
	return c.Request().URL.RequestURI()
}

func (s *server) brand(lang string) string { return s.portal.Brand(lang) }

// see answers a post, or a page that is elsewhere: 303.
func (s *server) see(c echo.Context, path string) error { return c.Redirect(http.StatusSeeOther, path) }

const flashCookie = "habeas-flash"

// flash keeps the key of one sentence for the next page; never a value.
func (s *server) flash(c echo.Context, key string) { s.setCookie(c, flashCookie, key, flashLife) }

func (s *server) takeFlash(c echo.Context, lang string) string {
	key := s.cookie(c, flashCookie)
	if key == "" || byItself(c) {
		return ""
	}
	s.dropCookie(c, flashCookie)
	if !flashes[key] {
		return ""
	}
	return locale.T(lang, key)
}

// fail is the one place where errors become answers. Not found and forbidden look the same; what is not foreseen is
// logged and shown without detail.
func (s *server) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	status, kind, seconds := s.answer(err)
	if errors.Is(err, rights.ErrStepUp) {
		s.mustWrite(c, s.see(c, "/confirm?return="+returnTo(c)))
		return
	}
	if status == http.StatusInternalServerError {
		s.Log.Error("request failed", "route", c.Path(), "error", err)
	}
	if seconds > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	if c.Request().Method == http.MethodHead {
		s.mustWrite(c, c.NoContent(status))
		return
	}
	if over, is := asOverBudget(err); is {
		if err = s.overBudget(c, over); err == nil {
			return
		}
		s.Log.Error("request failed", "route", c.Path(), "error", err)
	}
	m := s.problem(c, kind, seconds)
	s.faultPage(c, err, &m)
	s.mustWrite(c, s.page(c, status, "", views.Problem(m)))
}

// mustWrite logs an answer that could not be written: nobody is left to tell.
func (s *server) mustWrite(c echo.Context, err error) {
	if err != nil {
		s.Log.Error("answer not written", "route", c.Path(), "error", err)
	}
}

// answer maps an error to its status, the kind of problem page, and the seconds to wait.
func (s *server) answer(err error) (status int, kind string, wait int) {
	var tooMany workflow.TooMany
	var over workflow.OverBudget
	var tooLarge *http.MaxBytesError
	var he *echo.HTTPError
	var faults rights.FieldErrors
	switch {
	case errors.As(err, &tooMany):
		return http.StatusTooManyRequests, "too_many", waitSeconds(tooMany.Wait)
	case errors.As(err, &over):
		return http.StatusTooManyRequests, "too_many", waitSeconds(over.Until.Sub(s.Now()))
	case errors.Is(err, rights.ErrNotFound), errors.Is(err, rights.ErrForbidden):
		return http.StatusNotFound, "not_found", 0
	case errors.Is(err, rights.ErrConflict):
		return http.StatusConflict, "conflict", 0
	case errors.Is(err, rights.ErrGone):
		return http.StatusGone, "not_found", 0
	case errors.As(err, &faults):
		return http.StatusUnprocessableEntity, "bad_request", 0
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, "too_large", 0
	case workflow.Unavailable(err):
		fault, _ := workflow.FaultOf(err)
		return http.StatusServiceUnavailable, "fault_" + fault.Kind, faultWait[fault.Kind]
	case errors.As(err, &he):
		switch he.Code {
		case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusForbidden:
			return http.StatusNotFound, "not_found", 0
		case http.StatusRequestEntityTooLarge:
			return http.StatusRequestEntityTooLarge, "too_large", 0
		case http.StatusBadRequest:
			return http.StatusBadRequest, "bad_request", 0
		}
	}
	return http.StatusInternalServerError, "failed", 0
}
