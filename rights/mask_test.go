package rights

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestMaskVectors(t *testing.T) {
	for _, v := range vectors(t, "mask_vectors.csv") {
		if got := Mask(v["kind"], v["input"]); got != v["masked"] {
			t.Errorf("Mask(%s, %s): got %s, want %s", v["kind"], v["input"], got, v["masked"])
		}
	}
}

func TestMaskKeepsOnlyWhatItSays(t *testing.T) {
	for _, row := range []struct{ why, kind, value, want string }{
		{"a long local part shows its first letter and not its length", "email", "jane.random@example.com", "j***@example.com"},
		{"no mailbox at all: everything goes", "email", "jane", "****"},
		{"a Chinese number with its country code", "phone", "+86 138-1234-5678", "+86*******5678"},
		{"a land line keeps its last four", "phone", "010-62345678", "*******5678"},
		{"an extension is too short to show", "phone", "62345", "*****"},
		{"a country code of three digits", "phone", "+353861234567", "+353*****4567"},
		{"nothing between code and ending", "phone", "+1 5678", "*******"},
		{"compound surname", "name", "欧阳娜娜", "欧阳**"},
		{"a one-character name", "name", "张", "*"},
		{"a one-letter word hides", "name", "J Random", "* R*****"},
		{"accents count as one", "name", "Éva Nagy", "É** N***"},
		{"an estate is not a district", "address", "杭州市阳光小区3栋", "杭州市****"},
		{"a county-level city", "address", "江苏省昆山市花桥镇1号", "江苏省昆山市****"},
		{"a county", "address", "浙江省湖州市安吉县递铺街道1号", "浙江省湖州市安吉县****"},
		{"no division named", "address", "建国路88号", "****"},
		{"one line without commas", "address", "1 Main St", "****"},
		{"a flat before the city", "address", "1 Main St, Apt 4, Fresno, CA 93650", "****, Fresno, CA"},
		{"IPv6 keeps its network", "ip", "2001:db8:85a3::8a2e:370:7334", "2001:0db8:85a3:*"},
		{"not an address", "ip", "example", "****"},
		{"a card of 19 digits", "bank_card", "6217 0012 3456 7890 122", "6217 **** **** *** 0122"},
		{"a card of 15 digits shows its ending only", "bank_card", "3782 822463 10005", "**** **** *** 0005"},
		{"an account of nine digits", "bank_account", "123456789", "**** * 6789"},
		{"too short a number for a card", "bank_card", "1234567", "*******"},
		{"an American number in groups", "id", "123-45-6789", "*****6789"},
		{"a passport", "id", "C1234567", "****4567"},
		{"a short number with many hyphens", "id", "1-2-3-4-567", "***********"},
		{"thirteen characters: too short for a beginning", "id", "AB12345678901", "*********8901"},
		{"fourteen: as much hidden as shown", "id", "AB123456789012", "AB1*******9012"},
		{"a small country's number hides as much as it shows", "phone", "+372 555 1234", "*************"},
		{"a legacy number", "prc_id", "130503670401001", "130********1001"},
		{"a date that is none", "date_of_birth", "31/12/1949", "****"},
		{"of an unknown kind not even the length is left", "shoe_size", "a very long secret", "****"},
	} {
		if got := Mask(row.kind, row.value); got != row.want {
			t.Errorf("%s: Mask(%s, %s): got %s, want %s", row.why, row.kind, row.value, got, row.want)
		}
	}
}

// Of any number at least half is hidden: of ids and cards of all that is written, of phone numbers of what follows the
// country code, or the operator's three digits of a Chinese mobile.
func FuzzMaskHidesAtLeastHalf(f *testing.F) {
	for _, v := range []string{"123-45-6789", "C1234567", "123456789", "3782 822463 10005", "11010519491231002X", "+1 5678 9", "+353861234567",
		"13812345678", "00 44 20 7946 0958", "护照 12345"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, kind := range []string{"id", "prc_id", "bank_card", "bank_account", "phone", "mobile"} {
			got := Mask(kind, value)
			prefix := 0
			if digits := onlyDigits(value); kind == "phone" || kind == "mobile" {
				switch {
				case strings.HasPrefix(got, "+"):
					prefix = countryCodeLen(digits)
				case len(digits) == 11 && digits[0] == '1':
					prefix = 3
				}
			}
			hidden := strings.Count(got, "*")
			shown := utf8.RuneCountInString(keeping(func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }, got))
			if shown = max(0, shown-prefix); shown > hidden {
				t.Fatalf("Mask(%s, %q) = %q shows %d and hides %d", kind, value, got, shown, hidden)
			}
		}
	})
}

// What is hidden cannot be learnt: two values that differ only there look the same.
func FuzzMaskDoesNotDependOnWhatItHides(f *testing.F) {
	f.Add("13812345678", "99999999999999999999")
	f.Add("11010519491231002X", "00000000000000000000")
	f.Add("622202123456789", "1")
	f.Add("jane.random", "xxxxxxxxxxxxxxxxxx")
	f.Add("张三丰", "abc")
	f.Fuzz(func(t *testing.T, value, other string) {
		for _, row := range []struct {
			kind              string
			first, last       int
			alphabet          func(rune) bool
			before, afterward string
		}{
			{"prc_id", 3, 4, digit, "", ""},
			{"bank_card", 4, 4, digit, "", ""},
			{"phone", 3, 4, digit, "138", "5678"},
			{"phone", 3, 4, digit, "+86", "5678"},
			{"email", 1, 0, letter, "a", ""},
			{"name", 1, 0, letter, "J", ""},
			{"other", 0, 0, letter, "", ""},
		} {
			a := []rune(row.before + keeping(row.alphabet, value) + row.afterward)
			b := []rune(keeping(row.alphabet, other))
			if len(a) <= row.first+row.last || len(b) == 0 {
				continue
			}
			changed := append([]rune{}, a...)
			for i := row.first; i < len(a)-row.last; i++ {
				changed[i] = b[i%len(b)]
			}
			tail := ""
			if row.kind == "email" {
				tail = "@example.com"
			}
			x, y := string(a)+tail, string(changed)+tail
			if got, want := Mask(row.kind, x), Mask(row.kind, y); got != want {
				t.Fatalf("Mask(%s) tells %q from %q: %q and %q", row.kind, x, y, got, want)
			}
		}
	})
}

func FuzzMaskAnyBytes(f *testing.F) {
	for _, v := range []string{"13812345678", "a@example.com", "张三丰", "1 Main St, Fresno, CA 93650", "203.0.113.77", "\xff", "+1", "省", "*", "  "} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, kind := range []string{"phone", "prc_id", "bank_card", "email", "name", "address", "ip", "date_of_birth", "other", ""} {
			got := Mask(kind, value)
			if (got == "") != (strings.TrimSpace(value) == "") || !utf8.ValidString(got) {
				t.Fatalf("Mask(%s, %q) = %q: only blank stays empty, all is UTF-8", kind, value, got)
			}
			if got != "" && got == strings.TrimSpace(value) && !strings.Contains(value, "*") {
				t.Fatalf("Mask(%s, %q) hides nothing", kind, value)
			}
		}
	})
}

func digit(r rune) bool  { return r >= '0' && r <= '9' }
func letter(r rune) bool { return r >= 'a' && r <= 'z' }

func keeping(keep func(rune) bool, s string) string {
	return strings.Map(func(r rune) rune {
		if keep(r) {
			return r
		}
		return -1
	}, s)
}
