package sources_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"habeas/sources"
)

// erase carries out the whole erasure of a person, source by source.
func erase(t testing.TB, set *sources.Set, email string) []sources.Holdings {
	t.Helper()
	holdings, err := set.Holdings(t.Context(), person(t, set, email))
	must(t, err)
	for _, source := range set.Sources() {
		must(t, set.Erase(t.Context(), source, holdings))
	}
	return holdings
}

// raw returns every value of every row of a database, table by table, as its server writes them.
func raw(t testing.TB, dsn string) string {
	t.Helper()
	list := map[string]string{
		"sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
		"pgx":    "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY table_name",
		"mysql":  "SELECT table_name FROM information_schema.tables WHERE table_schema = database() ORDER BY table_name",
	}
	driver := driverOf(dsn)
	db, err := sql.Open(driver, dsn)
	must(t, err)
	defer db.Close()
	var tables []string
	must(t, rowsOf(db, list[driver], func(row []any) { tables = append(tables, fmt.Sprint(row[0])) }))
	var out strings.Builder
	for _, table := range tables {
		quoted := table
		if driver == "mysql" {
			quoted = "`" + table + "`"
		}
		must(t, rowsOf(db, "SELECT * FROM "+quoted+" ORDER BY 1", func(row []any) { fmt.Fprintln(&out, append([]any{table}, row...)...) }))
	}
	return out.String()
}

func rowsOf(db *sql.DB, query string, each func([]any)) error {
	rows, err := db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, v := range values {
			if b, ok := v.([]byte); ok {
				values[i] = string(b)
			}
		}
		each(values)
	}
	return rows.Err()
}

func TestNothingOfAnErasedPersonStaysAndNothingOfAnotherIsTouched(t *testing.T) {
	everywhere(t, testNothingOfAnErasedPersonStaysAndNothingOfAnotherIsTouched)
}

func testNothingOfAnErasedPersonStaysAndNothingOfAnotherIsTouched(t *testing.T) {
	owned := regexp.MustCompile(`(?m)^.*«\w+:\d+:(-?\d+)».*$`)
	for round := range 6 {
		w := newWorld(rand.New(rand.NewPCG(uint64(round), 11)))
		const customers = 5
		w.fill(customers)
		var configs []sources.Config
		for i := range 2 {
			if strings.Contains(w.yml[i].String(), "- name") {
				configs = append(configs, source(t, fmt.Sprintf("s%d", i), w.sql[i].String(), w.yml[i].String()))
			}
		}
		set := open(t, configs...)
		all := func() (lines []string) {
			for _, c := range configs {
				lines = append(lines, owned.FindAllString(raw(t, c.DSN), -1)...)
			}
			return lines
		}
		before := all()
		const who = 2
		holdings := erase(t, set, fmt.Sprintf("p%d@example.com", who))
		var want []string
		for _, line := range before {
			if owned.FindStringSubmatch(line)[1] != fmt.Sprint(who) {
				want = append(want, line)
			}
		}
		if got := all(); !slices.Equal(got, want) {
			t.Fatalf("round %d: %d rows are left of %d, want %d\nmaps:\n%s\n%s", round, len(got), len(before), len(want), w.yml[0].String(), w.yml[1].String())
		}
		left, err := set.Remains(t.Context(), holdings)
		must(t, err)
		if len(left) > 0 {
			t.Errorf("round %d: %+v remain", round, left)
		}
		for _, source := range set.Sources() { // as after a crash that lost the note of it
			must(t, set.Erase(t.Context(), source, holdings))
		}
		if got := all(); !slices.Equal(got, want) {
			t.Errorf("round %d: doing it twice does more than once", round)
		}
	}
}

const keptSQL = `
CREATE TABLE customers (id INTEGER PRIMARY KEY, no TEXT UNIQUE NOT NULL, email TEXT UNIQUE NOT NULL, name TEXT NOT NULL, phone TEXT, tax TEXT, points INTEGER NOT NULL, profile TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), total REAL, gift TEXT, recipient TEXT);
CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id), item TEXT);
CREATE TABLE visits (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), page TEXT);
INSERT INTO customers VALUES (1, 'C-1', 'ana@example.com', 'Ana Ruiz', '555', 'T-1', 7, '{"size": "M", "invoice": {"vat": "V-1", "note": "n"}, "secret": 1}'),
  (2, 'C-2', 'ben@example.com', 'Ben Ode', '556', 'T-2', 8, '{"size": "L"}');
INSERT INTO orders VALUES (1, 1, 9.5, 'For you', 'Carla'), (2, 2, 8, 'For him', 'Dan');
INSERT INTO lines VALUES (1, 1, 'Tea'), (2, 2, 'Cup');
INSERT INTO visits VALUES (1, 1, '/'), (2, 1, '/tea'), (3, 2, '/');`

const keptMap = `
dataset:
  - fides_key: d
    habeas_meta: {erase: delete}
    collections:
      - name: customers
        habeas_meta: {person: true}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: no, fides_meta: {identity: customer_number}}
          - {name: email, fides_meta: {identity: email}}
          - {name: name, habeas_meta: {erase: mask}}
          - {name: phone}
          - {name: tax, habeas_meta: {erase: {keep: {ground: Tax law, until: 8 years}}}}
          - {name: points}
          - name: profile
            fides_meta: {data_type: object}
            fields:
              - {name: size}
              - name: invoice
                fields:
                  - {name: vat, habeas_meta: {erase: {keep: {ground: Tax law, until: 8 years}}}}
                  - {name: note}
      - name: orders
        habeas_meta: {erase: {keep: {ground: Tax law, until: 8 years}}}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: customer_id, fides_meta: {references: [{dataset: d, field: customers.id, direction: from}]}}
          - {name: total}
          - {name: gift, habeas_meta: {erase: null}}
          - {name: recipient, habeas_meta: {third_party: true}}
      - name: lines
        habeas_meta: {erase: {keep: {ground: Tax law, until: 8 years}}}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: order_id, fides_meta: {references: [{dataset: d, field: orders.id, direction: from}]}}
          - {name: item}
      - name: visits
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: customer_id, fides_meta: {references: [{dataset: d, field: customers.id, direction: from}]}}
          - {name: page}
`

// What may not be empty is overwritten by a value of its kind that fits, whatever the database makes of truth values and days.
func TestWhatMayNotBeEmptyIsOverwrittenByAValueOfItsKind(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		config := source(t, "s", `
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT UNIQUE NOT NULL, vip BOOLEAN NOT NULL, club INTEGER NOT NULL,
  born DATE NOT NULL, seen TIMESTAMP NOT NULL, called TIME NOT NULL, spent DECIMAL(10, 2) NOT NULL, country CHAR(2) NOT NULL, postcode VARCHAR(8) NOT NULL);
INSERT INTO customers VALUES 
  (1, 'ana@example.com', TRUE, 1, '1990-02-03', '2026-01-02 03:04:05', '08:15:00', 12.50, 'DE', '10115'),
  (2, 'ben@example.com', TRUE, 1, '1990-02-03', '2026-01-02 03:04:05', '08:15:00', 12.50, 'DE', '10115'),
  (3, 'cem@example.com', FALSE, 0, '1970-01-01', '1970-01-01 12:00:00', '00:00:00', 0, 'DE', '10115');`, `
dataset:
  - fides_key: d
    habeas_meta: {erase: delete}
    collections:
      - name: customers
        habeas_meta: {person: true}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, fides_meta: {identity: email}, habeas_meta: {erase: mask}}
          - {name: vip, fides_meta: {data_type: boolean}}
          - {name: club, fides_meta: {data_type: boolean}}
          - {name: born}
          - {name: seen}
          - {name: called}
          - {name: spent}
          - {name: country}
          - {name: postcode}
`)
		set := open(t, config)
		erase(t, set, "ana@example.com")
		erase(t, set, "cem@example.com")
		got := strings.NewReplacer("true", "1", "false", "0").Replace(regexp.MustCompile(`erased-[0-9a-f]{12}`).ReplaceAllString(raw(t, config.DSN), "erased-…"))
		for i, want := range []string{
			`customers 1 erased-…@erased\.invalid 0 0 1970-01-01.* 1970-01-01 12:00:00.* 00:00:00.* 0(\.00)? (erased-…|[0-9a-f]{2}) (erased-…|[0-9a-f]{8})`,
			`customers 2 ben@example\.com 1 1 1990-02-03.* 2026-01-02 03:04:05.* 08:15:00.* 12\.50? DE 10115`,
			`customers 3 erased-…@erased\.invalid 0 0 1970-01-01.* 1970-01-01 12:00:00.* 00:00:00.* 0(\.00)? (erased-…|[0-9a-f]{2}) (erased-…|[0-9a-f]{8})`,
		} {
			if line := strings.Split(got, "\n")[i]; !regexp.MustCompile("^" + want + "$").MatchString(line) {
				t.Errorf("left %q, want %s", line, want)
			}
		}
	})
}

func TestEachRecordMeetsTheFateThatTheMapSays(t *testing.T) {
	everywhere(t, testEachRecordMeetsTheFateThatTheMapSays)
}

func testEachRecordMeetsTheFateThatTheMapSays(t *testing.T) {
	config := source(t, "s", keptSQL, keptMap)
	set := open(t, config)
	var fates []string
	for _, f := range set.Fates() {
		line := f.Collection.Name + " " + string(f.Record)
		for _, g := range f.Gone {
			line += " -" + g.Name
		}
		for _, k := range f.Kept {
			line += " +" + k.Name
		}
		fates = append(fates, line)
	}
	want := []string{"lines keep +item", "orders mask -gift +total", "visits delete", "customers mask -no -email -name -phone -points -profile +tax +profile"}
	if !slices.Equal(fates, want) {
		t.Errorf("fates:\n%s\nwant\n%s", strings.Join(fates, "\n"), strings.Join(want, "\n"))
	}
	erase(t, set, "ana@example.com")
	got := raw(t, config.DSN)
	got = regexp.MustCompile(`erased-[0-9a-f]{12}`).ReplaceAllString(got, "erased-…")
	if wanted := `customers 1 erased-… erased-…@erased.invalid erased-… <nil> T-1 0 {"invoice":{"vat":"V-1"}}
customers 2 C-2 ben@example.com Ben Ode 556 T-2 8 {"size": "L"}
lines 1 1 Tea
lines 2 2 Cup
orders 1 1 9.5 <nil> Carla
orders 2 2 8 For him Dan
visits 3 2 /
`; got != wanted {
		t.Errorf("what is left:\n%s\nwant\n%s", got, wanted)
	}
	if match, err := set.Find(t.Context(), sources.Identity{Email: "ana@example.com"}); err != nil || len(match.Candidates) != 0 {
		t.Errorf("she is still found: %+v %v", match, err)
	}
}

func TestASourceIsErasedWholeOrNotAtAll(t *testing.T) {
	everywhere(t, testASourceIsErasedWholeOrNotAtAll)
}

func testASourceIsErasedWholeOrNotAtAll(t *testing.T) {
	for _, c := range []struct {
		sentence string
		kind     sources.Kind
		sql      map[string]string // by driver; what a database cannot do is not asked of it
	}{
		{"a record of somebody else hangs on one that goes", sources.Refused, map[string]string{
			"sqlite": `CREATE TABLE keeps (id INTEGER PRIMARY KEY, v INTEGER NOT NULL REFERENCES visits (id)); INSERT INTO keeps VALUES (1, 2);`,
			"pgx":    `CREATE TABLE keeps (id INTEGER PRIMARY KEY, v INTEGER NOT NULL REFERENCES visits (id)); INSERT INTO keeps VALUES (1, 2);`,
			"mysql":  `CREATE TABLE keeps (id INTEGER PRIMARY KEY, v INTEGER NOT NULL, FOREIGN KEY (v) REFERENCES visits (id)); INSERT INTO keeps VALUES (1, 2);`,
		}},
		{"a trigger forbids it", sources.Refused, map[string]string{
			"sqlite": `CREATE TRIGGER stay BEFORE UPDATE ON customers BEGIN SELECT RAISE(ABORT, 'no'); END;`,
			"pgx":    `CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'; CREATE TRIGGER stay BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION no();`,
			"mysql":  `CREATE TRIGGER stay BEFORE UPDATE ON customers FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no';`,
		}},
		{"a trigger quietly keeps it", sources.Refused, map[string]string{
			"sqlite": `CREATE TRIGGER back AFTER DELETE ON visits BEGIN INSERT INTO visits VALUES (OLD.id, OLD.customer_id, OLD.page); END;`,
			"pgx":    `CREATE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER back BEFORE DELETE ON visits FOR EACH ROW EXECUTE FUNCTION stays();`,
		}},
		{"a table is gone", sources.Changed, map[string]string{
			"sqlite": `ALTER TABLE customers RENAME TO clients;`, "pgx": `ALTER TABLE customers RENAME TO clients;`, "mysql": `ALTER TABLE customers RENAME TO clients;`,
		}},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			config := source(t, "s", keptSQL, keptMap)
			set := open(t, config)
			holdings, err := set.Holdings(t.Context(), person(t, set, "ana@example.com"))
			must(t, err)
			text, can := c.sql[driverOf(config.DSN)]
			if !can {
				return
			}
			run(t, driverOf(config.DSN), config.DSN, text)
			before := raw(t, config.DSN)
			err = set.Erase(t.Context(), "s", holdings)
			if e, ok := errorAs[*sources.SourceError](err); !ok || e.Kind != c.kind {
				t.Errorf("%v, want %s", err, c.kind)
			}
			if after := raw(t, config.DSN); after != before {
				t.Errorf("something was done:\n%s\nbefore\n%s", after, before)
			}
		})
	}
}

func TestAMapThatSaysNothingOfErasureLetsNothingBeErased(t *testing.T) {
	silent := strings.NewReplacer("    habeas_meta: {erase: delete}\n", "", "erase: null", "", "erase: mask", "").Replace(keptMap)
	config := source(t, "s", keptSQL, strings.ReplaceAll(silent, "{erase: {keep: {ground: Tax law, until: 8 years}}}", "{}"))
	set := open(t, config)
	before := raw(t, config.DSN)
	for _, f := range set.Fates() {
		if !f.ByHand {
			t.Errorf("%s would be erased", f.Collection.Name)
		}
	}
	holdings := erase(t, set, "ana@example.com")
	if len(holdings) == 0 {
		t.Error("there is nothing to do by hand")
	}
	if raw(t, config.DSN) != before {
		t.Error("something was erased")
	}
}

func TestWhatNobodySettlesIsNotErased(t *testing.T) {
	set := open(t, source(t, "s", keptSQL, keptMap))
	if _, err := set.Holdings(t.Context(), person(t, set, "ana@example.com")); err != nil {
		t.Fatal(err)
	}
	down := source(t, "s", keptSQL, keptMap)
	set = open(t, down)
	p := person(t, set, "ana@example.com")
	remove(t, strings.TrimPrefix(down.DSN, "file:"))
	var e *sources.SourceError
	if _, err := set.Holdings(t.Context(), p); !errors.As(err, &e) || e.Kind != sources.Down {
		t.Errorf("of a source that is down: %v", err)
	}
	if err := set.Erase(t.Context(), "none", nil); !errors.As(err, &e) || e.Kind != sources.Changed {
		t.Errorf("a source that is none any more: %v", err)
	}
}
