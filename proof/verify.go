package proof

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// Report is what holds of a proof.
type Report struct {
	Reference string
	MadeAt    string // RFC 3339
	Files     int
	Letters   int   // that the log vouches for, each as it was sent
	Entries   int   // of the audit log, about this request
	LogSize   int64 // of the log that they are proven to be in
	Missing   []Loss
	Verifier  string // whose signature the log has
	Given     bool   // the verifier was given, and not only taken from the proof itself
}

// Fault says where a proof first differs from what was made.
type Fault struct {
	File string // "" for the ZIP itself
	Why  string
}

func (f Fault) Error() string {
	if f.File == "" {
		return "the proof does not hold: " + f.Why
	}
	return harmless("the proof does not hold: " + f.File + ": " + f.Why)
}

// harmless is s without what a terminal obeys: names in a proof are whatever its maker wrote.
func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return utf8.RuneError
		}
		return r
	}, s)
}

// longest is the most bytes that a file of our own making may have; attachments are only hashed.
const longest = 64 << 20

// Verify checks a proof from end to end: that it holds the files of its manifest and nothing else, that the manifest is what
// the audit log vouches for, that each entry is in the log of the checkpoint, that none about the request is left out, that
// the letters are those that were sent, and who signed the checkpoint. With a verifier, the key that the house publishes,
// the signature must be of that; with "" it is whoever the proof names. What does not hold is a Fault.
func Verify(file io.ReaderAt, size int64, verifier string) (Report, error) {
	z, err := zip.NewReader(file, size)
	if err != nil {
		return Report{}, Fault{Why: "it is not a whole ZIP"}
	}
	v := &verification{zip: z, sums: map[string]string{}, report: Report{Verifier: verifier, Given: verifier != ""}}
	for _, step := range []func() error{func() error { return v.names(size) }, v.files, v.log, v.letters, func() error { return v.container(file, size) }} {
		if err := step(); err != nil {
			return Report{}, err
		}
	}
	return v.report, nil
}

// verification is a proof being verified.
type verification struct {
	zip      *zip.Reader
	manifest manifest
	digest   string            // of the manifest
	sums     map[string]string // by file
	sent     map[string]string // by letter: what the log says was sent
	ended    bool              // the log says that the record has served its time
	madeAt   time.Time
	report   Report
}

// ours is what references, and names of files in a proof, are made of.
var ours = regexp.MustCompile(`^[A-Za-z0-9._/-]+$`)

// names looks at the directory before anything is read: every file has a name of its own, on any system, and stays below the
// folder that it is unpacked to; and, nothing being compressed, all together are no larger than the ZIP.
func (v *verification) names(size int64) error {
	seen, room := map[string]bool{}, uint64(size)
	for _, f := range v.zip.File {
		name := strings.ToLower(f.Name)
		switch {
		case !ours.MatchString(f.Name) || !fs.ValidPath(f.Name):
			return Fault{f.Name, "no file of a proof has such a name"}
		case seen[name]:
			return Fault{f.Name, "it is there twice"}
		case f.UncompressedSize64 > room:
			return Fault{f.Name, "there is less in the ZIP than it says"}
		}
		seen[name] = true
		room -= f.UncompressedSize64
	}
	return nil
}

// files compares what the ZIP holds with its manifest, name by name and byte by byte.
func (v *verification) files() error {
	body, err := v.read(manifestFile)
	if err != nil {
		return err
	}
	if err := v.plainly(manifestFile, body, &v.manifest, encode); err != nil {
		return err
	}
	m := v.manifest
	if m.Format != format {
		return Fault{manifestFile, fmt.Sprintf("it is of the format %q, and this habeas knows %s: verify it with a newer one", m.Format, format)}
	}
	if !ours.MatchString(m.Reference) {
		return Fault{manifestFile, "it does not say of which request it is"}
	}
	if v.madeAt, err = time.Parse(time.RFC3339, m.MadeAt); err != nil {
		return Fault{manifestFile, "it does not say when it was made"}
	}
	sum := sha256.Sum256(body)
	v.digest = hex.EncodeToString(sum[:])
	var want []string
	for _, f := range m.Files {
		want = append(want, f.Path)
	}
	want = append(want, manifestFile, entriesFile, checkpointFile, verifierFile)
	for i, f := range v.zip.File {
		switch {
		case i >= len(want) || f.Name != want[i] && !slices.Contains(want, f.Name):
			return Fault{f.Name, "it is not in the manifest"}
		case f.Name != want[i]:
			return Fault{want[i], "it is missing, or not in its place"}
		}
	}
	if len(v.zip.File) < len(want) {
		return Fault{want[len(v.zip.File)], "it is missing"}
	}
	for i, f := range m.Files {
		sum := newMeasure()
		if err := copyOf(v.zip.File[i], sum); err != nil {
			return err
		}
		if got := hex.EncodeToString(sum.sum.Sum(nil)); got != f.SHA256 || sum.size != f.Bytes {
			return Fault{f.Path, "it is not the file of the manifest"}
		}
		v.sums[f.Path] = f.SHA256
	}
	v.report.Reference, v.report.MadeAt, v.report.Files = m.Reference, m.MadeAt, len(m.Files)
	return nil
}

// read returns one of our own files, whole.
func (v *verification) read(name string) ([]byte, error) {
	for _, f := range v.zip.File {
		if f.Name != name {
			continue
		}
		if f.UncompressedSize64 > longest {
			return nil, Fault{name, "it is larger than any that was ever made"}
		}
		var body bytes.Buffer
		err := copyOf(f, &body)
		return body.Bytes(), err
	}
	return nil, Fault{name, "it is missing"}
}

func copyOf(f *zip.File, to io.Writer) error {
	if f.Method != zip.Store {
		return Fault{f.Name, "it is compressed, which no file of a proof is"}
	}
	from, err := f.Open()
	if err != nil {
		return Fault{f.Name, "it cannot be read"}
	}
	if _, err := io.Copy(to, from); err != nil {
		return errors.Join(Fault{f.Name, "it cannot be read"}, from.Close())
	}
	return from.Close()
}

// plainly reads JSON that must be written just as Write does: nothing can stand between the values.
func (v *verification) plainly(name string, body []byte, to any, write func(any) ([]byte, error)) error {
	if err := json.Unmarshal(body, to); err != nil {
		return Fault{name, "it cannot be read"}
	}
	again, err := write(to)
	if err != nil || !bytes.Equal(again, body) {
		return Fault{name, "it is not written as it was made"}
	}
	return nil
}

// checkpoint returns the size and the root that were signed.
func (v *verification) checkpoint() (size int64, root []byte, err error) {
	signed, err := v.read(checkpointFile)
	if err != nil {
		return 0, nil, err
	}
	inside, err := v.read(verifierFile)
	if err != nil {
		return 0, nil, err
	}
	key, whole := strings.CutSuffix(string(inside), "\n")
	if v.report.Verifier == "" {
		v.report.Verifier = key
	}
	if !whole || key != v.report.Verifier {
		return 0, nil, Fault{verifierFile, "it is another key than the one that was given: somebody else has signed this"}
	}
	check, err := note.NewVerifier(key)
	if err != nil || harmless(key) != key {
		return 0, nil, Fault{verifierFile, "it is not a key"}
	}
	n, err := note.Open(signed, note.VerifierList(check))
	if err != nil || len(n.Sigs) != 1 {
		return 0, nil, Fault{checkpointFile, "its signature is not that of the key"}
	}
	again := n.Text + "\n— " + n.Sigs[0].Name + " " + n.Sigs[0].Base64 + "\n"
	lines := strings.Split(n.Text, "\n")
	if again != string(signed) || len(lines) != 4 || lines[0] != check.Name() {
		return 0, nil, Fault{checkpointFile, "it is not a checkpoint"}
	}
	size, err = strconv.ParseInt(lines[1], 10, 64)
	if err == nil {
		root, err = base64.StdEncoding.DecodeString(lines[2])
	}
	if err != nil {
		return 0, nil, Fault{checkpointFile, "it is not a checkpoint"}
	}
	return size, root, nil
}

// container compares the ZIP with the one that follows from its files: nothing can stand in front of, between or behind them.
func (v *verification) container(file io.ReaderAt, size int64) error {
	same := &like{file: file}
	z := zip.NewWriter(same)
	for _, f := range v.zip.File {
		to, err := z.CreateRaw(header(f.Name, f.UncompressedSize64, f.CRC32, v.madeAt))
		if err == nil {
			err = copyOf(f, to)
		}
		if err != nil {
			return unlike(err)
		}
	}
	if err := z.Close(); err != nil {
		return unlike(err)
	}
	if same.at != size {
		return unlike(errUnlike)
	}
	return nil
}

func unlike(err error) error {
	if errors.Is(err, errUnlike) {
		return Fault{Why: "the ZIP holds something beside its files"}
	}
	return fmt.Errorf("compare the ZIP with its files: %w", err)
}
