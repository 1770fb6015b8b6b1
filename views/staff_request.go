package views

// StaffRequestPage is one request with everything an officer needs to answer it.
type StaffRequestPage struct {
	Desk
	Reference string
	Title     string
	State     Pill
	Due       Due
	Facts     []Fact
	Clock     ClockCard
	Change    *Change
	Tasks     TaskCard
	Erasure   *Erasure   // nil where nothing is erased
	Told      []ToldLine // the recipients of the data, and how far that has come
	Messages  []Message
	Trail     []TrailLine
	Related   []RelatedLine
	Letters   []LetterLine
	Proof     bool // its proof can be taken out
	Faults    []Fault
	Conflict  *Conflicted
	Acts      *StaffActs // nil for whoever only reads
	Tell      []Option   // colleagues who can be told of a note
	TellOpen  bool       // some were chosen
	Waiting   string     // why nothing can be decided yet; "" when it can
	Intake    *Intake    // how it came in
	Flags     *FlagCard  // nil where nothing stands and nothing can be done
}

// NextDate is the statutory date that comes next. A zero Text says that nothing is owed any more.
type NextDate struct {
	Text     string
	Missed   string // what it means to miss it, or that it is late
	Citation string
	Tone     string // of a note: "", warn, bad
}

// ClockCard is the statutory clock of a request: the next act, a drawing, and every date in words.
type ClockCard struct {
	Next  NextDate
	Line  ClockLine
	Dates []ClockDate
}

// ClockLine is the drawing. Places along it are percentages, across it pixels. Label says the same in words.
type ClockLine struct {
	Label          string
	Y, Top, Height string // of the line, of its upper edge, of the whole
	Spans          []ClockSpan
	Marks          []ClockMark
}

// ClockSpan is a stretch of the line: all, longer, past, late or pause.
type ClockSpan struct{ Kind, X, Width string }

// ClockMark is a day on the line with its words, and the stroke that leads from the one to the other.
type ClockMark struct {
	X, Y, From, To string
	Anchor, Text   string
	State          string // as of a ClockDate
	Stretch        bool   // its words name a stretch, which has no dot of its own
}

// ClockDate is one date of the statutory clock with the rule it comes from.
type ClockDate struct {
	What, Date string
	Strict     string // the earlier reading that alerts go by; "" where there is one reading
	Citation   string
	Notes      []string
	State      string // done, next, late, may, today, pause, or "" for to come
}

// TaskCard is what is to be done for a request, source by source.
type TaskCard struct {
	Title string
	Count string // "1 of 3 done"
	Tasks []TaskLine
	Add   bool   // one can be added
	What  string // what was typed
	Fault string
}

// TaskLine is one task. Its form is shown to whoever can settle it.
type TaskLine struct {
	ID, Version string
	What, Where string
	State       Pill
	By          string // who settled it and when
	Note        string
	Mark        string // the icon of how it was settled; "" while it is open
	Done        bool   // done or skipped: it can be opened again
	Settles     bool   // there is a form
	Open        bool   // what was sent in the form was not taken
	Typed       string
	Fault       string
	Evidence    string // by whom and when it was done
	Files       []FileLine
	Proves      bool // nothing can read back what was done: the form asks for evidence at once
	Hands       bool // its files may go to the person
	Hand        bool // they were meant to
	Who, On     Input
	FilesFault  string
}

// RelatedLine is another request that belongs with this one.
type RelatedLine struct {
	Reference, Title string
	State            Pill
	When             string
	How              Pill
	Mark             string // the act that can be done about it: duplicate, distinct, "" for none
}

// TrailLine is one step in the history of a request. Text is what an officer wrote with it.
type TrailLine struct {
	When, Who, What, Text string
	Told                  string // which colleagues were told of it
	Private               bool
}

// LetterLine is one letter of a request and what became of it.
type LetterLine struct {
	What, When, Fault string
	Href              string // the letter as it was sent
	State             Pill
}

// Conflicted says what others changed while this officer was writing, and keeps what they wrote.
type Conflicted struct {
	Rows    []ConflictRow
	Changes []TrailLine
	Typed   string
}

// ConflictRow is one field as it stood, as it stands, and as this officer wanted it: "" where they said nothing of it.
type ConflictRow struct{ Field, Then, Now, Yours string }
