package workflow

import (
	"context"
	"slices"

	"habeas/rights"
	"habeas/store"
)

// A legal hold keeps somebody's data from being erased while a dispute needs it (GDPR Art. 17(3)(e)): what they ask is
// refused on its ground, what was kept on another ground is kept on, and no rule of retention touches it. It is not told to
// the person before they ask.

// Hold is a legal hold on one person.
type Hold = store.Hold

// holdMonths is how far off the day may be on which a hold is looked at again: none stands for ever by being forgotten.
const holdMonths = 12

// holdsAtOnce is how many holds one step looks at, and one page lists.
const holdsAtOnce = 50

// HoldGrounds are those on which a hold on a person can rest: what their law lets erasure be refused on, but for what is said of a
// request and of who makes it.
func (p *Portal) HoldGrounds(regime string) []rights.Ground {
	g, err := p.regime(regime)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(g.Grounds(rights.Erasure), rights.Ground.OfRequest)
}

// PlaceHold keeps a person's data from being erased, until somebody else lifts it.
func (p *Portal) PlaceHold(ctx context.Context, by rights.Actor, subject, ground, reason string, review rights.Date) error {
	s, err := p.holding(ctx, by, subject)
	if err != nil {
		return err
	}
	var faults rights.FieldErrors
	if !slices.ContainsFunc(p.HoldGrounds(s.Regime), func(g rights.Ground) bool { return g.ID == ground }) {
		faults = append(faults, rights.FieldError{Field: "ground", Key: "hold.error.ground"})
	}
	reason, fault := checkReason("dispute", reason)
	faults = append(append(faults, fault...), p.checkReview(review)...)
	if len(faults) > 0 {
		return faults
	}
	h := store.Hold{ID: p.newID(), Subject: s.ID, Ground: ground, Reason: reason, By: by.ID, At: p.Now(), ReviewOn: review}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := p.disinterested(ctx, tx, by, s); err != nil {
			return err
		}
		facts := map[string]string{"hold": h.ID, "ground": ground, "review": review.String()}
		return tx.InsertHold(h, p.entry(by, "hold.placed", s.ID, "", facts))
	})
}

func (p *Portal) checkReview(day rights.Date) rights.FieldErrors {
	last := p.today().AddMonths(holdMonths)
	if !day.After(p.today()) || day.After(last) {
		return rights.Fault("review", "hold.error.review", map[string]any{"Date": last})
	}
	return nil
}

// holding is the person on whom a hold is placed or lifted, for whoever may.
func (p *Portal) holding(ctx context.Context, by rights.Actor, subject string) (store.Subject, error) {
	if err := may(by, rights.HandleRequest); err != nil {
		return store.Subject{}, err
	}
	return p.beheld(ctx, by, subject)
}

// ReviewHold says that a hold is still needed, and when it is looked at again.
func (p *Portal) ReviewHold(ctx context.Context, by rights.Actor, subject, hold string, review rights.Date) error {
	if faults := p.checkReview(review); faults != nil {
		return faults
	}
	return p.changeHold(ctx, by, subject, hold, func(tx *store.Tx, h store.Hold) error {
		facts := map[string]string{"hold": h.ID, "review": review.String()}
		return tx.ReviewHold(h.ID, review, p.entry(by, "hold.reviewed", h.Subject, "", facts))
	})
}

// LiftHold ends a hold. It takes somebody who approves and did not place it: what it kept may be erased at once, and does not
// come back.
func (p *Portal) LiftHold(ctx context.Context, by rights.Actor, subject, hold string) error {
	if err := may(by, rights.Approve); err != nil {
		return err
	}
	return p.changeHold(ctx, by, subject, hold, func(tx *store.Tx, h store.Hold) error {
		if h.By == by.ID {
			return rights.Fault("act", "hold.error.own", nil)
		}
		return tx.LiftHold(h.ID, by.ID, p.entry(by, "hold.lifted", h.Subject, "", map[string]string{"hold": h.ID}))
	})
}

// changeHold runs an act on one hold of a person as it stands.
func (p *Portal) changeHold(ctx context.Context, by rights.Actor, subject, hold string, act func(*store.Tx, store.Hold) error) error {
	s, err := p.holding(ctx, by, subject)
	if err != nil {
		return err
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := p.disinterested(ctx, tx, by, s); err != nil {
			return err
		}
		list, err := tx.Holds(ctx, s.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(h store.Hold) bool { return h.ID == hold })
		switch {
		case i < 0:
			return rights.ErrNotFound
		case !list[i].LiftedAt.IsZero():
			return rights.ErrConflict
		}
		return act(tx, list[i])
	})
}

// Holds lists a page of the holds that stand, those first that are to be looked at soonest, and the mark of the next page. It
// names nobody.
func (p *Portal) Holds(ctx context.Context, by rights.Actor, after string) ([]store.Hold, string, map[string]string, error) {
	if err := may(by, rights.SeePeople); err != nil {
		return nil, "", nil, err
	}
	list, next, err := p.Store.StandingHolds(ctx, after, holdsAtOnce)
	if err != nil {
		return nil, "", nil, err
	}
	names, err := p.names(ctx)
	return list, next, names, err
}

// WatchHolds tells those who may lift a hold that its day has come. A call does a bounded part of the work.
func (p *Portal) WatchHolds(ctx context.Context) (had bool, err error) {
	due, err := p.Store.HoldsToReview(ctx, p.today(), holdsAtOnce)
	if err != nil || len(due) == 0 {
		return false, err
	}
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		for _, h := range due {
			n := notice{kind: rights.AlertHold, dedupe: "hold " + h.ID + " " + h.ReviewOn.String(), day: h.ReviewOn}
			if err := p.notifyWhoMay(ctx, tx, rights.Approve, n); err != nil {
				return err
			}
			if err := tx.HoldTold(h.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return err == nil, err
}
