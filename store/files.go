package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"habeas/rights"
)

// InsertFile adds a file to a request. Its name and its body are sealed under the key of the subject.
func (tx *Tx) InsertFile(f rights.File, body []byte, why rights.Entry) error {
	box, err := tx.requestBox(f.Request)
	if err != nil {
		return fmt.Errorf("insert file: %w", err)
	}
	name, err := box.Seal([]byte(f.Name), "files", "name", f.ID)
	if err != nil {
		return err
	}
	sealed, err := box.Seal(body, "files", "body", f.ID)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO files (id, request_id, message_id, mandate, type, bytes, sha256, at, actor_role, actor_id, private, name, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		f.ID, f.Request, f.Message, flag(f.Mandate), f.Type, f.Bytes, f.SHA256, millis(f.At), string(f.Actor.Role), f.Actor.ID,
		flag(f.Private), name, sealed); err != nil {
		return fmt.Errorf("insert file: %w", err)
	}
	return tx.Append(why)
}

const fileColumns = `f.id, f.request_id, f.message_id, f.mandate, f.type, f.bytes, f.sha256, f.at, f.actor_role, f.actor_id, f.private, f.name, s.id, ` + dataKey

const fileTables = " FROM files f JOIN requests r ON r.id = f.request_id JOIN subjects s ON s.id = r.subject_id "

// Files lists the files of a request, oldest first, without their bodies. The list outlives the subject's key; the names
// do not, and are "" then.
func (r reads) Files(ctx context.Context, requestID string) ([]rights.File, error) {
	rows, err := r.from.query(ctx, "SELECT "+fileColumns+fileTables+"WHERE f.request_id = $1 ORDER BY f.at, f.seq", requestID)
	return all(rows, err, func(row scanner) (rights.File, error) {
		f, err := r.scanFile(row)
		if errors.Is(err, rights.ErrGone) {
			return f, nil
		}
		return f, err
	})
}

// File returns one file of a request with its body.
func (r reads) File(ctx context.Context, requestID, id string) (f rights.File, body []byte, err error) {
	row := r.from.row(ctx, "SELECT "+fileColumns+", f.body"+fileTables+"WHERE f.id = $1 AND f.request_id = $2", id, requestID)
	f, err = one(row, func(row scanner) (rights.File, error) { return r.scanFile(row, &body) })
	return f, body, err
}

// scanFile reads the columns of a file and, where it is asked for, the body behind them.
func (r reads) scanFile(row scanner, body ...*[]byte) (rights.File, error) {
	var f rights.File
	var at int64
	var subject string
	var name, wrapped []byte
	to := []any{&f.ID, &f.Request, &f.Message, &f.Mandate, &f.Type, &f.Bytes, &f.SHA256, &at, &f.Actor.Role, &f.Actor.ID, &f.Private, &name, &subject, &wrapped}
	for _, b := range body {
		to = append(to, b)
	}
	if err := row.Scan(to...); err != nil {
		return f, err
	}
	f.At = moment(at)
	box, err := r.box(subject, wrapped)
	if err != nil {
		return f, err
	}
	if f.Name, err = open(box, name, "files", "name", f.ID); err != nil {
		return f, err
	}
	for _, b := range body {
		if *b, err = box.Open(*b, "files", "body", f.ID); err != nil {
			return f, err
		}
	}
	return f, nil
}

// FileBytes returns how many bytes of files a request got since then.
func (r reads) FileBytes(ctx context.Context, requestID string, since time.Time) (n int, err error) {
	err = r.from.row(ctx, "SELECT COALESCE(SUM(bytes), 0) FROM files WHERE request_id = $1 AND at > $2", requestID, millis(since)).Scan(&n)
	return n, translate(err)
}

// HasMandateFile reports whether a request has a file that shows that somebody may act for its person.
func (r reads) HasMandateFile(ctx context.Context, requestID string) (bool, error) {
	var n int
	err := r.from.row(ctx, "SELECT COUNT(*) FROM files WHERE request_id = $1 AND mandate = 1", requestID).Scan(&n)
	return n > 0, translate(err)
}
