package sources

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"habeas/rights"
)

// State is how reading a collection went.
type State string

// The states of a collection.
const (
	OK       State = "ok"
	Empty    State = "empty"
	Failed   State = "failed"   // its source is in trouble: Reason is the Kind
	Withheld State = "withheld" // records there may be the person's, but nothing ties them to one person: Reason is Shared
	ByHand   State = "by_hand"  // its system has no connection: what is there only the team knows that looks after it
)

// CollectionState is a collection with what is known of a person's records in it. A Reason with OK says that
// further records may be theirs and are kept back: what ties them to the person is shared or cannot be settled now.
type CollectionState struct {
	Collection *Collection
	State      State
	Reason     Reason
	Count      int // records; with Failed after a Scan, those that came before it failed
}

// Overview counts the person's records, collection by collection in the order of Collections, all or those of them that
// are wanted. Sources are asked in parallel, each within Options.Timeout; trouble with one is a Failed state of its
// collections and nobody else's. The error is ctx's.
func (s *Set) Overview(ctx context.Context, p Person, wanted ...*Collection) ([]CollectionState, error) {
	r, order := s.resolver(p), s.wanted(wanted)
	out := make([]CollectionState, len(order))
	var wait sync.WaitGroup
	for _, src := range s.sources {
		wait.Go(func() {
			ctx, cancel := s.call(ctx)
			defer cancel()
			for i, c := range order {
				if c.Source() == src.key {
					out[i] = s.count(ctx, r, src, c)
				}
			}
		})
	}
	wait.Wait()
	return out, ctx.Err()
}

// wanted returns those collections in the order in which they are read; without any, all.
func (s *Set) wanted(some []*Collection) []*Collection {
	if len(some) == 0 {
		return s.plan.order
	}
	return slices.DeleteFunc(slices.Clone(s.plan.order), func(c *Collection) bool { return !slices.Contains(some, c) })
}

func (s *Set) count(ctx context.Context, r *resolver, src *source, c *Collection) CollectionState {
	n := r.of(ctx, c)
	if _, no := n.mine.(never); no || n.err != nil {
		return settle(c, n, 0, n.err)
	}
	count := 0
	err := src.system.rows(ctx, query{from: c, where: n.mine}, func(values []any) error {
		v, _ := values[0].(int64)
		count = int(v)
		return nil
	})
	return settle(c, n, count, trouble(ctx, src, c, err))
}

// Count returns how many records of the collection are the person's. Trouble with its source is a *SourceError.
func (s *Set) Count(ctx context.Context, p Person, c *Collection) (int, error) {
	ctx, cancel := s.call(ctx)
	defer cancel()
	st := s.count(ctx, s.resolver(p), s.source(c.Source()), c)
	if st.State == Failed {
		return 0, &SourceError{Source: c.Source(), Collection: c.Name, Kind: Kind(st.Reason)}
	}
	return st.Count, nil
}

// settle says how it went.
func settle(c *Collection, n *node, count int, err error) CollectionState {
	st := CollectionState{Collection: c, State: OK, Reason: n.held, Count: count}
	switch {
	case c.Dataset.Manual:
		st.State, st.Reason = ByHand, ""
	case err != nil:
		st.State, st.Reason = Failed, Reason(kindOf(err))
	case count == 0 && n.held.trouble():
		st.State = Failed
	case count == 0 && n.held != "":
		st.State = Withheld
	case count == 0:
		st.State = Empty
	}
	return st
}

// Page returns at most limit records of the person in a collection, in the order of the primary key, beginning after
// the record with the ID after ("" for the first page), and the ID to go on after, "" at the end. A limit of 0, or above
// Options.PageRows, is that. Long records end a page early, never before its first.
//
// The error is rights.ErrNotFound for an unknown collection or ID, or a *SourceError.
func (s *Set) Page(ctx context.Context, p Person, source, collection, after string, limit int) ([]Record, string, error) {
	c := s.Collection(source, collection)
	if c == nil {
		return nil, "", rights.ErrNotFound
	}
	if limit < 1 || limit > s.options.PageRows {
		limit = s.options.PageRows
	}
	q := query{order: true, limit: limit + 1}
	if after != "" {
		key, ok := s.ids.read(c, after)
		if !ok {
			return nil, "", rights.ErrNotFound
		}
		q.after = key
	}
	ctx, cancel := s.call(ctx)
	defer cancel()
	var page []Record
	next, bytes := "", 0
	_, err := s.stream(ctx, s.resolver(p), c, q, func(rec Record, size int) error {
		if len(page) == limit || len(page) > 0 && bytes+size > s.options.PageBytes {
			next = page[len(page)-1].ID
			return errEnough
		}
		page, bytes = append(page, rec), bytes+size
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, "", err
	}
	return page, next, nil
}

// errEnough ends a query whose caller has what they need.
var errEnough = errors.New("enough")

// Record returns one record by its ID, if it is the person's: another's is rights.ErrNotFound, as is one that is not.
func (s *Set) Record(ctx context.Context, p Person, source, collection, id string) (Record, error) {
	c := s.Collection(source, collection)
	if c == nil {
		return Record{}, rights.ErrNotFound
	}
	key, ok := s.ids.read(c, id)
	if !ok {
		return Record{}, rights.ErrNotFound
	}
	ctx, cancel := s.call(ctx)
	defer cancel()
	var found []Record
	q := query{where: keyed{c.Key, [][]any{key}}, limit: 1}
	_, err := s.stream(ctx, s.resolver(p), c, q, func(rec Record, _ int) error {
		found = append(found, rec)
		return nil
	})
	if err != nil {
		return Record{}, err
	}
	if len(found) == 0 {
		return Record{}, rights.ErrNotFound
	}
	return found[0], nil
}

// stream runs q over the person's records in c. Its clock runs only while the source is silent, not while each works.
func (s *Set) stream(ctx context.Context, r *resolver, c *Collection, q query, each func(Record, int) error) (*node, error) {
	src := s.source(c.Source())
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	patience := scanPatience * s.options.Timeout
	clock := time.AfterFunc(patience, func() { cancel(errSlow) })
	defer clock.Stop()

	n := r.of(ctx, c)
	if n.err != nil {
		return n, n.err
	}
	if _, no := n.mine.(never); no {
		return n, nil
	}
	columns, err := src.shape(ctx, c)
	if err != nil {
		return n, trouble(ctx, src, c, err)
	}
	rd := newReader(c, columns, s.options.RecordBytes, s.ids)
	q.from, q.fields, q.where = c, rd.fields, both(n.mine, q.where)
	err = src.system.rows(ctx, q, func(values []any) error {
		clock.Stop()
		rec, size, err := rd.record(values)
		if err != nil {
			return err
		}
		if err := each(rec, size); err != nil {
			return callerError{err}
		}
		clock.Reset(patience)
		return nil
	})
	return n, trouble(ctx, src, c, err)
}
