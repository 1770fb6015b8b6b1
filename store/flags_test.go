package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

func raised(t testing.TB, s *store.Store, r rights.Request, kind rights.FlagKind, up bool, at time.Time) rights.FlagEvent {
	t.Helper()
	e := rights.FlagEvent{ID: newID(), Subject: r.Subject, Request: r.ID, Kind: kind, Raised: up, At: at, By: rights.Actor{ID: r.Subject, Role: rights.RoleSubject}}
	write(t, s, func(tx *store.Tx) error { return tx.InsertFlagEvent(e, why("flag.raised")) })
	return e
}

func TestTheLedgerOfFlagsIsReadAsItWasWritten(t *testing.T) {
	s := open(t)
	ana, bea := addSubject(t, s, "ana@example.com"), addSubject(t, s, "bea@example.com")
	first := raised(t, s, addRequest(t, s, aRequest(ana.ID)), rights.OptedOut, true, noon)
	second := raised(t, s, addRequest(t, s, aRequest(bea.ID)), rights.Restricted, true, noon.Add(time.Hour))
	got, err := s.FlagEvents(bg, ana.ID)
	if err != nil || len(got) != 1 || got[0] != first {
		t.Fatalf("of one person: %+v, %v", got, err)
	}
	if on, err := s.Restricted(bg, ana.ID); err != nil || on {
		t.Errorf("opting out restricts nothing: %v, %v", on, err)
	}
	write(t, s, func(tx *store.Tx) error {
		return tx.InsertMerge(store.Merge{ID: newID(), Gone: bea.ID, Kept: ana.ID, One: true, Reason: "same", By: "otto", At: noon}, why("person.merged"))
	})
	got, err = s.FlagEvents(bg, ana.ID)
	if err != nil || len(got) != 2 || got[1] != second {
		t.Errorf("of two who are one: %+v, %v", got, err)
	}
	if on, err := s.Restricted(bg, ana.ID); err != nil || !on {
		t.Errorf("a restriction of whoever is shown with them: %v, %v", on, err)
	}
	raised(t, s, addRequest(t, s, aRequest(bea.ID)), rights.Restricted, false, noon.Add(2*time.Hour))
	if on, err := s.Restricted(bg, ana.ID); err != nil || on {
		t.Errorf("once it is lowered: %v, %v", on, err)
	}
}

func TestTheLedgerOfFlagsIsNeitherChangedNorDeleted(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	raised(t, s, addRequest(t, s, aRequest(addSubject(t, s, "ana@example.com").ID)), rights.OptedOut, true, noon)
	for _, query := range []string{"UPDATE flag_events SET raised = 0", "DELETE FROM flag_events"} {
		if _, err := raw(t, dir).ExecContext(context.Background(), query); err == nil || !strings.Contains(err.Error(), "ledger") {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestARecordThatRaisedAFlagStaysAndOneThatClosedAnAccountEnds(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "ana@example.com")
	opted, gone := closed(t, s, sub.ID, "ccpa", noon), closed(t, s, sub.ID, "ccpa", noon)
	raised(t, s, opted, rights.OptedOut, true, noon)
	raised(t, s, gone, rights.Closed, true, noon)
	found, err := s.Served(bg, "ccpa", 10)
	if err != nil || len(found) != 1 || found[0].ID != gone.ID {
		t.Errorf("%+v, %v", found, err)
	}
	if err := end(s, opted); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("what raised a flag that may stand: %v", err)
	}
	check(t, end(s, gone))
}

func TestSourcesAreToldInTheOrderInWhichTheyAreDue(t *testing.T) {
	s := open(t)
	r := addRequest(t, s, aRequest(addSubject(t, s, "ana@example.com").ID))
	queue := func(at time.Time, sources ...string) {
		write(t, s, func(tx *store.Tx) error { return tx.QueueFlagWrites(r.Subject, r.ID, rights.OptedOut, sources, at) })
	}
	queue(noon.Add(time.Minute), "shop")
	queue(noon, "crm")
	if _, err := s.NextFlagWrite(bg, noon.Add(-time.Second)); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("before anything is due: %v", err)
	}
	w, err := s.NextFlagWrite(bg, noon.Add(time.Hour))
	if err != nil || w.Source != "crm" || w.State != "waiting" || w.Kind != rights.OptedOut || !w.NextAt.Equal(noon) {
		t.Fatalf("first: %+v, %v", w, err)
	}
	done := w
	done.State, done.WrittenAt = "written", noon
	write(t, s, func(tx *store.Tx) error { return tx.UpdateFlagWrite(done, why("flag.written")) })
	if err := try(s, func(tx *store.Tx) error { return tx.UpdateFlagWrite(done) }); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("at a version that is past: %v", err)
	}
	next, err := s.NextFlagWrite(bg, noon.Add(time.Hour))
	if err != nil || next.Source != "shop" {
		t.Errorf("then: %+v, %v", next, err)
	}
	next.State = "written"
	write(t, s, func(tx *store.Tx) error { return tx.UpdateFlagWrite(next) })
	queue(noon.Add(time.Hour), "crm")
	if again, err := s.NextFlagWrite(bg, noon.Add(2*time.Hour)); err != nil || again.Source != "crm" || again.State != "waiting" || again.Version != 3 {
		t.Errorf("told anew: %+v, %v", again, err)
	}
}

func TestAFlagIsLiftedOnceAndOnItsDay(t *testing.T) {
	s := open(t)
	r := addRequest(t, s, aRequest(addSubject(t, s, "ana@example.com").ID))
	l := store.FlagLift{ID: newID(), Subject: r.Subject, Request: r.ID, Kind: rights.Restricted, By: "otto", FallsAt: noon}
	insert := func() error {
		return try(s, func(tx *store.Tx) error { return tx.InsertFlagLift(l, why("flag.lifting")) })
	}
	check(t, insert())
	if err := insert(); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("twice: %v", err)
	}
	if _, err := s.NextFlagLift(bg, noon.Add(-time.Second)); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("before its day: %v", err)
	}
	if got, err := s.NextFlagLift(bg, noon); err != nil || got != l {
		t.Errorf("on its day: %+v, %v", got, err)
	}
	write(t, s, func(tx *store.Tx) error { return tx.EndFlagLift(l.ID) })
	if list, err := s.FlagLifts(bg, r.Subject); err != nil || len(list) != 0 {
		t.Errorf("afterwards: %v, %v", list, err)
	}
}
