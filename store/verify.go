package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"habeas/store/seal"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Report is what a verified audit log consists of.
type Report struct {
	Entries int64
	Root    string // base64, as in a checkpoint
}

// AuditFault says where the audit log first differs from what was written.
type AuditFault struct {
	Seq int64 // the first bad entry; 0 if it is not one entry's
	Why string
}

func (f AuditFault) Error() string {
	if f.Seq == 0 {
		return "the audit log was tampered with: " + f.Why
	}
	return fmt.Sprintf("the audit log was tampered with at entry %d: %s", f.Seq, f.Why)
}

// signTree signs size and root of a tree.
func signTree(t *tree, keys *seal.Keyring) ([]byte, error) {
	root, err := t.root()
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", keys.Signer.Name(), t.size, base64.StdEncoding.EncodeToString(root[:]))
	return note.Sign(&note.Note{Text: text}, keys.Signer)
}

// openCheckpoint checks the signature of a checkpoint and returns the size and root it vouches for.
func openCheckpoint(signed []byte, keys *seal.Keyring) (size int64, root string, err error) {
	verifier, err := note.NewVerifier(keys.Verifier)
	if err != nil {
		return 0, "", err
	}
	n, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return 0, "", err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 3 {
		return 0, "", errors.New("not a checkpoint")
	}
	size, err = strconv.ParseInt(lines[1], 10, 64)
	return size, lines[2], err
}

// VerifyAudit recomputes the whole audit log: every leaf against its stored node, the columns of every entry against
// its leaf, every checkpoint and the head against the tree. It finds any flip, drop, reorder and truncation and names
// the first bad entry in an AuditFault. An older copy of the whole database is whole in itself: only checkpoints that
// were kept elsewhere tell it from the newest, so the log must begin with what each of them vouches for. It streams,
// beside the writer, over one state of the database.
func (s *Store) VerifyAudit(ctx context.Context, elsewhere ...[]byte) (Report, error) {
	tx, err := s.readers.BeginTx(ctx, nil)
	if err != nil {
		return Report{}, fmt.Errorf("verify the audit log: %w", translate(err))
	}
	defer func() { _ = tx.Rollback() }() // it only read
	v := verifier{tx: tx, keys: s.keys, roots: map[int64]string{}}
	for i, signed := range elsewhere {
		if err := v.vouch(signed); err != nil {
			return Report{}, fmt.Errorf("verify the audit log: %w", AuditFault{0, fmt.Sprintf("checkpoint %d of those kept elsewhere %v", i+1, err)})
		}
	}
	if err := v.run(ctx); err != nil {
		return Report{}, fmt.Errorf("verify the audit log: %w", translate(err))
	}
	root, err := v.tree.root()
	if err != nil {
		return Report{}, fmt.Errorf("verify the audit log: %w", err)
	}
	return Report{Entries: v.tree.size, Root: base64.StdEncoding.EncodeToString(root[:])}, nil
}

// verifier rebuilds the tree from the leaves and compares as it goes.
type verifier struct {
	tx    *sql.Tx
	keys  *seal.Keyring
	tree  tree
	nodes *sql.Rows
	roots map[int64]string // what the checkpoints say, by size
	last  int64            // the largest of them
}

func (v *verifier) run(ctx context.Context) error {
	if err := v.checkpoints(ctx); err != nil {
		return err
	}
	var err error
	if v.nodes, err = v.tx.QueryContext(ctx, "SELECT idx, hash FROM audit_nodes ORDER BY idx"); err != nil {
		return err
	}
	defer v.nodes.Close()
	if err := v.entries(ctx); err != nil {
		return err
	}
	if v.nodes.Next() {
		return AuditFault{v.tree.size + 1, "it is missing, its node is there"}
	}
	if err := v.nodes.Err(); err != nil {
		return err
	}
	if v.last > v.tree.size {
		return AuditFault{v.tree.size + 1, fmt.Sprintf("it is missing, a signed checkpoint vouches for %d entries", v.last)}
	}
	return v.head(ctx)
}

func (v *verifier) entries(ctx context.Context) error {
	rows, err := v.tx.QueryContext(ctx, `SELECT seq, at, actor_role, actor_id, act, subject_id, request_id, leaf
		FROM audit_entries ORDER BY seq`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var c leaf // from the columns
		var b []byte
		if err := rows.Scan(&seq, &c.At, &c.Role, &c.Actor, &c.Act, &c.Subject, &c.Request, &b); err != nil {
			return err
		}
		if err := v.entry(seq, c, b); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (v *verifier) entry(seq int64, columns leaf, b []byte) error {
	if want := v.tree.size + 1; seq != want {
		return AuditFault{want, "it is missing"}
	}
	var l leaf
	if err := json.Unmarshal(b, &l); err != nil {
		return AuditFault{seq, "it cannot be read"}
	}
	columns.Session, columns.Facts = l.Session, l.Facts // these two are only in the leaf
	again, err := json.Marshal(columns)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, b) {
		return AuditFault{seq, "its columns are not what was hashed"}
	}
	first, hashes, err := v.tree.add(b)
	if err != nil {
		return err
	}
	for i, want := range hashes {
		if err := v.node(seq, first+int64(i), want); err != nil {
			return err
		}
	}
	return v.root(seq)
}

func (v *verifier) node(seq, index int64, want tlog.Hash) error {
	if !v.nodes.Next() {
		if err := v.nodes.Err(); err != nil {
			return err
		}
		return AuditFault{seq, "its node is missing"}
	}
	var at int64
	var hash []byte
	if err := v.nodes.Scan(&at, &hash); err != nil {
		return err
	}
	if at != index || !bytes.Equal(hash, want[:]) {
		return AuditFault{seq, "it is not what was hashed when it was written"}
	}
	return nil
}

// root compares the tree up to seq with the checkpoint of that size, if there is one.
func (v *verifier) root(seq int64) error {
	want, ok := v.roots[seq]
	if !ok {
		return nil
	}
	root, err := v.tree.root()
	if err != nil {
		return err
	}
	if base64.StdEncoding.EncodeToString(root[:]) != want {
		return AuditFault{0, fmt.Sprintf("its first %d entries are not those of the signed checkpoint", seq)}
	}
	return nil
}

func (v *verifier) checkpoints(ctx context.Context) error {
	rows, err := v.tx.QueryContext(ctx, "SELECT size, note FROM audit_checkpoints ORDER BY size")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var size int64
		var signed []byte
		if err := rows.Scan(&size, &signed); err != nil {
			return err
		}
		if vouched, _, err := openCheckpoint(signed, v.keys); err != nil || vouched != size {
			return AuditFault{0, fmt.Sprintf("the checkpoint of %d entries is not what was signed", size)}
		}
		if err := v.vouch(signed); err != nil {
			return AuditFault{0, fmt.Sprintf("the checkpoint of %d entries %v", size, err)}
		}
	}
	return rows.Err()
}

// vouch takes a signed checkpoint as something that the log must begin with.
func (v *verifier) vouch(signed []byte) error {
	size, root, err := openCheckpoint(signed, v.keys)
	if err != nil || size < 0 {
		return errors.New("was not signed by this log")
	}
	if other, ok := v.roots[size]; ok && other != root {
		return fmt.Errorf("is not that which was signed for %d entries before", size)
	}
	v.roots[size], v.last = root, max(v.last, size)
	return nil
}

func (v *verifier) head(ctx context.Context) error {
	var size int64
	var proof []byte
	err := v.tx.QueryRowContext(ctx, "SELECT size, proof FROM audit_head WHERE id = 1").Scan(&size, &proof)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return AuditFault{0, "its head is missing"}
	case err != nil:
		return err
	case size > v.tree.size:
		return AuditFault{v.tree.size + 1, fmt.Sprintf("it is missing, the head vouches for %d entries", size)}
	}
	text, err := v.tree.headText()
	if err != nil {
		return err
	}
	if size != v.tree.size || !bytes.Equal(proof, v.keys.Hash(seal.Heads, text)) {
		return AuditFault{0, "its head is not the one that was written with the newest entry"}
	}
	return nil
}
