package store_test

import (
	"errors"
	"slices"
	"testing"

	"habeas/rights"
	"habeas/store"
)

// listed are the tasks that a query finds, as request and source, page by page.
func listed(t *testing.T, s *store.Store, q store.TaskQuery) (out []string) {
	t.Helper()
	for range 100 {
		rows, next, err := s.Tasks(bg, q)
		check(t, err)
		if q.Limit > 0 && len(rows) > q.Limit {
			t.Fatalf("%d tasks on a page of %d", len(rows), q.Limit)
		}
		for _, row := range rows {
			out = append(out, row.Ref+" "+row.Source)
		}
		if q.After = next; next == "" {
			return out
		}
	}
	t.Fatal("the pages never end")
	return nil
}

func TestTheListOfTasksIsInTheOrderOfTheirDays(t *testing.T) {
	s := open(t)
	subject := addSubject(t, s, "ana@example.com").ID
	add := func(ref string, due rights.Date, change func(*rights.Request), sources ...string) rights.Request {
		r := aRequest(subject)
		r.Ref, r.Due = ref, due
		change(&r)
		r = addRequest(t, s, r)
		var tasks []rights.Task
		for _, source := range sources {
			tasks = append(tasks, aTask(r, source, ""))
		}
		write(t, s, func(tx *store.Tx) error { return tx.InsertTasks(tasks, why("tasks.made")) })
		return r
	}
	plain := func(*rights.Request) {}
	day := func(d int) rights.Date { return rights.NewDate(2026, 12, d) }
	add("late", day(9), plain, "shop", "archive")
	undated := add("undated", rights.Date{}, plain, "archive", "shop")
	add("soon", day(2), func(r *rights.Request) { r.Owner = "mei" }, "shop", "archive", "")
	add("erasing", day(5), func(r *rights.Request) { r.Right = rights.Erasure }, "shop")
	add("closed", day(1), func(r *rights.Request) { r.State, r.ClosedAt = rights.Fulfilled, noon }, "shop")
	told := add("told", day(1), func(r *rights.Request) { r.State, r.ClosedAt = rights.Fulfilled, noon })
	recipient := aTask(told, "shop", "")
	recipient.Kind = rights.TaskRecipient
	write(t, s, func(tx *store.Tx) error { return tx.InsertTasks([]rights.Task{recipient}, why("tasks.made")) })
	done := add("done", day(1), plain, "shop")
	tasks, err := s.TasksOf(bg, done.ID)
	check(t, err)
	tasks[0].State = rights.TaskDone
	write(t, s, func(tx *store.Tx) error { return tx.UpdateTask(tasks[0], why("task.settled")) })

	undatedOnes := []string{"undated archive", "undated shop", "told shop"}
	if told.ID < undated.ID {
		undatedOnes = []string{"told shop", "undated archive", "undated shop"}
	}
	whole := append([]string{"soon shop", "soon archive", "soon ", "erasing shop", "late shop", "late archive"}, undatedOnes...)
	for _, row := range []struct {
		why  string
		q    store.TaskQuery
		want []string
	}{
		{"what is due first comes first; what has no day comes last, as what is owed to a recipient after the answer", store.TaskQuery{}, whole},
		{"of one source", store.TaskQuery{Sources: []string{"archive"}}, []string{"soon archive", "late archive", "undated archive"}},
		{"of two sources", store.TaskQuery{Sources: []string{"archive", "shop"}}, slices.DeleteFunc(slices.Clone(whole), func(s string) bool { return s == "soon " })},
		{"of one right", store.TaskQuery{Right: rights.Erasure}, []string{"erasing shop"}},
		{"of somebody's requests", store.TaskQuery{Owner: "mei"}, []string{"soon shop", "soon archive", "soon "}},
		{"of all that together", store.TaskQuery{Owner: "mei", Right: rights.Erasure}, nil},
	} {
		for limit := range 10 {
			row.q.Limit = limit
			if got := listed(t, s, row.q); !slices.Equal(got, row.want) {
				t.Errorf("%s, %d a page: %v, want %v", row.why, limit, got, row.want)
			}
		}
	}
	for _, mark := range []string{"x", "2026-12-02.x", "2026-12-02.x-y"} {
		if _, _, err := s.Tasks(bg, store.TaskQuery{After: mark}); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("mark %q: %v", mark, err)
		}
	}
}
