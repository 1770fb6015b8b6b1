package export

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"

	"habeas/sources"
)

// byteOrderMark makes spreadsheet programs read UTF-8 as UTF-8.
const byteOrderMark = "\uFEFF"

// appendCell writes one CSV cell (RFC 4180). Nothing stored is an empty cell, an empty text is "". Text is defused;
// numbers and truth values are not text. scratch is reused for structures and returned.
func appendCell(dst []byte, v any, scratch []byte) (out, reuse []byte) {
	switch v := v.(type) {
	case nil:
		return dst, scratch
	case bool:
		return strconv.AppendBool(dst, v), scratch
	case int64:
		return strconv.AppendInt(dst, v, 10), scratch
	case float64:
		return appendFloat(dst, v), scratch
	case string:
		return appendText(dst, v), scratch
	case []byte:
		return appendText(dst, base64.StdEncoding.EncodeToString(v)), scratch
	case []any, sources.Object, map[string]any:
		scratch = appendJSON(scratch[:0], v, nil)
		return appendText(dst, string(scratch)), scratch
	}
	return appendText(dst, sources.Cell{Value: v}.String()), scratch
}

// appendText writes text as a cell, so that no spreadsheet program takes it for a formula.
func appendText(dst []byte, s string) []byte {
	defused := isFormula(s)
	if !defused && s != "" && !strings.ContainsAny(s, "\",;\r\n\t ") {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	if defused {
		dst = append(dst, '\'')
	}
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			return append(append(dst, s...), '"')
		}
		dst = append(append(dst, s[:i+1]...), '"')
		s = s[i+1:]
	}
}

// isFormula reports whether a spreadsheet program may read text as a formula: it begins with = + - @, their full-width
// forms (which Excel takes for the same), or a control character or blank that programs strip before one of them. A plain
// negative number is a number. CWE-1236.
func isFormula(s string) bool {
	if s == "" {
		return false
	}
	switch s[0] {
	case '=', '+', '@', '\t', '\r', '\n':
		return true
	case '-':
		return !isNumber(s[1:])
	}
	if s[0] > ' ' && s[0] < utf8.RuneSelf {
		return false
	}
	r, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(s, invisible))
	return strings.ContainsRune("=+-@＝＋－＠﹢﹣﹦﹫−\t\r\n", r)
}

// invisible reports whether programs may drop a character at the beginning of a cell: blanks, controls, marks of order
// and width.
func invisible(r rune) bool {
	return r <= ' ' || r == 0x7f || r == 0xa0 || r == 0x3000 || r == '\uFEFF' || r >= 0x2000 && r <= 0x200f || r >= 0x2028 && r <= 0x202f || r == 0x2060
}

// isNumber reports whether s is digits with at most one decimal point between them.
func isNumber(s string) bool {
	whole, fraction, point := strings.Cut(s, ".")
	return allDigits(whole) && (!point || allDigits(fraction))
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
