package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"habeas/rights"
	"habeas/store"
)

func TestMarksFindExactlyWhomTheyWereSetOnAndStandNowhereInClear(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	a, b := addSubject(t, s, "a@example.com"), addSubject(t, s, "b@example.com")
	write(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.Mark(a.ID, []string{"number planted77", "row shop/1", "row shop/1"}), tx.Mark(b.ID, []string{"row shop/1"}))
	})
	for _, c := range []struct{ mark, want string }{
		{"number planted77", a.ID}, {"row shop/1", a.ID + b.ID}, {"number planted7", ""}, {"number planted77%", ""}, {"planted77", ""}, {"", ""},
	} {
		found, err := s.SubjectsByMark(bg, c.mark)
		check(t, err)
		got := ""
		for _, one := range found {
			got += one.ID
		}
		if len(got) != len(c.want) || c.want != "" && !strings.Contains(got, a.ID) {
			t.Errorf("%q finds %q, want %q", c.mark, got, c.want)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	check(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(t, err)
		if bytes.Contains(text, []byte("planted77")) {
			t.Errorf("%s holds a number in clear", filepath.Base(file))
		}
	}
	write(t, s, func(tx *store.Tx) error { return tx.Mark(a.ID, []string{"number new"}) })
	write(t, s, func(tx *store.Tx) error { return tx.DestroySubjectKey(b.ID, why("subject.erased")) })
	for _, gone := range []string{"number planted77", "row shop/1"} {
		if found, err := s.SubjectsByMark(bg, gone); err != nil || len(found) > 0 {
			t.Errorf("%q still finds %d, %v", gone, len(found), err)
		}
	}
}

// A directory of the first version has no key for marks: the next start makes it, once.
func TestAKeyringOfTheFirstVersionIsCompletedOnce(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(bg, store.Options{Dir: dir, Now: clock})
	check(t, err)
	check(t, s.Close())
	db := raw(t, dir)
	_, err = db.Exec("DELETE FROM keyring WHERE name = 'mark_index'")
	check(t, err)
	s, err = store.Open(bg, store.Options{Dir: dir, Now: clock})
	check(t, err)
	a := addSubject(t, s, "a@example.com")
	write(t, s, func(tx *store.Tx) error { return tx.Mark(a.ID, []string{"number 1"}) })
	check(t, s.Close())
	s = openIn(t, dir)
	if found, err := s.SubjectsByMark(bg, "number 1"); err != nil || len(found) != 1 {
		t.Errorf("after another start it finds %d, %v", len(found), err)
	}
	check(t, s.Close())
	_, err = db.Exec("DELETE FROM keyring WHERE name = 'mailbox_index'")
	check(t, err)
	if s, err = store.Open(bg, store.Options{Dir: dir, Now: clock}); err == nil {
		check(t, s.Close())
		t.Error("a lost key of the first version was replaced: what it indexed would be lost without a word")
	}
}

func TestADecisionIsMadeOnceAndReadWithItsReason(t *testing.T) {
	s := open(t)
	a, b := addSubject(t, s, "a@example.com"), addSubject(t, s, "b@example.com")
	m := store.Merge{ID: "m", Gone: a.ID, Kept: b.ID, One: true, Reason: "she says so", By: "staff", At: noon}
	decide := func(m store.Merge) error {
		return s.Write(bg, func(tx *store.Tx) error { return tx.InsertMerge(m, why("person.merged")) })
	}
	check(t, decide(m))
	got, err := s.Merge(bg, "m")
	check(t, err)
	if got != m {
		t.Errorf("read %+v", got)
	}
	for _, c := range []struct {
		sentence string
		m        store.Merge
		want     error
	}{
		{"the same again", store.Merge{ID: "n", Gone: a.ID, Kept: b.ID, One: true, At: noon}, rights.ErrConflict},
		{"the other way round", store.Merge{ID: "n", Gone: b.ID, Kept: a.ID, At: noon}, rights.ErrConflict},
		{"with nobody", store.Merge{ID: "n", Gone: b.ID, Kept: "nobody", One: true, At: noon}, rights.ErrNotFound},
	} {
		if err := decide(c.m); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
	write(t, s, func(tx *store.Tx) error { return tx.DestroySubjectKey(b.ID, why("subject.erased")) })
	if head, err := s.HeadOf(bg, a.ID); err != nil || head != a.ID {
		t.Errorf("whoever was shown with an erased person is shown as %s, %v", head, err)
	}
	got, err = s.Merge(bg, "m")
	if err != nil || got.Reason != "she says so" {
		t.Errorf("the decision: %+v, %v", got, err)
	}
	write(t, s, func(tx *store.Tx) error { return tx.DestroySubjectKey(a.ID, why("subject.erased")) })
	got, err = s.Merge(bg, "m")
	if err != nil || got.Reason != "" || got.Gone != a.ID {
		t.Errorf("without its key: %+v, %v", got, err)
	}
}

func TestThePagesOfAPersonFindTheirRowsByIndex(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	addSubject(t, s, "a@example.com")
	for sentence, query := range map[string]string{
		"requests of one":                     `SELECT id FROM requests r WHERE r.subject_id = 'a' ORDER BY r.received_at DESC, r.id DESC LIMIT 21`,
		"letters of one":                      `SELECT id FROM letters WHERE subject_id IS NOT NULL AND subject_id = 'a' ORDER BY queued_at DESC, id DESC LIMIT 50`,
		"looks at one":                        `SELECT leaf FROM audit_entries WHERE subject_id = 'a' AND seq < 9 ORDER BY seq DESC LIMIT 21`,
		"whom somebody is shown with":         `SELECT id FROM subjects WHERE merged_into = 'a' AND merged_into > ''`,
		"how many somebody looked at":         `SELECT COUNT(*) FROM people_seen p WHERE p.staff_id = 'a' AND p.day = '2026-01-01'`,
		"decisions, on the side that is gone": `SELECT id FROM merges WHERE undone_at = 0 AND gone_id = 'a'`,
		"decisions, on the other":             `SELECT id FROM merges WHERE undone_at = 0 AND kept_id = 'a'`,
	} {
		rows, err := raw(t, dir).Query("EXPLAIN QUERY PLAN " + query)
		check(t, err)
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var detail string
			check(t, rows.Scan(&id, &parent, &unused, &detail))
			plan = append(plan, detail)
		}
		check(t, errors.Join(rows.Err(), rows.Close()))
		if text := strings.Join(plan, "; "); strings.Contains(text, "SCAN") || strings.Contains(text, "TEMP B-TREE") {
			t.Errorf("%s: %s", sentence, text)
		}
	}
}
