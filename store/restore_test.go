package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

// later is when a backup is restored.
var later = noon.Add(3 * time.Hour)

// backUp makes a backup in a directory of its own.
func backUp(t testing.TB, s *store.Store) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "backup.db")
	check(t, s.Backup(bg, file))
	return file
}

// restore restores into a directory of its own, which it returns.
func restore(t testing.TB, key, backup, keys string) (string, store.Restored, error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "again")
	r, err := store.Restore(bg, store.Options{Dir: dir, KeyFile: key, Now: func() time.Time { return later }}, backup, keys)
	return dir, r, err
}

// reopen opens what was restored.
func reopen(t testing.TB, dir, key string) *store.Store {
	t.Helper()
	s, err := store.Open(bg, store.Options{Dir: dir, KeyFile: key, Now: clock})
	check(t, err)
	t.Cleanup(func() { check(t, s.Close()) })
	return s
}

func TestADestroyedKeyMakesOlderBackupsUnreadableOnceTheKeysAreRotated(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "habeas.key")
	s := openIn(t, dir)
	sub, r := plant(t, s)
	ben := addSubject(t, s, "ben@example.com")
	old := backUp(t, s)
	write(t, s, func(tx *store.Tx) error { return tx.DestroySubjectKey(sub.ID, why("subject.erased")) })
	newer := backUp(t, s)

	again, report, err := restore(t, key, old, store.KeysOf(newer))
	check(t, err)
	if report.Erased != 1 {
		t.Errorf("%+v, want one erased again", report)
	}
	restored := reopen(t, again, key)
	if _, err := restored.Subject(bg, sub.ID); !errors.Is(err, rights.ErrGone) {
		t.Errorf("the erased subject: %v", err)
	}
	if _, err := restored.Messages(bg, r.ID); !errors.Is(err, rights.ErrGone) {
		t.Errorf("their messages: %v", err)
	}
	if found, err := restored.SubjectsByMailbox(bg, planted[0]); err != nil || len(found) != 0 {
		t.Errorf("their mailbox finds %d, %v", len(found), err)
	}
	if got, err := restored.Subject(bg, ben.ID); err != nil || got.Mailbox != ben.Mailbox {
		t.Errorf("somebody else: %+v, %v", got, err)
	}

	// With the keys of that time the old backup opens: that is why only the newest may be kept.
	again, _, err = restore(t, key, old, store.KeysOf(old))
	check(t, err)
	if got, err := reopen(t, again, key).Subject(bg, sub.ID); err != nil || got.Mailbox != planted[0] {
		t.Errorf("with the old keys: %+v, %v", got, err)
	}
}

func TestARestoredBackupRevivesNothing(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "habeas.key")
	s := openIn(t, dir)
	sub, r := plant(t, s)
	m := addStaff(t, s, "ona@example.com")
	mine, theirs := addSession(t, s, "staff", m.ID), addSession(t, s, "subject", sub.ID)
	write(t, s, func(tx *store.Tx) error {
		return errors.Join(
			tx.InsertStop([]byte("stop"), r.ID, noon.Add(72*time.Hour)),
			tx.InsertEnrolment([]byte("enrol"), m.ID, noon.Add(72*time.Hour), why("staff.invited")))
	})
	code := enqueue(t, s, store.Outgoing{Kind: "code", Fleeting: true, Request: r.ID, Body: []byte("12345678"), QueuedAt: noon})
	before, err := s.VerifyAudit(bg)
	check(t, err)
	backup := backUp(t, s)
	again, report, err := restore(t, key, backup, store.KeysOf(backup))
	check(t, err)
	if report.Report != before || report.Ended != 3 || report.Erased != 0 {
		t.Errorf("%+v, want %+v, three sessions ended and nobody erased", report, before)
	}
	s = reopen(t, again, key)
	for name, token := range map[string][]byte{"staff": mine.TokenHash, "customer": theirs.TokenHash, "unsettled": {4}} {
		if got, err := s.SessionByToken(bg, token); err != nil || !got.EndedAt.Equal(later) {
			t.Errorf("%s session: %+v, %v", name, got, err)
		}
	}
	if c, err := s.ChallengeByLink(bg, []byte{3}); err != nil || !c.UsedAt.Equal(later) {
		t.Errorf("challenge: %+v, %v", c, err)
	}
	if _, err := s.Stop(bg, []byte("stop"), noon); !errors.Is(err, rights.ErrGone) {
		t.Errorf("stop: %v", err)
	}
	if _, err := s.Enrolment(bg, []byte("enrol"), noon); !errors.Is(err, rights.ErrGone) {
		t.Errorf("enrolment: %v", err)
	}
	states, err := s.LettersOf(bg, r.ID)
	check(t, err)
	for _, l := range states {
		if want := map[bool]string{true: "parked", false: "queued"}[l.ID == code.ID]; l.State != want {
			t.Errorf("a %s is %s, want %s", l.Kind, l.State, want)
		}
	}
	after, err := s.VerifyAudit(bg)
	if check(t, err); after.Entries != before.Entries+1 {
		t.Errorf("%d entries, want %d and the restore", after.Entries, before.Entries)
	}
}

func TestABackupThatCannotBeRestoredLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "habeas.key")
	s := openIn(t, dir)
	addSubject(t, s, "ana@example.com")
	good := backUp(t, s)
	stranger := openNew(t, t.TempDir())
	addSubject(t, stranger, "ana@example.com")
	foreign := backUp(t, stranger)
	text := filepath.Join(t.TempDir(), "text")
	check(t, os.WriteFile(text, []byte(strings.Repeat("not a database ", 99)), 0o600))
	spoilt := func(sql string) string {
		file := backUp(t, s)
		place := filepath.Dir(file)
		check(t, os.Rename(file, filepath.Join(place, "habeas.db")))
		_, err := raw(t, place).Exec(sql)
		check(t, err)
		return filepath.Join(place, "habeas.db")
	}
	for _, c := range []struct{ name, backup, keys, key, says string }{
		{"what is no backup", text, store.KeysOf(good), key, "not a backup of habeas"},
		{"keys that are none", good, text, key, "not a backup of habeas"},
		{"a database in place of the keys", good, good, key, "cannot be used"},
		{"keys of another portal", good, store.KeysOf(foreign), key, "none of the subjects' keys is of this backup"},
		{"a backup of another key", foreign, store.KeysOf(foreign), key, "is not the one of this database"},
		{"no key", good, store.KeysOf(good), filepath.Join(dir, "none"), "is missing"},
		{"an audit log that was tampered with", spoilt("DROP TRIGGER audit_entries_stay; UPDATE audit_entries SET act = 'nothing' WHERE seq = 1"),
			store.KeysOf(good), key, "tampered with at entry 1"},
		{"a file that is not there", text + "x", store.KeysOf(good), key, "read the backup"},
	} {
		again, _, err := restore(t, c.key, c.backup, c.keys)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
		left, err := filepath.Glob(filepath.Join(again, "*"))
		check(t, err)
		if len(left) != 1 || filepath.Base(left[0]) != "habeas.lock" {
			t.Errorf("%s left %v", c.name, left)
		}
	}
	again, _, err := restore(t, key, good, store.KeysOf(good))
	check(t, err)
	if _, err := store.Restore(bg, store.Options{Dir: again, KeyFile: key, Now: clock}, good, store.KeysOf(good)); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("over another: %v", err)
	}
}

// Since a backup a request may have been taken back, a hold placed, a proposal declined: nothing begins on the word of a backup.
func TestARestoredBackupErasesAndDestroysNobodyUnasked(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "habeas.key")
	s := openIn(t, dir)
	_, r := plant(t, s)
	d := store.Destruction{ID: "d1", Source: "shop", Collection: "visits", State: "proposed", Rule: "{}", Found: "{}", DueOn: rights.DateOf(noon), ProposedAt: noon}
	write(t, s, func(tx *store.Tx) error {
		if err := tx.InsertErasure(r.ID, noon); err != nil {
			return err
		}
		return tx.InsertDestruction(d, why("destruction.proposed"))
	})
	d, err := s.Destruction(bg, d.ID)
	check(t, err)
	d.State, d.DecidedBy, d.DecidedAt = "approved", "chief", noon
	write(t, s, func(tx *store.Tx) error { return tx.UpdateDestruction(d, why("destruction.approved")) })
	backup := backUp(t, s)

	again, report, err := restore(t, key, backup, store.KeysOf(backup))
	check(t, err)
	restored := reopen(t, again, key)
	e, err := restored.ErasureOf(bg, r.ID)
	check(t, err)
	if e.State != "by_hand" || e.Trouble != "restored" || report.Erasures != 1 {
		t.Errorf("the erasure is %s (%s), %d reported", e.State, e.Trouble, report.Erasures)
	}
	if list, err := restored.EntriesOf(bg, r.Subject, []string{"erasure.by_hand"}, 0, 10); err != nil || len(list) != 1 {
		t.Errorf("what is written down about them: %+v, %v", list, err)
	}
	if next, err := restored.NextErasure(bg, later.Add(1000*time.Hour)); err != nil || next != "" {
		t.Errorf("%q is erased, %v", next, err)
	}
	if d, err = restored.Destruction(bg, d.ID); err != nil || d.State != "proposed" || d.DecidedBy != "" {
		t.Errorf("the destruction is %s by %q, %v", d.State, d.DecidedBy, err)
	}
	if _, err := restored.VerifyAudit(bg); err != nil {
		t.Error(err)
	}
}
