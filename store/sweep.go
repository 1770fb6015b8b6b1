package store

import (
	"fmt"
	"time"
)

const (
	sweepDay   = 24 * time.Hour
	sweepMonth = 30 * sweepDay
)

// sweeps delete what nobody can need any more, a thousand rows at a time so that no transaction is long. What has
// expired is kept for a while, so that people are told "expired", not "unknown". Never audit, never requests.
var sweeps = []struct {
	query string
	until func(now time.Time) int64
}{
	{`DELETE FROM challenges WHERE id IN (SELECT id FROM challenges WHERE expires_at < $1 LIMIT 1000)`, before(sweepDay)},
	{`DELETE FROM limits WHERE key IN (SELECT key FROM limits WHERE tat < $1 LIMIT 1000)`, time.Time.UnixNano},
	{`DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE ends_at < $1 OR ended_at < $1 LIMIT 1000)`, before(sweepMonth)},
	{`DELETE FROM enrolments WHERE token_hash IN (SELECT token_hash FROM enrolments WHERE expires_at < $1 LIMIT 1000)`, before(sweepMonth)},
	{`DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE at < $1 LIMIT 1000)`, before(12 * sweepMonth)},
	{`DELETE FROM stops WHERE token_hash IN (SELECT token_hash FROM stops WHERE expires_at < $1 LIMIT 1000)`, before(sweepMonth)},
}

func before(age time.Duration) func(time.Time) int64 {
	return func(now time.Time) int64 { return now.Add(-age).UnixMilli() }
}

// Sweep deletes what has served its time and returns how much; call again while there is something.
func (tx *Tx) Sweep(now time.Time) (int, error) {
	var swept int64
	for _, s := range sweeps {
		n, err := tx.exec(s.query, s.until(now))
		if err != nil {
			return 0, fmt.Errorf("sweep: %w", err)
		}
		swept += n
	}
	if _, err := tx.exec("DELETE FROM request_tallies WHERE n = 0"); err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	return int(swept), nil
}
