package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

func enqueue(t testing.TB, s *store.Store, o store.Outgoing) store.Outgoing {
	t.Helper()
	o.ID = newID()
	if o.Dedupe == "" {
		o.Dedupe = o.ID
	}
	write(t, s, func(tx *store.Tx) error { return tx.Enqueue(o) })
	return o
}

// claim claims the next letter at a time.
func claim(t testing.TB, s *store.Store, now time.Time) (c store.Claimed, had bool) {
	t.Helper()
	write(t, s, func(tx *store.Tx) (err error) {
		c, had, err = tx.ClaimLetter(now, time.Minute)
		return err
	})
	return c, had
}

func TestTwoSendersNeverHoldTheSameLetter(t *testing.T) {
	s := open(t)
	for range 60 {
		enqueue(t, s, store.Outgoing{Kind: "code", Body: []byte("body"), QueuedAt: noon})
	}
	var mu sync.Mutex
	held := map[string]int{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				c, had := claim(t, s, noon)
				if !had {
					return
				}
				mu.Lock()
				held[c.ID]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(held) != 60 {
		t.Errorf("%d of 60 letters were claimed", len(held))
	}
	for id, n := range held {
		if n != 1 {
			t.Errorf("letter %s was claimed %d times", id, n)
		}
	}
}

func TestTheLifeOfALetter(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "ana@example.com")
	r := addRequest(t, s, aRequest(sub.ID))
	o := enqueue(t, s, store.Outgoing{Dedupe: "receipt", Kind: "receipt", Language: "zh-CN", Subject: sub.ID, Request: r.ID, Body: []byte("您好"), QueuedAt: noon})
	enqueue(t, s, store.Outgoing{Dedupe: "receipt", Kind: "receipt", Subject: sub.ID, Body: []byte("again"), QueuedAt: noon})

	c, had := claim(t, s, noon)
	if !had || c.ID != o.ID || string(c.Body) != "您好" || c.Language != "zh-CN" || c.Request != r.ID || c.Attempts != 1 {
		t.Fatalf("claimed %+v", c)
	}
	if _, had := claim(t, s, noon); had {
		t.Error("the same dedupe key was queued twice, or the letter claimed twice")
	}
	if c, had = claim(t, s, noon.Add(time.Minute)); !had || c.Attempts != 2 {
		t.Errorf("after its lease: %+v, %v", c, had)
	}
	write(t, s, func(tx *store.Tx) error {
		return tx.LetterFailed(c.ID, "451 try again", noon.Add(time.Hour), noon.Add(time.Minute))
	})
	if _, had := claim(t, s, noon.Add(59*time.Minute)); had {
		t.Error("claimed before it was due again")
	}
	if c, had = claim(t, s, noon.Add(time.Hour)); !had || c.Attempts != 3 {
		t.Errorf("when due again: %+v, %v", c, had)
	}
	write(t, s, func(tx *store.Tx) error { return tx.LetterSent(c.ID, "server-7", noon.Add(time.Hour)) })
	if err := try(s, func(tx *store.Tx) error { return tx.LetterSent(c.ID, "server-8", noon.Add(time.Hour)) }); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("sent twice: %v", err)
	}
	states, err := s.LettersOf(bg, r.ID)
	check(t, err)
	want := store.LetterState{ID: o.ID, Kind: "receipt", Language: "zh-CN", State: "sent", QueuedAt: noon, SentAt: noon.Add(time.Hour), FailedAt: noon.Add(time.Minute), Attempts: 3}
	if len(states) != 1 || states[0] != want {
		t.Errorf("got %+v, want %+v", states, want)
	}
}

func TestALetterIsForgottenWhenItHasLeftAndOneWithACodeAlsoWhenItIsParked(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	for _, fleeting := range []bool{true, false} {
		enqueue(t, s, store.Outgoing{Kind: "sent", Fleeting: fleeting, Body: []byte("12345678"), QueuedAt: noon})
		c, _ := claim(t, s, noon)
		write(t, s, func(tx *store.Tx) error { return tx.LetterSent(c.ID, "", noon) })
		enqueue(t, s, store.Outgoing{Kind: "parked", Fleeting: fleeting, Body: []byte("12345678"), QueuedAt: noon})
		c, _ = claim(t, s, noon)
		write(t, s, func(tx *store.Tx) error { return tx.LetterFailed(c.ID, "550 no such user", time.Time{}, noon) })
	}
	var kept, forgotten int
	check(t, raw(t, dir).QueryRow(`SELECT COUNT(body), COUNT(*) - COUNT(body) FROM letters`).Scan(&kept, &forgotten))
	if kept != 1 || forgotten != 3 {
		t.Errorf("%d bodies kept and %d forgotten, want that of the parked letter without a code", kept, forgotten)
	}
}

func TestALetterWhoseTimeIsOverIsParkedAndForgottenInsteadOfSent(t *testing.T) {
	for _, c := range []struct {
		why     string
		expires time.Time
		sent    bool
	}{
		{"it says what holds for ever", time.Time{}, true},
		{"a code that holds a moment longer", noon.Add(time.Hour + time.Millisecond), true},
		{"a code that holds until now", noon.Add(time.Hour), false},
		{"a code of an hour ago", noon.Add(10 * time.Minute), false},
	} {
		dir := t.TempDir()
		s := openIn(t, dir)
		r := addRequest(t, s, aRequest(addSubject(t, s, "ana@example.com").ID))
		enqueue(t, s, store.Outgoing{Kind: "code", Request: r.ID, Body: []byte("12345678"), QueuedAt: noon, ExpiresAt: c.expires})
		if _, had := claim(t, s, noon.Add(time.Hour)); had != c.sent {
			t.Errorf("%s: claimed %v", c.why, had)
		}
		states, err := s.LettersOf(bg, r.ID)
		check(t, err)
		var kept int
		check(t, raw(t, dir).QueryRow("SELECT COUNT(body) FROM letters").Scan(&kept))
		if !c.sent && (states[0].State != "parked" || states[0].Fault != "expired before it could be sent" || kept != 0) {
			t.Errorf("%s: %+v, %d bodies kept", c.why, states[0], kept)
		}
	}
}

func TestTheLifeOfAPackage(t *testing.T) {
	s := open(t)
	r := addRequest(t, s, aRequest(addSubject(t, s, "ana@example.com").ID))
	write(t, s, func(tx *store.Tx) error {
		return tx.InsertPackage(store.Package{Request: r.ID, State: "queued", NextAt: noon})
	})
	claim := func(now time.Time) (p store.Package, had bool) {
		t.Helper()
		write(t, s, func(tx *store.Tx) (err error) {
			p, had, err = tx.ClaimPackage(now, time.Minute)
			return err
		})
		return p, had
	}
	if _, had := claim(noon.Add(-time.Second)); had {
		t.Error("claimed before it was due")
	}
	slow, had := claim(noon)
	if !had || slow.State != "building" || slow.Attempts != 1 {
		t.Fatalf("claimed %+v, %v", slow, had)
	}
	if _, had := claim(noon.Add(30 * time.Second)); had {
		t.Error("claimed twice")
	}
	p, had := claim(noon.Add(time.Minute))
	if !had || p.Attempts != 2 {
		t.Fatalf("after the lease: %+v, %v", p, had)
	}
	slow.State = "ready"
	if err := try(s, func(tx *store.Tx) error { return tx.UpdatePackage(slow) }); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("the builder that lost its lease: %v", err)
	}
	p.State, p.Done, p.Total, p.Bytes, p.SHA256, p.FileKey, p.ReadyAt, p.ExpiresAt = "ready", 10, 10, 4096, "ab", "key", noon, noon.Add(24*time.Hour)
	write(t, s, func(tx *store.Tx) error { return tx.UpdatePackage(p) })
	if got, err := s.PackageOf(bg, r.ID); err != nil || got != p {
		t.Errorf("got %+v, want %+v, %v", got, p, err)
	}
	for at, want := range map[time.Duration]int{24*time.Hour - time.Millisecond: 0, 24 * time.Hour: 1} {
		if found, err := s.ExpiredPackages(bg, noon.Add(at), 10); err != nil || len(found) != want {
			t.Errorf("after %v: %d expired, %v", at, len(found), err)
		}
	}
}

func TestASweepTakesWhatHasServedItsTimeAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	sub, r := plant(t, s)
	m := addStaff(t, s, "ona@example.com")
	write(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.InsertStop([]byte("stop"), r.ID, noon), tx.InsertEnrolment([]byte("enrol"), m.ID, noon, why("staff.invited")))
	})
	entries := func() int64 {
		report, err := s.VerifyAudit(bg)
		check(t, err)
		return report.Entries
	}
	before := entries()
	for _, c := range []struct {
		after time.Duration
		want  int
		what  string
	}{
		{time.Minute, 0, "nothing yet"},
		{2 * time.Hour, 1, "the limit that is full again"},
		{26 * time.Hour, 1, "the challenge, a day after it expired"},
		{32 * 24 * time.Hour, 3, "session, stop and enrolment, after a month"},
		{400 * 24 * time.Hour, 0, "never anything else"},
	} {
		var n int
		write(t, s, func(tx *store.Tx) (err error) {
			n, err = tx.Sweep(noon.Add(c.after))
			return err
		})
		if n != c.want {
			t.Errorf("after %v: %d rows, want %d: %s", c.after, n, c.want, c.what)
		}
	}
	if _, err := s.Request(bg, r.ID); err != nil {
		t.Error(err)
	}
	if _, err := s.Subject(bg, sub.ID); err != nil {
		t.Error(err)
	}
	if entries() != before {
		t.Error("a sweep touched the audit log")
	}
}
