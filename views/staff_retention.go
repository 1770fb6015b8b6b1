package views

// RetentionPage is GET /staff/retention: the rules of the map, what waits, and the records of what was destroyed.
type RetentionPage struct {
	Desk
	Open, Over []DestructionLine
	Rules      []RuleLine
	CanAsk     bool
	Pager      Pager
}

// DestructionLine is one proposal or record.
type DestructionLine struct {
	Href, Name, System, Rule, Records, Span, When string
	State                                         Pill
}

// RuleLine is one rule with what it found.
type RuleLine struct {
	Source, Collection       string // under which it is looked at again
	System, Name, Rule, Does string
	Looked, Trouble          string
	Found                    []string
	Open                     string // the address of what is proposed by it, "" for nothing
	Asks                     bool   // a machine carries it out, so it can be looked at
	Waits                    bool   // somebody has asked for that
}

// DestructionPage is a proposal, and later the record of what was destroyed.
type DestructionPage struct {
	Desk
	ID, House, Title, Version string
	State                     Pill
	What, How, Done           []Fact
	Years                     []YearLine
	Note, Trouble             string
	Open, CanDecide, Conflict bool
	Own                       string // why whoever looks cannot approve it, "" where they can
	Reason, Until             string // as typed
	Faults                    []Fault
}

// YearLine is how many of the records are of one year.
type YearLine struct {
	Year, Count string
	Part        int // of all of them, in hundredths
}
