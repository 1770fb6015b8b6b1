package sources

import (
	"context"
	"fmt"
	"slices"

	"habeas/rights"
)

// FlagSources returns the keys of the sources that note a kind of flag in a field that a machine can write, in the order of the
// configuration. In the others people have to see to it.
func (s *Set) FlagSources(kind rights.FlagKind) []string {
	var out []string
	for _, src := range s.sources {
		if _, able := src.system.(eraser); able && len(s.flagged(src.key, kind)) > 0 {
			out = append(out, src.key)
		}
	}
	return out
}

// flagged are the collections of a source that note a kind of flag. What others share is nobody's to mark.
func (s *Set) flagged(source string, kind rights.FlagKind) []*Collection {
	var out []*Collection
	for _, c := range s.plan.erasing {
		if c.Source() == source && c.Flag(kind).Field != nil {
			out = append(out, c)
		}
	}
	return out
}

// SetFlag notes in a source that a flag of a person stands, or no longer does: in each of their records in the collections that
// name a field for it, in one transaction, read back inside it. Done twice it does no more than once. A field that several
// flags share is cleared only where it says this one.
//
// Errors: a *SourceError; ErrUnsettled where records may be theirs and nothing settles whether they are: nothing is written then.
func (s *Set) SetFlag(ctx context.Context, p Person, source string, kind rights.FlagKind, raised bool) error {
	src := s.source(source)
	if src == nil {
		return &SourceError{Source: source, Kind: Changed} // the configuration no longer has it
	}
	ctx, cancel := context.WithTimeoutCause(ctx, scanPatience*s.options.Timeout, errSlow)
	defer cancel()
	r := s.resolver(p)
	var orders []order
	for _, c := range s.flagged(source, kind) {
		columns, err := src.shape(ctx, c)
		if err != nil {
			return trouble(ctx, src, c, err)
		}
		flag := c.Flag(kind)
		col, ok := find(columns, flag.Field.Name)
		if !ok {
			return &SourceError{Source: source, Collection: c.Name, Kind: Changed}
		}
		o := order{from: c, sets: []set{{flag.Field, flag.setter(col, raised)}}}
		n, err := s.stream(ctx, r, c, query{order: true}, func(rec Record, _ int) error {
			key, ok := s.ids.read(c, rec.ID)
			if !ok {
				return fmt.Errorf("look for records of %s: an ID that is none", c)
			}
			if len(o.rows) == maxErased {
				return &SourceError{Source: source, Collection: c.Name, Kind: Large}
			}
			o.rows = append(o.rows, slices.Clone(key))
			return nil
		})
		if err != nil {
			return err
		}
		if n.held != "" {
			return fmt.Errorf("%s: %w", c, ErrUnsettled)
		}
		if len(o.rows) > 0 {
			orders = append(orders, o)
		}
	}
	e, able := src.system.(eraser)
	if len(orders) == 0 || !able {
		return nil
	}
	return writeTrouble(ctx, src, nil, e.erase(ctx, orders))
}

// setter returns what the column holds once the flag is set or cleared. What says so already stays as its database wrote it.
func (f Flag) setter(col column, raised bool) func(key []any, current any) (any, error) {
	return func(_ []any, current any) (any, error) {
		set, err := typed(f.Field, col, f.Set)
		cleared, unclear := typed(f.Field, col, f.Clear)
		if err != nil || unclear != nil { // the column takes no such value
			return nil, &SourceError{Source: f.Field.Collection.Source(), Collection: f.Field.Collection.Name, Kind: Changed}
		}
		switch is := written(f.Field, col, current) == written(f.Field, col, set); {
		case raised && !is:
			return set, nil
		case !raised && is:
			return cleared, nil
		}
		return current, nil
	}
}
