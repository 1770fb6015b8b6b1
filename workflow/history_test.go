package workflow_test

import (
	"errors"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

func TestWhoSeesARecordSeesWhatWasCorrectedInIt(t *testing.T) {
	h := open(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	first, err := h.Correct(t.Context(), by, changed("phone", "+49 30 111"), "en")
	h.must(err)
	h.clock.Advance(time.Minute)
	asked, err := h.Correct(t.Context(), by, changed("name", "Anna Harker"), "en")
	h.must(err)
	h.must(h.Accept(t.Context(), officer, asked.Ref, asked.Version))
	h.clock.Advance(time.Minute)
	_, err = h.Correct(t.Context(), h.customer(bo), changedOf("2", "phone", "+46 8 5550102", "+46 8 1"), "en")
	h.must(err)
	page, _, err := h.Records(t.Context(), by, "shop", "customers", "", 5)
	h.must(err)
	if len(page.History) != 2 {
		t.Fatalf("she sees %+v", page.History)
	}
	for i, want := range []workflow.Alteration{
		{Was: "Annabel Harker", Became: "Anna Harker", By: "team", Ref: asked.Ref, Stands: true},
		{Was: "+49 711 5550101", Became: "+49 30 111", By: "person", Ref: first.Ref, Stands: true},
	} {
		got := page.History[i]
		got.Record, got.Field, got.At = "", nil, time.Time{}
		if got != want {
			t.Errorf("%d: %+v, want %+v", i, got, want)
		}
	}
	_, desk, _, err := h.DeskRecords(t.Context(), officer, h.filed(by), "shop", "customers", "", 5)
	h.must(err)
	for _, a := range desk.History {
		hides(t, a.Was+a.Became+a.Record, "Anna", "Harker", "5550101", "30 111")
	}
}

func TestTheHistoryOfACoreFieldIsMaskedUntilAFreshProof(t *testing.T) {
	h := disclosing(t) // where a card may be corrected
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r, err := h.Correct(t.Context(), by, workflow.Change{Spot: spot("card"), Old: "4111111111111111", New: "4000000000000002"}, "en")
	h.must(err)
	h.must(h.Accept(t.Context(), officer, r.Ref, r.Version))
	page, _, err := h.Records(t.Context(), by, "shop", "customers", "", 5)
	if h.must(err); page.History[0].Was != "4111111111111111" {
		t.Errorf("after a proof: %+v", page.History)
	}
	h.clock.Advance(11 * time.Minute)
	page, _, err = h.Records(t.Context(), by, "shop", "customers", "", 5)
	if h.must(err); page.History[0].Was != "4111 **** **** 1111" || page.History[0].Became != "4000 **** **** 0002" {
		t.Errorf("without one: %+v", page.History)
	}
}

func TestWhatAnOfficerRevealsTheyReadTheHistoryOf(t *testing.T) {
	h := open(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	_, err := h.Correct(t.Context(), by, changed("phone", "+49 30 111"), "en")
	h.must(err)
	ref := h.filed(by)
	_, customer := h.desked(officer, ref)
	for field, shown := range map[string]bool{"phone": true, "postcode": false} {
		got, err := h.Reveal(t.Context(), officer, ref, workflow.Reveal{Source: "shop", Collection: "customers", Record: customer, Field: field, Reason: "verify"})
		h.must(err)
		if was := got.Holding.History[0].Was; was == "+49 711 5550101" != shown {
			t.Errorf("%s was revealed, and the telephone number that was there reads %q", field, was)
		}
	}
}

func TestACorrectionIsTakenBackByAnother(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r, err := h.Correct(t.Context(), by, changed("phone", "+49 30 111"), "en")
	h.must(err)
	was, err := h.Before(t.Context(), by, r.Ref, spot("phone"))
	if h.must(err); was != "+49 711 5550101" {
		t.Fatalf("it was %q", was)
	}
	for sentence, c := range map[string]struct {
		by rights.Actor
		at workflow.Spot
	}{
		"somebody else's":  {h.customer(bo), spot("phone")},
		"of another field": {by, spot("name")},
	} {
		if _, err := h.Before(t.Context(), c.by, r.Ref, c.at); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	h.clock.Advance(time.Minute)
	back := changed("phone", was)
	back.Old = "+49 30 111"
	if _, err := h.Correct(t.Context(), by, back, "en"); err != nil || h.phone() != was {
		t.Fatalf("%v, the source holds %q", err, h.phone())
	}
	page, _, err := h.Records(t.Context(), by, "shop", "customers", "", 5)
	if h.must(err); len(page.History) != 2 || !page.History[0].Stands || page.History[1].Stands || page.History[1].Ref != r.Ref {
		t.Errorf("both stay to be read: %+v", page.History)
	}
}
