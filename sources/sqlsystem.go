package sources

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// sqlSystem is what the drivers of SQL databases have in common. What they say differently is in their dialect.
type sqlSystem struct {
	dialect dialect
	reads   func() (*sql.DB, error) // connections that cannot write
	writes  func() (*sql.DB, error) // nil where the map lets nothing be written
	// learn sees to it that the dialect knows the types of these collections, nil where it need not.
	learn func(ctx context.Context, q query, all []*Collection) error
	// bound makes the server itself give a select up after a while, nil where cancelling does.
	bound func(text string, after time.Duration) string
}

func (s *sqlSystem) rows(ctx context.Context, q query, each func([]any) error) error {
	db, err := s.reads()
	if err != nil {
		return err
	}
	return s.query(ctx, db, q, "", each)
}

// query runs a query, the end of its text being given, and hands on what Cells may hold.
func (s *sqlSystem) query(ctx context.Context, db queryer, q query, end string, each func([]any) error) error {
	if s.learn != nil {
		if err := s.learn(ctx, q, q.collections()); err != nil {
			return err
		}
	}
	text, args := render(s.dialect, q)
	text += end
	if deadline, ok := ctx.Deadline(); ok && s.bound != nil {
		text = s.bound(text, time.Until(deadline))
	}
	fields, kind := q.fields, ""
	if q.values != nil {
		fields, kind = []*Field{q.values}, q.fold
	}
	return sqlRows(ctx, db, text, args, max(1, len(fields)), func(values []any) error {
		for i, f := range fields {
			values[i] = s.dialect.value(f, kind, values[i])
		}
		return each(values)
	})
}

// collections returns every collection that a query asks, itself and within its conditions.
func (q query) collections() []*Collection {
	out := []*Collection{q.from}
	for _, c := range []cond{q.where, q.sole} {
		out = append(out, collectionsOf(c)...)
	}
	return out
}

func collectionsOf(c cond) []*Collection {
	var out []*Collection
	switch c := c.(type) {
	case anyOf:
		for _, each := range c {
			out = append(out, collectionsOf(each)...)
		}
	case allOf:
		for _, each := range c {
			out = append(out, collectionsOf(each)...)
		}
	case within:
		out = c.of.collections()
	}
	return out
}

// queryer is a database or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func sqlRows(ctx context.Context, db queryer, text string, args []any, width int, each func([]any) error) error {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	values, into := make([]any, width), make([]any, width)
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := each(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *sqlSystem) change(ctx context.Context, f *Field, where cond, next func(any) (any, error)) (any, error) {
	read := query{from: f.Collection, fields: []*Field{f}, where: where, limit: 2}
	reads, err := s.reads()
	if err != nil {
		return nil, err
	}
	writes, err := s.writes()
	if err != nil {
		return nil, err
	}
	tx, err := writes.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() // after a commit this does nothing
	current, err := s.one(ctx, tx, read, s.dialect.lock())
	if err != nil {
		return nil, err
	}
	value, err := next(current)
	if err != nil {
		return nil, err
	}
	st := &statement{d: s.dialect}
	st.b.WriteString("UPDATE " + st.d.quote(f.Collection.Name) + " AS t SET ")
	st.assign(f, value)
	st.b.WriteString(" WHERE ")
	st.cond("t", where)
	result, err := tx.ExecContext(ctx, st.b.String(), st.args...)
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return nil, errors.Join(err, errNotOne)
	}
	inside, err := s.one(ctx, tx, read, "")
	if err != nil {
		return nil, err
	}
	if err := tx.Commit(); err != nil {
		return nil, err
	}
	// A trigger may have changed it, and a failed commit may have been one: only what is read now is true.
	after, err := s.one(ctx, reads, read, "")
	if err != nil {
		return nil, err
	}
	if !same(inside, after) {
		return nil, errNotOne
	}
	return after, nil
}

// errNotOne says that a write found no record, or several, where there must be one.
var errNotOne = errors.New("not exactly one record")

func (s *sqlSystem) one(ctx context.Context, db queryer, q query, end string) (any, error) {
	var found []any
	err := s.query(ctx, db, q, end, func(values []any) error {
		found = append(found, values[0])
		return nil
	})
	if err == nil && len(found) != 1 {
		err = errNotOne
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}
