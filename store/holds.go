package store

import (
	"context"
	"fmt"
	"time"

	"habeas/rights"
)

// Hold keeps somebody's data from being erased for as long as it stands.
type Hold struct {
	ID       string
	Subject  string
	Ground   string // of those on which the law lets erasure be refused
	Reason   string // which dispute; sealed at rest, "" once the subject's key is destroyed
	By       string // staff ID
	At       time.Time
	ReviewOn rights.Date
	LiftedBy string
	LiftedAt time.Time
}

const holdColumns = "h.id, h.subject_id, h.ground, h.reason, h.placed_by, h.placed_at, h.review_on, h.lifted_by, h.lifted_at, s.id, " + dataKey

// InsertHold places a hold.
func (tx *Tx) InsertHold(h Hold, why rights.Entry) error {
	box, err := tx.subjectBox(h.Subject)
	if err != nil {
		return fmt.Errorf("insert hold: %w", err)
	}
	reason, err := box.Seal([]byte(h.Reason), "holds", "reason", h.ID)
	if err != nil {
		return err
	}
	if _, err := tx.exec("INSERT INTO holds (id, subject_id, ground, reason, placed_by, placed_at, review_on) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		h.ID, h.Subject, h.Ground, reason, h.By, millis(h.At), h.ReviewOn.String()); err != nil {
		return fmt.Errorf("insert hold: %w", err)
	}
	return tx.Append(why)
}

// LiftHold ends a hold that stands; any other is rights.ErrConflict.
func (tx *Tx) LiftHold(id, by string, why rights.Entry) error {
	if err := tx.change(rights.ErrConflict, "UPDATE holds SET lifted_by = $2, lifted_at = $3 WHERE id = $1 AND lifted_at = 0", id, by, millis(why.At)); err != nil {
		return fmt.Errorf("lift hold: %w", err)
	}
	return tx.Append(why)
}

// Holds lists every hold on a subject and on whoever is shown with it, those that stand first.
func (r reads) Holds(ctx context.Context, subjectID string) ([]Hold, error) {
	where, args, err := r.ofPerson(ctx, "h.subject_id", subjectID)
	if err != nil {
		return nil, err
	}
	rows, err := r.from.query(ctx, "SELECT "+holdColumns+holdTables+"WHERE "+where+" ORDER BY h.lifted_at > 0, h.placed_at, h.id", args...)
	return all(rows, err, r.scanHold)
}

// Held returns the first hold that stands on a subject or on whoever is shown with it, rights.ErrNotFound where none does.
func (r reads) Held(ctx context.Context, subjectID string) (Hold, error) {
	list, err := r.Holds(ctx, subjectID)
	if err != nil {
		return Hold{}, err
	}
	if len(list) == 0 || !list[0].LiftedAt.IsZero() {
		return Hold{}, rights.ErrNotFound
	}
	return list[0], nil
}

// ReviewHold sets another day on which a hold that stands is looked at; any other hold is rights.ErrConflict.
func (tx *Tx) ReviewHold(id string, day rights.Date, why rights.Entry) error {
	if err := tx.change(rights.ErrConflict, "UPDATE holds SET review_on = $2, told = 0 WHERE id = $1 AND lifted_at = 0", id, day.String()); err != nil {
		return fmt.Errorf("review hold: %w", err)
	}
	return tx.Append(why)
}

// HoldTold remembers that somebody was told of the day of a hold.
func (tx *Tx) HoldTold(id string) error {
	if _, err := tx.exec("UPDATE holds SET told = 1 WHERE id = $1", id); err != nil {
		return fmt.Errorf("note the day of a hold: %w", err)
	}
	return nil
}

const holdTables = " FROM holds h JOIN subjects s ON s.id = h.subject_id "

// HoldsToReview lists the holds whose day has come by then, and of which nobody was told.
func (r reads) HoldsToReview(ctx context.Context, day rights.Date, limit int) ([]Hold, error) {
	rows, err := r.from.query(ctx, "SELECT "+holdColumns+holdTables+"WHERE h.lifted_at = 0 AND h.told = 0 AND h.review_on <= $1 ORDER BY h.review_on, h.id"+limited(limit), day.String())
	return all(rows, err, r.scanHold)
}

// StandingHolds returns a page of the holds that stand, in the order of their days, and the mark of the next page.
func (r reads) StandingHolds(ctx context.Context, after string, limit int) ([]Hold, string, error) {
	query, args := "SELECT "+holdColumns+holdTables+"WHERE h.lifted_at = 0", []any(nil)
	if after != "" {
		day, id, err := readCursor(after)
		if err != nil {
			return nil, "", err
		}
		query, args = query+" AND (h.review_on, h.id) > ($1, $2)", []any{day, id}
	}
	rows, err := r.from.query(ctx, query+" ORDER BY h.review_on, h.id"+limited(limit+1), args...)
	found, err := all(rows, err, r.scanHold)
	if err != nil {
		return nil, "", err
	}
	found, next := page(found, limit, func(h Hold) string { return cursor(h.ReviewOn.String(), h.ID) })
	return found, next, nil
}

func (r reads) scanHold(row scanner) (h Hold, err error) {
	var placed, lifted int64
	var review, subject string
	var reason, wrapped []byte
	if err := row.Scan(&h.ID, &h.Subject, &h.Ground, &reason, &h.By, &placed, &review, &h.LiftedBy, &lifted, &subject, &wrapped); err != nil {
		return h, err
	}
	h.At, h.LiftedAt = moment(placed), moment(lifted)
	if h.ReviewOn, err = rights.ParseDate(review); err != nil {
		return h, err
	}
	if wrapped == nil { // their key is destroyed
		return h, nil
	}
	box, err := r.box(subject, wrapped)
	if err != nil {
		return h, err
	}
	h.Reason, err = open(box, reason, "holds", "reason", h.ID)
	return h, err
}
