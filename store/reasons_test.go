package store_test

import (
	"errors"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

// TestEveryChangeThatNeedsAReasonLeavesItsEntry runs each act twice: in a transaction that then fails, which must leave
// neither change nor entry, and in one that does not, which must leave exactly its entry.
func TestEveryChangeThatNeedsAReasonLeavesItsEntry(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "ana@example.com")
	r := addRequest(t, s, aRequest(sub.ID))
	m := addStaff(t, s, "ona@example.com")
	bare := store.Staff{ID: "bare", Email: "bea@example.com", Role: rights.RoleOfficer, State: "invited", MadeAt: noon}
	write(t, s, func(tx *store.Tx) error { return tx.InsertStaff(bare, why("staff.invited")) })
	task := aTask(r, "shop", "")
	write(t, s, func(tx *store.Tx) error { return tx.InsertTasks([]rights.Task{task}, why("tasks.made")) })
	challenge := addChallenge(t, s, "browser")
	first, second := addSession(t, s, "staff", m.ID), addSession(t, s, "staff", m.ID)
	write(t, s, func(tx *store.Tx) error { return tx.ReplaceRecoveryCodes(m.ID, [][]byte{[]byte("code")}) })

	for _, c := range []struct {
		act string
		do  func(tx *store.Tx, why rights.Entry) error
	}{
		{"InsertMapVersion", func(tx *store.Tx, why rights.Entry) error {
			return tx.InsertMapVersion(store.MapVersion{Version: 1, Record: []byte("[]"), KeptAt: noon}, why)
		}},
		{"InsertReview", func(tx *store.Tx, why rights.Entry) error {
			return tx.InsertReview(store.Review{ID: "review", Staff: m.ID, SignedAt: noon, Record: []byte("{}")}, why)
		}},
		{"InsertSubject", func(tx *store.Tx, why rights.Entry) error {
			return tx.InsertSubject(store.Subject{ID: "other", Mailbox: "ben@example.com", MadeAt: noon}, why)
		}},
		{"UpdateSubject", func(tx *store.Tx, why rights.Entry) error { return tx.UpdateSubject(sub, why) }},
		{"InsertChallenge", func(tx *store.Tx, why rights.Entry) error {
			c := challenge
			c.ID, c.LinkHash = "other", []byte("other")
			return tx.InsertChallenge(c, why)
		}},
		{"UseChallenge", func(tx *store.Tx, why rights.Entry) error { return tx.UseChallenge(challenge.ID, noon, why) }},
		{"InsertSession", func(tx *store.Tx, why rights.Entry) error {
			return tx.InsertSession(store.Session{ID: "other", TokenHash: []byte("other"), Kind: "staff", Staff: m.ID, MadeAt: noon, EndsAt: noon.Add(time.Hour)}, why)
		}},
		{"EndSession", func(tx *store.Tx, why rights.Entry) error { return tx.EndSession(first.ID, noon, why) }},
		{"EndSessionsOf", func(tx *store.Tx, why rights.Entry) error {
			_, err := tx.EndSessionsOf("staff", m.ID, second.ID, noon, why)
			return err
		}},
		{"InsertStaff", func(tx *store.Tx, why rights.Entry) error {
			return tx.InsertStaff(store.Staff{ID: "other", Email: "otto@example.com", Role: rights.RoleAdmin, State: "invited"}, why)
		}},
		{"UpdateStaff", func(tx *store.Tx, why rights.Entry) error { return tx.UpdateStaff(m, why) }},
		{"SetTOTP", func(tx *store.Tx, why rights.Entry) error { _, err := tx.SetTOTP(bare.ID, "SECRET", why); return err }},
		{"InsertEnrolment", func(tx *store.Tx, why rights.Entry) error {
			return tx.InsertEnrolment([]byte("enrol"), m.ID, noon.Add(time.Hour), why)
		}},
		{"UseEnrolment", func(tx *store.Tx, why rights.Entry) error { return tx.UseEnrolment([]byte("enrol"), noon, why) }},
		{"UseRecoveryCode", func(tx *store.Tx, why rights.Entry) error { return tx.UseRecoveryCode(m.ID, []byte("code"), noon, why) }},
		{"InsertRequest", func(tx *store.Tx, why rights.Entry) error {
			other := aRequest(sub.ID)
			return tx.InsertRequest(other, why)
		}},
		{"UpdateRequest", func(tx *store.Tx, why rights.Entry) error { return tx.UpdateRequest(r, why) }},
		{"InsertMessage", func(tx *store.Tx, why rights.Entry) error {
			return tx.InsertMessage(rights.Message{ID: "message", Request: r.ID, At: noon}, why)
		}},
		{"InsertTasks", func(tx *store.Tx, why rights.Entry) error {
			return tx.InsertTasks([]rights.Task{{ID: "other", Request: r.ID, State: rights.TaskOpen}}, why)
		}},
		{"UpdateTask", func(tx *store.Tx, why rights.Entry) error { return tx.UpdateTask(task, why) }},
		{"InsertConsentEvent", func(tx *store.Tx, why rights.Entry) error {
			return tx.InsertConsentEvent(rights.ConsentEvent{ID: "consent", Subject: sub.ID, Request: r.ID, Choice: rights.Granted, At: noon}, why)
		}},
		{"InsertFlagEvent", func(tx *store.Tx, why rights.Entry) error {
			return tx.InsertFlagEvent(rights.FlagEvent{ID: "flag", Subject: sub.ID, Request: r.ID, Kind: rights.OptedOut, Raised: true, At: noon}, why)
		}},
		{"InsertFlagLift", func(tx *store.Tx, why rights.Entry) error {
			return tx.InsertFlagLift(store.FlagLift{ID: "lift", Subject: sub.ID, Request: r.ID, Kind: rights.Restricted, FallsAt: noon}, why)
		}},
		{"DestroySubjectKey", func(tx *store.Tx, why rights.Entry) error { return tx.DestroySubjectKey(sub.ID, why) }},
	} {
		reason := rights.Entry{At: noon, Actor: rights.System, Act: c.act, Subject: "witness"}
		broken := errors.New("broken")
		if err := try(s, func(tx *store.Tx) error {
			if err := c.do(tx, reason); err != nil {
				return err
			}
			return broken
		}); err != broken {
			t.Errorf("%s, then a failure: %v", c.act, err)
		}
		of := func() int {
			rows, err := s.EntriesOf(bg, "witness", []string{c.act}, 0, 9)
			check(t, err)
			return len(rows)
		}
		if n := of(); n != 0 {
			t.Errorf("%s was undone and left %d entries", c.act, n)
		}
		// That it can be done now also shows that the first time left no trace.
		if err := try(s, func(tx *store.Tx) error { return c.do(tx, rights.Entry{}) }); err == nil {
			t.Errorf("%s went through without a reason", c.act)
		}
		if err := try(s, func(tx *store.Tx) error { return c.do(tx, reason) }); err != nil {
			t.Errorf("%s: %v", c.act, err)
		}
		if n := of(); n != 1 {
			t.Errorf("%s left %d entries, want 1", c.act, n)
		}
	}
	_, err := s.VerifyAudit(bg)
	check(t, err)
}
