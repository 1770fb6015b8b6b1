package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A page is read in the order of an index, so that it costs what it shows and not what there is. The text of the
// statement depends on the index that leads and on nothing else: few texts, each prepared once. Whatever else the queue is
// narrowed by is checked row by row, in a form that no index answers.

// part is a walk along one index. The rows of several are merged by their order.
type part struct {
	where []string // on what is no filter: the lot, the people
	facet int      // whose index leads; none for the lot's own
	days  stretch  // the due days
	plain bool     // whether the walk is along them, rather than past them
}

// none leads no part: it is the order of the lot as a whole.
const none = -1

// parts says how to read a search.
func (r reads) parts(ctx context.Context, s search) ([]part, error) {
	if s.Ref != "" || s.Searched {
		p := part{facet: none, days: s.days} // so little that it is sorted
		if len(s.lots) == 1 {
			p.where = []string{s.lots[0].where}
		}
		return []part{p}, nil
	}
	var parts []part
	for _, l := range s.lots {
		lead, few, err := r.lead(ctx, l, s)
		if err != nil {
			return nil, err
		}
		walk := part{where: []string{l.where}, facet: lead, days: s.days, plain: s.order.column == byDay}
		if walk.plain || s.days == anyDay || few {
			parts = append(parts, walk)
			continue
		}
		walks, err := r.dayByDay(ctx, walk)
		if err != nil {
			return nil, err
		}
		parts = append(parts, walks...)
	}
	return parts, nil
}

// fewRequests is how many a filter may leave for it to lead whatever else there is.
const fewRequests = 200

// lead picks the facet whose index is walked: the one that leaves fewest, as far as looking at fewRequests tells. A rare
// value would otherwise be searched for among all that share a common one.
func (r reads) lead(ctx context.Context, l lot, s search) (lead int, few bool, err error) {
	var set []int
	for i, v := range s.values {
		if v != "" {
			set = append(set, i)
		}
	}
	if len(set) == 0 {
		return none, false, nil
	}
	if len(set) == 1 && (s.order.column == byDay || s.days == anyDay) {
		return set[0], false, nil
	}
	lead, least := set[0], fewRequests
	for _, facet := range set {
		var n int
		query := "SELECT COUNT(*) FROM (SELECT 1 FROM requests r WHERE " + l.where + " AND " + facets[facet] + " = $1" + limited(fewRequests) + ")"
		if err := r.from.row(ctx, query, s.value(facet)).Scan(&n); err != nil {
			return none, false, translate(err)
		}
		if n < least {
			lead, least = facet, n
		}
	}
	return lead, least < fewRequests, nil
}

// noDay is the due day of nothing.
var noDay = stretch{"-", "-"}

// merges are how many due days are walked at once: the next that is enough. What is later still than the most of them is
// sorted.
var merges = []int{1, 8, 30, 120}

// dayByDay walks a stretch of due days in another order than theirs: each day that something is due has a walk of its own.
func (r reads) dayByDay(ctx context.Context, walk part) ([]part, error) {
	most := merges[len(merges)-1]
	rows, err := r.from.query(ctx, "SELECT due FROM view_tallies WHERE view_id = 'open' AND due >= $1 AND due <= $2 ORDER BY due DESC"+
		limited(most+1), walk.days.from, walk.days.to)
	days, err := all(rows, err, func(row scanner) (day string, err error) { return day, row.Scan(&day) })
	if err != nil || len(days) == 0 {
		return nil, err
	}
	walk.facet, walk.plain = none, true
	var walks []part
	for i, day := range days {
		walk.days = stretch{day, day}
		if i == most {
			walk.days = stretch{"0", day}
		}
		walks = append(walks, walk)
	}
	for len(walks) < most && !slices.Contains(merges, len(walks)) {
		walk.days = noDay
		walks = append(walks, walk)
	}
	return walks, nil
}

// statement is a text with the arguments it names.
type statement struct {
	text string
	args []any
}

func (st *statement) arg(v any) string {
	st.args = append(st.args, v)
	return "$" + strconv.Itoa(len(st.args))
}

// begin is a statement whose first arguments are what the search is narrowed by: the facets, and the due days.
func (s search) begin() (st statement) {
	for _, v := range s.values {
		st.arg(v)
	}
	st.arg(s.days.from)
	st.arg(s.days.to)
	return st
}

// statement is what reads a page. There is none where the mark has passed every part.
func (s search) statement(parts []part) (statement, bool) {
	st := s.begin()
	var selects []string
	for _, p := range parts {
		where, reached := s.where(p, &st)
		if reached {
			selects = append(selects, fmt.Sprintf(`SELECT %s, %s, s.mailbox, o.name, %s AS sorted, r.id AS last
		FROM requests r JOIN subjects s ON s.id = r.subject_id LEFT JOIN staff o ON o.id = r.owner_id
		WHERE %s`, requestColumns, dataKey, s.order.column, strings.Join(where, " AND ")))
		}
	}
	direction := ""
	if s.order.descending {
		direction = " DESC"
	}
	st.text = strings.Join(selects, "\n\t\tUNION ALL\n\t\t") + " ORDER BY sorted" + direction + ", last" + direction + limited(s.Limit+1)
	return st, len(selects) > 0
}

// where narrows a part, and reports false where the mark has passed it.
func (s search) where(p part, st *statement) (where []string, reached bool) {
	where = s.narrowed(p, st)
	switch {
	case s.Ref != "":
		where = append(where, "r.ref = "+st.arg(s.Ref))
	case s.Searched:
		marks := make([]string, len(s.Subjects))
		for i, id := range s.Subjects {
			marks[i] = st.arg(id)
		}
		where = append(where, "r.subject_id IN ("+strings.Join(marks, ", ")+")")
	}
	if p.plain && s.order.column == byDay {
		bounds, reached := s.bounds(p, st)
		return append(where, bounds...), reached
	}
	switch {
	case !p.plain:
		where = append(where, "($7 = '' AND $8 = '"+anyDay.to+"' OR r.due BETWEEN $7 AND $8)")
	case p.days.from == p.days.to:
		where = append(where, "r.due = "+st.arg(p.days.from))
	default:
		where = append(where, "r.due BETWEEN "+st.arg(p.days.from)+" AND "+st.arg(p.days.to))
	}
	if s.mark != nil {
		where = append(where, s.beyond(st))
	}
	return where, true
}

// narrowed narrows a part by the filters. st began with them.
func (s search) narrowed(p part, st *statement) []string {
	where := slices.Clone(p.where)
	for i, facet := range facets {
		switch {
		case i == p.facet:
			where = append(where, facet+" = "+st.arg(s.value(i)))
		case i == ownerFacet:
			where = append(where, fmt.Sprintf("($%d = '' OR %s = CASE $%d WHEN '%s' THEN '' ELSE $%d END)", i+1, facet, i+1, nobody, i+1))
		default:
			where = append(where, fmt.Sprintf("($%d = '' OR %s = $%d)", i+1, facet, i+1))
		}
	}
	return where
}

// bounds are those of a walk along the due days: from its beginning, or from the mark on.
func (s search) bounds(p part, st *statement) (where []string, reached bool) {
	from, to := p.days.from, p.days.to
	mark, marked := s.mark.(string)
	before, after := mark < from, mark > to
	if s.order.descending {
		before, after = after, before
	}
	if marked && after {
		return nil, false
	}
	marked = marked && !before
	switch {
	case from == to:
		where = []string{"r.due = " + st.arg(from)}
		if marked {
			where = append(where, "r.id "+s.order.compare()+" "+st.arg(s.id))
		}
	case !marked:
		where = []string{"r.due BETWEEN " + st.arg(from) + " AND " + st.arg(to)}
	default:
		end := "r.due <= " + st.arg(to)
		if s.order.descending {
			end = "r.due >= " + st.arg(from)
		}
		where = []string{end, s.beyond(st)}
	}
	return where, true
}

// beyond is what follows the mark.
func (s search) beyond(st *statement) string {
	return fmt.Sprintf("(%s, r.id) %s (%s, %s)", s.order.column, s.order.compare(), st.arg(s.mark), st.arg(s.id))
}
