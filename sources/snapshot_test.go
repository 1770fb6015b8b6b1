package sources_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
)

const crmMap = `
dataset:
  - fides_key: crm
    collections:
      - name: contacts
        habeas_meta: {person: true, label: {en: Contact, zh-CN: 联系人}}
        fields:
          - {name: id, fides_meta: {primary_key: true}, habeas_meta: {label: {en: Record ID, zh-CN: 编号}}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}, habeas_meta: {label: {en: E-mail, zh-CN: 邮箱}}}
          - {name: name, data_categories: [user.name]}
          - {name: points, fides_meta: {data_type: integer}}
          - {name: vip, fides_meta: {data_type: boolean}}
          - {name: note}
`

var crmHeader = []string{"id", "email", "name", "points", "vip", "note"}

var (
	anna   = []string{"C-1", "Anna@Example.com", "Anna Öz", "7", "yes", "likes «oak»"}
	annaB  = []string{"C-11", "anna@example.co", "Anna Öz", "70", "no", "likes «pine»"} // looks like her
	ben    = []string{"C-2", "ben@example.com", "Ben", "", "", ""}
	sunday = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
)

func crmConfig(t testing.TB) sources.Config {
	t.Helper()
	dir := t.TempDir()
	yml := filepath.Join(dir, "crm.yml")
	if err := os.WriteFile(yml, []byte(crmMap), 0o600); err != nil {
		t.Fatal(err)
	}
	return sources.Config{Key: "crm", Driver: "snapshot", DSN: filepath.Join(dir, "kept", "crm.db"), Dataset: yml}
}

func openCRM(t testing.TB, c sources.Config) *sources.Set {
	t.Helper()
	set, err := sources.Open(t.Context(), []sources.Config{c}, sources.Options{Vault: testVault})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := set.Close(); err != nil {
			t.Error(err)
		}
	})
	return set
}

// bring imports rows into the contacts and returns what it counts, its faults and its error.
func bring(t testing.TB, set *sources.Set, day int, change func(*sources.Import), rows ...[]string) (sources.Imported, []string, error) {
	t.Helper()
	c := set.Collection("crm", "contacts")
	columns, err := c.Match(crmHeader, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var faults []string
	at := 0
	im := sources.Import{
		Source: "crm", Collection: "contacts", Columns: columns, At: sunday.AddDate(0, 0, day),
		Next: func() (int, []string, error) {
			if at == len(rows) {
				return 0, nil, io.EOF
			}
			at++
			return at + 1, rows[at-1], nil
		},
		Fault: func(f sources.RowFault) error {
			faults = append(faults, f.Error())
			return nil
		},
	}
	if change != nil {
		change(&im)
	}
	n, err := set.Import(t.Context(), im)
	return n, faults, err
}

func TestASecondImportUpdatesMarksWhatIsGoneAndKeepsWhatWas(t *testing.T) {
	set := openCRM(t, crmConfig(t))
	changed := slices.Clone(anna)
	changed[2], changed[5] = "Anna Meyer", ""
	for _, c := range []struct {
		says string
		rows [][]string
		want sources.Imported
		sees string // of Anna's
	}{
		{"the first import", [][]string{anna, annaB, ben}, sources.Imported{Rows: 3, New: 3}, `"name":"Anna Öz","points":7,"vip":true,"note":"likes «oak»"`},
		{"the same again", [][]string{ben, annaB, anna}, sources.Imported{Rows: 3, Same: 3}, `"name":"Anna Öz"`},
		{"two values of one record", [][]string{changed, annaB, ben}, sources.Imported{Rows: 3, Changed: 1, Values: 2, Same: 2}, `"name":"Anna Meyer","points":7,"vip":true,"note":null`},
		{"a record that is gone", [][]string{changed, annaB}, sources.Imported{Rows: 2, Same: 2, Gone: 1}, `"name":"Anna Meyer"`},
		{"one that comes back, and a new one", [][]string{changed, annaB, ben, {"C-3", "c@example.com", "C", "1", "0", ""}}, sources.Imported{Rows: 4, Same: 2, Back: 1, New: 1}, `"name":"Anna Meyer"`},
	} {
		got, faults, err := bring(t, set, 1, nil, c.rows...)
		if err != nil || faults != nil || got != c.want {
			t.Fatalf("%s: %+v %q %v, want %+v", c.says, got, faults, err, c.want)
		}
		if out := string(dump(t, set, person(t, set, "anna@example.com"))); !strings.Contains(out, c.sees) || strings.Contains(out, "pine") {
			t.Errorf("%s: %s", c.says, out)
		}
	}
	p := person(t, set, "anna@example.com")
	records, _, err := set.Page(t.Context(), p, "crm", "contacts", "", 10)
	must(t, err)
	changes, err := set.Changes(t.Context(), p, "crm", "contacts", records[0].ID)
	must(t, err)
	var said []string
	for _, ch := range changes {
		said = append(said, fmt.Sprintf("%s was %q until %s", ch.Field.Name, ch.Was, ch.Until.UTC().Format(time.DateOnly)))
	}
	if want := []string{`note was "likes «oak»" until 2026-03-02`, `name was "Anna Öz" until 2026-03-02`}; !slices.Equal(said, want) {
		t.Errorf("what was: %q", said)
	}
	if _, err := set.Changes(t.Context(), person(t, set, "ben@example.com"), "crm", "contacts", records[0].ID); err == nil {
		t.Error("somebody else sees what was")
	}
}

func TestALookAlikeIsSomebodyElse(t *testing.T) {
	set := openCRM(t, crmConfig(t))
	upper := []string{"c-1", "anna@exаmple.com", "Anna Öz", "", "", "with a letter of another alphabet"}
	if _, _, err := bring(t, set, 0, nil, anna, annaB, upper); err != nil {
		t.Fatal(err)
	}
	for email, want := range map[string]int{"anna@example.com": 1, " ANNA@EXAMPLE.COM ": 1, "anna@example.co": 1, "nna@example.com": 0, "anna@exаmple.com": 1, "a%@example.com": 0} {
		m, err := set.Find(t.Context(), sources.Identity{Email: email})
		if err != nil || m.Person.Seeds() != want || m.Ambiguous() {
			t.Errorf("%s: %d records, %v", email, m.Person.Seeds(), err)
		}
	}
}

func TestNothingIsHalfImported(t *testing.T) {
	set := openCRM(t, crmConfig(t))
	if _, _, err := bring(t, set, 0, nil, anna, ben); err != nil {
		t.Fatal(err)
	}
	before := dump(t, set, person(t, set, "anna@example.com"))
	broken := errors.New("the disk")
	many := func(n int) (rows [][]string) {
		for i := range n {
			rows = append(rows, []string{fmt.Sprintf("M-%d", i), fmt.Sprintf("m%d@example.com", i), "", "", "", ""})
		}
		return rows
	}
	other := slices.Clone(anna)
	other[2] = "SECRET"
	for _, c := range []struct {
		says   string
		rows   [][]string
		change func(*sources.Import)
		fault  string
		err    error
	}{
		{"a number that is none", [][]string{other, {"C-3", "c@example.com", "SECRET", "SECRET", "", ""}}, nil, "row 3, column points: it is no whole number", sources.ErrFaultyRows},
		{"a truth that is none", [][]string{other, {"C-3", "", "", "", "SECRET", ""}}, nil, "row 3, column vip: it is neither yes nor no", sources.ErrFaultyRows},
		{"a row without a key", [][]string{other, {" ", "SECRET", "", "", "", ""}}, nil, "row 3, column id: the key is empty", sources.ErrFaultyRows},
		{"a key that comes twice", [][]string{other, anna}, nil, "row 3, column id: an earlier row has the same key", sources.ErrFaultyRows},
		{"a key that comes twice but for blanks", [][]string{other, {" C-1 ", "", "", "", "", ""}}, nil, "row 3, column id: an earlier row", sources.ErrFaultyRows},
		{"no rows", nil, nil, "", sources.ErrNoRows},
		{"most records gone", many(3), func(im *sources.Import) {
			// twelve more, so that losing them is no accident of a small table
			if _, _, err := bring(t, set, 0, nil, append(many(12), anna, ben)...); err != nil {
				t.Fatal(err)
			}
		}, "", sources.ErrManyGone},
		{"reading ends in the middle", [][]string{other}, func(im *sources.Import) {
			next := im.Next
			im.Next = func() (int, []string, error) {
				n, cells, err := next()
				if errors.Is(err, io.EOF) {
					err = broken
				}
				return n, cells, err
			}
		}, "", broken},
	} {
		_, faults, err := bring(t, set, 1, c.change, c.rows...)
		said := strings.Join(faults, "\n")
		if !errors.Is(err, c.err) || !strings.Contains(said, c.fault) || (c.fault == "") != (said == "") || strings.Contains(said+err.Error(), "SECRET") {
			t.Errorf("%s: %q, %v", c.says, said, err)
		}
		if after := dump(t, set, person(t, set, "anna@example.com")); !bytes.Equal(before, after) {
			t.Errorf("%s: %s", c.says, after)
		}
	}
	partly := func(im *sources.Import) { im.Partial = true }
	n, faults, err := bring(t, set, 2, partly, append(many(12), other, []string{"C-2", "new@example.com", "", "x", "", ""})...)
	if err != nil || len(faults) != 1 || n.Faulty != 1 || n.Changed != 1 || n.Gone != 0 {
		t.Errorf("with what can be imported: %+v %q %v", n, faults, err)
	}
	if out := string(dump(t, set, person(t, set, "ben@example.com"))); !strings.Contains(out, "Ben") {
		t.Errorf("the record of a row that cannot be read is gone: %s", out)
	}
	n, faults, err = bring(t, set, 3, partly, append(many(9), []string{"", "x@example.com", "", "", "", ""})...)
	if err != nil || len(faults) != 1 || n.Gone != 0 || n.Kept != 5 {
		t.Errorf("who has a row without a key may be anybody: %+v %q %v", n, faults, err)
	}
}

func TestAMapThatChangedAsksForAnotherImport(t *testing.T) {
	config := crmConfig(t)
	set := openCRM(t, config)
	if _, _, err := bring(t, set, 0, nil, anna); err != nil {
		t.Fatal(err)
	}
	must(t, set.Close())
	must(t, os.WriteFile(config.Dataset, []byte(strings.Replace(crmMap, "{name: note}", "{name: note, fides_meta: {identity: customer_number}}", 1)), 0o600))
	set = openCRM(t, config)
	if said := fmt.Sprint(sources.Faults(set.Check(t.Context())).Errors()); !strings.Contains(said, "looked up by note: import the file again") {
		t.Errorf("check says %s", said)
	}
	if m, err := set.Find(t.Context(), sources.Identity{Email: "anna@example.com"}); err != nil || len(m.Troubles) != 1 || m.Troubles[0].Kind != sources.Changed {
		t.Errorf("she is not there, without a word: %+v, %v", m, err)
	}
	if _, _, err := bring(t, set, 1, nil, anna); err != nil {
		t.Fatal(err)
	}
	if faults := sources.Faults(set.Check(t.Context())).Errors(); len(faults) > 0 {
		t.Errorf("after an import check says %v", faults)
	}
	if got := state(t, set, person(t, set, "anna@example.com"), "contacts"); got != "ok 1" {
		t.Errorf("her records are %s", got)
	}
}

func TestASnapshotOfNothingSaysSo(t *testing.T) {
	config := crmConfig(t)
	set := openCRM(t, config)
	said := fmt.Sprint(sources.Faults(set.Check(t.Context())).Errors())
	if !strings.Contains(said, "crm.yml:3") || !strings.Contains(said, "source crm: nothing is imported yet: run habeas import crm FILE") {
		t.Errorf("check says %s", said)
	}
	if _, err := os.Stat(config.DSN); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("checking made the file: %v", err)
	}
	m, err := set.Find(t.Context(), sources.Identity{Email: "anna@example.com"})
	if err != nil || len(m.Troubles) != 1 || m.Troubles[0].Kind != sources.Down {
		t.Errorf("%v, %v", m.Troubles, err)
	}
	if _, _, err := bring(t, set, 0, nil); !errors.Is(err, sources.ErrNoRows) {
		t.Error(err)
	}
	if said := fmt.Sprint(sources.Faults(set.Check(t.Context())).Errors()); !strings.Contains(said, "nothing is imported yet") {
		t.Errorf("after an import that failed check says %s", said)
	}
}

func TestWhoCorrectsACopyIsToldThatItIsOne(t *testing.T) {
	config := crmConfig(t)
	must(t, os.WriteFile(config.Dataset, []byte(strings.Replace(crmMap, "{name: note}", "{name: note, habeas_meta: {editable: ask}}", 1)), 0o600))
	set := openCRM(t, config)
	if _, _, err := bring(t, set, 0, nil, anna); err != nil {
		t.Fatal(err)
	}
	p := person(t, set, "anna@example.com")
	records, _, err := set.Page(t.Context(), p, "crm", "contacts", "", 1)
	must(t, err)
	if err := set.Write(t.Context(), p, "crm", "contacts", records[0].ID, "note", "likes «oak»", "other"); !errors.Is(err, rights.ErrForbidden) {
		t.Error(err)
	}
	if fate := set.Fate(set.Collection("crm", "contacts")); !fate.ByHand {
		t.Error("a machine would erase the copy and call it erased")
	}
}

func TestAMapCannotSayThatACopyIsCorrected(t *testing.T) {
	config := crmConfig(t)
	must(t, os.WriteFile(config.Dataset, []byte(strings.Replace(crmMap, "{name: note}", "{name: note, habeas_meta: {editable: self}}", 1)), 0o600))
	_, err := sources.Open(t.Context(), []sources.Config{config}, sources.Options{})
	if err == nil || !strings.Contains(err.Error(), "crm.yml:13") || !strings.Contains(err.Error(), "a snapshot is a copy") {
		t.Error(err)
	}
}

func TestColumnsAreFoundByNameLabelPresetAndWord(t *testing.T) {
	set := openCRM(t, crmConfig(t))
	c := set.Collection("crm", "contacts")
	preset := map[string]string{"Full Name": "name", "客户姓名": "name", "积分": "points", "Is VIP": "vip", "备注": "note", "Else": "nothing"}
	for _, c2 := range []struct {
		says   string
		header []string
		said   map[string]string
		want   string // fields by column, or the error
	}{
		{"names, whatever their case and signs", []string{"ID", "E_Mail", "NAME", "Points*", "vip", "note"}, nil, "id email name points vip note"},
		{"labels in Chinese and a preset", []string{"编号", "邮箱", "客户姓名", "积分", "is vip", "备注"}, nil, "id email name points vip note"},
		{"columns that are no field", []string{"x", "Record ID", "email", "y", "name", "points", "vip", "note", ""}, nil, "- id email - name points vip note -"},
		{"a name before a label", []string{"id", "编号", "email", "name", "points", "vip", "note"}, nil, "id - email name points vip note"},
		{"what is said before everything", []string{"id", "email", "Mail 2", "name", "points", "vip", "note"}, map[string]string{"mail 2": "email"}, "id - email name points vip note"},
		{"two columns of one field", []string{"id", "email", "Email ", "name", "points", "vip", "note"}, nil, "columns 2 and 3 are both email"},
		{"a field without a column", []string{"id", "email", "SECRET", "points", "vip", "note"}, nil, `no column is name: name it with --map "COLUMN=name"`},
		{"no header at all", []string{"SECRET", "SECRET2"}, nil, "the first row of the file must name the columns"},
		{"a word for a field that is not there", []string{"id"}, map[string]string{"id": "emial"}, `has no field "emial", did you mean "email"?`},
		{"a word for a column that is not there", []string{"id"}, map[string]string{"Mail": "email"}, `the file has no column "Mail"`},
	} {
		fields, err := c.Match(c2.header, c2.said, preset)
		var names []string
		for _, f := range fields {
			if f == nil {
				names = append(names, "-")
			} else {
				names = append(names, f.Name)
			}
		}
		got := strings.Join(names, " ")
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c2.want) || strings.Contains(got, "SECRET") || err == nil && got != c2.want {
			t.Errorf("%s: %s", c2.says, got)
		}
	}
}
