package views

import "github.com/a-h/templ"

// RegisterPage is the form for a request that came in another way than through the portal, with what was typed.
type RegisterPage struct {
	Desk
	About                                    string // reference of what a complaint is about; "" for none
	Channels, Rights, Regimes, Languages     []Option
	Identities, Askers, Relations            []Option
	On, At, Mailbox, Name, Address           string
	Text, Note, AgentName, AgentContact      string
	Receipt, ByPost, ForSomebody, TextNeeded bool // ByPost and ForSomebody open what is folded away
	Faults                                   []Fault
}

// Pair is a field of a form and what it holds.
type Pair struct{ Name, Value string }

// RegisterCheckPage shows what would be registered. Nothing has happened yet.
type RegisterCheckPage struct {
	Desk
	Facts []Fact
	Late  string // it is late already; "" when it is not
	Sent  []Pair // every field of the form again
}

// RegisteredPage confirms a registration: what to tell the person, and what is to be done.
type RegisteredPage struct {
	Desk
	Reference string
	Late      string
	Facts     []Fact
	Todo      []string
}

// Intake is what came in with a request, on its page: how the person was identified, who acts for them, and files.
type Intake struct {
	Held       string // why it may not be met yet, in a sentence; "" when it may
	Complained string // the hint that somebody else should decide; "" for none
	Facts      []Fact
	Files      []FileLine
	Mandate    *MandateCard
	Identities []Option // nil where the identity cannot be set
	Note       string   // what was typed there
	Adds       bool     // files may be added
	Complain   string   // where to register a complaint about it; "" where none can be
}

// takesFiles reports whether files can go with the words: with a message, never with a note.
func (a ActForm) takesFiles() bool { return a.Name == "message" }

// encoding lets a form carry files.
func (a ActForm) encoding() templ.Attributes {
	if a.takesFiles() {
		return templ.Attributes{"enctype": "multipart/form-data"}
	}
	return nil
}

// MandateCard is whoever acts for the person.
type MandateCard struct {
	Facts   []Fact
	State   Pill
	Law     string // what the law wants here, in a sentence
	Files   []FileLine
	Confirm bool // an officer may confirm it by the document
	Adds    bool
	Note    string // what was typed
}
