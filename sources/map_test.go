package sources_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"habeas/rights"
	"habeas/sources"
)

// faulty is a map with one line too many; %s stands where rows of the table below put theirs.
const faulty = `dataset:
  - fides_key: one
    collections:
      - name: people
        habeas_meta: {person: true}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
`

func TestFaultsOfAMapSayWhereAndWhatToDo(t *testing.T) {
	for _, c := range []struct {
		why, more string
		line      int
		says      []string
	}{
		{"an unknown category suggests the nearest", "          - {name: x, data_categories: [user.contact.emale]}\n", 9, []string{`"user.contact.emale"`, `did you mean "user.contact.email"?`}},
		{"an unknown key suggests the nearest", "          - {name: x, data_category: [user]}\n", 9, []string{`"data_category"`, `"data_categories"`}},
		{"an unknown key of ours", "          - {name: x, habeas_meta: {labell: X}}\n", 9, []string{`"labell"`, `"label"`}},
		{"an unknown word", "          - {name: x, habeas_meta: {editable: sometimes}}\n", 9, []string{"no, ask, self"}},
		{"an unknown basis", "          - {name: x, habeas_meta: {basis: contrat}}\n", 9, []string{`"contract"`}},
		{"an unknown type", "          - {name: x, fides_meta: {data_type: strnig}}\n", 9, []string{`"string"`}},
		{"a type of no list", "          - {name: x, fides_meta: {return_all_elements: true}}\n", 9, []string{"return_all_elements"}},
		{"a length of nothing", "          - {name: x, fides_meta: {length: 0}}\n", 9, []string{"length"}},
		{"a truth value that is none", "          - {name: x, fides_meta: {primary_key: maybe}}\n", 9, []string{"true or false"}},
		{"a reference to no dataset", "          - {name: x, fides_meta: {references: [{dataset: oen, field: people.id}]}}\n", 9, []string{"dangles", `"one"`}},
		{"a reference to no collection", "          - {name: x, fides_meta: {references: [{dataset: one, field: peeple.id}]}}\n", 9, []string{"dangles", `"people"`}},
		{"a reference to no field", "          - {name: x, fides_meta: {references: [{dataset: one, field: people.idd}]}}\n", 9, []string{"dangles", `"idd"`, `"id"`}},
		{"a reference without a collection", "          - {name: x, fides_meta: {references: [{dataset: one, field: id}]}}\n", 9, []string{"collection.field"}},
		{"a reference to itself", "          - {name: x, fides_meta: {references: [{dataset: one, field: people.x}]}}\n", 9, []string{"itself"}},
		{"an unknown direction", "          - {name: x, fides_meta: {references: [{dataset: one, field: people.id, direction: up}]}}\n", 9, []string{"from, to"}},
		{"two fields of a name", "          - {name: ID}\n", 9, []string{"two fields"}},
		{"two collections of a name", "      - {name: people, fields: [{name: id, fides_meta: {primary_key: true}}]}\n", 9, []string{"two collections"}},
		{"two datasets of a name", "  - {fides_key: one, collections: [{name: t, fields: [{name: id, fides_meta: {primary_key: true}}]}]}\n", 9, []string{"already mapped"}},
		{"no primary key", "      - {name: t, fields: [{name: id}]}\n", 9, []string{"primary_key: true"}},
		{"a collection without fields", "      - {name: t}\n", 9, []string{"no fields"}},
		{"a collection without a name", "      - {fields: [{name: id, fides_meta: {primary_key: true}}]}\n", 9, []string{"no name"}},
		{"an editable key", "      - {name: t, fields: [{name: id, fides_meta: {primary_key: true}, habeas_meta: {editable: self}}]}\n", 9, []string{"cannot be editable", "primary key"}},
		{"an editable identity", "          - {name: x, fides_meta: {identity: phone_number}, habeas_meta: {editable: ask}}\n", 9, []string{"cannot be editable", "identity"}},
		{"an editable field that others refer to", "          - {name: x, habeas_meta: {editable: self}}\n      - {name: t, fields: [{name: id, fides_meta: {primary_key: true}}, {name: y, fides_meta: {references: [{dataset: one, field: people.x}]}}]}\n", 9, []string{"cannot be editable", "one.t.y", "editable: no"}},
		{"an editable field that others lead to", "          - {name: x, habeas_meta: {editable: ask}}\n      - {name: t, fields: [{name: id, fides_meta: {primary_key: true}}, {name: y, fides_meta: {references: [{dataset: one, field: people.x, direction: to}]}}]}\n", 9, []string{"cannot be editable", "one.t.y"}},
		{"an editable read_only", "          - {name: x, fides_meta: {read_only: true}, habeas_meta: {editable: ask}}\n", 9, []string{"read_only"}},
		{"an identity of somebody else", "          - {name: x, fides_meta: {identity: email}, habeas_meta: {third_party: true}}\n", 9, []string{"third_party"}},
		{"people without an identity", "      - {name: t, habeas_meta: {person: true}, fields: [{name: id, fides_meta: {primary_key: true}}]}\n", 9, []string{"no identity"}},
		{"keeping without a ground", "          - {name: x, habeas_meta: {erase: keep}}\n", 9, []string{"ground"}},
		{"keeping for no period", "          - {name: x, habeas_meta: {erase: {keep: {ground: law, for: 8 years}}}}\n", 9, []string{"for:", "P8Y"}},
		{"a recipient without an address that can be written to", "          - {name: x, habeas_meta: {recipients: [{name: Courier, email: courier}]}}\n", 9, []string{"email is", "privacy@example.com"}},
		{"a recipient in no country", "          - {name: x, habeas_meta: {recipients: {name: Courier, country: USA}}}\n", 9, []string{"two letters"}},
		{"a recipient that is something else", "          - {name: x, habeas_meta: {recipients: {name: Courier, role: friend}}}\n", 9, []string{"processor"}},
		{"a team of a collection", "      - {name: t, habeas_meta: {team: Warehouse}, fields: [{name: id, fides_meta: {primary_key: true}}]}\n", 9, []string{`unknown key "team"`}},
		{"a copy that never goes", "  - {fides_key: two, habeas_meta: {copies: [{what: Backups}]}, collections: [{name: t, fields: [{name: id, fides_meta: {primary_key: true}}]}]}\n", 9, []string{"for how long", "P35D"}},
		{"retention from a field that is none", "      - {name: t, habeas_meta: {retain: {for: P3Y, from: seen}}, fields: [{name: id, fides_meta: {primary_key: true}}]}\n", 9, []string{`"seen"`, "date"}},
		{"retention from nothing", "      - {name: t, habeas_meta: {retain: {for: P3Y}}, fields: [{name: id, fides_meta: {primary_key: true}}]}\n", 9, []string{"from which field"}},
		{"a flag of a right that has none", "      - {name: t, habeas_meta: {flags: {access: x}}, fields: [{name: id, fides_meta: {primary_key: true}}, {name: x}]}\n", 9, []string{`unknown key "access"`}},
		{"a flag in a field that is none", "      - {name: t, habeas_meta: {flags: {opt_out: y}}, fields: [{name: id, fides_meta: {primary_key: true}}, {name: x}]}\n", 9, []string{`"y"`, "columns"}},
		{"a flag in a key", "      - {name: t, habeas_meta: {flags: {opt_out: id}}, fields: [{name: id, fides_meta: {primary_key: true}}]}\n", 9, []string{"cannot be in"}},
		{"two flags written alike", "      - {name: t, habeas_meta: {flags: {opt_out: x, limit: x}}, fields: [{name: id, fides_meta: {primary_key: true}}, {name: x}]}\n", 9, []string{"alike"}},
		{"members of no object", "          - {name: x, fides_meta: {data_type: string}, fields: [{name: y}]}\n", 9, []string{"object"}},
		{"a circle of after", "      - {name: t, fides_meta: {after: [one.u]}, fields: [{name: id, fides_meta: {primary_key: true}}]}\n      - {name: u, fides_meta: {after: [one.t]}, fields: [{name: id, fides_meta: {primary_key: true}}]}\n", 9, []string{"circle", "one.t → one.u → one.t"}},
		{"after what is not mapped", "      - {name: t, fides_meta: {after: [one.zz]}, fields: [{name: id, fides_meta: {primary_key: true}}]}\n", 9, []string{`"one.zz"`}},
		{"a circle of directions", "      - {name: t, fields: [{name: id, fides_meta: {primary_key: true}}, {name: a, fides_meta: {references: [{dataset: one, field: u.id, direction: from}]}}]}\n      - {name: u, fields: [{name: id, fides_meta: {primary_key: true}}, {name: b, fides_meta: {references: [{dataset: one, field: t.id, direction: from}]}}]}\n", 9, []string{"circle", "one.t → one.u → one.t"}},
		{"a key said twice", "          - {name: x, name: y}\n", 9, []string{"twice"}},
		{"no YAML: the line before, as the parser counts", "          - {name: x\n", 8, []string{"not valid YAML"}},
	} {
		file := filepath.Join(t.TempDir(), "map.yml")
		must(t, os.WriteFile(file, []byte(faulty+c.more), 0o600))
		_, err := sources.Open(t.Context(), []sources.Config{{Key: "one", Driver: "sqlite", DSN: "file:none.db", Dataset: file}}, sources.Options{})
		faults, ok := errorAs[sources.Faults](err)
		if !ok {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		said := slices.ContainsFunc(faults, func(f sources.Fault) bool {
			for _, s := range c.says {
				if !strings.Contains(f.Message, s) {
					return false
				}
			}
			return f.File == file && f.Line == c.line
		})
		if !said {
			t.Errorf("%s: line %d should say %q, got\n%v", c.why, c.line, c.says, faults)
		}
	}
}

func TestAllFaultsComeAtOnce(t *testing.T) {
	const tables = `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, phone TEXT)`
	more := func(category string) string {
		return faulty + `          - {name: fone, data_categories: [` + category + `]}
      - {name: orders, fields: [{name: id, fides_meta: {primary_key: true}}]}
`
	}
	_, err := sources.Open(t.Context(), []sources.Config{source(t, "one", tables, more("user.fone")+"      - {name: t, fields: [{name: x}]}\n")}, sources.Options{})
	_, ok := errorAs[sources.Faults](err)
	if !ok {
		t.Fatal(err)
	}
	for _, want := range []string{`unknown data category "user.fone"`, "has no primary key", "yml:9:", "yml:11:"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("of the map %q is missing in\n%v", want, err)
		}
	}
	found := sources.Faults(open(t, source(t, "one", tables, more("user.contact.phone_number"))).Check(t.Context())).Error()
	for _, want := range []string{`no column "fone", did you mean "phone"?`, `no table "orders"`, "yml:9:", "yml:10:", "not reached"} {
		if !strings.Contains(found, want) {
			t.Errorf("of the source %q is missing in\n%s", want, found)
		}
	}
}

func TestAManifestWrittenForFidesIsReadAsItStands(t *testing.T) {
	const manifest = `
data_category:
  - {fides_key: user.shoe_size, name: Shoe size, parent_key: user}
system: []
policy: []
dataset:
  - fides_key: postgres_example
    organization_fides_key: default_organization
    name: Postgres Example
    description: Of the kind that Fides ships
    meta: {anything: [1, 2]}
    data_categories: [user]
    data_qualifier: aggregated
    third_country_transfers: [GBR]
    joint_controller: null
    retention: No limit
    fides_meta: {resource_id: x, namespace: {a: b}, after: []}
    collections:
      - name: customer
        fides_meta: {skip_processing: false, masking_strategy_override: {strategy: delete}, partitioning: {a: b}}
        fields:
          - name: id
            data_categories: [user.unique_id]
            fides_meta: {primary_key: true, data_type: integer}
          - name: email
            data_categories: [user.contact.email]
            data_qualifier: identified
            retention: Account termination
            fidesops_meta: {identity: email, data_type: string, length: 40, custom_request_field: x, redact: name}
          - name: shoe
            data_categories: [user.shoe_size]
            fides_meta: {masking_strategy_override: {strategy: random_string_rewrite, configuration: {length: 20}}}
          - name: emails
            fides_meta: {data_type: "string[]", return_all_elements: true}
      - name: orders
        fides_meta: {after: [postgres_example.customer], erase_after: [postgres_example.customer]}
        fields:
          - name: id
            fides_meta: {primary_key: true}
          - name: customer_id
            fides_meta:
              references:
                - dataset: postgres_example
                  field: customer.id
                  direction: from
`
	datasets, faults := sources.ParseMap("pg", "fides.yml", []byte(manifest))
	if len(faults) != 0 || len(datasets) != 1 {
		t.Fatalf("%v", faults)
	}
	emails := datasets[0].Collections[0].Field("emails")
	if !emails.Array || emails.Type != "string" || !emails.AllElements || !slices.Equal(emails.Categories, []string{"user"}) {
		t.Errorf("emails is %+v", emails)
	}
}

func TestWhatIsSilentIsInheritedAndThenImplied(t *testing.T) {
	datasets, faults := sources.ParseMap("one", "map.yml", []byte(`
dataset:
  - fides_key: one
    habeas_meta: {purpose: {en: To sell, zh-CN: 销售}, basis: legitimate interest, classification: ordinary, retention: 1 year, recipients: [A, {en: B}]}
    collections:
      - name: people
        habeas_meta: {person: true, label: {en: You, zh-CN: 您}, editable: ask, basis: contract, erase: {keep: {ground: Tax, until: 2030}}}
        fields:
          - {name: id, fides_meta: {primary_key: true, identity: email}}
          - {name: plain}
          - {name: passport, data_categories: [user.government_id.passport_number]}
          - {name: open, data_categories: [user.government_id], habeas_meta: {classification: sensitive, mask: all, editable: no, erase: null}}
          - {name: seen, data_categories: [user.behavior.search_history]}
          - {name: made, habeas_meta: {origin: derived, recipients: C}}
          - {name: health, data_categories: [user.name, user.health_and_medical.genetic]}
`))
	for _, f := range faults {
		t.Error(f)
	}
	c := datasets[0].Collections[0]
	for _, w := range []struct {
		field, basis string
		class        sources.Classification
		mask         string
		origin       sources.Origin
		portable     bool
		editable     sources.Editable
		erase        sources.Erase
		recipients   int
	}{
		{"id", "contract", sources.Ordinary, "", sources.Given, true, sources.EditableNo, sources.EraseKeep, 2},
		{"plain", "contract", sources.Ordinary, "", sources.Given, true, sources.EditableAsk, sources.EraseKeep, 2},
		{"passport", "contract", sources.Core, "prc_id", sources.Given, true, sources.EditableAsk, sources.EraseKeep, 2},
		{"open", "contract", sources.Sensitive, "all", sources.Given, true, sources.EditableNo, sources.EraseNull, 2},
		{"seen", "contract", sources.Ordinary, "", sources.Observed, true, sources.EditableAsk, sources.EraseKeep, 2},
		{"made", "contract", sources.Ordinary, "", sources.Derived, false, sources.EditableAsk, sources.EraseKeep, 1},
		{"health", "contract", sources.Core, "all", sources.Given, true, sources.EditableAsk, sources.EraseKeep, 2},
	} {
		m := c.Field(w.field).Meta
		if m.Basis != w.basis || m.Classification != w.class || m.Mask != w.mask || m.Origin != w.origin || m.Portable != w.portable ||
			m.Editable != w.editable || m.Erase != w.erase || len(m.Recipients) != w.recipients || m.Purpose.In("zh-CN") != "销售" {
			t.Errorf("%s is %+v", w.field, m)
		}
	}
	if m := c.Field("plain").Meta; m.Ground.In("en") != "Tax" || m.Until.In("en") != "2030" || c.Label.In("zh-CN") != "您" {
		t.Errorf("kept by %v until %v", m.Ground, m.Until)
	}
}

func TestActivitiesSayWhatIsDoneWithEachCollection(t *testing.T) {
	set := shop(t)
	for _, a := range set.Activities() {
		if a.Collection == "customers" {
			if a.Source != "shop" || a.Classification != sources.Core || !slices.Equal(a.Bases, []string{"contract"}) || len(a.Purposes) != 1 ||
				!slices.Contains(a.Categories, "user.government_id.national_identification_number") || !slices.Contains(a.Origins, sources.Derived) {
				t.Errorf("got %+v", a)
			}
			return
		}
	}
	t.Error("customers are missing")
}

func TestAMapSaysTheDutiesThatGoWithData(t *testing.T) {
	const tables = `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, seen TEXT, sold INTEGER, state TEXT)`
	set := open(t, source(t, "one", tables, `dataset:
  - fides_key: one
    habeas_meta:
      team: {en: Shop, zh-CN: 网店}
      security: Sealed disks
      copies: [{what: {en: Nightly backups}, for: P35D}]
      recipients: [Hosting, {name: {en: Courier}, email: privacy@courier.example, country: ch, safeguard: Adequacy, role: processor}]
      erase: {keep: {ground: "Invoices: § 147 AO", for: P8Y}}
    collections:
      - name: people
        habeas_meta:
          person: true
          retain: {for: P3Y, from: seen}
          flags: {opt_out: sold, restriction: {field: state, set: held, clear: active}, cancellation: {field: state, set: closed, clear: active}}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: seen}
          - {name: sold, habeas_meta: {erase: delete, recipients: {en: Broker}}}
          - {name: state}
`))
	c := set.Collection("one", "people")
	eight, three, days := rights.Period{Months: 96}, rights.Period{Months: 36}, rights.Period{Days: 35}
	for about, ok := range map[string]bool{
		"the team":                          c.Dataset.Team.In("zh-CN") == "网店",
		"copies and how long they last":     len(c.Dataset.Copies) == 1 && c.Dataset.Copies[0].For == days,
		"security, inherited":               c.Field("seen").Meta.Security.In("en") == "Sealed disks",
		"a recipient with all of it":        c.Meta.Recipients[1].Email == "privacy@courier.example" && c.Meta.Recipients[1].Country == "CH" && c.Meta.Recipients[1].Role == "processor",
		"a recipient by name alone":         c.Meta.Recipients[0].In("en") == "Hosting" && c.Meta.Recipients[0].Email == "",
		"a recipient by its names":          c.Field("sold").Meta.Recipients[0].In("en") == "Broker",
		"how long what is kept is kept":     c.Field("seen").Meta.Keep == eight,
		"nothing of it where it is deleted": c.Field("sold").Meta.Keep.IsZero(),
		"how long records may be kept":      c.Retain.For == three && c.Retain.From == c.Field("seen"),
		"a flag in a column of its own":     c.Flag("opt_out") == sources.Flag{Kind: "opt_out", Field: c.Field("sold"), Set: "true", Clear: "false"},
		"two flags that share a column":     c.Flag("restriction").Set == "held" && c.Flag("cancellation").Set == "closed",
		"no flag where none is named":       c.Flag("limit").Field == nil,
	} {
		if !ok {
			t.Errorf("the map does not say %s: %+v", about, c)
		}
	}
}

func TestConfigurationsThatNameNoSource(t *testing.T) {
	ok := source(t, "one", `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT)`, people)
	for why, change := range map[string]func(*sources.Config){
		"an unknown driver": func(c *sources.Config) { c.Driver = "oracle" },
		"a bad key":         func(c *sources.Config) { c.Key = "../x" },
		"no key":            func(c *sources.Config) { c.Key = "" },
		"no file":           func(c *sources.Config) { c.DSN = "" },
		"memory":            func(c *sources.Config) { c.DSN = ":memory:" },
		"no map":            func(c *sources.Config) { c.Dataset = "none.yml" },
	} {
		bad := ok
		change(&bad)
		if _, err := sources.Open(t.Context(), []sources.Config{bad}, sources.Options{}); err == nil {
			t.Errorf("%s is accepted", why)
		}
	}
	if _, err := sources.Open(t.Context(), []sources.Config{ok, ok}, sources.Options{}); err == nil {
		t.Error("a key given twice is accepted")
	}
}

func FuzzAMapNeverPanicsAndEveryFaultHasALine(f *testing.F) {
	for _, name := range []string{"shop.yml", "crm.yml"} {
		f.Add(file(f, name))
	}
	f.Add(faulty)
	for _, s := range []string{"", "a: &a [*a]", "dataset: &x\n - *x", "dataset: [[]]", "- 1", "dataset:\n - collections:\n   - fields: [&f {name: a, fields: [*f]}]", "\x00", "dataset: !!binary x", "? {a: b}\n: c", "dataset:\n- <<: {a: b}"} {
		f.Add(s)
	}
	path := filepath.Join(f.TempDir(), "map.yml")
	f.Fuzz(func(t *testing.T, text string) {
		must(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := sources.Open(t.Context(), []sources.Config{{Key: "x", Driver: "sqlite", DSN: "file:x.db", Dataset: path}}, sources.Options{})
		if faults, ok := errorAs[sources.Faults](err); ok {
			for _, fault := range faults {
				if fault.Line < 1 || fault.File == "" || fault.Message == "" {
					t.Errorf("%+v", fault)
				}
			}
		}
	})
}
