package mail

import "habeas/rights"

// Mandate asks the person of a request whether whoever asked for it in their name may (11 CCR 7063(a)).
type Mandate struct {
	Ref   string
	Right rights.Right
	As    rights.MandateKind
}

// Kind is mandate.
func (Mandate) Kind() Kind    { return KindMandate }
func (m Mandate) ref() string { return m.Ref }
func (m Mandate) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	w.fact("right", w.right(m.Right))
	w.fact("capacity", w.shared("capacity."+string(m.As)))
	w.say("wait")
	w.link("link", "requests", m.Ref, "confirm")
	w.note("not_you", "Contact", w.house.PrivacyContact)
}
