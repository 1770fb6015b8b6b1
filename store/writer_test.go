package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

func TestSixteenWritersShareTheDatabaseAndOnlyTheFailingOnesAreUndone(t *testing.T) {
	s := open(t)
	const each = 40
	broken := errors.New("broken")
	var mu sync.Mutex
	var kept, undone []string
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := range each {
				sub := store.Subject{ID: newID(), Mailbox: fmt.Sprintf("w%d.%d@example.com", w, i), MadeAt: noon}
				var err error
				func() {
					defer func() {
						if p := recover(); p != nil {
							err = fmt.Errorf("panicked: %v", p)
						}
					}()
					err = s.Write(bg, func(tx *store.Tx) error {
						if err := tx.InsertSubject(sub, why("subject.made")); err != nil {
							return err
						}
						switch {
						case w == 3:
							return broken
						case w == 5:
							panic("at the disco")
						}
						return nil
					})
				}()
				mu.Lock()
				if err == nil {
					kept = append(kept, sub.ID)
				} else {
					undone = append(undone, sub.ID)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(kept) != 14*each || len(undone) != 2*each {
		t.Fatalf("%d kept and %d undone, want %d and %d", len(kept), len(undone), 14*each, 2*each)
	}
	for _, id := range kept {
		if _, err := s.Subject(bg, id); err != nil {
			t.Fatalf("an acknowledged subject: %v", err)
		}
	}
	for _, id := range undone {
		if _, err := s.Subject(bg, id); !errors.Is(err, rights.ErrNotFound) {
			t.Fatalf("a subject of a failed transaction: %v", err)
		}
	}
	r, err := s.VerifyAudit(bg)
	check(t, err)
	if r.Entries != 14*each {
		t.Errorf("%d audit entries, want one for each kept act: %d", r.Entries, 14*each)
	}
}

func TestWaitingTransactionsShareOneCommit(t *testing.T) {
	s := open(t)
	commits := store.CountCommits(t, s)
	inside, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		check(t, s.Write(bg, func(tx *store.Tx) error {
			close(inside)
			<-release
			return tx.Append(why("first"))
		}))
	})
	<-inside
	var coming atomic.Int32
	for range 15 {
		wg.Go(func() {
			coming.Add(1)
			check(t, s.Write(bg, func(tx *store.Tx) error { return tx.Append(why("waiting")) }))
		})
	}
	for coming.Load() < 15 {
		runtime.Gosched()
	}
	close(release)
	wg.Wait()
	if n := commits(); n > 8 {
		t.Errorf("16 transactions took %d commits", n)
	}
}

func TestATransactionIsNotRunAfterItsContextEnded(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(bg)
	cancel()
	err := s.Write(ctx, func(*store.Tx) error {
		t.Error("it ran")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestATransactionThatHasBegunIsFinishedWhateverBecomesOfItsContext(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(bg)
	check(t, s.Write(ctx, func(tx *store.Tx) error {
		cancel()
		return tx.Append(why("done"))
	}))
	r, err := s.VerifyAudit(bg)
	check(t, err)
	if r.Entries != 1 {
		t.Errorf("%d entries, want 1", r.Entries)
	}
}

func TestAGoroutineThatEndsInsideATransactionLeavesTheWriterUsable(t *testing.T) {
	s := open(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Write(bg, func(tx *store.Tx) error {
			if err := tx.Append(why("lost")); err != nil {
				return err
			}
			runtime.Goexit()
			return nil
		})
	}()
	<-done
	write(t, s, func(tx *store.Tx) error { return tx.Append(why("kept")) })
	r, err := s.VerifyAudit(bg)
	check(t, err)
	if r.Entries != 1 {
		t.Errorf("%d entries, want 1", r.Entries)
	}
}

func TestATransactionSeesItsOwnWritesAndOthersDoNot(t *testing.T) {
	s := open(t)
	sub := store.Subject{ID: newID(), Mailbox: "ana@example.com", MadeAt: noon}
	write(t, s, func(tx *store.Tx) error {
		if err := tx.InsertSubject(sub, why("subject.made")); err != nil {
			return err
		}
		if _, err := tx.Subject(bg, sub.ID); err != nil {
			t.Errorf("inside: %v", err)
		}
		if _, err := s.Subject(bg, sub.ID); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("outside, before the commit: %v", err)
		}
		return nil
	})
	if _, err := s.Subject(bg, sub.ID); err != nil {
		t.Errorf("outside, after the commit: %v", err)
	}
}

func TestATransactionThatIsKeptCannotWrite(t *testing.T) {
	s := open(t)
	var kept *store.Tx
	write(t, s, func(tx *store.Tx) error { kept = tx; return nil })
	if err := kept.Append(why("late")); err == nil {
		t.Error("a finished transaction took an entry")
	}
	if _, _, err := kept.Take("key", store.Limit{Burst: 1, Per: time.Hour}, noon); err == nil {
		t.Error("a finished transaction took a write")
	}
}

func TestAfterCloseNothingIsWrittenAndNobodyHangs(t *testing.T) {
	s, err := store.Open(bg, store.Options{Dir: t.TempDir(), Now: clock})
	check(t, err)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for {
				err := s.Write(bg, func(tx *store.Tx) error { return tx.Append(why("act")) })
				if errors.Is(err, store.ErrClosed) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	check(t, s.Close())
	wg.Wait()
	check(t, s.Close())
}

func TestAFullDiskIsSaidAndLosesNothing(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "ana@example.com")
	store.FillDisk(t, s)
	var err error
	for range 200 {
		if err = s.Write(bg, func(tx *store.Tx) error { return tx.InsertRequest(aRequest(sub.ID), why("request.submitted")) }); err != nil {
			break
		}
	}
	if !errors.Is(err, store.ErrFull) {
		t.Fatalf("a full disk gives %v", err)
	}
	store.EmptyDisk(t, s)
	addRequest(t, s, aRequest(sub.ID))
	_, err = s.VerifyAudit(bg)
	check(t, err)
}
