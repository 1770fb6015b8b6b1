package sources

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// Check reaches every source and compares it with its map: the warnings of the maps, a fault for each source that does
// not answer, for each table and column that is not there, and warnings where the key of the map is not the table's and
// where a field refers to one of another type.
func (s *Set) Check(ctx context.Context) []Fault {
	faults := s.Warnings()
	shapes := map[*Collection][]column{}
	for _, src := range s.sources {
		if !s.Manual(src.key) { // which nobody can reach
			faults = append(faults, s.checkSource(ctx, src, shapes)...)
		}
	}
	faults = append(faults, s.checkTypes(shapes)...)
	faults.sort()
	return faults
}

// checkTypes warns where one end of an edge holds numbers and the other text.
func (s *Set) checkTypes(shapes map[*Collection][]column) Faults {
	var faults Faults
	for _, e := range s.edges {
		from, to := columnOf(shapes, e.from), columnOf(shapes, e.to)
		twin := slices.ContainsFunc(s.edges, func(o edge) bool { return o.from == e.to && o.to == e.from })
		if from.typ == "" || to.typ == "" || from.numeric == to.numeric || e.fold() != "" || twin && e.declared != e.to {
			continue
		}
		faults = append(faults, e.declared.place.warning("%s is %s and %s is %s, so they are compared as text: 007 is not 7, and no index on the numbers helps. Give both columns the same type", e.to, to.typ, e.from, from.typ))
	}
	return faults
}

// columnOf returns the column of a field, or none for a member of JSON or of a source that did not answer.
func columnOf(shapes map[*Collection][]column, f *Field) column {
	if f.Parent != nil {
		return column{}
	}
	col, _ := find(shapes[f.Collection], f.Name)
	return col
}

// checkSource adds to shapes what the source has.
func (s *Set) checkSource(ctx context.Context, src *source, shapes map[*Collection][]column) Faults {
	ctx, cancel := s.call(ctx)
	defer cancel()
	var faults Faults
	for _, c := range s.mapped {
		if c.Source() != src.key || c.Skip {
			continue
		}
		columns, err := src.system.columns(ctx, c)
		if err != nil {
			err = trouble(ctx, src, nil, err)
			var t *SourceError
			if !errors.As(err, &t) {
				t = &SourceError{Source: src.key, Kind: Slow}
			}
			return append(faults, c.Dataset.place.fault("%s", t))
		}
		shapes[c] = columns
		found := checkShape(c, columns)
		faults = append(faults, found...)
		if found != nil {
			continue
		}
		// What is there may still be forbidden: a query that finds nothing shows it.
		if err := src.system.rows(ctx, query{from: c, fields: c.Fields, where: never{}}, func([]any) error { return nil }); err != nil {
			faults = append(faults, c.place.fault("%s", trouble(ctx, src, c, err)))
		}
	}
	return faults
}

func checkShape(c *Collection, columns []column) Faults {
	if len(columns) == 0 {
		return Faults{c.place.fault("source %q has no table %q: correct the name, or remove the collection from the map", c.Source(), c.Name)}
	}
	var faults Faults
	var names []string
	for _, f := range c.overwritten() {
		if col, ok := find(columns, f.Name); ok && col.fixed && (!col.nullable || f.Meta.Erase == EraseMask) {
			faults = append(faults, f.place.warning("column %q of table %q is of type %s, which takes no value that says nothing: erasures of its records wait. Let the column be empty and say erase: null, or keep it with a ground", f.Name, c.Name, col.typ))
		}
	}
	keys := 0
	for _, col := range columns {
		names = append(names, col.name)
		if col.key {
			keys++
		}
	}
	for _, f := range c.Fields {
		switch col, ok := find(columns, f.Name); {
		case col.foreign:
			faults = append(faults, f.place.fault("column %q of table %q is of type %s, which cannot be written so that a person reads it: map a view that writes it as text, or remove the field from the map", f.Name, c.Name, col.typ))
		case !ok:
			faults = append(faults, f.place.fault("table %q has no column %q%s Correct the name, or remove the field from the map", c.Name, f.Name, orStop(meant(f.Name, names))))
		}
	}
	mismatch := slices.ContainsFunc(c.Key, func(k *Field) bool {
		col, ok := find(columns, k.Name)
		return ok && !col.key
	})
	if keys > 0 && (mismatch || keys != len(c.Key)) {
		var real []string
		for _, col := range columns {
			if col.key {
				real = append(real, col.name)
			}
		}
		faults = append(faults, c.place.warning("the primary key of table %q is (%s), the map says otherwise: if its values repeat, records are skipped between pages", c.Name, strings.Join(real, ", ")))
	}
	return faults
}
