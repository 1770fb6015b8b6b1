package mail

import "time"

// SignInCode carries the code that confirms a mailbox. It says nothing about the reader, because it must be the same
// letter whether or not we know them.
type SignInCode struct {
	Code    string // eight digits
	Token   string // of the link /enter/TOKEN
	Minutes int    // how long both work
}

// Kind is sign_in_code.
func (SignInCode) Kind() Kind  { return KindSignInCode }
func (SignInCode) ref() string { return "" }
func (m SignInCode) write(w *writer) {
	w.say("intro", "Count", m.Minutes)
	w.code(m.Code)
	w.say("instead")
	w.link("link", "enter", m.Token)
	w.note("not_you")
	w.note("everybody")
}

// Act is something that needs a fresh proof of who asks, and of which every channel on file is told.
type Act string

// The acts.
const (
	ActExport  Act = "export"
	ActCorrect Act = "correct"
	ActErase   Act = "erase"
	ActReveal  Act = "reveal" // to see values that are masked
)

// StepUpCode carries the code that confirms an act.
type StepUpCode struct {
	Code    string
	Act     Act
	Minutes int
}

// Kind is step_up_code.
func (StepUpCode) Kind() Kind  { return KindStepUpCode }
func (StepUpCode) ref() string { return "" }
func (m StepUpCode) write(w *writer) {
	w.say("intro", "Count", m.Minutes)
	w.fact("act", w.shared("act."+string(m.Act)))
	w.code(m.Code)
	w.note("not_you", "Contact", w.house.PrivacyContact)
}

// Alert tells every channel on file that somebody let data out or changes it, and how to stop that without signing in.
type Alert struct {
	Ref       string
	Act       Act
	At        time.Time // when it was asked
	NotBefore time.Time // the end of a cooling-off, zero for none
	Token     string    // of the link /stop/TOKEN
	// Registered says that an officer wrote it down for somebody who phoned, wrote or came: nobody has signed in.
	Registered bool
}

// Kind is alert.
func (Alert) Kind() Kind    { return KindAlert }
func (m Alert) ref() string { return m.Ref }
func (m Alert) write(w *writer) {
	if m.Registered {
		w.say("registered")
	} else {
		w.say("intro")
	}
	w.fact("act", w.shared("act."+string(m.Act)))
	w.fact("asked", w.moment(m.At))
	w.fact("not_before", w.moment(m.NotBefore))
	w.fact("reference", m.Ref)
	w.say("you")
	w.say("not_you")
	w.link("link", "stop", m.Token)
	if m.Registered {
		w.note("registered_help", "Contact", w.house.PrivacyContact)
	} else {
		w.note("help", "Contact", w.house.PrivacyContact)
	}
}
