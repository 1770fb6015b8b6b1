package store

import (
	"context"
	"fmt"
	"time"

	"habeas/rights"
)

// Alert is something that a member of staff is told of.
type Alert struct {
	ID      string
	Dedupe  string // the same is told once
	Staff   string // staff ID
	Kind    rights.AlertKind
	Request string // request ID, "" for none
	At      time.Time
	SeenAt  time.Time // zero until they have
}

// InsertAlert tells a member of staff of something, and reports false where they were told before.
func (tx *Tx) InsertAlert(a Alert) (bool, error) {
	n, err := tx.exec(`INSERT INTO alerts (id, dedupe, staff_id, kind, request_id, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (dedupe) DO NOTHING`, a.ID, a.Dedupe, a.Staff, string(a.Kind), orNull(a.Request), millis(a.At))
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
