package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"habeas/rights"
	"habeas/store/seal"
)

// Destruction is what is destroyed by a retention rule, from the proposal to the record of it.
type Destruction struct {
	ID         string
	Source     string
	Collection string
	State      string // "proposed", "postponed", "approved"; "done", "declined", "lapsed"
	Rule       string // JSON
	DueOn      rights.Date
	Found      string // JSON
	AskedBy    string
	ProposedAt time.Time
	DecidedBy  string
	DecidedAt  time.Time
	Reason     string // sealed at rest
	Until      rights.Date
	BegunAt    time.Time
	DoneAt     time.Time
	NextAt     time.Time
	Attempts   int
	Trouble    string
	Work       string // JSON; sealed at rest
	Destroyed  int
	Spared     int
	Young      int
	Refused    int
	SHA256     string
	Version    int
}

const destructionColumns = `id, source, collection, state, rule, due_on, found, asked_by, proposed_at, decided_by, decided_at, reason, until, begun_at, done_at,
	next_at, attempts, trouble, work, destroyed, spared, young, refused, sha256, version`

// Destruction returns one.
func (r reads) Destruction(ctx context.Context, id string) (Destruction, error) {
	return one(r.from.row(ctx, "SELECT "+destructionColumns+" FROM destructions WHERE id = $1", id), r.scanDestruction)
}

// OpenDestructions lists those that are not over, oldest first: one a collection at most.
func (r reads) OpenDestructions(ctx context.Context) ([]Destruction, error) {
	rows, err := r.from.query(ctx, "SELECT "+destructionColumns+" FROM destructions WHERE state IN ('proposed', 'postponed', 'approved') ORDER BY proposed_at, id")
	return all(rows, err, r.scanDestruction)
}

// LastDestruction returns the newest one of a collection that was carried out or declined, rights.ErrNotFound where none was.
func (r reads) LastDestruction(ctx context.Context, source, collection string) (Destruction, error) {
	return one(r.from.row(ctx, "SELECT "+destructionColumns+` FROM destructions WHERE state IN ('done', 'declined') AND source = $1 AND collection = $2
		ORDER BY proposed_at DESC, id DESC LIMIT 1`, source, collection), r.scanDestruction)
}

// Destructions returns a page of those that are over, newest first, and the mark of the next.
func (r reads) Destructions(ctx context.Context, after string, limit int) ([]Destruction, string, error) {
	query, args := "SELECT "+destructionColumns+" FROM destructions WHERE state IN ('done', 'declined', 'lapsed')", []any(nil)
	if after != "" {
		at, id, err := readTimeCursor(after)
		if err != nil {
			return nil, "", err
		}
		query, args = query+" AND (proposed_at, id) < ($1, $2)", []any{at, id}
	}
	rows, err := r.from.query(ctx, query+" ORDER BY proposed_at DESC, id DESC"+limited(limit+1), args...)
	found, err := all(rows, err, r.scanDestruction)
	if err != nil {
		return nil, "", err
	}
	found, next := page(found, limit, func(d Destruction) string { return cursor(fmt.Sprint(millis(d.ProposedAt)), d.ID) })
	return found, next, nil
}

func (r reads) scanDestruction(row scanner) (d Destruction, err error) {
	var due, until string
	var proposed, decided, begun, done, next int64
	var reason, work []byte
	if err := row.Scan(&d.ID, &d.Source, &d.Collection, &d.State, &d.Rule, &due, &d.Found, &d.AskedBy, &proposed, &d.DecidedBy, &decided, &reason, &until,
		&begun, &done, &next, &d.Attempts, &d.Trouble, &work, &d.Destroyed, &d.Spared, &d.Young, &d.Refused, &d.SHA256, &d.Version); err != nil {
		return d, err
	}
	d.ProposedAt, d.DecidedAt, d.BegunAt, d.DoneAt, d.NextAt = moment(proposed), moment(decided), moment(begun), moment(done), moment(next)
	if d.DueOn, err = rights.ParseDate(due); err != nil {
		return d, err
	}
	if until != "" {
		if d.Until, err = rights.ParseDate(until); err != nil {
			return d, err
		}
	}
	for _, s := range []struct {
		column string
		sealed []byte
		into   *string
	}{{"reason", reason, &d.Reason}, {"work", work, &d.Work}} {
		if s.sealed == nil {
			continue
		}
		if *s.into, err = open(r.keys.Portal, s.sealed, "destructions", s.column, d.ID); err != nil {
			return d, err
		}
	}
	return d, nil
}

// InsertDestruction proposes one. Where one of the collection is not over it is rights.ErrConflict.
func (tx *Tx) InsertDestruction(d Destruction, why rights.Entry) error {
	if _, err := tx.exec(`INSERT INTO destructions (id, source, collection, state, rule, due_on, found, asked_by, proposed_at)
		VALUES ($1, $2, $3, 'proposed', $4, $5, $6, $7, $8)`,
		d.ID, d.Source, d.Collection, d.Rule, d.DueOn.String(), d.Found, d.AskedBy, millis(d.ProposedAt)); err != nil {
		return fmt.Errorf("insert destruction: %w", err)
	}
	return tx.Append(why)
}

// UpdateDestruction changes one that is not over, if it still is of the version that d was read with. Otherwise it is
// rights.ErrConflict. The database refuses to change one that is over.
func (tx *Tx) UpdateDestruction(d Destruction, why ...rights.Entry) error {
	reason, err := sealed(tx.keys.Portal, d.Reason, "destructions", "reason", d.ID)
	if err != nil {
		return err
	}
	work, err := sealed(tx.keys.Portal, d.Work, "destructions", "work", d.ID)
	if err != nil {
		return err
	}
	n, err := tx.exec(`UPDATE destructions SET state = $3, rule = $4, due_on = $5, found = $6, asked_by = $7, decided_by = $8, decided_at = $9, reason = $10,
			until = $11, begun_at = $12, done_at = $13, next_at = $14, attempts = $15, trouble = $16, work = $17, destroyed = $18, spared = $19, young = $20,
			refused = $21, sha256 = $22, version = version + 1
		WHERE id = $1 AND version = $2`,
		d.ID, d.Version, d.State, d.Rule, d.DueOn.String(), d.Found, d.AskedBy, d.DecidedBy, millis(d.DecidedAt), reason, d.Until.String(), millis(d.BegunAt),
		millis(d.DoneAt), millis(d.NextAt), d.Attempts, d.Trouble, work, d.Destroyed, d.Spared, d.Young, d.Refused, d.SHA256)
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM destructions WHERE id = $1", d.ID)
	}
	if err != nil {
		return fmt.Errorf("update destruction: %w", err)
	}
	for _, entry := range why {
		if err := tx.Append(entry); err != nil {
			return err
		}
	}
	return nil
}

func sealed(box seal.Box, text, table, column, row string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	return box.Seal([]byte(text), table, column, row)
}

// AddDestroyed keeps keyed hashes of what a batch has destroyed, until the record is closed.
func (tx *Tx) AddDestroyed(d Destruction, ids []string) error {
	var hashes []byte
	for _, id := range ids {
		hashes = append(hashes, tx.keys.Hash(seal.Tokens, "destroyed\x00"+d.Source+"\x00"+d.Collection+"\x00"+id)...)
	}
	if len(hashes) == 0 {
		return nil
	}
	if _, err := tx.exec("INSERT INTO destroyed_hashes (destruction_id, batch, hashes) VALUES ($1, $2, $3)", d.ID, d.Version, hashes); err != nil {
		return fmt.Errorf("add destroyed: %w", err)
	}
	return nil
}

// SumDestroyed is the SHA-256, in hexadecimal, over the sorted keyed hashes of all that was destroyed, which are then forgotten.
func (tx *Tx) SumDestroyed(ctx context.Context, d Destruction) (string, error) {
	rows, err := tx.from.query(ctx, "SELECT hashes FROM destroyed_hashes WHERE destruction_id = $1", d.ID)
	batches, err := all(rows, err, func(row scanner) (b []byte, err error) { return b, row.Scan(&b) })
	if err != nil {
		return "", err
	}
	sorted := slices.Collect(slices.Chunk(bytes.Join(batches, nil), sha256.Size))
	slices.SortFunc(sorted, bytes.Compare)
	sum := sha256.New()
	for _, h := range sorted {
		sum.Write(h)
	}
	_, err = tx.exec("DELETE FROM destroyed_hashes WHERE destruction_id = $1", d.ID)
	return hex.EncodeToString(sum.Sum(nil)), err
}

// SparedSubjects lists those whose data no retention rule destroys now: whose data must be kept for a dispute, who asked about it
// and have no answer yet, and whose data is restricted (GDPR Art. 18(2)).
func (r reads) SparedSubjects(ctx context.Context) ([]string, error) {
	rows, err := r.from.query(ctx, `SELECT s.id FROM subjects s WHERE s.erased_at = 0 AND s.id IN (
		SELECT subject_id FROM holds WHERE lifted_at = 0
		UNION SELECT subject_id FROM requests WHERE is_open = 1 AND "right" IN ('access', 'portability', 'rectification', 'restriction', 'explanation', 'complaint')
		UNION SELECT f.subject_id FROM flag_events f WHERE f.kind = 'restriction' AND f.raised = 1
			AND NOT EXISTS (SELECT 1 FROM flag_events l WHERE l.subject_id = f.subject_id AND l.kind = f.kind AND l.purpose = f.purpose AND l.seq > f.seq)
	) ORDER BY s.id`)
	return all(rows, err, scanID)
}
