package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"habeas/rights"
	"habeas/store/seal"
)

// Erasure is how far the erasure of one person by machine has come.
type Erasure struct {
	Request  string
	State    string // "waiting", "erasing", "checking"; "done", "dropped", "by_hand"
	Round    int
	Attempts int       // that failed since the last step that did not
	NextAt   time.Time // when the next step is due
	Source   string    // in which the last attempt failed, "" for none, and how
	Trouble  string
	Holdings string // what there was to erase, as JSON; sealed at rest
	Residue  string // what is left and why, as JSON; sealed at rest
	BegunAt  time.Time
	DoneAt   time.Time
	Again    bool // its request stays as it is: its data came back
	Version  int
}

const erasureColumns = `e.request_id, e.state, e.round, e.attempts, e.next_at, e.source, e.trouble, e.holdings, e.residue, e.begun_at, e.done_at, e.again, e.version, s.id, ` + dataKey

const erasureTables = " FROM erasures e JOIN requests r ON r.id = e.request_id JOIN subjects s ON s.id = r.subject_id "

// InsertErasure notes that a request is one to erase, from that time on. One that was noted before and had ended begins
// again, in another round.
func (tx *Tx) InsertErasure(request string, at time.Time) error {
	if _, err := tx.exec(`INSERT INTO erasures (request_id, state, next_at) VALUES ($1, 'waiting', $2)
		ON CONFLICT (request_id) DO UPDATE SET state = 'waiting', next_at = excluded.next_at, round = round + 1, attempts = 0, source = '', trouble = '', again = 0,
			version = version + 1`, request, millis(at)); err != nil {
		return fmt.Errorf("insert erasure: %w", err)
	}
	return nil
}

// NextErasure returns the request whose erasure has a step that is due first, "" when none has.
func (r reads) NextErasure(ctx context.Context, now time.Time) (request string, err error) {
	err = translate(r.from.row(ctx, `SELECT request_id FROM erasures WHERE state IN ('waiting', 'erasing', 'checking') AND next_at <= $1
		ORDER BY next_at, request_id LIMIT 1`, millis(now)).Scan(&request))
	if errors.Is(err, rights.ErrNotFound) {
		return "", nil
	}
	return request, err
}

// DropErasure ends an erasure of which nothing can be read any more.
func (tx *Tx) DropErasure(request string, why rights.Entry) error {
	if _, err := tx.exec("UPDATE erasures SET state = 'dropped', version = version + 1 WHERE request_id = $1", request); err != nil {
		return fmt.Errorf("drop erasure: %w", err)
	}
	return tx.Append(why)
}

// ErasureOf returns the erasure of a request. Without the subject's key it is rights.ErrGone.
func (r reads) ErasureOf(ctx context.Context, request string) (Erasure, error) {
	return one(r.from.row(ctx, "SELECT "+erasureColumns+erasureTables+"WHERE e.request_id = $1", request), r.scanErasure)
}

func (r reads) scanErasure(row scanner) (e Erasure, err error) {
	var next, begun, done int64
	var holdings, residue, wrapped []byte
	var subject string
	if err := row.Scan(&e.Request, &e.State, &e.Round, &e.Attempts, &next, &e.Source, &e.Trouble, &holdings, &residue, &begun, &done, &e.Again, &e.Version, &subject, &wrapped); err != nil {
		return e, err
	}
	e.NextAt, e.BegunAt, e.DoneAt = moment(next), moment(begun), moment(done)
	if holdings == nil && residue == nil {
		return e, nil
	}
	box, err := r.box(subject, wrapped)
	if err != nil {
		return e, err
	}
	if holdings != nil {
		if e.Holdings, err = open(box, holdings, "erasures", "holdings", e.Request); err != nil {
			return e, err
		}
	}
	if residue != nil {
		e.Residue, err = open(box, residue, "erasures", "residue", e.Request)
	}
	return e, err
}

// UpdateErasure changes an erasure, if it still is of the version that e was read with, and makes it the next. Otherwise it
// is rights.ErrConflict: another step was faster.
func (tx *Tx) UpdateErasure(e Erasure, why ...rights.Entry) error {
	var holdings, residue []byte
	if e.Holdings != "" || e.Residue != "" {
		box, err := tx.requestBox(e.Request)
		if err != nil {
			return fmt.Errorf("update erasure: %w", err)
		}
		if holdings, err = sealText(box, e.Holdings, "holdings", e.Request); err != nil {
			return err
		}
		if residue, err = sealText(box, e.Residue, "residue", e.Request); err != nil {
			return err
		}
	}
	n, err := tx.exec(`UPDATE erasures SET state = $3, round = $4, attempts = $5, next_at = $6, source = $7, trouble = $8, holdings = $9, residue = $10,
			begun_at = $11, done_at = $12, version = version + 1
		WHERE request_id = $1 AND version = $2`,
		e.Request, e.Version, e.State, e.Round, e.Attempts, millis(e.NextAt), e.Source, e.Trouble, holdings, residue, millis(e.BegunAt), millis(e.DoneAt))
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM erasures WHERE request_id = $1", e.Request)
	}
	if err != nil {
		return fmt.Errorf("update erasure: %w", err)
	}
	for _, entry := range why {
		if err := tx.Append(entry); err != nil {
			return err
		}
	}
	return nil
}

func sealText(box seal.Box, text, column, request string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	return box.Seal([]byte(text), "erasures", column, request)
}

// BegunErasures lists the erasures of a subject alone of which it is noted what there is to erase, and which are not over.
func (r reads) BegunErasures(ctx context.Context, subject string) ([]Erasure, error) {
	rows, err := r.from.query(ctx, "SELECT "+erasureColumns+erasureTables+"WHERE r.subject_id = $1 AND e.state IN ('erasing', 'checking') ORDER BY e.request_id", subject)
	return all(rows, err, r.scanErasure)
}

// HasErased reports whether something has gone already for a request.
func (r reads) HasErased(ctx context.Context, request string) (has bool, err error) {
	err = r.from.row(ctx, "SELECT EXISTS (SELECT 1 FROM erased_sources WHERE request_id = $1)", request).Scan(&has)
	return has, translate(err)
}

// ErasedSince reports whether an erasure of a subject has been at work since then.
func (r reads) ErasedSince(ctx context.Context, subject string, since time.Time) (bool, error) {
	var one int
	err := translate(r.from.row(ctx, `SELECT 1 FROM erasures e JOIN requests q ON q.id = e.request_id
		WHERE q.subject_id = $1 AND e.begun_at > $2 AND e.state IN ('erasing', 'checking', 'done') LIMIT 1`, subject, millis(since)).Scan(&one))
	if errors.Is(err, rights.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// ErasedSource is one source from which a person is gone.
type ErasedSource struct {
	Source  string
	Records int
	At      time.Time
}

// InsertErasedSource notes that a source is done in this round of an erasure.
func (tx *Tx) InsertErasedSource(request string, round int, s ErasedSource) error {
	if _, err := tx.exec(`INSERT INTO erased_sources (request_id, round, source, records, erased_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT DO NOTHING`, request, round, s.Source, s.Records, millis(s.At)); err != nil {
		return fmt.Errorf("insert erased source: %w", err)
	}
	return nil
}

// ErasedSources lists the sources that are done in a round.
func (r reads) ErasedSources(ctx context.Context, request string, round int) ([]ErasedSource, error) {
	rows, err := r.from.query(ctx, "SELECT source, records, erased_at FROM erased_sources WHERE request_id = $1 AND round = $2 ORDER BY erased_at, source", request, round)
	return all(rows, err, func(row scanner) (s ErasedSource, err error) {
		var at int64
		err = row.Scan(&s.Source, &s.Records, &at)
		s.At = moment(at)
		return s, err
	})
}

// InsertTombstones remembers who was erased, by keyed hashes of what they were known by.
func (tx *Tx) InsertTombstones(request string, marks []string, at time.Time) error {
	for _, mark := range marks {
		if _, err := tx.exec("INSERT INTO tombstones (hash, request_id, made_at) VALUES ($1, $2, $3) ON CONFLICT (hash) DO UPDATE SET request_id = excluded.request_id, made_at = excluded.made_at",
			tx.tombstone(mark), request, millis(at)); err != nil {
			return fmt.Errorf("insert tombstone: %w", err)
		}
	}
	return nil
}

func (r reads) tombstone(mark string) []byte { return r.keys.Hash(seal.Tokens, "tombstone\x00"+mark) }
