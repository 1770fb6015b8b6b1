package sources_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"habeas/rights"
	"habeas/sources"
)

func TestCorrectionsAreWrittenAndReadBack(t *testing.T) {
	everywhere(t, testCorrectionsAreWrittenAndReadBack)
}

func testCorrectionsAreWrittenAndReadBack(t *testing.T) {
	for _, c := range []struct{ why, field, old, new, stored string }{
		{"text", "name", "Name-Ann", "Änne O'Hara", "Änne O'Hara"},
		{"blanks around it are dropped", "name", "Name-Ann", "  Anne ", "Anne"},
		{"SQL is text", "name", "Name-Ann", `'); DROP TABLE x;`, `'); DROP TABLE x;`},
		{"emptied", "points", "12.5", "", ""},
		{"a number", "points", "12.5", "13", "13"},
		{"a truth value", "newsletter", "true", "false", "false"},
		{"what an officer accepted", "born", "1990-02-03", "1990-02-04", "1990-02-04"},
	} {
		set := shop(t)
		p := person(t, set, "ann@example.com")
		if err := set.Write(t.Context(), p, "shop", "customers", "1", c.field, c.old, c.new); err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		rec, err := set.Record(t.Context(), p, "shop", "customers", "1")
		if err != nil || rec.Cell(c.field).String() != c.stored {
			t.Errorf("%s: %q is stored, %v", c.why, rec.Cell(c.field), err)
		}
	}
}

func TestCorrectionsThatMustNotBe(t *testing.T) { everywhere(t, testCorrectionsThatMustNotBe) }

func testCorrectionsThatMustNotBe(t *testing.T) {
	set := shop(t)
	p := person(t, set, "ann@example.com")
	before := dump(t, set, p)
	for _, c := range []struct {
		why, collection, id, field, old, new string
		want                                 error
	}{
		{"somebody else's record", "customers", "2", "name", "Name-Bob", "x", rights.ErrNotFound},
		{"no record", "customers", "77", "name", "", "x", rights.ErrNotFound},
		{"no field", "customers", "1", "nothing", "", "x", rights.ErrNotFound},
		{"no column, but SQL", "customers", "1", `name" = 'x' --`, "", "x", rights.ErrNotFound},
		{"a hidden field", "customers", "1", "rep_id", "1", "2", rights.ErrNotFound},
		{"a key", "customers", "1", "id", "1", "9", rights.ErrForbidden},
		{"an identity", "customers", "1", "email", "Ann@Example.com ", "bob@example.com", rights.ErrForbidden},
		{"a structure", "customers", "1", "profile", "", "{}", rights.ErrForbidden},
		{"what the map does not let be corrected", "addresses", "1", "street", "Street-Ann", "x", rights.ErrForbidden},
		{"what others share", "products", "P1", "title", "Lamp", "x", rights.ErrForbidden},
		{"what has changed since", "customers", "1", "name", "Name-Anna", "x", rights.ErrConflict},
	} {
		if err := set.Write(t.Context(), p, "shop", c.collection, c.id, c.field, c.old, c.new); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.why, err, c.want)
		}
	}
	for _, c := range []struct{ why, field, old, new, key string }{
		{"too long for the map", "name", "Name-Ann", strings.Repeat("ä", 21), "value.too_long"},
		{"no number", "points", "12.5", "many", "value.not_number"},
		{"no finite number", "points", "12.5", "Inf", "value.not_number"},
		{"no truth value", "newsletter", "true", "maybe", "value.not_boolean"},
		{"empty where it may not be", "newsletter", "true", "", "value.missing"},
		{"not UTF-8", "name", "Name-Ann", "a\x80", "value.invalid"},
		{"a control character", "name", "Name-Ann", "a\x00b", "value.invalid"},
	} {
		var faults rights.FieldErrors
		if err := set.Write(t.Context(), p, "shop", "customers", "1", c.field, c.old, c.new); !errors.As(err, &faults) || faults[0].Key != c.key {
			t.Errorf("%s: %v, want %s", c.why, err, c.key)
		}
	}
	if string(dump(t, set, p)) != string(before) {
		t.Error("something changed all the same")
	}
}

func TestASourceThatRefusesAValueIsAFaultOfTheValue(t *testing.T) {
	everywhere(t, testASourceThatRefusesAValueIsAFaultOfTheValue)
}

func testASourceThatRefusesAValueIsAFaultOfTheValue(t *testing.T) {
	set := open(t, editablePeople(t, `name TEXT CHECK (name <> 'forbidden')`))
	err := set.Write(t.Context(), person(t, set, "a@example.com"), "one", "people", "1", "name", "Ada", "forbidden")
	var faults rights.FieldErrors
	if !errors.As(err, &faults) || faults[0].Key != "value.refused" {
		t.Errorf("got %v", err)
	}
}

func TestAValueThatTheSourceChangesIsNotConfirmed(t *testing.T) {
	everywhere(t, testAValueThatTheSourceChangesIsNotConfirmed)
}

func testAValueThatTheSourceChangesIsNotConfirmed(t *testing.T) {
	config := editablePeople(t, `name TEXT`)
	execute(t, config.DSN, map[string]string{
		"sqlite": `CREATE TRIGGER shout AFTER UPDATE OF name ON people BEGIN UPDATE people SET name = upper(new.name) WHERE id = new.id; END`,
		"postgres": `CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN new.name := upper(new.name); RETURN new; END';
			CREATE TRIGGER shout BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION shout()`,
		"mysql": `CREATE TRIGGER shout BEFORE UPDATE ON people FOR EACH ROW SET new.name = upper(new.name)`,
	}[engine(t)])
	set := open(t, config)
	if err := set.Write(t.Context(), person(t, set, "a@example.com"), "one", "people", "1", "name", "Ada", "Grace"); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("got %v", err)
	}
}

func TestOfTwoCorrectionsOneWins(t *testing.T) { everywhere(t, testOfTwoCorrectionsOneWins) }

func testOfTwoCorrectionsOneWins(t *testing.T) {
	set := open(t, editablePeople(t, `name TEXT`))
	p := person(t, set, "a@example.com")
	errs := make([]error, 8)
	var wait sync.WaitGroup
	for i := range errs {
		wait.Go(func() {
			errs[i] = set.Write(t.Context(), p, "one", "people", "1", "name", "Ada", strings.Repeat("x", i+1))
		})
	}
	wait.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, rights.ErrConflict):
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d won", won)
	}
}

func TestASourceWithoutEditableFieldsHasNoHandleThatWrites(t *testing.T) {
	everywhere(t, testASourceWithoutEditableFieldsHasNoHandleThatWrites)
}

func testASourceWithoutEditableFieldsHasNoHandleThatWrites(t *testing.T) {
	config := source(t, "one", `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO people VALUES (1, 'a@example.com')`, people)
	set := open(t, config)
	p := person(t, set, "a@example.com")
	if err := set.Write(t.Context(), p, "one", "people", "1", "email", "a@example.com", "b@example.com"); !errors.Is(err, rights.ErrForbidden) {
		t.Errorf("got %v", err)
	}
}

func editablePeople(t *testing.T, column string) sources.Config {
	t.Helper()
	return source(t, "one", `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, `+column+`); INSERT INTO people VALUES (1, 'a@example.com', 'Ada')`,
		people+`          - {name: name, habeas_meta: {editable: self}}
`)
}

// A person who could change what others' records refer to would be given those records.
func TestWhatLeadsToRecordsCannotBeCorrected(t *testing.T) {
	everywhere(t, testWhatLeadsToRecordsCannotBeCorrected)
}

func testWhatLeadsToRecordsCannotBeCorrected(t *testing.T) {
	set := open(t, source(t, "one", `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, phone TEXT, name TEXT);
		CREATE TABLE sms (id INTEGER PRIMARY KEY, phone TEXT, body TEXT);
		INSERT INTO people VALUES (1, 'a@example.com', '111', 'Ada'), (2, 'b@example.com', '222', 'Bob');
		INSERT INTO sms VALUES (1, '111', 'To-Ada'), (2, '999', 'To-a-stranger'), (3, '222', 'To-Bob');`, `
dataset:
  - fides_key: one
    habeas_meta: {editable: self}
    collections:
      - name: people
        habeas_meta: {person: true}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, fides_meta: {identity: email}}
          - {name: phone}
          - {name: name}
      - name: sms
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: phone, fides_meta: {references: [{dataset: one, field: people.phone}]}}
          - {name: body}
`))
	p := person(t, set, "a@example.com")
	for _, c := range []struct {
		why, field, old string
		want            error
	}{
		{"what messages refer to, although all of the dataset is editable", "phone", "111", rights.ErrForbidden},
		{"what nothing refers to", "name", "Ada", nil},
	} {
		if err := set.Write(t.Context(), p, "one", "people", "1", c.field, c.old, "999"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.why, err, c.want)
		}
	}
	if f := set.Collection("one", "people").Field("phone"); f.Meta.Editable != sources.EditableNo {
		t.Errorf("it is still said to be editable: %s", f.Meta.Editable)
	}
	if out := string(dump(t, set, p)); strings.Contains(out, "stranger") || !strings.Contains(out, "To-Ada") {
		t.Errorf("got %s", out)
	}
}
