package export

import (
	"strings"

	"habeas/rights"
	"habeas/sources"
)

// Withholding is one category, with all below it, whose values no package holds in full.
type Withholding struct {
	Category string
	Mask     string // how rights.Mask shortens the value; "" leaves it out
	Citation string
}

// Withholdings is what 11 CCR 7024(d) names: identity and account numbers, medical numbers, passwords, security
// questions and answers, unique biometrics. We keep to it under every regime (GDPR Art. 32(1), PIPL Art. 51): a package
// lies in download folders and mailboxes for years. That we hold such a datum is always said. Keys of fideslang 2 and 3.
var Withholdings = []Withholding{
	{"user.authorization", "", "11 CCR 7024(d)"},
	{"system.authentication", "", "11 CCR 7024(d)"},
	{"user.biometric", "", "11 CCR 7024(d)"},
	{"user.biometrics", "", "11 CCR 7024(d)"},
	{"user.government_id", "id", "11 CCR 7024(d)"},
	{"user.financial.account_number", "card", "11 CCR 7024(d)"},
	{"user.financial.bank_account", "card", "11 CCR 7024(d)"},
	{"user.financial.credit_card", "card", "11 CCR 7024(d)"},
	{"user.health.insurance_beneficiary_id", "id", "11 CCR 7024(d)"},
	{"user.health.record_id", "id", "11 CCR 7024(d)"},
	{"user.health_and_medical.insurance_beneficiary_id", "id", "11 CCR 7024(d)"},
	{"user.health_and_medical.record_id", "id", "11 CCR 7024(d)"},
}

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
	for _, category := range f.Categories {
		if !g.MayDisclose(category) {
			return treatment{shown: leftOut, ground: "never_disclosed", citation: g.NeverDiscloseSource.Citation}
		}
		for _, w := range Withholdings {
			if !below(category, w.Category) {
				continue
			}
			if w.Mask == "" {
				return treatment{shown: leftOut, ground: "never_disclosed", citation: w.Citation}
			}
			mask := w.Mask
			if f.Meta.Mask == "all" { // its map is stricter
				mask = "all"
			}
			out = treatment{shown: masked, mask: mask, ground: "never_disclosed", citation: w.Citation}
		}
	}
	return out
}

// below reports whether category is key or under it.
func below(category, key string) bool {
	rest, ok := strings.CutPrefix(category, key)
	return ok && (rest == "" || rest[0] == '.')
}
