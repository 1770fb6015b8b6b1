package proof_test

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"habeas/proof"
	"habeas/rights"
)

// auditLog is a log as the store keeps it: leaves, the hashes over them, and a key.
type auditLog struct {
	t        testing.TB
	leaves   [][]byte
	requests []string // of each leaf
	hashes   []tlog.Hash
	signer   note.Signer
	verifier string
}

func newLog(t testing.TB) *auditLog {
	t.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, "habeas")
	must(t, err)
	signer, err := note.NewSigner(secret)
	must(t, err)
	return &auditLog{t: t, signer: signer, verifier: public}
}

// ReadHashes hands tlog what it asks for.
func (l *auditLog) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = l.hashes[index]
	}
	return out, nil
}

func (l *auditLog) append(act, request string, facts map[string]string) {
	l.t.Helper()
	leaf, err := json.Marshal(map[string]any{"at": 1, "act": act, "request": request, "facts": facts})
	must(l.t, err)
	hashes, err := tlog.StoredHashes(int64(len(l.leaves)), leaf, l)
	must(l.t, err)
	l.leaves, l.requests, l.hashes = append(l.leaves, leaf), append(l.requests, request), append(l.hashes, hashes...)
}

// about lists the places of the entries about a request.
func (l *auditLog) about(request string) (out []int64) {
	for i, r := range l.requests {
		if r == request {
			out = append(out, int64(i))
		}
	}
	return out
}

// enter puts the proof of a case into the log and makes the case ready.
func (l *auditLog) enter(c proof.Case) proof.Case {
	l.t.Helper()
	c.Verifier = l.verifier
	sum, err := proof.Digest(c)
	must(l.t, err)
	l.append(proof.Made, c.Request.ID, map[string]string{proof.FactSum: sum, proof.FactEntries: fmt.Sprint(len(l.about(c.Request.ID)))})
	c.Log = l.proven(c.Request.ID)
	return c
}

// proven is the log as far as it is about a request.
func (l *auditLog) proven(request string) proof.Log {
	l.t.Helper()
	size := int64(len(l.leaves))
	root, err := tlog.TreeHash(size, l)
	must(l.t, err)
	text := fmt.Sprintf("habeas\n%d\n%s\n", size, base64.StdEncoding.EncodeToString(root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, l.signer)
	must(l.t, err)
	return proof.Log{Checkpoint: signed, Entries: func(yield func(proof.Entry) error) error {
		for _, i := range l.about(request) {
			if i >= size { // came in since
				break
			}
			path, err := tlog.ProveRecord(size, i, l)
			if err != nil {
				return err
			}
			e := proof.Entry{Index: i, Leaf: l.leaves[i]}
			for _, h := range path {
				e.Path = append(e.Path, h[:])
			}
			if err := yield(e); err != nil {
				return err
			}
		}
		return nil
	}}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var (
	monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.FixedZone("CET", 3600))
	day    = rights.NewDate(2026, 12, 23)
)

// keptLetter is a letter as it stays.
func keptLetter(subject string) []byte {
	b, err := json.Marshal(map[string]string{"to": "ann@example.com", "subject": subject, "text": subject + "\n\nStop: …\n", "html": "<p>" + subject + "</p>"})
	if err != nil {
		panic(err)
	}
	return b
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// aCase is a refused request with everything that one can have, and a log in which others happen, too.
func aCase(t testing.TB, l *auditLog, id, ref string) proof.Case {
	t.Helper()
	received := rights.Stand{Version: 1, State: rights.Received, Due: day}
	refused := rights.Stand{Version: 2, State: rights.Refused, Due: day, Ground: "unfounded"}
	officer := rights.Actor{ID: "staff-1", Role: rights.RoleOfficer}
	body := []byte("%PDF-1.7 …")
	receipt, refusal := keptLetter("Received "+ref), keptLetter("Refused "+ref)
	l.append("request.received", id, nil)
	l.append(proof.Sent, id, map[string]string{proof.FactLetter: "l1-" + id, proof.FactSum: sumOf(receipt)})
	l.append("data.viewed", "", nil)
	l.append("request.refused", id, nil)
	l.append(proof.Sent, id, map[string]string{proof.FactLetter: "l2-" + id, proof.FactSum: sumOf(refusal)})
	read := func(b []byte) func() ([]byte, error) { return func() ([]byte, error) { return b, nil } }
	return proof.Case{
		Request: rights.Request{
			ID: id, Ref: ref, Right: rights.Objection, Regime: "eu_gdpr", Channel: rights.ByPortal, Identity: rights.ByMailbox, Language: "en",
			State: rights.Refused, Ground: "unfounded", ReceivedAt: monday, AcknowledgedAt: monday, ClosedAt: monday.Add(time.Hour), Due: day,
			Clock: rights.Clock{Start: rights.DateOf(monday), Deadlines: []rights.Deadline{
				{Kind: rights.KindResponse, Due: day, StrictDue: day, Citation: "GDPR Art. 12(3)", Notes: []rights.Note{{Key: "note.at_once"}}},
			}, Pauses: []rights.Pause{{Why: rights.ForIdentity, From: rights.DateOf(monday)}}},
		},
		House:     proof.House{Name: map[string]string{"en": "Harbour & Home", "zh-CN": "港湾家居"}, Address: "Pier 4", Contact: "privacy@shop.example"},
		MadeAt:    monday.Add(48 * time.Hour),
		Language:  "en",
		KeepUntil: rights.Deadline{Due: rights.NewDate(2029, 11, 23)},
		Events: []rights.Event{
			{ID: "1", At: monday, Actor: rights.Actor{ID: "s", Role: rights.RoleSubject}, Kind: "received", Left: received},
			{ID: "2", At: monday, Actor: officer, Kind: "assigned", Facts: map[string]string{"owner": "staff-1"}, Private: true, Left: received},
			{ID: "3", At: monday, Actor: officer, Kind: "note", Detail: "Between us", Private: true, Left: received},
			{ID: "5", At: monday, Actor: officer, Kind: "task_done", Facts: map[string]string{"task": "p", "on": "2026-11-20", "files": "1"}, Private: true, Left: received},
			{ID: "4", At: monday.Add(time.Hour), Actor: officer, Kind: "refused", Facts: map[string]string{"ground": "unfounded"}, Left: refused},
		},
		Tasks: []rights.Task{
			{ID: "t", Source: "shop", Kind: "objection", State: rights.TaskDone, Note: "Between us", MadeAt: monday, DoneAt: monday, DoneBy: "staff-1"},
			{ID: "p", Source: "cellar", Kind: "objection", State: rights.TaskDone, Note: "Folder 12 marked", MadeAt: monday, DoneAt: monday, DoneBy: "staff-1",
				Evidence: rights.Evidence{By: "Jo of the cellar", On: rights.NewDate(2026, 11, 20)}},
		},
		Messages: []rights.Message{{ID: "m", At: monday, Actor: rights.Actor{ID: "s", Role: rights.RoleSubject}, Body: "<script>alert(1)</script> 请停止"}},
		Letters: []proof.Letter{
			{ID: "l1-" + id, Kind: "receipt", Language: "en", State: "sent", ServerID: "q-1", Attempts: 1, QueuedAt: monday, SentAt: monday, Kept: read(receipt)},
			{ID: "l2-" + id, Kind: "refused", Language: "en", State: "sent", ServerID: "post", Attempts: 2, QueuedAt: monday, SentAt: monday, Kept: read(refusal)},
			{ID: "l3-" + id, Kind: "message", Language: "en", State: "parked", Fault: "550", Attempts: 7, QueuedAt: monday, Kept: read(nil)},
		},
		Files: []proof.File{{
			File: rights.File{ID: "f", Name: "Brief.pdf", Type: "application/pdf", Bytes: len(body), SHA256: sumOf(body), At: monday, Actor: rights.Actor{Role: rights.RoleSubject}, Message: "m"},
			Body: read(body),
		}, {
			File: rights.File{ID: "g", Name: "Folder.pdf", Type: "application/pdf", Bytes: len(body), SHA256: sumOf(body), At: monday, Actor: officer, Message: "p", Private: true},
			Body: read(body),
		}},
	}
}

// written is the proof of a case as a file.
func written(t testing.TB, c proof.Case) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, proof.Write(&b, c))
	return b.Bytes()
}

func verified(b []byte, key string) (proof.Report, error) {
	return proof.Verify(bytes.NewReader(b), int64(len(b)), key)
}

func rawHeader(like *zip.FileHeader, name string, body []byte) *zip.FileHeader {
	h := *like
	h.Name, h.CRC32, h.CompressedSize64, h.UncompressedSize64 = name, crc32.ChecksumIEEE(body), uint64(len(body)), uint64(len(body))
	return &h
}

func first[A, B any](a A, _ B) A  { return a }
func second[A, B any](_ A, b B) B { return b }
