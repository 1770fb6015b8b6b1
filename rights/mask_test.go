package rights

import (
	"strings"
	"testing"
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
		{"a legacy number", "prc_id", "130503670401001", "130********1001"},
		{"a date that is none", "date_of_birth", "31/12/1949", "****"},
		{"of an unknown kind not even the length is left", "shoe_size", "a very long secret", "****"},
	} {
		if got := Mask(row.kind, row.value); got != row.want {
			t.Errorf("%s: Mask(%s, %s): got %s, want %s", row.why, row.kind, row.value, got, row.want)
		}
	}
}

// hidden returns what must never be readable of a value of that kind.
func hidden(kind, value string) string {
	r := []rune(value)
	cut := func(first, last int) string {
		if len(r) <= first+last {
			return value
		}
		return string(r[first : len(r)-last])
	}
	switch kind {
	case "prc_id":
		return cut(3, 4)
	case "bank_card":
		if d := onlyDigits(value); len(d) > 8 {
			return d[4 : len(d)-4]
		}
		return onlyDigits(value)
	case "email":
		if at := strings.LastIndexByte(value, '@'); at > 0 {
			return string([]rune(value[:at])[1:])
		}
	case "name":
		return cut(2, 0)
	}
	return value
}

func FuzzMaskNeverShowsTheHiddenPart(f *testing.F) {
	for _, v := range []string{"13812345678", "a@example.com", "11010519491231002X", "张三丰", "Jane Random", "6222021234567894", "1 Main St, Fresno, CA 93650", "203.0.113.77", "\xff", "+1", "省", "*", "  "} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, kind := range []string{"phone", "prc_id", "bank_card", "email", "name", "address", "ip", "date_of_birth", "other", ""} {
			got := Mask(kind, value)
			if (got == "") != (strings.TrimSpace(value) == "") {
				t.Fatalf("Mask(%s, %q) = %q: only blank stays empty", kind, value, got)
			}
			if !utf8.ValidString(got) {
				t.Fatalf("Mask(%s, %q) = %q: not UTF-8", kind, value, got)
			}
			secret := strings.Trim(hidden(kind, strings.TrimSpace(value)), "* ")
			if utf8.ValidString(value) && len(secret) > 3 && !strings.ContainsAny(secret, "*@") && strings.Contains(got, secret) && !strings.Contains(domain(value), secret) {
				t.Fatalf("Mask(%s, %q) = %q shows %q", kind, value, got, secret)
			}
		}
	})
}

func domain(s string) string {
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		return s[at:]
	}
	return ""
}
