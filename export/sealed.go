package export

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"
)

// errAbandoned is what closing a sealed file says when its package was not finished.
var errAbandoned = errors.New("the package was not finished and its file is removed: build it again")

// sealedFile is a package on its way to the disk. Until Close succeeds nothing stands at its path.
type sealedFile struct {
	path   string
	file   *os.File
	seal   io.WriteCloser
	failed error
}

// Create makes the sealed file of one package and the key that alone opens it: an age identity of its own, so that
// forgetting the key destroys the package in every backup. The file is readable by its owner only, appears at path when
// it is closed without a fault, and is removed when it is not.
func Create(path string) (file io.WriteCloser, key string, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, "", fmt.Errorf("make the directory of packages: %w", err)
	}
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, "", fmt.Errorf("remove what a crash left: %w", err)
	}
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, "", fmt.Errorf("make the package's file: %w", err)
	}
	identity, err := age.GenerateX25519Identity()
	if err == nil {
		s := &sealedFile{path: path, file: f}
		if s.seal, err = age.Encrypt(f, identity.Recipient()); err == nil {
			return s, identity.String(), nil
		}
	}
	return nil, "", errors.Join(fmt.Errorf("seal the package: %w", err), f.Close(), os.Remove(part))
}

func (s *sealedFile) Write(p []byte) (int, error) {
	n, err := s.seal.Write(p)
	if err != nil && s.failed == nil {
		s.failed = fmt.Errorf("write the package: %w", err)
	}
	return n, err
}

// abandon makes Close remove the file: half a package must never look like a whole one.
func (s *sealedFile) abandon() {
	if s.failed == nil {
		s.failed = errAbandoned
	}
}

// dir is where the overflow of a build may go: next to the package, where only the portal reads.
func (s *sealedFile) dir() string { return filepath.Dir(s.path) }

// Close puts the package in its place, on disk for good before its name is.
func (s *sealedFile) Close() error {
	part := s.path + ".part"
	if s.failed != nil {
		return errors.Join(s.failed, s.file.Close(), os.Remove(part))
	}
	err := s.seal.Close()
	if err == nil {
		err = s.file.Sync()
	}
	if err = errors.Join(err, s.file.Close()); err != nil {
		return errors.Join(fmt.Errorf("finish the package: %w", err), os.Remove(part))
	}
	if err := os.Rename(part, s.path); err != nil {
		return errors.Join(fmt.Errorf("put the package in its place: %w", err), os.Remove(part))
	}
	return nil
}

// opened is a sealed file being read.
type opened struct {
	io.Reader
	io.Closer
}

// Open reads a sealed package with its key. A wrong key is an error here; a changed or missing byte is an error at the
// read that comes to it, never an early end.
func Open(path, key string) (io.ReadCloser, error) {
	identity, err := age.ParseX25519Identity(key)
	if err != nil {
		return nil, errors.New("the key of the package is not one: was it already forgotten?") // the cause would quote it
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the package: %w", err)
	}
	r, err := age.Decrypt(f, identity)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("unseal the package: %w", err), f.Close())
	}
	return opened{r, f}, nil
}
