package mail

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"

	"habeas/rights"
)

const (
	maxAddress = 254 // octets of a mailbox: the path of RFC 5321 section 4.5.3.1.3 less its angle brackets
	maxLocal   = 64  // octets of what stands before the @ (RFC 5321 section 4.5.3.1.1)
)

// Canonical returns the one form of a mailbox by which it is known here: what was typed and what a source stores are
// equal exactly when their canonical forms are. The domain is IDNA, in ASCII; the local part is folded by PRECIS
// UsernameCaseMapped (RFC 8265). Full-width forms and marks without width, which input methods and pasting leave
// behind, are understood; anything else that merely looks like another address stays another address or is refused.
// A fault is a rights.FieldErrors of the field "email".
func Canonical(address string) (string, error) {
	format := rights.Fault("email", "email.format", nil)
	if len(address) > 4*maxAddress {
		return "", rights.Fault("email", "email.too_long", nil)
	}
	if !utf8.ValidString(address) || strings.ContainsAny(address, "\r\n") {
		return "", format // not even at the ends: a line break in an address is never an accident
	}
	s := strings.TrimFunc(strings.Map(typed, address), unicode.IsSpace)
	if s == "" {
		return "", rights.Fault("email", "email.empty", nil)
	}
	local, domain, err := split(s)
	if err != nil || disguised(local) || disguised(domain) {
		return "", format
	}
	if local, err = fold(local); err != nil {
		return "", format
	}
	if domain, err = asciiDomain(domain); err != nil {
		return "", format
	}
	if len(local) > maxLocal || len(local)+1+len(domain) > maxAddress {
		return "", rights.Fault("email", "email.too_long", nil)
	}
	return local + "@" + domain, nil
}

// typed maps a rune to what its writer meant: full-width forms to ASCII, the dots of Chinese and Japanese keyboards to
// a dot, and what has no width to nothing. The overrides U+202D and U+202E stay, to be refused: they hide what follows.
func typed(r rune) rune {
	switch {
	case r == '。', r == '｡':
		return '.'
	case r == '﹫':
		return '@'
	case r >= '！' && r <= '～':
		return width.LookupRune(r).Narrow()
	case r == '\u00AD', r >= '\u200B' && r <= '\u200F', r >= '\u202A' && r <= '\u202C',
		r == '\u2060', r >= '\u2066' && r <= '\u2069', r == '\uFEFF':
		return -1
	}
	return r
}

// disguised reports whether s has a rune that is not ASCII but would be folded into it: the Kelvin sign for k, ﬁ for
// fi, ① for 1. Folding would merge lookalikes.
func disguised(s string) bool {
	for _, r := range s {
		if r < utf8.RuneSelf {
			continue
		}
		for _, f := range norm.NFKC.String(string(unicode.ToLower(r)) + string(r)) {
			if f < utf8.RuneSelf {
				return true
			}
		}
	}
	return false
}

// fold applies PRECIS until nothing changes, because one pass need not be enough (RFC 8264 section 7).
func fold(local string) (string, error) {
	for range 4 {
		folded, err := precis.UsernameCaseMapped.String(local)
		if err != nil {
			return "", errMailbox
		}
		if folded == local {
			return local, checkLocal(local)
		}
		local = folded
	}
	return "", errMailbox
}

// errMailbox never says which: an address in an error would end up in a log.
var errMailbox = errors.New("not a single plain mailbox")

// split takes one mailbox apart at its only @. It knows no display names, comments, lists, quoted local parts or
// address literals, so that nothing in an address can become a second recipient.
func split(address string) (local, domain string, err error) {
	local, domain, found := strings.Cut(address, "@")
	if !found || strings.Contains(domain, "@") {
		return "", "", errMailbox
	}
	return local, domain, checkLocal(local)
}

// checkLocal holds the local part to a dot-atom (RFC 5322 section 3.2.3), letters of any script included (RFC 6532).
func checkLocal(local string) error {
	if !utf8.ValidString(local) {
		return errMailbox
	}
	for _, atom := range strings.Split(local, ".") {
		if atom == "" {
			return errMailbox
		}
		for _, r := range atom {
			ok := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
				strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r) ||
				r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r))
			if !ok {
				return errMailbox
			}
		}
	}
	return nil
}

var domains = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.CheckHyphens(true),
	idna.StrictDomainName(true), idna.ValidateLabels(true), idna.VerifyDNSLength(true))

// asciiDomain returns the domain as DNS knows it. It must have a dot, and its last label a letter: neither a machine
// on the local network nor an IP address receives privacy letters.
func asciiDomain(domain string) (string, error) {
	ascii, err := domains.ToASCII(domain)
	if err != nil {
		return "", errMailbox
	}
	last := strings.LastIndexByte(ascii, '.')
	if last < 0 || !strings.ContainsAny(ascii[last+1:], "abcdefghijklmnopqrstuvwxyz") {
		return "", errMailbox
	}
	return ascii, nil
}

// recipient returns address as SMTP takes it: the local part as it is stored, the domain in ASCII. Addresses of
// sources come here too, so unlike Canonical it keeps the case of the local part.
func recipient(address string) (string, error) {
	local, domain, err := split(address)
	if err != nil {
		return "", err
	}
	if domain, err = asciiDomain(domain); err != nil {
		return "", err
	}
	if len(local) > maxLocal || len(local)+1+len(domain) > maxAddress {
		return "", errMailbox
	}
	return local + "@" + domain, nil
}

// isASCII reports whether SMTP without SMTPUTF8 (RFC 6531) can carry s.
func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
