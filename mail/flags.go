package mail

import (
	"time"

	"habeas/rights"
)

// FlagRaised says that a person's data are no longer used in some way, from now on.
type FlagRaised struct {
	Ref      string
	Flag     rights.FlagKind
	Purposes []string // of an objection: their titles, in the reader's language
	At       time.Time
	Due      rights.Date // by which people have told the systems that a machine cannot; zero where none is left
	Words    string      // the officer's, of one that they raised
}

// Kind is flag_raised.
func (FlagRaised) Kind() Kind    { return KindFlagRaised }
func (m FlagRaised) ref() string { return m.Ref }
func (m FlagRaised) write(w *writer) {
	w.say(string(m.Flag))
	for _, purpose := range m.Purposes {
		w.fact("purpose", purpose)
	}
	w.fact("since", w.moment(m.At))
	w.fact("reference", m.Ref)
	if !m.Due.IsZero() {
		w.say("people", "Date", w.day(m.Due))
	}
	w.why(m.Words)
	w.say("change")
	w.link("link", "choices")
}

// why adds the reason that somebody gave for this one act; nothing is kept to begin it with.
func (w *writer) why(reason string) {
	if reason != "" {
		w.add(Section, w.shared("why"))
		w.law(reason)
	}
}

// FlagLowered says that a person has taken such a choice back.
type FlagLowered struct {
	Ref  string
	Flag rights.FlagKind
	At   time.Time
}

// Kind is flag_lowered.
func (FlagLowered) Kind() Kind    { return KindFlagLowered }
func (m FlagLowered) ref() string { return m.Ref }
func (m FlagLowered) write(w *writer) {
	w.say(string(m.Flag))
	w.fact("since", w.moment(m.At))
	w.fact("reference", m.Ref)
	w.say("change")
	w.link("link", "choices")
}

// FlagLifting says that a restriction will end, before it does (GDPR Art. 18(3)).
type FlagLifting struct {
	Ref   string
	Falls rights.Date
	Words string // the officer's: why
}

// Kind is flag_lifting.
func (FlagLifting) Kind() Kind    { return KindFlagLifting }
func (m FlagLifting) ref() string { return m.Ref }
func (m FlagLifting) write(w *writer) {
	w.say("intro", "Date", w.day(m.Falls))
	w.fact("reference", m.Ref)
	w.why(m.Words)
	w.link("link", "requests", m.Ref)
	w.note("disagree", "Contact", w.house.PrivacyContact)
}

// Explained answers who asked how a decision about them was made by a machine, in the words of an officer (GDPR Art. 15(1)(h),
// 22(3); PIPL Art. 24, 48).
type Explained struct {
	Ref   string
	Words string
}

// Kind is explained.
func (Explained) Kind() Kind    { return KindExplained }
func (m Explained) ref() string { return m.Ref }
func (m Explained) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	w.words(m.Words)
	w.say("human")
	w.link("link", "requests", m.Ref)
	w.note("disagree", "Contact", w.house.PrivacyContact)
}
