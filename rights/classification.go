package rights

import "strings"

// Classification is how much harm a datum can do in the wrong hands. What follows from it stands here and nowhere else: every
// place that shows or keeps a value asks Shown.
type Classification string

// The classifications.
const (
	Ordinary  Classification = "ordinary"
	Sensitive Classification = "sensitive" // GDPR Art. 9, 10; PIPL Art. 28
	Core      Classification = "core"      // opens accounts, or cannot be changed once it leaked
)

// Classifications lists every classification, the least harmful first.
var Classifications = []Classification{Ordinary, Sensitive, Core}

// Rank orders classifications by harm; what is none of them comes before all.
func (c Classification) Rank() int {
	for i, one := range Classifications {
		if c == one {
			return i
		}
	}
	return -1
}

// Place is where a value may be shown or kept.
type Place string

// The places.
const (
	OwnPages   Place = "own_pages" // the pages of the person whose value it is
	Desk       Place = "desk"      // the pages of a person's data for officers
	ToDecide   Place = "to_decide" // a correction, to the officer who has to decide it
	Decided    Place = "decided"   // a correction afterwards, and the history of a field
	InPackage  Place = "package"   // the copy that a person downloads
	InNotice   Place = "notice"    // the page of a recipient who is told of a correction
	InAddress  Place = "address"   // the address of a page: the key of a record
	InLetter   Place = "letter"    // mail is read on its way
	InLog      Place = "log"       // of the program, and its metrics
	InDeskFile Place = "desk_file" // what the desk downloads as CSV: numbers and references, nobody's values
)

// Places lists every place.
var Places = []Place{OwnPages, Desk, ToDecide, Decided, InPackage, InNotice, InAddress, InLetter, InLog, InDeskFile}

// Showing is how a value stands in a place.
type Showing string

// The ways, from the most to the least.
const (
	InFull      Showing = "in_full"
	AsListed    Showing = "as_listed"    // in full, unless its category is one of the Withholdings or the law never lets it be shown
	AfterProof  Showing = "after_proof"  // masked until whoever asks has proved afresh who they are
	AfterReason Showing = "after_reason" // masked until it is revealed, alone, for a reason that the person reads
	InPart      Showing = "in_part"      // masked
	Encrypted   Showing = "encrypted"
	NotAtAll    Showing = "not_at_all"
)

// showings is the one table: place by classification. Columns are ordinary, sensitive, core.
var showings = map[Place][3]Showing{
	OwnPages:   {InFull, InFull, AfterProof},            // an open session is not the person (PIPL Art. 51; ASVS 7.5.3)
	Desk:       {AfterReason, AfterReason, AfterReason}, // GDPR Art. 25(2), 32(4): nobody looks without need
	ToDecide:   {InFull, InFull, InFull},                // nobody can decide unseen
	Decided:    {InFull, InFull, InPart},                // on the person's own pages until a fresh proof
	InPackage:  {AsListed, AsListed, AsListed},          // it is theirs (GDPR Art. 15(3)); a file lies about for years (11 CCR 7024(d))
	InNotice:   {InFull, InFull, NotAtAll},              // whoever holds the link reads it
	InAddress:  {InFull, InFull, Encrypted},             // addresses stand in histories and logs of proxies
	InLetter:   {NotAtAll, NotAtAll, NotAtAll},          // values are behind the sign-in
	InLog:      {NotAtAll, NotAtAll, NotAtAll},
	InDeskFile: {NotAtAll, NotAtAll, NotAtAll},
}

// Shown returns how a value of that classification stands in a place. What the table does not know is not shown.
func Shown(at Place, c Classification) Showing {
	row, known := showings[at]
	if i := c.Rank(); known && i >= 0 {
		return row[i]
	}
	return NotAtAll
}

// Withholding is one category, with all below it, whose values no package holds in full.
type Withholding struct {
	Category string
	Mask     string // how Mask shortens the value; "" leaves it out
	Citation string
	Opens    bool // it opens accounts: no page of the desk ever shows it either
}

// Withholdings is what 11 CCR 7024(d) names: identity and account numbers, medical numbers, passwords, security
// questions and answers, unique biometrics. We keep to it under every regime (GDPR Art. 32(1), PIPL Art. 51): a package
// lies in download folders and mailboxes for years. That we hold such a datum is always said. Keys of fideslang 2 and 3.
var Withholdings = []Withholding{
	{"user.authorization", "", "11 CCR 7024(d)", true},
	{"system.authentication", "", "11 CCR 7024(d)", true},
	{"user.biometric", "", "11 CCR 7024(d)", false},
	{"user.biometrics", "", "11 CCR 7024(d)", false},
	{"user.government_id", "id", "11 CCR 7024(d)", false},
	{"user.financial.account_number", "card", "11 CCR 7024(d)", false},
	{"user.financial.bank_account", "card", "11 CCR 7024(d)", false},
	{"user.financial.credit_card", "card", "11 CCR 7024(d)", false},
	{"user.health.insurance_beneficiary_id", "id", "11 CCR 7024(d)", false},
	{"user.health.record_id", "id", "11 CCR 7024(d)", false},
	{"user.health_and_medical.insurance_beneficiary_id", "id", "11 CCR 7024(d)", false},
	{"user.health_and_medical.record_id", "id", "11 CCR 7024(d)", false},
}

// WithheldAs returns how a category is withheld, and whether it is.
func WithheldAs(category string) (Withholding, bool) {
	for _, w := range Withholdings {
		if within(category, w.Category) {
			return w, true
		}
	}
	return Withholding{}, false
}

// MayReveal reports whether an officer may see a value of that category in full under g.
func (g Regime) MayReveal(category string) bool {
	w, _ := WithheldAs(category)
	return g.MayDisclose(category) && !w.Opens
}

// within reports whether category is key or below it.
func within(category, key string) bool {
	rest, ok := strings.CutPrefix(category, key)
	return ok && (rest == "" || rest[0] == '.')
}
