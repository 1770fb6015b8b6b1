package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"habeas/rights"
)

// InsertFlagEvent adds a line to the ledger of flags. The database refuses to change or delete it.
func (tx *Tx) InsertFlagEvent(e rights.FlagEvent, why rights.Entry) error {
	if _, err := tx.exec(`INSERT INTO flag_events (id, subject_id, request_id, kind, purpose, raised, at, actor_role, actor_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		e.ID, e.Subject, e.Request, string(e.Kind), e.Purpose, flag(e.Raised), millis(e.At), string(e.By.Role), e.By.ID); err != nil {
		return fmt.Errorf("insert flag event: %w", err)
	}
	return tx.Append(why)
}

// FlagEvents returns the ledger of flags of a subject and of whoever is shown with it, oldest first.
func (r reads) FlagEvents(ctx context.Context, subjectID string) ([]rights.FlagEvent, error) {
	rows, err := r.from.query(ctx, `SELECT id, subject_id, request_id, kind, purpose, raised, at, actor_role, actor_id
		FROM flag_events WHERE `+kinOf+" ORDER BY at, seq", subjectID)
	return all(rows, err, func(row scanner) (e rights.FlagEvent, err error) {
		var at int64
		err = row.Scan(&e.ID, &e.Subject, &e.Request, &e.Kind, &e.Purpose, &e.Raised, &at, &e.By.Role, &e.By.ID)
		e.At = moment(at)
		return e, err
	})
}

// Restricted reports whether a person's data may only be kept (GDPR Art. 18(2)): nothing but the person makes it change or go.
func (r reads) Restricted(ctx context.Context, subjectID string) (bool, error) {
	events, err := r.FlagEvents(ctx, subjectID)
	if err != nil {
		return false, err
	}
	_, stands := rights.FlagsOf(events).Of(rights.Restricted, "")
	return stands, nil
}

// FlagWrite is one source that is to note what stands of one kind of flag of a person.
type FlagWrite struct {
	Subject   string
	Kind      rights.FlagKind
	Source    string
	Request   string // the last that asked for it
	State     string // "waiting", "written", "by_hand"
	Attempts  int    // that failed since the last that did not
	NextAt    time.Time
	Trouble   string // how the last one failed
	WrittenAt time.Time
	Version   int
}

const flagWriteColumns = "subject_id, kind, source, request_id, state, attempts, next_at, trouble, written_at, version"

// QueueFlagWrites has each of the sources told, from that time on, what stands of a kind of flag of a subject.
func (tx *Tx) QueueFlagWrites(subject, request string, kind rights.FlagKind, sources []string, at time.Time) error {
	for _, source := range sources {
		if _, err := tx.exec(`INSERT INTO flag_writes (subject_id, kind, source, request_id, state, next_at) VALUES ($1, $2, $3, $4, 'waiting', $5)
			ON CONFLICT (subject_id, kind, source) DO UPDATE SET request_id = excluded.request_id, state = 'waiting', attempts = 0,
				next_at = excluded.next_at, trouble = '', version = version + 1`,
			subject, string(kind), source, request, millis(at)); err != nil {
			return fmt.Errorf("queue flag write: %w", err)
		}
	}
	return nil
}

// NextFlagWrite returns the source that is due to be told first, rights.ErrNotFound when none is.
func (r reads) NextFlagWrite(ctx context.Context, now time.Time) (FlagWrite, error) {
	return one(r.from.row(ctx, "SELECT "+flagWriteColumns+` FROM flag_writes WHERE state = 'waiting' AND next_at <= $1
		ORDER BY next_at, subject_id, kind, source LIMIT 1`, millis(now)), scanFlagWrite)
}

func scanFlagWrite(row scanner) (w FlagWrite, err error) {
	var next, written int64
	err = row.Scan(&w.Subject, &w.Kind, &w.Source, &w.Request, &w.State, &w.Attempts, &next, &w.Trouble, &written, &w.Version)
	w.NextAt, w.WrittenAt = moment(next), moment(written)
	return w, err
}

// UpdateFlagWrite changes how far the telling of a source has come, if it still is of the version that w was read with. Otherwise
// it is rights.ErrConflict: something else stands by now.
func (tx *Tx) UpdateFlagWrite(w FlagWrite, why ...rights.Entry) error {
	n, err := tx.exec(`UPDATE flag_writes SET state = $5, attempts = $6, next_at = $7, trouble = $8, written_at = $9, version = version + 1
		WHERE subject_id = $1 AND kind = $2 AND source = $3 AND version = $4`,
		w.Subject, string(w.Kind), w.Source, w.Version, w.State, w.Attempts, millis(w.NextAt), w.Trouble, millis(w.WrittenAt))
	if err == nil && n == 0 {
		err = rights.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("update flag write: %w", err)
	}
	for _, entry := range why {
		if err := tx.Append(entry); err != nil {
			return err
		}
	}
	return nil
}

// FlagLift is a flag that will be lowered at a time that the person was told.
type FlagLift struct {
	ID      string
	Subject string
	Request string
	Kind    rights.FlagKind
	By      string // staff ID
	FallsAt time.Time
}

const flagLiftColumns = "id, subject_id, request_id, kind, lifted_by, falls_at"

// InsertFlagLift notes that a flag will be lowered. One that already will be is rights.ErrConflict.
func (tx *Tx) InsertFlagLift(l FlagLift, why rights.Entry) error {
	waiting, err := tx.FlagLifts(context.Background(), l.Subject)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(waiting, func(w FlagLift) bool { return w.Kind == l.Kind }) {
		return fmt.Errorf("insert flag lift: %w", rights.ErrConflict)
	}
	if _, err := tx.exec("INSERT INTO flag_lifts ("+flagLiftColumns+", state) VALUES ($1, $2, $3, $4, $5, $6, 'waiting')",
		l.ID, l.Subject, l.Request, string(l.Kind), l.By, millis(l.FallsAt)); err != nil {
		return fmt.Errorf("insert flag lift: %w", err)
	}
	return tx.Append(why)
}

// FlagLifts lists the flags of a person that will be lowered.
func (r reads) FlagLifts(ctx context.Context, subjectID string) ([]FlagLift, error) {
	where, args, err := r.ofPerson(ctx, "subject_id", subjectID)
	if err != nil {
		return nil, err
	}
	rows, err := r.from.query(ctx, "SELECT "+flagLiftColumns+" FROM flag_lifts WHERE "+where+" AND state = 'waiting' ORDER BY falls_at, id", args...)
	return all(rows, err, scanFlagLift)
}

// NextFlagLift returns the flag that is due to be lowered first, rights.ErrNotFound when none is.
func (r reads) NextFlagLift(ctx context.Context, now time.Time) (FlagLift, error) {
	return one(r.from.row(ctx, "SELECT "+flagLiftColumns+` FROM flag_lifts WHERE state = 'waiting' AND falls_at <= $1
		ORDER BY falls_at, id LIMIT 1`, millis(now)), scanFlagLift)
}

func scanFlagLift(row scanner) (l FlagLift, err error) {
	var at int64
	err = row.Scan(&l.ID, &l.Subject, &l.Request, &l.Kind, &l.By, &at)
	l.FallsAt = moment(at)
	return l, err
}

// EndFlagLift ends the waiting of a lift: it was carried out, or overtaken by a flag that was raised anew.
func (tx *Tx) EndFlagLift(id string) error {
	if err := tx.change(rights.ErrConflict, "UPDATE flag_lifts SET state = 'done' WHERE id = $1 AND state = 'waiting'", id); err != nil {
		return fmt.Errorf("end flag lift: %w", err)
	}
	return nil
}
