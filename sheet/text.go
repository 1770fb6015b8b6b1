package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// encodings of text files. UTF-8 needs no decoder: a file that is not all UTF-8 is not taken for it.
var encodings = map[string]encoding.Encoding{
	"utf-8":    nil,
	"utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	"utf-16be": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	"gb18030":  simplifiedchinese.GB18030, // GB 18030-2022 and, as parts of it, GBK and GB 2312
}

// marks are how a text may begin to say its encoding (the byte order mark, RFC 3629, 6 and RFC 2781, 3.2).
var marks = []struct{ bytes, encoding string }{
	{"\xef\xbb\xbf", "utf-8"},
	{"\xff\xfe", "utf-16le"},
	{"\xfe\xff", "utf-16be"},
}

// openText finds the encoding and opens the text as CSV or JSONL.
func (t *Table) openText(head []byte, o Options) error {
	skip := 0
	for _, m := range marks {
		if bytes.HasPrefix(head, []byte(m.bytes)) {
			t.Encoding, skip = m.encoding, len(m.bytes)
			break
		}
	}
	var err error
	switch _, known := encodings[o.Encoding]; {
	case o.Encoding != "" && !known:
		return fmt.Errorf("the encoding %q is not known: write utf-8, utf-16le, utf-16be or gb18030", o.Encoding)
	case o.Encoding != "":
		t.Encoding = o.Encoding
	case t.Encoding == "":
		if t.Encoding, err = t.findEncoding(head); err != nil {
			return err
		}
	}
	open := func() *bufio.Reader {
		t.read = &counter{from: io.NewSectionReader(t.file, int64(skip), t.size-int64(skip)), of: t.size - int64(skip)}
		var r io.Reader = t.read
		if e := encodings[t.Encoding]; e != nil {
			r = e.NewDecoder().Reader(r)
		}
		return bufio.NewReaderSize(r, 64<<10)
	}
	if t.Format == "jsonl" {
		return t.openJSONL(open)
	}
	return t.openCSV(open())
}

// findEncoding tells the encoding of a text without a mark. UTF-8 is so unlike everything else that a whole file of it is
// no accident; what is not UTF-8 and has no zero bytes is what Chinese systems write.
func (t *Table) findEncoding(head []byte) (string, error) {
	even, odd := 0, 0
	for i, b := range head {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	switch { // a header has letters of ASCII, of which UTF-16 makes every other byte zero
	case odd > len(head)/8 && even <= odd/8:
		return "utf-16le", nil
	case even > len(head)/8 && odd <= even/8:
		return "utf-16be", nil
	case even+odd > 0:
		return "", errors.New("the file holds zero bytes: it is no text; export it again as CSV in UTF-8")
	}
	buf := make([]byte, 64<<10)
	r := io.NewSectionReader(t.file, 0, t.size)
	kept := 0
	for {
		n, err := r.Read(buf[kept:])
		chunk := buf[:kept+n]
		for len(chunk) > 0 {
			c, size := utf8.DecodeRune(chunk)
			if c == utf8.RuneError && size == 1 {
				if err == nil && !utf8.FullRune(chunk) {
					break // the rest of it comes with the next chunk
				}
				return "gb18030", nil
			}
			chunk = chunk[size:]
		}
		kept = copy(buf, chunk)
		if errors.Is(err, io.EOF) {
			if kept > 0 {
				return "gb18030", nil
			}
			return "utf-8", nil
		}
		if err != nil {
			return "", fmt.Errorf("the file cannot be read: %w", reason(err))
		}
	}
}

// unreadable reports whether a cell has bytes that the file's encoding does not have.
func (t *Table) unreadable(cell string) bool {
	if t.Encoding == "utf-8" {
		return !utf8.ValidString(cell)
	}
	return bytes.ContainsRune([]byte(cell), utf8.RuneError)
}

// text finds what no cell of a text may hold.
func (t *Table) text(row int, column, cell string) *Fault {
	switch {
	case len(cell) > t.limits.Cell:
		return &Fault{row, column, "the cell is too long", fmt.Sprintf("a cell has at most %d bytes", t.limits.Cell)}
	case t.unreadable(cell):
		return &Fault{row, column, "a character cannot be read", "the file is read as " + t.Encoding + ": name its encoding, or export it again in UTF-8"}
	case bytes.IndexByte([]byte(cell), 0) >= 0:
		return &Fault{row, column, "there is a zero byte", "text has none: export the file again"}
	}
	return nil
}
