package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
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
	Supplement *Supplement      // nil for a package of everything
	// Progress, if not nil, is told every thousand records and at the end, one call at a time. An error of its ends the build.
	Progress func(done, total int) error
}

// Supplement says that a package gives what an earlier one lacked, and nothing else.
type Supplement struct {
	Number int                   // of this one, from 1
	To     string                // the SHA-256 of the request's first package
	Of     []*sources.Collection // what was missing
}

// Controller is who answers for the data.
type Controller struct {
	Name    map[string]string // by language
	Address string
	Contact string // of the privacy team
}

// Result is what became of a package.
type Result struct {
	Records int
	Bytes   int64     // of the ZIP, unsealed
	SHA256  string    // of the same, hex
	Missing []Missing // what could not be read; the package says so
}

// Missing is a collection that could not be read, or not all of it, and why.
type Missing struct {
	Source     string         `json:"source"`
	Collection string         `json:"collection"`
	Reason     sources.Reason `json:"reason"`
}

// ByHand reports whether no machine can read it: its system has no connection.
func (m Missing) ByHand() bool { return m.Reason == sources.Reason(sources.ByHand) }

// Build writes the package of one person to w: a ZIP that explains itself. The same input over the same data gives the
// same bytes. Memory does not grow with the number of records. Trouble with a source does not end the build:
// the package names it, and Result.Missing. After any error what was written is worthless, and a file of
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
	paths  map[*sources.Collection]tableNames

	docs    *packer
	forms   []func(*packer) form // pages, CSV, JSON: the order of the ZIP; then linked data, where it is made
	shelves []*shelf             // one a source, in the order of the configuration

	mu     sync.Mutex // of telling how far it is
	total  int        // records, for Progress
	read   atomic.Int64
	done   int // records that are in the package
	tables map[*sources.Collection]*table
	states []sources.CollectionState
}

func (b *build) open() (err error) {
	if b.docs, err = newPacker(b.dir); err != nil {
		return err
	}
	b.forms = []func(*packer) form{
		func(p *packer) form {
			return &pageForm{packer: p, words: newRowWords(b.Language), house: b.house(b.Language), home: "../../" + b.indexName(b.Language)}
		},
		func(p *packer) form { return &csvForm{packer: p} },
		func(p *packer) form { return &jsonForm{packer: p} },
	}
	if b.Request.Right == rights.Portability {
		b.forms = append(b.forms, func(p *packer) form { return &linkedForm{packer: p} })
	}
	b.paths = map[*sources.Collection]tableNames{}
	for _, c := range b.Sources.Collections() { // in their order, whoever is read first: the same data, the same names
		b.paths[c] = b.names.table(c.Source(), c.Name)
	}
	return nil
}

// close ends the goroutines and removes what lay on disk, whatever happened.
func (b *build) close() error {
	var errs []error
	for _, s := range b.shelves {
		for _, l := range s.lanes {
			_ = l.close() // its fault was reported by collect, or something else went wrong first
			errs = append(errs, l.packer.spool.remove())
		}
	}
	if b.docs != nil {
		errs = append(errs, b.docs.spool.remove())
	}
	return errors.Join(errs...)
}

// collect reads everything the sources hold, once, all of them at the same time.
func (b *build) collect(ctx context.Context) error {
	counted, err := b.Sources.Overview(ctx, b.Person, b.wanted()...)
	if err != nil {
		return fmt.Errorf("count the records: %w", err)
	}
	for _, s := range counted {
		b.total += s.Count
	}
	b.states, err = b.Sources.Scan(ctx, b.Person, func(string) func(*sources.Collection, sources.Record) error {
		s := &shelf{build: b}
		b.shelves = append(b.shelves, s)
		return s.add
	}, b.wanted()...)
	for _, s := range b.shelves {
		err = errors.Join(err, s.finish(err == nil))
	}
	if err != nil {
		return fmt.Errorf("collect the records: %w", err)
	}
	b.tables = map[*sources.Collection]*table{}
	for _, s := range b.shelves {
		for _, t := range s.tables {
			b.tables[t.collection] = t
		}
	}
	b.settle()
	if err := b.report(); err != nil {
		return err
	}
	return ctx.Err()
}

// wanted are the collections of a supplement; none stands for all.
func (b *build) wanted() []*sources.Collection {
	if b.Supplement == nil {
		return nil
	}
	return b.Supplement.Of
}

// settle counts what is in the package, and passes over the files of collections whose source failed after some records:
// half a file looks like a whole one.
func (b *build) settle() {
	for _, s := range b.states {
		t := b.tables[s.Collection]
		if t == nil {
			continue
		}
		if s.State == sources.Failed {
			for _, m := range t.files() {
				m.dropped = true
			}
			if t.linked != nil {
				t.linked.dropped = true
			}
			t.records = 0
		}
		b.done += t.records
	}
}

// report tells how far the build is. What grew since it was counted does not make it go over its end.
func (b *build) report() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	read := int(b.read.Load())
	b.total = max(b.total, read)
	if b.Progress == nil {
		return nil
	}
	return b.Progress(read, b.total)
}
