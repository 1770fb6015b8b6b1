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
	Blocks  []Block
	Words   *span // which of the blocks an officer wrote; nil where the letter has no room for any
	Foot    []string
}

// span is a run of blocks, empty where nothing was written yet.
type span struct{ from, to int }

// Role is what a block is for the reader.
type Role string

// The roles.
const (
	Paragraph Role = "paragraph"
	Section   Role = "section" // a small heading
	Table     Role = "table"   // labels and values
	Code      Role = "code"    // a code to type
	Action    Role = "action"  // a link to follow
	Aside     Role = "aside"   // a paragraph of lesser weight
)

// Block is one part of a letter.
type Block struct {
	Role Role
	Text string
	URL  string
	Rows []Row
	Law  string // the rule that wants this part; "" where it is our own
}

// Row is a label and its value.
type Row struct{ Label, Value string }

// writer builds a page. It keeps the first fault, so that letters read as a list of what they say.
type writer struct {
	kind  Kind
	house House
	base  *url.URL
	paper bool // nobody's mailbox: it is printed and posted
	page  page
	rule  string // that wants what is being written
	err   error
}

// word returns the sentence of this kind of letter.
func (w *writer) word(key string, pairs ...any) string {
	return w.shared(string(w.kind)+"."+key, pairs...)
}

// shared returns a sentence that several kinds of letter use. Where a sentence speaks of a page or a mailbox, there is one
// for paper: whoever has no mailbox can sign in nowhere.
func (w *writer) shared(key string, pairs ...any) string {
	key = "letters." + key
	if w.paper && locale.Has(w.page.Lang, key+".paper") {
		key += ".paper"
	}
	s := locale.T(w.page.Lang, key, pairs...)
	if s == "⟦"+key+"⟧" && w.err == nil {
		w.err = fmt.Errorf("locale/words has no sentence %s for %s", key, w.page.Lang)
	}
	return s
}

func (w *writer) say(key string, pairs ...any)  { w.add(Paragraph, w.word(key, pairs...)) }
func (w *writer) note(key string, pairs ...any) { w.add(Aside, w.word(key, pairs...)) }

func (w *writer) add(r Role, text string) { w.block(Block{Role: r, Text: text}) }

func (w *writer) block(b Block) {
	b.Law = w.rule
	w.page.Blocks = append(w.page.Blocks, b)
}

// by marks what write adds as wanted by a rule of the law.
func (w *writer) by(rule string, write func()) {
	w.rule = rule
	write()
	w.rule = ""
}

// words adds what an officer wrote; it is the one part of a letter that is theirs.
func (w *writer) words(text string) {
	from := len(w.page.Blocks)
	w.law(text)
	w.page.Words = &span{from, len(w.page.Blocks)}
}

// fact adds a line to the table that is being written; a value of "" adds nothing.
func (w *writer) fact(label, value string) {
	if value == "" {
		return
	}
	w.row(w.shared("row."+label), value)
}

func (w *writer) row(label, value string) {
	r := Row{plain(label), plain(value)}
	n := len(w.page.Blocks)
	apart := n == 0 || w.page.Blocks[n-1].Role != Table || w.page.Blocks[n-1].Law != w.rule || w.page.Words != nil && w.page.Words.to == n
	if !apart {
		last := &w.page.Blocks[n-1]
		last.Rows = append(last.Rows, r)
		return
	}
	w.block(Block{Role: Table, Rows: []Row{r}})
}

// code adds a code to type, in groups of four.
func (w *writer) code(digits string) {
	if digits == "" && w.err == nil {
		w.err = fmt.Errorf("a code is missing")
	}
	w.add(Code, group(digits))
}

// link adds a link below the house's base URL. Only an address made here can become a link. Paper has none: all of them
// lead to a page behind the sign-in.
func (w *writer) link(key string, path ...string) {
	if w.paper {
		return
	}
	escaped := make([]string, len(path))
	for i, p := range path {
		if p == "" && w.err == nil {
			w.err = fmt.Errorf("a part of the link is missing")
		}
		escaped[i] = url.PathEscape(p)
	}
	w.block(Block{Role: Action, Text: w.word(key), URL: w.base.JoinPath(escaped...).String()})
}

// law adds a sentence that the caller brought in the reader's language: a ground, a route, a reason.
func (w *writer) law(sentence string) {
	for _, line := range strings.Split(sentence, "\n") {
		if line = plain(line); line != "" {
			w.add(Paragraph, line)
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
	switch {
	case strings.HasPrefix(string(w.kind), "staff_"):
		why = "foot.staff"
	case w.kind == KindRecipientNotice, w.kind == KindRecipientLifted:
		why = "foot.recipient"
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
