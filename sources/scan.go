package sources

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// scanPatience is how many times Options.Timeout a scan may stay silent: what a page must answer at once, an export
// may wait for.
const scanPatience = 6

// Scan streams every record of the person from all collections, or those of them that are wanted. Sources are read at the
// same time: from is asked for each, before any is read, and what it returns is called by one goroutine, collection by
// collection in the order of Collections and within each in the order of the primary key: the same data gives the same
// calls, source by source. A source waits for another only where a map says that something comes after something of it.
//
// Memory does not grow with the number of records. One query a collection; trouble with a source, as that it took longer
// than Options.SourceTime for all of it, is the Failed state of its collections, and each that still has records to come
// says so in what Scan returns, one state for every collection in the order of Collections.
//
// The error is one of what from returned, which ends the scan, or ctx's. A record may be kept.
func (s *Set) Scan(ctx context.Context, p Person, from func(source string) func(*Collection, Record) error, wanted ...*Collection) ([]CollectionState, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sc := &scan{set: s, resolver: s.resolver(p), order: s.wanted(wanted)}
	sc.states, sc.done = make([]CollectionState, len(sc.order)), make([]chan struct{}, len(sc.order))
	for i := range sc.done {
		sc.done[i] = make(chan struct{})
	}
	var reading []func() error
	for _, src := range s.sources {
		if slices.ContainsFunc(sc.order, func(c *Collection) bool { return c.Source() == src.key }) {
			each := from(src.key)
			reading = append(reading, func() error { return sc.read(ctx, src, each) })
		}
	}
	var wait sync.WaitGroup
	for _, read := range reading {
		wait.Go(func() {
			if err := read(); err != nil {
				cancel(err) // the first one counts: others only say that they were ended
			}
		})
	}
	wait.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return sc.states, nil
}

// scan is one Scan under way.
type scan struct {
	set      *Set
	resolver *resolver
	order    []*Collection
	states   []CollectionState // by order, each written by who reads the source
	done     []chan struct{}   // by order, closed when the collection has been read
}

// read reads one source. Its clock does not run while it waits for another.
func (sc *scan) read(ctx context.Context, src *source, each func(*Collection, Record) error) error {
	limited, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	clock := time.AfterFunc(sc.set.options.SourceTime, func() { stop(errSlow) })
	defer clock.Stop()
	silent := false // it did not answer: its next collection would not either
	for i, c := range sc.order {
		if c.Source() != src.key {
			continue
		}
		for _, before := range sc.before(i) {
			clock.Stop()
			select {
			case <-before:
			case <-ctx.Done():
				return ctx.Err()
			}
			clock.Reset(sc.set.options.SourceTime)
		}
		state := CollectionState{Collection: c, State: Failed, Reason: Reason(Slow)}
		if !silent {
			count := 0
			sc.resolver.of(ctx, c) // what it asks of other sources is bounded by their own clocks, and theirs to share
			n, err := sc.set.stream(limited, sc.resolver, c, query{order: true}, func(rec Record, _ int) error {
				count++
				return each(c, rec)
			})
			var t *SourceError
			if err != nil && !errors.As(err, &t) {
				return err
			}
			silent = t != nil && t.Kind == Slow && t.Source == src.key
			state = settle(c, n, count, err)
		}
		sc.states[i] = state
		close(sc.done[i])
	}
	return nil
}

// before returns what the collection at i waits for in other sources: those before it in the order, so that nobody waits
// for somebody who waits for them.
func (sc *scan) before(i int) []chan struct{} {
	var out []chan struct{}
	c := sc.order[i]
	for j, other := range sc.order[:i] {
		if other.Source() != c.Source() && c.comesAfter(other) {
			out = append(out, sc.done[j])
		}
	}
	return out
}

// comesAfter reports whether the map says that c is read after the other.
func (c *Collection) comesAfter(other *Collection) bool {
	return slices.Contains(c.After, other.String()) || slices.Contains(c.Dataset.After, other.Dataset.Key)
}
