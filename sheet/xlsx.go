package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
)

// An XLSX file is a ZIP of XML (ECMA-376, Office Open XML). Only what holds values is read, as a stream: the sheet, the
// texts that its cells share, and which number formats are those of dates.

// workbook is what leads to the sheet.
type workbook struct {
	t     *Table
	files map[string]*zip.File
}

func (w *workbook) open(name string, read *counter) (*part, error) {
	f := w.files[strings.ToLower(strings.TrimPrefix(name, "/"))]
	if f == nil {
		return nil, fmt.Errorf("the XLSX file has no part %s: save it again", path.Base(name))
	}
	from, err := f.Open()
	if err != nil {
		return nil, errCut
	}
	p := &part{from: from, size: w.t.limits.Cell + 64<<10}
	p.left = p.size
	var r io.Reader = p
	if read != nil {
		read.from, read.of = p, int64(f.UncompressedSize64) //nolint:gosec // a size for a progress bar
		r = read
	}
	p.Decoder = xml.NewDecoder(r)
	p.Strict = true
	return p, nil
}

// each calls f for every element that begins in a part.
func (w *workbook) each(name string, f func(xml.StartElement)) error {
	p, err := w.open(name, nil)
	if err != nil {
		return err
	}
	defer p.from.Close()
	for {
		token, err := p.token()
		if token == nil || err != nil {
			return err
		}
		if e, ok := token.(xml.StartElement); ok {
			f(e)
		}
	}
}

// attr returns an attribute by its local name: files of the strict and of the usual form differ in namespaces only.
func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (t *Table) openXLSX(o Options) error {
	z, err := zip.NewReader(t.file, t.size)
	if err != nil {
		return errCut
	}
	w := &workbook{t: t, files: map[string]*zip.File{}}
	for _, f := range z.File {
		w.files[strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))] = f
	}
	var names, ids []string
	x := &xlsxReader{t: t}
	if err := w.each("xl/workbook.xml", func(e xml.StartElement) {
		switch e.Name.Local {
		case "sheet":
			names, ids = append(names, attr(e, "name")), append(ids, relation(e))
		case "workbookPr":
			x.since1904 = attr(e, "date1904") == "1" || attr(e, "date1904") == "true"
		}
	}); err != nil {
		return err
	}
	at := 0
	if o.Sheet != "" {
		if at = slices.Index(names, o.Sheet); at < 0 {
			return fmt.Errorf("the file has no sheet %q: name one of its %d", o.Sheet, len(names))
		}
	}
	if len(ids) == 0 {
		return errors.New("the XLSX file has no sheet: save it again")
	}
	var sheet, shared, styles string
	if err := w.each("xl/_rels/workbook.xml.rels", func(e xml.StartElement) {
		target := attr(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("xl", target)
		}
		switch kind := attr(e, "Type"); {
		case attr(e, "Id") == ids[at]:
			sheet = target
		case strings.HasSuffix(kind, "/sharedStrings"):
			shared = target
		case strings.HasSuffix(kind, "/styles"):
			styles = target
		}
	}); err != nil {
		return err
	}
	if styles != "" {
		if err := x.readStyles(w, styles); err != nil {
			return err
		}
	}
	x.shared = newStrings(o.Temp)
	t.ends = append(t.ends, x.shared.close)
	if shared != "" {
		if err := x.readShared(w, shared); err != nil {
			return err
		}
	}
	if x.part, err = w.open(sheet, t.read); err != nil {
		return err
	}
	t.ends = append(t.ends, x.part.from.Close)
	t.next = x.next
	return t.readHeader()
}

// relation is the ID by which a sheet is found, which has a prefix to tell it from the sheet's own number.
func relation(e xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

// xlsxReader reads the rows of one sheet.
type xlsxReader struct {
	t         *Table
	part      *part
	shared    *sharedTexts
	dates     []bool // by style: whether its numbers are dates
	since1904 bool
	row       int
	cells     []string
}

// readStyles finds the styles whose number format is one of dates and times (ECMA-376 Part 1, 18.8.30 and 18.8.31).
func (x *xlsxReader) readStyles(w *workbook, name string) error {
	custom := map[string]string{}
	var formats []string
	inside := false
	err := w.each(name, func(e xml.StartElement) {
		switch e.Name.Local {
		case "numFmt":
			custom[attr(e, "numFmtId")] = attr(e, "formatCode")
		case "cellXfs":
			inside = true
		case "cellStyles", "dxfs":
			inside = false
		case "xf":
			if inside {
				formats = append(formats, attr(e, "numFmtId"))
			}
		}
	})
	for _, id := range formats {
		code, own := custom[id]
		n, _ := strconv.Atoi(id) // what is no number is no built-in format
		builtIn := n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58
		x.dates = append(x.dates, own && ofDates(code) || !own && builtIn)
	}
	return err
}

// ofDates reports whether a number format shows a date: it has a letter of one outside of quotation marks and brackets.
func ofDates(code string) bool {
	if strings.EqualFold(code, "General") {
		return false
	}
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '"':
			quoted = !quoted
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case !quoted && !bracket && strings.IndexByte("ymdhsYMDHS", c) >= 0:
			return true
		}
	}
	return false
}

// readShared keeps the texts that cells share. What tells how a text is pronounced (rPh) is none of it.
func (x *xlsxReader) readShared(w *workbook, name string) error {
	p, err := w.open(name, nil)
	if err != nil {
		return err
	}
	defer p.from.Close()
	var text []byte
	in, aside, whole := false, false, false
	for {
		token, err := p.token()
		if err != nil {
			return err
		}
		if token == nil {
			if !whole {
				return errCut
			}
			return nil
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "si":
				text = text[:0]
			case "rPh":
				aside = true
			case "t":
				in = !aside
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "t":
				in = false
			case "rPh":
				aside = false
			case "si":
				if err := x.shared.add(text); err != nil {
					return err
				}
			case "sst":
				whole = true
			}
		case xml.CharData:
			if in && len(text)+len(e) <= x.t.limits.Cell+1 { // one more than may be is enough to refuse the cell
				text = append(text, e...)
			}
		}
	}
}
