package sources

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// teller is a kind of value by which two rows that only a mailbox ties may be seen to be of two people.
type teller struct {
	categories []string
	// contradict compares what two rows hold of it, both of them something.
	contradict func(a, b []string) bool
}

var tellers = []teller{
	{[]string{"user.name", "user.name.first", "user.name.last"}, otherName},
	{[]string{"user.demographic.date_of_birth"}, otherBirthday},
	{[]string{"user.government_id.national_identification_number"}, otherNumber},
}

func (t teller) of(f *Field) bool {
	return slices.ContainsFunc(f.Categories, func(c string) bool { return slices.Contains(t.categories, c) })
}

// tells reports whether values of f may tell people apart.
func (f *Field) tells() bool {
	return len(f.Fields) == 0 && slices.ContainsFunc(tellers, func(t teller) bool { return t.of(f) })
}

// keepTelling leaves to an officer the correction of what tells people of two lists apart behind one mailbox: who could
// change it at once would write away what contradicts, and have the other's records.
func (p *plan) keepTelling(g *graph) {
	for _, c := range p.people {
		walk(c.Fields, func(f *Field) {
			if f.Meta.Editable != EditableSelf || f.hidden() || !p.tellsFromAnother(f) {
				return
			}
			f.Meta.Editable = EditableAsk
			g.warn(f.place, "field %q tells people apart where one mailbox stands in two lists, so who may change it at once may become another: it is taken for editable: ask. Say so", f.Path())
		})
	}
}

func (p *plan) tellsFromAnother(f *Field) bool {
	return slices.ContainsFunc(tellers, func(t teller) bool {
		return t.of(f) && f.Collection.has(emailIdentity) && slices.ContainsFunc(p.people, func(other *Collection) bool {
			found := false
			walk(other.Fields, func(o *Field) { found = found || t.of(o) && !o.hidden() })
			return found && other != f.Collection && other.has(emailIdentity)
		})
	})
}

// contradict reports whether rows of two groups, tied by nothing but the mailbox, cannot be of one person.
func contradict(groups [][]*row) bool {
	for i, g := range groups {
		for _, a := range g {
			for _, b := range slices.Concat(groups[:i]...) {
				if a.contradicts(b) {
					return true
				}
			}
		}
	}
	return false
}

func (r *row) contradicts(o *row) bool {
	return slices.ContainsFunc(tellers, func(t teller) bool {
		a, b := r.told(t), o.told(t)
		return len(a) > 0 && len(b) > 0 && t.contradict(a, b)
	})
}

// told returns what the row holds by which t tells.
func (r *row) told(t teller) []string {
	var out []string
	walk(r.list.Fields, func(f *Field) {
		for _, v := range r.values[f] {
			if t.of(f) {
				out = append(out, text(v))
			}
		}
	})
	return out
}

// otherName compares names by their parts, whatever their order, case and accents. The name with fewer parts must be in
// the other, where an initial stands for one part. Names in Han or Hangul are not abbreviated: all signs must be the
// same. Names of which one is in another script cannot be compared.
func otherName(a, b []string) bool {
	x, xs := nameParts(a)
	y, ys := nameParts(b)
	if len(x) == 0 || len(y) == 0 || xs != ys {
		return false
	}
	if unabridged(xs) {
		return !slices.Equal(x, y)
	}
	if len(x) > len(y) {
		x, y = y, x
	}
	// Whole parts find theirs first, so that an initial does not take what another part needs.
	for _, fits := range []func(p, q string) bool{
		func(p, q string) bool { return p == q },
		func(p, q string) bool { return initial(p, q) || initial(q, p) },
	} {
		x = slices.DeleteFunc(x, func(p string) bool {
			i := slices.IndexFunc(y, func(q string) bool { return fits(p, q) })
			if i >= 0 {
				y = slices.Delete(y, i, i+1)
			}
			return i >= 0
		})
	}
	return len(x) > 0
}

func initial(short, long string) bool {
	return len([]rune(short)) == 1 && strings.HasPrefix(long, short)
}

// scripts are those of names that are not Latin. A sign of the first two is a name's part by itself.
var scripts = []string{"Han", "Hangul", "Hiragana", "Katakana", "Cyrillic", "Greek", "Arabic", "Hebrew", "Thai", "Devanagari"}

// nameParts returns the parts of a name, folded and sorted, each once, and the script they are in, "" for Latin.
func nameParts(values []string) (parts []string, script string) {
	plain := cases.Fold().String(norm.NFKD.String(strings.Join(values, " ")))
	letters := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r):
			return r
		}
		return ' '
	}, plain)
	i := slices.IndexFunc(scripts, func(s string) bool {
		return strings.ContainsFunc(letters, func(r rune) bool { return unicode.Is(unicode.Scripts[s], r) })
	})
	if i >= 0 {
		script = scripts[i]
	}
	parts = strings.Fields(letters)
	if unabridged(script) {
		parts = strings.Split(strings.Join(parts, ""), "")
	}
	slices.Sort(parts)
	return slices.Compact(parts), script
}

func unabridged(script string) bool { return script == "Han" || script == "Hangul" }

// otherBirthday compares dates by their numbers, in whatever order they were written; what is no whole date says nothing.
func otherBirthday(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if p, q := dateParts(x), dateParts(y); p == nil || q == nil || slices.Equal(p, q) {
				return false
			}
		}
	}
	return true
}

const dateDigits = 8 // of a date without signs: 19900203

// dateParts returns the year, month and day of a date, sorted, or nil.
func dateParts(date string) []string {
	parts := strings.FieldsFunc(norm.NFKC.String(date), func(r rune) bool { return !unicode.IsDigit(r) })
	if len(parts) > 0 && len(parts[0]) == dateDigits {
		parts = []string{parts[0][:4], parts[0][4:6], parts[0][6:]}
	}
	if len(parts) < 3 {
		return nil
	}
	parts = parts[:3] // a time of day may follow
	for i, p := range parts {
		parts[i] = strings.TrimLeft(p, "0")
	}
	slices.Sort(parts)
	return parts
}

// otherNumber compares numbers by their letters and digits.
func otherNumber(a, b []string) bool {
	return !slices.ContainsFunc(a, func(x string) bool {
		return slices.ContainsFunc(b, func(y string) bool {
			p, q := folded(x), folded(y)
			return p == q || p == "" || q == ""
		})
	})
}
