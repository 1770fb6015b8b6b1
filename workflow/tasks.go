package workflow

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// maxTask is the most characters of what a task by hand says.
const maxTask = 200

// makeTasks lists what has to be done for a new request, one task a source of the data map, where people answer it. What
// the machine does by itself (viewing, a copy, a correction that is decided on its two values) has no tasks.
func (p *Portal) makeTasks(tx *store.Tx, by rights.Actor, r rights.Request, facts map[string]string) error {
	if r.Routine || !r.Right.Tasked() || facts["how"] == "package" || facts["field"] != "" {
		return nil
	}
	var tasks []rights.Task
	for _, source := range p.Sources.Sources() {
		tasks = append(tasks, p.newTask(r, source, string(r.Right), ""))
	}
	if len(tasks) == 0 {
		return nil
	}
	return tx.InsertTasks(tasks, p.entry(by, "tasks.made", r.Subject, r.ID, map[string]string{"count": strconv.Itoa(len(tasks))}))
}

func (p *Portal) newTask(r rights.Request, source, kind, what string) rights.Task {
	return rights.Task{
		ID: p.newID(), Request: r.ID, Source: source, Kind: kind, What: what, State: rights.TaskOpen, MadeAt: p.Now(), Version: 1,
	}
}

// OpenTasks are those of the folder that nobody has done or skipped.
func (f Folder) OpenTasks() []rights.Task {
	var out []rights.Task
	for _, t := range f.Tasks {
		if t.State == rights.TaskOpen {
			out = append(out, t)
		}
	}
	return out
}

// AddTask adds a task in the officer's own words to an open request.
func (p *Portal) AddTask(ctx context.Context, by rights.Actor, ref string, version int, what string) error {
	what = strings.TrimSpace(what)
	switch n := utf8.RuneCountInString(what); {
	case n == 0:
		return rights.Fault("what", "desk.error.task", nil)
	case n > maxTask:
		return rights.Fault("what", "error.too_long", map[string]any{"Max": maxTask, "Over": n - maxTask})
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, _ store.Subject, r rights.Request) error {
		if !r.State.Open() {
			return rights.Fault("act", "desk.error.closed", nil)
		}
		t := p.newTask(r, "", rights.TaskOther, what)
		facts := map[string]string{"task": t.ID}
		if err := tx.InsertTasks([]rights.Task{t}, p.entry(by, "task.added", r.Subject, r.ID, facts)); err != nil {
			return err
		}
		return p.keepPrivate(tx, by, r, "task_added", facts, "")
	})
}

// TaskChange is how an officer settles a task, or opens it again, at the version of the task that they saw.
type TaskChange struct {
	ID      string
	Version int
	State   rights.TaskState
	Note    string // what was found; why, where it is skipped
	rights.Evidence
	Files []Upload // that show it
	Hand  bool     // the files are for the person, too: they go to them as a message
}

// taskEvents are the steps that the history shows for a task.
var taskEvents = map[rights.TaskState]string{
	rights.TaskOpen: "task_reopened", rights.TaskDone: "task_done", rights.TaskSkipped: "task_skipped",
}

// SetTask settles a task of an open request, or opens it again. It needs no version of the request: two officers can work
// on its tasks at once. The first one settled starts the work.
func (p *Portal) SetTask(ctx context.Context, by rights.Actor, ref string, change TaskChange) error {
	r, err := p.deskRequest(ctx, by, rights.HandleRequest, ref)
	if err != nil {
		return err
	}
	note, files, err := p.checkTask(change)
	if err != nil {
		return err
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(ctx, r.ID)
		if err != nil {
			return err
		}
		t, err := tx.Task(ctx, r.ID, change.ID)
		if err != nil {
			return err
		}
		s, err := tx.Subject(ctx, r.Subject)
		if err != nil {
			return err
		}
		if err := p.disinterested(ctx, tx, by, s); err != nil {
			return err
		}
		if err := p.maySettle(tx, r, t, change.State); err != nil {
			return err
		}
		if t.Version != change.Version {
			return rights.ErrConflict
		}
		if err := p.shown(t, change, note); err != nil {
			return err
		}
		t.State, t.Note, t.DoneAt, t.DoneBy, t.Evidence = change.State, note, time.Time{}, "", rights.Evidence{}
		if change.State != rights.TaskOpen {
			t.DoneAt, t.DoneBy, t.Evidence = p.Now(), by.ID, change.Evidence
		}
		facts := map[string]string{"task": t.ID, "source": t.Source, "state": string(t.State)}
		if !t.On.IsZero() {
			facts["on"] = t.On.String()
		}
		if len(files) > 0 {
			facts["files"] = strconv.Itoa(len(files))
		}
		if err := tx.UpdateTask(t, p.entry(by, "task.settled", r.Subject, r.ID, facts)); err != nil {
			return err
		}
		if err := p.erasedByHand(tx, r, t); err != nil {
			return err
		}
		if err := p.toldByHand(ctx, tx, by, r, t); err != nil {
			return err
		}
		if r.State == rights.Received {
			if r, err = p.move(tx, by, r, rights.InProgress, "started", nil); err != nil {
				return err
			}
		}
		if change.Hand && len(files) > 0 {
			err = p.handOver(ctx, tx, by, s, r, files)
		} else {
			err = p.attach(ctx, tx, by, r, files, belongs{message: t.ID, private: true})
		}
		if err != nil {
			return err
		}
		if err := p.keepPrivate(tx, by, r, taskEvents[t.State], facts, note); err != nil {
			return err
		}
		_, err = p.concludeByHand(ctx, tx, s, r)
		return err
	})
}

// handOver sends files that were collected by hand to the person, as any message of the team with files is sent.
func (p *Portal) handOver(ctx context.Context, tx *store.Tx, by rights.Actor, s store.Subject, r rights.Request, files []checkedFile) error {
	if err := p.proven(tx, r); err != nil { // what is let out is not taken back
		return err
	}
	if err := p.sayWith(ctx, tx, by, r, "", files, p.Now()); err != nil {
		return err
	}
	return p.write(tx, s, r, "message "+p.newID(), mail.TeamMessage{Ref: r.Ref})
}

// shown refuses to take a machine's word, or nobody's, for what nothing can read back: what was done in a system without a
// connection is done by somebody, on a day, and said.
func (p *Portal) shown(t rights.Task, change TaskChange, note string) error {
	if change.State != rights.TaskDone || !p.Sources.Manual(t.Source) || !rights.Evidenced(t.Kind) {
		return nil
	}
	var faults rights.FieldErrors
	for _, f := range []struct {
		name    string
		missing bool
	}{{"note", note == ""}, {"by", change.By == ""}, {"on", change.On.IsZero()}} {
		if f.missing {
			faults = append(faults, rights.FieldError{Field: f.name, Key: "tasks.error." + f.name})
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// unshown reports whether a task is open that only its evidence can show to be done.
func (p *Portal) unshown(tasks []rights.Task) bool {
	return slices.ContainsFunc(tasks, func(t rights.Task) bool {
		return t.State == rights.TaskOpen && p.Sources.Manual(t.Source) && rights.Evidenced(t.Kind)
	})
}

// maxName is the most characters of who did something.
const maxName = 120

func (p *Portal) checkTask(change TaskChange) (note string, files []checkedFile, err error) {
	if !change.State.Valid() {
		return "", nil, rights.Fault("state", "desk.error.task_state", nil)
	}
	var faults rights.FieldErrors
	note = strings.TrimSpace(change.Note)
	if f, bad := tooLong("note", note); bad {
		faults = append(faults, f)
	}
	if n := utf8.RuneCountInString(change.By); n > maxName {
		faults = append(faults, rights.FieldError{Field: "by", Key: "error.too_long", Args: map[string]any{"Max": maxName, "Over": n - maxName}})
	}
	if p.today().Before(change.On) {
		faults = append(faults, rights.FieldError{Field: "on", Key: "tasks.error.future"})
	}
	if note == "" && change.State == rights.TaskSkipped { // whoever looks at it later must see why (GDPR Art. 5(2))
		faults = append(faults, rights.FieldError{Field: "note", Key: "desk.error.task_why"})
	}
	if len(faults) > 0 {
		return "", nil, faults
	}
	files, err = checkFiles(change.Files)
	return note, files, err
}

// maySettle refuses what comes too late, to erase what the person can still take back, and to change their data for
// somebody who only says who they are.
func (p *Portal) maySettle(tx *store.Tx, r rights.Request, t rights.Task, to rights.TaskState) error {
	switch {
	case !r.State.Open() && t.Kind != rights.TaskRecipient:
		return rights.Fault("act", "desk.error.closed", nil)
	case to == rights.TaskDone && t.Kind == string(rights.Erasure) && r.CoolingOff(p.Now()):
		return rights.Fault("act", "desk.error.cooling_off", nil)
	case to == rights.TaskDone && (t.Kind == string(rights.Erasure) || t.Kind == string(rights.Rectification)):
		return p.proven(tx, r)
	}
	return nil
}

// keepPrivate adds a step to the history that only the team reads.
func (p *Portal) keepPrivate(tx *store.Tx, by rights.Actor, r rights.Request, kind string, facts map[string]string, detail string) error {
	e := p.event(by, r.ID, kind, facts)
	e.Private, e.Detail = true, detail
	return tx.InsertEvent(e)
}
