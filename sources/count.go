package sources

import "context"

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
