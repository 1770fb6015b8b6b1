package store

import (
	"context"
	"fmt"
	"time"

	"habeas/rights"
)

// MapVersion is the record of processing activities as the data map said it from a moment on.
type MapVersion struct {
	Version int // from 1; 0 is none
	SHA256  string
	Record  []byte // JSON
	KeptAt  time.Time
}

const mapVersionColumns = "version, sha256, record, kept_at"

// LastMapVersion returns the newest version; none is rights.ErrNotFound.
func (r reads) LastMapVersion(ctx context.Context) (MapVersion, error) {
	return one(r.from.row(ctx, "SELECT "+mapVersionColumns+" FROM map_versions ORDER BY version DESC LIMIT 1"), scanMapVersion)
}

// MapVersion returns one version.
func (r reads) MapVersion(ctx context.Context, version int) (MapVersion, error) {
	return one(r.from.row(ctx, "SELECT "+mapVersionColumns+" FROM map_versions WHERE version = $1", version), scanMapVersion)
}

// MapVersions returns the newest versions, newest first.
func (r reads) MapVersions(ctx context.Context, limit int) ([]MapVersion, error) {
	rows, err := r.from.query(ctx, "SELECT "+mapVersionColumns+" FROM map_versions ORDER BY version DESC"+limited(limit))
	return all(rows, err, scanMapVersion)
}

func scanMapVersion(row scanner) (MapVersion, error) {
	var v MapVersion
	var record string
	var at int64
	err := row.Scan(&v.Version, &v.SHA256, &record, &at)
	v.Record, v.KeptAt = []byte(record), moment(at)
	return v, err
}

// InsertMapVersion keeps the next version. One that does not follow the newest is rights.ErrConflict.
func (tx *Tx) InsertMapVersion(v MapVersion, why rights.Entry) error {
	n, err := tx.exec(`INSERT INTO map_versions (version, sha256, record, kept_at)
		SELECT $1, $2, $3, $4 WHERE $1 = 1 + (SELECT COALESCE(MAX(version), 0) FROM map_versions)`, v.Version, v.SHA256, string(v.Record), millis(v.KeptAt))
	if err == nil && n == 0 {
		err = rights.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("insert map version: %w", err)
	}
	return tx.Append(why)
}
