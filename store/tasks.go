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
		w, err := tx.sealTask(t)
		if err != nil {
			return fmt.Errorf("insert task: %w", err)
		}
		if _, err := tx.exec(`INSERT INTO tasks (id, request_id, source, kind, what, state, note, made_at, done_at, done_by, by_whom, done_on)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			t.ID, t.Request, t.Source, t.Kind, w.what, string(t.State), w.note, millis(t.MadeAt), millis(t.DoneAt), t.DoneBy, w.by, t.On.String()); err != nil {
			return fmt.Errorf("insert task: %w", err)
		}
	}
	return tx.Append(why)
}

// UpdateTask changes the state, the note and the evidence of a task, if it still is of the version that t was read with, and makes it
// the next. Otherwise it is rights.ErrConflict.
func (tx *Tx) UpdateTask(t rights.Task, why rights.Entry) error {
	w, err := tx.sealTask(t)
	if err != nil {
		return fmt.Errorf("update task: %w", err)
	}
	n, err := tx.exec(`UPDATE tasks SET state = $3, note = $4, done_at = $5, done_by = $6, by_whom = $7, done_on = $8, version = version + 1
		WHERE id = $1 AND version = $2`, t.ID, t.Version, string(t.State), w.note, millis(t.DoneAt), t.DoneBy, w.by, t.On.String())
	if err == nil && n == 0 {
		err = tx.conflict("SELECT 1 FROM tasks WHERE id = $1", t.ID)
	}
	if err != nil {
		return fmt.Errorf("update task: %w", err)
	}
	return tx.Append(why)
}

// taskWords are the words of a task as they are stored.
type taskWords struct{ what, note, by []byte }

// sealTask seals the words of a task; without any, no key is needed.
func (tx *Tx) sealTask(t rights.Task) (w taskWords, err error) {
	if t.What == "" && t.Note == "" && t.By == "" {
		return w, nil
	}
	box, err := tx.requestBox(t.Request)
	if err != nil {
		return w, err
	}
	if w.what, err = sealWords(box, t.What, "what", t.ID); err != nil {
		return w, err
	}
	if w.note, err = sealWords(box, t.Note, "note", t.ID); err != nil {
		return w, err
	}
	w.by, err = sealWords(box, t.By, "by_whom", t.ID)
	return w, err
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

const taskColumns = `t.id, t.request_id, t.source, t.kind, t.what, t.state, t.note, t.made_at, t.done_at, t.done_by, t.by_whom, t.done_on,
	t.version, s.id, ` + dataKey

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
	var subject, on string
	var w taskWords
	var wrapped []byte
	err := row.Scan(&t.ID, &t.Request, &t.Source, &t.Kind, &w.what, &t.State, &w.note, &made, &done, &t.DoneBy, &w.by, &on, &t.Version, &subject, &wrapped)
	if err != nil {
		return t, err
	}
	t.MadeAt, t.DoneAt = moment(made), moment(done)
	if on != "" {
		if t.On, err = rights.ParseDate(on); err != nil {
			return t, fmt.Errorf("read task: %w", err)
		}
	}
	if w.what == nil && w.note == nil && w.by == nil {
		return t, nil
	}
	box, err := r.box(subject, wrapped)
	if errors.Is(err, rights.ErrGone) {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	if t.What, err = openWords(box, w.what, "what", t.ID); err != nil {
		return t, err
	}
	if t.Note, err = openWords(box, w.note, "note", t.ID); err != nil {
		return t, err
	}
	t.By, err = openWords(box, w.by, "by_whom", t.ID)
	return t, err
}
