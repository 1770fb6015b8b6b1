package workflow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/workflow"
)

// withCellar adds a system without a connection to what the house knows.
func withCellar(h *house) *house {
	h.t.Helper()
	configs := h.mapped
	if configs == nil {
		configs = []sources.Config{
			{Key: "shop", Driver: "sqlite", DSN: "file:" + h.file("shop"), Dataset: "testdata/shop.yml"},
			{Key: "journal", Driver: "sqlite", DSN: "file:" + h.file("journal"), Dataset: "testdata/journal.yml"},
		}
	}
	configs = append(slices.Clone(configs), sources.Config{Key: "cellar", Driver: "manual", Dataset: "testdata/cellar.yml"})
	set, err := sources.Open(h.t.Context(), configs, sources.Options{IDKey: make([]byte, 32)})
	h.must(err)
	h.t.Cleanup(func() { h.must(set.Close()) })
	h.Sources, h.mapped = set, configs
	return h
}

// taskIn is the task of a request in a source.
func (h *house) taskIn(by rights.Actor, ref, source string) rights.Task {
	h.t.Helper()
	tasks := h.folder(by, ref).Tasks
	i := slices.IndexFunc(tasks, func(t rights.Task) bool { return t.Source == source })
	if i < 0 {
		h.t.Fatalf("no task in %s: %+v", source, tasks)
	}
	return tasks[i]
}

var theseDays = rights.Evidence{By: "Jo of the cellar", On: rights.NewDate(2026, 11, 23)}

func TestWhatIsDoneWithoutAConnectionIsShown(t *testing.T) {
	h := withCellar(open(t))
	officer := h.officer(rights.RoleOfficer)
	for _, right := range []rights.Right{rights.Erasure, rights.Rectification} {
		r := h.register(officer, h.phoned(bo, right))
		h.must(h.Identify(t.Context(), officer, r.Ref, h.version(r.Ref), rights.ByCallback, "called back"))
		h.clock.Advance(96 * time.Hour)
		task := h.taskIn(officer, r.Ref, "cellar")
		done := workflow.TaskChange{ID: task.ID, Version: task.Version, State: rights.TaskDone, Note: "Folder 12 shredded", Evidence: theseDays}
		for _, row := range []struct {
			why   string
			spoil func(*workflow.TaskChange)
			want  string
		}{
			{"nobody says what was done", func(c *workflow.TaskChange) { c.Note = " " }, "tasks.error.note"},
			{"nor who did it", func(c *workflow.TaskChange) { c.By = "" }, "tasks.error.by"},
			{"nor when", func(c *workflow.TaskChange) { c.On = rights.Date{} }, "tasks.error.on"},
			{"on a day that has not come", func(c *workflow.TaskChange) { c.On = rights.NewDate(2027, 1, 1) }, "tasks.error.future"},
			{"by a name without end", func(c *workflow.TaskChange) { c.By = strings.Repeat("x", 121) }, "error.too_long"},
			{"with a file that is none", func(c *workflow.TaskChange) { c.Files = []workflow.Upload{{Name: "x.pdf", Body: aZip}} }, "files.error.type"},
		} {
			spoilt := done
			row.spoil(&spoilt)
			if err := h.SetTask(t.Context(), officer, r.Ref, spoilt); fault(err) != row.want {
				t.Errorf("%s, %s: %v, want %s", right, row.why, err, row.want)
			}
		}
		if err := h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), "Done."); fault(err) != "desk.error.evidence" {
			t.Errorf("%s is fulfilled, and nothing shows it: %v", right, err)
		}
		done.Files = []workflow.Upload{{Name: "shredder.pdf", Body: aPDF}}
		h.must(h.SetTask(t.Context(), officer, r.Ref, done))

		f := h.folder(officer, r.Ref)
		task = h.taskIn(officer, r.Ref, "cellar")
		if task.State != rights.TaskDone || task.Evidence != theseDays || task.Note != "Folder 12 shredded" || task.DoneBy != officer.ID {
			t.Errorf("the task is %+v", task)
		}
		if files := f.FilesOf(task.ID); len(files) != 1 || !files[0].Private || files[0].Name != "shredder.pdf" {
			t.Errorf("its files are %+v", files)
		}
		last := f.Events[len(f.Events)-1]
		if last.Kind != "task_done" || last.Facts["on"] != "2026-11-23" || last.Facts["files"] != "1" || strings.Contains(strings.Join(facts(last.Facts), " "), "Jo") {
			t.Errorf("the history ends with %+v", last)
		}
		h.must(h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), "Done."))
	}
}

func facts(m map[string]string) (out []string) {
	for k, v := range m {
		out = append(out, k, v)
	}
	return out
}

func TestWhereAMachineCanLookEvidenceIsWelcomeAndNotNeeded(t *testing.T) {
	h := withCellar(open(t))
	officer := h.officer(rights.RoleOfficer)
	r := h.register(officer, h.phoned(bo, rights.Objection))
	for _, source := range []string{"shop", "cellar"} { // an objection in the cellar neither
		task := h.taskIn(officer, r.Ref, source)
		h.must(h.SetTask(t.Context(), officer, r.Ref, workflow.TaskChange{ID: task.ID, Version: task.Version, State: rights.TaskDone}))
	}
	task := h.taskIn(officer, r.Ref, "journal")
	h.must(h.SetTask(t.Context(), officer, r.Ref, workflow.TaskChange{ID: task.ID, Version: task.Version, State: rights.TaskSkipped, Note: "Nothing there", Evidence: theseDays}))
	task = h.taskIn(officer, r.Ref, "journal")
	if task.Evidence != theseDays {
		t.Errorf("the evidence is %+v", task.Evidence)
	}
	h.must(h.SetTask(t.Context(), officer, r.Ref, workflow.TaskChange{ID: task.ID, Version: task.Version, State: rights.TaskOpen}))
	if task = h.taskIn(officer, r.Ref, "journal"); !task.Evidence.IsZero() {
		t.Errorf("a task that is open again is still done by %+v", task.Evidence)
	}
}

func TestFilesCollectedByHandGoToThePerson(t *testing.T) {
	h := withCellar(open(t))
	officer := h.officer(rights.RoleOfficer)
	r := h.register(officer, h.phoned(ann, rights.Access))
	task := h.taskIn(officer, r.Ref, "cellar")
	found := workflow.TaskChange{ID: task.ID, Version: task.Version, State: rights.TaskDone, Note: "One folder", Evidence: theseDays, Hand: true,
		Files: []workflow.Upload{{Name: "folder.pdf", Body: aPDF}}}
	if err := h.SetTask(t.Context(), officer, r.Ref, found); fault(err) != "intake.error.held.identity" {
		t.Errorf("to whoever called: %v", err)
	}
	h.must(h.Identify(t.Context(), officer, r.Ref, h.version(r.Ref), rights.ByCallback, "called back"))
	h.deliver()
	h.must(h.SetTask(t.Context(), officer, r.Ref, found))
	says(t, h.letter(ann).Text, r.Ref)
	person := h.again(ann)
	d, err := h.Request(t.Context(), person, r.Ref)
	h.must(err)
	if len(d.Files) != 1 || d.Files[0].Private || len(d.FilesOf(d.Messages[len(d.Messages)-1].ID)) != 1 {
		t.Fatalf("she sees %+v in %+v", d.Files, d.Messages)
	}
	if _, body, err := h.File(t.Context(), person, r.Ref, d.Files[0].ID); err != nil || string(body) != string(aPDF) {
		t.Errorf("she gets %q, %v", body, err)
	}
}

func TestTheListOfTasksNamesNobodyAndIsForWhoeverSeesTheQueue(t *testing.T) {
	h := withCellar(open(t))
	officer := h.officer(rights.RoleOfficer)
	r := h.register(officer, h.phoned(ann, rights.Objection))
	rows, next, err := h.Tasks(t.Context(), officer, workflow.TaskQuery{Sources: []string{"cellar"}})
	if err != nil || next != "" || len(rows) != 1 || rows[0].Ref != r.Ref || rows[0].Kind != "objection" {
		t.Errorf("the list is %+v, %q, %v", rows, next, err)
	}
	n := 0
	h.must(h.TasksAll(t.Context(), officer, workflow.TaskQuery{Right: rights.Objection}, func(workflow.TaskRow) error { n++; return nil }))
	if said := h.column(h.portal(), "SELECT CAST(leaf AS TEXT) FROM audit_entries WHERE act = 'tasks.exported'"); n != 3 || len(said) != 1 || !strings.Contains(said[0], `"rows":"3"`) {
		t.Errorf("%d tasks left, the log says %v", n, said)
	}
	if _, _, err := h.Tasks(t.Context(), h.again(ann), workflow.TaskQuery{}); err != rights.ErrNotFound {
		t.Errorf("a person sees the tasks: %v", err)
	}
	teams := h.Teams()
	if len(teams) != 1 || teams[0].Key != "cellar" || h.TeamOf("cellar", "zh-CN") != "档案组" || h.TeamOf("shop", "en") != "" {
		t.Errorf("the teams are %+v", teams)
	}
}
