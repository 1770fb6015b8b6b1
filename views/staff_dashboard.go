package views

// DashboardPage is what the desk did in a range of days, in numbers.
type DashboardPage struct {
	Desk
	From, To string // as a date field holds them
	Range    string // in words
	Presets  []Preset
	Faults   []Fault
	Figures  []Figure
	Apart    string // what the numbers leave out
	Charts   []Chart
}

// Preset is a range that is asked for often.
type Preset struct {
	Link
	Here bool
}

// Figure is one number with what it means and what it was before. Tone: "" at rest, soon, late.
type Figure struct {
	Term, Value, Note, Tone string
	Href                    string // what it counts; "" where there is nothing to open
}

// YearlyPage is the yearly numbers of the CCPA: for the desk, and for everybody where the house publishes them.
type YearlyPage struct {
	Desk
	Title    string
	Year     string
	Years    []Option
	Regimes  []Option
	Who      string // whose requests are counted
	Compiled string // the rule, with its citation
	Lines    []YearlyLine
	Hidden   string // what small numbers are shown as; "" where all are
	CSV      string
	Notes    []string
}

// YearlyLine is what became of the requests of one kind.
type YearlyLine struct {
	Kind                                     string
	Received, Whole, Part, Denied            string
	Withdrawn, Open                          string
	Unverifiable, NotConsumer, Exempt, Other string
	Median, Mean                             string
}
