package workflow_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
	"habeas/workflow"
)

// waits are the IDs of what waits for approval.
func (h *house) waits(by rights.Actor) (ids []string) {
	h.t.Helper()
	all, err := h.Approvals(h.t.Context(), by, "")
	h.must(err)
	for _, a := range all.Open {
		ids = append(ids, a.ID)
	}
	return ids
}

// key is the first fault of an error, "" for none, "conflict" and "not found" for these.
func key(err error) string {
	var faults rights.FieldErrors
	switch {
	case err == nil:
		return ""
	case errors.As(err, &faults):
		return faults[0].Key
	case errors.Is(err, rights.ErrConflict):
		return "conflict"
	case errors.Is(err, rights.ErrNotFound):
		return "not found"
	}
	return err.Error()
}

var lu = workflow.Proposal{Email: "lu@shop.example", Name: "Lu Xun", Language: "en", Role: rights.RoleOfficer, Why: "Somebody for the counter"}

func TestFourEyesCannotBeOnePair(t *testing.T) {
	type crew struct {
		h                                  *house
		admin, second, chief, mei, auditor rights.Actor
	}
	propose := func(t *testing.T) (crew, string) {
		h := open(t)
		c := crew{h: h, admin: h.colleague("admin", rights.RoleAdmin), second: h.colleague("second", rights.RoleAdmin),
			chief: h.colleague("chief", rights.RoleApprover), mei: h.colleague("mei", rights.RoleOfficer), auditor: h.colleague("auditor", rights.RoleAuditor)}
		h.must(h.ProposeRole(t.Context(), c.admin, "chief", rights.RoleAdmin, "Takes over from me"))
		return c, h.waits(c.second)[0]
	}
	change := func(c crew, id string, edit func(*store.Staff)) {
		c.h.t.Helper()
		c.h.must(c.h.Store.Write(c.h.t.Context(), func(tx *store.Tx) error {
			m, err := tx.StaffByID(c.h.t.Context(), id)
			if err != nil {
				return err
			}
			edit(&m)
			return tx.UpdateStaff(m, rights.Entry{At: c.h.Now(), Actor: rights.System, Act: "staff.changed"})
		}))
	}
	for _, row := range []struct {
		sentence string
		before   func(c crew)
		who      func(c crew) rights.Actor
		want     string
	}{
		{"another administrator approves", nil, func(c crew) rights.Actor { return c.second }, ""},
		{"nobody approves what they proposed", nil, func(c crew) rights.Actor { return c.admin }, "approval.bar.own"},
		{"nobody approves what concerns them", nil, func(c crew) rights.Actor { return c.chief }, "approval.bar.self"},
		{"an officer approves nothing", nil, func(c crew) rights.Actor { return c.mei }, "not found"},
		{"an auditor approves nothing", nil, func(c crew) rights.Actor { return c.auditor }, "not found"},
		{"a customer approves nothing", nil, func(c crew) rights.Actor { return c.h.customer(ann) }, "not found"},
		{"a second account of the proposer's mailbox is the same pair", func(c crew) {
			change(c, "second", func(m *store.Staff) { m.Email = "Admin+two@shop.example" })
		}, func(c crew) rights.Actor { return c.second }, "approval.bar.mailbox"},
		{"a role that was taken away meanwhile approves nothing, whatever the session says", func(c crew) {
			change(c, "second", func(m *store.Staff) { m.Role = rights.RoleOfficer })
		}, func(c crew) rights.Actor { return c.second }, "approval.bar.role"},
		{"somebody who was disabled meanwhile approves nothing", func(c crew) {
			change(c, "second", func(m *store.Staff) { m.State = "disabled" })
		}, func(c crew) rights.Actor { return c.second }, "approval.bar.role"},
		{"what somebody proposed who has left since is not approved", func(c crew) {
			c.h.must(c.h.DisableStaff(c.h.t.Context(), c.second, "admin@shop.example"))
		}, func(c crew) rights.Actor { return c.second }, "approval.bar.proposer"},
		{"nor what was proposed for somebody whose role has changed since", func(c crew) {
			change(c, "chief", func(m *store.Staff) { m.Role = rights.RoleOfficer })
		}, func(c crew) rights.Actor { return c.second }, "approval.bar.changed"},
		{"nor what nobody decided for two weeks", func(c crew) { c.h.clock.Advance(14 * 24 * time.Hour) },
			func(c crew) rights.Actor { return c.second }, "approval.bar.lapsed"},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			c, id := propose(t)
			if row.before != nil {
				row.before(c)
			}
			if got := key(c.h.DecideApproval(t.Context(), row.who(c), id, true, "")); got != row.want {
				t.Errorf("answered %q, want %q", got, row.want)
			}
			m, err := c.h.Store.StaffByID(t.Context(), "chief")
			c.h.must(err)
			if (m.Role == rights.RoleAdmin) != (row.want == "") {
				t.Errorf("the role is %s now", m.Role)
			}
		})
	}
}

func TestWhomSomebodyRaisedIsNoSecondPairOfEyesAtOnce(t *testing.T) {
	h := open(t)
	admin, second := h.colleague("admin", rights.RoleAdmin), h.colleague("second", rights.RoleAdmin)
	mei := h.colleague("mei", rights.RoleOfficer)
	h.must(h.ProposeRole(t.Context(), admin, mei.ID, rights.RoleApprover, "Experienced"))
	h.must(h.DecideApproval(t.Context(), second, h.waits(second)[0], true, ""))
	mei.Role = rights.RoleApprover
	h.must(h.ProposeInvitation(t.Context(), admin, lu))
	id := h.waits(second)[0]
	if got := key(h.DecideApproval(t.Context(), mei, id, true, "")); got != "approval.bar.raised" {
		t.Errorf("at once: %q", got)
	}
	h.clock.Advance(24 * time.Hour)
	if got := key(h.DecideApproval(t.Context(), mei, id, true, "")); got != "" {
		t.Errorf("a day later: %q", got)
	}
}

func TestAnInvitationLeavesWhenASecondPersonHasApprovedIt(t *testing.T) {
	h := open(t)
	admin, chief := h.colleague("admin", rights.RoleAdmin), h.colleague("chief", rights.RoleApprover)
	h.must(h.ProposeInvitation(t.Context(), admin, lu))
	if got := key(h.ProposeInvitation(t.Context(), admin, lu)); got != "team.error.waits" {
		t.Errorf("the same again: %q", got)
	}
	if n := len(h.letters(lu.Email)); n != 0 {
		t.Fatalf("%d letters before anybody approved", n)
	}
	if got := h.told(chief); strings.Join(got, ",") != "approval" {
		t.Errorf("the approver was told %v", got)
	}
	if got := h.told(admin); len(got) != 0 {
		t.Errorf("whoever proposed was told %v", got)
	}
	id := h.waits(chief)[0]
	a, err := h.Approval(t.Context(), chief, id)
	h.must(err)
	if a.Email != lu.Email || a.Name != lu.Name || a.Role != lu.Role || a.Why != lu.Why || a.Proposer.ID != admin.ID || a.Bar != "" {
		t.Errorf("the second person sees %+v", a)
	}
	// Two tabs at once: one letter.
	var both sync.WaitGroup
	answers := make([]string, 2)
	for i := range answers {
		both.Go(func() { answers[i] = key(h.DecideApproval(t.Context(), chief, id, true, "")) })
	}
	both.Wait()
	if answers[0]+answers[1] != "conflict" {
		t.Errorf("answered %q", answers)
	}
	if l := h.letters(lu.Email); len(l) != 1 || !strings.Contains(l[0].Text, "/staff/enrol/") {
		t.Errorf("%d letters", len(l))
	}
	if got := h.told(admin); strings.Join(got, ",") != "approval" {
		t.Errorf("whoever proposed it was told %v", got)
	}
	if _, err := h.Enrolment(t.Context(), h.find(enrolLink, lu.Email)); err != nil {
		t.Error(err)
	}
}

func TestADeclinedOrWithdrawnProposalChangesNothing(t *testing.T) {
	h := open(t)
	admin, chief := h.colleague("admin", rights.RoleAdmin), h.colleague("chief", rights.RoleApprover)
	h.must(h.ProposeInvitation(t.Context(), admin, lu))
	id := h.waits(chief)[0]
	if got := key(h.DecideApproval(t.Context(), chief, id, false, " ")); got != "approval.error.reason" {
		t.Errorf("declined without a reason: %q", got)
	}
	if got := key(h.WithdrawApproval(t.Context(), chief, id)); got != "not found" {
		t.Errorf("somebody else's proposal was taken back: %q", got)
	}
	h.must(h.DecideApproval(t.Context(), chief, id, false, "We do not know them"))
	if got := key(h.DecideApproval(t.Context(), chief, id, true, "")); got != "conflict" {
		t.Errorf("approved after it was declined: %q", got)
	}
	h.clock.Advance(time.Minute)
	h.must(h.ProposeInvitation(t.Context(), admin, lu))
	again := h.waits(chief)[0]
	h.must(h.WithdrawApproval(t.Context(), admin, again))
	if got := key(h.DecideApproval(t.Context(), chief, again, true, "")); got != "conflict" {
		t.Errorf("approved after it was taken back: %q", got)
	}
	if _, err := h.Store.StaffByEmail(t.Context(), lu.Email); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("they are of the team: %v", err)
	}
	all, err := h.Approvals(t.Context(), chief, "")
	h.must(err)
	if len(all.Open) != 0 || len(all.Decided) != 2 || all.Decided[1].Reason != "We do not know them" || all.Decided[1].Decider.ID != chief.ID {
		t.Errorf("the list is %+v", all)
	}
}

func TestTheTeamIsNeverWithoutAnAdministratorByItsOwnHand(t *testing.T) {
	h := open(t)
	admin, chief := h.colleague("admin", rights.RoleAdmin), h.colleague("chief", rights.RoleApprover)
	for _, c := range []struct {
		sentence string
		act      func() error
		want     string
	}{
		{"disabling oneself", func() error { return h.DisableStaff(t.Context(), admin, "admin@shop.example") }, "team.error.self"},
		{"one's own role", func() error { return h.ProposeRole(t.Context(), admin, admin.ID, rights.RoleApprover, "Enough") }, "team.error.own_role"},
		{"the role somebody has", func() error { return h.ProposeRole(t.Context(), admin, chief.ID, rights.RoleApprover, "Again") }, "team.error.same_role"},
		{"a role that staff cannot have", func() error { return h.ProposeRole(t.Context(), admin, chief.ID, rights.RoleSystem, "All of it") }, "staff.error.role"},
		{"no reason", func() error { return h.ProposeRole(t.Context(), admin, chief.ID, rights.RoleAdmin, "") }, "team.error.why"},
		{"an officer proposing", func() error { return h.ProposeRole(t.Context(), chief, admin.ID, rights.RoleOfficer, "Ha") }, "not found"},
		{"inviting without a second person", func() error {
			_, err := h.Invite(t.Context(), admin, lu.Email, lu.Name, lu.Role, "en")
			return err
		}, "not found"},
	} {
		if got := key(c.act()); got != c.want {
			t.Errorf("%s: %q, want %q", c.sentence, got, c.want)
		}
	}
	// Two administrators, each proposed for another role: the second proposal would leave none.
	second := h.colleague("second", rights.RoleAdmin)
	h.must(h.ProposeRole(t.Context(), admin, second.ID, rights.RoleOfficer, "Moves on"))
	h.clock.Advance(time.Second)
	h.must(h.ProposeRole(t.Context(), second, admin.ID, rights.RoleOfficer, "Moves on"))
	ids := h.waits(chief)
	h.must(h.DecideApproval(t.Context(), chief, ids[0], true, ""))
	if got := key(h.DecideApproval(t.Context(), chief, ids[1], true, "")); got != "approval.bar.proposer" {
		t.Errorf("the second: %q", got)
	}
	if all, err := h.Approvals(t.Context(), admin, ""); err != nil || all.Alone {
		t.Errorf("alone although there is an approver: %v", err)
	}
	h.must(h.DisableStaff(t.Context(), rights.System, "chief@shop.example"))
	if all, err := h.Approvals(t.Context(), admin, ""); err != nil || !all.Alone {
		t.Errorf("not alone although nobody else could approve: %v", err)
	}
}

func TestAnotherRoleEndsTheirSessions(t *testing.T) {
	h := open(t)
	admin, chief := h.colleague("admin", rights.RoleAdmin), h.colleague("chief", rights.RoleApprover)
	h.Demo = true // signs in without the second factor
	in, err := h.SignInAs(t.Context(), "chief@shop.example", home)
	h.must(err)
	second := h.colleague("second", rights.RoleApprover)
	h.must(h.ProposeRole(t.Context(), admin, chief.ID, rights.RoleAuditor, "Only looks from now on"))
	h.must(h.DecideApproval(t.Context(), second, h.waits(second)[0], true, ""))
	if _, err := h.Who(t.Context(), in.Token); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("the session goes on: %v", err)
	}
	again, err := h.SignInAs(t.Context(), "chief@shop.example", home)
	h.must(err)
	if by := h.actor(again); by.Role != rights.RoleAuditor {
		t.Errorf("they are %s", by.Role)
	}
}
