package workflow_test

import (
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

// invites lets somebody in by two people, and returns the token of their link.
func (h *house) invites(admin, chief rights.Actor, who workflow.Proposal) string {
	h.t.Helper()
	h.must(h.ProposeInvitation(h.t.Context(), admin, who))
	h.must(h.DecideApproval(h.t.Context(), chief, h.waits(chief)[0], true, ""))
	return h.find(enrolLink, who.Email)
}

// Whoever is invited anew is so because the link before is lost, or was in the wrong hands.
func TestAnInvitationAnewEndsTheLinksBefore(t *testing.T) {
	h := open(t)
	admin, chief := h.colleague("admin", rights.RoleAdmin), h.colleague("chief", rights.RoleApprover)
	first := h.invites(admin, chief, lu)
	_, err := h.Enrolment(t.Context(), first)
	h.must(err)
	h.clock.Advance(time.Minute)
	raised := lu
	raised.Role = rights.RoleApprover
	second := h.invites(admin, chief, raised)
	if _, err := h.Enrolment(t.Context(), first); !errors.Is(err, rights.ErrGone) {
		t.Errorf("the first link still shows the secret of the authenticator: %v", err)
	}
	_, err = h.Enrolment(t.Context(), second)
	h.must(err)
	h.must(h.DisableStaff(t.Context(), admin, lu.Email))
	h.clock.Advance(time.Minute)
	third := h.invites(admin, chief, lu)
	for _, old := range []string{first, second} {
		if _, _, err := h.Enrol(t.Context(), old, "lantern orbit walnut tide", "000000", home); !errors.Is(err, rights.ErrGone) {
			t.Errorf("a link of before they were disabled still lets in: %v", err)
		}
	}
	if _, err := h.Enrolment(t.Context(), third); err != nil {
		t.Error(err)
	}
}

// The name of a colleague stands in lists, in mentions and before every word of theirs.
func TestTheNameOfAColleagueIsOneShortLine(t *testing.T) {
	h := open(t)
	admin := h.colleague("admin", rights.RoleAdmin)
	for _, row := range []struct{ sentence, name, want string }{
		{"a name without end", strings.Repeat("a", 201), "error.too_long"},
		{"a name of blanks", " \u200b ", "staff.error.name"},
		{"as long as it can be", strings.Repeat("李", 200), ""},
	} {
		who := lu
		who.Email, who.Name = "n"+row.want+"@shop.example", row.name
		if got := key(h.ProposeInvitation(t.Context(), admin, who)); got != row.want {
			t.Errorf("%s: %q, want %q", row.sentence, got, row.want)
		}
	}
	who := lu
	who.Name = "Lu\n\u202eXun\u0007  (administrator)"
	h.must(h.ProposeInvitation(t.Context(), admin, who))
	chief := h.colleague("chief", rights.RoleApprover)
	all, err := h.Approvals(t.Context(), chief, "")
	h.must(err)
	for _, a := range all.Open {
		if a.Email == lu.Email && a.Name != "Lu Xun (administrator)" {
			t.Errorf("the second person sees %q", a.Name)
		}
	}
}

// Two people who decide at once decide once, however they decide.
func TestOfTwoDecisionsAtOnceOneCounts(t *testing.T) {
	for range 3 {
		h := open(t)
		admin, chief, second := h.colleague("admin", rights.RoleAdmin), h.colleague("chief", rights.RoleApprover), h.colleague("second", rights.RoleAdmin)
		mei := h.colleague("mei", rights.RoleOfficer)
		h.must(h.ProposeRole(t.Context(), admin, mei.ID, rights.RoleAdmin, "More hands"))
		id := h.waits(chief)[0]
		var all sync.WaitGroup
		got := make([]string, 3)
		all.Go(func() { got[0] = key(h.DecideApproval(t.Context(), chief, id, true, "")) })
		all.Go(func() { got[1] = key(h.DecideApproval(t.Context(), second, id, false, "No")) })
		all.Go(func() { got[2] = key(h.WithdrawApproval(t.Context(), admin, id)) })
		all.Wait()
		if strings.Count(strings.Join(got, ","), "conflict") != 2 {
			t.Errorf("answered %q", got)
		}
		m, err := h.Store.StaffByID(t.Context(), mei.ID)
		h.must(err)
		if (m.Role == rights.RoleAdmin) != (got[0] == "") {
			t.Errorf("answered %q, and they are %s", got, m.Role)
		}
	}
}

// A record that has served its time leaves no byte of it on the disk.
func TestNoPackageOutlivesItsRecord(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r, err := h.Export(t.Context(), by, rights.Access, "en")
	h.must(err)
	for had := true; had; {
		had, err = h.BuildNext(t.Context())
		h.must(err)
	}
	h.deliver()
	h.clock.Advance(25 * time.Hour)
	for had := true; had; {
		had, err = h.ExpireNext(t.Context())
		h.must(err)
	}
	h.clock.Advance(5 * 365 * 24 * time.Hour)
	if r = h.retained(r.ID); r.PseudonymisedAt.IsZero() {
		t.Fatalf("it has not ended: %+v", r)
	}
	left, err := os.ReadDir(h.Packages)
	h.must(err)
	if len(left) != 0 {
		t.Errorf("%v lies there", left)
	}
}
