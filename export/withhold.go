package export

import (
	"habeas/rights"
	"habeas/sources"
)

// The ways in which a field stands in a package.
const (
	full    = ""
	masked  = "masked"
	leftOut = "left_out"
)

// treatment is how one field stands in a package, and why it is not in full.
type treatment struct {
	shown    string // full, masked or leftOut
	mask     string
	ground   string // "never_disclosed" or "not_portable": a locale key under "copy.ground."
	citation string
}

// treat decides how a field stands in a package for a request under regime g. Where the regime itself says never, not
// even a part of the value is shown; of several categories the strictest counts.
func treat(f *sources.Field, g rights.Regime, right rights.Right) treatment {
	// What the controller derived is not portable, nor what it calls its customers: nobody gave it that (WP 242 rev.01).
	if right == rights.Portability && (!f.Meta.Portable || f.Issued()) {
		return treatment{shown: leftOut, ground: "not_portable", citation: "GDPR Art. 20(1)"}
	}
	out := treatment{}
	if rights.Shown(rights.InPackage, f.Meta.Classification) == rights.InFull {
		return out
	}
	for _, category := range f.Categories {
		if !g.MayDisclose(category) {
			return treatment{shown: leftOut, ground: "never_disclosed", citation: g.NeverDiscloseSource.Citation}
		}
		w, held := rights.WithheldAs(category)
		switch {
		case !held:
			continue
		case w.Mask == "":
			return treatment{shown: leftOut, ground: "never_disclosed", citation: w.Citation}
		}
		mask := w.Mask
		if f.Meta.Mask == "all" { // its map is stricter
			mask = "all"
		}
		out = treatment{shown: masked, mask: mask, ground: "never_disclosed", citation: w.Citation}
	}
	return out
}
