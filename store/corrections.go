package store

import (
	"context"
	"fmt"
	"time"

	"habeas/rights"
)

// InsertCorrection adds what a rectification asks.
func (tx *Tx) InsertCorrection(c rights.Correction) error {
	box, err := tx.requestBox(c.Request)
	if err != nil {
		return fmt.Errorf("insert correction: %w", err)
	}
	sealed := make([][]byte, 4)
	for i, v := range []struct{ column, value string }{
		{"record", c.Record}, {"old_value", c.Old}, {"new_value", c.New}, {"reason", c.Reason},
	} {
		if sealed[i], err = box.Seal([]byte(v.value), "corrections", v.column, c.Request); err != nil {
			return err
		}
	}
	if _, err := tx.exec(`INSERT INTO corrections (request_id, source, collection, record, field, mode, old_value, new_value, reason,
			decision, ground, decided_by, decided_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		c.Request, c.Source, c.Collection, sealed[0], c.Field, c.Mode, sealed[1], sealed[2], sealed[3],
		c.Decision, c.Ground, c.DecidedBy, millis(c.DecidedAt)); err != nil {
		return fmt.Errorf("insert correction: %w", err)
	}
	return nil
}

// UpdateCorrection records the decision on a correction. What was asked cannot change, and a decision is taken once: a
// second is rights.ErrConflict.
func (tx *Tx) UpdateCorrection(c rights.Correction) error {
	n, err := tx.exec(`UPDATE corrections SET decision = $2, ground = $3, decided_by = $4, decided_at = $5
		WHERE request_id = $1 AND decision = ''`, c.Request, c.Decision, c.Ground, c.DecidedBy, millis(c.DecidedAt))
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM corrections WHERE request_id = $1", c.Request)
	}
	if err != nil {
		return fmt.Errorf("update correction: %w", err)
	}
	return nil
}

// ReopenCorrection makes a correction that was declined one to decide. Any other is rights.ErrConflict: what was written to
// its source is not undone by taking its request up again.
func (tx *Tx) ReopenCorrection(requestID string) error {
	n, err := tx.exec(`UPDATE corrections SET decision = '', ground = '', decided_by = '', decided_at = 0
		WHERE request_id = $1 AND decision = 'declined'`, requestID)
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM corrections WHERE request_id = $1", requestID)
	}
	if err != nil {
		return fmt.Errorf("reopen correction: %w", err)
	}
	return nil
}

// HandOver leaves a correction that the portal could not write to the officers. One that is decided is
// rights.ErrConflict.
func (tx *Tx) HandOver(requestID string) error {
	n, err := tx.exec("UPDATE corrections SET mode = 'ask' WHERE request_id = $1 AND decision = ''", requestID)
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM corrections WHERE request_id = $1", requestID)
	}
	if err != nil {
		return fmt.Errorf("hand over correction: %w", err)
	}
	return nil
}

// TakeOver claims a correction for the portal to write, before the source is touched: from here on nobody else decides
// it. One that is decided, or claimed already, is rights.ErrConflict.
func (tx *Tx) TakeOver(requestID string) error {
	n, err := tx.exec("UPDATE corrections SET mode = 'self' WHERE request_id = $1 AND decision = '' AND mode = 'ask'", requestID)
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM corrections WHERE request_id = $1", requestID)
	}
	if err != nil {
		return fmt.Errorf("take over correction: %w", err)
	}
	return nil
}

// UnsettledCorrection returns the request of one correction that the portal was to write itself and that was neither
// written nor handed over before that time, and is not put off beyond now.
func (r reads) UnsettledCorrection(ctx context.Context, before, now time.Time) (requestID string, err error) {
	row := r.from.row(ctx, `SELECT r.id FROM corrections c JOIN requests r ON r.id = c.request_id
		WHERE c.mode = 'self' AND c.decision = '' AND c.dropped_at = 0 AND c.next_at <= $2 AND r.is_open = 1 AND r.received_at < $1
		ORDER BY r.received_at, r.id LIMIT 1`, millis(before), millis(now))
	err = row.Scan(&requestID)
	return requestID, translate(err)
}

// PutOffCorrection has a correction that could not be settled wait: after returns how long, by how often it failed before.
func (tx *Tx) PutOffCorrection(requestID string, now time.Time, after func(failures int) time.Duration) error {
	var failures int
	if err := tx.from.row(context.Background(), "SELECT attempts FROM corrections WHERE request_id = $1", requestID).Scan(&failures); err != nil {
		return fmt.Errorf("put off correction: %w", translate(err))
	}
	if err := tx.change(rights.ErrNotFound, "UPDATE corrections SET attempts = attempts + 1, next_at = $2 WHERE request_id = $1",
		requestID, millis(now.Add(after(failures)))); err != nil {
		return fmt.Errorf("put off correction: %w", err)
	}
	return nil
}

// DropCorrection ends a correction of which nothing can be read any more.
func (tx *Tx) DropCorrection(requestID string, why rights.Entry) error {
	if err := tx.change(rights.ErrConflict, "UPDATE corrections SET dropped_at = $2, mode = 'ask' WHERE request_id = $1 AND decision = '' AND dropped_at = 0",
		requestID, millis(why.At)); err != nil {
		return fmt.Errorf("drop correction: %w", err)
	}
	return tx.Append(why)
}

// CorrectionsIn returns the corrections of a subject, and of whoever is shown with it, that were written into a collection, the
// newest first.
func (r reads) CorrectionsIn(ctx context.Context, subjectID, source, collection string) ([]rights.Correction, error) {
	where, args, err := r.ofPerson(ctx, "r.subject_id", subjectID)
	if err != nil {
		return nil, err
	}
	n := len(args)
	rows, err := r.from.query(ctx, "SELECT "+correctionColumns+correctionTables+"WHERE "+where+
		fmt.Sprintf(" AND c.decision = 'accepted' AND c.source = $%d AND c.collection = $%d ORDER BY c.decided_at DESC, r.id DESC", n+1, n+2),
		append(args, source, collection)...)
	return all(rows, err, r.scanCorrection)
}

const correctionColumns = `c.request_id, c.source, c.collection, c.field, c.mode, c.decision, c.ground, c.decided_by, c.decided_at,
	c.record, c.old_value, c.new_value, c.reason, s.id, ` + dataKey

const correctionTables = " FROM corrections c JOIN requests r ON r.id = c.request_id JOIN subjects s ON s.id = r.subject_id "

// Correction returns what a rectification asks.
func (r reads) Correction(ctx context.Context, requestID string) (rights.Correction, error) {
	row := r.from.row(ctx, "SELECT "+correctionColumns+correctionTables+"WHERE c.request_id = $1", requestID)
	return one(row, r.scanCorrection)
}

func (r reads) scanCorrection(row scanner) (rights.Correction, error) {
	var c rights.Correction
	var decided int64
	var record, old, value, reason, wrapped []byte
	var subject string
	err := row.Scan(&c.Request, &c.Source, &c.Collection, &c.Field, &c.Mode, &c.Decision, &c.Ground, &c.DecidedBy, &decided,
		&record, &old, &value, &reason, &subject, &wrapped)
	if err != nil {
		return c, err
	}
	c.DecidedAt = moment(decided)
	box, err := r.box(subject, wrapped)
	if err != nil {
		return c, err
	}
	for _, v := range []struct {
		sealed []byte
		column string
		to     *string
	}{
		{record, "record", &c.Record}, {old, "old_value", &c.Old}, {value, "new_value", &c.New}, {reason, "reason", &c.Reason},
	} {
		if *v.to, err = open(box, v.sealed, "corrections", v.column, c.Request); err != nil {
			return c, err
		}
	}
	return c, nil
}
