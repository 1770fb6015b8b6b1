package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

func TestVersionsOfTheMapFollowEachOtherAndStay(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	if _, err := s.LastMapVersion(bg); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("an empty store answers %v", err)
	}
	keep := func(version int) error {
		return try(s, func(tx *store.Tx) error {
			return tx.InsertMapVersion(store.MapVersion{Version: version, SHA256: "ab", Record: []byte(`[]`), KeptAt: noon}, why("map.changed"))
		})
	}
	check(t, keep(1))
	for _, version := range []int{1, 3} {
		if err := keep(version); !errors.Is(err, rights.ErrConflict) {
			t.Errorf("version %d after 1: %v", version, err)
		}
	}
	check(t, keep(2))
	last, err := s.LastMapVersion(bg)
	check(t, err)
	list, err := s.MapVersions(bg, 10)
	check(t, err)
	if last.Version != 2 || len(list) != 2 || list[1].Version != 1 || string(last.Record) != "[]" || !last.KeptAt.Equal(noon) {
		t.Errorf("last %+v of %d", last, len(list))
	}
	for _, query := range []string{"UPDATE map_versions SET record = 'x'", "DELETE FROM map_versions"} {
		if _, err := raw(t, dir).Exec(query); err == nil || !strings.Contains(err.Error(), "never") {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestASignedReviewIsSealedAndStays(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	m := addStaff(t, s, "mei@example.com")
	v := store.Review{ID: "r1", SignedAt: noon, Staff: m.ID, SHA256: "cd", Record: []byte(`{"remark":"planted"}`)}
	write(t, s, func(tx *store.Tx) error { return tx.InsertReview(v, why("review.signed")) })
	back, err := s.Review(bg, "r1")
	check(t, err)
	list, err := s.Reviews(bg, 10)
	check(t, err)
	if string(back.Record) != string(v.Record) || back.Staff != m.ID || len(list) != 1 {
		t.Errorf("read %+v of %d", back, len(list))
	}
	db := raw(t, dir)
	var sealed []byte
	check(t, db.QueryRow("SELECT record FROM reviews").Scan(&sealed))
	if strings.Contains(string(sealed), "planted") {
		t.Error("a remark lies in the clear")
	}
	for _, query := range []string{"UPDATE reviews SET sha256 = 'x'", "DELETE FROM reviews"} {
		if _, err := db.Exec(query); err == nil || !strings.Contains(err.Error(), "never") {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestASourceIsRememberedAsReachedWhenItLastAnswered(t *testing.T) {
	s := open(t)
	ask := func(at time.Time, trouble string) store.Contact {
		write(t, s, func(tx *store.Tx) error { return tx.SetContact("shop", at, trouble) })
		list, err := s.Contacts(bg)
		check(t, err)
		return list[0]
	}
	if c := ask(noon, "down"); !c.ReachedAt.IsZero() || c.Trouble != "down" {
		t.Errorf("never reached: %+v", c)
	}
	if c := ask(noon.Add(time.Hour), ""); !c.ReachedAt.Equal(noon.Add(time.Hour)) || c.Trouble != "" {
		t.Errorf("reached: %+v", c)
	}
	if c := ask(noon.Add(2*time.Hour), "down"); !c.ReachedAt.Equal(noon.Add(time.Hour)) || !c.AskedAt.Equal(noon.Add(2*time.Hour)) {
		t.Errorf("down again: %+v", c)
	}
}

func TestSigningInIsRememberedWithBothFactorsOnly(t *testing.T) {
	s := open(t)
	half, whole := addStaff(t, s, "half@example.com"), addStaff(t, s, "whole@example.com")
	addSession(t, s, "staff", half.ID)
	session := addSession(t, s, "staff", whole.ID)
	session.StepUpAt = noon.Add(time.Minute)
	write(t, s, func(tx *store.Tx) error { return tx.UpdateSession(session) })
	got, err := s.SignIns(bg)
	check(t, err)
	if len(got) != 1 || !got[whole.ID].Equal(session.StepUpAt) {
		t.Errorf("signed in: %v", got)
	}
}

func TestOpenRequestsAreCountedByRightAndWhoHasThem(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "ana@example.com")
	for _, r := range []struct {
		right rights.Right
		owner string
		at    time.Time
		state rights.State
	}{
		{rights.Access, "", noon.AddDate(0, 0, -9), rights.Received}, {rights.Access, "mei", noon, rights.InProgress},
		{rights.Erasure, "", noon, rights.Received}, {rights.Objection, "", noon.AddDate(0, 0, -9), rights.Fulfilled},
	} {
		request := aRequest(sub.ID)
		request.Right, request.Owner, request.ReceivedAt, request.State = r.right, r.owner, r.at, r.state
		addRequest(t, s, request)
	}
	got, err := s.OpenByRight(bg, noon.AddDate(0, 0, -7))
	check(t, err)
	want := []store.OpenOfRight{{Right: rights.Access, Open: 2, Unowned: 1, Stale: 1}, {Right: rights.Erasure, Open: 1, Unowned: 1}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %+v", got)
	}
}

func TestConsentsAreCountedByTheirLastWord(t *testing.T) {
	s := open(t)
	for i, row := range []struct {
		mailbox string
		words   []rights.Choice
	}{{"ana@example.com", []rights.Choice{rights.Granted}}, {"ben@example.com", []rights.Choice{rights.Granted, rights.Withdrawn}}, {"cy@example.com", []rights.Choice{rights.Withdrawn, rights.Granted}}} {
		sub := addSubject(t, s, row.mailbox)
		r := addRequest(t, s, aRequest(sub.ID))
		for _, choice := range row.words {
			e := rights.ConsentEvent{ID: newID(), Subject: sub.ID, Request: r.ID, Purpose: "news", Version: 1, Choice: choice, At: noon.AddDate(0, 0, i), Via: "portal", Language: "en"}
			write(t, s, func(tx *store.Tx) error { return tx.InsertConsentEvent(e, why("consent."+string(choice))) })
		}
	}
	for _, row := range []struct {
		why      string
		from, to time.Time
		want     int
	}{
		{"all that stand", noon, noon.AddDate(0, 0, 9), 2},
		{"from the first on", noon, noon.AddDate(0, 0, 2), 1},
		{"none before", noon.AddDate(0, 0, -9), noon, 0},
	} {
		if got, err := s.ConsentsGivenIn(bg, "news", row.from, row.to); err != nil || got != row.want {
			t.Errorf("%s: %d (%v), want %d", row.why, got, err, row.want)
		}
	}
}
