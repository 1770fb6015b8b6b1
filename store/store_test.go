package store_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
	"habeas/store/storetest"

	_ "modernc.org/sqlite"
)

// noon is when most tests happen.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

// open opens a store in a directory of its own.
func open(t testing.TB) *store.Store {
	t.Helper()
	return openIn(t, t.TempDir())
}

// openIn opens the store of a directory, an empty one if there is none.
func openIn(t testing.TB, dir string) *store.Store {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, "habeas.db")); errors.Is(err, fs.ErrNotExist) {
		storetest.Fill(t, dir)
	}
	return openNew(t, dir)
}

// openNew opens the store of a directory; where there is none, it makes it with a key of its own.
func openNew(t testing.TB, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, s.Close()) })
	return s
}

// raw opens the database past the store, as somebody with a shell on the machine would.
func raw(t testing.TB, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "habeas.db")+"?_pragma=busy_timeout(5000)")
	check(t, err)
	t.Cleanup(func() { check(t, db.Close()) })
	db.SetMaxOpenConns(1)
	if _, err := os.Stat(filepath.Join(dir, "keys.db")); err == nil {
		_, err = db.Exec("ATTACH DATABASE $1 AS keys", filepath.Join(dir, "keys.db"))
		check(t, err)
	}
	return db
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write runs fn in a transaction that must succeed.
func write(t testing.TB, s *store.Store, fn func(tx *store.Tx) error) {
	t.Helper()
	check(t, s.Write(t.Context(), fn))
}

func newID() string {
	b := make([]byte, 10)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// why is an audit entry for an act.
func why(act string) rights.Entry {
	return rights.Entry{At: noon, Actor: rights.System, Act: act}
}

var bg = context.Background()

// addSubject adds a subject with a mailbox.
func addSubject(t testing.TB, s *store.Store, mailbox string) store.Subject {
	t.Helper()
	sub := store.Subject{ID: newID(), Mailbox: mailbox, Person: "shop:customer:" + mailbox, Language: "en", Regime: "eu_gdpr", MadeAt: noon}
	write(t, s, func(tx *store.Tx) error { return tx.InsertSubject(sub, why("subject.made")) })
	return sub
}

// aRequest is an open access request that tests change as they need.
func aRequest(subjectID string) rights.Request {
	random := make([]byte, 8)
	_, _ = rand.Read(random)
	due := rights.NewDate(2026, 4, 2)
	return rights.Request{
		ID: newID(), Ref: rights.NewRef(random), Subject: subjectID, Right: rights.Access, Regime: "eu_gdpr", Channel: rights.ByPortal, Identity: rights.ByMailbox,
		Language: "en", State: rights.Received, ReceivedAt: noon, Due: due, Version: 1,
		Clock: rights.Clock{Start: rights.NewDate(2026, 3, 2), Deadlines: []rights.Deadline{
			{Kind: rights.KindResponse, Due: due, StrictDue: due, Citation: "GDPR Art. 12(3)"}}},
	}
}

func addRequest(t testing.TB, s *store.Store, r rights.Request) rights.Request {
	t.Helper()
	write(t, s, func(tx *store.Tx) error {
		return tx.InsertRequest(r, rights.Entry{At: noon, Actor: rights.System, Act: "request.submitted", Subject: r.Subject, Request: r.ID})
	})
	return r
}

func TestAStoreKeepsWhatWasWrittenAcrossAnotherStart(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(bg, store.Options{Dir: dir, Now: clock})
	check(t, err)
	if s.MadeKey() == "" {
		t.Error("the first start does not say where it made the key")
	}
	sub := addSubject(t, s, "ana@example.com")
	check(t, s.Close())

	again := openIn(t, dir)
	if again.MadeKey() != "" {
		t.Error("the second start says it made a key")
	}
	got, err := again.Subject(bg, sub.ID)
	check(t, err)
	if !reflect.DeepEqual(got, sub) {
		t.Errorf("read %+v, wrote %+v", got, sub)
	}
	check(t, again.Ping(bg))
	r, err := again.VerifyAudit(bg)
	check(t, err)
	if r.Entries != 1 {
		t.Errorf("%d audit entries, want 1", r.Entries)
	}
}
