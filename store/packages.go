package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"habeas/rights"
)

const packageColumns = `request_id, state, done, total, bytes, sha256, file_key, attempts, next_at, ready_at, expires_at`

// InsertPackage adds the package of a request, to be built.
func (tx *Tx) InsertPackage(p Package) error {
	key, err := tx.sealFileKey(p)
	if err != nil {
		return fmt.Errorf("insert package: %w", err)
	}
	if _, err := tx.exec("INSERT INTO packages ("+packageColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
		p.Request, p.State, p.Done, p.Total, p.Bytes, p.SHA256, key, p.Attempts, millis(p.NextAt), millis(p.ReadyAt), millis(p.ExpiresAt)); err != nil {
		return fmt.Errorf("insert package: %w", err)
	}
	return nil
}

// UpdatePackage changes a package. Who has claimed it writes with the attempt of that claim: if somebody else has
// claimed it since, it is rights.ErrConflict.
func (tx *Tx) UpdatePackage(p Package) error {
	key, err := tx.sealFileKey(p)
	if err != nil {
		return fmt.Errorf("update package: %w", err)
	}
	n, err := tx.exec(`UPDATE packages SET state = $3, done = $4, total = $5, bytes = $6, sha256 = $7, file_key = $8, next_at = $9,
			ready_at = $10, expires_at = $11
		WHERE request_id = $1 AND attempts = $2`,
		p.Request, p.Attempts, p.State, p.Done, p.Total, p.Bytes, p.SHA256, key, millis(p.NextAt), millis(p.ReadyAt), millis(p.ExpiresAt))
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM packages WHERE request_id = $1", p.Request)
	}
	if err != nil {
		return fmt.Errorf("update package: %w", err)
	}
	return nil
}

func (tx *Tx) sealFileKey(p Package) ([]byte, error) {
	if p.FileKey == "" {
		return nil, nil
	}
	box, err := tx.requestBox(p.Request)
	if err != nil {
		return nil, err
	}
	return box.Seal([]byte(p.FileKey), "packages", "file_key", p.Request)
}

// PackageOf returns the package of a request.
func (r reads) PackageOf(ctx context.Context, requestID string) (Package, error) {
	row := r.from.row(ctx, `SELECT p.request_id, p.state, p.done, p.total, p.bytes, p.sha256, p.file_key, p.attempts, p.next_at,
			p.ready_at, p.expires_at, s.id, `+dataKey+`
		FROM packages p JOIN requests r ON r.id = p.request_id JOIN subjects s ON s.id = r.subject_id
		WHERE p.request_id = $1`, requestID)
	var subject string
	var wrapped []byte
	p, key, err := scanPackage(row, &subject, &wrapped)
	if err != nil {
		return Package{}, translate(err)
	}
	if key == nil {
		return p, nil
	}
	box, err := r.box(subject, wrapped)
	if err != nil {
		return Package{}, err
	}
	p.FileKey, err = open(box, key, "packages", "file_key", p.Request)
	return p, err
}

// ClaimPackage claims a package to build, for as long as the lease: one that is queued and due, or one whose builder
// let the lease run out.
func (tx *Tx) ClaimPackage(now time.Time, lease time.Duration) (Package, bool, error) {
	var id string
	err := translate(tx.from.row(context.Background(), `UPDATE packages SET state = 'building', attempts = attempts + 1, next_at = $2
		WHERE request_id = (SELECT request_id FROM packages WHERE state IN ('queued', 'building') AND next_at <= $1
			ORDER BY next_at, request_id LIMIT 1)
		RETURNING request_id`, millis(now), millis(now.Add(lease))).Scan(&id))
	if errors.Is(err, rights.ErrNotFound) {
		return Package{}, false, nil
	}
	if err != nil {
		return Package{}, false, fmt.Errorf("claim package: %w", err)
	}
	p, err := tx.PackageOf(context.Background(), id)
	return p, err == nil, err
}

// ExpiredPackages returns packages whose files are to be removed, without the keys of the files.
func (r reads) ExpiredPackages(ctx context.Context, now time.Time, limit int) ([]Package, error) {
	rows, err := r.from.query(ctx, "SELECT "+packageColumns+` FROM packages WHERE state = 'ready' AND expires_at <= $1
		ORDER BY expires_at, request_id`+limited(limit), millis(now))
	return all(rows, err, func(row scanner) (Package, error) {
		p, _, err := scanPackage(row)
		return p, err
	})
}

func scanPackage(row scanner, more ...any) (p Package, key []byte, err error) {
	var next, ready, expires int64
	err = row.Scan(append([]any{&p.Request, &p.State, &p.Done, &p.Total, &p.Bytes, &p.SHA256, &key, &p.Attempts, &next, &ready, &expires}, more...)...)
	p.NextAt, p.ReadyAt, p.ExpiresAt = moment(next), moment(ready), moment(expires)
	return p, key, err
}
