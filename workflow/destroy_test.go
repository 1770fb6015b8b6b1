package workflow_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

// retaining is the house with a rule: what people looked at is kept for a year.
func retaining(t *testing.T, rule ...string) *house {
	t.Helper()
	period := "P1Y"
	if len(rule) > 0 {
		period = rule[0]
	}
	h := erasing(t,
		"{person: false, label: {en: Visits", "{person: false, retain: {for: "+period+", from: seen}, retention: {en: One year, zh-CN: 一年}, label: {en: Visits",
		"{name: page, data_categories: [user.behavior]}", "{name: page, data_categories: [user.behavior]}\n          - {name: seen, data_categories: [user.behavior]}")
	h.execute("journal", `ALTER TABLE visits ADD COLUMN seen TEXT;
		UPDATE visits SET seen = '2025-06-01';
		INSERT INTO visits VALUES (4, 'ann@example.com', 'New', '2026-11-01'), (5, 'ann@example.com', 'Never', NULL)`)
	return h
}

// night lets the portal look at its rules and carry out what was approved.
func (h *house) night() {
	h.t.Helper()
	h.must(nightly(h.Portal))
}

func nightly(p *workflow.Portal) error {
	for _, step := range []func(context.Context) (bool, error){p.SurveyNext, p.DestroyNext} {
		for n := 0; ; n++ {
			had, err := step(context.Background())
			if err != nil {
				return err
			}
			if !had {
				break
			}
			if n > 2000 {
				return fmt.Errorf("a night without end")
			}
		}
	}
	return nil
}

func (h *house) retention(by rights.Actor) workflow.Retention {
	h.t.Helper()
	r, err := h.Retention(h.t.Context(), by, "", 50)
	h.must(err)
	return r
}

// decide decides on what waits.
func (h *house) decideOn(by rights.Actor, d workflow.Destruction, v workflow.DestructionVerdict) error {
	h.t.Helper()
	if v.Version == 0 {
		v.Version = d.Version
	}
	return h.DecideDestruction(h.t.Context(), by, d.ID, v)
}

var approval = workflow.DestructionVerdict{Decision: workflow.ApproveDestruction}

func TestWhatIsPastItsRuleIsDestroyedOnceSomebodyHasApprovedIt(t *testing.T) {
	h := retaining(t)
	officer, chief := h.colleague("mei", rights.RoleOfficer), h.colleague("chief", rights.RoleApprover)
	auditor := h.officer(rights.RoleAuditor)
	h.night()
	h.night()
	all := h.retention(officer)
	if len(all.Open) != 1 || len(all.Rules) != 1 {
		t.Fatalf("proposed: %+v", all.Open)
	}
	d := all.Open[0]
	if d.Found.Due != 3 || d.Found.Undated != 1 || d.Found.Oldest.String() != "2025-06-01" || d.Rule.For.String() != "P1Y" || d.Rule.Retention.In("en") != "One year" || d.DueOn.String() != "2026-11-23" {
		t.Errorf("it says %+v", d)
	}
	alerts, _, _, err := h.Alerts(t.Context(), chief, "", 10)
	h.must(err)
	if len(alerts) != 1 || alerts[0].Kind != rights.AlertRetention {
		t.Errorf("the approver was told of %+v", alerts)
	}
	if got := h.cell("journal", "SELECT count(*) FROM visits"); got != "5" {
		t.Fatalf("%s visits: something went before it was approved", got)
	}
	for _, by := range []rights.Actor{officer, auditor, rights.System} {
		if err := h.decideOn(by, d, approval); key(err) != "not found" {
			t.Errorf("%s may approve: %v", by.Role, err)
		}
	}
	h.must(h.decideOn(chief, d, approval))
	h.execute("journal", "UPDATE visits SET seen = '2026-11-20' WHERE id = 3; INSERT INTO visits VALUES (6, 'bo@example.com', 'Later', '2025-11-22')")
	h.clock.Advance(48 * time.Hour) // by now the last of them is past the rule, too, and nobody has approved that
	h.night()
	if got := h.cell("journal", "SELECT group_concat(id) FROM (SELECT id FROM visits ORDER BY id)"); got != "3,4,5,6" {
		t.Errorf("left are %s", got)
	}
	all = h.retention(auditor)
	if len(all.Over) != 1 {
		t.Fatalf("over: %+v", all.Over)
	}
	done := all.Over[0]
	if done.State != "done" || done.Destroyed != 2 || done.Young != 0 || done.Refused != 0 || len(done.SHA256) != 64 || done.DecidedBy != chief.ID || done.Work != "" || done.BegunAt.IsZero() {
		t.Errorf("the record: %+v", done)
	}
	if got := h.acts("destruction."); got != "proposed approved begun batch done" {
		t.Errorf("the audit log says %s", got)
	}
}

// acts are what the audit log says of acts that begin so, in order.
func (h *house) acts(prefix string) string {
	h.t.Helper()
	var out []string
	rows, err := h.portal().Query("SELECT act FROM audit_entries WHERE act LIKE $1 ORDER BY seq", prefix+"%")
	h.must(err)
	defer rows.Close()
	for rows.Next() {
		var act string
		h.must(rows.Scan(&act))
		out = append(out, strings.TrimPrefix(act, prefix))
	}
	h.must(rows.Err())
	return strings.Join(out, " ")
}

func TestNoRuleDestroysWhatSomebodyNeeds(t *testing.T) {
	h := retaining(t)
	officer, chief := h.colleague("mei", rights.RoleOfficer), h.colleague("chief", rights.RoleApprover)
	bos := h.customer(bo)
	access, err := h.Submit(t.Context(), bos, workflow.Ask{Right: rights.Portability, Language: "en"})
	h.must(err)
	h.night()
	d := h.retention(chief).Open[0]
	if d.Found.Due != 2 || d.Found.Spared != 1 {
		t.Errorf("found %+v", d.Found)
	}
	h.must(h.decideOn(chief, d, approval))
	hers := h.customer(ann)
	hold := h.heldBy(officer, hers.ID) // after the approval
	h.night()
	if got := h.cell("journal", "SELECT group_concat(id) FROM (SELECT id FROM visits ORDER BY id)"); got != "1,2,4,5" {
		t.Errorf("left are %s", got)
	}
	if done := h.retention(chief).Over[0]; done.Destroyed != 1 || done.Spared != 2 {
		t.Errorf("the record: %+v", done)
	}
	h.must(h.LiftHold(t.Context(), chief, hers.ID, hold.ID))
	h.must(h.Cancel(t.Context(), bos, access.Ref))
	h.clock.Advance(24 * time.Hour)
	h.night()
	if open := h.retention(chief).Open; len(open) != 1 || open[0].Found.Due != 2 {
		t.Errorf("once nobody needs them: %+v", open)
	}
}

func TestWhoDecidesOnADestruction(t *testing.T) {
	h := retaining(t)
	chief, other := h.colleague("chief", rights.RoleApprover), h.colleague("second", rights.RoleApprover)
	ctx := t.Context()
	if err := h.AskRetention(ctx, chief, "journal", "none"); key(err) != "not found" {
		t.Errorf("a rule that is none: %v", err)
	}
	h.must(h.AskRetention(ctx, chief, "journal", "visits"))
	h.night()
	d := h.retention(chief).Open[0]
	until := rights.NewDate(2026, 12, 1)
	for _, c := range []struct {
		what string
		by   rights.Actor
		v    workflow.DestructionVerdict
		want string
	}{
		{"whoever asked for it does not approve it", chief, approval, "retention.error.own"},
		{"nothing is no decision", other, workflow.DestructionVerdict{}, "retention.error.decision"},
		{"who declines says why", other, workflow.DestructionVerdict{Decision: "decline"}, "people.error.reason"},
		{"who postpones says why", other, workflow.DestructionVerdict{Decision: "postpone", Until: until}, "people.error.reason"},
		{"and until when", other, workflow.DestructionVerdict{Decision: "postpone", Reason: "A dispute may come"}, "retention.error.until"},
		{"not for ever", other, workflow.DestructionVerdict{Decision: "postpone", Reason: "A dispute may come", Until: rights.NewDate(2027, 12, 1)}, "retention.error.until"},
		{"what changed meanwhile is read anew", other, workflow.DestructionVerdict{Decision: "approve", Version: 77}, "conflict"},
	} {
		if err := h.decideOn(c.by, d, c.v); key(err) != c.want {
			t.Errorf("%s: %v, want %s", c.what, err, c.want)
		}
	}
	h.must(h.decideOn(other, d, workflow.DestructionVerdict{Decision: "postpone", Reason: "A dispute may come", Until: until}))
	for range 7 {
		h.clock.Advance(24 * time.Hour)
		h.night()
		if got := h.retention(chief).Open[0]; got.State != "postponed" {
			t.Fatalf("on %s it is %s", h.clock.Now(), got.State)
		}
	}
	h.clock.Advance(24 * time.Hour)
	h.night()
	d = h.retention(chief).Open[0]
	if d.State != "proposed" || d.DueOn != until {
		t.Errorf("on its day: %+v", d)
	}
	h.must(h.decideOn(other, d, workflow.DestructionVerdict{Decision: "decline", Reason: "Still needed for the audit"}))
	h.night()
	all := h.retention(chief)
	if len(all.Open) != 0 || all.Over[0].State != "declined" || all.Over[0].Reason != "Still needed for the audit" {
		t.Errorf("declined: %+v %+v", all.Open, all.Over)
	}
	if err := h.decideOn(other, all.Over[0], approval); key(err) != "conflict" {
		t.Errorf("what was declined is approved: %v", err)
	}
	h.clock.Advance(29 * 24 * time.Hour)
	h.night()
	if open := h.retention(chief).Open; len(open) != 0 {
		t.Errorf("what was declined is proposed again at once: %+v", open)
	}
	h.clock.Advance(24 * time.Hour)
	h.night()
	d = h.retention(chief).Open[0]
	h.execute("journal", "DELETE FROM visits")
	h.clock.Advance(24 * time.Hour)
	h.night()
	if got := h.retention(chief); len(got.Open) != 0 || got.Over[0].ID != d.ID || got.Over[0].State != "lapsed" {
		t.Errorf("when nothing is due any more: %+v", got.Over)
	}
}

func TestARuleWaitsForASourceThatIsDown(t *testing.T) {
	h := retaining(t)
	chief := h.colleague("chief", rights.RoleApprover)
	up := h.down("journal")
	h.night()
	if l := h.retention(chief).Rules[0].Look; l.Trouble != "down" || l.Attempts != 1 {
		t.Errorf("the look: %+v", l)
	}
	up()
	h.clock.Advance(time.Hour)
	h.night()
	all := h.retention(chief)
	if all.Rules[0].Look.Trouble != "" || len(all.Open) != 1 {
		t.Fatalf("once it is there: %+v", all.Rules)
	}
	h.must(h.decideOn(chief, all.Open[0], approval))
	up = h.down("journal")
	h.night()
	if d := h.retention(chief).Open[0]; d.Trouble != "down" || d.Attempts != 1 || d.Destroyed != 0 {
		t.Errorf("the destruction: %+v", d)
	}
	up()
	h.clock.Advance(time.Hour)
	h.night()
	if d := h.retention(chief).Over[0]; d.State != "done" || d.Destroyed != 3 {
		t.Errorf("in the end: %+v", d)
	}
}

func TestWhatTheMapSaysNowIsNotWhatWasApproved(t *testing.T) {
	h := retaining(t)
	chief := h.colleague("chief", rights.RoleApprover)
	h.night()
	d := h.retention(chief).Open[0]
	other := retaining(t, "P18M")
	before := h.Sources
	h.Sources = other.Sources
	if err := h.decideOn(chief, d, approval); key(err) != "retention.error.changed" {
		t.Errorf("by another rule: %v", err)
	}
	h.Sources = before
	h.must(h.decideOn(chief, d, approval))
	h.Sources = other.Sources
	_, err := h.DestroyNext(t.Context())
	h.must(err)
	if got := h.retention(chief).Over[0]; got.State != "lapsed" || got.Destroyed != 0 {
		t.Errorf("approved, and then the map changed: %+v", got)
	}
	h.Sources = before
}

// TestADestructionSurvivesACrashAnywhere dies at each time that the portal asks for, and goes on.
func TestADestructionSurvivesACrashAnywhere(t *testing.T) {
	sums := map[string]bool{}
	for crash := 1; crash < 200; crash++ {
		h := retaining(t)
		h.execute("journal", `WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 1700) INSERT INTO visits SELECT i, 'ann@example.com', 'p', '2025-01-01' FROM n`)
		chief := h.colleague("chief", rights.RoleApprover)
		h.night()
		h.must(h.decideOn(chief, h.retention(chief).Open[0], approval))
		died := h.diesAt(crash, func() {
			if err := nightly(h.Portal); err != nil {
				t.Error(err)
			}
		})
		h.clock.Advance(time.Hour)
		h.night()
		all := h.retention(chief)
		if len(all.Over) != 1 || all.Over[0].State != "done" || all.Over[0].Destroyed != 1604 || all.Over[0].Young+all.Over[0].Spared+all.Over[0].Refused != 0 {
			t.Fatalf("crash %d: %+v", crash, all.Over)
		}
		sums[all.Over[0].SHA256] = len(all.Over[0].SHA256) == 64
		if got := h.cell("journal", "SELECT count(*) FROM visits"); got != "2" {
			t.Fatalf("crash %d: %s visits are left", crash, got)
		}
		if got := h.acts("destruction."); got != "proposed approved begun batch batch done" {
			t.Fatalf("crash %d: the audit log says %s", crash, got)
		}
		h.verifyAudit()
		if !died {
			return
		}
	}
	t.Error("it never came to its end")
}

// What a request is about must still be there when it is answered, and while its answer is complained about.
func TestNoRuleDestroysWhatAnUnansweredRequestIsAbout(t *testing.T) {
	for right, spares := range map[rights.Right]bool{
		rights.Access: true, rights.Portability: true, rights.Rectification: true, rights.Restriction: true, rights.Explanation: true, rights.Complaint: true,
		rights.Objection: false, rights.OptOut: false, rights.Erasure: false,
	} {
		t.Run(string(right), func(t *testing.T) {
			h := retaining(t)
			chief := h.colleague("chief", rights.RoleApprover)
			_, err := h.Submit(t.Context(), h.customer(bo), workflow.Ask{Right: right, Text: "What you keep of my visits", Language: "en"})
			h.must(err)
			h.night()
			if found := h.retention(chief).Open[0].Found; found.Spared == 1 != spares {
				t.Errorf("found %+v", found)
			}
		})
	}
}
