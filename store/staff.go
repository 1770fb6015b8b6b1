package store

import (
	"context"
	"fmt"

	"habeas/rights"
	"habeas/store/seal"
)

const staffColumns = "id, email, name, role, state, language, password_hash, totp, totp_step, made_at"

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

// UpdateStaff changes a member of staff. The TOTP step is not among it: UseTOTPStep alone moves it, and only forward.
func (tx *Tx) UpdateStaff(s Staff, why rights.Entry) error {
	email, name, totp, err := tx.sealStaff(s)
	if err != nil {
		return err
	}
	if err := tx.change(rights.ErrNotFound, `UPDATE staff SET email_index = $2, email = $3, name = $4, role = $5, state = $6,
			language = $7, password_hash = $8, totp = $9
		WHERE id = $1`,
		s.ID, tx.keys.Hash(seal.Emails, s.Email), email, name, string(s.Role), s.State, s.Language, s.PasswordHash, totp); err != nil {
		return fmt.Errorf("update staff: %w", err)
	}
	return tx.Append(why)
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
	err := row.Scan(&s.ID, &email, &name, &s.Role, &s.State, &s.Language, &s.PasswordHash, &totp, &s.TOTPStep, &made)
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
