package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A page is read along an index, so that it costs what it shows and not what there is. What the texts of the statements
// depend on is which walks they take and nothing else: few texts, each prepared once. What is not walked by is checked row
// by row, in a form that no index answers.

// part is one walk. The rows of several are merged by their order.
type part struct {
	where []string // the lot; none for all of them
	kind  *kind    // along the requests of a kind
	owner bool     // along those of the owner
	days  stretch  // of these due days
	plain bool     // along the days, rather than past them
}

// kind is what requests share that no filter but the owner and the days tells apart: the facets before the owner.
type kind [ownerFacet]string

// parts says how to read a search: along the lot, the owner, the days, or the kinds that the filters leave.
func (r reads) parts(ctx context.Context, s search) ([]part, error) {
	if s.Ref != "" || s.Searched { // so little that it is sorted
		p := part{days: s.days}
		if len(s.lots) == 1 {
			p.where = []string{s.lots[0].where}
		}
		return []part{p}, nil
	}
	var parts []part
	for _, l := range s.lots {
		walks, err := r.walks(ctx, l, s)
		if err != nil {
			return nil, err
		}
		parts = append(parts, walks...)
	}
	return parts, nil
}

func (r reads) walks(ctx context.Context, l lot, s search) ([]part, error) {
	walk := part{where: []string{l.where}, owner: s.values[ownerFacet] != "", days: s.days, plain: s.order.column == byDay}
	dayByDay := !walk.plain && s.days != anyDay
	byKind, err := r.byKind(ctx, l, s, walk.owner || dayByDay)
	switch {
	case err != nil:
		return nil, err
	case byKind:
		return r.kindByKind(ctx, l, s, walk)
	case dayByDay:
		return r.dayByDay(ctx, walk)
	}
	return []part{walk}, nil
}

const (
	mostKinds = 128 // whose walks are merged: of three lots, fewer than the 500 that SQLite joins in a statement
	kindCost  = 12  // how many requests are passed over in the time that one more walk takes
)

// byKind reports whether the kinds are a shorter way to a page than passing over whatever the filters do not leave. Where
// that way is narrowed by something else too, all of the kinds may have to be passed over instead.
func (r reads) byKind(ctx context.Context, l lot, s search, narrowed bool) (bool, error) {
	if !s.filtered() {
		return false, nil
	}
	var kinds, left, total int
	st := s.begin()
	query := fmt.Sprintf(`SELECT COALESCE(SUM(CASE WHEN %[1]s THEN 1 END), 0), COALESCE(SUM(CASE WHEN %[1]s THEN n END), 0), COALESCE(SUM(n), 0)
		FROM request_kinds r WHERE lot = %[2]s AND n > 0`, ofKind, st.arg(l.name))
	if err := r.from.row(ctx, query, st.args...).Scan(&kinds, &left, &total); err != nil {
		return false, translate(err)
	}
	switch passed := s.Limit * total / max(1, left); {
	case kinds > mostKinds:
		return false, nil
	case narrowed:
		return left < passed, nil
	default:
		return kinds*kindCost < passed, nil
	}
}

// kindByKind walks each kind that the filters leave.
func (r reads) kindByKind(ctx context.Context, l lot, s search, walk part) ([]part, error) {
	st := s.begin()
	rows, err := r.from.query(ctx, `SELECT "right", regime, channel, language, state FROM request_kinds r WHERE lot = `+st.arg(l.name)+
		" AND n > 0 AND "+ofKind, st.args...)
	kinds, err := all(rows, err, func(row scanner) (k kind, err error) { return k, row.Scan(&k[0], &k[1], &k[2], &k[3], &k[4]) })
	if err != nil {
		return nil, err
	}
	var walks []part
	walk.owner = false
	for i := range fill(len(kinds)) {
		walk.kind = &noKind
		if i < len(kinds) {
			walk.kind = &kinds[i]
		}
		walks = append(walks, walk)
	}
	return walks, nil
}

// ofKind are the conditions that narrow to kinds, past whatever is walked along.
var ofKind = strings.Join([]string{besides(0), besides(1), besides(2), besides(3), besides(4)}, " AND ")

// filtered reports whether anything tells kinds apart.
func (s search) filtered() bool {
	for _, v := range s.values[:ownerFacet] {
		if v != "" {
			return true
		}
	}
	return false
}

// fill is how many walks a statement has that must have n: a power of two, so that there are few texts.
func fill(n int) int {
	full := 1
	for full < n {
		full *= 2
	}
	return full
}

// noKind and noDay hold nothing.
var (
	noKind = kind{"-", "-", "-", "-", "-"}
	noDay  = stretch{"-", "-"}
)

// mostDays is how many due days are walked at once. What is later than the most of them is sorted.
const mostDays = 127

// dayByDay walks a stretch of due days in another order than theirs: each day that something is due has a walk of its own.
func (r reads) dayByDay(ctx context.Context, walk part) ([]part, error) {
	rows, err := r.from.query(ctx, "SELECT due FROM view_tallies WHERE view_id = 'open' AND due >= $1 AND due <= $2 ORDER BY due DESC"+
		limited(mostDays+1), walk.days.from, walk.days.to)
	days, err := all(rows, err, func(row scanner) (day string, err error) { return day, row.Scan(&day) })
	if err != nil {
		return nil, err
	}
	var walks []part
	walk.owner, walk.plain = false, true
	for i := range fill(len(days)) {
		switch walk.days = noDay; {
		case i == mostDays:
			walk.days = stretch{"0", days[i]}
		case i < len(days):
			walk.days = stretch{days[i], days[i]}
		}
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
	const tables = " JOIN subjects s ON s.id = r.subject_id LEFT JOIN staff o ON o.id = r.owner_id"
	st, columns := s.begin(), requestColumns+", "+dataKey+", s.mailbox, o.name"
	var walks []string
	for _, p := range parts {
		if where, reached := s.where(p, &st); reached {
			walks = append(walks, " WHERE "+strings.Join(where, " AND "))
		}
	}
	direction := ""
	if s.order.descending {
		direction = " DESC"
	}
	by := func(sort, id string) string { return " ORDER BY " + sort + direction + ", " + id + direction }
	switch len(walks) {
	case 0:
		return st, false
	case 1:
		st.text = "SELECT " + columns + " FROM requests r" + tables + walks[0] + by(s.order.column, "r.id") + limited(s.Limit+1)
	default: // merge the marks of the rows, and read those that are left
		walk := "SELECT " + s.order.column + " AS sorted, r.id AS last FROM requests r"
		st.text = "SELECT " + columns + " FROM (" + walk + strings.Join(walks, " UNION ALL "+walk) + by("sorted", "last") + limited(s.Limit+1) +
			") m JOIN requests r ON r.id = m.last" + tables + by("m.sorted", "m.last")
	}
	return st, true
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

// narrowed narrows a part by the filters. st began with them. A bare argument is compared with the conditions of partial
// indexes, and the statement planned anew for each value of it: a kind's are cast to what they are.
func (s search) narrowed(p part, st *statement) []string {
	where := slices.Clone(p.where)
	for i, facet := range facets {
		switch {
		case i < ownerFacet && p.kind != nil:
			where = append(where, facet+" = CAST("+st.arg(p.kind[i])+" AS TEXT)")
		case i == ownerFacet && p.owner:
			where = append(where, facet+" = "+st.arg(s.owner()))
		case i == ownerFacet:
			where = append(where, fmt.Sprintf("($%d = '' OR %s = CASE $%d WHEN '%s' THEN '' ELSE $%d END)", i+1, facet, i+1, nobody, i+1))
		default:
			where = append(where, besides(i))
		}
	}
	return where
}

// besides narrows by a facet that is not walked along.
func besides(facet int) string {
	return fmt.Sprintf("($%[1]d = '' OR %[2]s = $%[1]d)", facet+1, facets[facet])
}

// owner is what the column holds of the owner that the search is narrowed by.
func (s search) owner() string {
	if s.values[ownerFacet] == nobody {
		return ""
	}
	return s.values[ownerFacet]
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
