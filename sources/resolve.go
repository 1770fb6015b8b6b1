package sources

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// resolver works out, for one person and one operation, the condition that makes a record theirs. Inside one source
// the condition holds the whole way as nested selects; what another source must know first is fetched as values.
type resolver struct {
	set    *Set
	person Person

	mu    sync.Mutex
	nodes map[*Collection]*node
}

// node is what was worked out about one collection.
type node struct {
	once sync.Once
	mine cond
	held Reason // why more of it may be theirs than mine holds
	err  error
}

func (s *Set) resolver(p Person) *resolver {
	return &resolver{set: s, person: p, nodes: map[*Collection]*node{}}
}

// of returns the condition for a collection. The plan has no circles, so it ends.
func (r *resolver) of(ctx context.Context, c *Collection) *node {
	r.mu.Lock()
	n, ok := r.nodes[c]
	if !ok {
		n = &node{}
		r.nodes[c] = n
	}
	r.mu.Unlock()
	n.once.Do(func() { r.work(ctx, c, n) })
	return n
}

func (r *resolver) work(ctx context.Context, c *Collection, n *node) {
	n.mine = never{}
	if c.Person {
		n.held = r.person.keeps(c)
		if rows := r.person.in(c); len(rows) > 0 {
			n.mine = keyed{c.Key, rows}
		}
		return
	}
	var ways []cond
	for _, w := range r.set.plan.ways[c] {
		mine, held, err := r.way(ctx, w)
		if err != nil {
			n.err = err
			return
		}
		if n.held == "" {
			n.held = held
		}
		for _, g := range w.guards {
			mine = both(g, mine) // first, for an index on what names a person narrows it most
		}
		ways = append(ways, mine)
	}
	n.mine = either(ways)
}

// way returns the condition of one way into a collection.
func (r *resolver) way(ctx context.Context, w way) (cond, Reason, error) {
	if w.from == nil {
		return r.own(ctx, w)
	}
	from := w.from.Collection
	n := r.of(ctx, from)
	if n.err != nil {
		return nil, "", n.err
	}
	if _, no := n.mine.(never); no {
		return never{}, n.held, nil
	}
	if k, ok := n.mine.(keyed); ok && from.key(w.from) && w.fold == "" {
		values := make([]any, len(k.rows))
		for i, row := range k.rows {
			values[i] = row[0]
		}
		mine, err := r.set.oneOf(ctx, w.to, "", values)
		return mine, n.held, err
	}
	q := query{from: from, values: w.from, fold: w.fold, where: n.mine}
	held := n.held
	if w.down && !from.key(w.from) {
		q.sole = n.mine // the value may stand in another person's record too: then it ties to neither
		shared, err := r.shared(ctx, q)
		if err != nil {
			return nil, "", err
		}
		if shared && held == "" {
			held = Shared
		}
	}
	if from.Source() == w.to.Collection.Source() {
		fold, err := r.set.fold(ctx, w)
		q.fold = fold
		return within{w.to, fold, q}, held, err
	}
	values, err := r.fetch(ctx, q)
	if err != nil {
		return nil, "", err
	}
	mine, err := r.set.oneOf(ctx, w.to, w.fold, values)
	return mine, held, err
}

// shared reports whether q leaves out a value because a record of somebody else holds it too.
func (r *resolver) shared(ctx context.Context, q query) (bool, error) {
	q.others, q.limit = true, 1
	found := false
	err := r.set.rows(ctx, q, func([]any) error {
		found = true
		return nil
	})
	return found, err
}

// own returns the condition of a way from the person's own identity.
func (r *resolver) own(ctx context.Context, w way) (cond, Reason, error) {
	p := r.person
	if w.identity == emailIdentity {
		forms, held := p.forms()
		switch {
		case len(forms) > 0:
			return among{w.to, w.fold, forms}, held, nil
		case held != "":
			return never{}, held, nil
		}
	}
	var held Reason
	if slices.Contains(p.shared, w.identity) {
		held = Shared
	}
	var values []any
	for _, h := range p.identities {
		if h.kind == w.identity {
			values = append(values, h.value)
		}
	}
	if len(values) > 0 {
		mine, err := r.set.oneOf(ctx, w.to, w.fold, values)
		return mine, held, err
	}
	if held != "" {
		return never{}, held, nil
	}
	// A list of people that could not be asked, or settled, may have one.
	var why Reason
	for _, c := range r.set.plan.people {
		if k := p.keeps(c); k != "" && why == "" && c.has(w.identity) {
			why = k
		}
	}
	return never{}, why, nil
}

// fetch carries the values of one source to the next.
func (r *resolver) fetch(ctx context.Context, q query) ([]any, error) {
	var values []any
	err := r.set.rows(ctx, q, func(row []any) error {
		if len(values) == r.set.options.Links {
			return &SourceError{Source: q.from.Source(), Collection: q.from.Name, Kind: Large}
		}
		values = append(values, normal(row[0]))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return values, nil
}

// mine returns the condition for a collection, or an error if it could not be worked out.
func (r *resolver) mine(ctx context.Context, c *Collection) (cond, error) {
	n := r.of(ctx, c)
	if n.err != nil {
		return nil, fmt.Errorf("find the records of %s: %w", c, n.err)
	}
	return n.mine, nil
}

// kindOf returns the kind of a source's trouble, Broken for an error that is not one.
func kindOf(err error) Kind {
	var s *SourceError
	if errors.As(err, &s) {
		return s.Kind
	}
	return Broken
}
