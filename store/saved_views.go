package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"habeas/rights"
)

// SavedView is a query of the queue that somebody keeps under a name: their own, or everybody's.
type SavedView struct {
	ID     string
	Staff  string // whose it is; "" for everybody's
	Name   string
	Query  QueueQuery // without people, marks and limits
	Count  int        // how many requests it holds today
	MadeAt time.Time
	MadeBy string
}

// InsertSavedView keeps a view and counts, this once, what it holds: from then on the count is kept.
func (tx *Tx) InsertSavedView(v SavedView, why rights.Entry) error {
	s, err := v.Query.search()
	if err != nil {
		return err
	}
	name, err := tx.keys.Portal.Seal([]byte(v.Name), "saved_views", "name", v.ID)
	if err != nil {
		return err
	}
	owner := s.values[ownerFacet]
	if s.nothing { // then by a filter that contradicts the view: it comes back as it was
		owner = s.Owner
	}
	if _, err := tx.exec(`INSERT INTO saved_views (id, staff_id, name, view, "right", regime, channel, language, state, owner_id, due, sort, lot,
			by_day, made_at, made_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		v.ID, v.Staff, name, s.View, s.values[0], s.values[1], s.values[2], s.values[3], s.values[4], owner, s.Due, v.Query.Sort,
		s.lotName(), flag(s.days != anyDay), millis(v.MadeAt), v.MadeBy); err != nil {
		return fmt.Errorf("save view: %w", err)
	}
	if err := tx.countView(v.ID, s); err != nil {
		return fmt.Errorf("count view: %w", err)
	}
	return tx.Append(why)
}

// countView counts what a new view holds, by day where it goes by days.
func (tx *Tx) countView(id string, s search) error {
	if s.nothing {
		return nil
	}
	day := "''"
	if s.days != anyDay {
		day = "r.due"
	}
	for _, l := range s.lots {
		st := s.begin()
		where := strings.Join(s.narrowed(part{where: []string{l.where}, owner: s.values[ownerFacet] != ""}, &st), " AND ")
		if _, err := tx.exec("INSERT INTO view_tallies (view_id, due, n) SELECT "+st.arg(id)+", "+day+", COUNT(*) FROM requests r WHERE "+where+
			" GROUP BY 1, 2 ON CONFLICT (view_id, due) DO UPDATE SET n = view_tallies.n + excluded.n", st.args...); err != nil {
			return err
		}
	}
	return nil
}

// lotName is how a saved view says which requests it can hold.
func (s search) lotName() string {
	switch {
	case s.nothing:
		return "none"
	case len(s.lots) > 1:
		return "all"
	}
	return s.lots[0].name
}

// DeleteSavedView forgets a view, its owner's or, with "", everybody's. One that is not there is rights.ErrNotFound.
func (tx *Tx) DeleteSavedView(id, staff string, why rights.Entry) error {
	if err := tx.change(rights.ErrNotFound, "DELETE FROM saved_views WHERE id = $1 AND staff_id = $2", id, staff); err != nil {
		return fmt.Errorf("delete view: %w", err)
	}
	if _, err := tx.exec("DELETE FROM view_tallies WHERE view_id = $1", id); err != nil {
		return fmt.Errorf("delete view: %w", err)
	}
	return tx.Append(why)
}

// SavedViews returns the views of a member of staff, then everybody's, each in the order they were made, with how many
// requests they hold today. It reads the tallies: a row a view, or a row a day for those that go by days.
func (r reads) SavedViews(ctx context.Context, staff string, today rights.Date) ([]SavedView, error) {
	args := []any{staff}
	var days []string
	for _, due := range dueFilters {
		d, _ := stretchOf(due, today)
		args = append(args, due, d.from, d.to)
		days = append(days, fmt.Sprintf("($%d, $%d, $%d)", len(args)-2, len(args)-1, len(args)))
	}
	// A view of its own days, and a filter by days: what both leave.
	rows, err := r.from.query(ctx, "WITH days (name, low, high) AS (VALUES "+strings.Join(days, ", ")+`)
		SELECT v.id, v.staff_id, v.name, v.view, v."right", v.state, v.regime, v.owner_id, v.due, v.channel, v.language, v.sort, v.made_at, v.made_by,
			(SELECT COALESCE(SUM(t.n), 0) FROM view_tallies t
			WHERE t.view_id = v.id AND t.due BETWEEN own.low AND own.high AND t.due BETWEEN asked.low AND asked.high)
		FROM saved_views v JOIN days asked ON asked.name = v.due
			JOIN days own ON own.name = CASE WHEN v.view IN ('overdue', 'week') THEN v.view ELSE '' END
		WHERE v.staff_id IN ($1, '') ORDER BY v.staff_id DESC, v.made_at, v.id`, args...)
	views, err := all(rows, err, r.scanSavedView)
	if err != nil {
		return nil, fmt.Errorf("read the saved views: %w", err)
	}
	return views, nil
}

func (r reads) scanSavedView(row scanner) (v SavedView, err error) {
	var name []byte
	var made int64
	if err := row.Scan(&v.ID, &v.Staff, &name, &v.Query.View, &v.Query.Right, &v.Query.State, &v.Query.Regime, &v.Query.Owner, &v.Query.Due,
		&v.Query.Channel, &v.Query.Language, &v.Query.Sort, &made, &v.MadeBy, &v.Count); err != nil {
		return v, err
	}
	v.MadeAt = moment(made)
	if v.Query.Owner == map[string]string{"me": v.Staff, nobody: nobody}[views[v.Query.View].owner] { // said by the view
		v.Query.Owner = ""
	}
	v.Name, err = open(r.keys.Portal, name, "saved_views", "name", v.ID)
	return v, err
}
