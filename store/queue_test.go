package store_test

import (
	"database/sql"
	"errors"
	"maps"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

// theQueue is one request for each case a view must tell apart. Today is 2 March.
func theQueue(t testing.TB, s *store.Store, ona string) map[string]rights.Request {
	t.Helper()
	ana, ben := addSubject(t, s, "ana@example.com"), addSubject(t, s, "ben@example.com")
	day := rights.NewDate
	made := map[string]rights.Request{}
	for _, c := range []struct {
		name   string
		change func(r *rights.Request)
	}{
		{"late", func(r *rights.Request) { r.Due = day(2026, 3, 1) }},
		{"today", func(r *rights.Request) { r.Due, r.Owner = day(2026, 3, 2), ona }},
		{"in a week", func(r *rights.Request) { r.Due, r.Right, r.Subject = day(2026, 3, 9), rights.Erasure, ben.ID }},
		{"later", func(r *rights.Request) { r.Due, r.Owner, r.State = day(2026, 3, 10), "otto", rights.Paused }},
		{"no date", func(r *rights.Request) { r.Due, r.Regime = rights.Date{}, "cn_pipl" }},
		{"done", func(r *rights.Request) {
			r.Due, r.State, r.ClosedAt, r.Owner = day(2026, 2, 1), rights.Fulfilled, noon.Add(-time.Hour), ona
		}},
		{"refused", func(r *rights.Request) { r.State, r.ClosedAt = rights.Refused, noon }},
		{"viewing", func(r *rights.Request) { r.Routine, r.State, r.ClosedAt = true, rights.Fulfilled, noon }},
		{"export under way", func(r *rights.Request) { r.Routine, r.ReceivedAt = true, noon.Add(time.Minute) }},
	} {
		r := aRequest(ana.ID)
		c.change(&r)
		made[c.name] = addRequest(t, s, r)
	}
	return made
}

func TestQueueViewsAndFilters(t *testing.T) {
	s := open(t)
	ona := addStaff(t, s, "ona@example.com")
	made := theQueue(t, s, ona.ID)
	names := map[string]string{}
	for name, r := range made {
		names[r.ID] = name
	}
	for _, c := range []struct {
		query store.QueueQuery
		want  string // in order; sorted where several share a sort value
	}{
		{store.QueueQuery{View: "open"}, "late, today, in a week, later, no date"},
		{store.QueueQuery{}, "late, today, in a week, later, no date"},
		{store.QueueQuery{View: "mine", Me: ona.ID}, "today"},
		{store.QueueQuery{View: "unassigned"}, "late, in a week, no date"},
		{store.QueueQuery{View: "overdue"}, "late"},
		{store.QueueQuery{View: "week"}, "today, in a week"},
		{store.QueueQuery{View: "routine"}, "export under way, viewing"},
		{store.QueueQuery{View: "closed"}, "refused, done"},
		{store.QueueQuery{View: "open", Right: rights.Erasure}, "in a week"},
		{store.QueueQuery{View: "open", State: rights.Paused}, "later"},
		{store.QueueQuery{View: "open", Regime: "cn_pipl"}, "no date"},
		{store.QueueQuery{View: "all", Ref: made["done"].Ref}, "done"},
		{store.QueueQuery{View: "open", Searched: true, Subjects: []string{made["in a week"].Subject}}, "in a week"},
		{store.QueueQuery{View: "open", Searched: true}, ""},
		{store.QueueQuery{View: "open", Searched: true, Subjects: []string{made["in a week"].Subject}, Right: rights.Access}, ""},
	} {
		c.query.Today, c.query.Limit = rights.DateOf(noon), 20
		rows, next, err := s.Queue(bg, c.query)
		check(t, err)
		var got []string
		for _, r := range rows {
			got = append(got, names[r.ID])
		}
		if strings.Join(got, ", ") != c.want || next != "" {
			t.Errorf("%+v:\ngot  %v\nwant %v", c.query, got, c.want)
		}
	}
	if _, _, err := s.Queue(bg, store.QueueQuery{View: "everything", Limit: 1}); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("an unknown view: %v", err)
	}
	rows, _, err := s.Queue(bg, store.QueueQuery{View: "mine", Me: ona.ID, Today: rights.DateOf(noon), Limit: 1})
	check(t, err)
	if rows[0].OwnerName != "Ona Officer" || rows[0].Mailbox != "ana@example.com" || !reflect.DeepEqual(rows[0].Request, made["today"]) {
		t.Errorf("a row came back as %+v", rows[0])
	}
}

func TestQueueCountsAgreeWithTheViewsAfterEveryChange(t *testing.T) {
	s := open(t)
	ona := addStaff(t, s, "ona@example.com")
	made := theQueue(t, s, ona.ID)
	today := rights.DateOf(noon)
	agree := func(when string) {
		t.Helper()
		counts, err := s.QueueCounts(bg, ona.ID, today)
		check(t, err)
		for view, n := range counts {
			rows, _, err := s.Queue(bg, store.QueueQuery{View: view, Me: ona.ID, Today: today, Limit: 50})
			check(t, err)
			if len(rows) != n {
				t.Errorf("%s, %s: counted %d, there are %d", when, view, n, len(rows))
			}
		}
	}
	agree("at first")
	change := func(name string, fn func(r *rights.Request)) {
		r := made[name]
		fn(&r)
		write(t, s, func(tx *store.Tx) error { return tx.UpdateRequest(r, why("request.changed")) })
		agree(name)
	}
	change("late", func(r *rights.Request) { r.Owner = ona.ID })
	change("today", func(r *rights.Request) { r.State, r.ClosedAt = rights.Fulfilled, noon })
	change("later", func(r *rights.Request) { r.Due = rights.NewDate(2026, 2, 20) })
	change("export under way", func(r *rights.Request) { r.Routine = false })
	write(t, s, func(tx *store.Tx) error { _, err := tx.Sweep(noon); return err })
	agree("after a sweep")
}

// TestPagesOfTheQueueNeitherRepeatNorMiss pages through requests most of which share their sort value, while others
// are closed between the pages.
func TestPagesOfTheQueueNeitherRepeatNorMiss(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "ana@example.com")
	random := rand.New(rand.NewPCG(1, 2))
	all := map[string]rights.Request{}
	for i := range 90 {
		r := aRequest(sub.ID)
		r.Due = rights.NewDate(2026, 3, 1+random.IntN(4))
		r.ReceivedAt = noon.Add(time.Duration(random.IntN(3)) * time.Minute)
		if i%3 == 0 {
			r.State, r.ClosedAt = rights.Cancelled, noon.Add(time.Duration(random.IntN(3))*time.Minute)
		}
		all[r.ID] = addRequest(t, s, r)
	}
	for _, view := range []string{"open", "closed", "all"} {
		whole, _, err := s.Queue(bg, store.QueueQuery{View: view, Limit: 100})
		check(t, err)
		var want, got []string
		for _, r := range whole {
			want = append(want, r.ID)
		}
		for after := ""; ; {
			rows, next, err := s.Queue(bg, store.QueueQuery{View: view, After: after, Limit: 7})
			check(t, err)
			for _, r := range rows {
				got = append(got, r.ID)
			}
			if after = next; after == "" {
				break
			}
		}
		if !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s: pages differ from the whole", view)
		}
	}
	var seen []string
	rows, next, err := s.Queue(bg, store.QueueQuery{View: "open", Limit: 20})
	check(t, err)
	for _, r := range rows {
		seen = append(seen, r.ID)
		r.State, r.ClosedAt = rights.Fulfilled, noon
		write(t, s, func(tx *store.Tx) error { return tx.UpdateRequest(r.Request, why("request.fulfilled")) })
	}
	rest, _, err := s.Queue(bg, store.QueueQuery{View: "open", After: next, Limit: 100})
	check(t, err)
	for _, r := range rest {
		seen = append(seen, r.ID)
	}
	sort.Strings(seen)
	if len(slices.Compact(seen)) != 60 {
		t.Errorf("%d of 60 were shown", len(slices.Compact(seen)))
	}
}

// marks are where a page begins in the middle of each order.
var marks = map[string]string{"due": "2026-03-03.x", "received": "1772452800000.x", "closed": "1772452800000.x"}

// steps are how a page of the queue is read, as the database plans it.
func steps(t *testing.T, db *sql.DB, st store.Statement) (out []string) {
	t.Helper()
	rows, err := db.Query("EXPLAIN QUERY PLAN "+st.Text, st.Args...)
	check(t, err)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		check(t, rows.Scan(&id, &parent, &unused, &step))
		out = append(out, step)
	}
	check(t, rows.Err())
	return out
}

// TestEveryPageIsAWalkAlongAnIndex takes every view in every order it has, with each filter alone and with those that
// officers put together: nothing is sorted, no request is looked at that no index led to, and no index is kept for nothing.
func TestEveryPageIsAWalkAlongAnIndex(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	theQueue(t, s, "ona")
	sub, random := addSubject(t, s, "cleo@example.com"), rand.New(rand.NewPCG(7, 8))
	for range 300 {
		addRequest(t, s, anything(random, sub.ID))
	}
	db := raw(t, dir)
	unused := map[string]bool{}
	rows, err := db.Query(`SELECT name FROM sqlite_master WHERE type = 'index' AND
		(name LIKE 'requests_open_%' OR name LIKE 'requests_closed_%' OR name LIKE 'requests_routine_%')`)
	check(t, err)
	for rows.Next() {
		var name string
		check(t, rows.Scan(&name))
		unused[name] = true
	}
	check(t, rows.Close())
	index := regexp.MustCompile(`INDEX (requests_\w+)`)
	filters := []store.QueueQuery{
		{}, {Right: rights.Access}, {Right: rights.Portability}, {State: rights.InProgress}, {State: rights.Cancelled}, {Regime: "ccpa"},
		{Owner: "ona"}, {Owner: "nobody"}, {Channel: rights.ByPhone}, {Language: "zh-CN"}, {Due: "overdue"}, {Due: "today"}, {Due: "week"}, {Due: "none"},
		{Right: rights.Access, Owner: "ona"}, {Right: rights.Erasure, State: rights.Received}, {Right: rights.Access, Regime: "cn_pipl"},
		{Right: rights.Access, Due: "week"}, {Owner: "ona", Due: "overdue"},
		{Language: "zh-CN", Regime: "cn_pipl", State: rights.Paused}, {Language: "zh-CN", Regime: "cn_pipl", State: rights.Refused},
		{Channel: rights.ByPhone, Language: "zh-CN", Owner: "ona"},
	}
	asked, seen := 0, map[string]bool{}
	for _, view := range []string{"open", "mine", "unassigned", "overdue", "week", "closed", "routine", "all"} {
		for _, order := range store.QueueSorts(view) {
			for _, q := range filters {
				for _, after := range []string{"", marks[strings.TrimPrefix(order, "-")]} {
					q.View, q.Sort, q.After, q.Me, q.Today, q.Limit = view, order, after, "ona", rights.DateOf(noon), 50
					for _, st := range store.QueueSQL(t, s, q) {
						if asked++; seen[st.Text] {
							continue // the plan is that of the text
						}
						seen[st.Text] = true
						for _, step := range steps(t, db, st) {
							if strings.Contains(step, "TEMP B-TREE") || strings.Contains(step, "SCAN r") && !strings.Contains(step, "INDEX") {
								t.Errorf("%+v: %s", q, step)
							}
							if m := index.FindStringSubmatch(step); m != nil {
								delete(unused, m[1])
							}
						}
					}
				}
			}
		}
	}
	if len(unused) > 0 {
		t.Errorf("no page is a walk along %v", slices.Sorted(maps.Keys(unused)))
	}
	if asked < 1000 || len(seen) > asked/5 {
		t.Errorf("%d queries are asked in %d texts: each is prepared and kept", asked, len(seen))
	}
}
