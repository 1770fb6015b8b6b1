package workflow

import (
	"context"
	"encoding/json"

	"habeas/rights"
	"habeas/store"
)

// Limits of computing open clocks anew: what a page shows, what it looks through, and what one post changes.
const (
	movesShown   = 50
	movesLooked  = 20_000
	movesAtOnce  = 500
	movesPerRead = 500
)

// Move is an open request whose clock would be another if it were computed now.
type Move struct {
	Ref      string
	Right    rights.Right
	From, To rights.Date // the day that its answer is owed; the same where only another date or a remark moves
}

// Moves are what computing every open clock anew would change.
type Moves struct {
	List    []Move // the nearest, not all
	Touched int
	Moved   int  // of these: to another last day
	More    bool // not everything was looked through
}

// Moves returns what computing every open clock anew would change. It changes nothing.
func (p *Portal) Moves(ctx context.Context, by rights.Actor) (Moves, error) {
	if err := may(by, rights.SeeSettings); err != nil {
		return Moves{}, err
	}
	var m Moves
	looked := 0
	err := p.eachMove(ctx, func(r, anew rights.Request) bool {
		m.Touched++
		if r.Due != anew.Due {
			m.Moved++
		}
		if len(m.List) < movesShown {
			m.List = append(m.List, Move{Ref: r.Ref, Right: r.Called(), From: r.Due, To: anew.Due})
		}
		return true
	}, func(n int) bool {
		looked += n
		m.More = looked >= movesLooked
		return !m.More
	})
	return m, err
}

// Recompute computes open clocks anew, each in a transaction of its own with what it changed, and returns how many that
// were and whether there are more.
func (p *Portal) Recompute(ctx context.Context, by rights.Actor) (n int, more bool, err error) {
	if err := may(by, rights.ManageSettings); err != nil {
		return 0, false, err
	}
	var list []rights.Request
	err = p.eachMove(ctx, func(r, _ rights.Request) bool {
		more = len(list) == movesAtOnce
		if !more {
			list = append(list, r)
		}
		return !more
	}, func(int) bool { return true })
	if err != nil {
		return 0, false, err
	}
	for _, r := range list {
		err := p.Store.Write(ctx, func(tx *store.Tx) error { return p.recompute(ctx, tx, by, r.ID) })
		if err != nil {
			return n, more, err
		}
		n++
	}
	return n, more, nil
}

// recompute computes the clock of one request anew, as it stands in this moment.
func (p *Portal) recompute(ctx context.Context, tx *store.Tx, by rights.Actor, id string) error {
	r, err := tx.Request(ctx, id)
	if err != nil || !r.State.Open() {
		return err
	}
	anew, err := p.reckon(r)
	if err != nil {
		return err
	}
	if same, err := sameClock(r.Clock, anew.Clock); same || err != nil {
		return err
	}
	facts := map[string]string{"from": r.Due.String(), "to": anew.Due.String()}
	if err := tx.UpdateRequest(anew, p.entry(by, "request.recomputed", r.Subject, r.ID, facts)); err != nil {
		return err
	}
	return tx.InsertEvent(p.event(by, anew.ID, "recomputed", facts))
}

// eachMove gives visit every open request whose clock would be another, until it returns false. Between it tells looked how
// many it has looked at, and ends when that returns false.
func (p *Portal) eachMove(ctx context.Context, visit func(r, anew rights.Request) bool, looked func(n int) bool) error {
	holidays, err := p.holidays(ctx)
	if err != nil {
		return err
	}
	for mark := ""; ; {
		batch, next, err := p.Store.OpenRequests(ctx, mark, movesPerRead)
		if err != nil {
			return err
		}
		for _, r := range batch {
			g, err := p.regime(r.Regime)
			if err != nil {
				return err
			}
			anew := r
			anew.Clock = g.Clock(r.Right, p.factsWith(r, holidays))
			anew.Due = anew.Clock.DueDay()
			same, err := sameClock(r.Clock, anew.Clock)
			if err != nil {
				return err
			}
			if !same && !visit(r, anew) {
				return nil
			}
		}
		if next == "" || !looked(len(batch)) {
			return nil
		}
		mark = next
	}
}

// sameClock compares two clocks as they are stored.
func sameClock(a, b rights.Clock) (bool, error) {
	one, err := json.Marshal(a)
	if err != nil {
		return false, err
	}
	other, err := json.Marshal(b)
	return string(one) == string(other), err
}
