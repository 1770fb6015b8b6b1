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

// errBroken ends a scan whose records can no longer be written.
var errBroken = errors.New("the package cannot be written")

// step is how many records lie between two calls of Progress.
const step = 1000

// Build writes the package of one person to w: a ZIP that explains itself. The same input over the same data gives the
// same bytes. Memory does not grow with the number of records. Trouble with a source does not end the build:
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

	docs  *packer
	lanes []*lane // pages, CSV, JSON: the order of the ZIP

	total, read int // records; for Progress
	done        int // records that are in the package
	tables      map[*sources.Collection]*table
	batch       batch // of the collection that is being read
	weight      int   // bytes of text in it

	states []sources.CollectionState
}

func (b *build) open() (err error) {
	b.tables = map[*sources.Collection]*table{}
	if b.docs, err = newPacker(b.dir); err != nil {
		return err
	}
	forms := []func(*packer) form{
		func(p *packer) form {
			return &pageForm{packer: p, words: newRowWords(b.Language), house: b.house(b.Language), home: "../../" + b.indexName(b.Language)}
		},
		func(p *packer) form { return &csvForm{packer: p} },
		func(p *packer) form { return &jsonForm{packer: p} },
	}
	for _, f := range forms {
		l, err := newLane(b.dir, f)
		if err != nil {
			return err
		}
		b.lanes = append(b.lanes, l)
	}
	return nil
}

// close ends the goroutines and removes what lay on disk, whatever happened.
func (b *build) close() error {
	var errs []error
	for _, l := range b.lanes {
		_ = l.close() // its fault was reported by collect, or something else went wrong first
		errs = append(errs, l.packer.spool.remove())
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
		b.pass(true)
	}
	for _, l := range b.lanes {
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
		for _, m := range t.files() {
			m.dropped = true
		}
		b.done -= t.records
		t.records = 0
	}
}

// report tells how far the build is. What grew since it was counted does not make it go over its end.
func (b *build) report(ctx context.Context) error {
	b.total = max(b.total, b.read)
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, l := range b.lanes {
		if l.broken.Load() {
			return errBroken // the lane's own error joins it
		}
	}
	if b.Progress == nil {
		return nil
	}
	return b.Progress(b.read, b.total)
}

// add passes one record on to every form.
func (b *build) add(ctx context.Context, c *sources.Collection, r sources.Record) error {
	if b.batch.table == nil || b.batch.table.collection != c {
		b.pass(true)
		t := newTable(c, b.regime, b.Request.Right, b.Language)
		t.names = b.names.table(c.Source(), c.Name)
		b.tables[c] = t
		b.batch = batch{table: t, first: true}
	}
	t := b.batch.table
	if err := t.fits(r); err != nil {
		return err
	}
	b.read++
	if t.width == 0 { // nothing of it may be shown; the manifest says what is held
		return nil
	}
	if b.batch.values == nil {
		b.batch.values = make([]any, 0, batchValues+t.width)
	}
	for i, col := range t.columns {
		if col.treatment.shown != leftOut {
			v := t.value(col, r.Cells[i].Value)
			b.batch.values = append(b.batch.values, v)
			b.weight += weight(v)
		}
	}
	t.records++
	b.done++
	if len(b.batch.values) >= batchValues || b.weight >= batchBytes {
		b.pass(false)
	}
	if b.read%step == 0 {
		return b.report(ctx)
	}
	return nil
}

// pass hands the batch to the lanes; with last it is the end of its collection.
func (b *build) pass(last bool) {
	if b.batch.table == nil || b.batch.table.width == 0 {
		return
	}
	b.batch.last = last
	for _, l := range b.lanes {
		l.work <- b.batch
	}
	b.batch, b.weight = batch{table: b.batch.table}, 0
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
