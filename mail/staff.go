package mail

import (
	"fmt"
	"time"

	"habeas/locale"
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

// StaffAlert tells a member of staff of something about a request. It names no person.
type StaffAlert struct {
	Ref   string
	Event rights.AlertKind
	Right rights.Right
	Due   rights.Date
}

// Kind is staff_alert.
func (StaffAlert) Kind() Kind    { return KindStaffAlert }
func (m StaffAlert) ref() string { return m.Ref }
func (m StaffAlert) write(w *writer) {
	w.say("intro." + string(m.Event))
	w.fact("reference", m.Ref)
	w.row(w.word("right"), w.deskRight(m.Right))
	w.fact("due", w.day(m.Due))
	w.link("link", "staff", "requests", m.Ref)
}

// StaffNotice tells a member of staff of something that is about no request: a budget, what waits for their approval, a review
// that is due.
type StaffNotice struct{ Event rights.AlertKind }

// Kind is staff_notice.
func (StaffNotice) Kind() Kind  { return KindStaffNotice }
func (StaffNotice) ref() string { return "" }
func (m StaffNotice) write(w *writer) {
	w.say("intro." + string(m.Event))
	w.link("link", noticed[m.Event]...)
}

// noticed is where each event that is about no request leads to.
var noticed = map[rights.AlertKind][]string{
	rights.AlertApproval:  {"staff", "approvals"},
	rights.AlertBudget:    {"staff", "people", "budget"},
	rights.AlertHold:      {"staff", "holds"},
	rights.AlertReview:    {"staff", "reviews"},
	rights.AlertRetention: {"staff", "retention"},
}

// StaffDigest is the day's work of a member of staff, in numbers and references. It names no person.
type StaffDigest struct {
	Late, Week int // of their own requests
	Alerts     int // that they have not seen
	Messages   int // of these: from people whose requests are theirs
	Requests   []DueRequest
	Team       *TeamDigest // nil for whoever only does their own
}

// DueRequest is one line of a digest.
type DueRequest struct {
	Ref   string
	Right rights.Right
	Due   rights.Date
}

// TeamDigest is how the whole desk stands.
type TeamDigest struct{ Open, Late, Week, Unassigned, New int }

// Kind is staff_digest.
func (StaffDigest) Kind() Kind  { return KindStaffDigest }
func (StaffDigest) ref() string { return "" }
func (m StaffDigest) write(w *writer) {
	w.say("intro")
	if m.Late+m.Week+m.Alerts > 0 {
		w.add(Section, w.word("own"))
		w.count("late", m.Late)
		w.count("week", m.Week)
		w.count("messages", m.Messages)
		w.count("alerts", m.Alerts)
	}
	if len(m.Requests) > 0 {
		w.add(Section, w.word("soonest"))
		for _, r := range m.Requests {
			w.row(r.Ref, w.word("line", "Right", w.deskRight(r.Right), "Due", w.day(r.Due)))
		}
	}
	if t := m.Team; t != nil {
		w.add(Section, w.word("team"))
		for _, n := range []struct {
			label string
			count int
		}{{"new", t.New}, {"unassigned", t.Unassigned}, {"late", t.Late}, {"week", t.Week}, {"open", t.Open}} {
			w.row(w.word("row."+n.label), locale.Number(w.page.Lang, n.count))
		}
	}
	w.link("link", "staff", "queue")
	w.note("each_day")
}

// deskRight is what a request asks, as officers call it.
func (w *writer) deskRight(r rights.Right) string {
	key := "desk.right." + string(r)
	s := locale.T(w.page.Lang, key)
	if s == "⟦"+key+"⟧" && w.err == nil {
		w.err = fmt.Errorf("locale/words has no sentence %s for %s", key, w.page.Lang)
	}
	return s
}

// count adds how many there are, where there are any.
func (w *writer) count(label string, n int) {
	if n > 0 {
		w.row(w.word("row."+label), locale.Number(w.page.Lang, n))
	}
}
