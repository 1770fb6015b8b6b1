package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"habeas/rights"
)

// AuditRow is an entry of the audit log with its place in it, from 1.
type AuditRow struct {
	Seq int64
	rights.Entry
}

// leaf is an entry as it is hashed. Its JSON is deterministic, and stored as it was hashed.
type leaf struct {
	At      int64             `json:"at"`
	Role    rights.Role       `json:"role"`
	Actor   string            `json:"actor"`
	Session string            `json:"session,omitempty"`
	Act     string            `json:"act"`
	Subject string            `json:"subject,omitempty"`
	Request string            `json:"request,omitempty"`
	Facts   map[string]string `json:"facts,omitempty"`
}

func (l leaf) entry() rights.Entry {
	return rights.Entry{
		At: moment(l.At), Actor: rights.Actor{ID: l.Actor, Role: l.Role, Session: l.Session},
		Act: l.Act, Subject: l.Subject, Request: l.Request, Facts: l.Facts,
	}
}

// Append adds an entry to the audit log. An entry without an act or a time is an error: nothing changes without a reason.
func (tx *Tx) Append(e rights.Entry) error {
	if tx.w.over {
		return errOver
	}
	if e.Act == "" || e.At.IsZero() {
		return errors.New("an audit entry needs an act and a time")
	}
	b, err := json.Marshal(leaf{e.At.UnixMilli(), e.Actor.Role, e.Actor.ID, e.Actor.Session, e.Act, e.Subject, e.Request, e.Facts})
	if err != nil {
		return fmt.Errorf("write an audit entry: %w", err)
	}
	first, hashes, err := tx.s.log.add(b)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO audit_entries (seq, at, actor_role, actor_id, act, subject_id, request_id, leaf)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		tx.s.log.size, e.At.UnixMilli(), string(e.Actor.Role), e.Actor.ID, e.Act, e.Subject, e.Request, b); err != nil {
		return fmt.Errorf("write an audit entry: %w", err)
	}
	for i, h := range hashes {
		if _, err := tx.exec("INSERT INTO audit_nodes (idx, hash) VALUES ($1, $2)", first+int64(i), h[:]); err != nil {
			return fmt.Errorf("write an audit node: %w", err)
		}
	}
	return nil
}

func scanAudit(r scanner) (AuditRow, error) {
	var row AuditRow
	var b []byte
	if err := r.Scan(&row.Seq, &b); err != nil {
		return row, err
	}
	var l leaf
	if err := json.Unmarshal(b, &l); err != nil {
		return row, fmt.Errorf("audit entry %d cannot be read: run habeas audit verify", row.Seq)
	}
	row.Entry = l.entry()
	return row, nil
}

// EntriesOf returns the entries that touch a subject or whoever is shown with it, newest first: those of the given acts, or
// all; those before a place in the log, or from its end when beforeSeq is 0.
func (r reads) EntriesOf(ctx context.Context, subjectID string, acts []string, beforeSeq int64, limit int) ([]AuditRow, error) {
	if beforeSeq <= 0 {
		beforeSeq = 1<<63 - 1
	}
	where, args, err := r.ofPerson(ctx, "subject_id", subjectID)
	if err != nil {
		return nil, err
	}
	args = append(args, beforeSeq)
	query := "SELECT seq, leaf FROM audit_entries WHERE " + where + " AND seq < $" + strconv.Itoa(len(args))
	if len(acts) > 0 {
		marks := make([]string, len(acts))
		for i, act := range acts {
			marks[i] = "$" + strconv.Itoa(len(args)+1)
			args = append(args, act)
		}
		query += " AND act IN (" + strings.Join(marks, ", ") + ")"
	}
	rows, err := r.from.query(ctx, query+" ORDER BY seq DESC"+limited(limit), args...)
	return all(rows, err, scanAudit)
}

// VerifierKey returns the public key that checkpoints are checked with, in the form of golang.org/x/mod/sumdb/note.
func (s *Store) VerifierKey() string { return s.keys.Verifier }

// Checkpoint signs where the audit log stands (C2SP tlog-checkpoint: origin, size, root), keeps the note and returns it,
// to be sent off this machine.
func (s *Store) Checkpoint(ctx context.Context) ([]byte, error) {
	var signed []byte
	at := s.now()
	err := s.Write(ctx, func(tx *Tx) (err error) {
		signed, err = tx.checkpoint(at)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sign a checkpoint: %w", err)
	}
	return signed, nil
}

func (tx *Tx) checkpoint(at time.Time) ([]byte, error) {
	if tx.s.log.fault != nil {
		return nil, tx.s.log.fault
	}
	signed, err := signTree(&tx.s.log, tx.keys)
	if err != nil {
		return nil, err
	}
	_, err = tx.exec("INSERT INTO audit_checkpoints (size, note, made_at) VALUES ($1, $2, $3) ON CONFLICT (size) DO NOTHING",
		tx.s.log.size, signed, millis(at))
	return signed, err
}
