package sources

import (
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"habeas/rights"
)

// duties are the keys of habeas_meta that only a dataset or only a collection has.
type duties struct {
	team   Text
	copies []Copy
	retain *rawRetain
	flags  []rawFlag
}

type rawRetain struct {
	node   *yaml.Node
	period rights.Period
	from   string
}

type rawFlag struct {
	node              *yaml.Node
	kind              rights.FlagKind
	field, set, clear string
}

var countryForm = regexp.MustCompile(`^[A-Z]{2}$`)

// recipients reads a Text, {name: …, email: …, …}, or a list of these; an empty list says that there are none.
func (p *parser) recipients(into *[]Recipient) func(*yaml.Node) {
	return func(n *yaml.Node) {
		r, ok := p.resolve(n, 1)
		switch {
		case ok && isNull(r):
			return
		case ok && r.Kind != yaml.SequenceNode:
			p.recipient(r, into)
			return
		}
		*into = []Recipient{}
		p.list(n, "recipients", 1, func(item *yaml.Node) { p.recipient(item, into) })
	}
}

func (p *parser) recipient(n *yaml.Node, into *[]Recipient) {
	var r Recipient
	if named(n) {
		p.mapping(n, "a recipient", 1, keys{
			"name":      p.text("name", &r.Name),
			"role":      p.oneOf("role", RecipientRoles, &r.Role),
			"email":     p.address(&r.Email),
			"country":   p.country(&r.Country),
			"safeguard": p.text("safeguard", &r.Safeguard),
		})
	} else {
		p.text("recipients", &r.Name)(n)
	}
	if len(r.Name) > 0 {
		*into = append(*into, r)
	}
}

// named reports whether a mapping has the key name, which is no language tag.
func named(n *yaml.Node) bool {
	if n.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "name" {
			return true
		}
	}
	return false
}

func (p *parser) address(into *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		p.str("email", 1, into)(n)
		if a, err := netmail.ParseAddress(*into); *into != "" && (err != nil || a.Address != *into) {
			p.fault(n, "email is %q: write one address, like privacy@example.com", *into)
			*into = ""
		}
	}
}

func (p *parser) country(into *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		p.str("country", 1, into)(n)
		*into = strings.ToUpper(*into)
		if *into != "" && !countryForm.MatchString(*into) {
			p.fault(n, "country is %q: write its two letters, like US", *into)
			*into = ""
		}
	}
}

// copies reads a list of {what: …, for: P35D}.
func (p *parser) copies(into *[]Copy) func(*yaml.Node) {
	return func(n *yaml.Node) {
		p.list(n, "copies", 1, func(item *yaml.Node) {
			var c Copy
			p.mapping(item, "a copy", 1, keys{"what": p.text("what", &c.What), "for": p.period("for", &c.For)})
			if len(c.What) == 0 || c.For.IsZero() {
				p.fault(item, "a copy needs what it is and for how long: {what: Nightly backups, for: P35D}")
				return
			}
			*into = append(*into, c)
		})
	}
}

func (p *parser) period(what string, into *rights.Period) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var s string
		p.str(what, 1, &s)(n)
		if s == "" {
			return
		}
		period, err := rights.ParsePeriod(s)
		if err != nil {
			p.fault(n, "%s: %v", what, err)
			return
		}
		*into = period
	}
}

func (p *parser) retain(into **rawRetain) func(*yaml.Node) {
	return func(n *yaml.Node) {
		r := rawRetain{node: n}
		p.mapping(n, "retain", 1, keys{"for": p.period("for", &r.period), "from": p.str("from", 1, &r.from)})
		if r.period.IsZero() || r.from == "" {
			p.fault(n, "retain needs how long and from which field: {for: P3Y, from: last_seen}")
			return
		}
		*into = &r
	}
}

// flags reads a mapping of kinds of flag to fields: opt_out: do_not_sell, or opt_out: {field: …, set: …, clear: …}.
func (p *parser) flags(into *[]rawFlag) func(*yaml.Node) {
	return func(n *yaml.Node) {
		known := keys{}
		for _, kind := range rights.FlagKinds {
			known[string(kind)] = func(n *yaml.Node) {
				f := rawFlag{node: n, kind: kind, set: "true", clear: "false"}
				if r, ok := p.resolve(n, 1); ok && r.Kind == yaml.MappingNode {
					p.mapping(n, "a flag", 1, keys{
						"field": p.str("field", 1, &f.field), "set": p.str("set", 1, &f.set), "clear": p.str("clear", 1, &f.clear),
					})
				} else {
					p.str("a flag", 1, &f.field)(n)
				}
				if f.field == "" {
					p.fault(n, "flags of %s: name the field, %s: FIELD", kind, kind)
					return
				}
				*into = append(*into, f)
			}
		}
		p.mapping(n, "flags", 1, known)
	}
}

// settleDuties finds the fields that the duties of a collection name, once it has its fields.
func (p *parser) settleDuties(c *Collection, d duties) {
	if r := d.retain; r != nil {
		f := c.Field(r.from)
		if f == nil || f.Parent != nil {
			p.fault(r.node, "retain counts from %q, which is no field of collection %q: name one of its columns with a date", r.from, c.Name)
		} else {
			c.Retain = &Retain{For: r.period, From: f}
		}
	}
	for _, raw := range d.flags {
		f := c.Field(raw.field)
		switch {
		case f == nil || f.Parent != nil:
			p.fault(raw.node, "the flag of %s is in %q, which is no field of collection %q: name one of its columns", raw.kind, raw.field, c.Name)
		case f.PrimaryKey, f.Identity != "", len(f.References) > 0, f.hidden(), f.ReadOnly:
			p.fault(raw.node, "the flag of %s cannot be in %q: it ties records together, or may not be written", raw.kind, raw.field)
		case slices.ContainsFunc(c.Flags, func(o Flag) bool { return o.Field == f && (o.Set == raw.set || o.Clear != raw.clear) }):
			p.fault(raw.node, "two flags of collection %q are written to %q alike: give each a field or a value of its own", c.Name, raw.field)
		default:
			c.Flags = append(c.Flags, Flag{raw.kind, f, raw.set, raw.clear})
		}
	}
}
