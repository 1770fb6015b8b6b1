package handlers_test

import (
	"encoding/csv"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"habeas/rights"
)

// retaining lets a rule of the shop's map find something: orders lose what is personal after three months.
func (s *site) retaining() {
	s.t.Helper()
	s.remap("{label: {en: Orders, zh-CN: 订单}}", "{label: {en: Orders, zh-CN: 订单}, retention: {en: Three months, zh-CN: 三个月}, erase: delete, retain: {for: P3M, from: placed_on}}",
		"{editable: ask, label: {en: Note", "{editable: ask, erase: null, label: {en: Note")
}

// nights lets the portal look at its rules and carry out what was approved.
func (s *site) nights() {
	s.t.Helper()
	for _, step := range []func() (bool, error){
		func() (bool, error) { return s.SurveyNext(s.t.Context()) }, func() (bool, error) { return s.DestroyNext(s.t.Context()) },
	} {
		for had := true; had; {
			var err error
			had, err = step()
			s.must(err)
		}
	}
}

var destructionPath = regexp.MustCompile(`/staff/retention/[0-9a-f]{32}`)

// What an old rule found says nothing of the new one: until it is looked at, which is soon, the page says so.
func TestARuleThatHasChangedIsNotShownWithWhatItFoundBefore(t *testing.T) {
	s := newPortal(t)
	officer := s.staff(rights.RoleOfficer)
	s.retaining()
	s.nights()
	officer.get("/staff/retention").says(t, "4 records past the rule").hides(t, "since the rule changed")
	s.remap("{label: {en: Orders, zh-CN: 订单}}", "{label: {en: Orders, zh-CN: 订单}, erase: delete, retain: {for: P9Y, from: placed_on}}", "{editable: ask, label: {en: Note", "{editable: ask, erase: null, label: {en: Note")
	officer.get("/staff/retention").says(t, "9 years", "Not looked at since the rule changed").hides(t, "records past the rule")
	s.nights()
	officer.get("/staff/retention").says(t, "0 records past the rule").hides(t, "since the rule changed", "To be approved")
}

func TestWhatIsPastItsRuleIsLookedAtApprovedAndRecorded(t *testing.T) {
	s := newPortal(t)
	s.retaining()
	officer, approver, auditor := s.staff(rights.RoleOfficer), s.staff(rights.RoleApprover), s.staff(rights.RoleAuditor)
	officer.get("/staff/retention?lang=en").want(t, http.StatusOK).says(t, "Orders", "3 months from “Placed on”", "Not looked at yet", "Nothing waits for approval.", "Look now")
	auditor.get("/staff/retention?lang=en").hides(t, "Look now")
	officer.post("/staff/retention", "source", "shop", "collection", "orders").want(t, http.StatusSeeOther)
	s.nights()
	list := officer.get("/staff/retention?lang=en").want(t, http.StatusOK).says(t, "4 records past the rule", "To be approved", "2 May 2026", "19 August 2026")
	path := destructionPath.FindString(list.Body)
	for _, lang := range []string{"en", "zh-CN"} {
		for _, who := range []*browser{officer.browser, approver.browser, auditor.browser} {
			who.get(path+"?lang="+lang).want(t, http.StatusOK).hides(t, "⟦", "neighbour", "39.90", "Marta", "C-1001")
			who.get("/staff/retention?lang="+lang).want(t, http.StatusOK).hides(t, "⟦")
		}
	}
	officer.get(path+"?lang=en").says(t, "Preview: Orders", "Three months", "Note", "2026").hides(t, "Approve destruction")
	page := approver.get(path+"?lang=en").want(t, http.StatusOK).says(t, "Approve destruction", "Asked for by")
	version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(page.Body)[1]

	approver.post(path, "version", version, "decision", "decline").want(t, http.StatusUnprocessableEntity).says(t, "Error")
	approver.post(path, "version", version, "decision", "postpone", "reason", "A dispute may come", "until", "2026-01-01").want(t, http.StatusUnprocessableEntity).says(t, "Choose a day after today", "A dispute may come")
	approver.post(path, "version", "77", "decision", "approve").want(t, http.StatusConflict).says(t, "This has changed since you opened it")
	approver.post(path, "decision", "approve").want(t, http.StatusConflict)
	if got := s.cell("SELECT count(note) FROM orders"); got != "4" {
		t.Fatalf("%s notes are left before anybody approved", got)
	}
	approver.post(path, "version", version, "decision", "approve").want(t, http.StatusSeeOther)
	s.nights()
	if got := s.cell("SELECT count(note) || count(total) || count(customer_id) FROM orders"); got != "004" {
		t.Errorf("left are %s", got)
	}
	auditor.get(path+"?lang=en").want(t, http.StatusOK).says(t, "Record of destruction: Orders", "Approved by", "SHA-256", "Records destroyed")
	auditor.get(path+"?lang=zh-CN").says(t, "销毁记录：订单", "批准人", "已销毁记录数", "《个人信息保护法》第19条")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(auditor.get("/staff/retention.csv?lang=en").want(t, http.StatusOK).Body, "\ufeff"))).ReadAll()
	s.must(err)
	if len(rows) != 2 || len(rows[0]) != len(rows[1]) || rows[1][2] != "Orders" || rows[1][17] != "4" || len(rows[1][21]) != 64 {
		t.Errorf("the file: %q", rows)
	}
	if !strings.Contains(officer.get("/staff/activities").Body, `href="/staff/retention"`) {
		t.Error("nothing leads there from the record of processing")
	}
}
