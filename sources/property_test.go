package sources_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"habeas/sources"
)

// A world is a random shop: every value of every row says whose it is by a token «who», and references are drawn at
// random, across people too. Which tables lie in which of two databases, which end declares a reference and whether it
// has a direction is random as well.
type world struct {
	random *rand.Rand
	home   map[string]int // table → database
	sql    [2]strings.Builder
	yml    [2]strings.Builder
	refs   map[string][]string // field → references declared on it, as YAML
}

// tables of the world: name, identity column, columns that refer to another table, in the order parents first.
var tables = []struct {
	name, meta, identity string
	refs                 [][2]string // column, table whose id it holds
}{
	{"staff", "{person: true}", "email", nil},
	{"customers", "{person: true}", "email", [][2]string{{"rep_id", "staff"}, {"friend_id", "customers"}}},
	{"addresses", "{}", "", [][2]string{{"customer_id", "customers"}}},
	{"makers", "{}", "", nil},
	{"products", "{}", "", [][2]string{{"maker_id", "makers"}}},
	{"orders", "{person: false}", "email", [][2]string{{"customer_id", "customers"}, {"ship_to", "addresses"}}},
	{"lines", "{}", "", [][2]string{{"order_id", "orders"}, {"product_id", "products"}}},
	{"comments", "{}", "", [][2]string{{"customer_id", "customers"}, {"order_id", "orders"}, {"product_id", "products"}, {"parent_id", "comments"}}},
	{"logs", "{person: false}", "email", nil},
}

func newWorld(random *rand.Rand) *world {
	w := &world{random: random, home: map[string]int{}, refs: map[string][]string{}}
	for _, t := range tables {
		w.home[t.name] = random.IntN(2)
	}
	for _, t := range tables {
		for _, r := range t.refs {
			child, parent := t.name+"."+r[0], r[1]+".id"
			// A reference that says no direction, or the natural one, from either end.
			declare := func(on, other, direction string) {
				dataset := fmt.Sprintf("d%d", w.home[strings.SplitN(other, ".", 2)[0]])
				ref := fmt.Sprintf("{dataset: %s, field: %s", dataset, other)
				if direction != "" {
					ref += ", direction: " + direction
				}
				w.refs[on] = append(w.refs[on], ref+"}")
			}
			up := parent == "products.id" || parent == "makers.id" || parent == "staff.id"
			natural := map[bool][2]string{true: {"to", "from"}, false: {"from", "to"}}[up]
			switch random.IntN(4) {
			case 0:
				declare(child, parent, "")
			case 1:
				declare(parent, child, "")
			case 2:
				declare(child, parent, natural[0])
			case 3:
				declare(parent, child, natural[1])
			}
		}
	}
	return w
}

// person is who a row belongs to: a number above zero, or 0 for nobody.
func (w *world) fill(people int) {
	for i := range 2 {
		fmt.Fprintf(&w.yml[i], "dataset:\n  - fides_key: d%d\n    habeas_meta: {erase: delete}\n    collections:\n", i)
	}
	owners := map[string][]int{} // table → owner of each row, by id - 1; 0 for nobody's, -1 for shared
	for _, t := range tables {
		at := w.home[t.name]
		fmt.Fprintf(&w.sql[at], "CREATE TABLE %s (id INTEGER PRIMARY KEY, email TEXT, body TEXT", t.name)
		for _, r := range t.refs {
			fmt.Fprintf(&w.sql[at], ", %s INTEGER", r[0])
		}
		w.sql[at].WriteString(");\n")
		w.describe(at, t.name, t.meta, t.identity, t.refs)
		count := people * 4
		if t.name == "customers" || t.name == "staff" {
			count = people
		}
		for id := 1; id <= count; id++ {
			owner, email := 0, "NULL"
			cells := make([]string, len(t.refs))
			targets := make([]int, len(t.refs))
			for i, r := range t.refs {
				cells[i] = "NULL"
				if n := len(owners[r[1]]); n > 0 && w.random.IntN(4) > 0 {
					targets[i] = 1 + w.random.IntN(n)
					cells[i] = fmt.Sprint(targets[i])
				}
			}
			mailbox := 1 + w.random.IntN(people)
			switch t.name {
			case "customers", "staff":
				owner = id
				if t.name == "staff" {
					owner += people
				}
				email = fmt.Sprintf("'p%d@example.com'", owner)
			case "makers", "products":
				owner = -1
			case "addresses":
				owner = targets[0]
			case "orders":
				email = fmt.Sprintf("'P%d@Example.com '", mailbox)
				if owner = targets[0]; owner == 0 {
					owner = mailbox
				}
			case "lines":
				if targets[0] > 0 {
					owner = owners["orders"][targets[0]-1]
				}
			case "comments":
				if owner = targets[0]; owner == 0 && targets[1] > 0 {
					owner = owners["orders"][targets[1]-1]
				}
			case "logs":
				owner, email = mailbox, fmt.Sprintf("'p%d@example.com'", mailbox)
			}
			owners[t.name] = append(owners[t.name], owner)
			values := append([]string{fmt.Sprint(id), email, fmt.Sprintf("'«%s:%d:%d»'", t.name, id, owner)}, cells...)
			fmt.Fprintf(&w.sql[at], "INSERT INTO %s VALUES (%s);\n", t.name, strings.Join(values, ", "))
		}
	}
}

func (w *world) describe(at int, name, meta, identity string, refs [][2]string) {
	b := &w.yml[at]
	fmt.Fprintf(b, "      - name: %s\n        habeas_meta: %s\n        fields:\n", name, meta)
	field := func(column, more string) {
		if r := w.refs[name+"."+column]; len(r) > 0 {
			more += "references: [" + strings.Join(r, ", ") + "]"
		}
		fmt.Fprintf(b, "          - {name: %s, fides_meta: {%s}}\n", column, strings.TrimSuffix(more, ", "))
	}
	field("id", "primary_key: true, ")
	field("body", "")
	if identity != "" {
		field("email", "identity: email, ")
	}
	for _, r := range refs {
		field(r[0], "")
	}
}

var token = regexp.MustCompile(`«(\w+):\d+:(-?\d+)»`)

func TestNoByteOfAnotherEverAppears(t *testing.T) { everywhere(t, testNoByteOfAnotherEverAppears) }

func testNoByteOfAnotherEverAppears(t *testing.T) {
	const rounds = 12
	for round := range rounds {
		random := rand.New(rand.NewPCG(uint64(round), 7))
		const customers = 6
		w := newWorld(random)
		w.fill(customers)
		var configs []sources.Config
		for i := range 2 {
			if strings.Contains(w.yml[i].String(), "- name") {
				configs = append(configs, source(t, fmt.Sprintf("s%d", i), w.sql[i].String(), w.yml[i].String()))
			}
		}
		set := open(t, configs...)
		all := strings.Join([]string{w.sql[0].String(), w.sql[1].String()}, "")
		for who := 1; who <= 2*customers; who++ {
			out := string(dump(t, set, person(t, set, fmt.Sprintf("p%d@example.com", who))))
			got := map[string]bool{}
			for _, m := range token.FindAllStringSubmatch(out, -1) {
				if got[m[0]] {
					t.Errorf("round %d, person %d: %s comes twice", round, who, m[0])
				}
				got[m[0]] = true
				if m[2] != fmt.Sprint(who) && m[2] != "-1" {
					t.Errorf("round %d: person %d gets %s", round, who, m[0])
				}
			}
			for _, m := range token.FindAllStringSubmatch(all, -1) {
				if m[2] == fmt.Sprint(who) && !got[m[0]] {
					t.Errorf("round %d: person %d does not get %s", round, who, m[0])
				}
			}
		}
		if t.Failed() {
			t.Fatalf("round %d, maps:\n%s\n%s\nwarnings: %v", round, w.yml[0].String(), w.yml[1].String(), set.Warnings())
		}
	}
}

func TestTheMapsOfTheWorldAreAllDifferent(t *testing.T) {
	var seen []string
	for round := range 5 {
		w := newWorld(rand.New(rand.NewPCG(uint64(round), 7)))
		w.fill(2)
		seen = append(seen, w.yml[0].String()+w.yml[1].String())
	}
	slices.Sort(seen)
	if n := len(slices.Compact(seen)); n != 5 {
		t.Errorf("only %d of 5 differ", n)
	}
}
