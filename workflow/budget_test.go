package workflow_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
	"habeas/workflow"
)

// crowd makes people who have signed in once, each with a mailbox of their own.
func (h *house) crowd(n int) (ids []string) {
	h.t.Helper()
	h.must(h.Store.Write(h.t.Context(), func(tx *store.Tx) error {
		for i := range n {
			id := fmt.Sprintf("subject-%03d", i)
			ids = append(ids, id)
			s := store.Subject{ID: id, Mailbox: id + "@example.com", Person: sources.Person{}.Key(), Language: "en", Regime: "eu_gdpr", MadeAt: h.Now()}
			if err := tx.InsertSubject(s, rights.Entry{At: h.Now(), Actor: rights.System, Act: "subject.made"}); err != nil {
				return err
			}
		}
		return nil
	}))
	return ids
}

// allow sets how many people a member of staff may look at.
func (h *house) allow(people int) {
	h.t.Helper()
	set := rights.DefaultSettings()
	set.PeopleADay = people
	h.must(h.Store.Write(h.t.Context(), func(tx *store.Tx) error {
		_, version, err := tx.Settings(h.t.Context())
		if err != nil {
			return err
		}
		return tx.SaveSettings(set, version, rights.Entry{At: h.Now(), Actor: rights.System, Act: "settings.saved"})
	}))
}

func (h *house) look(by rights.Actor, id string) error {
	_, err := h.Profile(h.t.Context(), by, id, workflow.ProfileAt{})
	return err
}

// alerts is how much somebody was told of and has not seen.
func (h *house) alerts(of rights.Actor) int {
	h.t.Helper()
	n, err := h.Store.UnseenAlerts(h.t.Context(), of.ID)
	h.must(err)
	return n
}

// The salesman who leaves with the list: page after page, until it is over for the day.
func TestTheGreedyOfficerIsStoppedByTheBudget(t *testing.T) {
	h := open(t)
	h.allow(10)
	greedy, approver, admin, auditor := h.officer(rights.RoleOfficer), h.officer(rights.RoleApprover), h.officer(rights.RoleAdmin), h.officer(rights.RoleAuditor)
	people := h.crowd(12)
	for i, id := range people[:10] {
		h.must(h.look(greedy, id))
		h.must(h.look(greedy, people[0])) // the same person again costs nothing
		b, err := h.Budget(t.Context(), greedy)
		h.must(err)
		if b.Seen != i+1 || b.Limit != 10 || b.Near() != (i >= 7) {
			t.Errorf("after %d: %+v", i+1, b)
		}
	}
	if h.alerts(approver) != 1 || h.alerts(admin) != 1 || h.alerts(auditor) != 0 || h.alerts(greedy) != 0 {
		t.Errorf("told: approver %d, admin %d, auditor %d, the greedy %d", h.alerts(approver), h.alerts(admin), h.alerts(auditor), h.alerts(greedy))
	}
	for range 3 {
		err := h.look(greedy, people[10])
		var over workflow.OverBudget
		if !errors.As(err, &over) || !errors.Is(err, rights.ErrTooMany) {
			t.Fatalf("the eleventh person: %v", err)
		}
		if want := time.Date(2026, 11, 24, 0, 0, 0, 0, h.Location); over.Limit != 10 || !over.Until.Equal(want) {
			t.Errorf("it says %+v", over)
		}
	}
	if n := h.count(people[10], "person.viewed"); n != 0 {
		t.Errorf("%d looks at the eleventh stand in the log", n)
	}
	if h.alerts(approver) != 1 {
		t.Error("the approver is told of each try")
	}
	h.must(h.look(greedy, people[3])) // whom they have seen today they can see again
	h.must(h.look(approver, people[11]))
	h.clock.Advance(16 * time.Hour) // past midnight in Berlin
	h.must(h.look(greedy, people[10]))
}

func TestEveryWayToAPersonCountsAgainstOneBudget(t *testing.T) {
	h := open(t)
	h.allow(1)
	officer := h.officer(rights.RoleOfficer)
	h.must(h.look(officer, h.crowd(1)[0]))
	annabel := h.customer(ann)
	ref := h.filed(annabel)
	for sentence, try := range map[string]func() error{
		"their page":          func() error { return h.look(officer, annabel.ID) },
		"a request of theirs": func() error { _, err := h.Folder(t.Context(), officer, ref, "en"); return err },
		"their data":          func() error { _, _, err := h.DeskData(t.Context(), officer, ref); return err },
		"their records": func() error {
			_, _, _, err := h.DeskRecords(t.Context(), officer, ref, "shop", "customers", "", 10)
			return err
		},
		"a decision about a pair": func() error { return h.candidatesOf(officer, ref) },
	} {
		if err := try(); !errors.As(err, new(workflow.OverBudget)) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// candidatesOf compares the person of a request with somebody else behind the same mailbox.
func (h *house) candidatesOf(by rights.Actor, _ string) error {
	cleo, dario := h.chosen("C-1003"), h.chosen("C-1004")
	_, err := h.Compare(h.t.Context(), by, cleo.ID, dario.ID)
	return err
}

func TestTwoHundredLooksAtOnceDoNotPassTheBudgetTogether(t *testing.T) {
	h := open(t)
	officer, approver := h.officer(rights.RoleOfficer), h.officer(rights.RoleApprover)
	people := h.crowd(200)
	var passed, stopped atomic.Int64
	var wait sync.WaitGroup
	for _, id := range people {
		wait.Go(func() {
			switch err := h.look(officer, id); {
			case err == nil:
				passed.Add(1)
			case errors.As(err, new(workflow.OverBudget)):
				stopped.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if passed.Load() != 50 || stopped.Load() != 150 {
		t.Errorf("%d passed and %d were stopped", passed.Load(), stopped.Load())
	}
	if h.alerts(approver) != 1 {
		t.Errorf("the approver was told %d times", h.alerts(approver))
	}
}

func TestAColleagueMayRaiseTheBudgetForTodayAndNobodyTheirOwn(t *testing.T) {
	h := open(t)
	h.allow(2)
	officer, approver, admin, auditor := h.officer(rights.RoleOfficer), h.officer(rights.RoleApprover), h.officer(rights.RoleAdmin), h.officer(rights.RoleAuditor)
	people := h.crowd(6)
	h.must(errors.Join(h.look(officer, people[0]), h.look(officer, people[1])))
	const why = "a mailing went to the wrong people"
	for _, c := range []struct {
		sentence string
		by       rights.Actor
		staff    string
		people   int
		reason   string
		want     string // the fault, or "404"
	}{
		{"an officer", officer, approver.ID, 4, why, "404"},
		{"an auditor", auditor, officer.ID, 4, why, "404"},
		{"for oneself", approver, approver.ID, 4, why, "budget.error.own"},
		{"for nobody", approver, "nobody", 4, why, "404"},
		{"without a reason", approver, officer.ID, 4, "please", "people.error.reason"},
		{"to what it is", approver, officer.ID, 2, why, "budget.error.people"},
		{"beyond all measure", approver, officer.ID, 1001, why, "budget.error.people"},
		{"by an approver", approver, officer.ID, 3, why, ""},
		{"and once more by an admin", admin, officer.ID, 4, why, ""},
	} {
		err := h.RaiseBudget(t.Context(), c.by, c.staff, c.people, c.reason)
		got := fault(err)
		if errors.Is(err, rights.ErrNotFound) {
			got = "404"
		}
		if got != c.want || c.want == "" && err != nil {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
	lines, err := h.Budgets(t.Context(), approver)
	h.must(err)
	for _, l := range lines {
		if l.MayRaise != (l.Staff != approver.ID) {
			t.Errorf("may raise: %+v", l)
		}
		if l.Staff == officer.ID && (l.Seen != 2 || l.Limit != 4 || l.Reason != why || l.By != "Mei Kwan") {
			t.Errorf("the approver sees %+v", l)
		}
	}
	if len(lines) != 4 {
		t.Errorf("%d colleagues", len(lines))
	}
	h.must(errors.Join(h.look(officer, people[2]), h.look(officer, people[3])))
	if err := h.look(officer, people[4]); !errors.As(err, new(workflow.OverBudget)) {
		t.Errorf("beyond what it was raised to: %v", err)
	}
	if h.alerts(approver) != 2 {
		t.Errorf("told %d times, once for each height", h.alerts(approver))
	}
	h.clock.Advance(24 * time.Hour)
	b, err := h.Budget(t.Context(), officer)
	if err != nil || b.Limit != 2 || b.Seen != 0 {
		t.Errorf("the next day: %+v, %v", b, err)
	}
	if _, err := h.Budgets(t.Context(), officer); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("an officer reads what others looked at: %v", err)
	}
}
