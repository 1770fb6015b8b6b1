package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"habeas/proof"
)

// auditCmd looks after the audit log.
type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Recompute the whole log and find any entry that was changed, dropped, moved or cut off."`
}

type auditVerifyCmd struct {
	File        string `arg:"" optional:"" help:"The proof of a request, to verify it instead of the log: without a connection, and without a database."`
	Checkpoints string `help:"Signed checkpoints that the log must contain; those of audit.checkpoints.file without it." placeholder:"FILE"`
	Key         string `help:"Whose signature the proof must have: the last line that habeas audit verify prints in the house." placeholder:"VERIFIER"`
}

// Run prints how long the log is and its root, or names the first bad entry. With a file it prints what holds of it, or the
// first fault.
func (c auditVerifyCmd) Run(ctx context.Context, g *globals, out io.Writer) error {
	switch {
	case c.File != "" && c.Checkpoints != "":
		return usageError{"--checkpoints is for the log: a proof has its own"}
	case c.File != "":
		return c.verifyProof(ctx, g, out)
	case c.Key != "":
		return usageError{"--key is for the proof of a request: name its file"}
	}
	e := errand{Do: "audit.verify"}
	if c.Checkpoints != "" {
		var err error
		if e.File, err = filepath.Abs(c.Checkpoints); err != nil { // the portal that reads it may have another working directory
			return fmt.Errorf("find %s: %w", c.Checkpoints, err)
		}
	}
	return runErrand(ctx, g, out, e)
}

// verifyAudit also says what it could not compare with: the database alone cannot tell that it is an older copy of itself.
func verifyAudit(ctx context.Context, h *house, e errand) ([]string, error) {
	file := e.File
	if file == "" {
		file = h.config.Checkpoints
	}
	compared := "compared with no checkpoint: an older copy of the whole database would pass, too. Name one with audit.checkpoints.file or --checkpoints"
	var notes [][]byte
	if file != "" {
		var err error
		notes, err = readNotes(file)
		switch {
		case errors.Is(err, fs.ErrNotExist) && e.File == "":
			compared = "compared with no checkpoint, because there is no " + file + " (audit.checkpoints.file): an older copy of the whole database would pass, too"
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("there is no %s: name the file of signed checkpoints", file)
		case err != nil:
			return nil, fmt.Errorf("read the checkpoints: %w", err)
		default:
			compared = fmt.Sprintf("signed checkpoints in %s: %d, and the log contains every one", file, len(notes))
		}
	}
	log, err := h.store.VerifyAudit(ctx, notes...)
	if err != nil {
		return nil, err
	}
	return []string{
		fmt.Sprintf("ok: %d entries, root %s", log.Entries, log.Root),
		compared,
		"checkpoints are signed by " + h.store.VerifierKey(),
	}, nil
}

// verifyProof checks a proof with the key that was given, that of the data directory that was named, or the one inside.
func (c auditVerifyCmd) verifyProof(ctx context.Context, g *globals, out io.Writer) (err error) {
	key := strings.TrimSpace(c.Key)
	if key == "" && g.Data != "" {
		lines, err := askErrand(ctx, g, errand{Do: "audit.key"})
		if err != nil {
			return err
		}
		key = lines[0]
	}
	file, err := os.Open(c.File)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no %s: name the proof of a request", c.File)
	}
	if err != nil {
		return fmt.Errorf("read the proof: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("read the proof: %w", err)
	}
	r, err := proof.Verify(file, info.Size(), key)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	gone := ""
	for _, m := range r.Missing {
		gone += fmt.Sprintf("; what is missing was %s before it was made", m)
	}
	fmt.Fprintf(out, "ok: proof of %s made %s: %d files, %d letters as they were sent, %d audit entries of a signed log of %d%s\n",
		r.Reference, r.MadeAt, r.Files, r.Letters, r.Entries, r.LogSize, gone)
	if !r.Given {
		fmt.Fprintf(out, "signed by a key that came with the file, %s (SHA-256 %x): compare it with the one that the house has published, or name that with --key\n",
			r.Verifier, sha256.Sum256([]byte(r.Verifier)))
	}
	return nil
}

func auditKey(_ context.Context, h *house, _ errand) ([]string, error) {
	return []string{h.store.VerifierKey()}, nil
}
