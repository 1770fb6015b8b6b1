package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"habeas/rights"
)

const requestColumns = `r.id, r.ref, r.subject_id, r."right", r.regime, r.channel, r.language, r.state, r.routine, r.received_at,
	r.not_before, r.closed_at, r.due, r.clock, r.owner_id, r.ground, r.version, r.parent_id, r.identity, r.acknowledged_at,
	r.pseudonymised_at`

// InsertRequest adds a request.
func (tx *Tx) InsertRequest(r rights.Request, why rights.Entry) error {
	clock, err := json.Marshal(r.Clock)
	if err != nil {
		return fmt.Errorf("insert request: %w", err)
	}
	if _, err := tx.exec(`INSERT INTO requests (id, ref, subject_id, "right", regime, channel, language, state, is_open, routine,
			received_at, not_before, closed_at, due, clock, owner_id, ground, version, parent_id, identity, acknowledged_at,
			received_day, closed_day, days, strict_due)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`,
		r.ID, r.Ref, r.Subject, string(r.Right), r.Regime, string(r.Channel), r.Language, string(r.State), flag(r.State.Open()), flag(r.Routine),
		millis(r.ReceivedAt), millis(r.NotBefore), millis(r.ClosedAt), r.Due.String(), string(clock), r.Owner, r.Ground, r.Version,
		r.Parent, string(r.Identity), millis(r.AcknowledgedAt),
		tx.s.day(r.ReceivedAt).String(), tx.s.day(r.ClosedAt).String(), tx.s.daysTaken(r), r.Clock.StrictDay().String()); err != nil {
		return fmt.Errorf("insert request: %w", err)
	}
	tx.changed(r.Ref)
	return tx.Append(why)
}

// UpdateRequest changes what can change of a request, if it still is of the version that r was read with, and makes it
// the next version. Otherwise it is rights.ErrConflict.
func (tx *Tx) UpdateRequest(r rights.Request, why rights.Entry) error {
	clock, err := json.Marshal(r.Clock)
	if err != nil {
		return fmt.Errorf("update request: %w", err)
	}
	n, err := tx.exec(`UPDATE requests SET regime = $3, language = $4, state = $5, is_open = $6, routine = $7, not_before = $8, closed_at = $9,
			due = $10, clock = $11, owner_id = $12, ground = $13, parent_id = $14, identity = $15, acknowledged_at = $16,
			closed_day = $17, days = $18, strict_due = $19, version = version + 1
		WHERE id = $1 AND version = $2`,
		r.ID, r.Version, r.Regime, r.Language, string(r.State), flag(r.State.Open()), flag(r.Routine), millis(r.NotBefore), millis(r.ClosedAt),
		r.Due.String(), string(clock), r.Owner, r.Ground, r.Parent, string(r.Identity), millis(r.AcknowledgedAt),
		tx.s.day(r.ClosedAt).String(), tx.s.daysTaken(r), r.Clock.StrictDay().String())
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM requests WHERE id = $1", r.ID)
	}
	if err != nil {
		return fmt.Errorf("update request: %w", err)
	}
	tx.changed(r.Ref)
	return tx.Append(why)
}

// day is the day of the house on which t falls, as the law counts days; zero for the zero time.
func (s *Store) day(t time.Time) rights.Date {
	if t.IsZero() {
		return rights.Date{}
	}
	return rights.DateOf(t.In(s.location))
}

// daysTaken is how many days a closed request took, from the day it came to the day it was closed.
func (s *Store) daysTaken(r rights.Request) int {
	if r.ClosedAt.IsZero() {
		return 0
	}
	return s.day(r.ReceivedAt).DaysUntil(s.day(r.ClosedAt))
}

// Request returns a request.
func (r reads) Request(ctx context.Context, id string) (rights.Request, error) {
	return one(r.from.row(ctx, "SELECT "+requestColumns+" FROM requests r WHERE r.id = $1", id), scanRequest)
}

// RequestByRef returns the request with the reference that people quote.
func (r reads) RequestByRef(ctx context.Context, ref string) (rights.Request, error) {
	return one(r.from.row(ctx, "SELECT "+requestColumns+" FROM requests r WHERE r.ref = $1", ref), scanRequest)
}

// RequestsOf returns a page of the requests of a subject and of whoever is shown with it, newest first, and the mark of the
// next page, "" after the last.
func (r reads) RequestsOf(ctx context.Context, subjectID, after string, limit int) ([]rights.Request, string, error) {
	limit = sized(limit)
	where, args, err := r.ofPerson(ctx, "r.subject_id", subjectID)
	if err != nil {
		return nil, "", err
	}
	query := "SELECT " + requestColumns + " FROM requests r WHERE " + where
	if after != "" {
		at, id, err := readTimeCursor(after)
		if err != nil {
			return nil, "", err
		}
		query += fmt.Sprintf(" AND (r.received_at, r.id) < ($%d, $%d)", len(args)+1, len(args)+2)
		args = append(args, at, id)
	}
	rows, err := r.from.query(ctx, query+" ORDER BY r.received_at DESC, r.id DESC"+limited(limit+1), args...)
	found, err := all(rows, err, scanRequest)
	if err != nil {
		return nil, "", err
	}
	found, next := page(found, limit, func(last rights.Request) string {
		return cursor(strconv.FormatInt(millis(last.ReceivedAt), 10), last.ID)
	})
	return found, next, nil
}

func scanRequest(row scanner) (rights.Request, error) {
	var r rights.Request
	err := scanRequestAnd(row, &r)
	return r, err
}

// scanRequestAnd reads the columns of a request and those that follow them.
func scanRequestAnd(row scanner, r *rights.Request, more ...any) error {
	var received, notBefore, closed, acknowledged, pseudonymised int64
	var due string
	var clock []byte
	err := row.Scan(append([]any{&r.ID, &r.Ref, &r.Subject, &r.Right, &r.Regime, &r.Channel, &r.Language, &r.State, &r.Routine, &received,
		&notBefore, &closed, &due, &clock, &r.Owner, &r.Ground, &r.Version, &r.Parent, &r.Identity, &acknowledged, &pseudonymised}, more...)...)
	if err != nil {
		return err
	}
	r.ReceivedAt, r.NotBefore, r.ClosedAt = moment(received), moment(notBefore), moment(closed)
	r.AcknowledgedAt, r.PseudonymisedAt = moment(acknowledged), moment(pseudonymised)
	if err := r.Due.UnmarshalText([]byte(due)); err != nil {
		return fmt.Errorf("read request %s: %w", r.Ref, err)
	}
	if err := json.Unmarshal(clock, &r.Clock); err != nil {
		return fmt.Errorf("read the clock of request %s: %w", r.Ref, err)
	}
	return nil
}

// flag stores a bool as both engines compare it.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
