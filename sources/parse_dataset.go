package sources

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Keys that fideslang or Fides know and that mean nothing here.
var (
	otherResources = []string{
		"organization", "system", "policy", "registry", "evaluation", "data_subject", "data_use", "data_qualifier",
		"connection", "rule", "target", "version",
	}
	ignoredEverywhere = []string{"data_uses", "data_purposes", "data_subjects", "data_qualifier", "data_qualifiers", "meta", "tags"}
	ignoredInDataset  = []string{
		"organization_fides_key", "fidesctl_meta", "joint_controller", "retention", "third_country_transfers",
		"is_default", "version_added", "version_deprecated", "replaced_by", "active",
	}
)

func (p *parser) document(doc *yaml.Node) []*Dataset {
	if len(doc.Content) == 0 {
		p.faults = append(p.faults, place{p.file, 1}.fault("the data map is empty: it begins with \"dataset:\""))
		return nil
	}
	top := doc.Content[0]
	p.customCategories(top)
	var datasets []*Dataset
	found := false
	p.mapping(top, "the data map", 0, keys{
		"dataset": func(n *yaml.Node) {
			found = true
			p.list(n, "dataset", 1, func(item *yaml.Node) { datasets = append(datasets, p.dataset(item)) })
		},
	}.ignored(otherResources...).ignored("data_category"))
	if !found {
		p.fault(top, "the data map has no \"dataset:\" list: see docs/datamap.md")
	}
	return datasets
}

// customCategories learns the categories that the manifest itself defines beside the default taxonomy.
func (p *parser) customCategories(top *yaml.Node) {
	if top.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(top.Content); i += 2 {
		if top.Content[i].Value != "data_category" {
			continue
		}
		for _, item := range top.Content[i+1].Content {
			for j := 0; j+1 < len(item.Content); j += 2 {
				if item.Content[j].Value == "fides_key" && item.Content[j+1].Value != "" {
					p.known = append(slices.Clip(p.known), item.Content[j+1].Value)
				}
			}
		}
	}
}

func (p *parser) dataset(n *yaml.Node) *Dataset {
	d := &Dataset{Source: p.source, place: p.at(n)}
	var meta rawMeta
	var collections []*yaml.Node
	about := keys{
		"resource_id": nil, "namespace": nil, "redact": nil,
		"after": p.strings("after", &d.After),
	}
	p.mapping(n, "a dataset", 1, keys{
		"fides_key":       p.str("fides_key", 1, &d.Key),
		"name":            p.str("name", 1, &d.Name),
		"description":     p.str("description", 1, &d.Description),
		"data_categories": p.categories(&d.Categories),
		"fides_meta":      func(n *yaml.Node) { p.mapping(n, "fides_meta of a dataset", 1, about) },
		"fidesops_meta":   func(n *yaml.Node) { p.mapping(n, "fidesops_meta of a dataset", 1, about) },
		"habeas_meta":     func(n *yaml.Node) { p.habeas(n, &meta, &d.Label, "dataset") },
		"collections": func(n *yaml.Node) {
			p.list(n, "collections", 1, func(item *yaml.Node) { collections = append(collections, item) })
		},
	}.ignored(ignoredEverywhere...).ignored(ignoredInDataset...))
	if !fidesKey.MatchString(d.Key) {
		p.fault(n, "the dataset has the fides_key %q: give it one of letters, digits, _, . and -", d.Key)
	}
	if len(collections) == 0 {
		p.fault(n, "dataset %q has no collections: list its tables under collections", d.Key)
	}
	d.Meta, d.Team, d.Copies = meta.settle(nil), meta.duties.team, meta.duties.copies
	for _, item := range collections {
		c := p.collection(d, &meta, item)
		if slices.ContainsFunc(d.Collections, func(o *Collection) bool { return o.Name == c.Name }) {
			p.fault(item, "dataset %q has two collections %q: merge them", d.Key, c.Name)
			continue
		}
		d.Collections = append(d.Collections, c)
	}
	return d
}

var fidesKey = regexp.MustCompile(`^[a-zA-Z0-9_.<>-]+$`)

func (p *parser) collection(d *Dataset, above *rawMeta, n *yaml.Node) *Collection {
	c := &Collection{Dataset: d, place: p.at(n)}
	meta := rawMeta{above: above}
	var fields []*yaml.Node
	var own []string
	about := keys{
		"after":           p.strings("after", &c.After),
		"erase_after":     p.strings("erase_after", &c.EraseAfter),
		"skip_processing": p.boolean("skip_processing", &c.Skip, nil),
	}.ignored("masking_strategy_override", "partitioning", "redact")
	p.mapping(n, "a collection", 1, keys{
		"name":            p.str("name", 1, &c.Name),
		"description":     p.str("description", 1, &c.Description),
		"data_categories": p.categories(&own),
		"fides_meta":      func(n *yaml.Node) { p.mapping(n, "fides_meta of a collection", 1, about) },
		"fidesops_meta":   func(n *yaml.Node) { p.mapping(n, "fidesops_meta of a collection", 1, about) },
		"habeas_meta": func(n *yaml.Node) {
			meta.person, meta.saidPerson = &c.Person, &c.saidPerson
			p.habeas(n, &meta, &c.Label, "collection")
		},
		"fields": func(n *yaml.Node) {
			p.list(n, "fields", 1, func(item *yaml.Node) { fields = append(fields, item) })
		},
	}.ignored(ignoredEverywhere...))
	if c.Name == "" {
		p.fault(n, "a collection of dataset %q has no name: write the name of its table", d.Key)
	}
	if len(fields) == 0 {
		p.fault(n, "collection %q has no fields: list the columns that people may see", c.Name)
	}
	c.Meta = meta.settle(nil)
	inherited := own
	if len(inherited) == 0 {
		inherited = d.Categories
	}
	c.Fields = p.fields(c, nil, &meta, inherited, fields, 2)
	walk(c.Fields, func(f *Field) {
		if f.PrimaryKey && f.Parent == nil {
			c.Key = append(c.Key, f)
		}
	})
	p.settleDuties(c, meta.duties)
	c.Categories = c.allCategories(own)
	return c
}

func (p *parser) fields(c *Collection, parent *Field, above *rawMeta, categories []string, items []*yaml.Node, depth int) []*Field {
	var out []*Field
	for _, item := range items {
		f := p.field(c, parent, above, categories, item, depth)
		if slices.ContainsFunc(out, func(o *Field) bool { return strings.EqualFold(o.Name, f.Name) }) {
			p.fault(item, "collection %q has two fields %q: remove one", c.Name, f.Name)
			continue
		}
		out = append(out, f)
	}
	return out
}

func (p *parser) field(c *Collection, parent *Field, above *rawMeta, categories []string, n *yaml.Node, depth int) *Field {
	f := &Field{Collection: c, Parent: parent, place: p.at(n)}
	meta := rawMeta{above: above, confirms: &f.Confirms}
	var nested []*yaml.Node
	about := p.fieldMeta(f)
	p.mapping(n, "a field", depth, keys{
		"name":            p.str("name", 1, &f.Name),
		"description":     p.str("description", 1, &f.Description),
		"data_categories": p.categories(&f.Categories),
		"fides_meta":      func(n *yaml.Node) { p.mapping(n, "fides_meta of a field", 1, about) },
		"fidesops_meta":   func(n *yaml.Node) { p.mapping(n, "fidesops_meta of a field", 1, about) },
		"habeas_meta":     func(n *yaml.Node) { p.habeas(n, &meta, &f.Label, "field") },
		"fields": func(n *yaml.Node) {
			p.list(n, "fields", 1, func(item *yaml.Node) { nested = append(nested, item) })
		},
	}.ignored(ignoredEverywhere...).ignored("retention"))
	if f.Name == "" {
		p.fault(n, "a field of collection %q has no name: write the name of its column", c.Name)
	}
	if len(f.Categories) == 0 {
		f.Categories = categories
	}
	f.saidEditable = meta.Editable != ""
	f.Meta = meta.settle(f.Categories)
	if depth < maxMapDepth {
		f.Fields = p.fields(c, f, &meta, f.Categories, nested, depth+1)
	}
	if len(f.Fields) > 0 && f.Type == "" {
		f.Type = "object"
	}
	p.checkField(f)
	return f
}

var dataTypes = []string{"string", "integer", "float", "boolean", "object_id", "object"}

func (p *parser) fieldMeta(f *Field) keys {
	return keys{
		"identity":             p.str("identity", 1, &f.Identity),
		"primary_key":          p.boolean("primary_key", &f.PrimaryKey, nil),
		"read_only":            p.boolean("read_only", &f.ReadOnly, nil),
		"return_all_elements":  p.boolean("return_all_elements", &f.AllElements, nil),
		"custom_request_field": nil,
		"redact":               nil,
		"masking_strategy_override": func(n *yaml.Node) {
			p.mapping(n, "masking_strategy_override", 1, keys{"strategy": p.str("strategy", 1, &f.Masking), "configuration": nil})
		},
		"data_type": func(n *yaml.Node) {
			var s string
			p.str("data_type", 1, &s)(n)
			f.Type, f.Array = strings.CutSuffix(s, "[]")
			if s != "" && !slices.Contains(dataTypes, f.Type) {
				p.fault(n, "data_type is %q%s Write one of %s, or one of them with [] for a list", s, orStop(meant(f.Type, dataTypes)), strings.Join(dataTypes, ", "))
				f.Type = ""
			}
		},
		"length": func(n *yaml.Node) {
			var s string
			p.str("length", 1, &s)(n)
			length, err := strconv.Atoi(s)
			if s != "" && (err != nil || length < 1) {
				p.fault(n, "length is %q: write how many characters fit, 1 or more", s)
				return
			}
			f.Length = length
		},
		"references": func(n *yaml.Node) {
			p.list(n, "references", 1, func(item *yaml.Node) { p.reference(f, item) })
		},
	}
}

func (p *parser) reference(f *Field, n *yaml.Node) {
	r := Reference{place: p.at(n)}
	p.mapping(n, "a reference", 1, keys{
		"dataset":   p.str("dataset", 1, &r.Dataset),
		"field":     p.str("field", 1, &r.Field),
		"direction": p.oneOf("direction", []string{"from", "to"}, &r.Direction),
	})
	if r.Dataset == "" || !strings.Contains(r.Field, ".") {
		p.fault(n, "a reference of field %q needs dataset: KEY and field: collection.field", f.Name)
		return
	}
	f.References = append(f.References, r)
}

// checkField finds what contradicts itself within one field.
func (p *parser) checkField(f *Field) {
	here := func(format string, args ...any) { p.faults = append(p.faults, f.place.fault(format, args...)) }
	if len(f.Fields) > 0 && f.Type != "object" {
		here("field %q has fields of its own but is a %s: make its data_type object, or object[] for a list", f.Name, f.Type)
	}
	if f.AllElements && !f.Array {
		here("field %q has return_all_elements but is no list: give its data_type [] or remove the key", f.Name)
	}
	if f.PrimaryKey && f.Parent != nil {
		here("nested field %q cannot be a primary_key: mark the column of the table's key", f.Path())
	}
	if f.Identity != "" && f.hidden() {
		here("field %q is an identity and third_party: somebody else's identity must not lead to records, remove one", f.Name)
	}
	p.faults = append(p.faults, f.settleEditable()...)
}

// settleEditable gives the fault of a field that the map says people may correct although nobody may. Where that is
// only inherited it gives way.
func (f *Field) settleEditable() Faults {
	if f.Meta.Editable == EditableNo || f.writable() {
		return nil
	}
	f.Meta.Editable = EditableNo
	if !f.saidEditable {
		return nil
	}
	return Faults{f.place.fault("field %q cannot be editable: it is %s. Set editable: no", f.Path(), f.unwritable())}
}

func (f *Field) writable() bool { return f.unwritable() == "" }

// unwritable says why f cannot be corrected by a person, or "".
func (f *Field) unwritable() string {
	switch {
	case f.PrimaryKey:
		return "the primary key"
	case f.Identity != "":
		return "an identity: who could change it could take over another's records"
	case len(f.References) > 0:
		return "a reference to other records"
	case f.linked != nil:
		return fmt.Sprintf("what %s goes by: who could change it could take over another's records", f.linked)
	case f.hidden():
		return "about a third party"
	case f.ReadOnly:
		return "read_only"
	case f.Parent != nil, len(f.Fields) > 0, f.Array, f.Type == "object":
		return "part of a structure, not a plain value"
	}
	return ""
}
