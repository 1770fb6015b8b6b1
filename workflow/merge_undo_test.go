package workflow_test

import (
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

// What is under way for two who were found to be one, and what becomes of it once they are two again.

// pairUp is the shop alone, Dario and Cleo behind one mailbox, and the decision that they are one: she is shown with him.
func pairUp(t *testing.T) (h *house, officer, dario, cleo rights.Actor, one func() (undo func())) {
	t.Helper()
	h = flagging(t)
	h.onlyShop()
	officer = h.colleague("mei", rights.RoleOfficer)
	dario, cleo = h.chosen("C-1004"), h.chosen("C-1003")
	return h, officer, dario, cleo, func() func() {
		t.Helper()
		h.must(h.Decide(t.Context(), officer, cleo.ID, dario.ID, true, because))
		p, err := h.Profile(t.Context(), officer, cleo.ID, workflow.ProfileAt{})
		h.must(err)
		if p.ID != dario.ID || len(p.Merged) != 1 {
			t.Fatalf("she is shown with %s, %+v", p.ID, p.Merged)
		}
		return func() {
			t.Helper()
			h.must(h.UndoMerge(t.Context(), officer, p.Merged[0].ID))
		}
	}
}

// left are the accounts of the two that are still there.
func (h *house) left() string {
	h.t.Helper()
	return h.cell("shop", "SELECT coalesce(group_concat(name, ', '), '') FROM (SELECT name FROM customers WHERE id IN (3, 4) ORDER BY id)")
}

const bothOfThem = "Cleo Marchetti, Dario Marchetti"

func TestWhatOneAskedBeforeIsOfThePersonThatTheyAreNow(t *testing.T) {
	h, officer, _, cleo, one := pairUp(t)
	chief := h.colleague("chief", rights.RoleApprover)
	r := h.erasure(cleo)
	one()
	hold := h.heldBy(officer, cleo.ID)
	h.clock.Advance(73 * time.Hour)
	h.runs()
	if got := h.left(); got != bothOfThem {
		t.Fatalf("left are %q although a dispute needs the data", got)
	}
	if f := h.erasureOf(officer, r.Ref); f.Held() != "hold" {
		t.Errorf("the page of the request: held by %q", f.Held())
	}
	h.must(h.LiftHold(t.Context(), chief, hold.Subject, hold.ID))
	h.clock.Advance(time.Hour)
	h.runs()
	if got := h.left(); got != "" {
		t.Errorf("she asked, and is both: left are %q", got)
	}
}

func TestAnErasureUnderWayDoesNotTakeWhoTurnedOutToBeSomebodyElse(t *testing.T) {
	h, officer, _, _, one := pairUp(t)
	h.clock.Advance(24 * time.Hour)
	dario := h.chosen("C-1004")
	undo := one()
	r := h.erasure(dario)
	h.clock.Advance(73 * time.Hour)
	if had, err := h.EraseNext(t.Context()); err != nil || !had { // it is noted
		t.Fatal(had, err)
	}
	undo()
	h.clock.Advance(time.Hour)
	h.runs()
	if got := h.left(); got != "Cleo Marchetti" {
		t.Errorf("left is %q", got)
	}
	if f := h.erasureOf(officer, r.Ref); f.Request.State != rights.Fulfilled {
		t.Errorf("his request is %s: %+v", f.Request.State, f.Erasure)
	}
	h.clock.Advance(48 * time.Hour)
	h.looks()
	h.runs()
	if got := h.left(); got != "Cleo Marchetti" {
		t.Errorf("two days later left is %q", got)
	}
}

func TestAHoldThatWasPlacedOnTwoWhoWereOneStandsForEach(t *testing.T) {
	h, officer, dario, cleo, one := pairUp(t)
	chief := h.colleague("chief", rights.RoleApprover)
	r := h.erasure(cleo)
	undo := one()
	h.heldBy(officer, dario.ID)
	undo()
	h.clock.Advance(73 * time.Hour)
	h.runs()
	if got := h.left(); got != bothOfThem {
		t.Fatalf("left are %q: nobody has said that the dispute does not need hers", got)
	}
	p, err := h.Profile(t.Context(), officer, cleo.ID, workflow.ProfileAt{})
	h.must(err)
	if len(p.Holds) != 1 || p.Holds[0].By != officer.ID || !strings.HasPrefix(p.Holds[0].Reason, "Harker") {
		t.Fatalf("on her page stand %+v", p.Holds)
	}
	h.must(h.LiftHold(t.Context(), chief, cleo.ID, p.Holds[0].ID))
	h.clock.Advance(time.Hour)
	h.runs()
	if got := h.left(); got != "Dario Marchetti" {
		t.Errorf("once hers is lifted left is %q (%s)", got, r.Ref)
	}
	if p, err = h.Profile(t.Context(), officer, dario.ID, workflow.ProfileAt{}); err != nil || len(p.Holds) != 1 || !p.Holds[0].LiftedAt.IsZero() {
		t.Errorf("his: %+v, %v", p.Holds, err)
	}
}

func TestWhatOneOfTwoDecidedIsNotLeftOnTheOther(t *testing.T) {
	h, _, _, cleo, one := pairUp(t)
	sold := func() string {
		return h.cell("shop", "SELECT group_concat(coalesce(no_sale, '-'), ' ') FROM (SELECT no_sale FROM customers WHERE id IN (3, 4) ORDER BY id)")
	}
	h.must(h.RaiseFlag(t.Context(), cleo, rights.OptedOut, "", "en"))
	undo := one()
	h.noted()
	if got := sold(); got != "1 1" {
		t.Fatalf("as one: %q", got)
	}
	undo()
	h.noted()
	if got := sold(); got != "1 0" {
		t.Errorf("as two again the shop says %q, want it of her alone", got)
	}
	h.clock.Advance(24 * time.Hour)
	his, hers := h.standing(h.chosen("C-1004")), h.standing(h.chosen("C-1003"))
	if his != "" || hers != "opt_out" {
		t.Errorf("his %q, hers %q", his, hers)
	}
	for _, e := range h.steps(cleo) {
		if e.Kind == "unflagged_in" {
			t.Error("her request says that her choice is no longer noted")
		}
	}
}

// steps are what the person sees of their newest request.
func (h *house) steps(by rights.Actor) []rights.Event {
	h.t.Helper()
	d, err := h.Portal.Request(h.t.Context(), by, h.newest(by).Ref)
	h.must(err)
	return d.Events
}

func TestAHoldStopsAnErasureThatHasBegun(t *testing.T) {
	h := erasing(t)
	officer, chief := h.colleague("mei", rights.RoleOfficer), h.colleague("chief", rights.RoleApprover)
	r := h.erasure(h.customer(ann))
	h.clock.Advance(72 * time.Hour)
	for range 2 { // it is noted, and the shop is erased
		if had, err := h.EraseNext(t.Context()); err != nil || !had {
			t.Fatal(had, err)
		}
	}
	hold := h.heldBy(officer, r.Subject)
	for range 2 {
		h.runs()
		h.clock.Advance(24 * time.Hour)
	}
	if n := h.cell("journal", "SELECT count(*) FROM visits WHERE email = 'ann@example.com'"); n == "0" {
		t.Fatal("the rest went although a dispute needs it")
	}
	h.must(h.LiftHold(t.Context(), chief, r.Subject, hold.ID))
	h.clock.Advance(time.Hour)
	h.runs()
	if f := h.erasureOf(officer, r.Ref); f.Request.State != rights.Fulfilled {
		t.Errorf("once it is lifted the request is %s: %+v", f.Request.State, f.Erasure)
	}
	if n := h.cell("journal", "SELECT count(*) FROM visits WHERE email = 'ann@example.com'"); n != "0" {
		t.Errorf("%s visits are left", n)
	}
}

func TestWhatTwoRequestsAskedForStandsWhenOneIsTakenBack(t *testing.T) {
	h := flagging(t)
	officer := h.colleague("mei", rights.RoleOfficer)
	by := h.customer(ann)
	weighed := h.said(by, "I object to fraud checks")
	h.must(h.Restrict(t.Context(), officer, weighed.Ref, h.version(weighed.Ref), "Until we have weighed it"))
	asked, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Restriction, Text: "Keep it, do nothing else", Language: "en"})
	h.must(err)
	for _, task := range h.erasureOf(officer, asked.Ref).OpenTasks() {
		h.must(h.SetTask(t.Context(), officer, asked.Ref, workflow.TaskChange{ID: task.ID, Version: task.Version, State: rights.TaskDone, Note: "Set aside"}))
	}
	h.must(h.Fulfil(t.Context(), officer, asked.Ref, h.version(asked.Ref), "It rests."))
	h.noted()
	h.must(h.Cancel(t.Context(), by, weighed.Ref))
	h.noted()
	if got := h.standing(by); !strings.Contains(got, "restriction") {
		t.Errorf("what she was told rests does not: %q stands", got)
	}
	if got := h.inShop(); !strings.HasSuffix(got, "held") {
		t.Errorf("the shop says %q", got)
	}
}

// What she was granted does not fall with what an officer put aside for a while.
func TestARestrictionOfTwoRequestsIsEndedOnTheLaterOne(t *testing.T) {
	h := flagging(t)
	officer, by := h.colleague("mei", rights.RoleOfficer), h.customer(ann)
	weighed := h.said(by, "I object to fraud checks")
	h.must(h.Restrict(t.Context(), officer, weighed.Ref, h.version(weighed.Ref), "Until we have weighed it"))
	h.clock.Advance(time.Minute)
	asked, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Restriction, Text: "Keep it, do nothing else", Language: "en"})
	h.must(err)
	h.must(h.Fulfil(t.Context(), officer, asked.Ref, h.version(asked.Ref), "It rests."))
	if err := h.LiftRestriction(t.Context(), officer, weighed.Ref, h.version(weighed.Ref), "We have weighed it."); fault(err) != "flags.error.lift" {
		t.Errorf("ended on the earlier: %v", err)
	}
	for _, f := range h.folder(officer, asked.Ref).Flags {
		if f.Kind == rights.Restricted && f.Ref != asked.Ref {
			t.Errorf("the desk is led to %s", f.Ref)
		}
	}
	h.must(h.LiftRestriction(t.Context(), officer, asked.Ref, h.version(asked.Ref), "It is over."))
}

func TestAnErasureThatHasTakenSomethingIsLeftToPeopleWhenTwoAreTwoAgain(t *testing.T) {
	h, officer, _, _, one := pairUp(t)
	h.clock.Advance(24 * time.Hour)
	dario := h.chosen("C-1004")
	undo := one()
	r := h.erasure(dario)
	h.clock.Advance(73 * time.Hour)
	for range 2 {
		if had, err := h.EraseNext(t.Context()); err != nil || !had {
			t.Fatal(had, err)
		}
	}
	undo()
	h.runs()
	if f := h.erasureOf(officer, r.Ref); f.Erasure.State != "by_hand" || f.Erasure.Why != "apart" || f.Request.State != rights.InProgress {
		t.Errorf("%s, by %+v", f.Request.State, f.Erasure)
	}
}
