package workflow_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
	"habeas/workflow"
)

// heldBy places a hold on a person, to be looked at in a month.
func (h *house) heldBy(by rights.Actor, subject string) store.Hold {
	h.t.Helper()
	review := rights.DateOf(h.clock.Now().In(h.Location)).AddMonths(1)
	h.must(h.PlaceHold(h.t.Context(), by, subject, "legal_claims", "Harker v. Harbour, 12 C 34/26", review))
	profile, err := h.Profile(h.t.Context(), by, subject, workflow.ProfileAt{})
	h.must(err)
	return profile.Holds[0]
}

func TestNothingIsErasedThatADisputeNeeds(t *testing.T) {
	h := lapsing(t)
	officer, chief := h.colleague("mei", rights.RoleOfficer), h.colleague("chief", rights.RoleApprover)
	r := h.erasure(h.customer(ann))
	hold := h.heldBy(officer, r.Subject)
	h.clock.Advance(100 * time.Hour)
	h.runs()
	if got := h.cell("shop", "SELECT count(*) FROM customers WHERE id = 1"); got != "1" {
		t.Fatal("she is erased although a dispute needs her data")
	}
	f := h.erasureOf(officer, r.Ref)
	if f.Held() != "hold" || f.Hold == nil || f.Hold.Reason != "Harker v. Harbour, 12 C 34/26" {
		t.Errorf("the page of the request: held by %q, %+v", f.Held(), f.Hold)
	}
	offers := h.offers(officer, r.Ref)
	if offers[workflow.ActFulfil] != "intake.error.held.hold" || offers[workflow.ActPartly] != "intake.error.held.hold" || offers[workflow.ActRefuse] != "" {
		t.Errorf("what can be done: %v", offers)
	}
	for _, task := range f.OpenTasks() {
		err := h.SetTask(t.Context(), officer, r.Ref, workflow.TaskChange{ID: task.ID, Version: task.Version, State: rights.TaskDone, Note: "Deleted it all the same"})
		faulted(t, err, "act: intake.error.held.hold")
	}
	h.must(h.LiftHold(t.Context(), chief, r.Subject, hold.ID))
	h.clock.Advance(time.Hour)
	h.runs()
	if got := h.cell("shop", "SELECT count(*) FROM customers WHERE id = 1"); got != "0" {
		t.Error("once the hold is lifted she is not erased")
	}
	h.verifyAudit()
}

func TestARequestIsRefusedOnTheGroundOfAHold(t *testing.T) {
	h := lapsing(t)
	officer := h.colleague("mei", rights.RoleOfficer)
	r := h.erasure(h.customer(ann))
	hold := h.heldBy(officer, r.Subject)
	h.clock.Advance(100 * time.Hour)
	h.must(h.Refuse(t.Context(), officer, r.Ref, h.version(r.Ref), hold.Ground, ""))
	says(t, h.letter(ann).Text, r.Ref, "legal claims")
	if strings.Contains(h.letter(ann).Text, "Harker v.") {
		t.Error("the letter tells which dispute")
	}
	h.runs()
	if got := h.cell("shop", "SELECT count(*) FROM customers WHERE id = 1"); got != "1" {
		t.Error("she is erased after a refusal")
	}
}

func TestWhatWasKeptOnAnotherGroundIsKeptOnWhileADisputeNeedsIt(t *testing.T) {
	h := lapsing(t)
	officer, chief := h.colleague("mei", rights.RoleOfficer), h.colleague("chief", rights.RoleApprover)
	r := h.erased(ann)
	hold := h.heldBy(officer, r.Subject)
	h.until(rights.DateOf(h.clock.Now().In(h.Location)).AddMonths(97).String())
	if got := h.cell("shop", "SELECT count(*) FROM orders WHERE id = 11"); got != "1" {
		t.Fatal("the order is gone although a dispute needs it")
	}
	h.must(h.LiftHold(t.Context(), chief, r.Subject, hold.ID))
	h.clock.Advance(25 * time.Hour)
	h.looks()
	if got := h.cell("shop", "SELECT count(*) FROM orders WHERE id = 11"); got != "0" {
		t.Error("once the hold is lifted the order stays")
	}
}

func TestWhoMayPlaceAndLiftAHold(t *testing.T) {
	h := lapsing(t)
	officer, chief, other := h.colleague("mei", rights.RoleOfficer), h.colleague("chief", rights.RoleApprover), h.colleague("other", rights.RoleApprover)
	admin, auditor := h.colleague("admin", rights.RoleAdmin), h.colleague("auditor", rights.RoleAuditor)
	by := h.customer(ann)
	today := rights.DateOf(h.clock.Now().In(h.Location))
	place := func(who rights.Actor, ground, reason string, review rights.Date) error {
		return h.PlaceHold(t.Context(), who, by.ID, ground, reason, review)
	}
	const reason = "Harker v. Harbour, 12 C 34/26"
	for _, who := range []rights.Actor{admin, auditor, by} {
		if err := place(who, "legal_claims", reason, today.AddMonths(1)); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("a %s places a hold: %v", who.Role, err)
		}
	}
	for _, ground := range []string{"whim", "unfounded", "unidentified"} { // the last two say something of a request, and none of why data is needed
		faulted(t, place(officer, ground, reason, today.AddMonths(1)), "ground: hold.error.ground")
	}
	faulted(t, place(officer, "legal_claims", "because", today.AddMonths(1)), "dispute: people.error.reason")
	faulted(t, place(officer, "legal_claims", reason, today), "review: hold.error.review")
	faulted(t, place(officer, "legal_claims", reason, today.AddMonths(13)), "review: hold.error.review")
	h.must(place(chief, "legal_claims", reason, today.AddMonths(12)))
	hold := h.heldBy(officer, by.ID)
	for who, want := range map[rights.Actor]error{officer: rights.ErrNotFound, admin: rights.ErrNotFound, auditor: rights.ErrNotFound} {
		if err := h.LiftHold(t.Context(), who, by.ID, hold.ID); !errors.Is(err, want) {
			t.Errorf("a %s lifts a hold: %v", who.Role, err)
		}
	}
	profile, err := h.Profile(t.Context(), chief, by.ID, workflow.ProfileAt{})
	h.must(err)
	if len(profile.Holds) != 2 {
		t.Fatalf("%d holds", len(profile.Holds))
	}
	for _, known := range profile.Holds {
		if known.By == chief.ID {
			faulted(t, h.LiftHold(t.Context(), chief, by.ID, known.ID), "act: hold.error.own")
			h.must(h.LiftHold(t.Context(), other, by.ID, known.ID))
			if err := h.LiftHold(t.Context(), other, by.ID, known.ID); !errors.Is(err, rights.ErrConflict) {
				t.Errorf("lifted twice: %v", err)
			}
		}
	}
	if err := h.LiftHold(t.Context(), other, h.customer(bo).ID, hold.ID); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("lifted on the page of somebody else: %v", err)
	}
	h.verifyAudit()
	h.silent()
}

func TestAHoldIsLookedAtAgainOnItsDay(t *testing.T) {
	h := lapsing(t)
	officer, chief := h.colleague("mei", rights.RoleOfficer), h.colleague("chief", rights.RoleApprover)
	subject := h.customer(ann).ID
	hold := h.heldBy(officer, subject)
	watch := func() (n int) {
		for had := true; had; n++ {
			var err error
			had, err = h.WatchHolds(t.Context())
			h.must(err)
		}
		return n - 1
	}
	if watch(); len(h.told(chief)) != 0 {
		t.Error("told before its day")
	}
	h.clock.Advance(40 * 24 * time.Hour)
	watch()
	watch()
	if got := strings.Join(h.told(chief), ","); got != "hold_review" {
		t.Errorf("on its day the approver is told %q", got)
	}
	if got := h.told(officer); len(got) != 0 {
		t.Errorf("an officer, who cannot lift it, is told %q", got)
	}
	h.must(h.ReviewHold(t.Context(), officer, subject, hold.ID, rights.DateOf(h.clock.Now().In(h.Location)).AddMonths(6)))
	if n := watch(); n != 0 {
		t.Error("told before the new day")
	}
	list, _, names, err := h.Holds(t.Context(), officer, "")
	h.must(err)
	if len(list) != 1 || names[list[0].By] != "mei" {
		t.Errorf("the list of holds: %+v", list)
	}
	h.clock.Advance(200 * 24 * time.Hour)
	watch()
	if got := strings.Join(h.told(chief), ","); got != "hold_review" {
		t.Errorf("on the new day the approver is told %q", got)
	}
}

// faulted wants the error to be that fault of a form and no other.
func faulted(t *testing.T, err error, want string) {
	t.Helper()
	var faults rights.FieldErrors
	if !errors.As(err, &faults) || faults.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
