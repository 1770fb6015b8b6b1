package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// csvReader reads RFC 4180, where a line may end in CR LF, LF or CR, and the delimiter is a comma, a semicolon or a tab.
// encoding/csv would read a file whose quotation mark is never closed into memory as one cell.
type csvReader struct {
	t         *Table
	r         *bufio.Reader
	delimiter byte
	line      int
	cells     []string
	ends      []int  // where in text each cell ends
	text      []byte // of the cells of a row
}

func (t *Table) openCSV(r *bufio.Reader) error {
	c := &csvReader{t: t, r: r, line: 1}
	var err error
	if c.delimiter, err = delimiterOf(r); err != nil {
		return err
	}
	t.next = c.next
	return t.readHeader()
}

// delimiterOf finds the delimiter by the header: the one that stands in it most often outside of quotation marks.
func delimiterOf(r *bufio.Reader) (byte, error) {
	head, err := r.Peek(r.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("the file cannot be read: %w", reason(err))
	}
	found := map[byte]int{}
	quoted := false
	for _, b := range head {
		if b == '"' {
			quoted = !quoted
		}
		if !quoted && (b == '\n' || b == '\r') {
			break
		}
		if !quoted {
			found[b]++
		}
	}
	best := byte(',')
	for _, d := range []byte{';', '\t'} {
		if found[d] > found[best] {
			best = d
		}
	}
	return best, nil
}

// next reads one row. After a fault it goes on with the next line.
func (c *csvReader) next() (Row, error) {
	row := Row{Number: c.line}
	c.text, c.ends = c.text[:0], c.ends[:0]
	var fault *Fault
	note := func(what, why string) {
		if fault == nil {
			fault = &Fault{row.Number, c.column(), what, why}
		}
	}
	began, quoted, closed := 0, false, false
	for {
		b, err := c.r.ReadByte()
		if err != nil && !errors.Is(err, io.EOF) {
			return Row{}, fmt.Errorf("the file cannot be read after line %d: %w", c.line, reason(err))
		}
		if err != nil {
			if quoted {
				return Row{}, last(&Fault{row.Number, c.column(), "the quotation mark is not closed", "the file ends before its second one: was the export cut short?"})
			}
			if len(c.text) == 0 && len(c.ends) == 0 && !closed {
				return Row{}, io.EOF
			}
			break
		}
		if quoted {
			if b == '"' {
				if next, err := c.r.Peek(1); err == nil && next[0] == '"' {
					if _, err := c.r.Discard(1); err != nil {
						return Row{}, fmt.Errorf("the file cannot be read: %w", reason(err))
					}
				} else {
					quoted, closed = false, true
					continue
				}
			}
			if b == '\n' || b == '\r' && !c.follows('\n') {
				c.line++
			}
			c.text = append(c.text, b)
			if len(c.text)-began > c.t.limits.Cell {
				return Row{}, last(&Fault{row.Number, c.column(), "the quotation mark is not closed", fmt.Sprintf("it opens a cell of more than %d bytes", c.t.limits.Cell)})
			}
			continue
		}
		switch b {
		case '\r', '\n':
			if b == '\r' && c.follows('\n') {
				continue
			}
			c.line++
		case c.delimiter:
			c.ends = append(c.ends, len(c.text))
			if len(c.ends) > c.t.limits.Columns {
				note("there are too many cells", fmt.Sprintf("a row has at most %d", c.t.limits.Columns))
				c.ends = c.ends[:1]
			}
			began, closed = len(c.text), false
			continue
		case '"':
			if len(c.text) == began && !closed {
				quoted = true
				continue
			}
			note("a quotation mark stands inside the cell", "put the whole cell into quotation marks and write the one inside twice (RFC 4180, 2)")
			continue
		default:
			if closed {
				note("text follows the closing quotation mark", "a delimiter or the end of the line must (RFC 4180, 2)")
				closed = false
			}
			if c.text = append(c.text, b); len(c.text) > c.t.limits.Row {
				note("the row is too long", fmt.Sprintf("a row has at most %d bytes", c.t.limits.Row))
				c.text, began = c.text[:0], 0
				c.ends = c.ends[:0]
			}
			continue
		}
		break
	}
	if fault != nil {
		return Row{}, fault
	}
	c.ends = append(c.ends, len(c.text))
	all := string(c.text)
	row.Cells, c.cells = c.cells[:0], c.cells[:0]
	from := 0
	for i, to := range c.ends {
		cell := all[from:to]
		if f := c.t.text(row.Number, c.t.name(i), cell); f != nil {
			return Row{}, f
		}
		row.Cells, from = append(row.Cells, cell), to
	}
	c.cells = row.Cells
	return row, nil
}

// last makes a fault one after which nothing is read: where the next row begins cannot be known.
func last(f *Fault) error { return errors.New(f.Error()) }

func (c *csvReader) follows(b byte) bool {
	next, err := c.r.Peek(1)
	return err == nil && next[0] == b
}

// column is the name of the column that is being read.
func (c *csvReader) column() string { return c.t.name(len(c.ends)) }

// name is what the header calls a column. A header that is being read has no names yet.
func (t *Table) name(i int) string {
	if i < len(t.Header) {
		return strings.TrimSpace(t.Header[i])
	}
	return ""
}

// line reads one line without its end, up to a limit; what is beyond it is read over. It reports io.EOF after the last.
func line(r *bufio.Reader, into []byte, limit int) (text []byte, long bool, err error) {
	into = into[:0]
	for {
		part, err := r.ReadSlice('\n')
		if len(into)+len(part) > limit {
			long = true
		} else {
			into = append(into, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && (len(into) > 0 || long), err == nil:
			return bytes.TrimRight(into, "\r\n"), long, nil
		}
		return nil, false, err
	}
}
