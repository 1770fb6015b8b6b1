package sources

import (
	"context"

	"habeas/rights"
)

// Accepts tells beforehand whether Write could take that value for the field: nil, rights.FieldErrors on "value" that
// say what is wrong, or a *SourceError. It looks at the type and the length, and changes nothing.
func (s *Set) Accepts(ctx context.Context, f *Field, value string) error {
	src := s.source(f.Collection.Source())
	ctx, cancel := s.call(ctx)
	defer cancel()
	columns, err := src.shape(ctx, f.Collection)
	if err != nil {
		return trouble(ctx, src, f.Collection, err)
	}
	col, ok := find(columns, f.Name)
	if !ok || !f.writable() {
		return rights.ErrForbidden
	}
	_, err = typed(f, col, value)
	return err
}
