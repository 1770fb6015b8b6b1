package workflow

import (
	"context"
	"fmt"
	"time"

	"habeas/rights"
	"habeas/store"
)

// How the deadlines are watched: all that is near is gone through every quarter of an hour, a batch a step.
const (
	watchEvery = 15 * time.Minute
	watchBatch = 200
)

// fresh is how long a request counts as new to a team that nobody of has taken it yet.
const fresh = 24 * time.Hour

// WatchDeadlines takes one step of telling the team what is due soon, late, or has stood still for long. Each thing is
// told once; a day that has moved is told anew. How far it has come is kept: after a restart it goes on there.
func (p *Portal) WatchDeadlines(ctx context.Context) (had bool, err error) {
	set, err := p.settings(ctx)
	if err != nil {
		return false, err
	}
	last := p.today().AddDays(max(set.DueSoonDays, set.EscalateDays))
	for _, list := range []struct {
		name string
		next func(tx *store.Tx, after string) ([]rights.Request, string, error)
	}{
		{"due", func(tx *store.Tx, after string) ([]rights.Request, string, error) {
			return tx.WatchedUntil(ctx, last, after, watchBatch)
		}},
		{"paused", func(tx *store.Tx, after string) ([]rights.Request, string, error) {
			return tx.PausedRequests(ctx, after, watchBatch)
		}},
	} {
		err := p.Store.Write(ctx, func(tx *store.Tx) (err error) {
			had, err = p.watchNext(ctx, tx, set, list.name, list.next)
			return err
		})
		if had || err != nil {
			return had, err
		}
	}
	return false, nil
}

// watchNext goes through the next batch of one list.
func (p *Portal) watchNext(ctx context.Context, tx *store.Tx, set rights.Settings, name string, next func(*store.Tx, string) ([]rights.Request, string, error)) (bool, error) {
	round, err := tx.Round(ctx, name)
	if err != nil {
		return false, err
	}
	if turn := p.Now().Truncate(watchEvery).UTC().Format(time.RFC3339); round.Turn != turn && (round.Done || round.Turn == "") {
		round = store.Round{Turn: turn} // one that is not done is ended first, or its end would never be reached
	}
	if round.Done {
		return false, nil
	}
	batch, mark, err := next(tx, round.Mark)
	if err != nil {
		return false, err
	}
	team, err := tx.ListStaff(ctx)
	if err != nil {
		return false, err
	}
	holidays, err := p.holidays(ctx)
	if err != nil {
		return false, err
	}
	for _, r := range batch {
		if err := p.shout(tx, team, set, holidays, r); err != nil {
			return false, err
		}
	}
	round.Mark, round.Done = mark, mark == ""
	return len(batch) > 0, tx.SetRound(name, round)
}

// shout tells whoever must know what there is to tell of one request today.
func (p *Portal) shout(tx *store.Tx, team []store.Staff, set rights.Settings, holidays rights.Holidays, r rights.Request) error {
	g, err := p.regime(r.Regime)
	if err != nil {
		return err
	}
	today := p.today()
	day, due := g.AlertDays(r, p.factsWith(r, holidays), today)
	calls := set.Calls(r, day, due, today)
	for _, call := range p.addressed(team, r, calls, today) {
		stage := "near"
		if today.After(call.Day) {
			stage = "late"
		}
		n := notice{
			kind: call.Kind, request: r, day: call.Day, dedupe: fmt.Sprintf("%s %s %s %s %s", call.Kind, stage, r.ID, call.Day, call.to.ID),
		}
		news, err := p.tell(tx, call.to, n)
		if err != nil {
			return err
		}
		if news && call.Kind != rights.AlertDueSoon {
			why := p.entry(rights.System, "request.told_"+string(call.Kind), r.Subject, r.ID, map[string]string{"staff": call.to.ID, "day": call.Day.String()})
			if err := tx.Append(why); err != nil {
				return err
			}
		}
	}
	return nil
}

// addressed is a call and whom it is for.
type addressed struct {
	rights.Call
	to store.Staff
}

// addressed finds out whom each call is for. Whoever works on a request hears what is theirs, the approvers what goes
// above them. Of a request that nobody works on, the approvers hear all, once: that somebody must take it.
func (p *Portal) addressed(team []store.Staff, r rights.Request, calls []rights.Call, today rights.Date) (out []addressed) {
	chiefs := above(team)
	var owner *store.Staff
	for i := range team {
		if m := &team[i]; m.ID == r.Owner && m.State == "active" {
			owner = m
		}
	}
	raised := map[rights.Date]bool{}
	for _, c := range calls {
		raised[c.Day] = raised[c.Day] || c.Above
	}
	for _, c := range calls {
		if owner != nil && !c.Above {
			out = append(out, addressed{c, *owner})
			continue
		}
		if owner == nil && !c.Above && raised[c.Day] {
			continue
		}
		if owner == nil && p.Now().Sub(r.ReceivedAt) < fresh && today.DaysUntil(c.Day) <= 3 && c.Kind != rights.AlertPaused {
			c.Kind = rights.AlertNew
		}
		for _, m := range chiefs {
			if owner == nil || m.ID != owner.ID {
				out = append(out, addressed{c, m})
			}
		}
	}
	return out
}

// above are the members of staff to whom what nobody has answered goes up: approvers who can answer it themselves; where
// there are none, everybody who can.
func above(team []store.Staff) []store.Staff {
	var chiefs, all []store.Staff
	for _, m := range team {
		if m.State != "active" || !m.Role.May(rights.HandleRequest) {
			continue
		}
		all = append(all, m)
		if m.Role.May(rights.Approve) {
			chiefs = append(chiefs, m)
		}
	}
	if len(chiefs) == 0 {
		return all
	}
	return chiefs
}
