package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"habeas/rights"
	"habeas/store/seal"
)

// Outgoing is a composed letter on its way out.
type Outgoing struct {
	ID       string
	Dedupe   string // a second letter with the same is not sent
	Kind     string
	Language string
	Subject  string // subject ID, "" for a letter to nobody known
	Request  string // request ID, "" for none
	Body     []byte
	Fleeting bool // holds a code or a link: forgotten when it is parked, too
	QueuedAt time.Time
	// ExpiresAt is until when what it says holds: it is parked then instead of sent. Zero is for ever.
	ExpiresAt time.Time
}

// Claimed is a letter that a sender holds for a while. Attempts counts this one.
type Claimed struct {
	Outgoing
	Attempts int
}

// LetterState is what a request's page shows of a letter.
type LetterState struct {
	ID       string
	Kind     string
	Language string
	State    string // "queued", "sending", "sent", "parked"
	QueuedAt time.Time
	SentAt   time.Time
	FailedAt time.Time // the last time that it did not leave
	Attempts int
	Fault    string
}

// Enqueue puts a letter into the outbox. One with a dedupe key that was there before is left out without an error.
func (tx *Tx) Enqueue(o Outgoing) error {
	box := tx.keys.Letters
	if o.Subject != "" {
		var err error
		if box, err = tx.subjectBox(o.Subject); err != nil {
			return fmt.Errorf("enqueue letter: %w", err)
		}
	}
	body, err := box.Seal(o.Body, "letters", "body", o.ID)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO letters (id, dedupe, kind, language, subject_id, request_id, body, fleeting, state, queued_at, next_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9, $9, $10)
		ON CONFLICT (dedupe) DO NOTHING`,
		o.ID, o.Dedupe, o.Kind, o.Language, orNull(o.Subject), orNull(o.Request), body, flag(o.Fleeting), millis(o.QueuedAt), millis(o.ExpiresAt)); err != nil {
		return fmt.Errorf("enqueue letter: %w", err)
	}
	return nil
}

// ClaimLetter claims the letter that has waited longest, for as long as the lease: one that is queued and due, or one
// whose sender let the lease run out. One that has expired (a code would come hours late and open nothing) and one that
// its destroyed key has made unreadable are parked on the way, and their bodies forgotten.
func (tx *Tx) ClaimLetter(now time.Time, lease time.Duration) (Claimed, bool, error) {
	for {
		c, err := tx.claim(now, lease)
		switch {
		case errors.Is(err, rights.ErrNotFound):
			return Claimed{}, false, nil
		case errors.Is(err, rights.ErrGone):
			if err := tx.park(c.ID, "its subject was erased", now); err != nil {
				return Claimed{}, false, err
			}
		case err != nil:
			return Claimed{}, false, fmt.Errorf("claim letter: %w", err)
		case !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt):
			if err := tx.park(c.ID, "expired before it could be sent", now); err != nil {
				return Claimed{}, false, err
			}
		default:
			return c, true, nil
		}
	}
}

func (tx *Tx) claim(now time.Time, lease time.Duration) (Claimed, error) {
	var c Claimed
	var body []byte
	var queued, expires int64
	if err := tx.from.row(context.Background(), `UPDATE letters SET state = 'sending', attempts = attempts + 1, next_at = $2
		WHERE id = (SELECT id FROM letters WHERE state IN ('queued', 'sending') AND next_at <= $1 ORDER BY next_at, id LIMIT 1)
		RETURNING id, dedupe, kind, language, COALESCE(subject_id, ''), COALESCE(request_id, ''), body, fleeting, queued_at, expires_at,
			attempts`,
		millis(now), millis(now.Add(lease))).
		Scan(&c.ID, &c.Dedupe, &c.Kind, &c.Language, &c.Subject, &c.Request, &body, &c.Fleeting, &queued, &expires, &c.Attempts); err != nil {
		return c, translate(err)
	}
	c.QueuedAt, c.ExpiresAt = moment(queued), moment(expires)
	var box seal.Box = tx.keys.Letters
	var err error
	if c.Subject != "" {
		if box, err = tx.subjectBox(c.Subject); err != nil {
			return c, err
		}
	}
	c.Body, err = box.Open(body, "letters", "body", c.ID)
	return c, err
}

// park gives a claimed letter up that nobody can want any more, and forgets its body.
func (tx *Tx) park(id, fault string, at time.Time) error {
	return tx.settle(id, `UPDATE letters SET state = 'parked', failed_at = $2, fault = $3, body = NULL
		WHERE id = $1 AND state = 'sending'`, millis(at), fault)
}

// LetterSent records that a claimed letter has left and what the server called it. Its body is forgotten: whoever it is
// for has it now, with every link in it.
func (tx *Tx) LetterSent(id, serverID string, at time.Time) error {
	return tx.settle(id, `UPDATE letters SET state = 'sent', sent_at = $2, server_id = $3, fault = '', body = NULL
		WHERE id = $1 AND state = 'sending'`, millis(at), serverID)
}

// LetterFailed records why a claimed letter did not leave, and when to try again; a zero time parks it.
func (tx *Tx) LetterFailed(id, fault string, retryAt, at time.Time) error {
	if retryAt.IsZero() {
		return tx.settle(id, `UPDATE letters SET state = 'parked', failed_at = $2, fault = $3,
				body = CASE fleeting WHEN 1 THEN NULL ELSE body END
			WHERE id = $1 AND state = 'sending'`, millis(at), fault)
	}
	return tx.settle(id, `UPDATE letters SET state = 'queued', failed_at = $2, fault = $3, next_at = $4
		WHERE id = $1 AND state = 'sending'`, millis(at), fault, millis(retryAt))
}

// settle moves a claimed letter on. One that nobody holds is rights.ErrConflict.
func (tx *Tx) settle(id, query string, args ...any) error {
	n, err := tx.exec(query, append([]any{id}, args...)...)
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM letters WHERE id = $1", id)
	}
	if err != nil {
		return fmt.Errorf("settle letter: %w", err)
	}
	return nil
}

// LettersOf returns the letters of a request in the order they were queued.
func (r reads) LettersOf(ctx context.Context, requestID string) ([]LetterState, error) {
	rows, err := r.from.query(ctx, `SELECT id, kind, language, state, queued_at, sent_at, failed_at, attempts, fault
		FROM letters WHERE request_id = $1 ORDER BY queued_at, id`, requestID)
	return all(rows, err, func(row scanner) (l LetterState, err error) {
		var queued, sent, failed int64
		err = row.Scan(&l.ID, &l.Kind, &l.Language, &l.State, &queued, &sent, &failed, &l.Attempts, &l.Fault)
		l.QueuedAt, l.SentAt, l.FailedAt = moment(queued), moment(sent), moment(failed)
		return l, err
	})
}
