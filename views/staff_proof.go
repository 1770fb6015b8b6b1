package views

// StaffSentLetterPage is one letter about a request: as it was sent, or as it waits.
type StaffSentLetterPage struct {
	Desk
	Reference  string
	ID         string
	What       string // what kind of letter it is
	State      Pill
	Facts      []Fact
	Language   string   // of the letter
	Address    []string // for the envelope; none for a letter that does not wait
	Subject    string
	Paragraphs []string // none where nothing of it is left
	Foot       string
	Waits      bool
	Secret     bool // "…" stands in it for the token of a link
	Post       bool // whoever looks can say that it was posted
	Retry      bool // whoever looks can have it tried again
}

// StaffProofPage is what the proof of a request holds, before it is made.
type StaffProofPage struct {
	Desk
	Reference string
	In, Out   []string
	Missing   []string
	Languages []Option
	Command   string // with which an authority checks it
	Faults    []Fault
}
