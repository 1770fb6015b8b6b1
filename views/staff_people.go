package views

// PeoplePage is the search for one person.
type PeoplePage struct {
	Desk
	Q        string
	Searched bool
	People   []PersonLine
	Known    []string // sources that know the number although nobody was recognised by it here
	Down     string   // a source that could not be asked
	Budgets  bool     // may see what colleagues have looked at
	Today    string   // "You have opened 4 of 50 people today."
}

// PersonLine is one of several people whom an exact search found.
type PersonLine struct{ Href, Mailbox, Numbers, Known string }

// PersonPage is one person as officers see them: what happened, and none of their data.
type PersonPage struct {
	Desk
	ID       string
	Mailbox  string // masked
	Facts    []Fact
	Settle   *SettleForm // several people share the mailbox and none was picked
	Likely   []LikelyLine
	Verdicts []VerdictLine
	Flags    []FlagLine
	Holds    PersonHolds
	Requests []RequestRow
	Pager    Pager
	Consents []StandingLine
	Choices  []Step // every choice, oldest first
	Letters  []PersonLetter
	Looks    []LookLine
	Older    Pager
	Handles  bool
	Faults   []Fault
}

// LikelyLine is somebody who may be the same person.
type LikelyLine struct{ Mailbox, Why, Href string }

// VerdictLine is a decision that stands: that two are one person, or that they are two.
type VerdictLine struct {
	What   string // "Shown as one with p***@example.com"
	By     string // who decided, and when
	Reason string
	Undo   string // where its undoing posts
}

// SettleForm asks for the number that tells who somebody is.
type SettleForm struct{ Number, Reason string }

// RequestRow is a request of a person.
type RequestRow struct {
	Reference, Title, Received string
	State                      Pill
	Due                        Due
	When                       string // instead of Due, where nothing is owed
}

// StandingLine is where a person stands on one purpose.
type StandingLine struct {
	Title, Since string
	State        Pill
}

// PersonLetter is a letter to a person. Href leads to it as it was sent; "" where it is about no request.
type PersonLetter struct {
	What, When, Href string
	State            Pill
}

// LookLine is one look at a person's data.
type LookLine struct {
	What, Who, When, Why string
	Ours                 bool // by a colleague
}

// ComparePage puts two people side by side who may be one.
type ComparePage struct {
	Desk
	ID, Other string
	Why       string // what they have in common
	Rivals    string // lists in which both have rows of their own; "" for none
	Rows      []CompareRow
	Verdict   string // what was chosen: one, two
	Reason    string
	Faults    []Fault
}

// CompareRow is one fact of both. Kept is who the other would be shown with.
type CompareRow struct{ Term, Kept, Gone string }

// BudgetPage is how many people each colleague has looked at today.
type BudgetPage struct {
	Desk
	Lines  []BudgetLine
	Staff  []Option
	People string
	Reason string
	Faults []Fault
}

// BudgetLine is one colleague.
type BudgetLine struct {
	Name, Role string
	Seen       string // "41 of 50"
	Percent    int    // 0 to 100
	Note       string // that it was raised, by whom and why
	State      Pill
}

// OverBudgetPage is shown instead of a person to whoever has looked at enough people for a day.
type OverBudgetPage struct {
	Desk
	Limit string
	Until string
	Ask   []string // who can raise it
}

// DeskDataPage is what the sources hold of the person of a request, by source, every value masked.
type DeskDataPage struct {
	Desk
	Reference string
	Sources   []DeskSource
	Troubles  []Trouble
	Withheld  []Withheld
	ByHand    []Fact // systems that nobody can ask, and who looks
}

// DeskSource is one source with what it holds.
type DeskSource struct {
	Title string
	Lines []DeskCollection
}

// DeskCollection is one collection and how much of the person is in it.
type DeskCollection struct{ Title, Count, Href string }

// DeskRecordsPage is a page of records, every value masked but the one that was asked for.
type DeskRecordsPage struct {
	Desk
	Reference  string
	Title      string
	Source     string
	Count      string
	Back       Link // to the whole, or from one record to the collection
	Records    []DeskRecord
	History    []HistoryLine
	Pager      Pager
	Trouble    *Trouble
	ByHand     string // instead of records, where nobody can ask the source
	Revealed   *Revealed
	Closed     bool // the request is: nothing can be revealed any more
	Collection string
	SourceKey  string
	Reasons    []Option
	Words      string
	Faults     []Fault
}

// DeskRecord is one record. Fields that may be revealed are choices of its form.
type DeskRecord struct {
	ID      string // sealed
	Title   string
	Fields  []Datum
	Choices []Option
	Open    bool // its form was sent
}

// Revealed is one value in full.
type Revealed struct{ Label, Value string }
