package export

import (
	"errors"

	"habeas/sources"
)

// shelf takes what one source holds. Sources are read at the same time and none may wait for another, so each has lanes of
// its own; the ZIP takes from them in the order of the sources, whichever was read first.
type shelf struct {
	*build
	lanes  []*lane // one a form; none before the first record
	tables []*table
	batch  batch // of the collection that is being read
	weight int   // bytes of text in it
}

// errBroken ends a scan whose records can no longer be written.
var errBroken = errors.New("the package cannot be written")

// step is how many records lie between two calls of Progress.
const step = 1000

// add passes one record on to every form.
func (s *shelf) add(c *sources.Collection, r sources.Record) error {
	if s.batch.table == nil || s.batch.table.collection != c {
		if err := s.begin(c); err != nil {
			return err
		}
	}
	t := s.batch.table
	if err := t.fits(r); err != nil {
		return err
	}
	if t.width > 0 { // else nothing of it may be shown; the manifest says what is held
		if s.batch.values == nil {
			s.batch.values = make([]any, 0, batchValues+t.width)
		}
		for i, col := range t.columns {
			if col.treatment.shown != leftOut {
				v := t.value(col, r.Cells[i].Value)
				s.batch.values = append(s.batch.values, v)
				s.weight += weight(v)
			}
		}
		t.records++
		if len(s.batch.values) >= batchValues || s.weight >= batchBytes {
			if err := s.pass(false); err != nil {
				return err
			}
		}
	}
	if s.read.Add(1)%step == 0 {
		return s.report()
	}
	return nil
}

// begin ends the collection before and starts the next.
func (s *shelf) begin(c *sources.Collection) error {
	if err := s.pass(true); err != nil {
		return err
	}
	for len(s.lanes) < len(s.forms) {
		l, err := newLane(s.dir, s.forms[len(s.lanes)])
		if err != nil {
			return err
		}
		s.lanes = append(s.lanes, l)
	}
	t := newTable(c, s.regime, s.Request.Right, s.Language)
	t.names = s.paths[c]
	s.tables = append(s.tables, t)
	s.batch = batch{table: t, first: true}
	return nil
}

// pass hands the batch to the lanes; with last it is the end of its collection.
func (s *shelf) pass(last bool) error {
	if s.batch.table == nil || s.batch.table.width == 0 {
		return nil
	}
	s.batch.last = last
	for _, l := range s.lanes {
		if l.broken.Load() {
			return errBroken // the lane's own error joins it
		}
		l.work <- s.batch
	}
	s.batch, s.weight = batch{table: s.batch.table}, 0
	return nil
}

// finish waits until everything is packed; what is whole ends with its last collection.
func (s *shelf) finish(whole bool) (err error) {
	if whole {
		err = s.pass(true)
	}
	for _, l := range s.lanes {
		err = errors.Join(err, l.close())
	}
	return err
}

// weight is about how many bytes a value keeps in memory beyond its place.
func weight(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []byte:
		return len(v)
	case []any:
		n := 0
		for _, e := range v {
			n += 16 + weight(e)
		}
		return n
	case sources.Object:
		n := 0
		for _, c := range v {
			n += 24 + weight(c.Value)
		}
		return n
	case map[string]any:
		n := 0
		for k, e := range v {
			n += 48 + len(k) + weight(e)
		}
		return n
	}
	return 0
}
