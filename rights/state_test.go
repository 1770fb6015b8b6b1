package rights

import (
	"errors"
	"testing"
	"time"
)

func TestOnlyListedStatesFollow(t *testing.T) {
	type pair struct{ from, to State }
	may := map[pair]bool{
		{Received, InProgress}: true, {Received, Paused}: true, {Received, Fulfilled}: true, {Received, Refused}: true, {Received, Cancelled}: true,
		{InProgress, Paused}: true, {InProgress, Fulfilled}: true, {InProgress, Refused}: true, {InProgress, Cancelled}: true,
		{Paused, InProgress}: true, {Paused, Fulfilled}: true, {Paused, Refused}: true, {Paused, Cancelled}: true,
		{Fulfilled, InProgress}: true, {Refused, InProgress}: true,
	}
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	for _, from := range append(States, "", "lost") {
		for _, to := range append(States, "", "lost") {
			want := may[pair{from, to}]
			if got := from.CanBecome(to); got != want {
				t.Errorf("%q to %q: %t", from, to, got)
			}
			r, err := Request{State: from}.Move(to, now)
			switch {
			case !want && (!errors.Is(err, ErrConflict) || r.State != from || !r.ClosedAt.IsZero()):
				t.Errorf("moved %q to %q: %+v, %v", from, to, r, err)
			case want && (err != nil || r.State != to || r.ClosedAt.IsZero() == !to.Open()):
				t.Errorf("%q to %q: %+v, %v", from, to, r, err)
			}
		}
	}
}

func TestTheLastThreeStatesAreClosed(t *testing.T) {
	for i, s := range States {
		if !s.Valid() || s.Open() != (i < 3) {
			t.Errorf("%s: valid %t, open %t", s, s.Valid(), s.Open())
		}
	}
	if State("lost").Valid() || State("lost").Open() {
		t.Error("a state nobody listed is valid or open")
	}
}

func TestCoolingOffEndsWithItsTimeOrTheRequest(t *testing.T) {
	until := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		why   string
		state State
		now   time.Time
		want  bool
	}{
		{"one moment before", Received, until.Add(-1), true},
		{"at its end", Received, until, false},
		{"cancelled", Cancelled, until.Add(-time.Hour), false},
	} {
		if got := (Request{State: row.state, NotBefore: until}).CoolingOff(row.now); got != row.want {
			t.Errorf("%s: %t", row.why, got)
		}
	}
}

func TestRightsThatMoveDataNeedStepUp(t *testing.T) {
	need := map[Right]bool{Portability: true, Rectification: true, Erasure: true}
	for _, r := range Rights {
		if !r.Valid() || r.NeedsStepUp() != need[r] {
			t.Errorf("%s: valid %t, step-up %t", r, r.Valid(), r.NeedsStepUp())
		}
	}
	if Right("revenge").Valid() {
		t.Error("a right nobody listed is valid")
	}
}
