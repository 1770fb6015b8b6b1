package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"habeas/store/seal"
)

// groupLimit is how many transactions share a COMMIT at most.
const groupLimit = 128

// Options say where the data directory is, and supply time and chance.
type Options struct {
	Dir     string
	KeyFile string // "" for habeas.key in Dir
	Name    string // what audit checkpoints of a new database are signed as; "" for "habeas"
	Now     func() time.Time
	Random  io.Reader // nil for crypto/rand
	// Location is where the house is: numbers are kept by its days. Nil for Greenwich.
	Location *time.Location
	Asked    func(query string) // hears of every question put to the readers; nil for nobody
}

// Store is the open database. It is safe for many goroutines.
type Store struct {
	reads
	path     string
	keysPath string
	madeKey  string
	now      func() time.Time
	random   io.Reader
	location *time.Location

	lock    *os.File
	readers *sql.DB
	writers *sql.DB
	vault   *sql.DB // writes the subjects' keys
	turns   chan *turn
	closing chan struct{}
	written chan struct{}
	close   func() error
	changes changes

	// The writer's, and the transaction's whose turn it is.
	w       *writer
	log     tree         // with what the transactions under way have added
	made    []subjectKey // that are not in their file yet
	erased  []string     // subjects whose keys are still to be removed
	changed []string     // references of the requests that were filed or changed
}

// Open opens the database of a data directory, makes and migrates it as needed, and starts its writer. It refuses what
// it cannot do safely with one line that says what to do.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Now == nil {
		return nil, errors.New("open the store: Options.Now is missing")
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.KeyFile == "" {
		o.KeyFile = filepath.Join(o.Dir, "habeas.key")
	}
	if o.Name == "" {
		o.Name = "habeas"
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	s := &Store{
		path: filepath.Join(o.Dir, "habeas.db"), keysPath: filepath.Join(o.Dir, "keys.db"), now: o.Now, random: o.Random, location: o.Location,
		turns: make(chan *turn), closing: make(chan struct{}), written: make(chan struct{}),
	}
	if err := s.open(ctx, o); err != nil {
		return nil, errors.Join(err, s.release())
	}
	s.close = sync.OnceValue(s.shut)
	go s.write()
	return s, nil
}

func (s *Store) open(ctx context.Context, o Options) (err error) {
	if s.lock, err = lockDir(o.Dir); err != nil {
		return err
	}
	fresh, err := isFresh(s.path)
	if err != nil {
		return err
	}
	master, made, err := readKeyFile(o.KeyFile, fresh)
	if err != nil {
		return err
	}
	if made {
		s.madeKey = o.KeyFile
	}
	if err := s.openKeys(ctx, fresh); err != nil {
		return err
	}
	if s.writers, err = openWithKeys(writeDSN(s.path), s.keysPath); err != nil {
		return err
	}
	s.writers.SetMaxOpenConns(1)
	if err := migrate(ctx, s.writers, s.path); err != nil {
		return err
	}
	if s.keys, err = openKeyring(ctx, s.writers, master, o); err != nil {
		return err
	}
	conn, err := s.writers.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	if err := keepLog(conn); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	s.w = &writer{conn: conn, ready: map[string]*sql.Stmt{}}
	if s.log, err = loadTree(ctx, s.w); err != nil {
		return err
	}
	if s.erased, err = leftKeys(ctx, s.w); err != nil {
		return fmt.Errorf("look for keys of erased subjects: %w", err)
	}
	if len(s.erased) > 0 {
		s.forget()
	}
	if s.readers, err = openWithKeys(readDSN(s.path), s.keysPath); err != nil {
		return err
	}
	// A few: readers that spin starve the writer.
	n := runtime.GOMAXPROCS(0) + 2
	s.readers.SetMaxOpenConns(n)
	s.readers.SetMaxIdleConns(n)
	s.from = &pool{db: s.readers, asked: o.Asked}
	return nil
}

// MadeKey returns the path of the key file if this start made it, or "".
func (s *Store) MadeKey() string { return s.madeKey }

// Hash returns the keyed hash of a token or code, which is all that is ever stored of it. Kind separates domains: the
// same value under two kinds has two hashes.
func (s *Store) Hash(kind, value string) []byte {
	return s.keys.Hash(seal.Tokens, kind+"\x00"+value)
}

// Ping reports whether the store can read and write, as readiness must know it.
func (s *Store) Ping(ctx context.Context) error {
	var n int
	if err := s.from.row(ctx, "SELECT COUNT(*) FROM keyring").Scan(&n); err != nil {
		return fmt.Errorf("read: %w", translate(err))
	}
	return s.Write(ctx, func(*Tx) error { return translate(s.touch()) })
}

// touch writes something small that nobody reads and Sweep removes.
func (s *Store) touch() error {
	_, err := s.w.exec("INSERT INTO limits (key, tat) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET tat = excluded.tat",
		s.keys.Hash(seal.Limits, "touch"), s.now().UnixNano())
	return err
}

// Close lets transactions that have begun finish, moves the write-ahead log into the database and lets go of the
// directory. Later calls return what the first did.
func (s *Store) Close() error { return s.close() }

func (s *Store) shut() error {
	close(s.closing)
	<-s.written
	err := s.readers.Close() // nothing reads any more: the whole log can move
	return errors.Join(err, s.rewindLog(), s.release())
}

// release closes whatever is open.
func (s *Store) release() error {
	var errs []error
	if s.readers != nil {
		errs = append(errs, s.readers.Close())
	}
	if s.w != nil {
		for _, st := range s.w.ready {
			errs = append(errs, st.Close())
		}
		errs = append(errs, s.w.conn.Close())
	}
	if s.writers != nil {
		errs = append(errs, s.writers.Close())
	}
	if s.vault != nil {
		errs = append(errs, s.vault.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
