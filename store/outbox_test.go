package store_test

import (
	"errors"
	"fmt"
	"slices"
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
		return tx.LetterFailed(c, "451 try again", noon.Add(time.Hour), noon.Add(time.Minute))
	})
	if _, had := claim(t, s, noon.Add(59*time.Minute)); had {
		t.Error("claimed before it was due again")
	}
	if c, had = claim(t, s, noon.Add(time.Hour)); !had || c.Attempts != 3 {
		t.Errorf("when due again: %+v, %v", c, had)
	}
	write(t, s, func(tx *store.Tx) error { return tx.LetterSent(c, "server-7", []byte("您好"), noon.Add(time.Hour)) })
	if err := try(s, func(tx *store.Tx) error { return tx.LetterSent(c, "server-8", nil, noon.Add(time.Hour)) }); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("sent twice: %v", err)
	}
	states, err := s.LettersOf(bg, r.ID)
	check(t, err)
	want := store.LetterState{ID: o.ID, Kind: "receipt", Language: "zh-CN", State: "sent", QueuedAt: noon, SentAt: noon.Add(time.Hour), FailedAt: noon.Add(time.Minute), Attempts: 3,
		ServerID: "server-7", Subject: sub.ID}
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
		write(t, s, func(tx *store.Tx) error { return tx.LetterSent(c, "", nil, noon) })
		enqueue(t, s, store.Outgoing{Kind: "parked", Fleeting: fleeting, Body: []byte("12345678"), QueuedAt: noon})
		c, _ = claim(t, s, noon)
		write(t, s, func(tx *store.Tx) error { return tx.LetterFailed(c, "550 no such user", time.Time{}, noon) })
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

func TestWhatStaysOfALetterIsWhatWasGivenAndOnlyItsKeyOpensIt(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	sub := addSubject(t, s, "ana@example.com")
	r := addRequest(t, s, aRequest(sub.ID))
	o := enqueue(t, s, store.Outgoing{Kind: "alert", Subject: sub.ID, Request: r.ID, Body: []byte("stop: token"), QueuedAt: noon})
	waits, err := s.Letter(bg, o.ID)
	check(t, err)
	if string(waits.Body) != "stop: token" || waits.Kept != nil || waits.Request != r.ID {
		t.Errorf("while it waits: %+v", waits)
	}
	c, _ := claim(t, s, noon)
	write(t, s, func(tx *store.Tx) error { return tx.LetterSent(c, "server-1", []byte("stop: …"), noon) })
	sent, err := s.Letter(bg, o.ID)
	check(t, err)
	if sent.Body != nil || string(sent.Kept) != "stop: …" || sent.ServerID != "server-1" || sent.State != "sent" {
		t.Errorf("when it has left: %+v", sent)
	}
	other := enqueue(t, s, store.Outgoing{Kind: "alert", Subject: sub.ID, Request: r.ID, Body: []byte("b"), QueuedAt: noon})
	_, err = raw(t, dir).Exec("UPDATE letters SET kept = (SELECT kept FROM letters WHERE id = $1) WHERE id = $2", o.ID, other.ID)
	check(t, err)
	if _, err := s.Letter(bg, other.ID); err == nil {
		t.Error("the copy of one letter opens in the place of another")
	}
	write(t, s, func(tx *store.Tx) error { return tx.DestroySubjectKey(sub.ID, why("subject.erased")) })
	if gone, err := s.Letter(bg, o.ID); err != nil || gone.Kept != nil || gone.State != "sent" {
		t.Errorf("without the key: %+v, %v", gone, err)
	}
}

func TestOnlyWhoeverHoldsALetterSaysWhatBecameOfIt(t *testing.T) {
	s := open(t)
	enqueue(t, s, store.Outgoing{Kind: "receipt", Body: []byte("b"), QueuedAt: noon})
	slow, _ := claim(t, s, noon)
	quick, _ := claim(t, s, noon.Add(time.Minute))
	for what, act := range map[string]func(tx *store.Tx) error{
		"that it left":      func(tx *store.Tx) error { return tx.LetterSent(slow, "late", nil, noon.Add(2*time.Minute)) },
		"that it failed":    func(tx *store.Tx) error { return tx.LetterFailed(slow, "451", noon.Add(time.Hour), noon) },
		"that it is parked": func(tx *store.Tx) error { return tx.LetterFailed(slow, "550", time.Time{}, noon) },
	} {
		if err := try(s, act); !errors.Is(err, rights.ErrConflict) {
			t.Errorf("the sender whose lease ran out says %s: %v", what, err)
		}
	}
	write(t, s, func(tx *store.Tx) error { return tx.LetterSent(quick, "q", nil, noon.Add(time.Minute)) })
}

func TestAParkedLetterIsTriedAgainOrPosted(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "ana@example.com")
	r := addRequest(t, s, aRequest(sub.ID))
	again := func(id string) error {
		return try(s, func(tx *store.Tx) error { return tx.RetryLetter(id, why("letter.retried")) })
	}
	posted := func(id string) error {
		l, err := s.Letter(bg, id)
		check(t, err)
		return try(s, func(tx *store.Tx) error { return tx.LetterPosted(l, []byte("kept"), why("letter.sent")) })
	}
	o := enqueue(t, s, store.Outgoing{Kind: "refused", Subject: sub.ID, Request: r.ID, Body: []byte("b"), QueuedAt: noon})
	if err := again(o.ID); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("one that is queued is tried again: %v", err)
	}
	if err := posted(o.ID); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("one that is queued is posted: %v", err)
	}
	c, _ := claim(t, s, noon)
	write(t, s, func(tx *store.Tx) error { return tx.LetterFailed(c, "550", time.Time{}, noon) })
	check(t, again(o.ID))
	c, had := claim(t, s, noon)
	if !had || c.ID != o.ID || c.Attempts != 2 {
		t.Fatalf("tried again: %+v, %v", c, had)
	}
	write(t, s, func(tx *store.Tx) error { return tx.LetterFailed(c, "550", time.Time{}, noon) })
	check(t, posted(o.ID))
	if err := posted(o.ID); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("posted twice: %v", err)
	}

	paper := enqueue(t, s, store.Outgoing{Kind: "refused", Subject: sub.ID, Request: r.ID, Body: []byte("b"), Paper: true, QueuedAt: noon})
	if _, had := claim(t, s, noon.Add(time.Hour)); had {
		t.Error("a letter on paper was claimed by a sender")
	}
	if err := again(paper.ID); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("a letter to nobody's mailbox is tried: %v", err)
	}
	check(t, posted(paper.ID))
	l, err := s.Letter(bg, paper.ID)
	check(t, err)
	if l.State != "sent" || l.ServerID != store.ByPost || l.Fault != "" || string(l.Kept) != "kept" {
		t.Errorf("posted: %+v", l)
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
	s := openNew(t, dir)
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

func TestLettersOfOneMomentStandInTheOrderTheyWereWritten(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "ana@example.com")
	r := addRequest(t, s, aRequest(sub.ID))
	var want []string
	for i := range 20 {
		id := newID()
		want = append(want, id)
		write(t, s, func(tx *store.Tx) error {
			return tx.Enqueue(store.Outgoing{ID: id, Dedupe: fmt.Sprint("d", i), Kind: "message", Language: "en", Subject: sub.ID, Request: r.ID, Body: []byte("x"), QueuedAt: noon})
		})
	}
	letters, err := s.LettersOf(bg, r.ID)
	check(t, err)
	var got []string
	for _, l := range letters {
		got = append(got, l.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
