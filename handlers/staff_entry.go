package handlers

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

func (s *server) staffLogin(c echo.Context) error {
	if v := visitOf(c); v.session.Kind == "staff" && v.session.Confirmed {
		return s.see(c, "/staff/queue")
	}
	return s.page(c, http.StatusOK, "", views.Login(views.LoginPage{}))
}

func (s *server) staffSignIn(c echo.Context) error {
	f, err := parse(c)
	if err == nil {
		var in workflow.SignedIn
		in, err = s.portal.SignIn(c.Request().Context(), f.one("email"), f.one("password"), visitOf(c).visitor)
		if err == nil {
			s.setCookie(c, sessionCookie, in.Token, sessionLife)
			return s.see(c, "/staff/totp")
		}
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.page(c, http.StatusUnprocessableEntity, "", views.Login(views.LoginPage{Email: typed(f, "email"), Faults: faults}))
	}
	return err
}

func (s *server) staffTOTP(c echo.Context) error {
	v := visitOf(c)
	switch {
	case v.session.Kind != "staff":
		return s.see(c, "/staff/login")
	case v.session.Confirmed:
		return s.see(c, "/staff/queue")
	}
	return s.page(c, http.StatusOK, "", views.TOTP(views.TOTPPage{}))
}

// staffConfirm completes a sign-in with the second factor; the session gets a new token.
func (s *server) staffConfirm(c echo.Context) error {
	v := visitOf(c)
	if v.session.Kind != "staff" || v.session.Confirmed {
		return rights.ErrNotFound
	}
	f, err := parse(c)
	if err == nil {
		var in workflow.SignedIn
		in, err = s.portal.SecondFactor(c.Request().Context(), v.session.inner, f.one("code"))
		if err == nil {
			s.setCookie(c, sessionCookie, in.Token, sessionLife)
			return s.see(c, s.wayBack(c))
		}
	}
	if faults, ok := s.faults(v.lang, err); ok {
		return s.page(c, http.StatusUnprocessableEntity, "", views.TOTP(views.TOTPPage{Faults: faults}))
	}
	return err
}

func (s *server) staffInvitation(c echo.Context) error { return s.drawEnrol(c, http.StatusOK, nil) }

func (s *server) drawEnrol(c echo.Context, status int, faults []views.Fault) error {
	token := c.Param("token")
	e, err := s.portal.Enrolment(c.Request().Context(), token)
	if errors.Is(err, rights.ErrGone) {
		return s.page(c, http.StatusGone, "", views.EnrolGone())
	}
	if err != nil {
		return err
	}
	return s.page(c, status, "", views.Enrol(views.EnrolPage{
		Token: token, Name: e.Name, Email: e.Email, Secret: inFours(e.Secret), Faults: faults,
		QR: "data:image/png;base64," + base64.StdEncoding.EncodeToString(e.QR),
	}))
}

// staffEnrol takes up an invitation. It answers with a page, not with 303: the recovery codes are told here and never
// again.
func (s *server) staffEnrol(c echo.Context) error {
	f, err := parse(c)
	if err == nil {
		var codes []string
		var in workflow.SignedIn
		codes, in, err = s.portal.Enrol(c.Request().Context(), c.Param("token"), f.one("password"), f.one("code"), visitOf(c).visitor)
		if err == nil {
			s.setCookie(c, sessionCookie, in.Token, sessionLife)
			return s.page(c, http.StatusOK, "", views.RecoveryCodes(codes))
		}
	}
	if errors.Is(err, rights.ErrGone) {
		return s.page(c, http.StatusGone, "", views.EnrolGone())
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawEnrol(c, http.StatusUnprocessableEntity, faults)
	}
	return err
}

func (s *server) staffSignOut(c echo.Context) error {
	if err := s.portal.SignOut(c.Request().Context(), visitOf(c).actor); err != nil {
		return err
	}
	s.dropCookie(c, sessionCookie)
	s.dropCookie(c, wayCookie)
	s.flash(c, "staff.login.out")
	return s.see(c, "/staff/login")
}

// wayCookie is the page of the desk that somebody was on their way to when they were asked to sign in.
const wayCookie = "habeas-way"

// wayLife is how long it takes to sign in, a letter with a new authenticator included.
const wayLife = 15 * time.Minute

// keepWay remembers the page that was asked for, through both steps of signing in. What a page fetches by itself and what
// is saved as a file is no place to arrive at; what was searched for stays out of the cookie.
func (s *server) keepWay(c echo.Context) {
	r := c.Request()
	dest := r.Header.Get("Sec-Fetch-Dest")
	if dest != "" && dest != "document" || path.Ext(r.URL.Path) != "" {
		return
	}
	query := r.URL.Query()
	query.Del("q")
	query.Del("lang")
	way := url.URL{Path: r.URL.Path, RawQuery: query.Encode()}
	s.setCookie(c, wayCookie, url.QueryEscape(way.RequestURI()), wayLife)
}

// wayBack is where somebody who has just signed in goes on: the page of the desk they had asked for, else the queue.
func (s *server) wayBack(c echo.Context) string {
	kept, err := url.QueryUnescape(s.cookie(c, wayCookie))
	if err != nil || kept == "" {
		return "/staff/queue"
	}
	s.dropCookie(c, wayCookie)
	if way := safeReturn(kept); strings.HasPrefix(way, "/staff/") {
		return way
	}
	return "/staff/queue"
}

// inFours sets a key apart in groups that a person can type.
func inFours(key string) string {
	var groups []string
	for ; len(key) > 4; key = key[4:] {
		groups = append(groups, key[:4])
	}
	return strings.Join(append(groups, key), " ")
}
