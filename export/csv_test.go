package export

import (
	"encoding/csv"
	"strings"
	"testing"
	"unicode/utf8"

	"habeas/sources"
)

func TestCellsThatBeginAFormulaAreDefused(t *testing.T) {
	for _, row := range []struct {
		why   string
		value any
		want  string
	}{
		{"nothing stored is an empty cell", nil, ""},
		{"an empty text says so", "", `""`},
		{"plain text stays", "Teapot", "Teapot"},
		{"a comma needs quotes", "a,b", `"a,b"`},
		{"quotes are doubled", `say "hi"`, `"say ""hi"""`},
		{"a formula", "=1+1", `"'=1+1"`},
		{"a command", "@SUM(A1)", `"'@SUM(A1)"`},
		{"a phone number with its plus", "+49 30 1234", `"'+49 30 1234"`},
		{"a minus before letters", "-cmd|' /C calc'!A0", `"'-cmd|' /C calc'!A0"`},
		{"a negative number as text", "-12.50", "-12.50"},
		{"a negative whole number as text", "-7", "-7"},
		{"a minus alone", "-", `"'-"`},
		{"a sum of negative numbers", "-1-2", `"'-1-2"`},
		{"a negative number", int64(-7), "-7"},
		{"a negative fraction", -12.5, "-12.5"},
		{"a tab first", "\t=1", "\"'\t=1\""},
		{"a return first", "\r=1", "\"'\r=1\""},
		{"blanks before a formula", "  =1", `"'  =1"`},
		{"blanks before text", "  a", `"  a"`},
		{"a full-width equals sign", "＝1", `"'＝1"`},
		{"a full-width plus", "＋1", `"'＋1"`},
		{"a full-width minus", "－1", `"'－1"`},
		{"a full-width at sign", "＠A", `"'＠A"`},
		{"a mark of order before a formula", "\u200e=1", "\"'\u200e=1\""},
		{"a byte order mark before a formula", "\uFEFF=1", "\"'\uFEFF=1\""},
		{"a truth value", true, "true"},
		{"bytes in base 64", []byte{0, 255}, "AP8="},
		{"bytes whose base 64 begins with a plus", []byte{0xf8}, `"'+A=="`},
		{"a list", []any{int64(1), "x"}, `"[1,""x""]"`},
		{"Chinese text", "茶壶", "茶壶"},
	} {
		if got, _ := appendCell(nil, row.value, nil); string(got) != row.want {
			t.Errorf("%s: %q is written %s, want %s", row.why, row.value, got, row.want)
		}
	}
}

func FuzzNoCellBeginsAFormulaAndEachReadsBack(f *testing.F) {
	for _, s := range []string{"", "=1", "-1", "'=1", "a\r\nb", "\"", "＝", " +", "\u200b@", "\xff=", ",", "-1.5.2", "\n-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || strings.Contains(s, "\r") {
			return // sources gives valid text only; encoding/csv drops returns before newlines
		}
		cell := appendText(nil, s)
		r := csv.NewReader(strings.NewReader("first," + string(cell) + ",last\r\n"))
		rows, err := r.ReadAll()
		if err != nil || len(rows) != 1 || len(rows[0]) != 3 {
			t.Fatalf("%q is written %q, which reads as %q: %v", s, cell, rows, err)
		}
		got := rows[0][1]
		if got != s && got != "'"+s {
			t.Fatalf("%q reads back as %q", s, got)
		}
		if got == s && isFormula(s) {
			t.Fatalf("%q is a formula and was not defused", s)
		}
		if got != "" && strings.ContainsRune("=+@\t\r\n＝＋－＠", []rune(got)[0]) {
			t.Fatalf("%q begins a formula", got)
		}
		if strings.HasPrefix(got, "-") && strings.ContainsFunc(got[1:], func(r rune) bool { return r != '.' && (r < '0' || r > '9') }) {
			t.Fatalf("%q may be read as a formula", got)
		}
	})
}

func FuzzJSONAndHTMLHoldAnyText(f *testing.F) {
	for _, s := range []string{"", "\"\\\x00\x1f\u2028", "\xff\xfe", "<b>&'\"", "茶\U0001F375"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := string(appendJSON(nil, s, nil))
		if got := decode(t, text); got != strings.ToValidUTF8(s, "\uFFFD") && utf8.ValidString(s) {
			t.Fatalf("%q is written %s, which reads as %q", s, text, got)
		}
		html := string(rowWords{}.value(nil, s))
		if strings.ContainsAny(html, "<>\"'\x00") {
			t.Fatalf("%q is written %q", s, html)
		}
		_, _ = appendCell(nil, sources.Object{{Field: &sources.Field{Name: s}, Value: s}}, nil)
	})
}
