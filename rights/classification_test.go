package rights

import (
	"slices"
	"testing"
)

func TestWhatAClassificationMeansInEachPlace(t *testing.T) {
	for _, row := range []struct {
		sentence                  string
		at                        Place
		ordinary, sensitive, core Showing
	}{
		{"a person sees all that is theirs, what is core after a fresh proof", OwnPages, InFull, InFull, AfterProof},
		{"an officer sees nothing without a reason", Desk, AfterReason, AfterReason, AfterReason},
		{"who has to decide a correction sees both values", ToDecide, InFull, InFull, InFull},
		{"and once it is decided what is core is masked", Decided, InFull, InFull, InPart},
		{"a copy holds all, but for what the law and its list keep back", InPackage, AsListed, AsListed, AsListed},
		{"a recipient reads the new value, but for what is core", InNotice, InFull, InFull, NotAtAll},
		{"keys stand in addresses, but for what is core", InAddress, InFull, InFull, Encrypted},
		{"no letter holds a value", InLetter, NotAtAll, NotAtAll, NotAtAll},
		{"no log does", InLog, NotAtAll, NotAtAll, NotAtAll},
		{"nor what the desk downloads", InDeskFile, NotAtAll, NotAtAll, NotAtAll},
		{"what nobody has thought of shows nothing", "a new place", NotAtAll, NotAtAll, NotAtAll},
	} {
		for c, want := range map[Classification]Showing{Ordinary: row.ordinary, Sensitive: row.sensitive, Core: row.core, "": NotAtAll, "secret": NotAtAll} {
			if got := Shown(row.at, c); got != want {
				t.Errorf("%s: %q is %s, want %s", row.sentence, c, got, want)
			}
		}
	}
	for _, at := range Places {
		for i, c := range Classifications[1:] { // what does more harm is never shown more
			if slices.Index(showingsByLess, Shown(at, c)) < slices.Index(showingsByLess, Shown(at, Classifications[i])) {
				t.Errorf("%s: %s is shown more than %s", at, c, Classifications[i])
			}
		}
	}
	if len(showings) != len(Places) {
		t.Errorf("%d places, %d of them in the table", len(Places), len(showings))
	}
}

// showingsByLess are the ways to show a value, from the most to the least.
var showingsByLess = []Showing{InFull, AsListed, AfterProof, AfterReason, InPart, Encrypted, NotAtAll}

func TestWhatOpensAccountsIsRevealedUnderNoLaw(t *testing.T) {
	for _, g := range Regimes {
		for category, want := range map[string]bool{
			"user.authorization.password": false, "system.authentication": false, "user.contact.email": true, "user.authorizations": true,
		} {
			if got := g.MayReveal(category); got != want {
				t.Errorf("%s: %s may be revealed: %v", g.ID, category, got)
			}
		}
	}
}
