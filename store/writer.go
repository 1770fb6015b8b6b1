package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"habeas/rights"
)

// ErrClosed says that the store was closed.
var ErrClosed = errors.New("the store is closed")

// Tx is a transaction under way. It must not outlive the function it was given to; afterwards every call fails.
type Tx struct {
	reads
	s *Store
	w *loan
}

// loan is the writing connection for as long as a transaction has it.
type loan struct {
	w    *writer
	over bool
}

var errOver = errors.New("the transaction is over")

func (l *loan) exec(query string, args ...any) (sql.Result, error) {
	if l.over {
		return nil, errOver
	}
	return l.w.exec(query, args...)
}

func (l *loan) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if l.over {
		return nil, errOver
	}
	return l.w.query(ctx, query, args...)
}

func (l *loan) row(ctx context.Context, query string, args ...any) scanner {
	if l.over {
		return failed{errOver}
	}
	return l.w.row(ctx, query, args...)
}

// turn is one waiting transaction. The writer lends it the connection, the function runs where it was called (a panic
// stays its caller's), and the writer goes on when it is handed back.
type turn struct {
	ctx   context.Context
	lend  chan *Tx   // the connection, or nil when the turn is not run
	back  chan bool  // true to keep, false to undo
	fate  chan error // what became of it
	faced error      // why it is not run
}

// writer is the one connection that writes, used by one goroutine at a time.
type writer struct {
	conn  *sql.Conn
	ready map[string]*sql.Stmt
}

func (w *writer) statement(query string) (*sql.Stmt, error) {
	if st, ok := w.ready[query]; ok {
		return st, nil
	}
	st, err := w.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	w.ready[query] = st
	return st, nil
}

func (w *writer) exec(query string, args ...any) (sql.Result, error) {
	st, err := w.statement(query)
	if err != nil {
		return nil, err
	}
	return st.Exec(args...)
}

// query runs without the caller's context: interrupting one statement would undo the whole group.
func (w *writer) query(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	st, err := w.statement(query)
	if err != nil {
		return nil, err
	}
	return st.Query(args...)
}

func (w *writer) row(_ context.Context, query string, args ...any) scanner {
	st, err := w.statement(query)
	if err != nil {
		return failed{err}
	}
	return st.QueryRow(args...)
}

// Write runs fn in a transaction and returns when it is durable. Transactions that wait together share one COMMIT; an
// error or a panic of fn undoes its own and no other. If ctx ends before fn was started, it is not run; after that the
// outcome is waited for. A failed COMMIT is the error of all that shared it. As everybody else waits, fn must not wait for
// anything outside the database, nor call Write.
func (s *Store) Write(ctx context.Context, fn func(tx *Tx) error) error {
	t := &turn{ctx: ctx, lend: make(chan *Tx), back: make(chan bool), fate: make(chan error, 1)}
	select {
	case s.turns <- t:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return ErrClosed
	}
	tx := <-t.lend
	if tx == nil {
		return t.faced
	}
	keep := false
	err := func() error {
		defer func() { // also when fn panics or ends its goroutine
			tx.w.over = true
			t.back <- keep
		}()
		err := fn(tx)
		keep = err == nil
		return err
	}()
	if err != nil {
		return err
	}
	return <-t.fate
}

// write is the writer's goroutine: group after group until the store closes.
func (s *Store) write() {
	defer close(s.written)
	for {
		select {
		case t := <-s.turns:
			s.group(t)
		case <-s.closing:
			return
		}
	}
}

// group runs first and whatever waits with it, up to a bound that keeps first from waiting long, and commits them.
func (s *Store) group(first *turn) {
	before, erased := s.log, s.erased
	if _, err := s.w.exec(beginWrite); err != nil {
		s.refuse(first, fmt.Errorf("begin: %w", translate(err)))
		return
	}
	kept, err := s.run(first)
	if err == nil && s.log.size != before.size {
		err = s.sealHead()
	}
	if err == nil && len(s.made) > 0 {
		err = s.keep()
	}
	if err == nil {
		_, err = s.w.exec("COMMIT")
	}
	changed := s.changed
	s.made, s.changed = nil, nil
	if err != nil {
		err = fmt.Errorf("commit: %w", translate(err))
		s.log, s.erased = before, erased
		// After a full disk or a failed write the database has rolled back by itself, and this finds nothing to undo.
		_, _ = s.w.exec("ROLLBACK")
	}
	if err == nil && len(s.erased) > 0 {
		s.forget() // before anybody hears of it: who is told that a key is destroyed finds it gone
	}
	if err == nil && len(changed) > 0 {
		s.changes.tell(changed)
	}
	for _, t := range kept {
		t.fate <- err
	}
}

// run runs a group and returns those whose fate is the COMMIT's. An error means that the whole group is lost.
func (s *Store) run(first *turn) (kept []*turn, err error) {
	for t, n := first, 1; t != nil; t, n = s.waiting(n), n+1 {
		keep, err := s.lend(t)
		if keep {
			kept = append(kept, t)
		}
		if err != nil {
			return kept, err
		}
	}
	return kept, nil
}

// waiting returns the next transaction that can join a group of n, or nil.
func (s *Store) waiting(n int) *turn {
	if n >= groupLimit {
		return nil
	}
	select {
	case t := <-s.turns:
		return t
	default:
		return nil
	}
}

// lend runs one transaction in a savepoint and reports whether it is to be kept.
func (s *Store) lend(t *turn) (keep bool, err error) {
	if err := t.ctx.Err(); err != nil {
		s.refuse(t, err)
		return false, nil
	}
	if _, err := s.w.exec("SAVEPOINT turn"); err != nil {
		s.refuse(t, fmt.Errorf("begin: %w", translate(err)))
		return false, err
	}
	log, made, erased, changed := s.log, s.made, s.erased, s.changed
	l := &loan{w: s.w}
	t.lend <- &Tx{reads: reads{from: l, keys: s.keys, newKey: s.newKey}, s: s, w: l}
	if keep = <-t.back; !keep {
		s.log, s.made, s.erased, s.changed = log, made, erased, changed
		if _, err := s.w.exec("ROLLBACK TO SAVEPOINT turn"); err != nil {
			return false, err
		}
	}
	_, err = s.w.exec("RELEASE SAVEPOINT turn")
	return keep, err
}

func (s *Store) refuse(t *turn, why error) {
	t.faced = why
	t.lend <- nil
}

// exec runs a statement of the transaction and returns how many rows it changed.
func (tx *Tx) exec(query string, args ...any) (int64, error) {
	r, err := tx.w.exec(query, args...)
	if err != nil {
		return 0, translate(err)
	}
	n, err := r.RowsAffected()
	return n, translate(err)
}

// change runs a statement that must change a row; none is the error otherwise.
func (tx *Tx) change(otherwise error, query string, args ...any) error {
	n, err := tx.exec(query, args...)
	if err == nil && n == 0 {
		return otherwise
	}
	return err
}

// conflict is what a guarded change of one row found: nothing there, or something that has moved on.
func (tx *Tx) conflict(query string, key ...any) error {
	var n int
	if err := tx.w.row(context.Background(), query, key...).Scan(&n); err != nil {
		return translate(err)
	}
	return rights.ErrConflict
}
