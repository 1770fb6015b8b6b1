package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
)

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
