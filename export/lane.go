package export

import (
	"crypto/sha256"
	"errors"
	"hash"
	"hash/crc32"
	"sync/atomic"

	"github.com/klauspost/compress/flate"
)

// member is one file of the package.
type member struct {
	name    string
	records int
	size    int64 // as it is
	packed  int64 // as it stands in the ZIP
	crc     uint32
	sum     [sha256.Size]byte
	dropped bool // of a source that failed: its bytes are passed over
}

// packer compresses files one after another into a spool.
type packer struct {
	spool   spool
	deflate *flate.Writer
	members []*member
	crc     uint32
	sum     hash.Hash
	size    int64
	packed  int64
}

// level is where deflating keeps up with a scan: the next one takes twice the time for a thirtieth of the size.
const level = 2

func newPacker(dir string) (*packer, error) {
	p := &packer{spool: spool{dir: dir}, sum: sha256.New()}
	var err error
	p.deflate, err = flate.NewWriter((*packed)(p), level)
	return p, err
}

// packed is the far side of the compressor: it counts what goes into the spool.
type packed packer

func (p *packed) Write(b []byte) (int, error) {
	n, err := p.spool.Write(b)
	p.packed += int64(n)
	return n, err
}

// Write adds to the file that is being packed.
func (p *packer) Write(b []byte) (int, error) {
	p.crc = crc32.Update(p.crc, crc32.IEEETable, b)
	p.sum.Write(b)
	p.size += int64(len(b))
	return p.deflate.Write(b)
}

// end finishes the file and starts the next.
func (p *packer) end(m *member) error {
	if err := p.deflate.Close(); err != nil {
		return err
	}
	m.size, m.packed, m.crc = p.size, p.packed, p.crc
	p.sum.Sum(m.sum[:0])
	p.members = append(p.members, m)
	p.size, p.packed, p.crc = 0, 0, 0
	p.sum.Reset()
	p.deflate.Reset((*packed)(p))
	return nil
}

// add packs a whole file.
func (p *packer) add(name string, body []byte) (*member, error) {
	m := &member{name: name}
	_, err := p.Write(body)
	return m, errors.Join(err, p.end(m))
}

// form writes the records of collections as files of one kind. Its calls come from one goroutine, a collection at a time.
type form interface {
	begin(t *table) error
	row(values []any) error // of the shown columns; shared with the other forms, so read-only
	end() error
}

// batch is some rows of one collection.
type batch struct {
	table       *table
	first, last bool  // of its collection
	values      []any // row after row
}

// A batch is handed over when it has so many values or so many bytes of text.
const (
	batchValues = 2048
	batchBytes  = 256 << 10
)

// lane encodes and packs files of one form in a goroutine of its own: a scan then waits for the slowest form only.
type lane struct {
	packer *packer
	form   form
	work   chan batch
	closed bool
	broken atomic.Bool // err is set: whoever scans need not go on
	done   chan struct{}
	err    error // read it after done
}

func newLane(dir string, with func(*packer) form) (*lane, error) {
	p, err := newPacker(dir)
	if err != nil {
		return nil, err
	}
	l := &lane{packer: p, form: with(p), work: make(chan batch, 2), done: make(chan struct{})}
	go l.run()
	return l, nil
}

func (l *lane) run() {
	defer close(l.done)
	for b := range l.work { // to its end even after a fault: whoever hands over must never wait for good
		if l.err == nil {
			l.err = l.write(b)
			l.broken.Store(l.err != nil)
		}
	}
}

func (l *lane) write(b batch) error {
	if b.first {
		if err := l.form.begin(b.table); err != nil {
			return err
		}
	}
	for width, rest := b.table.width, b.values; len(rest) > 0; rest = rest[width:] {
		if err := l.form.row(rest[:width]); err != nil {
			return err
		}
	}
	if b.last {
		return l.form.end()
	}
	return nil
}

// close waits until everything is packed.
func (l *lane) close() error {
	if !l.closed {
		l.closed = true
		close(l.work)
	}
	<-l.done
	return l.err
}
