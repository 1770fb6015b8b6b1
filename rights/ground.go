package rights

import "slices"

// Ground is a reason the law accepts for refusing. Its name is at the locale key Key, the sentence a letter quotes at
// Key + ".letter".
type Ground struct {
	ID    string
	Right []Right // the rights it may refuse; nil for any
	Source
}

// Key is the locale key of the ground's name.
func (g Ground) Key() string { return "ground." + g.ID }

// AppliesTo reports whether a request of that right can be refused on this ground.
func (g Ground) AppliesTo(r Right) bool { return g.Right == nil || slices.Contains(g.Right, r) }

// OfRequest reports whether the ground lies in the request or in who makes it, and not in the data: nothing is kept on it.
func (g Ground) OfRequest() bool {
	return slices.Contains([]string{"unfounded", "unidentified", "not_consumer", "not_controller"}, g.ID)
}

// open are the grounds that say only half: whoever refuses on one must add, in words, what it is in this case.
var open = map[string]bool{
	"impossible":        true, // LGPD Art. 18 § 4 II: the reasons of fact or of law are to be stated
	"not_controller":    true, // LGPD Art. 18 § 4 I: who is, wherever possible
	"unfounded":         true, // GDPR Art. 12(5): the controller bears the burden of showing it
	"restricted_by_law": true, // GDPR Art. 23(2)(h), 12(4): by which law, unless saying so defeats it
	"exempt":            true, // 11 CCR 7022(f)(1): the basis of the denial, in detail
}

// NeedsWords reports whether a refusal on this ground must say in words what it is in this case.
func (g Ground) NeedsWords() bool { return open[g.ID] }

// looking lists the rights that let data out.
var looking = []Right{Access, Portability}
