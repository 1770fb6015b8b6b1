package main

import (
	"context"
	"fmt"
	"io"
)

// auditCmd looks after the audit log.
type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Recompute the whole log and find any entry that was changed, dropped, moved or cut off."`
}

type auditVerifyCmd struct{}

// Run prints how long the log is and its root, or names the first bad entry.
func (auditVerifyCmd) Run(ctx context.Context, g *globals, out io.Writer) error {
	return runErrand(ctx, g, out, errand{Do: "audit.verify"})
}

func verifyAudit(ctx context.Context, h *house, _ errand) ([]string, error) {
	log, err := h.store.VerifyAudit(ctx)
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprintf("ok: %d entries, root %s", log.Entries, log.Root), "checkpoints are signed by " + h.store.VerifierKey()}, nil
}
