package rights

import (
	"maps"
	"slices"
	"time"
)

// Kind is one of the dates the law sets.
type Kind string

// The kinds of date. Breach dates are instants where the law counts hours.
const (
	KindAck             Kind = "ack"
	KindResponse        Kind = "response"
	KindExtensionNotice Kind = "extension_notice"
	KindExtended        Kind = "extended"
	KindOptOut          Kind = "opt_out"
	KindCancellation    Kind = "cancellation"
	KindComplaintAck    Kind = "complaint_ack"
	KindAppeal          Kind = "appeal"
	KindAppealExtended  Kind = "appeal_extended"
	KindRecords         Kind = "records"
	KindBreachAuthority Kind = "breach_authority"
	KindBreachPeople    Kind = "breach_people"
	KindBreachSample    Kind = "breach_sample"
	KindBreachSummary   Kind = "breach_summary"
)

// Kinds lists every kind, in the order of a request's life and then of a breach's.
var Kinds = []Kind{
	KindAck, KindResponse, KindExtensionNotice, KindExtended, KindOptOut, KindCancellation, KindComplaintAck,
	KindAppeal, KindAppealExtended, KindRecords,
	KindBreachAuthority, KindBreachPeople, KindBreachSample, KindBreachSummary,
}

// Deadline is one date of a clock with the rule behind it. Where readings of the law differ, Due is the statutory
// (later) date and StrictDue the earlier one that alerts go by; otherwise the two are equal.
type Deadline struct {
	Kind      Kind      `json:"kind"`
	Due       Date      `json:"due"`
	StrictDue Date      `json:"strict_due"`
	At        time.Time `json:"at,omitzero"`        // instead of Due, where the law counts hours
	StrictAt  time.Time `json:"strict_at,omitzero"` // instead of StrictDue
	Citation  string    `json:"citation"`
	Notes     []Note    `json:"notes,omitempty"` // what the reader must know before relying on the date
}

// Note is a remark on a date. Key is a locale key under "note."; Args fill its placeholders.
type Note struct {
	Key  string            `json:"key"`
	Args map[string]string `json:"args,omitempty"`
}

// Pairs lists the placeholders of n and their values by turns, as locale.T takes them.
func (n Note) Pairs() []any {
	var out []any
	for _, name := range slices.Sorted(maps.Keys(n.Args)) {
		out = append(out, name, n.Args[name])
	}
	return out
}

// Pause is a stretch of days in which the regime may let the clock stand still. To is zero while it lasts.
type Pause struct {
	Why  string `json:"why"`  // ForIdentity or ForClarification
	From Date   `json:"from"` // the day the person was asked
	To   Date   `json:"to,omitzero"`
}

// The reasons for which a clock may stand still.
const (
	ForIdentity      = "identity"
	ForClarification = "clarification"
)

// Clock is every date of one request.
type Clock struct {
	Start     Date       `json:"start"` // the day the statutory period is counted from
	Deadlines []Deadline `json:"deadlines"`
	Pauses    []Pause    `json:"pauses,omitempty"`
	Extended  bool       `json:"extended,omitempty"`
}

// Deadline returns the clock's date of that kind.
func (c Clock) Deadline(k Kind) (Deadline, bool) {
	for _, d := range c.Deadlines {
		if d.Kind == k {
			return d, true
		}
	}
	return Deadline{}, false
}

// owed lists what may answer a request, the date that governs first.
var owed = []Kind{KindResponse, KindOptOut, KindAppeal, KindComplaintAck}

// DueDay returns the day the answer is owed now: the extended one once the period was extended.
func (c Clock) DueDay() Date { return c.governing().Due }

// StrictDay is DueDay by the earlier reading of the law, which alerts go by.
func (c Clock) StrictDay() Date { return c.governing().StrictDue }

// governing is the date that the answer is owed by, zero where none is.
func (c Clock) governing() Deadline {
	kinds := owed
	if c.Extended {
		kinds = append([]Kind{KindExtended}, owed...)
	}
	for _, k := range kinds {
		if d, ok := c.Deadline(k); ok {
			return d
		}
	}
	return Deadline{}
}
