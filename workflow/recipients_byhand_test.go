package workflow_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/workflow"
)

// cellared is such a house with a cellar, whose folders a mover carries.
func cellared(t *testing.T) *house {
	t.Helper()
	h := disclosing(t)
	text, err := os.ReadFile("testdata/cellar.yml")
	h.must(err)
	const team = "team: {en: Archive, zh-CN: 档案组}"
	if !strings.Contains(string(text), team) {
		t.Fatal("the map of the cellar has changed")
	}
	file := filepath.Join(t.TempDir(), "cellar.yml")
	h.must(os.WriteFile(file, []byte(strings.Replace(string(text), team, team+"\n      recipients: [{name: Mover, role: processor, email: mover@mover.example}]", 1)), 0o600))
	configs := append(h.mapped[:len(h.mapped):len(h.mapped)], sources.Config{Key: "cellar", Driver: "manual", Dataset: file})
	set, err := sources.Open(t.Context(), configs, sources.Options{IDKey: make([]byte, 32)})
	h.must(err)
	t.Cleanup(func() { h.must(set.Close()) })
	h.Sources, h.mapped = set, configs
	return h
}

// does settles the task of a source by hand.
func (h *house) does(by rights.Actor, ref, source string, state rights.TaskState) {
	h.t.Helper()
	task := h.taskIn(by, ref, source)
	h.must(h.SetTask(h.t.Context(), by, ref, workflow.TaskChange{
		ID: task.ID, Version: task.Version, State: state, Note: "Looked through", Evidence: rights.Evidence{By: "Jo", On: h.day()},
	}))
}

// A request in words names no field: who has what was corrected is for an officer to tell (GDPR Art. 19).
func TestWhatPeopleCorrectedIsToldByPeople(t *testing.T) {
	h := cellared(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Rectification, Text: "My name is spelt wrong everywhere", Language: "en"})
	h.must(err)
	h.does(officer, r.Ref, "shop", rights.TaskDone)
	h.does(officer, r.Ref, "journal", rights.TaskSkipped)
	h.does(officer, r.Ref, "cellar", rights.TaskSkipped)
	if h.tells(); h.states(officer, r.Ref) != "" {
		t.Fatal("told before it was answered")
	}
	h.must(h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), "Done."))
	h.tells()
	if got := h.states(officer, r.Ref); got != "Bank by_hand, Courier by_hand, Printer by_hand" {
		t.Fatalf("who is to be told: %q", got)
	}
	if open := h.folder(officer, r.Ref).OpenTasks(); len(open) != 3 || open[0].Kind != rights.TaskRecipient {
		t.Errorf("the tasks are %+v", open)
	}
}

func TestWhoAnswersWithoutAWordOnTheTasksSaysThatAllIsDone(t *testing.T) {
	h := disclosing(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Rectification, Text: "My name is spelt wrong everywhere", Language: "en"})
	h.must(err)
	h.must(h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), "Done."))
	h.tells()
	if got := h.states(officer, r.Ref); got != "Bank by_hand, Courier by_hand, Printer by_hand" {
		t.Fatalf("who is to be told: %q", got)
	}
}

func TestWhatWasErasedInACellarIsToldToWhoeverHadItFromThere(t *testing.T) {
	h := cellared(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r := h.erasure(by)
	h.clock.Advance(96 * time.Hour)
	h.runs()
	h.does(officer, r.Ref, "cellar", rights.TaskDone)
	h.must(h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), "Done."))
	h.tells()
	if got := h.states(officer, r.Ref); got != "Bank sent, Courier sent, Mover by_hand, Printer by_hand" {
		t.Fatalf("who is told: %q", got)
	}
}

func TestWhatWasErasedInACellarBeforeTheMachineWasDoneIsToldToo(t *testing.T) {
	h := cellared(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r := h.erasure(by)
	up := h.down("shop")
	h.clock.Advance(96 * time.Hour)
	h.runs()
	h.does(officer, r.Ref, "cellar", rights.TaskDone)
	up()
	h.clock.Advance(time.Hour)
	h.runs()
	h.tells()
	if got := h.states(officer, r.Ref); got != "Bank sent, Courier sent, Mover by_hand, Printer by_hand" {
		t.Fatalf("who is told: %q", got)
	}
}

func TestAnErasureThatWasTakenUpAgainIsToldAfterAll(t *testing.T) {
	h := disclosing(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r := h.erasure(by)
	h.clock.Advance(96 * time.Hour)
	if had, err := h.EraseNext(t.Context()); !had || err != nil { // it has begun, and is noted
		t.Fatal(had, err)
	}
	h.must(h.Refuse(t.Context(), officer, r.Ref, h.version(r.Ref), "unfounded", "No."))
	h.tells()
	h.must(h.Reopen(t.Context(), officer, r.Ref, h.version(r.Ref), "We were wrong to refuse it."))
	for _, source := range []string{"shop", "journal"} {
		h.does(officer, r.Ref, source, rights.TaskDone)
	}
	h.must(h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), "Done."))
	h.tells()
	if got := h.states(officer, r.Ref); got != "Bank by_hand, Courier by_hand, Printer by_hand" {
		t.Fatalf("who is told: %q", got)
	}
}

// They were asked to wait until we write again.
func TestWhoWasToldOfARestrictionIsToldOfItsEnd(t *testing.T) {
	h := disclosing(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Restriction, Text: "Stop", Language: "en"})
	h.must(err)
	h.must(h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), "Done."))
	h.tells()
	token := h.find(noticeLink, courier)
	open := h.folder(officer, r.Ref).OpenTasks()
	i := slices.IndexFunc(open, func(t rights.Task) bool { return t.What == "Printer" })
	h.must(h.SetTask(t.Context(), officer, r.Ref, workflow.TaskChange{ID: open[i].ID, Version: open[i].Version, State: rights.TaskDone}))
	h.must(h.LowerFlag(t.Context(), by, rights.Restricted, "", "en"))
	l := h.letter(courier)
	says(t, l.Text, "The restriction has ended", r.Ref, "may use the data again")
	hides(t, l.Text+l.HTML, "/recipients/", "C-1001", ann)
	if _, err := h.Peek(t.Context(), token, home); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("the link to what is over: %v", err)
	}
	if got := h.states(officer, r.Ref); !strings.Contains(got, "Printer by_hand") {
		t.Errorf("who was told by an officer: %q", got)
	}
	h.clock.Advance(15 * 24 * time.Hour)
	if n := h.tells(); n != 0 {
		t.Errorf("reminded of what is over, %d steps", n)
	}
}

// Else the printer would let the data lie for ever.
func TestNobodyIsToldByHandOfARestrictionThatHasEnded(t *testing.T) {
	h := disclosing(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Restriction, Text: "Stop", Language: "en"})
	h.must(err)
	h.must(h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), "Done."))
	h.tells()
	h.must(h.LowerFlag(t.Context(), by, rights.Restricted, "", "en"))
	if got := h.states(officer, r.Ref); got != "Bank sent, Courier sent" {
		t.Errorf("who is told: %q", got)
	}
	if slices.ContainsFunc(h.folder(officer, r.Ref).OpenTasks(), func(t rights.Task) bool { return t.Kind == rights.TaskRecipient }) {
		t.Error("an officer still has it to tell")
	}
	if h.count(by.ID, "recipient.dropped") != 1 {
		t.Error("nobody wrote it down")
	}
}

func TestARestrictionThatEndedBeforeAnybodyWasToldIsToldToNobody(t *testing.T) {
	h := disclosing(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Restriction, Text: "Stop", Language: "en"})
	h.must(err)
	h.must(h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), "Done."))
	h.must(h.LowerFlag(t.Context(), by, rights.Restricted, "", "en"))
	h.tells()
	if got := h.states(officer, r.Ref); got != "" || len(h.letters(courier)) != 0 {
		t.Errorf("%q, %d letters", got, len(h.letters(courier)))
	}
}
