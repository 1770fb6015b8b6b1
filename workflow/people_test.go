package workflow_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

// person looks somebody up who must be there, alone.
func (h *house) found(by rights.Actor, text string) string {
	h.t.Helper()
	found, err := h.FindPerson(h.t.Context(), by, text)
	h.must(err)
	if len(found.People) != 1 {
		h.t.Fatalf("%q finds %d people", text, len(found.People))
	}
	return found.People[0].ID
}

func TestPeopleAreFoundExactlyOrNotAtAll(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	annabel := h.customer(ann)
	ref := h.filed(annabel)
	h.customer(nobody)
	for _, c := range []struct {
		sentence, text string
		want           string
	}{
		{"the address", ann, annabel.ID},
		{"the address in capitals", "ANN@Example.COM", annabel.ID},
		{"the customer number", "C-1001", annabel.ID},
		{"the customer number as it is spoken", " c 1001 ", annabel.ID},
		{"a reference of theirs", ref, annabel.ID},
		{"part of the address", "ann@example", ""},
		{"the name before the at", "ann", ""},
		{"a wildcard", "*", ""},
		{"a wildcard of SQL", "%", ""},
		{"a wildcard in an address", "%@example.com", ""},
		{"another in an address", "ann_@example.com", ""},
		{"part of the number", "C-100", ""},
		{"a number with a wildcard", "C-100%", ""},
		{"SQL", "' OR 1=1 --", ""},
		{"nothing", "   ", ""},
		{"a lookalike: Cyrillic а", "аnn@example.com", ""},
		{"a lookalike: a Latin letter with a dot below", "ạnn@example.com", ""},
		{"in full width, as Chinese keyboards write", "ａnn@example.com", annabel.ID},
		{"with a zero-width space, which nobody sees", "a\u200bnn@example.com", annabel.ID},
		{"the name", "Annabel Harker", ""},
		{"a telephone number, which people share", "+49 711 5550101", ""},
		{"a postcode, which would be a list", "70173", ""},
		{"a reference that is nobody's", "HB-0000-0000", ""},
	} {
		found, err := h.FindPerson(t.Context(), officer, c.text)
		if err != nil {
			t.Errorf("%s: %v", c.sentence, err)
			continue
		}
		got := ""
		for _, p := range found.People {
			got += p.ID
		}
		if got != c.want {
			t.Errorf("%s: found %q", c.sentence, got)
		}
	}
}

func TestASearchIsCountedWrittenDownAndShownToWhomItFound(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	annabel := h.customer(ann)
	for range 25 {
		h.found(officer, ann)
	}
	for i := range 25 {
		if _, err := h.FindPerson(t.Context(), officer, fmt.Sprintf("guess%d@example.com", i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.FindPerson(t.Context(), officer, ann); !errors.Is(err, rights.ErrTooMany) {
		t.Errorf("the 51st search of the day: %v", err)
	}
	if n := h.count(annabel.ID, "person.searched"); n != 25 {
		t.Errorf("her log has %d searches", n)
	}
	if n := h.count("", "person.searched"); n != 25 {
		t.Errorf("the log has %d that found nobody", n)
	}
	looks, err := h.Activity(t.Context(), annabel, 0, 1)
	h.must(err)
	if looks[0].Act != "person.searched" || looks[0].Actor.ID != officer.ID {
		t.Errorf("she sees %+v", looks[0])
	}
	h.clock.Advance(24 * time.Hour)
	h.found(officer, ann)
}

func TestANumberOfSomebodyWhoNeverCameIsToldFromOneThatNobodyHas(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	for _, c := range []struct {
		sentence, number string
		lists            int
	}{
		{"a customer's", "C-1002", 1},
		{"a customer's in small letters", "c-1002", 1},
		{"nobody's", "C-9999", 0},
		{"a wildcard", "C-%", 0},
	} {
		found, err := h.FindPerson(t.Context(), officer, c.number)
		if err != nil || len(found.People) != 0 || len(found.Elsewhere) != c.lists || found.Down != nil {
			t.Errorf("%s: %+v, %v", c.sentence, found, err)
		}
	}
	up := h.down("shop")
	found, err := h.FindPerson(t.Context(), officer, "C-1002")
	up()
	if err != nil || found.Down == nil || found.Down.Name != "customers" {
		t.Errorf("while the shop is down: %+v, %v", found, err)
	}
}

func TestWhoMayLookPeopleUp(t *testing.T) {
	h := open(t)
	annabel := h.customer(ann)
	other := h.customer(bo)
	for _, c := range []struct {
		by   rights.Actor
		want error
	}{
		{h.officer(rights.RoleOfficer), nil},
		{h.officer(rights.RoleApprover), nil},
		{h.officer(rights.RoleAuditor), nil}, // reads everything
		{h.officer(rights.RoleAdmin), rights.ErrNotFound},
		{rights.Actor{ID: "staff-officer"}, rights.ErrNotFound}, // the second factor has not passed
		{other, rights.ErrNotFound},
		{annabel, rights.ErrNotFound},
	} {
		if _, err := h.FindPerson(t.Context(), c.by, ann); !errors.Is(err, c.want) {
			t.Errorf("%s searches: %v", c.by.Role, err)
		}
		if _, err := h.Profile(t.Context(), c.by, annabel.ID, workflow.ProfileAt{}); !errors.Is(err, c.want) {
			t.Errorf("%s opens a page: %v", c.by.Role, err)
		}
	}
}

func TestAProfileHoldsEverythingButTheirData(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	annabel := h.customer(ann)
	ref := h.filed(annabel)
	h.clock.Advance(time.Minute)
	h.must(h.Consent(t.Context(), annabel, "newsletter", rights.Granted, "en"))
	h.deliver()
	h.sees(annabel)
	p, err := h.Profile(t.Context(), officer, annabel.ID, workflow.ProfileAt{})
	h.must(err)
	if p.Mailbox != "a***@example.com" || p.Regime != "eu_gdpr" || p.Since != (rights.Date{Year: 2026, Month: time.November, Day: 23}) {
		t.Errorf("who: %+v", p.Card)
	}
	if len(p.Numbers) != 1 || p.Numbers[0] != "****" || len(p.Lists) != 1 || p.Lists[0].Name != "customers" {
		t.Errorf("how they are known: %v in %d lists", p.Numbers, len(p.Lists))
	}
	if len(p.Requests) != 3 || p.Card.Requests != 3 || p.Requests[2].Ref != ref { // the objection, the consent, the viewing
		t.Errorf("requests: %+v", p.Requests)
	}
	if len(p.Consents) != 1 || p.Standings[0].Choice != rights.Granted {
		t.Errorf("consents: %+v, %+v", p.Consents, p.Standings)
	}
	if len(p.Letters) != 2 || p.Letters[0].State != "sent" {
		t.Errorf("letters: %+v", p.Letters)
	}
	if p.Looks[0].Act != "person.viewed" || p.Names[p.Looks[0].Actor.ID] != "Mei Kwan" || p.Looks[1].Actor.ID != annabel.ID {
		t.Errorf("looks: %+v", p.Looks)
	}
	looks, err := h.Activity(t.Context(), annabel, 0, 1)
	if err != nil || looks[0].Act != "person.viewed" {
		t.Errorf("she does not see that her page was opened: %+v, %v", looks, err)
	}
}

func TestAProfileIsReadInPages(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	annabel := h.customer(ann)
	for i := range 45 {
		if i%20 == 0 {
			h.clock.Advance(24 * time.Hour)
		}
		r, err := h.Submit(t.Context(), annabel, workflow.Ask{Right: rights.Objection, Text: "No", Language: "en"})
		if err != nil {
			t.Fatalf("%d, %s: %v", i, r.Ref, err)
		}
	}
	seen := map[string]bool{}
	at := workflow.ProfileAt{}
	for pages := 1; ; pages++ {
		p, err := h.Profile(t.Context(), officer, annabel.ID, at)
		h.must(err)
		for _, r := range p.Requests {
			if seen[r.Ref] {
				t.Errorf("%s twice", r.Ref)
			}
			seen[r.Ref] = true
		}
		if at.Requests = p.NextPage; at.Requests == "" {
			if len(seen) != 45 || pages != 3 {
				t.Errorf("%d requests on %d pages", len(seen), pages)
			}
			break
		}
	}
	_, err := h.Profile(t.Context(), officer, annabel.ID, workflow.ProfileAt{Requests: "not.a.mark"})
	if !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("a mark that somebody typed: %v", err)
	}
	if _, err := h.Profile(t.Context(), officer, "nobody", workflow.ProfileAt{}); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("the page of nobody: %v", err)
	}
}

func TestTheQueueFindsRequestsByAddressAndNumberOfWhoeverIsShownAsOne(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	cleo := h.chosen("C-1003")
	hers := h.filed(cleo)
	dario := h.chosen("C-1004")
	his := h.filed(dario)
	search := func(text string) string {
		t.Helper()
		lines, _, err := h.QueueSearch(t.Context(), officer, workflow.QueueQuery{View: "open"}, text)
		h.must(err)
		var refs []string
		for _, l := range lines {
			refs = append(refs, l.Ref)
		}
		slices.Sort(refs)
		return strings.Join(refs, " ")
	}
	both := slices.Sorted(slices.Values([]string{hers, his}))
	for _, c := range []struct{ text, want string }{
		{pair, strings.Join(both, " ")}, {"C-1003", hers}, {"c1004", his}, {"C-100", ""}, {"%", ""}, {"pair@", ""},
	} {
		if got := search(c.text); got != c.want {
			t.Errorf("%q finds %q, want %q", c.text, got, c.want)
		}
	}
	h.must(h.Decide(t.Context(), officer, cleo.ID, dario.ID, true, because))
	if got := search("C-1004"); got != strings.Join(both, " ") {
		t.Errorf("once they are one, his number finds %q", got)
	}
}

func TestWhoWasRegisteredAtTheDeskIsFoundByTheirNumberToo(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	r, err := h.Register(t.Context(), officer, workflow.Registration{
		Channel: rights.ByPhone, Right: rights.Objection, Regime: "eu_gdpr", Language: "en", ReceivedAt: h.Now(), Mailbox: bo, Text: "He rang", Identity: rights.Unidentified,
	})
	h.must(err)
	if got := h.found(officer, "C-1002"); got != r.Subject {
		t.Errorf("his number finds %s, not %s", got, r.Subject)
	}
}
