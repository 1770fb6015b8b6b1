package rights

import "time"

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
	KindRecords         Kind = "records"
	KindBreachAuthority Kind = "breach_authority"
	KindBreachPeople    Kind = "breach_people"
	KindBreachSample    Kind = "breach_sample"
)

// Deadline is one date of a clock with the rule behind it. Where readings of the law differ, Due is the statutory
// (later) date and StrictDue the earlier one that alerts go by; otherwise the two are equal.
type Deadline struct {
	Kind      Kind      `json:"kind"`
	Due       Date      `json:"due"`
	StrictDue Date      `json:"strict_due"`
	At        time.Time `json:"at,omitzero"`        // instead of Due, where the law counts hours
	StrictAt  time.Time `json:"strict_at,omitzero"` // instead of StrictDue
	Citation  string    `json:"citation"`
	Note      string    `json:"note"` // "", or what the reader must know ("holidays not known past 2027")
}

// Pause is a stretch of days that does not count. To is zero while it lasts.
type Pause struct {
	Why  string `json:"why"` // "identity" or "clarification"
	From Date   `json:"from"`
	To   Date   `json:"to,omitzero"`
}

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
