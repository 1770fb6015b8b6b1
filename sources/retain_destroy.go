package sources

import (
	"context"
	"errors"
	"slices"
	"time"

	"habeas/rights"
)

// Destroyed is what became of records that were past their rule.
type Destroyed struct {
	Done    []string // gone, or emptied
	Spared  int      // somebody's whose data must stay
	Young   int      // not past it any more, when it came to it
	Refused int      // others hang on them, or the database refuses
}

// maxRefused is after how many records that a database refuses one by one the rest of a batch is left, too.
const maxRefused = 50

// Destroy does to records what their rule says, where they still were past it on that day: each look and what follows from it
// are in one transaction of the source, read back inside it. Records that are not there any more count as done, because they were
// noted as due before: after a crash nobody else can say. Done twice it does no more than once.
//
// Errors: a *SourceError; what is done then is not known, and the same is to be done again.
func (s *Set) Destroy(ctx context.Context, r Rule, ids []string, spared map[string]bool, today rights.Date, at time.Time) (Destroyed, error) {
	var out Destroyed
	j, err := s.judge(ctx, r, today)
	if err != nil {
		return out, s.ruleTrouble(ctx, r, err)
	}
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return spared[id] })
	where, err := s.keys(r.Collection, ids)
	if err != nil {
		return out, err
	}
	held, err := s.hanging(ctx, r, where.rows)
	if err != nil {
		return out, err
	}
	out.Refused = len(held)
	rows := slices.DeleteFunc(where.rows, func(key []any) bool { return held[s.ids.write(r.Collection, key)] })
	ctx, cancel := context.WithTimeoutCause(ctx, scanPatience*s.options.Timeout, errSlow)
	defer cancel()
	d := destruction{set: s, judge: j, at: at, out: &out}
	return out, d.carryOut(ctx, rows)
}

// destroyer is a system in which records that are past a rule can be destroyed.
type destroyer interface {
	// destroy looks at the records of the order, does what it says to those that are past their rule, and confirms it by reading
	// back, all in one transaction. It returns the keys of those that are not.
	destroy(ctx context.Context, o order, j *judge) (others [][]any, err error)
}

// destruction is one Destroy under way.
type destruction struct {
	set   *Set
	judge *judge
	at    time.Time
	out   *Destroyed
	tried int // that a database refused one by one
}

// carryOut destroys the records with these keys. Where the database refuses, halves are tried until it is known which of them it
// refuses: one record must not keep all others.
func (d *destruction) carryOut(ctx context.Context, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	c := d.judge.rule.Collection
	src := d.set.source(c.Source())
	others, err := d.once(ctx, src, rows)
	err = writeTrouble(ctx, src, c, err)
	var refused *SourceError
	switch {
	case err == nil:
		young := map[string]bool{}
		for _, key := range others {
			young[d.set.ids.write(c, key)] = true
		}
		for _, key := range rows {
			if id := d.set.ids.write(c, key); !young[id] {
				d.out.Done = append(d.out.Done, id)
			}
		}
		d.out.Young += len(others)
		return nil
	case !errors.As(err, &refused) || refused.Kind != Refused:
		return err
	case len(rows) == 1 || d.tried >= maxRefused:
		d.tried += len(rows)
		d.out.Refused += len(rows)
		return nil
	}
	half := len(rows) / 2
	if err := d.carryOut(ctx, rows[:half]); err != nil {
		return err
	}
	return d.carryOut(ctx, rows[half:])
}

func (d *destruction) once(ctx context.Context, src *source, rows [][]any) (others [][]any, err error) {
	if e, able := src.system.(destroyer); able {
		o := *d.judge.order
		o.rows = rows
		return e.destroy(ctx, o, d.judge)
	}
	snap, is := src.system.(*snapshotSystem)
	if !is {
		return nil, errManual
	}
	c := d.judge.rule.Collection
	sorted := sorted{judge: d.judge}
	err = snap.rows(ctx, query{from: c, fields: d.judge.fields, where: keyed{c.Key, rows}}, sorted.put)
	if err == nil && len(sorted.due) > 0 {
		err = snap.forget(ctx, c, sorted.due, "destroyed", d.at)
	}
	return sorted.others, err
}

// sorted are the keys of records by their age: those that are past their rule, and those to which nothing is done. What was
// emptied before is neither.
type sorted struct {
	judge       *judge
	due, others [][]any
}

func (s *sorted) put(row []any) error {
	a, _, err := s.judge.of(row)
	key := append([]any{}, row[:len(s.judge.rule.Collection.Key)]...)
	switch a {
	case past:
		s.due = append(s.due, key)
	case young, undated, unread:
		s.others = append(s.others, key)
	}
	return err
}

// destroy is in one transaction: what somebody else changes meanwhile waits, or is seen.
func (s *sqlSystem) destroy(ctx context.Context, o order, j *judge) (others [][]any, err error) {
	writes, err := s.writes()
	if err != nil {
		return nil, err
	}
	tx, err := writes.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() // after a commit this does nothing
	for rows := o.rows; len(rows) > 0; {
		n := min(len(rows), lookedAt)
		where := keyed{o.from.Key, rows[:n]}
		rows = rows[n:]
		sorted := sorted{judge: j}
		err := s.query(ctx, tx, query{from: o.from, fields: j.fields, where: where}, s.dialect.lock(), sorted.put)
		others = append(others, sorted.others...)
		due := keyed{o.from.Key, sorted.due}
		switch {
		case err != nil || len(due.rows) == 0:
		case o.goes:
			err = s.remove(ctx, tx, o.from, due)
		default:
			err = s.strip(ctx, tx, o, due)
		}
		if err != nil {
			return nil, err
		}
	}
	return others, tx.Commit()
}
