package workflow_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"habeas/rights"
	"habeas/workflow"
)

func TestAViewIsKeptForOneOrForAll(t *testing.T) {
	h := open(t)
	officer, approver, auditor := h.officer(rights.RoleOfficer), h.officer(rights.RoleApprover), h.officer(rights.RoleAuditor)
	h.objection(h.customer(ann))
	own, err := h.SaveView(t.Context(), officer, "  Objections \n of today ", workflow.QueueQuery{View: "open", Right: rights.Objection, After: "x.y", Limit: 3}, false)
	h.must(err)
	if own.Name != "Objections of today" || own.Count != 1 || own.Query.After != "" {
		t.Errorf("kept as %+v", own)
	}
	shared, err := h.SaveView(t.Context(), approver, "审批中", workflow.QueueQuery{View: "unassigned"}, true)
	h.must(err)
	mine, err := h.SaveView(t.Context(), approver, "Mine, late", workflow.QueueQuery{View: "mine", Due: "overdue"}, false)
	h.must(err)
	for _, row := range []struct {
		by   rights.Actor
		want string
	}{
		{officer, own.ID + " " + shared.ID}, {approver, mine.ID + " " + shared.ID}, {auditor, shared.ID},
	} {
		views, err := h.SavedViews(t.Context(), row.by)
		h.must(err)
		var ids []string
		for _, v := range views {
			ids = append(ids, v.ID)
		}
		if got := strings.Join(ids, " "); got != row.want {
			t.Errorf("the %s sees %s, want %s", row.by.Role, got, row.want)
		}
	}
	for _, row := range []struct {
		sentence string
		by       rights.Actor
		id       string
		want     error
	}{
		{"an officer deletes what all share", officer, shared.ID, rights.ErrNotFound},
		{"an approver deletes somebody else's", approver, own.ID, rights.ErrNotFound},
		{"an auditor deletes what all share", auditor, shared.ID, rights.ErrNotFound},
		{"an approver deletes what all share", approver, shared.ID, nil},
		{"an officer deletes their own", officer, own.ID, nil},
		{"and again", officer, own.ID, rights.ErrNotFound},
	} {
		if err := h.DeleteView(t.Context(), row.by, row.id); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", row.sentence, err, row.want)
		}
	}
}

func TestAViewThatCannotBeKeptSaysWhy(t *testing.T) {
	h := open(t)
	officer, approver := h.officer(rights.RoleOfficer), h.officer(rights.RoleApprover)
	plain := workflow.QueueQuery{View: "open"}
	for i := range 20 {
		_, err := h.SaveView(t.Context(), officer, fmt.Sprint("view ", i), plain, false)
		h.must(err)
	}
	for i := range 30 {
		_, err := h.SaveView(t.Context(), approver, fmt.Sprint("view ", i), plain, true)
		h.must(err)
	}
	for _, row := range []struct {
		sentence string
		by       rights.Actor
		name     string
		query    workflow.QueueQuery
		shared   bool
		want     string
	}{
		{"without a name", approver, " ", plain, false, "queue.error.name"},
		{"with a name of 61 characters", approver, strings.Repeat("长", 61), plain, false, "queue.error.name"},
		{"of a search, which names people", approver, "x", workflow.QueueQuery{View: "all", Searched: true}, false, "queue.error.search"},
		{"of a reference", approver, "x", workflow.QueueQuery{View: "all", Ref: "HB-0000-0000"}, false, "queue.error.search"},
		{"mine, for everybody", approver, "x", workflow.QueueQuery{View: "mine"}, true, "queue.error.share_mine"},
		{"the twenty-first of one's own", officer, "x", plain, false, "queue.error.own_full"},
		{"the thirty-first of all", approver, "x", plain, true, "queue.error.shared_full"},
		{"shared by an officer", officer, "x", plain, true, rights.ErrNotFound.Error()},
		{"by an auditor, who changes nothing", h.officer(rights.RoleAuditor), "x", plain, false, rights.ErrNotFound.Error()},
	} {
		_, err := h.SaveView(t.Context(), row.by, row.name, row.query, row.shared)
		if got := became([]workflow.Outcome{{Err: err}}); got[0] != row.want {
			t.Errorf("%s: %s, want %s", row.sentence, got[0], row.want)
		}
	}
	if _, err := h.SaveView(t.Context(), approver, "x", workflow.QueueQuery{View: "closed", Sort: "due"}, false); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("in an order that the view does not have: %v", err)
	}
}
