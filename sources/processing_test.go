package sources_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"habeas/sources"
)

const twoTables = `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, card TEXT);
CREATE TABLE notes (id INTEGER PRIMARY KEY, person INTEGER, body TEXT, neighbour TEXT);
CREATE TABLE logs (id INTEGER PRIMARY KEY, line TEXT)`

// fullMap is a map that leaves nothing open but the logs, which nobody is led to. Tests take parts of it away.
const fullMap = `dataset:
  - fides_key: one
    name: Shop
    habeas_meta:
      label: {en: Our shop, zh-CN: 网店}
      team: Shop team
      purpose: {en: To sell, zh-CN: 销售}
      basis: contract
      retention: 3 years
      security: Sealed disks
      copies: [{what: Backups, for: P35D}]
      recipients: [{name: Hosting, role: processor, country: IE}, {name: Mailer, role: processor, country: US, safeguard: Standard clauses}]
    collections:
      - name: people
        habeas_meta: {person: true, label: {en: Account, zh-CN: 账户}}
        fields:
          - {name: id, data_categories: [user.unique_id], fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: card, data_categories: [user.financial.credit_card], habeas_meta: {basis: legal_obligation, retention: 8 years, label: Card, erase: {keep: {ground: Tax, for: P8Y}}}}
      - name: notes
        habeas_meta: {recipients: [], label: Notes}
        fields:
          - {name: id, data_categories: [user.unique_id], fides_meta: {primary_key: true}}
          - {name: person, data_categories: [user.unique_id], fides_meta: {references: [{dataset: one, field: people.id, direction: from}]}}
          - {name: body, data_categories: [user.content], habeas_meta: {label: Text}}
          - {name: neighbour, data_categories: [user.name], habeas_meta: {third_party: true}}
      - name: logs
        fields:
          - {name: id, data_categories: [system.operations], fides_meta: {primary_key: true}}
          - {name: line, data_categories: [system.operations]}
`

// mapped opens the map with replacements, old and new in turn.
func mapped(t *testing.T, replace ...string) *sources.Set {
	t.Helper()
	text := fullMap
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			t.Fatalf("the map does not say %q", replace[i])
		}
		text = strings.ReplaceAll(text, replace[i], replace[i+1])
	}
	return open(t, source(t, "one", twoTables, text))
}

// said writes the values of a fact on one line.
func said(values []sources.Value) string {
	var out []string
	for _, v := range values {
		out = append(out, strings.Trim(fmt.Sprintf("%s %s %s %s", v.Text.In("en"), v.Code, v.Country, v.Note.In("en")), " "))
	}
	return strings.Join(out, "; ")
}

func TestTheRecordOfProcessingSaysWhatTheMapSays(t *testing.T) {
	record := mapped(t).ProcessingRecord()
	if len(record) != 3 {
		t.Fatalf("%d entries, want one a collection, whether anybody is led to it or not", len(record))
	}
	account, notes, logs := record[0].Whole("DE"), record[1].Whole("DE"), record[2].Whole("DE")
	for _, row := range []struct {
		why  string
		got  []sources.Value
		want string
	}{
		{"who answers for the system", account[sources.FactTeam], "Shop team"},
		{"why", account[sources.FactPurposes], "To sell"},
		{"on what ground, of the collection and of each field", account[sources.FactBases], "contract; legal_obligation"},
		{"whose", account[sources.FactSubjects], "Account"},
		{"whose, where others are named", notes[sources.FactSubjects], "Account; others"},
		{"what", account[sources.FactCategories], "user.unique_id; user.contact.email; user.financial.credit_card"},
		{"the highest classification", account[sources.FactClassification], "core"},
		{"to whom", account[sources.FactRecipients], "Hosting processor IE; Mailer processor US Standard clauses"},
		{"to which other country, the European area being none", account[sources.FactTransfers], "Mailer processor US Standard clauses"},
		{"to nobody, because the map says so", notes[sources.FactRecipients], "nobody"},
		{"how long", account[sources.FactRetention], "3 years; 8 years; P8Y"},
		{"where else", account[sources.FactCopies], "Backups P35D"},
		{"how protected", account[sources.FactSecurity], "Sealed disks"},
		{"whose logs are is not known", logs[sources.FactSubjects], ""},
	} {
		if got := said(row.got); got != row.want {
			t.Errorf("%s: %q, want %q", row.why, got, row.want)
		}
	}
}

func TestWhatIsMissingIsNamedWithItsPlace(t *testing.T) {
	whole := mapped(t).Completeness("DE")
	if len(whole.Gaps) != 1 || whole.Gaps[0].Rule != "subjects" || whole.Gaps[0].Collection != "logs" || whole.Percent() != 96 {
		t.Fatalf("of a map that leaves one thing open: %d %%, %+v", whole.Percent(), whole.Gaps)
	}
	for _, row := range []struct {
		why      string
		replace  []string
		rule, at string // collection and what of it
		line     int
	}{
		{"no team", []string{"      team: Shop team\n", ""}, "team", " ", 2},
		{"no purpose anywhere", []string{"      purpose: {en: To sell, zh-CN: 销售}\n", ""}, "purpose", " ", 2},
		{"no basis but of one field", []string{"      basis: contract\n", ""}, "basis", "people id email", 16},
		{"no category of one field", []string{"name: body, data_categories: [user.content]", "name: body"}, "category", "notes Text", 25},
		{"silence about recipients, which is not nobody", []string{"recipients: [], ", "", "      recipients: [{name: Hosting, role: processor, country: IE}, {name: Mailer, role: processor, country: US, safeguard: Standard clauses}]\n", ""}, "recipients", " ", 2},
		{"a recipient without a role", []string{"{name: Hosting, role: processor, country: IE}", "Hosting"}, "role", " Hosting", 2},
		{"a transfer without a safeguard", []string{", safeguard: Standard clauses", ""}, "safeguard", " Mailer", 2},
		{"no retention but of one field", []string{"      retention: 3 years\n", ""}, "retention", "people id email", 16},
		{"no security", []string{"      security: Sealed disks\n", ""}, "security", " ", 2},
	} {
		c := mapped(t, row.replace...).Completeness("DE")
		i := slices.IndexFunc(c.Gaps, func(g sources.Gap) bool { return g.Rule == row.rule })
		if i < 0 {
			t.Errorf("%s: not found among %+v", row.why, c.Gaps)
			continue
		}
		g := c.Gaps[i]
		var names []string
		for _, n := range g.Names {
			names = append(names, n.In("en"))
		}
		if got := g.Collection + " " + strings.Join(names, " "); got != row.at || g.Line != row.line || !strings.HasSuffix(g.File, ".yml") {
			t.Errorf("%s: %q at %s:%d, want %q at line %d", row.why, got, g.File, g.Line, row.at, row.line)
		}
		if c.Percent() >= whole.Percent() {
			t.Errorf("%s: still %d %%", row.why, c.Percent())
		}
	}
	if n := len(mapped(t, "      team: Shop team\n", "").Completeness("DE").Gaps); n != 2 {
		t.Errorf("what a dataset misses is told %d times, want once beside the logs", n)
	}
	if c := mapped(t, "{name: Hosting, role: processor, country: IE}", "Hosting").Completeness("DE"); c.Entries[1] != whole.Entries[1] {
		t.Errorf("whoever has no recipients lacks the role of one: %+v", c.Entries)
	}
	if c := mapped(t, ", safeguard: Standard clauses", "", "country: US", "country: NO").Completeness("DE"); len(c.Gaps) != 1 {
		t.Errorf("within the European area no safeguard is needed: %+v", c.Gaps)
	}
}

func TestTwoRecordsAreComparedThingByThing(t *testing.T) {
	before := mapped(t).ProcessingRecord()
	for _, row := range []struct {
		why     string
		replace []string
		want    []string
	}{
		{"nothing", nil, nil},
		{"another purpose", []string{"{en: To sell, zh-CN: 销售}", "{en: To sell, zh-CN: 经营}"}, []string{
			"changed purposes: To sell → To sell"}},
		{"a field is new", []string{"          - {name: line,", "          - {name: at, data_categories: [system.operations]}\n          - {name: line,"}, []string{"added logs at"}},
		{"a field is gone", []string{"          - {name: neighbour, data_categories: [user.name], habeas_meta: {third_party: true}}\n", ""}, []string{"removed Notes neighbour"}},
		{"a field is said to be something else", []string{"basis: legal_obligation, retention: 8 years", "basis: legal_obligation, retention: 10 years"}, []string{
			"changed Account Card retention: 8 years; P8Y → 10 years; P8Y"}},
		{"a recipient is gone", []string{", {name: Mailer, role: processor, country: US, safeguard: Standard clauses}", ""}, []string{
			"changed Account recipients: Hosting processor IE; Mailer processor US Standard clauses → Hosting processor IE",
			"changed logs recipients: Hosting processor IE; Mailer processor US Standard clauses → Hosting processor IE"}},
		{"security is no longer said", []string{"      security: Sealed disks\n", ""}, []string{
			"removed security: Sealed disks → "}},
		{"a collection is called otherwise", []string{"label: {en: Account,", "label: {en: Profile,"}, []string{
			"changed Profile subjects: Account → Profile", "changed Profile label: Account → Profile", "changed Notes subjects: Account → Profile"}},
	} {
		var got []string
		for _, c := range mapped(t, row.replace...).ProcessingRecord().Since(before) {
			line := strings.Join(strings.Fields(c.Kind+" "+c.Label.In("en")+" "+c.Field.In("en")+" "+c.What), " ")
			if c.What != "" {
				line += ": " + said(c.Was) + " → " + said(c.Is)
			}
			got = append(got, line)
		}
		slices.Sort(got)
		slices.Sort(row.want)
		if !slices.Equal(got, row.want) {
			t.Errorf("%s:\n%s\nwant\n%s", row.why, strings.Join(got, "\n"), strings.Join(row.want, "\n"))
		}
	}
}

func TestARecordIsKeptAsTextAndReadBack(t *testing.T) {
	record := mapped(t).ProcessingRecord()
	first, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	second, err := json.Marshal(mapped(t).ProcessingRecord())
	if err != nil {
		t.Fatal(err)
	}
	if string(first) != string(second) {
		t.Error("one map is written in two ways")
	}
	var back sources.ProcessingRecord
	if err := json.Unmarshal(first, &back); err != nil {
		t.Fatal(err)
	}
	if changes := record.Since(back); len(changes) > 0 {
		t.Errorf("read back it differs: %+v", changes)
	}
}

func TestASystemWithoutAConnectionIsPartOfTheRecordAndIsNotAsked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cellar.yml")
	write(t, file, `dataset:
  - fides_key: cellar
    habeas_meta: {team: Archive}
    collections:
      - name: binders
        habeas_meta: {person: true, label: Binders}
        fields: [{name: name, data_categories: [user.name], fides_meta: {primary_key: true}}]
`)
	set := open(t, source(t, "one", twoTables, fullMap), sources.Config{Key: "cellar", Driver: "manual", Dataset: file})
	record := set.ProcessingRecord()
	last := record[len(record)-1]
	if last.Dataset != "cellar" || said(last.Whole("DE")[sources.FactSubjects]) != "Binders" {
		t.Errorf("the last entry is %+v", last)
	}
	for _, key := range set.Sources() {
		if err := set.Reach(t.Context(), key); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestASourceThatIsGoneIsNotReached(t *testing.T) {
	c := source(t, "one", twoTables, fullMap)
	c.DSN += ".gone"
	var down *sources.SourceError
	if err := open(t, c).Reach(t.Context(), "one"); !errors.As(err, &down) || down.Source != "one" {
		t.Errorf("it answers %v", err)
	}
}
