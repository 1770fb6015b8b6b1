package sources

import (
	"slices"

	"habeas/rights"
)

// What a map says of the duties that go with data: who receives it, where else it lies for a while, how long it may be kept,
// and where a system notes what must not be done with it.

// Recipient is somebody whom data is disclosed to (GDPR Art. 13(1)(e), 30(1)(d); PIPL Art. 23).
type Recipient struct {
	Name      Text   `json:"name"`
	Role      string `json:"role,omitempty"`      // one of RecipientRoles, "" where the map is silent
	Email     string `json:"email,omitempty"`     // where they are told of a correction or an erasure (GDPR Art. 19); "" for by hand
	Country   string `json:"country,omitempty"`   // ISO 3166, of a transfer to another country
	Safeguard Text   `json:"safeguard,omitempty"` // of such a transfer (GDPR Art. 46; PIPL Art. 38)
}

// RecipientRoles are what a recipient may be.
var RecipientRoles = []string{"processor", "controller", "joint_controller", "authority"}

// In returns the name of the recipient in lang.
func (r Recipient) In(lang string) string { return r.Name.In(lang) }

// Copy is where records of a dataset lie beside it, and go by themselves: backups, a recycle bin.
type Copy struct {
	What Text          `json:"what"`
	For  rights.Period `json:"for"` // after which nothing of what was erased is left there
}

// Copies returns where records of a source lie beside it, as its maps say.
func (s *Set) Copies(source string) []Copy {
	var out []Copy
	var seen []*Dataset
	for _, c := range s.mapped {
		if c.Source() == source && !slices.Contains(seen, c.Dataset) {
			seen = append(seen, c.Dataset)
			out = append(out, c.Dataset.Copies...)
		}
	}
	return out
}

// Retain is how long the records of a collection may be kept: For, from the day in the field From. What happens to them then is
// what erasure does to them.
type Retain struct {
	For  rights.Period
	From *Field
}

// Flag is the field in which a source notes that a person's data must not be used in some way, or that their account is
// closed.
type Flag struct {
	Kind  rights.FlagKind
	Field *Field
	Set   string // what is written where it holds
	Clear string // and where it no longer does
}

// Flag returns the field in which the collection notes that kind of flag, or a Flag without a field.
func (c *Collection) Flag(kind rights.FlagKind) Flag {
	i := slices.IndexFunc(c.Flags, func(f Flag) bool { return f.Kind == kind })
	if i < 0 {
		return Flag{}
	}
	return c.Flags[i]
}
