package sources

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrHeader says that the columns of a file and the fields of a collection do not fit.
var ErrHeader = errors.New("the columns of the file do not fit the data map")

// Match finds the field of each column of a header: by said, then by the names of the map, by its labels in every language,
// and by preset. Said and preset lead from names of columns to names of fields. Of a name letters and digits count, not
// their case, blanks or signs. A column that is no field is nil. Where a field has no column, or two, it is ErrHeader.
//
// Its texts never repeat the header: a file without one begins with somebody's data.
func (c *Collection) Match(header []string, said, preset map[string]string) ([]*Field, error) {
	m := matching{c: c, header: make([]string, len(header)), out: make([]*Field, len(header)), taken: map[*Field]int{}}
	for i, name := range header {
		m.header[i] = folded(name)
	}
	for _, name := range slices.Sorted(maps.Keys(said)) {
		if err := m.said(name, said[name]); err != nil {
			return nil, err
		}
	}
	byField := map[string][]string{}
	for name, field := range preset {
		byField[field] = append(byField[field], name)
	}
	for _, names := range []func(*Field) []string{
		func(f *Field) []string { return []string{f.Name} },
		func(f *Field) []string { return slices.Collect(maps.Values(f.Label)) },
		func(f *Field) []string { return byField[f.Name] },
	} {
		if err := m.round(names); err != nil {
			return nil, err
		}
	}
	return m.out, m.missing()
}

// matching is what is found so far.
type matching struct {
	c      *Collection
	header []string // folded
	out    []*Field
	taken  map[*Field]int
}

func (m *matching) take(i int, f *Field) error {
	if before, twice := m.taken[f]; twice {
		return fmt.Errorf("%w: columns %d and %d are both %s: say which one with --map", ErrHeader, before+1, i+1, f.Name)
	}
	m.out[i], m.taken[f] = f, i
	return nil
}

func (m *matching) said(name, field string) error {
	f := m.c.Field(field)
	if f == nil || f.Parent != nil {
		var names []string
		for _, f := range m.c.Fields {
			names = append(names, f.Name)
		}
		return fmt.Errorf("%w: collection %s has no field %q%s", ErrHeader, m.c.Name, field, orStop(meant(field, names)))
	}
	i := slices.Index(m.header, folded(name))
	if i < 0 {
		return fmt.Errorf("%w: the file has no column %q, which --map names", ErrHeader, name)
	}
	return m.take(i, f)
}

// round takes the columns whose name is one of a field that no round before has found.
func (m *matching) round(names func(*Field) []string) error {
	before := maps.Clone(m.taken)
	for i, name := range m.header {
		if m.out[i] != nil || name == "" {
			continue
		}
		for _, f := range m.c.Fields {
			_, found := before[f]
			if found || !slices.ContainsFunc(names(f), func(n string) bool { return folded(n) == name }) {
				continue
			}
			if err := m.take(i, f); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

func (m *matching) missing() error {
	var names []string
	for _, f := range m.c.Fields {
		if _, found := m.taken[f]; !found {
			names = append(names, f.Name)
		}
	}
	switch {
	case len(names) == 0:
		return nil
	case len(m.taken) == 0:
		return fmt.Errorf("%w: no column is one of its fields: the first row of the file must name the columns", ErrHeader)
	}
	return fmt.Errorf("%w: no column is %s: name it with --map \"COLUMN=%s\", or take the field out of the map", ErrHeader, strings.Join(names, ", "), names[0])
}
