package store

import (
	"context"
	"fmt"
	"time"

	"habeas/rights"
)

// Review is a self-check as it was signed.
type Review struct {
	ID       string
	SignedAt time.Time
	Staff    string // staff ID of who signed
	SHA256   string // of Record
	Record   []byte // JSON
}

const reviewColumns = "id, signed_at, staff_id, sha256, record"

// Review returns one review.
func (r reads) Review(ctx context.Context, id string) (Review, error) {
	return one(r.from.row(ctx, "SELECT "+reviewColumns+" FROM reviews WHERE id = $1", id), r.scanReview)
}

// Reviews returns the newest reviews, newest first.
func (r reads) Reviews(ctx context.Context, limit int) ([]Review, error) {
	rows, err := r.from.query(ctx, "SELECT "+reviewColumns+" FROM reviews ORDER BY signed_at DESC, id DESC"+limited(limit))
	return all(rows, err, r.scanReview)
}

func (r reads) scanReview(row scanner) (Review, error) {
	var v Review
	var sealed []byte
	var at int64
	if err := row.Scan(&v.ID, &at, &v.Staff, &v.SHA256, &sealed); err != nil {
		return v, err
	}
	v.SignedAt = moment(at)
	record, err := open(r.keys.Portal, sealed, "reviews", "record", v.ID)
	v.Record = []byte(record)
	return v, err
}

// InsertReview keeps a signed review. The database refuses to change or delete it.
func (tx *Tx) InsertReview(v Review, why rights.Entry) error {
	sealed, err := tx.keys.Portal.Seal(v.Record, "reviews", "record", v.ID)
	if err != nil {
		return fmt.Errorf("insert review: %w", err)
	}
	if _, err := tx.exec("INSERT INTO reviews (id, signed_at, staff_id, sha256, record) VALUES ($1, $2, $3, $4, $5)",
		v.ID, millis(v.SignedAt), v.Staff, v.SHA256, sealed); err != nil {
		return fmt.Errorf("insert review: %w", err)
	}
	return tx.Append(why)
}

// Contact is when a source was last asked whether it is there, and when it last answered.
type Contact struct {
	Source    string
	AskedAt   time.Time
	ReachedAt time.Time // zero for never
	Trouble   string    // of the last time; "" where it answered
}

// Contacts returns the contact with every source that was ever asked.
func (r reads) Contacts(ctx context.Context) ([]Contact, error) {
	rows, err := r.from.query(ctx, "SELECT source, asked_at, reached_at, trouble FROM source_contacts ORDER BY source")
	return all(rows, err, func(row scanner) (Contact, error) {
		var c Contact
		var asked, reached int64
		err := row.Scan(&c.Source, &asked, &reached, &c.Trouble)
		c.AskedAt, c.ReachedAt = moment(asked), moment(reached)
		return c, err
	})
}

// SetContact writes down that a source was asked, and whether it answered. It says nothing of anybody and is in no audit log.
func (tx *Tx) SetContact(source string, at time.Time, trouble string) error {
	reached := millis(at)
	if trouble != "" {
		reached = 0
	}
	_, err := tx.exec(`INSERT INTO source_contacts (source, asked_at, reached_at, trouble) VALUES ($1, $2, $3, $4)
		ON CONFLICT (source) DO UPDATE SET asked_at = excluded.asked_at, trouble = excluded.trouble,
		reached_at = MAX(source_contacts.reached_at, excluded.reached_at)`, source, millis(at), reached, trouble)
	if err != nil {
		return fmt.Errorf("set contact: %w", err)
	}
	return nil
}

// SignIns returns when each member of staff last came in with both factors, by staff ID; nobody who never did.
func (r reads) SignIns(ctx context.Context) (map[string]time.Time, error) {
	type signIn struct {
		staff string
		at    int64
	}
	rows, err := r.from.query(ctx, "SELECT staff_id, at FROM staff_sign_ins")
	list, err := all(rows, err, func(row scanner) (s signIn, err error) {
		return s, row.Scan(&s.staff, &s.at)
	})
	out := make(map[string]time.Time, len(list))
	for _, s := range list {
		out[s.staff] = moment(s.at)
	}
	return out, err
}

// OpenOfRight counts the open requests of a right.
type OpenOfRight struct {
	Right   rights.Right
	Open    int
	Unowned int
	Stale   int // unowned, and received before a moment
}

// OpenByRight counts open requests by right, and those that nobody has taken since before a moment.
func (r reads) OpenByRight(ctx context.Context, before time.Time) ([]OpenOfRight, error) {
	rows, err := r.from.query(ctx, `SELECT "right", COUNT(*), COUNT(CASE WHEN owner_id = '' THEN 1 END),
		COUNT(CASE WHEN owner_id = '' AND received_at < $1 THEN 1 END)
		FROM requests WHERE is_open = 1 AND routine = 0 GROUP BY "right" ORDER BY "right"`, millis(before))
	return all(rows, err, func(row scanner) (o OpenOfRight, err error) {
		return o, row.Scan(&o.Right, &o.Open, &o.Unowned, &o.Stale)
	})
}

// ConsentsGivenIn counts the people whose last word on a purpose is a consent given in [from, to).
func (r reads) ConsentsGivenIn(ctx context.Context, purpose string, from, to time.Time) (n int, err error) {
	err = r.from.row(ctx, `SELECT COUNT(*) FROM consent_events e WHERE e.purpose = $1 AND e.choice = 'granted' AND e.at >= $2 AND e.at < $3
		AND NOT EXISTS (SELECT 1 FROM consent_events l WHERE l.subject_id = e.subject_id AND l.purpose = e.purpose
			AND (l.at > e.at OR l.at = e.at AND l.seq > e.seq))`, purpose, millis(from), millis(to)).Scan(&n)
	return n, translate(err)
}
