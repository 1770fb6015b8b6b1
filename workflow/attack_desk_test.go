package workflow_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
	"habeas/workflow"
)

const moved = "annabel@elsewhere.example"

// twice signs Annabel in from her mailbox, then from another one that her record has since, and returns both.
func (h *house) twice() (before, now rights.Actor) {
	h.t.Helper()
	before = h.customer(ann)
	h.execute("shop", `UPDATE customers SET email = '`+moved+`' WHERE id = 1`)
	return before, h.again(moved)
}

// undone takes back the only decision about somebody.
func (h *house) undone(officer rights.Actor, id string) {
	h.t.Helper()
	p, err := h.Profile(h.t.Context(), officer, id, workflow.ProfileAt{})
	h.must(err)
	h.must(h.UndoMerge(h.t.Context(), officer, p.Merged[0].ID))
}

// A mailbox that somebody has left can be another's by now: whatever is written to her goes where her record says.
func TestLettersToSomebodyWhoMovedGoToTheMailboxThatTheirRecordHas(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	before, now := h.twice()
	old := h.said(before, "Asked from the old mailbox")
	up := h.down("shop")
	if err := h.Decide(t.Context(), officer, before.ID, now.ID, true, because); !workflow.Unavailable(err) {
		t.Errorf("decided while nobody knows whose mailbox it is: %v", err)
	}
	up()
	h.must(h.Decide(t.Context(), officer, before.ID, now.ID, true, because))
	her := h.again(moved)
	h.deliver()
	letters := len(h.letters(ann))
	asked := h.said(her, "Asked from the new one")
	h.must(h.Refuse(t.Context(), officer, old.Ref, h.version(old.Ref), "legal_claims", "Words about her"))
	h.must(h.Fulfil(t.Context(), officer, asked.Ref, h.version(asked.Ref), "More words about her"))
	if late := len(h.letters(ann)) - letters; late != 0 {
		t.Errorf("%d letters went to the mailbox that she has left", late)
	}
	says(t, h.letterWith(moved, "Words about her"), old.Ref)
	says(t, h.letterWith(moved, "More words about her"), asked.Ref)
}

// An officer can be wrong about who is one, or crooked: whoever is at the other mailbox must hear what is asked for both.
func TestAnAlertReachesEveryMailboxOfTwoWhoAreOne(t *testing.T) {
	for _, from := range []string{ann, moved} {
		h := open(t)
		officer := h.officer(rights.RoleOfficer)
		before, now := h.twice()
		h.must(h.Decide(t.Context(), officer, before.ID, now.ID, true, because))
		copied := h.exported(h.again(moved))
		says(t, h.letterWith(from, "/stop/"), copied.Ref)
	}
}

func TestAStopEndsTheSessionsOfWhoeverIsShownWithThePerson(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	before := h.customer(ann)
	copied := h.exported(before)
	stop := h.stop(ann)
	h.execute("shop", `UPDATE customers SET email = '`+moved+`' WHERE id = 1`)
	now := h.again(moved)
	h.must(h.Decide(t.Context(), officer, before.ID, now.ID, true, because))
	h.clock.Advance(15 * time.Minute)
	thief := h.enter(moved)
	if _, err := h.StopNow(t.Context(), stop); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Who(t.Context(), thief.Token); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("the session that reaches %s goes on: %v", copied.Ref, err)
	}
}

// While two are shown as one, each can write on what the other asked. When they are two again neither reads the other there.
func TestWhatWasSaidWhileTwoWereOneIsNotShownToTheOtherAfterwards(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	cleo, dario := h.chosen("C-1003"), h.chosen("C-1004")
	his := h.said(dario, "His own words")
	h.must(h.Decide(t.Context(), officer, cleo.ID, dario.ID, true, because))
	both := h.chosen("C-1003")
	h.must(h.Say(t.Context(), both, his.Ref, "Hers, on his request", workflow.Upload{Name: "hers.pdf", Body: aPDF}))
	d, err := h.Portal.Request(t.Context(), both, his.Ref)
	h.must(err)
	if len(d.Messages) != 2 || len(d.Files) != 1 {
		t.Fatalf("while they are one: %d messages, %d files", len(d.Messages), len(d.Files))
	}
	file := d.Files[0].ID
	h.undone(officer, cleo.ID)
	h.clock.Advance(24 * time.Hour)
	again := h.chosen("C-1004")
	d, err = h.Portal.Request(t.Context(), again, his.Ref)
	h.must(err)
	if len(d.Messages) != 1 || d.Messages[0].Body != "His own words" || len(d.Files) != 0 {
		t.Errorf("he reads %+v, and %d files", d.Messages, len(d.Files))
	}
	if _, _, err := h.File(t.Context(), again, his.Ref, file); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("he takes her file: %v", err)
	}
}

// Somebody who is shown with another must be able to come in after that other was erased and the decision undone.
func TestUndoingADecisionAboutSomebodyErasedLocksNobodyOut(t *testing.T) {
	h := open(t)
	ids := h.crowd(3)
	a, b, c := ids[0], ids[1], ids[2]
	why := rights.Entry{At: h.Now(), Actor: rights.System, Act: "test"}
	first := store.Merge{ID: "1", Gone: a, Kept: b, One: true, Reason: because, At: h.Now()}
	second := store.Merge{ID: "2", Gone: b, Kept: c, One: true, Reason: because, At: h.Now()}
	h.must(h.Store.Write(t.Context(), func(tx *store.Tx) error {
		return errors.Join(tx.InsertMerge(first, why), tx.InsertMerge(second, why))
	}))
	h.must(h.Store.Write(t.Context(), func(tx *store.Tx) error { return tx.DestroySubjectKey(b, why) }))
	h.must(h.Store.Write(t.Context(), func(tx *store.Tx) error { return tx.UndoMerge(second, "x", h.Now(), why) }))
	if head, err := h.Store.HeadOf(t.Context(), a); err != nil || head != a {
		t.Errorf("shown with %s, who is erased: %v", head, err)
	}
}

// Until it is known who asks nothing is changed for them: also not by hand, source by source.
func TestNoTaskThatChangesDataIsDoneForSomebodyUnproven(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	for _, right := range []rights.Right{rights.Erasure, rights.Rectification} {
		r := h.register(officer, h.phoned(bo, right))
		h.clock.Advance(96 * time.Hour)
		task := h.folder(officer, r.Ref).Tasks[0]
		done := workflow.TaskChange{ID: task.ID, Version: task.Version, State: rights.TaskDone}
		if err := h.SetTask(t.Context(), officer, r.Ref, done); fault(err) != "intake.error.held.identity" {
			t.Errorf("%s for whoever called: %v", right, err)
		}
		h.must(h.Identify(t.Context(), officer, r.Ref, h.version(r.Ref), rights.ByCallback, "called back"))
		h.must(h.SetTask(t.Context(), officer, r.Ref, done))
	}
	m := h.register(officer, h.actsFor(bo, rights.Erasure, rights.Agent))
	h.clock.Advance(96 * time.Hour)
	task := h.folder(officer, m.Ref).Tasks[0]
	if err := h.SetTask(t.Context(), officer, m.Ref, workflow.TaskChange{ID: task.ID, Version: 1, State: rights.TaskDone}); fault(err) != "intake.error.held.mandate" {
		t.Errorf("for an agent whom nobody has confirmed: %v", err)
	}
}

// A wrong number says that nobody behind the mailbox has it: that is an answer, and stands in the log.
func TestATriedNumberIsWrittenDown(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	unpicked := h.unchosen()
	for range 3 {
		if err := h.Settle(t.Context(), officer, unpicked.ID, "C-1001", because); fault(err) != "merge.error.number" {
			t.Fatal(err)
		}
	}
	if n := h.count(unpicked.ID, "person.number_tried"); n != 3 {
		t.Errorf("the log has %d of 3 tries", n)
	}
}

// What is no longer anybody's is found by nobody, and no page of it fails.
func TestARecordThatHasServedItsTimeLeadsToNobody(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	by := h.customer(ann)
	r := h.under("ccpa", by)
	h.must(h.Cancel(t.Context(), by, r.Ref))
	h.deliver()
	h.clock.Advance(3 * 366 * 24 * time.Hour)
	r = h.retained(r.ID)
	if r.PseudonymisedAt.IsZero() {
		t.Fatal("it is still kept")
	}
	if found, err := h.FindPerson(t.Context(), officer, r.Ref); err != nil || len(found.People) != 0 {
		t.Errorf("its reference finds %+v, %v", found, err)
	}
	for page, err := range map[string]error{
		"data": second(h.DeskData(t.Context(), officer, r.Ref)),
		"profile": func() error {
			_, err := h.Profile(t.Context(), officer, store.Pseudonym, workflow.ProfileAt{})
			return err
		}(),
		"note":   h.Note(t.Context(), officer, r.Ref, r.Version, "Words"),
		"reopen": h.Reopen(t.Context(), officer, r.Ref, r.Version, "Words"),
	} {
		if !slices.ContainsFunc([]error{rights.ErrNotFound, rights.ErrGone}, func(want error) bool { return errors.Is(err, want) }) {
			t.Errorf("%s: %v", page, err)
		}
	}
}

func second(_ rights.Request, _ []workflow.Holding, err error) error { return err }

// Who says that they are somebody can be sent a question, and no document: what is let out is not taken back.
func TestNoFileIsSentToSomebodyUnproven(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	pdf := workflow.Upload{Name: "yours.pdf", Body: aPDF}
	for _, c := range []struct {
		sentence, want string
		registration   workflow.Registration
	}{
		{"whoever called", "intake.error.held.identity", h.phoned(pair, rights.Access)},
		{"an agent whom nobody has confirmed", "intake.error.held.mandate", h.actsFor(bo, rights.Access, rights.Agent)},
		{"somebody who objects, of whom no proof is asked", "", h.phoned(bo, rights.OptOut)},
	} {
		r := h.register(officer, c.registration)
		h.must(h.Reply(t.Context(), officer, r.Ref, 1, "Which years do you mean?"))
		if err := h.Reply(t.Context(), officer, r.Ref, 2, "All of it", pdf); fault(err) != c.want {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
}

// Nobody decides on what they asked themselves (security.md 6: nobody approves their own act). A colleague does.
func TestAnOfficerDoesNotAnswerTheirOwnRequest(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	officer, colleague := h.officer(rights.RoleOfficer), h.officer(rights.RoleApprover)
	h.must(h.Store.Write(t.Context(), func(tx *store.Tx) error {
		m, err := tx.StaffByID(t.Context(), officer.ID)
		if err != nil {
			return err
		}
		m.Email = "Ann+desk@example.com"
		return tx.UpdateStaff(m, rights.Entry{At: h.Now(), Actor: rights.System, Act: "test"})
	}))
	r := h.objection(by)
	erasure := h.erasure(by)
	h.clock.Advance(96 * time.Hour)
	correction, err := h.Correct(t.Context(), h.customer(ann), changed("name", "Ann Rich"), "en")
	h.must(err)
	task := h.folder(officer, erasure.Ref).Tasks[0]
	for act, err := range map[string]error{
		"fulfil":  h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), "Yes"),
		"refuse":  h.Refuse(t.Context(), officer, r.Ref, h.version(r.Ref), "legal_claims", ""),
		"message": h.Reply(t.Context(), officer, r.Ref, h.version(r.Ref), "Hello me"),
		"accept":  h.Accept(t.Context(), officer, correction.Ref, h.version(correction.Ref)),
		"task":    h.SetTask(t.Context(), officer, erasure.Ref, workflow.TaskChange{ID: task.ID, Version: 1, State: rights.TaskDone}),
	} {
		if fault(err) != "desk.error.own" {
			t.Errorf("%s: %v", act, err)
		}
	}
	h.must(h.Assign(t.Context(), officer, correction.Ref, h.version(correction.Ref), colleague.ID))
	h.must(h.Accept(t.Context(), colleague, correction.Ref, h.version(correction.Ref)))
	h.must(h.Fulfil(t.Context(), colleague, r.Ref, h.version(r.Ref), "Yes"))
}

// Whoever decides that two are one, or who wrote what, gives the one the records of the other: nobody does it for themselves.
func TestNobodyOfTheTeamDecidesWhoTheyAre(t *testing.T) {
	h := open(t)
	officer, colleague := h.officer(rights.RoleOfficer), h.officer(rights.RoleApprover)
	h.must(h.Store.Write(t.Context(), func(tx *store.Tx) error {
		m, err := tx.StaffByID(t.Context(), officer.ID)
		if err != nil {
			return err
		}
		m.Email = pair
		return tx.UpdateStaff(m, rights.Entry{At: h.Now(), Actor: rights.System, Act: "test"})
	}))
	dario, cleo, unpicked := h.chosen("C-1004"), h.chosen("C-1003"), h.unchosen()
	if err := h.Decide(t.Context(), officer, cleo.ID, dario.ID, true, because); fault(err) != "desk.error.own" {
		t.Errorf("one: %v", err)
	}
	if err := h.Settle(t.Context(), officer, unpicked.ID, "C-1003", because); fault(err) != "desk.error.own" {
		t.Errorf("settled: %v", err)
	}
	if h.count(unpicked.ID, "person.number_tried") != 0 {
		t.Error("a number was tried")
	}
	h.must(h.Decide(t.Context(), colleague, cleo.ID, dario.ID, false, because))
	p, err := h.Profile(t.Context(), colleague, cleo.ID, workflow.ProfileAt{})
	h.must(err)
	if err := h.UndoMerge(t.Context(), officer, p.Apart[0].ID); fault(err) != "desk.error.own" {
		t.Errorf("undone: %v", err)
	}
}
