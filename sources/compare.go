package sources

import (
	"context"
	"slices"
)

// shaped returns the column of a field. Members of JSON have none: they stay what they are.
func (s *Set) shaped(ctx context.Context, f *Field) (column, error) {
	if f.Parent != nil || f.Array {
		return column{}, nil
	}
	src := s.source(f.Collection.Source())
	ctx, cancel := s.call(ctx)
	defer cancel()
	columns, err := src.shape(ctx, f.Collection)
	if err != nil {
		return column{}, trouble(ctx, src, f.Collection, err)
	}
	col, _ := find(columns, f.Name)
	return col, nil
}

// fold says how the values of two fields of one source are made comparable.
func (s *Set) fold(ctx context.Context, w way) (string, error) {
	if w.fold != "" {
		return w.fold, nil
	}
	from, err := s.shaped(ctx, w.from)
	if err != nil {
		return "", err
	}
	to, err := s.shaped(ctx, w.to)
	if err != nil || from.numeric == to.numeric && from.family == to.family {
		return "", err
	}
	return textFold, nil
}

// oneOf holds where the field, folded, is one of the values, wherever they come from. Empty ones refer to nothing.
func (s *Set) oneOf(ctx context.Context, f *Field, fold string, values []any) (cond, error) {
	values = slices.DeleteFunc(slices.Clone(values), empty)
	if len(values) == 0 {
		return never{}, nil
	}
	if fold != "" || !slices.ContainsFunc(values, func(v any) bool { _, ok := v.(string); return ok }) {
		return among{f, fold, values}, nil
	}
	col, err := s.shaped(ctx, f)
	if err != nil {
		return nil, err
	}
	if col.numeric {
		fold = textFold
		for i, v := range values {
			values[i] = text(v)
		}
	}
	return among{f, fold, values}, nil
}
