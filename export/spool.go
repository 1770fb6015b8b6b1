package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"
)

// spoolInMemory is how many compressed bytes a spool holds before it turns to a file.
const spoolInMemory = 2 << 20

// spool keeps what is written until it is read back once, in order. It is needed because a ZIP stores file after file
// while one scan makes several files at once. What does not fit into memory goes to a file sealed with a key that never
// leaves this process.
type spool struct {
	dir      string // of the file; "" for the system's
	memory   bytes.Buffer
	file     *os.File
	named    bool // the file still has a name
	identity *age.X25519Identity
	seal     io.WriteCloser
}

func (s *spool) Write(p []byte) (int, error) {
	if s.seal == nil && s.memory.Len()+len(p) > spoolInMemory {
		if err := s.overflow(); err != nil {
			return 0, fmt.Errorf("make room for the package: %w", err)
		}
	}
	if s.seal != nil {
		return s.seal.Write(p)
	}
	return s.memory.Write(p)
}

// overflow moves what is in memory to a sealed file.
func (s *spool) overflow() (err error) {
	if s.identity, err = age.GenerateX25519Identity(); err != nil {
		return err
	}
	if s.file, err = os.CreateTemp(s.dir, "spool-*.age"); err != nil {
		return err
	}
	s.named = os.Remove(s.file.Name()) != nil // where an open file can lose its name, no crash leaves it behind
	if s.seal, err = age.Encrypt(s.file, s.identity.Recipient()); err != nil {
		return err
	}
	_, err = s.seal.Write(s.memory.Bytes())
	s.memory = bytes.Buffer{}
	return err
}

// reader ends the writing and returns everything from the start.
func (s *spool) reader() (io.Reader, error) {
	if s.seal == nil {
		return &s.memory, nil
	}
	if err := s.seal.Close(); err != nil {
		return nil, err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return age.Decrypt(s.file, s.identity)
}

// remove forgets everything; the key goes with the process's memory.
func (s *spool) remove() error {
	s.memory = bytes.Buffer{}
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.named {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}
