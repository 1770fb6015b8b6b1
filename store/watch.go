package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"habeas/rights"
)

// Round is how far a chore that goes through a long list has come.
type Round struct {
	Turn string // which round: a new one begins at the beginning
	Mark string // the last it dealt with, "" for none yet
	Done bool
}

// Round returns how far a chore has come, the zero Round before its first.
func (r reads) Round(ctx context.Context, name string) (Round, error) {
	var out Round
	err := translate(r.from.row(ctx, "SELECT turn, mark, done FROM rounds WHERE name = $1", name).Scan(&out.Turn, &out.Mark, &out.Done))
	if errors.Is(err, rights.ErrNotFound) {
		err = nil
	}
	return out, err
}

// SetRound writes down how far a chore has come.
func (tx *Tx) SetRound(name string, r Round) error {
	if _, err := tx.exec(`INSERT INTO rounds (name, turn, mark, done) VALUES ($1, $2, $3, $4)
		ON CONFLICT (name) DO UPDATE SET turn = excluded.turn, mark = excluded.mark, done = excluded.done`,
		name, r.Turn, r.Mark, flag(r.Done)); err != nil {
		return fmt.Errorf("set the round of %s: %w", name, err)
	}
	return nil
}

// WatchedUntil returns a batch of the open requests whose day, by the earlier reading, is not after last, the nearest
// first, and the mark of the next batch, "" after the last.
func (r reads) WatchedUntil(ctx context.Context, last rights.Date, after string, limit int) ([]rights.Request, string, error) {
	query, args, err := watchedQuery(last, after, limit+1)
	if err != nil {
		return nil, "", err
	}
	type watched struct {
		rights.Request
		day string
	}
	rows, err := r.from.query(ctx, query, args...)
	found, err := all(rows, err, func(row scanner) (w watched, err error) {
		err = scanRequestAnd(row, &w.Request, &w.day)
		return w, err
	})
	if err != nil {
		return nil, "", fmt.Errorf("read what is due: %w", err)
	}
	found, next := page(found, limit, func(last watched) string { return cursor(last.day, last.ID) })
	out := make([]rights.Request, len(found))
	for i, w := range found {
		out[i] = w.Request
	}
	return out, next, nil
}

func watchedQuery(last rights.Date, after string, limit int) (string, []any, error) {
	query := "SELECT " + requestColumns + `, r.strict_due FROM requests r
		WHERE r.is_open = 1 AND r.routine = 0 AND r.strict_due > '' AND r.strict_due <= $1`
	args := []any{last.String()}
	if after != "" {
		day, id, err := readCursor(after)
		if err != nil {
			return "", nil, err
		}
		query += " AND (r.strict_due, r.id) > ($2, $3)"
		args = append(args, day, id)
	}
	return query + " ORDER BY r.strict_due, r.id" + limited(limit), args, nil
}

// PausedRequests returns a batch of the requests whose clock stands still, and the mark of the next, "" after the last.
func (r reads) PausedRequests(ctx context.Context, after string, limit int) ([]rights.Request, string, error) {
	rows, err := r.from.query(ctx, "SELECT "+requestColumns+" FROM requests r WHERE r.state = 'paused' AND r.id > $1 ORDER BY r.id"+limited(limit+1), after)
	found, err := all(rows, err, scanRequest)
	if err != nil {
		return nil, "", fmt.Errorf("read what is paused: %w", err)
	}
	found, next := page(found, limit, func(last rights.Request) string { return last.ID })
	return found, next, nil
}

// OpenRequests returns a batch of the open requests that people answer, and the mark of the next, "" after the last.
func (r reads) OpenRequests(ctx context.Context, after string, limit int) ([]rights.Request, string, error) {
	query := "SELECT " + requestColumns + " FROM requests r WHERE r.is_open = 1 AND r.routine = 0"
	var args []any
	if after != "" {
		day, id, err := readCursor(after)
		if err != nil {
			return nil, "", err
		}
		query += " AND (r.due, r.id) > ($1, $2)"
		args = append(args, day, id)
	}
	rows, err := r.from.query(ctx, query+" ORDER BY r.due, r.id"+limited(limit+1), args...)
	found, err := all(rows, err, scanRequest)
	if err != nil {
		return nil, "", fmt.Errorf("read what is open: %w", err)
	}
	found, next := page(found, limit, func(last rights.Request) string { return cursor(last.Due.String(), last.ID) })
	return found, next, nil
}

// OwnDue returns the open requests of a member of staff that are owed by a day, the nearest first.
func (r reads) OwnDue(ctx context.Context, owner string, last rights.Date, limit int) ([]rights.Request, error) {
	rows, err := r.from.query(ctx, "SELECT "+requestColumns+` FROM requests r
		WHERE r.is_open = 1 AND r.owner_id = $1 AND r.due > '' AND r.due <= $2 ORDER BY r.due, r.id`+limited(limit), owner, last.String())
	return all(rows, err, scanRequest)
}

// Workload is how much is open in a team, or with one of them.
type Workload struct {
	Open, Late, Week, Unassigned int
}

// Workload returns how much is open: with one member of staff, or in all where owner is "". It reads the tallies, a row
// an owner and day.
func (r reads) Workload(ctx context.Context, owner string, today rights.Date) (Workload, error) {
	query := `SELECT COALESCE(SUM(n), 0), COALESCE(SUM(CASE WHEN due > '' AND due < $1 THEN n END), 0),
			COALESCE(SUM(CASE WHEN due >= $1 AND due <= $2 THEN n END), 0), COALESCE(SUM(CASE owner_id WHEN '' THEN n END), 0)
		FROM request_tallies WHERE is_open = 1 AND routine = 0`
	args := []any{today.String(), today.AddDays(7).String()}
	if owner != "" {
		query, args = query+" AND owner_id = $3", append(args, owner)
	}
	var w Workload
	err := r.from.row(ctx, query, args...).Scan(&w.Open, &w.Late, &w.Week, &w.Unassigned)
	return w, translate(err)
}

// ReceivedSince returns how many requests that people answer have come in since a moment, up to a thousand.
func (r reads) ReceivedSince(ctx context.Context, since time.Time) (n int, err error) {
	err = r.from.row(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM requests WHERE received_at >= $1 AND routine = 0"+limited(1000)+")",
		millis(since)).Scan(&n)
	return n, translate(err)
}
