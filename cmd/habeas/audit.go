package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
)

// auditCmd looks after the audit log.
type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Recompute the whole log and find any entry that was changed, dropped, moved or cut off."`
}

type auditVerifyCmd struct {
	Checkpoints string `help:"Signed checkpoints that the log must contain; those of audit.checkpoints.file without it." placeholder:"FILE"`
}

// Run prints how long the log is and its root, or names the first bad entry.
func (c auditVerifyCmd) Run(ctx context.Context, g *globals, out io.Writer) error {
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
