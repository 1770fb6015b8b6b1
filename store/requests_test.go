package store_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

func TestARequestComesBackAsItWasWritten(t *testing.T) {
	s := open(t)
	r := aRequest(addSubject(t, s, "ana@example.com").ID)
	r.Clock.Pauses = []rights.Pause{{Why: "identity", From: r.Clock.Start}}
	r.NotBefore = noon.Add(72 * time.Hour)
	addRequest(t, s, r)
	got, err := s.RequestByRef(bg, r.Ref)
	check(t, err)
	if !reflect.DeepEqual(got, r) {
		t.Errorf("got  %+v\nwant %+v", got, r)
	}
}

func TestOfTwoChangesOfOneRequestTheSecondIsToldToReadItAgain(t *testing.T) {
	s := open(t)
	r := addRequest(t, s, aRequest(addSubject(t, s, "ana@example.com").ID))
	assign := func(r rights.Request, owner string) error {
		r.Owner = owner
		return try(s, func(tx *store.Tx) error { return tx.UpdateRequest(r, why("request.assigned")) })
	}
	check(t, assign(r, "ona"))
	if err := assign(r, "otto"); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("the second: %v", err)
	}
	got, err := s.Request(bg, r.ID)
	check(t, err)
	if got.Owner != "ona" || got.Version != r.Version+1 {
		t.Errorf("got %+v", got)
	}
	check(t, assign(got, "otto"))
	got.ID = "unknown"
	if err := assign(got, "otto"); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("an unknown request: %v", err)
	}
	if rows, err := s.EntriesOf(bg, r.Subject, nil, 0, 9); err != nil || len(rows) != 1 {
		t.Errorf("the refused change left an entry: %+v, %v", rows, err)
	}
}

func TestWhatBelongsToNothingIsRefused(t *testing.T) {
	s := open(t)
	for name, do := range map[string]func(tx *store.Tx) error{
		"a request of nobody": func(tx *store.Tx) error { return tx.InsertRequest(aRequest("nobody"), why("request.submitted")) },
		"an event of nothing": func(tx *store.Tx) error { return tx.InsertEvent(rights.Event{ID: "e", Request: "nothing", At: noon}) },
		"a message about nothing": func(tx *store.Tx) error {
			return tx.InsertMessage(rights.Message{ID: "m", Request: "nothing", At: noon}, why("message.sent"))
		},
		"a letter to nobody": func(tx *store.Tx) error {
			return tx.Enqueue(store.Outgoing{ID: "l", Dedupe: "l", Subject: "nobody", QueuedAt: noon})
		},
	} {
		if err := try(s, do); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASubjectsRequestsArePagedNewestFirst(t *testing.T) {
	s := open(t)
	ana, ben := addSubject(t, s, "ana@example.com"), addSubject(t, s, "ben@example.com")
	for i := range 12 {
		r := aRequest(ana.ID)
		r.ReceivedAt = noon.Add(time.Duration(i/5) * time.Minute) // several share a time
		addRequest(t, s, r)
	}
	addRequest(t, s, aRequest(ben.ID))
	seen, last := map[string]bool{}, noon.Add(time.Hour)
	for after, pages := "", 0; ; pages++ {
		found, next, err := s.RequestsOf(bg, ana.ID, after, 4)
		check(t, err)
		for _, r := range found {
			if seen[r.ID] || r.Subject != ana.ID || r.ReceivedAt.After(last) {
				t.Errorf("page %d: %+v is repeated, another's or out of order", pages, r)
			}
			seen[r.ID], last = true, r.ReceivedAt
		}
		if next == "" {
			break
		}
		after = next
	}
	if len(seen) != 12 {
		t.Errorf("%d of 12 were shown", len(seen))
	}
	for _, mark := range []string{"x", "12", "abc.def"} {
		if _, _, err := s.RequestsOf(bg, ana.ID, mark, 4); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("the mark %q: %v", mark, err)
		}
	}
}

func TestStepsOfOneMomentKeepTheirOrder(t *testing.T) {
	s := open(t)
	r := addRequest(t, s, aRequest(addSubject(t, s, "ana@example.com").ID))
	want := strings.Fields("received confirmed assigned paused resumed fulfilled")
	write(t, s, func(tx *store.Tx) error {
		for _, kind := range want {
			if err := tx.InsertEvent(rights.Event{ID: newID(), Request: r.ID, At: noon, Actor: rights.System, Kind: kind, Facts: map[string]string{"k": kind}, Private: kind == "assigned"}); err != nil {
				return err
			}
		}
		return nil
	})
	events, err := s.Events(bg, r.ID)
	check(t, err)
	var got []string
	for _, e := range events {
		got = append(got, e.Kind)
		if e.Facts["k"] != e.Kind || e.Private != (e.Kind == "assigned") || e.Actor != rights.System {
			t.Errorf("an event came back as %+v", e)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestACorrectionIsDecidedOnce(t *testing.T) {
	s := open(t)
	r := addRequest(t, s, aRequest(addSubject(t, s, "ana@example.com").ID))
	c := rights.Correction{Request: r.ID, Source: "shop", Collection: "customers", Record: "7", Field: "city", Mode: "ask", Old: "Bremen", New: "Kiel"}
	write(t, s, func(tx *store.Tx) error { return tx.InsertCorrection(c) })
	decide := func(decision string) error {
		c.Decision, c.DecidedBy, c.DecidedAt = decision, "ona", noon
		return try(s, func(tx *store.Tx) error { return tx.UpdateCorrection(c) })
	}
	check(t, decide("accepted"))
	got, err := s.Correction(bg, r.ID)
	check(t, err)
	if got != c {
		t.Errorf("got %+v, want %+v", got, c)
	}
	if err := decide("declined"); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("a second decision: %v", err)
	}
	if err := try(s, func(tx *store.Tx) error { return tx.HandOver(r.ID) }); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("handed over after the decision: %v", err)
	}
}

func TestACorrectionThatACrashLeftIsFoundAndHandedOver(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "ana@example.com")
	var self rights.Request
	for _, c := range []struct {
		mode     string
		state    rights.State
		decision string
		keep     *rights.Request
	}{
		{"ask", rights.Received, "", nil}, {"self", rights.Received, "accepted", nil},
		{"self", rights.Cancelled, "", nil}, {"self", rights.Received, "", &self},
	} {
		r := aRequest(sub.ID)
		r.State = c.state
		addRequest(t, s, r)
		write(t, s, func(tx *store.Tx) error {
			return tx.InsertCorrection(rights.Correction{Request: r.ID, Mode: c.mode, Decision: c.decision})
		})
		if c.keep != nil {
			*c.keep = r
		}
	}
	if id, err := s.UnsettledCorrection(bg, noon, noon); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("one that is just being written: %q, %v", id, err)
	}
	if id, err := s.UnsettledCorrection(bg, noon.Add(time.Minute), noon); err != nil || id != self.ID {
		t.Errorf("got %q, %v", id, err)
	}
	check(t, try(s, func(tx *store.Tx) error { return tx.HandOver(self.ID) }))
	if c, err := s.Correction(bg, self.ID); err != nil || c.Mode != "ask" {
		t.Errorf("handed over: %+v, %v", c, err)
	}
	if id, err := s.UnsettledCorrection(bg, noon.Add(time.Minute), noon); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("after that: %q, %v", id, err)
	}
}

func TestTheConsentLedgerIsReadWholeAndInPages(t *testing.T) {
	s := open(t)
	r := addRequest(t, s, aRequest(addSubject(t, s, "ana@example.com").ID))
	var want []string
	for i := range 7 {
		choice := []rights.Choice{rights.Granted, rights.Withdrawn}[i%2]
		e := rights.ConsentEvent{ID: newID(), Subject: r.Subject, Purpose: "news", Version: 3, Choice: choice, At: noon, Via: "portal", Language: "zh-CN", TextHash: "ab", Request: r.ID}
		write(t, s, func(tx *store.Tx) error { return tx.InsertConsentEvent(e, why("consent.changed")) })
		want = append(want, e.ID)
	}
	events, err := s.ConsentEvents(bg, r.Subject)
	check(t, err)
	for i, e := range events {
		if e.ID != want[i] || e.Version != 3 || e.Language != "zh-CN" || !e.At.Equal(noon) {
			t.Errorf("event %d: %+v", i, e)
		}
	}
}
