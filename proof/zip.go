package proof

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"time"

	"crypto/sha256"
)

// member is one file of the ZIP. Its write is called more than once and must write the same each time.
type member struct {
	name  string
	write func(io.Writer) error
}

// content is a member that is ready.
func content(name string, body []byte) member {
	return member{name, func(w io.Writer) error {
		_, err := w.Write(body)
		return err
	}}
}

// measure is what is known of a member once it was written: a ZIP names it before the bytes.
type measure struct {
	size int64
	crc  hash.Hash32
	sum  hash.Hash
}

func newMeasure() *measure { return &measure{crc: crc32.NewIEEE(), sum: sha256.New()} }

func (m *measure) Write(p []byte) (int, error) {
	m.size += int64(len(p))
	_, _ = m.crc.Write(p) // hashes do not fail
	return m.sum.Write(p)
}

func (m member) measured() (*measure, error) {
	sum := newMeasure()
	if err := m.write(sum); err != nil {
		return nil, fmt.Errorf("read %s: %w", m.name, err)
	}
	return sum, nil
}

// errChanged says that a file was not the same when it was read again.
var errChanged = errors.New("it was changed while the proof was made: make it again")

// add writes a member to the ZIP.
func add(z *zip.Writer, m member, at time.Time) error {
	first, err := m.measured()
	if err != nil {
		return err
	}
	to, err := z.CreateRaw(header(m.name, uint64(first.size), first.crc.Sum32(), at))
	if err != nil {
		return fmt.Errorf("write %s: %w", m.name, err)
	}
	again := newMeasure()
	if err := m.write(io.MultiWriter(to, again)); err != nil {
		return fmt.Errorf("write %s: %w", m.name, err)
	}
	if !bytes.Equal(first.sum.Sum(nil), again.sum.Sum(nil)) {
		return fmt.Errorf("write %s: %w", m.name, errChanged)
	}
	return nil
}

// header follows from the file alone: whoever knows the files of a proof knows each byte of its ZIP.
func header(name string, size uint64, crc uint32, at time.Time) *zip.FileHeader {
	h := &zip.FileHeader{Name: name, Method: zip.Store, CRC32: crc, CompressedSize64: size, UncompressedSize64: size}
	h.SetMode(0o644)
	h.ModifiedDate, h.ModifiedTime = dosTime(at) //lint:ignore SA1019 CreateRaw writes these and not Modified
	return h
}

// dosTime writes a time as ZIP has it: no zone, two seconds fine (APPNOTE 4.4.6).
func dosTime(t time.Time) (day, clock uint16) {
	day = uint16(t.Day() + int(t.Month())<<5 + (t.Year()-1980)<<9)
	clock = uint16(t.Second()/2 + t.Minute()<<5 + t.Hour()<<11)
	return day, clock
}

// like compares what is written to it with what stands in a file.
type like struct {
	file io.ReaderAt
	at   int64
	buf  []byte
}

var errUnlike = errors.New("unlike")

func (l *like) Write(p []byte) (int, error) {
	for from := 0; from < len(p); {
		if l.buf == nil {
			l.buf = make([]byte, 32<<10)
		}
		part := p[from:min(from+len(l.buf), len(p))]
		n, err := l.file.ReadAt(l.buf[:len(part)], l.at)
		if n < len(part) && err != nil && !errors.Is(err, io.EOF) {
			return from, err
		}
		if !bytes.Equal(l.buf[:n], part) {
			return from, errUnlike
		}
		l.at, from = l.at+int64(n), from+n
	}
	return len(p), nil
}
