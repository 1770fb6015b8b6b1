package sources

import "slices"

// row is a row of a list of people.
type row struct {
	list   *Collection
	key    []any
	values map[*Field][]any // of identities, of the ends of ties and of what tells people apart; a list in JSON has several
}

func (r *row) is(list *Collection, key []any) bool {
	return r.list == list && slices.EqualFunc(r.key, key, same)
}

// group puts rows together that a reference or an issued identity ties to each other: the account and the profile of
// one person. Two rows of one list are never one person.
func (f *finder) group(rows []*row) [][]*row {
	var groups [][]*row
	for _, r := range rows {
		groups = append(groups, []*row{r})
	}
	at := func(r *row) int {
		return slices.IndexFunc(groups, func(g []*row) bool { return slices.Contains(g, r) })
	}
	for _, e := range f.set.plan.ties {
		if e.fold() != "" {
			continue // they share the mailbox anyway, and a number of a telephone ties households
		}
		for _, a := range rows {
			b := only(tied(e, a, rows))
			if b == nil || only(tiedBack(e, b, rows)) != a {
				continue // tied to several is tied to none
			}
			i, j := at(a), at(b)
			if i != j && compatible(slices.Concat(groups[i], groups[j])) {
				groups[min(i, j)] = slices.Concat(groups[i], groups[j])
				groups = slices.Delete(groups, max(i, j), max(i, j)+1)
			}
		}
	}
	return groups
}

func tied(e edge, a *row, rows []*row) []*row {
	var out []*row
	for _, b := range rows {
		if a.list == e.from.Collection && b.list == e.to.Collection && meet(a.values[e.from], b.values[e.to]) {
			out = append(out, b)
		}
	}
	return out
}

func tiedBack(e edge, b *row, rows []*row) []*row {
	return tied(edge{from: e.to, to: e.from}, b, rows)
}

func only(rows []*row) *row {
	if len(rows) != 1 {
		return nil
	}
	return rows[0]
}

// meet reports whether two sets of values have one in common. Sources write numbers as numbers or as text.
func meet(a, b []any) bool {
	for _, x := range a {
		for _, y := range b {
			if text(x) == text(y) {
				return true
			}
		}
	}
	return false
}

// compatible reports whether rows can be of one person: no two of one list, and no two issued identities of a kind
// that differ.
func compatible(rows []*row) bool {
	for i, a := range rows {
		for _, b := range rows[:i] {
			if a.list == b.list {
				return false
			}
			for fa, va := range a.values {
				for fb, vb := range b.values {
					if issued(fa.Identity) && fa.Identity == fb.Identity && len(va) > 0 && len(vb) > 0 && !meet(va, vb) {
						return false
					}
				}
			}
		}
	}
	return true
}

// valuesOf returns what a field holds in the value of its column: one value, several where it is in a list, none where
// it is empty.
func valuesOf(f *Field, column any) []any {
	if empty(column) {
		return nil
	}
	if f.Parent == nil && !f.Array && f.Type != "object" {
		return []any{column}
	}
	var path []*Field
	for at := f; at != nil; at = at.Parent {
		path = append([]*Field{at}, path...)
	}
	return dig(structured(path[0], column), path[1:])
}

func dig(v any, path []*Field) []any {
	switch v := v.(type) {
	case []any:
		var out []any
		for _, e := range v {
			out = append(out, dig(e, path)...)
		}
		return out
	case Object:
		for _, c := range v {
			if len(path) > 0 && c.Field == path[0] {
				return dig(c.Value, path[1:])
			}
		}
		return nil
	}
	if len(path) > 0 || empty(v) {
		return nil
	}
	return []any{v}
}
