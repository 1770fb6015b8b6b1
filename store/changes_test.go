package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"habeas/rights"
	"habeas/store"
)

// next is what a listener hears, or nothing.
func next(t *testing.T, c *store.Changes) []string {
	t.Helper()
	ctx, cancel := context.WithCancel(bg)
	cancel()
	refs, err := c.Next(ctx)
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return refs
}

func TestAListenerHearsOfEveryRequestThatChangedAndNoOther(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "ana@example.com")
	c := s.Changes()
	defer c.Close()
	a := addRequest(t, s, aRequest(sub.ID))
	if refs, err := c.Next(bg); err != nil || !slices.Equal(refs, []string{a.Ref}) {
		t.Errorf("of a new request it hears %v, %v", refs, err)
	}
	undone := errors.New("undone")
	if err := s.Write(bg, func(tx *store.Tx) error {
		return errors.Join(tx.InsertRequest(aRequest(sub.ID), why("request.submitted")), undone)
	}); !errors.Is(err, undone) {
		t.Fatal(err)
	}
	addSubject(t, s, "ben@example.com")
	if refs := next(t, c); refs != nil {
		t.Errorf("of what was undone, and of no request, it hears %v", refs)
	}
}

func TestAListenerWhoIsSlowHearsTheLatestAtOnceAndHoldsNobodyUp(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "ana@example.com")
	c, gone := s.Changes(), s.Changes()
	defer c.Close()
	gone.Close()
	first := addRequest(t, s, aRequest(sub.ID))
	var last rights.Request
	for range 150 {
		last = addRequest(t, s, aRequest(sub.ID))
	}
	first.State = rights.InProgress
	write(t, s, func(tx *store.Tx) error { return tx.UpdateRequest(first, why("request.started")) })
	refs, err := c.Next(bg)
	check(t, err)
	if len(refs) != 100 || refs[99] != first.Ref || refs[98] != last.Ref {
		t.Errorf("it hears of %d, the last %v", len(refs), refs[len(refs)-1])
	}
	if refs := next(t, c); refs != nil {
		t.Errorf("and again of %v", refs)
	}
	if refs := next(t, gone); refs != nil {
		t.Errorf("whoever left hears of %v", refs)
	}
}

func TestListeningEndsWithTheStore(t *testing.T) {
	s, err := store.Open(bg, store.Options{Dir: t.TempDir(), Now: clock})
	check(t, err)
	c := s.Changes()
	heard := make(chan error)
	go func() { _, err := c.Next(bg); heard <- err }()
	check(t, s.Close())
	if err := <-heard; !errors.Is(err, store.ErrClosed) {
		t.Errorf("it ends with %v", err)
	}
}
