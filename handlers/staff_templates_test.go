package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"habeas/rights"
)

func TestATemplateIsEditedTriedSavedAndTakenBack(t *testing.T) {
	s := newPortal(t)
	admin, o := s.staff(rights.RoleAdmin), s.staff(rights.RoleOfficer)
	const page = "/staff/templates/extended/en"
	admin.get("/staff/templates").want(t, http.StatusOK).says(t, "Extension", "No words are built in", "Refusal", "Built-in words", "简体中文")
	admin.get(page).want(t, http.StatusOK).says(t, "{{due}}", "The day the answer is owed by", "Nobody has changed it yet.", "We need more time")

	const text = "We look for {{right}} in three archives, {{ref}}."
	tried := admin.post(page, "version", "0", "text", text, "try", "yes").want(t, http.StatusOK)
	tried.says(t, "We look for Access to your data in three archives, HB-7Q4K-9TXM.", "Fixed by law: GDPR Art. 12(3)")
	admin.get(page).says(t, "Nobody has changed it yet.")

	admin.post(page, "version", "0", "text", text).wantAt(t, page)
	admin.get(page).says(t, "Saved. Letters begin with these words from now on.", "Version 1, 23 November 2026, Mei Admin")
	ref := s.customer(marta).ask(rights.Access, "All.")
	letter := o.post("/staff/requests/"+ref+"/extend", "version", "1", "check", "yes").want(t, http.StatusOK)
	if got, want := letter.words(t), "We look for Access to your data in three archives, "+ref+"."; got != want {
		t.Errorf("the officer begins with %q, want %q", got, want)
	}

	admin.post(page+"/restore", "version", "1").wantAt(t, page)
	admin.get(page).says(t, "Version 2, 23 November 2026, Mei Admin: back to the built-in words", text)
}

func TestWhatIsWrongInATemplateIsSaidByLine(t *testing.T) {
	s := newPortal(t)
	admin := s.staff(rights.RoleAdmin)
	const page = "/staff/templates/refused/en"
	for _, more := range [][]string{nil, {"try", "yes"}} {
		r := admin.post(page, append([]string{"version", "0", "text", "Dear you,\n{{name}} and {{ref}}"}, more...)...).want(t, http.StatusUnprocessableEntity)
		r.says(t, "Line 2: there is no variable “name”.", "{{name}} and {{ref}}")
	}
	admin.post(page, "version", "0", "text", "{{ref").want(t, http.StatusUnprocessableEntity).says(t, "Line 1: these braces are not closed.")
	admin.post(page, "text", "Typed").want(t, http.StatusUnprocessableEntity).says(t, "Typed", "Something is missing")
	r := admin.post(page, "version", "0", "text", "<script>alert(1)</script>", "try", "yes").want(t, http.StatusOK)
	r.says(t, "<script>alert(1)</script>").hides(t, "<script>alert")
	admin.get(page).says(t, "Nobody has changed it yet.")
}

func TestTwoWhoEditATemplateSeeBoth(t *testing.T) {
	s := newPortal(t)
	admin, approver := s.staff(rights.RoleAdmin), s.staff(rights.RoleApprover)
	const page = "/staff/templates/refused/en"
	admin.post(page, "version", "0", "text", "The first words.").wantAt(t, page)
	r := approver.post(page, "version", "0", "text", "The second words.").want(t, http.StatusConflict)
	r.says(t, "Somebody else changed this template", "The first words.", "The second words.", "Mei Admin")
	if !strings.Contains(r.Body, `name="version" value="1"`) {
		t.Error("the form cannot be sent again as it is now")
	}
	approver.post(page+"/restore", "version", "0").want(t, http.StatusConflict).says(t, "The first words.")
	approver.post(page, "version", "1", "text", "The second words.").wantAt(t, page)
}
