package store_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

func addChallenge(t testing.TB, s *store.Store, browser string) store.Challenge {
	t.Helper()
	c := store.Challenge{ID: newID(), Purpose: "sign_in", Mailbox: "ana@example.com", BrowserHash: []byte(browser), CodeHash: []byte("code"),
		LinkHash: []byte(newID()), Language: "en", MadeAt: noon, ExpiresAt: noon.Add(10 * time.Minute)}
	write(t, s, func(tx *store.Tx) error { return tx.InsertChallenge(c, why("code.asked")) })
	return c
}

func TestOfFiveHundredParallelGuessesAtMostFiveAreEvaluated(t *testing.T) {
	s := open(t)
	c := addChallenge(t, s, "browser")
	var evaluated, refused atomic.Int32
	var wg sync.WaitGroup
	for range 500 {
		wg.Go(func() {
			err := s.Write(bg, func(tx *store.Tx) error {
				_, err := tx.TryChallenge(c.ID, noon, 5)
				return err
			})
			switch {
			case err == nil:
				evaluated.Add(1)
			case errors.Is(err, rights.ErrTooMany):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if evaluated.Load() != 5 || refused.Load() != 495 {
		t.Errorf("%d evaluated and %d refused", evaluated.Load(), refused.Load())
	}
}

func TestTryingAChallenge(t *testing.T) {
	use := func(t *testing.T, s *store.Store, c store.Challenge) {
		write(t, s, func(tx *store.Tx) error { return tx.UseChallenge(c.ID, noon, why("code.used")) })
	}
	for _, c := range []struct {
		name   string
		before func(t *testing.T, s *store.Store, c store.Challenge)
		at     time.Time
		want   error
	}{
		{"open: counts", nil, noon, nil},
		{"in its last millisecond", nil, noon.Add(10*time.Minute - time.Millisecond), nil},
		{"at the moment it expires", nil, noon.Add(10 * time.Minute), rights.ErrGone},
		{"used", use, noon, rights.ErrGone},
		{"closed by a newer one of that browser", func(t *testing.T, s *store.Store, c store.Challenge) {
			write(t, s, func(tx *store.Tx) error { return tx.CloseChallenges(c.Mailbox, c.BrowserHash, noon) })
		}, noon, rights.ErrGone},
		{"while another browser's is closed", func(t *testing.T, s *store.Store, c store.Challenge) {
			write(t, s, func(tx *store.Tx) error { return tx.CloseChallenges(c.Mailbox, []byte("other"), noon) })
		}, noon, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			challenge := addChallenge(t, s, "browser")
			if c.before != nil {
				c.before(t, s, challenge)
			}
			var got store.Challenge
			err := s.Write(bg, func(tx *store.Tx) (err error) {
				got, err = tx.TryChallenge(challenge.ID, c.at, 5)
				return err
			})
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if err == nil && (got.Tries != 1 || string(got.CodeHash) != "code" || got.Mailbox != "ana@example.com") {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAChallengeIsUsedOnce(t *testing.T) {
	s := open(t)
	c := addChallenge(t, s, "browser")
	use := func(id string) error {
		return s.Write(bg, func(tx *store.Tx) error { return tx.UseChallenge(id, noon, why("code.used")) })
	}
	check(t, use(c.ID))
	if err := use(c.ID); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("again: %v", err)
	}
	if err := use("unknown"); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
}

func TestLimits(t *testing.T) {
	three := store.Limit{Burst: 3, Per: 15 * time.Minute}
	for _, c := range []struct {
		name  string
		limit store.Limit
		taken []time.Duration // since noon; all must be let through
		at    time.Duration
		wait  time.Duration // 0: let through
	}{
		{"the first", three, nil, 0, 0},
		{"the third at once", three, []time.Duration{0, 0}, 0, 0},
		{"the fourth at once waits for one refill", three, []time.Duration{0, 0, 0}, 0, 5 * time.Minute},
		{"the fourth a little later waits the rest", three, []time.Duration{0, 0, 0}, time.Minute, 4 * time.Minute},
		{"the fourth when one has come back", three, []time.Duration{0, 0, 0}, 5 * time.Minute, 0},
		{"and no second with it", three, []time.Duration{0, 0, 0, 5 * time.Minute}, 5 * time.Minute, 5 * time.Minute},
		{"all of them after the whole time", three, []time.Duration{0, 0, 0, 15 * time.Minute, 15 * time.Minute}, 15 * time.Minute, 0},
		{"a long rest saves up no more than the burst", three, []time.Duration{0, time.Hour, time.Hour, time.Hour}, time.Hour, 5 * time.Minute},
		{"a clock that goes back gives nothing away", three, []time.Duration{0, 0, 0}, -time.Minute, 6 * time.Minute},
		{"one a day", store.Limit{Burst: 1, Per: 24 * time.Hour}, []time.Duration{0}, 23 * time.Hour, time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			for i, at := range c.taken {
				if ok, _ := take(t, s, "key", c.limit, noon.Add(at)); !ok {
					t.Fatalf("take %d was refused", i)
				}
			}
			ok, wait := take(t, s, "key", c.limit, noon.Add(c.at))
			if ok != (c.wait == 0) || wait != c.wait {
				t.Errorf("let through %v, wait %v; want wait %v", ok, wait, c.wait)
			}
		})
	}
	s := open(t)
	for range 3 {
		take(t, s, "one", three, noon)
	}
	if ok, _ := take(t, s, "other", three, noon); !ok {
		t.Error("one key's limit is another's")
	}
	if err := s.Write(bg, func(tx *store.Tx) error {
		_, _, err := tx.Take("key", store.Limit{}, noon)
		return err
	}); err == nil {
		t.Error("a limit of nothing was accepted")
	}
}

func take(t testing.TB, s *store.Store, key string, l store.Limit, now time.Time) (ok bool, wait time.Duration) {
	t.Helper()
	write(t, s, func(tx *store.Tx) (err error) {
		ok, wait, err = tx.Take(key, l, now)
		return err
	})
	return ok, wait
}

// TestALimitAgreesWithABucketThatIsRefilledStepByStep compares GCRA with a bucket of whole and broken tokens.
func TestALimitAgreesWithABucketThatIsRefilledStepByStep(t *testing.T) {
	s := open(t)
	random := rand.New(rand.NewPCG(1, 2))
	for _, l := range []store.Limit{{3, 15 * time.Minute}, {1, time.Second}, {20, 24 * time.Hour}, {1000, time.Second}} {
		interval := l.Per / time.Duration(l.Burst)
		bucket, last, now := l.Per, noon, noon // the bucket holds time: an interval is a token
		key := newID()
		write(t, s, func(tx *store.Tx) error {
			for i := range 2000 {
				now = now.Add(time.Duration(random.Int64N(int64(2 * interval))))
				if random.IntN(50) == 0 {
					now = now.Add(l.Per)
				}
				bucket, last = min(bucket+now.Sub(last), l.Per), now
				want := bucket >= interval
				if want {
					bucket -= interval
				}
				ok, wait, err := tx.Take(key, l, now)
				if err != nil {
					return err
				}
				if ok != want || !ok && wait != interval-bucket {
					t.Fatalf("%v, step %d: let through %v, wait %v; the bucket says %v, %v", l, i, ok, wait, want, interval-bucket)
				}
			}
			return nil
		})
	}
}
