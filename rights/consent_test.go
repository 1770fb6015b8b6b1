package rights

import (
	"slices"
	"testing"
	"time"
)

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestConsentStandsUntilItRunsOutOrTheWordsChange(t *testing.T) {
	for _, row := range []struct {
		why        string
		months     int
		version    int // of the words shown
		given, now string
		withdrawn  string
		active     bool
		until      string
	}{
		{"for ever", 0, 1, "2026-01-31T10:00:00Z", "2046-01-31T10:00:00Z", "", true, ""},
		{"the last moment", 24, 1, "2026-01-31T10:00:00Z", "2028-01-31T09:59:59Z", "", true, "2028-01-31T10:00:00Z"},
		{"at its end", 24, 1, "2026-01-31T10:00:00Z", "2028-01-31T10:00:00Z", "", false, "2028-01-31T10:00:00Z"},
		{"from a leap day", 12, 1, "2024-02-29T10:00:00Z", "2025-02-28T09:59:59Z", "", true, "2025-02-28T10:00:00Z"},
		{"to older words", 0, 0, "2026-01-31T10:00:00Z", "2026-02-01T10:00:00Z", "", false, ""},
		{"withdrawn at once", 0, 1, "2026-01-31T10:00:00Z", "2026-01-31T10:00:01Z", "2026-01-31T10:00:01Z", false, ""},
		{"withdrawn in the same moment it was given", 0, 1, "2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z", false, ""},
	} {
		p := Purpose{Key: "newsletter", ValidFor: row.months, Version: 1}
		events := []ConsentEvent{{Purpose: p.Key, Version: row.version, Choice: Granted, At: moment(t, row.given)}}
		if row.withdrawn != "" {
			events = append(events, ConsentEvent{Purpose: p.Key, Version: row.version, Choice: Withdrawn, At: moment(t, row.withdrawn)})
		}
		now := moment(t, row.now)
		s := Standings([]Purpose{p}, events, now)[0]
		if got := s.Active(p, now); got != row.active {
			t.Errorf("%s: active %t", row.why, got)
		}
		var until string
		if !s.Until.IsZero() {
			until = s.Until.Format(time.RFC3339)
		}
		if until != row.until {
			t.Errorf("%s: until %q, want %q", row.why, until, row.until)
		}
	}
}

func TestStandingsKeepTheOrderOfPurposesWhateverTheOrderOfEvents(t *testing.T) {
	purposes := []Purpose{{Key: "b", Version: 1}, {Key: "a", Version: 1}, {Key: "never_asked", Version: 1}}
	at := moment(t, "2026-11-20T10:00:00Z")
	events := []ConsentEvent{
		{Purpose: "a", Version: 1, Choice: Granted, At: at},
		{Purpose: "b", Version: 1, Choice: Granted, At: at},
		{Purpose: "b", Version: 1, Choice: Withdrawn, At: at.Add(time.Hour)},
		{Purpose: "forgotten", Version: 1, Choice: Granted, At: at},
	}
	want := []Standing{{Purpose: "b", Choice: Withdrawn, Since: at.Add(time.Hour), Version: 1}, {Purpose: "a", Choice: Granted, Since: at, Version: 1}, {Purpose: "never_asked"}}
	for range 2 {
		if got := Standings(purposes, events, at); !slices.Equal(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		slices.Reverse(events)
	}
}

func TestRolesMayOnlyWhatIsListed(t *testing.T) {
	may := map[Role][]Deed{
		RoleOfficer: {SeeQueue, HandleRequest}, RoleApprover: {SeeQueue, HandleRequest},
		RoleAdmin: {SeeQueue, ManageStaff}, RoleAuditor: {SeeQueue},
	}
	for _, r := range append(StaffRoles, RoleSubject, RoleSystem, "") {
		for _, d := range []Deed{SeeQueue, HandleRequest, ManageStaff, ""} {
			if got := r.May(d); got != slices.Contains(may[r], d) {
				t.Errorf("%q may %q: %t", r, d, got)
			}
		}
		if got := (Actor{Role: r}).IsStaff(); got != slices.Contains(StaffRoles, r) {
			t.Errorf("%q is staff: %t", r, got)
		}
	}
}
