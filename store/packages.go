package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"habeas/rights"
)

const packageColumns = `request_id, number, state, done, total, bytes, sha256, file_key, missing, attempts, tries, next_at, ready_at, expires_at`

// InsertPackage adds a package of a request, to be built.
func (tx *Tx) InsertPackage(p Package) error {
	key, err := tx.sealFileKey(p)
	if err != nil {
		return fmt.Errorf("insert package: %w", err)
	}
	if _, err := tx.exec("INSERT INTO packages ("+packageColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
		p.Request, p.Number, p.State, p.Done, p.Total, p.Bytes, p.SHA256, key, p.Missing, p.Attempts, p.Tries,
		millis(p.NextAt), millis(p.ReadyAt), millis(p.ExpiresAt)); err != nil {
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
	n, err := tx.exec(`UPDATE packages SET state = $4, done = $5, total = $6, bytes = $7, sha256 = $8, file_key = $9, missing = $10,
			tries = $11, next_at = $12, ready_at = $13, expires_at = $14
		WHERE request_id = $1 AND number = $2 AND attempts = $3`,
		p.Request, p.Number, p.Attempts, p.State, p.Done, p.Total, p.Bytes, p.SHA256, key, p.Missing,
		p.Tries, millis(p.NextAt), millis(p.ReadyAt), millis(p.ExpiresAt))
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM packages WHERE request_id = $1 AND number = $2", p.Request, p.Number)
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
	return box.Seal([]byte(p.FileKey), "packages", "file_key", p.sealedAs())
}

// sealedAs is what the key of the package's file is bound to.
func (p Package) sealedAs() string {
	if p.Number == 0 {
		return p.Request
	}
	return fmt.Sprintf("%s %d", p.Request, p.Number)
}

const packageQuery = `SELECT p.request_id, p.number, p.state, p.done, p.total, p.bytes, p.sha256, p.file_key, p.missing, p.attempts, p.tries,
		p.next_at, p.ready_at, p.expires_at, s.id, ` + dataKey + `
	FROM packages p JOIN requests r ON r.id = p.request_id JOIN subjects s ON s.id = r.subject_id
	WHERE p.request_id = $1`

// PackageOf returns the first package of a request.
func (r reads) PackageOf(ctx context.Context, requestID string) (Package, error) {
	return r.Package(ctx, requestID, 0)
}

// Package returns one of the packages of a request.
func (r reads) Package(ctx context.Context, requestID string, number int) (Package, error) {
	return one(r.from.row(ctx, packageQuery+" AND p.number = $2", requestID, number), r.openPackage)
}

// PackagesOf returns the packages of a request, the first and then its supplements.
func (r reads) PackagesOf(ctx context.Context, requestID string) ([]Package, error) {
	rows, err := r.from.query(ctx, packageQuery+" ORDER BY p.number", requestID)
	return all(rows, err, r.openPackage)
}

func (r reads) openPackage(row scanner) (Package, error) {
	var subject string
	var wrapped []byte
	p, key, err := scanPackage(row, &subject, &wrapped)
	if err != nil || key == nil {
		return p, err
	}
	box, err := r.box(subject, wrapped)
	if err != nil {
		return Package{}, err
	}
	p.FileKey, err = open(box, key, "packages", "file_key", p.sealedAs())
	return p, err
}

// ClaimPackage claims a package to build, for as long as the lease: one that is queued and due, or one whose builder
// let the lease run out. Who waits for a first copy comes before what is tried again: a source that takes its time to be
// away must not keep everybody waiting.
func (tx *Tx) ClaimPackage(now time.Time, lease time.Duration) (Package, bool, error) {
	var id string
	var number int
	err := translate(tx.from.row(context.Background(), `UPDATE packages SET state = 'building', attempts = attempts + 1, next_at = $2
		WHERE (request_id, number) = (SELECT request_id, number FROM packages WHERE state IN ('queued', 'building') AND next_at <= $1
			ORDER BY number > 0, next_at, request_id, number LIMIT 1)
		RETURNING request_id, number`, millis(now), millis(now.Add(lease))).Scan(&id, &number))
	if errors.Is(err, rights.ErrNotFound) {
		return Package{}, false, nil
	}
	if err != nil {
		return Package{}, false, fmt.Errorf("claim package: %w", err)
	}
	p, err := tx.Package(context.Background(), id, number)
	return p, err == nil, err
}

// ExpiredPackages returns packages whose files are to be removed, without the keys of the files.
func (r reads) ExpiredPackages(ctx context.Context, now time.Time, limit int) ([]Package, error) {
	rows, err := r.from.query(ctx, "SELECT "+packageColumns+` FROM packages WHERE state = 'ready' AND expires_at <= $1
		ORDER BY expires_at, request_id, number`+limited(limit), millis(now))
	return all(rows, err, func(row scanner) (Package, error) {
		p, _, err := scanPackage(row)
		return p, err
	})
}

func scanPackage(row scanner, more ...any) (p Package, key []byte, err error) {
	var next, ready, expires int64
	err = row.Scan(append([]any{&p.Request, &p.Number, &p.State, &p.Done, &p.Total, &p.Bytes, &p.SHA256, &key, &p.Missing, &p.Attempts, &p.Tries, &next, &ready, &expires}, more...)...)
	p.NextAt, p.ReadyAt, p.ExpiresAt = moment(next), moment(ready), moment(expires)
	return p, key, err
}
