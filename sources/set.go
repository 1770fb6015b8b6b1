package sources

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"habeas/rights"
)

// Config is one source of the configuration file.
type Config struct {
	Key     string // names the source in paths and packages: letters, digits, - and _
	Driver  string // one of Drivers
	DSN     string // where it is, in the driver's own form; relative paths are the process's
	Dataset string // path of its data map
	// Password is that of the user whom the DSN names, kept apart because a DSN is shown and copied.
	Password string
}

// Options bound what one call may cost a source, and say what else is the installation's own. Zero values mean the
// defaults.
type Options struct {
	Timeout     time.Duration // without an answer, after which a source is slow; 5 s
	SourceTime  time.Duration // for all that one scan reads of a source, after which the rest of it is slow; 10 min
	LockWait    time.Duration // for somebody else's lock, after which it is busy; 2 s, and less than Timeout
	PageRows    int           // records of a page at most; 200
	PageBytes   int           // of values after which a page ends early; 4 MiB
	RecordBytes int           // of values of one record at most; 16 MiB
	Links       int           // values carried from one source to another at most; 200,000
	IDKey       []byte        // 32 bytes that encrypt record IDs which must not be read; random, so that they end with the process
	// Vault returns the 32 bytes that seal the snapshot of a source; without it no record of one can be read.
	Vault func(source string) []byte
}

func (o Options) withDefaults() Options {
	o.Timeout = cmp.Or(o.Timeout, 5*time.Second)
	o.SourceTime = cmp.Or(o.SourceTime, 10*time.Minute)
	o.LockWait = min(cmp.Or(o.LockWait, 2*time.Second), o.Timeout/2)
	o.PageRows = cmp.Or(o.PageRows, 200)
	o.PageBytes = cmp.Or(o.PageBytes, 4<<20)
	o.RecordBytes = cmp.Or(o.RecordBytes, 16<<20)
	o.Links = cmp.Or(o.Links, 200_000)
	return o
}

// Set is every source with its map. It is safe for concurrent use.
type Set struct {
	sources  []*source
	mapped   []*Collection // every collection of every map, reached or not
	edges    []edge        // what leads from one to another
	plan     *plan
	warnings Faults
	options  Options
	ids      *ids
}

// source is one system with what is known of its shape.
type source struct {
	key    string
	system system

	mu      sync.Mutex
	columns map[*Collection][]column
}

// drivers opens the kinds of systems there are. It reaches nothing yet.
var drivers = map[string]func(c Config, writable bool, o Options) (system, error){
	"sqlite":   openSQLite,
	"postgres": openPostgres,
	"mysql":    openMySQL,
	"snapshot": openSnapshot,
	"manual":   openManual,
}

// Drivers returns the names of the drivers there are, sorted.
func Drivers() []string { return slices.Sorted(maps.Keys(drivers)) }

// Open reads the data maps and prepares the sources. It does not reach them: a source that is down is down when it is
// asked, and only it. Faults of the maps, all at once, are a Faults error; warnings are kept for Warnings.
func Open(_ context.Context, configs []Config, options Options) (*Set, error) {
	ids, err := newIDs(options.IDKey)
	if err != nil {
		return nil, err
	}
	s := &Set{options: options.withDefaults(), ids: ids}
	var all []*Dataset
	var faults Faults
	mapped := map[string][]*Dataset{}
	for _, c := range configs {
		if !fidesKey.MatchString(c.Key) || strings.Trim(c.Key, ".") == "" {
			return nil, fmt.Errorf("source %q: give it a key of letters, digits, - and _", c.Key)
		}
		if _, twice := mapped[c.Key]; twice {
			return nil, fmt.Errorf("source %q is configured twice: give each its own key", c.Key)
		}
		if drivers[c.Driver] == nil {
			return nil, fmt.Errorf("source %q: there is no driver %q; write one of %s", c.Key, c.Driver, strings.Join(Drivers(), ", "))
		}
		datasets, found := readMap(c.Key, c.Dataset)
		mapped[c.Key] = datasets
		all, faults = append(all, datasets...), append(faults, found...)
		switch c.Driver {
		case "snapshot":
			faults = append(faults, snapshotFaults(datasets)...)
		case "manual":
			for _, d := range datasets {
				d.Manual = true
			}
			faults = append(faults, manualFaults(datasets)...)
		}
	}
	g := newGraph(all)
	s.mapped, s.edges, s.plan = slices.Concat(g.collections, g.manual), g.edges, newPlan(g)
	faults = append(faults, g.faults...)
	faults.sort()
	if err := faults.err(); err != nil {
		return nil, err
	}
	s.warnings = faults
	for _, c := range configs {
		sys, err := drivers[c.Driver](c, writable(mapped[c.Key]), s.options)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("source %q: %w", c.Key, err), s.Close())
		}
		s.sources = append(s.sources, &source{key: c.Key, system: sys})
	}
	s.furnish()
	s.warnings = append(s.warnings, s.idleRules()...)
	s.warnings.sort()
	return s, nil
}

// writable reports whether the map lets anything be corrected, erased or flagged: only then is there a handle that may write.
func writable(datasets []*Dataset) bool {
	found := false
	for _, d := range datasets {
		for _, c := range d.Collections {
			fate := c.fate(func(rights.Period) bool { return true }) // in the end
			found = found || !fate.ByHand && fate.Record != EraseKeep && !c.Skip || len(c.Flags) > 0
			walk(c.Fields, func(f *Field) { found = found || f.Meta.Editable != EditableNo })
		}
	}
	return found
}

// Close ends every connection.
func (s *Set) Close() error {
	var errs []error
	for _, src := range s.sources {
		errs = append(errs, src.system.close())
	}
	return errors.Join(errs...)
}

// Warnings returns what the maps leave open: collections that nobody reaches, circles, records of two people.
func (s *Set) Warnings() Faults { return slices.Clone(s.warnings) }

// Sources returns the keys of the sources in the order of the configuration.
func (s *Set) Sources() []string {
	keys := make([]string, len(s.sources))
	for i, src := range s.sources {
		keys[i] = src.key
	}
	return keys
}

// Collections returns every collection that a person may have records in, in the order in which they are read; those of
// systems without a connection come last, and nobody reads them.
func (s *Set) Collections() []*Collection { return slices.Clone(s.plan.order) }

// Collection returns the collection of that name, or nil.
func (s *Set) Collection(source, name string) *Collection {
	for _, c := range s.plan.order {
		if c.Source() == source && c.Name == name {
			return c
		}
	}
	return nil
}

// Shared reports whether the records of a collection belong to nobody in particular, like the things a shop sells: a
// person sees those that theirs lead to, and erasing them is not theirs to ask.
func (s *Set) Shared(c *Collection) bool { return s.plan.shared[c] }

func (s *Set) source(key string) *source {
	for _, src := range s.sources {
		if src.key == key {
			return src
		}
	}
	return nil
}

// call bounds one call to a source in time.
func (s *Set) call(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, s.options.Timeout, errSlow)
}

// rows runs a query against the source of its collection, bounded in time.
func (s *Set) rows(ctx context.Context, q query, each func([]any) error) error {
	src := s.source(q.from.Source())
	ctx, cancel := s.call(ctx)
	defer cancel()
	return trouble(ctx, src, q.from, src.system.rows(ctx, q, each))
}

// shape returns what the source says about the columns of a collection, asked once and remembered: it decides how
// values are written down and compared, and a column that goes away later is noticed by the query that names it.
func (src *source) shape(ctx context.Context, c *Collection) ([]column, error) {
	src.mu.Lock()
	defer src.mu.Unlock()
	if known, ok := src.columns[c]; ok {
		return known, nil
	}
	columns, err := src.system.columns(ctx, c)
	if err != nil {
		return nil, err
	}
	if len(columns) == 0 {
		return nil, &SourceError{Source: src.key, Collection: c.Name, Kind: Changed}
	}
	if src.columns == nil {
		src.columns = map[*Collection][]column{}
	}
	src.columns[c] = columns
	return columns, nil
}

func find(columns []column, name string) (column, bool) {
	i := slices.IndexFunc(columns, func(c column) bool { return c.name == name })
	if i < 0 {
		i = slices.IndexFunc(columns, func(c column) bool { return !c.exact && strings.EqualFold(c.name, name) })
	}
	if i < 0 {
		return column{}, false
	}
	return columns[i], true
}
