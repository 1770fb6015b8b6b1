package export

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"
)

// members lists the files of the package in the order of the ZIP.
func (b *build) members() []*member {
	var out []*member
	for _, p := range b.packers() {
		for _, m := range p.members {
			if !m.dropped {
				out = append(out, m)
			}
		}
	}
	return out
}

// separate is how many forms make files of their own, one a collection. Linked data are one file of all.
const separate = 3

// packers are the documents, then form after form, each source by source.
func (b *build) packers() []*packer {
	out := []*packer{b.docs}
	for form := range separate {
		for _, s := range b.shelves {
			if s.lanes != nil {
				out = append(out, s.lanes[form].packer)
			}
		}
	}
	return out
}

// assemble writes the ZIP from what the packers hold.
func (b *build) assemble(ctx context.Context, w io.Writer) (Result, error) {
	sum := &sink{Writer: w}
	hash := sha256.New()
	z := zip.NewWriter(io.MultiWriter(sum, hash))
	for _, p := range b.packers() {
		from, err := p.spool.reader()
		if err != nil {
			return Result{}, fmt.Errorf("read back what was compressed: %w", err)
		}
		for _, m := range p.members {
			if err := ctx.Err(); err != nil {
				return Result{}, err
			}
			if err := b.copy(z, m, from); err != nil {
				return Result{}, fmt.Errorf("write %s: %w", m.name, err)
			}
		}
	}
	if err := z.Close(); err != nil {
		return Result{}, fmt.Errorf("end the ZIP: %w", err)
	}
	if b.Progress != nil {
		if err := b.Progress(b.total, b.total); err != nil {
			return Result{}, err
		}
	}
	return Result{Records: b.done, Bytes: sum.n, SHA256: hex.EncodeToString(hash.Sum(nil)), Missing: b.missing()}, nil
}

// copy writes one file, or passes over a dropped one.
func (b *build) copy(z *zip.Writer, m *member, from io.Reader) error {
	if m.dropped {
		_, err := io.CopyN(io.Discard, from, m.packed)
		return err
	}
	h := &zip.FileHeader{
		Name: m.name, Method: zip.Deflate, Flags: 0x800, // names are UTF-8
		CRC32: m.crc, CompressedSize64: uint64(m.packed), UncompressedSize64: uint64(m.size),
	}
	h.SetMode(0o644)
	h.ModifiedDate, h.ModifiedTime = dosTime(b.MadeAt) //lint:ignore SA1019 CreateRaw writes these and not Modified
	to, err := z.CreateRaw(h)
	if err != nil {
		return err
	}
	if n, err := io.CopyN(to, from, m.packed); err != nil {
		return errors.Join(err, fmt.Errorf("%d of %d bytes", n, m.packed))
	}
	return nil
}

// dosTime writes a time as ZIP has it: no zone, two seconds fine, from 1980 on (APPNOTE 4.4.6).
func dosTime(t time.Time) (day, clock uint16) {
	if t.Year() < 1980 {
		t = time.Date(1980, 1, 1, 0, 0, 0, 0, t.Location())
	}
	day = uint16(t.Day() + int(t.Month())<<5 + (t.Year()-1980)<<9)
	clock = uint16(t.Second()/2 + t.Minute()<<5 + t.Hour()<<11)
	return day, clock
}

// sink counts what is written.
type sink struct {
	io.Writer
	n int64
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.Writer.Write(p)
	s.n += int64(n)
	return n, err
}
