package mail

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Unwrap takes the text part of a letter apart again, for a page that is not 72 columns wide: the paragraphs, without the
// line breaks that were there for want of room, and the signature, whose lines are lines of their own. Lines that end
// early, as those of a table do, stay.
func Unwrap(text string) (paragraphs []string, signature string) {
	body, foot, _ := strings.Cut(text, "\n-- \n") // RFC 3676 section 4.3
	for _, p := range strings.Split(body, "\n\n") {
		if p = unwrap(strings.Trim(p, "\n")); p != "" {
			paragraphs = append(paragraphs, p)
		}
	}
	return paragraphs, strings.Trim(foot, "\n")
}

func unwrap(paragraph string) string {
	lines := strings.Split(paragraph, "\n")
	out, last := lines[0], lines[0]
	for _, line := range lines[1:] {
		by := " "
		if wide(last, true) && wide(line, false) {
			by = "" // Chinese text has no blanks to break at
		}
		if broken(last, by, line) {
			out += by + line
		} else {
			out += "\n" + line
		}
		last = line
	}
	return out
}

// broken reports whether wrap would have broken just here, had the two lines been one.
func broken(line, by, next string) bool {
	first, _, cut := strings.Cut(wrap(line+by+next), "\n")
	return cut && first == line
}

// wide reports whether a line begins, or ends, with a character that takes two columns.
func wide(line string, end bool) bool {
	u := units(line)
	if len(u) == 0 {
		return false
	}
	r, _ := utf8.DecodeRuneInString(u[0].text)
	if end {
		r, _ = utf8.DecodeLastRuneInString(u[len(u)-1].text)
	}
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}
