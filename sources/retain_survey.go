package sources

import (
	"context"
	"slices"

	"habeas/rights"
)

// Survey is what a rule finds.
type Survey struct {
	Due            int // past the rule, and nothing stands in the way
	Spared         int // past it, and somebody's whose data must stay
	Hanging        int // past it, and records hang on it that stay
	Undated        int // without a day: never due
	Unread         int // with something that is no day: never due
	Oldest, Newest rights.Date
	Years          map[int]int // of what is due
}

// agedAtOnce is how many records one statement reads. A snapshot puts all of them in order each time, so it is read at once.
const agedAtOnce = 20_000

func (s *Set) agedAtOnce(c *Collection) int {
	if s.Imported(c.Source()) {
		return 0
	}
	return agedAtOnce
}

// Survey counts what is past a rule today. The spared are IDs of records that must stay. No value leaves.
//
// Errors: a *SourceError.
func (s *Set) Survey(ctx context.Context, r Rule, today rights.Date, spared map[string]bool) (Survey, error) {
	out := Survey{Years: map[int]int{}}
	j, err := s.judge(ctx, r, today)
	if err != nil {
		return out, s.ruleTrouble(ctx, r, err)
	}
	var after []any
	for limit := s.agedAtOnce(r.Collection); ; {
		n := 0
		days := map[string]rights.Date{}
		var keys [][]any
		err := s.aged(ctx, j, query{after: after, order: true, limit: limit}, func(key []any, a age, day rights.Date) error {
			n++
			after = key
			switch id := s.ids.write(r.Collection, key); {
			case a == undated:
				out.Undated++
			case a == unread:
				out.Unread++
			case a == past && spared[id]:
				out.Spared++
			case a == past:
				days[id], keys = day, append(keys, key)
			}
			return nil
		})
		if err != nil {
			return out, err
		}
		held, err := s.hanging(ctx, r, keys)
		if err != nil {
			return out, err
		}
		out.Hanging += len(held)
		for id, day := range days {
			if !held[id] {
				out.add(day)
			}
		}
		if limit == 0 || n < limit {
			return out, nil
		}
	}
}

func (v *Survey) add(day rights.Date) {
	v.Due++
	v.Years[day.Year]++
	if v.Oldest.IsZero() || day.Before(v.Oldest) {
		v.Oldest = day
	}
	if day.After(v.Newest) {
		v.Newest = day
	}
}

// Due returns the IDs of at most limit records that were past a rule on that day, in the order of their keys, after the record with
// the ID after ("" from the beginning); fewer than limit say that there are no more.
//
// Errors: a *SourceError.
func (s *Set) Due(ctx context.Context, r Rule, today rights.Date, after string, limit int) ([]string, error) {
	j, err := s.judge(ctx, r, today)
	if err != nil {
		return nil, s.ruleTrouble(ctx, r, err)
	}
	var from []any
	if after != "" {
		var ok bool
		if from, ok = s.ids.read(r.Collection, after); !ok {
			return nil, &SourceError{Source: r.Collection.Source(), Collection: r.Collection.Name, Kind: Changed}
		}
	}
	var ids []string
	for rows := s.agedAtOnce(r.Collection); len(ids) < limit; {
		n := 0
		err := s.aged(ctx, j, query{after: from, order: true, limit: rows}, func(key []any, a age, _ rights.Date) error {
			n++
			from = key
			if a == past && len(ids) < limit {
				ids = append(ids, s.ids.write(r.Collection, key))
			}
			return nil
		})
		if err != nil || rows == 0 || n < rows {
			return ids, err
		}
	}
	return ids, nil
}

// aged judges the records that a query finds.
func (s *Set) aged(ctx context.Context, j *judge, q query, each func(key []any, a age, day rights.Date) error) error {
	c := j.rule.Collection
	src := s.source(c.Source())
	ctx, cancel := context.WithTimeoutCause(ctx, scanPatience*s.options.Timeout, errSlow)
	defer cancel()
	q.from, q.fields = c, j.fields
	return trouble(ctx, src, c, src.system.rows(ctx, q, func(row []any) error {
		a, day, err := j.of(row)
		if err == nil {
			err = each(slices.Clone(row[:len(c.Key)]), a, day)
		}
		if err != nil {
			return callerError{err}
		}
		return nil
	}))
}

func (s *Set) ruleTrouble(ctx context.Context, r Rule, err error) error {
	return trouble(ctx, s.source(r.Collection.Source()), r.Collection, err)
}

// Held returns the IDs of a person's records in the collection of a rule. ErrUnsettled says that records may be theirs and
// nothing settles it: until it is settled nothing of the collection can be destroyed for certain.
func (s *Set) Held(ctx context.Context, r Rule, p Person) ([]string, error) {
	var ids []string
	n, err := s.stream(ctx, s.resolver(p), r.Collection, query{}, func(rec Record, _ int) error {
		ids = append(ids, rec.ID)
		return nil
	})
	if err == nil && n.held != "" {
		err = ErrUnsettled
	}
	return ids, err
}

// hanging returns which of the records with these keys others hang on, by the references of the maps, wherever those lie: were
// they destroyed, nothing would lead to the others any more. What has an identity of its own is found without.
func (s *Set) hanging(ctx context.Context, r Rule, keys [][]any) (map[string]bool, error) {
	out := map[string]bool{}
	if r.Does != DestroyDelete {
		return out, nil
	}
	c := r.Collection
	for _, e := range s.edges {
		child := e.to.Collection
		if e.from.Collection != c || !e.down || child == c || child.Person || child.Skip || e.to.Identity != "" {
			continue
		}
		for some := range slices.Chunk(keys, lookedAt) {
			these := keyed{c.Key, some}
			values, err := s.distinct(ctx, query{from: c, values: e.from, fold: e.fold(), where: these})
			if err != nil || len(values) == 0 {
				return out, err
			}
			where, err := s.oneOf(ctx, e.to, e.fold(), values)
			if err != nil {
				return out, err
			}
			if values, err = s.distinct(ctx, query{from: child, values: e.to, fold: e.fold(), where: where}); err != nil {
				return out, err
			}
			if len(values) == 0 {
				continue
			}
			if where, err = s.oneOf(ctx, e.from, e.fold(), values); err != nil {
				return out, err
			}
			err = s.rows(ctx, query{from: c, fields: c.Key, where: both(these, where)}, func(key []any) error {
				out[s.ids.write(c, key)] = true
				return nil
			})
			if err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

func (s *Set) distinct(ctx context.Context, q query) (values []any, err error) {
	return values, s.rows(ctx, q, func(row []any) error {
		values = append(values, normal(row[0]))
		return nil
	})
}
