package workflow_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/workflow"
)

// anotherMap swaps the shop's map for one with replacements, old and new in turn, as an engineer would before a restart.
func (h *house) anotherMap(replace ...string) {
	h.t.Helper()
	text, err := os.ReadFile("testdata/shop.yml")
	h.must(err)
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(string(text), replace[i]) {
			h.t.Fatalf("the map does not say %q", replace[i])
		}
		text = []byte(strings.ReplaceAll(string(text), replace[i], replace[i+1]))
	}
	file := filepath.Join(h.t.TempDir(), "shop.yml")
	h.must(os.WriteFile(file, text, 0o600))
	h.mapAt(file)
}

func (h *house) mapAt(file string) {
	h.t.Helper()
	set, err := sources.Open(h.t.Context(), []sources.Config{
		{Key: "shop", Driver: "sqlite", DSN: "file:" + h.file("shop"), Dataset: file},
		{Key: "journal", Driver: "sqlite", DSN: "file:" + h.file("journal"), Dataset: "testdata/journal.yml"},
	}, sources.Options{})
	h.must(err)
	h.t.Cleanup(func() { h.must(set.Close()) })
	h.Sources = set
}

func TestEveryRoleOfTheDeskReadsTheRecordOfProcessingAndNobodyElse(t *testing.T) {
	h := open(t)
	for _, role := range rights.StaffRoles {
		a, err := h.Activities(t.Context(), h.colleague(string(role), role))
		if err != nil || len(a.Record) == 0 || len(a.Whole) != len(a.Record) || len(a.Entries) != len(a.Record) || a.Version.Version != 1 {
			t.Errorf("the %s reads %+v (%v)", role, a.Version, err)
		}
	}
	person := h.customer(ann)
	for what, err := range map[string]error{
		"the record":   failed(h.Activities(t.Context(), person)),
		"a copy":       failed(h.TakeActivities(t.Context(), person, "csv")),
		"the versions": failed(h.MapVersions(t.Context(), person)),
		"a difference": failed(h.MapDifference(t.Context(), person, 0, 0)),
		"the check":    failed(h.SelfCheck(t.Context(), person)),
		"a review":     failed(h.Review(t.Context(), person, "x")),
	} {
		if !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s is open to customers: %v", what, err)
		}
	}
}

func failed[T any](_ T, err error) error { return err }

func TestACopyOfTheRecordThatLeavesIsAudited(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	before := h.entries()
	if _, err := h.TakeActivities(t.Context(), officer, "csv"); err != nil || !h.since(before)["activities.taken"] {
		t.Errorf("a copy leaves without an entry: %v", err)
	}
}

func TestAMapThatSaysSomethingElseIsANewVersion(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	keep := func() (versions int) {
		t.Helper()
		_, err := h.KeepMap(t.Context())
		h.must(err)
		list, err := h.MapVersions(t.Context(), officer)
		h.must(err)
		return len(list)
	}
	before := h.entries()
	if n := keep(); n != 1 || !h.since(before)["map.changed"] {
		t.Errorf("%d versions at the beginning, want one, audited", n)
	}
	h.mapAt("testdata/shop.yml") // a restart
	if n := keep(); n != 1 {
		t.Errorf("the same map makes %d versions", n)
	}
	d, err := h.MapDifference(t.Context(), officer, 1, 1)
	if err != nil || len(d.Changes) != 0 {
		t.Errorf("a version differs from itself: %+v (%v)", d, err)
	}
	h.clock.Advance(time.Hour)
	h.anotherMap("retention: {en: As long as you have an account, zh-CN: 账户存续期间}", "retention: {en: Ten years, zh-CN: 十年}")
	if n := keep(); n != 2 {
		t.Errorf("another map makes %d versions", n)
	}
	d, err = h.MapDifference(t.Context(), officer, 0, 0)
	h.must(err)
	if d.From.Version != 1 || d.To.Version != 2 || len(d.Changes) == 0 || !d.To.KeptAt.Equal(h.clock.Now()) {
		t.Fatalf("the difference is %+v", d)
	}
	for _, c := range d.Changes {
		if c.Kind != sources.Altered || c.What != sources.FactRetention || c.Was[0].Text.In("en") != "As long as you have an account" || c.Is[0].Text.In("zh-CN") != "十年" {
			t.Errorf("changed: %+v", c)
		}
	}
	list, err := h.MapVersions(t.Context(), officer)
	h.must(err)
	if list[0].Version != 2 || list[0].Changes != len(d.Changes) || list[1].Changes != 0 {
		t.Errorf("the versions are %+v", list)
	}
	h.mapAt("testdata/shop.yml") // back again is a change, too
	if n := keep(); n != 3 {
		t.Errorf("going back makes %d versions", n)
	}
	if _, err := h.MapDifference(t.Context(), officer, 1, 9); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("a version that there is not: %v", err)
	}
}

// found are the points of a check, each as what and code.
func found(c workflow.SelfCheck, check string) (out []string) {
	for _, f := range c.Findings {
		if f.Check == check {
			for _, p := range f.Points {
				out = append(out, strings.TrimSpace(p.What+" "+p.Code))
			}
		}
	}
	return out
}

func TestTheSelfCheckFindsWhatIsAmiss(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	check := func(name string) string {
		t.Helper()
		c, err := h.SelfCheck(t.Context(), officer)
		h.must(err)
		return strings.Join(found(c, name), ", ")
	}
	ask := func(wait time.Duration) {
		t.Helper()
		h.clock.Advance(wait)
		for had := true; had; {
			var err error
			had, err = h.AskSource(t.Context())
			h.must(err)
		}
	}
	if got := check("sources"); got != "never shop, never journal" {
		t.Errorf("before anybody asked the sources: %q", got)
	}
	ask(0)
	if got := check("sources"); got != "" {
		t.Errorf("once they answered: %q", got)
	}
	up := h.down("shop")
	for range 31 {
		ask(24 * time.Hour)
	}
	if got := check("sources"); got != "unreached shop" {
		t.Errorf("after a month without one: %q", got)
	}
	up()
	ask(time.Hour)
	if got := check("sources"); got != "" {
		t.Errorf("once it is back: %q", got)
	}

	if got := check("owners") + check("rights") + check("letters") + check("consents"); got != "" {
		t.Errorf("of a quiet desk: %q", got)
	}
	person := h.customer(ann)
	h.objection(person)
	if got := check("rights"); got != "right objection" {
		t.Errorf("a right that nobody has taken a request of: %q", got)
	}
	if got := check("owners"); got != "" {
		t.Errorf("a request of today: %q", got)
	}
	h.must(h.Consent(t.Context(), person, "newsletter", rights.Granted, "en"))
	h.clock.Advance(8 * 24 * time.Hour)
	if got := check("owners"); got != "unowned objection" {
		t.Errorf("a week later: %q", got)
	}
	if got := check("consents"); got != "" {
		t.Errorf("a consent for two years, given now: %q", got)
	}
	h.clock.Advance(660 * 24 * time.Hour)
	if got := check("consents"); got != "ending newsletter" {
		t.Errorf("and when it is about to run out: %q", got)
	}
	if got := check("roles"); got != "idle "+officer.ID+", role approver, role admin, role auditor" {
		t.Errorf("roles: %q", got)
	}
	if got := check("retention"); got != "gap retention" { // of the journal
		t.Errorf("a map that says how long most of it is kept: %q", got)
	}
	h.anotherMap("      retention: {en: As long as you have an account, zh-CN: 账户存续期间}\n", "", "basis: contract\n      ", "")
	if got := check("retention"); strings.Count(got, "gap retention") < 2 {
		t.Errorf("a map without retention: %q", got)
	}
	if got := check("purposes"); !strings.Contains(got, "gap basis") {
		t.Errorf("a map without a basis: %q", got)
	}
}

func TestALetterThatFailedIsFound(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	h.objection(h.customer(ann))
	dead, _ := h.sender(func(int) error { return errors.New("550 no such mailbox") })
	for range 20 {
		if _, err := h.SendNext(t.Context(), dead); err != nil {
			t.Fatal(err)
		}
		h.clock.Advance(6 * time.Hour)
	}
	c, err := h.SelfCheck(t.Context(), officer)
	h.must(err)
	if got := found(c, "letters"); len(got) != 1 {
		t.Errorf("letters: %q", got)
	}
}

func TestASelfCheckIsSignedAsItWasSeenAndKept(t *testing.T) {
	h := open(t)
	officer, auditor, admin := h.officer(rights.RoleOfficer), h.colleague("auditor", rights.RoleAuditor), h.colleague("admin", rights.RoleAdmin)
	c, err := h.SelfCheck(t.Context(), officer)
	h.must(err)
	for _, who := range []rights.Actor{auditor, admin} {
		if _, err := h.SignReview(t.Context(), who, c.Seen, nil, ""); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("the %s signed: %v", who.Role, err)
		}
	}
	var faults rights.FieldErrors
	if _, err := h.SignReview(t.Context(), officer, c.Seen, map[string]string{"roles": strings.Repeat("x", 5000)}, ""); !errors.As(err, &faults) || faults[0].Field != "remark.roles" {
		t.Errorf("a remark that is too long: %v", err)
	}
	h.objection(h.customer(ann)) // something that the officer has not seen
	if _, err := h.SignReview(t.Context(), officer, c.Seen, nil, ""); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("what changed meanwhile was signed unseen: %v", err)
	}
	c, err = h.SelfCheck(t.Context(), officer)
	h.must(err)
	before := h.entries()
	id, err := h.SignReview(t.Context(), officer, c.Seen, map[string]string{"rights": " Mine from Monday "}, "All in all well.")
	h.must(err)
	if !h.since(before)["review.signed"] {
		t.Error("signing is not audited")
	}
	if _, err := h.SignReview(t.Context(), officer, c.Seen, nil, ""); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("a form that was sent twice signs twice: %v", err)
	}
	r, err := h.Review(t.Context(), auditor, id)
	h.must(err)
	if r.Staff != officer.ID || r.Name == "" || r.Remark != "All in all well." || r.Findings[1].Remark != "Mine from Monday" || !r.SignedAt.Equal(h.clock.Now()) || len(r.SHA256) != 64 {
		t.Errorf("kept: %+v", r)
	}
	c, err = h.SelfCheck(t.Context(), auditor)
	h.must(err)
	if want := h.today().AddMonths(3); len(c.Kept) != 1 || c.Due != want {
		t.Errorf("%d kept, the next is due on %s, want %s", len(c.Kept), c.Due, want)
	}
}

// today is the day of the house.
func (h *house) today() rights.Date { return rights.DateOf(h.clock.Now().In(h.Location)) }

func TestWhoeverSignsIsToldOnceThatTheSelfCheckIsDue(t *testing.T) {
	h := open(t)
	officer, auditor := h.officer(rights.RoleOfficer), h.colleague("auditor", rights.RoleAuditor)
	watch := func() string {
		t.Helper()
		_, err := h.WatchReviews(t.Context())
		h.must(err)
		return strings.Join(h.told(officer), ", ") + "|" + strings.Join(h.told(auditor), ", ")
	}
	_, err := h.KeepMap(t.Context())
	h.must(err)
	if got := watch(); got != "|" {
		t.Errorf("on the first day: %q", got)
	}
	h.clock.Advance(95 * 24 * time.Hour)
	if got := watch(); got != "review|" {
		t.Errorf("a quarter later: %q", got)
	}
	h.clock.Advance(24 * time.Hour)
	if again := watch(); again != "|" {
		t.Errorf("told again: %q", again)
	}
	c, err := h.SelfCheck(t.Context(), officer)
	h.must(err)
	_, err = h.SignReview(t.Context(), officer, c.Seen, nil, "")
	h.must(err)
	h.clock.Advance(95 * 24 * time.Hour)
	if got := watch(); got != "review|" {
		t.Errorf("the next quarter: %q", got)
	}
}
