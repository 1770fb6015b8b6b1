package rights

import (
	"slices"
	"time"
)

// Channel is how a request came in.
type Channel string

// The channels. All but the portal are registered by an officer, for somebody who phoned, wrote or came.
const (
	ByPortal  Channel = "portal"
	ByPhone   Channel = "phone"
	ByLetter  Channel = "letter"
	ByEmail   Channel = "email"
	ByCounter Channel = "counter"
)

// Channels lists every channel, the portal first.
var Channels = []Channel{ByPortal, ByPhone, ByLetter, ByEmail, ByCounter}

// Valid reports whether c is one of Channels.
func (c Channel) Valid() bool { return slices.Contains(Channels, c) }

// Identity is how it was made sure that whoever asks is the person whose data it is.
type Identity string

// The ways to make sure.
const (
	Unidentified Identity = "none"     // not yet: nothing may be let out or changed
	ByMailbox    Identity = "mailbox"  // a code sent to the mailbox on file
	ByDocument   Identity = "document" // a document was seen
	ByCallback   Identity = "callback" // called back at the number on file
	InPerson     Identity = "counter"  // known at the counter
	ByKnowledge  Identity = "known"    // answered from what only they know
)

// Identities lists every way, those that an officer can choose from Unidentified on.
var Identities = []Identity{ByMailbox, Unidentified, ByDocument, ByCallback, InPerson, ByKnowledge}

// Valid reports whether i is one of Identities.
func (i Identity) Valid() bool { return slices.Contains(Identities, i) }

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
	Ground     string    // why it was refused, in part where it is fulfilled: an id of the regime's grounds
	Version    int       // goes up with each change; a write names the one it read

	Parent          string    // request ID of what a complaint or an appeal is about; "" for none
	Identity        Identity  // how the person was identified
	AcknowledgedAt  time.Time // when the person was told that it has come in; zero while they were not
	PseudonymisedAt time.Time // when what was personal of it was removed; zero while its record is kept
}

// Move returns r in state to at the given time, or ErrConflict where the law of states does not list it.
func (r Request) Move(to State, at time.Time) (Request, error) {
	if !r.State.CanBecome(to) {
		return r, ErrConflict
	}
	r.State, r.ClosedAt = to, time.Time{}
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
	Private bool  // for officers only
	Left    Stand // where the request stood afterwards; the store fills it in
}

// Stand is where a request stands at one version: what two officers can change under each other's hands.
type Stand struct {
	Version int
	State   State // "" where it is not known any more
	Due     Date
	Owner   string // staff ID, "" for nobody
	Ground  string
}

// Stand returns where r stands.
func (r Request) Stand() Stand {
	return Stand{Version: r.Version, State: r.State, Due: r.Due, Owner: r.Owner, Ground: r.Ground}
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

// MayComplain reports whether a complaint or an appeal can be about r: it was answered, and is neither itself.
func (r Request) MayComplain() bool {
	return (r.State == Fulfilled || r.State == Refused) && !r.Routine && r.Right != Complaint
}
