package store_test

import (
	"errors"
	"strings"
	"testing"

	"habeas/rights"
	"habeas/store"
)

func proposed(t testing.TB, s *store.Store) store.Destruction {
	t.Helper()
	d := store.Destruction{ID: newID(), Source: "shop", Collection: "visits", State: "proposed", Rule: "{}", DueOn: rights.NewDate(2026, 3, 2), Found: "{}", ProposedAt: noon, Version: 1}
	write(t, s, func(tx *store.Tx) error { return tx.InsertDestruction(d, why("destruction.proposed")) })
	return d
}

func TestTheRecordOfADestructionIsNeverChanged(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	d := proposed(t, s)
	if err := try(s, func(tx *store.Tx) error { d.ID = newID(); return tx.InsertDestruction(d, why("destruction.proposed")) }); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("a second one of the same collection: %v", err)
	}
	open, err := s.OpenDestructions(bg)
	check(t, err)
	d = open[0]
	d.State, d.Reason, d.Work, d.DecidedBy = "approved", "Jane asked", `{"ids":["C-77"]}`, "m1"
	write(t, s, func(tx *store.Tx) error { return tx.UpdateDestruction(d, why("destruction.approved")) })
	if err := try(s, func(tx *store.Tx) error { return tx.UpdateDestruction(d, why("destruction.approved")) }); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("of a version that is over: %v", err)
	}
	read, err := s.Destruction(bg, d.ID)
	check(t, err)
	if read.Reason != "Jane asked" || read.Work != d.Work || read.Version != 2 {
		t.Errorf("read %+v", read)
	}
	db := raw(t, dir)
	var plain int
	check(t, db.QueryRow("SELECT count(*) FROM destructions WHERE CAST(reason AS TEXT) LIKE '%Jane%' OR CAST(work AS TEXT) LIKE '%C-77%'").Scan(&plain))
	if plain != 0 {
		t.Error("the reason or the records under way lie there in the clear")
	}
	write(t, s, func(tx *store.Tx) error { return tx.AddDestroyed(read, []string{"3", "1"}) })
	read.Version++ // of another batch
	write(t, s, func(tx *store.Tx) error { return tx.AddDestroyed(read, []string{"2"}) })
	read.Version--
	write(t, s, func(tx *store.Tx) error {
		sum, err := tx.SumDestroyed(bg, read)
		read.State, read.Work, read.SHA256, read.DoneAt, read.Destroyed = "done", "", sum, noon, 3
		return errors.Join(err, tx.UpdateDestruction(read, why("destruction.done")))
	})
	if read.SHA256 == "" || strings.Trim(read.SHA256, "0123456789abcdef") != "" {
		t.Errorf("its sum is %q", read.SHA256)
	}
	read.Version++
	if err := try(s, func(tx *store.Tx) error { return tx.UpdateDestruction(read, why("destruction.done")) }); err == nil {
		t.Error("the record can be changed")
	}
	for _, statement := range []string{"UPDATE destructions SET destroyed = 0", "DELETE FROM destructions"} {
		if _, err := db.Exec(statement); err == nil {
			t.Errorf("%s is let do", statement)
		}
	}
	var hashes int
	check(t, db.QueryRow("SELECT count(*) FROM destroyed_hashes").Scan(&hashes))
	if hashes != 0 {
		t.Error("hashes of what was destroyed are still there")
	}
	over, _, err := s.Destructions(bg, "", 10)
	check(t, err)
	if len(over) != 1 || over[0].Destroyed != 3 {
		t.Errorf("over: %+v", over)
	}
	write(t, s, func(tx *store.Tx) error { return tx.InsertDestruction(d2(d), why("destruction.proposed")) })
}

// d2 is another of the same collection.
func d2(d store.Destruction) store.Destruction { d.ID = newID(); return d }

func TestTheSumOfWhatWasDestroyedIsTheSameInWhateverOrder(t *testing.T) {
	s := open(t)
	d := proposed(t, s)
	sum := func(batches ...[]string) (out string) {
		write(t, s, func(tx *store.Tx) (err error) {
			for i, ids := range batches {
				d.Version = i
				if err := tx.AddDestroyed(d, ids); err != nil {
					return err
				}
			}
			out, err = tx.SumDestroyed(bg, d)
			return err
		})
		return out
	}
	one := sum([]string{"1", "2"}, []string{"3"})
	if other := sum([]string{"3", "2"}, []string{"1"}); one != other {
		t.Errorf("%s and %s", one, other)
	}
	if other := sum([]string{"1", "2"}); one == other {
		t.Error("fewer records have the same sum")
	}
}

func TestWhoseDataNoRuleDestroys(t *testing.T) {
	s := open(t)
	plain, asks, held, lifted, erasing := addSubject(t, s, "a@example.com"), addSubject(t, s, "b@example.com"), addSubject(t, s, "c@example.com"), addSubject(t, s, "d@example.com"), addSubject(t, s, "e@example.com")
	addRequest(t, s, aRequest(asks.ID))
	other := aRequest(erasing.ID)
	other.Right = rights.Erasure
	addRequest(t, s, other)
	closed(t, s, plain.ID, "ccpa", noon)
	for _, h := range []store.Hold{{ID: "h1", Subject: held.ID}, {ID: "h2", Subject: lifted.ID}} {
		h.Ground, h.By, h.At, h.ReviewOn = "claims", "m1", noon, rights.NewDate(2026, 6, 1)
		write(t, s, func(tx *store.Tx) error { return tx.InsertHold(h, why("hold.placed")) })
	}
	write(t, s, func(tx *store.Tx) error { return tx.LiftHold("h2", "m2", why("hold.lifted")) })
	got, err := s.SparedSubjects(bg)
	check(t, err)
	if len(got) != 2 || !(got[0] == asks.ID || got[1] == asks.ID) || !(got[0] == held.ID || got[1] == held.ID) {
		t.Errorf("spared are %v, want %s and %s", got, asks.ID, held.ID)
	}
}
