package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"habeas/rights"
)

// Settings returns what the house has set, and the version of it: 0 and the defaults while nobody has set anything.
func (r reads) Settings(ctx context.Context) (rights.Settings, int, error) {
	set := rights.DefaultSettings()
	var value []byte
	var version int
	err := translate(r.from.row(ctx, "SELECT value, version FROM settings WHERE id = 1").Scan(&value, &version))
	if errors.Is(err, rights.ErrNotFound) {
		return set, 0, nil
	}
	if err == nil {
		err = json.Unmarshal(value, &set)
	}
	if err != nil {
		return set, 0, fmt.Errorf("read the settings: %w", err)
	}
	return set, version, nil
}

// SaveSettings replaces the settings of a version with their next. Somebody else's change in between is
// rights.ErrConflict.
func (tx *Tx) SaveSettings(set rights.Settings, version int, why rights.Entry) error {
	value, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}
	query := `UPDATE settings SET value = $1, version = $2 + 1, changed_at = $3, changed_by = $4 WHERE id = 1 AND version = $2`
	if version == 0 {
		query = `INSERT INTO settings (id, value, version, changed_at, changed_by) VALUES (1, $1, $2 + 1, $3, $4) ON CONFLICT (id) DO NOTHING`
	}
	n, err := tx.exec(query, string(value), version, millis(why.At), why.Actor.ID)
	if err == nil && n == 0 {
		err = rights.ErrConflict
	}
	if err == nil {
		_, err = tx.exec("INSERT INTO settings_history (version, value, changed_at, changed_by) VALUES ($1, $2, $3, $4)",
			version+1, string(value), millis(why.At), why.Actor.ID)
	}
	if err != nil {
		return fmt.Errorf("save the settings: %w", err)
	}
	return tx.Append(why)
}

// SettingsVersion is what the house had set from a moment on.
type SettingsVersion struct {
	rights.Settings
	Version   int
	ChangedAt time.Time
	ChangedBy string // staff ID
}

// SettingsHistory returns the last versions of the settings, newest first.
func (r reads) SettingsHistory(ctx context.Context, limit int) ([]SettingsVersion, error) {
	rows, err := r.from.query(ctx, "SELECT version, value, changed_at, changed_by FROM settings_history ORDER BY version DESC"+limited(limit))
	return all(rows, err, func(row scanner) (SettingsVersion, error) {
		v := SettingsVersion{Settings: rights.DefaultSettings()}
		var value []byte
		var at int64
		if err := row.Scan(&v.Version, &value, &at, &v.ChangedBy); err != nil {
			return v, err
		}
		v.ChangedAt = moment(at)
		return v, json.Unmarshal(value, &v.Settings)
	})
}
