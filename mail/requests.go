package mail

import (
	"time"

	"habeas/rights"
)

// Receipt confirms that a request was received (CCPA Regulations 11 CCR 7021(a); good manners everywhere else).
type Receipt struct {
	Ref      string
	Right    rights.Right
	Received time.Time
	Due      rights.Date // the day we must answer by; zero where the answer was given at once
	Choices  []Choice    // for consent: what was chosen
}

// Choice is one line of a consent receipt.
type Choice struct {
	Purpose string // its title, in the reader's language
	Choice  rights.Choice
}

// Kind is receipt.
func (Receipt) Kind() Kind    { return KindReceipt }
func (m Receipt) ref() string { return m.Ref }
func (m Receipt) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	w.fact("right", w.right(m.Right))
	w.fact("received", w.moment(m.Received))
	w.fact("due", w.day(m.Due))
	if len(m.Choices) > 0 {
		w.add(section, w.word("choices"))
		for _, c := range m.Choices {
			w.row(c.Purpose, w.shared("choice."+string(c.Choice)))
		}
	}
	w.say("follow")
	w.link("link", "requests", m.Ref)
}

// PackageReady says that the export can be fetched; the data itself never travels by mail.
type PackageReady struct {
	Ref   string
	Until time.Time // when it is deleted
}

// Kind is package_ready.
func (PackageReady) Kind() Kind    { return KindPackageReady }
func (m PackageReady) ref() string { return m.Ref }
func (m PackageReady) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	w.fact("until", w.moment(m.Until))
	w.link("link", "export", m.Ref)
	w.note("sign_in")
	w.note("after")
}

// PackageFailed says that the export could not be made, and that the request is not over for that.
type PackageFailed struct{ Ref string }

// Kind is package_failed.
func (PackageFailed) Kind() Kind    { return KindPackageFailed }
func (m PackageFailed) ref() string { return m.Ref }
func (m PackageFailed) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	w.say("again")
	w.link("link", "requests", m.Ref)
}

// TeamMessage says that the privacy team wrote. What it wrote is behind the sign-in: mail can be read on its way.
type TeamMessage struct{ Ref string }

// Kind is message.
func (TeamMessage) Kind() Kind    { return KindMessage }
func (m TeamMessage) ref() string { return m.Ref }
func (m TeamMessage) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	w.link("link", "requests", m.Ref)
	w.note("sign_in")
}

// Fulfilled says that a request was answered in full.
type Fulfilled struct {
	Ref   string
	Right rights.Right
}

// Kind is fulfilled.
func (Fulfilled) Kind() Kind    { return KindFulfilled }
func (m Fulfilled) ref() string { return m.Ref }
func (m Fulfilled) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	w.fact("right", w.right(m.Right))
	w.link("link", "requests", m.Ref)
	w.note("disagree", "Contact", w.house.PrivacyContact)
}

// Cancelled confirms that the person took a request back.
type Cancelled struct {
	Ref   string
	Right rights.Right
}

// Kind is cancelled.
func (Cancelled) Kind() Kind    { return KindCancelled }
func (m Cancelled) ref() string { return m.Ref }
func (m Cancelled) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	w.fact("right", w.right(m.Right))
	w.say("again")
	w.link("link", "requests", m.Ref)
	w.note("not_you", "Contact", w.house.PrivacyContact)
}

// Extended tells of a longer period and why (GDPR Art. 12(3): within the first month, with the reasons).
type Extended struct {
	Ref    string
	Right  rights.Right
	Due    rights.Date // the new day
	Reason string      // in the reader's language
}

// Kind is extended.
func (Extended) Kind() Kind    { return KindExtended }
func (m Extended) ref() string { return m.Ref }
func (m Extended) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	w.fact("right", w.right(m.Right))
	w.fact("new_due", w.day(m.Due))
	w.add(section, w.shared("why"))
	w.law(m.Reason)
	w.say("meanwhile")
	w.link("link", "requests", m.Ref)
}
