package store

import (
	"context"
	"errors"
	"fmt"

	"habeas/rights"
)

// InsertEvent adds a step to the timeline of a request, with where the request stands now: insert it after the change
// that it tells of. Its detail is sealed under the key of the subject.
func (tx *Tx) InsertEvent(e rights.Event) error {
	var detail []byte
	if e.Detail != "" {
		box, err := tx.requestBox(e.Request)
		if err != nil {
			return fmt.Errorf("insert event: %w", err)
		}
		if detail, err = box.Seal([]byte(e.Detail), "events", "detail", e.ID); err != nil {
			return err
		}
	}
	f, err := facts(e.Facts)
	if err != nil {
		return fmt.Errorf("insert event: %w", err)
	}
	if err := tx.change(rights.ErrNotFound, `INSERT INTO events (id, request_id, at, actor_role, actor_id, kind, facts, detail, private,
			version, state, due, owner_id, ground)
		SELECT $1, r.id, $3, $4, $5, $6, $7, $8, $9, r.version, r.state, r.due, r.owner_id, r.ground FROM requests r WHERE r.id = $2`,
		e.ID, e.Request, millis(e.At), string(e.Actor.Role), e.Actor.ID, e.Kind, f, detail, flag(e.Private)); err != nil {
		return fmt.Errorf("insert event: %w", err)
	}
	return nil
}

// Events returns the timeline of a request. The steps outlive the subject's key, so that they can be shown to an
// authority (GDPR Art. 5(2)); their details do not, and are "" then.
func (r reads) Events(ctx context.Context, requestID string) ([]rights.Event, error) {
	rows, err := r.from.query(ctx, `SELECT e.id, e.request_id, e.at, e.actor_role, e.actor_id, e.kind, e.facts, e.detail, e.private,
			e.version, e.state, e.due, e.owner_id, e.ground, s.id, `+dataKey+`
		FROM events e JOIN requests r ON r.id = e.request_id JOIN subjects s ON s.id = r.subject_id
		WHERE e.request_id = $1 ORDER BY e.at, e.seq`, requestID)
	return all(rows, err, r.scanEvent)
}

func (r reads) scanEvent(row scanner) (rights.Event, error) {
	var e rights.Event
	var at int64
	var f, due, subject string
	var detail, wrapped []byte
	err := row.Scan(&e.ID, &e.Request, &at, &e.Actor.Role, &e.Actor.ID, &e.Kind, &f, &detail, &e.Private,
		&e.Left.Version, &e.Left.State, &due, &e.Left.Owner, &e.Left.Ground, &subject, &wrapped)
	if err != nil {
		return e, err
	}
	e.At = moment(at)
	if err := e.Left.Due.UnmarshalText([]byte(due)); err != nil {
		return e, fmt.Errorf("read event: %w", err)
	}
	if e.Facts, err = readFacts(f); err != nil || detail == nil {
		return e, err
	}
	box, err := r.box(subject, wrapped)
	if errors.Is(err, rights.ErrGone) {
		return e, nil
	}
	if err != nil {
		return e, err
	}
	e.Detail, err = open(box, detail, "events", "detail", e.ID)
	return e, err
}

// InsertMessage adds a letter to the conversation of a request.
func (tx *Tx) InsertMessage(m rights.Message, why rights.Entry) error {
	box, err := tx.requestBox(m.Request)
	if err != nil {
		return fmt.Errorf("insert message: %w", err)
	}
	body, err := box.Seal([]byte(m.Body), "messages", "body", m.ID)
	if err != nil {
		return err
	}
	if _, err := tx.exec("INSERT INTO messages (id, request_id, at, actor_role, actor_id, body) VALUES ($1, $2, $3, $4, $5, $6)",
		m.ID, m.Request, millis(m.At), string(m.Actor.Role), m.Actor.ID, body); err != nil {
		return fmt.Errorf("insert message: %w", err)
	}
	return tx.Append(why)
}

// Messages returns the conversation of a request, oldest first.
func (r reads) Messages(ctx context.Context, requestID string) ([]rights.Message, error) {
	rows, err := r.from.query(ctx, `SELECT m.id, m.request_id, m.at, m.actor_role, m.actor_id, m.body, s.id, `+dataKey+`
		FROM messages m JOIN requests r ON r.id = m.request_id JOIN subjects s ON s.id = r.subject_id
		WHERE m.request_id = $1 ORDER BY m.at, m.seq`, requestID)
	return all(rows, err, func(row scanner) (m rights.Message, err error) {
		var at int64
		var subject string
		var body, wrapped []byte
		if err := row.Scan(&m.ID, &m.Request, &at, &m.Actor.Role, &m.Actor.ID, &body, &subject, &wrapped); err != nil {
			return m, err
		}
		m.At = moment(at)
		box, err := r.box(subject, wrapped)
		if err != nil {
			return m, err
		}
		m.Body, err = open(box, body, "messages", "body", m.ID)
		return m, err
	})
}
