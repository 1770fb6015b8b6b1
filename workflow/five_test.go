package workflow_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/sources/sourcestest"
	"habeas/workflow"
)

// Two people who look alike, in five systems: a shop in SQLite, billing in PostgreSQL, support in MariaDB, an export of a CRM
// and an archive of paper. One of them asks.
const (
	ana   = "ana.ruiz@example.com" // C-100
	other = "ana.ruiz@example.co"  // C-1000, of the same name
)

// five is a house with the five systems.
type five struct {
	*house
	dsn  map[string][2]string // driver and DSN of those with a database
	mine []string             // every value that is Ana's, and to be told to her
	them []string             // every value that is the other's
	rows [][]string           // of the CRM's export
}

// record is a value that is nobody else's: whose, where, which.
func (f *five) record(whose, where string, n int) string {
	v := fmt.Sprintf("%s-%s-%d", whose, where, n)
	if whose == "ANA" {
		f.mine = append(f.mine, v)
	} else {
		f.them = append(f.them, v)
	}
	return v
}

// inFive fills the five systems by chance, and lets a machine erase what the maps say.
func inFive(t *testing.T, seed uint64) *five {
	t.Helper()
	f := &five{house: open(t), dsn: map[string][2]string{}}
	postgres, mariadb := sourcestest.Running(t, "postgres"), sourcestest.Running(t, "mysql")
	shop := "file:" + f.file("five")
	schema := map[string]string{
		"shop": `CREATE TABLE customers (id INTEGER PRIMARY KEY, customer_no TEXT, email TEXT, name TEXT, score TEXT);
			CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), item TEXT, giver TEXT);`,
		"billing": `CREATE TABLE accounts (id INTEGER PRIMARY KEY, customer_no VARCHAR(40), iban TEXT);
			CREATE TABLE invoices (id INTEGER PRIMARY KEY, account_id INTEGER REFERENCES accounts (id), words TEXT);`,
		"support": "CREATE TABLE tickets (id INTEGER PRIMARY KEY, customer_no VARCHAR(40), subject TEXT);" +
			"CREATE TABLE messages (id INTEGER PRIMARY KEY, ticket_id INTEGER, body TEXT, FOREIGN KEY (ticket_id) REFERENCES tickets (id));",
	}
	f.dsn["shop"] = [2]string{"sqlite", shop}
	f.dsn["billing"] = [2]string{postgres.Driver, postgres.Database(t, schema["billing"])}
	f.dsn["support"] = [2]string{mariadb.Driver, mariadb.Database(t, schema["support"])}
	sourcestest.Run(t, "sqlite", shop, schema["shop"])
	f.fill(rand.New(rand.NewPCG(seed, 1)))

	var configs []sources.Config
	for _, key := range []string{"shop", "billing", "support", "crm", "archive"} {
		c := sources.Config{Key: key, Driver: map[string]string{"shop": "sqlite", "billing": "postgres", "support": "mysql", "crm": "snapshot", "archive": "manual"}[key],
			DSN: f.dsn[key][1], Dataset: "testdata/five/" + key + ".yml"}
		if key == "crm" {
			c.DSN = f.file("crm")
		}
		configs = append(configs, c)
	}
	vault := func(string) []byte { return bytes.Repeat([]byte{7}, 32) }
	set, err := sources.Open(t.Context(), configs, sources.Options{IDKey: make([]byte, 32), Vault: vault})
	f.must(err)
	t.Cleanup(func() { f.must(set.Close()) })
	f.Sources, f.mapped = set, configs
	f.bring()
	return f
}

// fill writes as many records as chance says, of both in turn, so that their keys are neighbours.
func (f *five) fill(chance *rand.Rand) {
	add := func(source, table string, values ...any) {
		var marks []string
		for i := range values {
			marks = append(marks, map[string]string{"pgx": fmt.Sprintf("$%d", i+1)}[f.dsn[source][0]])
			if marks[i] == "" {
				marks[i] = "?"
			}
		}
		sourcestest.Run(f.t, f.dsn[source][0], f.dsn[source][1], "INSERT INTO "+table+" VALUES ("+strings.Join(marks, ", ")+")", values...)
	}
	people := []struct{ whose, email, number string }{{"ANA", ana, "C-100"}, {"OTHER", other, "C-1000"}}
	id := chance.IntN(1000)
	next := func() int { id++; return id }
	for i, p := range people {
		add("shop", "customers", i+1, p.number, p.email, "Ana Ruiz", f.record(p.whose, "score", i))
		add("billing", "accounts", i+1, p.number, "DE02 1203 0000 0000 2020 "+p.number)
	}
	for n := range 3 + chance.IntN(5) {
		for i, p := range people {
			add("shop", "orders", next(), i+1, f.record(p.whose, "item", n), "Carla "+p.whose)
			add("billing", "invoices", next(), i+1, f.record(p.whose, "invoice", n))
			ticket := next()
			add("support", "tickets", ticket, p.number, f.record(p.whose, "ticket", n))
			for m := range chance.IntN(4) {
				add("support", "messages", next(), ticket, f.record(p.whose, fmt.Sprintf("message-%d", n), m))
			}
		}
	}
	for i, p := range people {
		f.rows = append(f.rows, []string{fmt.Sprintf("K-%d", 10+i), p.email, p.number, f.record(p.whose, "note", i)})
	}
}

// bring imports the CRM's export, and returns what it counts.
func (f *five) bring() sources.Imported {
	f.t.Helper()
	c := f.Sources.Collection("crm", "contacts")
	columns, err := c.Match([]string{"id", "email", "customer_no", "note"}, nil, nil)
	f.must(err)
	at := 0
	n, err := f.Sources.Import(f.t.Context(), sources.Import{
		Source: "crm", Collection: "contacts", Columns: columns, At: f.clock.Now(), Fewer: true,
		Next: func() (int, []string, error) {
			if at == len(f.rows) {
				return 0, nil, io.EOF
			}
			at++
			return at + 1, f.rows[at-1], nil
		},
		Fault: func(fault sources.RowFault) error { return &fault },
	})
	f.must(err)
	return n
}

// some is every row of the databases that holds a word, as text.
func (f *five) some(word string) []string {
	f.t.Helper()
	var out []string
	for source, tables := range map[string][]string{"shop": {"customers", "orders"}, "billing": {"accounts", "invoices"}, "support": {"tickets", "messages"}} {
		for _, table := range tables {
			for _, row := range sourcestest.Rows(f.t, f.dsn[source][0], f.dsn[source][1], "SELECT * FROM "+table) {
				if line := source + " " + table + " " + strings.Join(row, "|"); strings.Contains(line, word) {
					out = append(out, line)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// onlyHers wants every value of hers in a text but those left out, and nothing of whoever looks like her.
func (f *five) onlyHers(what, text string, leftOut ...string) {
	f.t.Helper()
	for _, v := range f.mine {
		without := slices.ContainsFunc(leftOut, func(part string) bool { return strings.Contains(v, part) })
		if strings.Contains(text, v+"\"") == without && strings.Contains(text, v) == without {
			f.t.Errorf("%s: %q is there: %v", what, v, !without)
		}
	}
	for _, v := range append(f.them, other, "C-1000", "Carla") {
		if at := indexWord(text, v); at >= 0 {
			f.t.Errorf("%s holds %q of somebody else: …%s…", what, v, text[max(0, at-40):min(len(text), at+60)])
		}
	}
}

// indexWord finds a value that does not go on: example.co is in example.com.
func indexWord(text, word string) int {
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return -1
		}
		at += from
		end := at + len(word)
		if end == len(text) || !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789", rune(text[end])) {
			return at
		}
		from = end
	}
}

func TestOnePersonInFiveSystemsGetsWhatIsTheirsAndNothingOfWhoLooksLikeThem(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("by chance ", seed), func(t *testing.T) {
			f := inFive(t, seed)
			by := f.customer(ana)
			var held []string
			overview, err := f.Overview(t.Context(), by)
			f.must(err)
			for _, h := range overview {
				held = append(held, h.Collection.Source()+" "+string(h.State))
			}
			slices.Sort(held)
			want := []string{"archive by_hand", "billing ok", "billing ok", "crm ok", "shop ok", "shop ok", "support ok", "support ok"}
			if !slices.Equal(held, want) {
				t.Errorf("she sees %q, want %q", held, want)
			}
			r := f.exported(by)
			f.build()
			f.onlyHers("her copy", f.download(by, r.Ref))

			portable, err := f.Export(t.Context(), by, rights.Portability, "en")
			f.must(err)
			f.build()
			f.onlyHers("what she takes elsewhere", f.download(by, portable.Ref), "score") // derived (WP 242 rev.01)

			officer := f.officer(rights.RoleOfficer)
			for _, task := range f.erasureOf(officer, r.Ref).OpenTasks() {
				if task.Source != "archive" {
					t.Errorf("a task in %s although it could be read", task.Source)
				}
				f.byHand(officer, r.Ref, task, "Two letters copied and handed over")
			}
			if open := f.erasureOf(officer, r.Ref).OpenTasks(); len(open) != 0 {
				t.Errorf("left to do: %v", open)
			}
		})
	}
}

// byHand settles a task as its team says it was done.
func (f *five) byHand(officer rights.Actor, ref string, task rights.Task, note string) {
	f.t.Helper()
	f.must(f.SetTask(f.t.Context(), officer, ref, workflow.TaskChange{ID: task.ID, Version: task.Version, State: rights.TaskDone, Note: note,
		Evidence: rights.Evidence{By: "Jo, Archive", On: rights.DateOf(f.clock.Now().In(f.Location))}}))
}

func TestOnePersonIsErasedInFiveSystemsAndWhoLooksLikeThemIsNotTouched(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("by chance ", seed), func(t *testing.T) {
			f := inFive(t, seed)
			before := f.some("OTHER")
			r := f.erasure(f.customer(ana))
			officer := f.officer(rights.RoleOfficer)
			f.clock.Advance(72 * time.Hour)
			f.runs()
			if after := f.some("OTHER"); !slices.Equal(after, before) {
				t.Errorf("of who looks like her there is\n%s\nwant\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
			}
			for _, line := range f.some("ANA") {
				if !strings.HasPrefix(line, "billing invoices") {
					t.Errorf("left: %s", line)
				}
			}
			folder := f.erasureOf(officer, r.Ref)
			var open []string
			for _, task := range folder.OpenTasks() {
				open = append(open, task.Source)
				f.byHand(officer, r.Ref, task, "Deleted in the system itself")
			}
			slices.Sort(open)
			if !slices.Equal(open, []string{"archive", "crm"}) {
				t.Errorf("left to people: %q", open)
			}
			f.looks()
			if n := f.bring(); n.Forgotten != 1 || n.Same != 1 {
				t.Errorf("an export that still has her: %+v", n)
			}
			f.must(f.Fulfil(t.Context(), officer, r.Ref, f.version(r.Ref), ""))
			says(t, f.letter(ana).Text, "Invoices", "Tax law: § 147 AO", "Nightly backups · Our shop")
			f.until(rights.DateOf(f.clock.Now().In(f.Location)).AddMonths(96).AddDays(1).String())
			if left := f.some("ANA"); len(left) != 0 {
				t.Errorf("after eight years: %q", left)
			}
			if after := f.some("OTHER"); !slices.Equal(after, before) {
				t.Error("after eight years who looks like her was touched")
			}
		})
	}
}
