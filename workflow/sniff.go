package workflow

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"
	"path"
	"strings"
	"unicode"
)

// The types of files that are taken (security.md 9), each with how its bytes are told and the ending its name gets.
var fileTypes = []struct {
	media, ending string
	others        []string // endings that say the same
	is            func([]byte) bool
}{
	{"application/pdf", ".pdf", nil, isPDF},
	{"image/jpeg", ".jpg", []string{".jpeg", ".jpe"}, isJPEG},
	{"image/png", ".png", nil, isPNG},
}

// maxPixels bounds what an image unfolds to in whatever opens it.
const maxPixels = 50_000_000

// typeOf returns the type of a file by what is in it, and the endings a name of that type may have. What nothing takes, or
// what could be taken for something else as well, has none.
func typeOf(body []byte) (media string, endings []string) {
	if endsAsZip(body) {
		return "", nil
	}
	for _, t := range fileTypes {
		if t.is(body) {
			return t.media, append([]string{t.ending}, t.others...)
		}
	}
	return "", nil
}

var (
	pdfHead  = []byte("%PDF-")
	pdfTail  = []byte("%%EOF")
	pngHead  = []byte("\x89PNG\r\n\x1a\n")
	jpegHead = []byte("\xff\xd8\xff")
	zipTail  = []byte("PK\x05\x06")
)

// isPDF wants the header at the first byte and nothing but blanks behind the end (ISO 32000-1 7.5.2, 7.5.5): readers look
// for both more freely, and in what stands before or behind hides the other half of a file of two types.
func isPDF(b []byte) bool {
	if !bytes.HasPrefix(b, pdfHead) || len(b) < len(pdfHead)+3 || (b[5] != '1' && b[5] != '2') || b[6] != '.' {
		return false
	}
	end := bytes.LastIndex(b, pdfTail)
	return end > 0 && len(bytes.Trim(b[end+len(pdfTail):], "\r\n\t ")) == 0
}

// isJPEG decodes the header. Cameras write more behind the image, so its end is not looked at; a PDF reader would find one
// that begins in the first kilobyte.
func isJPEG(b []byte) bool {
	if !bytes.HasPrefix(b, jpegHead) || bytes.Contains(b[:min(len(b), 1024)], pdfHead) {
		return false
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(b))
	return err == nil && fits(c)
}

// isPNG decodes the header and walks the chunks: the last is the end, and nothing stands behind it (PNG 5.3).
func isPNG(b []byte) bool {
	if !bytes.HasPrefix(b, pngHead) || bytes.Contains(b[:min(len(b), 1024)], pdfHead) {
		return false
	}
	c, err := png.DecodeConfig(bytes.NewReader(b))
	if err != nil || !fits(c) {
		return false
	}
	rest := b[len(pngHead):]
	for len(rest) >= 12 { // length, name, check
		size := int64(binary.BigEndian.Uint32(rest)) + 12
		if size > int64(len(rest)) {
			return false
		}
		name := string(rest[4:8])
		rest = rest[size:]
		if name == "IEND" {
			return len(rest) == 0
		}
	}
	return false
}

func fits(c image.Config) bool {
	return c.Width > 0 && c.Height > 0 && int64(c.Width)*int64(c.Height) <= maxPixels
}

// endsAsZip reports whether the end of b is that of a ZIP archive, which unpackers look for from behind: 22 bytes, and a
// comment as long as the last two of them say (APPNOTE 4.3.16).
func endsAsZip(b []byte) bool {
	tail := b[max(0, len(b)-22-1<<16):]
	for {
		i := bytes.LastIndex(tail, zipTail)
		if i < 0 {
			return false
		}
		if record := tail[i:]; len(record) >= 22 && len(record)-22 >= int(binary.LittleEndian.Uint16(record[20:])) {
			return true
		}
		tail = tail[:i]
	}
}

// maxFileName is the most characters of a name, its ending included.
const maxFileName = 100

// cleanName makes what a browser calls a file a name that any system can keep and nobody is fooled by: no path, no control
// or invisible character (which could turn "gpj.exe" around), none that a file system reserves, and an ending that says
// what is in it.
func cleanName(name string, endings []string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), r == '\u2028', r == '\u2029':
			return -1
		case unicode.IsSpace(r):
			return ' '
		case strings.ContainsRune(`<>:"|?*/`, r):
			return '_'
		}
		return r
	}, name)
	name, ending := strings.TrimSpace(name), endings[0]
	for _, e := range endings {
		if at := len(name) - len(e); at >= 0 && strings.EqualFold(name[at:], e) {
			name, ending = name[:at], name[at:]
			break
		}
	}
	stem := []rune(strings.Trim(name, ". _"))
	if len(stem) == 0 {
		stem = []rune("file")
	}
	return strings.TrimRight(string(stem[:min(len(stem), maxFileName-len(ending))]), ". ") + ending
}
