package store_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

// anything is a request of any sort: every value by which a queue is narrowed or ordered is common here and rare there.
func anything(random *rand.Rand, subject string) rights.Request {
	r := aRequest(subject)
	r.Right = oneOf(random, rights.Access, rights.Access, rights.Erasure, rights.Objection)
	r.Regime = oneOf(random, "eu_gdpr", "eu_gdpr", "ccpa", "cn_pipl")
	r.Channel = oneOf(random, rights.ByPortal, rights.ByPortal, rights.ByPortal, rights.ByPhone)
	r.Language = oneOf(random, "en", "en", "zh-CN")
	r.Owner = oneOf(random, "", "", "ona", "otto")
	r.Routine = random.IntN(5) == 0
	r.State = oneOf(random, rights.Received, rights.InProgress, rights.InProgress, rights.Paused, rights.Fulfilled, rights.Refused)
	r.ReceivedAt = noon.Add(time.Duration(random.IntN(60)) * time.Hour)
	if !r.State.Open() {
		r.ClosedAt = r.ReceivedAt.Add(time.Duration(random.IntN(60)) * time.Hour)
	}
	r.Due = rights.DateOf(noon).AddDays(random.IntN(20) - 6)
	if random.IntN(8) == 0 {
		r.Due = rights.Date{}
	}
	return r
}

func oneOf[T any](random *rand.Rand, values ...T) T { return values[random.IntN(len(values))] }

// anyQuery narrows by a few things at once, and often by nothing.
func anyQuery(random *rand.Rand) store.QueueQuery {
	q := store.QueueQuery{Me: "ona", Today: rights.DateOf(noon)}
	q.View = oneOf(random, "open", "open", "mine", "unassigned", "overdue", "week", "closed", "routine", "all")
	q.Sort = oneOf(random, store.QueueSorts(q.View)...)
	q.Right = oneOf(random, "", "", "", rights.Access, rights.Erasure, rights.Portability)
	q.State = oneOf(random, "", "", "", rights.InProgress, rights.Paused, rights.Fulfilled)
	q.Regime = oneOf(random, "", "", "", "ccpa", "eu_gdpr")
	q.Owner = oneOf(random, "", "", "", "ona", "otto", "nobody")
	q.Channel = oneOf(random, "", "", "", rights.ByPhone)
	q.Language = oneOf(random, "", "", "", "zh-CN")
	q.Due = oneOf(random, "", "", "", "overdue", "today", "week", "none")
	return q
}

// holds says in plain words which requests a query means.
func holds(q store.QueueQuery, r rights.Request) bool {
	open, today := r.State.Open() && !r.Routine, q.Today
	late := !r.Due.IsZero() && r.Due.Before(today)
	soon := !r.Due.IsZero() && !r.Due.Before(today) && !r.Due.After(today.AddDays(7))
	return map[string]bool{
		"open": open, "mine": open && r.Owner == q.Me, "unassigned": open && r.Owner == "", "overdue": open && late, "week": open && soon,
		"closed": !r.State.Open() && !r.Routine, "routine": r.Routine, "all": true,
	}[q.View] && map[string]bool{
		"": true, "overdue": open && late, "today": open && r.Due == today, "week": open && soon, "none": open && r.Due.IsZero(),
	}[q.Due] && (q.Owner == "" || r.Owner == strings.TrimPrefix(q.Owner, "nobody")) &&
		(q.Right == "" || q.Right == r.Right) && (q.State == "" || q.State == r.State) && (q.Regime == "" || q.Regime == r.Regime) &&
		(q.Channel == "" || q.Channel == r.Channel) && (q.Language == "" || q.Language == r.Language)
}

// compare orders requests as a query does, what has no date last where the earliest day is first.
func compare(sort string, a, b rights.Request) int {
	day := func(r rights.Request) string {
		if r.Due.IsZero() && sort == "due" {
			return "~"
		}
		return r.Due.String()
	}
	by := map[string]int{
		"due": cmp.Compare(day(a), day(b)), "received": a.ReceivedAt.Compare(b.ReceivedAt), "closed": a.ClosedAt.Compare(b.ClosedAt),
	}[strings.TrimPrefix(sort, "-")]
	if by = cmp.Or(by, cmp.Compare(a.ID, b.ID)); strings.HasPrefix(sort, "-") {
		return -by
	}
	return by
}

// TestEveryQueryShowsWhatItMeansInItsOrder pages through random queries and compares with a plain filter and sort.
func TestEveryQueryShowsWhatItMeansInItsOrder(t *testing.T) {
	s := open(t)
	random := rand.New(rand.NewPCG(3, 4))
	sub := addSubject(t, s, "ana@example.com")
	var made []rights.Request
	write(t, s, func(tx *store.Tx) error {
		for range 300 {
			made = append(made, anything(random, sub.ID))
			if err := tx.InsertRequest(made[len(made)-1], why("request.submitted")); err != nil {
				return err
			}
		}
		return nil
	})
	shown := 0
	for range 400 {
		q := anyQuery(random)
		q.Limit = oneOf(random, 5, 11)
		if random.IntN(10) == 0 {
			q.Searched, q.Subjects = true, []string{sub.ID, "somebody else"}
		}
		var want, got []string
		sorted := slices.SortedFunc(slices.Values(made), func(a, b rights.Request) int { return compare(q.Sort, a, b) })
		for _, r := range sorted {
			if holds(q, r) {
				want = append(want, r.Ref)
			}
		}
		for {
			rows, next, err := s.Queue(bg, q)
			check(t, err)
			for _, r := range rows {
				got = append(got, r.Ref)
			}
			if len(rows) > q.Limit || len(got) > len(made) {
				t.Fatalf("%+v: a page of %d", q, len(rows))
			}
			if q.After = next; next == "" {
				break
			}
		}
		if q.After = ""; !slices.Equal(got, want) {
			t.Fatalf("%+v:\ngot  %d %v\nwant %d %v", q, len(got), got, len(want), want)
		}
		shown += len(got)
	}
	if shown < 2000 {
		t.Errorf("the queries found %d in all: too little to show anything", shown)
	}
}

// TestARareFilterMergesAllTheKindsThatOneStatementTakes asks for what is rare in all three lots, and of as many kinds in each
// as are merged at once, and of more.
func TestARareFilterMergesAllTheKindsThatOneStatementTakes(t *testing.T) {
	for _, kinds := range []int{128, 129} {
		s := open(t)
		sub := addSubject(t, s, "ana@example.com")
		write(t, s, func(tx *store.Tx) error {
			for lot := range 3 {
				for i := range kinds + 300 {
					r := aRequest(sub.ID)
					r.ReceivedAt = noon.Add(time.Duration((i*37)%101) * time.Minute)
					if i < kinds {
						r.Language, r.Right, r.Regime = "zh-CN", rights.Rights[i%5], fmt.Sprint("law-", i/5)
					}
					if lot > 0 {
						r.State, r.ClosedAt, r.Routine = rights.Fulfilled, noon, lot == 2
					}
					if err := tx.InsertRequest(r, why("request.submitted")); err != nil {
						return err
					}
				}
			}
			return nil
		})
		q := store.QueueQuery{View: "all", Language: "zh-CN", Limit: 500}
		merged := strings.Count(store.QueueSQL(t, s, q)[0].Text, "UNION ALL")
		if want := map[int]int{128: 3*128 - 1, 129: 2}[kinds]; merged != want {
			t.Errorf("of %d kinds a lot %d walks are merged with the first, want %d", kinds, merged, want)
		}
		rows, next, err := s.Queue(bg, q)
		check(t, err)
		if len(rows) != 3*kinds || next != "" || !slices.IsSortedFunc(rows, func(a, b store.QueueRow) int { return compare("-received", a.Request, b.Request) }) {
			t.Errorf("of %d kinds a lot it shows %d requests, in order or not", kinds, len(rows))
		}
	}
}

// TestTheCountOfAViewIsWhatItShows keeps random views through a random life of the requests, on several days.
func TestTheCountOfAViewIsWhatItShows(t *testing.T) {
	s := open(t)
	random := rand.New(rand.NewPCG(5, 6))
	sub := addSubject(t, s, "ana@example.com")
	var made []rights.Request
	more := func(n int) {
		for range n {
			made = append(made, addRequest(t, s, anything(random, sub.ID)))
		}
	}
	more(80)
	for i := range 40 {
		q := anyQuery(random)
		v := store.SavedView{ID: newID(), Staff: oneOf(random, "ona", ""), Name: fmt.Sprint("view ", i), Query: q, MadeAt: noon, MadeBy: "ona"}
		write(t, s, func(tx *store.Tx) error { return tx.InsertSavedView(v, why("view.saved")) })
	}
	more(40)
	held := 0
	for round := range 12 {
		for range 15 {
			i := random.IntN(len(made))
			r := anything(random, sub.ID)
			r.ID, r.Ref, r.Version, r.ReceivedAt, r.Right, r.Channel = made[i].ID, made[i].Ref, made[i].Version, made[i].ReceivedAt, made[i].Right, made[i].Channel
			write(t, s, func(tx *store.Tx) error { return tx.UpdateRequest(r, why("request.changed")) })
			r.Version++
			made[i] = r
		}
		today := rights.DateOf(noon).AddDays(round - 3)
		views, err := s.SavedViews(bg, "ona", today)
		check(t, err)
		if len(views) != 40 {
			t.Fatalf("%d views", len(views))
		}
		for _, v := range views {
			q, n := v.Query, 0
			q.Me, q.Today = "ona", today
			for _, r := range made {
				if holds(q, r) {
					n++
				}
			}
			held += n
			if v.Count != n {
				t.Errorf("on %s %+v counts %d, it holds %d", today, q, v.Count, n)
			}
		}
	}
	if held < 500 {
		t.Errorf("the views held %d in all: too little to show anything", held)
	}
}
