package proof

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// format names what the files of a proof look like. A later one is another number.
const format = "habeas-proof/1"

// The files of a proof that are not of the case itself.
const (
	manifestFile   = "manifest.json"
	entriesFile    = "audit/entries.jsonl"
	checkpointFile = "audit/checkpoint"
	verifierFile   = "audit/verifier"
)

// manifest lists every file of the case. It is what the audit log vouches for.
type manifest struct {
	Format    string     `json:"format"`
	Reference string     `json:"reference"`
	Request   string     `json:"request"` // its ID, as audit entries name it
	MadeAt    string     `json:"made_at"`
	Language  string     `json:"language"`
	Files     []fileNote `json:"files"`
}

type fileNote struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// entryNote is one line of the audit entries.
type entryNote struct {
	Index int64    `json:"index"`
	Leaf  []byte   `json:"leaf"`
	Proof [][]byte `json:"proof"`
}

// Digest returns the SHA-256 that vouches for every file of a case but those of the log. It goes into the log, in the entry
// that says that this proof was made; then the case is ready for Write.
func Digest(c Case) (string, error) {
	files, err := c.members()
	if err != nil {
		return "", err
	}
	body, err := c.manifest(files)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}

// Write writes the proof of a case: a ZIP. The same case gives the same bytes. Memory does not grow with its letters,
// files and entries. After an error what was written is worthless.
func Write(w io.Writer, c Case) error {
	files, err := c.members()
	if err != nil {
		return err
	}
	body, err := c.manifest(files)
	if err != nil {
		return err
	}
	files = append(files, content(manifestFile, body), member{entriesFile, c.entries},
		content(checkpointFile, c.Log.Checkpoint), content(verifierFile, []byte(c.Verifier+"\n")))
	z := zip.NewWriter(w)
	for _, m := range files {
		if err := add(z, m, c.MadeAt); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("end the proof: %w", err)
	}
	return nil
}

// manifest measures the files of the case.
func (c Case) manifest(files []member) ([]byte, error) {
	m := manifest{
		Format: format, Reference: c.Request.Ref, Request: c.Request.ID, MadeAt: c.MadeAt.Format(time.RFC3339), Language: c.Language,
		Files: []fileNote{},
	}
	for _, f := range files {
		sum, err := f.measured()
		if err != nil {
			return nil, err
		}
		m.Files = append(m.Files, fileNote{Path: f.name, Bytes: sum.size, SHA256: hex.EncodeToString(sum.sum.Sum(nil))})
	}
	return encode(m)
}

// entries writes the audit entries, one a line.
func (c Case) entries(w io.Writer) error {
	return c.Log.Entries(func(e Entry) error {
		line, err := json.Marshal(entryNote{e.Index, e.Leaf, list(e.Path)})
		if err != nil {
			return err
		}
		_, err = w.Write(append(line, '\n'))
		return err
	})
}

// encode writes JSON as every file of a proof has it.
func encode(of any) ([]byte, error) {
	var body bytes.Buffer
	e := json.NewEncoder(&body)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(of)
	return body.Bytes(), err
}
