package rights

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maskers are found by the first word of a kind: "name", "name_cn" and "name_en" are one.
var maskers = map[string]func(string) string{
	"phone":   maskPhone,
	"mobile":  maskPhone,
	"email":   maskEmail,
	"name":    maskName,
	"address": maskAddress,
	"ip":      maskIP,
	"ip4":     maskIP,
	"ip6":     maskIP,
	"prc":     maskID,
	"id":      maskID,
	"bank":    maskCard,
	"card":    maskCard,
	"date":    maskBirth,
	"birth":   maskBirth,
}

// Mask returns value with its telling part starred out, as much of it left as lets its owner recognise it: kinds are
// phone, email, name, address, ip, prc_id, bank_card and date_of_birth. Of any other kind nothing is left, not even
// the length. Blank stays empty; a value too short to have a middle is starred whole.
func Mask(kind, value string) string {
	value = strings.TrimSpace(strings.ToValidUTF8(value, "?"))
	if value == "" {
		return ""
	}
	word, _, _ := strings.Cut(kind, "_")
	mask, ok := maskers[word]
	if !ok {
		return "****"
	}
	return mask(value)
}

func stars(n int) string { return strings.Repeat("*", n) }

// allStars hides every character of a value that has no middle to hide.
func allStars(s string) string { return stars(max(1, utf8.RuneCountInString(s))) }

// keepEnds keeps the first and last characters of s and stars each one between, or all where nothing lies between.
func keepEnds(s string, first, last int) string {
	r := []rune(s)
	if len(r) <= first+last {
		return allStars(s)
	}
	return string(r[:first]) + stars(len(r)-first-last) + string(r[len(r)-last:])
}

// maskID keeps the first three and last four characters of a number that is long enough to hide as many, else the last
// four, else nothing. Hyphens and spaces hide nothing, so they do not count and are dropped.
func maskID(s string) string {
	id := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
	switch n := utf8.RuneCountInString(id); {
	case n >= 2*(3+4):
		return keepEnds(id, 3, 4)
	case n >= 2*4:
		return keepEnds(id, 0, 4)
	}
	return allStars(s)
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

func maskPhone(s string) string {
	d := onlyDigits(s)
	switch {
	case strings.HasPrefix(s, "+"):
		cc := countryCodeLen(d)
		if len(d) < cc+8 {
			return allStars(s)
		}
		return "+" + keepEnds(d, cc, 4)
	case len(d) == 11 && d[0] == '1': // a Chinese mobile number
		return d[:3] + "****" + d[7:]
	case len(d) <= 7:
		return allStars(s)
	}
	return keepEnds(d, 0, 4)
}

// countryCodeLen returns how many digits the country code has (ITU-T E.164): zones 1 and 7 have one, the pairs below
// two, all others three.
func countryCodeLen(d string) int {
	const pairs = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66" +
		" 81 82 84 86 90 91 92 93 94 95 98 "
	switch {
	case d == "" || d[0] == '1' || d[0] == '7':
		return 1
	case len(d) >= 2 && strings.Contains(pairs, " "+d[:2]+" "):
		return 2
	}
	return 3
}

func maskEmail(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at < 1 {
		return "****"
	}
	local := []rune(s[:at])
	if len(local) == 1 {
		return "*" + s[at:]
	}
	return string(local[:1]) + "***" + s[at:] // three whatever the length, which would tell too
}

// compoundSurnames are the Chinese surnames of two characters that are still common.
const compoundSurnames = " 欧阳 上官 司马 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 夏侯 宇文 长孙 端木 百里 南宫 独孤 轩辕 申屠 呼延 "

func maskName(s string) string {
	if r := []rune(s); isCJK(r[0]) {
		keep := 1
		if len(r) > 2 && strings.Contains(compoundSurnames, " "+string(r[:2])+" ") {
			keep = 2
		}
		return keepEnds(s, keep, 0)
	}
	words := strings.Fields(s)
	for i, w := range words {
		words[i] = keepEnds(w, 1, 0)
	}
	return strings.Join(words, " ")
}

func isCJK(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

func maskAddress(s string) string {
	if r := []rune(s); isCJK(r[0]) {
		return string(r[:districtEnd(r)]) + "****"
	}
	parts := strings.Split(s, ",")
	kept := []string{"****"}
	for _, p := range parts[max(1, len(parts)-2):] {
		if p = withoutNumbers(p); p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, ", ")
}

// districtEnd returns where a Chinese address stops being a division of the state and becomes a place one can find:
// after the county or district, else after the city. Digits end the search; a 小区 is an estate, not a district.
func districtEnd(r []rune) int {
	city := 0
	for i, c := range r {
		switch {
		case unicode.IsDigit(c):
			return city
		case c == '省' || c == '市':
			city = i + 1
		case (c == '区' || c == '县' || c == '旗') && i > 1 && !strings.ContainsRune("小社园校景厂库山", r[i-1]):
			return i + 1
		case strings.ContainsRune("路街道巷弄村镇乡号楼栋", c):
			return city
		}
	}
	return city
}

// withoutNumbers drops the words of a line that hold a digit: house numbers and postal codes.
func withoutNumbers(s string) string {
	var kept []string
	for _, w := range strings.Fields(s) {
		if !strings.ContainsFunc(w, unicode.IsDigit) {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}

// maskIP drops the last octet of an IPv4 address, and all but the first 48 bits of an IPv6 one: what names a network.
func maskIP(s string) string {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return "****"
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		text := a.String()
		return text[:strings.LastIndexByte(text, '.')+1] + "*"
	}
	network := strings.Split(a.StringExpanded(), ":")[:3]
	return strings.Join(network, ":") + ":*"
}

// maskCard keeps the first and last four digits of a card number (PCI DSS 3.4.1 allows as much), only the last four where
// that would be more than half, else nothing.
func maskCard(s string) string {
	d := onlyDigits(s)
	var shown []string
	switch {
	case len(d) >= 2*(4+4):
		shown = []string{d[:4]}
	case len(d) < 2*4:
		return allStars(s)
	}
	for hidden := len(d) - 4*len(shown) - 4; hidden > 0; hidden -= 4 {
		shown = append(shown, stars(min(4, hidden)))
	}
	return strings.Join(append(shown, d[len(d)-4:]), " ")
}

func maskBirth(s string) string {
	d, err := ParseDate(s)
	if err != nil {
		return "****"
	}
	return d.String()[:4] + "-**-**"
}
