package sources

import "slices"

// Activity is what is done with one collection: what a person is told about it (GDPR Art. 15(1), PIPL Art. 17), and what
// a record of processing activities says (GDPR Art. 30). Lists hold each thing once, in the order of the map.
type Activity struct {
	Source         string         `json:"source"`
	Collection     string         `json:"collection"`
	Label          Text           `json:"label,omitempty"`
	Categories     []string       `json:"categories"`
	Purposes       []Text         `json:"purposes"`
	Bases          []string       `json:"bases"`
	Recipients     []Text         `json:"recipients"`
	Retention      []Text         `json:"retention"`
	Origins        []Origin       `json:"origins"`
	Classification Classification `json:"classification"` // the highest of its fields
}

// Activities returns what is done with each collection that a person may have records in.
func (s *Set) Activities() []Activity {
	out := make([]Activity, 0, len(s.plan.order))
	for _, c := range s.plan.order {
		out = append(out, activity(c))
	}
	return out
}

func activity(c *Collection) Activity {
	a := Activity{
		Source: c.Source(), Collection: c.Name, Label: c.Label, Categories: slices.Clone(c.Categories),
		Purposes: []Text{}, Bases: []string{}, Recipients: []Text{}, Retention: []Text{}, Origins: []Origin{},
		Classification: Ordinary,
	}
	a.add(c.Meta)
	walk(c.Fields, func(f *Field) {
		if f.hidden() {
			return
		}
		a.add(f.Meta)
		if !slices.Contains(a.Origins, f.Meta.Origin) {
			a.Origins = append(a.Origins, f.Meta.Origin)
		}
		if f.Meta.Classification.Rank() > a.Classification.Rank() {
			a.Classification = f.Meta.Classification
		}
	})
	return a
}

func (a *Activity) add(m Meta) {
	a.Purposes = addText(a.Purposes, m.Purpose)
	a.Retention = addText(a.Retention, m.Retention)
	for _, r := range m.Recipients {
		a.Recipients = addText(a.Recipients, r.Name)
	}
	if m.Basis != "" && !slices.Contains(a.Bases, m.Basis) {
		a.Bases = append(a.Bases, m.Basis)
	}
}

func addText(list []Text, t Text) []Text {
	if len(t) == 0 || slices.ContainsFunc(list, t.Same) {
		return list
	}
	return append(list, t)
}
