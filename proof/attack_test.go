package proof_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"testing"

	"habeas/proof"
)

// forge is the proof that a house with the signing key writes by hand: with these files of the case, listed in a manifest of
// its own, which its log vouches for.
func forge(t *testing.T, l *auditLog, c proof.Case, change func(names []string, files map[string][]byte) ([]string, [][]byte)) []byte {
	t.Helper()
	c.Verifier = l.verifier
	c.Log = l.proven(c.Request.ID)
	b := written(t, c)
	names, files := unzip(t, b)
	var m struct {
		Format    string `json:"format"`
		Reference string `json:"reference"`
		Request   string `json:"request"`
		MadeAt    string `json:"made_at"`
		Language  string `json:"language"`
		Files     []any  `json:"files"`
	}
	must(t, json.Unmarshal(files["manifest.json"], &m))
	paths, bodies := change(names[:len(names)-4], files)
	type line struct {
		Path   string `json:"path"`
		Bytes  int    `json:"bytes"`
		SHA256 string `json:"sha256"`
	}
	m.Files = nil
	for i, p := range paths {
		m.Files = append(m.Files, line{p, len(bodies[i]), sumOf(bodies[i])})
	}
	var manifest bytes.Buffer
	e := json.NewEncoder(&manifest)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	must(t, e.Encode(m))
	l.append(proof.Made, c.Request.ID, map[string]string{proof.FactSum: sumOf(manifest.Bytes()), proof.FactEntries: fmt.Sprint(len(l.about(c.Request.ID)))})
	c.Log = l.proven(c.Request.ID)
	_, again := unzip(t, written(t, c))
	for _, name := range []string{"manifest.json", "audit/entries.jsonl", "audit/checkpoint", "audit/verifier"} {
		body := again[name]
		if name == "manifest.json" {
			body = manifest.Bytes()
		}
		paths, bodies = append(paths, name), append(bodies, body)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	must(t, err)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i, p := range paths {
		to, err := w.CreateRaw(rawHeader(&z.File[0].FileHeader, p, bodies[i]))
		must(t, err)
		_, err = to.Write(bodies[i])
		must(t, err)
	}
	must(t, w.Close())
	return out.Bytes()
}

// asItIs lists the bodies of the files in their order.
func asItIs(names []string, files map[string][]byte) (out [][]byte) {
	for _, n := range names {
		out = append(out, files[n])
	}
	return out
}

func TestWhatTheHouseForgesWithItsOwnKeyIsFound(t *testing.T) {
	const letter = "letters/02-refused.json"
	forged := keptLetter("Fulfilled")
	parts := map[string][]byte{letter: forged, "letters/02-refused.txt": []byte("Fulfilled\n\nStop: …\n"), "letters/02-refused.html": []byte("<p>Fulfilled</p>")}
	// add puts a file more behind those of the case.
	add := func(name string) func([]string, map[string][]byte) ([]string, [][]byte) {
		return func(names []string, files map[string][]byte) ([]string, [][]byte) {
			return append(names, name), append(asItIs(names, files), []byte("#!/bin/sh"))
		}
	}
	for _, row := range []struct {
		sentence string
		change   func([]string, map[string][]byte) ([]string, [][]byte)
		fault    string
	}{
		{"a letter that was sent is there twice, first in other words", func(names []string, files map[string][]byte) ([]string, [][]byte) {
			var paths []string
			var bodies [][]byte
			for _, n := range names {
				if other, ok := parts[n]; ok {
					paths, bodies = append(paths, n), append(bodies, other)
				}
				if n != "letters/02-refused.txt" && n != "letters/02-refused.html" {
					paths, bodies = append(paths, n), append(bodies, files[n])
				}
			}
			return paths, bodies
		}, letter},
		{"a letter that was sent is in other words and said to wait", func(names []string, files map[string][]byte) ([]string, [][]byte) {
			for n, body := range parts {
				files[n] = body
			}
			files["letters.json"] = bytes.ReplaceAll(files["letters.json"], []byte(`"sent"`), []byte(`"queued"`))
			return names, asItIs(names, files)
		}, letter},
		{"letters that were sent are gone with a record that never ended", func(names []string, files map[string][]byte) ([]string, [][]byte) {
			var kept []string
			for _, n := range names {
				if !strings.HasPrefix(n, "letters/") {
					kept = append(kept, n)
				}
			}
			var notes []map[string]any
			must(t, json.Unmarshal(files["letters.json"], &notes))
			for _, n := range notes {
				n["files"] = []string{}
			}
			files["letters.json"], _ = json.Marshal(notes)
			files["facts.json"] = bytes.Replace(files["facts.json"], []byte(`"missing": []`), []byte(`"missing": ["pseudonymised"]`), 1)
			return kept, asItIs(kept, files)
		}, "facts.json"},
		{"the facts are of another request", func(names []string, files map[string][]byte) ([]string, [][]byte) {
			files["facts.json"] = bytes.Replace(files["facts.json"], []byte(`"request": "r-1"`), []byte(`"request": "r-2"`), 1)
			return names, asItIs(names, files)
		}, "facts.json"},
		{"a file would be unpacked beside the folder", add("../.profile"), "../.profile"},
		{"a file would be unpacked at the root", add("/etc/cron.d/x"), "/etc/cron.d/x"},
		{"a file would be unpacked beside the folder by Windows", add(`..\x.bat`), `..\x.bat`},
		{"a file would be unpacked on a drive", add("C:x.bat"), "C:x.bat"},
		{"a file would take the place of another where case does not count", add("INDEX.html"), "INDEX.html"},
		{"a file takes the place of the key", add("audit/verifier"), "audit/verifier"},
	} {
		l := newLog(t)
		b := forge(t, l, aCase(t, l, "r-1", "HB-0000-0001"), row.change)
		r, err := verified(b, l.verifier)
		var fault proof.Fault
		if !errors.As(err, &fault) || fault.File != row.fault {
			t.Errorf("%s: %+v, %v, want a fault of %s", row.sentence, r, err, row.fault)
		}
	}
	l := newLog(t)
	b := forge(t, l, aCase(t, l, "r-1", "HB-0000-0001"), func(n []string, f map[string][]byte) ([]string, [][]byte) { return n, asItIs(n, f) })
	if _, err := verified(b, l.verifier); err != nil {
		t.Errorf("the forger's own hand changes something: %v", err)
	}
}

// A fault is read in a terminal, which obeys what a name tells it.
func TestTheNameInAFaultCommandsNoTerminal(t *testing.T) {
	l := newLog(t)
	evil := "\x1b[2J\x1b[Hthe proof of HB-0000-0001 holds\n\u202e"
	b := forge(t, l, aCase(t, l, "r-1", "HB-0000-0001"), func(n []string, f map[string][]byte) ([]string, [][]byte) {
		return append(n, evil), append(asItIs(n, f), []byte("x"))
	})
	_, err := verified(b, l.verifier)
	if err == nil || strings.ContainsAny(err.Error(), "\x1b\n\u202e") {
		t.Errorf("%q", err)
	}
}

// meter counts what is read.
type meter struct {
	io.ReaderAt
	n int64
}

func (m *meter) ReadAt(p []byte, at int64) (int, error) {
	n, err := m.ReaderAt.ReadAt(p, at)
	m.n += int64(n)
	return n, err
}

// A thousand names for one place of the ZIP, each listed as a file of its own: a little file that takes for ever.
func TestAFileThatUnfoldsIsRefusedBeforeItIsRead(t *testing.T) {
	l := newLog(t)
	c := aCase(t, l, "r-1", "HB-0000-0001")
	big := bytes.Repeat([]byte("x"), 1<<20)
	b := forge(t, l, c, func(n []string, f map[string][]byte) ([]string, [][]byte) {
		bodies := asItIs(n, f)
		n, bodies = append(n, "files/big"), append(bodies, big)
		for i := range 1000 {
			n, bodies = append(n, path.Join("files", fmt.Sprintf("%04d", i))), append(bodies, nil)
		}
		return n, bodies
	})
	b = bytes.Clone(b)
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	must(t, err)
	// In the directory at the end, each empty file becomes the big one: its check, its sizes and its place (APPNOTE 4.3.12).
	entry := func(name string) []byte {
		at := bytes.LastIndex(b, []byte(name)) - 46
		if at < 0 || !bytes.HasPrefix(b[at:], []byte("PK\x01\x02")) {
			t.Fatalf("no entry of %s", name)
		}
		return b[at : at+46]
	}
	one := entry("files/big")
	for _, f := range z.File {
		if f.UncompressedSize64 == 0 && strings.HasPrefix(f.Name, "files/0") {
			e := entry(f.Name)
			copy(e[16:28], one[16:28])
			copy(e[42:46], one[42:46])
		}
	}
	read := &meter{ReaderAt: bytes.NewReader(b)}
	_, err = proof.Verify(read, int64(len(b)), l.verifier)
	var fault proof.Fault
	if !errors.As(err, &fault) || read.n > int64(len(b)) {
		t.Errorf("%v after %d bytes of %d", err, read.n, len(b))
	}
}
