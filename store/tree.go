package store

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"habeas/rights"
	"habeas/store/seal"

	"golang.org/x/mod/sumdb/tlog"
)

// tree is the right edge of the Merkle tree over the audit entries (RFC 6962): all that is needed to add a leaf and to
// know the root. It is a plain value, so that what a rolled back transaction added is undone by putting the old one back.
type tree struct {
	size  int64
	edge  [48]tlog.Hash // by level: the newest complete subtree with a right sibling still to come
	fault error         // why nothing can be added: the stored nodes are damaged
}

// ReadHashes hands tlog the hashes it asks for: they are always of the edge.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, _ := tlog.SplitStoredHashIndex(index)
		out[i] = t.edge[level]
	}
	return out, nil
}

// add adds a leaf and returns the hashes to store, from index first.
func (t *tree) add(leaf []byte) (first int64, hashes []tlog.Hash, err error) {
	if t.fault != nil {
		return 0, nil, t.fault
	}
	first = tlog.StoredHashIndex(0, t.size)
	if hashes, err = tlog.StoredHashes(t.size, leaf, t); err != nil {
		return 0, nil, fmt.Errorf("add to the audit log: %w", err)
	}
	copy(t.edge[:], hashes) // one a level, from the leaves up
	t.size++
	return first, hashes, nil
}

// root returns the hash over all leaves.
func (t *tree) root() (tlog.Hash, error) { return tlog.TreeHash(t.size, t) }

// loadTree reads the right edge of the stored tree. Damage does not keep the store from opening, or nobody could look
// into it, but it does keep entries from being added.
func loadTree(ctx context.Context, from source) (tree, error) {
	var t tree
	if err := from.row(ctx, "SELECT COALESCE(MAX(seq), 0) FROM audit_entries").Scan(&t.size); err != nil {
		return t, fmt.Errorf("read the audit log: %w", translate(err))
	}
	for level := range t.edge {
		n := t.size >> level
		if n == 0 {
			break
		}
		// Of each level only the newest complete subtree can still be asked for.
		index := tlog.StoredHashIndex(level, n-1)
		var b []byte
		err := translate(from.row(ctx, "SELECT hash FROM audit_nodes WHERE idx = $1", index).Scan(&b))
		if err != nil && !errors.Is(err, rights.ErrNotFound) {
			return t, fmt.Errorf("read the audit log: %w", err)
		}
		if len(b) != tlog.HashSize {
			t.fault = fmt.Errorf("the audit log is damaged (node %d): run habeas audit verify", index)
			return t, nil
		}
		copy(t.edge[level][:], b)
	}
	return t, nil
}

const setHead = `INSERT INTO audit_head (id, size, proof) VALUES (1, $1, $2)
	ON CONFLICT (id) DO UPDATE SET size = excluded.size, proof = excluded.proof`

// headText is what the proof of the head vouches for.
func (t *tree) headText() (string, error) {
	root, err := t.root()
	if err != nil {
		return "", fmt.Errorf("hash the audit log: %w", err)
	}
	return fmt.Sprintf("%d\n%s", t.size, base64.StdEncoding.EncodeToString(root[:])), nil
}

// sealHead moves the head to the newest entry, once a COMMIT.
func (s *Store) sealHead() error {
	text, err := s.log.headText()
	if err != nil {
		return err
	}
	_, err = s.w.exec(setHead, s.log.size, s.keys.Hash(seal.Heads, text))
	return err
}
