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
	Confirm  bool        // it was registered by an officer, and the person is to say that it is theirs
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
		w.add(Section, w.word("choices"))
		for _, c := range m.Choices {
			w.row(c.Purpose, w.shared("choice."+string(c.Choice)))
		}
	}
	if m.Confirm {
		w.say("confirm")
	}
	w.say("follow")
	w.link("link", "requests", m.Ref)
}

// PackageReady says that the export can be fetched; the data itself never travels by mail.
type PackageReady struct {
	Ref     string
	Until   time.Time // when it is deleted
	Missing bool      // something could not be read, and follows
}

// Kind is package_ready.
func (PackageReady) Kind() Kind    { return KindPackageReady }
func (m PackageReady) ref() string { return m.Ref }
func (m PackageReady) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	w.fact("until", w.moment(m.Until))
	if m.Missing {
		w.say("missing")
	}
	w.link("link", "export", m.Ref)
	w.note("sign_in")
	w.note("after")
}

// SupplementReady says that what a copy lacked can be fetched, or some of it.
type SupplementReady struct {
	Ref     string
	Until   time.Time
	Missing bool // there is more that could not be read
}

// Kind is supplement_ready.
func (SupplementReady) Kind() Kind    { return KindSupplementReady }
func (m SupplementReady) ref() string { return m.Ref }
func (m SupplementReady) write(w *writer) {
	if m.Missing {
		w.say("part")
	} else {
		w.say("intro")
	}
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

// TeamMessage says that the privacy team wrote. What it wrote is behind the sign-in: mail can be read on its way. Paper is
// sealed, and all that there is.
type TeamMessage struct {
	Ref   string
	Words string
}

// Kind is message.
func (TeamMessage) Kind() Kind    { return KindMessage }
func (m TeamMessage) ref() string { return m.Ref }
func (m TeamMessage) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	if w.paper {
		w.law(m.Words)
	}
	w.link("link", "requests", m.Ref)
	w.note("sign_in")
}

// Fulfilled says that a request was answered in full.
type Fulfilled struct {
	Ref    string
	Right  rights.Right
	ByHand bool   // the copy lacked something, and the team has given the rest
	Left   []Kept // of an erasure
	Words  string // the officer's, may be empty
}

// Kind is fulfilled.
func (Fulfilled) Kind() Kind    { return KindFulfilled }
func (m Fulfilled) ref() string { return m.Ref }
func (m Fulfilled) write(w *writer) {
	if m.ByHand {
		w.say("by_hand")
	} else {
		w.say("intro")
	}
	w.fact("reference", m.Ref)
	w.fact("right", w.right(m.Right))
	w.left(m.Left)
	w.words(m.Words)
	w.link("link", "requests", m.Ref)
	w.note("disagree", "Contact", w.house.PrivacyContact)
}

// Cancelled confirms that the person took a request back.
type Cancelled struct {
	Ref   string
	Right rights.Right
	Begun bool // an erasure that had taken something by then
}

// Kind is cancelled.
func (Cancelled) Kind() Kind    { return KindCancelled }
func (m Cancelled) ref() string { return m.Ref }
func (m Cancelled) write(w *writer) {
	w.say("intro")
	if m.Begun {
		w.say("begun")
	}
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
	Law    string      // the rule that allows it
	Reason string      // in the reader's language
}

// Kind is extended.
func (Extended) Kind() Kind    { return KindExtended }
func (m Extended) ref() string { return m.Ref }
func (m Extended) write(w *writer) {
	w.say("intro")
	w.by(m.Law, func() {
		w.fact("reference", m.Ref)
		w.fact("right", w.right(m.Right))
		w.fact("new_due", w.day(m.Due))
		w.add(Section, w.shared("why"))
	})
	w.words(m.Reason)
	w.say("meanwhile")
	w.link("link", "requests", m.Ref)
}

// Acknowledged tells somebody who phoned, wrote or came that their request is on record, how it will be handled and by
// when (11 CCR 7021(a): the process, how identity is verified, when to expect an answer).
type Acknowledged struct {
	Ref      string
	Right    rights.Right
	Received time.Time
	Due      rights.Date
	Law      string // the rule that wants it; "" where it is good manners
	Words    string // the officer's, may be empty
}

// Kind is acknowledged.
func (Acknowledged) Kind() Kind    { return KindAcknowledged }
func (m Acknowledged) ref() string { return m.Ref }
func (m Acknowledged) write(w *writer) {
	w.by(m.Law, func() {
		w.say("intro")
		w.fact("reference", m.Ref)
		w.fact("right", w.right(m.Right))
		w.fact("received", w.moment(m.Received))
		w.fact("due", w.day(m.Due))
		w.add(Section, w.word("how"))
		w.say("verify")
		w.say("search")
	})
	w.words(m.Words)
	w.link("link", "requests", m.Ref)
}

// Asked asks the person for proof of who they are, or what exactly they want, and says what that does to the time we
// have to answer.
type Asked struct {
	Ref   string
	Right rights.Right
	Why   string // rights.ForIdentity or rights.ForClarification
	Stops bool   // the clock stands still until they answer
	Due   rights.Date
	Law   string // the rule by which it stops, or runs on
	Words string // what is asked
}

// Kind is asked_identity or asked_clarification.
func (m Asked) Kind() Kind  { return AskedKind(m.Why) }
func (m Asked) ref() string { return m.Ref }
func (m Asked) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	w.fact("right", w.right(m.Right))
	w.words(m.Words)
	w.by(m.Law, func() {
		if m.Stops {
			w.add(Paragraph, w.shared("asked.stops"))
		} else {
			w.add(Paragraph, w.shared("asked.runs_on", "Date", w.day(m.Due)))
		}
	})
	w.link("link", "requests", m.Ref)
	w.note("sign_in")
}

// AskedKind is the kind of letter that asks for that reason.
func AskedKind(why string) Kind {
	if why == rights.ForIdentity {
		return KindAskedIdentity
	}
	return KindAskedClarification
}

// Reopened says that a closed request is worked on again, and why.
type Reopened struct {
	Ref   string
	Right rights.Right
	Due   rights.Date // the day it was owed from the first: opening again gives no new time
	Late  bool        // that day has passed
	Words string
}

// Kind is reopened.
func (Reopened) Kind() Kind    { return KindReopened }
func (m Reopened) ref() string { return m.Ref }
func (m Reopened) write(w *writer) {
	w.say("intro")
	w.fact("reference", m.Ref)
	w.fact("right", w.right(m.Right))
	if !m.Late {
		w.fact("due", w.day(m.Due))
	}
	w.words(m.Words)
	if m.Late {
		w.say("late", "Date", w.day(m.Due))
	}
	w.link("link", "requests", m.Ref)
}
