package rights

// Duty is what one law demands after a personal data breach.
type Duty struct {
	Kind     Kind
	Operator string // only for operators of that kind; "" for every other
	Term
	// MoreThan is the number of affected people above which the duty arises; 0 for any number.
	MoreThan int
	// Contents and Exempt are locale keys under "duty.": what must be said, and when nothing need be.
	Contents []string
	Exempt   []string
}

// Kinds of operator under the Chinese incident measures.
const (
	OperatorCIIO    = "ciio"    // of critical information infrastructure
	OperatorCentral = "central" // organs of the central Party and state
)

// Duty returns the breach duty of that kind for that kind of operator.
func (g Regime) Duty(k Kind, operator string) (Duty, bool) {
	var general Duty
	found := false
	for _, d := range g.Duties {
		if d.Kind != k {
			continue
		}
		if d.Operator == operator {
			return d, true
		}
		if d.Operator == "" {
			general, found = d, true
		}
	}
	return general, found
}
