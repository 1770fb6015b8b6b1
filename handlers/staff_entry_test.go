package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"habeas/rights"
)

func TestPasswordAloneOpensNothingButTheSecondFactor(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	s.clock.Advance(time.Minute) // a code works once, and enrolling used one
	b := o.half()
	b.get("/staff/queue").wantAt(t, "/staff/totp")
	b.get("/data").wantAt(t, "/")
	before := b.cookies["habeas"]
	b.post("/staff/totp", "code", o.totp()).wantAt(t, "/staff/queue")
	b.get("/staff/queue").want(t, http.StatusOK)

	old := s.browser()
	old.cookies["habeas"] = before
	old.get("/staff/queue").wantAt(t, "/staff/login")
	b.post("/staff/sign-out").wantAt(t, "/staff/login")
	b.get("/staff/login").says(t, "You are signed out.")
	b.get("/staff/queue").wantAt(t, "/staff/login")
}

func TestACodeOfTheAuthenticatorWorksOnce(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	code := o.totp()
	o.half().post("/staff/totp", "code", code).want(t, http.StatusUnprocessableEntity) // used to enrol
	s.clock.Advance(time.Minute)
	code = o.totp()
	o.half().post("/staff/totp", "code", code[:3]+" "+code[3:]).wantAt(t, "/staff/queue")
	o.half().post("/staff/totp", "code", code).want(t, http.StatusUnprocessableEntity)
}

func TestARecoveryCodeWorksOnce(t *testing.T) {
	s := newPortal(t)
	o, other := s.staff(rights.RoleOfficer), s.staff(rights.RoleAdmin)
	o.half().post("/staff/totp", "code", strings.ToUpper(o.recovery[0])).wantAt(t, "/staff/queue")
	o.half().post("/staff/totp", "code", o.recovery[0]).want(t, http.StatusUnprocessableEntity)
	o.half().post("/staff/totp", "code", other.recovery[0]).want(t, http.StatusUnprocessableEntity)
	o.half().post("/staff/totp", "code", strings.ReplaceAll(o.recovery[1], "-", "")).wantAt(t, "/staff/queue")
}

func TestGuessingAPasswordIsStopped(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	b := s.browser()
	for range 10 {
		b.post("/staff/login", "email", o.email, "password", "wrong").want(t, http.StatusUnprocessableEntity).says(t, "not right")
	}
	r := b.post("/staff/login", "email", o.email, "password", password).want(t, http.StatusTooManyRequests)
	if r.Header.Get("Retry-After") == "" {
		t.Error("the answer does not say when to try again")
	}
	s.browser().post("/staff/login", "email", o.email, "password", password).want(t, http.StatusTooManyRequests)
	o.get("/staff/queue").want(t, http.StatusOK) // whoever is in stays in
	s.clock.Advance(15 * time.Minute)
	s.browser().post("/staff/login", "email", o.email, "password", password).wantAt(t, "/staff/totp")
}

func TestGuessingACodeIsStopped(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	s.clock.Advance(time.Minute)
	wrong := "000000"
	if o.totp() == wrong {
		wrong = "111111"
	}
	for range 5 {
		o.half().post("/staff/totp", "code", wrong).want(t, http.StatusUnprocessableEntity)
	}
	o.half().post("/staff/totp", "code", o.totp()).want(t, http.StatusTooManyRequests)
	s.clock.Advance(5 * time.Minute)
	o.half().post("/staff/totp", "code", o.totp()).wantAt(t, "/staff/queue")
}

func TestWhoWorksHereIsASecret(t *testing.T) {
	s := newPortal(t)
	o, disabled := s.staff(rights.RoleOfficer), s.staff(rights.RoleAuditor)
	s.must(s.DisableStaff(t.Context(), rights.System, disabled.email))
	_, err := s.Invite(t.Context(), rights.System, "invited@shop.test", "In Vited", rights.RoleOfficer, "en")
	s.must(err)
	answer := func(email string) string {
		r := s.browser().post("/staff/login", "email", email, "password", "not the password")
		r.Header.Del("Date")
		return r.Status + strings.ReplaceAll(r.Body, email, "EMAIL") + headerText(r.Header)
	}
	want := answer("nobody@shop.test")
	for _, email := range []string{o.email, disabled.email, "invited@shop.test", marta} {
		if answer(email) != want {
			t.Errorf("the answer to %s differs from that to somebody unknown", email)
		}
	}
}

func headerText(h http.Header) string {
	var b strings.Builder
	_ = h.Write(&b)
	return b.String()
}

func TestAnInvitationWorksOnceAndNotForever(t *testing.T) {
	s := newPortal(t)
	invite := func(email string) string {
		token, err := s.Invite(t.Context(), rights.System, email, "Ann Lee", rights.RoleOfficer, "en")
		s.must(err)
		return token
	}
	secret := func(token string) *officer {
		e, err := s.Enrolment(t.Context(), token)
		s.must(err)
		return &officer{browser: s.browser(), secret: e.Secret}
	}
	path := func(token string) string { return "/staff/enrol/" + token }

	t.Run("a weak password or a wrong code leaves it unused", func(t *testing.T) {
		token := invite("weak@shop.test")
		o := secret(token)
		for _, weak := range []string{"", "thirteen char", "aaaaaaaaaaaaaaaa", "weak@shop.test"} {
			o.post(path(token), "password", weak, "code", o.totp()).want(t, http.StatusUnprocessableEntity)
		}
		r := o.post(path(token), "password", password, "code", "12345").want(t, http.StatusUnprocessableEntity)
		r.hides(t, password)
		o.post(path(token), "password", "fourteen chars", "code", o.totp()).want(t, http.StatusOK)
	})
	t.Run("used, it is gone", func(t *testing.T) {
		token := invite("once@shop.test")
		o := secret(token)
		o.post(path(token), "password", password, "code", o.totp()).want(t, http.StatusOK)
		s.browser().get(path(token)).want(t, http.StatusGone).says(t, "no longer works")
		s.browser().post(path(token), "password", password, "code", o.totp()).want(t, http.StatusGone)
	})
	t.Run("after 72 hours it is gone", func(t *testing.T) {
		token := invite("late@shop.test")
		s.clock.Advance(72 * time.Hour)
		s.browser().get(path(token)).want(t, http.StatusGone)
	})
	t.Run("one that never was looks the same", func(t *testing.T) {
		s.browser().get(path("never")).want(t, http.StatusGone)
	})
}

func TestADeskLeftAloneIsShut(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	s.clock.Advance(29 * time.Minute)
	o.get("/staff/queue").want(t, http.StatusOK)
	s.clock.Advance(30 * time.Minute)
	o.get("/staff/queue").wantAt(t, "/staff/login")
}
