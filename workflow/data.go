package workflow

import (
	"context"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// Overview returns what each collection of each source holds about a person, and which sources could not be reached.
// The first look of a session is tracked as an access request that was answered at once.
func (p *Portal) Overview(ctx context.Context, by rights.Actor) ([]sources.CollectionState, error) {
	person, err := p.looking(ctx, by, "", "")
	if err != nil {
		return nil, err
	}
	return p.Sources.Overview(ctx, person)
}

// Records returns one page of a person's records in a collection; core values are masked until a step-up.
func (p *Portal) Records(ctx context.Context, by rights.Actor, source, collection, after string, limit int) (sources.Records, string, error) {
	person, err := p.looking(ctx, by, source, collection)
	if err != nil {
		return sources.Records{}, "", err
	}
	records, next, err := p.Sources.Page(ctx, person, source, collection, after, limit)
	if err != nil {
		return sources.Records{}, "", err
	}
	clear := p.needStepUp(ctx, by) == nil
	for _, r := range records.Rows {
		show(r, clear)
	}
	return records, next, nil
}

// show masks what a session without a fresh proof must not see: core values.
func show(r sources.Record, clear bool) {
	for i := range r.Cells {
		c := &r.Cells[i]
		if c.Field.Classification == rights.Core && !clear {
			c.Mask()
		}
	}
}

// looking is the gate before every read of personal data by the person: who they are, and the audit entry of the look.
func (p *Portal) looking(ctx context.Context, by rights.Actor, source, collection string) (sources.Person, error) {
	s, person, err := p.person(ctx, by)
	if err != nil {
		return person, err
	}
	session, err := p.Store.Session(ctx, by.Session)
	if err != nil {
		return person, err
	}
	facts := map[string]string{}
	if source != "" {
		facts["source"], facts["collection"] = source, collection
	}
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if session.Viewed == "" {
			if err := p.view(ctx, tx, by, s); err != nil {
				return err
			}
		}
		return tx.Append(p.entry(by, "data.viewed", s.ID, "", facts))
	})
	return person, err
}

// view files the access request that a session's viewing is, once.
func (p *Portal) view(ctx context.Context, tx *store.Tx, by rights.Actor, s store.Subject) error {
	session, err := tx.Session(ctx, by.Session) // again, inside: two pages at once are one viewing
	if err != nil || session.Viewed != "" {
		return err
	}
	r, err := p.newRequest(s, rights.Access, s.Language)
	if err != nil {
		return err
	}
	r.State, r.ClosedAt, r.Routine = rights.Fulfilled, r.ReceivedAt, true
	if err := p.file(tx, by, r, map[string]string{"how": "viewed"}); err != nil {
		return err
	}
	session.Viewed = r.ID
	return tx.UpdateSession(session)
}

// Look is one line of "who looked at my data".
type Look struct {
	Seq int64
	rights.Entry
}

// looks are the acts in which somebody or something read a person's data.
var looks = []string{"data.viewed", "package.built", "package.downloaded", "request.read", "value.revealed", "correction.read"}

// Activity returns who looked at a person's data, newest first, in pages: before is the last Seq of the page above, 0
// for the first.
func (p *Portal) Activity(ctx context.Context, by rights.Actor, before int64, limit int) ([]Look, error) {
	s, err := p.subject(ctx, by)
	if err != nil {
		return nil, err
	}
	rows, err := p.Store.EntriesOf(ctx, s.ID, looks, before, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Look, len(rows))
	for i, r := range rows {
		out[i] = Look{Seq: r.Seq, Entry: r.Entry}
	}
	return out, nil
}
