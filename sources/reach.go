package sources

import "context"

// Reach asks a source whether it is there, with a query that finds nothing: its trouble is a SourceError. A source that no
// machine can ask is reached by people, and is not asked.
func (s *Set) Reach(ctx context.Context, key string) error {
	for _, c := range s.mapped {
		if c.Source() == key && !c.Skip && !s.Manual(key) {
			return s.rows(ctx, query{from: c, fields: c.Fields, where: never{}}, func([]any) error { return nil })
		}
	}
	return nil
}
