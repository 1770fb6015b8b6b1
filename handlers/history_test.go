package handlers_test

import (
	"html"
	"net/http"
	"regexp"
	"testing"

	"habeas/rights"
)

var undoLink = regexp.MustCompile(`/correct\?[^"]*undo=HB[^"]*`)

func TestAPersonReadsWhatWasCorrectedAndPutsItBack(t *testing.T) {
	s := newPortal(t)
	b, officer := s.customer(marta), s.staff(rights.RoleOfficer)
	old := s.cell("SELECT phone FROM customers WHERE id = 1")
	ref := b.post("/correct", "source", "shop", "collection", "customers", "id", "1", "field", "phone", "old", old, "value", "+49 30 111", "confirm", "yes").filed(t)
	for _, path := range []string{"/data", "/data/shop/customers"} {
		b.get(path).want(t, http.StatusOK).says(t, "What was changed here", old, "+49 30 111", "You", ref, "Put it back")
	}
	b.get("/data/shop/customers?lang=zh-CN").says(t, "变更记录", "您本人", "改回原值")
	officer.get("/staff/requests/"+b.ask(rights.Objection, "Stop.")+"/data/shop/customers").want(t, http.StatusOK).
		says(t, "What was changed here", "The person").hides(t, old, "+49 30 111", "Put it back")

	link := html.UnescapeString(undoLink.FindString(b.get("/data?lang=en").Body))
	b.get(link).want(t, http.StatusOK).says(t, "Stored now +49 30 111")
	if form := b.get(link); !holds(t, form, old) {
		t.Errorf("the form does not propose what stood there: %s", form.Body)
	}
	s.customer(wenbo).get(link).want(t, http.StatusNotFound)
	b.post("/correct", "source", "shop", "collection", "customers", "id", "1", "field", "phone", "old", "+49 30 111", "value", old, "confirm", "yes").filed(t)
	if got := s.cell("SELECT phone FROM customers WHERE id = 1"); got != old {
		t.Errorf("the shop holds %q", got)
	}
}
