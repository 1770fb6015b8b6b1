package workflow_test

import (
	"testing"

	"habeas/rights"
	"habeas/workflow"
)

func TestALongRangeIsCutIntoMonths(t *testing.T) {
	h := open(t)
	marta := h.customer("marta@example.com")
	officer := h.officer(rights.RoleOfficer)
	for _, right := range []rights.Right{rights.Objection, rights.Restriction} {
		_, err := h.Submit(h.t.Context(), marta, workflow.Ask{Right: right, Regime: "eu_gdpr", Text: "Please.", Language: "en"})
		h.must(err)
	}
	today := rights.DateOf(h.clock.Now())
	for _, c := range []struct {
		days, stretches int
		months          bool
	}{{1, 1, false}, {7, 1, false}, {8, 2, false}, {27 * 7, 27, false}, {27*7 + 1, 7, true}, {365, 13, true}, {3 * 365, 37, true}} {
		n, err := h.Numbers(h.t.Context(), officer, today.AddDays(1-c.days), today)
		h.must(err)
		if len(n.Stretches) != c.stretches || n.Months != c.months || n.Stretches[0].From != n.From {
			t.Errorf("%d days: %d stretches from %v, months %v; want %d, %v", c.days, len(n.Stretches), n.Stretches[0].From, n.Months, c.stretches, c.months)
		}
		for _, s := range n.Stretches[1:] {
			if n.Months && s.From.Day != 1 {
				t.Errorf("%d days: a month begins on %v", c.days, s.From)
			}
		}
		if last := n.Stretches[len(n.Stretches)-1]; last.Received != n.Received || n.Received != 2 {
			t.Errorf("%d days: %d of %d came in at the end, want both", c.days, last.Received, n.Received)
		}
	}
}
