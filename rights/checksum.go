package rights

import (
	"strings"
	"time"
)

// Luhn reports whether s, digits only, ends in the check digit of ISO/IEC 7812-1 Annex B, as bank cards do.
func Luhn(s string) bool {
	if len(s) < 2 || !allDigits(s) {
		return false
	}
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
			if d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// ParseResidentID reads an 18-character citizen identification number of China (GB 11643-1999): the check character
// must fit and the date of birth exist. A lower-case x is written X.
func ParseResidentID(s string) (string, bool) {
	s = strings.ToUpper(s)
	if len(s) != 18 || !allDigits(s[:17]) || !bornOn(s[6:14]) || residentCheck(s[:17]) != s[17] {
		return "", false
	}
	return s, true
}

// UpgradeResidentID turns a 15-digit number of GB 11643-1989 into today's form: the century and the check character
// are new. The old form itself is no longer valid anywhere.
func UpgradeResidentID(s string) (string, bool) {
	if len(s) != 15 || !allDigits(s) {
		return "", false
	}
	s = s[:6] + "19" + s[6:]
	if !bornOn(s[6:14]) {
		return "", false
	}
	return s + string(residentCheck(s)), true
}

func bornOn(yyyymmdd string) bool {
	_, err := time.Parse("20060102", yyyymmdd)
	return err == nil
}

// residentCheck computes the check character of ISO 7064 MOD 11-2: weights are powers of two modulo 11.
func residentCheck(s string) byte {
	sum := 0
	for i := range len(s) {
		sum = (sum + int(s[i]-'0')) * 2 % 11
	}
	return "10X98765432"[sum]
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
