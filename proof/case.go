package proof

import (
	"time"

	"habeas/rights"
)

// Case is everything that is shown of one request. Letters, files and audit entries are read when they are written, one
// after another, so that memory does not grow with them. Everything else is a snapshot.
type Case struct {
	Request    rights.Request
	About      string // the reference of the request that a complaint is about; "" for none
	House      House
	MadeAt     time.Time // in the zone in which times are written
	Language   string    // of index.html; the other languages are beside it
	KeepUntil  rights.Deadline
	Correction *rights.Correction // nil for none
	Events     []rights.Event
	Tasks      []rights.Task
	Messages   []rights.Message
	Letters    []Letter
	Files      []File
	Missing    []Loss
	Verifier   string // the public key of the log, as golang.org/x/mod/sumdb/note writes it
	Log        Log    // known once the proof is entered into it
}

// House is who answers for the request.
type House struct {
	Name      map[string]string // by language
	Address   string
	Contact   string
	Authority string
}

// Letter is one letter about the request.
type Letter struct {
	ID, Kind, Language     string
	State, ServerID, Fault string
	Attempts               int
	QueuedAt, SentAt       time.Time
	// Kept reads the letter as it was sent: the JSON whose SHA-256 the audit log holds. Nil says that nothing of it is left.
	Kept func() ([]byte, error)
}

// File is one file that came with the request.
type File struct {
	rights.File
	Body func() ([]byte, error)
}

// Loss says why something is not in the proof that once was there.
type Loss string

// The losses.
const (
	Erased        Loss = "erased"        // the key of the person was destroyed
	Pseudonymised Loss = "pseudonymised" // the record had served its time
)

// Log is the audit log as far as it is about the request.
type Log struct {
	Checkpoint []byte // signed, of the size up to which the entries are proven
	// Entries calls yield with every entry about the request, in the order of the log. The last is that of this proof.
	Entries func(yield func(Entry) error) error
}

// Entry is one leaf of the audit log.
type Entry struct {
	Index int64 // in the log, from 0 (RFC 6962 section 2.1)
	Leaf  []byte
	Path  [][]byte // the audit path to the root of the checkpoint (RFC 6962 section 2.1.1)
}
