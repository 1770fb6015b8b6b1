package rights

import (
	"slices"
	"time"
)

// FlagKind is a way in which a person's data must not be used, whatever they consented to.
type FlagKind string

// The kinds of flag.
const (
	Restricted FlagKind = "restriction"  // kept, and used for nothing else (GDPR Art. 18(2); PIPL Art. 44)
	Objected   FlagKind = "objection"    // not used for a purpose that rests on an interest of the house (GDPR Art. 21)
	OptedOut   FlagKind = "opt_out"      // neither sold nor shared (Cal. Civ. Code 1798.120)
	Limited    FlagKind = "limit"        // what is sensitive, used for nothing that it is not needed for (Cal. Civ. Code 1798.121)
	Closed     FlagKind = "cancellation" // the account is closed (NDSMR Art. 24; GB/T 35273-2020 8.5)
)

// FlagKinds lists every kind.
var FlagKinds = []FlagKind{Restricted, Objected, OptedOut, Limited, Closed}

// FlagOf returns the flag that meeting a request of that right under the law raises, "" for none. What other laws call
// restriction is in California the limiting of sensitive information.
func (g Regime) FlagOf(r Right) FlagKind {
	switch r {
	case Restriction:
		if slices.Contains(g.OptOutFor, Restriction) {
			return Limited
		}
		return Restricted
	case Objection:
		return Objected
	case OptOut:
		return OptedOut
	}
	return ""
}

// Called is the right that a request is called by in words: what other laws call restriction is in California a limit.
func (r Request) Called() Right {
	if g, ok := RegimeByID(r.Regime); ok && g.FlagOf(r.Right) == Limited {
		return Right(Limited)
	}
	return r.Right
}

// FlagEvent is one line of the ledger of flags: append-only, as that of consent is.
type FlagEvent struct {
	ID      string
	Subject string
	Request string // that raised or lowered it
	Kind    FlagKind
	Purpose string // of an objection to one purpose; "" for all it can be about
	Raised  bool   // else lowered
	At      time.Time
	By      Actor
}

// Flag is a flag that stands.
type Flag struct {
	Kind    FlagKind
	Purpose string
	Since   time.Time
}

// Flags are those that stand for a person.
type Flags []Flag

// FlagsOf derives what stands from the ledger, in the order in which it was raised. Events may come in any order; of two at
// the same time the later in the list counts.
func FlagsOf(events []FlagEvent) Flags {
	var out Flags
	for _, e := range inOrder(events) {
		i := slices.IndexFunc(out, func(f Flag) bool { return f.Kind == e.Kind && f.Purpose == e.Purpose })
		switch {
		case e.Raised && i < 0:
			out = append(out, Flag{e.Kind, e.Purpose, e.At})
		case !e.Raised && e.Purpose == "": // lowered for all
			out = slices.DeleteFunc(out, func(f Flag) bool { return f.Kind == e.Kind })
		case !e.Raised && i >= 0:
			out = slices.Delete(out, i, i+1)
		}
	}
	return out
}

func inOrder(events []FlagEvent) []FlagEvent {
	sorted := slices.Clone(events)
	slices.SortStableFunc(sorted, func(a, b FlagEvent) int { return a.At.Compare(b.At) })
	return sorted
}

// RaisedBy returns the requests for which a flag stands: those that raised it since it was last lowered, the first of them first.
func RaisedBy(events []FlagEvent, kind FlagKind, purpose string) (requests []string) {
	for _, e := range inOrder(events) {
		switch {
		case e.Kind != kind:
		case e.Raised && e.Purpose == purpose:
			requests = append(requests, e.Request)
		case !e.Raised && (e.Purpose == purpose || e.Purpose == ""):
			requests = nil
		}
	}
	return requests
}

// Of returns the flag of that kind that stands for the purpose, or for all, and whether one does.
func (fs Flags) Of(kind FlagKind, purpose string) (Flag, bool) {
	i := slices.IndexFunc(fs, func(f Flag) bool { return f.Kind == kind && (f.Purpose == "" || f.Purpose == purpose) })
	if i < 0 {
		return Flag{}, false
	}
	return fs[i], true
}

// Verdict says whether a purpose may be pursued with somebody's data now, and why.
type Verdict struct {
	Purpose string
	Allowed bool
	Because string    // one of Becauses
	Since   time.Time // when that came about; zero where nothing did
	Until   time.Time // when a consent runs out; zero for never
}

// Becauses are the reasons of a Verdict: a flag that stands, where consent stands, or that the purpose rests on something
// else.
var Becauses = []string{
	"restricted", "closed", "opted_out", "limited", "objected", "granted", "withdrawn", "expired", "outdated", "not_given", "lawful_basis",
}

// objectable are the lawful bases against which a person can object (GDPR Art. 21(1)).
var objectable = []string{"legitimate_interests", "public_task"}

// Objectable reports whether a person can object to the purpose: always, where it is direct marketing (GDPR Art. 21(2)).
func (p Purpose) Objectable() bool { return p.Marketing || slices.Contains(objectable, p.Basis) }

// Judge says whether the purpose may be pursued at now. Flags count before consent: whoever objects has not to withdraw as
// well (GDPR Art. 21(3)), and consent that is given again needs the flag lowered.
func (p Purpose) Judge(s Standing, flags Flags, now time.Time) Verdict {
	for _, rule := range []struct {
		kind    FlagKind
		applies bool
		because string
	}{
		{Restricted, true, "restricted"},
		{Closed, true, "closed"},
		{OptedOut, p.Sells, "opted_out"},
		{Limited, p.Sensitive, "limited"},
		{Objected, p.Objectable(), "objected"},
	} {
		if f, stands := flags.Of(rule.kind, p.Key); stands && rule.applies {
			return Verdict{Purpose: p.Key, Because: rule.because, Since: f.Since}
		}
	}
	v := Verdict{Purpose: p.Key, Since: s.Since}
	switch {
	case p.Basis != "consent":
		v.Allowed, v.Because, v.Since = true, "lawful_basis", time.Time{}
	case s.Choice == "":
		v.Because = "not_given"
	case s.Choice == Withdrawn:
		v.Because = "withdrawn"
	case s.Version != p.Version:
		v.Because = "outdated"
	case !s.Until.IsZero() && !now.Before(s.Until):
		v.Because, v.Since = "expired", s.Until
	default:
		v.Allowed, v.Because, v.Until = true, "granted", s.Until
	}
	return v
}

// Strictest returns of two verdicts on one purpose the one that allows less: of somebody who may be either of two people, what
// either does not want is not done.
func Strictest(a, b Verdict) Verdict {
	if a.Allowed && !b.Allowed {
		return b
	}
	return a
}
