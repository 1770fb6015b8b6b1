package store

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
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
	Paper    bool // goes to no mailbox: it waits, parked, to be printed and posted
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
	Fault    string // Paper, or why it did not leave
	ServerID string // what the server called it, ByPost for one that went on paper
	Subject  string // subject ID of whom it is for; "" for a letter to staff
}

// What stands in the place of a fault and of a server's name for a letter on paper.
const (
	Paper  = "paper"
	ByPost = "post"
)

// OnPaper reports whether it waits to be printed, because it has no mailbox to go to.
func (l LetterState) OnPaper() bool { return l.State == "parked" && l.Fault == Paper }

// ByPost reports whether it went on paper.
func (l LetterState) ByPost() bool { return l.ServerID == ByPost }

// Letter is one letter in full. Both texts are nil where nothing of it is left to read.
type Letter struct {
	LetterState
	Request string
	Body    []byte // as composed, while it waits
	Kept    []byte // what stays of one that has left
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
	state, fault := "queued", ""
	if o.Paper {
		state, fault = "parked", Paper
	}
	if _, err := tx.exec(`INSERT INTO letters (id, dedupe, kind, language, subject_id, request_id, body, fleeting, state, queued_at, next_at, expires_at, fault, seq)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $12, (SELECT COALESCE(MAX(seq), 0) + 1 FROM letters WHERE request_id = $6))
		ON CONFLICT (dedupe) DO NOTHING`,
		o.ID, o.Dedupe, o.Kind, o.Language, orNull(o.Subject), orNull(o.Request), body, flag(o.Fleeting), state, millis(o.QueuedAt),
		millis(o.ExpiresAt), fault); err != nil {
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
			if err := tx.park(c, "its subject was erased", now); err != nil {
				return Claimed{}, false, err
			}
		case err != nil:
			return Claimed{}, false, fmt.Errorf("claim letter: %w", err)
		case !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt):
			if err := tx.park(c, "expired before it could be sent", now); err != nil {
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
func (tx *Tx) park(c Claimed, fault string, at time.Time) error {
	return tx.settle(c, `UPDATE letters SET state = 'parked', failed_at = $3, fault = $4, body = NULL
		WHERE id = $1 AND attempts = $2 AND state = 'sending'`, millis(at), fault)
}

// LetterSent records that a claimed letter has left and what the server called it. Its body is forgotten: whoever it is
// for has it now, with every link in it. Kept, if not nil, stays in its place, for whoever must show what was sent.
func (tx *Tx) LetterSent(c Claimed, serverID string, kept []byte, at time.Time) error {
	sealed, err := tx.sealKept(c.Outgoing, kept)
	if err != nil {
		return fmt.Errorf("settle letter: %w", err)
	}
	return tx.settle(c, `UPDATE letters SET state = 'sent', sent_at = $3, server_id = $4, fault = '', body = NULL, kept = $5
		WHERE id = $1 AND attempts = $2 AND state = 'sending'`, millis(at), serverID, sealed)
}

// LetterFailed records why a claimed letter did not leave, and when to try again; a zero time parks it.
func (tx *Tx) LetterFailed(c Claimed, fault string, retryAt, at time.Time) error {
	if retryAt.IsZero() {
		return tx.settle(c, `UPDATE letters SET state = 'parked', failed_at = $3, fault = $4,
				body = CASE fleeting WHEN 1 THEN NULL ELSE body END
			WHERE id = $1 AND attempts = $2 AND state = 'sending'`, millis(at), fault)
	}
	return tx.settle(c, `UPDATE letters SET state = 'queued', failed_at = $3, fault = $4, next_at = $5
		WHERE id = $1 AND attempts = $2 AND state = 'sending'`, millis(at), fault, millis(retryAt))
}

// settle moves a letter on that was claimed. One that somebody else has claimed since, because the lease ran out, is
// rights.ErrConflict.
func (tx *Tx) settle(c Claimed, query string, args ...any) error {
	return tx.moveLetter(c.ID, query, append([]any{c.ID, c.Attempts}, args...)...)
}

func (tx *Tx) moveLetter(id, query string, args ...any) error {
	n, err := tx.exec(query, args...)
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM letters WHERE id = $1", id)
	}
	if err != nil {
		return fmt.Errorf("settle letter: %w", err)
	}
	return nil
}

// RetryLetter lets a parked letter be sent once more. One that does not wait, or of which nothing is left to send, is
// rights.ErrConflict.
func (tx *Tx) RetryLetter(id string, why rights.Entry) error {
	err := tx.moveLetter(id, `UPDATE letters SET state = 'queued', next_at = $2
		WHERE id = $1 AND state = 'parked' AND body IS NOT NULL AND fault <> '`+Paper+`'`, id, millis(why.At))
	if err != nil {
		return err
	}
	return tx.Append(why)
}

// LetterPosted records that a parked letter went on paper. One that does not wait is rights.ErrConflict.
func (tx *Tx) LetterPosted(l Letter, kept []byte, why rights.Entry) error {
	sealed, err := tx.sealKept(Outgoing{ID: l.ID, Subject: l.Subject}, kept)
	if err != nil {
		return fmt.Errorf("settle letter: %w", err)
	}
	err = tx.moveLetter(l.ID, `UPDATE letters SET state = 'sent', sent_at = $2, server_id = '`+ByPost+`', fault = '', body = NULL, kept = $3
		WHERE id = $1 AND state = 'parked' AND body IS NOT NULL`, l.ID, millis(why.At), sealed)
	if err != nil {
		return err
	}
	return tx.Append(why)
}

// sealKept packs and seals what stays of a letter. Of one whose subject was erased while it was on its way, nothing does.
func (tx *Tx) sealKept(o Outgoing, kept []byte) ([]byte, error) {
	if kept == nil {
		return nil, nil
	}
	box, err := tx.subjectBox(o.Subject)
	if errors.Is(err, rights.ErrGone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	packed, err := pack(kept)
	if err != nil {
		return nil, err
	}
	return box.Seal(packed, "letters", "kept", o.ID)
}

// pack compresses: a kept letter says everything twice, as text and as HTML.
func pack(b []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

const letterColumns = `l.id, l.kind, l.language, l.state, l.queued_at, l.sent_at, l.failed_at, l.attempts, l.fault, l.server_id,
	COALESCE(l.subject_id, '')`

// LettersOf returns the letters of a request in the order they were queued.
func (r reads) LettersOf(ctx context.Context, requestID string) ([]LetterState, error) {
	rows, err := r.from.query(ctx, "SELECT "+letterColumns+" FROM letters l WHERE l.request_id = $1 ORDER BY l.queued_at, l.seq", requestID)
	return all(rows, err, func(row scanner) (LetterState, error) { return scanLetter(row) })
}

func scanLetter(row scanner, more ...any) (l LetterState, err error) {
	var queued, sent, failed int64
	err = row.Scan(append([]any{&l.ID, &l.Kind, &l.Language, &l.State, &queued, &sent, &failed, &l.Attempts, &l.Fault, &l.ServerID, &l.Subject}, more...)...)
	l.QueuedAt, l.SentAt, l.FailedAt = moment(queued), moment(sent), moment(failed)
	return l, err
}

// Letter returns a letter with what can still be read of it.
func (r reads) Letter(ctx context.Context, id string) (Letter, error) {
	var l Letter
	var body, kept, wrapped []byte
	row := r.from.row(ctx, "SELECT "+letterColumns+`, COALESCE(l.request_id, ''), l.body, l.kept, `+dataKey+`
		FROM letters l LEFT JOIN subjects s ON s.id = l.subject_id WHERE l.id = $1`, id)
	var err error
	if l.LetterState, err = scanLetter(row, &l.Request, &body, &kept, &wrapped); err != nil {
		return l, translate(err)
	}
	box := r.keys.Letters
	if l.Subject != "" {
		box, err = r.box(l.Subject, wrapped)
	}
	if errors.Is(err, rights.ErrGone) {
		return l, nil
	}
	if err == nil && body != nil {
		l.Body, err = box.Open(body, "letters", "body", l.ID)
	}
	if err == nil && kept != nil {
		l.Kept, err = box.Open(kept, "letters", "kept", l.ID)
		if err == nil {
			l.Kept, err = io.ReadAll(flate.NewReader(bytes.NewReader(l.Kept)))
		}
	}
	return l, err
}
