package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"habeas/locale"
	"habeas/rights"
	"habeas/sources"
)

// Input is everything a package is made of.
type Input struct {
	Request    rights.Request // that the package answers; under Portability only portable fields go in
	Mailbox    string         // that the person confirmed
	MadeAt     time.Time      // in the zone in which the package writes times
	Language   string         // of the person
	Person     sources.Person
	Sources    *sources.Set
	Controller Controller
	Purposes   []rights.Purpose
	Consents   []rights.ConsentEvent
	Requests   []rights.Request // of the person, this one among them
	// Progress, if not nil, is told at least every thousand records and at the end. An error of its ends the build.
	Progress func(done, total int) error
}

// Controller is who answers for the data.
type Controller struct {
	Name    map[string]string // by language
	Address string
	Contact string // of the privacy team
}

// Result is what became of a package.
type Result struct {
	Records    int
	Bytes      int64  // of the ZIP, unsealed
	SHA256     string // of the same, hex
	Incomplete bool   // a source could not be read; the package says which
}

// step is how many records lie between two calls of Progress.
const step = 1000

// Build writes the package of one person to w: a ZIP as docs/export.md describes it. The same input over the same data
// gives the same bytes. Memory does not grow with the number of records. Trouble with a source does not end the build:
// the package names it and Result.Incomplete is true. After any error what was written is worthless, and a file of
// Create removes itself when it is closed.
func Build(ctx context.Context, w io.Writer, in Input) (result Result, err error) {
	b := &build{Input: in, names: names{}}
	finished := false
	if s, ok := w.(*sealedFile); ok {
		b.dir = s.dir()
		defer func() { // after a panic too
			if !finished || err != nil {
				s.abandon()
			}
		}()
	}
	var known bool
	if b.regime, known = rights.RegimeByID(in.Request.Regime); !known {
		return Result{}, fmt.Errorf("regime %q is not known", in.Request.Regime)
	}
	b.Language = locale.Match(in.Language, "")
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.open(); err != nil {
		return Result{}, err
	}
	if err := b.collect(ctx); err != nil {
		return Result{}, err
	}
	if err := b.document(); err != nil {
		return Result{}, err
	}
	result, err = b.assemble(ctx, w)
	finished = true
	return result, err
}

// build is one package being made.
type build struct {
	Input
	regime rights.Regime
	dir    string // where overflow goes
	names  names
	words  rowWords

	docs             *packer
	pages, csv, json *lane

	total, read int // records; for Progress
	done        int // records that are in the package
	tables      map[*sources.Collection]*table
	current     *table
	pager       *pager
	values      []any  // of the shown columns of one record
	scratch     []byte // of structures in CSV

	states []sources.CollectionState
}

func (b *build) open() (err error) {
	b.words, b.tables = newRowWords(b.Language), map[*sources.Collection]*table{}
	if b.docs, err = newPacker(b.dir); err != nil {
		return err
	}
	for _, l := range []**lane{&b.pages, &b.csv, &b.json} {
		if *l, err = newLane(b.dir); err != nil {
			return err
		}
	}
	return nil
}

// close ends the goroutines and removes what lay on disk, whatever happened.
func (b *build) close() error {
	var errs []error
	for _, l := range []*lane{b.pages, b.csv, b.json} {
		if l != nil {
			_ = l.close() // its fault was reported by collect, or something else went wrong first
			errs = append(errs, l.packer.spool.remove())
		}
	}
	if b.docs != nil {
		errs = append(errs, b.docs.spool.remove())
	}
	return errors.Join(errs...)
}

// collect reads everything the sources hold, once.
func (b *build) collect(ctx context.Context) error {
	counted, err := b.Sources.Overview(ctx, b.Person)
	if err != nil {
		return fmt.Errorf("count the records: %w", err)
	}
	for _, s := range counted {
		b.total += s.Count
	}
	b.states, err = b.Sources.Scan(ctx, b.Person, func(c *sources.Collection, r sources.Record) error {
		return b.add(ctx, c, r)
	})
	if err == nil {
		err = b.finish()
	}
	for _, l := range []*lane{b.pages, b.csv, b.json} {
		err = errors.Join(err, l.close())
	}
	if err != nil {
		return fmt.Errorf("collect the records: %w", err)
	}
	b.drop()
	return b.report(ctx)
}

// drop passes over the files of collections whose source failed after some records: half a file looks like a whole one.
func (b *build) drop() {
	for _, s := range b.states {
		t := b.tables[s.Collection]
		if s.State != sources.Failed || t == nil {
			continue
		}
		for _, m := range t.files {
			m.dropped = true
		}
		b.done -= t.records
		t.records, t.files = 0, nil
	}
}

// report tells how far the build is. What grew since it was counted does not make it go over its end.
func (b *build) report(ctx context.Context) error {
	b.total = max(b.total, b.read)
	if err := ctx.Err(); err != nil {
		return err
	}
	if b.Progress == nil {
		return nil
	}
	return b.Progress(b.read, b.total)
}

// add appends one record to the files of its collection.
func (b *build) add(ctx context.Context, c *sources.Collection, r sources.Record) error {
	if b.current == nil || b.current.collection != c {
		if err := b.finish(); err != nil {
			return err
		}
		b.begin(c)
	}
	t := b.current
	if err := t.fits(r); err != nil {
		return err
	}
	j, s := b.json, b.csv
	if t.records > 0 {
		j.buf = append(j.buf, ",\n"...)
	}
	j.buf = append(j.buf, '{')
	b.values = b.values[:0]
	for i, col := range t.columns {
		if col.shown == leftOut {
			continue
		}
		v := t.value(col, r.Cells[i].Value)
		if len(b.values) > 0 {
			j.buf = append(j.buf, ',')
			s.buf = append(s.buf, ',')
		}
		b.values = append(b.values, v)
		j.buf = appendJSON(append(j.buf, col.key...), v, col.shape)
		s.buf, b.scratch = appendCell(s.buf, v, b.scratch)
	}
	j.buf = append(j.buf, '}')
	s.buf = append(s.buf, "\r\n"...)
	j.pass()
	s.pass()
	if err := b.pager.add(b.values); err != nil {
		return err
	}
	t.records++
	b.done++
	b.read++
	if b.read%step == 0 {
		return b.report(ctx)
	}
	return nil
}

// begin opens the files of a collection.
func (b *build) begin(c *sources.Collection) {
	t := newTable(c, b.regime, b.Request.Right, b.Language)
	b.tables[c], b.current = t, t
	b.json.buf = append(b.json.buf, "[\n"...)
	b.csv.buf = append(b.csv.buf, byteOrderMark...)
	var heads []string
	for _, col := range t.columns {
		if col.shown == leftOut {
			continue
		}
		if len(heads) > 0 {
			b.csv.buf = append(b.csv.buf, ',')
		}
		heads = append(heads, col.label)
		b.csv.buf = appendText(b.csv.buf, col.field.Name)
	}
	b.csv.buf = append(b.csv.buf, "\r\n"...)
	b.pager = &pager{lane: b.pages, table: t, words: b.words, first: 1, page: 1, view: b.pageView(t, heads), name: func(page int) string {
		return b.pageName(c, page)
	}}
}

// finish closes the files of the collection that was being read.
func (b *build) finish() error {
	t := b.current
	if t == nil {
		return nil
	}
	b.json.buf = append(b.json.buf, "\n]\n"...)
	j := &member{name: b.dataName(t.collection, "json"), records: t.records}
	s := &member{name: b.dataName(t.collection, "csv"), records: t.records}
	b.json.finish(j)
	b.csv.finish(s)
	if err := b.pager.write(false); err != nil {
		return err
	}
	t.files = append([]*member{j, s}, b.pager.files...)
	b.current, b.pager = nil, nil
	return nil
}

func (b *build) dataName(c *sources.Collection, form string) string {
	dir := "data/" + b.names.of("", c.Source())
	return dir + "/" + b.names.of(dir, c.Name) + "." + form
}

func (b *build) schemaName(c *sources.Collection) string {
	dir := b.names.of("", c.Source())
	return "schema/" + dir + "/" + b.names.of("data/"+dir, c.Name) + ".json"
}

// pageName numbers all pages but the first, after a tilde, which no name of a collection has.
func (b *build) pageName(c *sources.Collection, page int) string {
	dir := b.names.of("", c.Source())
	name := "pages/" + dir + "/" + b.names.of("data/"+dir, c.Name)
	if page > 1 {
		name += fmt.Sprintf("~%d", page)
	}
	return name + ".html"
}
