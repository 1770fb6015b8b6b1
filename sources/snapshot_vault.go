package sources

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// vault seals the records of one snapshot and hashes what they are looked up by.
type vault struct {
	aead  cipher.AEAD
	index []byte
}

// errSealed says that what is sealed does not open: it was changed, moved, or sealed with another key.
var errSealed = errors.New("a sealed record was changed, moved or sealed with another key")

const vaultKeyBytes = 32

// newVault derives two keys from the one of the source, each with one use (RFC 5869).
func newVault(key []byte) (*vault, error) {
	if len(key) != vaultKeyBytes {
		return nil, errors.New("the key of a snapshot must have 32 bytes")
	}
	derived, err := hkdf.Key(sha256.New, key, nil, "habeas snapshot", 2*vaultKeyBytes)
	if err != nil {
		return nil, fmt.Errorf("derive the keys of a snapshot: %w", err)
	}
	block, err := aes.NewCipher(derived[:vaultKeyBytes])
	if err != nil {
		return nil, fmt.Errorf("make the cipher of a snapshot: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("make the cipher of a snapshot: %w", err)
	}
	return &vault{aead, derived[vaultKeyBytes:]}, nil
}

// seal encrypts for a place, with AES-256-GCM and a random nonce (NIST SP 800-38D, 8.3: safe for 2^32 under one key, some
// four thousand imports of a million records that all changed).
func (v *vault) seal(plain []byte, place ...string) []byte {
	nonce := make([]byte, v.aead.NonceSize(), v.aead.NonceSize()+len(plain)+v.aead.Overhead())
	rand.Read(nonce) // it never fails
	return v.aead.Seal(nonce, nonce, plain, []byte(strings.Join(place, "\x00")))
}

// open returns what seal sealed for that place.
func (v *vault) open(sealed []byte, place ...string) ([]byte, error) {
	n := v.aead.NonceSize()
	if len(sealed) < n {
		return nil, errSealed
	}
	plain, err := v.aead.Open(nil, sealed[:n], sealed[n:], []byte(strings.Join(place, "\x00")))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

// hashBytes is how much of a hash is kept: two of a million values are alike once in 10^26.
const hashBytes = 16

func (v *vault) hash(domain, text string) []byte {
	h := hmac.New(sha256.New, v.index)
	h.Write([]byte(domain))
	h.Write([]byte{0, 0})
	h.Write([]byte(text))
	return h.Sum(nil)[:hashBytes]
}

// mark hashes a folded value of a mark, nil for having none. The mark is part of what is hashed, which is as good as a key
// of its own: the same value in two fields has two hashes.
func (v *vault) mark(m mark, value any) []byte {
	if value == nil {
		return v.hash("none\x00"+m.String(), "")
	}
	return v.hash("mark\x00"+m.String(), alike(value))
}

// key hashes a primary key.
func (v *vault) key(c *Collection, key []any) []byte { return v.hash("key\x00"+c.Name, id(key)) }

// alike writes a value so that two that a database finds equal are written alike: the number 7 is 7.0, and "7".
func alike(v any) string {
	if f, ok := v.(float64); ok && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return strconv.FormatInt(int64(f), 10)
	}
	return text(v)
}

// asciiBlanks are what lower(trim(…)) takes away in sqlite_dialect.go.
const asciiBlanks = "\t\n\v\f\r "

// phoneMarks are what people write into telephone numbers, as sqlite_dialect.go leaves it out.
var phoneMarks = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "", "/", "", "+", "")

// foldValue makes a value comparable for a kind of identity, with the meanings of sqliteDialect.fold.
func foldValue(kind string, v any) any {
	switch kind {
	case textFold:
		if f, ok := v.(float64); ok {
			return sqliteText(f)
		}
		return text(v)
	case emailIdentity:
		return lowerASCII(strings.Trim(text(v), asciiBlanks))
	case phoneIdentity:
		return phoneMarks.Replace(text(v))
	}
	return v
}

// sqliteText is CAST(f AS TEXT): 15 digits, and always with a point (sqlite.org/lang_expr.html#castexpr).
func sqliteText(f float64) string {
	s := strconv.FormatFloat(f, 'g', 15, 64)
	if mantissa, exponent, has := strings.Cut(s, "e"); has {
		if !strings.Contains(mantissa, ".") {
			mantissa += ".0"
		}
		return mantissa + "e" + exponent
	}
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
