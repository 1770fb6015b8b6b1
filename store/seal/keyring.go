package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/tink"
	"golang.org/x/mod/sumdb/note"
)

// The secrets of a keyring. Each has one use: a key that leaks or wears out takes nothing else with it.
const (
	subjectKeys = "subject_keys" // wraps the data key of each subject
	portal      = "portal"       // what belongs to no subject: staff, challenges, sessions
	letters     = "letters"      // letters to people who are not, or no longer, subjects
	signing     = "audit_signing"
)

// The kinds of keyed hash, one key each.
const (
	Mailboxes Index = "mailbox_index"
	Marks     Index = "mark_index" // numbers issued to people, and their rows in lists of people
	Emails    Index = "email_index"
	Limits    Index = "limits_index"
	Tokens    Index = "tokens_index"
	Heads     Index = "audit_head" // vouches for the newest entry of the audit log
)

// Index names a key for keyed hashes.
type Index string

var (
	boxes   = []string{subjectKeys, portal, letters}
	indexes = []Index{Mailboxes, Marks, Emails, Limits, Tokens, Heads}
	later   = []Index{Marks} // that keyrings of the first version do not have
)

// ErrWrongKey says that the key file is not the one this keyring was made with.
var ErrWrongKey = errors.New("the keyring was made with another key file")

// Keyring holds the opened keys. It is safe for many goroutines.
type Keyring struct {
	Portal   Box
	Letters  Box
	Signer   note.Signer
	Verifier string // the public half of Signer, as note.NewVerifier reads it

	subjects tink.AEAD
	prfs     map[Index]*prf.Set
}

// NewMaster makes the content of a new key file: a tink keyset, so that rotation can add keys to it.
func NewMaster() ([]byte, error) {
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make the key-encryption key: %w", err)
	}
	var b bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&b)); err != nil {
		return nil, fmt.Errorf("write the key-encryption key: %w", err)
	}
	return append(b.Bytes(), '\n'), nil
}

// Make returns the sealed secrets of a new keyring by name, for Open. The name is what audit checkpoints are signed as.
func Make(master []byte, random io.Reader, name string) (map[string][]byte, error) {
	kek, err := readMaster(master)
	if err != nil {
		return nil, err
	}
	templates := map[string]*tinkpb.KeyTemplate{}
	for _, n := range boxes {
		templates[n] = aead.AES256GCMKeyTemplate()
	}
	for _, n := range indexes {
		templates[string(n)] = prf.HMACSHA256PRFKeyTemplate()
	}
	sealed := map[string][]byte{}
	for n, template := range templates {
		if sealed[n], err = makeKey(kek, n, template); err != nil {
			return nil, err
		}
	}
	secret, public, err := note.GenerateKey(random, name)
	if err != nil {
		return nil, fmt.Errorf("make the signing key of the audit log: %w", err)
	}
	sealed[signing], err = kek.Encrypt([]byte(secret+"\n"+public), []byte(signing))
	if err != nil {
		return nil, fmt.Errorf("seal the signing key of the audit log: %w", err)
	}
	return sealed, nil
}

// makeKey makes one key and seals it.
func makeKey(kek tink.AEAD, name string, template *tinkpb.KeyTemplate) ([]byte, error) {
	h, err := keyset.NewHandle(template)
	if err != nil {
		return nil, fmt.Errorf("make key %s: %w", name, err)
	}
	var b bytes.Buffer
	if err := h.WriteWithAssociatedData(keyset.NewBinaryWriter(&b), kek, []byte(name)); err != nil {
		return nil, fmt.Errorf("seal key %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// Later makes the keys that a keyring of an earlier version does not have yet, sealed and by name, and puts them into it.
// A key of the first version that is missing is not made: what was indexed with it would be lost without a word.
func Later(master []byte, sealed map[string][]byte) (map[string][]byte, error) {
	kek, err := readMaster(master)
	if err != nil {
		return nil, err
	}
	made := map[string][]byte{}
	for _, n := range later {
		if sealed[string(n)] != nil {
			continue
		}
		if made[string(n)], err = makeKey(kek, string(n), prf.HMACSHA256PRFKeyTemplate()); err != nil {
			return nil, err
		}
		sealed[string(n)] = made[string(n)]
	}
	return made, nil
}

// Open opens what Make made. Any other master key gives ErrWrongKey.
func Open(master []byte, sealed map[string][]byte) (*Keyring, error) {
	kek, err := readMaster(master)
	if err != nil {
		return nil, err
	}
	handle := func(name string) (*keyset.Handle, error) {
		b, ok := sealed[name]
		if !ok {
			return nil, fmt.Errorf("the keyring lacks %s: restore the database from a backup", name)
		}
		h, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(b)), kek, []byte(name))
		if err != nil {
			return nil, ErrWrongKey
		}
		return h, nil
	}
	opened := map[string]tink.AEAD{}
	for _, name := range boxes {
		h, err := handle(name)
		if err != nil {
			return nil, err
		}
		if opened[name], err = aead.New(h); err != nil {
			return nil, fmt.Errorf("use key %s: %w", name, err)
		}
	}
	k := &Keyring{
		Portal: Box{opened[portal]}, Letters: Box{opened[letters]}, subjects: opened[subjectKeys],
		prfs: map[Index]*prf.Set{},
	}
	for _, name := range indexes {
		h, err := handle(string(name))
		if err != nil {
			return nil, err
		}
		if k.prfs[name], err = prf.NewPRFSet(h); err != nil {
			return nil, fmt.Errorf("use key %s: %w", name, err)
		}
	}
	pair, err := kek.Decrypt(sealed[signing], []byte(signing))
	if err != nil {
		return nil, ErrWrongKey
	}
	secret, public, _ := bytes.Cut(pair, []byte("\n"))
	if k.Signer, err = note.NewSigner(string(secret)); err != nil {
		return nil, fmt.Errorf("use the signing key of the audit log: %w", err)
	}
	k.Verifier = string(public)
	return k, nil
}

// NewSubjectKey makes the data key of a subject and returns it wrapped. Whoever forgets the wrapped key, in
// every copy there is of it, has erased everything sealed under it.
func (k *Keyring) NewSubjectKey(subject string, random io.Reader) ([]byte, error) {
	key := make([]byte, 32)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, fmt.Errorf("make a data key: %w", err)
	}
	wrapped, err := k.subjects.Encrypt(key, []byte(subject))
	clear(key)
	if err != nil {
		return nil, fmt.Errorf("wrap a data key: %w", err)
	}
	return wrapped, nil
}

// Subject returns the box of a subject from their wrapped key. Unwrapping costs about a microsecond, so nothing is
// kept: a destroyed key is gone from memory as well.
func (k *Keyring) Subject(subject string, wrapped []byte) (Box, error) {
	key, err := k.subjects.Decrypt(wrapped, []byte(subject))
	if err != nil {
		return Box{}, fmt.Errorf("unwrap a data key: %w", ErrRefused)
	}
	defer clear(key)
	return boxOf(key)
}

// Hash returns the keyed hash of value: the same for the same value, and nothing to guess from without the key.
func (k *Keyring) Hash(index Index, value string) []byte {
	sum, err := k.prfs[index].ComputePrimaryPRF([]byte(value), 32)
	if err != nil {
		// HMAC-SHA256 of 32 bytes has no input it fails on, and a missing key was refused in Open.
		panic(fmt.Sprintf("keyed hash %s: %v", index, err))
	}
	return sum
}

func readMaster(master []byte) (tink.AEAD, error) {
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(master)))
	if err != nil {
		return nil, errors.New("the key file is not a Habeas key: put the file back that was made with this database")
	}
	kek, err := aead.New(h)
	if err != nil {
		return nil, fmt.Errorf("use the key file: %w", err)
	}
	return kek, nil
}
