package workflow

import (
	"context"
	"slices"
	"time"

	"habeas/rights"
)

// StandingFlag is a flag that stands for a person, with all that an officer has to know of it.
type StandingFlag struct {
	rights.Flag
	By      rights.Actor
	Request string    // that raised it: the last of several that was not taken back, where it is decided on
	Ref     string    // of that request
	Law     string    // what gives it; "" for a courtesy
	Falls   time.Time // when it falls, as the person was told; zero for not
}

// standingFlags returns what stands for a person, in the order in which it was raised.
func (p *Portal) standingFlags(ctx context.Context, subject string) ([]StandingFlag, error) {
	events, err := p.Store.FlagEvents(ctx, subject)
	if err != nil || len(events) == 0 {
		return nil, err
	}
	lifts, err := p.Store.FlagLifts(ctx, subject)
	if err != nil {
		return nil, err
	}
	var out []StandingFlag
	for _, flag := range rights.FlagsOf(events) {
		f := StandingFlag{Flag: flag}
		r, err := standsBy(ctx, p.Store, events, flag.Kind, flag.Purpose)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(events, func(e rights.FlagEvent) bool {
			return e.Raised && e.Kind == flag.Kind && e.Purpose == flag.Purpose && e.Request == r.ID
		})
		f.By, f.Request, f.Ref, f.Law = events[i].By, r.ID, r.Ref, lawOf(flag.Kind, r)
		for _, l := range lifts {
			if l.Kind == flag.Kind {
				f.Falls = l.FallsAt
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// standsBy is the last request that raised a flag that stands, and was not taken back. Whoever ends it there knows of all of them.
func standsBy(ctx context.Context, from interface {
	Request(ctx context.Context, id string) (rights.Request, error)
}, events []rights.FlagEvent, kind rights.FlagKind, purpose string) (r rights.Request, err error) {
	for _, id := range slices.Backward(rights.RaisedBy(events, kind, purpose)) {
		if r, err = from.Request(ctx, id); err != nil || r.State != rights.Cancelled {
			return r, err
		}
	}
	return r, nil
}

// lawOf cites what gives a flag that a request raised.
func lawOf(kind rights.FlagKind, r rights.Request) string {
	g, ok := rights.RegimeByID(r.Regime)
	if !ok {
		return ""
	}
	if kind == rights.Closed {
		return g.Cancellation.Citation
	}
	for right, raises := range map[rights.Right]rights.FlagKind{
		rights.Restriction: g.FlagOf(rights.Restriction), rights.Objection: rights.Objected, rights.OptOut: rights.OptedOut,
	} {
		if raises == kind {
			grant, _ := g.Grant(right)
			return grant.Citation
		}
	}
	return ""
}

// ClosesByDefault reports whether asking for erasure under a law closes the account, too, unless the person says otherwise.
func ClosesByDefault(regime string) bool {
	g, ok := rights.RegimeByID(regime)
	return ok && !g.Cancellation.IsZero()
}

// CanClose reports whether a person can ask for their account to be closed: the law says so, or a source can note it.
func (p *Portal) CanClose(regime string) bool {
	return ClosesByDefault(regime) || len(p.Sources.FlagSources(rights.Closed)) > 0
}

// Derived are the collections that hold what was concluded about people: what a machine may have decided on.
func (p *Portal) Derived() []*Collection {
	return slices.DeleteFunc(slices.Clone(p.Sources.Collections()), func(c *Collection) bool { return c.Meta.Origin != "derived" })
}

// RegimeOf returns the law under which a person asks.
func (p *Portal) RegimeOf(ctx context.Context, by rights.Actor) (string, error) {
	s, err := p.subject(ctx, by)
	return s.Regime, err
}
