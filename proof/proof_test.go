package proof_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"habeas/locale"
	"habeas/proof"
	"habeas/rights"
)

// unzip returns the files of a proof by name.
func unzip(t testing.TB, b []byte) (names []string, files map[string][]byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	must(t, err)
	files = map[string][]byte{}
	for _, f := range z.File {
		from, err := f.Open()
		must(t, err)
		body, err := io.ReadAll(from)
		must(t, errors.Join(err, from.Close()))
		names, files[f.Name] = append(names, f.Name), body
	}
	return names, files
}

func TestAProofHoldsWhatItSaysAndIsTheSameEachTime(t *testing.T) {
	l := newLog(t)
	c := l.enter(aCase(t, l, "r-1", "HB-0000-0001"))
	b := written(t, c)
	if !bytes.Equal(b, written(t, c)) {
		t.Error("the same case gives other bytes")
	}
	names, files := unzip(t, b)
	want := []string{
		"index.html", "index.zh-CN.html", "facts.json", "clock.json", "decisions.json", "tasks.json", "messages.json", "letters.json", "files.json", "history.json",
		"letters/01-receipt.json", "letters/01-receipt.txt", "letters/01-receipt.html", "letters/02-refused.json", "letters/02-refused.txt",
		"letters/02-refused.html", "files/01.pdf", "files/02.pdf", "manifest.json", "audit/entries.jsonl", "audit/checkpoint", "audit/verifier",
	}
	if !slices.Equal(names, want) {
		t.Errorf("the files are %q", names)
	}
	r, err := verified(b, l.verifier)
	must(t, err)
	if r.Reference != "HB-0000-0001" || r.Files != 18 || r.Letters != 2 || r.Entries != 5 || r.LogSize != 6 || r.Verifier != l.verifier || !r.Given {
		t.Errorf("what holds: %+v", r)
	}
	if r, err = verified(b, ""); err != nil || r.Given || r.Verifier != l.verifier {
		t.Errorf("without a key: %+v, %v", r, err)
	}
	for name, says := range map[string][]string{
		"index.html":             {"Proof of request HB-0000-0001", "GDPR Art. 12(3)", "&lt;script&gt;alert(1)", "letters/01-receipt.html", "Manifestly unfounded", "files/01.pdf", "posted", "--key &#39;habeas&#43;", "Done by Jo of the cellar on 20 November 2026"},
		"index.zh-CN.html":       {"请求 HB-0000-0001 的处理证明", "港湾家居", `href="index.html"`},
		"decisions.json":         {`"refused"`, `"unfounded"`, "GDPR Art. 12(5)"},
		"letters/02-refused.txt": {"Refused HB-0000-0001", "Stop: …"},
		"history.json":           {`"note"`, "staff-1"},
		"tasks.json":             {`"by": "Jo of the cellar"`, `"on": "2026-11-20"`, `"note": "Folder 12 marked"`, `"path": "files/02.pdf"`},
	} {
		for _, s := range says {
			if !bytes.Contains(files[name], []byte(s)) {
				t.Errorf("%s does not say %q: %s", name, s, files[name])
			}
		}
	}
	for name, body := range files {
		if bytes.Contains(body, []byte("Between us")) {
			t.Errorf("%s holds a note of colleagues", name)
		}
		if strings.HasSuffix(name, ".html") && (bytes.Contains(body, []byte("⟦")) || bytes.Contains(body, []byte("no value"))) {
			t.Errorf("%s shows a key instead of words: %s", name, body)
		}
	}
	var steps []map[string]any
	must(t, json.Unmarshal(files["decisions.json"], &steps))
	if len(steps) != 2 {
		t.Errorf("the decisions are receipt and refusal, not %v", steps)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	l := newLog(t)
	c := aCase(t, l, "r-1", "HB-0000-0001")
	c.Messages, c.Files, c.Missing = nil, nil, []proof.Loss{proof.Erased}
	for i := range c.Letters {
		c.Letters[i].Kept = func() ([]byte, error) { return nil, nil }
	}
	b := written(t, l.enter(c))
	r, err := verified(b, l.verifier)
	if err != nil || r.Letters != 0 || !slices.Equal(r.Missing, []proof.Loss{proof.Erased}) {
		t.Errorf("%+v, %v", r, err)
	}
	if _, files := unzip(t, b); !bytes.Contains(files["index.html"], []byte("the key that opened it was destroyed")) {
		t.Error("the page does not say why")
	}
}

func TestEveryChangeOfAByteIsFound(t *testing.T) {
	l := newLog(t)
	b := written(t, l.enter(aCase(t, l, "r-1", "HB-0000-0001")))
	// One byte in 23, in the pages as in the ZIP around them, and every byte of what holds all together.
	checkpoint := bytes.Index(b, []byte("audit/checkpoint"))
	for i := 0; i < len(b); i += 23 {
		if i >= checkpoint && i < checkpoint+1500 {
			i -= 22
		}
		changed := bytes.Clone(b)
		changed[i] ^= []byte{1, 0x20}[i%2] // another value, or another case
		var fault proof.Fault
		if _, err := verified(changed, l.verifier); !errors.As(err, &fault) {
			t.Fatalf("byte %d of %d: %v; near %q", i, len(b), err, b[max(0, i-30):min(len(b), i+10)])
		}
	}
	for what, changed := range map[string][]byte{
		"cut off": b[:len(b)-1], "longer": append(bytes.Clone(b), 0), "with something before it": append([]byte("#!/bin/sh\n"), b...), "empty": nil,
	} {
		if _, err := verified(changed, l.verifier); err == nil {
			t.Errorf("%s: not found", what)
		}
	}
}

// zipped makes a ZIP as Write does, of other files.
func zipped(t testing.TB, like []byte, names []string, files map[string][]byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(like), int64(len(like)))
	must(t, err)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range names {
		to, err := w.CreateRaw(rawHeader(&z.File[0].FileHeader, name, files[name]))
		must(t, err)
		_, err = to.Write(files[name])
		must(t, err)
	}
	must(t, w.Close())
	return out.Bytes()
}

func TestEveryChangeOfAFileIsFound(t *testing.T) {
	l := newLog(t)
	c := aCase(t, l, "r-1", "HB-0000-0001")
	other := l.enter(aCase(t, l, "r-2", "HB-0000-0002"))
	earlier := l.enter(c) // an earlier proof of the same request, in the same log
	c.Messages = []rights.Message{{ID: "m", At: monday, Actor: rights.Actor{ID: "s", Role: rights.RoleSubject}, Body: "Something else"}}
	c = l.enter(c)
	b := written(t, c)
	if _, err := verified(zipped(t, b, first(unzip(t, b)), second(unzip(t, b))), l.verifier); err != nil {
		t.Fatalf("a ZIP made of the same files: %v", err)
	}
	_, theirs := unzip(t, written(t, other))
	_, before := unzip(t, written(t, earlier))
	foreign := newLog(t)
	line := func(files map[string][]byte, change func([][]byte) [][]byte) {
		lines := bytes.SplitAfter(bytes.TrimSuffix(files["audit/entries.jsonl"], []byte("\n")), []byte("\n"))
		lines[len(lines)-1] = append(bytes.Clone(lines[len(lines)-1]), '\n')
		files["audit/entries.jsonl"] = bytes.Join(change(lines), nil)
	}
	for _, row := range []struct {
		sentence string
		change   func(names []string, files map[string][]byte) []string
		fault    string // the file it names
	}{
		{"a message is written anew", func(n []string, f map[string][]byte) []string {
			f["messages.json"] = bytes.Replace(f["messages.json"], []byte("Something"), []byte("Nothing12"), 1)
			return n
		}, "messages.json"},
		{"the manifest agrees with a message that was written anew", func(n []string, f map[string][]byte) []string {
			was := sumOf(f["messages.json"])
			f["messages.json"] = bytes.Replace(f["messages.json"], []byte("Something"), []byte("Nothing12"), 1)
			f["manifest.json"] = bytes.Replace(f["manifest.json"], []byte(was), []byte(sumOf(f["messages.json"])), 1)
			return n
		}, "manifest.json"},
		{"a file is left out", func(n []string, f map[string][]byte) []string {
			return slices.DeleteFunc(n, func(s string) bool { return s == "letters/02-refused.txt" })
		}, "letters/02-refused.txt"},
		{"a file is added", func(n []string, f map[string][]byte) []string {
			f["extra.txt"] = []byte("x")
			return slices.Insert(n, 3, "extra.txt")
		}, "extra.txt"},
		{"a file is there twice", func(n []string, f map[string][]byte) []string { return slices.Insert(n, 3, n[2]) }, "facts.json"},
		{"two files stand the other way round", func(n []string, f map[string][]byte) []string {
			n[2], n[3] = n[3], n[2]
			return n
		}, "facts.json"},
		{"an entry is left out", func(n []string, f map[string][]byte) []string {
			line(f, func(l [][]byte) [][]byte { return slices.Delete(l, 2, 3) })
			return n
		}, "audit/entries.jsonl"},
		{"two entries stand the other way round", func(n []string, f map[string][]byte) []string {
			line(f, func(l [][]byte) [][]byte { l[0], l[1] = l[1], l[0]; return l })
			return n
		}, "audit/entries.jsonl"},
		{"an entry is there twice in the place of another", func(n []string, f map[string][]byte) []string {
			line(f, func(l [][]byte) [][]byte { l[1] = l[0]; return l })
			return n
		}, "audit/entries.jsonl"},
		{"the entry of this proof is cut off", func(n []string, f map[string][]byte) []string {
			line(f, func(l [][]byte) [][]byte { return l[:len(l)-1] })
			return n
		}, "audit/entries.jsonl"},
		{"the last line does not end", func(n []string, f map[string][]byte) []string {
			f["audit/entries.jsonl"] = bytes.TrimSuffix(f["audit/entries.jsonl"], []byte("\n"))
			return n
		}, "audit/entries.jsonl"},
		{"an entry of another request takes the place of one", func(n []string, f map[string][]byte) []string {
			line(f, func(l [][]byte) [][]byte {
				l[1] = bytes.SplitAfter(theirs["audit/entries.jsonl"], []byte("\n"))[0]
				return l
			})
			return n
		}, "audit/entries.jsonl"},
		{"the entries and the checkpoint are those of another request", func(n []string, f map[string][]byte) []string {
			f["audit/entries.jsonl"], f["audit/checkpoint"] = theirs["audit/entries.jsonl"], theirs["audit/checkpoint"]
			return n
		}, "audit/entries.jsonl"},
		{"the entries and the checkpoint are those of an earlier proof", func(n []string, f map[string][]byte) []string {
			f["audit/entries.jsonl"], f["audit/checkpoint"] = before["audit/entries.jsonl"], before["audit/checkpoint"]
			return n
		}, "manifest.json"},
		{"the messages are those of an earlier proof", func(n []string, f map[string][]byte) []string {
			f["messages.json"] = before["messages.json"]
			return n
		}, "messages.json"},
		{"the checkpoint is of another size", func(n []string, f map[string][]byte) []string {
			f["audit/checkpoint"] = before["audit/checkpoint"]
			return n
		}, "audit/entries.jsonl"},
		{"somebody else has signed the checkpoint", func(n []string, f map[string][]byte) []string {
			foreign.append("x", "r", nil)
			f["audit/checkpoint"] = foreign.proven("r").Checkpoint
			return n
		}, "audit/checkpoint"},
		{"somebody else has signed the checkpoint, and says so", func(n []string, f map[string][]byte) []string {
			f["audit/checkpoint"], f["audit/verifier"] = foreign.proven("r").Checkpoint, []byte(foreign.verifier+"\n")
			return n
		}, "audit/verifier"},
		{"a second signature is added to the checkpoint", func(n []string, f map[string][]byte) []string {
			f["audit/checkpoint"] = append(f["audit/checkpoint"], "— somebody AAAAAAAA\n"...)
			return n
		}, "audit/checkpoint"},
	} {
		names, files := unzip(t, b)
		names = row.change(names, files)
		_, err := verified(zipped(t, b, names, files), l.verifier)
		var fault proof.Fault
		if !errors.As(err, &fault) || fault.File != row.fault {
			t.Errorf("%s: %v, want a fault of %s", row.sentence, err, row.fault)
		}
	}
}

// Whoever holds the signing key can write a new log, but not one that says that other letters were sent than those that
// the old one vouches for.
func TestALetterThatIsNotTheOneThatWasSentIsFoundEvenWhereTheHouseWroteTheProof(t *testing.T) {
	for _, row := range []struct {
		sentence string
		change   func(*proof.Case)
		fault    string
	}{
		{"its words are others", func(c *proof.Case) {
			c.Letters[1].Kept = func() ([]byte, error) { return keptLetter("Fulfilled"), nil }
		}, "letters/02-refused.json"},
		{"nothing of it is there", func(c *proof.Case) {
			c.Letters[1].Kept = func() ([]byte, error) { return nil, nil }
		}, "letters.json"},
		{"it is not in the list", func(c *proof.Case) { c.Letters = c.Letters[:1] }, "letters.json"},
		{"a letter that was never sent is there", func(c *proof.Case) {
			l := c.Letters[0]
			l.ID = "never"
			c.Letters = append(c.Letters, l)
		}, "letters/04-receipt.json"},
	} {
		l := newLog(t)
		c := aCase(t, l, "r-1", "HB-0000-0001")
		row.change(&c)
		_, err := verified(written(t, l.enter(c)), l.verifier)
		var fault proof.Fault
		if !errors.As(err, &fault) || fault.File != row.fault {
			t.Errorf("%s: %v, want a fault of %s", row.sentence, err, row.fault)
		}
	}
}

func TestAnotherKeyIsFound(t *testing.T) {
	l := newLog(t)
	b := written(t, l.enter(aCase(t, l, "r-1", "HB-0000-0001")))
	for _, key := range []string{newLog(t).verifier, l.verifier + "A", "no key"} {
		var fault proof.Fault
		if _, err := verified(b, key); !errors.As(err, &fault) || fault.File != "audit/verifier" {
			t.Errorf("%q: %v", key, err)
		}
	}
}

func TestWhatChangesWhileItIsWrittenIsNoProof(t *testing.T) {
	l := newLog(t)
	c := aCase(t, l, "r-1", "HB-0000-0001")
	n := 0
	c.Files[0].Body = func() ([]byte, error) {
		n++
		return []byte("%PDF-" + strings.Repeat("x", n)), nil
	}
	if err := proof.Write(io.Discard, l.enter(c)); err == nil {
		t.Error("a proof was written of what never stood still")
	}
}

// Whatever step is added to the history of requests, a proof must have words for it.
func TestEveryStepHasItsWords(t *testing.T) {
	areas, err := filepath.Glob("../locale/words/*.en.json")
	must(t, err)
	var keys map[string]any // those of all areas
	for _, area := range areas {
		words, err := os.ReadFile(area)
		must(t, err)
		must(t, json.Unmarshal(words, &keys))
	}
	l := newLog(t)
	c := aCase(t, l, "r-1", "HB-0000-0001")
	for key := range keys {
		if kind, ok := strings.CutPrefix(key, "trail."); ok {
			facts := map[string]string{"task": "some-other-task", "source": "shop", "collection": "customers", "field": "phone", "reason": "answer", "why": "remains", "trouble": "down", "records": "3", "until": "2029-12-31"}
			c.Events = append(c.Events, rights.Event{ID: kind, At: monday, Actor: rights.System, Kind: kind, Facts: facts, Left: c.Events[3].Left})
		}
	}
	_, files := unzip(t, written(t, l.enter(c)))
	for _, lang := range []string{"", "." + locale.Chinese} {
		page := files["index"+lang+".html"]
		for _, sign := range []string{"⟦", "no value", "some-other-task"} {
			if i := bytes.Index(page, []byte(sign)); i >= 0 {
				t.Errorf("a step without words: %s", page[max(0, i-60):i+60])
			}
		}
	}
}

// A proof is verified years later, by a newer habeas: this one was made by the first.
func TestTheFirstProofStillHolds(t *testing.T) {
	b, err := os.ReadFile("testdata/first.zip")
	must(t, err)
	key, err := os.ReadFile("testdata/first.key")
	must(t, err)
	if r, err := verified(b, strings.TrimSpace(string(key))); err != nil || r.Reference != "HB-0000-0001" || r.Letters != 2 || r.Entries != 5 {
		t.Errorf("%+v, %v", r, err)
	}
}
