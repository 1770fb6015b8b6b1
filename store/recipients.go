package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"habeas/rights"
)

// RecipientNotice is how far the telling of one recipient of one act has come (GDPR Art. 19).
type RecipientNotice struct {
	ID         string
	Request    string
	Act        rights.Right // rectification, erasure or restriction
	Recipient  string       // what tells recipients apart; "" while it is sought who they are
	Content    string       // whom what is told, and what they answered, as JSON; sealed at rest
	State      string       // see the migration
	Task       string       // ID of the task by which an officer tells them, "" where a letter does
	TokenHash  []byte       // of the link in the letter, nil for none
	ExpiresAt  time.Time    // of the link
	ToldAt     time.Time
	OpenedAt   time.Time
	AnsweredAt time.Time
	Reminders  int
	Attempts   int       // that failed since the last that did not
	NextAt     time.Time // when it is looked at again; zero for never
	Version    int
}

const noticeColumns = `n.id, n.request_id, n.act, n.recipient, n.content, n.state, n.task_id, n.token_hash, n.expires_at, n.told_at, n.opened_at,
	n.answered_at, n.reminders, n.attempts, n.next_at, n.version, s.id, ` + dataKey

const noticeTables = " FROM recipient_notices n JOIN requests r ON r.id = n.request_id JOIN subjects s ON s.id = r.subject_id "

// InsertNotice adds a notice, and returns its version. Of one act of a request each recipient has one: another takes its place while
// it is only noted, or was dropped; otherwise it is left out, and the version is 0.
func (tx *Tx) InsertNotice(n RecipientNotice) (version int, err error) {
	content, err := tx.sealNotice(n)
	if err != nil {
		return 0, fmt.Errorf("insert notice: %w", err)
	}
	err = translate(tx.from.row(context.Background(), `INSERT INTO recipient_notices (id, request_id, act, recipient, content, state, next_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (request_id, act, recipient) DO UPDATE SET id = excluded.id, content = excluded.content, state = excluded.state,
			next_at = excluded.next_at, version = version + 1 WHERE state IN ('noted', 'dropped') RETURNING version`,
		n.ID, n.Request, string(n.Act), n.Recipient, content, n.State, millis(n.NextAt)).Scan(&version))
	if errors.Is(err, rights.ErrNotFound) { // they are being told
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("insert notice: %w", err)
	}
	return version, nil
}

func (tx *Tx) sealNotice(n RecipientNotice) ([]byte, error) {
	if n.Content == "" {
		return nil, nil
	}
	box, err := tx.requestBox(n.Request)
	if err != nil {
		return nil, err
	}
	return box.Seal([]byte(n.Content), "recipient_notices", "content", n.ID)
}

// UpdateNotice changes a notice, if it still is of the version that n was read with. Otherwise it is rights.ErrConflict.
func (tx *Tx) UpdateNotice(n RecipientNotice, why ...rights.Entry) error {
	content, err := tx.sealNotice(n)
	if err != nil {
		return fmt.Errorf("update notice: %w", err)
	}
	if err := tx.change(rights.ErrConflict, `UPDATE recipient_notices SET content = $3, state = $4, task_id = $5, token_hash = $6, expires_at = $7, told_at = $8,
			opened_at = $9, answered_at = $10, reminders = $11, attempts = $12, next_at = $13, version = version + 1
		WHERE id = $1 AND version = $2`,
		n.ID, n.Version, content, n.State, n.Task, n.TokenHash, millis(n.ExpiresAt), millis(n.ToldAt), millis(n.OpenedAt), millis(n.AnsweredAt),
		n.Reminders, n.Attempts, millis(n.NextAt)); err != nil {
		return fmt.Errorf("update notice: %w", err)
	}
	for _, entry := range why {
		if err := tx.Append(entry); err != nil {
			return err
		}
	}
	return nil
}

// ForgetNoted forgets whom an act of a request was to be told to, as far as nobody was told yet.
func (tx *Tx) ForgetNoted(request string, act rights.Right) error {
	if _, err := tx.exec("DELETE FROM recipient_notices WHERE request_id = $1 AND act = $2 AND state = 'noted'", request, string(act)); err != nil {
		return fmt.Errorf("forget notices: %w", err)
	}
	return nil
}

// DropNotice ends a notice of which nothing can be read any more.
func (tx *Tx) DropNotice(id string, why rights.Entry) error {
	if _, err := tx.exec("UPDATE recipient_notices SET state = 'dropped', content = NULL, token_hash = NULL, next_at = 0, version = version + 1 WHERE id = $1", id); err != nil {
		return fmt.Errorf("drop notice: %w", err)
	}
	return tx.Append(why)
}

// NextNotice returns the ID of the notice that is due first: one whose time has come, or that was noted and whose request is
// closed now. It is "" when none is.
func (r reads) NextNotice(ctx context.Context, now time.Time) (id string, err error) {
	for _, query := range []string{
		"SELECT id FROM recipient_notices WHERE next_at > 0 AND next_at <= $1 AND state <> 'noted' ORDER BY next_at, seq LIMIT 1",
		`SELECT n.id FROM recipient_notices n JOIN requests r ON r.id = n.request_id
			WHERE n.state = 'noted' AND r.is_open = 0 AND n.next_at <= $1 ORDER BY n.seq LIMIT 1`,
	} {
		err = translate(r.from.row(ctx, query, millis(now)).Scan(&id))
		if !errors.Is(err, rights.ErrNotFound) {
			return id, err
		}
	}
	return "", nil
}

// Notice returns a notice. Without the subject's key it is rights.ErrGone.
func (r reads) Notice(ctx context.Context, id string) (RecipientNotice, error) {
	return one(r.from.row(ctx, "SELECT "+noticeColumns+noticeTables+"WHERE n.id = $1", id), r.scanNotice)
}

// NoticeByToken returns the notice whose link has that token, until the link expires; afterwards it was never there.
func (r reads) NoticeByToken(ctx context.Context, tokenHash []byte, now time.Time) (RecipientNotice, error) {
	return one(r.from.row(ctx, "SELECT "+noticeColumns+noticeTables+"WHERE n.token_hash = $1 AND n.expires_at > $2", tokenHash, millis(now)), r.scanNotice)
}

// NoticeByTask returns the notice that an officer gives by that task.
func (r reads) NoticeByTask(ctx context.Context, task string) (RecipientNotice, error) {
	return one(r.from.row(ctx, "SELECT "+noticeColumns+noticeTables+"WHERE n.task_id = $1 AND n.task_id > ''", task), r.scanNotice)
}

// NoticesOf lists the notices of a request, in the order in which they were made.
func (r reads) NoticesOf(ctx context.Context, request string) ([]RecipientNotice, error) {
	rows, err := r.from.query(ctx, "SELECT "+noticeColumns+noticeTables+"WHERE n.request_id = $1 AND n.state NOT IN ('noted', 'sought', 'dropped') ORDER BY n.seq", request)
	return all(rows, err, r.scanNotice)
}

func (r reads) scanNotice(row scanner) (n RecipientNotice, err error) {
	var expires, told, opened, answered, next int64
	var content, wrapped []byte
	var subject string
	if err := row.Scan(&n.ID, &n.Request, &n.Act, &n.Recipient, &content, &n.State, &n.Task, &n.TokenHash, &expires, &told, &opened, &answered,
		&n.Reminders, &n.Attempts, &next, &n.Version, &subject, &wrapped); err != nil {
		return n, err
	}
	n.ExpiresAt, n.ToldAt, n.OpenedAt, n.AnsweredAt, n.NextAt = moment(expires), moment(told), moment(opened), moment(answered), moment(next)
	if content == nil {
		return n, nil
	}
	box, err := r.box(subject, wrapped)
	if err != nil {
		return n, err
	}
	n.Content, err = open(box, content, "recipient_notices", "content", n.ID)
	return n, err
}
