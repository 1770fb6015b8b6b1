package workflow

import (
	"context"
	"slices"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
)

// RuleState is a retention rule with what it found when it was last looked at.
type RuleState struct {
	Source     string
	Collection string
	Rule       DestructionRule
	Look       store.Look
	Found      sources.Survey // zero where it was never looked at
	Changed    bool           // it does something else than when it was looked at
	Open       string         // ID of what is proposed or under way, "" for nothing
}

// Retention is what the desk sees of retention.
type Retention struct {
	Rules []RuleState
	Open  []Destruction
	Over  []Destruction // a page, newest first
	Next  string
	Names map[string]string // of colleagues, by staff ID
	Alone bool              // nobody but the asker could approve anything
}

// Retention lists the rules, what waits and a page of what is over. It names nobody but colleagues.
func (p *Portal) Retention(ctx context.Context, by rights.Actor, after string, limit int) (out Retention, err error) {
	if err := may(by, rights.SeeActivities); err != nil {
		return out, err
	}
	open, err := p.Store.OpenDestructions(ctx)
	if err != nil {
		return out, err
	}
	if out.Open, err = readDestructions(open); err != nil {
		return out, err
	}
	over, next, err := p.Store.Destructions(ctx, after, limit)
	if err != nil {
		return out, err
	}
	if out.Over, err = readDestructions(over); err != nil {
		return out, err
	}
	out.Next = next
	looks, err := p.Store.Looks(ctx)
	if err != nil {
		return out, err
	}
	for _, r := range p.Sources.Rules() {
		s := RuleState{Source: r.Collection.Source(), Collection: r.Collection.Name, Rule: p.ruleWords(r), Look: lookOf(looks, r)}
		found, err := fromOptionalJSON[looked](s.Look.Found)
		if err != nil {
			return out, err
		}
		s.Found, s.Changed = found.Survey, found.outdated(s.Rule)
		if i := slices.IndexFunc(open, func(d store.Destruction) bool { return d.Source == s.Source && d.Collection == s.Collection }); i >= 0 {
			s.Open = open[i].ID
		}
		out.Rules = append(out.Rules, s)
	}
	team, err := p.Store.ListStaff(ctx)
	out.Names, out.Alone = namesOf(team), alone(team, by.ID)
	return out, err
}

func readDestructions(list []store.Destruction) ([]Destruction, error) {
	out := make([]Destruction, len(list))
	for i, d := range list {
		var err error
		if out[i], err = readDestruction(d); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Destruction returns one, and what colleagues are called.
func (p *Portal) Destruction(ctx context.Context, by rights.Actor, id string) (Destruction, map[string]string, error) {
	if err := may(by, rights.SeeActivities); err != nil {
		return Destruction{}, nil, err
	}
	d, err := p.Store.Destruction(ctx, id)
	if err != nil {
		return Destruction{}, nil, err
	}
	read, err := readDestruction(d)
	if err != nil {
		return read, nil, err
	}
	names, err := p.names(ctx)
	return read, names, err
}

// AskRetention has a rule looked at again, soon. Who asks cannot approve what comes of it.
func (p *Portal) AskRetention(ctx context.Context, by rights.Actor, source, collection string) error {
	if err := may(by, rights.HandleRequest); err != nil {
		return err
	}
	if r, ok := p.Sources.Rule(source, collection); !ok || r.Does == sources.DestroyNone {
		return rights.ErrNotFound
	}
	facts := map[string]string{"source": source, "collection": collection}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.AskLook(source, collection, p.entry(by, "retention.asked", "", "", facts))
	})
}

// The decisions on a proposal.
const (
	ApproveDestruction  = "approve"
	DeclineDestruction  = "decline"
	PostponeDestruction = "postpone"
)

// postponedMonths is how far a proposal can be put off.
const postponedMonths = 6

// DestructionVerdict is what somebody decides on a proposal as they saw it.
type DestructionVerdict struct {
	Version  int
	Decision string // one of the decisions
	Reason   string
	Until    rights.Date // of a postponement
}

// DecideDestruction approves a proposal, declines it, or puts it off. Nothing is destroyed before somebody has approved it who did
// not ask for it.
func (p *Portal) DecideDestruction(ctx context.Context, by rights.Actor, id string, v DestructionVerdict) error {
	if err := may(by, rights.Approve); err != nil {
		return err
	}
	if err := p.checkVerdict(&v); err != nil {
		return err
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		kept, err := tx.Destruction(ctx, id)
		if err != nil {
			return err
		}
		d, err := readDestruction(kept)
		if err != nil {
			return err
		}
		if d.State != "proposed" && d.State != "postponed" || d.Version != v.Version {
			return rights.ErrConflict
		}
		if v.Decision == ApproveDestruction {
			if key := p.bar(by, d); key != "" {
				return rights.Fault("decision", key, nil)
			}
		}
		d.State = map[string]string{ApproveDestruction: "approved", DeclineDestruction: "declined", PostponeDestruction: "postponed"}[v.Decision]
		d.DecidedBy, d.DecidedAt, d.Reason, d.Until, d.NextAt = by.ID, p.Now(), v.Reason, v.Until, p.Now()
		facts := destructionFacts(d.Destruction, d.Found.Due)
		if !v.Until.IsZero() {
			facts["until"] = v.Until.String()
		}
		return tx.UpdateDestruction(d.Destruction, p.entry(by, "destruction."+d.State, "", "", facts))
	})
}

// bar is why somebody cannot approve a proposal, "" where they can.
func (p *Portal) bar(by rights.Actor, d Destruction) string {
	r, ok := p.Sources.Rule(d.Source, d.Collection)
	switch {
	case !ok || !p.ruleWords(r).same(d.Rule):
		return "retention.error.changed"
	case d.AskedBy == by.ID:
		return "retention.error.own"
	}
	return ""
}

func (p *Portal) checkVerdict(v *DestructionVerdict) error {
	var faults, fault rights.FieldErrors
	switch v.Decision {
	case ApproveDestruction:
		if f, bad := tooLong("reason", v.Reason); bad {
			faults = append(faults, f)
		}
		v.Until = rights.Date{}
	case DeclineDestruction:
		v.Reason, faults = checkReason("reason", v.Reason)
		v.Until = rights.Date{}
	case PostponeDestruction:
		v.Reason, fault = checkReason("reason", v.Reason)
		faults = append(faults, fault...)
		if last := p.today().AddMonths(postponedMonths); !v.Until.After(p.today()) || v.Until.After(last) {
			faults = append(faults, rights.FieldError{Field: "until", Key: "retention.error.until", Args: map[string]any{"Date": last}})
		}
	default:
		faults = rights.Fault("decision", "retention.error.decision", nil)
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// recordsAtOnce is how many records one look at the portal's database reads.
const recordsAtOnce = 200

// DestructionRecords calls each for every destruction that is over, newest first, with what colleagues are called.
func (p *Portal) DestructionRecords(ctx context.Context, by rights.Actor, each func(Destruction, map[string]string) error) error {
	if err := may(by, rights.SeeActivities); err != nil {
		return err
	}
	names, err := p.names(ctx)
	if err != nil {
		return err
	}
	for after := ""; ; {
		page, next, err := p.Store.Destructions(ctx, after, recordsAtOnce)
		if err != nil {
			return err
		}
		for _, kept := range page {
			d, err := readDestruction(kept)
			if err == nil {
				err = each(d, names)
			}
			if err != nil {
				return err
			}
		}
		if after = next; next == "" {
			return nil
		}
	}
}
