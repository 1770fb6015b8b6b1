package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"habeas/rights"
)

// Merge is what an officer decided about two subjects: that they are one person, and Gone is shown with Kept; or that they
// are two. It is never changed, only undone.
type Merge struct {
	ID         string
	Gone, Kept string // subject IDs
	One        bool
	Reason     string // sealed under the key of Gone; "" once that is destroyed
	By         string // staff ID
	At         time.Time
	UndoneBy   string
	UndoneAt   time.Time
}

const mergeColumns = "m.id, m.gone_id, m.kept_id, m.decision, m.reason, m.decided_by, m.decided_at, m.undone_by, m.undone_at, s.id, " + dataKey

// InsertMerge keeps a decision and, where it is "one person", shows Gone and whoever was shown with it with Kept. Both must
// stand for themselves and nobody may have decided about the two: anything else is rights.ErrConflict.
func (tx *Tx) InsertMerge(m Merge, why ...rights.Entry) error {
	for _, id := range []string{m.Gone, m.Kept} {
		s, err := tx.Subject(context.Background(), id)
		if err != nil {
			return fmt.Errorf("merge: %w", err)
		}
		if s.MergedInto != "" {
			return fmt.Errorf("merge: %w", rights.ErrConflict)
		}
	}
	var standing int
	if err := tx.from.row(context.Background(), `SELECT COUNT(*) FROM merges
		WHERE undone_at = 0 AND (gone_id = $1 AND kept_id = $2 OR gone_id = $2 AND kept_id = $1)`, m.Gone, m.Kept).Scan(&standing); err != nil {
		return fmt.Errorf("merge: %w", translate(err))
	}
	if standing > 0 {
		return fmt.Errorf("merge: %w", rights.ErrConflict)
	}
	box, err := tx.subjectBox(m.Gone)
	if err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	reason, err := box.Seal([]byte(m.Reason), "merges", "reason", m.ID)
	if err != nil {
		return err
	}
	decision := "two"
	if m.One {
		decision = "one"
	}
	if _, err := tx.exec("INSERT INTO merges (id, gone_id, kept_id, decision, reason, decided_by, decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		m.ID, m.Gone, m.Kept, decision, reason, m.By, millis(m.At)); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	if m.One {
		if _, err := tx.exec("UPDATE subjects SET merged_into = $2 WHERE id = $1 OR merged_into = $1", m.Gone, m.Kept); err != nil {
			return fmt.Errorf("merge: %w", err)
		}
	}
	return tx.appendAll(why)
}

// UndoMerge undoes a decision. Gone stands for itself again, and with it whoever was found to be the same as it; the
// decisions among those still stand, unless Gone was erased: nobody can be shown with it. Undoing it again is
// rights.ErrConflict.
func (tx *Tx) UndoMerge(m Merge, by string, at time.Time, why ...rights.Entry) error {
	n, err := tx.exec("UPDATE merges SET undone_by = $2, undone_at = $3 WHERE id = $1 AND undone_at = 0", m.ID, by, millis(at))
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM merges WHERE id = $1", m.ID)
	}
	if err == nil && m.One {
		_, err = tx.exec(`WITH RECURSIVE part (id) AS (
				SELECT $1 UNION
				SELECT d.gone_id FROM merges d JOIN part p ON d.kept_id = p.id WHERE d.decision = 'one' AND d.undone_at = 0)
			UPDATE subjects SET merged_into = CASE WHEN id = $1 THEN '' ELSE COALESCE((SELECT id FROM subjects WHERE id = $1 AND erased_at = 0), '') END
			WHERE id IN (SELECT id FROM part)`, m.Gone)
	}
	if err != nil {
		return fmt.Errorf("undo a merge: %w", err)
	}
	return tx.appendAll(why)
}

func (tx *Tx) appendAll(entries []rights.Entry) error {
	for _, e := range entries {
		if err := tx.Append(e); err != nil {
			return err
		}
	}
	return nil
}

// Merge returns a decision, also one that was undone.
func (r reads) Merge(ctx context.Context, id string) (Merge, error) {
	return one(r.from.row(ctx, "SELECT "+mergeColumns+" FROM merges m JOIN subjects s ON s.id = m.gone_id WHERE m.id = $1", id), r.scanMerge)
}

// MergesOf returns the decisions that stand about a subject, the oldest first.
func (r reads) MergesOf(ctx context.Context, subjectID string) ([]Merge, error) {
	rows, err := r.from.query(ctx, "SELECT "+mergeColumns+` FROM merges m JOIN subjects s ON s.id = m.gone_id
		WHERE m.undone_at = 0 AND (m.gone_id = $1 OR m.kept_id = $1) ORDER BY m.decided_at, m.id`, subjectID)
	return all(rows, err, r.scanMerge)
}

func (r reads) scanMerge(row scanner) (Merge, error) {
	var m Merge
	var decision, subject string
	var decided, undone int64
	var reason, wrapped []byte
	if err := row.Scan(&m.ID, &m.Gone, &m.Kept, &decision, &reason, &m.By, &decided, &m.UndoneBy, &undone, &subject, &wrapped); err != nil {
		return m, err
	}
	m.One, m.At, m.UndoneAt = decision == "one", moment(decided), moment(undone)
	box, err := r.box(subject, wrapped)
	if errors.Is(err, rights.ErrGone) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	m.Reason, err = open(box, reason, "merges", "reason", m.ID)
	return m, err
}

// UnexpiredPackages returns the requests of a subject whose packages can still be fetched, or will be.
func (r reads) UnexpiredPackages(ctx context.Context, subjectID string) ([]string, error) {
	rows, err := r.from.query(ctx, `SELECT DISTINCT p.request_id FROM requests r JOIN packages p ON p.request_id = r.id
		WHERE r.subject_id = $1 AND p.state IN ('queued', 'building', 'ready') ORDER BY p.request_id`, subjectID)
	return all(rows, err, scanID)
}
