package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"habeas/rights"
	"habeas/store/seal"
)

// reads are the questions that both a Store and a Tx answer.
type reads struct {
	from source
	keys *seal.Keyring

	newKey func(subject string) []byte // of a transaction: keys that are not in their file yet
}

// source runs a query: the pool of readers, or the transaction under way.
type source interface {
	query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	row(ctx context.Context, query string, args ...any) scanner
}

// scanner is a row, alone or of several.
type scanner interface{ Scan(dest ...any) error }

// failed is the row of a query that could not be asked.
type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }

// pool asks the readers, with each statement prepared once.
type pool struct {
	db    *sql.DB
	asked func(query string)
	ready sync.Map // query → *sql.Stmt
}

func (p *pool) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	if p.asked != nil {
		p.asked(query)
	}
	if st, ok := p.ready.Load(query); ok {
		return st.(*sql.Stmt), nil
	}
	st, err := p.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if first, had := p.ready.LoadOrStore(query, st); had {
		return first.(*sql.Stmt), st.Close()
	}
	return st, nil
}

func (p *pool) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	st, err := p.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

func (p *pool) row(ctx context.Context, query string, args ...any) scanner {
	st, err := p.statement(ctx, query)
	if err != nil {
		return failed{err}
	}
	return st.QueryRowContext(ctx, args...)
}

// one reads a single row with scan. No row is rights.ErrNotFound.
func one[T any](row scanner, scan func(scanner) (T, error)) (T, error) {
	v, err := scan(row)
	if err != nil {
		var none T
		return none, translate(err)
	}
	return v, nil
}

// all reads every row with scan.
func all[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, translate(err)
		}
		out = append(out, v)
	}
	return out, translate(rows.Err())
}

// millis is how times are stored; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment undoes millis.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// orNull stores the zero value as NULL.
func orNull[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// facts is how small facts are stored.
func facts(m map[string]string) (string, error) {
	if len(m) == 0 {
		return "{}", nil
	}
	b, err := json.Marshal(m)
	return string(b), err
}

func readFacts(s string) (map[string]string, error) {
	if s == "{}" {
		return nil, nil
	}
	var m map[string]string
	if err := json.Unmarshal([]byte(s), &m); err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	return m, nil
}

// A cursor names the last row of a page: its sort value and its key. It comes back from addresses that people can edit.
func cursor(sort, key string) string { return sort + "." + key }

func readCursor(s string) (sort, key string, err error) {
	sort, key, ok := strings.Cut(s, ".")
	if !ok {
		return "", "", fmt.Errorf("read page mark: %w", rights.ErrNotFound)
	}
	return sort, key, nil
}

// readTimeCursor reads a cursor that sorts by a number.
func readTimeCursor(s string) (sort int64, key string, err error) {
	text, key, err := readCursor(s)
	if err != nil {
		return 0, "", err
	}
	if sort, err = strconv.ParseInt(text, 10, 64); err != nil {
		return 0, "", fmt.Errorf("read page mark: %w", rights.ErrNotFound)
	}
	return sort, key, nil
}

// limited ends a query after n rows. The number stands in the text: SQLite plans a query anew for each bound limit,
// which costs more than running it.
func limited(n int) string { return " LIMIT " + strconv.Itoa(n) }

// pageSize is the limit of whoever names none.
const pageSize = 50

func sized(limit int) int {
	if limit < 1 {
		return pageSize
	}
	return limit
}

// page cuts rows, asked for one beyond limit, to limit, and names the last if there are more.
func page[T any](rows []T, limit int, mark func(T) string) ([]T, string) {
	if len(rows) <= limit {
		return rows, ""
	}
	return rows[:limit], mark(rows[limit-1])
}
