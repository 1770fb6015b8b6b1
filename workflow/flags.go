package workflow

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// A flag says how somebody's data must not be used. What the law gives to the person's word alone (to opt out, to limit, to object to
// direct marketing, to close an account) stands the moment they say it; a restriction and any other objection stand once an
// officer grants them. Either way the sources whose map names a field are told by the machine, the others by people.

// liftAfter is how long before it falls a person is told that a restriction does (GDPR Art. 18(3)).
const liftAfter = 7 * 24 * time.Hour

// word is what a request raises by itself.
type word struct {
	kind     rights.FlagKind // "" for nothing
	purposes []string        // of an objection; {""} for all else
	rest     bool            // something of the request is left for officers to decide
}

// wordOf tells what the person's own word is enough for: no identity is proven and no reason given (11 CCR 7026(d), 7027;
// GDPR Art. 21(2), (3)).
func (p *Portal) wordOf(r rights.Request, purposes []string) (word, error) {
	g, err := p.regime(r.Regime)
	if err != nil {
		return word{}, err
	}
	switch kind := g.FlagOf(r.Right); kind {
	case rights.OptedOut, rights.Limited:
		return word{kind: kind, purposes: []string{""}}, nil
	case rights.Objected:
		now := slices.Collect(func(yield func(string) bool) {
			for _, purpose := range p.Purposes {
				if purpose.Marketing && (len(purposes) == 0 || slices.Contains(purposes, purpose.Key)) && !yield(purpose.Key) {
					return
				}
			}
		})
		w := word{purposes: now, rest: len(purposes) == 0 || len(now) < len(purposes)}
		if len(now) > 0 {
			w.kind = kind
		}
		return w, nil
	}
	return word{rest: true}, nil
}

// takeWord raises what a new request raises by itself, and answers it where nothing else is owed. It returns the request as it
// stands then.
func (p *Portal) takeWord(ctx context.Context, tx *store.Tx, by rights.Actor, r rights.Request, purposes []string) (rights.Request, error) {
	w, err := p.wordOf(r, purposes)
	if err != nil || w.kind == "" {
		return r, err
	}
	if err := p.raise(ctx, tx, by, r, w.kind, w.purposes); err != nil || w.rest {
		return r, err
	}
	return p.conclude(ctx, tx, r)
}

// raise notes that a flag stands, from now on, and has the sources told. What a request has raised already it does not raise twice; what
// another raised it does, because that may be taken back.
func (p *Portal) raise(ctx context.Context, tx *store.Tx, by rights.Actor, r rights.Request, kind rights.FlagKind, purposes []string) error {
	events, err := tx.FlagEvents(ctx, r.Subject)
	if err != nil {
		return err
	}
	for _, purpose := range purposes {
		if slices.Contains(rights.RaisedBy(events, kind, purpose), r.ID) {
			continue
		}
		if err := p.insertFlag(tx, by, r, kind, purpose, true); err != nil {
			return err
		}
	}
	lifts, err := tx.FlagLifts(ctx, r.Subject)
	if err != nil {
		return err
	}
	for _, l := range lifts {
		if l.Kind != kind {
			continue
		}
		if err := tx.EndFlagLift(l.ID); err != nil { // it is wanted again
			return err
		}
	}
	if err := tx.QueueFlagWrites(r.Subject, r.ID, kind, p.Sources.FlagSources(kind), p.Now()); err != nil {
		return err
	}
	if kind == rights.Restricted {
		if err := p.seekRecipients(tx, r, rights.Restriction); err != nil {
			return err
		}
	}
	return tx.InsertEvent(p.event(by, r.ID, "raised_"+string(kind), purposesFact(purposes)))
}

// lower notes that a flag no longer stands, and has the sources told, and whoever was told of a restriction.
func (p *Portal) lower(ctx context.Context, tx *store.Tx, by rights.Actor, r rights.Request, kind rights.FlagKind, purpose string) error {
	events, err := tx.FlagEvents(ctx, r.Subject)
	if err != nil {
		return err
	}
	if err := p.insertFlag(tx, by, r, kind, purpose, false); err != nil {
		return err
	}
	if err := tx.QueueFlagWrites(r.Subject, r.ID, kind, p.Sources.FlagSources(kind), p.Now()); err != nil {
		return err
	}
	if kind == rights.Restricted {
		for _, request := range rights.RaisedBy(events, kind, purpose) {
			if err := p.tellLifted(ctx, tx, request); err != nil {
				return err
			}
		}
	}
	return tx.InsertEvent(p.event(by, r.ID, "lowered_"+string(kind), purposesFact([]string{purpose})))
}

func (p *Portal) insertFlag(tx *store.Tx, by rights.Actor, r rights.Request, kind rights.FlagKind, purpose string, raised bool) error {
	act, facts := "flag.lowered", map[string]string{"flag": string(kind)}
	if raised {
		act = "flag.raised"
	}
	if purpose != "" {
		facts["purpose"] = purpose
	}
	e := rights.FlagEvent{ID: p.newID(), Subject: r.Subject, Request: r.ID, Kind: kind, Purpose: purpose, Raised: raised, At: p.Now(), By: by}
	return tx.InsertFlagEvent(e, p.entry(by, act, r.Subject, r.ID, facts))
}

// purposesFact is how a step names purposes, nil where it is about all.
func purposesFact(purposes []string) map[string]string {
	if text := strings.Join(purposes, ","); text != "" {
		return map[string]string{"purposes": text}
	}
	return nil
}

// purposesOf are the purposes that a request named when it was filed.
func purposesOf(events []rights.Event) []string {
	i := slices.IndexFunc(events, func(e rights.Event) bool { return e.Kind == "received" })
	if i < 0 || events[i].Facts["purposes"] == "" {
		return nil
	}
	return strings.Split(events[i].Facts["purposes"], ",")
}

// grant raises what an officer decides when they meet a request: a restriction, or the rest of an objection.
func (p *Portal) grant(ctx context.Context, tx *store.Tx, by rights.Actor, r rights.Request) error {
	g, err := p.regime(r.Regime)
	if err != nil {
		return err
	}
	kind := g.FlagOf(r.Right)
	if kind == "" {
		return nil
	}
	purposes := []string{""}
	if kind == rights.Objected {
		events, err := tx.Events(ctx, r.ID)
		if err != nil {
			return err
		}
		if named := purposesOf(events); named != nil {
			purposes = named
		}
	}
	return p.raise(ctx, tx, by, r, kind, purposes)
}

// takeBack lowers what a request raised, with the request, unless another one that was not taken back raised it, too.
func (p *Portal) takeBack(ctx context.Context, tx *store.Tx, by rights.Actor, r rights.Request) error {
	events, err := tx.FlagEvents(ctx, r.Subject)
	if err != nil {
		return err
	}
	for _, f := range rights.FlagsOf(events) {
		raised := rights.RaisedBy(events, f.Kind, f.Purpose)
		if !slices.Contains(raised, r.ID) {
			continue
		}
		wanted := false
		for _, id := range raised {
			other, err := tx.Request(ctx, id)
			if err != nil {
				return err
			}
			wanted = wanted || id != r.ID && other.State != rights.Cancelled
		}
		if wanted {
			continue
		}
		if err := p.lower(ctx, tx, by, r, f.Kind, f.Purpose); err != nil {
			return err
		}
	}
	return nil
}

// restrictable are the rights whose open request lets data be restricted until it is decided: whether they are accurate, or whose
// interests weigh more (GDPR Art. 18(1)(a), (d)).
var restrictable = []rights.Right{rights.Rectification, rights.Objection, rights.Restriction}

// MayRestrict reports whether a request can have the data restricted until it is decided.
func MayRestrict(r rights.Request) bool {
	g, ok := rights.RegimeByID(r.Regime)
	return ok && r.State.Open() && slices.Contains(restrictable, r.Right) && g.FlagOf(rights.Restriction) == rights.Restricted
}

// Restrict restricts a person's data while their request is open, with the reason, which they are told.
func (p *Portal) Restrict(ctx context.Context, by rights.Actor, ref string, version int, reason string) error {
	reason, faults := checkReason("text", reason)
	if len(faults) > 0 {
		return faults
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, s store.Subject, r rights.Request) error {
		on, err := tx.Restricted(ctx, r.Subject)
		if err != nil {
			return err
		}
		if on || !MayRestrict(r) {
			return rights.Fault("act", "flags.error.restrict", nil)
		}
		if err := p.raise(ctx, tx, by, r, rights.Restricted, []string{""}); err != nil {
			return err
		}
		if err := p.say(tx, by, r, reason, p.Now()); err != nil {
			return err
		}
		return p.write(tx, s, r, "restricted "+p.newID(), mail.FlagRaised{Ref: r.Ref, Flag: rights.Restricted, At: p.local(p.Now()), Words: reason})
	})
}

// LiftRestriction has a restriction fall seven days from now, and tells the person before it does (GDPR Art. 18(3)). The request
// is the last that raised it, open or closed.
func (p *Portal) LiftRestriction(ctx context.Context, by rights.Actor, ref string, version int, reason string) error {
	reason, faults := checkReason("text", reason)
	if len(faults) > 0 {
		return faults
	}
	return p.handle(ctx, by, ref, version, func(tx *store.Tx, s store.Subject, r rights.Request) error {
		events, err := tx.FlagEvents(ctx, r.Subject)
		if err != nil {
			return err
		}
		last, err := standsBy(ctx, tx, events, rights.Restricted, "")
		if err != nil {
			return err
		}
		if last.ID != r.ID {
			return rights.Fault("act", "flags.error.lift", nil)
		}
		l := store.FlagLift{ID: p.newID(), Subject: r.Subject, Request: r.ID, Kind: rights.Restricted, By: by.ID, FallsAt: p.Now().Add(liftAfter)}
		day := rights.DateOf(p.local(l.FallsAt))
		facts := map[string]string{"flag": string(l.Kind), "until": day.String()}
		err = tx.InsertFlagLift(l, p.entry(by, "flag.lifting", r.Subject, r.ID, facts))
		if errors.Is(err, rights.ErrConflict) {
			return rights.Fault("act", "flags.error.lifting", nil)
		}
		if err != nil {
			return err
		}
		if err := tx.InsertEvent(p.event(by, r.ID, "lifting", facts)); err != nil {
			return err
		}
		if err := p.say(tx, by, r, reason, p.Now()); err != nil {
			return err
		}
		return p.write(tx, s, r, "lifting "+l.ID, mail.FlagLifting{Ref: r.Ref, Falls: day, Words: reason})
	})
}
