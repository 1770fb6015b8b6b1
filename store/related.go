package store

import (
	"context"

	"habeas/rights"
)

// relatedLimit is how many requests of a person are shown with one of them.
const relatedLimit = 20

// Related returns the last requests that belong with one: of the same person, of whoever is shown with them, what it is
// about and what is about it. Viewings and changes of consent, which nobody answers, are left out. It is one query.
func (r reads) Related(ctx context.Context, to rights.Request) ([]rights.Request, error) {
	subject := to.Subject
	if !to.PseudonymisedAt.IsZero() { // whose it was is not known any more, and all such share one subject
		subject = ""
	}
	rows, err := r.from.query(ctx, relatedQuery, subject, to.ID, to.Parent)
	return all(rows, err, scanRequest)
}

// relatedQuery takes the subject, the request, and what it is about.
var relatedQuery = `WITH
	head AS (SELECT CASE merged_into WHEN '' THEN id ELSE merged_into END AS id FROM subjects WHERE id = $1),
	kin AS (SELECT id FROM head UNION SELECT s.id FROM head h JOIN subjects s ON s.merged_into = h.id AND s.merged_into > ''),
	near AS (
		SELECT q.id FROM kin k JOIN requests q ON q.subject_id = k.id
			WHERE q.routine = 0 AND q."right" <> 'consent' AND q.pseudonymised_at = 0
		UNION SELECT id FROM requests WHERE parent_id = $2 AND parent_id > ''
		UNION SELECT $3)
	SELECT ` + requestColumns + ` FROM near n JOIN requests r ON r.id = n.id
	WHERE r.id <> $2 ORDER BY r.received_at DESC, r.id DESC` + limited(relatedLimit)
