package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"habeas/rights"
)

// Approval is what one member of staff proposes and another decides.
type Approval struct {
	ID         string
	Kind       string // "invite" or "role"
	Staff      string // staff ID of whom it concerns; of an invitation "" until it is approved
	Payload    string // what exactly, in the form of whoever proposed it
	ProposedBy string // staff ID
	ProposedAt time.Time
	DecidedBy  string // staff ID, "" while nobody has
	DecidedAt  time.Time
	Decision   string // "", "approved", "declined", "withdrawn"
	Reason     string // why it was declined
}

const approvalColumns = "id, kind, staff_id, payload, proposed_by, proposed_at, decided_by, decided_at, decision, reason"

// InsertApproval adds what is proposed.
func (tx *Tx) InsertApproval(a Approval, why rights.Entry) error {
	payload, err := tx.keys.Portal.Seal([]byte(a.Payload), "approvals", "payload", a.ID)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO approvals (id, kind, staff_id, payload, proposed_by, proposed_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		a.ID, a.Kind, a.Staff, payload, a.ProposedBy, millis(a.ProposedAt)); err != nil {
		return fmt.Errorf("insert approval: %w", err)
	}
	return tx.Append(why)
}

// DecideApproval writes down what became of a proposal. One that was decided before is rights.ErrConflict.
func (tx *Tx) DecideApproval(a Approval, why rights.Entry) error {
	var reason []byte
	if a.Reason != "" {
		var err error
		if reason, err = tx.keys.Portal.Seal([]byte(a.Reason), "approvals", "reason", a.ID); err != nil {
			return err
		}
	}
	n, err := tx.exec(`UPDATE approvals SET staff_id = $2, decided_by = $3, decided_at = $4, decision = $5, reason = $6 WHERE id = $1 AND decision = ''`,
		a.ID, a.Staff, a.DecidedBy, millis(a.DecidedAt), a.Decision, reason)
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM approvals WHERE id = $1", a.ID)
	}
	if err != nil {
		return fmt.Errorf("decide approval: %w", err)
	}
	return tx.Append(why)
}

// Approval returns a proposal.
func (r reads) Approval(ctx context.Context, id string) (Approval, error) {
	return one(r.from.row(ctx, "SELECT "+approvalColumns+" FROM approvals WHERE id = $1", id), r.scanApproval)
}

// OpenApprovals returns what nobody has decided yet and was proposed after a moment, oldest first.
func (r reads) OpenApprovals(ctx context.Context, after time.Time, limit int) ([]Approval, error) {
	rows, err := r.from.query(ctx, "SELECT "+approvalColumns+" FROM approvals WHERE decision = '' AND proposed_at > $1 ORDER BY proposed_at, id"+limited(limit),
		millis(after))
	return all(rows, err, r.scanApproval)
}

// DecidedApprovals returns a page of what was decided, newest first, and the mark of the next, "" after the last.
func (r reads) DecidedApprovals(ctx context.Context, after string, limit int) ([]Approval, string, error) {
	limit = sized(limit)
	query, args := "SELECT "+approvalColumns+" FROM approvals WHERE decision > ''", []any(nil)
	if after != "" {
		at, id, err := readTimeCursor(after)
		if err != nil {
			return nil, "", err
		}
		query, args = query+" AND (decided_at, id) < ($1, $2)", []any{at, id}
	}
	rows, err := r.from.query(ctx, query+" ORDER BY decided_at DESC, id DESC"+limited(limit+1), args...)
	found, err := all(rows, err, r.scanApproval)
	if err != nil {
		return nil, "", err
	}
	found, next := page(found, limit, func(last Approval) string { return cursor(strconv.FormatInt(millis(last.DecidedAt), 10), last.ID) })
	return found, next, nil
}

// RaisedBy reports whether something that one member of staff proposed about another was approved after a moment.
func (r reads) RaisedBy(ctx context.Context, proposer, about string, after time.Time) (bool, error) {
	var n int
	err := r.from.row(ctx, "SELECT COUNT(*) FROM approvals WHERE staff_id = $1 AND decided_at > $2 AND decision = 'approved' AND proposed_by = $3",
		about, millis(after), proposer).Scan(&n)
	return n > 0, translate(err)
}

func (r reads) scanApproval(row scanner) (Approval, error) {
	var a Approval
	var payload, reason []byte
	var proposed, decided int64
	err := row.Scan(&a.ID, &a.Kind, &a.Staff, &payload, &a.ProposedBy, &proposed, &a.DecidedBy, &decided, &a.Decision, &reason)
	if err != nil {
		return a, err
	}
	a.ProposedAt, a.DecidedAt = moment(proposed), moment(decided)
	if a.Payload, err = open(r.keys.Portal, payload, "approvals", "payload", a.ID); err != nil || reason == nil {
		return a, err
	}
	a.Reason, err = open(r.keys.Portal, reason, "approvals", "reason", a.ID)
	return a, err
}
