package store_test

import (
	"errors"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

func TestThePackagesOfARequestLiveEachByItself(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	r := addRequest(t, s, aRequest(addSubject(t, s, "ana@example.com").ID))
	first := store.Package{Request: r.ID, State: "ready", Missing: "[]", FileKey: "key of the first", NextAt: noon, ReadyAt: noon, ExpiresAt: noon.Add(time.Hour)}
	rest := store.Package{Request: r.ID, Number: 1, State: "queued", Missing: `[{"source":"crm"}]`, NextAt: noon.Add(time.Minute)}
	write(t, s, func(tx *store.Tx) error { return errors.Join(tx.InsertPackage(first), tx.InsertPackage(rest)) })
	if err := try(s, func(tx *store.Tx) error { return tx.InsertPackage(rest) }); err == nil {
		t.Error("there are two of one number")
	}
	var claimed store.Package
	write(t, s, func(tx *store.Tx) (err error) {
		claimed, _, err = tx.ClaimPackage(noon.Add(time.Minute), time.Minute)
		return err
	})
	if claimed.Number != 1 || claimed.Attempts != 1 || claimed.Missing != rest.Missing {
		t.Fatalf("claimed %+v", claimed)
	}
	claimed.State, claimed.FileKey, claimed.Tries, claimed.ReadyAt, claimed.ExpiresAt = "ready", "key of the rest", 3, noon, noon.Add(2*time.Hour)
	write(t, s, func(tx *store.Tx) error { return tx.UpdatePackage(claimed) })
	all, err := s.PackagesOf(bg, r.ID)
	if check(t, err); len(all) != 2 || all[0] != first || all[1] != claimed {
		t.Errorf("they are %+v", all)
	}
	if _, err := s.Package(bg, r.ID, 2); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("one that is not: %v", err)
	}
	if over, err := s.ExpiredPackages(bg, noon.Add(time.Hour), 9); err != nil || len(over) != 1 || over[0].Number != 0 {
		t.Errorf("after an hour are over %+v, %v", over, err)
	}
	later := addRequest(t, s, aRequest(addSubject(t, s, "bea@example.com").ID))
	write(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.InsertPackage(store.Package{Request: r.ID, Number: 2, State: "queued", NextAt: noon}),
			tx.InsertPackage(store.Package{Request: later.ID, State: "queued", NextAt: noon.Add(time.Minute)}))
	})
	for _, want := range []string{later.ID, r.ID} {
		write(t, s, func(tx *store.Tx) error {
			p, _, err := tx.ClaimPackage(noon.Add(time.Minute), time.Hour)
			if p.Request != want {
				t.Errorf("claimed the package %d of %s", p.Number, p.Request)
			}
			return err
		})
	}
	// The key of one does not open as another's, wherever a hand in the database puts it.
	_, err = raw(t, dir).Exec("UPDATE packages SET file_key = (SELECT file_key FROM packages WHERE number = 0) WHERE number = 1")
	check(t, err)
	if _, err := s.Package(bg, r.ID, 1); err == nil {
		t.Error("the key of the first opens as the key of the rest")
	}
}
