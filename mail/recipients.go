package mail

import (
	"habeas/rights"
)

// RecipientNotice tells whoever data was disclosed to of a rectification, an erasure or a restriction (as GDPR Art. 19 wants it). Mail is read
// on its way, so it holds no personal data: whom it is about waits behind the link.
type RecipientNotice struct {
	Ref    string
	Law    string // that has them told; "" where it is a courtesy
	Act    rights.Right
	What   []Disclosed
	Token  string      // of the link /recipients/TOKEN
	Until  rights.Date // the last day on which the link works
	Remind bool        // they were told before, and have not answered
}

// Disclosed is a system, and what of it they have, in the reader's language.
type Disclosed struct{ System, What string }

// Kind is recipient_notice.
func (RecipientNotice) Kind() Kind    { return KindRecipientNotice }
func (m RecipientNotice) ref() string { return m.Ref }
func (m RecipientNotice) write(w *writer) {
	if m.Remind {
		w.say("remind")
	}
	w.say("intro." + string(m.Act))
	w.fact("reference", m.Ref)
	for _, d := range m.What {
		w.row(d.System, d.What)
	}
	w.fact("link_until", w.day(m.Until))
	if m.Law != "" {
		w.by(m.Law, func() { w.say("law", "Law", m.Law) })
	}
	w.say("hidden")
	w.link("link", "recipients", m.Token)
	w.note("ask", "Contact", w.house.PrivacyContact)
}

// RecipientLifted tells whoever was told of a restriction that it has ended, as they were promised.
type RecipientLifted struct {
	Ref  string
	What []Disclosed
}

// Kind is recipient_lifted.
func (RecipientLifted) Kind() Kind    { return KindRecipientLifted }
func (m RecipientLifted) ref() string { return m.Ref }
func (m RecipientLifted) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	for _, d := range m.What {
		w.row(d.System, d.What)
	}
	w.note("ask", "Contact", w.house.PrivacyContact)
}
