package workflow

import (
	"context"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// Line is one request in the queue: facts, and the person's mailbox masked.
type Line struct {
	rights.Request
	OwnerName string
	Mailbox   string // masked
}

// QueueQuery is what a page of the queue shows.
type QueueQuery = store.QueueQuery

// Queue returns one page of the officers' queue and the key of the next.
func (p *Portal) Queue(ctx context.Context, by rights.Actor, q QueueQuery) ([]Line, string, error) {
	if err := may(by, rights.SeeQueue); err != nil {
		return nil, "", err
	}
	if q.Mailbox != "" {
		mailbox, err := mail.Canonical(q.Mailbox)
		if err != nil {
			return nil, "", nil // no request has such an address
		}
		q.Mailbox = mailbox
		if err := p.searched(ctx, by, mailbox); err != nil {
			return nil, "", err
		}
	}
	q.Today = p.today()
	if q.View == "mine" {
		q.Owner = by.ID
	}
	rows, next, err := p.Store.Queue(ctx, q)
	if err != nil {
		return nil, "", err
	}
	lines := make([]Line, len(rows))
	for i, row := range rows {
		lines[i] = Line{Request: row.Request, OwnerName: row.OwnerName, Mailbox: rights.Mask("email", row.Mailbox)}
	}
	return lines, next, nil
}

// searched counts and writes down that somebody was looked up: whether there is a request is personal data too, and a
// member of staff who tries address after address is stopped. The people found see it among who looked at their data.
func (p *Portal) searched(ctx context.Context, by rights.Actor, mailbox string) error {
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := takePlace(tx, "search "+by.ID, searchesADay, p.Now()); err != nil {
			return err
		}
		found, err := tx.SubjectsByMailbox(ctx, mailbox)
		if err != nil {
			return err
		}
		for _, s := range found {
			if err := tx.Append(p.entry(by, "queue.searched", s.ID, "", nil)); err != nil {
				return err
			}
		}
		if len(found) > 0 {
			return nil
		}
		return tx.Append(p.entry(by, "queue.searched", "", "", nil))
	})
}

// QueueCounts returns how many requests each saved view holds.
func (p *Portal) QueueCounts(ctx context.Context, by rights.Actor) (map[string]int, error) {
	if err := may(by, rights.SeeQueue); err != nil {
		return nil, err
	}
	return p.Store.QueueCounts(ctx, by.ID, p.today())
}
