package workflow

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"habeas/rights"
)

// Argon2id by OWASP's first choice that fits beside everything else in 40 MiB: 19 MiB, two passes, one lane.
const (
	argonMemory = 19 * 1024 // KiB
	argonPasses = 2
	argonLanes  = 1
	argonKey    = 32
)

// The bounds of a password, in characters. Length is what counts (NIST SP 800-63B 5.1.1.2): no rules on kinds of
// characters.
const (
	passwordMin = 14
	passwordMax = 256
)

// hashPassword returns the PHC string of a password. One at a time: memory is the point of the function.
func (p *Portal) hashPassword(password string) string {
	salt := make([]byte, 16)
	p.fill(salt)
	p.hashing.Lock()
	defer p.hashing.Unlock()
	key := argon2.IDKey([]byte(password), salt, argonPasses, argonMemory, argonLanes, argonKey)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonLanes,
		enc.EncodeToString(salt), enc.EncodeToString(key))
}

// samePassword compares in the time of one hash whatever the outcome; an empty or damaged hash matches nothing.
func (p *Portal) samePassword(hash, password string) bool {
	var version, memory, passes, lanes int
	parts := strings.Split(hash, "$")
	salt, want := make([]byte, 16), make([]byte, argonKey)
	usable := len(parts) == 6
	if usable {
		_, err1 := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &passes, &lanes)
		s, err2 := base64.RawStdEncoding.DecodeString(parts[4])
		k, err3 := base64.RawStdEncoding.DecodeString(parts[5])
		usable = err1 == nil && err2 == nil && err3 == nil && version == argon2.Version && len(k) > 0
		if usable {
			salt, want = s, k
		}
	}
	if !usable {
		memory, passes, lanes = argonMemory, argonPasses, argonLanes
	}
	p.hashing.Lock()
	got := argon2.IDKey([]byte(password), salt, uint32(passes), uint32(memory), uint8(lanes), uint32(len(want)))
	p.hashing.Unlock()
	return subtle.ConstantTimeCompare(got, want) == 1 && usable
}

// checkPassword tells what is wrong with a new password for a person of that name and address.
func checkPassword(password, name, email string) error {
	n := utf8.RuneCountInString(password)
	local, _, _ := strings.Cut(email, "@")
	switch {
	case n < passwordMin:
		return rights.Fault("password", "staff.error.password_short", map[string]any{"Min": passwordMin})
	case n > passwordMax:
		return rights.Fault("password", "staff.error.password_long", map[string]any{"Max": passwordMax})
	case fewKinds(password), strings.EqualFold(password, email),
		repeats(strings.ToLower(password), strings.ToLower(local)),
		name != "" && strings.EqualFold(strings.ReplaceAll(password, " ", ""), strings.ReplaceAll(name, " ", "")):
		return rights.Fault("password", "staff.error.password_plain", nil)
	}
	return nil
}

// repeats reports whether a password is one word over and over.
func repeats(password, word string) bool {
	return word != "" && strings.ReplaceAll(password, word, "") == ""
}

// fewKinds reports whether a password is made of fewer than five different characters.
func fewKinds(password string) bool {
	seen := map[rune]bool{}
	for _, r := range password {
		seen[r] = true
	}
	return len(seen) < 5
}
