package views

// Desk is what surrounds every page of the officers: who works here, where they are, and what waits.
type Desk struct {
	Name, Initials string
	Role           string // in words
	Places         []Place
	Views          []SavedView
	Alerts         string // how much they were told of and have not seen; "" for nothing
	Registers      bool   // may register a request that came by phone, letter or at the counter
}

// Place is a part of the desk.
type Place struct {
	Text, Href, Icon string
	Here             bool
}

// SavedView is one way into the queue, with how many requests it holds.
type SavedView struct {
	Text, Href, Count string
	Current           bool
	Hot               bool // something in it is late
}

// Tile is a count that leads to what it counts. Tone: "" at rest, soon, late.
type Tile struct{ Text, Href, Count, Tone string }

// QueuePage is one page of the officers' queue.
type QueuePage struct {
	Desk
	Title    string
	View     string
	Tiles    []Tile
	Q        string // what was searched for
	Rights   []Option
	States   []Option
	Regimes  []Option
	Filtered bool
	Clear    string // the address without search and filters
	Caption  string // "11 requests, soonest due first"
	Last     string // head of the last column: what the view sorts by
	Lines    []QueueLine
	Recent   []QueueLine // what was closed just now, whatever the view lists
	Empty    Blank
	Pager    Pager
}

// QueueLine is one request in the queue.
type QueueLine struct {
	Reference string
	Mailbox   string // masked
	About     string // law and language
	Right     string
	State     Pill
	Owner     string // "" for nobody
	Initials  string
	Due       Due
	When      string // instead of Due, where nothing is owed any more
}

// Blank is what stands in the place of an empty list.
type Blank struct{ Mark, Title, Text string }

// LoginPage is the officers' sign-in.
type LoginPage struct {
	Email  string
	Faults []Fault
}

// TOTPPage asks for the second factor.
type TOTPPage struct{ Faults []Fault }

// EnrolPage takes up an invitation. QR is a data: address of a PNG; Secret is the same key as text, in groups of four.
type EnrolPage struct {
	Token, Name, Email string
	QR, Secret         string
	Faults             []Fault
}

// TeamPage lists who works here.
type TeamPage struct {
	Desk
	Members   []MemberLine
	Email     string // what was typed in the invitation
	Invitee   string
	Roles     []Option
	Languages []Option
	Faults    []Fault
}

// MemberLine is one member of staff.
type MemberLine struct {
	Name, Initials, Email, Role, Since string
	State                              Pill
	You                                bool
	CanDisable                         bool
}
