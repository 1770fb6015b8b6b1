package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"habeas/rights"
	"habeas/store/seal"
)

// QueueQuery asks for a page of the officers' queue: a saved view, narrowed by whatever is not zero.
type QueueQuery struct {
	View    string // "open" ("" too), "mine", "unassigned", "overdue", "week", "routine", "closed", "all"
	Owner   string // whose "mine" is
	Right   rights.Right
	State   rights.State
	Regime  string
	Ref     string
	Mailbox string // canonical; found through its keyed hash, exactly or not at all
	Today   rights.Date
	After   string // the mark that the page before returned
	Limit   int    // 0 for 50
}

// QueueRow is a request as the queue shows it. The mailbox is whole: who shows it masks it. It is "" once the
// subject's key is destroyed.
type QueueRow struct {
	rights.Request
	OwnerName string
	Mailbox   string
}

// view is a saved view: which requests, in which order. Every order has its index and ends in the id, so that pages
// neither repeat nor miss a request whose sort value others share.
type view struct {
	where string
	order order
}

type order struct {
	column  string
	newest  bool // descending
	numeric bool
	mark    func(rights.Request) string
}

var (
	byDue    = order{column: "r.due", mark: func(r rights.Request) string { return r.Due.String() }}
	byClosed = order{column: "r.closed_at", newest: true, numeric: true,
		mark: func(r rights.Request) string { return strconv.FormatInt(millis(r.ClosedAt), 10) }}
	byReceived = order{column: "r.received_at", newest: true, numeric: true,
		mark: func(r rights.Request) string { return strconv.FormatInt(millis(r.ReceivedAt), 10) }}
)

// $1 is the owner, $2 today and $3 a week from it, in every view. A request without a due date is never overdue.
var views = map[string]view{
	"":           {"r.is_open = 1 AND r.routine = 0", byDue},
	"open":       {"r.is_open = 1 AND r.routine = 0", byDue},
	"mine":       {"r.is_open = 1 AND r.owner_id = $1", byDue},
	"unassigned": {"r.is_open = 1 AND r.owner_id = '' AND r.routine = 0", byDue},
	"overdue":    {"r.is_open = 1 AND r.routine = 0 AND r.due > '' AND r.due < $2", byDue},
	"week":       {"r.is_open = 1 AND r.routine = 0 AND r.due >= $2 AND r.due <= $3", byDue},
	"routine":    {"r.routine = 1", byReceived},
	"closed":     {"r.is_open = 0 AND r.routine = 0", byClosed},
	"all":        {"1 = 1", byReceived},
}

// Queue returns a page of the queue and the mark of the next page, "" after the last. It is one query.
func (r reads) Queue(ctx context.Context, q QueueQuery) ([]QueueRow, string, error) {
	v, ok := views[q.View]
	if !ok {
		return nil, "", fmt.Errorf("queue view %q: %w", q.View, rights.ErrNotFound)
	}
	q.Limit = sized(q.Limit)
	query, args, err := r.queueQuery(q, v)
	if err != nil {
		return nil, "", err
	}
	rows, err := r.from.query(ctx, query, args...)
	found, err := all(rows, err, r.scanQueue)
	if err != nil {
		return nil, "", fmt.Errorf("read the queue: %w", err)
	}
	found, next := page(found, q.Limit, func(last QueueRow) string { return cursor(v.order.mark(last.Request), last.ID) })
	return found, next, nil
}

func (r reads) queueQuery(q QueueQuery, v view) (string, []any, error) {
	args := []any{q.Owner, q.Today.String(), q.Today.AddDays(7).String()}
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	where := []string{v.where}
	for _, f := range []struct{ column, value string }{
		{`r."right"`, string(q.Right)}, {"r.state", string(q.State)}, {"r.regime", q.Regime}, {"r.ref", q.Ref},
	} {
		if f.value != "" {
			where = append(where, f.column+" = "+arg(f.value))
		}
	}
	if q.Mailbox != "" {
		where = append(where, "r.subject_id IN (SELECT id FROM subjects WHERE mailbox_index = "+arg(r.keys.Hash(seal.Mailboxes, q.Mailbox))+")")
	}
	compare, direction := ">", ""
	if v.order.newest {
		compare, direction = "<", " DESC"
	}
	if q.After != "" {
		sort, id, err := v.order.readMark(q.After)
		if err != nil {
			return "", nil, err
		}
		where = append(where, fmt.Sprintf("(%s, r.id) %s (%s, %s)", v.order.column, compare, arg(sort), arg(id)))
	}
	return fmt.Sprintf(`SELECT %s, %s, s.mailbox, o.name
		FROM requests r JOIN subjects s ON s.id = r.subject_id LEFT JOIN staff o ON o.id = r.owner_id
		WHERE %s ORDER BY %s%s, r.id%s`,
		requestColumns, dataKey, strings.Join(where, " AND "), v.order.column, direction, direction) + limited(q.Limit+1), args, nil
}

// readMark reads a mark that the order made.
func (o order) readMark(after string) (sort any, id string, err error) {
	if o.numeric {
		sort, id, err = readTimeCursor(after)
	} else {
		sort, id, err = readCursor(after)
	}
	return sort, id, err
}

func (r reads) scanQueue(row scanner) (QueueRow, error) {
	var q QueueRow
	var wrapped, mailbox, owner []byte
	err := scanRequestAnd(row, &q.Request, &wrapped, &mailbox, &owner)
	if err != nil {
		return q, err
	}
	if owner != nil {
		if q.OwnerName, err = open(r.keys.Portal, owner, "staff", "name", q.Owner); err != nil {
			return q, err
		}
	}
	box, err := r.box(q.Subject, wrapped)
	if errors.Is(err, rights.ErrGone) {
		return q, nil
	}
	if err != nil {
		return q, err
	}
	q.Mailbox, err = open(box, mailbox, "subjects", "mailbox", q.Subject)
	return q, err
}

// QueueCounts returns how many requests each view holds, from the tallies: a row an owner and day, however many
// requests there are.
func (r reads) QueueCounts(ctx context.Context, owner string, today rights.Date) (map[string]int, error) {
	rows, err := r.from.query(ctx, "SELECT is_open, routine, owner_id, due, n FROM request_tallies WHERE n > 0")
	type tally struct {
		open, routine bool
		owner, due    string
		n             int
	}
	tallies, err := all(rows, err, func(row scanner) (t tally, err error) {
		err = row.Scan(&t.open, &t.routine, &t.owner, &t.due, &t.n)
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("count the queue: %w", err)
	}
	now, week := today.String(), today.AddDays(7).String()
	counts := map[string]int{"open": 0, "mine": 0, "unassigned": 0, "overdue": 0, "week": 0, "routine": 0, "closed": 0, "all": 0}
	for _, t := range tallies {
		for _, in := range []struct {
			view string
			it   bool
		}{
			{"all", true},
			{"routine", t.routine},
			{"closed", !t.open && !t.routine},
			{"open", t.open && !t.routine},
			{"mine", t.open && t.owner == owner},
			{"unassigned", t.open && !t.routine && t.owner == ""},
			{"overdue", t.open && !t.routine && t.due > "" && t.due < now},
			{"week", t.open && !t.routine && t.due >= now && t.due <= week},
		} {
			if in.it {
				counts[in.view] += t.n
			}
		}
	}
	return counts, nil
}
