package workflow

import (
	"context"
	"strings"
	"unicode/utf8"

	"habeas/rights"
	"habeas/store"
)

// SavedView is a query of the queue that somebody keeps under a name.
type SavedView = store.SavedView

// How much can be kept.
const (
	maxOwnViews    = 20
	maxSharedViews = 30
	maxViewName    = 60 // characters
)

// SavedViews lists the views of whoever asks, then those that everybody shares, with how many requests each holds.
func (p *Portal) SavedViews(ctx context.Context, by rights.Actor) ([]SavedView, error) {
	if err := may(by, rights.SeeQueue); err != nil {
		return nil, err
	}
	return p.Store.SavedViews(ctx, by.ID, p.today())
}

// SaveView keeps what the queue is narrowed by under a name, for whoever asks or for everybody. A search is not kept: it
// names people.
func (p *Portal) SaveView(ctx context.Context, by rights.Actor, name string, q QueueQuery, shared bool) (SavedView, error) {
	deed, staff, limit, full := rights.SaveView, by.ID, maxOwnViews, "queue.error.own_full"
	if shared {
		deed, staff, limit, full = rights.ShareView, "", maxSharedViews, "queue.error.shared_full"
	}
	if err := may(by, deed); err != nil {
		return SavedView{}, err
	}
	name = strings.Join(strings.Fields(name), " ")
	if n := utf8.RuneCountInString(name); n < 1 || n > maxViewName {
		return SavedView{}, rights.Fault("name", "queue.error.name", map[string]any{"Max": maxViewName})
	}
	if q.Ref != "" || q.Searched {
		return SavedView{}, rights.Fault("name", "queue.error.search", nil)
	}
	if shared && q.View == "mine" {
		return SavedView{}, rights.Fault("shared", "queue.error.share_mine", nil)
	}
	q.Me, q.Today, q.After, q.Limit = by.ID, p.today(), "", 0
	id := p.newID()
	err := p.Store.Write(ctx, func(tx *store.Tx) error {
		views, err := tx.SavedViews(ctx, by.ID, p.today())
		if err != nil {
			return err
		}
		kept := 0
		for _, v := range views {
			if v.Staff == staff {
				kept++
			}
		}
		if kept >= limit {
			return rights.Fault("name", full, map[string]any{"Max": limit})
		}
		v := SavedView{ID: id, Staff: staff, Name: name, Query: q, MadeAt: p.Now(), MadeBy: by.ID}
		return tx.InsertSavedView(v, p.entry(by, "view.saved", "", "", viewFacts(id, staff)))
	})
	if err != nil {
		return SavedView{}, err
	}
	views, err := p.SavedViews(ctx, by)
	for _, v := range views {
		if v.ID == id {
			return v, err
		}
	}
	return SavedView{}, err
}

// DeleteView forgets a view: one's own, or one that is shared where one may share.
func (p *Portal) DeleteView(ctx context.Context, by rights.Actor, id string) error {
	views, err := p.SavedViews(ctx, by)
	if err != nil {
		return err
	}
	for _, v := range views {
		if v.ID != id {
			continue
		}
		deed := rights.SaveView
		if v.Staff == "" {
			deed = rights.ShareView
		}
		if err := may(by, deed); err != nil {
			return err
		}
		return p.Store.Write(ctx, func(tx *store.Tx) error {
			return tx.DeleteSavedView(id, v.Staff, p.entry(by, "view.deleted", "", "", viewFacts(id, v.Staff)))
		})
	}
	return rights.ErrNotFound
}

func viewFacts(id, staff string) map[string]string {
	whose := "own"
	if staff == "" {
		whose = "shared"
	}
	return map[string]string{"view": id, "whose": whose}
}
