package rights

import "slices"

// State is where a rights request stands.
type State string

// The states of a rights request. The three last close it.
const (
	Received   State = "received"    // confirmed and waiting for somebody or for the machine
	InProgress State = "in_progress" // being worked on
	Paused     State = "paused"      // waiting for the person, where the regime lets the clock stop
	Fulfilled  State = "fulfilled"
	Refused    State = "refused"
	Cancelled  State = "cancelled" // by the person
)

// States lists every state in the order of a request's life.
var States = []State{Received, InProgress, Paused, Fulfilled, Refused, Cancelled}

// next lists what may follow what. What is not listed cannot happen.
var next = map[State][]State{
	Received:   {InProgress, Paused, Fulfilled, Refused, Cancelled},
	InProgress: {Paused, Fulfilled, Refused, Cancelled},
	Paused:     {InProgress, Fulfilled, Refused, Cancelled},
	Fulfilled:  {InProgress}, // reopened: something was missing
	Refused:    {InProgress}, // reopened: a complaint was right
}

// Valid reports whether s is one of States.
func (s State) Valid() bool { return slices.Contains(States, s) }

// CanBecome reports whether a request in s may move to t.
func (s State) CanBecome(t State) bool { return slices.Contains(next[s], t) }

// Open reports whether somebody still owes the person an answer.
func (s State) Open() bool { return s == Received || s == InProgress || s == Paused }
