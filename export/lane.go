package export

import (
	"crypto/sha256"
	"errors"
	"hash"
	"hash/crc32"

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

// level is where deflating keeps up with a scan; higher ones save a tenth of the size for twice the time.
const level = 3

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

// pieceSize is how much a lane gathers before it hands over.
const pieceSize = 64 << 10

// lane packs files in a goroutine of its own, so that deflating one kind of file does not hold up the scan or the other
// kinds. What is appended to buf is handed over by pass.
type lane struct {
	packer *packer
	buf    []byte
	work   chan piece
	free   chan []byte
	closed bool
	done   chan struct{}
	err    error // of the packer; read it after done
}

// piece is bytes to add, or the end of a file.
type piece struct {
	bytes []byte
	end   *member
}

func newLane(dir string) (*lane, error) {
	p, err := newPacker(dir)
	if err != nil {
		return nil, err
	}
	l := &lane{packer: p, work: make(chan piece, 2), free: make(chan []byte, 4), done: make(chan struct{})}
	go l.run()
	return l, nil
}

func (l *lane) run() {
	defer close(l.done)
	for w := range l.work { // to its end even after a fault: whoever hands over must never wait for good
		if l.err != nil {
			continue
		}
		if w.end != nil {
			l.err = l.packer.end(w.end)
			continue
		}
		_, l.err = l.packer.Write(w.bytes)
		if cap(w.bytes) <= 4*pieceSize { // one huge record must not keep its memory
			select {
			case l.free <- w.bytes[:0]:
			default:
			}
		}
	}
}

// pass hands over what was appended, once it is worth it.
func (l *lane) pass() {
	if len(l.buf) >= pieceSize {
		l.flush()
	}
}

func (l *lane) flush() {
	if len(l.buf) == 0 {
		return
	}
	l.work <- piece{bytes: l.buf}
	select {
	case l.buf = <-l.free:
	default:
		l.buf = make([]byte, 0, pieceSize+pieceSize/4)
	}
}

// write hands over what is too long to gather.
func (l *lane) write(b []byte) {
	for len(b) > 0 {
		n := min(len(b), pieceSize)
		l.buf = append(l.buf, b[:n]...)
		l.pass()
		b = b[n:]
	}
}

// finish ends the file. The member is filled in once the lane is closed.
func (l *lane) finish(m *member) {
	l.flush()
	l.work <- piece{end: m}
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
