package sources_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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

func TestNothingOfASnapshotCanBeReadWithoutItsKey(t *testing.T) {
	config := crmConfig(t)
	set := openCRM(t, config)
	changed := slices.Clone(anna)
	changed[5] = "likes «elm»"
	for day, rows := range [][][]string{{anna, ben}, {changed, ben}} {
		if _, _, err := bring(t, set, day, nil, rows...); err != nil {
			t.Fatal(err)
		}
	}
	must(t, set.Close())
	files, err := filepath.Glob(config.DSN + "*")
	must(t, err)
	for _, file := range files {
		b, err := os.ReadFile(file)
		must(t, err)
		for _, secret := range []string{"nna@", "NNA@", "Anna", "oak", "elm", "C-1", "ben"} {
			if bytes.Contains(b, []byte(secret)) {
				t.Errorf("%s holds %q", filepath.Base(file), secret)
			}
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", filepath.Base(file), info.Mode(), err)
		}
	}
	for says, o := range map[string]sources.Options{
		"without a key":    {},
		"with another key": {Vault: func(string) []byte { return bytes.Repeat([]byte{9}, 32) }},
	} {
		other, err := sources.Open(t.Context(), []sources.Config{config}, o)
		must(t, err)
		m, err := other.Find(t.Context(), sources.Identity{Email: "anna@example.com"})
		if err != nil || m.Person.Seeds() != 0 || len(m.Troubles) != 1 || !strings.Contains(m.Troubles[0].Error(), "key file") {
			t.Errorf("%s: %v, %v", says, m.Troubles, err)
		}
		if _, _, err := bring(t, other, 1, nil, ben); err == nil || !strings.Contains(err.Error(), "key file") {
			t.Errorf("%s something is imported: %v", says, err)
		}
		must(t, other.Close())
	}
}

func TestWhatIsSwappedInASnapshotDoesNotOpen(t *testing.T) {
	config := crmConfig(t)
	set := openCRM(t, config)
	if _, _, err := bring(t, set, 0, nil, anna, ben); err != nil {
		t.Fatal(err)
	}
	run(t, "sqlite", config.DSN, "UPDATE records SET sealed = (SELECT sealed FROM records WHERE id = 2) WHERE id = 1")
	if got := state(t, set, person(t, set, "ben@example.com"), "contacts"); got != "ok 1" {
		t.Errorf("the record in its place is %s", got)
	}
	m, err := set.Find(t.Context(), sources.Identity{Email: "anna@example.com"})
	if err != nil || m.Person.Seeds() != 0 || len(m.Troubles) != 1 || m.Troubles[0].Kind != sources.Broken {
		t.Errorf("another's record in her place: %+v, %v", m, err)
	}
}

func TestWhatIsGoneOrForgottenLeavesNothingOfIt(t *testing.T) {
	config := crmConfig(t)
	set := openCRM(t, config)
	changed := slices.Clone(anna)
	changed[2] = "Anna Meyer"
	for day, rows := range [][][]string{{anna, annaB, ben}, {changed, annaB, ben}} {
		if _, _, err := bring(t, set, day, nil, rows...); err != nil {
			t.Fatal(err)
		}
	}
	p := person(t, set, "anna@example.com")
	records, _, err := set.Page(t.Context(), p, "crm", "contacts", "", 10)
	must(t, err)
	holdings := []sources.Holdings{{Source: "crm", Collection: "contacts", IDs: []string{records[0].ID}}}
	for range 2 { // twice does no more than once
		must(t, set.Forget(t.Context(), "crm", holdings, sunday))
	}
	if n, _, err := bring(t, set, 2, nil, changed, annaB); err != nil || n.Forgotten != 1 || n.Gone != 1 || n.Same != 1 {
		t.Errorf("an export that still has her: %+v %v", n, err)
	}
	if got := person(t, set, "anna@example.com"); got.Seeds() != 0 {
		t.Error("she is back")
	}
	if got := state(t, set, person(t, set, "anna@example.co"), "contacts"); got != "ok 1" {
		t.Errorf("the records of who looks like her are %s", got)
	}
	must(t, set.Close())
	for query, want := range map[string]string{
		"SELECT count(*) FROM history":                                                             "0",
		"SELECT count(*) FROM records WHERE gone_at IS NOT NULL AND sealed IS NULL":                "1",
		"SELECT count(*) FROM records":                                                             "2",
		"SELECT count(*) FROM marks WHERE record NOT IN (SELECT id FROM records WHERE sealed > 0)": "0",
	} {
		if got := ask(t, config.DSN, query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
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

func TestTwoImportsAtOnceAreOneAfterTheOther(t *testing.T) {
	config := crmConfig(t)
	set, other := openCRM(t, config), openCRM(t, config)
	if _, _, err := bring(t, set, 0, nil, anna); err != nil {
		t.Fatal(err)
	}
	changed := slices.Clone(anna)
	changed[2] = "Anna Meyer"
	_, _, err := bring(t, set, 1, func(im *sources.Import) {
		next := im.Next
		im.Next = func() (int, []string, error) {
			n, cells, err := next()
			if errors.Is(err, io.EOF) {
				_, _, failed := bring(t, other, 1, nil, ben)
				if known, ok := errorAs[*sources.SourceError](failed); !ok || known.Kind != sources.Busy || !strings.Contains(known.Error(), "somebody else imports") {
					t.Errorf("a second import meanwhile: %v", failed)
				}
				if out := string(dump(t, other, person(t, other, "anna@example.com"))); !strings.Contains(out, "Öz") {
					t.Errorf("meanwhile others see %s", out)
				}
			}
			return n, cells, err
		}
	}, changed)
	if err != nil {
		t.Fatal(err)
	}
	if out := string(dump(t, other, person(t, other, "anna@example.com"))); !strings.Contains(out, "Meyer") {
		t.Errorf("afterwards they see %s", out)
	}
}

// killedImport is the test program as an import that somebody kills.
func killedImport(t *testing.T) {
	config := sources.Config{Key: "crm", Driver: "snapshot", DSN: os.Getenv("HABEAS_TEST_SNAPSHOT"), Dataset: os.Getenv("HABEAS_TEST_MAP")}
	set := openCRM(t, config)
	n := 0
	_, _, err := bring(t, set, 1, func(im *sources.Import) {
		im.Next = func() (int, []string, error) {
			n++
			if n == 20_000 { // much of it is in the journal by now
				fmt.Println("halfway")
				select {}
			}
			return n, []string{fmt.Sprintf("K-%d", n), fmt.Sprintf("k%d@example.com", n), strings.Repeat("x", 2000), "", "", ""}, nil
		}
	})
	t.Fatal("it ended", err)
}

func TestAnImportThatIsKilledLeavesTheOldSnapshot(t *testing.T) {
	if os.Getenv("HABEAS_TEST_SNAPSHOT") != "" {
		killedImport(t)
	}
	config := crmConfig(t)
	set := openCRM(t, config)
	if _, _, err := bring(t, set, 0, nil, anna); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	child := exec.CommandContext(ctx, os.Args[0], "-test.run", "^"+t.Name()+"$")
	child.Env = append(os.Environ(), "HABEAS_TEST_SNAPSHOT="+config.DSN, "HABEAS_TEST_MAP="+config.Dataset)
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	said := make([]byte, 7)
	if _, err := io.ReadFull(out, said); err != nil || string(said) != "halfway" {
		t.Fatalf("the import says %q, %v", said, err)
	}
	must(t, child.Process.Kill())
	if err := child.Wait(); err == nil {
		t.Fatal("it was not killed")
	}
	if got := state(t, set, person(t, set, "anna@example.com"), "contacts"); got != "ok 1" {
		t.Errorf("her records are %s", got)
	}
	if person(t, set, "k1@example.com").Seeds() != 0 {
		t.Error("half of the import is there")
	}
	if n, _, err := bring(t, set, 2, nil, anna, ben); err != nil || n.Same != 1 || n.New != 1 {
		t.Errorf("the next import: %+v, %v", n, err)
	}
	if n := ask(t, config.DSN, "PRAGMA integrity_check"); n != "ok" {
		t.Errorf("the file is %s", n)
	}
}

// heapOf imports n made-up rows and returns the most that the heap held meanwhile, in MiB.
func heapOf(t testing.TB, set *sources.Set, n, day int) float64 {
	t.Helper()
	var most uint64
	row := 0
	cells := make([]string, 6)
	_, _, err := bring(t, set, day, func(im *sources.Import) {
		im.Next = func() (int, []string, error) {
			if row++; row > n {
				return 0, nil, io.EOF
			}
			cells[0], cells[1], cells[2], cells[3] = fmt.Sprintf("N-%d", row), fmt.Sprintf("person%d@example.com", row), "Somebody with a Name", fmt.Sprint(row+day)
			return row, cells, nil
		}
		im.Progress = func(rows int) {
			if rows%10_000 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return float64(most) / (1 << 20)
}

func TestTheHeapOfAnImportIsFlat(t *testing.T) {
	set := openCRM(t, crmConfig(t))
	heapOf(t, set, 1000, 0)
	if most := heapOf(t, set, 40_000, 1); most > 48 {
		t.Errorf("40,000 rows took %.0f MiB", most)
	}
	if got := state(t, set, person(t, set, "person39999@example.com"), "contacts"); got != "ok 1" {
		t.Errorf("the records of one among them are %s", got)
	}
}

// BenchmarkImport imports a million rows, then the same with one value of each changed.
func BenchmarkImport(b *testing.B) {
	const rows = 1_000_000
	for b.Loop() {
		set := openCRM(b, crmConfig(b))
		for day, name := range []string{"first", "second"} {
			began := time.Now()
			most := heapOf(b, set, rows, day)
			b.ReportMetric(rows/time.Since(began).Seconds(), name+"-rows/s")
			b.ReportMetric(most, name+"-MiB")
			if most > 64 {
				b.Errorf("the %s import took %.0f MiB of heap", name, most)
			}
		}
		began := time.Now()
		if person(b, set, "person999999@example.com").Seeds() != 1 {
			b.Error("one of a million is not found")
		}
		b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "find-ms")
	}
}
