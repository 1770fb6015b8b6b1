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
	"time"
)

// An XLSX file is a ZIP of XML (ECMA-376, Office Open XML). Only what holds values is read, as a stream: the sheet, the
// texts that its cells share, and which number formats are those of dates.

// errCut says that the XML of a part ends too early, which a reader that goes by tokens must notice itself.
var errCut = errors.New("the XLSX file is damaged: save it again")

// part is an XML part that is read token by token. One token of more than its limit is refused before it is in memory.
type part struct {
	*xml.Decoder
	from io.ReadCloser
	left int
	size int
}

func (p *part) Read(b []byte) (int, error) {
	if p.left <= 0 {
		return 0, errors.New("the XLSX file has a cell that is too long")
	}
	n, err := p.from.Read(b)
	p.left -= n
	return n, err
}

// token returns the next token, nil at the end of the part.
func (p *part) token() (xml.Token, error) {
	p.left = p.size
	token, err := p.RawToken()
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		var syntax *xml.SyntaxError
		if errors.As(err, &syntax) || errors.Is(err, zip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errCut
		}
		return nil, err
	}
	return token, nil
}

// drain reads to the end, where the checksum of the part is compared.
func (p *part) drain() error {
	for {
		token, err := p.token()
		if token == nil || err != nil {
			return err
		}
	}
}

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

// next reads one row.
func (x *xlsxReader) next() (Row, error) {
	for {
		token, err := x.part.token()
		if err != nil {
			return Row{}, err
		}
		switch e := token.(type) {
		case nil:
			return Row{}, errCut // the sheet's data did not end
		case xml.StartElement:
			if e.Name.Local == "row" {
				x.row++
				if n, err := strconv.Atoi(attr(e, "r")); err == nil && n >= x.row {
					x.row = n
				}
				return x.cellsOf(x.row)
			}
		case xml.EndElement:
			if e.Name.Local == "sheetData" {
				if err := x.part.drain(); err != nil {
					return Row{}, err
				}
				return Row{}, io.EOF
			}
		}
	}
}

// cellsOf reads the cells of a row to its end.
func (x *xlsxReader) cellsOf(number int) (Row, error) {
	x.cells = x.cells[:0]
	var fault *Fault
	var cell xml.StartElement
	var value []byte
	in := false
	column := -1
	for {
		token, err := x.part.token()
		if err != nil {
			return Row{}, err
		}
		switch e := token.(type) {
		case nil:
			return Row{}, errCut
		case xml.StartElement:
			switch e.Name.Local {
			case "c":
				cell, value = e.Copy(), value[:0]
				column = columnOf(attr(e, "r"), column)
			case "v", "t":
				in = true
			case "rPh":
				in = false
			}
		case xml.CharData:
			if in && len(value)+len(e) <= x.t.limits.Cell+1 {
				value = append(value, e...)
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "v", "t":
				in = false
			case "c":
				text, f := x.value(number, column, cell, value)
				if f != nil && fault == nil {
					fault = f
				}
				if text == "" || fault != nil {
					continue
				}
				for len(x.cells) <= column {
					x.cells = append(x.cells, "")
				}
				x.cells[column] = text
			case "row":
				if fault != nil {
					return Row{}, fault
				}
				return Row{number, x.cells}, nil
			}
		}
	}
}

// columnOf reads "AB12" as a number from 0; a cell that does not say where it is comes after the one before.
func columnOf(reference string, before int) int {
	n := 0
	for _, c := range strings.ToUpper(reference) {
		if c < 'A' || c > 'Z' || n > 1<<20 {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	if n == 0 {
		return before + 1
	}
	return n - 1
}

// value makes text of a cell: numbers without needless digits, dates as ISO 8601 writes them.
func (x *xlsxReader) value(row, column int, cell xml.StartElement, raw []byte) (string, *Fault) {
	fault := func(what, why string) (string, *Fault) { return "", &Fault{row, x.t.name(column), what, why} }
	if column > x.t.limits.Columns {
		return fault("there are too many cells", fmt.Sprintf("a row has at most %d", x.t.limits.Columns))
	}
	text := string(raw)
	switch attr(cell, "t") {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(text))
		if err == nil {
			text, err = x.shared.get(i)
		}
		if err != nil {
			return fault("the cell names a text that is not there", "the file is damaged: save it again")
		}
	case "e":
		return fault("the cell holds the error of a formula", "correct the formula, or empty the cell")
	case "b":
		text = strconv.FormatBool(text == "1")
	case "str", "inlineStr", "d":
	default:
		if text == "" {
			return "", nil
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fault("the cell should hold a number", "the file is damaged: save it again")
		}
		if style, err := strconv.Atoi(attr(cell, "s")); err == nil && style >= 0 && style < len(x.dates) && x.dates[style] {
			return x.date(n), nil
		}
		if n >= 1e15 || n <= -1e15 { // a spreadsheet keeps 15 digits: those of an identity card are 18
			return fault("the number has more than 15 digits, of which a spreadsheet keeps 15", "make the column one of text and fill it again from the system")
		}
		if n, err = strconv.ParseFloat(strconv.FormatFloat(n, 'g', 15, 64), 64); err == nil {
			text = strconv.FormatFloat(n, 'f', -1, 64)
		}
	}
	if f := x.t.text(row, x.t.name(column), text); f != nil {
		return "", f
	}
	return text, nil
}

// date writes the number of days since the end of 1899, or since 1904 began, as a date. The year 1900 has a 29 February
// there, which it had not.
func (x *xlsxReader) date(n float64) string {
	from := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case x.since1904:
		from = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case n < 60:
		from = from.AddDate(0, 0, 1)
	}
	if n < 0 || n > 2_958_466 { // the year 10000
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	days := int(n)
	seconds := int((n-float64(days))*86400 + 0.5)
	at := from.AddDate(0, 0, days).Add(time.Duration(seconds) * time.Second)
	switch {
	case days == 0 && seconds > 0:
		return at.Format(time.TimeOnly)
	case seconds == 0:
		return at.Format(time.DateOnly)
	}
	return at.Format(time.DateTime)
}
