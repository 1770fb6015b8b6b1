package mail

import (
	"time"

	"habeas/rights"
)

// StaffInvite brings a new member of staff the link that enrols them, once.
type StaffInvite struct {
	Role  rights.Role
	Token string    // of the link /staff/enrol/TOKEN
	Until time.Time // when the link stops working
}

// Kind is staff_invite.
func (StaffInvite) Kind() Kind  { return KindStaffInvite }
func (StaffInvite) ref() string { return "" }
func (m StaffInvite) write(w *writer) {
	w.say("intro")
	w.fact("role", w.shared("role."+string(m.Role)))
	w.fact("link_until", w.moment(m.Until))
	w.link("link", "staff", "enrol", m.Token)
	w.note("need")
	w.note("not_you", "Contact", w.house.PrivacyContact)
}

// StaffEvent is what an officer is told of.
type StaffEvent string

// The events.
const (
	NewRequest StaffEvent = "request"
	NewMessage StaffEvent = "message"
)

// StaffAlert tells an officer that something waits. It names no person.
type StaffAlert struct {
	Ref   string
	Event StaffEvent
	Right rights.Right
	Due   rights.Date
}

// Kind is staff_alert.
func (StaffAlert) Kind() Kind    { return KindStaffAlert }
func (m StaffAlert) ref() string { return m.Ref }
func (m StaffAlert) write(w *writer) {
	w.say("intro." + string(m.Event))
	w.fact("reference", m.Ref)
	w.fact("right", w.right(m.Right))
	w.fact("due", w.day(m.Due))
	w.link("link", "staff", "requests", m.Ref)
}
