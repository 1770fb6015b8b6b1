package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

// Requests come, are answered, reopened, given away and answered again in any order: what is kept is what a count of
// all requests would find.
func TestTheKeptNumbersAreWhatACountWouldFind(t *testing.T) {
	dir := t.TempDir()
	berlin, err := time.LoadLocation("Europe/Berlin")
	check(t, err)
	s, err := store.Open(t.Context(), store.Options{Dir: dir, Now: clock, Location: berlin})
	check(t, err)
	sub := addSubject(t, s, "a@example.com")
	chance := rand.New(rand.NewPCG(7, 11))
	var all []rights.Request
	states := []rights.State{rights.InProgress, rights.Paused, rights.Fulfilled, rights.Refused, rights.Cancelled}
	write(t, s, func(tx *store.Tx) error {
		for range 300 {
			r := aRequest(sub.ID)
			r.Right, r.Regime = rights.Rights[chance.IntN(len(rights.Rights))], rights.Regimes[chance.IntN(3)].ID
			r.Channel, r.Routine = rights.Channels[chance.IntN(2)], chance.IntN(3) == 0
			r.ReceivedAt = noon.Add(time.Duration(chance.IntN(60*24)) * time.Hour)
			r.Due = rights.DateOf(r.ReceivedAt).AddDays(30)
			if r.Routine {
				r.State, r.ClosedAt = rights.Fulfilled, r.ReceivedAt
			}
			if err := tx.InsertRequest(r, why("request.received")); err != nil {
				return err
			}
			all = append(all, r)
		}
		for range 2000 {
			r := &all[chance.IntN(len(all))]
			r.State, r.Ground, r.Owner = states[chance.IntN(len(states))], "", fmt.Sprint(chance.IntN(3))
			r.ClosedAt = time.Time{}
			if !r.State.Open() {
				r.ClosedAt = r.ReceivedAt.Add(time.Duration(chance.IntN(60*24)) * time.Hour)
			}
			if r.State == rights.Refused || r.State == rights.Fulfilled && chance.IntN(4) == 0 {
				r.Ground = []string{"exempt", "unidentified"}[chance.IntN(2)]
			}
			if chance.IntN(5) == 0 {
				r.Regime = rights.Regimes[chance.IntN(3)].ID
			}
			if err := tx.UpdateRequest(*r, why("request.changed")); err != nil {
				return err
			}
			r.Version++
		}
		return nil
	})
	first, last := rights.NewDate(2026, 1, 1), rights.NewDate(2027, 12, 31)
	day := func(at time.Time) rights.Date { return rights.DateOf(at.In(berlin)) }

	came, answered := map[rights.CameIn]int{}, map[rights.Answered]int{}
	cameOn, answeredOn := map[rights.Date]int{}, map[rights.Date]int{}
	for _, r := range all {
		came[rights.CameIn{Routine: r.Routine, Right: r.Right, Regime: r.Regime, Channel: r.Channel}]++
		if !r.Routine && r.Right != rights.Consent {
			cameOn[day(r.ReceivedAt)]++
		}
		if r.State.Open() {
			continue
		}
		answered[rights.Answered{
			Routine: r.Routine, Right: r.Right, Regime: r.Regime, Channel: r.Channel, State: r.State, Ground: r.Ground,
			Late: day(r.ClosedAt).After(r.Due), Days: day(r.ReceivedAt).DaysUntil(day(r.ClosedAt)),
		}]++
		if !r.Routine && r.Right != rights.Consent && r.State != rights.Cancelled {
			answeredOn[day(r.ClosedAt)]++
		}
	}
	gotCame, err := s.CameIn(bg, first, last)
	check(t, err)
	for _, c := range gotCame {
		n := c.N
		c.N = 0
		if came[c] != n {
			t.Errorf("%+v: kept %d, there are %d", c, n, came[c])
		}
		delete(came, c)
	}
	gotAnswered, err := s.Answered(bg, first, last)
	check(t, err)
	for _, a := range gotAnswered {
		n := a.N
		a.N = 0
		if answered[a] != n {
			t.Errorf("%+v: kept %d, there are %d", a, n, answered[a])
		}
		delete(answered, a)
	}
	if len(came)+len(answered) > 0 {
		t.Errorf("not kept: %v, %v", came, answered)
	}
	byDay, err := s.CameInByDay(bg, first, last)
	check(t, err)
	for _, c := range byDay {
		if cameOn[c.Day] != c.N {
			t.Errorf("on %s came %d, kept is %d", c.Day, cameOn[c.Day], c.N)
		}
	}
	closed, err := s.AnsweredByDay(bg, first, last)
	check(t, err)
	for _, a := range closed {
		answeredOn[a.Day] -= a.N
	}
	for d, n := range answeredOn {
		if n != 0 {
			t.Errorf("on %s the kept number of answers is off by %d", d, n)
		}
	}
	year, err := s.AnsweredOfYear(bg, 2026, rights.NewDate(2030, 1, 1))
	check(t, err)
	sum := 0
	for _, a := range year {
		sum += a.N
	}
	open := 0
	for _, r := range all {
		if r.State.Open() {
			open++
		}
	}
	if sum != len(all)-open {
		t.Errorf("of %d requests of the year %d are answered, kept is %d", len(all), len(all)-open, sum)
	}
	check(t, s.Close())
}

// A day is the house's: what came half an hour after midnight there came on that day, not on the one in Greenwich.
func TestNumbersGoByTheDayOfTheHouse(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	check(t, err)
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Now: clock, Location: berlin})
	check(t, err)
	r := aRequest(addSubject(t, s, "a@example.com").ID)
	r.ReceivedAt = time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC)
	addRequest(t, s, r)
	got, err := s.CameInByDay(bg, rights.NewDate(2026, 3, 2), rights.NewDate(2026, 3, 2))
	check(t, err)
	if len(got) != 1 || got[0].N != 1 {
		t.Errorf("on 2 March came %+v", got)
	}
	check(t, s.Close())
}
