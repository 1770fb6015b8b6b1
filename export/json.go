package export

import (
	"encoding/base64"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"habeas/sources"
)

// appendJSON writes a value as its source holds it: numbers as numbers, structures as structures, bytes in base 64. What
// it wrote is noted in s, so that the schema says what is there. The only values that change are the infinities, which
// JSON has no number for and which become text.
func appendJSON(dst []byte, v any, s *shape) []byte {
	switch v := v.(type) {
	case nil:
		s.saw(sawNull)
		return append(dst, "null"...)
	case bool:
		s.saw(sawBoolean)
		return strconv.AppendBool(dst, v)
	case int64:
		s.saw(sawInteger)
		return strconv.AppendInt(dst, v, 10)
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			s.saw(sawString)
			return appendString(dst, strconv.FormatFloat(v, 'g', -1, 64))
		}
		s.saw(sawNumber)
		return appendFloat(dst, v)
	case string:
		s.saw(sawString)
		return appendString(dst, v)
	case []byte:
		s.saw(sawBytes)
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, v)
		return append(dst, '"')
	case []any:
		s.saw(sawArray)
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, e, s.element())
		}
		return append(dst, ']')
	case sources.Object:
		s.saw(sawObject)
		dst = append(dst, '{')
		for i, c := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendString(dst, c.Field.Name), ':')
			dst = appendJSON(dst, c.Value, s.member(c.Field.Name))
		}
		return append(dst, '}')
	case map[string]any:
		s.saw(sawObject | sawOpen)
		dst = append(dst, '{')
		for i, k := range sortedKeys(v) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendString(dst, k), ':')
			dst = appendJSON(dst, v[k], nil)
		}
		return append(dst, '}')
	}
	s.saw(sawString)
	return appendString(dst, sources.Cell{Value: v}.String()) // a kind of value that sources may come to have
}

// sortedKeys puts the members of an unmapped structure into an order that is the same every time.
func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// appendFloat writes the shortest number that reads back the same, as ECMAScript and encoding/json do.
func appendFloat(dst []byte, f float64) []byte {
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

const hexDigits = "0123456789abcdef"

// appendString writes a JSON string (RFC 8259 section 7). What is not UTF-8 becomes U+FFFD.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[from:i]...), "\uFFFD"...)
				from = i + 1
			}
			i += n
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		from = i
	}
	return append(append(dst, s[from:]...), '"')
}
