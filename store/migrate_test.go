package store_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"

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
	first := versionOf(t, "0001_portal.sql")
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
	replaceDatabase(t, dir, first)

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

// Every version since has made tables anew or added columns to them: no row of then may lose anything by it.
func TestADatabaseWithAYearOfWorkKeepsAllOfIt(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	sub, other, officer := addSubject(t, s, "a@example.com"), addSubject(t, s, "b@example.com"), addStaff(t, s, "ona@example.com")
	r := aRequest(sub.ID)
	r.Right = rights.Erasure
	addRequest(t, s, r)
	task := rights.Task{ID: newID(), Request: r.ID, Source: "shop", Kind: "erasure", State: rights.TaskDone, Note: "Shredded", MadeAt: noon, DoneAt: noon, DoneBy: officer.ID}
	write(t, s, func(tx *store.Tx) error {
		erasure := store.Erasure{Request: r.ID, State: "erasing", Round: 1, NextAt: noon, BegunAt: noon, Version: 1, Holdings: `[{"source":"shop"}]`}
		session := store.Session{ID: newID(), TokenHash: []byte("t"), Kind: "staff", Staff: officer.ID, MadeAt: noon, SeenAt: noon, StepUpAt: noon, EndsAt: noon.Add(time.Hour)}
		return errors.Join(
			tx.InsertPackage(store.Package{Request: r.ID, State: "ready", Bytes: 7, FileKey: "key", NextAt: noon, ExpiresAt: noon.Add(time.Hour)}),
			tx.InsertTasks([]rights.Task{task}, why("task.added")),
			tx.InsertErasure(r.ID, noon), tx.UpdateErasure(erasure, why("erasure.begun")),
			tx.InsertErasedSource(r.ID, 1, store.ErasedSource{Source: "shop", Records: 2, At: noon}),
			tx.InsertTombstones(r.ID, []string{"mark"}, noon),
			tx.InsertEvent(rights.Event{ID: newID(), Request: r.ID, At: noon, Actor: rights.System, Kind: "note", Detail: "A word"}),
			tx.InsertMessage(rights.Message{ID: newID(), Request: r.ID, At: noon, Actor: rights.System, Body: "Dear Ana"}, why("message.sent")),
			tx.InsertCorrection(rights.Correction{Request: r.ID, Source: "shop", Collection: "customers", Record: "1", Field: "phone", Mode: "ask", New: "1"}),
			tx.InsertConsentEvent(rights.ConsentEvent{ID: newID(), Subject: sub.ID, Request: r.ID, Purpose: "news", Version: 1, Choice: rights.Granted, At: noon}, why("consent.given")),
			tx.InsertMerge(store.Merge{ID: newID(), Gone: other.ID, Kept: sub.ID, Reason: "Same row", By: officer.ID, At: noon}, why("person.apart")),
			tx.InsertSession(session, why("session.begun")),
			tx.Enqueue(store.Outgoing{ID: newID(), Dedupe: "x", Kind: "receipt", Language: "en", Subject: sub.ID, Request: r.ID, Body: []byte("{}"), QueuedAt: noon}),
		)
	})
	check(t, s.Close())
	old := versionOf(t, "0012_letter_order.sql")
	before := asThen(t, old, filepath.Join(dir, "habeas.db"))
	for _, table := range []string{
		"subjects", "staff", "sessions", "requests", "packages", "tasks", "erasures", "erased_sources", "tombstones", "events", "messages", "corrections",
		"consent_events", "merges", "letters", "audit_entries",
	} {
		if len(before[table].rows) == 0 {
			t.Fatalf("nothing is in %s: the test proves nothing of it", table)
		}
	}
	replaceDatabase(t, dir, old)

	s = openIn(t, dir)
	p, err := s.PackageOf(bg, r.ID)
	if check(t, err); p.Number != 0 || p.State != "ready" || p.FileKey != "key" || p.Missing != "" {
		t.Errorf("the package is %+v", p)
	}
	write(t, s, func(tx *store.Tx) error {
		return tx.InsertPackage(store.Package{Request: r.ID, Number: 1, State: "queued", NextAt: noon})
	})
	tasks, err := s.TasksOf(bg, r.ID)
	if check(t, err); len(tasks) != 1 || tasks[0].Note != "Shredded" || tasks[0].By != "" || !tasks[0].On.IsZero() {
		t.Errorf("the tasks are %+v", tasks)
	}
	e, err := s.ErasureOf(bg, r.ID)
	if check(t, err); e.State != "erasing" || e.Again || e.Holdings != `[{"source":"shop"}]` {
		t.Errorf("the erasure is %+v", e)
	}
	if c, err := s.Correction(bg, r.ID); err != nil || c.New != "1" {
		t.Errorf("the correction is %+v, %v", c, err)
	}
	check(t, s.Close())

	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "habeas.db"))
	check(t, err)
	defer db.Close()
	var at, broken int64
	check(t, db.QueryRow("SELECT at FROM staff_sign_ins WHERE staff_id = $1", officer.ID).Scan(&at))
	check(t, db.QueryRow("SELECT COUNT(*) FROM pragma_foreign_key_check").Scan(&broken))
	if at != noon.UnixMilli() || broken != 0 {
		t.Errorf("the officer came in at %d; %d references lead nowhere", at, broken)
	}
	for table, was := range before {
		now := rowsOf(t, db, table, was.columns)
		for _, row := range was.rows {
			if !slices.Contains(now, row) {
				t.Errorf("of %s this is lost: %s", table, row)
			}
		}
	}
}

// kept is what a table holds, of these columns.
type kept struct {
	columns string
	rows    []string
}

func rowsOf(t *testing.T, db *sql.DB, table, columns string) (out []string) {
	t.Helper()
	rows, err := db.Query("SELECT concat_ws('|', " + columns + ") FROM " + table)
	check(t, err)
	defer rows.Close()
	for rows.Next() {
		var row string
		check(t, rows.Scan(&row))
		out = append(out, row)
	}
	check(t, rows.Err())
	return out
}

// asThen fills a database of an older version with what this one wrote, as far as that knew its columns, and returns it.
func asThen(t *testing.T, old, now string) map[string]kept {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+old)
	check(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1) // to which the other is attached
	_, err = db.Exec("ATTACH $1 AS new", now)
	check(t, err)
	tables := map[string]kept{}
	rows, err := db.Query(`SELECT m.name, group_concat('hex("' || c.name || '")', ', '), group_concat('"' || c.name || '"', ', ')
		FROM main.sqlite_schema m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%' GROUP BY m.name ORDER BY m.name <> 'requests', m.name`)
	check(t, err)
	var copies []string
	for rows.Next() {
		var table, hexed, columns string
		check(t, rows.Scan(&table, &hexed, &columns))
		tables[table] = kept{columns: hexed}
		// What triggers count is there already, once the requests are.
		copies = append(copies, "INSERT INTO main."+table+" ("+columns+") SELECT "+columns+" FROM new."+table+" WHERE NOT EXISTS (SELECT 1 FROM main."+table+")")
	}
	check(t, rows.Err())
	for _, c := range copies {
		_, err = db.Exec(c)
		check(t, err)
	}
	for table, of := range tables {
		of.rows = rowsOf(t, db, "main."+table, of.columns)
		tables[table] = of
	}
	return tables
}

// replaceDatabase puts a database in the place of the one in the directory.
func replaceDatabase(t *testing.T, dir, with string) {
	t.Helper()
	for _, leftover := range []string{"habeas.db-wal", "habeas.db-shm"} {
		if err := os.Remove(filepath.Join(dir, leftover)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	check(t, os.Rename(with, filepath.Join(dir, "habeas.db")))
}

// versionOf makes an empty database as the migrations up to that one leave it.
func versionOf(t *testing.T, last string) string {
	t.Helper()
	names, err := fs.Glob(migrations.Files, "*.sql")
	check(t, err)
	files := fstest.MapFS{}
	for _, name := range names {
		if name > last {
			continue
		}
		text, err := fs.ReadFile(migrations.Files, name)
		check(t, err)
		files[name] = &fstest.MapFile{Data: text}
	}
	path := filepath.Join(t.TempDir(), "old.db")
	db, err := sql.Open("sqlite", "file:"+path)
	check(t, err)
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	check(t, err)
	_, err = p.Up(bg)
	check(t, err)
	return path
}
