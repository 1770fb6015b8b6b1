package views

// SavedView is one way into the queue, with how many requests it holds.
type SavedView struct {
	ID                string // of one that somebody has kept
	Text, Href, Count string
	Current           bool
	Hot               bool // something in it is late
	Shared            bool // everybody has it
}

// Tile is a count that leads to what it counts. Tone: "" at rest, soon, late.
type Tile struct{ Text, Href, Count, Tone string }

// QueuePage is one page of the officers' queue.
type QueuePage struct {
	Desk
	Title   string
	Here    string  // the address of this page
	CSV     string  // the address of the same list as a file; "" for none
	Unseen  []Field // what the form of the filters carries along: the view and the order
	Q       string  // what was searched for
	Common  []Filter
	Rare    []Filter
	Chips   []Chip
	Clear   string // the address without search and filters; "" where there are none
	Tiles   []Tile
	Caption string // "11 requests, soonest due first"
	Heads   []Head // of the columns of dates
	Groups  []QueueGroup
	Recent  []QueueLine // what was closed just now, whatever the view lists
	Closed  string      // head of their last column
	Empty   Blank
	Pager   Pager
	Pick    *PickBar  // nil for whoever only reads
	Keep    *KeepView // nil where there is nothing to keep
	Drop    *DropView // nil where the page is no view that the reader may delete
	Live    *Live     // nil for a page that does not follow what happens
	Faults  []Fault
}

// Field is a field of a form that nobody sees.
type Field struct{ Name, Value string }

// Filter is one question of the filters with the answers there are.
type Filter struct {
	Name, Label string
	Options     []Option
}

// Chip is a filter that is set, and the address without it.
type Chip struct{ Text, Drop, Without string }

// Head is the head of a column that can be sorted by. Sort: "" where it is not sorted by now.
type Head struct{ Text, Href, Sort string }

// QueueGroup is a stretch of the queue under a quiet line. Text is "" where there is only one.
type QueueGroup struct {
	Text, Tone string
	Lines      []QueueLine
}

// QueueLine is one request in the queue.
type QueueLine struct {
	Reference string
	Version   string
	Mailbox   string // masked
	About     string // law and language
	Right     string
	State     Pill
	Owner     string // "" for nobody
	Initials  string
	Received  string
	Due       Due
	When      string // instead of Due, where nothing is owed any more
}

// PickBar is what can be done with all requests that are ticked.
type PickBar struct {
	Owners    []Option
	One, Many string // how many are ticked; # stands for the number
}

// KeepView is the form that keeps this view of the queue under a name.
type KeepView struct {
	Unseen []Field
	Name   string
	Shares bool // may keep one for everybody
	Shared bool
	Open   bool
	Fault  string
}

// DropView is the form that deletes the kept view that is open.
type DropView struct {
	ID     string
	Shared bool // everybody loses it
}

// Live is what a page says when it has followed a change by itself; # stands for the number.
type Live struct{ One, Many, Changed string }

// Blank is what stands in the place of an empty list.
type Blank struct{ Mark, Title, Text string }

// PickedPage is about requests that were ticked: it asks once more, says what is missing, or what became of each.
type PickedPage struct {
	Desk
	Title  string
	Lead   string
	Tone   string // of the lead: "", ok, warn, bad
	Back   string // the address of the queue they were ticked in
	Act    string
	Unseen []Field
	Items  []PickedItem
	Owners []Option // who they can be given to; nil where that is not asked for
	Words  *Input   // what is written to each person; nil where nothing is
	Go     string   // the button; "" where there is nothing left to do
	Danger bool
	Faults []Fault
}

// PickedItem is one of them. Version is "" where nothing more can be done with it.
type PickedItem struct {
	Reference string
	Version   string
	Ticked    bool
	About     string // what it asks and for whom
	State     Pill
	Outcome   Pill // what became of it; zero before anything has
	Why       string
}
