package workflow

import (
	"context"

	"habeas/rights"
	"habeas/store"
)

// notice is what a member of staff is told of.
type notice struct {
	to      string // staff ID
	kind    rights.AlertKind
	request rights.Request // the zero Request for none
	dedupe  string         // the same is told once; "" for each time
}

// notify tells a member of staff of something, in the page and by letter. Nobody is told of what they did themselves:
// callers see to that.
func (p *Portal) notify(ctx context.Context, tx *store.Tx, n notice) error {
	a := store.Alert{ID: p.newID(), Dedupe: n.dedupe, Staff: n.to, Kind: n.kind, Request: n.request.ID, At: p.Now()}
	if a.Dedupe == "" {
		a.Dedupe = a.ID
	}
	_, err := tx.InsertAlert(a)
	return err
}
