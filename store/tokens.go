package store

import (
	"context"
	"fmt"
	"time"

	"habeas/rights"
)

// Things of one use: enrolment links, recovery codes, links that stop an act. Each is kept as a keyed hash.

// InsertEnrolment adds a link with which a member of staff sets a password. It ends those before: whoever needs another has
// lost the first, or somebody else has it.
func (tx *Tx) InsertEnrolment(tokenHash []byte, staffID string, expires time.Time, why rights.Entry) error {
	if _, err := tx.exec("UPDATE enrolments SET used_at = $2 WHERE staff_id = $1 AND used_at IS NULL", staffID, millis(why.At)); err != nil {
		return fmt.Errorf("end the enrolments before: %w", err)
	}
	if _, err := tx.exec("INSERT INTO enrolments (token_hash, staff_id, expires_at) VALUES ($1, $2, $3)",
		tokenHash, staffID, millis(expires)); err != nil {
		return fmt.Errorf("insert enrolment: %w", err)
	}
	return tx.Append(why)
}

// Enrolment returns whom an enrolment link is for. One that was used or has expired is rights.ErrGone.
func (r reads) Enrolment(ctx context.Context, tokenHash []byte, now time.Time) (staffID string, err error) {
	return r.unused(ctx, "SELECT staff_id, expires_at, COALESCE(used_at, 0) FROM enrolments WHERE token_hash = $1", tokenHash, now)
}

// UseEnrolment uses an enrolment link up. A second use is rights.ErrConflict.
func (tx *Tx) UseEnrolment(tokenHash []byte, now time.Time, why rights.Entry) error {
	n, err := tx.exec("UPDATE enrolments SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2", tokenHash, millis(now))
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM enrolments WHERE token_hash = $1", tokenHash)
	}
	if err != nil {
		return fmt.Errorf("use enrolment: %w", err)
	}
	return tx.Append(why)
}

// ReplaceRecoveryCodes gives a member of staff new recovery codes; the old ones are void.
func (tx *Tx) ReplaceRecoveryCodes(staffID string, hashes [][]byte) error {
	if _, err := tx.exec("DELETE FROM recovery_codes WHERE staff_id = $1", staffID); err != nil {
		return fmt.Errorf("replace recovery codes: %w", err)
	}
	for _, h := range hashes {
		if _, err := tx.exec("INSERT INTO recovery_codes (code_hash, staff_id) VALUES ($1, $2)", h, staffID); err != nil {
			return fmt.Errorf("replace recovery codes: %w", err)
		}
	}
	return nil
}

// UseRecoveryCode uses a recovery code up. A second use is rights.ErrConflict, somebody else's rights.ErrNotFound.
func (tx *Tx) UseRecoveryCode(staffID string, hash []byte, now time.Time, why rights.Entry) error {
	n, err := tx.exec("UPDATE recovery_codes SET used_at = $3 WHERE code_hash = $1 AND staff_id = $2 AND used_at IS NULL",
		hash, staffID, millis(now))
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM recovery_codes WHERE code_hash = $1 AND staff_id = $2", hash, staffID)
	}
	if err != nil {
		return fmt.Errorf("use recovery code: %w", err)
	}
	return tx.Append(why)
}

// InsertStop adds the token of a link that stops a request without signing in.
func (tx *Tx) InsertStop(tokenHash []byte, requestID string, expires time.Time) error {
	if _, err := tx.exec("INSERT INTO stops (token_hash, request_id, expires_at) VALUES ($1, $2, $3)",
		tokenHash, requestID, millis(expires)); err != nil {
		return fmt.Errorf("insert stop: %w", err)
	}
	return nil
}

// Stop returns the request that a link stops. One that was used or has expired is rights.ErrGone.
func (r reads) Stop(ctx context.Context, tokenHash []byte, now time.Time) (requestID string, err error) {
	return r.unused(ctx, "SELECT request_id, expires_at, COALESCE(used_at, 0) FROM stops WHERE token_hash = $1", tokenHash, now)
}

// UseStop uses a link up. A second use is rights.ErrConflict.
func (tx *Tx) UseStop(tokenHash []byte, now time.Time) error {
	n, err := tx.exec("UPDATE stops SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2", tokenHash, millis(now))
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM stops WHERE token_hash = $1", tokenHash)
	}
	if err != nil {
		return fmt.Errorf("use stop: %w", err)
	}
	return nil
}

// unused reads what a token stands for, if it still stands for anything.
func (r reads) unused(ctx context.Context, query string, tokenHash []byte, now time.Time) (string, error) {
	var what string
	var expires, used int64
	if err := r.from.row(ctx, query, tokenHash).Scan(&what, &expires, &used); err != nil {
		return "", translate(err)
	}
	if used != 0 || expires <= now.UnixMilli() {
		return "", rights.ErrGone
	}
	return what, nil
}
