package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

// BenchmarkOpen is what the store adds to the start of a process on an existing database.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	s, err := store.Open(b.Context(), store.Options{Dir: dir, Now: clock})
	check(b, err)
	sub := addSubject(b, s, "ana@example.com")
	for range 2000 {
		addRequest(b, s, aRequest(sub.ID))
	}
	check(b, s.Close())
	for b.Loop() {
		s, err := store.Open(b.Context(), store.Options{Dir: dir, Now: clock})
		check(b, err)
		b.StopTimer()
		check(b, s.Close())
		b.StartTimer()
	}
}

// BenchmarkWrite compares an act (a request with its audit entry) with a bare one-row commit, alone and with sixteen
// writers at once.
func BenchmarkWrite(b *testing.B) {
	for _, writers := range []int{1, 16} {
		b.Run(fmt.Sprintf("act/%d", writers), func(b *testing.B) {
			s := open(b)
			sub := addSubject(b, s, "ana@example.com")
			together(b, writers, func() error {
				r := aRequest(sub.ID)
				return s.Write(context.Background(), func(tx *store.Tx) error {
					return tx.InsertRequest(r, rights.Entry{At: noon, Actor: rights.System, Act: "request.submitted", Subject: sub.ID, Request: r.ID})
				})
			})
		})
		b.Run(fmt.Sprintf("row/%d", writers), func(b *testing.B) {
			s := open(b)
			together(b, writers, func() error {
				key := newID()
				return s.Write(context.Background(), func(tx *store.Tx) error {
					_, _, err := tx.Take(key, store.Limit{Burst: 1, Per: time.Hour}, noon)
					return err
				})
			})
		})
	}
	b.Run("bare/1", func(b *testing.B) {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+
			"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=wal_autocheckpoint(8000)")
		check(b, err)
		db.SetMaxOpenConns(1)
		defer db.Close()
		_, err = db.Exec("CREATE TABLE limits (key BLOB PRIMARY KEY, tat INTEGER NOT NULL) STRICT")
		check(b, err)
		insert, err := db.Prepare("INSERT INTO limits (key, tat) VALUES ($1, $2)")
		check(b, err)
		together(b, 1, func() error {
			_, err := insert.Exec([]byte(newID()), 1)
			return err
		})
	})
}

// together runs act b.N times from several goroutines and reports how many a second became durable.
func together(b *testing.B, writers int, act func() error) {
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := w; i < b.N; i += writers {
				if err := act(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acts/s")
}
