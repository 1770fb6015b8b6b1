package workflow_test

import (
	"errors"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

// underLaw is a request of Ann's under a regime, with what an officer sees of it.
func (h *house) underLaw(right rights.Right, regime string) (rights.Actor, rights.Request) {
	h.t.Helper()
	by := h.customer(ann)
	r, err := h.Submit(h.t.Context(), by, workflow.Ask{Right: right, Regime: regime, Text: "About my orders.", Language: "en"})
	h.must(err)
	return by, r
}

func (h *house) reread(r rights.Request) rights.Request {
	h.t.Helper()
	r, err := h.Store.Request(h.t.Context(), r.ID)
	h.must(err)
	return r
}

func TestAskingThePersonStopsTheClockOnlyWhereTheLawLetsIt(t *testing.T) {
	for _, row := range []struct {
		sentence, regime, why string
		allowed               bool
	}{
		{"the GDPR for identity", "eu_gdpr", rights.ForIdentity, true},
		{"the UK GDPR for clarification", "uk_gdpr", rights.ForClarification, true},
		{"California for nothing: its clock never stops", "ccpa", rights.ForIdentity, false},
		{"no law for a reason of one's own", "eu_gdpr", "holiday", false},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			h := open(t)
			_, r := h.underLaw(rights.Access, row.regime)
			err := h.Pause(t.Context(), h.officer(rights.RoleOfficer), r.Ref, r.Version, row.why, "Which orders do you mean?")
			var faults rights.FieldErrors
			if row.allowed {
				h.must(err)
			} else if !errors.As(err, &faults) {
				t.Errorf("refused with %v, want a fault of the form", err)
			}
			if got := h.reread(r).State == rights.Paused; got != row.allowed {
				t.Errorf("paused: %v", got)
			}
		})
	}
}

func TestTheDaysOfWaitingDoNotCountInTheUnitedKingdom(t *testing.T) {
	h := open(t)
	_, r := h.underLaw(rights.Access, "uk_gdpr") // Monday 23 November: due 23 December
	officer := h.officer(rights.RoleOfficer)
	h.must(h.Pause(t.Context(), officer, r.Ref, r.Version, rights.ForClarification, "Which orders do you mean?"))
	if h.reread(r).State != rights.Paused {
		t.Fatal("not paused")
	}
	h.clock.Advance(4 * 24 * time.Hour) // the answer comes on Friday 27: five days, both ends counted, fall out
	by := h.again(ann)
	h.must(h.Say(t.Context(), by, r.Ref, "The two of last summer."))
	r = h.reread(r)
	if r.State != rights.InProgress || r.Due.String() != "2026-12-29" {
		t.Errorf("after the answer: %s, due %s; want in_progress, due 2026-12-29 (28 December, moved from the 26th, is a bank holiday)", r.State, r.Due)
	}
	if len(r.Clock.Pauses) != 1 || r.Clock.Pauses[0].To.String() != "2026-11-27" {
		t.Errorf("pauses %+v", r.Clock.Pauses)
	}
}

func TestAnOfficerStartsTheClockAgainWhenTheAnswerCameByAnotherWay(t *testing.T) {
	h := open(t)
	_, r := h.underLaw(rights.Access, "eu_gdpr")
	officer := h.officer(rights.RoleOfficer)
	h.must(h.Pause(t.Context(), officer, r.Ref, r.Version, rights.ForIdentity, "Please show us your customer card."))
	r = h.reread(r)
	h.must(h.Resume(t.Context(), officer, r.Ref, r.Version))
	if got := h.reread(r); got.State != rights.InProgress {
		t.Errorf("state %s", got.State)
	}
	if err := h.Resume(t.Context(), officer, r.Ref, r.Version+1); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("a clock that runs cannot be started: %v", err)
	}
}

func TestAnExtensionIsGivenOnceInTimeAndTold(t *testing.T) {
	h := open(t)
	_, r := h.underLaw(rights.Access, "eu_gdpr") // received 23 November: due 23 December, extended 23 February
	officer := h.officer(rights.RoleOfficer)
	h.must(h.Extend(t.Context(), officer, r.Ref, r.Version, "Your orders lie in an archive on paper."))
	r = h.reread(r)
	if r.Due.String() != "2027-02-23" || !r.Clock.Extended {
		t.Errorf("due %s", r.Due)
	}
	h.deliver()
	h.letterWith(ann, "archive on paper")
	var faults rights.FieldErrors
	if err := h.Extend(t.Context(), officer, r.Ref, r.Version, "Still looking."); !errors.As(err, &faults) {
		t.Errorf("a second extension: %v", err)
	}
}

func TestAnExtensionComesTooLateAfterItsLastDay(t *testing.T) {
	h := open(t)
	_, r := h.underLaw(rights.Access, "eu_gdpr")
	h.clock.Advance(40 * 24 * time.Hour)
	var faults rights.FieldErrors
	if err := h.Extend(t.Context(), h.officer(rights.RoleOfficer), r.Ref, r.Version, "We forgot."); !errors.As(err, &faults) {
		t.Errorf("extended after the month was over: %v", err)
	}
}

func TestWhoMayNotHandleRequestsMovesNoClock(t *testing.T) {
	h := open(t)
	by, r := h.underLaw(rights.Access, "eu_gdpr")
	for _, who := range []rights.Actor{by, h.officer(rights.RoleAuditor), h.officer(rights.RoleAdmin)} {
		for name, err := range map[string]error{
			"pause":  h.Pause(t.Context(), who, r.Ref, r.Version, rights.ForIdentity, "?"),
			"resume": h.Resume(t.Context(), who, r.Ref, r.Version),
			"extend": h.Extend(t.Context(), who, r.Ref, r.Version, "?"),
		} {
			if !errors.Is(err, rights.ErrNotFound) {
				t.Errorf("%s by %s: %v", name, who.Role, err)
			}
		}
	}
}
