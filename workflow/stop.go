package workflow

import (
	"context"
	"errors"

	"habeas/rights"
	"habeas/store"
)

// Stop tells what the link in an alert would stop; asking uses up nothing.
func (p *Portal) Stop(ctx context.Context, token string) (rights.Request, error) {
	id, err := p.Store.Stop(ctx, p.Store.Hash("stop", token), p.Now())
	if err != nil {
		return rights.Request{}, ignoreWhich(err)
	}
	return p.Store.Request(ctx, id)
}

// StopNow stops an act that somebody asked for in a person's name: the request is cancelled, a package is gone, and
// every session of that person ends, because one of them was not theirs. It needs no sign-in: who holds the letter
// holds the mailbox.
func (p *Portal) StopNow(ctx context.Context, token string) (rights.Request, error) {
	r, err := p.Stop(ctx, token)
	if err != nil {
		return r, err
	}
	s, err := p.Store.Subject(ctx, r.Subject)
	if err != nil {
		return r, err
	}
	now := p.Now()
	by := rights.Actor{ID: r.Subject, Role: rights.RoleSubject}
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.UseStop(p.Store.Hash("stop", token), now); err != nil {
			return err
		}
		why := p.entry(by, "session.ended_others", r.Subject, r.ID, nil)
		head, err := tx.HeadOf(ctx, r.Subject) // whom whoever signs in is by now
		if err != nil {
			return err
		}
		if _, err := tx.EndSessionsOf("subject", head, "", now, why); err != nil {
			return err
		}
		// As it stands in this moment: it may have been answered since the letter was opened.
		if r, err = tx.Request(ctx, r.ID); err != nil {
			return err
		}
		err = p.cancelIn(ctx, tx, by, s, r, "stopped")
		if errors.Is(err, rights.ErrConflict) {
			return p.stopLate(ctx, tx, by, r)
		}
		return err
	})
	if errors.Is(err, rights.ErrConflict) {
		return r, rights.ErrGone
	}
	if err != nil {
		return r, err
	}
	return r, p.removePackage(r.ID)
}

// stopLate acts on a stop that comes after the answer: a package that waits is destroyed, and the officers are told.
func (p *Portal) stopLate(ctx context.Context, tx *store.Tx, by rights.Actor, r rights.Request) error {
	if err := p.expirePackage(ctx, tx, r.ID); err != nil {
		return err
	}
	if err := tx.InsertEvent(p.event(by, r.ID, "stopped_late", nil)); err != nil {
		return err
	}
	return tx.Append(p.entry(by, "request.stopped_late", r.Subject, r.ID, nil))
}
