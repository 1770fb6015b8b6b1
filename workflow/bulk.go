package workflow

import (
	"context"

	"habeas/rights"
	"habeas/store"
)

// Pick is a request that was ticked in the queue, at the version that was shown.
type Pick struct {
	Ref     string
	Version int
}

// BulkAct is one act on many requests.
type BulkAct struct {
	Name  string // "assign", "start", "message", "fulfil"
	Owner string // whom "assign" gives them to; "" for nobody
	Text  string // what "message" says, and "fulfil" may say
}

// Outcome is what became of one of them. Err is nil where it is done, or what the single act would have said.
type Outcome struct {
	Ref string
	Err error
}

// maxPicks is how many requests one act takes at once.
const maxPicks = 100

// Bulk does one act on many requests, each in a transaction of its own and by the code of the single act: one that fails
// stops no other. Outcomes come in the order of the picks. Sent twice, the second finds every version moved on.
func (p *Portal) Bulk(ctx context.Context, by rights.Actor, act BulkAct, picks []Pick) ([]Outcome, error) {
	if err := may(by, rights.HandleRequest); err != nil {
		return nil, err
	}
	one, err := p.bulkAct(ctx, by, act)
	if err != nil {
		return nil, err
	}
	if len(picks) == 0 {
		return nil, rights.Fault("pick", "queue.error.picks", nil)
	}
	if len(picks) > maxPicks {
		return nil, rights.Fault("pick", "queue.error.too_many", map[string]any{"Max": maxPicks})
	}
	outcomes := make([]Outcome, len(picks))
	for i, pick := range picks {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		outcomes[i] = Outcome{Ref: pick.Ref, Err: one(pick)}
	}
	return outcomes, nil
}

// bulkAct returns the single act, and the faults of what is the same for all of them.
func (p *Portal) bulkAct(ctx context.Context, by rights.Actor, act BulkAct) (func(Pick) error, error) {
	switch act.Name {
	case "assign":
		return func(k Pick) error { return p.Assign(ctx, by, k.Ref, k.Version, act.Owner) }, nil
	case "start":
		return func(k Pick) error { return p.Start(ctx, by, k.Ref, k.Version) }, nil
	case "message":
		_, err := checkMessage(act.Text)
		return func(k Pick) error { return p.Reply(ctx, by, k.Ref, k.Version, act.Text) }, err
	case "fulfil":
		_, err := checkAnswer(act.Text)
		return func(k Pick) error { return p.Fulfil(ctx, by, k.Ref, k.Version, act.Text) }, err
	}
	return nil, rights.ErrNotFound
}

// Start says that somebody is working on a request that came in.
func (p *Portal) Start(ctx context.Context, by rights.Actor, ref string, version int) error {
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, _ store.Subject, r rights.Request) error {
		switch {
		case !r.State.Open():
			return rights.Fault("act", "queue.error.closed", nil)
		case r.State != rights.Received:
			return rights.Fault("act", "queue.error.started", nil)
		}
		_, err := p.move(tx, by, r, rights.InProgress, "started", nil)
		return err
	})
}
