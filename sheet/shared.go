package sheet

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// sharedTexts keeps the texts that cells of a workbook share: in memory while they are few, then in files without a name,
// encrypted with a key that is only in memory, so that nothing of them can be read afterwards.
type sharedTexts struct {
	temp    string
	texts   []byte
	ends    []int64
	limit   int // bytes in memory
	n       int
	size    int64
	data    *os.File
	offsets *os.File
	block   cipher.Block
	buf     []byte
	index   []byte // of offsets not written yet
}

// memory for shared texts, before they go to a file.
const sharedInMemory = 16 << 20

// maxShared bounds the shared texts of a file, on disk.
const maxShared = 8 << 30

func newStrings(temp string) *sharedTexts { return &sharedTexts{temp: temp, limit: sharedInMemory} }

func (s *sharedTexts) add(text []byte) error {
	s.size += int64(len(text))
	if s.size > maxShared {
		return errors.New("the XLSX file holds more than 8 GiB of text: divide it")
	}
	s.n++
	s.texts, s.ends = append(s.texts, text...), append(s.ends, s.size)
	if len(s.texts)+8*len(s.ends) < s.limit {
		return nil
	}
	return s.flush()
}

// flush moves what is in memory to the files.
func (s *sharedTexts) flush() error {
	if s.data == nil {
		if err := s.open(); err != nil {
			return err
		}
	}
	at := s.size - int64(len(s.texts))
	s.crypt(s.texts, at)
	if _, err := s.data.WriteAt(s.texts, at); err != nil {
		return fmt.Errorf("write a temporary file: %w", reason(err))
	}
	s.index = s.index[:0]
	for _, end := range s.ends {
		s.index = binary.LittleEndian.AppendUint64(s.index, uint64(end)) //nolint:gosec // never negative
	}
	if _, err := s.offsets.WriteAt(s.index, 8*int64(s.n-len(s.ends))); err != nil {
		return fmt.Errorf("write a temporary file: %w", reason(err))
	}
	s.texts, s.ends = s.texts[:0], s.ends[:0]
	return nil
}

func (s *sharedTexts) open() error {
	key := make([]byte, 32)
	rand.Read(key) // it never fails
	var err error
	if s.block, err = aes.NewCipher(key); err != nil {
		return fmt.Errorf("make a cipher: %w", err)
	}
	for _, f := range []**os.File{&s.data, &s.offsets} {
		if *f, err = os.CreateTemp(s.temp, "habeas-"); err == nil {
			err = os.Remove((*f).Name()) // it lives as long as it is open
		}
		if err != nil {
			return fmt.Errorf("make a temporary file: %w", reason(err))
		}
	}
	return nil
}

// crypt encrypts or decrypts what stands at a place of the file (CTR: NIST SP 800-38A, 6.5).
func (s *sharedTexts) crypt(b []byte, at int64) {
	counter := make([]byte, aes.BlockSize)
	binary.BigEndian.PutUint64(counter[8:], uint64(at/aes.BlockSize)) //nolint:gosec // never negative
	stream := cipher.NewCTR(s.block, counter)
	var skip [aes.BlockSize]byte
	stream.XORKeyStream(skip[:at%aes.BlockSize], skip[:at%aes.BlockSize])
	stream.XORKeyStream(b, b)
}

var errNoText = errors.New("there is no such text")

func (s *sharedTexts) get(i int) (string, error) {
	if i < 0 || i >= s.n {
		return "", errNoText
	}
	if s.data == nil {
		from := int64(0)
		if i > 0 {
			from = s.ends[i-1]
		}
		return string(s.texts[from:s.ends[i]]), nil
	}
	if len(s.ends) > 0 {
		if err := s.flush(); err != nil {
			return "", err
		}
	}
	var pair [16]byte
	at, part := 8*int64(i-1), pair[:]
	if i == 0 {
		at, part = 0, pair[8:]
	}
	if _, err := s.offsets.ReadAt(part, at); err != nil {
		return "", err
	}
	from, to := int64(binary.LittleEndian.Uint64(pair[:8])), int64(binary.LittleEndian.Uint64(pair[8:])) //nolint:gosec // written above
	if cap(s.buf) < int(to-from) {
		s.buf = make([]byte, to-from)
	}
	b := s.buf[:to-from]
	if _, err := s.data.ReadAt(b, from); err != nil {
		return "", err
	}
	s.crypt(b, from)
	return string(b), nil
}

func (s *sharedTexts) close() error {
	var errs []error
	for _, f := range []*os.File{s.data, s.offsets} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}
