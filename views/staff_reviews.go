package views

// ReviewsPage is the self-check as it stands now, with the form to sign it, and what was signed before.
type ReviewsPage struct {
	Desk
	Due      Pill
	Checks   []CheckLine
	Seen     string // the mark of what is shown
	Remark   string
	CanSign  bool
	Conflict bool // something has changed since it was shown
	Faults   []Fault
	Kept     []KeptReview
}

// CheckLine is one question of the self-check and what was found.
type CheckLine struct {
	ID, Title, Text string
	State           Pill
	Points          []PointLine
	More            string // that there are more points than are shown; "" for none
	Mend            Link   // where to mend it
	Remark, Fault   string
}

// PointLine is one thing found, with its place in the map's file where it has one.
type PointLine struct{ Text, Place string }

// KeptReview is one signed self-check in the list.
type KeptReview struct{ When, Who, Found, Href string }

// ReviewPage is a signed self-check.
type ReviewPage struct {
	Desk
	House, Title string
	Facts        []Fact
	Checks       []CheckLine
	Remark       string
}
