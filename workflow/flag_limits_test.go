package workflow_test

import (
	"slices"
	"testing"

	"habeas/rights"
	"habeas/workflow"
)

// Visits of a mailbox that two share may be either's: no machine notes anything there, and people are asked.
func TestWhereNothingSettlesWhoseRecordsTheyArePeopleNoteIt(t *testing.T) {
	h := erasing(t, "{person: false, label: {en: Visits,", "{person: false, flags: {restriction: page}, label: {en: Visits,")
	officer := h.officer(rights.RoleOfficer)
	by := h.chosen("C-1003")
	before := h.cell("journal", "SELECT group_concat(page) FROM visits")
	r, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Restriction, Language: "en"})
	h.must(err)
	h.must(h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), "Granted."))
	h.noted()
	if got := h.cell("journal", "SELECT group_concat(page) FROM visits"); got != before {
		t.Errorf("the journal says %q", got)
	}
	f := h.folder(officer, r.Ref)
	if f.Request.State != rights.InProgress || !slices.ContainsFunc(f.OpenTasks(), func(t rights.Task) bool { return t.Source == "journal" }) {
		t.Errorf("the request is %s, open tasks %+v", f.Request.State, f.OpenTasks())
	}
	if !slices.ContainsFunc(f.Events, func(e rights.Event) bool { return e.Kind == "flag_by_hand" && e.Private }) {
		t.Error("its history does not say why")
	}
	if got := h.standing(by); got != "restriction" {
		t.Errorf("it stands all the same: %q", got)
	}
}

func TestAnExplanationIsGivenInWordsAndRaisesNothing(t *testing.T) {
	h := flagging(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Explanation, Text: "Why was I refused to pay by invoice?", Language: "en"})
	h.must(err)
	if err := h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), ""); fault(err) != "act.error.words" {
		t.Errorf("without words: %v", err)
	}
	h.must(h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), "Two invoices of last year were paid late."))
	h.wroteTo(ann, "How the decision was made", "Two invoices of last year were paid late.", "have a person decide")
	if got := h.standing(by); got != "" {
		t.Errorf("%q stands", got)
	}
}

func TestWhatOneOfTwoDecidedHoldsForBothOnceTheyAreOne(t *testing.T) {
	h := flagging(t)
	officer := h.officer(rights.RoleOfficer)
	cleo, dario := h.chosen("C-1003"), h.chosen("C-1004")
	h.must(h.RaiseFlag(t.Context(), cleo, rights.OptedOut, "", "en"))
	h.noted()
	const said = "SELECT coalesce((SELECT no_sale FROM customers WHERE id = 3), '-') || coalesce((SELECT no_sale FROM customers WHERE id = 4), '-')"
	if got := h.cell("shop", said); got != "1-" {
		t.Errorf("before, the shop says %q", got)
	}
	h.must(h.Decide(t.Context(), officer, cleo.ID, dario.ID, true, because))
	h.noted()
	if got := h.cell("shop", said); got != "11" {
		t.Errorf("once they are one the shop says %q", got)
	}
}
