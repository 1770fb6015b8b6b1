package sources

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// lookup answers one query at one moment.
type lookup struct {
	*snapshotSystem
	ctx context.Context //nolint:containedctx // it lives as long as one call
	tx  *sql.Tx
	all map[*Collection]bool // that are ready
}

func (s *snapshotSystem) rows(ctx context.Context, q query, each func([]any) error) error {
	tx, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := s.prove(ctx, tx); err != nil {
		return err
	}
	if s.vault == nil {
		if _, no := q.where.(never); no {
			return nil // habeas check asks for nothing, and needs no key for it
		}
		return s.locked("its snapshot cannot be opened without the key file")
	}
	l := &lookup{s, ctx, tx, map[*Collection]bool{}}
	switch {
	case q.values != nil && q.sole != nil:
		return l.sole(q, each)
	case q.values != nil:
		values, err := l.values(q)
		for _, v := range values {
			if err == nil {
				err = each([]any{v})
			}
		}
		return err
	case q.fields == nil:
		return l.count(q, each)
	case q.order:
		return l.ordered(q, each)
	}
	n := 0
	err = l.each(q.from, q.where, func(r record, _ *found) error {
		if q.limit > 0 && n == q.limit {
			return errEnough
		}
		n++
		return each(r.pick(q.fields))
	})
	if err == errEnough { //nolint:errorlint // its own
		return nil
	}
	return err
}

func (r record) pick(fields []*Field) []any {
	out := make([]any, len(fields))
	for i, f := range fields {
		out[i] = r[f.column().Name]
	}
	return out
}

// found is a record before it is opened.
type found struct {
	id     int64
	hash   []byte
	sealed []byte
}

func (s *snapshotSystem) unseal(c *Collection, f *found) (record, error) {
	plain, err := s.vault.open(f.sealed, "record", c.Name, string(f.hash))
	if err != nil {
		return nil, err
	}
	return unpack(plain)
}

// which renders a condition as a select of the IDs of records. The tables that it names are led by their indexes whatever
// the condition is: no question walks through all records.
type which struct {
	l    *lookup
	from *Collection
	b    strings.Builder
	args []any
	n    int
}

func (l *lookup) which(from *Collection, c cond) (*which, error) {
	if !l.all[from] {
		if _, err := l.ready(l.ctx, l.tx, from); err != nil {
			return nil, err
		}
		l.all[from] = true
	}
	w := &which{l: l, from: from}
	return w, w.write(c)
}

func (w *which) add(text string, args ...any) {
	w.b.WriteString(text)
	w.args = append(w.args, args...)
}

func (w *which) write(c cond) error {
	switch c := c.(type) {
	case nil:
		w.add("SELECT id FROM records WHERE collection = ?", w.from.Name)
	case never:
		w.add("SELECT id FROM records WHERE 0")
	case anyOf:
		for i, part := range c {
			if i > 0 {
				w.add(" UNION ")
			}
			w.add("SELECT * FROM (")
			if err := w.write(part); err != nil {
				return err
			}
			w.add(")")
		}
		if len(c) == 0 {
			return w.write(never{})
		}
	case allOf:
		return w.all(c)
	case among:
		hashes := make([][]byte, len(c.values))
		for i, v := range c.values {
			hashes[i] = w.l.vault.mark(mark{c.field, c.fold}, v)
		}
		w.add("SELECT record FROM marks WHERE hash IN (SELECT unhex(value) FROM json_each(?))", hexed(hashes))
		return w.l.prepared(mark{c.field, c.fold})
	case within:
		values, err := w.l.values(c.of)
		if err != nil {
			return err
		}
		for i, v := range values {
			values[i] = foldValue(c.fold, v)
		}
		return w.write(among{c.field, c.fold, values})
	case absent:
		w.add("SELECT record FROM marks WHERE hash = ?", w.l.vault.mark(mark(c), nil))
		return w.l.prepared(mark(c))
	case keyed:
		hashes := make([][]byte, len(c.rows))
		for i, row := range c.rows {
			hashes[i] = w.l.vault.key(w.from, row)
		}
		w.add("SELECT id FROM records WHERE key IN (SELECT unhex(value) FROM json_each(?))", hexed(hashes))
	default:
		panic(fmt.Sprintf("sources: a condition %T that a snapshot has no words for", c))
	}
	return nil
}

// all renders conditions that hold together: those that are empty fields of many records filter what the others find.
func (w *which) all(c allOf) error {
	w.n++
	alias := fmt.Sprintf("r%d", w.n)
	var filters []absent
	w.add("SELECT id FROM records AS " + alias + " WHERE 1")
	for _, part := range c {
		if a, ok := part.(absent); ok && len(c) > 1 {
			filters = append(filters, a)
			continue
		}
		w.add(" AND id IN (")
		if err := w.write(part); err != nil {
			return err
		}
		w.add(")")
	}
	for _, a := range filters {
		if err := w.l.prepared(mark(a)); err != nil {
			return err
		}
		w.add(" AND EXISTS (SELECT 1 FROM marks WHERE hash = ? AND record = "+alias+".id)", w.l.vault.mark(mark(a), nil))
	}
	return nil
}

// prepared reports whether there are hashes of a mark. That there are is a matter of furnish.
func (l *lookup) prepared(m mark) error {
	if slices.Contains(l.marks[m.field.Collection], m) {
		return nil
	}
	return fmt.Errorf("a snapshot has no hashes of %s for a lookup as %q", m.field, m.fold)
}

func hexed(hashes [][]byte) string {
	texts := make([]string, len(hashes))
	for i, h := range hashes {
		texts[i] = hex.EncodeToString(h)
	}
	b, err := json.Marshal(texts)
	if err != nil {
		panic(fmt.Sprintf("sources: hexadecimal digits that JSON cannot hold: %v", err))
	}
	return string(b)
}

// each opens every record that a condition finds.
func (l *lookup) each(c *Collection, where cond, do func(record, *found) error) error {
	w, err := l.which(c, where)
	if err != nil {
		return err
	}
	f := &found{}
	text := "SELECT id, key, sealed FROM records WHERE id IN (" + w.b.String() + ") AND +collection = ? AND gone_at IS NULL"
	return rowsOf(l.ctx, l.tx, text, append(w.args, c.Name), []any{&f.id, &f.hash, &f.sealed}, func() error {
		r, err := l.unseal(c, f)
		if err != nil {
			return err
		}
		return do(r, f)
	})
}

func (l *lookup) count(q query, each func([]any) error) error {
	w, err := l.which(q.from, q.where)
	if err != nil {
		return err
	}
	var n int64
	text := "SELECT count(*) FROM records WHERE id IN (" + w.b.String() + ") AND +collection = ? AND gone_at IS NULL"
	return rowsOf(l.ctx, l.tx, text, append(w.args, q.from.Name), []any{&n}, func() error { return each([]any{n}) })
}

// heldBytes is how much of sealed records is kept while they are put in order; more are read again.
const heldBytes = 8 << 20

// ordered returns records by their key, which nothing but the opened record tells.
func (l *lookup) ordered(q query, each func([]any) error) error {
	type item struct {
		key []any
		found
	}
	var items []item
	held := 0
	err := l.each(q.from, q.where, func(r record, f *found) error {
		it := item{r.key(q.from), found{id: f.id}}
		if q.after != nil && compareKeys(it.key, q.after) <= 0 {
			return nil
		}
		if held += len(f.sealed); held <= heldBytes {
			it.hash, it.sealed = slices.Clone(f.hash), slices.Clone(f.sealed)
		}
		items = append(items, it)
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(items, func(a, b item) int { return compareKeys(a.key, b.key) })
	if q.limit > 0 && len(items) > q.limit {
		items = items[:q.limit]
	}
	for _, it := range items {
		if it.sealed == nil {
			err := rowsOf(l.ctx, l.tx, "SELECT key, sealed FROM records WHERE id = ?", []any{it.id}, []any{&it.hash, &it.sealed}, func() error { return nil })
			if err != nil {
				return err
			}
		}
		r, err := l.unseal(q.from, &it.found)
		if err != nil {
			return err
		}
		if err := each(r.pick(q.fields)); err != nil {
			return err
		}
	}
	return nil
}

// compareKeys orders as SQLite does: nothing, numbers, text byte by byte.
func compareKeys(a, b []any) int {
	for i := range min(len(a), len(b)) {
		if c := compareValues(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}

func compareValues(a, b any) int {
	rank := func(v any) int {
		switch v.(type) {
		case nil:
			return 0
		case int64, float64:
			return 1
		}
		return 2
	}
	if c := cmp.Compare(rank(a), rank(b)); c != 0 || a == nil {
		return c
	}
	if rank(a) == 2 {
		return cmp.Compare(text(a), text(b))
	}
	x, xi := a.(int64)
	y, yi := b.(int64)
	if xi && yi {
		return cmp.Compare(x, y)
	}
	float := func(v any) float64 {
		if n, ok := v.(int64); ok {
			return float64(n)
		}
		f, _ := v.(float64)
		return f
	}
	return cmp.Compare(float(a), float(b))
}

// values returns the distinct values of a field in the records that a query finds, folded.
func (l *lookup) values(q query) ([]any, error) {
	if q.sole != nil {
		var out []any
		err := l.sole(q, func(v []any) error {
			out = append(out, v[0])
			return nil
		})
		return out, err
	}
	var out []any
	seen := map[string]bool{}
	err := l.each(q.from, q.where, func(r record, _ *found) error {
		for _, v := range valuesOf(q.values, r[q.values.column().Name]) {
			if v = foldValue(q.fold, v); empty(v) || seen[alike(v)] {
				continue
			}
			seen[alike(v)] = true
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// sole returns the values that no record outside of the condition holds, or with q.others those that one does.
func (l *lookup) sole(q query, each func([]any) error) error {
	m := mark{q.values, q.fold}
	if err := l.prepared(m); err != nil {
		return err
	}
	all, err := l.values(query{from: q.from, values: q.values, fold: q.fold, where: q.where})
	if err != nil {
		return err
	}
	byHash := map[string]any{}
	hashes := make([][]byte, len(all))
	for i, v := range all {
		hashes[i] = l.vault.mark(m, v)
		byHash[string(hashes[i])] = v
	}
	w, err := l.which(q.from, q.sole)
	if err != nil {
		return err
	}
	alone := 1
	if q.others {
		alone = 0
	}
	text := "SELECT hash FROM marks WHERE hash IN (SELECT unhex(value) FROM json_each(?)) GROUP BY hash HAVING min(CASE WHEN record IN (" +
		w.b.String() + ") THEN 1 ELSE 0 END) = ?"
	args := append([]any{hexed(hashes)}, w.args...)
	if args = append(args, alone); q.limit > 0 {
		text += fmt.Sprintf(" LIMIT %d", q.limit)
	}
	var h []byte
	return rowsOf(l.ctx, l.tx, text, args, []any{&h}, func() error { return each([]any{byHash[string(h)]}) })
}
