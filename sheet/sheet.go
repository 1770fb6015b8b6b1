// Package sheet reads tables from files that other systems export: CSV, XLSX and JSONL, as a stream of rows in flat
// memory. It knows nothing of data maps, people or databases, and says of each fault where it is, what it is and why;
// never what a cell holds.
package sheet

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Row is one row of a table.
type Row struct {
	Number int      // of the line (CSV, JSONL) or row (XLSX) of the file on which it begins, from 1
	Cells  []string // one for each column of the header; the slice is reused
}

// Table is an open file. It is for one goroutine.
type Table struct {
	Format   string   // "csv", "xlsx" or "jsonl"
	Encoding string   // "utf-8", "utf-16le", "utf-16be" or "gb18030"; "" for XLSX, which says its own
	Header   []string // the names of the columns, trimmed; none is twice

	limits Limits
	file   *os.File
	size   int64
	read   *counter
	rows   int
	next   func() (Row, error)
	ends   []func() error
}

// Limits bound what a file may hold, so that a wrong one, or one made to hurt, ends with a sentence. Zero values mean the
// defaults.
type Limits struct {
	Rows    int // 20,000,000
	Columns int // 1,000
	Cell    int // bytes; 1 MiB
	Row     int // bytes; 4 MiB
}

func (l Limits) withDefaults() Limits {
	for _, d := range []struct {
		of   *int
		then int
	}{{&l.Rows, 20_000_000}, {&l.Columns, 1_000}, {&l.Cell, 1 << 20}, {&l.Row, 4 << 20}} {
		if *d.of == 0 {
			*d.of = d.then
		}
	}
	return l
}

// Options say what the file itself does not.
type Options struct {
	Sheet    string // of an XLSX file, by name; "" for the first
	Encoding string // of a text; "" to find out
	Temp     string // directory of temporary files, which have no name; "" for the system's
	Limits   Limits
}

// Fault is something wrong with one row. Reading goes on after it. Its text holds no value.
type Fault struct {
	Row    int
	Column string // as the header names it, "" for the whole row
	What   string // "the quotation mark is not closed"
	Why    string // what to do about it, or the rule that it breaks
}

func (f *Fault) Error() string {
	at := fmt.Sprintf("row %d", f.Row)
	if f.Column != "" {
		at += ", column " + f.Column
	}
	return at + ": " + f.What + ": " + f.Why
}

// Open opens a file and reads its header. What kind it is, its name says, else its first bytes do.
func Open(name string, o Options) (*Table, error) {
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, fmt.Errorf("the file cannot be opened (%w): check its name and its permissions", reason(err))
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no file: name the exported file itself")
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	t := &Table{limits: o.Limits.withDefaults(), file: f, size: info.Size(), read: &counter{}}
	if err := t.open(name, o); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *Table) open(name string, o Options) error {
	head := make([]byte, 4096)
	n, err := t.file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("the file cannot be read: %w", reason(err))
	}
	head = head[:n]
	if n == 0 {
		return errors.New("the file is empty: export it again")
	}
	if t.Format, err = formatOf(name, head); err != nil {
		return err
	}
	if t.Format == "xlsx" {
		err = t.openXLSX(o)
	} else {
		err = t.openText(head, o)
	}
	if err != nil {
		return err
	}
	return t.settleHeader()
}

// formatOf tells the kind of a file.
func formatOf(name string, head []byte) (string, error) {
	const (
		zipped = "PK\x03\x04"
		ole    = "\xd0\xcf\x11\xe0" // the old XLS, and an XLSX with a password
	)
	switch {
	case strings.HasPrefix(string(head), zipped):
		return "xlsx", nil
	case strings.HasPrefix(string(head), ole):
		return "", errors.New("this is an old XLS file or one with a password: save it as XLSX without a password")
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".xlsx":
		return "", errors.New("the file is named .xlsx and is none: export it again")
	case ".jsonl", ".ndjson":
		return "jsonl", nil
	case ".json":
		return "", errors.New("a JSON file is one value: export JSONL, one object a line")
	case ".csv", ".tsv", ".tab":
		return "csv", nil
	}
	if strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(string(head), "\ufeff")), "{") {
		return "jsonl", nil
	}
	return "csv", nil
}

// readHeader takes the first row with a value for the header.
func (t *Table) readHeader() error {
	for {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			return errors.New("the file is empty: export it again")
		}
		if err != nil {
			return fmt.Errorf("the header cannot be read: %w", err)
		}
		if !blank(row.Cells) {
			t.Header = slices.Clone(row.Cells)
			return nil
		}
	}
}

// settleHeader trims the names of columns and refuses a header that cannot be one.
func (t *Table) settleHeader() error {
	for len(t.Header) > 0 && strings.TrimSpace(t.Header[len(t.Header)-1]) == "" {
		t.Header = t.Header[:len(t.Header)-1]
	}
	seen := map[string]int{}
	for i, name := range t.Header {
		name = strings.TrimSpace(name)
		t.Header[i] = name
		if was, twice := seen[name]; twice && name != "" {
			return fmt.Errorf("columns %d and %d have the same name: give each its own", was+1, i+1)
		}
		seen[name] = i
	}
	switch {
	case len(t.Header) == 0:
		return errors.New("the file has no header: its first row must name the columns")
	case len(t.Header) > t.limits.Columns:
		return fmt.Errorf("the file has more than %d columns: export fewer", t.limits.Columns)
	}
	return nil
}

// Next returns the next row, and io.EOF after the last. A *Fault is about one row, and the next call goes on after it; any
// other error ends the table. Rows without a value are left out.
func (t *Table) Next() (Row, error) {
	for {
		row, err := t.next()
		if err != nil {
			return Row{}, err
		}
		if blank(row.Cells) {
			continue
		}
		if t.rows++; t.rows > t.limits.Rows {
			return Row{}, fmt.Errorf("the file has more than %d rows: divide it", t.limits.Rows)
		}
		if len(row.Cells) > len(t.Header) {
			if !blank(row.Cells[len(t.Header):]) {
				return Row{}, &Fault{Row: row.Number, What: "there are more cells than columns in the header", Why: "a cell with the delimiter in it must stand in quotation marks"}
			}
			row.Cells = row.Cells[:len(t.Header)]
		}
		for len(row.Cells) < len(t.Header) {
			row.Cells = append(row.Cells, "")
		}
		return row, nil
	}
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// Progress returns how much of the file was read, from 0 to 1.
func (t *Table) Progress() float64 {
	if t.read.of == 0 {
		return 0
	}
	return min(1, float64(t.read.n)/float64(t.read.of))
}

// Close closes the file and removes what was made to read it.
func (t *Table) Close() error {
	var errs []error
	for i := len(t.ends) - 1; i >= 0; i-- {
		errs = append(errs, t.ends[i]())
	}
	return errors.Join(append(errs, t.file.Close())...)
}

// counter counts what is read.
type counter struct {
	from  io.Reader
	n, of int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	return n, err
}

// reason strips an error of the operation and path that the sentence around it already says.
func reason(err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
