package views

// addStaff is the command with which whoever runs the server lets a second approver in; it is the same in every language.
const addStaff = "habeas staff add --email … --name … --role approver"

// ApprovalsPage lists what takes two people: what waits, and what was decided.
type ApprovalsPage struct {
	Desk
	Open, Decided []ApprovalLine
	Alone         bool // nobody but the reader could decide
	Pager         Pager
}

// ApprovalLine is one proposal in the list.
type ApprovalLine struct {
	Href, Text string
	By, When   string
	State      Pill
	Bar        string // why the reader cannot decide it; "" where they can, or where it is decided
}

// ApprovalPage is the page of the second person: what exactly is proposed, and what happens if they approve.
type ApprovalPage struct {
	Desk
	ID, Title string
	State     Pill
	Facts     []Fact
	Effects   []string // what approving does, a sentence each
	Why       string
	Bar       string // why the reader cannot decide it; "" where they can
	Open      bool   // nobody has decided it yet
	Mine      bool   // the reader proposed it, and can take it back
	Conflict  bool   // somebody decided it meanwhile
	Alone     bool
	Reason    string // what was typed
	Faults    []Fault
}
