package rights

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"
)

func TestEveryRegimeAnswersEveryRight(t *testing.T) {
	received := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	for _, g := range Regimes {
		for _, r := range Rights {
			c := g.Clock(r, Facts{Received: received})
			if due := c.DueDay(); !due.After(DateOf(received)) {
				t.Errorf("%s %s: due %q", g.ID, r, due)
			}
			for _, d := range c.Deadlines {
				if d.StrictDue.After(d.Due) || d.Citation == "" || d.Due.IsZero() {
					t.Errorf("%s %s: %+v", g.ID, r, d)
				}
			}
			if len(g.Grounds(r)) == 0 {
				t.Errorf("%s names no ground for refusing %s: nothing could ever be refused", g.ID, r)
			}
		}
	}
}

func TestTheRegimesAreThoseOfTheLawFile(t *testing.T) {
	raw, err := os.ReadFile("testdata/regimes.json")
	if err != nil {
		t.Fatal(err)
	}
	type period struct {
		N    int
		Unit string
	}
	var file struct {
		Regimes []struct {
			ID       string
			Response period
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Regimes) != len(Regimes) {
		t.Errorf("%d regimes, want %d", len(Regimes), len(file.Regimes))
	}
	for i, want := range file.Regimes {
		g := Regimes[i]
		n := map[string]int{"calendar_month": g.Reply.Months, "calendar_day": g.Reply.Days}[want.Response.Unit]
		if g.ID != want.ID || n != want.Response.N {
			t.Errorf("%s answers in %s, want %s in %d %s", g.ID, g.Reply, want.ID, want.Response.N, want.Response.Unit)
		}
	}
	if _, ok := RegimeByID("gdpr"); ok {
		t.Error("a regime nobody wrote was found")
	}
}

func TestEveryFactHasItsSource(t *testing.T) {
	for _, g := range Regimes {
		seen := map[string]bool{}
		for _, ground := range g.Refusals {
			if seen[ground.ID] {
				t.Errorf("%s names the ground %s twice", g.ID, ground.ID)
			}
			seen[ground.ID] = true
		}
		for _, f := range facts(g) {
			if f.citation == "" || (f.confidence != string(Confirmed) && f.confidence != string(FromMemory)) {
				t.Errorf("%s: %+v", g.ID, f)
			}
		}
	}
}

func TestEveryRegimeHasItsCalendars(t *testing.T) {
	for _, g := range Regimes {
		for _, place := range append(slices.Clone(g.Places), g.Countries...) {
			if _, ok := CalendarOf(place); !ok {
				t.Errorf("%s: no holidays of %s", g.ID, place)
			}
		}
		if _, err := time.LoadLocation(g.Zone); err != nil {
			t.Errorf("%s: %v", g.ID, err)
		}
	}
}

func TestWhatMayBeDisclosed(t *testing.T) {
	for _, row := range []struct {
		regime, category string
		may              bool
	}{
		{"ccpa", "user.government_id.drivers_license_number", false},
		{"ccpa", "user.biometric", false},
		{"ccpa", "user.contact.email", true},
		{"eu_gdpr", "user.government_id", true},
		{"eu_gdpr", "user.authorization.password", false},
		{"eu_gdpr", "user.authorizations", true},
	} {
		g, _ := RegimeByID(row.regime)
		if got := g.MayDisclose(row.category); got != row.may {
			t.Errorf("%s may disclose %s: %t", row.regime, row.category, got)
		}
	}
}

func TestWhoMayPause(t *testing.T) {
	may := map[string][]string{"eu_gdpr": {ForIdentity, ForClarification}, "uk_gdpr": {ForIdentity, ForClarification}, "cn_pipl": {ForIdentity}}
	for _, g := range Regimes {
		for _, why := range []string{ForIdentity, ForClarification, "holiday"} {
			if _, got := g.stop(why); got != slices.Contains(may[g.ID], why) {
				t.Errorf("%s may pause for %s: %t", g.ID, why, got)
			}
		}
	}
}

func TestBreachDuties(t *testing.T) {
	for _, row := range []struct {
		regime, operator string
		kind             Kind
		hours            int
		ok               bool
	}{
		{"cn_pipl", OperatorCIIO, KindBreachAuthority, 1, true},
		{"cn_pipl", OperatorCentral, KindBreachAuthority, 2, true},
		{"cn_pipl", "", KindBreachAuthority, 4, true},
		{"eu_gdpr", OperatorCIIO, KindBreachAuthority, 72, true}, // a kind of operator that this law does not tell apart
		{"eu_gdpr", "", KindBreachSample, 0, false},
		{"ccpa", "", KindBreachAuthority, 0, false},
	} {
		g, _ := RegimeByID(row.regime)
		d, ok := g.Duty(row.kind, row.operator)
		if ok != row.ok || d.Hours != row.hours {
			t.Errorf("%+v: got %d hours, %t", row, d.Hours, ok)
		}
	}
}
