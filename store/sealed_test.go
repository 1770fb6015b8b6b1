package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
	"habeas/store/seal"
)

// planted are the personal values of the tests below: none may stand in a file of the data directory.
var planted = []string{
	"ana.planted@example.com", "shop:customer:planted-77", "Planted Officer", "planted.officer@example.com", "PLANTEDTOTPSECRET",
	"planted detail", "planted message", "planted old", "planted new", "planted reason", "planted record", "planted file key", "planted letter",
	"planted note to nobody", "planted file name", "planted file body", "planted agent", "planted contact", "planted postal name", "planted postal address",
}

// plant writes every kind of personal value there is.
func plant(t *testing.T, s *store.Store) (store.Subject, rights.Request) {
	t.Helper()
	sub := store.Subject{ID: newID(), Mailbox: planted[0], Person: planted[1], Addresses: []string{planted[0], planted[3]}, MadeAt: noon}
	r := aRequest(sub.ID)
	staff := store.Staff{ID: newID(), Name: planted[2], Email: planted[3], TOTP: planted[4], Role: rights.RoleOfficer, State: "active", MadeAt: noon}
	write(t, s, func(tx *store.Tx) error {
		return errors.Join(
			tx.InsertSubject(sub, why("subject.made")),
			tx.InsertStaff(staff, why("staff.added")),
			tx.InsertRequest(r, why("request.submitted")),
			tx.InsertEvent(rights.Event{ID: newID(), Request: r.ID, At: noon, Kind: "received", Detail: planted[5]}),
			tx.InsertMessage(rights.Message{ID: newID(), Request: r.ID, At: noon, Body: planted[6]}, why("message.sent")),
			tx.InsertCorrection(rights.Correction{Request: r.ID, Mode: "ask", Old: planted[7], New: planted[8], Reason: planted[9], Record: planted[10]}),
			tx.InsertFile(rights.File{ID: newID(), Request: r.ID, Name: planted[14], Type: "image/png", At: noon}, []byte(planted[15]), why("file.added")),
			tx.InsertMandate(rights.Mandate{Request: r.ID, Kind: rights.Agent, Name: planted[16], Contact: planted[17]}),
			tx.InsertPostal(sub.ID, store.Postal{Name: planted[18], Address: planted[19]}),
			tx.InsertPackage(store.Package{Request: r.ID, State: "ready", FileKey: planted[11], NextAt: noon, ExpiresAt: noon.Add(time.Hour)}),
			tx.Enqueue(store.Outgoing{ID: newID(), Dedupe: "1", Kind: "receipt", Subject: sub.ID, Request: r.ID, Body: []byte(planted[12]), QueuedAt: noon}),
			tx.Enqueue(store.Outgoing{ID: newID(), Dedupe: "2", Kind: "code", Body: []byte(planted[13]), QueuedAt: noon.Add(time.Second)}),
			tx.InsertChallenge(store.Challenge{ID: newID(), Purpose: "sign_in", Mailbox: planted[0], BrowserHash: []byte{1}, CodeHash: []byte{2},
				LinkHash: []byte{3}, MadeAt: noon, ExpiresAt: noon.Add(time.Hour)}, why("code.asked")),
			tx.InsertSession(store.Session{ID: newID(), TokenHash: []byte{4}, Kind: "subject", Mailbox: planted[0], MadeAt: noon, EndsAt: noon.Add(time.Hour)},
				why("session.begun")),
		)
	})
	write(t, s, func(tx *store.Tx) error {
		ok, _, err := tx.Take("mail:"+planted[0], store.Limit{Burst: 3, Per: time.Hour}, noon)
		if !ok {
			t.Error("the limit refused the first")
		}
		return err
	})
	return sub, r
}

func TestNoPersonalValueStandsInTheDataDirectory(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(bg, store.Options{Dir: dir, Now: clock})
	check(t, err)
	plant(t, s)
	look := func(when string) {
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		check(t, err)
		for _, file := range files {
			b, err := os.ReadFile(file)
			check(t, err)
			for _, value := range planted {
				if bytes.Contains(b, []byte(value)) {
					t.Errorf("%s, %s holds %q", when, filepath.Base(file), value)
				}
			}
		}
	}
	look("while open")
	check(t, s.Close())
	look("when closed")
}

func TestWhatIsSealedComesBack(t *testing.T) {
	s := open(t)
	sub, r := plant(t, s)
	got, err := s.SubjectsByMailbox(bg, planted[0])
	check(t, err)
	if len(got) != 1 || !reflect.DeepEqual(got[0], sub) {
		t.Errorf("by mailbox: %+v", got)
	}
	staff, err := s.StaffByEmail(bg, planted[3])
	check(t, err)
	if staff.Name != planted[2] || staff.TOTP != planted[4] {
		t.Errorf("staff: %+v", staff)
	}
	events, err := s.Events(bg, r.ID)
	check(t, err)
	if len(events) != 1 || events[0].Detail != planted[5] {
		t.Errorf("events: %+v", events)
	}
	messages, err := s.Messages(bg, r.ID)
	check(t, err)
	if len(messages) != 1 || messages[0].Body != planted[6] {
		t.Errorf("messages: %+v", messages)
	}
	c, err := s.Correction(bg, r.ID)
	check(t, err)
	if c.Old != planted[7] || c.New != planted[8] || c.Reason != planted[9] || c.Record != planted[10] {
		t.Errorf("correction: %+v", c)
	}
	files, err := s.Files(bg, r.ID)
	check(t, err)
	_, body, err := s.File(bg, r.ID, files[0].ID)
	check(t, err)
	if len(files) != 1 || files[0].Name != planted[14] || string(body) != planted[15] {
		t.Errorf("files: %+v with %q", files, body)
	}
	m, err := s.Mandate(bg, r.ID)
	check(t, err)
	postal, err := s.Postal(bg, sub.ID)
	check(t, err)
	if m.Name != planted[16] || m.Contact != planted[17] || postal.Name != planted[18] || postal.Address != planted[19] {
		t.Errorf("intake: %+v, %+v", m, postal)
	}
	p, err := s.PackageOf(bg, r.ID)
	check(t, err)
	if p.FileKey != planted[11] {
		t.Errorf("package: %+v", p)
	}
	ch, err := s.ChallengeByLink(bg, []byte{3})
	check(t, err)
	if ch.Mailbox != planted[0] {
		t.Errorf("challenge: %+v", ch)
	}
	session, err := s.SessionByToken(bg, []byte{4})
	check(t, err)
	if session.Mailbox != planted[0] {
		t.Errorf("session: %+v", session)
	}
}

func TestASealedValueOpensOnlyInItsPlace(t *testing.T) {
	for _, c := range []struct {
		name, sql string
		read      func(s *store.Store, a, b rights.Request) error
	}{
		{"two people's mailboxes swapped", `UPDATE subjects SET mailbox = (SELECT o.mailbox FROM subjects o WHERE o.id <> subjects.id)`,
			func(s *store.Store, a, _ rights.Request) error { _, err := s.Subject(bg, a.Subject); return err }},
		{"two people's keys swapped", `UPDATE keys.subject_keys AS k SET wrapped = (SELECT o.wrapped FROM keys.subject_keys o WHERE o.subject_id <> k.subject_id)`,
			func(s *store.Store, a, b rights.Request) error {
				_, err := s.Subject(bg, a.Subject)
				_, again := s.Subject(bg, b.Subject)
				return errors.Join(err, again)
			}},
		{"two columns of a person swapped", `UPDATE subjects SET mailbox = person, person = mailbox`,
			func(s *store.Store, a, _ rights.Request) error { _, err := s.Subject(bg, a.Subject); return err }},
		{"old and new value of a correction swapped", `UPDATE corrections SET old_value = new_value, new_value = old_value`,
			func(s *store.Store, a, _ rights.Request) error { _, err := s.Correction(bg, a.ID); return err }},
		{"one message put in place of another of the same person", `UPDATE messages SET body = (SELECT o.body FROM messages o WHERE o.id <> messages.id)`,
			func(s *store.Store, a, _ rights.Request) error { _, err := s.Messages(bg, a.ID); return err }},
		{"a byte flipped", `UPDATE messages SET body = CAST(substr(body, 1, 20) || x'00' || substr(body, 22) AS BLOB)`,
			func(s *store.Store, a, _ rights.Request) error { _, err := s.Messages(bg, a.ID); return err }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			s := openIn(t, dir)
			a := addRequest(t, s, aRequest(addSubject(t, s, "ana@example.com").ID))
			b := addRequest(t, s, aRequest(addSubject(t, s, "ben@example.com").ID))
			write(t, s, func(tx *store.Tx) error {
				return errors.Join(
					tx.InsertCorrection(rights.Correction{Request: a.ID, Mode: "ask", Old: "old", New: "new"}),
					tx.InsertMessage(rights.Message{ID: newID(), Request: a.ID, At: noon, Body: "first"}, why("message.sent")),
					tx.InsertMessage(rights.Message{ID: newID(), Request: a.ID, At: noon, Body: "other"}, why("message.sent")))
			})
			check(t, c.read(s, a, b))
			_, err := raw(t, dir).Exec(c.sql)
			check(t, err)
			if err := c.read(s, a, b); !errors.Is(err, seal.ErrRefused) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestADestroyedKeyTakesEveryPersonalValueWithIt(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	sub, r := plant(t, s)
	var wrapped []byte
	check(t, raw(t, dir).QueryRow("SELECT wrapped FROM keys.subject_keys").Scan(&wrapped))
	write(t, s, func(tx *store.Tx) error { return tx.DestroySubjectKey(sub.ID, why("subject.erased")) })

	for name, read := range map[string]func() error{
		"subject":    func() error { _, err := s.Subject(bg, sub.ID); return err },
		"messages":   func() error { _, err := s.Messages(bg, r.ID); return err },
		"correction": func() error { _, err := s.Correction(bg, r.ID); return err },
		"a new message": func() error {
			return s.Write(bg, func(tx *store.Tx) error {
				return tx.InsertMessage(rights.Message{ID: newID(), Request: r.ID, At: noon, Body: "late"}, why("message.sent"))
			})
		},
	} {
		if err := read(); !errors.Is(err, rights.ErrGone) {
			t.Errorf("%s: %v, want ErrGone", name, err)
		}
	}
	if found, err := s.SubjectsByMailbox(bg, planted[0]); err != nil || len(found) != 0 {
		t.Errorf("the mailbox still finds %d subjects, %v", len(found), err)
	}
	events, err := s.Events(bg, r.ID)
	check(t, err)
	if len(events) != 1 || events[0].Kind != "received" || events[0].Detail != "" {
		t.Errorf("the step must stay and its detail go: %+v", events)
	}
	queue, _, err := s.Queue(bg, store.QueueQuery{View: "all", Today: rights.DateOf(noon), Limit: 10})
	check(t, err)
	if len(queue) != 1 || queue[0].Mailbox != "" {
		t.Errorf("the queue: %+v", queue)
	}
	expired, err := s.ExpiredPackages(bg, noon, 10)
	check(t, err)
	if len(expired) != 1 {
		t.Errorf("%d packages are due for removal, want the subject's", len(expired))
	}
	for _, file := range []string{"habeas.db", "habeas.db-wal", "keys.db", "keys.db-wal"} {
		b, err := os.ReadFile(filepath.Join(dir, file))
		check(t, err)
		if bytes.Contains(b, wrapped) {
			t.Errorf("%s still holds the destroyed key", file)
		}
	}
	write(t, s, func(tx *store.Tx) error {
		c, had, err := tx.ClaimLetter(noon.Add(time.Minute), time.Minute)
		if err != nil || !had || c.Kind != "code" {
			t.Errorf("the next letter: %+v %v %v, want the one of the portal", c, had, err)
		}
		return nil
	})
	if states, err := s.LettersOf(bg, r.ID); err != nil || len(states) != 1 || states[0].State != "parked" {
		t.Errorf("letters: %+v, %v, want the subject's parked", states, err)
	}
	if err := s.Write(bg, func(tx *store.Tx) error { return tx.DestroySubjectKey(sub.ID, why("subject.erased")) }); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("destroying it again: %v", err)
	}
}

func TestHashesHaveDomainsAndDependOnTheDatabase(t *testing.T) {
	a, b := open(t), openNew(t, t.TempDir())
	if !bytes.Equal(a.Hash("code", "1"), a.Hash("code", "1")) {
		t.Error("the same value hashes to two")
	}
	if bytes.Equal(a.Hash("code", "1"), a.Hash("token", "1")) || bytes.Equal(a.Hash("code", "1"), b.Hash("code", "1")) {
		t.Error("kinds or databases share a hash")
	}
}
