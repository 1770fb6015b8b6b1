package rights

import (
	"slices"
	"time"
)

// MandateKind is in what capacity somebody acts for the person of a request.
type MandateKind string

// The capacities.
const (
	Agent    MandateKind = "agent"    // an authorised agent (Cal. Civ. Code 1798.135(e); 11 CCR 7063)
	Lawyer   MandateKind = "lawyer"   // instructed by the person
	Attorney MandateKind = "attorney" // holds a power of attorney, which proves itself (11 CCR 7063(b); Cal. Prob. Code 4121-4130)
	Guardian MandateKind = "guardian" // of a child or of an adult under guardianship (PIPL Art. 31; GDPR Art. 8)
	Relative MandateKind = "relative" // a close relative of somebody who has died (PIPL Art. 49)
)

// MandateKinds lists every capacity.
var MandateKinds = []MandateKind{Agent, Lawyer, Attorney, Guardian, Relative}

// Valid reports whether k is one of MandateKinds.
func (k MandateKind) Valid() bool { return slices.Contains(MandateKinds, k) }

// Alone reports whether whoever has that capacity acts in the place of a person who cannot be asked: they get the letters,
// and a document confirms them.
func (k MandateKind) Alone() bool { return k == Guardian || k == Relative }

// Asked reports whether the person is asked if whoever has that capacity may act for them.
func (k MandateKind) Asked() bool { return k == Agent || k == Lawyer }

// Relations lists how a guardian or a relative can stand to the person. The close relatives of PIPL Art. 49 are those of
// Art. 1045 of the Civil Code: spouse, parents, children, siblings, grandparents and grandchildren.
var Relations = []string{"spouse", "parent", "child", "sibling", "grandparent", "grandchild", "appointed"}

// Mandate is somebody who acts for the person of a request, and whether it is known that they may.
type Mandate struct {
	Request     string
	Kind        MandateKind
	Name        string
	Contact     string // where they can be reached: a mailbox, a telephone number, a postal address
	Relation    string // of a guardian or relative: one of Relations; else ""
	ConfirmedAt time.Time
	ConfirmedBy string // the person's subject ID, or a staff ID
	How         string // ConfirmedByPerson or ConfirmedByDocument; "" while it is not
}

// The ways to confirm a mandate.
const (
	ConfirmedByPerson   = "person"
	ConfirmedByDocument = "document"
)

// Confirmed reports whether it is known that they may act.
func (m Mandate) Confirmed() bool { return !m.ConfirmedAt.IsZero() }

// ByDocument reports whether an officer may confirm m by its document alone: where the person cannot be asked (a child,
// somebody who has died, nobody with a mailbox) or need not be, and where the signed permission is all that the law lets a
// business ask for (11 CCR 7026(j), 7027). Of anybody else the person is asked (11 CCR 7063(a)).
func (m Mandate) ByDocument(g Regime, right Right, reachable bool) bool {
	return !m.Kind.Asked() || !reachable || !g.NeedsIdentity(right)
}

// NeedsIdentity reports whether a request of that right may be met only once it is known who asks: what lets data out or
// changes it (GDPR Art. 12(6); 11 CCR 7060; GB/T 35273-2020 8.7(a)). Opting out and limiting the use of sensitive data need
// no proof (11 CCR 7026(d), 7027(e)), and an objection takes nothing from anybody.
func (g Regime) NeedsIdentity(right Right) bool {
	switch right {
	case Access, Portability, Rectification, Erasure, Explanation:
		return true
	case Restriction:
		return !slices.Contains(g.OptOutFor, Restriction)
	}
	return false
}

// ForbidsProof reports whether nobody may be asked who they are before a request of that right is met (11 CCR 7060(b)).
func (g Regime) ForbidsProof(right Right) bool { return slices.Contains(g.OptOutFor, right) }

// StartsAtIdentity reports whether the period to answer is counted from the day the person proved who they are.
func (g Regime) StartsAtIdentity() bool {
	s, ok := g.stop(ForIdentity)
	return ok && s.Restarts
}
