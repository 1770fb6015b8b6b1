package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

func addStaff(t testing.TB, s *store.Store, email string) store.Staff {
	t.Helper()
	m := store.Staff{ID: newID(), Email: email, Name: "Ona Officer", Role: rights.RoleOfficer, State: "active", Language: "en", TOTP: "SECRET", MadeAt: noon}
	write(t, s, func(tx *store.Tx) error { return tx.InsertStaff(m, why("staff.added")) })
	return m
}

func addSession(t testing.TB, s *store.Store, kind, actor string) store.Session {
	t.Helper()
	session := store.Session{ID: newID(), TokenHash: []byte(newID()), Kind: kind, Device: "Firefox on Android", MadeAt: noon, SeenAt: noon, EndsAt: noon.Add(12 * time.Hour)}
	if kind == "staff" {
		session.Staff = actor
	} else {
		session.Subject = actor
	}
	write(t, s, func(tx *store.Tx) error { return tx.InsertSession(session, why("session.begun")) })
	return session
}

// try runs fn in a transaction and returns its error.
func try(s *store.Store, fn func(tx *store.Tx) error) error { return s.Write(bg, fn) }

func TestThingsOfOneUseWorkOnce(t *testing.T) {
	s := open(t)
	m, other := addStaff(t, s, "ona@example.com"), addStaff(t, s, "otto@example.com")
	r := addRequest(t, s, aRequest(addSubject(t, s, "ana@example.com").ID))
	tomorrow := noon.Add(24 * time.Hour)
	write(t, s, func(tx *store.Tx) error {
		return errors.Join(
			tx.InsertEnrolment([]byte("enrol"), m.ID, tomorrow, why("staff.invited")),
			tx.InsertStop([]byte("stop"), r.ID, tomorrow),
			tx.ReplaceRecoveryCodes(m.ID, [][]byte{[]byte("old")}),
			tx.ReplaceRecoveryCodes(m.ID, [][]byte{[]byte("one"), []byte("two")}))
	})
	if id, err := s.Enrolment(bg, []byte("enrol"), noon); err != nil || id != m.ID {
		t.Errorf("enrolment: %q, %v", id, err)
	}
	if id, err := s.Stop(bg, []byte("stop"), noon); err != nil || id != r.ID {
		t.Errorf("stop: %q, %v", id, err)
	}
	code := func(staff, code string) func(*store.Tx) error {
		return func(tx *store.Tx) error {
			return tx.UseRecoveryCode(staff, []byte(code), noon, why("staff.recovered"))
		}
	}
	step := func(n int64) func(*store.Tx) error {
		return func(tx *store.Tx) error { return tx.UseTOTPStep(m.ID, n) }
	}
	enrol := func(at time.Time) func(*store.Tx) error {
		return func(tx *store.Tx) error { return tx.UseEnrolment([]byte("enrol"), at, why("staff.enrolled")) }
	}
	stop := func(at time.Time) func(*store.Tx) error {
		return func(tx *store.Tx) error { return tx.UseStop([]byte("stop"), at) }
	}
	for _, c := range []struct {
		name string
		do   func(*store.Tx) error
		want error
	}{
		{"an enrolment link after its time", enrol(tomorrow), rights.ErrConflict},
		{"an enrolment link", enrol(noon), nil},
		{"the same again", enrol(noon), rights.ErrConflict},
		{"a stop after its time", stop(tomorrow), rights.ErrConflict},
		{"a stop", stop(noon), nil},
		{"the same again", stop(noon), rights.ErrConflict},
		{"a recovery code that was replaced", code(m.ID, "old"), rights.ErrNotFound},
		{"somebody else's recovery code", code(other.ID, "one"), rights.ErrNotFound},
		{"a recovery code", code(m.ID, "one"), nil},
		{"the same again", code(m.ID, "one"), rights.ErrConflict},
		{"a time step", step(100), nil},
		{"the same time step", step(100), rights.ErrConflict},
		{"an earlier one", step(99), rights.ErrConflict},
		{"the next", step(101), nil},
	} {
		if err := try(s, c.do); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := s.Enrolment(bg, []byte("enrol"), noon); !errors.Is(err, rights.ErrGone) {
		t.Errorf("a used enrolment: %v", err)
	}
	if _, err := s.Stop(bg, []byte("stop"), noon); !errors.Is(err, rights.ErrGone) {
		t.Errorf("a used stop: %v", err)
	}
}

func TestChangingAMemberOfStaffNeverTurnsTheirTimeStepBack(t *testing.T) {
	s := open(t)
	m := addStaff(t, s, "ona@example.com")
	check(t, try(s, func(tx *store.Tx) error { return tx.UseTOTPStep(m.ID, 100) }))
	m.Role, m.PasswordHash = rights.RoleAdmin, "argon2id"
	check(t, try(s, func(tx *store.Tx) error { return tx.UpdateStaff(m, why("staff.changed")) }))
	got, err := s.StaffByID(bg, m.ID)
	check(t, err)
	m.TOTPStep, m.Version = 100, 1
	if got != m {
		t.Errorf("got %+v, want %+v", got, m)
	}
	if err := try(s, func(tx *store.Tx) error {
		return tx.InsertStaff(store.Staff{ID: newID(), Email: m.Email, Role: rights.RoleOfficer, State: "invited"}, why("staff.added"))
	}); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("a second with the same email: %v", err)
	}
}

func TestAStaleCopyOfSomebodyChangesNothing(t *testing.T) {
	s := open(t)
	m := addStaff(t, s, "ona@example.com")
	stale := m
	m.State = "disabled"
	check(t, try(s, func(tx *store.Tx) error { return tx.UpdateStaff(m, why("staff.disabled")) }))
	stale.State, stale.PasswordHash = "active", "argon2id"
	if err := try(s, func(tx *store.Tx) error { return tx.UpdateStaff(stale, why("staff.enrolled")) }); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("enrolling who was disabled in the meantime: %v", err)
	}
	if got, err := s.StaffByID(bg, m.ID); err != nil || got.State != "disabled" || got.PasswordHash != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	stale.ID = "nobody"
	if err := try(s, func(tx *store.Tx) error { return tx.UpdateStaff(stale, why("staff.enrolled")) }); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}

	sub := addSubject(t, s, "ana@example.com")
	old := sub
	sub.Person = "shop:customer:8"
	check(t, try(s, func(tx *store.Tx) error { return tx.UpdateSubject(sub, why("subject.recognised")) }))
	old.Language = "zh-CN"
	if err := try(s, func(tx *store.Tx) error { return tx.UpdateSubject(old, why("subject.language")) }); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("a language on an old copy: %v", err)
	}
	got, err := s.Subject(bg, sub.ID)
	if check(t, err); got.Person != sub.Person || got.Language != "en" {
		t.Errorf("got %+v", got)
	}
	got.Language = "zh-CN"
	check(t, try(s, func(tx *store.Tx) error { return tx.UpdateSubject(got, why("subject.language")) }))
}

func TestAnAuthenticatorGetsOneSecretHoweverManyAsk(t *testing.T) {
	s := open(t)
	m := store.Staff{ID: newID(), Email: "ona@example.com", Role: rights.RoleOfficer, State: "invited", MadeAt: noon}
	write(t, s, func(tx *store.Tx) error { return tx.InsertStaff(m, why("staff.invited")) })
	var mu sync.Mutex
	told := map[string]int{}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			var secret string
			check(t, try(s, func(tx *store.Tx) (err error) {
				secret, err = tx.SetTOTP(m.ID, fmt.Sprint("SECRET", i), why("staff.secret_made"))
				return err
			}))
			mu.Lock()
			told[secret]++
			mu.Unlock()
		})
	}
	wg.Wait()
	got, err := s.StaffByID(bg, m.ID)
	check(t, err)
	if len(told) != 1 || told[got.TOTP] != 8 {
		t.Errorf("told %v, kept %q", told, got.TOTP)
	}
	if r, err := s.VerifyAudit(bg); err != nil || r.Entries != 2 {
		t.Errorf("%d entries, want the invitation and one secret, %v", r.Entries, err)
	}
	m.State = "active"
	if err := try(s, func(tx *store.Tx) error { return tx.UpdateStaff(m, why("staff.enrolled")) }); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("enrolling with a copy from before the secret: %v", err)
	}
	if _, err := s.StaffByEmail(bg, m.Email); err != nil {
		t.Error(err)
	}
	if err := try(s, func(tx *store.Tx) error {
		_, err := tx.SetTOTP("nobody", "SECRET", why("staff.secret_made"))
		return err
	}); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
}

func TestASessionNeverChangesWhoseItIs(t *testing.T) {
	s := open(t)
	ana, ben := addSubject(t, s, "ana@example.com"), addSubject(t, s, "ana@example.com")
	session := addSession(t, s, "subject", "")
	settle := func(subject string) error {
		session.Subject = subject
		return try(s, func(tx *store.Tx) error { return tx.UpdateSession(session) })
	}
	check(t, settle(ana.ID))
	check(t, settle(ana.ID))
	if err := settle(ben.ID); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("a second pick of the same session: %v", err)
	}
	if got, err := s.Session(bg, session.ID); err != nil || got.Subject != ana.ID {
		t.Errorf("it is now %q's, %v", got.Subject, err)
	}
}

func TestASessionThatWasReadEarlierDoesNotUndoAStepUp(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "ana@example.com")
	old := addSession(t, s, "subject", sub.ID)
	stepped := old
	stepped.TokenHash, stepped.StepUpAt, stepped.SeenAt, stepped.Viewed = []byte("new token"), noon.Add(2*time.Minute), noon.Add(2*time.Minute), "request1"
	check(t, try(s, func(tx *store.Tx) error { return tx.UpdateSession(stepped) }))

	old.SeenAt = noon.Add(3 * time.Minute)
	if err := try(s, func(tx *store.Tx) error { return tx.UpdateSession(old) }); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("the earlier copy: %v", err)
	}
	if _, err := s.SessionByToken(bg, old.TokenHash); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("the token before the step-up: %v", err)
	}
	seen := stepped
	seen.Viewed, seen.Subject, seen.SeenAt = "", "", noon.Add(time.Minute)
	check(t, try(s, func(tx *store.Tx) error { return tx.UpdateSession(seen) }))
	got, err := s.SessionByToken(bg, []byte("new token"))
	check(t, err)
	if got.Viewed != "request1" || got.Subject != sub.ID || !got.SeenAt.Equal(noon.Add(2*time.Minute)) {
		t.Errorf("what was set did not stay set: %+v", got)
	}
}

func TestEndingSessions(t *testing.T) {
	s := open(t)
	m := addStaff(t, s, "ona@example.com")
	sub := addSubject(t, s, "ana@example.com")
	mine, second, third, customers := addSession(t, s, "staff", m.ID), addSession(t, s, "staff", m.ID), addSession(t, s, "staff", m.ID), addSession(t, s, "subject", sub.ID)

	end := func(id string) error {
		return try(s, func(tx *store.Tx) error { return tx.EndSession(id, noon, why("session.ended")) })
	}
	check(t, end(third.ID))
	if err := end(third.ID); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("again: %v", err)
	}
	var n int
	check(t, try(s, func(tx *store.Tx) (err error) {
		n, err = tx.EndSessionsOf("staff", m.ID, mine.ID, noon, why("session.ended_others"))
		return err
	}))
	if n != 1 {
		t.Errorf("%d ended, want the second only", n)
	}
	alive, err := s.SessionsOf(bg, "staff", m.ID, noon)
	check(t, err)
	if len(alive) != 1 || alive[0].ID != mine.ID {
		t.Errorf("alive: %+v", alive)
	}
	if got, err := s.Session(bg, mine.ID); err != nil || got.Staff != m.ID || string(got.TokenHash) != string(mine.TokenHash) {
		t.Errorf("by ID: %+v, %v", got, err)
	}
	if got, err := s.SessionByToken(bg, second.TokenHash); err != nil || !got.EndedAt.Equal(noon) {
		t.Errorf("an ended session is still found, as ended: %+v, %v", got, err)
	}
	if err := try(s, func(tx *store.Tx) error { return tx.UpdateSession(second) }); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("an ended session was changed: %v", err)
	}
	if alive, err := s.SessionsOf(bg, "subject", sub.ID, noon); err != nil || len(alive) != 1 || alive[0].ID != customers.ID {
		t.Errorf("the customer's: %+v, %v", alive, err)
	}
	if alive, err := s.SessionsOf(bg, "subject", sub.ID, noon.Add(13*time.Hour)); err != nil || len(alive) != 0 {
		t.Errorf("past its end: %+v, %v", alive, err)
	}
}
