package store

import (
	"context"
	"fmt"
	"strconv"

	"habeas/rights"
)

const consentColumns = "id, subject_id, request_id, purpose, version, choice, at, via, language, text_hash"

// InsertConsentEvent adds a line to the consent ledger. The database refuses to change or delete it.
func (tx *Tx) InsertConsentEvent(e rights.ConsentEvent, why rights.Entry) error {
	if _, err := tx.exec(`INSERT INTO consent_events (id, subject_id, request_id, purpose, version, choice, at, via, language, text_hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e.ID, e.Subject, e.Request, e.Purpose, e.Version, string(e.Choice), millis(e.At), e.Via, e.Language, e.TextHash); err != nil {
		return fmt.Errorf("insert consent event: %w", err)
	}
	return tx.Append(why)
}

// ConsentEvents returns the consent ledger of a subject, oldest first.
func (r reads) ConsentEvents(ctx context.Context, subjectID string) ([]rights.ConsentEvent, error) {
	rows, err := r.from.query(ctx, "SELECT seq, "+consentColumns+" FROM consent_events WHERE subject_id = $1 ORDER BY at, seq", subjectID)
	found, err := all(rows, err, scanConsent)
	events := make([]rights.ConsentEvent, len(found))
	for i, f := range found {
		events[i] = f.ConsentEvent
	}
	return events, err
}

// ConsentPage returns a page of the consent ledger of a subject, newest first, and the mark of the next page, "" after
// the last.
func (r reads) ConsentPage(ctx context.Context, subjectID, after string, limit int) ([]rights.ConsentEvent, string, error) {
	limit = sized(limit)
	query := "SELECT seq, " + consentColumns + " FROM consent_events WHERE subject_id = $1"
	args := []any{subjectID}
	if after != "" {
		at, text, err := readTimeCursor(after)
		if err != nil {
			return nil, "", err
		}
		seq, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, "", fmt.Errorf("read page mark: %w", rights.ErrNotFound)
		}
		query += " AND (at, seq) < ($2, $3)"
		args = append(args, at, seq)
	}
	rows, err := r.from.query(ctx, query+" ORDER BY at DESC, seq DESC"+limited(limit+1), args...)
	found, err := all(rows, err, scanConsent)
	if err != nil {
		return nil, "", err
	}
	found, next := page(found, limit, func(last consentRow) string {
		return cursor(strconv.FormatInt(millis(last.At), 10), strconv.FormatInt(last.seq, 10))
	})
	events := make([]rights.ConsentEvent, len(found))
	for i, f := range found {
		events[i] = f.ConsentEvent
	}
	return events, next, nil
}

type consentRow struct {
	seq int64
	rights.ConsentEvent
}

func scanConsent(row scanner) (consentRow, error) {
	var c consentRow
	var at int64
	err := row.Scan(&c.seq, &c.ID, &c.Subject, &c.Request, &c.Purpose, &c.Version, &c.Choice, &at, &c.Via, &c.Language, &c.TextHash)
	c.At = moment(at)
	return c, err
}
