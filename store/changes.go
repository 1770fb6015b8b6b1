package store

import (
	"context"
	"slices"
	"sync"
)

// changes tells whoever listens which requests have changed, once that is durable.
type changes struct {
	mu        sync.Mutex
	listening map[*Changes]struct{}
}

// Changes is somebody who listens. What came while they were busy waits for them as one change: the writer never does.
type Changes struct {
	from  *changes
	mu    sync.Mutex
	refs  []string
	ready chan struct{}
	over  <-chan struct{}
}

// mostRefs is how many references wait for a listener; of more, the latest. "Something has changed" is never lost.
const mostRefs = 100

// Changes starts to listen for requests that are filed or changed. Whoever listens closes it.
func (s *Store) Changes() *Changes {
	c := &Changes{from: &s.changes, ready: make(chan struct{}, 1), over: s.closing}
	s.changes.mu.Lock()
	defer s.changes.mu.Unlock()
	if s.changes.listening == nil {
		s.changes.listening = map[*Changes]struct{}{}
	}
	s.changes.listening[c] = struct{}{}
	return c
}

// Next waits for a change and returns the references of the requests it was of, each once, the latest last. It is
// ErrClosed once the store is.
func (c *Changes) Next(ctx context.Context) ([]string, error) {
	select {
	case <-c.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.over:
		return nil, ErrClosed
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	refs := c.refs
	c.refs = nil
	return refs, nil
}

// Close ends the listening.
func (c *Changes) Close() {
	c.from.mu.Lock()
	defer c.from.mu.Unlock()
	delete(c.from.listening, c)
}

// tell hands references to everybody who listens.
func (c *changes) tell(refs []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for l := range c.listening {
		l.hear(refs)
	}
}

func (c *Changes) hear(refs []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ref := range refs {
		if i := slices.Index(c.refs, ref); i >= 0 {
			c.refs = slices.Delete(c.refs, i, i+1)
		}
		c.refs = append(c.refs, ref)
	}
	c.refs = c.refs[max(0, len(c.refs)-mostRefs):]
	select {
	case c.ready <- struct{}{}:
	default: // they know already
	}
}

// changed notes that the transaction has filed or changed a request.
func (tx *Tx) changed(ref string) { tx.s.changed = append(slices.Clip(tx.s.changed), ref) }
