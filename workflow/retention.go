package workflow

import (
	"context"
	"errors"

	"habeas/proof"
	"habeas/rights"
	"habeas/store"
)

// retainAtOnce is how many records one step ends at most, and how many it looks at of each law.
const retainAtOnce = 50

// KeepUntil returns the last day on which the record of a closed request is kept: as its law says (11 CCR 7101(a): 24
// months), or as the house has set where its law sets no period, without a citation then. An open one has no such day.
func (p *Portal) KeepUntil(ctx context.Context, r rights.Request) (rights.Deadline, bool, error) {
	if r.ClosedAt.IsZero() {
		return rights.Deadline{}, false, nil
	}
	set, err := p.settings(ctx)
	if err != nil {
		return rights.Deadline{}, false, err
	}
	d, err := p.keepUntil(set, r)
	return d, err == nil, err
}

func (p *Portal) keepUntil(set rights.Settings, r rights.Request) (rights.Deadline, error) {
	g, err := p.regime(r.Regime)
	if err != nil {
		return rights.Deadline{}, err
	}
	answered := rights.DateOf(r.ClosedAt.In(p.Location))
	if d, ok := g.KeepUntil(answered); ok {
		return d, nil
	}
	day := answered.AddMonths(set.ClosedMonths)
	return rights.Deadline{Kind: rights.KindRecords, Due: day, StrictDue: day}, nil
}

// RetainNext ends the records of closed requests that have served their time: what is personal of them is removed
// (GDPR Art. 5(1)(e)), the numbers stay. It returns whether there was any; a call does a bounded part of the work.
func (p *Portal) RetainNext(ctx context.Context) (had bool, err error) {
	set, err := p.settings(ctx)
	if err != nil {
		return false, err
	}
	for _, g := range rights.Regimes {
		closed, err := p.Store.Served(ctx, g.ID, retainAtOnce)
		if err != nil {
			return had, err
		}
		for _, r := range closed {
			d, err := p.keepUntil(set, r)
			if err != nil {
				return had, err
			}
			if !p.today().After(d.Due) {
				break // those that follow were closed later
			}
			switch err := p.pseudonymise(ctx, r); {
			case errors.Is(err, rights.ErrConflict): // somebody has just taken it up again
			case err != nil:
				return had, err
			default:
				had = true
			}
		}
	}
	return had, nil
}

func (p *Portal) pseudonymise(ctx context.Context, r rights.Request) error {
	facts := map[string]string{"regime": r.Regime, "closed": rights.DateOf(r.ClosedAt.In(p.Location)).String()}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.Pseudonymise(r, p.entry(rights.System, proof.Ended, r.Subject, r.ID, facts))
	})
}
