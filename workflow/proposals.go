package workflow

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// Proposal is what exactly somebody proposes, as the second person sees it.
type Proposal struct {
	Email    string      `json:"email,omitempty"` // of an invitation, with the name and the language of the letter
	Name     string      `json:"name,omitempty"`
	Language string      `json:"language,omitempty"`
	From     rights.Role `json:"from,omitempty"` // of a change: what they may do until then
	Role     rights.Role `json:"role"`
	Why      string      `json:"why"`
}

// ProposeInvitation proposes to let somebody in. Nothing leaves before somebody else has approved it.
func (p *Portal) ProposeInvitation(ctx context.Context, by rights.Actor, invitee Proposal) error {
	if err := may(by, rights.ManageStaff); err != nil {
		return err
	}
	invitee, err := checkInvitee(invitee)
	if err != nil {
		return err
	}
	if err := checkWhy(&invitee.Why); err != nil {
		return err
	}
	invitee.From = ""
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		member, err := tx.StaffByEmail(ctx, invitee.Email)
		if err == nil && member.State == "active" {
			return rights.Fault("email", "team.error.taken", nil)
		}
		if err = ignoreNotFound(err); err != nil {
			return err
		}
		return p.propose(ctx, tx, by, store.Approval{Kind: ForInvitation}, invitee)
	})
}

// ProposeRole proposes another role for a member of staff.
func (p *Portal) ProposeRole(ctx context.Context, by rights.Actor, member string, role rights.Role, why string) error {
	if err := may(by, rights.ManageStaff); err != nil {
		return err
	}
	if !(rights.Actor{Role: role}).IsStaff() {
		return rights.Fault("role", "staff.error.role", nil)
	}
	if err := checkWhy(&why); err != nil {
		return err
	}
	return p.Store.Write(ctx, func(tx *store.Tx) error {
		m, err := tx.StaffByID(ctx, member)
		switch {
		case err != nil:
			return err
		case m.State == "disabled":
			return rights.ErrConflict
		case m.ID == by.ID:
			return rights.Fault("role", "team.error.own_role", nil)
		case m.Role == role:
			return rights.Fault("role", "team.error.same_role", nil)
		}
		if err := p.notLastAdmin(ctx, tx, m, "role"); err != nil {
			return err
		}
		return p.propose(ctx, tx, by, store.Approval{Kind: ForRole, Staff: m.ID}, Proposal{From: m.Role, Role: role, Why: why})
	})
}

func checkWhy(why *string) error {
	*why = strings.TrimSpace(*why)
	if *why == "" {
		return rights.Fault("why", "team.error.why", nil)
	}
	if f, bad := tooLong("why", *why); bad {
		return rights.FieldErrors{f}
	}
	return nil
}

// propose adds a proposal and tells whoever could decide it. One about the same person must be decided first.
func (p *Portal) propose(ctx context.Context, tx *store.Tx, by rights.Actor, a store.Approval, what Proposal) error {
	open, err := tx.OpenApprovals(ctx, p.Now().Add(-approvalLife), openShown)
	if err != nil {
		return err
	}
	if len(open) == openShown {
		return rights.Fault("why", "team.error.many", nil)
	}
	for _, other := range open {
		o, err := fromJSON[Proposal](other.Payload)
		if err != nil {
			return err
		}
		if other.Kind == a.Kind && other.Staff == a.Staff && o.Email == what.Email {
			field := map[string]string{ForInvitation: "email", ForRole: "role"}[a.Kind]
			return rights.Fault(field, "team.error.waits", nil)
		}
	}
	payload, err := asJSON(what)
	if err != nil {
		return err
	}
	a.ID, a.Payload, a.ProposedBy, a.ProposedAt = p.newID(), payload, by.ID, p.Now()
	facts := map[string]string{"approval": a.ID, "kind": a.Kind, "role": string(what.Role)}
	if a.Staff != "" {
		facts["staff"], facts["from"] = a.Staff, string(what.From)
	}
	if err := tx.InsertApproval(a, p.entry(by, "approval.proposed", "", "", facts)); err != nil {
		return err
	}
	team, err := tx.ListStaff(ctx)
	if err != nil {
		return err
	}
	n := notice{kind: rights.AlertApproval, by: by.ID, approval: a.ID, dedupe: "approval " + a.ID}
	for _, m := range team {
		read, err := p.read(ctx, tx, rights.Actor{ID: m.ID}, a, team)
		if err != nil {
			return err
		}
		if read.Bar != "" {
			continue
		}
		if _, err := p.tell(tx, m, n.of(m)); err != nil {
			return err
		}
	}
	return nil
}

// notLastAdmin refuses to take the last administrator away: nobody could let another in.
func (p *Portal) notLastAdmin(ctx context.Context, tx *store.Tx, m store.Staff, field string) error {
	if m.Role != rights.RoleAdmin || m.State != "active" {
		return nil
	}
	team, err := tx.ListStaff(ctx)
	if err != nil {
		return err
	}
	for _, other := range team {
		if other.ID != m.ID && other.State == "active" && other.Role == rights.RoleAdmin {
			return nil
		}
	}
	return rights.Fault(field, "team.error.last_admin", nil)
}

// checkInvitee tidies who is to be invited, and checks that they could be.
func checkInvitee(i Proposal) (Proposal, error) {
	var err error
	if i.Email, err = mail.Canonical(i.Email); err != nil {
		return i, err
	}
	i.Name = oneLine(i.Name)
	switch n := utf8.RuneCountInString(i.Name); {
	case !strings.ContainsFunc(i.Name, unicode.IsLetter):
		return i, rights.Fault("name", "staff.error.name", nil)
	case n > maxLine:
		return i, rights.Fault("name", "error.too_long", map[string]any{"Max": maxLine, "Over": n - maxLine})
	}
	if !(rights.Actor{Role: i.Role}).IsStaff() {
		return i, rights.Fault("role", "staff.error.role", nil)
	}
	return i, nil
}

// oneLine is a name as one line that reads as it is written: without controls, and without marks that turn text around.
func oneLine(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) || unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, name)
	return strings.Join(strings.Fields(name), " ")
}
