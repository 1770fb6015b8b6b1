package mail

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"habeas/locale"
	"habeas/rights"
)

// page is a letter before it has a form. Its text and its HTML are two renderings of these same blocks, so neither
// part can say what the other does not.
type page struct {
	Lang    string
	House   string
	Preview string // what a mailbox list shows after the subject
	Title   string
	Blocks  []block
	Foot    []string
}

type role int

const (
	paragraph role = iota
	section        // a small heading
	table          // labels and values
	code           // a code to type
	action         // a link to follow
	aside          // a paragraph of lesser weight
)

type block struct {
	Role role
	Text string
	URL  string
	Rows []row
}

type row struct{ Label, Value string }

// writer builds a page. It keeps the first fault, so that letters read as a list of what they say.
type writer struct {
	kind  Kind
	house House
	base  *url.URL
	page  page
	err   error
}

// word returns the sentence of this kind of letter.
func (w *writer) word(key string, pairs ...any) string {
	return w.shared(string(w.kind)+"."+key, pairs...)
}

// shared returns a sentence that several kinds of letter use.
func (w *writer) shared(key string, pairs ...any) string {
	key = "letters." + key
	s := locale.T(w.page.Lang, key, pairs...)
	if s == "⟦"+key+"⟧" && w.err == nil {
		w.err = fmt.Errorf("locale/words has no sentence %s for %s", key, w.page.Lang)
	}
	return s
}

func (w *writer) say(key string, pairs ...any)  { w.add(paragraph, w.word(key, pairs...)) }
func (w *writer) note(key string, pairs ...any) { w.add(aside, w.word(key, pairs...)) }

func (w *writer) add(r role, text string) {
	w.page.Blocks = append(w.page.Blocks, block{Role: r, Text: text})
}

// fact adds a line to the table that is being written; a value of "" adds nothing.
func (w *writer) fact(label, value string) {
	if value == "" {
		return
	}
	w.row(w.shared("row."+label), value)
}

func (w *writer) row(label, value string) {
	r := row{plain(label), plain(value)}
	if n := len(w.page.Blocks); n > 0 && w.page.Blocks[n-1].Role == table {
		last := &w.page.Blocks[n-1]
		last.Rows = append(last.Rows, r)
		return
	}
	w.page.Blocks = append(w.page.Blocks, block{Role: table, Rows: []row{r}})
}

// code adds a code to type, in groups of four.
func (w *writer) code(digits string) {
	if digits == "" && w.err == nil {
		w.err = fmt.Errorf("a code is missing")
	}
	w.add(code, group(digits))
}

// link adds a link below the house's base URL. Only an address made here can become a link.
func (w *writer) link(key string, path ...string) {
	escaped := make([]string, len(path))
	for i, p := range path {
		if p == "" && w.err == nil {
			w.err = fmt.Errorf("a part of the link is missing")
		}
		escaped[i] = url.PathEscape(p)
	}
	w.page.Blocks = append(w.page.Blocks, block{Role: action, Text: w.word(key), URL: w.base.JoinPath(escaped...).String()})
}

// law adds a sentence that the caller brought in the reader's language: a ground, a route, a reason.
func (w *writer) law(sentence string) {
	for _, line := range strings.Split(sentence, "\n") {
		if line = plain(line); line != "" {
			w.add(paragraph, line)
		}
	}
}

func (w *writer) right(r rights.Right) string { return w.shared("right." + string(r)) }

// day writes a day, "" for none.
func (w *writer) day(d rights.Date) string {
	if d.IsZero() {
		return ""
	}
	return locale.Date(w.page.Lang, d.In(time.UTC))
}

// moment writes an instant with its offset: a letter is read in another time zone than it was written in.
func (w *writer) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return w.shared("moment", "When", locale.DateTime(w.page.Lang, t), "Offset", t.Format("-07:00"))
}

// foot adds who writes, from where, and how to reach a person.
func (w *writer) foot() {
	why := "foot.person"
	if w.kind == KindStaffInvite || w.kind == KindStaffAlert {
		why = "foot.staff"
	}
	w.page.Foot = []string{w.shared(why, "House", w.page.House)}
	add := func(value, key string) {
		if value != "" {
			w.page.Foot = append(w.page.Foot, w.shared("foot."+key, "Value", plain(value)))
		}
	}
	signed := w.page.House
	if w.house.Address != "" {
		signed += w.shared("comma") + w.house.Address
	}
	add(signed, "house")
	add(w.house.PrivacyContact, "contact")
	add(w.house.Officer, "officer")
	add(w.house.PolicyURL, "policy")
}

// group writes a code in groups of four, as people read it out: "1234 5678".
func group(digits string) string {
	var b strings.Builder
	for i, r := range []rune(digits) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// plain makes one line of s: controls and the marks that reorder text can never forge another line of the letter.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
