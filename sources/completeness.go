package sources

import (
	"slices"

	"habeas/rights"
)

// Gap is something that a record of processing must say and the map does not.
type Gap struct {
	Rule       string   `json:"rule"` // one of GapRules
	Dataset    string   `json:"dataset"`
	Collection string   `json:"collection,omitempty"` // "" where the whole dataset is meant
	System     Text     `json:"system"`
	Label      Text     `json:"label,omitempty"`
	Names      []Text   `json:"names,omitempty"` // of the fields or recipients that it is about; none where it is about everything
	File       string   `json:"file"`
	Line       int      `json:"line"`
	Fields     []string `json:"fields,omitempty"` // paths of those fields
}

// Tally counts the duties of an entry that the map meets.
type Tally struct{ Met, Of int }

// Percent is the share that is met, rounded down: 99.6 % is not all. Of nothing everything is.
func (t Tally) Percent() int {
	if t.Of == 0 {
		return 100
	}
	return t.Met * 100 / t.Of
}

// Completeness is how far the record of processing is complete: in all, by entry of the record, and what is missing.
type Completeness struct {
	Tally
	Entries []Tally
	Gaps    []Gap
}

// lack is what a rule finds: whether it applies at all, and what it misses.
type lack struct {
	applies, all bool
	fields       []*Field // some of them, where it is not all
	names        []Text   // of recipients
	at           place    // "" for the collection's
	dataset      bool     // the dataset says it, not the collection
}

// gapRules are the duties of each entry. Each counts the same: what is missing is missing, whoever asks.
var gapRules = []struct {
	name  string
	check func(s *Set, c *Collection, home string) lack
}{
	{"team", func(_ *Set, c *Collection, _ string) lack {
		return lack{applies: true, all: len(c.Dataset.Team) == 0, at: c.Dataset.place, dataset: true}
	}},
	{"purpose", ofFields(func(f *Field) bool { return len(f.Meta.Purpose) == 0 })},
	{"basis", ofFields(func(f *Field) bool { return f.Meta.Basis == "" })},
	{"subjects", func(s *Set, c *Collection, _ string) lack {
		return lack{applies: true, all: len(s.subjects(c)) == 0}
	}},
	{"category", ofFields(func(f *Field) bool { return len(f.Categories) == 0 })},
	{"recipients", ofFields(func(f *Field) bool { return f.Meta.Recipients == nil })},
	{"role", ofRecipients(func(Recipient) bool { return true }, func(r Recipient) bool { return r.Role == "" })},
	{"safeguard", func(s *Set, c *Collection, home string) lack {
		abroad := func(r Recipient) bool { return rights.Abroad(home, r.Country) }
		return ofRecipients(abroad, func(r Recipient) bool { return len(r.Safeguard) == 0 })(s, c, home)
	}},
	{"retention", ofFields(func(f *Field) bool {
		return len(f.Meta.Retention) == 0 && len(f.Meta.Until) == 0 && f.Meta.Keep.IsZero() && f.Collection.Retain == nil
	})},
	{"security", ofFields(func(f *Field) bool { return len(f.Meta.Security) == 0 })},
}

// GapRules lists the names of the rules.
func GapRules() []string {
	out := make([]string, len(gapRules))
	for i, r := range gapRules {
		out[i] = r.name
	}
	return out
}

// ofFields is a rule about each field that holds a value.
func ofFields(missing func(*Field) bool) func(*Set, *Collection, string) lack {
	return func(_ *Set, c *Collection, _ string) lack {
		l := lack{applies: true, all: true}
		walk(c.Fields, func(f *Field) {
			switch {
			case len(f.Fields) > 0: // an object is what its members are
			case missing(f):
				l.fields = append(l.fields, f)
			default:
				l.all = false
			}
		})
		return l
	}
}

// ofRecipients is a rule about each recipient that it concerns. Those that the dataset names for all are the dataset's to mend.
func ofRecipients(concerned, missing func(Recipient) bool) func(*Set, *Collection, string) lack {
	return func(_ *Set, c *Collection, _ string) lack {
		l := lack{dataset: true}
		look := func(at place, list []Recipient) {
			for _, r := range list {
				l.applies = l.applies || concerned(r)
				if !concerned(r) || !missing(r) {
					continue
				}
				if !slices.ContainsFunc(c.Dataset.Meta.Recipients, func(o Recipient) bool { return o.Name.Same(r.Name) }) && l.dataset {
					l.dataset, l.at = false, at
				}
				l.names = addText(l.names, r.Name)
			}
		}
		look(c.place, c.Meta.Recipients)
		walk(c.Fields, func(f *Field) { look(f.place, f.Meta.Recipients) })
		if l.dataset {
			l.at = c.Dataset.place
		}
		return l
	}
}

// Completeness looks at each entry of the record of processing for what GDPR Art. 30(1) and PIPL have it say. Home is the country
// of the house.
func (s *Set) Completeness(home string) Completeness {
	var out Completeness
	said := map[string]bool{} // what a dataset misses is told once, and counts in each of its collections
	for _, c := range s.mapped {
		var entry Tally
		for _, rule := range gapRules {
			l := rule.check(s, c, home)
			if !l.applies {
				continue
			}
			entry.Of++
			if !l.all && len(l.fields)+len(l.names) == 0 {
				entry.Met++
				continue
			}
			if key := rule.name + " " + c.Dataset.Key; !l.dataset || !said[key] {
				said[key] = true
				out.Gaps = append(out.Gaps, c.gap(rule.name, l))
			}
		}
		out.Entries = append(out.Entries, entry)
		out.Met, out.Of = out.Met+entry.Met, out.Of+entry.Of
	}
	out.Gaps = s.folded(out.Gaps)
	return out
}

// folded tells what every collection of a dataset misses once, at the dataset: one line there mends them all. Whose data it is, no
// dataset can say.
func (s *Set) folded(gaps []Gap) []Gap {
	type whole struct{ rule, dataset string }
	missing, collections := map[whole]int{}, map[string]int{}
	for _, g := range gaps {
		if g.Collection != "" && len(g.Names) == 0 && g.Rule != "subjects" {
			missing[whole{g.Rule, g.Dataset}]++
		}
	}
	places := map[string]place{}
	for _, c := range s.mapped {
		collections[c.Dataset.Key]++
		places[c.Dataset.Key] = c.Dataset.place
	}
	var out []Gap
	for _, g := range gaps {
		key := whole{g.Rule, g.Dataset}
		if n := missing[key]; g.Collection == "" || len(g.Names) > 0 || n < 2 || n < collections[g.Dataset] {
			out = append(out, g)
			continue
		}
		at := places[g.Dataset]
		g.Collection, g.Label, g.File, g.Line = "", nil, at.file, max(at.line, 1)
		if !slices.ContainsFunc(out, func(o Gap) bool { return o.Rule == g.Rule && o.Dataset == g.Dataset }) {
			out = append(out, g)
		}
	}
	return out
}

func (c *Collection) gap(rule string, l lack) Gap {
	g := Gap{Rule: rule, Dataset: c.Dataset.Key, System: called(c.Dataset.Label, c.Dataset.Name, c.Dataset.Key), Names: l.names}
	at := c.place
	if l.at.file != "" {
		at = l.at
	}
	if !l.dataset {
		g.Collection, g.Label = c.Name, called(c.Label, "", c.Name)
	}
	if !l.all && len(l.fields) > 0 {
		at = l.fields[0].place
		for _, f := range l.fields {
			g.Names, g.Fields = append(g.Names, called(f.Label, "", f.Name)), append(g.Fields, f.Path())
		}
	}
	g.File, g.Line = at.file, max(at.line, 1)
	return g
}
