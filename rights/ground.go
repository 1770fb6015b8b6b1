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

// looking lists the rights that let data out.
var looking = []Right{Access, Portability}
