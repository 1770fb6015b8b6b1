package views

// StaffRequestPage is one request with everything an officer needs to answer it.
type StaffRequestPage struct {
	Desk
	Reference string
	Title     string
	State     Pill
	Due       Due
	Next      NextDate
	Facts     []Fact
	Clock     []ClockDate
	Pauses    []string
	Change    *Change
	Messages  []Message
	Trail     []TrailLine
	Letters   []LetterLine
	Faults    []Fault
	Conflict  *Conflicted
	Acts      *StaffActs // nil for whoever only reads
	Waiting   string     // why nothing can be decided yet; "" when it can
}

// NextDate is the statutory date that comes next. A zero Text says that nothing is owed any more.
type NextDate struct {
	Text     string
	Citation string
	Tone     string // of a note: "", warn, bad
}

// ClockDate is one date of the statutory clock with the rule it comes from.
type ClockDate struct {
	What, Date string
	Strict     string // the earlier reading that alerts go by; "" where there is one reading
	Citation   string
	Notes      []string
	State      string // done, next, late, or "" for to come
}

// TrailLine is one step in the history of a request. Text is what an officer wrote with it.
type TrailLine struct {
	When, Who, What, Text string
	Private               bool
}

// LetterLine is one letter of a request and what became of it.
type LetterLine struct {
	What, When, Fault string
	State             Pill
}

// Conflicted says what others changed while this officer was writing, and keeps what they wrote.
type Conflicted struct {
	Changes []TrailLine
	Typed   string
}
