package sheet

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// jsonlReader reads one JSON object a line. Its header is every name that occurs in the file, in the order of their first
// appearance: the file is read once for it before.
type jsonlReader struct {
	t     *Table
	r     *bufio.Reader
	line  int
	buf   []byte
	at    map[string]int
	cells []string
}

func (t *Table) openJSONL(open func() *bufio.Reader) error {
	first := &jsonlReader{t: t, r: open(), at: map[string]int{}}
	for {
		_, err := first.read(func(name string, _ any) *Fault {
			if _, known := first.at[name]; !known && len(t.Header) <= t.limits.Columns {
				first.at[name] = len(t.Header)
				t.Header = append(t.Header, name)
			}
			return nil
		})
		var fault *Fault
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.As(err, &fault) {
			return err
		}
	}
	c := &jsonlReader{t: t, r: open(), at: first.at}
	t.next = c.next
	return nil
}

func (c *jsonlReader) next() (Row, error) {
	c.cells = append(c.cells[:0], make([]string, len(c.t.Header))...)
	number, err := c.read(func(name string, v any) *Fault {
		cell := ""
		switch v := v.(type) {
		case nil:
		case string:
			cell = v
		case json.Number:
			cell = v.String()
		case bool:
			cell = strconv.FormatBool(v)
		case json.RawMessage:
			cell = string(v)
		}
		if f := c.t.text(c.line, name, cell); f != nil {
			return f
		}
		if i, known := c.at[name]; known && i < len(c.cells) {
			c.cells[i] = cell
		}
		return nil
	})
	if err != nil {
		return Row{}, err
	}
	return Row{number, c.cells}, nil
}

// read calls each for every member of the object on the next line that is not blank.
func (c *jsonlReader) read(each func(name string, v any) *Fault) (int, error) {
	for {
		text, long, err := line(c.r, c.buf, c.t.limits.Row)
		if err != nil {
			if errors.Is(err, io.EOF) {
				return 0, io.EOF
			}
			return 0, fmt.Errorf("the file cannot be read after line %d: %w", c.line, reason(err))
		}
		c.line++
		if long {
			return c.line, &Fault{Row: c.line, What: "the row is too long", Why: fmt.Sprintf("a row has at most %d bytes", c.t.limits.Row)}
		}
		c.buf = text
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		return c.line, c.object(text, each)
	}
}

// object reads the members of one object. A name that comes twice is a fault: which of both counts is anybody's guess
// (RFC 8259, 4).
func (c *jsonlReader) object(text []byte, each func(name string, v any) *Fault) error {
	fault := func(what, why string) error { return &Fault{Row: c.line, What: what, Why: why} }
	if c.t.Encoding == "utf-8" && c.t.unreadable(string(text)) {
		return fault("a character cannot be read", "the file is read as UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return fault("the line is no JSON object", "write one object a line")
	}
	broken := fault("the line is no JSON", "write one object a line, each name and text in quotation marks")
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return broken
		}
		name = strings.TrimSpace(name)
		if seen[name] {
			return fault("a name comes twice in one object", "give each value a name of its own")
		}
		seen[name] = true
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return broken
		}
		v, err := scalar(raw)
		if err != nil {
			return broken
		}
		if f := each(name, v); f != nil {
			return f
		}
	}
	if _, err := d.Token(); err != nil {
		return broken
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault("something follows the object", "write one object a line")
	}
	return nil
}

// scalar reads a value; a structure stays the JSON that it is.
func scalar(raw json.RawMessage) (any, error) {
	if raw[0] == '{' || raw[0] == '[' {
		var b bytes.Buffer
		if err := json.Compact(&b, raw); err != nil {
			return nil, err
		}
		return json.RawMessage(b.Bytes()), nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}
