package views

// StaffActs are the forms of a request: what an officer can do with it now.
type StaffActs struct {
	Version string
	Owners  []Option
	Mine    string   // the officer's own ID where the request is not theirs yet; "" else
	Message *ActForm // nil once the request is closed
	Note    ActForm
	Acts    []ActCard // the statutory acts that the request has
}

// ActForm is a form of words on a request's page: a message or a note. Its name is the last part of the address that it
// posts to, and begins the id of its fields, because several forms of a page have a field "text".
type ActForm struct {
	Name  string
	Text  string // what was typed
	Fault string
	Paper bool // what is written goes out on paper, with its words
}

// ActCard is one statutory act on a request's page: what the law says to it, and the form that leads to its letter.
type ActCard struct {
	Name    string
	Icon    string
	Law     []LawLine
	Choices *Choices // nil where there is nothing to choose
	Text    string   // words that were typed before, to go on with; "" for none
	Fault   string   // what is wrong with them
	Closed  string   // why it is not open; "" where it is
	Paper   bool     // they go out on paper
	Direct  bool     // it has no letter, and happens at once
	Open    bool
}

// LawLine is what the law says to an act, with the rule behind it; "" where there is none to cite.
type LawLine struct{ Text, Citation string }

// Choices are what an act is founded on, of which one is chosen: from a list where they are many, else each with what it
// means.
type Choices struct {
	Label, Hint string
	Empty       string // the first line of the list; "" for one that is not a list
	Options     []ChoiceLine
	Fault       string
}

// ChoiceLine is one of them.
type ChoiceLine struct {
	Value, Text string
	Chosen      bool
	LawLine     // what choosing it means
}

// LetterPage is the letter of a statutory act as it will be sent, before it is. Only the officer's words can be changed.
type LetterPage struct {
	Desk
	Reference string
	Act       string
	Title     string
	Version   string
	Ground    string
	Final     string   // what happens on sending
	Tasks     []string // that are still open
	Change    *Change
	Facts     []Fact
	Letter    Letter
	Words     Words
	Reading   string // which language the officer reads it in, where it is not the one it goes out in; "" else
	Other     Option // the other language to read it in; zero for none
	Go        string
	Danger    bool
	Faults    []Fault
}

// Words is what an officer adds to a letter.
type Words struct {
	Label  string
	Hint   string
	Text   string
	Began  string // a mark of what its template began: an officer who changed nothing has typed nothing
	Fault  string
	Needed bool
	Lang   string // of the person
}

// Letter is a letter part by part. Between Above and Below stand the officer's words, where there is room for any.
type Letter struct {
	Lang           string
	House, Subject string
	Title, Hello   string
	Above, Below   []LetterPart
	Worded         bool
	Sign           string
	Foot           []string
}

// LetterPart is a run of blocks that one rule of the law wants, or none.
type LetterPart struct {
	Law    string // the rule, as the officer looks it up; "" where it is our own
	Blocks []LetterBlock
}

// LetterBlock is one block of a letter.
type LetterBlock struct {
	Kind string // paragraph, section, table, action, aside
	Text string
	URL  string
	Rows []Fact
}
