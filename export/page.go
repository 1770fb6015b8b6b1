package export

import (
	"bytes"
	"fmt"
	"strings"

	"habeas/locale"
	"habeas/sources"
)

// A page of records ends after so many records or so many bytes, so that any browser can open it.
const (
	pageRecords = 1000
	pageBytes   = 1 << 20
)

// pageForm writes a collection as pages to read, one after another. A page is written when the next one begins, because
// only then is it known whether it leads on.
type pageForm struct {
	*packer
	house, home string
	words       rowWords
	table       *table
	body, frame []byte
	first       int // number of the first record on the page
	count       int // records on the page
	page        int
}

func (p *pageForm) begin(t *table) error {
	p.table, p.first, p.count, p.page, p.body = t, 1, 0, 1, p.body[:0]
	return nil
}

// rowWords are the words inside records, looked up once.
type rowWords struct {
	lang, none, yes, no       string
	recordBefore, recordAfter string // around the number of a record
}

func newRowWords(lang string) rowWords {
	before, after, _ := strings.Cut(locale.T(lang, "copy.record", "Number", "\x00"), "\x00")
	return rowWords{
		lang: lang, none: locale.T(lang, "copy.none"), yes: locale.T(lang, "copy.yes"), no: locale.T(lang, "copy.no"),
		recordBefore: before, recordAfter: after,
	}
}

func (p *pageForm) row(values []any) error {
	if p.count == pageRecords || len(p.body) >= pageBytes {
		if err := p.write(true); err != nil {
			return err
		}
	}
	p.count++
	if !p.table.wide {
		p.body = append(p.body, "<tr>"...)
		for _, v := range values {
			p.body = append(p.words.value(append(p.body, "<td>"...), v), "</td>"...)
		}
		p.body = append(p.body, "</tr>\n"...)
		return nil
	}
	p.body = append(p.body, `<section class="card"><h2>`...)
	p.body = append(p.body, p.words.recordBefore...)
	p.body = append(p.body, locale.Number(p.words.lang, p.first+p.count-1)...)
	p.body = append(append(p.body, p.words.recordAfter...), "</h2><dl>"...)
	for i, c := range p.table.shown {
		p.body = p.words.pair(p.body, c.label, values[i])
	}
	p.body = append(p.body, "</dl></section>\n"...)
	return nil
}

func (p *pageForm) end() error { return p.write(false) }

// here is where the records stand in a rendered page.
const here = "<!--records-->"

// write packs the page and begins the next.
func (p *pageForm) write(more bool) error {
	t, lang := p.table, p.words.lang
	v := pageView{frame: frame{lang, p.house, t.label}, Home: p.home, Wide: t.wide, Body: here}
	v.Range = v.T("copy.range", "From", locale.Number(lang, p.first), "To", locale.Number(lang, p.first+p.count-1))
	if p.page == 1 && !more {
		v.Range = v.T("count.records", "Count", p.count, "Number", locale.Number(lang, p.count))
	}
	v.Withheld = facts{v.T("copy.withheld"), withheldFacts(lang, t.withheld)}
	for _, c := range t.shown {
		v.Heads = append(v.Heads, c.label)
	}
	if p.page > 1 {
		v.First, v.Previous = base(t.names.page(1)), base(t.names.page(p.page-1))
	}
	if more {
		v.Next = base(t.names.page(p.page + 1))
	}
	out := bytes.NewBuffer(p.frame[:0])
	if err := recordsPage.Execute(out, v); err != nil {
		return fmt.Errorf("write a page of %s: %w", t.collection, err)
	}
	p.frame = out.Bytes()
	above, below, _ := bytes.Cut(p.frame, []byte(here))
	for _, part := range [][]byte{above, p.body, below} {
		if _, err := p.Write(part); err != nil {
			return err
		}
	}
	m := &member{name: t.names.page(p.page), records: p.count}
	t.pages = append(t.pages, m)
	p.first, p.count, p.page = p.first+p.count, 0, p.page+1
	if p.body = p.body[:0]; cap(p.body) > 2*pageBytes {
		p.body = nil
	}
	return p.packer.end(m)
}

// pair appends a label with its value.
func (w rowWords) pair(dst []byte, label string, v any) []byte {
	dst = append(dst, "<div><dt>"...)
	dst = append(appendHTML(dst, label), "</dt><dd>"...)
	return append(w.value(dst, v), "</dd></div>"...)
}

// value appends a value as a person reads it.
func (w rowWords) value(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(append(append(dst, `<span class="none">`...), w.none...), "</span>"...)
	case bool:
		if v {
			return append(dst, w.yes...)
		}
		return append(dst, w.no...)
	case string:
		return appendHTML(dst, v)
	case []byte:
		return append(dst, locale.T(w.lang, "copy.binary", "Size", locale.Bytes(w.lang, int64(len(v))))...)
	case []any:
		dst = append(dst, "<ul>"...)
		for _, e := range v {
			dst = append(w.value(append(dst, "<li>"...), e), "</li>"...)
		}
		return append(dst, "</ul>"...)
	case sources.Object:
		dst = append(dst, "<dl>"...)
		for _, c := range v {
			dst = w.pair(dst, label(c.Field.Label, c.Field.Name, w.lang), c.Value)
		}
		return append(dst, "</dl>"...)
	case map[string]any:
		dst = append(dst, "<dl>"...)
		for _, k := range sortedKeys(v) {
			dst = w.pair(dst, k, v[k])
		}
		return append(dst, "</dl>"...)
	}
	return append(dst, sources.Cell{Value: v}.String()...) // a number
}

// appendHTML escapes text for HTML content. It is written by hand because a page has thousands of values and this is the
// one place between a source and a browser.
func appendHTML(dst []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		var with string
		switch s[i] {
		case '&':
			with = "&amp;"
		case '<':
			with = "&lt;"
		case '>':
			with = "&gt;"
		case '"':
			with = "&#34;"
		case '\'':
			with = "&#39;"
		case 0:
			with = "\uFFFD"
		default:
			continue
		}
		dst = append(append(dst, s[from:i]...), with...)
		from = i + 1
	}
	return append(dst, s[from:]...)
}
