package sources

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
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

// loader is one import under way.
type loader struct {
	*snapshotSystem
	ctx   context.Context //nolint:containedctx // it lives as long as one call
	tx    *sql.Tx
	c     *Collection
	im    Import
	at    int64
	types map[string]string
	n     Imported
	lost  int // faulty rows whose key cannot be read
	tombs int // keys that are not brought back

	quiet context.Context //nolint:containedctx // ctx without its end, which each statement would watch for: read does it
	seen  map[int64]bool  // and fresh: not written yet
	fresh []any

	find, forgotten, insert, update, noteSeen, noteMarks, dropMark, noteChange *sql.Stmt
}

// written at once: a statement a row costs more than what it does.
const (
	seenAtOnce  = 500
	freshAtOnce = 200
)

// settleAfter is after how many rows their hashes are put in order.
const settleAfter = 100_000

func (s *snapshotSystem) load(ctx context.Context, c *Collection, im Import) (n Imported, err error) {
	if s.vault == nil {
		return n, s.locked("its snapshot cannot be made without the key file")
	}
	if err := s.make(); err != nil {
		return n, err
	}
	db, err := s.write.db()
	if err != nil {
		return n, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return n, err
	}
	defer tx.Rollback() // after a commit this does nothing
	l := &loader{snapshotSystem: s, ctx: ctx, tx: tx, c: c, im: im, at: since(im.At), types: map[string]string{},
		quiet: context.WithoutCancel(ctx), seen: map[int64]bool{}}
	for _, step := range []func() error{l.tables, l.prepare, l.reindex, l.read, l.gone, l.finish} {
		if err := step(); err != nil {
			return l.n, err
		}
	}
	if err := tx.Commit(); err != nil {
		return l.n, err
	}
	// What is replaced is in the journal until it is emptied.
	if _, err := db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return l.n, fmt.Errorf("all is imported, but the journal of the snapshot cannot be emptied: %w", err)
	}
	return l.n, nil
}

func (l *loader) exec(text string, args ...any) error {
	_, err := l.tx.ExecContext(l.ctx, text, args...)
	return err
}

// tables makes what is missing, and finds a file of another key before anything is read.
func (l *loader) tables() error {
	for _, text := range snapshotTables {
		if err := l.exec(text); err != nil {
			return err
		}
	}
	versions := 0
	if err := rowsOf(l.ctx, l.tx, "SELECT count(*) FROM snapshot", nil, []any{&versions}, func() error { return nil }); err != nil {
		return err
	}
	if versions == 0 {
		if err := l.exec("INSERT INTO snapshot (version, proof) VALUES (?, ?)", snapshotVersion, l.vault.seal([]byte("habeas"), "proof", l.source)); err != nil {
			return err
		}
	}
	return l.prove(l.ctx, l.tx)
}

func (l *loader) prepare() error {
	for _, text := range []string{
		"CREATE TEMP TABLE IF NOT EXISTS seen (record INTEGER PRIMARY KEY)", "DELETE FROM temp.seen",
		"CREATE TEMP TABLE IF NOT EXISTS fresh (hash BLOB, record INTEGER)", "DELETE FROM temp.fresh",
	} {
		if err := l.exec(text); err != nil {
			return err
		}
	}
	for _, st := range []struct {
		into **sql.Stmt
		text string
	}{
		{&l.find, "SELECT r.id, r.sealed, s.record IS NOT NULL FROM records AS r LEFT JOIN temp.seen AS s ON s.record = r.id WHERE r.key = ?"},
		{&l.forgotten, "SELECT count(*) FROM forgotten WHERE key = ?"},
		{&l.insert, "INSERT INTO records (collection, key, sealed, since) VALUES (?, ?, ?, ?)"},
		{&l.update, "UPDATE records SET sealed = ?, gone_at = NULL WHERE id = ?"},
		{&l.noteSeen, "INSERT OR IGNORE INTO temp.seen (record) SELECT value FROM json_each(?)"},
		{&l.noteMarks, "INSERT INTO temp.fresh (hash, record) VALUES (?, ?)" + strings.Repeat(", (?, ?)", freshAtOnce-1)},
		{&l.dropMark, "DELETE FROM marks WHERE hash = ? AND record = ?"},
		{&l.noteChange, "INSERT INTO history (record, at, field, sealed) VALUES (?, ?, ?, ?)"},
	} {
		var err error
		if *st.into, err = l.tx.PrepareContext(l.ctx, st.text); err != nil {
			return err
		}
	}
	if err := rowsOf(l.ctx, l.tx, "SELECT count(*) FROM forgotten", nil, []any{&l.tombs}, func() error { return nil }); err != nil {
		return err
	}
	for _, f := range l.c.Fields {
		l.types[f.Name] = map[string]string{"integer": "INTEGER", "float": "NUMERIC", "boolean": "BOOLEAN"}[f.Type]
		if l.types[f.Name] == "" || f.Array {
			l.types[f.Name] = "TEXT"
		}
	}
	return nil
}

// reindex makes the hashes of all records anew where the map wants others than it did.
func (l *loader) reindex() error {
	have, want := map[string]bool{}, map[string]bool{}
	var m string
	if err := rowsOf(l.ctx, l.tx, "SELECT mark FROM indexed WHERE collection = ?", []any{l.c.Name}, []any{&m}, func() error {
		have[m] = true
		return nil
	}); err != nil {
		return err
	}
	same := true
	for _, m := range l.marks[l.c] {
		want[m.String()] = true
		same = same && have[m.String()]
	}
	if same && len(have) == len(want) {
		return nil
	}
	for _, text := range []string{"DELETE FROM indexed WHERE collection = ?", "DELETE FROM marks WHERE record IN (SELECT id FROM records WHERE collection = ?)"} {
		if err := l.exec(text, l.c.Name); err != nil {
			return err
		}
	}
	for m := range want {
		if err := l.exec("INSERT INTO indexed (mark, collection) VALUES (?, ?)", m, l.c.Name); err != nil {
			return err
		}
	}
	f := &found{}
	if err := rowsOf(l.ctx, l.tx, "SELECT id, key, sealed FROM records WHERE collection = ? AND gone_at IS NULL", []any{l.c.Name}, []any{&f.id, &f.hash, &f.sealed}, func() error {
		r, err := l.unseal(l.c, f)
		if err != nil {
			return err
		}
		return l.mark(f.id, l.hashes(l.c, r), nil)
	}); err != nil {
		return err
	}
	return l.settle()
}

// settle puts hashes into the table in its own order: one by one in the order of the file they would touch all of it.
func (l *loader) settle() error {
	for ; len(l.fresh) > 0; l.fresh = l.fresh[2:] {
		if err := l.exec("INSERT INTO temp.fresh (hash, record) VALUES (?, ?)", l.fresh[:2]...); err != nil {
			return err
		}
	}
	if err := l.exec("INSERT OR IGNORE INTO marks (hash, record) SELECT hash, record FROM temp.fresh ORDER BY hash, record"); err != nil {
		return err
	}
	return l.exec("DELETE FROM temp.fresh")
}

// mark notes hashes that are new and drops those that are not there any more.
func (l *loader) mark(id int64, now, before map[string]bool) error {
	for h := range now {
		if before[h] {
			continue
		}
		if l.fresh = append(l.fresh, []byte(h), id); len(l.fresh) == 2*freshAtOnce {
			if _, err := l.noteMarks.ExecContext(l.quiet, l.fresh...); err != nil {
				return err
			}
			l.fresh = l.fresh[:0]
		}
	}
	for h := range before {
		if now[h] {
			continue
		}
		if _, err := l.dropMark.ExecContext(l.quiet, []byte(h), id); err != nil {
			return err
		}
	}
	return nil
}

// read takes in every row.
func (l *loader) read() error {
	for {
		number, cells, err := l.im.Next()
		var fault *RowFault
		if err == nil {
			if l.n.Rows++; l.n.Rows%1000 == 0 {
				if err := l.ctx.Err(); err != nil {
					return err
				}
				if l.im.Progress != nil {
					l.im.Progress(l.n.Rows)
				}
				if l.n.Rows%settleAfter == 0 { // sorting all at once maps all into memory
					if err := l.settle(); err != nil {
						return err
					}
				}
			}
			err = l.row(number, cells)
		} else if errors.As(err, &fault) {
			l.n.Rows++
			l.lost++
		}
		switch {
		case errors.Is(err, io.EOF):
			switch {
			case l.n.Rows == 0:
				return ErrNoRows
			case l.n.Faulty > 0 && !l.im.Partial:
				return ErrFaultyRows
			}
			return errors.Join(l.flush(), l.settle())
		case errors.As(err, &fault):
			l.n.Faulty++
			if err := l.im.Fault(*fault); err != nil {
				return err
			}
		case err != nil:
			return err
		}
	}
}

// see notes that the file has a record.
func (l *loader) see(id int64) error {
	if l.seen[id] = true; len(l.seen) < seenAtOnce {
		return nil
	}
	return l.flush()
}

func (l *loader) flush() error {
	ids, err := json.Marshal(slices.Collect(maps.Keys(l.seen)))
	if err != nil {
		return fmt.Errorf("write numbers of records: %w", err)
	}
	if _, err := l.noteSeen.ExecContext(l.quiet, string(ids)); err != nil {
		return err
	}
	clear(l.seen)
	return nil
}

// row takes in one row.
func (l *loader) row(number int, cells []string) error {
	r, fault := l.record(number, cells)
	hash, id, sealed, again := []byte(nil), int64(0), []byte(nil), false
	if key := r.key(l.c); !keyless(key) {
		hash = l.vault.key(l.c, key)
		if err := l.find.QueryRowContext(l.quiet, hash).Scan(&id, &sealed, &again); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	if fault != nil {
		if hash == nil {
			l.lost++
		}
		if id > 0 && sealed != nil { // it is not gone: what stands in its row cannot be read
			if err := l.see(id); err != nil {
				return err
			}
		}
		return fault
	}
	if again || l.seen[id] {
		return &RowFault{number, l.keyName(), "an earlier row has the same key", "each record has a key of its own"}
	}
	if l.tombs > 0 {
		forgotten := 0
		if err := l.forgotten.QueryRowContext(l.quiet, hash).Scan(&forgotten); err != nil {
			return err
		}
		if forgotten > 0 {
			l.n.Forgotten++
			return nil
		}
	}
	packed, err := r.pack()
	if err != nil {
		return err
	}
	box := func() []byte { return l.vault.seal(packed, "record", l.c.Name, string(hash)) }
	before := map[string]bool{}
	switch {
	case id == 0:
		result, err := l.insert.ExecContext(l.quiet, l.c.Name, hash, box(), l.at)
		if err == nil {
			id, err = result.LastInsertId()
		}
		if err != nil {
			return err
		}
		l.n.New++
	case sealed == nil:
		if _, err := l.update.ExecContext(l.quiet, box(), id); err != nil {
			return err
		}
		l.n.Back++
	}
	if err := l.see(id); err != nil {
		return err
	}
	if sealed != nil {
		plain, err := l.vault.open(sealed, "record", l.c.Name, string(hash))
		if err != nil {
			return err
		}
		if bytes.Equal(plain, packed) {
			l.n.Same++
			return nil
		}
		old, err := unpack(plain)
		if err != nil {
			return err
		}
		if err := l.changed(id, hash, old, r); err != nil {
			return err
		}
		if _, err := l.update.ExecContext(l.quiet, box(), id); err != nil {
			return err
		}
		before = l.hashes(l.c, old)
	}
	return l.mark(id, l.hashes(l.c, r), before)
}

// changed keeps what the values of a record were. A column that the map did not have before has changed nothing.
func (l *loader) changed(id int64, hash []byte, old, now record) error {
	some := false
	for _, f := range l.c.Fields {
		was, had := old[f.Name]
		if !had || same(was, now[f.Name]) {
			continue
		}
		packed, err := record{f.Name: was}.pack()
		if err != nil {
			return err
		}
		box := l.vault.seal(packed, "history", l.c.Name, string(hash), f.Name)
		if _, err := l.noteChange.ExecContext(l.quiet, id, l.at, f.Name, box); err != nil {
			return err
		}
		some = true
		l.n.Values++
	}
	if some {
		l.n.Changed++
	} else {
		l.n.Same++
	}
	return nil
}

func (l *loader) keyName() string {
	if len(l.c.Key) == 1 {
		return l.c.Key[0].Name
	}
	return ""
}

// record reads the cells of a row as the map says what they are. It returns what could be read even with a fault, for what
// the row is about may be plain.
func (l *loader) record(number int, cells []string) (record, error) {
	r := record{}
	var fault error
	for i, f := range l.im.Columns {
		if f == nil || i >= len(cells) {
			continue
		}
		v, what, why := cellOf(f, cells[i])
		if what != "" && fault == nil {
			fault = &RowFault{number, f.Name, what, why}
		}
		r[f.Name] = v
	}
	if keyless(r.key(l.c)) && fault == nil {
		fault = &RowFault{number, l.keyName(), "the key is empty", "every record has a key: take rows of totals out of the file"}
	}
	return r, fault
}

// keyless reports whether a key has no part that tells records apart.
func keyless(key []any) bool {
	return !slices.ContainsFunc(key, func(v any) bool { return !empty(v) })
}

// cellOf reads one cell as the kind of value that the map promises.
func cellOf(f *Field, cell string) (value any, what, why string) {
	trimmed := strings.TrimSpace(cell)
	if trimmed == "" {
		return nil, "", ""
	}
	if !utf8.ValidString(cell) {
		return nil, "a character cannot be read", "the file is damaged, or its encoding another one"
	}
	if f.Array || f.Type == "object" {
		if !json.Valid([]byte(trimmed)) {
			return nil, "it is no JSON", "the data map says that the field is a structure or a list"
		}
		return trimmed, "", ""
	}
	switch f.Type {
	case "integer":
		if n, err := strconv.ParseInt(trimmed, 10, 64); err == nil {
			return n, "", ""
		}
		return nil, "it is no whole number", "the data map says data_type: integer"
	case "float":
		if n, err := strconv.ParseInt(trimmed, 10, 64); err == nil {
			return n, "", "" // 7 is written 7, not 7.0
		}
		if n, err := strconv.ParseFloat(trimmed, 64); err == nil && n-n == 0 { // the difference is not zero for infinities
			return n, "", ""
		}
		return nil, "it is no number", "the data map says data_type: float; write a point and no separators"
	case "boolean":
		if b, ok := truths[strings.ToLower(trimmed)]; ok {
			return b, "", ""
		}
		return nil, "it is neither yes nor no", "the data map says data_type: boolean; write true or false"
	}
	if f.PrimaryKey || f.linked != nil {
		return trimmed, "", "" // blanks around a key are the export's
	}
	return cell, "", ""
}

// truths are the ways in which exports write yes and no.
var truths = map[string]int64{
	"true": 1, "yes": 1, "y": 1, "1": 1, "是": 1, "真": 1, "√": 1,
	"false": 0, "no": 0, "n": 0, "0": 0, "否": 0, "假": 0, "×": 0,
}

// batch is how many records are looked at before what was found is changed.
const batch = 1000

// gone takes the values of records that the file no longer has out of the snapshot, with all that leads to them. What stays
// is that there was a record, and until when.
func (l *loader) gone() error {
	live, missing := 0, 0
	if err := rowsOf(l.ctx, l.tx, "SELECT count(*), count(*) - count(s.record) FROM records AS r LEFT JOIN temp.seen AS s ON s.record = r.id WHERE r.collection = ? AND r.gone_at IS NULL",
		[]any{l.c.Name}, []any{&live, &missing}, func() error { return nil }); err != nil {
		return err
	}
	before := live - l.n.New - l.n.Back
	if missing*2 > before && missing > 10 && !l.im.Fewer && l.lost == 0 {
		l.n.Gone = missing
		return ErrManyGone
	}
	if l.lost > 0 {
		l.n.Kept = missing
		return nil
	}
	for last := int64(0); ; {
		var lost []found
		f := found{}
		if err := rowsOf(l.ctx, l.tx, "SELECT id, key, sealed FROM records WHERE id > ? AND +collection = ? AND gone_at IS NULL AND id NOT IN (SELECT record FROM temp.seen) ORDER BY id LIMIT ?",
			[]any{last, l.c.Name, batch}, []any{&f.id, &f.hash, &f.sealed}, func() error {
				lost = append(lost, found{f.id, bytes.Clone(f.hash), bytes.Clone(f.sealed)})
				return nil
			}); err != nil {
			return err
		}
		for _, f := range lost {
			if err := l.drop(l.ctx, l.tx, l.c, f); err != nil {
				return err
			}
			if err := l.exec("UPDATE records SET sealed = NULL, gone_at = ? WHERE id = ?", l.at, f.id); err != nil {
				return err
			}
			l.n.Gone++
			last = f.id
		}
		if len(lost) < batch {
			return nil
		}
	}
}

// drop removes what leads to a record, and what its values were.
func (s *snapshotSystem) drop(ctx context.Context, tx *sql.Tx, c *Collection, f found) error {
	r, err := s.unseal(c, &f)
	if err != nil {
		return err
	}
	for h := range s.hashes(c, r) {
		if _, err := tx.ExecContext(ctx, "DELETE FROM marks WHERE hash = ? AND record = ?", []byte(h), f.id); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM history WHERE record = ?", f.id)
	return err
}

// historyKept is how long a snapshot keeps what values were before: nobody needs it for ever (GDPR Art. 5(1)(e)).
const historyKept = 2 * 365 * 24 * time.Hour

func (l *loader) finish() error {
	if err := l.exec("DELETE FROM history WHERE at < ?", since(l.im.At.Add(-historyKept))); err != nil {
		return err
	}
	if err := l.exec("DELETE FROM columns WHERE collection = ?", l.c.Name); err != nil {
		return err
	}
	for _, f := range l.im.Columns {
		if f == nil {
			continue
		}
		if err := l.exec("INSERT INTO columns (collection, name, type) VALUES (?, ?, ?)", l.c.Name, f.Name, l.types[f.Name]); err != nil {
			return err
		}
	}
	return l.exec("INSERT INTO imports (collection, at) VALUES (?, ?)", l.c.Name, l.at)
}
