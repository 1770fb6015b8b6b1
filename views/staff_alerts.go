package views

// AlertsPage is what a member of staff was told of.
type AlertsPage struct {
	Desk
	Lines []AlertLine
	New   bool // something of it is unseen
	Pager Pager
}

// AlertLine is one thing that they were told of.
type AlertLine struct {
	ID, Mark   string // Mark is the icon
	Text, When string
	Href       string // "" where there is nothing to open
	Reference  string // "" where it is about no request
	About      string
	Unseen     bool
	Tone       string // "", warn, bad
}
