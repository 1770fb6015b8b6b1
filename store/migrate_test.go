package store_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/pressly/goose/v3"

	"habeas/migrations"
	"habeas/rights"
	"habeas/store"
)

// The first migration made a table of requests that the second makes anew: whoever has one keeps every row, and every
// reference to it.
func TestADatabaseOfTheFirstVersionKeepsItsRequests(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	sub := addSubject(t, s, "a@example.com")
	r := addRequest(t, s, aRequest(sub.ID))
	check(t, s.Close())
	first := firstVersion(t)
	db, err := sql.Open("sqlite", "file:"+first)
	check(t, err)
	// What this version wrote, as the first version would hold it: the columns that both know.
	_, err = db.Exec(`ATTACH $1 AS new;`, filepath.Join(dir, "habeas.db"))
	check(t, err)
	for _, table := range []string{"keyring", "audit_entries", "audit_nodes", "audit_head"} {
		_, err = db.Exec("INSERT INTO main." + table + " SELECT * FROM new." + table)
		check(t, err)
	}
	_, err = db.Exec(`INSERT INTO main.subjects SELECT id, mailbox_index, mailbox, person, addresses, language, regime, made_at, erased_at, version FROM new.subjects;
		INSERT INTO main.requests SELECT id, ref, subject_id, "right", regime, 'staff', language, state, is_open, routine, received_at, not_before,
			closed_at, due, clock, owner_id, ground, version FROM new.requests;
		INSERT INTO main.events (id, request_id, at, actor_role, actor_id, kind, private) VALUES ('e', '` + r.ID + `', 1, 'system', 'system', 'received', 0);`)
	check(t, err)
	check(t, db.Close())
	for _, leftover := range []string{"habeas.db-wal", "habeas.db-shm"} {
		if err := os.Remove(filepath.Join(dir, leftover)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	check(t, os.Rename(first, filepath.Join(dir, "habeas.db")))

	s = openIn(t, dir)
	got, err := s.Request(bg, r.ID)
	check(t, err)
	if got.Ref != r.Ref || got.Channel != rights.ByPhone || got.Identity != rights.ByMailbox || !got.AcknowledgedAt.Equal(r.ReceivedAt) {
		t.Errorf("the request is now %+v", got)
	}
	events, err := s.Events(bg, r.ID)
	check(t, err)
	if len(events) != 1 {
		t.Errorf("its %d events", len(events))
	}
	write(t, s, func(tx *store.Tx) error {
		got.State = rights.InProgress
		return tx.UpdateRequest(got, why("request.started"))
	})
	counts, err := s.QueueCounts(bg, "", rights.Date{})
	check(t, err)
	if counts["open"] != 1 {
		t.Errorf("the queue counts %v", counts)
	}
}

// firstVersion makes an empty database as the first migration leaves it.
func firstVersion(t *testing.T) string {
	t.Helper()
	text, err := fs.ReadFile(migrations.Files, "0001_portal.sql")
	check(t, err)
	path := filepath.Join(t.TempDir(), "first.db")
	db, err := sql.Open("sqlite", "file:"+path)
	check(t, err)
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectSQLite3, db, fstest.MapFS{"0001_portal.sql": {Data: text}}, goose.WithDisableGlobalRegistry(true))
	check(t, err)
	_, err = p.Up(bg)
	check(t, err)
	return path
}
