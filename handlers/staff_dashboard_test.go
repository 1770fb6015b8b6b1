package handlers_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

// busy is a portal with requests that came in and were answered in the last thirty days.
func busy(t *testing.T) *site {
	s := newPortal(t)
	person := s.customer(marta)
	for range 3 {
		person.ask(rights.Objection, "Stop.")
	}
	person.post("/consents/newsletter", "state", "granted")
	answered := person.ask(rights.Erasure, "")
	person.post("/requests/"+answered+"/cancel").want(t, http.StatusSeeOther)
	waits := person.ask(rights.Restriction, "Wait.")
	s.clock.Advance(40 * 24 * time.Hour)
	s.fulfilled(waits)
	return s
}

func (s *site) fulfilled(ref string) {
	s.t.Helper()
	r := s.request(ref)
	r.State, r.ClosedAt = rights.Fulfilled, s.clock.Now()
	s.must(s.Store.Write(s.t.Context(), func(tx *store.Tx) error {
		return tx.UpdateRequest(r, rights.Entry{At: s.clock.Now(), Actor: rights.System, Act: "request.fulfilled"})
	}))
}

func (s *site) request(ref string) rights.Request {
	s.t.Helper()
	r, err := s.Store.RequestByRef(s.t.Context(), ref)
	s.must(err)
	return r
}

func TestTheDashboardSaysWhatTheDeskDid(t *testing.T) {
	s := busy(t)
	o := s.staff(rights.RoleAuditor)
	page := o.get("/staff/dashboard?from=2026-11-01&to=2027-01-31").want(t, http.StatusOK)
	page.says(t,
		"1 November 2026 to 31 January 2027, 92 days",
		"Came in 5", "Answered 1", "On time 0 %", "1 late", "Half within 40 days",
		"5 came in and 1 were answered, 1 of them late.",
		"Most: Objection, 3 requests.", "The privacy centre",
		"1 that people took back", "Consent: Newsletter", "Given 1 times, withdrawn 0 times.", "1 request that the portal answered at once by itself",
	)
	page.hides(t, marta, "Marta")
	o.get("/staff/dashboard?from=2026-10-01&to=2026-10-30").want(t, http.StatusOK).says(t, "Nothing in this range.", "Came in 0", "as many as before")
	o.language = "zh-CN"
	o.get("/staff/dashboard?from=2026-11-01&to=2027-01-31").want(t, http.StatusOK).says(t, "共收到 5 项，答复 1 项，其中逾期 1 项。")
}

// What came in is drawn, so it is what the order and the finding are of: answers to what came in before do not count.
func TestAChartBeginsWithWhatMostCameInOf(t *testing.T) {
	s := newPortal(t)
	person := s.customer(marta)
	earlier := []string{person.ask(rights.Restriction, "Wait."), person.ask(rights.Restriction, "Wait."), person.ask(rights.Restriction, "Wait.")}
	s.clock.Advance(10 * 24 * time.Hour)
	for _, ref := range earlier {
		s.fulfilled(ref)
	}
	person = s.customer(marta)
	person.ask(rights.Restriction, "Wait.")
	for range 2 {
		person.ask(rights.Objection, "Stop.")
	}
	day := s.clock.Now().Format(time.DateOnly)
	s.staff(rights.RoleOfficer).get("/staff/dashboard?from="+day+"&to="+day).want(t, http.StatusOK).says(t, "Came in 3", "Answered 3", "Most: Objection, 2 requests.")
}

func TestARangeThatCannotBeIsSaid(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	for _, row := range []struct{ query, says string }{
		{"from=2026-12-01&to=2026-11-01", "Choose a first day that is not after the last"},
		{"from=2020-01-01&to=2026-11-01", "at most three years"},
		{"from=yesterday", "Write the day as 2026-01-31."},
		{"to=2026-02-30", "Write the day as 2026-01-31."},
		{"from=0001-01-01&to=9999-12-31", "Write the day as 2026-01-31."},
	} {
		o.get("/staff/dashboard?"+row.query).want(t, http.StatusUnprocessableEntity).says(t, row.says)
		o.get("/staff/dashboard.csv?chart=weeks&"+row.query).hides(t, "\ufeff")
	}
}

func TestTheNumbersOfAChartCanBeTakenAway(t *testing.T) {
	s := busy(t)
	o := s.staff(rights.RoleOfficer)
	r := o.get("/staff/dashboard.csv?chart=right&from=2026-11-01&to=2027-01-31").want(t, http.StatusOK)
	if got := r.Header.Get("Content-Disposition"); got != `attachment; filename="right-2026-11-01-2027-01-31.csv"` {
		t.Errorf("it is called %s", got)
	}
	rows := readCSV(t, r)
	if got := strings.Join(rows[1], "|"); got != "Objection|3|0|0|–|–|–" {
		t.Errorf("its first row is %s", got)
	}
	o.get("/staff/dashboard.csv?chart=people&from=2026-11-01&to=2027-01-31").want(t, http.StatusNotFound)
}

func readCSV(t *testing.T, r reply) [][]string {
	t.Helper()
	text, marked := strings.CutPrefix(r.Body, "\ufeff")
	if !marked || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/csv") || !strings.Contains(text, "\r\n") {
		t.Errorf("a spreadsheet would not know it: %q as %s", r.Body[:20], r.Header.Get("Content-Type"))
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestTheYearlyNumbersOfCalifornia(t *testing.T) {
	s := newPortal(t)
	person := s.customer(marta)
	person.post("/requests", "right", "opt_out", "regime", "ccpa").filed(t)
	person.post("/requests", "right", "access", "regime", "eu_gdpr", "text", "All.").filed(t)
	o := s.staff(rights.RoleAdmin)
	page := o.get("/staff/dashboard/ccpa?year=2026").want(t, http.StatusOK)
	page.says(t, "Yearly numbers 2026", "11 CCR 7102(a)", "To opt out of sale or sharing 1 0 0 0 0 1", "To know 0 0 0")
	o.get("/staff/dashboard/ccpa?year=2026&regime=all").want(t, http.StatusOK).says(t, "To know 1 0 0", "wherever they live")
	rows := readCSV(t, o.get("/staff/dashboard/ccpa.csv?year=2026").want(t, http.StatusOK))
	if len(rows) != 6 || rows[4][0] != "To opt out of sale or sharing" || rows[4][1] != "1" {
		t.Errorf("the file says %v", rows)
	}
	for _, bad := range []string{"year=2027", "year=1999", "year=x", "regime=moon"} {
		o.get("/staff/dashboard/ccpa?"+bad).want(t, http.StatusNotFound)
	}
}

// Off, the page is not there; on, it tells nothing of few people.
func TestTheTransparencyPageTellsNothingOfFew(t *testing.T) {
	s := newPortal(t)
	anybody := s.browser()
	anybody.get("/transparency").want(t, http.StatusNotFound)
	anybody.get("/transparency.csv").want(t, http.StatusNotFound)
	set := rights.DefaultSettings()
	set.PublicMetrics = true
	s.must(s.Store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SaveSettings(set, 0, rights.Entry{At: s.clock.Now(), Actor: rights.System, Act: "settings.changed"})
	}))
	s.customer(marta).ask(rights.Access, "All of it.")
	for i := range 12 {
		r := s.request(s.customer(wenbo).ask(rights.Restriction, "Wait."))
		if i > 0 {
			r.State, r.ClosedAt = rights.Fulfilled, s.clock.Now()
		}
		s.must(s.Store.Write(t.Context(), func(tx *store.Tx) error {
			return tx.UpdateRequest(r, rights.Entry{At: s.clock.Now(), Actor: rights.System, Act: "request.fulfilled"})
		}))
		s.clock.Advance(25 * time.Hour)
	}
	s.clock.Advance(60 * 24 * time.Hour)
	page := anybody.get("/transparency").want(t, http.StatusOK)
	page.says(t, "Privacy requests in 2026", "To know few 0 0 0 0 few – –", "To limit the use of sensitive data 12 few 0 0 0 few 0 0.0")
	rows := readCSV(t, anybody.get("/transparency.csv").want(t, http.StatusOK))
	if got := strings.Join(rows[3], "|"); got != "To know|few|0|0|0|0|few|–|–" {
		t.Errorf("the file says %s", got)
	}
}
