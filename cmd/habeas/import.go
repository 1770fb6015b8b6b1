package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"habeas/rights"
	"habeas/sheet"
	"habeas/sources"
	"habeas/store"
)

// snapshotDriver is the driver of sources that are imported into.
const snapshotDriver = "snapshot"

// importCmd brings a file that a system exported into the snapshot of a source.
//
// It works in its own process, so that a portal that serves keeps its memory to itself and need not be allowed to read the
// file. What it needs of the portal, the key of the one snapshot, it asks for over the control socket, which is its owner's
// alone; without a portal it opens the data directory itself. That two imports do not meet, and that a portal reads either
// the old content or the new, the transaction in the file of the snapshot sees to.
type importCmd struct {
	Source string `arg:"" help:"The key of a source with driver: snapshot."`
	File   string `arg:"" type:"existingfile" help:"The export: CSV, XLSX or JSONL."`

	Collection string   `help:"The collection of the data map that the file holds; needless where there is one, or where the file is named after it." placeholder:"NAME"`
	Preset     string   `help:"The system's own names of columns: ${presets}." placeholder:"NAME"`
	Map        []string `help:"The field of a column, like --map \"Mail 1=email\"; once for each." sep:"none" placeholder:"COLUMN=FIELD"`
	Sheet      string   `help:"The sheet of an XLSX file; the first without it." placeholder:"NAME"`
	Encoding   string   `help:"utf-8, utf-16le, utf-16be or gb18030; found out without it." placeholder:"NAME"`
	Report     string   `help:"Where to write what is wrong with which rows; FILE.faults.csv without it." placeholder:"FILE"`
	Partial    bool     `help:"Leave out rows that cannot be imported, instead of importing nothing."`
	Fewer      bool     `help:"Allow that more than half of the records are gone."`
}

// Run imports the file: all of it or nothing.
func (c importCmd) Run(ctx context.Context, g *globals, out io.Writer) error {
	conf, err := g.load()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(conf.Sources, func(s sources.Config) bool { return s.Key == c.Source })
	switch {
	case i < 0:
		return usageError{fmt.Sprintf("there is no source %q in the configuration%s", c.Source, meant(c.Source, keysOf(conf.Sources)))}
	case conf.Sources[i].Driver != snapshotDriver:
		return usageError{fmt.Sprintf("source %s is asked itself (driver: %s): only those with driver: snapshot are imported into", c.Source, conf.Sources[i].Driver)}
	}
	said, preset, err := c.columns()
	if err != nil {
		return err
	}
	table, err := sheet.Open(c.File, sheet.Options{Sheet: c.Sheet, Encoding: c.Encoding})
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(c.File), err)
	}
	defer table.Close()
	key, err := c.key(ctx, g)
	if err != nil {
		return err
	}
	set, err := sources.Open(ctx, conf.Sources, sources.Options{Vault: func(string) []byte { return key }})
	if err != nil {
		return err
	}
	defer set.Close()
	collection, err := c.collection(set)
	if err != nil {
		return err
	}
	fields, err := collection.Match(table.Header, said, preset)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(c.File), err)
	}
	report := &faultReport{file: c.Report}
	if report.file == "" {
		report.file = c.File + ".faults.csv"
	}
	bar := newProgress(out)
	n, err := set.Import(ctx, sources.Import{
		Source: c.Source, Collection: collection.Name, Columns: fields, At: time.Now(),
		Next: next(table), Fault: report.add, Partial: c.Partial, Fewer: c.Fewer,
		Progress: func(rows int) { bar.show(rows, table.Progress()) },
	})
	bar.end()
	if err := errors.Join(err, report.close()); err != nil {
		return explain(err, n, report)
	}
	lines, err := askErrand(ctx, g, errand{Do: "import.end", Source: c.Source, Facts: facts(collection, n)})
	for _, line := range append(c.summary(collection, table, fields, n, report), lines...) {
		fmt.Fprintln(out, line)
	}
	return err
}

// columns reads --map and --preset.
func (c importCmd) columns() (said, preset map[string]string, err error) {
	said = map[string]string{}
	for _, m := range c.Map {
		at := strings.LastIndexByte(m, '=')
		if at < 1 || at == len(m)-1 {
			return nil, nil, usageError{"--map wants a column and its field: write --map \"Mail 1=email\""}
		}
		said[strings.TrimSpace(m[:at])] = strings.TrimSpace(m[at+1:])
	}
	if c.Preset == "" {
		return said, nil, nil
	}
	p, known := sheet.PresetNamed(c.Preset)
	if !known {
		return nil, nil, usageError{fmt.Sprintf("there is no preset %q%s", c.Preset, meant(c.Preset, sheet.PresetNames()))}
	}
	return said, p.Columns(), nil
}

// key asks for the key of the snapshot, of the running portal or of the data directory.
func (c importCmd) key(ctx context.Context, g *globals) ([]byte, error) {
	lines, err := askErrand(ctx, g, errand{Do: "import.begin", Source: c.Source})
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, errors.New("the running portal gave no key: use the habeas of the same version")
	}
	key, err := hex.DecodeString(lines[0])
	if err != nil {
		return nil, errors.New("the running portal gave no key: use the habeas of the same version")
	}
	return key, nil
}

// collection is the one that the file holds.
func (c importCmd) collection(set *sources.Set) (*sources.Collection, error) {
	all := map[string]*sources.Collection{}
	for _, each := range set.Mapped(c.Source) {
		all[each.Name] = each
	}
	names := slices.Sorted(maps.Keys(all))
	base := strings.TrimSuffix(filepath.Base(c.File), filepath.Ext(c.File))
	switch {
	case c.Collection != "" && all[c.Collection] == nil:
		return nil, usageError{fmt.Sprintf("the map of source %s has no collection %q%s", c.Source, c.Collection, meant(c.Collection, names))}
	case c.Collection != "":
		return all[c.Collection], nil
	case len(names) == 1:
		return all[names[0]], nil
	}
	for _, each := range all {
		if strings.EqualFold(each.Name, base) {
			return each, nil
		}
		for _, label := range each.Label {
			if strings.EqualFold(label, base) {
				return each, nil
			}
		}
	}
	return nil, usageError{fmt.Sprintf("source %s has several collections: say which one the file holds with --collection: %s", c.Source, strings.Join(names, ", "))}
}

// next gives the rows of the file to the import.
func next(table *sheet.Table) func() (int, []string, error) {
	return func() (int, []string, error) {
		row, err := table.Next()
		var fault *sheet.Fault
		if errors.As(err, &fault) {
			err = &sources.RowFault{Row: fault.Row, Column: fault.Column, What: fault.What, Why: fault.Why}
		}
		return row.Number, row.Cells, err
	}
}

// explain says what to do about an import that did not take place.
func explain(err error, n sources.Imported, report *faultReport) error {
	switch {
	case errors.Is(err, sources.ErrFaultyRows):
		return fmt.Errorf("%d of %d rows cannot be imported, so nothing was: see %s, correct the export, or leave them out with --partial", n.Faulty, n.Rows, report.file)
	case errors.Is(err, sources.ErrManyGone):
		return fmt.Errorf("%d records would be gone, more than half of all, so nothing was imported: is the export whole? If it is, say --fewer", n.Gone)
	}
	return err
}

// summary is what is printed in the end.
func (c importCmd) summary(collection *sources.Collection, table *sheet.Table, fields []*sources.Field, n sources.Imported, report *faultReport) []string {
	left := 0
	for _, f := range fields {
		if f == nil {
			left++
		}
	}
	how := table.Format
	if table.Encoding != "" {
		how += ", " + table.Encoding
	}
	lines := []string{
		fmt.Sprintf("Imported into %s.%s: %d rows (%s)", c.Source, collection.Name, n.Rows, how),
		fmt.Sprintf("  %d new, %d changed (%d values), %d as before, %d gone, %d back", n.New, n.Changed, n.Values, n.Same, n.Gone, n.Back),
	}
	add := func(count int, text string, args ...any) {
		if count > 0 {
			lines = append(lines, fmt.Sprintf("  "+text, args...))
		}
	}
	add(left, "columns that the data map does not name, and that were not read: %d", left)
	add(n.Faulty, "rows that cannot be imported, and were left out: %d, see %s", n.Faulty, report.file)
	add(n.Kept, "records that the file does not have, kept because of rows that cannot be read: %d", n.Kept)
	add(n.Forgotten, "rows of people who were erased, not brought back: %d. Erase them in the system itself", n.Forgotten)
	return lines
}

// facts are what the audit log keeps of an import: numbers.
func facts(collection *sources.Collection, n sources.Imported) map[string]string {
	out := map[string]string{"collection": collection.Name}
	for name, count := range map[string]int{"rows": n.Rows, "new": n.New, "changed": n.Changed, "values": n.Values, "gone": n.Gone, "back": n.Back, "faulty": n.Faulty, "forgotten": n.Forgotten} {
		out[name] = strconv.Itoa(count)
	}
	return out
}

// vault returns the key of the snapshot of a source.
func (h *house) vault(source string) []byte { return h.store.Hash("snapshot", source) }

// placeSnapshots puts the snapshots that the configuration gives no file into the data directory.
func (g *globals) placeSnapshots(c *config) {
	for i, s := range c.Sources {
		if s.Driver == snapshotDriver && s.DSN == "" {
			c.Sources[i].DSN = filepath.Join(g.dir(), "snapshots", s.Key+".db")
		}
	}
}

// beginImport hands out the key of one snapshot, and puts on record that somebody has it.
func beginImport(ctx context.Context, h *house, e errand) ([]string, error) {
	if err := checkKey(e.Source); err != nil {
		return nil, err
	}
	err := h.record(ctx, "import.begun", e)
	return []string{hex.EncodeToString(h.vault(e.Source))}, err
}

// endImport puts on record what an import did.
func endImport(ctx context.Context, h *house, e errand) ([]string, error) {
	return nil, h.record(ctx, "import.ended", e)
}

func (h *house) record(ctx context.Context, act string, e errand) error {
	facts := maps.Clone(e.Facts)
	if facts == nil {
		facts = map[string]string{}
	}
	facts["source"] = e.Source
	return h.store.Write(ctx, func(tx *store.Tx) error {
		return tx.Append(rights.Entry{At: time.Now(), Actor: rights.System, Act: act, Facts: facts})
	})
}

func keysOf(all []sources.Config) []string {
	keys := make([]string, len(all))
	for i, s := range all {
		keys[i] = s.Key
	}
	return keys
}
