package handlers

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

func (s *server) start(c echo.Context) error {
	if v := visitOf(c); v.session.Kind == "subject" {
		return s.see(c, "/data")
	}
	return s.page(c, http.StatusOK, "", views.Start(views.StartPage{}))
}

func (s *server) askCode(c echo.Context) error {
	f, err := parse(c)
	if err == nil {
		var asked workflow.Asked
		asked, err = s.portal.AskCode(c.Request().Context(), f.one("email"), visitOf(c).visitor)
		if err == nil {
			s.remember(c, askedCookie, asked)
			return s.see(c, "/verify")
		}
	}
	if faults, ok := s.faults(visitOf(c).lang, err); ok {
		return s.page(c, http.StatusUnprocessableEntity, "", views.Start(views.StartPage{Email: typed(f, "email"), Faults: faults}))
	}
	return err
}

// typed is what was typed, when the form could be read at all.
func typed(f form, name string) string {
	if f.values == nil {
		return ""
	}
	return f.one(name)
}

// remember binds a challenge to this browser: the cookie holds both halves, the store only a keyed hash of one.
func (s *server) remember(c echo.Context, cookie string, asked workflow.Asked) {
	s.setCookie(c, cookie, asked.Challenge+"."+asked.Browser, time.Hour)
}

func (s *server) asked(c echo.Context, cookie string) (challenge, browser string) {
	challenge, browser, _ = strings.Cut(s.cookie(c, cookie), ".")
	return challenge, browser
}

func (s *server) verify(c echo.Context) error {
	return s.drawVerify(c, http.StatusOK, nil, c.QueryParam("resent") != "")
}

// drawVerify shows where the challenge of this browser stands.
func (s *server) drawVerify(c echo.Context, status int, faults []views.Fault, resent bool) error {
	challenge, browser := s.asked(c, askedCookie)
	asked, err := s.portal.Pending(c.Request().Context(), challenge, browser)
	m := views.VerifyPage{Faults: faults, Resent: resent}
	switch {
	case errors.Is(err, rights.ErrGone):
		m.State = "elsewhere"
	case err != nil:
		return err
	case asked.State != workflow.CodeWaiting:
		m.State, m.Address = string(asked.State), s.portal.MaskMailbox(asked.Mailbox)
	default:
		m.Address = s.portal.MaskMailbox(asked.Mailbox)
	}
	return s.page(c, status, "", views.Verify(m))
}

func (s *server) enter(c echo.Context) error {
	f, err := parse(c)
	if err == nil {
		challenge, browser := s.asked(c, askedCookie)
		var in workflow.SignedIn
		in, err = s.portal.Enter(c.Request().Context(), challenge, browser, f.one("code"), visitOf(c).visitor)
		if err == nil {
			return s.signedIn(c, in)
		}
	}
	if errors.Is(err, rights.ErrGone) {
		return s.drawVerify(c, http.StatusGone, nil, false)
	}
	if faults, ok := s.faults(visitOf(c).lang, err); ok {
		return s.drawVerify(c, http.StatusUnprocessableEntity, faults, false)
	}
	return err
}

// signedIn gives the browser its session; whatever it held before is gone.
func (s *server) signedIn(c echo.Context, in workflow.SignedIn) error {
	s.dropCookie(c, askedCookie)
	s.setCookie(c, sessionCookie, in.Token, sessionLife)
	if in.Session.Subject == "" {
		return s.see(c, "/choose")
	}
	return s.see(c, s.landing(c))
}

func (s *server) resend(c echo.Context) error {
	challenge, browser := s.asked(c, askedCookie)
	asked, err := s.portal.AskAgain(c.Request().Context(), challenge, browser, visitOf(c).visitor)
	if errors.Is(err, rights.ErrGone) {
		return s.drawVerify(c, http.StatusGone, nil, false)
	}
	if err != nil {
		return err
	}
	s.remember(c, askedCookie, asked)
	return s.see(c, "/verify?resent=1")
}

func (s *server) link(c echo.Context) error {
	token := c.Param("token")
	m := views.EnterPage{Token: token, Here: s.cookie(c, askedCookie) != ""}
	err := s.portal.Link(c.Request().Context(), token)
	if errors.Is(err, rights.ErrGone) {
		m.State = "gone"
		return s.page(c, http.StatusGone, "", views.Enter(m))
	}
	if err != nil {
		return err
	}
	return s.page(c, http.StatusOK, "", views.Enter(m))
}

func (s *server) enterByLink(c echo.Context) error {
	in, err := s.portal.EnterByLink(c.Request().Context(), c.Param("token"), visitOf(c).visitor)
	if errors.Is(err, rights.ErrGone) {
		return s.page(c, http.StatusGone, "", views.Enter(views.EnterPage{State: "gone"}))
	}
	if err != nil {
		return err
	}
	return s.signedIn(c, in)
}

func (s *server) signOut(c echo.Context) error {
	v := visitOf(c)
	if v.session.ID != "" {
		if err := s.portal.SignOut(c.Request().Context(), v.actor); err != nil {
			return err
		}
	}
	s.dropCookie(c, sessionCookie)
	return s.see(c, "/signed-out")
}

func (s *server) signedOut(c echo.Context) error {
	return s.page(c, http.StatusOK, "", views.SignedOut(c.QueryParam("late") != ""))
}

// choose asks for the datum that tells people behind one mailbox apart. A session also waits here while a source that
// knows who is who does not answer: each look tries again.
func (s *server) choose(c echo.Context) error {
	shared, err := s.portal.Recognise(c.Request().Context(), visitOf(c).session.inner)
	if err != nil {
		return err
	}
	if !shared {
		return s.see(c, "/data")
	}
	return s.drawChoose(c, http.StatusOK, "", nil)
}

func (s *server) drawChoose(c echo.Context, status int, datum string, faults []views.Fault) error {
	l := lang(c)
	return s.page(c, status, "", views.Choose(views.ChoosePage{
		Asked: locale.T(l, "datum.any"), Hint: locale.T(l, "datum.hint"), Datum: datum, Faults: faults,
	}))
}

func (s *server) chosen(c echo.Context) error {
	ctx, session := c.Request().Context(), visitOf(c).session.inner
	f, err := parse(c)
	if err == nil {
		if f.one("unknown") != "" {
			err = s.portal.EnterUnchosen(ctx, session)
		} else {
			err = s.portal.Choose(ctx, session, f.one("datum"))
		}
		if err == nil {
			return s.see(c, "/data")
		}
	}
	if faults, ok := s.faults(visitOf(c).lang, err); ok {
		return s.drawChoose(c, http.StatusUnprocessableEntity, typed(f, "datum"), faults)
	}
	return err
}

// stepUp asks for a fresh proof before an act that lets data out or changes it.
func (s *server) stepUp(c echo.Context) error {
	v := visitOf(c)
	back := safeReturn(c.QueryParam("return"))
	if v.session.SteppedUp {
		return s.see(c, back)
	}
	m := views.ConfirmPage{Return: back, Sent: c.QueryParam("sent") != "", Resent: c.QueryParam("resent") != ""}
	return s.drawConfirm(c, http.StatusOK, m)
}

func (s *server) drawConfirm(c echo.Context, status int, m views.ConfirmPage) error {
	v := visitOf(c)
	standsAt(c, "/confirm?return="+queryEscape(m.Return))
	m.Why, m.Address = s.confirmWhy(v.lang, m.Return), s.portal.MaskMailbox(v.mailbox)
	return s.page(c, status, "", views.Confirm(m))
}

// proveFirst asks somebody whose proof ran out while they filled a form in; what they typed waits in the page, not in an
// address and not here.
func (s *server) proveFirst(c echo.Context, f form) error {
	m := views.ConfirmPage{Return: c.Request().URL.Path}
	for _, name := range f.names() {
		m.Carry = append(m.Carry, views.Carried{Name: name, Value: f.one(name)})
	}
	return s.drawConfirm(c, http.StatusOK, m)
}

// carriedIn are the fields of a form that waits.
func carriedIn(f form) []views.Carried {
	var out []views.Carried
	for _, name := range f.names() {
		if inner, ok := strings.CutPrefix(name, "carry_"); ok {
			out = append(out, views.Carried{Name: inner, Value: f.one(name)})
		}
	}
	return out
}

func (s *server) sendStepUp(c echo.Context) error {
	f, err := parse(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	back := safeReturn(f.one("return"))
	asked, err := s.portal.AskStepUp(c.Request().Context(), v.actor, actAt(back), v.visitor)
	if err != nil {
		return err
	}
	again := s.cookie(c, stepUpCookie) != ""
	s.remember(c, stepUpCookie, asked)
	if carry := carriedIn(f); carry != nil { // what is carried must not stand in an address
		return s.drawConfirm(c, http.StatusOK, views.ConfirmPage{Return: back, Carry: carry, Sent: true, Resent: again})
	}
	path := "/confirm?sent=1&return=" + queryEscape(back)
	if again {
		path += "&resent=1"
	}
	return s.see(c, path)
}

func (s *server) confirm(c echo.Context) error {
	f, err := parse(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	back := safeReturn(f.one("return"))
	challenge, browser := s.asked(c, stepUpCookie)
	in, err := s.portal.StepUp(c.Request().Context(), v.actor, challenge, browser, f.one("code"), v.visitor)
	if errors.Is(err, rights.ErrGone) {
		return s.drawConfirm(c, http.StatusGone, views.ConfirmPage{Return: back, Carry: carriedIn(f)})
	}
	if faults, ok := s.faults(v.lang, err); ok {
		m := views.ConfirmPage{Return: back, Carry: carriedIn(f), Sent: true, Faults: faults}
		return s.drawConfirm(c, http.StatusUnprocessableEntity, m)
	}
	if err != nil {
		return err
	}
	s.dropCookie(c, stepUpCookie)
	s.setCookie(c, sessionCookie, in.Token, sessionLife)
	if carry := carriedIn(f); carry != nil {
		return s.page(c, http.StatusOK, "", views.GoOn(views.GoOnPage{Action: back, Fields: carry}))
	}
	return s.see(c, back)
}
