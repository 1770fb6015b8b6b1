package workflow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

func TestADigestADayToWhoeverHasSomethingToDo(t *testing.T) {
	h := open(t)
	mei := h.colleague("mei", rights.RoleOfficer)
	h.colleague("chief", rights.RoleApprover)
	h.colleague("idle", rights.RoleOfficer)
	h.colleague("admin", rights.RoleAdmin)
	person := h.customer(ann)
	r, err := h.Submit(t.Context(), person, workflow.Ask{Right: rights.Objection, Text: "Stop", Language: "en"})
	h.must(err)
	h.must(h.Assign(t.Context(), mei, r.Ref, 1, mei.ID))
	h.deliver()
	at := func(day rights.Date, clock string) {
		t.Helper()
		moment, err := time.ParseInLocation("2006-01-02 15:04", day.String()+" "+clock, h.Location)
		h.must(err)
		h.clock.Advance(moment.Sub(h.Now()))
		h.digest()
	}
	// count is how many digests have gone to whom so far.
	count := func(want map[string]int) {
		t.Helper()
		for to, n := range want {
			got := 0
			for _, l := range h.letters(to) {
				if strings.Contains(l.Subject, "what is due") {
					got++
					for _, word := range named {
						if strings.Contains(l.Text, word) {
							t.Errorf("the digest names %s", word)
						}
					}
				}
			}
			if got != n {
				t.Errorf("%s: %d digests to %s, want %d", h.Now(), got, to, n)
			}
		}
	}
	const meis, chiefs, idles, admins, team = "mei@shop.example", "chief@shop.example", "idle@shop.example", "admin@shop.example", "privacy@shop.example"

	day := rights.DateOf(monday)
	at(day, "09:30") // what came in this morning is news to the team; nobody has work that is near
	count(map[string]int{meis: 0, chiefs: 1, idles: 0, admins: 0, team: 1})
	h.restart()
	at(day, "23:59")
	at(day.AddDays(1), "07:59")
	count(map[string]int{chiefs: 1, team: 1})
	at(day.AddDays(1), "10:00") // by now it is neither new nor near
	count(map[string]int{meis: 0, chiefs: 1, team: 1})

	week := r.Due.AddDays(-7)
	at(week, "07:59")
	count(map[string]int{meis: 0})
	at(week, "08:00")
	count(map[string]int{meis: 1, chiefs: 2, idles: 0, admins: 0, team: 1})
	if l := h.letters(meis)[0]; !strings.Contains(l.Text, "Due within seven days: 1") || !strings.Contains(l.Text, r.Ref) || strings.Contains(l.Text, "The team") {
		t.Errorf("an officer's digest:\n%s", l.Text)
	}
	if l := h.letters(chiefs)[0]; !strings.Contains(l.Text, "The team") || strings.Contains(l.Text, r.Ref) {
		t.Errorf("an approver's digest:\n%s", l.Text)
	}
	// Off for three days: one, when it is back, whatever the hour.
	at(week.AddDays(3), "22:15")
	at(week.AddDays(3), "22:30")
	count(map[string]int{meis: 2, chiefs: 3})
	h.must(h.Fulfil(t.Context(), mei, r.Ref, h.at(mei, r.Ref), ""))
	h.must(h.SeeAlert(t.Context(), mei, ""))
	at(week.AddDays(4), "08:00")
	count(map[string]int{meis: 2, chiefs: 3})
}

func TestTheHourOfTheDigestIsTheHousesOwn(t *testing.T) {
	h := open(t)
	h.colleague("chief", rights.RoleApprover)
	h.backlog(1, rights.NewDate(2026, 11, 20)) // late: there is something to say every day
	set := rights.DefaultSettings()
	set.DigestHour = 2
	h.must(h.SaveSettings(t.Context(), h.colleague("admin", rights.RoleAdmin), set, 0))
	for _, c := range []struct {
		sentence string
		day      rights.Date
		want     []string
	}{
		{"in winter", rights.NewDate(2026, 12, 1), []string{"02:00 +0100"}},
		{"on the night whose clocks jump from two to three", rights.NewDate(2027, 3, 28), []string{"03:00 +0200"}},
		{"in summer", rights.NewDate(2027, 7, 1), []string{"02:00 +0200"}},
		{"on the night that has two o'clock twice", rights.NewDate(2027, 10, 31), []string{"02:00 +0100"}},
	} {
		h.clock.Advance(c.day.In(h.Location).Sub(h.Now()))
		h.digest()
		var went []string
		for before := len(h.letters("chief@shop.example")); h.Now().Before(c.day.AddDays(1).In(h.Location)); h.clock.Advance(15 * time.Minute) {
			h.digest()
			if now := len(h.letters("chief@shop.example")); now != before {
				went, before = append(went, h.Now().In(h.Location).Format("15:04 -0700")), now
			}
		}
		if !slices.Equal(went, c.want) {
			t.Errorf("%s it went at %v, want %v", c.sentence, went, c.want)
		}
	}
}
