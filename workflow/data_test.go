package workflow_test

import (
	"errors"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/workflow"
)

func TestViewingIsOneAccessRequestASession(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	h.sees(by)
	h.sees(by)
	list, _, err := h.Requests(t.Context(), by, "", 10)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d requests of one session, %v", len(list), err)
	}
	r := list[0]
	if r.Right != rights.Access || !r.Routine || r.State != rights.Fulfilled || !r.ClosedAt.Equal(r.ReceivedAt) || r.Due.IsZero() {
		t.Errorf("it is filed as %+v", r)
	}
	if len(h.letters(ann)) != 1 {
		t.Error("looking brings a letter besides the code")
	}
	officer := h.officer(rights.RoleOfficer)
	for view, want := range map[string]int{"open": 0, "": 0, "unassigned": 0, "closed": 0, "routine": 1, "all": 1} {
		lines, _, err := h.Queue(t.Context(), officer, workflow.QueueQuery{View: view, Limit: 10})
		if err != nil || len(lines) != want {
			t.Errorf("%d lines in the officers' view %q, %v", len(lines), view, err)
		}
	}
	h.sees(h.again(ann))
	if list, _, err = h.Requests(t.Context(), by, "", 10); err != nil || len(list) != 2 {
		t.Errorf("%d requests of two sessions, %v", len(list), err)
	}
}

func TestEveryReadOfPersonalDataIsLogged(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	officer := h.officer(rights.RoleOfficer)
	ref := h.filed(by)
	ctx := t.Context()
	for _, c := range []struct {
		sentence, act string
		read          func() error
	}{
		{"the overview", "data.viewed", func() error { _, err := h.Overview(ctx, by); return err }},
		{"a page of records", "data.viewed", func() error { _, _, err := h.Records(ctx, by, "shop", "orders", "", 10); return err }},
		{"one value to correct", "data.viewed", func() error {
			_, err := h.Editable(ctx, by, workflow.Spot{Source: "shop", Collection: "customers", Record: "1", Field: "phone"})
			return err
		}},
		{"a request, by an officer", "request.read", func() error { _, err := h.Folder(ctx, officer, ref, "en"); return err }},
	} {
		before := h.count(by.ID, c.act)
		if err := c.read(); err != nil {
			t.Errorf("%s: %v", c.sentence, err)
		}
		if n := h.count(by.ID, c.act) - before; n != 1 {
			t.Errorf("%s left %d entries", c.sentence, n)
		}
	}
	looks, err := h.Activity(ctx, by, 0, 100)
	if err != nil || len(looks) != 4 || !looks[0].Actor.IsStaff() {
		t.Errorf("the person sees %d looks, %v", len(looks), err)
	}
	if more, err := h.Activity(ctx, by, looks[1].Seq, 100); err != nil || len(more) != 2 {
		t.Errorf("the next page has %d, %v", len(more), err)
	}
	if theirs, err := h.Activity(ctx, h.customer(bo), 0, 100); err != nil || len(theirs) != 0 {
		t.Errorf("somebody else sees %d of them, %v", len(theirs), err)
	}
}

func TestCoreValuesAreMaskedWithoutAFreshProofInsideStructuresToo(t *testing.T) {
	h := open(t)
	core := []string{"411111111111", "Pin-Ann-1", "Pin-Ann-2", "Pin-Ann-3"}
	by := h.customer(ann)
	says(t, h.sees(by), core...)
	h.clock.Advance(11 * time.Minute)
	seen := h.sees(by)
	hides(t, seen, core...)
	says(t, seen, "Nick-Ann", "1111", "****")
	h.clock.Advance(time.Second)
	h.stepUp(by, workflow.ActReveal)
	says(t, h.sees(by), core...)
}

func TestAStructureWithACoreValueInsideSaysThatItIsMasked(t *testing.T) {
	h := open(t)
	c := h.Sources.Collection("shop", "customers")
	for field, want := range map[string]bool{"name": false, "card": true, "prefs": true} {
		if got := workflow.Masked(c.Field(field)); got != want {
			t.Errorf("%s: %v", field, got)
		}
	}
}

func TestACollectionThatIsNotThereIsNotFound(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	for _, c := range [][3]string{{"shop", "secrets", ""}, {"nosuch", "customers", ""}, {"shop", "customers", "not~a~key"}, {"", "", ""}} {
		if _, _, err := h.Records(t.Context(), by, c[0], c[1], c[2], 10); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%v: %v", c, err)
		}
	}
}

func TestASourceThatIsDownLeavesTheOthersReadable(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	defer h.down("journal")()
	seen := h.sees(by)
	says(t, seen, "Annabel Harker", "visits failed down")
	_, _, err := h.Records(t.Context(), by, "journal", "visits", "", 10)
	var down *sources.SourceError
	if !errors.As(err, &down) || !workflow.Unavailable(err) {
		t.Errorf("a page of it: %v", err)
	}
}
