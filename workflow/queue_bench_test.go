package workflow_test

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
	"habeas/workflow"
)

// BenchmarkQueue is what an officer's page of the queue costs below HTTP: the requests, the counts of every view, and the
// saved views. store's benchmark of that name has the sizes up to a million.
func BenchmarkQueue(b *testing.B) {
	for _, size := range []int{1_000, 50_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			p, officer := aQueue(b, size)
			for b.Loop() {
				lines, _, err := p.Queue(b.Context(), officer, workflow.QueueQuery{View: "open", Limit: 25})
				if err != nil || len(lines) != 25 {
					b.Fatal(len(lines), err)
				}
				if _, err := p.QueueCounts(b.Context(), officer); err != nil {
					b.Fatal(err)
				}
				if views, err := p.SavedViews(b.Context(), officer); err != nil || len(views) != 20 {
					b.Fatal(len(views), err)
				}
			}
		})
	}
}

// aQueue is a portal with so many open requests of one person, and an officer with twenty views of them.
func aQueue(b *testing.B, size int) (*workflow.Portal, rights.Actor) {
	b.Helper()
	now := func() time.Time { return monday }
	db, err := store.Open(b.Context(), store.Options{Dir: b.TempDir(), Now: now})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	p := &workflow.Portal{Config: workflow.Config{Location: time.UTC}, Store: db, Now: now, Random: rand.Reader}
	officer := rights.Actor{ID: "ona", Role: rights.RoleOfficer}
	why := rights.Entry{At: monday, Actor: rights.System, Act: "request.received"}
	write := func(fn func(tx *store.Tx) error) {
		if err := db.Write(b.Context(), fn); err != nil {
			b.Fatal(err)
		}
	}
	write(func(tx *store.Tx) error {
		return tx.InsertSubject(store.Subject{ID: "ann", Mailbox: ann, Language: "en", Regime: "eu_gdpr", MadeAt: monday}, why)
	})
	for done := 0; done < size; {
		write(func(tx *store.Tx) error {
			for range min(1000, size-done) {
				due := rights.DateOf(monday).AddDays(done%60 - 10)
				r := rights.Request{
					ID: fmt.Sprintf("request-%07d", done), Ref: rights.NewRef([]byte{0, byte(done >> 16), byte(done >> 8), byte(done), 1}), Subject: "ann",
					Right: rights.Rights[done%9], Regime: "eu_gdpr", Channel: rights.ByPortal, Language: "en", State: rights.Received, ReceivedAt: monday,
					Due: due, Version: 1, Identity: rights.ByMailbox,
				}
				if err := tx.InsertRequest(r, why); err != nil {
					return err
				}
				done++
			}
			return nil
		})
	}
	for i := range 20 {
		q := workflow.QueueQuery{View: "open", Right: rights.Rights[i%9], Due: []string{"", "week"}[i%2]}
		if _, err := p.SaveView(b.Context(), officer, fmt.Sprint("view ", i), q, false); err != nil {
			b.Fatal(err)
		}
	}
	return p, officer
}
