package store

import (
	"context"
	"fmt"

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
	if _, err := tx.exec(`INSERT INTO consent_numbers (day, purpose, choice, n) VALUES ($1, $2, $3, 1)
		ON CONFLICT (day, purpose, choice) DO UPDATE SET n = n + 1`, tx.s.day(e.At).String(), e.Purpose, string(e.Choice)); err != nil {
		return fmt.Errorf("count consent event: %w", err)
	}
	return tx.Append(why)
}

// ConsentEvents returns the consent ledger of a subject and of whoever is shown with it, oldest first.
func (r reads) ConsentEvents(ctx context.Context, subjectID string) ([]rights.ConsentEvent, error) {
	rows, err := r.from.query(ctx, "SELECT "+consentColumns+" FROM consent_events WHERE "+kinOf+" ORDER BY at, seq", subjectID)
	return all(rows, err, scanConsent)
}

func scanConsent(row scanner) (rights.ConsentEvent, error) {
	var c rights.ConsentEvent
	var at int64
	err := row.Scan(&c.ID, &c.Subject, &c.Request, &c.Purpose, &c.Version, &c.Choice, &at, &c.Via, &c.Language, &c.TextHash)
	c.At = moment(at)
	return c, err
}
