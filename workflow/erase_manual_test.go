package workflow_test

import (
	"slices"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/workflow"
)

// A machine erases what it reaches; what lies in a cellar it leaves to the team, says so, and the request stays open until
// somebody shows that it was done there.
func TestAnErasureWaitsForTheTeamOfASystemWithoutAConnection(t *testing.T) {
	h := withCellar(erasing(t))
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	preview, err := h.ErasePreview(t.Context(), by)
	h.must(err)
	if last := preview[len(preview)-1]; last.Collection.Name != "folders" || !last.ByHand || last.Down {
		t.Errorf("she is shown %+v", last)
	}
	r := h.erasure(by)
	h.clock.Advance(96 * time.Hour)
	h.runs()
	if got := h.cell("shop", "SELECT count(*) FROM customers WHERE id = 1"); got != "0" {
		t.Errorf("%s accounts are left", got)
	}
	f := h.folder(officer, r.Ref)
	open := f.OpenTasks()
	if f.Request.State == rights.Fulfilled || len(open) != 1 || open[0].Source != "cellar" {
		t.Fatalf("the request is %s, open tasks %+v", f.Request.State, open)
	}
	if !slices.ContainsFunc(f.Erasure.Left, func(l workflow.Left) bool { return l.Source == "cellar" && l.ByHand && l.Collection == "" }) {
		t.Errorf("what is left is %+v", f.Erasure.Left)
	}
	if err := h.Fulfil(t.Context(), officer, r.Ref, f.Request.Version, "Done."); fault(err) != "desk.error.evidence" {
		t.Errorf("fulfilled without a look into the cellar: %v", err)
	}
	h.must(h.SetTask(t.Context(), officer, r.Ref, workflow.TaskChange{ID: open[0].ID, Version: open[0].Version, State: rights.TaskDone, Note: "Shredded", Evidence: rights.Evidence{By: "Jo", On: h.day()}}))
	if f = h.folder(officer, r.Ref); slices.ContainsFunc(f.Erasure.Left, func(l workflow.Left) bool { return l.ByHand }) {
		t.Errorf("what was shredded is still said to be left: %+v", f.Erasure.Left)
	}
	h.must(h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), "Done."))
}

// Who meets a request in part, and says nothing of a task, may have refused just that.
func TestWhatAnErasureInPartMayHaveLeftIsStillSaidToBeLeft(t *testing.T) {
	h := erasing(t, "{basis: legitimate_interests,", "{basis: legitimate_interests,") // nothing says what becomes of the journal
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r := h.erasure(by)
	h.clock.Advance(96 * time.Hour)
	h.runs()
	h.must(h.FulfilInPart(t.Context(), officer, r.Ref, h.version(r.Ref), "legal_obligation", "The journal stays."))
	d, err := h.Request(t.Context(), by, r.Ref)
	h.must(err)
	if !slices.ContainsFunc(d.Erasure.Left, func(l workflow.Left) bool { return l.Source == "journal" && l.ByHand }) {
		t.Errorf("she reads that only this is left: %+v", d.Erasure.Left)
	}
}

func (h *house) day() rights.Date { return rights.DateOf(h.clock.Now().In(h.Location)) }

func TestSomebodyWhomNoMachineKnowsIsStillLookedForOnPaper(t *testing.T) {
	h := withCellar(erasing(t))
	by, officer := h.customer(nobody), h.officer(rights.RoleOfficer)
	r := h.erasure(by)
	h.clock.Advance(96 * time.Hour)
	h.runs()
	if f := h.folder(officer, r.Ref); f.Request.State == rights.Fulfilled || !slices.ContainsFunc(f.OpenTasks(), func(t rights.Task) bool { return t.Source == "cellar" }) {
		t.Errorf("the request is %s, its tasks %+v", f.Request.State, f.Tasks)
	}
}

// A copy lacks what only a team can look for: it says so, and that is a task.
func TestACopyLacksWhatIsKeptByHandUntilItsTaskIsDone(t *testing.T) {
	h := withCellar(open(t))
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r, err := h.Export(t.Context(), by, rights.Access, "en")
	h.must(err)
	had, err := h.BuildNext(t.Context())
	h.must(err)
	f := h.folder(officer, r.Ref)
	if !had || !f.Request.State.Open() || f.Package == nil || f.Package.State != "ready" {
		t.Fatalf("the request is %s, its package %+v", f.Request.State, f.Package)
	}
	if i := slices.IndexFunc(f.OpenTasks(), func(t rights.Task) bool { return t.Source == "cellar" }); i < 0 || len(f.OpenTasks()) != 1 {
		t.Errorf("open are %+v", f.OpenTasks())
	}
	states, err := h.Overview(t.Context(), by)
	h.must(err)
	if last := states[len(states)-1]; last.State != sources.ByHand || last.Failed() || !last.ByHand() {
		t.Errorf("she sees %+v", last.CollectionState)
	}
	missing := func() (out []string) {
		c, err := h.Copy(t.Context(), by, r.Ref)
		h.must(err)
		for _, m := range c.Missing {
			out = append(out, m.Source)
		}
		return out
	}
	if got := missing(); !slices.Equal(got, []string{"cellar"}) {
		t.Errorf("missing are %q", got)
	}
	task := h.taskIn(officer, r.Ref, "cellar")
	h.must(h.SetTask(t.Context(), officer, r.Ref, workflow.TaskChange{ID: task.ID, Version: task.Version, State: rights.TaskDone, Note: "Nothing in it", Evidence: rights.Evidence{By: "Jo", On: h.day()}}))
	if got := missing(); len(got) > 0 {
		t.Errorf("what the team has looked for is still said to be missing: %q", got)
	}
}
