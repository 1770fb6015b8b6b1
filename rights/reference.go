package rights

import "strings"

// crockford is Douglas Crockford's base 32: no I, L, O, U, so that a reference survives the telephone.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewRef makes a reference such as HB-7Q4K-9TXM from at least five random bytes: seven random characters
// (35 bits) and one that checks them.
func NewRef(random []byte) string {
	var bits uint64
	for _, b := range random[:5] {
		bits = bits<<8 | uint64(b)
	}
	s := make([]byte, 8)
	for i := range 7 {
		s[i] = crockford[bits>>(5*i)&31]
	}
	s[7] = refCheck(s[:7])
	return "HB-" + string(s[:4]) + "-" + string(s[4:])
}

// ParseRef reads a reference as people type it: any case, with or without prefix and hyphens, O for 0, I and L for 1.
// The check character catches every single wrong character and most swaps.
func ParseRef(s string) (string, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	s = strings.TrimPrefix(s, "HB")
	s = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(s)
	if len(s) != 8 {
		return "", false
	}
	for i := range 8 {
		if strings.IndexByte(crockford, s[i]) < 0 {
			return "", false
		}
	}
	if refCheck([]byte(s[:7])) != s[7] {
		return "", false
	}
	return "HB-" + s[:4] + "-" + s[4:], true
}

// refCheck weighs each character by its place with odd weights, which are invertible modulo 32: any single wrong
// character changes the sum.
func refCheck(s []byte) byte {
	sum := 0
	for i, c := range s {
		sum += (2*i + 1) * strings.IndexByte(crockford, c)
	}
	return crockford[sum%32]
}
