package sources

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// errLeft says that something still stood there after it was erased: a trigger, a rule, a view.
var errLeft = errors.New("what was erased is still there")

func (s *sqlSystem) erase(ctx context.Context, orders []order) error {
	writes, err := s.writes()
	if err != nil {
		return err
	}
	tx, err := writes.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit this does nothing
	for _, o := range orders {
		for rows := o.rows; len(rows) > 0; {
			n := min(len(rows), lookedAt)
			where := keyed{o.from.Key, rows[:n]}
			rows = rows[n:]
			if o.goes {
				err = s.remove(ctx, tx, o.from, where)
			} else {
				err = s.strip(ctx, tx, o, where)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", o.from, err)
			}
		}
	}
	return tx.Commit()
}

func (s *sqlSystem) remove(ctx context.Context, tx *sql.Tx, c *Collection, where keyed) error {
	st := &statement{d: s.dialect}
	st.b.WriteString("DELETE FROM " + s.dialect.quote(c.Name) + " WHERE ")
	st.cond(s.dialect.quote(c.Name), where)
	if _, err := tx.ExecContext(ctx, st.b.String(), st.args...); err != nil {
		return err
	}
	return s.confirm(ctx, tx, query{from: c, where: where, fields: c.Key}, func([]any) error { return errLeft })
}

// strip sets the columns of records that stay, each as its record wants it.
func (s *sqlSystem) strip(ctx context.Context, tx *sql.Tx, o order, where keyed) error {
	fields := append([]*Field{}, o.from.Key...)
	for _, set := range o.sets {
		fields = append(fields, set.field)
	}
	keys := len(o.from.Key)
	type change struct{ key, values []any }
	var changes []change
	q := query{from: o.from, fields: fields, where: where}
	err := s.confirm(ctx, tx, q, func(row []any) error {
		ch := change{key: append([]any{}, row[:keys]...)}
		differs := false
		for i, set := range o.sets {
			v, err := set.to(ch.key, row[keys+i])
			if err != nil {
				return err
			}
			differs = differs || text(normal(v)) != text(normal(row[keys+i])) || (v == nil) != (row[keys+i] == nil)
			ch.values = append(ch.values, v)
		}
		if differs {
			changes = append(changes, ch)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, ch := range changes {
		st := &statement{d: s.dialect}
		st.b.WriteString("UPDATE " + s.dialect.quote(o.from.Name) + " SET ")
		for i, set := range o.sets {
			if i > 0 {
				st.b.WriteString(", ")
			}
			st.assign(set.field, ch.values[i])
		}
		st.b.WriteString(" WHERE ")
		st.cond(s.dialect.quote(o.from.Name), keyed{o.from.Key, [][]any{ch.key}})
		if _, err := tx.ExecContext(ctx, st.b.String(), st.args...); err != nil {
			return err
		}
	}
	// What stands there now is what would be put there again.
	return s.confirm(ctx, tx, q, func(row []any) error {
		for i, set := range o.sets {
			v, err := set.to(row[:keys], row[keys+i])
			if err != nil {
				return err
			}
			if text(normal(v)) != text(normal(row[keys+i])) {
				return errLeft
			}
		}
		return nil
	})
}

func (s *sqlSystem) confirm(ctx context.Context, tx *sql.Tx, q query, each func([]any) error) error {
	return s.query(ctx, tx, q, "", each)
}
