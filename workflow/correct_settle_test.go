package workflow_test

import (
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

// stuck files a correction that dies between its request and its source, and returns its request.
func (h *house) stuck(by rights.Actor, field, to string) rights.Request {
	h.t.Helper()
	h.crashing(by, 0, func() { _, _ = h.Correct(h.t.Context(), by, changed(field, to), "en") })
	list, _, err := h.Requests(h.t.Context(), by, "", 1)
	h.must(err)
	return list[0]
}

// A correction whose words went with the key of its person cannot be written by anybody. It is dropped, once, and said so.
func TestACorrectionOfSomebodyForgottenIsDroppedAndHoldsUpNoOther(t *testing.T) {
	h := open(t)
	gone, by := h.customer(ann), h.customer(bo)
	lost := h.stuck(gone, "phone", "+49 30 111")
	h.clock.Advance(time.Second)
	h.must(h.Store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.DestroySubjectKey(gone.ID, rights.Entry{At: h.Now(), Actor: rights.System, Act: "subject.erased", Subject: gone.ID})
	}))
	h.must(h.Store.Write(t.Context(), func(tx *store.Tx) error { // Bo's waits behind it
		r := rights.Request{ID: "bo-correction", Ref: "HB-0000-0001", Subject: by.ID, Right: rights.Rectification, Regime: "eu_gdpr", Channel: rights.ByPortal, Language: "en",
			State: rights.InProgress, ReceivedAt: h.Now(), Identity: rights.ByMailbox, Version: 1}
		if err := tx.InsertRequest(r, rights.Entry{At: h.Now(), Actor: by, Act: "request.received", Subject: by.ID, Request: r.ID}); err != nil {
			return err
		}
		return tx.InsertCorrection(rights.Correction{Request: r.ID, Source: "shop", Collection: "customers", Record: "2", Field: "phone", Mode: "self", Old: "+46 8 5550102", New: "+46 8 1"})
	}))
	h.clock.Advance(2 * time.Minute)
	for i, want := range []bool{true, true, false} {
		if had, err := h.SettleCorrection(t.Context()); had != want || err != nil {
			t.Fatalf("step %d: %v, %v", i+1, had, err)
		}
	}
	if got := h.cell("shop", "SELECT phone FROM customers WHERE id = 2"); got != "+46 8 1" {
		t.Errorf("the one behind it stands at %q", got)
	}
	if r := h.reread(lost); h.count(gone.ID, "correction.dropped") != 1 || !r.State.Open() {
		t.Errorf("dropped %d times, its request stands at %s", h.count(gone.ID, "correction.dropped"), r.State)
	}
}

// What nobody foresaw is put off, ever longer, and what waits behind it is settled.
func TestACorrectionThatCannotBeSettledIsPutOff(t *testing.T) {
	h := open(t)
	first, second := h.customer(ann), h.customer(bo)
	stuck := h.stuck(first, "phone", "+49 30 111")
	h.clock.Advance(time.Second)
	h.must(h.Store.Write(t.Context(), func(tx *store.Tx) error {
		s, err := tx.Subject(t.Context(), first.ID)
		if err != nil {
			return err
		}
		s.Person = "not a person" // which no code of ours writes
		return tx.UpdateSubject(s, rights.Entry{At: h.Now(), Actor: rights.System, Act: "subject.recognised", Subject: s.ID})
	}))
	h.clock.Advance(2 * time.Minute)
	if had, err := h.SettleCorrection(t.Context()); !had || err == nil {
		t.Fatalf("it says nothing: %v, %v", had, err)
	}
	if had, err := h.SettleCorrection(t.Context()); had || err != nil {
		t.Errorf("it is tried again at once: %v, %v", had, err)
	}
	h.crashing(second, 0, func() {
		_, _ = h.Correct(t.Context(), second, changedOf("2", "phone", "+46 8 5550102", "+46 8 1"), "en")
	})
	h.clock.Advance(61 * time.Second)
	var tried []bool
	for range 3 {
		had, err := h.SettleCorrection(t.Context())
		tried = append(tried, had && err == nil)
	}
	if got := h.cell("shop", "SELECT phone FROM customers WHERE id = 2"); got != "+46 8 1" {
		t.Errorf("the other stands at %q after %v", got, tried)
	}
	if r := h.reread(stuck); !r.State.Open() {
		t.Error("it was closed, although it was not done")
	}
}
