package workflow

import (
	"context"
	"strconv"

	"habeas/rights"
	"habeas/store"
)

// Line is one request in the queue: facts, and the person's mailbox masked.
type Line struct {
	rights.Request
	OwnerName string
	Mailbox   string // masked; "" for somebody without one
	Erased    bool   // nothing is known of the person any more
}

// QueueQuery is what a page of the queue shows.
type QueueQuery = store.QueueQuery

// QueueSorts lists the orders that a view of the queue has, its own first. None for a view that is not known.
func QueueSorts(view string) []string { return store.QueueSorts(view) }

// Queue returns one page of the officers' queue and the mark of the next. Who is meant by "mine" and what by "overdue" is
// whoever asks, and today.
func (p *Portal) Queue(ctx context.Context, by rights.Actor, q QueueQuery) ([]Line, string, error) {
	if err := may(by, rights.SeeQueue); err != nil {
		return nil, "", err
	}
	q.Me, q.Today = by.ID, p.today()
	rows, next, err := p.Store.Queue(ctx, q)
	if err != nil {
		return nil, "", err
	}
	lines := make([]Line, len(rows))
	for i, row := range rows {
		lines[i] = Line{Request: row.Request, OwnerName: row.OwnerName, Mailbox: rights.Mask("email", row.Mailbox),
			Erased: row.Erased || !row.PseudonymisedAt.IsZero()}
	}
	return lines, next, nil
}

// QueueSearch is Queue of the people whom a text finds, exactly or not at all.
func (p *Portal) QueueSearch(ctx context.Context, by rights.Actor, q QueueQuery, text string) ([]Line, string, error) {
	if err := may(by, rights.SeeQueue); err != nil {
		return nil, "", err
	}
	var err error
	if q.Subjects, err = p.findPeople(ctx, by, text); err != nil {
		return nil, "", err
	}
	q.Searched = true
	return p.Queue(ctx, by, q)
}

// QueueCounts returns how many requests each built-in view holds.
func (p *Portal) QueueCounts(ctx context.Context, by rights.Actor) (map[string]int, error) {
	if err := may(by, rights.SeeQueue); err != nil {
		return nil, err
	}
	return p.Store.QueueCounts(ctx, by.ID, p.today())
}

// A list that leaves the portal is read in pages of its own size, and ends where nobody reads on.
const (
	allPage = 500
	allRows = 100_000
)

// QueueAll hands every line that a query finds to each, 100,000 at most, and writes down what left and how much of it, also
// where it broke off.
func (p *Portal) QueueAll(ctx context.Context, by rights.Actor, q QueueQuery, each func(Line) error) error {
	n, err := p.walk(ctx, by, q, each)
	if n == 0 && err != nil {
		return err
	}
	facts := map[string]string{"rows": strconv.Itoa(n)}
	for name, value := range map[string]string{
		"view": q.View, "right": string(q.Right), "state": string(q.State), "regime": q.Regime, "owner": q.Owner, "due": q.Due,
		"channel": string(q.Channel), "language": q.Language, "sort": q.Sort,
	} {
		if value != "" {
			facts[name] = value
		}
	}
	if q.Searched || q.Ref != "" {
		facts["searched"] = "yes"
	}
	// What was read has left, whether or not whoever asked still waits for the rest.
	if logged := p.Store.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		return tx.Append(p.entry(by, "queue.exported", "", "", facts))
	}); logged != nil {
		return logged
	}
	return err
}

// walk goes through the pages of a query and says how many lines it handed over.
func (p *Portal) walk(ctx context.Context, by rights.Actor, q QueueQuery, each func(Line) error) (n int, err error) {
	for q.Limit = allPage; ; {
		lines, next, err := p.Queue(ctx, by, q)
		if err != nil {
			return n, err
		}
		for _, l := range lines {
			if n == allRows {
				return n, nil
			}
			n++
			if err := each(l); err != nil {
				return n, err
			}
		}
		if q.After = next; next == "" {
			return n, nil
		}
	}
}
