package views

// DevPage lists everybody the demo made up.
type DevPage struct {
	Customers, Staff []DevPersona
	MailCount        string // "14 letters so far"
}

// DevPersona is somebody of the demo, with what there is to see as them.
type DevPersona struct {
	Email, Name, Initials, Try string
	Role                       string // "" of customers
}

// MailPage is the mail that the demo captured.
type MailPage struct {
	Letters   []MailLine
	OlderHref string      // "" at the end of the list
	Open      *MailLetter // nil while there is none
}

// MailLine is one letter in the list.
type MailLine struct {
	Href, Subject, To, When string
	Current                 bool
}

// MailLetter is the letter that is open. Its HTML part is a page of its own, drawn in a frame without any rights.
type MailLetter struct {
	Subject, To, When string
	HTMLPath          string // "" where the letter has no such part
	Text              []TextPart
	Headers           []Fact
}

// TextPart is a piece of a letter's text: plain words, or an address that can be followed.
type TextPart struct{ Text, Href string }
