package views

// Desk is what surrounds every page of the officers: who works here, where they are, and what waits.
type Desk struct {
	Name, Initials string
	Role           string // in words
	Places         []Place
	Views          []SavedView
	Alerts         string // how much they were told of and have not seen; "" for nothing
	Budget         string // that they have looked at nearly as many people as they may today; "" while they have not
	Registers      bool   // may register a request that came by phone, letter or at the counter
}

// Place is a part of the desk.
type Place struct {
	Text, Href, Icon string
	Here             bool
}

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
