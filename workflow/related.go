package workflow

import (
	"context"

	"habeas/rights"
	"habeas/store"
)

// Kinship is how another request belongs with one.
type Kinship string

// The ways to belong together.
const (
	Duplicate   Kinship = "duplicate" // an officer found that the two are one
	MaybeSame   Kinship = "maybe"     // the same right, asked at about the same time
	AskedBefore Kinship = "parent"    // what this complaint or appeal is about
	Complains   Kinship = "complaint" // a complaint or an appeal about this one
	SamePerson  Kinship = "person"    // something else that the person asked
)

// Related is another request that belongs with one.
type Related struct {
	rights.Request
	How Kinship
}

// sameWithin is how many days apart two requests under one right may come and still be one, sent twice.
const sameWithin = 30

// related returns what belongs with a request. It is shown and nothing more: no request waits for another, and none is
// spared its checks (security.md, "duplicate or unverified requests never block or weaken a real one").
func (p *Portal) related(ctx context.Context, r rights.Request, events []rights.Event) ([]Related, error) {
	near, err := p.Store.Related(ctx, r)
	if err != nil {
		return nil, err
	}
	decided := map[string]string{} // by reference: the last word of an officer
	for _, e := range events {
		if e.Kind == "duplicate" || e.Kind == "distinct" {
			decided[e.Facts["ref"]] = e.Kind
		}
	}
	out := make([]Related, len(near))
	for i, other := range near {
		out[i] = Related{Request: other, How: p.kinship(r, other, decided[other.Ref])}
	}
	return out, nil
}

func (p *Portal) kinship(r, other rights.Request, decided string) Kinship {
	day := func(r rights.Request) rights.Date { return rights.DateOf(r.ReceivedAt.In(p.Location)) }
	apart := day(other).DaysUntil(day(r))
	switch {
	case decided == "duplicate":
		return Duplicate
	case other.ID == r.Parent:
		return AskedBefore
	case other.Parent == r.ID:
		return Complains
	case decided == "" && other.Right == r.Right && (r.State.Open() && other.State.Open() || max(apart, -apart) <= sameWithin):
		return MaybeSame
	}
	return SamePerson
}

// MarkDuplicate writes down, on both, that two requests of a person are one, or that they are two after all. Nothing is
// closed by it and no clock moves: whoever answers them decides that request by request.
func (p *Portal) MarkDuplicate(ctx context.Context, by rights.Actor, ref string, version int, other string, same bool) error {
	clean, ok := rights.ParseRef(other)
	if !ok {
		return rights.ErrNotFound
	}
	kind := "distinct"
	if same {
		kind = "duplicate"
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, _ store.Subject, r rights.Request) error {
		near, err := tx.Related(ctx, r)
		if err != nil {
			return err
		}
		for _, twin := range near {
			if twin.Ref != clean {
				continue
			}
			if err := p.crossLink(tx, by, r, twin, kind); err != nil {
				return err
			}
			return p.crossLink(tx, by, twin, r, kind)
		}
		return rights.ErrNotFound // somebody else's: the two can only be one where their person is
	})
}

func (p *Portal) crossLink(tx *store.Tx, by rights.Actor, r, other rights.Request, kind string) error {
	facts := map[string]string{"ref": other.Ref}
	if err := tx.Append(p.entry(by, "request."+kind, r.Subject, r.ID, facts)); err != nil {
		return err
	}
	return p.keepPrivate(tx, by, r, kind, facts, "")
}
