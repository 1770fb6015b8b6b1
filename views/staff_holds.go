package views

// HoldsPage is GET /staff/holds: the legal holds that stand.
type HoldsPage struct {
	Desk
	Holds []HoldRow
	Pager Pager
}

// HoldRow is one of them. Whom it is on stands on their page only.
type HoldRow struct {
	Since, Ground, By string
	Review            Pill
	Href              string
}

// PersonHolds are the legal holds on a person, with the form of another.
type PersonHolds struct {
	Lines           []HoldLine
	Grounds         []Option
	Dispute, Review string // as typed
	Approves        bool   // may lift one
}

// HoldLine is one of them.
type HoldLine struct {
	Ground, Reason, By, Until string
	State                     Pill
	Stands                    bool
	At                        string // under which it is reviewed and lifted
}
