package store_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

func aTask(r rights.Request, source, what string) rights.Task {
	kind := string(r.Right)
	if what != "" {
		kind = rights.TaskOther
	}
	return rights.Task{ID: newID(), Request: r.ID, Source: source, Kind: kind, What: what, State: rights.TaskOpen, MadeAt: noon, Version: 1}
}

func TestTasksComeBackAsTheyWereAdded(t *testing.T) {
	s := open(t)
	r := addRequest(t, s, aRequest(addSubject(t, s, "ana@example.com").ID))
	other := addRequest(t, s, aRequest(r.Subject))
	added := []rights.Task{aTask(r, "shop", ""), aTask(r, "archive", ""), aTask(r, "", "Ask the courier")}
	write(t, s, func(tx *store.Tx) error { return tx.InsertTasks(added, why("tasks.made")) })
	write(t, s, func(tx *store.Tx) error {
		return tx.InsertTasks([]rights.Task{aTask(other, "shop", "")}, why("tasks.made"))
	})
	got, err := s.TasksOf(bg, r.ID)
	check(t, err)
	if !reflect.DeepEqual(got, added) {
		t.Fatalf("read %+v, wrote %+v", got, added)
	}

	done := added[1]
	done.State, done.Note, done.DoneAt, done.DoneBy = rights.TaskDone, "Two boxes of letters", noon.Add(time.Hour), "mei"
	done.Evidence = rights.Evidence{By: "Jo of the cellar", On: rights.NewDate(2026, 11, 20)}
	write(t, s, func(tx *store.Tx) error { return tx.UpdateTask(done, why("task.settled")) })
	if err := try(s, func(tx *store.Tx) error { return tx.UpdateTask(done, why("task.settled")) }); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("settling what somebody else has settled: %v", err)
	}
	done.Version++
	one, err := s.Task(bg, r.ID, done.ID)
	check(t, err)
	if !reflect.DeepEqual(one, done) {
		t.Errorf("read %+v, wrote %+v", one, done)
	}
	if _, err := s.Task(bg, other.ID, done.ID); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("a task of another request: %v", err)
	}
	lost := done
	lost.ID = "lost"
	if err := try(s, func(tx *store.Tx) error { return tx.UpdateTask(lost, why("task.settled")) }); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("a task that is not there: %v", err)
	}
}

func TestTheWordsOfTasksAreSealedAndGoWithTheKey(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	sub := addSubject(t, s, "ana@example.com")
	r := addRequest(t, s, aRequest(sub.ID))
	task := aTask(r, "", "Ask the courier of Ana")
	task.Note = "Rang Ana"
	write(t, s, func(tx *store.Tx) error { return tx.InsertTasks([]rights.Task{task}, why("tasks.made")) })
	var what, note []byte
	check(t, raw(t, dir).QueryRow("SELECT what, note FROM tasks").Scan(&what, &note))
	if strings.Contains(string(what)+string(note), "Ana") {
		t.Error("the words lie open")
	}
	write(t, s, func(tx *store.Tx) error { return tx.DestroySubjectKey(sub.ID, why("subject.erased")) })
	got, err := s.TasksOf(bg, r.ID)
	check(t, err)
	if len(got) != 1 || got[0].What != "" || got[0].Note != "" || got[0].State != rights.TaskOpen {
		t.Errorf("after the key is gone: %+v", got)
	}
}

func TestAStepSaysWhereItLeftItsRequest(t *testing.T) {
	s := open(t)
	r := addRequest(t, s, aRequest(addSubject(t, s, "ana@example.com").ID))
	step := func(kind string) func(tx *store.Tx) error {
		return func(tx *store.Tx) error {
			return tx.InsertEvent(rights.Event{ID: newID(), Request: r.ID, At: noon, Actor: rights.System, Kind: kind})
		}
	}
	write(t, s, step("received"))
	write(t, s, step("note"))
	later := r
	later.State, later.Owner, later.Due = rights.InProgress, "mei", rights.NewDate(2026, 5, 4)
	write(t, s, func(tx *store.Tx) error {
		if err := tx.UpdateRequest(later, why("request.assigned")); err != nil {
			return err
		}
		return step("assigned")(tx)
	})
	events, err := s.Events(bg, r.ID)
	check(t, err)
	later.Version = 2
	for i, want := range []rights.Stand{r.Stand(), r.Stand(), later.Stand()} {
		if events[i].Left != want {
			t.Errorf("after %s it stood at %+v, want %+v", events[i].Kind, events[i].Left, want)
		}
	}
	if err := try(s, func(tx *store.Tx) error {
		return tx.InsertEvent(rights.Event{ID: newID(), Request: "lost", At: noon, Kind: "note"})
	}); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("a step of no request: %v", err)
	}
}

func TestRelatedAreTheRequestsOfThePersonAndWhatIsAboutThem(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	ana, alias, ben := addSubject(t, s, "ana@example.com"), addSubject(t, s, "ana@work.example"), addSubject(t, s, "ben@example.com")
	add := func(sub store.Subject, right rights.Right, parent string, routine bool) rights.Request {
		r := aRequest(sub.ID)
		r.Right, r.Parent, r.Routine = right, parent, routine
		return addRequest(t, s, r)
	}
	first := add(ana, rights.Access, "", false)
	second := add(ana, rights.Erasure, "", false)
	add(ana, rights.Access, "", true)
	add(ana, rights.Consent, "", false)
	elsewhere := add(alias, rights.Access, "", false)
	bens := add(ben, rights.Access, "", false)
	complaint := add(ben, rights.Complaint, first.ID, false) // by somebody who acts for her
	related := func(r rights.Request) map[string]bool {
		t.Helper()
		got, err := s.Related(bg, r)
		check(t, err)
		ids := map[string]bool{}
		for _, other := range got {
			ids[other.ID] = true
		}
		return ids
	}
	expect := func(what string, of rights.Request, want ...rights.Request) {
		t.Helper()
		got := related(of)
		for _, r := range want {
			if !got[r.ID] {
				t.Errorf("%s: %s %s is missing", what, r.Right, r.Ref)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d related, want %d", what, len(got), len(want))
		}
	}
	expect("hers, and what is about it", first, second, complaint)
	expect("a complaint, what it is about, and his own", complaint, first, bens)
	expect("of somebody alone", elsewhere)
	_, err := raw(t, dir).Exec("UPDATE subjects SET merged_into = $1 WHERE id = $2", ana.ID, alias.ID)
	check(t, err)
	expect("of two who are shown as one", elsewhere, first, second)
	expect("and the other way round", second, first, elsewhere)

	_, err = raw(t, dir).Exec("UPDATE requests SET pseudonymised_at = 1 WHERE id = $1", second.ID)
	check(t, err)
	second, err = s.Request(bg, second.ID)
	check(t, err)
	expect("nothing ties a pseudonymised one to anybody", second)
	expect("nor anybody to it", first, complaint, elsewhere)

	for _, step := range steps(t, raw(t, dir), store.Statement{Text: store.RelatedSQL, Args: []any{ana.ID, first.ID, ""}}) {
		if strings.HasPrefix(step, "SCAN") && !strings.HasPrefix(step, "SCAN h") && !strings.HasPrefix(step, "SCAN k") && !strings.HasPrefix(step, "SCAN n") && !strings.Contains(step, "CONSTANT ROW") {
			t.Errorf("it reads a whole table: %s", step)
		}
	}
}
