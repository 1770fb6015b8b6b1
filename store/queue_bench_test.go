package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"habeas/rights"
	"habeas/store"
)

// BenchmarkQueue reads the queue of houses of three sizes, in every way that a page of it is read, and prints what each
// way costs with how much it grows from one size to the next.
func BenchmarkQueue(b *testing.B) {
	sizes := []int{1_000, 100_000, 1_000_000}
	cost := map[string][]time.Duration{}
	var names []string
	for _, size := range sizes {
		s, query := aHouse(b, size)
		for _, c := range queueCases {
			q := query(c.query)
			for range c.page - 1 {
				_, next, err := s.Queue(bg, q)
				check(b, err)
				if next == "" {
					break // of a thousand there is no such page: the last
				}
				q.After = next
			}
			timed(b, size, c.name, cost, &names, func() error {
				rows, _, err := s.Queue(bg, q)
				if err == nil && len(rows) == 0 {
					err = fmt.Errorf("an empty page of %+v", q)
				}
				return err
			})
		}
		timed(b, size, "counts: built-in and 20 saved", cost, &names, func() error {
			if _, err := s.QueueCounts(bg, "member-1", rights.DateOf(noon)); err != nil {
				return err
			}
			views, err := s.SavedViews(bg, "member-1", rights.DateOf(noon))
			if err == nil && len(views) != 20 {
				err = fmt.Errorf("%d views", len(views))
			}
			return err
		})
	}
	growth(names, sizes, cost)
}

var queueCases = []struct {
	name  string
	page  int
	query store.QueueQuery
}{
	{"first page", 1, store.QueueQuery{View: "open"}},
	{"page 500", 500, store.QueueQuery{View: "open"}},
	{"mine", 1, store.QueueQuery{View: "mine"}},
	{"unassigned", 1, store.QueueQuery{View: "unassigned"}},
	{"overdue", 1, store.QueueQuery{View: "overdue"}},
	{"closed", 1, store.QueueQuery{View: "closed"}},
	{"all", 1, store.QueueQuery{View: "all"}},
	{"right", 1, store.QueueQuery{View: "open", Right: rights.Erasure}},
	{"state", 1, store.QueueQuery{View: "open", State: rights.Paused}},
	{"regime", 1, store.QueueQuery{View: "open", Regime: "ccpa"}},
	{"owner", 1, store.QueueQuery{View: "open", Owner: "member-2"}},
	{"channel", 1, store.QueueQuery{View: "open", Channel: rights.ByPhone}},
	{"language", 1, store.QueueQuery{View: "open", Language: "zh-CN"}},
	{"due this week", 1, store.QueueQuery{View: "open", Due: "week"}},
	{"right, newest first", 1, store.QueueQuery{View: "open", Right: rights.Erasure, Sort: "-received"}},
	{"right, of all", 1, store.QueueQuery{View: "all", Right: rights.Erasure}},
	{"overdue, newest first", 1, store.QueueQuery{View: "overdue", Sort: "-received"}},
	{"a rare channel", 1, store.QueueQuery{View: "open", Channel: rights.ByCounter}},
	{"a rare channel, a common right", 1, store.QueueQuery{View: "open", Channel: rights.ByCounter, Right: rights.Access}},
	{"right and regime", 1, store.QueueQuery{View: "open", Right: rights.Erasure, Regime: "ccpa"}},
	{"owner and right", 1, store.QueueQuery{View: "open", Owner: "member-2", Right: rights.Erasure}},
}

// timed measures one way to read, and keeps the middle of its readings, which a busy machine moves less than their mean.
func timed(b *testing.B, size int, name string, cost map[string][]time.Duration, names *[]string, read func() error) {
	var per time.Duration
	b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
		check(b, read()) // whose pages are warm, as those of a desk at work are
		var each []time.Duration
		for b.Loop() {
			start := time.Now()
			if err := read(); err != nil {
				b.Fatal(err)
			}
			each = append(each, time.Since(start))
		}
		slices.Sort(each)
		per = each[len(each)/2]
	})
	if per == 0 {
		return // left out by -bench
	}
	if cost[name] == nil {
		*names = append(*names, name)
	}
	cost[name] = append(cost[name], per)
}

// growth prints the figures: what each size costs, how much dearer the last is than the first, and that by decade.
func growth(names []string, sizes []int, cost map[string][]time.Duration) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\npage of 50\t%s\tlast ÷ first\t\n", strings.Trim(strings.ReplaceAll(fmt.Sprint(sizes), " ", "\t"), "[]"))
	for _, name := range names {
		fmt.Fprintf(w, "%s\t", name)
		for _, d := range cost[name] {
			fmt.Fprintf(w, "%s\t", d.Round(time.Microsecond))
		}
		fmt.Fprintf(w, "%.2f\t\n", float64(cost[name][len(cost[name])-1])/float64(cost[name][0]))
	}
	_ = w.Flush()
}

// aHouse is a store with so many requests, half of them open, and the query that a member of its staff asks with.
func aHouse(b *testing.B, size int) (*store.Store, func(store.QueueQuery) store.QueueQuery) {
	b.Helper()
	dir := b.TempDir()
	s := openIn(b, dir)
	start := time.Now()
	seed(b, s, dir, size)
	b.Logf("%d requests in %s", size, time.Since(start).Round(time.Millisecond))
	start = time.Now()
	for i, q := range append([]store.QueueQuery{{View: "mine"}, {View: "open", Due: "today"}}, filters(18)...) {
		q.Me, q.Today = "member-1", rights.DateOf(noon)
		write(b, s, func(tx *store.Tx) error {
			v := store.SavedView{ID: newID(), Staff: []string{"", "member-1"}[i%2], Name: fmt.Sprint("view ", i), Query: q, MadeAt: noon}
			return tx.InsertSavedView(v, why("view.saved"))
		})
	}
	b.Logf("20 views of them in %s", time.Since(start).Round(time.Millisecond))
	return s, func(q store.QueueQuery) store.QueueQuery {
		q.Me, q.Today, q.Limit = "member-1", rights.DateOf(noon), 50
		return q
	}
}

// filters are the first n queries of the cases that narrow something.
func filters(n int) (out []store.QueueQuery) {
	for _, c := range queueCases {
		if out = append(out, c.query); len(out) == n {
			break
		}
	}
	return out
}

// seed adds requests past the single acts, and through the same triggers: ten thousand a transaction.
func seed(b testing.TB, s *store.Store, dir string, size int) {
	b.Helper()
	var people []string
	for i := range min(size/10, 1000) {
		people = append(people, addSubject(b, s, fmt.Sprintf("person%d@example.com", i)).ID)
	}
	g, _ := rights.RegimeByID("eu_gdpr")
	clock, err := json.Marshal(g.Clock(rights.Access, rights.Facts{Received: noon, Location: time.UTC, Country: "DE"}))
	check(b, err)
	db := raw(b, dir)
	for _, pragma := range []string{"synchronous = OFF", "temp_store = MEMORY", "cache_size = -200000"} {
		_, err := db.Exec("PRAGMA " + pragma)
		check(b, err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(values ...string) string { return values[random.IntN(len(values))] }
	for done := 0; done < size; {
		tx, err := db.BeginTx(context.Background(), nil)
		check(b, err)
		insert, err := tx.Prepare(`INSERT INTO requests (id, ref, subject_id, "right", regime, channel, language, state, is_open, routine, received_at,
				closed_at, due, clock, owner_id, identity)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'mailbox')`)
		check(b, err)
		for range min(10_000, size-done) {
			received := noon.Add(-time.Duration(size-done) * (40 * 24 * time.Hour / time.Duration(size)))
			state, open, routine, closed := pick("received", "in_progress", "in_progress", "paused"), 1, 0, int64(0)
			if done%2 == 1 {
				state, open, closed = pick("fulfilled", "fulfilled", "refused"), 0, received.Add(time.Hour).UnixMilli()
				routine = done / 2 % 2
			}
			channel := pick("portal", "portal", "portal", "phone", "email")
			if open == 1 && done%(size/50) == 0 {
				channel = "counter" // fifty, however many there are
			}
			due := rights.DateOf(received).AddDays(30 + random.IntN(15)).String()
			if random.IntN(50) == 0 {
				due = ""
			}
			owner := fmt.Sprintf("member-%d", random.IntN(20))
			if random.IntN(3) == 0 {
				owner = ""
			}
			ref := [8]byte{}
			for i := range ref {
				ref[i] = byte(random.Uint32())
			}
			_, err := insert.Exec(fmt.Sprintf("%012x%020x", received.UnixMilli(), random.Uint64()), fmt.Sprintf("%s %d", rights.NewRef(ref[:]), done),
				people[random.IntN(len(people))], pick("access", "access", "access", "erasure", "erasure", "rectification", "objection", "portability"),
				pick("eu_gdpr", "eu_gdpr", "uk_gdpr", "ccpa", "cn_pipl"), channel, pick("en", "en", "zh-CN"), state, open, routine, received.UnixMilli(), closed,
				due, string(clock), owner)
			check(b, err)
			done++
		}
		check(b, insert.Close())
		check(b, tx.Commit())
	}
}
