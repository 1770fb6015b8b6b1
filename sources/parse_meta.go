package sources

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// rawMeta is habeas_meta as written at one place, before inheritance. Pointers and empty values are silence.
type rawMeta struct {
	Meta
	portable   *bool
	thirdParty *bool
	person     *bool
	saidPerson *bool
	confirms   *bool
	above      *rawMeta // of the collection for a field, of the dataset for a collection
}

// habeas reads habeas_meta at a dataset, a collection or a field.
func (p *parser) habeas(n *yaml.Node, m *rawMeta, label *Text, level string) {
	var origin, classification, editable string
	var portable, thirdParty, saidPortable, saidThird bool
	known := keys{
		"label":          p.text("label", label),
		"purpose":        p.text("purpose", &m.Purpose),
		"basis":          p.basis(&m.Basis),
		"retention":      p.text("retention", &m.Retention),
		"recipients":     p.recipients(&m.Recipients),
		"origin":         p.oneOf("origin", []string{"given", "observed", "derived", "third_party"}, &origin),
		"classification": p.oneOf("classification", []string{"ordinary", "sensitive", "core"}, &classification),
		"mask":           p.oneOf("mask", Masks, &m.Mask),
		"editable":       p.editable(&editable),
		"erase":          func(n *yaml.Node) { p.erase(n, m) },
		"ground":         p.text("ground", &m.Ground),
		"until":          p.text("until", &m.Until),
		"portable":       p.boolean("portable", &portable, &saidPortable),
		"third_party":    p.boolean("third_party", &thirdParty, &saidThird),
	}
	if level == "collection" {
		known["person"] = p.boolean("person", m.person, m.saidPerson)
	}
	if level == "field" {
		known["confirms"] = p.boolean("confirms", m.confirms, nil)
	}
	p.mapping(n, "habeas_meta of a "+level, 1, known)
	m.Origin, m.Classification, m.Editable = Origin(origin), Classification(classification), Editable(editable)
	if saidPortable {
		m.portable = &portable
	}
	if saidThird {
		m.thirdParty = &thirdParty
	}
	if m.Erase == EraseKeep && m.inherited(func(a *rawMeta) bool { return a.Ground != nil }) == nil {
		p.fault(n, "erase: keep needs a ground: say which law makes you keep it, and until when")
	}
}

// basis reads a lawful basis; the plural forms of fideslang and the letters of GDPR Art. 6(1) are understood.
func (p *parser) basis(into *string) func(*yaml.Node) {
	alias := map[string]string{
		"legal_obligations": "legal_obligation", "legitimate_interest": "legitimate_interests",
		"vital_interest": "vital_interests", "public_interest": "public_task",
	}
	known := append([]string(nil), Bases...)
	for a := range alias {
		known = append(known, a)
	}
	return func(n *yaml.Node) {
		var s string
		p.oneOf("basis", known, &s)(n)
		if full, ok := alias[s]; ok {
			s = full
		}
		*into = s
	}
}

// editable reads no, ask or self; YAML 1.1 files write no as false.
func (p *parser) editable(into *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if r, ok := p.resolve(n, 1); ok && r.Kind == yaml.ScalarNode && strings.EqualFold(r.Value, "false") {
			*into = string(EditableNo)
			return
		}
		p.oneOf("editable", []string{"no", "ask", "self"}, into)(n)
	}
}

// recipients reads one Text or a list of them.
func (p *parser) recipients(into *[]Text) func(*yaml.Node) {
	return func(n *yaml.Node) {
		one := func(item *yaml.Node) {
			var t Text
			p.text("recipients", &t)(item)
			if t != nil {
				*into = append(*into, t)
			}
		}
		if r, ok := p.resolve(n, 1); ok && r.Kind != yaml.SequenceNode {
			one(r)
			return
		}
		p.list(n, "recipients", 1, one)
	}
}

// erase reads a word, or {keep: {ground: …, until: …}}. YAML reads the bare word null as nothing, so its text counts.
func (p *parser) erase(n *yaml.Node, m *rawMeta) {
	r, ok := p.resolve(n, 1)
	if !ok {
		return
	}
	words := []string{"delete", "null", "mask", "keep"}
	switch {
	case isNull(r) && r.Value == "null":
		m.Erase = EraseNull
	case r.Kind == yaml.MappingNode:
		p.mapping(r, "erase", 1, keys{"keep": func(n *yaml.Node) {
			m.Erase = EraseKeep
			p.mapping(n, "keep", 1, keys{"ground": p.text("ground", &m.Ground), "until": p.text("until", &m.Until)})
		}})
	default:
		var s string
		p.oneOf("erase", words, &s)(r)
		m.Erase = Erase(s)
	}
}

// inherited returns the nearest place, m itself first, of which has holds, or nil.
func (m *rawMeta) inherited(has func(*rawMeta) bool) *rawMeta {
	for ; m != nil; m = m.above {
		if has(m) {
			return m
		}
	}
	return nil
}

// over returns what m means with everything it inherits, and with the traits of the categories where all are silent.
// A classification or a mask that the categories imply is never lowered by what is only inherited: one line at the top
// of a map must not unmask every identity number in it.
func (m *rawMeta) over(out Meta, categories []string) Meta {
	implied := traitsOf(categories)
	if a := m.inherited(func(a *rawMeta) bool { return a.Purpose != nil }); a != nil {
		out.Purpose = a.Purpose
	}
	if a := m.inherited(func(a *rawMeta) bool { return a.Basis != "" }); a != nil {
		out.Basis = a.Basis
	}
	if a := m.inherited(func(a *rawMeta) bool { return a.Retention != nil }); a != nil {
		out.Retention = a.Retention
	}
	if a := m.inherited(func(a *rawMeta) bool { return a.Recipients != nil }); a != nil {
		out.Recipients = a.Recipients
	}
	out.Origin = implied.origin
	if a := m.inherited(func(a *rawMeta) bool { return a.Origin != "" }); a != nil {
		out.Origin = a.Origin
	}
	out.Classification = implied.classification
	if a := m.inherited(func(a *rawMeta) bool { return a.Classification != "" }); a != nil {
		if a == m || a.Classification.rank() > implied.classification.rank() {
			out.Classification = a.Classification
		}
	}
	out.Mask = implied.mask
	if a := m.inherited(func(a *rawMeta) bool { return a.Mask != "" }); a != nil && (a == m || implied.mask == "") {
		out.Mask = a.Mask
	}
	if out.Mask == "" && out.Classification == Core {
		out.Mask = "all" // a core value without a mask of its own shows nothing
	}
	out.Editable = EditableNo
	if a := m.inherited(func(a *rawMeta) bool { return a.Editable != "" }); a != nil {
		out.Editable = a.Editable
	}
	out.Erase = EraseDelete
	if a := m.inherited(func(a *rawMeta) bool { return a.Erase != "" }); a != nil {
		out.Erase = a.Erase
	}
	if out.Erase == EraseKeep {
		if a := m.inherited(func(a *rawMeta) bool { return a.Ground != nil }); a != nil {
			out.Ground = a.Ground
		}
		if a := m.inherited(func(a *rawMeta) bool { return a.Until != nil }); a != nil {
			out.Until = a.Until
		}
	}
	out.Portable = out.Origin == Given || out.Origin == Observed // GDPR Art. 20(1); WP 242 rev.01 on observed data
	if a := m.inherited(func(a *rawMeta) bool { return a.portable != nil }); a != nil {
		out.Portable = *a.portable
	}
	if a := m.inherited(func(a *rawMeta) bool { return a.thirdParty != nil }); a != nil {
		out.ThirdParty = *a.thirdParty
	}
	return out
}
