package store_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"habeas/rights"
	"habeas/store"
)

func TestTheEntriesOfARequestAreProvenToBeInTheSignedLog(t *testing.T) {
	s := open(t)
	sub := addSubject(t, s, "ana@example.com")
	r, other := addRequest(t, s, aRequest(sub.ID)), addRequest(t, s, aRequest(sub.ID))
	about := func(id, act string) rights.Entry {
		return rights.Entry{At: noon, Actor: rights.System, Act: act, Subject: sub.ID, Request: id}
	}
	for i := range 450 { // more than one batch, among others
		write(t, s, func(tx *store.Tx) error {
			if i%3 == 0 {
				return tx.Append(about(other.ID, "request.read"))
			}
			return tx.Append(about(r.ID, "request.read"))
		})
	}
	var signed []byte
	var size int64
	made := about(r.ID, "request.proof_made")
	made.Facts = map[string]string{"sha256": "ab"}
	write(t, s, func(tx *store.Tx) (err error) {
		signed, size, err = tx.Prove(bg, made, "entries")
		return err
	})
	write(t, s, func(tx *store.Tx) error { return tx.Append(about(r.ID, "request.read")) }) // since

	verifier, err := note.NewVerifier(s.VerifierKey())
	check(t, err)
	n, err := note.Open(signed, note.VerifierList(verifier))
	check(t, err)
	lines := strings.Split(n.Text, "\n")
	if lines[1] != fmt.Sprint(size) {
		t.Errorf("the checkpoint is of %s entries, not of %d", lines[1], size)
	}
	root, err := tlog.ParseHash(lines[2])
	check(t, err)
	var last store.Leaf
	count := 0
	check(t, s.Leaves(bg, r.ID, size, func(l store.Leaf) error {
		count++
		path := make(tlog.RecordProof, len(l.Path))
		for i, b := range l.Path {
			copy(path[i][:], b)
		}
		if l.Index <= last.Index || !strings.Contains(string(l.Bytes), r.ID) {
			t.Errorf("entry %d after %d: %s", l.Index, last.Index, l.Bytes)
		}
		last = l
		return tlog.CheckRecord(path, size, root, l.Index, tlog.RecordHash(l.Bytes))
	}))
	if count != 302 || last.Index != size-1 || !strings.Contains(string(last.Bytes), `"entries":"301"`) {
		t.Errorf("%d entries, the last %d of %d: %s", count, last.Index, size, last.Bytes)
	}
	if _, err := s.VerifyAudit(bg, signed); err != nil {
		t.Error(err)
	}
}

func TestTheEntriesOfARequestAreFoundByAnIndex(t *testing.T) {
	dir := t.TempDir()
	openIn(t, dir)
	for _, query := range []string{
		"SELECT COUNT(*) FROM audit_entries WHERE request_id = $1 AND request_id > ''",
		"SELECT seq, leaf FROM audit_entries WHERE request_id = $1 AND request_id > '' AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT 200",
	} {
		if plan := planOf(t, dir, query, "r", 0, 9); !strings.Contains(plan, "audit_request") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s: %s", query, plan)
		}
	}
}

// planOf is how the database would run a query.
func planOf(t testing.TB, dir, query string, args ...any) string {
	t.Helper()
	rows, err := raw(t, dir).Query("EXPLAIN QUERY PLAN "+query, args...)
	check(t, err)
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var step string
		check(t, rows.Scan(&id, &parent, &unused, &step))
		plan.WriteString(step + "\n")
	}
	check(t, rows.Err())
	return plan.String()
}
