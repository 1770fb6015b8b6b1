package store

import (
	"context"
	"fmt"

	"habeas/rights"
	"habeas/store/seal"
)

const staffColumns = "id, email, name, role, state, language, password_hash, totp, totp_step, made_at, version"

// InsertStaff adds a member of staff. An email that is taken is rights.ErrConflict.
func (tx *Tx) InsertStaff(s Staff, why rights.Entry) error {
	email, name, totp, err := tx.sealStaff(s)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO staff (id, email_index, email, name, role, state, language, password_hash, totp, totp_step, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		s.ID, tx.keys.Hash(seal.Emails, s.Email), email, name, string(s.Role), s.State, s.Language, s.PasswordHash, totp, s.TOTPStep,
		millis(s.MadeAt)); err != nil {
		return fmt.Errorf("insert staff: %w", err)
	}
	return tx.Append(why)
}

// UpdateStaff changes a member of staff, if they still are of the version that s was read with, and makes it the next.
// Otherwise it is rights.ErrConflict: somebody who was disabled in the meantime must not become active again. The TOTP
// step is not among it: UseTOTPStep alone moves it, and only forward.
func (tx *Tx) UpdateStaff(s Staff, why rights.Entry) error {
	email, name, totp, err := tx.sealStaff(s)
	if err != nil {
		return err
	}
	n, err := tx.exec(`UPDATE staff SET email_index = $3, email = $4, name = $5, role = $6, state = $7, language = $8, password_hash = $9,
			totp = $10, version = version + 1
		WHERE id = $1 AND version = $2`,
		s.ID, s.Version, tx.keys.Hash(seal.Emails, s.Email), email, name, string(s.Role), s.State, s.Language, s.PasswordHash, totp)
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM staff WHERE id = $1", s.ID)
	}
	if err != nil {
		return fmt.Errorf("update staff: %w", err)
	}
	return tx.Append(why)
}

// SetTOTP gives a member of staff the secret of their authenticator if they have none, and returns the one that stands.
func (tx *Tx) SetTOTP(staffID, secret string, why rights.Entry) (string, error) {
	sealed, err := tx.keys.Portal.Seal([]byte(secret), "staff", "totp", staffID)
	if err != nil {
		return "", err
	}
	n, err := tx.exec("UPDATE staff SET totp = $2, version = version + 1 WHERE id = $1 AND totp IS NULL", staffID, sealed)
	if err != nil {
		return "", fmt.Errorf("set the authenticator: %w", err)
	}
	if n == 0 {
		member, err := tx.StaffByID(context.Background(), staffID)
		return member.TOTP, err
	}
	return secret, tx.Append(why)
}

func (tx *Tx) sealStaff(s Staff) (email, name, totp []byte, err error) {
	if email, err = tx.keys.Portal.Seal([]byte(s.Email), "staff", "email", s.ID); err != nil {
		return nil, nil, nil, err
	}
	if name, err = tx.keys.Portal.Seal([]byte(s.Name), "staff", "name", s.ID); err != nil {
		return nil, nil, nil, err
	}
	if s.TOTP != "" {
		totp, err = tx.keys.Portal.Seal([]byte(s.TOTP), "staff", "totp", s.ID)
	}
	return email, name, totp, err
}

// StaffByID returns a member of staff.
func (r reads) StaffByID(ctx context.Context, id string) (Staff, error) {
	return one(r.from.row(ctx, "SELECT "+staffColumns+" FROM staff WHERE id = $1", id), r.scanStaff)
}

// StaffByEmail returns the member of staff with a canonical email.
func (r reads) StaffByEmail(ctx context.Context, email string) (Staff, error) {
	row := r.from.row(ctx, "SELECT "+staffColumns+" FROM staff WHERE email_index = $1", r.keys.Hash(seal.Emails, email))
	return one(row, r.scanStaff)
}

// ListStaff returns every member of staff in the order they were added.
func (r reads) ListStaff(ctx context.Context) ([]Staff, error) {
	rows, err := r.from.query(ctx, "SELECT "+staffColumns+" FROM staff ORDER BY made_at, id")
	return all(rows, err, r.scanStaff)
}

func (r reads) scanStaff(row scanner) (Staff, error) {
	var s Staff
	var email, name, totp []byte
	var made int64
	err := row.Scan(&s.ID, &email, &name, &s.Role, &s.State, &s.Language, &s.PasswordHash, &totp, &s.TOTPStep, &made, &s.Version)
	if err != nil {
		return s, err
	}
	s.MadeAt = moment(made)
	if s.Email, err = open(r.keys.Portal, email, "staff", "email", s.ID); err != nil {
		return s, err
	}
	if s.Name, err = open(r.keys.Portal, name, "staff", "name", s.ID); err != nil {
		return s, err
	}
	if totp != nil {
		s.TOTP, err = open(r.keys.Portal, totp, "staff", "totp", s.ID)
	}
	return s, err
}

// UseTOTPStep uses a time step of the authenticator up. The same step or an earlier one is rights.ErrConflict: a code
// works once (RFC 6238 section 5.2).
func (tx *Tx) UseTOTPStep(staffID string, step int64) error {
	n, err := tx.exec("UPDATE staff SET totp_step = $2 WHERE id = $1 AND totp_step < $2", staffID, step)
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM staff WHERE id = $1", staffID)
	}
	if err != nil {
		return fmt.Errorf("use time step: %w", err)
	}
	return nil
}
