package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"habeas/rights"
	"habeas/store/seal"
)

const subjectColumns = "s.id, " + dataKey + ", s.mailbox, s.person, s.addresses, s.language, s.regime, s.made_at, s.version, s.merged_into"

// InsertSubject adds a subject and makes their data key.
func (tx *Tx) InsertSubject(s Subject, why rights.Entry) error {
	wrapped, err := tx.keys.NewSubjectKey(s.ID, tx.s.random)
	if err != nil {
		return err
	}
	box, err := tx.keys.Subject(s.ID, wrapped)
	if err != nil {
		return err
	}
	sealed, err := sealSubject(box, s)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO subjects (id, mailbox_index, mailbox, person, addresses, language, regime, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		s.ID, tx.mailboxIndex(s.Mailbox), sealed.mailbox, sealed.person, sealed.addresses,
		s.Language, s.Regime, millis(s.MadeAt)); err != nil {
		return fmt.Errorf("insert subject: %w", err)
	}
	tx.s.made = append(tx.s.made, subjectKey{s.ID, wrapped})
	return tx.Append(why)
}

// UpdateSubject changes what is known of a subject, if it still is of the version that s was read with, and makes it the
// next. Otherwise it is rights.ErrConflict.
func (tx *Tx) UpdateSubject(s Subject, why rights.Entry) error {
	box, err := tx.subjectBox(s.ID)
	if err != nil {
		return fmt.Errorf("update subject: %w", err)
	}
	sealed, err := sealSubject(box, s)
	if err != nil {
		return err
	}
	n, err := tx.exec(`UPDATE subjects SET mailbox_index = $3, mailbox = $4, person = $5, addresses = $6, language = $7, regime = $8,
			version = version + 1
		WHERE id = $1 AND version = $2`,
		s.ID, s.Version, tx.mailboxIndex(s.Mailbox), sealed.mailbox, sealed.person, sealed.addresses, s.Language, s.Regime)
	if err == nil && n == 0 {
		err = rights.ErrConflict // it is there: its key was
	}
	if err != nil {
		return fmt.Errorf("update subject: %w", err)
	}
	return tx.Append(why)
}

// mailboxIndex is what a mailbox is found by. People without one are not found by that they have none.
func (tx *Tx) mailboxIndex(mailbox string) []byte {
	if mailbox == "" {
		return []byte{}
	}
	return tx.keys.Hash(seal.Mailboxes, mailbox)
}

// sealedSubject is what of a subject is personal.
type sealedSubject struct{ mailbox, person, addresses []byte }

func sealSubject(box seal.Box, s Subject) (sealed sealedSubject, err error) {
	if sealed.mailbox, err = box.Seal([]byte(s.Mailbox), "subjects", "mailbox", s.ID); err != nil {
		return sealed, err
	}
	if sealed.person, err = box.Seal([]byte(s.Person), "subjects", "person", s.ID); err != nil {
		return sealed, err
	}
	lines := []byte(strings.Join(s.Addresses, "\n")) // no address holds a line end
	sealed.addresses, err = box.Seal(lines, "subjects", "addresses", s.ID)
	return sealed, err
}

// Subject returns a subject. One whose key is destroyed is rights.ErrGone.
func (r reads) Subject(ctx context.Context, id string) (Subject, error) {
	row := r.from.row(ctx, "SELECT "+subjectColumns+" FROM subjects s WHERE s.id = $1", id)
	return one(row, r.scanSubject)
}

// SubjectsByMailbox returns the subjects behind a canonical mailbox, in the order they were made.
func (r reads) SubjectsByMailbox(ctx context.Context, mailbox string) ([]Subject, error) {
	rows, err := r.from.query(ctx, "SELECT "+subjectColumns+" FROM subjects s WHERE s.mailbox_index = $1 ORDER BY s.made_at, s.id",
		r.keys.Hash(seal.Mailboxes, mailbox))
	return all(rows, err, r.scanSubject)
}

func (r reads) scanSubject(row scanner) (Subject, error) {
	var s Subject
	var wrapped, mailbox, person, addresses []byte
	var made int64
	if err := row.Scan(&s.ID, &wrapped, &mailbox, &person, &addresses, &s.Language, &s.Regime, &made, &s.Version, &s.MergedInto); err != nil {
		return s, err
	}
	s.MadeAt = moment(made)
	box, err := r.box(s.ID, wrapped)
	if err != nil {
		return s, err
	}
	if s.Mailbox, err = open(box, mailbox, "subjects", "mailbox", s.ID); err != nil {
		return s, err
	}
	if s.Person, err = open(box, person, "subjects", "person", s.ID); err != nil {
		return s, err
	}
	lines, err := open(box, addresses, "subjects", "addresses", s.ID)
	if lines != "" {
		s.Addresses = strings.Split(lines, "\n")
	}
	return s, err
}

// DestroySubjectKey makes everything sealed under the subject's key unreadable for good (crypto-erasure), and takes what
// is left of them out of the indexes. Backups are as unreadable as soon as no older copy of the keys is kept: see Backup.
// What the law has kept, requests and consent without their personal parts, stays.
func (tx *Tx) DestroySubjectKey(id string, why rights.Entry) error {
	err := tx.change(rights.ErrNotFound, `UPDATE subjects SET erased_at = $3, mailbox_index = $2, mailbox = $2, person = $2, addresses = $2
		WHERE id = $1 AND erased_at = 0`, id, []byte{}, millis(why.At))
	if err != nil {
		return fmt.Errorf("destroy subject key: %w", err)
	}
	// Files that nobody can open any more are due for removal now; packages still to be built never can be.
	if _, err := tx.exec(`UPDATE packages SET file_key = NULL, expires_at = 0,
			state = CASE WHEN state IN ('queued', 'building') THEN 'failed' ELSE state END
		WHERE request_id IN (SELECT id FROM requests WHERE subject_id = $1)`, id); err != nil {
		return fmt.Errorf("destroy subject key: %w", err)
	}
	if err := tx.Mark(id, nil); err != nil {
		return fmt.Errorf("destroy subject key: %w", err)
	}
	// Whoever was shown with them stands for themselves again: there is nobody left to be shown with.
	if _, err := tx.exec("UPDATE subjects SET merged_into = '' WHERE id = $1 OR merged_into = $1", id); err != nil {
		return fmt.Errorf("destroy subject key: %w", err)
	}
	tx.s.unmake(id)
	tx.s.erased = append(slices.Clone(tx.s.erased), id)
	return tx.Append(why)
}

// box opens the key of a subject as it was read.
func (r reads) box(subject string, wrapped []byte) (seal.Box, error) {
	if wrapped == nil && r.newKey != nil {
		wrapped = r.newKey(subject)
	}
	if wrapped == nil {
		return seal.Box{}, rights.ErrGone
	}
	return r.keys.Subject(subject, wrapped)
}

// subjectBox reads and opens the key of a subject.
func (tx *Tx) subjectBox(id string) (seal.Box, error) {
	var wrapped []byte
	if err := tx.from.row(context.Background(), "SELECT "+dataKey+" FROM subjects s WHERE s.id = $1", id).Scan(&wrapped); err != nil {
		return seal.Box{}, translate(err)
	}
	return tx.box(id, wrapped)
}

// requestBox reads and opens the key of the subject of a request.
func (tx *Tx) requestBox(requestID string) (seal.Box, error) {
	var subject string
	var wrapped []byte
	if err := tx.from.row(context.Background(), "SELECT s.id, "+dataKey+` FROM requests r JOIN subjects s ON s.id = r.subject_id
		WHERE r.id = $1`, requestID).Scan(&subject, &wrapped); err != nil {
		return seal.Box{}, translate(err)
	}
	return tx.box(subject, wrapped)
}

// open opens a sealed text.
func open(box seal.Box, sealed []byte, table, column, row string) (string, error) {
	b, err := box.Open(sealed, table, column, row)
	return string(b), err
}
