package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"habeas/rights"
	"habeas/store"
)

func TestASavedViewComesBackAsItWasSaved(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	whole := store.QueueQuery{
		View: "open", Right: rights.Erasure, State: rights.Paused, Regime: "ccpa", Owner: "nobody", Due: "week", Channel: rights.ByPhone, Language: "zh-CN", Sort: "-received",
	}
	for _, v := range []store.SavedView{
		{ID: "a", Staff: "ona", Name: "Erasures of Smith", Query: whole},
		{ID: "b", Name: "Everybody's", Query: store.QueueQuery{View: "unassigned"}},
		{ID: "c", Staff: "otto", Name: "Otto's", Query: store.QueueQuery{View: "mine", Me: "otto"}},
	} {
		v.MadeAt, v.MadeBy = noon, "ona"
		write(t, s, func(tx *store.Tx) error { return tx.InsertSavedView(v, why("view.saved")) })
	}
	own := func(staff string) (names []string) {
		views, err := s.SavedViews(bg, staff, rights.DateOf(noon))
		check(t, err)
		for _, v := range views {
			names = append(names, v.Name)
			if v.ID == "a" && (!sameQuery(v.Query, whole) || !v.MadeAt.Equal(noon) || v.MadeBy != "ona") {
				t.Errorf("it came back as %+v", v)
			}
		}
		return names
	}
	if got := own("ona"); len(got) != 2 || got[0] != "Erasures of Smith" || got[1] != "Everybody's" {
		t.Errorf("Ona sees %v", got)
	}
	if got := own("otto"); len(got) != 2 || got[0] != "Otto's" {
		t.Errorf("Otto sees %v", got)
	}
	if err := s.Write(bg, func(tx *store.Tx) error { return tx.DeleteSavedView("a", "otto", why("view.deleted")) }); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("Otto deletes Ona's: %v", err)
	}
	write(t, s, func(tx *store.Tx) error { return tx.DeleteSavedView("a", "ona", why("view.deleted")) })
	if got := own("ona"); len(got) != 1 {
		t.Errorf("after deleting Ona sees %v", got)
	}
	for _, file := range []string{"habeas.db", "habeas.db-wal"} { // a name may say whom it is about
		b, err := os.ReadFile(filepath.Join(dir, file))
		check(t, err)
		if bytes.Contains(b, []byte("Erasures of Smith")) {
			t.Errorf("%s holds the name in the clear", file)
		}
	}
}

func sameQuery(a, b store.QueueQuery) bool {
	return a.View == b.View && a.Right == b.Right && a.State == b.State && a.Regime == b.Regime && a.Owner == b.Owner && a.Due == b.Due &&
		a.Channel == b.Channel && a.Language == b.Language && a.Sort == b.Sort
}
