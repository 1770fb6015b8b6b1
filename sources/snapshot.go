package sources

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"habeas/rights"
)

// snapshotSystem is a copy of a system that cannot be asked, taken from a file that it exported. It lies in a SQLite file
// of its own. Every record is sealed as a whole; what leads to it is a keyed hash of each value by which records are
// looked up, one key a field and a fold. So a question is answered by hashes, and only what it finds is opened.
//
// Nothing in it can be corrected or erased as if it were the system itself: both are done there, by hand, and the next
// import brings what came of it.
type snapshotSystem struct {
	source string
	read   *sqliteFile
	write  *sqliteFile
	vault  *vault // nil where no key was given: then columns are known and no record
	marks  map[*Collection][]mark
}

// mark is a field that records are looked up by, made comparable by a fold.
type mark struct {
	field *Field
	fold  string
}

func (m mark) String() string {
	return m.field.Collection.Name + "\x00" + m.field.Path() + "\x00" + m.fold
}

// snapshotTables are made by the first import, in its transaction.
var snapshotTables = []string{
	// proof is sealed with the key of the file, so that another is noticed.
	`CREATE TABLE IF NOT EXISTS snapshot (version INTEGER NOT NULL, proof BLOB NOT NULL) STRICT`,
	`CREATE TABLE IF NOT EXISTS imports (id INTEGER PRIMARY KEY AUTOINCREMENT, collection TEXT NOT NULL, at INTEGER NOT NULL) STRICT`,
	`CREATE TABLE IF NOT EXISTS columns (collection TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
		PRIMARY KEY (collection, name)) STRICT, WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS indexed (mark TEXT NOT NULL PRIMARY KEY, collection TEXT NOT NULL) STRICT, WITHOUT ROWID`,
	// A record that is gone from the system keeps its hash and the day, and nothing else.
	`CREATE TABLE IF NOT EXISTS records (id INTEGER PRIMARY KEY AUTOINCREMENT, collection TEXT NOT NULL, key BLOB NOT NULL UNIQUE,
		sealed BLOB, since INTEGER NOT NULL, gone_at INTEGER, CHECK ((sealed IS NULL) = (gone_at IS NOT NULL))) STRICT`,
	`CREATE TABLE IF NOT EXISTS marks (hash BLOB NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (hash, record)) STRICT, WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS history (id INTEGER PRIMARY KEY, record INTEGER NOT NULL, at INTEGER NOT NULL, field TEXT NOT NULL, sealed BLOB NOT NULL) STRICT`,
	`CREATE INDEX IF NOT EXISTS history_of ON history (record)`,
	// Keys of what is not brought back: of people who are erased never, of what a rule destroyed not while it is past the rule.
	`CREATE TABLE IF NOT EXISTS forgotten (key BLOB NOT NULL PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
	`CREATE TABLE IF NOT EXISTS destroyed (key BLOB NOT NULL PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
}

const snapshotVersion = 1

// makeTables makes those that a new file, or one of before, lacks.
func makeTables(ctx context.Context, tx *sql.Tx) error {
	for _, text := range snapshotTables {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

func openSnapshot(c Config, _ bool, o Options) (system, error) {
	if c.DSN == "" {
		return nil, errors.New("name the file of the snapshot in its dsn")
	}
	uri := func(pairs ...string) string {
		q := url.Values{"mode": {"rw"}} // readers, too: the first one after a crash brings the file in order
		q.Add("_pragma", "busy_timeout("+strconv.FormatInt(o.LockWait.Milliseconds(), 10)+")")
		for i := 0; i+1 < len(pairs); i += 2 {
			q.Add(pairs[i], pairs[i+1])
		}
		return "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(c.DSN) + "?" + q.Encode()
	}
	s := &snapshotSystem{
		source: c.Key,
		read:   &sqliteFile{path: c.DSN, uri: uri("_pragma", "query_only(1)"), pool: readers},
		write: &sqliteFile{path: c.DSN, pool: 1, uri: uri("_txlock", "immediate", "_pragma", "journal_mode(WAL)",
			"_pragma", "synchronous(FULL)", "_pragma", "secure_delete(1)", "_pragma", "cache_size(-32768)")},
	}
	if o.Vault != nil {
		var err error
		if s.vault, err = newVault(o.Vault(c.Key)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// furnish tells the snapshots what records are looked up by: identities, and both ends of every reference.
func (s *Set) furnish() {
	marks := map[*Collection][]mark{}
	add := func(f *Field, folds ...string) {
		for _, fold := range folds {
			if m := (mark{f, fold}); !f.hidden() && !slices.Contains(marks[f.Collection], m) {
				marks[f.Collection] = append(marks[f.Collection], m)
			}
		}
	}
	for _, c := range s.mapped {
		walk(c.Fields, func(f *Field) {
			switch {
			case f.Identity == emailIdentity, f.Identity == phoneIdentity:
				add(f, f.Identity, "")
			case f.Identity != "":
				add(f, "", textFold)
			}
		})
	}
	for _, e := range s.edges {
		for _, f := range []*Field{e.from, e.to} {
			add(f, e.fold(), "", textFold)
		}
	}
	for _, src := range s.sources {
		if snap, ok := src.system.(*snapshotSystem); ok {
			snap.marks = map[*Collection][]mark{}
			for c, all := range marks {
				if c.Source() == src.key {
					snap.marks[c] = all
				}
			}
		}
	}
}

// snapshotFaults finds what a map must not say of a copy: who corrects it corrects nothing.
func snapshotFaults(datasets []*Dataset) Faults {
	var faults Faults
	for _, d := range datasets {
		for _, c := range d.Collections {
			walk(c.Fields, func(f *Field) {
				if f.Meta.Editable == EditableSelf {
					faults = append(faults, f.place.fault("field %q is editable: self, and a snapshot is a copy, which nobody can correct: say editable: ask, and an officer corrects it in the system itself", f.Path()))
				}
			})
		}
	}
	return faults
}

// absence is what is the matter with a file that nothing was imported into, or with another key.
func (s *snapshotSystem) absence() error {
	return &SourceError{Source: s.source, Kind: Down, advice: "nothing is imported yet: run habeas import " + s.source + " FILE"}
}

func (s *snapshotSystem) locked(advice string) error {
	return &SourceError{Source: s.source, Kind: Down, advice: advice}
}

// begin starts to read at one moment: an import that ends meanwhile changes nothing under way.
func (s *snapshotSystem) begin(ctx context.Context) (*sql.Tx, error) {
	db, err := s.read.db()
	if errors.Is(err, os.ErrNotExist) {
		return nil, s.absence()
	}
	if err != nil {
		return nil, err
	}
	return db.BeginTx(ctx, nil)
}

func (s *snapshotSystem) columns(ctx context.Context, c *Collection) ([]column, error) {
	tx, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	if err := s.prove(ctx, tx); err != nil {
		return nil, err
	}
	known, err := s.ready(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	var out []column
	for name, typ := range known {
		f := c.Field(name)
		out = append(out, column{
			name: name, typ: typ, numeric: numericType(typ), exact: true,
			nullable: f == nil || !slices.Contains(c.Key, f), key: f != nil && slices.Contains(c.Key, f),
		})
	}
	slices.SortFunc(out, func(a, b column) int { return cmp.Compare(a.name, b.name) })
	return out, nil
}

// columnsIn returns the type of every column that the last import of a collection brought.
func columnsIn(ctx context.Context, db queryer, collection string) (map[string]string, error) {
	out := map[string]string{}
	var name, typ string
	err := rowsOf(ctx, db, "SELECT name, type FROM columns WHERE collection = ?", []any{collection}, []any{&name, &typ}, func() error {
		out[name] = typ
		return nil
	})
	return out, err
}

// rowsOf calls each for every row, scanned.
func rowsOf(ctx context.Context, db queryer, text string, args, into []any, each func() error) error {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := each(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// prove finds a file that was sealed with another key, where the key is known.
func (s *snapshotSystem) prove(ctx context.Context, db queryer) error {
	tables := 0
	if err := rowsOf(ctx, db, "SELECT count(*) FROM sqlite_schema WHERE name = 'snapshot'", nil, []any{&tables}, func() error { return nil }); err != nil {
		return err
	}
	if tables == 0 { // an import that was cut short leaves an empty file
		return s.absence()
	}
	version, proof := 0, []byte(nil)
	if err := rowsOf(ctx, db, "SELECT version, proof FROM snapshot", nil, []any{&version, &proof}, func() error { return nil }); err != nil {
		return err
	}
	if version != snapshotVersion {
		return s.locked("its snapshot is of another version of habeas: remove the file and import again")
	}
	if s.vault == nil {
		return nil
	}
	if _, err := s.vault.open(proof, "proof", s.source); err != nil {
		return s.locked("its snapshot is sealed with another key: put the key file back, or remove the file and import again")
	}
	return nil
}

// ready returns the columns of a collection, or why nothing can be found in it: it was never imported, or the map looks
// records up by what the import did not prepare. To find nothing then would be to say that nothing is held.
func (s *snapshotSystem) ready(ctx context.Context, db queryer, c *Collection) (map[string]string, error) {
	known, err := columnsIn(ctx, db, c.Name)
	if err != nil {
		return nil, err
	}
	if len(known) == 0 {
		return nil, s.locked("nothing is imported for collection " + c.Name + " yet: run habeas import " + s.source + " FILE --collection " + c.Name)
	}
	have := map[string]bool{}
	var m string
	if err := rowsOf(ctx, db, "SELECT mark FROM indexed WHERE collection = ?", []any{c.Name}, []any{&m}, func() error {
		have[m] = true
		return nil
	}); err != nil {
		return nil, err
	}
	for _, m := range s.marks[c] {
		if !have[m.String()] {
			return nil, &SourceError{Source: s.source, Collection: c.Name, Kind: Changed, advice: "the map says since the last import that records are looked up by " + m.field.Path() + ": import the file again"}
		}
	}
	for _, f := range c.Fields {
		if known[f.Name] == "" {
			return nil, &SourceError{Source: s.source, Collection: c.Name, Kind: Changed, advice: "the map names since the last import the field " + f.Name + ": import the file again"}
		}
	}
	return known, nil
}

// change is nobody's to ask for: who corrects a copy corrects nothing.
func (s *snapshotSystem) change(context.Context, *Field, cond, func(any) (any, error)) (any, error) {
	return nil, callerError{rights.ErrForbidden}
}

func (s *snapshotSystem) close() error { return errors.Join(s.read.close(), s.write.close()) }

func (s *snapshotSystem) kind(err error) Kind {
	if errors.Is(err, errSealed) {
		return Broken
	}
	return (&sqliteSystem{read: s.read}).kind(err)
}

// record is a record as it is sealed: the values of its columns by name.
type record map[string]any

// pack writes a record, the same one always alike.
func (r record) pack() ([]byte, error) {
	out := make(map[string]any, len(r))
	for name, v := range r {
		if f, ok := v.(float64); ok {
			text := strconv.FormatFloat(f, 'g', -1, 64)
			if !strings.ContainsAny(text, ".e") {
				text += ".0" // or it would come back as a whole number
			}
			v = json.Number(text)
		}
		out[name] = v
	}
	b, err := json.Marshal(out) // sorts the names
	if err != nil {
		return nil, fmt.Errorf("write a record: %w", err)
	}
	return b, nil
}

func unpack(b []byte) (record, error) {
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	r := record{}
	if err := d.Decode(&r); err != nil {
		return nil, fmt.Errorf("read a record: %w", err)
	}
	for name, v := range r {
		n, ok := v.(json.Number)
		if !ok {
			continue
		}
		if i, err := n.Int64(); err == nil {
			r[name] = i
			continue
		}
		f, err := n.Float64()
		if err != nil {
			return nil, fmt.Errorf("read a record: %w", err)
		}
		r[name] = f
	}
	return r, nil
}

// key returns the values of the primary key.
func (r record) key(c *Collection) []any {
	out := make([]any, len(c.Key))
	for i, k := range c.Key {
		out[i] = r[k.Name]
	}
	return out
}

// hashes returns what leads to a record: a hash of each value of each mark, and one that says that it has none.
func (s *snapshotSystem) hashes(c *Collection, r record) map[string]bool {
	out := map[string]bool{}
	for _, m := range s.marks[c] {
		some := false
		for _, v := range valuesOf(m.field, r[m.field.column().Name]) {
			if v = foldValue(m.fold, v); !empty(v) {
				out[string(s.vault.mark(m, v))], some = true, true
			}
		}
		if !some {
			out[string(s.vault.mark(m, nil))] = true
		}
	}
	return out
}

// since is a moment as the file keeps it.
func since(t time.Time) int64 { return t.UnixMilli() }
