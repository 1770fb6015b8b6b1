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

// Task is one thing to be done before a request is answered: what is owed in one source, or what an officer adds.
type Task struct {
	ID      string
	Request string // request ID
	Source  string // key of the source, "" for one by hand
	Kind    string // the right that is owed in the source, or TaskOther
	What    string // in the officer's words, for one by hand; personal, sealed at rest
	State   TaskState
	Note    string // what was found, or why it was skipped; personal, sealed at rest
	MadeAt  time.Time
	DoneAt  time.Time // when it was done or skipped
	DoneBy  string    // staff ID
	Version int       // goes up with each change; a write names the one it read
}

// Tasked reports whether answering r means work in every source: people look, collect, remove or stop something there.
// A complaint is answered in words, and a change of consent is answered once it is made.
func (r Right) Tasked() bool { return r.Valid() && r != Complaint && r != Consent }
