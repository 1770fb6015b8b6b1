package views

// ActivitiesPage is the record of processing activities, and what it lacks.
type ActivitiesPage struct {
	Desk
	Figures []Figure
	Missing []MissingGroup
	Systems []RecordSystem
}

// MissingGroup is what one rule misses in the map.
type MissingGroup struct {
	ID, Title, Text string
	Lines           []MissingLine
}

// MissingLine says where it is missing: in words, and for whoever keeps the map.
type MissingLine struct{ Where, Place string }

// RecordSystem is what is done in one system.
type RecordSystem struct {
	ID, Name string
	Entries  []RecordEntry
}

// RecordEntry is one entry of the record.
type RecordEntry struct {
	Name, Score string
	Whole       bool // nothing is missing
	Facts       []RecordFact
}

// RecordFact is one thing that an entry says, and which rule asks for it. None is said where there is no line.
type RecordFact struct {
	Term, Law string
	Lines     []string
	None      string
}

// ActivitiesSheet is the record as it is printed.
type ActivitiesSheet struct {
	Desk
	House   string
	Facts   []Fact
	Systems []RecordSystem
}

// MapVersionsPage lists the versions of the record.
type MapVersionsPage struct {
	Desk
	Lines []MapVersionLine
}

// MapVersionLine is one version, and what it changed.
type MapVersionLine struct {
	Version, Since, SHA256 string
	Changes, Href          string // "" for the first
	Current                bool
}

// MapDifferencePage is what one version says otherwise than another.
type MapDifferencePage struct {
	Desk
	Title, Dates string
	From, To     []Option
	Groups       []ChangeGroup
}

// ChangeGroup is what changed of one entry.
type ChangeGroup struct {
	ID, Title string
	Lines     []ChangeLine
}

// ChangeLine is one change. Language is that of the words, where it is not the page's.
type ChangeLine struct {
	Kind     Pill
	What     string
	Was, Is  []string
	Language string
}
