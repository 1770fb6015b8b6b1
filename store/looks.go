package store

import (
	"context"
	"fmt"
	"time"

	"habeas/rights"
)

// Look is what a retention rule found when it was last looked at.
type Look struct {
	Source     string
	Collection string
	Day        rights.Date // zero for never
	Found      string      // JSON
	At         time.Time
	AskedBy    string // staff ID of who asked for another look, "" for nobody
	NextAt     time.Time
	Attempts   int
	Trouble    string // of the last attempt, "" for none
}

// Looks lists what every rule that was ever looked at found.
func (r reads) Looks(ctx context.Context) ([]Look, error) {
	rows, err := r.from.query(ctx, `SELECT source, collection, day, found, looked_at, asked_by, next_at, attempts, trouble
		FROM retention_looks ORDER BY source, collection`)
	return all(rows, err, func(row scanner) (l Look, err error) {
		var day string
		var at, next int64
		if err := row.Scan(&l.Source, &l.Collection, &day, &l.Found, &at, &l.AskedBy, &next, &l.Attempts, &l.Trouble); err != nil {
			return l, err
		}
		l.At, l.NextAt = moment(at), moment(next)
		if day != "" {
			l.Day, err = rights.ParseDate(day)
		}
		return l, err
	})
}

// SetLook writes down what a rule found, or what was the matter. It says nothing of anybody and is in no audit log.
func (tx *Tx) SetLook(l Look) error {
	if _, err := tx.exec(`INSERT INTO retention_looks (source, collection, day, found, looked_at, asked_by, next_at, attempts, trouble)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (source, collection) DO UPDATE SET day = excluded.day, found = excluded.found, looked_at = excluded.looked_at,
			asked_by = excluded.asked_by, next_at = excluded.next_at, attempts = excluded.attempts, trouble = excluded.trouble`,
		l.Source, l.Collection, l.Day.String(), l.Found, millis(l.At), l.AskedBy, millis(l.NextAt), l.Attempts, l.Trouble); err != nil {
		return fmt.Errorf("set look: %w", err)
	}
	return nil
}

// AskLook notes that somebody wants a rule looked at now.
func (tx *Tx) AskLook(source, collection string, why rights.Entry) error {
	if _, err := tx.exec(`INSERT INTO retention_looks (source, collection, asked_by) VALUES ($1, $2, $3)
		ON CONFLICT (source, collection) DO UPDATE SET day = '', asked_by = excluded.asked_by, next_at = 0`, source, collection, why.Actor.ID); err != nil {
		return fmt.Errorf("ask for a look: %w", err)
	}
	return tx.Append(why)
}
