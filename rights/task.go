package rights

import (
	"slices"
	"time"
)

// TaskState is how far a task has come.
type TaskState string

// The states of a task. Every one may follow every other: a task done by mistake is opened again.
const (
	TaskOpen    TaskState = "open"
	TaskDone    TaskState = "done"
	TaskSkipped TaskState = "skipped" // there was nothing to do, for a reason that is given
)

// TaskStates lists every state.
var TaskStates = []TaskState{TaskOpen, TaskDone, TaskSkipped}

// Valid reports whether s is one of TaskStates.
func (s TaskState) Valid() bool { return slices.Contains(TaskStates, s) }

// TaskOther is the kind of a task that an officer added in their own words.
const TaskOther = "other"

// TaskRecipient is the kind of a task to tell a recipient of data, who has no address in the map (GDPR Art. 19). It outlives its
// request: those who are told are told of what was done.
const TaskRecipient = "recipient"

// Task is one thing to be done before a request is answered: what is owed in one source, or what an officer adds.
type Task struct {
	ID      string
	Request string // request ID
	Source  string // key of the source, "" for one by hand
	Kind    string // the right that is owed in the source, TaskOther or TaskRecipient
	What    string // in the officer's words, for one by hand; the name of a recipient; sealed at rest
	State   TaskState
	Note    string // what was found, or why it was skipped; personal, sealed at rest
	MadeAt  time.Time
	DoneAt  time.Time // when it was done or skipped
	DoneBy  string    // staff ID
	Evidence
	Version int // goes up with each change; a write names the one it read
}

// Evidence is by whom and when a task was done, where whoever writes it down is not who did it. What was found and done is
// the note of the task, and its files.
type Evidence struct {
	By string // in the officer's words; personal, sealed at rest
	On Date
}

// IsZero reports whether nothing is said.
func (e Evidence) IsZero() bool { return e == Evidence{} }

// Evidenced reports whether a task of that kind, done where nothing can be read back, needs evidence: the controller must be
// able to show that it was done (GDPR Art. 5(2); PIPL Art. 69).
func Evidenced(kind string) bool {
	return kind == string(Erasure) || kind == string(Rectification)
}

// Tasked reports whether answering r means work in every source: people look, collect, remove or stop something there.
// A complaint is answered in words, and a change of consent is answered once it is made.
func (r Right) Tasked() bool { return r.Valid() && r != Complaint && r != Consent }
