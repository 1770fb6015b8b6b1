package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"habeas/rights"
	"habeas/store/seal"
)

// Mark makes a subject found by these marks and by no others: numbers that were issued to them, rows that are theirs. They
// are kept as keyed hashes. It follows from what was recognised, whose entry stands in the same transaction.
func (tx *Tx) Mark(subjectID string, marks []string) error {
	if _, err := tx.exec("DELETE FROM subject_marks WHERE subject_id = $1", subjectID); err != nil {
		return fmt.Errorf("mark subject: %w", err)
	}
	for _, m := range marks {
		if _, err := tx.exec("INSERT INTO subject_marks (mark, subject_id) VALUES ($1, $2) ON CONFLICT (mark, subject_id) DO NOTHING",
			tx.keys.Hash(seal.Marks, m), subjectID); err != nil {
			return fmt.Errorf("mark subject: %w", err)
		}
	}
	return nil
}

// SubjectsByMark returns the subjects that have a mark, in the order they were made.
func (r reads) SubjectsByMark(ctx context.Context, mark string) ([]Subject, error) {
	rows, err := r.from.query(ctx, "SELECT "+subjectColumns+` FROM subject_marks m JOIN subjects s ON s.id = m.subject_id
		WHERE m.mark = $1 ORDER BY s.made_at, s.id`, r.keys.Hash(seal.Marks, mark))
	return all(rows, err, r.scanSubject)
}

// MergedWith returns the subjects that are shown with a subject, in the order they were made. One whose key is destroyed is
// left out: nothing of them can be shown.
func (r reads) MergedWith(ctx context.Context, subjectID string) ([]Subject, error) {
	rows, err := r.from.query(ctx, "SELECT "+subjectColumns+" FROM subjects s WHERE s.merged_into = $1 AND s.merged_into > '' ORDER BY s.made_at, s.id",
		subjectID)
	found, err := all(rows, err, func(row scanner) (Subject, error) {
		s, err := r.scanSubject(row)
		if errors.Is(err, rights.ErrGone) {
			return Subject{}, nil
		}
		return s, err
	})
	return slices.DeleteFunc(found, func(s Subject) bool { return s.ID == "" }), err
}

// Kin returns the IDs of everybody who is shown as one person with a subject: as whom they are shown, then those that were merged
// into it.
func (r reads) Kin(ctx context.Context, subjectID string) ([]string, error) {
	head, err := r.HeadOf(ctx, subjectID)
	if errors.Is(err, rights.ErrNotFound) {
		return []string{subjectID}, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := r.from.query(ctx, "SELECT id FROM subjects WHERE merged_into = $1 AND merged_into > '' ORDER BY id", head)
	merged, err := all(rows, err, scanID)
	return append([]string{head}, merged...), err
}

// ofPerson returns a condition that holds for the rows of a subject and of whoever is shown with it, and its arguments. For
// the many who are alone it is an equality, which an index answers in order.
func (r reads) ofPerson(ctx context.Context, column, subjectID string) (where string, args []any, err error) {
	kin, err := r.Kin(ctx, subjectID)
	if err != nil {
		return "", nil, err
	}
	marks := make([]string, len(kin))
	for i, id := range kin {
		marks[i] = "$" + strconv.Itoa(i+1)
		args = append(args, id)
	}
	if len(kin) == 1 {
		return column + " = $1", args, nil
	}
	return column + " IN (" + strings.Join(marks, ", ") + ")", args, nil
}

// kinOf is the condition that ofPerson gives, in one question, for what is not paged: of $1 and of whoever is shown with it.
const kinOf = `subject_id IN (WITH head (id) AS (SELECT CASE merged_into WHEN '' THEN id ELSE merged_into END FROM subjects WHERE id = $1)
	SELECT id FROM head UNION ALL SELECT s.id FROM head h JOIN subjects s ON s.merged_into = h.id AND s.merged_into > '')`

const headOf = "SELECT DISTINCT CASE s.merged_into WHEN '' THEN s.id ELSE s.merged_into END FROM "

// HeadsByMailbox returns the subjects as whom the people behind a canonical mailbox are shown.
func (r reads) HeadsByMailbox(ctx context.Context, mailbox string) ([]string, error) {
	rows, err := r.from.query(ctx, headOf+"subjects s WHERE s.mailbox_index = $1 ORDER BY 1", r.keys.Hash(seal.Mailboxes, mailbox))
	return all(rows, err, scanID)
}

// HeadsByMark returns the subjects as whom the people who were recognised by a mark are shown.
func (r reads) HeadsByMark(ctx context.Context, mark string) ([]string, error) {
	rows, err := r.from.query(ctx, headOf+"subject_marks m JOIN subjects s ON s.id = m.subject_id WHERE m.mark = $1 ORDER BY 1", r.keys.Hash(seal.Marks, mark))
	return all(rows, err, scanID)
}

// PersonLetters is how many letters LettersTo returns at most.
const PersonLetters = 50

// PersonLetter is a letter to a person, with the reference of the request it is about; "" for none.
type PersonLetter struct {
	LetterState
	Ref string
}

// LettersTo returns the last letters to a subject and whoever is shown with it, newest first.
func (r reads) LettersTo(ctx context.Context, subjectID string) ([]PersonLetter, error) {
	where, args, err := r.ofPerson(ctx, "l.subject_id", subjectID)
	if err != nil {
		return nil, err
	}
	rows, err := r.from.query(ctx, "SELECT "+letterColumns+`, COALESCE(q.ref, '') FROM letters l LEFT JOIN requests q ON q.id = l.request_id
		WHERE l.subject_id IS NOT NULL AND `+where+" ORDER BY l.queued_at DESC, l.id DESC"+limited(PersonLetters), args...)
	return all(rows, err, func(row scanner) (l PersonLetter, err error) {
		l.LetterState, err = scanLetter(row, &l.Ref)
		return l, err
	})
}

// RequestCount returns how many requests a subject and whoever is shown with it have made.
func (r reads) RequestCount(ctx context.Context, subjectID string) (n int, err error) {
	where, args, err := r.ofPerson(ctx, "subject_id", subjectID)
	if err != nil {
		return 0, err
	}
	err = r.from.row(ctx, "SELECT COUNT(*) FROM requests WHERE "+where, args...).Scan(&n)
	return n, translate(err)
}

// HeadOf returns the ID under which a subject is shown: its own, or that of the one it was merged into.
func (r reads) HeadOf(ctx context.Context, subjectID string) (head string, err error) {
	err = r.from.row(ctx, "SELECT CASE merged_into WHEN '' THEN id ELSE merged_into END FROM subjects WHERE id = $1", subjectID).Scan(&head)
	return head, translate(err)
}
