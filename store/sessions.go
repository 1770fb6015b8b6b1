package store

import (
	"context"
	"fmt"
	"time"

	"habeas/rights"
)

const sessionColumns = `id, token_hash, kind, COALESCE(subject_id, ''), COALESCE(staff_id, ''), mailbox, device, viewed,
	made_at, seen_at, step_up_at, ends_at, COALESCE(ended_at, 0)`

// InsertSession adds a session.
func (tx *Tx) InsertSession(s Session, why rights.Entry) error {
	mailbox, err := tx.sealSessionMailbox(s)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO sessions (id, token_hash, kind, subject_id, staff_id, mailbox, device, viewed,
			made_at, seen_at, step_up_at, ends_at, ended_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		s.ID, s.TokenHash, s.Kind, orNull(s.Subject), orNull(s.Staff), mailbox, s.Device, s.Viewed,
		millis(s.MadeAt), millis(s.SeenAt), millis(s.StepUpAt), millis(s.EndsAt), orNull(millis(s.EndedAt))); err != nil {
		return fmt.Errorf("insert session: %w", err)
	}
	return tx.Append(why)
}

// sealSessionMailbox seals under the portal's key: there may be no subject yet.
func (tx *Tx) sealSessionMailbox(s Session) ([]byte, error) {
	if s.Mailbox == "" {
		return nil, nil
	}
	return tx.keys.Portal.Seal([]byte(s.Mailbox), "sessions", "mailbox", s.ID)
}

// SessionByToken returns the session of a token, also when it has ended.
func (r reads) SessionByToken(ctx context.Context, tokenHash []byte) (Session, error) {
	return one(r.from.row(ctx, "SELECT "+sessionColumns+" FROM sessions WHERE token_hash = $1", tokenHash), r.scanSession)
}

// Session returns the session of that ID, also when it has ended.
func (r reads) Session(ctx context.Context, id string) (Session, error) {
	return one(r.from.row(ctx, "SELECT "+sessionColumns+" FROM sessions WHERE id = $1", id), r.scanSession)
}

// SessionsOf returns the sessions of a subject or a member of staff that are alive at now, the last seen first.
func (r reads) SessionsOf(ctx context.Context, kind, actorID string, now time.Time) ([]Session, error) {
	who, err := sessionActor(kind)
	if err != nil {
		return nil, err
	}
	rows, err := r.from.query(ctx, "SELECT "+sessionColumns+" FROM sessions WHERE "+who+
		" = $1 AND ended_at IS NULL AND ends_at > $2 ORDER BY seen_at DESC, id", actorID, millis(now))
	return all(rows, err, r.scanSession)
}

func sessionActor(kind string) (column string, err error) {
	switch kind {
	case "subject":
		return "subject_id", nil
	case "staff":
		return "staff_id", nil
	}
	return "", fmt.Errorf("%q is no kind of session", kind)
}

func (r reads) scanSession(row scanner) (Session, error) {
	var s Session
	var mailbox []byte
	var made, seen, stepUp, ends, ended int64
	err := row.Scan(&s.ID, &s.TokenHash, &s.Kind, &s.Subject, &s.Staff, &mailbox, &s.Device, &s.Viewed,
		&made, &seen, &stepUp, &ends, &ended)
	if err != nil {
		return s, err
	}
	s.MadeAt, s.SeenAt, s.StepUpAt, s.EndsAt, s.EndedAt = moment(made), moment(seen), moment(stepUp), moment(ends), moment(ended)
	if mailbox != nil {
		s.Mailbox, err = open(r.keys.Portal, mailbox, "sessions", "mailbox", s.ID)
	}
	return s, err
}

// UpdateSession changes a session that is alive: seen, stepped up with a new token, viewed, or tied to its subject.
// Two requests of one browser may both hold the session as they read it, so the older one must not undo the newer: an
// earlier step-up than the stored one is rights.ErrConflict, and so is another subject than the one it is tied to; what
// is set is never emptied. A new token must come with a new step-up time, or nothing would tell the two apart.
func (tx *Tx) UpdateSession(s Session) error {
	mailbox, err := tx.sealSessionMailbox(s)
	if err != nil {
		return err
	}
	n, err := tx.exec(`UPDATE sessions SET token_hash = $2, mailbox = $3, ends_at = $4, step_up_at = $5,
			subject_id = COALESCE($6, subject_id),
			viewed = CASE WHEN $7 = '' THEN viewed ELSE $7 END,
			seen_at = CASE WHEN seen_at > $8 THEN seen_at ELSE $8 END
		WHERE id = $1 AND ended_at IS NULL AND step_up_at <= $5 AND COALESCE($6, subject_id, '') = COALESCE(subject_id, $6, '')`,
		s.ID, s.TokenHash, mailbox, millis(s.EndsAt), millis(s.StepUpAt), orNull(s.Subject), s.Viewed, millis(s.SeenAt))
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM sessions WHERE id = $1", s.ID)
	}
	if err != nil {
		return fmt.Errorf("update session: %w", err)
	}
	return nil
}

// EndSession ends a session. Ending it again is rights.ErrConflict.
func (tx *Tx) EndSession(id string, at time.Time, why rights.Entry) error {
	n, err := tx.exec("UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL", id, millis(at))
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM sessions WHERE id = $1", id)
	}
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return tx.Append(why)
}

// EndSessionsOf ends every session of a subject or a member of staff but one ("" for none) and returns how many. The
// entry is added even when there was none to end.
func (tx *Tx) EndSessionsOf(kind, actorID, exceptID string, at time.Time, why rights.Entry) (int, error) {
	who, err := sessionActor(kind)
	if err != nil {
		return 0, err
	}
	n, err := tx.exec("UPDATE sessions SET ended_at = $3 WHERE "+who+" = $1 AND id <> $2 AND ended_at IS NULL",
		actorID, exceptID, millis(at))
	if err != nil {
		return 0, fmt.Errorf("end sessions: %w", err)
	}
	return int(n), tx.Append(why)
}
