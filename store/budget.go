package store

import (
	"context"
	"fmt"

	"habeas/rights"
)

// Budget is how many different people a member of staff has looked at on a day, and how many they may where a colleague has
// raised that for the day.
type Budget struct {
	Staff    string // staff ID
	Seen     int
	Raised   int // 0 where nobody has
	RaisedBy string
	Reason   string
}

// SeePerson counts a person as looked at by a member of staff on a day of the house, and reports whether that was the first
// time that day. What earlier days hold of the member is forgotten on the way: the audit log remembers.
func (tx *Tx) SeePerson(staffID string, day rights.Date, subjectID string) (first bool, err error) {
	n, err := tx.exec("INSERT INTO people_seen (staff_id, day, subject_id) VALUES ($1, $2, $3) ON CONFLICT (staff_id, day, subject_id) DO NOTHING",
		staffID, day.String(), subjectID)
	if err == nil && n == 1 {
		_, err = tx.exec("DELETE FROM people_seen WHERE staff_id = $1 AND day < $2", staffID, day.String())
	}
	if err != nil {
		return false, fmt.Errorf("count a person: %w", err)
	}
	return n == 1, nil
}

// RaiseBudget lets a member of staff look at so many people on a day, in place of what the house allows everybody.
func (tx *Tx) RaiseBudget(staffID string, day rights.Date, people int, reason string, why rights.Entry) error {
	sealed, err := tx.keys.Portal.Seal([]byte(reason), "people_budgets", "reason", staffID+" "+day.String())
	if err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO people_budgets (staff_id, day, people, reason, raised_by, raised_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (staff_id, day) DO UPDATE SET people = excluded.people, reason = excluded.reason, raised_by = excluded.raised_by, raised_at = excluded.raised_at`,
		staffID, day.String(), people, sealed, why.Actor.ID, millis(why.At)); err != nil {
		return fmt.Errorf("raise a budget: %w", err)
	}
	return tx.Append(why)
}

// Budgets returns where each member of staff stands on a day who has looked at somebody or whose budget was raised.
func (r reads) Budgets(ctx context.Context, day rights.Date) ([]Budget, error) {
	return r.budgets(ctx, "1 = 1", day)
}

// BudgetOf returns where a member of staff stands on a day.
func (r reads) BudgetOf(ctx context.Context, staffID string, day rights.Date) (Budget, error) {
	found, err := r.budgets(ctx, "s.id = $2", day, staffID)
	if err != nil || len(found) == 0 {
		return Budget{Staff: staffID}, err
	}
	return found[0], nil
}

func (r reads) budgets(ctx context.Context, where string, day rights.Date, args ...any) ([]Budget, error) {
	rows, err := r.from.query(ctx, `SELECT s.id, (SELECT COUNT(*) FROM people_seen p WHERE p.staff_id = s.id AND p.day = $1) AS seen,
			COALESCE(b.people, 0), COALESCE(b.raised_by, ''), b.reason
		FROM staff s LEFT JOIN people_budgets b ON b.staff_id = s.id AND b.day = $1
		WHERE `+where+" ORDER BY s.made_at, s.id", append([]any{day.String()}, args...)...)
	return all(rows, err, func(row scanner) (b Budget, err error) {
		var reason []byte
		if err := row.Scan(&b.Staff, &b.Seen, &b.Raised, &b.RaisedBy, &reason); err != nil || reason == nil {
			return b, err
		}
		b.Reason, err = open(r.keys.Portal, reason, "people_budgets", "reason", b.Staff+" "+day.String())
		return b, err
	})
}
