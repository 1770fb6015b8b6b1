package store

import (
	"context"
	"fmt"
	"time"

	"habeas/rights"
)

// ChoiceToTake is what somebody chose for a mailbox that they typed, until it is a request.
type ChoiceToTake struct {
	ID       string // of the request that it becomes
	Flag     rights.FlagKind
	Mailbox  string // sealed at rest
	Language string
	MadeAt   time.Time
	Attempts int // that failed
	NextAt   time.Time
}

// InsertChoiceToTake adds a choice that is still to be taken.
func (tx *Tx) InsertChoiceToTake(c ChoiceToTake, why rights.Entry) error {
	mailbox, err := tx.keys.Portal.Seal([]byte(c.Mailbox), "choices_to_take", "mailbox", c.ID)
	if err != nil {
		return err
	}
	if _, err := tx.exec("INSERT INTO choices_to_take (id, flag, mailbox, language, made_at, next_at) VALUES ($1, $2, $3, $4, $5, $6)",
		c.ID, string(c.Flag), mailbox, c.Language, millis(c.MadeAt), millis(c.NextAt)); err != nil {
		return fmt.Errorf("insert choice to take: %w", err)
	}
	return tx.Append(why)
}

// NextChoiceToTake returns the choice that is due first, rights.ErrNotFound when none is.
func (r reads) NextChoiceToTake(ctx context.Context, now time.Time) (ChoiceToTake, error) {
	return one(r.from.row(ctx, `SELECT id, flag, mailbox, language, made_at, attempts, next_at FROM choices_to_take
		WHERE next_at <= $1 ORDER BY next_at, id LIMIT 1`, millis(now)), func(row scanner) (c ChoiceToTake, err error) {
		var mailbox []byte
		var made, next int64
		if err := row.Scan(&c.ID, &c.Flag, &mailbox, &c.Language, &made, &c.Attempts, &next); err != nil {
			return c, err
		}
		c.MadeAt, c.NextAt = moment(made), moment(next)
		c.Mailbox, err = open(r.keys.Portal, mailbox, "choices_to_take", "mailbox", c.ID)
		return c, err
	})
}

// PutOffChoice looks at a choice again at its NextAt.
func (tx *Tx) PutOffChoice(c ChoiceToTake) error {
	return tx.change(rights.ErrConflict, "UPDATE choices_to_take SET attempts = $2, next_at = $3 WHERE id = $1", c.ID, c.Attempts, millis(c.NextAt))
}

// TakeChoice removes a choice that has been taken. Whoever comes second gets rights.ErrConflict.
func (tx *Tx) TakeChoice(id string) error {
	return tx.change(rights.ErrConflict, "DELETE FROM choices_to_take WHERE id = $1", id)
}
