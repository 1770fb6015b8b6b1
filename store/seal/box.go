package seal

import (
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrRefused says that a sealed value does not open: it was changed, moved to another row or column, or sealed
// under another key.
var ErrRefused = errors.New("a sealed value was changed, moved or sealed with another key")

// Box seals and opens values under one key. Table, column and row are the associated data: a value opens only in the
// place it was sealed for (NIST SP 800-38D; security.md 5).
type Box struct{ aead tink.AEAD }

// Seal returns value sealed for its place.
func (b Box) Seal(value []byte, table, column, row string) ([]byte, error) {
	sealed, err := b.aead.Encrypt(value, place(table, column, row))
	if err != nil {
		return nil, fmt.Errorf("seal %s.%s: %w", table, column, err)
	}
	return sealed, nil
}

// Open returns what Seal sealed for that place, or ErrRefused.
func (b Box) Open(sealed []byte, table, column, row string) ([]byte, error) {
	value, err := b.aead.Decrypt(sealed, place(table, column, row))
	if err != nil {
		return nil, fmt.Errorf("open %s.%s: %w", table, column, ErrRefused)
	}
	return value, nil
}

// place joins with a byte that neither names nor IDs hold, so that no two places read alike.
func place(table, column, row string) []byte {
	ad := make([]byte, 0, len(table)+len(column)+len(row)+2)
	ad = append(append(ad, table...), 0)
	ad = append(append(ad, column...), 0)
	return append(ad, row...)
}

// boxOf makes a Box from the 32 bytes of an AES-256 key.
func boxOf(key []byte) (Box, error) {
	aead, err := subtle.NewAESGCM(key)
	if err != nil {
		return Box{}, fmt.Errorf("use a data key: %w", err)
	}
	return Box{aead}, nil
}
