package workflow_test

import (
	"errors"
	"strings"
	"testing"

	"habeas/rights"
	"habeas/sources"
	"habeas/workflow"
)

// desked is everything that the pages of a person's data show an officer, as one text, and the first record's ID.
func (h *house) desked(by rights.Actor, ref string) (text, customer string) {
	h.t.Helper()
	_, holdings, err := h.DeskData(h.t.Context(), by, ref)
	h.must(err)
	var b strings.Builder
	for _, holding := range holdings {
		b.WriteString(holding.Collection.Name + " " + string(holding.State) + " " + string(holding.Reason) + "\n")
		if holding.State != sources.OK {
			continue
		}
		for after, more := "", true; more; more = after != "" {
			var page workflow.Holding
			_, page, after, err = h.DeskRecords(h.t.Context(), by, ref, holding.Collection.Source(), holding.Collection.Name, after, 2)
			h.must(err)
			b.WriteString(after + "\n")
			for _, r := range page.First {
				b.WriteString(r.ID + "\n")
				if holding.Collection.Name == "customers" && customer == "" {
					customer = r.ID
				}
				for _, c := range r.Cells {
					b.WriteString(c.String() + "\n")
				}
			}
		}
	}
	return b.String(), customer
}

// secrets are the values of Annabel Harker in the sources.
var secrets = []string{
	"C-1001", ann, "Annabel", "Harker", "5550101", "70173", "411111", "Nick-Ann", "Pin-Ann", "Order-Ann", "2026-05-02", "Lamp", "Visit-Ann",
}

func TestAnOfficerSeesEveryValueMasked(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	annabel := h.customer(ann)
	ref := h.filed(annabel)
	text, _ := h.desked(officer, ref)
	hides(t, text, secrets...)
	says(t, text, "customers ok", "orders ok", "visits ok", "a***@example.com", "A****** H*****", "****")
	looks, err := h.Activity(t.Context(), annabel, 0, 1)
	h.must(err)
	if looks[0].Act != "data.opened" || looks[0].Actor.ID != officer.ID || looks[0].Facts["collection"] == "" {
		t.Errorf("she sees %+v", looks[0])
	}
	up := h.down("journal")
	text, _ = h.desked(officer, ref)
	up()
	says(t, text, "visits failed", "customers ok")
}

func TestOneValueIsRevealedForAReasonAndThePersonSeesIt(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	annabel := h.customer(ann)
	ref := h.filed(annabel)
	_, customer := h.desked(officer, ref)
	got, err := h.Reveal(t.Context(), officer, ref, workflow.Reveal{
		Source: "shop", Collection: "customers", Record: customer, Field: "phone", Reason: "other", Words: "The courier asks which of two",
	})
	h.must(err)
	if got.Cell.String() != "+49 711 5550101" {
		t.Errorf("revealed %q", got.Cell)
	}
	for _, c := range got.Holding.First[0].Cells {
		hides(t, c.String(), secrets...)
	}
	looks, err := h.Activity(t.Context(), annabel, 0, 1)
	h.must(err)
	if l := looks[0]; l.Act != "data.revealed" || l.Facts["field"] != "phone" || l.Facts["reason"] != "other" || l.Facts["words"] != "" {
		t.Errorf("she sees %+v", l)
	}
	f, err := h.Folder(t.Context(), officer, ref, "en")
	h.must(err)
	last := f.Events[len(f.Events)-1]
	if last.Kind != "revealed" || !last.Private || last.Detail != "The courier asks which of two" {
		t.Errorf("the history says %+v", last)
	}
	for range 29 {
		_, err = h.Reveal(t.Context(), officer, ref, workflow.Reveal{Source: "shop", Collection: "customers", Record: customer, Field: "name", Reason: "verify"})
		h.must(err)
	}
	_, err = h.Reveal(t.Context(), officer, ref, workflow.Reveal{Source: "shop", Collection: "customers", Record: customer, Field: "name", Reason: "verify"})
	if !errors.Is(err, rights.ErrTooMany) {
		t.Errorf("the 31st value of the day: %v", err)
	}
}

func TestWhatIsNotRevealed(t *testing.T) {
	h := open(t)
	officer, auditor, admin := h.officer(rights.RoleOfficer), h.officer(rights.RoleAuditor), h.officer(rights.RoleAdmin)
	annabel := h.customer(ann)
	ref := h.filed(annabel)
	hers := workflow.Reveal{Source: "shop", Collection: "customers", Field: "name", Reason: "verify"}
	_, hers.Record = h.desked(officer, ref)
	boris := h.customer(bo)
	his := h.filed(boris)
	_, borisID := h.desked(officer, his)
	closed := h.filed(annabel)
	h.must(h.Cancel(t.Context(), annabel, closed))
	_, closedID := h.desked(officer, closed)
	for _, c := range []struct {
		sentence string
		by       rights.Actor
		ref      string
		change   func(*workflow.Reveal)
		want     string
	}{
		{"to an auditor", auditor, ref, func(*workflow.Reveal) {}, "404"},
		{"to an admin", admin, ref, func(*workflow.Reveal) {}, "404"},
		{"to the person's own session", annabel, ref, func(*workflow.Reveal) {}, "404"},
		{"without a reason", officer, ref, func(v *workflow.Reveal) { v.Reason = "" }, "reveal.error.reason"},
		{"for another reason without words", officer, ref, func(v *workflow.Reveal) { v.Reason = "other" }, "people.error.reason"},
		{"for another reason in too few", officer, ref, func(v *workflow.Reveal) { v.Reason, v.Words = "other", "because" }, "people.error.reason"},
		{"a field that is not there", officer, ref, func(v *workflow.Reveal) { v.Field = "shoe_size" }, "reveal.error.field"},
		{"a member of a structure by itself", officer, ref, func(v *workflow.Reveal) { v.Field = "prefs.nick" }, "reveal.error.field"},
		{"of a record as the source calls it", officer, ref, func(v *workflow.Reveal) { v.Record = "1" }, "404"},
		{"of another's record", officer, ref, func(v *workflow.Reveal) { v.Record = borisID }, "404"},
		{"of a record on another's request", officer, his, func(*workflow.Reveal) {}, "404"},
		{"of no record", officer, ref, func(v *workflow.Reveal) { v.Record = "" }, "404"},
		{"of a collection that is not there", officer, ref, func(v *workflow.Reveal) { v.Collection = "secrets" }, "404"},
		{"on a request that is closed", officer, closed, func(v *workflow.Reveal) { v.Record = closedID }, "reveal.error.closed"},
	} {
		v := hers
		c.change(&v)
		got, err := h.Reveal(t.Context(), c.by, c.ref, v)
		fault := fault(err)
		if errors.Is(err, rights.ErrNotFound) {
			fault = "404"
		}
		if fault != c.want || got.Cell.Field != nil {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
	if n := h.count(annabel.ID, "data.revealed"); n != 0 {
		t.Errorf("%d were written down", n)
	}
}

func TestNoLawLetsCredentialsBeRevealedAndSomeLetLess(t *testing.T) {
	eu, _ := rights.RegimeByID("eu_gdpr")
	california, _ := rights.RegimeByID("ccpa")
	field := func(category string) *workflow.Field {
		return &workflow.Field{Name: "x", Categories: []string{"user.name", category}}
	}
	for _, c := range []struct {
		sentence, category string
		regime             rights.Regime
		want               bool
	}{
		{"a phone number", "user.contact.phone_number", eu, true},
		{"a password", "user.authorization.password", eu, false},
		{"what signs a session in", "system.authentication", eu, false},
		{"an identity number in Europe", "user.government_id", eu, true},
		{"an identity number in California (11 CCR 7024(d))", "user.government_id.ssn", california, false},
		{"an account number in California", "user.financial.bank_account", california, false},
	} {
		if got := workflow.Revealable(c.regime, field(c.category)); got != c.want {
			t.Errorf("%s: %v", c.sentence, got)
		}
	}
}
