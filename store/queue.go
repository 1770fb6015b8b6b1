package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"habeas/rights"
)

// QueueQuery asks for a page of the officers' queue: a view, narrowed by whatever is not zero.
type QueueQuery struct {
	View     string // "open" ("" too), "mine", "unassigned", "overdue", "week", "closed", "routine", "all"
	Right    rights.Right
	State    rights.State
	Regime   string
	Owner    string // a staff ID, or "nobody"
	Due      string // "overdue", "today", "week", "none": of what is open, for nothing else is still owed
	Channel  rights.Channel
	Language string
	Ref      string
	Subjects []string    // only requests of these people
	Searched bool        // Subjects counts although it is empty: nothing is found
	Sort     string      // one of QueueSorts, "" for the view's own
	Me       string      // whose "mine" is
	Today    rights.Date // what is overdue, and what is due this week
	After    string      // the mark that the page before returned
	Limit    int         // 0 for 50
}

// QueueRow is a request as the queue shows it. The mailbox is whole: who shows it masks it. It is "" where the person has
// none, and once their key is destroyed.
type QueueRow struct {
	rights.Request
	OwnerName string
	Mailbox   string
	Erased    bool // the key is destroyed
}

// nobody is the owner of requests that are nobody's.
const nobody = "nobody"

// lot is one of three that every request is in exactly one of. Each has indexes of its own.
type lot struct{ name, where string }

var (
	openLot    = lot{"open", "r.is_open = 1 AND r.routine = 0"}
	closedLot  = lot{"closed", "r.is_open = 0 AND r.routine = 0"}
	routineLot = lot{"routine", "r.routine = 1"}
)

// view is a way to look at the queue: lots, what it narrows them by, and the orders it has, its own first.
type view struct {
	lots       []lot
	owner, due string
	sorts      []string
}

var (
	owed     = []string{"due", "-due", "received", "-received"}
	answered = []string{"-closed", "closed", "received", "-received"}
	filed    = []string{"-received", "received"}
)

var views = map[string]view{
	"open":       {lots: []lot{openLot}, sorts: owed},
	"mine":       {lots: []lot{openLot}, owner: "me", sorts: owed},
	"unassigned": {lots: []lot{openLot}, owner: nobody, sorts: owed},
	"overdue":    {lots: []lot{openLot}, due: "overdue", sorts: owed},
	"week":       {lots: []lot{openLot}, due: "week", sorts: owed},
	"closed":     {lots: []lot{closedLot}, sorts: answered},
	"routine":    {lots: []lot{routineLot}, sorts: filed},
	"all":        {lots: []lot{openLot, closedLot, routineLot}, sorts: filed},
}

// QueueSorts lists the orders that a view has, its own first: "due", "received" and "closed", newest or latest first with a
// "-". None for a view that is not known.
func QueueSorts(name string) []string {
	if name == "" {
		name = "open"
	}
	return views[name].sorts
}

// order is a column with its direction. Every order ends in the id, so that pages neither repeat nor miss a request whose
// sort value others share.
type order struct {
	column     string
	descending bool
	numeric    bool
	mark       func(rights.Request) string
}

var orders = map[string]order{
	"due":       byDue(false),
	"-due":      byDue(true),
	"received":  byTime("r.received_at", false, func(r rights.Request) int64 { return millis(r.ReceivedAt) }),
	"-received": byTime("r.received_at", true, func(r rights.Request) int64 { return millis(r.ReceivedAt) }),
	"closed":    byTime("r.closed_at", false, func(r rights.Request) int64 { return millis(r.ClosedAt) }),
	"-closed":   byTime("r.closed_at", true, func(r rights.Request) int64 { return millis(r.ClosedAt) }),
}

// byDay is the column that only what is open is ordered by.
const byDay = "r.due"

func byDue(descending bool) order {
	return order{column: byDay, descending: descending, mark: func(r rights.Request) string { return r.Due.String() }}
}

func byTime(column string, descending bool, at func(rights.Request) int64) order {
	mark := func(r rights.Request) string { return strconv.FormatInt(at(r), 10) }
	return order{column: column, descending: descending, numeric: true, mark: mark}
}

// compare is how what follows in the order compares with what went before.
func (o order) compare() string {
	if o.descending {
		return "<"
	}
	return ">"
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

// facets are the columns that a queue is narrowed by: those of a kind, then the owner.
var facets = [ownerFacet + 1]string{`r."right"`, "r.regime", "r.channel", "r.language", "r.state", "r.owner_id"}

// ownerFacet is the place of the owner among facets.
const ownerFacet = 5

// anyDay is the stretch of due days that leaves nobody out, and undated the one of what has no day.
var (
	anyDay  = stretch{"", "~"}
	undated = stretch{"", ""}
)

// stretch is due days from the one to the other, both included, as they are stored.
type stretch struct{ from, to string }

func (s stretch) and(o stretch) stretch { return stretch{max(s.from, o.from), min(s.to, o.to)} }

// dueFilters are the filters by due day.
var dueFilters = []string{"", "overdue", "today", "week", "none"}

// stretchOf returns the due days that a filter means on a day.
func stretchOf(due string, today rights.Date) (stretch, bool) {
	switch due {
	case "":
		return anyDay, true
	case "overdue":
		return stretch{"0", today.AddDays(-1).String()}, true
	case "today":
		return stretch{today.String(), today.String()}, true
	case "week":
		return stretch{today.String(), today.AddDays(7).String()}, true
	case "none":
		return undated, true
	}
	return stretch{}, false
}

// search is a query whose view has become the filters it stands for.
type search struct {
	QueueQuery
	lots    []lot
	values  [ownerFacet + 1]string // by facet; "" for any
	days    stretch
	order   order
	mark    any // the sort value that the page before ended with, nil for the first page
	id      string
	nothing bool // contradicts itself
}

// search reads a query. What no page offers is rights.ErrNotFound.
func (q QueueQuery) search() (search, error) {
	if q.View == "" {
		q.View = "open"
	}
	v, known := views[q.View]
	if known && q.Sort == "" {
		q.Sort = v.sorts[0]
	}
	days, dated := stretchOf(q.Due, q.Today)
	if !known || !dated || !slices.Contains(v.sorts, q.Sort) {
		return search{}, fmt.Errorf("queue view %q, due %q, sort %q: %w", q.View, q.Due, q.Sort, rights.ErrNotFound)
	}
	own, _ := stretchOf(v.due, q.Today)
	s := search{QueueQuery: q, lots: v.lots, days: days.and(own), order: orders[q.Sort]}
	if q.Due != "" { // only what is open is still owed
		s.lots = slices.DeleteFunc(slices.Clone(v.lots), func(l lot) bool { return l != openLot })
	}
	owner := v.owner
	if owner == "me" {
		owner = q.Me
	}
	s.nothing = s.days.from > s.days.to || len(s.lots) == 0 || v.owner != "" && q.Owner != "" && q.Owner != owner ||
		v.owner == "me" && q.Me == "" || q.Searched && len(q.Subjects) == 0
	if owner == "" {
		owner = q.Owner
	}
	s.values = [ownerFacet + 1]string{string(q.Right), q.Regime, string(q.Channel), q.Language, string(q.State), owner}
	s.Limit = sized(q.Limit)
	if q.After == "" {
		return s, nil
	}
	var err error
	s.mark, s.id, err = s.order.readMark(q.After)
	return s, err
}

// legs are the searches that make up s, one after the other. To have no date is not to be due before every date: where
// the earliest day comes first, what has none comes last.
func (s search) legs() []search {
	if s.order.column != byDay || s.order.descending || s.days != anyDay {
		return []search{s}
	}
	dated, rest := s, s
	dated.days, rest.days = stretch{"0", anyDay.to}, undated
	if s.mark == "" {
		return []search{rest}
	}
	rest.mark = nil
	return []search{dated, rest}
}

// Queue returns a page of the queue and the mark of the next page, "" after the last.
func (r reads) Queue(ctx context.Context, q QueueQuery) ([]QueueRow, string, error) {
	s, err := q.search()
	if err != nil || s.nothing {
		return nil, "", err
	}
	var found []QueueRow
	for _, leg := range s.legs() {
		more, err := r.leg(ctx, leg)
		if err != nil {
			return nil, "", fmt.Errorf("read the queue: %w", err)
		}
		if found = append(found, more...); len(found) > s.Limit {
			break
		}
	}
	found, next := page(found, s.Limit, func(last QueueRow) string { return cursor(s.order.mark(last.Request), last.ID) })
	return found, next, nil
}

func (r reads) leg(ctx context.Context, s search) ([]QueueRow, error) {
	parts, err := r.parts(ctx, s)
	if err != nil {
		return nil, err
	}
	st, some := s.statement(parts)
	if !some {
		return nil, nil
	}
	rows, err := r.from.query(ctx, st.text, st.args...)
	return all(rows, err, r.scanQueue)
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
		q.Erased = true
		return q, nil
	}
	if err != nil {
		return q, err
	}
	q.Mailbox, err = open(box, mailbox, "subjects", "mailbox", q.Subject)
	return q, err
}

// QueueCounts returns how many requests each view holds. It reads the tallies: a row a day, and a row a day of whoever asks
// and of nobody, however many requests there are.
func (r reads) QueueCounts(ctx context.Context, owner string, today rights.Date) (map[string]int, error) {
	week, _ := stretchOf("week", today)
	rows, err := r.from.query(ctx, `
		SELECT 'open', SUM(n) FROM view_tallies WHERE view_id = 'open'
		UNION ALL SELECT 'overdue', SUM(n) FROM view_tallies WHERE view_id = 'open' AND due > '' AND due < $2
		UNION ALL SELECT 'week', SUM(n) FROM view_tallies WHERE view_id = 'open' AND due >= $2 AND due <= $3
		UNION ALL SELECT 'mine', SUM(n) FROM request_tallies WHERE is_open = 1 AND routine = 0 AND owner_id = $1
		UNION ALL SELECT 'unassigned', SUM(n) FROM request_tallies WHERE is_open = 1 AND routine = 0 AND owner_id = ''
		UNION ALL SELECT 'closed', SUM(n) FROM request_tallies WHERE is_open = 0 AND routine = 0
		UNION ALL SELECT 'routine', SUM(n) FROM request_tallies WHERE is_open IN (0, 1) AND routine = 1`,
		owner, week.from, week.to)
	counts := map[string]int{}
	_, err = all(rows, err, func(row scanner) (none struct{}, err error) {
		var view string
		var n *int
		if err = row.Scan(&view, &n); err == nil {
			counts[view] = 0
		}
		if n != nil {
			counts[view] = *n
		}
		return none, err
	})
	if err != nil {
		return nil, fmt.Errorf("count the queue: %w", err)
	}
	counts["all"] = counts["open"] + counts["closed"] + counts["routine"]
	return counts, nil
}
