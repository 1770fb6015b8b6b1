package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"habeas/rights"
	"habeas/store/seal"
)

const challengeColumns = `id, purpose, mailbox, COALESCE(session_id, ''), browser_hash, code_hash, link_hash, language, tries,
	made_at, expires_at, COALESCE(used_at, 0)`

// InsertChallenge adds a challenge.
func (tx *Tx) InsertChallenge(c Challenge, why rights.Entry) error {
	mailbox, err := tx.keys.Portal.Seal([]byte(c.Mailbox), "challenges", "mailbox", c.ID)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO challenges (id, purpose, mailbox_index, mailbox, session_id, browser_hash, code_hash, link_hash,
			language, tries, made_at, expires_at, used_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		c.ID, c.Purpose, tx.keys.Hash(seal.Mailboxes, c.Mailbox), mailbox, orNull(c.Session), c.BrowserHash, c.CodeHash, c.LinkHash,
		c.Language, c.Tries, millis(c.MadeAt), millis(c.ExpiresAt), orNull(millis(c.UsedAt))); err != nil {
		return fmt.Errorf("insert challenge: %w", err)
	}
	return tx.Append(why)
}

// Challenge returns a challenge.
func (r reads) Challenge(ctx context.Context, id string) (Challenge, error) {
	return one(r.from.row(ctx, "SELECT "+challengeColumns+" FROM challenges WHERE id = $1", id), r.scanChallenge)
}

// ChallengeByLink returns the challenge of an emailed link.
func (r reads) ChallengeByLink(ctx context.Context, linkHash []byte) (Challenge, error) {
	return one(r.from.row(ctx, "SELECT "+challengeColumns+" FROM challenges WHERE link_hash = $1", linkHash), r.scanChallenge)
}

func (r reads) scanChallenge(row scanner) (Challenge, error) {
	var c Challenge
	var mailbox []byte
	var made, expires, used int64
	err := row.Scan(&c.ID, &c.Purpose, &mailbox, &c.Session, &c.BrowserHash, &c.CodeHash, &c.LinkHash, &c.Language, &c.Tries,
		&made, &expires, &used)
	if err != nil {
		return c, err
	}
	c.MadeAt, c.ExpiresAt, c.UsedAt = moment(made), moment(expires), moment(used)
	c.Mailbox, err = open(r.keys.Portal, mailbox, "challenges", "mailbox", c.ID)
	return c, err
}

// TryChallenge counts a try and returns the challenge to compare with. It counts before the comparison, in one
// statement: however many guess at once, no more than most are let through (security.md 2). A challenge that has
// expired or was used is rights.ErrGone, one that is tried out rights.ErrTooMany.
func (tx *Tx) TryChallenge(id string, now time.Time, most int) (Challenge, error) {
	row := tx.from.row(context.Background(), `UPDATE challenges SET tries = tries + 1
		WHERE id = $1 AND tries < $2 AND used_at IS NULL AND expires_at > $3 RETURNING `+challengeColumns, id, most, millis(now))
	c, err := one(row, tx.scanChallenge)
	if !errors.Is(err, rights.ErrNotFound) {
		return c, err
	}
	c, err = tx.Challenge(context.Background(), id)
	switch {
	case err != nil:
		return Challenge{}, err
	case !c.UsedAt.IsZero() || !now.Before(c.ExpiresAt):
		return Challenge{}, rights.ErrGone
	}
	return Challenge{}, rights.ErrTooMany
}

// UseChallenge uses a challenge up. A second use is rights.ErrConflict.
func (tx *Tx) UseChallenge(id string, now time.Time, why rights.Entry) error {
	n, err := tx.exec("UPDATE challenges SET used_at = $2 WHERE id = $1 AND used_at IS NULL", id, millis(now))
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM challenges WHERE id = $1", id)
	}
	if err != nil {
		return fmt.Errorf("use challenge: %w", err)
	}
	return tx.Append(why)
}

// CloseChallenges closes the open challenges that a browser asked for a mailbox: a newer one is about to replace them.
func (tx *Tx) CloseChallenges(mailbox string, browserHash []byte, now time.Time) error {
	_, err := tx.exec("UPDATE challenges SET used_at = $3 WHERE mailbox_index = $1 AND browser_hash = $2 AND used_at IS NULL",
		tx.keys.Hash(seal.Mailboxes, mailbox), browserHash, millis(now))
	return err
}
