package rights

// Right is what a rights request asks for.
type Right string

// The rights that a person can exercise here.
const (
	Access        Right = "access"
	Portability   Right = "portability"
	Rectification Right = "rectification"
	Erasure       Right = "erasure"
	Restriction   Right = "restriction"
	Objection     Right = "objection"
	OptOut        Right = "opt_out"
	Explanation   Right = "explanation"
	Consent       Right = "consent" // a choice given or withdrawn; its substance is a ConsentEvent
	Complaint     Right = "complaint"
)

// Rights lists every right, in the order pages show them.
var Rights = []Right{Access, Portability, Rectification, Erasure, Restriction, Objection, OptOut, Explanation, Consent, Complaint}

// Valid reports whether r is one of Rights.
func (r Right) Valid() bool {
	for _, known := range Rights {
		if r == known {
			return true
		}
	}
	return false
}

// NeedsStepUp reports whether exercising r needs a fresh proof of identity: whatever lets data out or changes it
// (security.md 1; CCPA 11 CCR 7061). Opting out and withdrawing consent must never be harder than that (11 CCR
// 7026(d), GDPR Art. 7(3)).
func (r Right) NeedsStepUp() bool {
	switch r {
	case Portability, Rectification, Erasure:
		return true
	}
	return false
}
