package sources

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"habeas/rights"
)

// ids writes the IDs of records, which stand in addresses of pages, and reads them. Where a part of the primary key must
// not be read there, being about somebody else or a core value, the whole key is encrypted: the same record has the same
// ID, it leads back to the record without anything being remembered, and it says nothing to who has no key.
type ids struct {
	seal  cipher.AEAD
	nonce []byte // the key of the hash that makes nonces
}

// errIDKey says what is wrong with Options.IDKey.
var errIDKey = errors.New("the key of IDs must have 32 bytes, or none for a random one")

const idKeyBytes = 32

func newIDs(key []byte) (*ids, error) {
	switch len(key) {
	case idKeyBytes:
	case 0:
		key = make([]byte, idKeyBytes)
		rand.Read(key) // it never fails
	default:
		return nil, errIDKey
	}
	derived, err := hkdf.Key(sha256.New, key, nil, "habeas record ids", 2*idKeyBytes)
	if err != nil {
		return nil, fmt.Errorf("derive the keys of record IDs: %w", err)
	}
	block, err := aes.NewCipher(derived[:idKeyBytes])
	if err != nil {
		return nil, fmt.Errorf("make the cipher of record IDs: %w", err)
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("make the cipher of record IDs: %w", err)
	}
	return &ids{seal, derived[idKeyBytes:]}, nil
}

// veiled reports whether the key of c must not be read in an ID.
func (c *Collection) veiled() bool {
	return slices.ContainsFunc(c.Key, func(k *Field) bool {
		return k.hidden() || rights.Shown(rights.InAddress, k.Meta.Classification) != rights.InFull
	})
}

// write returns the ID of a record of c. The nonce is a keyed hash of what is encrypted, so that one comes twice only
// with the same ID.
func (i *ids) write(c *Collection, key []any) string {
	if !c.veiled() {
		return id(key)
	}
	return i.veil(c.Source()+"\x00"+c.Name, id(key))
}

// veil encrypts a text so that it opens only about the same thing.
func (i *ids) veil(what, text string) string {
	about, plain := []byte(what), []byte(text)
	hash := hmac.New(sha256.New, i.nonce)
	hash.Write(about)
	hash.Write([]byte{0})
	hash.Write(plain)
	nonce := hash.Sum(nil)[:i.seal.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(i.seal.Seal(nonce, nonce, plain, about))
}

// read returns the key of the record of c that has the ID, and whether it can be one.
func (i *ids) read(c *Collection, s string) ([]any, bool) {
	if !c.veiled() {
		return parseID(s, len(c.Key))
	}
	plain, ok := i.unveil(c.Source()+"\x00"+c.Name, s)
	if !ok {
		return nil, false
	}
	return parseID(plain, len(c.Key))
}

// unveil opens what veil wrote about that thing.
func (i *ids) unveil(what, s string) (string, bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(sealed) < i.seal.NonceSize() {
		return "", false
	}
	n := i.seal.NonceSize()
	plain, err := i.seal.Open(nil, sealed[:n], sealed[n:], []byte(what))
	return string(plain), err == nil
}

// id writes a primary key as text that fits into a path: whole numbers as they are, text escaped, and a mark before
// what could be taken for something else. Parts are joined by "~".
func id(key []any) string {
	parts := make([]string, len(key))
	for i, v := range key {
		switch v := v.(type) {
		case nil:
			parts[i] = "!n"
		case int64:
			parts[i] = strconv.FormatInt(v, 10)
		case float64:
			parts[i] = "!f" + strconv.FormatFloat(v, 'g', -1, 64)
		case bool:
			parts[i] = "!b" + strconv.FormatBool(v)
		case []byte:
			parts[i] = "!x" + hex.EncodeToString(v)
		default:
			s := fmt.Sprint(v)
			parts[i] = strings.ReplaceAll(url.PathEscape(s), "~", "%7E")
			if s == "" || strings.ContainsRune("!'+-.0123456789", rune(s[0])) {
				parts[i] = "'" + parts[i]
			}
		}
	}
	return strings.Join(parts, "~")
}

// parseID reads what id wrote, for a key of n parts.
func parseID(s string, n int) ([]any, bool) {
	parts := strings.Split(s, "~")
	if len(parts) != n {
		return nil, false
	}
	key := make([]any, n)
	for i, p := range parts {
		var err error
		switch {
		case p == "!n":
		case strings.HasPrefix(p, "!f"):
			key[i], err = strconv.ParseFloat(p[2:], 64)
		case strings.HasPrefix(p, "!b"):
			key[i], err = strconv.ParseBool(p[2:])
		case strings.HasPrefix(p, "!x"):
			key[i], err = hex.DecodeString(p[2:])
		case strings.HasPrefix(p, "'"):
			key[i], err = url.PathUnescape(p[1:])
		case p != "" && strings.ContainsRune("-0123456789", rune(p[0])):
			key[i], err = strconv.ParseInt(p, 10, 64)
		case p == "":
			return nil, false
		default:
			key[i], err = url.PathUnescape(p)
		}
		if err != nil {
			return nil, false
		}
	}
	return key, true
}
