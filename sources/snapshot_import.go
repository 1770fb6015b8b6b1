package sources

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Import is a table that becomes the new content of one collection of a snapshot.
type Import struct {
	Source, Collection string
	// Columns says which field each cell of a row is, as Columns of the collection found them; nil for a cell left out.
	Columns []*Field
	// Next returns the next row: its number in the file and its cells. It returns io.EOF after the last, a *RowFault for a
	// row that cannot be read, and any other error where nothing more can be.
	Next func() (number int, cells []string, err error)
	At   time.Time
	// Fault hears of every row that cannot be imported. An error of its ends the import.
	Fault func(RowFault) error
	// Partial leaves such rows out, and what the snapshot holds of them as it is. Without it one fault ends all in nothing.
	Partial bool
	// Fewer allows more than half of all records to be gone.
	Fewer bool
	// Progress hears how many rows are read, every thousand.
	Progress func(rows int)
}

// RowFault is a row that cannot be imported. It holds no value.
type RowFault struct {
	Row       int
	Column    string // the field, or the column as the file calls it; "" for the whole row
	What, Why string
}

func (f *RowFault) Error() string {
	at := fmt.Sprintf("row %d", f.Row)
	if f.Column != "" {
		at += ", column " + f.Column
	}
	return at + ": " + f.What + ": " + f.Why
}

// Imported counts what an import did.
type Imported struct {
	Rows      int // of the file
	New       int // records that were not there before
	Back      int // records that were gone
	Changed   int // records of which a value changed
	Values    int // values that changed
	Same      int
	Gone      int // records that the file no longer has
	Kept      int // records that the file does not have, kept because it has rows of which nobody can tell whose they are
	Forgotten int // rows of records that were erased, and are not brought back
	Faulty    int // rows that cannot be imported
}

// The errors of an import, after which the snapshot is what it was.
var (
	ErrFaultyRows  = errors.New("rows cannot be imported, so nothing was")
	ErrNoRows      = errors.New("the file has no rows, so nothing was imported: an export that failed looks the same")
	ErrManyGone    = errors.New("more than half of the records would be gone, so nothing was imported")
	ErrNotSnapshot = errors.New("the source is no snapshot: only those of driver: snapshot are imported into")
)

// Import makes the rows of a table the content of a collection, in one transaction: until it ends, everybody sees what was
// there before, and so they do if it does not end. It keeps what values were before, until the record goes.
func (s *Set) Import(ctx context.Context, im Import) (Imported, error) {
	src := s.source(im.Source)
	if src == nil {
		return Imported{}, fmt.Errorf("there is no source %q", im.Source)
	}
	snap, ok := src.system.(*snapshotSystem)
	if !ok {
		return Imported{}, ErrNotSnapshot
	}
	c := s.mappedIn(im.Source, im.Collection)
	if c == nil {
		return Imported{}, fmt.Errorf("the map of source %q has no collection %q", im.Source, im.Collection)
	}
	n, err := snap.load(ctx, c, im)
	src.forget()
	var known *SourceError
	if kind := snap.kind(err); err != nil && kind != "" && !errors.As(err, &known) {
		err = &SourceError{Source: im.Source, Kind: kind}
		if kind == Busy {
			err = snap.busy()
		}
	}
	return n, err
}

// Mapped returns the collections that the maps of a source name, whether anybody reaches them or not.
func (s *Set) Mapped(source string) []*Collection {
	var out []*Collection
	for _, c := range s.mapped {
		if c.Source() == source && !c.Skip {
			out = append(out, c)
		}
	}
	return out
}

// mappedIn returns the one of them that has the name, or nil.
func (s *Set) mappedIn(source, name string) *Collection {
	for _, c := range s.Mapped(source) {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// forget asks for the shape again.
func (src *source) forget() {
	src.mu.Lock()
	defer src.mu.Unlock()
	src.columns = nil
}

func (s *snapshotSystem) busy() error {
	return &SourceError{Source: s.source, Kind: Busy, advice: "somebody else imports into it: wait until that has ended"}
}

// make makes the file, for its owner alone.
func (s *snapshotSystem) make() error {
	if err := os.MkdirAll(filepath.Dir(s.write.path), 0o700); err != nil {
		return fmt.Errorf("make the directory of snapshots: %w", err)
	}
	f, err := os.OpenFile(s.write.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("make the snapshot: %w", err)
	}
	return f.Close()
}
