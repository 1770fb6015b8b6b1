package workflow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
	"habeas/workflow"
)

// colleague adds a member of staff of that name, signed in.
func (h *house) colleague(name string, role rights.Role) rights.Actor {
	h.t.Helper()
	m := store.Staff{ID: name, Email: name + "@shop.example", Name: name, Role: role, State: "active", Language: "en", MadeAt: h.Now()}
	h.must(h.Store.Write(h.t.Context(), func(tx *store.Tx) error {
		return tx.InsertStaff(m, rights.Entry{At: h.Now(), Actor: rights.System, Act: "staff.invited"})
	}))
	return rights.Actor{ID: name, Role: role}
}

// watch does what the portal does by itself about deadlines, and returns how many steps that took.
func (h *house) watch() (steps int) {
	h.t.Helper()
	for {
		had, err := h.WatchDeadlines(h.t.Context())
		h.must(err)
		if !had {
			return steps
		}
		steps++
	}
}

// digest sends what digests are due.
func (h *house) digest() {
	h.t.Helper()
	for had := true; had; {
		var err error
		had, err = h.SendDigest(h.t.Context())
		h.must(err)
	}
}

// told is what somebody has been told since last asked, oldest first, as "kind reference".
func (h *house) told(by rights.Actor) (out []string) {
	h.t.Helper()
	all, _, _, err := h.Alerts(h.t.Context(), by, "", 10_000)
	h.must(err)
	for _, a := range all {
		if a.SeenAt.IsZero() {
			out = append(out, strings.TrimSpace(string(a.Kind)+" "+a.Ref))
		}
	}
	h.must(h.SeeAlert(h.t.Context(), by, ""))
	slices.Reverse(out)
	return out
}

func TestAMonthOfDeadlines(t *testing.T) {
	h := open(t)
	mei, chief := h.colleague("mei", rights.RoleOfficer), h.colleague("chief", rights.RoleApprover)
	admin, auditor := h.colleague("admin", rights.RoleAdmin), h.colleague("auditor", rights.RoleAuditor)
	person := h.customer(ann)
	ask := func(regime string, right rights.Right) string {
		r, err := h.Submit(t.Context(), person, workflow.Ask{Right: right, Regime: regime, Text: "Please", Language: "en"})
		h.must(err)
		return r.Ref
	}
	taken := ask("uk_gdpr", rights.Objection)  // due on 23 December
	free := ask("eu_gdpr", rights.Restriction) // due on 23 December, and nobody's
	sale := ask("ccpa", rights.OptOut)         // due on 15 December, or on the 14th by the earlier reading
	quick := ask("cn_pipl", rights.Access)     // due on 23 December
	h.must(h.Assign(t.Context(), mei, taken, 1, mei.ID))
	h.must(h.Assign(t.Context(), mei, sale, 1, mei.ID))
	h.must(h.Assign(t.Context(), chief, quick, 1, chief.ID))
	names := strings.NewReplacer(taken, "taken", free, "free", sale, "sale", quick, "quick")
	var story []string
	for day := rights.DateOf(monday); !day.After(rights.NewDate(2027, 1, 4)); day = day.AddDays(1) {
		h.clock.Advance(day.In(h.Location).Add(9 * time.Hour).Sub(h.Now()))
		switch day.String()[5:] {
		case "12-17": // a question stops the clock
			h.must(h.Ask(t.Context(), mei, taken, h.at(mei, taken), rights.ForClarification, "Which?"))
		case "12-18": // somebody answers what is theirs in time
			h.must(h.Fulfil(t.Context(), chief, quick, h.at(chief, quick), "Here it is."))
		case "12-21": // the answer: five days that do not count, and then come holidays
			h.must(h.Say(t.Context(), h.customer(ann), taken, "All of it"))
		}
		for range 3 { // more than once a day, and over a restart, nothing is told twice
			h.watch()
			h.clock.Advance(20 * time.Minute)
		}
		h.restart()
		h.watch()
		for _, who := range []rights.Actor{mei, chief, admin, auditor} {
			var heard []string
			for _, what := range h.told(who) {
				heard = append(heard, fmt.Sprintf("%s %s: %s", day.String()[5:], who.ID, names.Replace(what)))
			}
			slices.Sort(heard) // of one moment
			story = append(story, heard...)
		}
	}
	want := []string{
		"12-07 mei: due_soon sale", // a week before the earlier reading
		"12-12 chief: escalated sale",
		"12-15 mei: late sale", // by the earlier reading
		"12-15 chief: escalated sale",
		"12-16 mei: due_soon taken",
		"12-16 mei: late sale",        // by the statutory one
		"12-16 chief: due_soon free",  // nobody's: somebody must take it
		"12-16 chief: due_soon quick", // their own
		"12-16 chief: escalated sale",
		"12-21 mei: message taken",
		"12-21 chief: escalated free",
		"12-22 mei: due_soon taken",   // the day has moved: anew
		"12-24 chief: escalated free", // late
		"12-27 chief: escalated taken",
		"12-30 mei: late taken",
		"12-30 chief: escalated taken",
	}
	if !slices.Equal(story, want) {
		t.Errorf("the month went:\n%s\nand should go:\n%s", strings.Join(story, "\n"), strings.Join(want, "\n"))
	}
	for who, n := range map[string]int{"mei": 4, "chief": 7, "admin": 0, "auditor": 0} { // what is due soon makes no letter
		if got := len(h.letters(who + "@shop.example")); got != n {
			t.Errorf("%d letters went to %s, want %d", got, who, n)
		}
	}
}

// at is the version that an officer sees of a request.
func (h *house) at(by rights.Actor, ref string) int {
	h.t.Helper()
	f, err := h.Folder(h.t.Context(), by, ref, "en")
	h.must(err)
	return f.Request.Version
}

func TestWhatNobodyCanAnswerGoesUp(t *testing.T) {
	for _, c := range []struct {
		sentence string
		team     []string // names and roles
		owner    string
		leaves   string
		want     map[string]string // what they are told a day after the last
	}{
		{"its owner and every approver", []string{"mei officer", "chief approver", "boss approver"}, "mei", "",
			map[string]string{"mei": "late", "chief": "escalated", "boss": "escalated"}},
		{"an approver's own is not told to them twice", []string{"mei officer", "chief approver", "boss approver"}, "chief", "",
			map[string]string{"mei": "", "chief": "late", "boss": "escalated"}},
		{"where there is no approver, everybody who could answer", []string{"mei officer", "lu officer", "admin admin"}, "mei", "",
			map[string]string{"mei": "late", "lu": "escalated", "admin": ""}},
		{"somebody who has left is told nothing: it is nobody's", []string{"mei officer", "chief approver"}, "mei", "mei",
			map[string]string{"chief": "escalated"}},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			h := open(t)
			team := map[string]rights.Actor{}
			for _, m := range c.team {
				name, role, _ := strings.Cut(m, " ")
				team[name] = h.colleague(name, rights.Role(role))
			}
			r, err := h.Submit(t.Context(), h.customer(ann), workflow.Ask{Right: rights.Objection, Text: "Stop", Language: "en"})
			h.must(err)
			h.must(h.Assign(t.Context(), team[c.owner], r.Ref, 1, team[c.owner].ID))
			if c.leaves != "" {
				h.must(h.DisableStaff(t.Context(), rights.System, c.leaves+"@shop.example"))
			}
			h.clock.Advance(r.Due.AddDays(1).In(h.Location).Add(9 * time.Hour).Sub(h.Now()))
			h.watch()
			for who, want := range c.want {
				if got := strings.Join(h.told(team[who]), ", "); got != strings.TrimSpace(want+" "+r.Ref) && !(want == "" && got == "") {
					t.Errorf("%s was told %q, want %q", who, got, want)
				}
			}
		})
	}
}

func TestARequestThatIsDueAtOnceIsNews(t *testing.T) {
	h := open(t)
	chief := h.colleague("chief", rights.RoleApprover)
	r := h.backlog(1, rights.NewDate(2026, 11, 25), func(r *rights.Request) { r.ReceivedAt = h.Now() })[0]
	h.watch()
	if got := h.told(chief); !slices.Equal(got, []string{"new " + r.Ref}) {
		t.Errorf("the approver was told %v", got)
	}
	h.clock.Advance(24 * time.Hour)
	h.watch()
	if got := h.told(chief); !slices.Equal(got, []string{"escalated " + r.Ref}) {
		t.Errorf("the day after, the approver was told %v", got)
	}
}

// backlog files open requests that are due on a day, as an import would.
func (h *house) backlog(n int, due rights.Date, change ...func(*rights.Request)) (out []rights.Request) {
	h.t.Helper()
	subject := h.customer(bo).ID
	clock := rights.Clock{Deadlines: []rights.Deadline{{Kind: rights.KindResponse, Due: due, StrictDue: due, Citation: "GDPR Art. 12(3)"}}}
	for i := range n {
		r := rights.Request{
			ID: fmt.Sprintf("backlog-%05d", i), Ref: rights.NewRef([]byte{0, byte(i >> 16), byte(i >> 8), byte(i), 1}), Subject: subject,
			Right: rights.Objection, Regime: "eu_gdpr", Channel: rights.ByLetter, Language: "en", State: rights.Received,
			ReceivedAt: due.AddDays(-30).In(time.UTC), Clock: clock, Due: due, Version: 1, Identity: rights.ByMailbox,
		}
		for _, f := range change {
			f(&r)
		}
		out = append(out, r)
	}
	for batch := range slices.Chunk(out, 1000) {
		h.must(h.Store.Write(h.t.Context(), func(tx *store.Tx) error {
			for _, r := range batch {
				if err := tx.InsertRequest(r, rights.Entry{At: h.Now(), Actor: rights.System, Act: "request.received", Subject: subject, Request: r.ID}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	return out
}

func TestTenThousandLateRequestsAreToldInBoundedSteps(t *testing.T) {
	const n = 10_000
	h := open(t)
	chief := h.colleague("chief", rights.RoleApprover)
	h.backlog(n, rights.NewDate(2026, 11, 20))
	for range 10 { // and then the power fails
		if had, err := h.WatchDeadlines(t.Context()); !had || err != nil {
			t.Fatal(had, err)
		}
	}
	h.restart()
	if steps := 10 + h.watch(); steps != n/200 {
		t.Errorf("%d steps of 200", steps)
	}
	if steps := h.watch(); steps != 0 {
		t.Errorf("%d more steps in the same quarter of an hour", steps)
	}
	h.clock.Advance(15 * time.Minute)
	h.watch()
	counts, err := h.Store.AlertCounts(t.Context(), chief.ID)
	h.must(err)
	if counts[rights.AlertEscalated] != n || len(counts) != 1 {
		t.Errorf("the approver was told %v", counts)
	}
	if letters := h.letters("chief@shop.example"); len(letters) != 20 {
		t.Errorf("%d letters at once: a mailbox full of them tells nothing", len(letters))
	}
	if unseen, err := h.UnseenAlerts(t.Context(), chief); err != nil || unseen != 100 {
		t.Errorf("the bell counts %d, %v: a hundred are many", unseen, err)
	}
	h.digest()
	if d := h.letters("chief@shop.example")[0]; !strings.Contains(d.Text, "Overdue: 10,000") {
		t.Errorf("the digest says:\n%s", d.Text)
	}
}
