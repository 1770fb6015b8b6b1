package sources

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"habeas/rights"
)

// Change is what the value of a field was until an import brought another.
type Change struct {
	Field *Field
	Was   string    // as Cell.String writes it
	Until time.Time // of the import
}

// Changes lists what the values of a record of the person were before, the newest first: what a snapshot keeps of earlier
// imports. A source that is no snapshot keeps none. Another's record is rights.ErrNotFound.
func (s *Set) Changes(ctx context.Context, p Person, source, collection, id string) ([]Change, error) {
	if _, err := s.Record(ctx, p, source, collection, id); err != nil {
		return nil, err
	}
	src := s.source(source)
	snap, ok := src.system.(*snapshotSystem)
	if !ok {
		return nil, nil
	}
	c := s.Collection(source, collection)
	key, _ := s.ids.read(c, id) // Record has read it already
	ctx, cancel := s.call(ctx)
	defer cancel()
	out, err := snap.changes(ctx, c, key)
	return out, trouble(ctx, src, c, err)
}

func (s *snapshotSystem) changes(ctx context.Context, c *Collection, key []any) ([]Change, error) {
	tx, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	hash := s.vault.key(c, key)
	var out []Change
	var at int64
	var name string
	var sealed []byte
	err = rowsOf(ctx, tx, "SELECT at, field, sealed FROM history WHERE record IN (SELECT id FROM records WHERE key = ?) ORDER BY id DESC", []any{hash}, []any{&at, &name, &sealed}, func() error {
		f := c.Field(name)
		if f == nil || f.hidden() {
			return nil // the map does not name it any more, or not for the person
		}
		plain, err := s.vault.open(sealed, "history", c.Name, string(hash), name)
		if err != nil {
			return err
		}
		r, err := unpack(plain)
		if err != nil {
			return err
		}
		out = append(out, Change{f, written(f, column{}, r[name]), time.UnixMilli(at)})
		return nil
	})
	return out, err
}

// Forget takes records out of a snapshot, with what their values were, and remembers a keyed hash of each key: an export
// that still has them does not bring them back. It is for records that are erased, or to be erased, in the system itself,
// which only people there can do. Done twice it does no more than once.
//
// Errors: a *SourceError; ErrNotSnapshot.
func (s *Set) Forget(ctx context.Context, source string, holdings []Holdings, at time.Time) error {
	src := s.source(source)
	if src == nil {
		return rights.ErrNotFound
	}
	snap, ok := src.system.(*snapshotSystem)
	if !ok {
		return ErrNotSnapshot
	}
	ctx, cancel := s.call(ctx)
	defer cancel()
	for _, h := range holdings {
		if h.Source != source {
			continue
		}
		c, err := s.noted(h)
		if err != nil {
			return err
		}
		keys := make([][]any, len(h.IDs))
		for i, id := range h.IDs {
			if keys[i], ok = s.ids.read(c, id); !ok {
				return fmt.Errorf("forget records of %s: an ID that is none", c)
			}
		}
		err = snap.forget(ctx, c, keys, "forgotten", at)
		if k := snap.kind(err); err != nil && k == Busy {
			err = snap.busy()
		}
		if err != nil {
			return trouble(ctx, src, c, err)
		}
	}
	return nil
}

// Imported reports whether a source is an export that was imported: what is erased in its system is to be forgotten here.
func (s *Set) Imported(source string) bool {
	src := s.source(source)
	if src == nil {
		return false
	}
	_, is := src.system.(*snapshotSystem)
	return is
}

// forget takes records out, and notes the hashes of their keys in one of the tables of what is not brought back.
func (s *snapshotSystem) forget(ctx context.Context, c *Collection, keys [][]any, in string, at time.Time) error {
	if s.vault == nil {
		return s.locked("its snapshot cannot be opened without the key file")
	}
	db, err := s.write.db()
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit this does nothing
	if err := s.prove(ctx, tx); err != nil {
		return err
	}
	if err := makeTables(ctx, tx); err != nil {
		return err
	}
	for _, key := range keys {
		f := found{}
		hash := s.vault.key(c, key)
		if err := rowsOf(ctx, tx, "SELECT id, key, sealed FROM records WHERE key = ?", []any{hash}, []any{&f.id, &f.hash, &f.sealed}, func() error {
			f.hash, f.sealed = bytes.Clone(f.hash), bytes.Clone(f.sealed)
			return nil
		}); err != nil {
			return err
		}
		if f.sealed != nil {
			if err := s.drop(ctx, tx, c, f); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM records WHERE key = ?", hash); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO "+in+" (key, at) VALUES (?, ?) ON CONFLICT DO NOTHING", hash, since(at)); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}
