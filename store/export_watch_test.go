package store

import (
	"testing"

	"habeas/rights"
)

// WatchPlan is how the database finds what is due by a day.
func WatchPlan(t testing.TB, s *Store, last rights.Date, after string) []string {
	t.Helper()
	query, args, err := watchedQuery(last, after, 200)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.from.query(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	plan, err := all(rows, err, func(row scanner) (line string, err error) {
		var id, parent, unused int
		err = row.Scan(&id, &parent, &unused, &line)
		return line, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// OldStrictDays are what the migration computes for requests that were there before the column, by reference.
func OldStrictDays(t testing.TB, s *Store) map[string]string {
	t.Helper()
	rows, err := s.from.query(t.Context(), `SELECT ref, min(due, substr(clock, instr(clock, '"strict_due":"') + 14, 10)) FROM requests
		WHERE due > '' AND instr(clock, '"strict_due":"') > 0`)
	type old struct{ ref, day string }
	found, err := all(rows, err, func(row scanner) (o old, err error) {
		err = row.Scan(&o.ref, &o.day)
		return o, err
	})
	if err != nil {
		t.Fatal(err)
	}
	days := map[string]string{}
	for _, o := range found {
		days[o.ref] = o.day
	}
	return days
}
