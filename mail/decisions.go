package mail

import (
	"time"

	"habeas/locale"
	"habeas/rights"
)

// Refusal is what the law obliges us to say with every no (GDPR Art. 12(4): the reasons, the complaint, the judicial
// remedy; PIPL Art. 50: the reasons). The sentences arrive in the reader's language, from the regime.
type Refusal struct {
	Ground    string // why
	Basis     string // where the law lists that, as the reader looks it up
	GroundLaw string // the same as our citations write it
	Route     string // how to have it looked at again
	RouteLaw  string // the rule that wants the route told
	Remedy    string // the way to court, may be empty
}

// RefusalOf returns what a refusal on a ground must say under a regime, in the reader's language.
func RefusalOf(lang, regime, ground string) Refusal {
	r := Refusal{Ground: locale.T(lang, "ground."+ground+".letter"), Route: locale.T(lang, "route."+regime)}
	if g, ok := rights.RegimeByID(regime); ok {
		r.RouteLaw = g.Route.Citation
		if listed, ok := g.Ground(ground); ok {
			r.GroundLaw, r.Basis = listed.Citation, locale.Citation(lang, listed.Citation)
		}
	}
	return r
}

// why gives the ground and where the law lists it.
func (r Refusal) why(w *writer) {
	w.by(r.GroundLaw, func() {
		w.add(Section, w.shared("why"))
		w.law(r.Ground)
		w.fact("basis", r.Basis)
	})
}

// route says what can be done about it, and to whom to complain.
func (r Refusal) route(w *writer) {
	w.by(r.RouteLaw, func() {
		w.add(Section, w.shared("disagree"))
		w.law(r.Route)
		w.law(r.Remedy)
		w.fact("authority", w.house.AuthorityName)
		w.fact("authority_url", w.house.AuthorityURL)
	})
	w.say("ask")
}

// Refused says no, why, and what can be done about it.
type Refused struct {
	Ref     string
	Right   rights.Right
	Refusal Refusal
	Words   string // the officer's, may be empty
}

// Kind is refused.
func (Refused) Kind() Kind    { return KindRefused }
func (m Refused) ref() string { return m.Ref }
func (m Refused) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	w.fact("right", w.right(m.Right))
	m.Refusal.why(w)
	w.words(m.Words)
	m.Refusal.route(w)
	w.link("link", "requests", m.Ref)
}

// FulfilledInPart says what of a request was done and why the rest was not. A part refused is a refusal, with all that
// the law wants of one.
type FulfilledInPart struct {
	Ref     string
	Right   rights.Right
	Refusal Refusal
	Words   string // which part was done, and which was not
}

// Kind is fulfilled_in_part.
func (FulfilledInPart) Kind() Kind    { return KindFulfilledInPart }
func (m FulfilledInPart) ref() string { return m.Ref }
func (m FulfilledInPart) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	w.fact("right", w.right(m.Right))
	w.words(m.Words)
	m.Refusal.why(w)
	m.Refusal.route(w)
	w.link("link", "requests", m.Ref)
}

// CorrectionDone says that the person's own correction was written. Letters about corrections name the field, never
// a value: those are behind the sign-in.
type CorrectionDone struct{ Ref, Field string }

// Kind is correction_done.
func (CorrectionDone) Kind() Kind    { return KindCorrectionDone }
func (m CorrectionDone) ref() string { return m.Ref }
func (m CorrectionDone) write(w *writer) {
	w.corrected(m.Ref, m.Field)
	w.note("not_you", "Contact", w.house.PrivacyContact)
}

// CorrectionAccepted says that an officer accepted a correction and that it was written.
type CorrectionAccepted struct{ Ref, Field string }

// Kind is correction_accepted.
func (CorrectionAccepted) Kind() Kind        { return KindCorrectionAccepted }
func (m CorrectionAccepted) ref() string     { return m.Ref }
func (m CorrectionAccepted) write(w *writer) { w.corrected(m.Ref, m.Field) }

func (w *writer) corrected(ref, field string) {
	w.say("intro")
	w.fact("field", field)
	w.fact("reference", ref)
	w.link("link", "requests", ref)
	w.add(Aside, w.shared("values"))
}

// CorrectionDeclined says that an officer did not accept a correction, why, and what can be done about it.
type CorrectionDeclined struct {
	Ref, Field string
	Refusal    Refusal
	Words      string // the officer's, may be empty
}

// Kind is correction_declined.
func (CorrectionDeclined) Kind() Kind    { return KindCorrectionDeclined }
func (m CorrectionDeclined) ref() string { return m.Ref }
func (m CorrectionDeclined) write(w *writer) {
	w.say("intro")
	w.fact("field", m.Field)
	w.fact("reference", m.Ref)
	m.Refusal.why(w)
	w.words(m.Words)
	m.Refusal.route(w)
	w.link("link", "requests", m.Ref)
	w.add(Aside, w.shared("values"))
}

// ConsentGiven confirms a consent and how to take it back, which must be as easy (GDPR Art. 7(3), PIPL Art. 15).
type ConsentGiven struct {
	Ref      string
	Purposes []string // their titles, in the reader's language
	At       time.Time
}

// Kind is consent_given.
func (ConsentGiven) Kind() Kind        { return KindConsentGiven }
func (m ConsentGiven) ref() string     { return m.Ref }
func (m ConsentGiven) write(w *writer) { w.chosen(m.Ref, m.Purposes, m.At) }

// ConsentWithdrawn confirms a withdrawal, which took effect at once.
type ConsentWithdrawn struct {
	Ref      string
	Purposes []string
	At       time.Time
}

// Kind is consent_withdrawn.
func (ConsentWithdrawn) Kind() Kind        { return KindConsentWithdrawn }
func (m ConsentWithdrawn) ref() string     { return m.Ref }
func (m ConsentWithdrawn) write(w *writer) { w.chosen(m.Ref, m.Purposes, m.At) }

func (w *writer) chosen(ref string, purposes []string, at time.Time) {
	w.say("intro")
	for _, purpose := range purposes {
		w.fact("purpose", purpose)
	}
	w.fact("since", w.moment(at))
	w.fact("reference", ref)
	w.say("change")
	w.link("link", "consents")
}
