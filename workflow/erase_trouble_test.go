package workflow_test

import (
	"testing"
	"time"

	"habeas/rights"
)

func TestAnErasureWaitsForASourceThatIsDownAndBeginsNowhereElse(t *testing.T) {
	h := erasing(t)
	by := h.customer(ann)
	officer := h.officer(rights.RoleOfficer)
	r := h.erasure(by)
	h.clock.Advance(72 * time.Hour)
	up := h.down("journal")
	for range 4 {
		h.runs()
		h.clock.Advance(time.Hour)
	}
	if got := h.cell("shop", "SELECT name FROM customers WHERE id = 1"); got != "Annabel Harker" {
		t.Errorf("what leads to the journal is gone: her name is %q", got)
	}
	f := h.erasureOf(officer, r.Ref)
	if e := f.Erasure; e.State != "waiting" || e.Source != "journal" || e.Trouble != "down" || !e.NextAt.After(h.clock.Now()) && e.NextAt.IsZero() || f.Request.State != rights.Received {
		t.Errorf("%+v, %s", e, f.Request.State)
	}
	up()
	h.clock.Advance(6 * time.Hour)
	h.runs()
	if f := h.erasureOf(officer, r.Ref); f.Request.State != rights.Fulfilled {
		t.Errorf("once it is up the request is %s: %+v", f.Request.State, f.Erasure)
	}
}

func TestASourceThatGoesDownInTheMiddleIsFinishedLater(t *testing.T) {
	h := erasing(t)
	r := h.erasure(h.customer(ann))
	officer := h.officer(rights.RoleOfficer)
	h.clock.Advance(72 * time.Hour)
	for range 2 { // it is noted, and the shop is erased
		if had, err := h.EraseNext(t.Context()); err != nil || !had {
			t.Fatal(had, err)
		}
	}
	up := h.down("journal")
	h.runs()
	if n := h.cell("shop", "SELECT count(*) FROM customers WHERE id = 1"); n != "0" {
		t.Fatal("the shop is not erased")
	}
	up()
	h.restart()
	h.clock.Advance(10 * time.Minute)
	h.runs()
	if n := h.cell("journal", "SELECT count(*) FROM visits WHERE email = 'ann@example.com'"); n != "0" {
		t.Errorf("%s visits are left, though what led to them is gone", n)
	}
	if f := h.erasureOf(officer, r.Ref); f.Request.State != rights.Fulfilled {
		t.Errorf("%s %+v", f.Request.State, f.Erasure)
	}
}

func TestASourceThatRefusesHoldsUpTheRestUntilItDoesNot(t *testing.T) {
	h := erasing(t)
	officer := h.officer(rights.RoleOfficer)
	h.execute("shop", "CREATE TRIGGER stay BEFORE DELETE ON customers BEGIN SELECT RAISE(ABORT, 'no'); END")
	r := h.erasure(h.customer(ann))
	h.clock.Advance(72 * time.Hour)
	for range 30 {
		h.runs()
		h.clock.Advance(6 * time.Hour)
	}
	f := h.erasureOf(officer, r.Ref)
	if f.Erasure.State != "erasing" || f.Erasure.Source != "shop" || f.Erasure.Trouble != "refused" {
		t.Errorf("of a source that refuses: %+v", f.Erasure)
	}
	h.execute("shop", "DROP TRIGGER stay")
	h.clock.Advance(6 * time.Hour)
	h.runs()
	if f := h.erasureOf(officer, r.Ref); f.Request.State != rights.Fulfilled {
		t.Errorf("%s %+v", f.Request.State, f.Erasure)
	}
}

func TestAnErasureThatCannotGoOnHoldsUpNoOther(t *testing.T) {
	h := erasing(t)
	broken := h.erasure(h.customer(ann))
	h.clock.Advance(time.Minute)
	h.erasure(h.customer(bo))
	h.clock.Advance(72 * time.Hour)
	if had, err := h.EraseNext(t.Context()); err != nil || !had {
		t.Fatal(had, err)
	}
	if _, err := h.portal().Exec("UPDATE erasures SET holdings = NULL WHERE request_id = $1", broken.ID); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for range 40 {
		had, err := h.EraseNext(t.Context())
		if err != nil {
			failed++
		}
		if !had && err == nil {
			break
		}
	}
	if failed != 1 {
		t.Errorf("it failed %d times in a row", failed)
	}
	if got := h.cell("shop", "SELECT count(*) FROM customers WHERE email = '"+bo+"'"); got != "0" {
		t.Error("somebody else waits for it")
	}
}
