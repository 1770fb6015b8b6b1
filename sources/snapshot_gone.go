package sources

import (
	"bytes"
	"context"
	"database/sql"
	"time"
)

// batch is how many records are looked at before what was found is changed.
const batch = 1000

// gone takes the values of records that the file no longer has out of the snapshot, with all that leads to them. What stays
// is that there was a record, and until when.
func (l *loader) gone() error {
	live, missing := 0, 0
	if err := rowsOf(l.ctx, l.tx, "SELECT count(*), count(*) - count(s.record) FROM records AS r LEFT JOIN temp.seen AS s ON s.record = r.id WHERE r.collection = ? AND r.gone_at IS NULL",
		[]any{l.c.Name}, []any{&live, &missing}, func() error { return nil }); err != nil {
		return err
	}
	before := live - l.n.New - l.n.Back
	if missing*2 > before && missing > 10 && !l.im.Fewer && l.lost == 0 {
		l.n.Gone = missing
		return ErrManyGone
	}
	if l.lost > 0 {
		l.n.Kept = missing
		return nil
	}
	for last := int64(0); ; {
		var lost []found
		f := found{}
		if err := rowsOf(l.ctx, l.tx, "SELECT id, key, sealed FROM records WHERE id > ? AND +collection = ? AND gone_at IS NULL AND id NOT IN (SELECT record FROM temp.seen) ORDER BY id LIMIT ?",
			[]any{last, l.c.Name, batch}, []any{&f.id, &f.hash, &f.sealed}, func() error {
				lost = append(lost, found{f.id, bytes.Clone(f.hash), bytes.Clone(f.sealed)})
				return nil
			}); err != nil {
			return err
		}
		for _, f := range lost {
			if err := l.drop(l.ctx, l.tx, l.c, f); err != nil {
				return err
			}
			if err := l.exec("UPDATE records SET sealed = NULL, gone_at = ? WHERE id = ?", l.at, f.id); err != nil {
				return err
			}
			l.n.Gone++
			last = f.id
		}
		if len(lost) < batch {
			return nil
		}
	}
}

// drop removes what leads to a record, and what its values were.
func (s *snapshotSystem) drop(ctx context.Context, tx *sql.Tx, c *Collection, f found) error {
	r, err := s.unseal(c, &f)
	if err != nil {
		return err
	}
	for h := range s.hashes(c, r) {
		if _, err := tx.ExecContext(ctx, "DELETE FROM marks WHERE hash = ? AND record = ?", []byte(h), f.id); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM history WHERE record = ?", f.id)
	return err
}

// historyKept is how long a snapshot keeps what values were before: nobody needs it for ever (GDPR Art. 5(1)(e)).
const historyKept = 2 * 365 * 24 * time.Hour

func (l *loader) finish() error {
	if err := l.exec("DELETE FROM history WHERE at < ?", since(l.im.At.Add(-historyKept))); err != nil {
		return err
	}
	if err := l.exec("DELETE FROM columns WHERE collection = ?", l.c.Name); err != nil {
		return err
	}
	for _, f := range l.im.Columns {
		if f == nil {
			continue
		}
		if err := l.exec("INSERT INTO columns (collection, name, type) VALUES (?, ?, ?)", l.c.Name, f.Name, l.types[f.Name]); err != nil {
			return err
		}
	}
	return l.exec("INSERT INTO imports (collection, at) VALUES (?, ?)", l.c.Name, l.at)
}
