package workflow_test

import (
	"errors"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

func TestASessionEndsByItself(t *testing.T) {
	h := open(t)
	for _, c := range []struct {
		sentence string
		pauses   []time.Duration // between one look and the next
		alive    bool
	}{
		{"idle for just under a quarter of an hour it lives", []time.Duration{15*time.Minute - time.Second}, true},
		{"idle for a quarter of an hour it is over", []time.Duration{15 * time.Minute}, false},
		{"used every ten minutes it lives for almost twelve hours", repeat(10*time.Minute, 71), true},
		{"and is over after twelve, however busy", repeat(10*time.Minute, 72), false},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			h.clock.Advance(24 * time.Hour)
			in := h.enter(ann)
			var err error
			for _, pause := range c.pauses {
				h.clock.Advance(pause)
				_, err = h.Who(t.Context(), in.Token)
			}
			if c.alive && err != nil || !c.alive && !errors.Is(err, rights.ErrNotFound) {
				t.Error(err)
			}
		})
	}
}

func repeat(d time.Duration, n int) (out []time.Duration) {
	for range n {
		out = append(out, d)
	}
	return out
}

func TestOnlyATokenThatWasGivenOutOpensASession(t *testing.T) {
	h := open(t)
	in := h.enter(ann)
	for _, c := range []struct{ sentence, token string }{
		{"nothing", ""},
		{"a token set before the sign-in", "preset-by-somebody-else"},
		{"the session's ID", in.Session.ID},
		{"the hash as it is stored", string(in.Session.TokenHash)},
		{"another case", in.Token + " "},
	} {
		if _, err := h.Who(t.Context(), c.token); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
}

func TestEverySignInAndEveryStepUpHasANewToken(t *testing.T) {
	h := open(t)
	first, second := h.enter(ann), h.enter(ann)
	if first.Token == second.Token || first.Session.ID == second.Session.ID {
		t.Error("two sign-ins share a token")
	}
	by := h.actor(first)
	h.clock.Advance(11 * time.Minute)
	stepped := h.stepUp(by, workflow.ActExport)
	if stepped.Token == first.Token || stepped.Session.ID != first.Session.ID {
		t.Error("a step-up keeps the session and changes its token")
	}
	if _, err := h.Who(t.Context(), first.Token); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("the old token: %v", err)
	}
	who, err := h.Who(t.Context(), stepped.Token)
	if err != nil || !h.SteppedUp(who.Session) || who.Actor != by {
		t.Errorf("the new token: %+v, %v", who, err)
	}
}

// stepUp proves the session afresh, as a person does.
func (h *house) stepUp(by rights.Actor, act workflow.Act) workflow.SignedIn {
	h.t.Helper()
	asked, err := h.AskStepUp(h.t.Context(), by, act, home)
	h.must(err)
	in, err := h.StepUp(h.t.Context(), by, asked.Challenge, asked.Browser, h.code(asked.Mailbox), home)
	h.must(err)
	return in
}

func TestAStepUpIsForItsOwnSessionOnly(t *testing.T) {
	h := open(t)
	a, b := h.customer(ann), h.customer(bo)
	h.clock.Advance(time.Second)
	asked, err := h.AskStepUp(t.Context(), a, workflow.ActExport, home)
	h.must(err)
	code := h.code(ann)
	h.clock.Advance(time.Second)
	elsewhere := h.customer(ann)
	signIn := h.ask(bo)
	signInCode := h.code(bo)
	for _, c := range []struct {
		sentence           string
		by                 rights.Actor
		challenge, browser string
		code               string
	}{
		{"somebody else's session", b, asked.Challenge, asked.Browser, code},
		{"another session of the same person", elsewhere, asked.Challenge, asked.Browser, code},
		{"another browser", a, asked.Challenge, signIn.Browser, code},
		{"a code for signing in", b, signIn.Challenge, signIn.Browser, signInCode},
	} {
		if _, err := h.StepUp(t.Context(), c.by, c.challenge, c.browser, c.code, home); !errors.Is(err, rights.ErrGone) {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
	if _, err := h.Enter(t.Context(), asked.Challenge, asked.Browser, code, home); !errors.Is(err, rights.ErrGone) {
		t.Errorf("the code of a step-up signs in: %v", err)
	}
	if _, err := h.StepUp(t.Context(), a, asked.Challenge, asked.Browser, code, home); err != nil {
		t.Error(err)
	}
}

func TestAProofIsFreshForTenMinutes(t *testing.T) {
	h := open(t)
	in := h.enter(ann)
	for _, c := range []struct {
		wait  time.Duration
		fresh bool
	}{{10*time.Minute - time.Second, true}, {time.Second, false}} {
		h.clock.Advance(c.wait)
		who, err := h.Who(t.Context(), in.Token)
		if h.must(err); h.SteppedUp(who.Session) != c.fresh {
			t.Errorf("%v later it is fresh: %v", c.wait, !c.fresh)
		}
	}
}

func TestSigningOutEndsTheSessionAtTheServer(t *testing.T) {
	h := open(t)
	in, other := h.enter(ann), h.enter(ann)
	by := h.actor(in)
	h.must(h.SignOut(t.Context(), by))
	if _, err := h.Who(t.Context(), in.Token); !errors.Is(err, rights.ErrNotFound) {
		t.Error(err)
	}
	if _, err := h.Export(t.Context(), by, rights.Access, "en"); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("an act that was under way: %v", err)
	}
	if _, err := h.Who(t.Context(), other.Token); err != nil {
		t.Errorf("the other session: %v", err)
	}
	if h.count(by.ID, "session.ended") != 1 {
		t.Error("the sign-out is not in the log of the person")
	}
}

func TestAPersonSeesAndEndsTheirOtherSessionsAndNobodyElses(t *testing.T) {
	h := open(t)
	here, there, theirs := h.enter(ann), h.enter(ann), h.enter(bo)
	by := h.actor(here)
	list, err := h.Sessions(t.Context(), by)
	if err != nil || len(list) != 2 {
		t.Errorf("%d sessions, %v", len(list), err)
	}
	n, err := h.EndOtherSessions(t.Context(), by)
	if err != nil || n != 1 {
		t.Errorf("%d ended, %v", n, err)
	}
	for _, c := range []struct {
		sentence string
		token    string
		alive    bool
	}{{"this one stays", here.Token, true}, {"the other is over", there.Token, false}, {"somebody else's stays", theirs.Token, true}} {
		if _, err := h.Who(t.Context(), c.token); (err == nil) != c.alive {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
}

func TestEverySignInStandsInTheLogOfThePerson(t *testing.T) {
	h := open(t)
	for _, address := range []string{ann, nobody} {
		first := h.customer(address)
		second := h.again(address)
		if first.ID != second.ID {
			t.Fatalf("%s is two subjects", address)
		}
		if n := h.count(first.ID, "session.settled"); n != 2 {
			t.Errorf("%d of two sign-ins stand in the log of the person", n)
		}
	}
}
