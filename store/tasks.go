package store

import (
	"context"
	"errors"
	"fmt"

	"habeas/rights"
	"habeas/store/seal"
)

// InsertTasks adds what is to be done for one request. The words of tasks by hand are sealed under the subject's key.
func (tx *Tx) InsertTasks(tasks []rights.Task, why rights.Entry) error {
	for _, t := range tasks {
		what, note, err := tx.sealTask(t)
		if err != nil {
			return fmt.Errorf("insert task: %w", err)
		}
		if _, err := tx.exec(`INSERT INTO tasks (id, request_id, source, kind, what, state, note, made_at, done_at, done_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			t.ID, t.Request, t.Source, t.Kind, what, string(t.State), note, millis(t.MadeAt), millis(t.DoneAt), t.DoneBy); err != nil {
			return fmt.Errorf("insert task: %w", err)
		}
	}
	return tx.Append(why)
}

// UpdateTask changes the state and the note of a task, if it still is of the version that t was read with, and makes it
// the next. Otherwise it is rights.ErrConflict.
func (tx *Tx) UpdateTask(t rights.Task, why rights.Entry) error {
	_, note, err := tx.sealTask(t)
	if err != nil {
		return fmt.Errorf("update task: %w", err)
	}
	n, err := tx.exec(`UPDATE tasks SET state = $3, note = $4, done_at = $5, done_by = $6, version = version + 1 WHERE id = $1 AND version = $2`,
		t.ID, t.Version, string(t.State), note, millis(t.DoneAt), t.DoneBy)
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM tasks WHERE id = $1", t.ID)
	}
	if err != nil {
		return fmt.Errorf("update task: %w", err)
	}
	return tx.Append(why)
}

// sealTask seals the words of a task; without any, no key is needed.
func (tx *Tx) sealTask(t rights.Task) (what, note []byte, err error) {
	if t.What == "" && t.Note == "" {
		return nil, nil, nil
	}
	box, err := tx.requestBox(t.Request)
	if err != nil {
		return nil, nil, err
	}
	if what, err = sealWords(box, t.What, "what", t.ID); err != nil {
		return nil, nil, err
	}
	note, err = sealWords(box, t.Note, "note", t.ID)
	return what, note, err
}

func sealWords(box seal.Box, text, column, id string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	return box.Seal([]byte(text), "tasks", column, id)
}

func openWords(box seal.Box, sealed []byte, column, id string) (string, error) {
	if sealed == nil {
		return "", nil
	}
	return open(box, sealed, "tasks", column, id)
}

const taskColumns = `t.id, t.request_id, t.source, t.kind, t.what, t.state, t.note, t.made_at, t.done_at, t.done_by, t.version, s.id, ` + dataKey

const fromTasks = " FROM tasks t JOIN requests r ON r.id = t.request_id JOIN subjects s ON s.id = r.subject_id "

// Task returns a task of a request.
func (r reads) Task(ctx context.Context, requestID, id string) (rights.Task, error) {
	return one(r.from.row(ctx, "SELECT "+taskColumns+fromTasks+"WHERE t.id = $1 AND t.request_id = $2", id, requestID), r.scanTask)
}

// TasksOf returns what is to be done for a request, in the order it was added.
func (r reads) TasksOf(ctx context.Context, requestID string) ([]rights.Task, error) {
	rows, err := r.from.query(ctx, "SELECT "+taskColumns+fromTasks+"WHERE t.request_id = $1 ORDER BY t.seq", requestID)
	return all(rows, err, r.scanTask)
}

// scanTask reads a task. What was done outlives the subject's key; the words do not, and are "" then.
func (r reads) scanTask(row scanner) (rights.Task, error) {
	var t rights.Task
	var made, done int64
	var subject string
	var what, note, wrapped []byte
	err := row.Scan(&t.ID, &t.Request, &t.Source, &t.Kind, &what, &t.State, &note, &made, &done, &t.DoneBy, &t.Version, &subject, &wrapped)
	if err != nil {
		return t, err
	}
	t.MadeAt, t.DoneAt = moment(made), moment(done)
	if what == nil && note == nil {
		return t, nil
	}
	box, err := r.box(subject, wrapped)
	if errors.Is(err, rights.ErrGone) {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	if t.What, err = openWords(box, what, "what", t.ID); err != nil {
		return t, err
	}
	t.Note, err = openWords(box, note, "note", t.ID)
	return t, err
}
