package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

// clocked adds an open request with the dates of its law.
func clocked(t *testing.T, s *store.Store, sub, regime string, right rights.Right, received time.Time) rights.Request {
	t.Helper()
	g, ok := rights.RegimeByID(regime)
	if !ok {
		t.Fatal(regime)
	}
	r := aRequest(sub)
	r.Right, r.Regime, r.ReceivedAt = right, regime, received
	r.Clock = g.Clock(right, rights.Facts{Received: received})
	r.Due = r.Clock.DueDay()
	return addRequest(t, s, r)
}

func TestWhatIsNearIsFoundByTheEarlierDay(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "a@example.com").ID
	var want []string
	for i := range 25 {
		r := clocked(t, s, sub, "ccpa", rights.OptOut, noon.AddDate(0, 0, i))
		want = append(want, r.Ref)
		if r.Clock.StrictDay().After(r.Due) {
			t.Fatalf("the earlier reading of %+v is the later one", r.Clock)
		}
	}
	closed := clocked(t, s, sub, "ccpa", rights.OptOut, noon)
	write(t, s, func(tx *store.Tx) error {
		r, err := closed.Move(rights.Fulfilled, noon)
		return errors.Join(err, tx.UpdateRequest(r, why("request.fulfilled")))
	})
	var got []string
	var before rights.Date
	for mark := ""; ; {
		page, next, err := s.WatchedUntil(bg, rights.NewDate(2100, 1, 1), mark, 4)
		check(t, err)
		for _, r := range page {
			if r.Clock.StrictDay().Before(before) {
				t.Errorf("%s comes after a later one", r.Ref)
			}
			got, before = append(got, r.Ref), r.Clock.StrictDay()
		}
		if mark = next; next == "" {
			break
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("found %d of %d", len(got), len(want))
	}
	last := clocked(t, s, sub, "ccpa", rights.OptOut, noon.AddDate(1, 0, 0))
	day := last.Clock.StrictDay()
	for _, c := range []struct {
		day rights.Date
		n   int
	}{{day.AddDays(-1), 25}, {day, 26}} {
		page, _, err := s.WatchedUntil(bg, c.day, "", 100)
		check(t, err)
		if len(page) != c.n {
			t.Errorf("%d until %s, want %d", len(page), c.day, c.n)
		}
	}
	for _, mark := range []string{"", "2026-12-01.x"} {
		if plan := strings.Join(store.WatchPlan(t, s, day, mark), "; "); !strings.Contains(plan, "requests_watched") || strings.Contains(plan, "TEMP") {
			t.Errorf("the plan is %s", plan)
		}
	}
}

func TestTheDayThatOlderRequestsGetIsNeverTooLate(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "a@example.com").ID
	all := map[string]rights.Request{}
	for _, g := range rights.Regimes {
		for _, right := range rights.Rights {
			r := clocked(t, s, sub, g.ID, right, noon)
			all[r.Ref] = r
		}
	}
	days := store.OldStrictDays(t, s)
	for ref, r := range all {
		day := r.Clock.StrictDay()
		if day.IsZero() {
			continue
		}
		old, err := rights.ParseDate(days[ref])
		if err != nil || old.After(day) {
			t.Errorf("%s under %s is found by %q, its earlier day is %s", r.Right, r.Regime, days[ref], day)
		}
	}
}

func TestAlertsAreToldOnceAndSeenByTheirOwner(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "a@example.com").ID
	r := addRequest(t, s, aRequest(sub))
	for _, id := range []string{"mei", "lu"} {
		write(t, s, func(tx *store.Tx) error {
			return tx.InsertStaff(store.Staff{ID: id, Email: id + "@example.com", Name: id, Role: rights.RoleOfficer, State: "active", MadeAt: noon}, why("staff.added"))
		})
	}
	tell := func(staff, dedupe, request string, kind rights.AlertKind) (news bool) {
		t.Helper()
		write(t, s, func(tx *store.Tx) (err error) {
			news, err = tx.InsertAlert(store.Alert{ID: newID(), Dedupe: dedupe, Staff: staff, Kind: kind, Request: request, At: noon, Day: rights.NewDate(2026, 12, 1)})
			return err
		})
		return news
	}
	if !tell("mei", "late 1", r.ID, rights.AlertLate) || tell("mei", "late 1", r.ID, rights.AlertLate) || !tell("mei", "new 1", "", rights.AlertBudget) || !tell("lu", "late 2", r.ID, rights.AlertLate) {
		t.Error("something was told twice, or not at all")
	}
	list, _, err := s.AlertsOf(bg, "mei", "", 10)
	check(t, err)
	if len(list) != 2 || !slices.ContainsFunc(list, func(a store.AlertRow) bool { return a.Ref == r.Ref && a.Day == rights.NewDate(2026, 12, 1) }) {
		t.Errorf("listed %+v", list)
	}
	write(t, s, func(tx *store.Tx) error {
		if err := tx.SeeAlert("lu", list[0].ID, noon); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("another's: %v", err)
		}
		return tx.SeeAlerts("mei", r.ID, noon)
	})
	counts := func(staff string) string {
		t.Helper()
		n, err := s.AlertCounts(bg, staff)
		check(t, err)
		return fmt.Sprint(n)
	}
	if counts("mei") != "map[budget:1]" || counts("lu") != "map[late:1]" {
		t.Errorf("unseen: %s and %s", counts("mei"), counts("lu"))
	}
}

func TestAProposalIsSealedAndDecidedOnce(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(bg, store.Options{Dir: dir, Now: clock})
	check(t, err)
	write(t, s, func(tx *store.Tx) error {
		return tx.InsertStaff(store.Staff{ID: "mei", Email: "mei@example.com", Name: "Mei", Role: rights.RoleAdmin, State: "active", MadeAt: noon}, why("staff.added"))
	})
	a := store.Approval{ID: newID(), Kind: "invite", Payload: "planted payload", ProposedBy: "mei", ProposedAt: noon}
	write(t, s, func(tx *store.Tx) error { return tx.InsertApproval(a, why("approval.proposed")) })
	a.Decision, a.DecidedBy, a.DecidedAt, a.Reason = "declined", "lu", noon, "planted reason"
	write(t, s, func(tx *store.Tx) error { return tx.DecideApproval(a, why("approval.declined")) })
	err = s.Write(bg, func(tx *store.Tx) error { return tx.DecideApproval(a, why("approval.approved")) })
	if !errors.Is(err, rights.ErrConflict) {
		t.Errorf("decided twice: %v", err)
	}
	got, err := s.Approval(bg, a.ID)
	check(t, err)
	if got != a {
		t.Errorf("came back as %+v", got)
	}
	check(t, s.Close())
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	check(t, err)
	for _, file := range files {
		b, err := os.ReadFile(file)
		check(t, err)
		if bytes.Contains(b, []byte("planted")) {
			t.Errorf("%s holds what was proposed", filepath.Base(file))
		}
	}
}
