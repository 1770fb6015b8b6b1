package sources

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Bounds of a second datum. Customer numbers may be short, so guessing is stopped by who counts the tries; the tail of a
// number of a telephone is never enough. No candidate needs more records to be told apart.
const (
	minDigits      = 6
	minTail        = 8 // digits of a number given without its country code
	maxDatum       = 200
	confirmRecords = 500
)

// Choose picks the one of several candidates whose records hold the datum: a customer number or another issued
// identity, a telephone number, or any field that the map says confirms. It reports false where none or more than one
// does; whoever calls it limits the tries. Trouble with a source is an error: who could not be asked cannot be ruled out.
func (s *Set) Choose(ctx context.Context, m Match, datum string) (Person, bool, error) {
	if folded(datum) == "" || len(datum) > maxDatum {
		return Person{}, false, nil
	}
	var chosen []Person
	for _, p := range m.Candidates {
		ok, err := s.confirms(ctx, p, datum)
		if err != nil {
			return Person{}, false, err
		}
		if ok {
			chosen = append(chosen, p)
		}
	}
	if len(chosen) != 1 {
		return Person{}, false, nil
	}
	return chosen[0], true, nil
}

// confirms reports whether a record of the person holds the datum.
func (s *Set) confirms(ctx context.Context, p Person, datum string) (bool, error) {
	r := s.resolver(p)
	for _, c := range s.plan.order {
		if s.plan.shared[c] {
			continue // what others share confirms nobody
		}
		fields := confirming(c)
		if len(fields) == 0 {
			continue
		}
		mine, err := r.mine(ctx, c)
		if err != nil {
			return false, err
		}
		columns := columnsOf(fields)
		if _, no := mine.(never); no {
			continue
		}
		found := false
		err = s.rows(ctx, query{from: c, fields: columns, where: mine, order: true, limit: confirmRecords}, func(values []any) error {
			for _, f := range fields {
				for _, v := range valuesOf(f, normal(values[slices.Index(columns, f.column())])) {
					found = found || f.agrees(text(v), datum)
				}
			}
			return nil
		})
		if err != nil {
			return false, err
		}
		if found {
			return true, nil
		}
	}
	return false, nil
}

// confirming returns the fields of c that may serve as a second datum.
func confirming(c *Collection) []*Field {
	var out []*Field
	walk(c.Fields, func(f *Field) {
		if (f.Confirms || f.Identity != "" && f.Identity != emailIdentity) && !f.hidden() {
			out = append(out, f)
		}
	})
	return out
}

// agrees compares a stored value with what a person typed: telephone numbers by their digits, with or without the
// country code, everything else by letters and digits alone.
func (f *Field) agrees(stored, typed string) bool {
	if f.phone() {
		a, b := digits(stored), digits(typed)
		if len(a) < minDigits || len(b) < minDigits {
			return false
		}
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		return a == b ||
			len(b) >= minTail && strings.HasSuffix(a, b) ||
			len(a) >= minTail && strings.HasSuffix(b, a)
	}
	return folded(stored) == folded(typed) // typed is never empty: Choose sees to it
}

func (f *Field) phone() bool {
	return f.Identity == phoneIdentity || slices.ContainsFunc(f.Categories, func(c string) bool {
		return c == "user.contact.phone_number" || c == "user.contact.fax_number"
	})
}

// digits keeps the digits of s, full-width ones too.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, norm.NFKC.String(s))
}

// folded keeps the letters and digits of s, lower case, compatibility forms made plain: "sw1a 1aa" is "SW1A1AA".
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(s))
}
