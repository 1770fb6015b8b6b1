package sheet

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

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
