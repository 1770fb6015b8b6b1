package rights

import (
	"time"
)

// Channel is how a request came in.
type Channel string

// The channels.
const (
	ByPortal Channel = "portal"
	ByStaff  Channel = "staff" // registered by an officer for somebody who phoned, wrote or came
)

// Request is one act of a person under a right, tracked from receipt to answer.
type Request struct {
	ID         string
	Ref        string // HB-7Q4K-9TXM: what the person quotes
	Subject    string // subject ID
	Right      Right
	Regime     string // an id of the regimes, "eu_gdpr"
	Channel    Channel
	Language   string // BCP 47, of the person
	State      State
	Routine    bool      // answered by the machine at once: kept out of the officers' default view
	ReceivedAt time.Time // receipt, to the millisecond
	NotBefore  time.Time // the end of a cooling-off in which the person can still cancel; zero for none
	ClosedAt   time.Time // zero while open
	Clock      Clock     // every date the law sets for it, computed at receipt and at each statutory act
	Due        Date      // the day the answer is owed: what the queue sorts by
	Owner      string    // staff ID, "" for nobody
	Ground     string    // why it was refused: an id of the regime's grounds
	Version    int       // goes up with each change; a write names the one it read
}

// Move returns r in state to at the given time, or ErrConflict where the law of states does not list it.
func (r Request) Move(to State, at time.Time) (Request, error) {
	if !r.State.CanBecome(to) {
		return r, ErrConflict
	}
	r.State = to
	if !to.Open() {
		r.ClosedAt = at
	}
	return r, nil
}

// CoolingOff reports whether the person can still stop r before anything happens.
func (r Request) CoolingOff(now time.Time) bool { return r.State.Open() && now.Before(r.NotBefore) }

// Event is one step in the life of a request, as its timeline shows it. Detail is personal (a reason, a value) and
// sealed at rest; everything else is not.
type Event struct {
	ID      string
	Request string
	At      time.Time
	Actor   Actor
	Kind    string // "received", "assigned", "fulfilled", …: a locale key under "event."
	Facts   map[string]string
	Detail  string
	Private bool // for officers only
}

// Message is one letter of the conversation between a person and the privacy team.
type Message struct {
	ID      string
	Request string
	At      time.Time
	Actor   Actor
	Body    string
}

// Correction is what a rectification asks: one field of one record, from one value to another.
type Correction struct {
	Request    string
	Source     string
	Collection string
	Record     string // the record's key in its collection
	Field      string
	Mode       string // "self": written at once; "ask": an officer decides
	Old, New   string
	Reason     string // the person's, may be empty
	Decision   string // "", "accepted", "declined"
	Ground     string // why declined: an id of the regime's grounds, or "inaccurate"
	DecidedBy  string
	DecidedAt  time.Time
}
