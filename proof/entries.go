package proof

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// The acts of the audit log that a proof relies on.
const (
	// Made is the act of the entry that vouches for a proof: its facts are FactSum and FactEntries.
	Made = "request.proof_made"
	// Sent is the act of the entry of a letter that has left: its facts are FactLetter and FactSum.
	Sent = "letter.sent"
	// Ended is the act of the entry of a record that has served its time: what was personal of it is gone.
	Ended = "request.pseudonymised"

	FactSum     = "sha256"
	FactEntries = "entries" // how many entries about the request come before
	FactLetter  = "letter"
)

// leaf is what a proof reads of an audit entry.
type leaf struct {
	Act     string            `json:"act"`
	Request string            `json:"request"`
	Facts   map[string]string `json:"facts"`
}

// log checks every audit entry against the signed checkpoint, and the last of them against the manifest.
func (v *verification) log() error {
	size, signed, err := v.checkpoint()
	if err != nil {
		return err
	}
	root, err := hashOf(signed)
	if err != nil {
		return Fault{checkpointFile, "it is not a checkpoint"}
	}
	body, err := v.open(entriesFile)
	if err != nil {
		return err
	}
	v.sent = map[string]string{}
	var last leaf
	n, before := 0, int64(-1)
	err = lines(body, func(line []byte) error {
		n++
		at := func(why string) error { return Fault{entriesFile, fmt.Sprintf("line %d: %s", n, why)} }
		var e entryNote
		if err := v.plainly(entriesFile, line, &e, func(of any) ([]byte, error) { return json.Marshal(of) }); err != nil {
			return at("it is not written as it was made")
		}
		if e.Index <= before {
			return at(fmt.Sprintf("entry %d is there twice or not in its place", e.Index+1))
		}
		if err := included(e, size, root); err != nil {
			return at(fmt.Sprintf("entry %d is not in the signed log", e.Index+1))
		}
		before, last = e.Index, leaf{}
		if err := json.Unmarshal(e.Leaf, &last); err != nil {
			return at(fmt.Sprintf("entry %d cannot be read", e.Index+1))
		}
		if last.Request != v.manifest.Request {
			return at(fmt.Sprintf("entry %d is about another request", e.Index+1))
		}
		v.ended = v.ended || last.Act == Ended
		if last.Act == Sent && last.Facts[FactSum] != "" {
			v.sent[last.Facts[FactLetter]] = last.Facts[FactSum]
		}
		return nil
	})
	if err != nil {
		return errors.Join(err, body.Close())
	}
	if err := body.Close(); err != nil {
		return err
	}
	switch {
	case last.Act != Made || before != size-1:
		return Fault{entriesFile, "the entry that vouches for this proof is missing"}
	case last.Facts[FactSum] != v.digest:
		return Fault{manifestFile, "it is not the one that the audit log vouches for"}
	case last.Facts[FactEntries] != strconv.Itoa(n-1):
		return Fault{entriesFile, fmt.Sprintf("%d entries are there, and the log had %s before this proof", n-1, last.Facts[FactEntries])}
	}
	v.report.Entries, v.report.LogSize = n, size
	return nil
}

func (v *verification) open(name string) (io.ReadCloser, error) {
	for _, f := range v.zip.File {
		if f.Name == name {
			from, err := f.Open()
			if err != nil {
				return nil, Fault{name, "it cannot be read"}
			}
			return from, nil
		}
	}
	return nil, Fault{name, "it is missing"}
}

// lines calls each with every line, of which the last must end, too.
func lines(from io.Reader, each func([]byte) error) error {
	r := bufio.NewReaderSize(from, 1<<20)
	for {
		line, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, io.EOF) && len(line) == 0:
			return nil
		case err != nil:
			return Fault{entriesFile, "it cannot be read"}
		}
		if err := each(bytes.TrimSuffix(line, []byte("\n"))); err != nil {
			return err
		}
	}
}

// included checks that an entry is a leaf of the tree (RFC 6962 section 2.1.1).
func included(e entryNote, size int64, root tlog.Hash) error {
	path := make(tlog.RecordProof, len(e.Proof))
	for i, b := range e.Proof {
		var err error
		if path[i], err = hashOf(b); err != nil {
			return err
		}
	}
	return tlog.CheckRecord(path, size, root, e.Index, tlog.RecordHash(e.Leaf))
}

func hashOf(b []byte) (h tlog.Hash, err error) {
	if len(b) != tlog.HashSize {
		return h, errors.New("not a hash")
	}
	copy(h[:], b)
	return h, nil
}

// letters compares the letters with what the log said when they left. It is the part that even the house cannot have
// changed since.
func (v *verification) letters() error {
	var facts factsNote
	var notes []letterNote
	for name, to := range map[string]any{"facts.json": &facts, "letters.json": &notes} {
		body, err := v.read(name)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(body, to); err != nil {
			return Fault{name, "it cannot be read"}
		}
	}
	if facts.Request != v.manifest.Request || facts.Reference != v.manifest.Reference {
		return Fault{"facts.json", "they are of another request than the manifest"}
	}
	for _, m := range facts.Missing {
		if m != Erased && (m != Pseudonymised || !v.ended) {
			return Fault{"facts.json", "the log does not say that anything could be missing"}
		}
	}
	v.report.Missing = facts.Missing
	for _, n := range notes {
		sum, logged := v.sent[n.ID]
		delete(v.sent, n.ID)
		switch {
		case len(n.Files) == 0 && (!logged || len(facts.Missing) > 0):
			continue // it never left, it was never kept, or it is gone and the proof says why
		case len(n.Files) == 0:
			return Fault{"letters.json", "letter " + n.ID + " was sent, and nothing of it is there"}
		case (logged || n.State == "sent") && v.sums[n.Files[0]] != sum:
			return Fault{n.Files[0], "it is not the letter that was sent"}
		}
		if err := v.parts(n.Files); err != nil {
			return err
		}
		if logged {
			v.report.Letters++
		}
	}
	for id := range v.sent {
		return Fault{"letters.json", "letter " + id + " was sent and is not in the list"}
	}
	return nil
}

// parts checks that the text and the HTML that lie beside a letter are the letter's.
func (v *verification) parts(files []string) error {
	whole, err := v.read(files[0])
	if err != nil {
		return err
	}
	var p letterParts
	if err := json.Unmarshal(whole, &p); err != nil {
		return Fault{files[0], "it cannot be read"}
	}
	for i, want := range []string{p.Text, p.HTML} {
		if len(files) != 3 {
			return Fault{"letters.json", "letter " + files[0] + " does not have its two parts"}
		}
		got, err := v.read(files[i+1])
		if err != nil {
			return err
		}
		if !slices.Equal(got, []byte(want)) {
			return Fault{files[i+1], "it is not a part of the letter that was sent"}
		}
	}
	return nil
}
