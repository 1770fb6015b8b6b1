package handlers_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"habeas/rights"
)

var holdAt = regexp.MustCompile(`action="(/staff/people/[^"]+/holds/[0-9a-f]{32})/lift"`)

func TestAHoldFromPlacingToLifting(t *testing.T) {
	s := newPortal(t)
	ref := s.customer(marta).ask(rights.Erasure, "")
	s.clock.Advance(80 * time.Hour) // the cooling-off is over
	officer, approver, auditor := s.staff(rights.RoleOfficer), s.staff(rights.RoleApprover), s.staff(rights.RoleAuditor)
	her := officer.at(marta)
	officer.get(her).want(t, http.StatusOK).says(t, "Legal hold", "None. Nothing keeps", "Place a hold")
	auditor.get(her).want(t, http.StatusOK).says(t, "Legal hold").hides(t, "Place a hold")
	auditor.get("/staff/holds").want(t, http.StatusOK).says(t, "No legal hold stands")

	const dispute = "Sommer v. Harbour & Home, 12 C 34/26"
	officer.get(her).says(t, "Choose a ground", "Legal claims").hides(t, "Manifestly unfounded")
	wrong := officer.post(her+"/holds", "ground", "", "dispute", "short", "review", "2020-01-01").want(t, http.StatusUnprocessableEntity).
		says(t, "Choose the ground on which the law lets erasure be refused.", "at least 10 characters", "Choose a day after today")
	if !strings.Contains(wrong.Body, "short</textarea>") || !strings.Contains(wrong.Body, `value="2020-01-01"`) {
		t.Error("what was typed is lost")
	}
	officer.post(her+"/holds", "ground", "legal_claims", "dispute", dispute, "review", "2026-12-24").wantAt(t, her)
	page := officer.get(her).want(t, http.StatusOK).says(t, "The hold stands.", "Placed by Mei Officer", "Sommer v. Harbour & Home, 12 C 34/26", "To be looked at on 24 December 2026", "Still needed").hides(t, "Lift the hold")
	if holdAt.MatchString(page.Body) {
		t.Error("an officer is offered to lift it")
	}
	officer.get("/staff/holds").want(t, http.StatusOK).says(t, "24 December 2026", "Mei Officer").hides(t, "Sommer", "m***@", marta)

	desk := "/staff/requests/" + ref
	shown := officer.get(desk).want(t, http.StatusOK).says(t, "A legal hold stands on this person").Body
	if !strings.Contains(shown, `value="legal_claims" selected`) {
		t.Error("the ground of the hold is not the one that the refusal begins with")
	}

	at := holdAt.FindStringSubmatch(approver.get(her).want(t, http.StatusOK).Body)
	if at == nil {
		t.Fatal("an approver is not offered to lift it")
	}
	officer.post(at[1]+"/review", "review", "2028-01-01").want(t, http.StatusUnprocessableEntity).says(t, "no later than 26 November 2027")
	officer.post(at[1]+"/review", "review", "2027-01-10").wantAt(t, her)
	officer.get(her).says(t, "The hold stands on.", "To be looked at on 10 January 2027")
	officer.post(at[1]+"/lift").want(t, http.StatusNotFound)
	approver.post(at[1]+"/lift").wantAt(t, her)
	approver.get(her).says(t, "The hold is lifted.", "Lifted by Mei Approver").hides(t, "Still needed")
	approver.post(at[1]+"/lift").want(t, http.StatusConflict)
	officer.get(desk).hides(t, "A legal hold stands on this person")
}

func TestAHoldReadsInChineseAsItShould(t *testing.T) {
	s := newPortal(t)
	officer := s.staff(rights.RoleOfficer)
	s.customer(marta)
	her := officer.at(marta)
	officer.language = "zh-CN"
	officer.post(her+"/holds", "ground", "legal_claims", "dispute", "一起关于交付的诉讼，12 C 34/26", "review", "2026-12-24").wantAt(t, her)
	officer.get(her+"?lang=zh-CN").want(t, http.StatusOK).says(t, "诉讼保留", "保留中", "复核日期：2026年12月24日", "仍有必要")
	officer.get("/staff/holds?lang=zh-CN").want(t, http.StatusOK).says(t, "复核日期", "打开个人页面")
}
