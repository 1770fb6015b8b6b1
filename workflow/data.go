package workflow

import (
	"context"
	"errors"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// What pages show of the sources.
type (
	Record = sources.Record
	Cell   = sources.Cell
	Field  = sources.Field
	Object = sources.Object
	Meta   = sources.Meta

	Collection = sources.Collection
)

// Holding is what one collection holds about a person: in an overview the record, where there is one only; else a page
// of records.
type Holding struct {
	sources.CollectionState
	First   []sources.Record
	History []Alteration // what was changed in these
}

// Failed reports whether the source of the collection could not be read.
func (h Holding) Failed() bool { return h.State == sources.Failed }

// ByHand reports whether only a team knows what is there: its system has no connection.
func (h Holding) ByHand() bool { return h.State == sources.ByHand }

// Shared reports whether records are kept back because nothing ties them to one of the people behind the mailbox.
func (h Holding) Shared() bool { return h.Reason == sources.Shared }

// Overview returns what each collection of each source holds about a person, and which sources could not be reached.
// The first look of a session is tracked as an access request that was answered at once.
func (p *Portal) Overview(ctx context.Context, by rights.Actor) ([]Holding, error) {
	person, err := p.looking(ctx, by, "", "")
	if err != nil {
		return nil, err
	}
	states, err := p.Sources.Overview(ctx, person)
	if err != nil {
		return nil, err
	}
	clear := p.needStepUp(ctx, by) == nil
	out := make([]Holding, len(states))
	for i, st := range states {
		out[i].CollectionState = st
		if st.State != sources.OK || st.Count != 1 {
			continue
		}
		c := st.Collection
		records, _, err := p.Sources.Page(ctx, person, c.Source(), c.Name, "", 1)
		var trouble *sources.SourceError
		if errors.As(err, &trouble) { // it answered a moment ago and does not now
			out[i].State, out[i].Reason = sources.Failed, sources.Reason(trouble.Kind)
			continue
		}
		if err != nil {
			return nil, err
		}
		if out[i].History, err = p.ownHistory(ctx, by, person, c, records); err != nil {
			return nil, err
		}
		out[i].First = shown(records, clear)
	}
	return out, nil
}

// Records returns one page of a person's records in a collection and the key of the next; core values are masked until
// a step-up.
func (p *Portal) Records(ctx context.Context, by rights.Actor, source, collection, after string, limit int) (Holding, string, error) {
	c := p.Sources.Collection(source, collection)
	if c == nil {
		return Holding{}, "", rights.ErrNotFound
	}
	person, err := p.looking(ctx, by, source, collection)
	if err != nil {
		return Holding{}, "", err
	}
	h := Holding{CollectionState: sources.CollectionState{Collection: c}}
	if p.Sources.Manual(source) {
		h.State = sources.ByHand
		return h, "", nil
	}
	h.Count, err = p.Sources.Count(ctx, person, c)
	if err != nil {
		return h, "", err
	}
	records, next, err := p.Sources.Page(ctx, person, source, collection, after, limit)
	if err != nil {
		return h, next, err
	}
	h.History, err = p.ownHistory(ctx, by, person, c, records)
	h.First = shown(records, p.needStepUp(ctx, by) == nil)
	return h, next, err
}

// shown masks what a session without a fresh proof must not see: also inside structures.
func shown(records []sources.Record, clear bool) []sources.Record {
	if clear {
		return records
	}
	for _, r := range records {
		maskUnproven(r.Cells)
	}
	return records
}

func maskUnproven(cells []sources.Cell) {
	for i := range cells {
		c := &cells[i]
		if rights.Shown(rights.OwnPages, c.Field.Meta.Classification) != rights.InFull && c.String() != "" {
			c.Value = rights.Mask(c.Field.Meta.Mask, c.String())
			continue
		}
		maskInside(c.Value)
	}
}

// maskInside masks the members of structures, in lists of lists too.
func maskInside(value any) {
	switch v := value.(type) {
	case sources.Object:
		maskUnproven(v)
	case []any:
		for _, e := range v {
			maskInside(e)
		}
	}
}

// Masked reports whether a value of that field, or of a member of it, is shown starred to a session without a fresh
// proof.
func Masked(f *sources.Field) bool {
	return hidden(rights.OwnPages, f)
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
		if err := take(tx, "looks "+session.ID, looksASession, p.Now()); err != nil {
			return err
		}
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

// looks are the acts in which somebody or something read a person's data, or decided whose it is.
var looks = []string{
	"data.viewed", "package.built", "package.downloaded", "request.read", "correction.read", "queue.searched", "person.searched", "person.viewed",
	"data.opened", "data.revealed", "person.merged", "person.told_apart", "person.unmerged", "letter.read", "request.proof_made", "file.read",
	"recipients.read", "recipient.opened",
}

// Activity returns who looked at a person's data, newest first, in pages: before is the last Seq of the page above, 0
// for the first.
func (p *Portal) Activity(ctx context.Context, by rights.Actor, before int64, limit int) ([]Look, error) {
	s, err := p.subject(ctx, by)
	if err != nil {
		return nil, err
	}
	return p.looksAt(ctx, s.ID, before, limit)
}

func (p *Portal) looksAt(ctx context.Context, subject string, before int64, limit int) ([]Look, error) {
	rows, err := p.Store.EntriesOf(ctx, subject, looks, before, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Look, len(rows))
	for i, r := range rows {
		out[i] = Look{Seq: r.Seq, Entry: r.Entry}
	}
	return out, nil
}
