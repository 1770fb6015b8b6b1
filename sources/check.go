package sources

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// Check finds everything wrong at once: the faults and warnings of every map, and what Set.Check finds by reaching the
// sources. The error is for a configuration that names no source at all: an unknown driver, a key given twice.
func Check(ctx context.Context, configs []Config, options Options) ([]Fault, error) {
	s, faults, err := load(configs, options)
	if err != nil {
		return nil, err
	}
	s.warnings = faults
	return s.Check(ctx), s.Close()
}

// Check reaches every source and compares it with its map: the warnings of the maps, a fault for each source that does
// not answer, for each table and column that is not there, and a warning where the key of the map is not the table's.
func (s *Set) Check(ctx context.Context) []Fault {
	faults := s.Warnings()
	for _, src := range s.sources {
		faults = append(faults, s.checkSource(ctx, src)...)
	}
	faults.sort()
	return faults
}

func (s *Set) checkSource(ctx context.Context, src *source) Faults {
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
		faults = append(faults, checkShape(c, columns)...)
	}
	return faults
}

func checkShape(c *Collection, columns []column) Faults {
	if len(columns) == 0 {
		return Faults{c.place.fault("source %q has no table %q: correct the name, or remove the collection from the map", c.Source(), c.Name)}
	}
	var faults Faults
	var names []string
	keys := 0
	for _, col := range columns {
		names = append(names, col.name)
		if col.key {
			keys++
		}
	}
	for _, f := range c.Fields {
		if _, ok := find(columns, f.Name); !ok {
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
