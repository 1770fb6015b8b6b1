package sources

import (
	"slices"

	"habeas/rights"
)

// ProcessingRecord is the record of processing activities that the maps amount to: an entry a collection, in the order of
// the maps. It says what is done with data and holds none of anybody.
type ProcessingRecord []Processing

// Processing is one entry of it: what the map says of a collection, and of its fields where they differ.
type Processing struct {
	Dataset    string            `json:"dataset"`
	Collection string            `json:"collection"`
	System     Text              `json:"system"`
	Label      Text              `json:"label"`
	Facts      []Fact            `json:"facts"`
	Fields     []ProcessingField `json:"fields"`
}

// ProcessingField is what an entry says of one field.
type ProcessingField struct {
	Path  string `json:"path"`
	Label Text   `json:"label"`
	Facts []Fact `json:"facts"`
}

// Fact is one thing that a record of processing says.
type Fact struct {
	What   string  `json:"what"` // one of FactKinds
	Values []Value `json:"values"`
}

// Value is said in the map's own words, or by a code: a category, a basis, a role, a period.
type Value struct {
	Text    Text   `json:"text,omitempty"`
	Code    string `json:"code,omitempty"`
	Country string `json:"country,omitempty"` // of a recipient
	Note    Text   `json:"note,omitempty"`    // the safeguard of a transfer
}

func (v Value) same(o Value) bool {
	return v.Code == o.Code && v.Country == o.Country && v.Text.Same(o.Text) && v.Note.Same(o.Note)
}

// What a record of processing says, in the order in which it is read: GDPR Art. 30(1)(b)–(g), and what PIPL and
// GB/T 35273 ask besides.
const (
	FactTeam           = "team"
	FactPurposes       = "purposes"
	FactBases          = "bases"
	FactSubjects       = "subjects"
	FactCategories     = "categories"
	FactClassification = "classification"
	FactOrigins        = "origins"
	FactRecipients     = "recipients"
	FactTransfers      = "transfers" // of Whole only: those of the recipients who are abroad
	FactRetention      = "retention"
	FactCopies         = "copies"
	FactSecurity       = "security"
)

// FactKinds lists them in that order.
var FactKinds = []string{
	FactTeam, FactPurposes, FactBases, FactSubjects, FactCategories, FactClassification, FactOrigins, FactRecipients, FactTransfers,
	FactRetention, FactCopies, FactSecurity,
}

// Codes of FactSubjects and FactRecipients that no list of the map has words for.
const (
	SubjectsShared = "shared" // the records belong to nobody in particular
	SubjectsOthers = "others" // some fields are about people whom the person deals with
	NoRecipients   = "nobody" // the map says so; a map that is silent says nothing
)

// ProcessingRecord returns the record of everything that the maps name, also of what no person is led to.
func (s *Set) ProcessingRecord() ProcessingRecord {
	out := make(ProcessingRecord, 0, len(s.mapped))
	for _, c := range s.mapped {
		out = append(out, s.processing(c))
	}
	return out
}

func (s *Set) processing(c *Collection) Processing {
	d := c.Dataset
	p := Processing{
		Dataset: d.Key, Collection: c.Name, System: called(d.Label, d.Name, d.Key), Label: called(c.Label, "", c.Name), Facts: []Fact{}, Fields: []ProcessingField{},
	}
	p.Facts = addFact(p.Facts, FactTeam, texts(d.Team)...)
	p.Facts = addFact(p.Facts, FactSubjects, s.subjects(c)...)
	p.Facts = metaFacts(p.Facts, c.Meta)
	if c.Retain != nil {
		from := called(c.Retain.From.Label, "", c.Retain.From.Name)
		p.Facts = addFact(p.Facts, FactRetention, Value{Code: c.Retain.For.String(), Text: from})
	}
	for _, copied := range d.Copies {
		p.Facts = addFact(p.Facts, FactCopies, Value{Text: copied.What, Code: copied.For.String()})
	}
	walk(c.Fields, func(f *Field) {
		if len(f.Fields) == 0 {
			p.Fields = append(p.Fields, ProcessingField{Path: f.Path(), Label: called(f.Label, "", f.Name), Facts: fieldFacts(c.Meta, f)})
		}
	})
	return p
}

// fieldFacts are those of a field: what it is, and what is said of it otherwise than of its collection.
func fieldFacts(above Meta, f *Field) []Fact {
	facts := []Fact{}
	for _, category := range f.Categories {
		facts = addFact(facts, FactCategories, Value{Code: category})
	}
	facts = addFact(facts, FactClassification, Value{Code: string(f.Meta.Classification)})
	facts = addFact(facts, FactOrigins, Value{Code: string(f.Meta.Origin)})
	if f.hidden() {
		facts = addFact(facts, FactSubjects, Value{Code: SubjectsOthers})
	}
	for _, own := range metaFacts(nil, f.Meta) {
		if !slices.ContainsFunc(metaFacts(nil, above), own.same) {
			facts = append(facts, own)
		}
	}
	return facts
}

// metaFacts are the facts that stand at a collection and at a field alike.
func metaFacts(facts []Fact, m Meta) []Fact {
	facts = addFact(facts, FactPurposes, texts(m.Purpose)...)
	if m.Basis != "" {
		facts = addFact(facts, FactBases, Value{Code: m.Basis})
	}
	if m.Recipients != nil && len(m.Recipients) == 0 {
		facts = addFact(facts, FactRecipients, Value{Code: NoRecipients})
	}
	for _, r := range m.Recipients {
		facts = addFact(facts, FactRecipients, Value{Text: r.Name, Code: r.Role, Country: r.Country, Note: r.Safeguard})
	}
	facts = addFact(facts, FactRetention, texts(m.Retention)...)
	if m.Erase == EraseKeep {
		facts = addFact(facts, FactRetention, texts(m.Until)...)
		if len(m.Until) == 0 && !m.Keep.IsZero() {
			facts = addFact(facts, FactRetention, Value{Code: m.Keep.String()})
		}
	}
	return addFact(facts, FactSecurity, texts(m.Security)...)
}

// subjects are the lists of people whose records those of a collection may be.
func (s *Set) subjects(c *Collection) (out []Value) {
	if s.plan.shared[c] {
		return []Value{{Code: SubjectsShared}}
	}
	lists, leads := s.plan.people, func(people *Collection) bool { return s.plan.roots[c][people] }
	if c.Dataset.Manual { // nothing leads into it but its own list, or a number that another list has, too
		lists = slices.Concat(lists, c.Dataset.Collections)
		leads = func(people *Collection) bool {
			return people.Person && (people.Dataset == c.Dataset || c.sharesIdentity(people))
		}
	}
	for _, people := range lists {
		if leads(people) {
			out = append(out, Value{Text: called(people.Label, "", people.Name)})
		}
	}
	return out
}

// sharesIdentity reports whether both have an identity of one kind.
func (c *Collection) sharesIdentity(o *Collection) bool {
	found := false
	walk(c.Fields, func(f *Field) { found = found || f.Identity != "" && o.has(f.Identity) })
	return found
}

// called is a label, or else the name that an engineer gave, or else the key.
func called(label Text, name, key string) Text {
	switch {
	case len(label) > 0:
		return label
	case name != "":
		return Text{"": name}
	}
	return Text{"": key}
}

func texts(t Text) []Value {
	if len(t) == 0 {
		return nil
	}
	return []Value{{Text: t}}
}

func (f Fact) same(o Fact) bool {
	return f.What == o.What && slices.EqualFunc(f.Values, o.Values, Value.same)
}

// addFact adds values to the fact of that kind, each once.
func addFact(facts []Fact, what string, values ...Value) []Fact {
	for _, v := range values {
		i := slices.IndexFunc(facts, func(f Fact) bool { return f.What == what })
		if i < 0 {
			facts = append(facts, Fact{What: what, Values: []Value{v}})
			continue
		}
		if !slices.ContainsFunc(facts[i].Values, v.same) {
			facts[i].Values = append(slices.Clip(facts[i].Values), v)
		}
	}
	return facts
}

// Whole returns what the record says of an entry and of all of its fields together, by kind: each thing once, of the
// classifications the highest, and the recipients who are abroad as transfers, too (GDPR Art. 30(1)(e)). Home is the country of
// the house.
func (p Processing) Whole(home string) map[string][]Value {
	all := slices.Clone(p.Facts)
	for _, f := range p.Fields {
		for _, fact := range f.Facts {
			all = addFact(all, fact.What, fact.Values...)
		}
	}
	out := map[string][]Value{}
	for _, f := range all {
		out[f.What] = f.Values
	}
	if c := out[FactClassification]; len(c) > 1 {
		out[FactClassification] = []Value{slices.MaxFunc(c, func(a, b Value) int {
			return Classification(a.Code).Rank() - Classification(b.Code).Rank()
		})}
	}
	for _, r := range out[FactRecipients] {
		if rights.Abroad(home, r.Country) {
			out[FactTransfers] = append(out[FactTransfers], r)
		}
	}
	return out
}
