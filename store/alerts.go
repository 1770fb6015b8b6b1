package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"habeas/rights"
)

// Alert is something that a member of staff is told of.
type Alert struct {
	ID       string
	Dedupe   string // the same is told once
	Staff    string // staff ID
	Kind     rights.AlertKind
	Request  string // request ID, "" for none
	Approval string // approval ID, "" for none
	By       string // staff ID of whose doing it is, "" for nobody's
	Day      rights.Date
	At       time.Time
	SeenAt   time.Time // zero until they have
}

// AlertRow is an alert with the facts of the request it is about, if it is about one.
type AlertRow struct {
	Alert
	Ref   string
	Right rights.Right
	State rights.State
	Due   rights.Date
	// Decision is what became of what they proposed, "" of everything else.
	Decision string
}

// InsertAlert tells a member of staff of something, and reports false where they were told before.
func (tx *Tx) InsertAlert(a Alert) (bool, error) {
	n, err := tx.exec(`INSERT INTO alerts (id, dedupe, staff_id, kind, request_id, approval_id, by_id, day, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (dedupe) DO NOTHING`,
		a.ID, a.Dedupe, a.Staff, string(a.Kind), orNull(a.Request), a.Approval, a.By, a.Day.String(), millis(a.At))
	if err != nil {
		return false, fmt.Errorf("insert alert: %w", err)
	}
	return n == 1, nil
}

// UnseenAlerts returns how much somebody was told of and has not seen, up to a hundred.
func (r reads) UnseenAlerts(ctx context.Context, staffID string) (n int, err error) {
	err = r.from.row(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM alerts WHERE staff_id = $1 AND seen_at = 0 LIMIT 100)", staffID).Scan(&n)
	return n, translate(err)
}

// Waits reports whether somebody was told of that of a request and has not seen it yet.
func (r reads) Waits(ctx context.Context, staffID, requestID string, kind rights.AlertKind) (bool, error) {
	var n int
	err := r.from.row(ctx, "SELECT COUNT(*) FROM alerts WHERE staff_id = $1 AND request_id = $2 AND seen_at = 0 AND kind = $3",
		staffID, requestID, string(kind)).Scan(&n)
	return n > 0, translate(err)
}

// AlertsOf returns a page of what somebody was told of, newest first, and the mark of the next page, "" after the last.
func (r reads) AlertsOf(ctx context.Context, staffID, after string, limit int) ([]AlertRow, string, error) {
	limit = sized(limit)
	query := `SELECT a.id, a.staff_id, a.kind, COALESCE(a.request_id, ''), a.approval_id, a.by_id, a.day, a.at, a.seen_at,
			COALESCE(q.ref, ''), COALESCE(q."right", ''), COALESCE(q.state, ''), COALESCE(q.due, ''), COALESCE(p.decision, '')
		FROM alerts a LEFT JOIN requests q ON q.id = a.request_id LEFT JOIN approvals p ON p.id = a.approval_id AND p.proposed_by = a.staff_id
		WHERE a.staff_id = $1`
	args := []any{staffID}
	if after != "" {
		at, id, err := readTimeCursor(after)
		if err != nil {
			return nil, "", err
		}
		query += " AND (a.at, a.id) < ($2, $3)"
		args = append(args, at, id)
	}
	rows, err := r.from.query(ctx, query+" ORDER BY a.at DESC, a.id DESC"+limited(limit+1), args...)
	found, err := all(rows, err, scanAlert)
	if err != nil {
		return nil, "", fmt.Errorf("read alerts: %w", err)
	}
	found, next := page(found, limit, func(last AlertRow) string { return cursor(strconv.FormatInt(millis(last.At), 10), last.ID) })
	return found, next, nil
}

func scanAlert(row scanner) (AlertRow, error) {
	var a AlertRow
	var at, seen int64
	var day, due string
	err := row.Scan(&a.ID, &a.Staff, &a.Kind, &a.Request, &a.Approval, &a.By, &day, &at, &seen, &a.Ref, &a.Right, &a.State, &due, &a.Decision)
	if err != nil {
		return a, err
	}
	a.At, a.SeenAt = moment(at), moment(seen)
	if err := a.Day.UnmarshalText([]byte(day)); err != nil {
		return a, err
	}
	return a, a.Due.UnmarshalText([]byte(due))
}

// SeeAlert marks one alert of somebody's own as seen. Another's is not found.
func (tx *Tx) SeeAlert(staffID, id string, at time.Time) error {
	n, err := tx.exec("UPDATE alerts SET seen_at = CASE seen_at WHEN 0 THEN $3 ELSE seen_at END WHERE staff_id = $1 AND id = $2",
		staffID, id, millis(at))
	if err == nil && n == 0 {
		err = rights.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("see an alert: %w", err)
	}
	return nil
}

// SeeAlerts marks what somebody was told of a request as seen, or all that they were told of where requestID is "".
func (tx *Tx) SeeAlerts(staffID, requestID string, at time.Time) error {
	query, args := "UPDATE alerts SET seen_at = $2 WHERE staff_id = $1 AND seen_at = 0", []any{staffID, millis(at)}
	if requestID != "" {
		query, args = query+" AND request_id = $3", append(args, requestID)
	}
	if _, err := tx.exec(query, args...); err != nil {
		return fmt.Errorf("see alerts: %w", err)
	}
	return nil
}

// SeeApproval marks what somebody was told of an approval as seen.
func (tx *Tx) SeeApproval(staffID, approvalID string, at time.Time) error {
	if _, err := tx.exec("UPDATE alerts SET seen_at = $3 WHERE staff_id = $1 AND seen_at = 0 AND approval_id = $2",
		staffID, approvalID, millis(at)); err != nil {
		return fmt.Errorf("see alerts: %w", err)
	}
	return nil
}

// AlertCounts returns how much somebody was told of and has not seen, by kind.
func (r reads) AlertCounts(ctx context.Context, staffID string) (map[rights.AlertKind]int, error) {
	rows, err := r.from.query(ctx, "SELECT kind, COUNT(*) FROM alerts WHERE staff_id = $1 AND seen_at = 0 GROUP BY kind", staffID)
	type tally struct {
		kind rights.AlertKind
		n    int
	}
	tallies, err := all(rows, err, func(row scanner) (t tally, err error) {
		err = row.Scan(&t.kind, &t.n)
		return t, err
	})
	counts := map[rights.AlertKind]int{}
	for _, t := range tallies {
		counts[t.kind] = t.n
	}
	return counts, err
}
