package sources

import (
	"cmp"
	"strings"

	"gopkg.in/yaml.v3"

	"habeas/rights"
)

// rawMeta is habeas_meta as written at one place, until settle adds what it inherits. Nil pointers and empty values are
// silence.
type rawMeta struct {
	Meta
	portable   *bool
	thirdParty *bool
	person     *bool
	saidPerson *bool
	confirms   *bool
	duties     duties   // of a dataset or a collection alone
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
		"for":            p.period("for", &m.Keep),
		"security":       p.text("security", &m.Security),
		"portable":       p.boolean("portable", &portable, &saidPortable),
		"third_party":    p.boolean("third_party", &thirdParty, &saidThird),
	}
	if level == "dataset" {
		known["team"] = p.text("team", &m.duties.team)
		known["copies"] = p.copies(&m.duties.copies)
	}
	if level == "collection" {
		known["person"] = p.boolean("person", m.person, m.saidPerson)
		known["retain"] = p.retain(&m.duties.retain)
		known["flags"] = p.flags(&m.duties.flags)
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
	if m.Erase == EraseKeep && m.Ground == nil && (m.above == nil || m.above.Ground == nil) {
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

// erase reads a word, or {keep: {ground: …, until: …, for: …}}. YAML reads the bare word null as nothing, so its text counts.
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
			p.mapping(n, "keep", 1, keys{
				"ground": p.text("ground", &m.Ground), "until": p.text("until", &m.Until), "for": p.period("for", &m.Keep),
			})
		}})
	default:
		var s string
		p.oneOf("erase", words, &s)(r)
		m.Erase = Erase(s)
	}
}

// settle fills what m leaves silent with what stands above it, and returns what that means with the traits of the
// categories where all are silent. A classification or a mask that the categories imply is never lowered by what is
// only inherited: one line at the top of a map must not unmask every identity number in it.
func (m *rawMeta) settle(categories []string) Meta {
	own := m.Meta
	if up := m.above; up != nil {
		m.Purpose, m.Retention = orText(m.Purpose, up.Purpose), orText(m.Retention, up.Retention)
		m.Ground, m.Until = orText(m.Ground, up.Ground), orText(m.Until, up.Until)
		m.Basis, m.Origin = cmp.Or(m.Basis, up.Basis), cmp.Or(m.Origin, up.Origin)
		m.Classification, m.Mask = cmp.Or(m.Classification, up.Classification), cmp.Or(m.Mask, up.Mask)
		m.Editable, m.Erase = cmp.Or(m.Editable, up.Editable), cmp.Or(m.Erase, up.Erase)
		m.portable, m.thirdParty = cmp.Or(m.portable, up.portable), cmp.Or(m.thirdParty, up.thirdParty)
		m.Security = orText(m.Security, up.Security)
		if m.Keep.IsZero() {
			m.Keep = up.Keep
		}
		if m.Recipients == nil {
			m.Recipients = up.Recipients
		}
	}
	implied := traitsOf(categories)
	out := m.Meta
	out.Origin = cmp.Or(m.Origin, implied.origin)
	if own.Classification == "" && implied.classification.Rank() > m.Classification.Rank() {
		out.Classification = implied.classification
	}
	if own.Mask == "" {
		out.Mask = cmp.Or(implied.mask, m.Mask)
	}
	if out.Mask == "" && out.Classification == Core {
		out.Mask = "all" // a core value without a mask of its own shows nothing
	}
	out.Editable = cmp.Or(m.Editable, EditableNo)
	out.Erase, out.SaysErase = cmp.Or(m.Erase, EraseDelete), m.Erase != ""
	if out.Erase != EraseKeep {
		out.Ground, out.Until, out.Keep = nil, nil, rights.Period{}
	}
	out.Portable = out.Origin == Given || out.Origin == Observed // GDPR Art. 20(1); WP 242 rev.01 on observed data
	if m.portable != nil {
		out.Portable = *m.portable
	}
	out.ThirdParty = m.thirdParty != nil && *m.thirdParty
	return out
}

func orText(own, above Text) Text {
	if own != nil {
		return own
	}
	return above
}
