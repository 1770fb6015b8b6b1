package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

// proofIn makes the proof of a request in the data directory of an installation, and returns the key of its log.
func proofIn(t *testing.T, dir, file string) (key string) {
	t.Helper()
	g := &globals{Config: filepath.Join(dir, "habeas.yaml"), Data: filepath.Join(dir, "data")}
	c, err := g.load()
	must(t, err)
	h, err := openHouse(t.Context(), g, c, slog.New(slog.NewTextHandler(io.Discard, nil)), time.Now)
	must(t, err)
	defer func() { must(t, h.close()) }()
	now := time.Now()
	why := rights.Entry{At: now, Actor: rights.System, Act: "request.received", Subject: "s", Request: "r"}
	must(t, h.store.Write(t.Context(), func(tx *store.Tx) error {
		return errors.Join(
			tx.InsertStaff(store.Staff{ID: "o", Email: "o@harbour-home.example", Name: "O", Role: rights.RoleOfficer, State: "active", MadeAt: now}, why),
			tx.InsertSubject(store.Subject{ID: "s", Mailbox: "ann@example.com", Language: "en", Regime: "ccpa", MadeAt: now}, why),
			tx.InsertRequest(rights.Request{
				ID: "r", Ref: "HB-0000-0000", Subject: "s", Right: rights.OptOut, Regime: "ccpa", Channel: rights.ByPortal, Identity: rights.ByMailbox,
				Language: "en", State: rights.Received, ReceivedAt: now, Version: 1,
			}, why),
			tx.InsertEvent(rights.Event{ID: "e", Request: "r", At: now, Actor: rights.System, Kind: "received"}),
		)
	}))
	f, err := h.portal.Proof(context.Background(), rights.Actor{ID: "o", Role: rights.RoleOfficer}, "HB-0000-0000", "en")
	must(t, err)
	var b bytes.Buffer
	must(t, f.Write(&b))
	must(t, os.WriteFile(file, b.Bytes(), 0o600))
	return h.store.VerifierKey()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAuditVerifyOfAProofNeedsNothingButTheFile(t *testing.T) {
	dir := install(t)
	file := filepath.Join(dir, "proof.zip")
	key := proofIn(t, dir, file)
	whole, err := os.ReadFile(file)
	must(t, err)
	changed := bytes.Replace(whole, []byte(`"opt_out"`), []byte(`"erasure"`), 1)
	must(t, os.WriteFile(filepath.Join(dir, "changed.zip"), changed, 0o600))
	elsewhere := t.TempDir()
	other := proofIn(t, install(t), filepath.Join(elsewhere, "other.zip"))
	for _, c := range []struct {
		sentence, where string
		args            []string
		code            int
		says            string
	}{
		{"with the key inside", elsewhere, []string{file}, 0, "signed by a key that came with the file, " + key},
		{"with the key of the house", elsewhere, []string{file, "--key", key}, 0, "ok: proof of HB-0000-0000 made "},
		{"with the key of the data directory", elsewhere, []string{file, "--data", filepath.Join(dir, "data")}, 0, "4 audit entries of a signed log of 4"},
		{"with another key", elsewhere, []string{file, "--key", other}, 1, "audit/verifier: it is another key"},
		{"of another house", elsewhere, []string{"other.zip", "--data", filepath.Join(dir, "data")}, 1, "audit/verifier: it is another key"},
		{"that was changed", dir, []string{"changed.zip"}, 1, "changed.zip: the proof does not hold: "},
		{"that is none", dir, []string{"habeas.yaml"}, 1, "it is not a whole ZIP"},
		{"that there is not", dir, []string{"none.zip"}, 1, "there is no none.zip: name the proof of a request"},
		{"with the checkpoints of the log", dir, []string{file, "--checkpoints", "c"}, 2, "a proof has its own"},
		{"a key without a proof", dir, []string{"--key", key}, 2, "name its file"},
	} {
		code, out, errs := ask(t, c.where, append([]string{"audit", "verify"}, c.args...)...)
		if code != c.code || !strings.Contains(out+errs, c.says) || code != 0 && strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit code %d, %s%s", c.sentence, code, out, errs)
		}
	}
}
