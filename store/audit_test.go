package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"habeas/rights"
	"habeas/store"

	"golang.org/x/mod/sumdb/note"
)

// entries appends n entries, each in a transaction of its own.
func entries(t testing.TB, s *store.Store, n int) {
	t.Helper()
	for i := range n {
		write(t, s, func(tx *store.Tx) error {
			return tx.Append(rights.Entry{At: noon, Actor: rights.Actor{ID: "officer1", Role: rights.RoleOfficer, Session: "s1"}, Act: "data.viewed",
				Subject: fmt.Sprint("subject", i%3), Request: fmt.Sprint("request", i%2), Facts: map[string]string{"count": fmt.Sprint(i)}})
		})
	}
}

func TestAnyTamperingWithTheAuditLogIsFound(t *testing.T) {
	// The log has 20 entries, and a checkpoint was signed after the twelfth. The attacker can write every table and drop
	// every trigger, but does not have the key file.
	whole := t.TempDir()
	s, err := store.Open(bg, store.Options{Dir: whole, Now: clock})
	check(t, err)
	entries(t, s, 12)
	_, err = s.Checkpoint(bg)
	check(t, err)
	entries(t, s, 8)
	check(t, s.Close())
	for _, c := range []struct {
		name string
		sql  string
		seq  int64 // the first bad entry, 0 where it cannot be told
	}{
		{"nothing", "", -1},
		{"a byte of an entry flipped", "UPDATE audit_entries SET leaf = CAST(replace(CAST(leaf AS TEXT), '\"7\"', '\"8\"') AS BLOB) WHERE seq = 8", 8},
		{"an entry made unreadable", "UPDATE audit_entries SET leaf = x'00' WHERE seq = 3", 3},
		{"who did it changed in the column only", "UPDATE audit_entries SET actor_id = 'officer2' WHERE seq = 5", 5},
		{"when changed in the column only", "UPDATE audit_entries SET at = at + 1 WHERE seq = 5", 5},
		{"whom it touched hidden", "UPDATE audit_entries SET subject_id = '' WHERE seq = 20", 20},
		{"an entry dropped from the middle", "DELETE FROM audit_entries WHERE seq = 9", 9},
		{"an entry dropped and the rest moved up", "DELETE FROM audit_entries WHERE seq = 9; UPDATE audit_entries SET seq = -seq WHERE seq > 9; UPDATE audit_entries SET seq = -seq - 1 WHERE seq < 0", 9},
		{"two entries swapped", "UPDATE audit_entries SET seq = -1 WHERE seq = 4; UPDATE audit_entries SET seq = 4 WHERE seq = 6; UPDATE audit_entries SET seq = 6 WHERE seq = -1", 4},
		{"the newest entry dropped", "DELETE FROM audit_entries WHERE seq = 20", 20},
		{"the newest entry and its nodes dropped", "DELETE FROM audit_entries WHERE seq = 20; DELETE FROM audit_nodes WHERE idx >= 35", 20},
		{"everything after the checkpoint dropped", "DELETE FROM audit_entries WHERE seq > 12; DELETE FROM audit_nodes WHERE idx >= 22", 13},
		{"everything after the fifth dropped", "DELETE FROM audit_entries WHERE seq > 5; DELETE FROM audit_nodes WHERE idx >= 8", 6},
		{"cut off, and the head moved back with a made-up proof", "DELETE FROM audit_entries WHERE seq > 12; DELETE FROM audit_nodes WHERE idx >= 22; UPDATE audit_head SET size = 12", 0},
		{"cut off, with head and checkpoints removed", "DELETE FROM audit_entries WHERE seq > 5; DELETE FROM audit_nodes WHERE idx >= 8; DELETE FROM audit_head; DELETE FROM audit_checkpoints", 0},
		{"everything removed", "DELETE FROM audit_entries; DELETE FROM audit_nodes; DELETE FROM audit_head; DELETE FROM audit_checkpoints", 0},
		{"a node flipped", "UPDATE audit_nodes SET hash = zeroblob(32) WHERE idx = 0", 1},
		{"an inner node flipped", "UPDATE audit_nodes SET hash = zeroblob(32) WHERE idx = 2", 2},
		{"a node dropped", "DELETE FROM audit_nodes WHERE idx = 7", 5},
		{"a checkpoint forged", "UPDATE audit_checkpoints SET note = CAST(replace(CAST(note AS TEXT), 'habeas', 'hebeas') AS BLOB)", 0},
		{"a checkpoint said to be of another size", "UPDATE audit_checkpoints SET size = 11", 0},
		{"an entry added past the store", "INSERT INTO audit_entries (seq, at, actor_role, actor_id, act, subject_id, request_id, leaf) SELECT 21, at, actor_role, actor_id, act, subject_id, request_id, leaf FROM audit_entries WHERE seq = 20", 21},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			check(t, os.CopyFS(dir, os.DirFS(whole)))
			db := raw(t, dir)
			dropTriggers(t, db)
			_, err := db.Exec(c.sql)
			check(t, err)
			s, err := store.Open(bg, store.Options{Dir: dir, KeyFile: filepath.Join(whole, "habeas.key"), Now: clock})
			check(t, err)
			defer func() { check(t, s.Close()) }()

			report, err := s.VerifyAudit(bg)
			if c.seq < 0 {
				check(t, err)
				if report.Entries != 20 || report.Root == "" {
					t.Errorf("report: %+v", report)
				}
				return
			}
			var fault store.AuditFault
			if !errors.As(err, &fault) {
				t.Fatalf("not found: %+v, %v", report, err)
			}
			if fault.Seq != c.seq {
				t.Errorf("found at %d, want %d: %v", fault.Seq, c.seq, err)
			}
		})
	}
}

func dropTriggers(t *testing.T, db *sql.DB) {
	t.Helper()
	rows, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'trigger'")
	check(t, err)
	var drops []string
	for rows.Next() {
		var name string
		check(t, rows.Scan(&name))
		drops = append(drops, "DROP TRIGGER "+name)
	}
	check(t, rows.Err())
	_, err = db.Exec(strings.Join(drops, "; "))
	check(t, err)
}

func TestTheDatabaseRefusesToChangeTheAuditLogAndTheConsentLedger(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	r := addRequest(t, s, aRequest(addSubject(t, s, "ana@example.com").ID))
	write(t, s, func(tx *store.Tx) error {
		return tx.InsertConsentEvent(rights.ConsentEvent{ID: newID(), Subject: r.Subject, Request: r.ID, Purpose: "news", Choice: rights.Granted, At: noon},
			why("consent.given"))
	})
	_, err := s.Checkpoint(bg)
	check(t, err)
	db := raw(t, dir)
	for _, attack := range []string{
		"UPDATE audit_entries SET act = 'nothing'", "DELETE FROM audit_entries", "UPDATE audit_nodes SET hash = x'00'", "DELETE FROM audit_nodes",
		"UPDATE audit_checkpoints SET note = x'00'", "DELETE FROM audit_checkpoints",
		"UPDATE consent_events SET choice = 'withdrawn'", "DELETE FROM consent_events",
	} {
		if _, err := db.Exec(attack); err == nil {
			t.Errorf("%s went through", attack)
		}
	}
}

func TestTheTreeIsRightAfterTransactionsThatFailedAndAfterAnotherStart(t *testing.T) {
	dir := t.TempDir()
	broken := errors.New("broken")
	want := int64(0)
	for range 4 {
		s, err := store.Open(bg, store.Options{Dir: dir, Now: clock})
		check(t, err)
		for i := range 13 {
			err := s.Write(bg, func(tx *store.Tx) error {
				for range i % 4 {
					if err := tx.Append(why("act")); err != nil {
						return err
					}
				}
				if i%3 == 0 {
					return broken
				}
				return nil
			})
			if err == nil {
				want += int64(i % 4)
			}
		}
		r, err := s.VerifyAudit(bg)
		check(t, err)
		if r.Entries != want {
			t.Errorf("%d entries, want %d", r.Entries, want)
		}
		check(t, s.Close())
	}
}

func TestADamagedTreeTakesNoMoreEntriesButCanBeLookedInto(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(bg, store.Options{Dir: dir, Now: clock})
	check(t, err)
	entries(t, s, 5)
	check(t, s.Close())
	db := raw(t, dir)
	dropTriggers(t, db)
	_, err = db.Exec("DELETE FROM audit_nodes WHERE idx = 7")
	check(t, err)
	s = openIn(t, dir)
	if err := s.Write(bg, func(tx *store.Tx) error { return tx.Append(why("act")) }); err == nil || !strings.Contains(err.Error(), "audit verify") {
		t.Errorf("an entry was added: %v", err)
	}
	if _, err := s.Checkpoint(bg); err == nil {
		t.Error("a checkpoint was signed")
	}
	if _, err := s.VerifyAudit(bg); err == nil {
		t.Error("the damage was not found")
	}
	rows, err := s.EntriesOf(bg, "subject0", nil, 0, 10)
	check(t, err)
	if len(rows) != 2 {
		t.Errorf("%d entries, want 2", len(rows))
	}
}

func TestACheckpointCanBeCheckedWithThePublicKeyAlone(t *testing.T) {
	s := open(t)
	entries(t, s, 3)
	signed, err := s.Checkpoint(bg)
	check(t, err)
	verifier, err := note.NewVerifier(s.VerifierKey())
	check(t, err)
	n, err := note.Open(signed, note.VerifierList(verifier))
	check(t, err)
	report, err := s.VerifyAudit(bg)
	check(t, err)
	if want := "habeas\n3\n" + report.Root + "\n"; n.Text != want {
		t.Errorf("the checkpoint says %q, want %q", n.Text, want)
	}
	again, err := s.Checkpoint(bg)
	check(t, err)
	if string(again) != string(signed) {
		t.Error("a second checkpoint of the same log differs")
	}
}

func TestEntriesAreFoundBySubjectActAndRequest(t *testing.T) {
	s := open(t)
	entries(t, s, 10) // subject0: entries 1, 4, 7, 10
	write(t, s, func(tx *store.Tx) error {
		return tx.Append(rights.Entry{At: noon, Act: "data.exported", Subject: "subject0", Actor: rights.System})
	})
	seqs := func(rows []store.AuditRow, err error) string {
		t.Helper()
		check(t, err)
		var out []string
		for _, r := range rows {
			out = append(out, fmt.Sprint(r.Seq))
		}
		return strings.Join(out, " ")
	}
	if got := seqs(s.EntriesOf(bg, "subject0", nil, 0, 3)); got != "11 10 7" {
		t.Errorf("first page: %s", got)
	}
	if got := seqs(s.EntriesOf(bg, "subject0", nil, 7, 3)); got != "4 1" {
		t.Errorf("second page: %s", got)
	}
	if got := seqs(s.EntriesOf(bg, "subject0", []string{"data.exported", "data.revealed"}, 0, 9)); got != "11" {
		t.Errorf("by act: %s", got)
	}
	rows, err := s.EntriesOf(bg, "subject1", nil, 3, 9)
	check(t, err)
	if e := rows[0]; e.Facts["count"] != "1" || e.Actor.Session != "s1" || e.Actor.Role != rights.RoleOfficer || !e.At.Equal(noon) {
		t.Errorf("an entry came back as %+v", e)
	}
}

func TestAnEntryWithoutAnActOrATimeUndoesItsTransaction(t *testing.T) {
	s := open(t)
	for _, e := range []rights.Entry{{}, {At: noon}, {Act: "act"}} {
		sub := store.Subject{ID: newID(), MadeAt: noon}
		if err := s.Write(bg, func(tx *store.Tx) error { return tx.InsertSubject(sub, e) }); err == nil {
			t.Errorf("%+v was accepted", e)
		}
		if _, err := s.Subject(bg, sub.ID); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("the change without a reason stayed: %v", err)
		}
	}
}

func TestAnOlderCopyOfTheDatabaseIsFoundByACheckpointKeptElsewhere(t *testing.T) {
	dir, older := t.TempDir(), t.TempDir()
	s := openIn(t, dir)
	sign := func(s *store.Store) []byte {
		t.Helper()
		signed, err := s.Checkpoint(bg)
		check(t, err)
		return signed
	}
	empty := sign(s)
	entries(t, s, 5)
	five := sign(s)
	entries(t, s, 2)
	check(t, s.Backup(bg, filepath.Join(older, "habeas.db")))
	check(t, os.Rename(filepath.Join(older, "habeas.db.keys"), filepath.Join(older, "keys.db")))
	entries(t, s, 4)
	eleven := sign(s)
	_, err := s.VerifyAudit(bg, empty, five, eleven, five)
	check(t, err)

	old, err := store.Open(bg, store.Options{Dir: older, KeyFile: filepath.Join(dir, "habeas.key"), Now: clock})
	check(t, err)
	defer func() { check(t, old.Close()) }()
	_, err = old.VerifyAudit(bg, empty, five)
	check(t, err)
	_, err = old.VerifyAudit(bg, eleven, five)
	var fault store.AuditFault
	if !errors.As(err, &fault) || fault.Seq != 8 || !strings.Contains(err.Error(), "vouches for 11 entries") {
		t.Errorf("the older copy: %v", err)
	}
	for range 4 { // written anew, as long as the log that was, and signed by the same key
		entries(t, old, 1)
	}
	again := sign(old)
	for name, c := range map[string]struct {
		notes [][]byte
		says  string
	}{
		"a log that went on from the older copy": {[][]byte{eleven}, "is not that which was signed for 11 entries before"},
		"two histories of one length":            {[][]byte{again, eleven}, "is not that which was signed for 11 entries before"},
		"a note that somebody changed":           {[][]byte{five, append([]byte{}, strings.Replace(string(eleven), "\n11\n", "\n5\n", 1)...)}, "checkpoint 2 of those kept elsewhere was not signed by this log"},
		"no note at all":                         {[][]byte{nil}, "was not signed by this log"},
	} {
		if _, err := old.VerifyAudit(bg, c.notes...); !errors.As(err, &fault) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}
