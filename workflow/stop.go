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
	now := p.Now()
	by := rights.Actor{ID: r.Subject, Role: rights.RoleSubject}
	endSessions := func(tx *store.Tx) error {
		if err := tx.UseStop(p.Store.Hash("stop", token), now); err != nil {
			return err
		}
		_, err := tx.EndSessionsOf("subject", r.Subject, "", now, p.entry(by, "session.ended_others", r.Subject, r.ID, nil))
		return err
	}
	if r.State.Open() {
		err = p.cancel(ctx, by, r, "stopped", endSessions)
	} else {
		err = p.stopClosed(ctx, by, r, endSessions)
	}
	if errors.Is(err, rights.ErrConflict) {
		err = rights.ErrGone
	}
	return r, err
}

// stopClosed acts on a stop that comes after the answer: a package that waits is destroyed, and the officers are told.
func (p *Portal) stopClosed(ctx context.Context, by rights.Actor, r rights.Request, also func(*store.Tx) error) error {
	err := p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := also(tx); err != nil {
			return err
		}
		if err := p.expirePackage(ctx, tx, r.ID); err != nil {
			return err
		}
		if err := tx.InsertEvent(p.event(by, r.ID, "stopped_late", nil)); err != nil {
			return err
		}
		return tx.Append(p.entry(by, "request.stopped_late", r.Subject, r.ID, nil))
	})
	if err != nil {
		return err
	}
	return p.removePackage(r.ID)
}
