package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

// naming lists the tables that have a column of requests' IDs.
func naming(t testing.TB, db *sql.DB) (tables []string) {
	t.Helper()
	rows, err := db.Query(`SELECT m.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'request_id' ORDER BY m.name`)
	check(t, err)
	defer rows.Close()
	for rows.Next() {
		var name string
		check(t, rows.Scan(&name))
		tables = append(tables, name)
	}
	check(t, rows.Err())
	return tables
}

func TestEveryTableThatNamesARequestForgetsItOrSaysWhyNot(t *testing.T) {
	dir := t.TempDir()
	openIn(t, dir)
	tables := naming(t, raw(t, dir))
	for _, name := range tables {
		forgets, remembers := slices.Contains(store.Forgets(), name), store.Remembers()[name] != ""
		if forgets == remembers {
			t.Errorf("%s has requests' IDs: say in store/retention.go what becomes of it when the record of a request ends", name)
		}
	}
	for _, name := range store.Forgets() {
		if !slices.Contains(tables, name) {
			t.Errorf("%s is forgotten and is no such table", name)
		}
	}
}

// closed is a request that was answered at that time, under a law.
func closed(t testing.TB, s *store.Store, subject, regime string, at time.Time, changes ...func(*rights.Request)) rights.Request {
	t.Helper()
	r := aRequest(subject)
	r.Regime, r.State, r.ReceivedAt, r.ClosedAt = regime, rights.Fulfilled, at, at
	for _, change := range changes {
		change(&r)
	}
	return addRequest(t, s, r)
}

func end(s *store.Store, r rights.Request) error {
	return try(s, func(tx *store.Tx) error {
		return tx.Pseudonymise(r, rights.Entry{At: noon, Actor: rights.System, Act: "request.pseudonymised", Subject: r.Subject, Request: r.ID})
	})
}

func TestWhatIsPersonalOfARequestGoesWithItsRecord(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	sub, open := plant(t, s)
	r := open
	r.State, r.ClosedAt, r.Ground = rights.Refused, noon, "unfounded"
	subject := rights.Actor{ID: sub.ID, Role: rights.RoleSubject}
	other := closed(t, s, sub.ID, "eu_gdpr", noon)
	write(t, s, func(tx *store.Tx) error {
		return errors.Join(
			tx.InsertEvent(rights.Event{ID: newID(), Request: r.ID, At: noon, Actor: subject, Kind: "said", Detail: "planted detail"}),
			tx.InsertMessage(rights.Message{ID: newID(), Request: r.ID, At: noon, Actor: subject, Body: "planted"}, why("message.sent")),
			tx.InsertMessage(rights.Message{ID: newID(), Request: other.ID, At: noon, Actor: subject, Body: "stays"}, why("message.sent")),
			tx.InsertFile(rights.File{ID: newID(), Request: r.ID, Name: "planted.pdf", Type: "application/pdf", Actor: subject, At: noon}, []byte("planted"), why("file.added")),
			tx.InsertTasks([]rights.Task{{ID: newID(), Request: r.ID, Kind: rights.TaskOther, What: "planted", Note: "planted", State: rights.TaskDone, MadeAt: noon, Evidence: rights.Evidence{By: "planted"}}}, why("task.added")),
			tx.InsertStop([]byte("stop"), r.ID, noon),
			tx.UpdateRequest(r, why("request.refused")),
		)
	})
	c, _ := claim(t, s, noon)
	write(t, s, func(tx *store.Tx) error { return tx.LetterSent(c, "q", []byte("kept"), noon) })
	r, err := s.Request(bg, r.ID)
	check(t, err)
	if err := end(s, r); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("while its package can be fetched: %v", err)
	}
	write(t, s, func(tx *store.Tx) error {
		p, err := tx.PackageOf(bg, r.ID)
		p.State, p.FileKey = "expired", ""
		return errors.Join(err, tx.UpdatePackage(p))
	})
	check(t, end(s, r))

	after, err := s.Request(bg, r.ID)
	check(t, err)
	want := r
	want.Subject, want.PseudonymisedAt, want.Version = store.Pseudonym, noon, r.Version+1
	if fmt.Sprint(after) != fmt.Sprint(want) {
		t.Errorf("what stays is\n%+v, want\n%+v", after, want)
	}
	db := raw(t, dir)
	for _, table := range naming(t, db) {
		if store.Remembers()[table] != "" {
			continue
		}
		rows, err := db.Query("SELECT * FROM "+table+" WHERE request_id = $1", r.ID)
		check(t, err)
		columns, err := rows.Columns()
		check(t, err)
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			check(t, rows.Scan(values...))
			for i, v := range values {
				switch v := (*v.(*any)).(type) {
				case string:
					if strings.Contains(v, sub.ID) {
						t.Errorf("%s.%s still names the person", table, columns[i])
					}
				case []byte:
					if len(v) > 0 {
						t.Errorf("%s.%s still holds something sealed", table, columns[i])
					}
				}
			}
		}
		check(t, errors.Join(rows.Err(), rows.Close()))
	}
	events, err := s.Events(bg, r.ID)
	if err != nil || len(events) != 2 || events[1].Actor.ID != store.Pseudonym || events[1].Detail != "" {
		t.Errorf("its steps: %+v, %v", events, err)
	}
	if m, err := s.Messages(bg, r.ID); err != nil || len(m) != 0 {
		t.Errorf("its messages: %v, %v", m, err)
	}
	if m, err := s.Messages(bg, other.ID); err != nil || len(m) != 1 {
		t.Errorf("the messages of the same person's other request: %v, %v", m, err)
	}
	if _, err := s.Subject(bg, store.Pseudonym); !errors.Is(err, rights.ErrGone) {
		t.Errorf("nobody is there to be read: %v", err)
	}
	if list, _, err := s.RequestsOf(bg, sub.ID, "", 10); err != nil || len(list) != 1 {
		t.Errorf("their requests: %v, %v", list, err)
	}
	if err := end(s, after); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("twice: %v", err)
	}
	if _, err := s.VerifyAudit(bg); err != nil {
		t.Error(err)
	}
}

func TestWhichRecordsCanEnd(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "ana@example.com")
	plain := closed(t, s, sub.ID, "ccpa", noon)
	older := closed(t, s, sub.ID, "ccpa", noon.Add(-time.Hour))
	closed(t, s, sub.ID, "eu_gdpr", noon.Add(-2*time.Hour))
	stillOpen := addRequest(t, s, func() rights.Request { r := aRequest(sub.ID); r.Regime = "ccpa"; return r }())
	consent := closed(t, s, sub.ID, "ccpa", noon, func(r *rights.Request) { r.Right = rights.Consent })
	contested := closed(t, s, sub.ID, "ccpa", noon.Add(-3*time.Hour))
	complaint := aRequest(sub.ID)
	complaint.Right, complaint.Regime, complaint.Parent = rights.Complaint, "ccpa", contested.ID
	complaint = addRequest(t, s, complaint)
	written := closed(t, s, sub.ID, "ccpa", noon)
	enqueue(t, s, store.Outgoing{Kind: "message", Subject: sub.ID, Request: written.ID, Body: []byte("b"), QueuedAt: noon})

	found, err := s.Served(bg, "ccpa", 10)
	check(t, err)
	var ids []string
	for _, r := range found {
		ids = append(ids, r.ID)
	}
	if !slices.Equal(ids, []string{older.ID, plain.ID}) {
		t.Errorf("found %v", ids)
	}
	for what, r := range map[string]rights.Request{
		"an open one": stillOpen, "a choice of consent": consent, "one that is complained about": contested, "one with a letter on its way": written,
	} {
		if err := end(s, r); !errors.Is(err, rights.ErrConflict) {
			t.Errorf("%s: %v", what, err)
		}
	}
	complaint.State, complaint.ClosedAt = rights.Refused, noon
	write(t, s, func(tx *store.Tx) error { return tx.UpdateRequest(complaint, why("request.refused")) })
	check(t, end(s, contested))
	changed := plain
	changed.Owner = "somebody"
	write(t, s, func(tx *store.Tx) error { return tx.UpdateRequest(changed, why("request.assigned")) })
	if err := end(s, plain); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("one that somebody has touched since: %v", err)
	}
}

func TestSomebodyWithoutAMailboxIsForgottenWithTheLastOfTheirRequests(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	sub := addSubject(t, s, "")
	write(t, s, func(tx *store.Tx) error { return tx.InsertPostal(sub.ID, store.Postal{Name: "Ana", Address: "Pier 4"}) })
	first, last := closed(t, s, sub.ID, "ccpa", noon), closed(t, s, sub.ID, "ccpa", noon)
	check(t, end(s, first))
	if _, err := s.Postal(bg, sub.ID); err != nil {
		t.Errorf("while something of theirs is there: %v", err)
	}
	check(t, end(s, last))
	if _, err := s.Subject(bg, sub.ID); !errors.Is(err, rights.ErrGone) {
		t.Errorf("in the end: %v", err)
	}
	if slices.Contains(wrappedKeys(t, dir), sub.ID) {
		t.Error("their key is still there")
	}
}

func TestRecordsThatCanEndAreFoundByAnIndex(t *testing.T) {
	dir := t.TempDir()
	openIn(t, dir)
	plan := planOf(t, dir, store.ServedQuery+" LIMIT 50", "ccpa")
	if !strings.Contains(plan, "requests_record") || strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "SCAN") {
		t.Error(plan)
	}
}
