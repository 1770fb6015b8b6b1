package store

import (
	"context"
	"fmt"

	"habeas/rights"
)

// Postal is where somebody without a mailbox gets their letters.
type Postal struct{ Name, Address string }

// InsertPostal adds the name and the postal address of a subject without a mailbox.
func (tx *Tx) InsertPostal(subjectID string, p Postal) error {
	box, err := tx.subjectBox(subjectID)
	if err != nil {
		return fmt.Errorf("insert postal address: %w", err)
	}
	name, err := box.Seal([]byte(p.Name), "postal", "name", subjectID)
	if err != nil {
		return err
	}
	address, err := box.Seal([]byte(p.Address), "postal", "address", subjectID)
	if err != nil {
		return err
	}
	if _, err := tx.exec("INSERT INTO postal (subject_id, name, address) VALUES ($1, $2, $3)", subjectID, name, address); err != nil {
		return fmt.Errorf("insert postal address: %w", err)
	}
	return nil
}

// Postal returns the name and the postal address of a subject without a mailbox.
func (r reads) Postal(ctx context.Context, subjectID string) (Postal, error) {
	row := r.from.row(ctx, "SELECT p.name, p.address, s.id, "+dataKey+" FROM postal p JOIN subjects s ON s.id = p.subject_id WHERE s.id = $1", subjectID)
	return one(row, func(row scanner) (p Postal, err error) {
		var name, address, wrapped []byte
		var subject string
		if err := row.Scan(&name, &address, &subject, &wrapped); err != nil {
			return p, err
		}
		box, err := r.box(subject, wrapped)
		if err != nil {
			return p, err
		}
		if p.Name, err = open(box, name, "postal", "name", subject); err != nil {
			return p, err
		}
		p.Address, err = open(box, address, "postal", "address", subject)
		return p, err
	})
}

// InsertMandate adds who acts for the person of a request.
func (tx *Tx) InsertMandate(m rights.Mandate) error {
	box, err := tx.requestBox(m.Request)
	if err != nil {
		return fmt.Errorf("insert mandate: %w", err)
	}
	name, err := box.Seal([]byte(m.Name), "mandates", "name", m.Request)
	if err != nil {
		return err
	}
	contact, err := box.Seal([]byte(m.Contact), "mandates", "contact", m.Request)
	if err != nil {
		return err
	}
	if _, err := tx.exec("INSERT INTO mandates (request_id, kind, name, contact, relation) VALUES ($1, $2, $3, $4, $5)",
		m.Request, string(m.Kind), name, contact, m.Relation); err != nil {
		return fmt.Errorf("insert mandate: %w", err)
	}
	return nil
}

// ConfirmMandate records that whoever acts for the person may. It is done once: a second time is rights.ErrConflict.
func (tx *Tx) ConfirmMandate(m rights.Mandate, why rights.Entry) error {
	n, err := tx.exec("UPDATE mandates SET confirmed_at = $2, confirmed_by = $3, how = $4 WHERE request_id = $1 AND confirmed_at = 0",
		m.Request, millis(m.ConfirmedAt), m.ConfirmedBy, m.How)
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM mandates WHERE request_id = $1", m.Request)
	}
	if err != nil {
		return fmt.Errorf("confirm mandate: %w", err)
	}
	return tx.Append(why)
}

// Mandate returns who acts for the person of a request. Once the key of the person is destroyed it is rights.ErrGone.
func (r reads) Mandate(ctx context.Context, requestID string) (rights.Mandate, error) {
	row := r.from.row(ctx, `SELECT m.request_id, m.kind, m.name, m.contact, m.relation, m.confirmed_at, m.confirmed_by, m.how, s.id, `+dataKey+`
		FROM mandates m JOIN requests r ON r.id = m.request_id JOIN subjects s ON s.id = r.subject_id WHERE m.request_id = $1`, requestID)
	return one(row, func(row scanner) (m rights.Mandate, err error) {
		var name, contact, wrapped []byte
		var subject string
		var confirmed int64
		if err := row.Scan(&m.Request, &m.Kind, &name, &contact, &m.Relation, &confirmed, &m.ConfirmedBy, &m.How, &subject, &wrapped); err != nil {
			return m, err
		}
		m.ConfirmedAt = moment(confirmed)
		box, err := r.box(subject, wrapped)
		if err != nil {
			return m, err
		}
		if m.Name, err = open(box, name, "mandates", "name", m.Request); err != nil {
			return m, err
		}
		m.Contact, err = open(box, contact, "mandates", "contact", m.Request)
		return m, err
	})
}

// RequestsAbout returns the complaints and appeals about a request, oldest first.
func (r reads) RequestsAbout(ctx context.Context, requestID string) ([]rights.Request, error) {
	rows, err := r.from.query(ctx, "SELECT "+requestColumns+` FROM requests r WHERE r.parent_id = $1 AND r.parent_id > ''
		ORDER BY r.received_at, r.id`+limited(pageSize), requestID)
	return all(rows, err, scanRequest)
}
