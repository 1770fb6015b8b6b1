package workflow_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

func TestASourceThatIsDownIsToldLater(t *testing.T) {
	h := flagging(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	up := h.down("shop")
	h.must(h.RaiseFlag(t.Context(), by, rights.OptedOut, "", "en"))
	r := h.newest(by)
	h.noted()
	if got := h.standing(by); got != "opt_out" {
		t.Errorf("it stands all the same: %q", got)
	}
	if kinds := fmt.Sprint(h.folder(officer, r.Ref).Events); !strings.Contains(kinds, "flag_waits") {
		t.Error("its history does not say that it waits")
	}
	up()
	h.noted()
	if got := h.inShop(); got != "- - active" {
		t.Error("tried again without a pause")
	}
	h.clock.Advance(time.Minute)
	h.noted()
	if got := h.inShop(); got != "1 - active" {
		t.Errorf("the shop says %q", got)
	}
}

func TestATellingThatIsKilledAnywhereIsTakenAgainAndToldOnce(t *testing.T) {
	h := flagging(t)
	by := h.customer(ann)
	for calls := 1; ; calls++ {
		if calls > 40 {
			t.Fatal("tellings without end")
		}
		h.clock.Advance(24 * time.Hour)
		by = h.again(ann)
		h.must(h.RaiseFlag(t.Context(), by, rights.OptedOut, "", "en"))
		r := h.newest(by)
		died := h.diesAt(calls, func() {
			for {
				if had, err := h.FlagNext(context.Background()); err != nil || !had {
					return
				}
			}
		})
		h.noted()
		if got := h.inShop(); !strings.HasPrefix(got, "1 ") {
			t.Fatalf("killed at %d the shop says %q", calls, got)
		}
		if n := h.count(by.ID, "flag.written"); n != 2*calls-1 {
			t.Fatalf("killed at %d it was written down %d times", calls, n)
		}
		d, err := h.Portal.Request(t.Context(), by, r.Ref)
		h.must(err)
		told := 0
		for _, e := range d.Events {
			if e.Kind == "flagged_in" {
				told++
			}
		}
		if told != 1 {
			t.Fatalf("killed at %d its history says %d times that the shop knows", calls, told)
		}
		if h.must(h.LowerFlag(t.Context(), by, rights.OptedOut, "", "en")); h.noted() == 0 || !strings.HasPrefix(h.inShop(), "0 ") {
			t.Fatalf("taken back the shop says %q", h.inShop())
		}
		if !died {
			return
		}
	}
}

func TestASourceWhoseMapNamesNoFieldAnyMoreIsLeftToPeople(t *testing.T) {
	h := flagging(t)
	officer := h.officer(rights.RoleOfficer)
	by := h.customer(ann)
	h.must(h.RaiseFlag(t.Context(), by, rights.OptedOut, "", "en"))
	text, err := os.ReadFile(h.mapped[0].Dataset)
	h.must(err)
	h.must(os.WriteFile(h.mapped[0].Dataset, []byte(strings.Replace(string(text), "opt_out: no_sale, ", "", 1)), 0o600))
	h.remapped()
	h.noted()
	f := h.folder(officer, h.newest(by).Ref)
	for _, e := range f.Events {
		if e.Kind == "flagged_in" {
			t.Error("its history says that the shop knows")
		}
	}
	if !slices.ContainsFunc(f.OpenTasks(), func(task rights.Task) bool { return task.Source == "shop" }) || f.Request.State == rights.Fulfilled {
		t.Errorf("nobody is left to tell the shop: %s, %+v", f.Request.State, f.Tasks)
	}
	if got := h.inShop(); !strings.HasPrefix(got, "- ") {
		t.Errorf("the shop says %q", got)
	}
}

// Nothing leads from a name and an address to an account: that nothing was found there is not that the shop knows.
func TestASourceIsNotToldOfWhoeverIsKnownByTheirAddressAlone(t *testing.T) {
	h := flagging(t)
	h.onlyShop()
	officer := h.colleague("mei", rights.RoleOfficer)
	r, err := h.Register(t.Context(), officer, workflow.Registration{
		Channel: rights.ByLetter, Right: rights.OptOut, Language: "en", ReceivedAt: h.Now(), Name: "Annabel Harker", Address: "1 Quay Road, York", Identity: rights.Unidentified,
	})
	h.must(err)
	h.noted()
	f := h.folder(officer, r.Ref)
	if !f.Request.State.Open() || len(f.OpenTasks()) != 1 {
		t.Errorf("the request is %s, to do: %+v", f.Request.State, f.OpenTasks())
	}
	for _, e := range f.Events {
		if e.Kind == "flagged_in" {
			t.Error("its history says that the shop knows")
		}
	}
}
