package workflow_test

import (
	"errors"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

// taken takes every choice that was typed, and returns how many there were.
func (h *house) taken() (n int) {
	h.t.Helper()
	for ; n < 100; n++ {
		had, err := h.ChooseNext(h.t.Context())
		h.must(err)
		if !had {
			return n
		}
	}
	h.t.Fatal("choices without end")
	return n
}

// The law forbids to ask for a proof, be it a code to the mailbox (11 CCR 7060(b)).
func TestWhoOptsOutProvesNothing(t *testing.T) {
	h := flagging(t)
	h.must(h.ChooseUnproven(t.Context(), ann, rights.OptedOut, home))
	h.taken()
	h.noted()
	if got := h.inShop(); got != "1 - active" {
		t.Errorf("the shop says %q", got)
	}
	by := h.customer(ann)
	r := h.newest(by)
	if h.standing(by) != "opt_out" || r.Right != rights.OptOut || r.Regime != "ccpa" || r.Identity != rights.Unidentified {
		t.Errorf("%q stands, by %+v", h.standing(by), r)
	}
	h.wroteTo(ann, r.Ref, "neither sell", "take this one back")
	h.must(h.ChooseUnproven(t.Context(), ann, rights.OptedOut, home))
	h.must(h.ChooseUnproven(t.Context(), ann, rights.Limited, home))
	if n := h.taken(); n != 2 || h.standing(by) != "opt_out limit" {
		t.Errorf("%d taken, %q stands", n, h.standing(by))
	}
	if list, _, err := h.Requests(t.Context(), by, "", 10); err != nil || len(list) != 2 {
		t.Errorf("what stood already made another request: %d, %v", len(list), err)
	}
}

func TestAChoiceForAMailboxThatNobodyKnowsWaitsForItsOwner(t *testing.T) {
	h := flagging(t)
	h.must(h.ChooseUnproven(t.Context(), nobody, rights.OptedOut, home))
	h.taken()
	h.noted()
	h.wroteTo(nobody, "neither sell")
	if got := h.standing(h.customer(nobody)); got != "opt_out" {
		t.Errorf("%q stands", got)
	}
}

// Anybody can type a thousand of them: what the machine can see for itself is no work for people.
func TestAMailboxThatNoSourceKnowsIsNoWorkForOfficers(t *testing.T) {
	h := flagging(t)
	officer := h.officer(rights.RoleOfficer)
	h.must(h.ChooseUnproven(t.Context(), nobody, rights.OptedOut, home))
	h.must(h.ChooseUnproven(t.Context(), ann, rights.OptedOut, home))
	h.taken()
	h.noted()
	for mailbox, want := range map[string]rights.State{nobody: rights.Fulfilled, ann: rights.Received} { // the journal has visits of Ann's, and no field
		by := h.customer(mailbox)
		r := h.newest(by)
		open := len(h.folder(officer, r.Ref).OpenTasks())
		if r.State != want || open != map[rights.State]int{rights.Received: 1}[want] || h.standing(by) != "opt_out" {
			t.Errorf("%s: %s with %d open tasks, %q stands", mailbox, r.State, open, h.standing(by))
		}
	}
}

// Taken for a stranger she would be parted from what is hers.
func TestAChoiceWaitsForTheSourceThatKnowsWhoseItIs(t *testing.T) {
	h := flagging(t)
	by := h.customer(ann)
	h.must(h.ChooseUnproven(t.Context(), ann, rights.OptedOut, home))
	up := h.down("shop")
	if n := h.taken(); n != 1 || h.standing(by) != "" {
		t.Errorf("%d taken, %q stands", n, h.standing(by))
	}
	up()
	h.clock.Advance(2 * time.Minute)
	if n := h.taken(); n != 1 || h.standing(by) != "opt_out" {
		t.Errorf("%d taken, %q stands", n, h.standing(by))
	}
	if again := h.again(ann); again.ID != by.ID {
		t.Error("she is somebody else now")
	}
}

func TestAChoiceForAMailboxOfTwoHoldsForPrograms(t *testing.T) {
	h := flagging(t)
	h.must(h.ChooseUnproven(t.Context(), pair, rights.OptedOut, home))
	h.taken()
	h.noted()
	got, err := h.CheckConsents(t.Context(), rights.Actor{ID: "engine", Role: rights.RoleProgram}, workflow.Whom{Email: pair}, []string{"partners"})
	if h.must(err); got[0].Because != "opted_out" {
		t.Errorf("a program hears %+v", got[0])
	}
}

func TestWhatIsTypedIsCheckedAndCounted(t *testing.T) {
	h := flagging(t)
	for _, kind := range []rights.FlagKind{rights.Restricted, rights.Objected, rights.Closed, "nothing"} {
		if err := h.ChooseUnproven(t.Context(), ann, kind, home); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if err := h.ChooseUnproven(t.Context(), "ann", rights.OptedOut, home); fault(err) == "" {
		t.Errorf("no address: %v", err)
	}
	for range 3 {
		h.must(h.ChooseUnproven(t.Context(), nobody, rights.OptedOut, home))
	}
	if err := h.ChooseUnproven(t.Context(), nobody, rights.OptedOut, home); !errors.Is(err, rights.ErrTooMany) {
		t.Errorf("the fourth of a day: %v", err)
	}
	h.must(h.ChooseUnproven(t.Context(), ann, rights.OptedOut, home))
	h.taken()
	if n := len(h.letters(nobody)); n != 1 {
		t.Errorf("%d letters for what was chosen three times", n)
	}
}

func TestNobodyAsksForAProofThatTheLawForbids(t *testing.T) {
	for _, c := range []struct {
		regime string
		right  rights.Right
		asked  bool
	}{
		{"ccpa", rights.OptOut, false}, {"ccpa", rights.Restriction, false}, {"ccpa", rights.Erasure, true}, {"eu_gdpr", rights.OptOut, true},
	} {
		t.Run(c.regime+" "+string(c.right), func(t *testing.T) {
			h := flagging(t)
			h.Regime = c.regime
			by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
			r, err := h.Submit(t.Context(), by, workflow.Ask{Right: c.right, Language: "en"})
			h.must(err)
			err = h.Ask(t.Context(), officer, r.Ref, h.version(r.Ref), rights.ForIdentity, "Please send us a copy of your passport.")
			if asked := err == nil; asked != c.asked || !asked && fault(err) != "act.error.why" {
				t.Errorf("asked: %v, %v", asked, err)
			}
		})
	}
}
