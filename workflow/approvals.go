package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"habeas/rights"
	"habeas/store"
)

// What takes two people (security.md 6): letting somebody in, and changing what somebody may do.
const (
	ForInvitation = "invite"
	ForRole       = "role"
)

const (
	approvalLife = 14 * 24 * time.Hour // after that whoever still wants it proposes it again
	tooClose     = 24 * time.Hour      // in which whom somebody has just let in or raised cannot be their second pair of eyes
	openShown    = 100
)

// Approval is a proposal with who is behind it and what became of it.
type Approval struct {
	store.Approval
	Proposal
	Proposer store.Staff
	Decider  store.Staff
	Member   store.Staff // whom it concerns, once they are of the team
	Bar      string      // why the asker cannot decide what waits: a locale key; "" where they can
	Lapsed   bool        // too old to be decided
	Alone    bool        // nobody but the asker could decide anything
}

// Approvals are what waits, oldest first, and a page of what was decided, newest first.
type Approvals struct {
	Open, Decided []Approval
	Next          string
	Alone         bool // nobody but the asker could decide anything
}

// Approvals lists them for whoever may approve.
func (p *Portal) Approvals(ctx context.Context, by rights.Actor, after string) (Approvals, error) {
	if err := may(by, rights.Approve); err != nil {
		return Approvals{}, err
	}
	open, err := p.Store.OpenApprovals(ctx, p.Now().Add(-approvalLife), openShown)
	if err != nil {
		return Approvals{}, err
	}
	decided, next, err := p.Store.DecidedApprovals(ctx, after, 0)
	if err != nil {
		return Approvals{}, err
	}
	team, err := p.Store.ListStaff(ctx)
	if err != nil {
		return Approvals{}, err
	}
	out := Approvals{Next: next, Alone: alone(team, by.ID)}
	for _, list := range []struct {
		from []store.Approval
		to   *[]Approval
	}{{open, &out.Open}, {decided, &out.Decided}} {
		for _, a := range list.from {
			read, err := p.read(ctx, p.Store, by, a, team)
			if err != nil {
				return Approvals{}, err
			}
			*list.to = append(*list.to, read)
		}
	}
	return out, nil
}

// Alone reports whether nobody but the asker could approve anything: what they propose would wait for ever.
func (p *Portal) Alone(ctx context.Context, by rights.Actor) (bool, error) {
	if err := may(by, rights.ManageStaff); err != nil {
		return false, err
	}
	team, err := p.Store.ListStaff(ctx)
	return alone(team, by.ID), err
}

// alone reports whether nobody but one of the team could be a second pair of eyes.
func alone(team []store.Staff, id string) bool {
	return !slices.ContainsFunc(team, func(m store.Staff) bool {
		return m.ID != id && m.State == "active" && m.Role.May(rights.Approve)
	})
}

// Approval returns one for whoever may approve, who has then seen what they were told of it.
func (p *Portal) Approval(ctx context.Context, by rights.Actor, id string) (Approval, error) {
	if err := may(by, rights.Approve); err != nil {
		return Approval{}, err
	}
	a, err := p.Store.Approval(ctx, id)
	if err != nil {
		return Approval{}, err
	}
	team, err := p.Store.ListStaff(ctx)
	if err != nil {
		return Approval{}, err
	}
	if err := p.Store.Write(ctx, func(tx *store.Tx) error { return tx.SeeApproval(by.ID, a.ID, p.Now()) }); err != nil {
		return Approval{}, err
	}
	return p.read(ctx, p.Store, by, a, team)
}

// raises tells a Store and a transaction alike who was raised by whom.
type raises interface {
	RaisedBy(ctx context.Context, proposer, about string, after time.Time) (bool, error)
}

// read puts a proposal together with the people in it, and says whether the asker can decide it.
func (p *Portal) read(ctx context.Context, from raises, by rights.Actor, a store.Approval, team []store.Staff) (Approval, error) {
	out := Approval{Approval: a, Lapsed: a.Decision == "" && !p.Now().Before(a.ProposedAt.Add(approvalLife))}
	var err error
	if out.Proposal, err = fromJSON[Proposal](a.Payload); err != nil {
		return out, fmt.Errorf("approval %s: %w", a.ID, err)
	}
	var asker store.Staff
	for _, part := range []struct {
		id string
		is *store.Staff
	}{{a.ProposedBy, &out.Proposer}, {a.DecidedBy, &out.Decider}, {a.Staff, &out.Member}, {by.ID, &asker}} {
		if at := slices.IndexFunc(team, func(m store.Staff) bool { return m.ID == part.id }); at >= 0 {
			*part.is = team[at]
		}
	}
	out.Alone = alone(team, by.ID)
	if a.Decision != "" {
		return out, nil
	}
	raised, err := from.RaisedBy(ctx, a.ProposedBy, by.ID, p.Now().Add(-tooClose))
	out.Bar = out.bar(asker, raised)
	return out, err
}

// bar is why the asker cannot be the second pair of eyes: four eyes cannot be one pair.
func (a Approval) bar(asker store.Staff, raised bool) string {
	concerned := a.Member.Email
	if a.Kind == ForInvitation {
		concerned = a.Email
	}
	for _, row := range []struct {
		so  bool
		key string
	}{
		{asker.State != "active" || !asker.Role.May(rights.Approve), "approval.bar.role"},
		{asker.ID == a.ProposedBy, "approval.bar.own"},
		{asker.ID == a.Staff, "approval.bar.self"},
		{sameMailbox(asker.Email, a.Proposer.Email) || sameMailbox(asker.Email, concerned), "approval.bar.mailbox"},
		{raised, "approval.bar.raised"},
		{a.Proposer.State != "active" || !a.Proposer.Role.May(rights.ManageStaff), "approval.bar.proposer"},
		{a.Kind == ForRole && (a.Member.State == "disabled" || a.Member.Role != a.From), "approval.bar.changed"},
		{a.Lapsed, "approval.bar.lapsed"},
	} {
		if row.so {
			return row.key
		}
	}
	return ""
}

// sameMailbox reports whether two addresses reach one mailbox, as far as anybody outside it can tell: case and what follows
// a plus make no other.
func sameMailbox(a, b string) bool {
	plain := func(address string) string {
		local, domain, _ := strings.Cut(strings.ToLower(address), "@")
		local, _, _ = strings.Cut(local, "+")
		return local + "@" + domain
	}
	return plain(a) == plain(b)
}

// DecideApproval approves a proposal, which carries it out in the same transaction, or declines it with a reason. Who may is
// judged on what stands in that transaction: a role that was taken away a moment ago approves nothing.
func (p *Portal) DecideApproval(ctx context.Context, by rights.Actor, id string, approve bool, reason string) error {
	if err := may(by, rights.Approve); err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	if f, bad := tooLong("reason", reason); bad {
		return rights.FieldErrors{f}
	}
	if reason == "" && !approve {
		return rights.Fault("reason", "approval.error.reason", nil)
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		a, err := p.waiting(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if a.Bar != "" {
			return rights.Fault("decide", a.Bar, nil)
		}
		a.Decision = "declined"
		if approve {
			a.Decision = "approved"
			if a.Approval.Staff, err = p.carryOutApproval(ctx, tx, by, a); err != nil {
				return err
			}
		}
		return p.decided(ctx, tx, by, a, reason)
	})
}

// WithdrawApproval takes one's own proposal back.
func (p *Portal) WithdrawApproval(ctx context.Context, by rights.Actor, id string) error {
	if err := may(by, rights.Approve); err != nil {
		return err
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		a, err := p.waiting(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if a.ProposedBy != by.ID {
			return rights.ErrNotFound
		}
		a.Decision = "withdrawn"
		return p.decided(ctx, tx, by, a, "")
	})
}

// waiting returns a proposal that nobody has decided.
func (p *Portal) waiting(ctx context.Context, tx *store.Tx, by rights.Actor, id string) (Approval, error) {
	a, err := tx.Approval(ctx, id)
	if err != nil {
		return Approval{}, err
	}
	if a.Decision != "" {
		return Approval{}, rights.ErrConflict
	}
	team, err := tx.ListStaff(ctx)
	if err != nil {
		return Approval{}, err
	}
	return p.read(ctx, tx, by, a, team)
}

// decided writes down what became of a proposal and tells whoever made it.
func (p *Portal) decided(ctx context.Context, tx *store.Tx, by rights.Actor, a Approval, reason string) error {
	a.DecidedBy, a.DecidedAt, a.Reason = by.ID, p.Now(), reason
	facts := map[string]string{"approval": a.ID, "kind": a.Kind, "proposed_by": a.ProposedBy, "role": string(a.Role)}
	if a.Approval.Staff != "" {
		facts["staff"] = a.Approval.Staff
	}
	if err := tx.DecideApproval(a.Approval, p.entry(by, "approval."+a.Decision, "", "", facts)); err != nil {
		return err
	}
	return p.notify(ctx, tx, notice{to: a.ProposedBy, kind: rights.AlertApproval, by: by.ID, approval: a.ID, dedupe: "approval decided " + a.ID})
}

// carryOutApproval does what was approved, and returns whom it concerns.
func (p *Portal) carryOutApproval(ctx context.Context, tx *store.Tx, by rights.Actor, a Approval) (string, error) {
	if a.Kind == ForInvitation {
		member, _, err := p.invite(ctx, tx, by, a.Proposal)
		if errors.Is(err, rights.ErrConflict) { // they are active by now: the operator was faster
			return "", rights.Fault("decide", "approval.bar.changed", nil)
		}
		return member.ID, err
	}
	m := a.Member
	if err := p.notLastAdmin(ctx, tx, m, "decide"); err != nil {
		return "", err
	}
	m.Role = a.Role
	facts := map[string]string{"staff": m.ID, "from": string(a.From), "role": string(a.Role), "approval": a.ID}
	if err := tx.UpdateStaff(m, p.entry(by, "staff.role_changed", "", "", facts)); err != nil {
		return "", err
	}
	// What they have open was opened as somebody who may do other things.
	_, err := tx.EndSessionsOf("staff", m.ID, "", p.Now(), p.entry(by, "staff.sessions_ended", "", "", map[string]string{"staff": m.ID}))
	return m.ID, err
}
