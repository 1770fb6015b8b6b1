package workflow_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

func TestSettingsAreChangedByOneAtATime(t *testing.T) {
	h := open(t)
	admin, other := h.colleague("admin", rights.RoleAdmin), h.colleague("other", rights.RoleAdmin)
	set := rights.DefaultSettings()
	set.DueSoonDays, set.PublicMetrics = 5, true
	h.must(h.SaveSettings(t.Context(), admin, set, 0))
	set.PeopleADay = 20
	if err := h.SaveSettings(t.Context(), other, set, 0); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("a change of what somebody else has changed: %v", err)
	}
	h.must(h.SaveSettings(t.Context(), other, set, 1))
	h.must(h.SaveSettings(t.Context(), other, set, 2)) // nothing to change: no version
	h.must(h.SaveHolidays(t.Context(), other, "DE", "2027 01-01", 2))
	bad := set
	bad.DueSoonDays, bad.DigestHour = 0, 24
	var faults rights.FieldErrors
	if err := h.SaveSettings(t.Context(), admin, bad, 3); !errors.As(err, &faults) || len(faults) != 2 {
		t.Errorf("two settings out of range: %v", err)
	}
	for _, who := range []rights.Actor{h.colleague("mei", rights.RoleOfficer), h.colleague("chief", rights.RoleApprover), h.colleague("auditor", rights.RoleAuditor), h.customer(ann)} {
		if err := h.SaveSettings(t.Context(), who, set, 3); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("the %s changed the settings: %v", who.Role, err)
		}
	}
	got, err := h.HouseSettings(t.Context(), admin)
	h.must(err)
	if got.Version != 3 || got.DueSoonDays != 5 || got.PeopleADay != 20 || !got.PublicMetrics || got.Holidays["DE"] != "2027 01-01" {
		t.Errorf("the settings are %+v", got)
	}
	var history []string
	for _, c := range got.History {
		line := c.By
		for _, f := range c.Changes {
			line += " " + f.Field + "=" + f.To
		}
		history = append(history, line)
	}
	if said := strings.Join(history, "; "); said != "other holidays.DE=2027 01-01; other people_a_day=20; admin due_soon_days=5 public_metrics=true" {
		t.Errorf("the history says %q", said)
	}
}

func TestAddedHolidaysCountFromThenOnAndOpenClocksOnRequest(t *testing.T) {
	h := open(t)
	admin, auditor := h.colleague("admin", rights.RoleAdmin), h.colleague("auditor", rights.RoleAuditor)
	person := h.customer(ann)
	ask := func() rights.Request {
		t.Helper()
		r, err := h.Submit(t.Context(), person, workflow.Ask{Right: rights.Objection, Text: "Stop", Language: "en"})
		h.must(err)
		return r
	}
	before := ask() // due on Wednesday, 23 December
	if err := h.SaveHolidays(t.Context(), admin, "DE", "2026 12-23 # proclaimed\n2026 99-99", 0); err == nil {
		t.Fatal("a day that does not exist is a holiday")
	}
	h.must(h.SaveHolidays(t.Context(), admin, "DE", "2026 12-23 # proclaimed", 0))
	after := ask()
	if before.Due.String() != "2026-12-23" || after.Due.String() != "2026-12-24" {
		t.Errorf("due on %s before and on %s after the day was proclaimed", before.Due, after.Due)
	}
	stored := func() rights.Request {
		t.Helper()
		r, err := h.Store.Request(t.Context(), before.ID)
		h.must(err)
		return r
	}
	if r := stored(); r.Due != before.Due {
		t.Errorf("an open clock moved by itself, to %s", r.Due)
	}
	moves, err := h.Moves(t.Context(), auditor)
	h.must(err)
	if moves.Touched != 1 || moves.Moved != 1 || moves.List[0] != (workflow.Move{Ref: before.Ref, Right: rights.Objection, From: before.Due, To: after.Due}) {
		t.Errorf("the preview says %+v", moves)
	}
	if _, _, err := h.Recompute(t.Context(), auditor); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("an auditor moved a date: %v", err)
	}
	n, more, err := h.Recompute(t.Context(), admin)
	h.must(err)
	if r := stored(); n != 1 || more || r.Due != after.Due || r.Version != before.Version+1 || h.count(r.Subject, "request.recomputed") != 1 {
		t.Errorf("recomputed %d, more %v: %+v", n, more, r)
	}
	if n, _, err := h.Recompute(t.Context(), admin); n != 0 || err != nil {
		t.Errorf("recomputing again moves %d, %v", n, err)
	}
	h.restart()
	if again := ask(); again.Due != after.Due {
		t.Errorf("after a restart it is due on %s", again.Due)
	}
}

func TestRecomputingIsBounded(t *testing.T) {
	h := open(t)
	admin := h.colleague("admin", rights.RoleAdmin)
	h.backlog(1100, rights.NewDate(2026, 12, 23), func(r *rights.Request) { r.ReceivedAt = monday.Add(time.Hour) })
	for _, want := range []struct {
		n    int
		more bool
	}{{500, true}, {500, true}, {100, false}, {0, false}} {
		if n, more, err := h.Recompute(t.Context(), admin); n != want.n || more != want.more || err != nil {
			t.Fatalf("recomputed %d, more %v, %v; want %+v", n, more, err, want)
		}
	}
}
