package store

import (
	"context"
	"fmt"
	"strconv"

	"habeas/rights"

	"golang.org/x/mod/sumdb/tlog"
)

// Leaf is an entry of the audit log as it was hashed, with the path that ties it to the root of the log.
type Leaf struct {
	Index int64 // from 0, as RFC 6962 counts
	Bytes []byte
	Path  [][]byte
}

// Prove enters into the log that a proof of a request was made, and signs a checkpoint that ends with that very entry. The
// entry also says how many about the request come before it, so that none of them can be left out unnoticed. The
// checkpoint holds once the transaction is durable, and not before.
func (tx *Tx) Prove(ctx context.Context, why rights.Entry, count string) (checkpoint []byte, size int64, err error) {
	var n int64
	row := tx.from.row(ctx, "SELECT COUNT(*) FROM audit_entries WHERE request_id = $1 AND request_id > ''", why.Request)
	if err := row.Scan(&n); err != nil {
		return nil, 0, fmt.Errorf("count audit entries: %w", translate(err))
	}
	facts := map[string]string{count: strconv.FormatInt(n, 10)}
	for k, v := range why.Facts {
		facts[k] = v
	}
	why.Facts = facts
	if err := tx.Append(why); err != nil {
		return nil, 0, err
	}
	checkpoint, err = tx.checkpoint(why.At)
	return checkpoint, tx.s.log.size, err
}

// leavesAtOnce is how many leaves are read between two that are handed on.
const leavesAtOnce = 200

// Leaves calls each with every entry about a request among the first size of the log, in their order, with the path to the
// root of the log at that size. It reads them in batches.
func (r reads) Leaves(ctx context.Context, requestID string, size int64, each func(Leaf) error) error {
	nodes := &nodes{ctx: ctx, from: r.from, known: map[int64]tlog.Hash{}}
	for after := int64(0); ; {
		rows, err := r.from.query(ctx, `SELECT seq, leaf FROM audit_entries
			WHERE request_id = $1 AND request_id > '' AND seq > $2 AND seq <= $3 ORDER BY seq`+limited(leavesAtOnce), requestID, after, size)
		batch, err := all(rows, err, func(row scanner) (l Leaf, err error) {
			err = row.Scan(&l.Index, &l.Bytes)
			l.Index--
			return l, err
		})
		if err != nil {
			return fmt.Errorf("read audit entries: %w", err)
		}
		for _, l := range batch {
			path, err := tlog.ProveRecord(size, l.Index, nodes)
			if err != nil {
				return fmt.Errorf("prove audit entry %d: %w", l.Index+1, err)
			}
			for _, h := range path {
				l.Path = append(l.Path, h[:])
			}
			if err := each(l); err != nil {
				return err
			}
		}
		if len(batch) < leavesAtOnce {
			return nil
		}
		after = batch[len(batch)-1].Index + 1
	}
}

// nodes hands tlog the stored hashes. Paths of neighbours share most of theirs, so the last few thousand are remembered.
type nodes struct {
	ctx   context.Context
	from  source
	known map[int64]tlog.Hash
}

// ReadHashes returns the hashes of those places.
func (n *nodes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	if len(n.known) > 4096 {
		clear(n.known)
	}
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		h, ok := n.known[index]
		if !ok {
			var b []byte
			if err := n.from.row(n.ctx, "SELECT hash FROM audit_nodes WHERE idx = $1", index).Scan(&b); err != nil {
				return nil, translate(err)
			}
			if len(b) != tlog.HashSize {
				return nil, fmt.Errorf("the audit log is damaged (node %d): run habeas audit verify", index)
			}
			copy(h[:], b)
			n.known[index] = h
		}
		out[i] = h
	}
	return out, nil
}
