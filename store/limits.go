package store

import (
	"context"
	"fmt"
	"time"

	"habeas/store/seal"
)

// Limit allows Burst at once, refilled evenly over Per.
type Limit struct {
	Burst int
	Per   time.Duration
}

// interval is the time in which one comes back.
func (l Limit) interval() (time.Duration, error) {
	if l.Burst < 1 || l.Per < time.Duration(l.Burst) {
		return 0, fmt.Errorf("a limit of %d in %v allows nothing", l.Burst, l.Per)
	}
	return l.Per / time.Duration(l.Burst), nil
}

// Take takes one from what the limit leaves to key. If nothing is left it takes nothing and returns how long until one
// is. The rule is GCRA (ITU-T I.371): a row holds the time at which the limit would be full again, and one statement
// moves it.
func (tx *Tx) Take(key string, l Limit, now time.Time) (ok bool, wait time.Duration, err error) {
	interval, err := l.interval()
	if err != nil {
		return false, 0, err
	}
	at, hash := now.UnixNano(), tx.keys.Hash(seal.Limits, key)
	newest := at + int64(interval)*int64(l.Burst-1) // a row up to here leaves room for one
	n, err := tx.exec(`INSERT INTO limits (key, tat) VALUES ($1, $2 + $3)
		ON CONFLICT (key) DO UPDATE SET tat = CASE WHEN limits.tat > $2 THEN limits.tat ELSE $2 END + $3 WHERE limits.tat <= $4`,
		hash, at, int64(interval), newest)
	if err != nil || n == 1 {
		return err == nil, 0, err
	}
	var tat int64
	if err := tx.from.row(context.Background(), "SELECT tat FROM limits WHERE key = $1", hash).Scan(&tat); err != nil {
		return false, 0, translate(err)
	}
	return false, time.Duration(tat - newest), nil
}
