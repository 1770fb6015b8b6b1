package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"habeas/rights"
)

// TaskQuery asks for a page of the open tasks of all open requests, and those to tell a recipient of any, narrowed by
// whatever is not zero. The one whose request is due first comes first.
type TaskQuery struct {
	Sources []string // only tasks in one of these
	Right   rights.Right
	Owner   string // only of requests of this member of staff
	After   string // the mark that the page before returned
	Limit   int    // 0 for 50
}

// TaskRow is an open task with its request. Whom it is about is not in it, nor what a colleague wrote.
type TaskRow struct {
	rights.Request
	Task      string // ID
	Source    string // "" for one by hand
	Kind      string
	Recipient string // of data, who is to be told; "" for any other task, and where the name went with the subject's key
	OwnerName string

	seq int64
}

// Tasks returns a page of open tasks and the mark of the next page, "" after the last.
func (r reads) Tasks(ctx context.Context, q TaskQuery) ([]TaskRow, string, error) {
	limit := sized(q.Limit)
	from, args, err := q.where()
	if err != nil {
		return nil, "", err
	}
	var found []TaskRow
	for _, stretch := range q.stretches() {
		rows, err := r.from.query(ctx, "SELECT "+requestColumns+", t.id, t.source, t.kind, t.seq, CASE t.kind WHEN '"+rights.TaskRecipient+"' THEN t.what END, "+dataKey+", o.name"+from+" AND "+stretch.where+
			" ORDER BY "+stretch.order+limited(limit+1-len(found)), args...)
		more, err := all(rows, err, r.scanTaskRow)
		if err != nil {
			return nil, "", fmt.Errorf("list the tasks: %w", err)
		}
		if found = append(found, more...); len(found) > limit {
			break
		}
		from, args = q.first() // the next stretch begins at its beginning
	}
	found, next := page(found, limit, func(last TaskRow) string {
		day := last.Due.String()
		if !last.State.Open() {
			day = ""
		}
		return cursor(day, last.ID+"-"+strconv.FormatInt(last.seq, 10))
	})
	return found, next, nil
}

// stretches are what the list goes through: no date is not before every date, so what has none comes last. A request that is
// answered has no day any more.
func (q TaskQuery) stretches() []struct{ where, order string } {
	all := []struct{ where, order string }{
		{"r.is_open = 1 AND r.due > ''", "r.due, r.id, t.seq"},
		{"(r.is_open = 0 OR r.due = '')", "r.id, t.seq"},
	}
	if strings.HasPrefix(q.After, ".") { // it was among those without a date already
		return all[1:]
	}
	return all
}

// first is the condition of the first page.
func (q TaskQuery) first() (from string, args []any) {
	q.After = ""
	from, args, _ = q.where() // which fails on a mark only
	return from, args
}

func (q TaskQuery) where() (from string, args []any, err error) {
	place := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	where := []string{"(r.is_open = 1 OR t.kind = '" + rights.TaskRecipient + "')", "r.routine = 0", "t.state = 'open'"}
	if len(q.Sources) > 0 {
		var in []string
		for _, s := range q.Sources {
			in = append(in, place(s))
		}
		where = append(where, "t.source IN ("+strings.Join(in, ", ")+")")
	}
	if q.Right != "" {
		where = append(where, `r."right" = `+place(string(q.Right)))
	}
	if q.Owner != "" {
		where = append(where, "r.owner_id = "+place(q.Owner))
	}
	if q.After != "" {
		due, key, err := readCursor(q.After)
		if err != nil {
			return "", nil, err
		}
		id, n, _ := strings.Cut(key, "-")
		seq, err := strconv.ParseInt(n, 10, 64)
		if err != nil {
			return "", nil, fmt.Errorf("read page mark: %w", rights.ErrNotFound)
		}
		if due == "" {
			where = append(where, "(r.id, t.seq) > ("+place(id)+", "+place(seq)+")")
		} else {
			where = append(where, "(r.due, r.id, t.seq) > ("+place(due)+", "+place(id)+", "+place(seq)+")")
		}
	}
	return " FROM requests r JOIN tasks t ON t.request_id = r.id LEFT JOIN subjects s ON s.id = r.subject_id LEFT JOIN staff o ON o.id = r.owner_id WHERE " + strings.Join(where, " AND "), args, nil
}

func (r reads) scanTaskRow(row scanner) (TaskRow, error) {
	var t TaskRow
	var recipient, wrapped, owner []byte
	err := scanRequestAnd(row, &t.Request, &t.Task, &t.Source, &t.Kind, &t.seq, &recipient, &wrapped, &owner)
	if err != nil {
		return t, err
	}
	if recipient != nil {
		box, err := r.box(t.Subject, wrapped)
		if err == nil {
			t.Recipient, err = openWords(box, recipient, "what", t.Task)
		}
		if err != nil && !errors.Is(err, rights.ErrGone) {
			return t, err
		}
	}
	if owner == nil {
		return t, nil
	}
	t.OwnerName, err = open(r.keys.Portal, owner, "staff", "name", t.Owner)
	return t, err
}
