package mail

import (
	"strings"

	"golang.org/x/text/width"

	"habeas/locale"
)

// columns is the width of the text part; a Chinese character takes two of them.
const columns = 72

// text renders the page as the text part.
func (p page) text() string {
	parts := []string{wrap(p.Title), wrap(locale.T(p.Lang, "letters.hello"))}
	for _, b := range p.Blocks {
		switch b.Role {
		case Section:
			parts = append(parts, wrap("— "+b.Text+" —"))
		case Code:
			parts = append(parts, "    "+b.Text)
		case Action:
			// The address has a line of its own: a mail program then never takes punctuation for a part of it.
			parts = append(parts, wrap(p.row(b.Text, ""))+"\n"+b.URL)
		case Table:
			lines := make([]string, len(b.Rows))
			for i, r := range b.Rows {
				lines[i] = wrap(p.row(r.Label, r.Value))
			}
			parts = append(parts, strings.Join(lines, "\n"))
		default:
			parts = append(parts, wrap(b.Text))
		}
	}
	parts = append(parts, wrap(locale.T(p.Lang, "letters.sign", "House", p.House)))
	foot := make([]string, len(p.Foot))
	for i, line := range p.Foot {
		foot[i] = wrap(line)
	}
	// "-- " on its own line begins a signature (RFC 3676 section 4.3).
	return strings.Join(parts, "\n\n") + "\n\n-- \n" + strings.Join(foot, "\n") + "\n"
}

func (p page) row(label, value string) string {
	return strings.TrimSpace(locale.T(p.Lang, "letters.line", "Label", label, "Value", value))
}

// Chinese text breaks between any two characters, except that these may not begin or end a line.
const (
	notFirst = "，。、；：？！）》」』】〉”’…"
	notLast  = "（《「『【〈“‘"
)

// wrap breaks a paragraph into lines. It never breaks a word or an address, however long.
func wrap(s string) string {
	var out strings.Builder
	at := 0
	for i, u := range units(s) {
		switch {
		case i == 0:
		case at+u.space+u.width > columns:
			out.WriteByte('\n')
			at = 0
		case u.space > 0:
			out.WriteByte(' ')
			at++
		}
		out.WriteString(u.text)
		at += u.width
	}
	return out.String()
}

// unit is what a line break never divides.
type unit struct {
	text  string
	width int
	space int // 1 when a blank stands before it
}

func units(s string) []unit {
	var out []unit
	open, wide, space := false, false, 0 // open: the next rune belongs to the unit before it
	for _, r := range s {
		if r == ' ' {
			space, open = 1, false
			continue
		}
		w := 1
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			w = 2
		}
		glue := open || strings.ContainsRune(notFirst, r) || w == 1 && !wide
		if glue && len(out) > 0 && space == 0 {
			last := &out[len(out)-1]
			last.text += string(r)
			last.width += w
		} else {
			out = append(out, unit{string(r), w, space})
		}
		open, wide, space = strings.ContainsRune(notLast, r), w == 2, 0
	}
	return out
}
