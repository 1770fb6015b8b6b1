package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"habeas/rights"
	"habeas/store"
)

// wrappedKeys is whose keys lie in the keys' file of a directory.
func wrappedKeys(t testing.TB, dir string) (ids []string) {
	t.Helper()
	rows, err := raw(t, dir).Query("SELECT subject_id FROM keys.subject_keys ORDER BY subject_id")
	check(t, err)
	defer rows.Close()
	for rows.Next() {
		var id string
		check(t, rows.Scan(&id))
		ids = append(ids, id)
	}
	check(t, rows.Err())
	return ids
}

func TestABackupHoldsNoKeyOfAnybody(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	plant(t, s)
	var wrapped []byte
	check(t, raw(t, dir).QueryRow("SELECT wrapped FROM keys.subject_keys").Scan(&wrapped))
	backup := backUp(t, s)
	for file, holds := range map[string]bool{backup: false, store.KeysOf(backup): true} {
		b, err := os.ReadFile(file)
		check(t, err)
		if strings.Contains(string(b), string(wrapped)) != holds {
			t.Errorf("%s: the key is in it: %v, want %v", filepath.Base(file), !holds, holds)
		}
	}
}

func TestKeysComeAndGoWithTheTransactionsThatMakeAndDestroyThem(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	broken := errors.New("broken")
	sub := store.Subject{ID: newID(), Mailbox: "ana@example.com", MadeAt: noon}
	undone := func(tx *store.Tx) error {
		return errors.Join(tx.InsertSubject(sub, why("subject.made")), broken)
	}
	if err := try(s, undone); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if ids := wrappedKeys(t, dir); len(ids) != 0 {
		t.Errorf("an undone transaction left the keys of %v", ids)
	}
	write(t, s, func(tx *store.Tx) error {
		if err := tx.InsertSubject(sub, why("subject.made")); err != nil {
			return err
		}
		got, err := tx.Subject(bg, sub.ID) // its own, before the key is in the file
		if err != nil || got.Mailbox != sub.Mailbox {
			t.Errorf("inside its transaction: %+v, %v", got, err)
		}
		return nil
	})
	if ids := wrappedKeys(t, dir); len(ids) != 1 || ids[0] != sub.ID {
		t.Errorf("the keys of %v", ids)
	}
	if err := try(s, func(tx *store.Tx) error {
		return errors.Join(tx.DestroySubjectKey(sub.ID, why("subject.erased")), broken)
	}); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	store.FillDisk(t, s)
	if err := try(s, func(tx *store.Tx) error {
		if err := tx.DestroySubjectKey(sub.ID, why("subject.erased")); err != nil {
			return err
		}
		return tx.Append(rights.Entry{At: noon, Act: "much", Facts: map[string]string{"much": strings.Repeat("x", 1<<20)}})
	}); !errors.Is(err, store.ErrFull) {
		t.Errorf("on a full disk: %v", err)
	}
	store.EmptyDisk(t, s)
	check(t, s.Ping(bg))
	if _, err := s.Subject(bg, sub.ID); err != nil {
		t.Errorf("a destruction that was undone took the key: %v", err)
	}
	both := store.Subject{ID: newID(), Mailbox: "ben@example.com", MadeAt: noon}
	write(t, s, func(tx *store.Tx) error {
		if err := errors.Join(tx.InsertSubject(both, why("subject.made")), tx.DestroySubjectKey(both.ID, why("subject.erased"))); err != nil {
			return err
		}
		if _, err := tx.Subject(bg, both.ID); !errors.Is(err, rights.ErrGone) {
			t.Errorf("made and erased in one transaction: %v", err)
		}
		return nil
	})
	if ids := wrappedKeys(t, dir); len(ids) != 1 || ids[0] != sub.ID {
		t.Errorf("the keys of %v, want those of %s", ids, sub.ID)
	}
}

func TestACrashBetweenTheTwoFilesLeavesNoSubjectWithoutTheirKey(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(bg, store.Options{Dir: dir, Now: clock})
	check(t, err)
	ana, ben := addSubject(t, s, "ana@example.com"), addSubject(t, s, "ben@example.com")
	check(t, s.Close())
	// As it is when the process dies after one commit and before the other: a key whose subject never came, and a subject
	// that is marked as erased and whose key is still there.
	db := raw(t, dir)
	_, err = db.Exec("INSERT INTO keys.subject_keys SELECT 'unused', wrapped FROM keys.subject_keys WHERE subject_id = $1", ana.ID)
	check(t, err)
	_, err = db.Exec("UPDATE subjects SET erased_at = 1 WHERE id = $1", ben.ID)
	check(t, err)

	s = openIn(t, dir)
	if _, err := s.Subject(bg, ben.ID); !errors.Is(err, rights.ErrGone) {
		t.Errorf("the erased: %v", err)
	}
	if _, err := s.Subject(bg, ana.ID); err != nil {
		t.Errorf("the other: %v", err)
	}
	for _, id := range wrappedKeys(t, dir) {
		if id == ben.ID {
			t.Error("the key of the erased is still there")
		}
	}
	carl := store.Subject{ID: "unused", Mailbox: "carl@example.com", MadeAt: noon}
	write(t, s, func(tx *store.Tx) error { return tx.InsertSubject(carl, why("subject.made")) })
	if _, err := s.Subject(bg, "unused"); err != nil {
		t.Errorf("whose key had come before them: %v", err)
	}
}
