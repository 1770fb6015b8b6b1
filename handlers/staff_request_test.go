package handlers_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"habeas/handlers"
	"habeas/rights"
	"habeas/store"
	"habeas/workflow"
)

// taskForms are the addresses of the forms of a page's tasks, in their order.
var taskForms = regexp.MustCompile(`action="(/staff/requests/HB-[^/"]+/tasks/[0-9a-f]+)"`)

// tasks are the addresses of the tasks that a page shows.
func (r reply) tasks(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, m := range taskForms.FindAllStringSubmatch(r.Body, -1) {
		out = append(out, m[1])
	}
	return out
}

func TestWhatIsToBeDoneIsListedBySourceAndSettledWithItsReason(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	desk := "/staff/requests/" + s.customer(marta).ask(rights.Objection, "Stop profiling me.")
	page := o.get(desk).want(t, http.StatusOK).says(t, "To do 0 of 1 done", "Our shop: stop what the person objects to", "New")
	task := page.tasks(t)[0]

	o.post(task, "version", "1", "state", "skipped", "note", " ").want(t, http.StatusUnprocessableEntity).says(t, "Say why there is nothing to do here.")
	o.post(task, "version", "1", "state", "lost", "note", "Typed").want(t, http.StatusUnprocessableEntity).says(t, "Choose whether", "Typed")
	o.post(task, "version", "1", "state", "done", "note", "Turned the profile off").wantAt(t, desk+"#tasks")
	o.get(desk).says(t, "Kept.", "1 of 1 done", "Turned the profile off", "Mei Officer · 23 November 2026, 09:00", "In progress", "Done: Our shop: stop what the person objects to")
	o.post(task, "version", "2", "state", "open", "note", "").wantAt(t, desk+"#tasks")
	o.get(desk).says(t, "0 of 1 done", "Opened again: Our shop: stop")

	o.post(desk+"/tasks", "version", "2", "what", " ").want(t, http.StatusUnprocessableEntity).says(t, "Say what is to be done.")
	o.post(desk+"/tasks", "version", "2", "what", "Ask the courier").wantAt(t, desk+"#tasks")
	page = o.get(desk).says(t, "0 of 2 done", "Ask the courier")
	o.post(page.tasks(t)[1], "version", "1", "state", "skipped", "note", "They never had it").wantAt(t, desk+"#tasks")
	o.get(desk).says(t, "1 of 2 done", "Skipped: Ask the courier", "They never had it")
	o.post(desk+"/tasks/0000", "version", "1", "state", "done").want(t, http.StatusNotFound)
}

func TestAClosedRequestSaysWhatWasLeftUndone(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	desk := "/staff/requests/" + s.customer(marta).ask(rights.Objection, "Stop profiling me.")
	o.get(desk).says(t, "To do 0 of 1 done", "Our shop: stop what the person objects to Open")
	o.post(desk+"/refuse", "version", "1", "ground", "legal_claims", "text", "We need them.").wantAt(t, desk)
	o.get(desk).says(t, "Tasks 0 of 1 done", "Our shop: stop what the person objects to Not done").hides(t, "To do")
	o.post(desk+"/reopen", "version", "2", "text", "You were right.").wantAt(t, desk)
	o.get(desk).says(t, "To do 0 of 1 done", "Our shop: stop what the person objects to Open")
}

func TestOnlyWhatPeopleAnswerHasTasks(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	person := s.customer(marta)
	correction := person.post("/correct", "source", "shop", "collection", "customers", "id", recordOf(t, person), "field", "name",
		"old", "Marta Nowak", "value", "Marta Nowak-Lis", "reason", "I married", "confirm", "yes").filed(t)
	for _, row := range []struct {
		what, ref string
		want      int
	}{
		{"access in words", person.ask(rights.Access, "Who got my number?"), 1},
		{"restriction", person.ask(rights.Restriction, "Leave it alone."), 1},
		{"erasure", person.post("/erase", "confirm", "yes").filed(t), 1},
		{"a complaint, which is answered in words", person.ask(rights.Complaint, "Too slow."), 0},
		{"a correction, which is decided on its two values", correction, 0},
		{"a copy, which the machine makes", person.post("/export").filed(t), 0},
	} {
		if got := len(o.get("/staff/requests/"+row.ref).want(t, http.StatusOK).tasks(t)); got != row.want {
			t.Errorf("%s has %d tasks, want %d", row.what, got, row.want)
		}
	}
}

func TestWhatCanStillBeTakenBackIsNotErasedYet(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	desk := "/staff/requests/" + s.customer(marta).post("/erase", "confirm", "yes").filed(t)
	task := o.get(desk).tasks(t)[0]
	o.post(task, "version", "1", "state", "done", "note", "Gone").want(t, http.StatusUnprocessableEntity)
	s.clock.Advance(73 * time.Hour)
	o.again().post(task, "version", "1", "state", "done", "note", "Gone").wantAt(t, desk+"#tasks")
}

func TestWhoeverComesSecondSeesBothVersions(t *testing.T) {
	s := newPortal(t)
	first, second := s.named("ann@shop.test", "Ann Lee", rights.RoleOfficer), s.named("bob@shop.test", "Bob Ray", rights.RoleApprover)
	desk := "/staff/requests/" + s.customer(marta).ask(rights.Objection, "Stop.")
	task := first.get(desk).tasks(t)[0]
	first.post(desk+"/assign", "version", "1", "owner", s.id(first.email)).wantAt(t, desk)
	first.post(desk+"/message", "version", "2", "text", "Which profile?").want(t, http.StatusSeeOther)

	page := second.post(desk+"/assign", "version", "1", "owner", s.id(second.email)).want(t, http.StatusConflict)
	page.says(t, "What When you opened it Now What you wanted", "State New In progress", "Owner Nobody Ann Lee Bob Ray", "What happened in between: Assigned to Ann Lee")
	second.post(desk+"/note", "version", "2", "text", "Rang her").want(t, http.StatusConflict).says(t, "State New In progress", "Rang her").hides(t, "Nobody</td>")
	second.post(desk+"/tasks", "version", "1", "what", "Ask the courier").want(t, http.StatusConflict).says(t, "What you had written: Ask the courier")

	first.post(task, "version", "1", "state", "done", "note", "Off").wantAt(t, desk+"#tasks")
	second.post(task, "version", "1", "state", "skipped", "note", "Nothing there").want(t, http.StatusConflict).
		says(t, "what the person objects to Open Done Skipped", "What you had written: Nothing there")
}

func TestANoteTellsWhomItNames(t *testing.T) {
	s := newPortal(t)
	o := s.named("mei@shop.test", "Mei Kwan", rights.RoleOfficer)
	ann, lee, chen := s.named("ann@shop.test", "Ann", rights.RoleOfficer), s.named("lee@shop.test", "Ann Lee", rights.RoleApprover), s.named("chen@shop.test", "陈晓雯", rights.RoleAuditor)
	gone := s.named("gone@shop.test", "Una Gone", rights.RoleOfficer)
	s.must(s.DisableStaff(t.Context(), rights.System, gone.email))
	desk := "/staff/requests/" + s.customer(marta).ask(rights.Objection, "Stop.")
	told := func(of *officer) int {
		n, err := s.Store.UnseenAlerts(t.Context(), s.id(of.email))
		s.must(err)
		return n
	}
	for _, row := range []struct {
		what, text, tell string
		ann, lee, chen   int
	}{
		{"nobody", "Rang her twice", "", 0, 0, 0},
		{"one, by the whole of the name", "@Ann Lee, please look", "", 0, 1, 0},
		{"another, whose name begins the first", "@ann please look", "", 1, 0, 0},
		{"part of a word is nobody", "@Annabel please look", "", 0, 0, 0},
		{"in Chinese nothing parts a name from the next word", "@陈晓雯请看一下", "", 0, 0, 1},
		{"who has left is nobody", "@Una Gone please look", "", 0, 0, 0},
		{"oneself is nobody", "@Mei Kwan please look", "", 0, 0, 0},
		{"chosen, not named", "Please look", "lee", 0, 1, 0},
		{"named and chosen is told once", "@Ann Lee please look", "lee", 0, 1, 0},
		{"an address is no name", "write to ann@shop.test", "", 0, 0, 0},
	} {
		before := []int{told(ann), told(lee), told(chen)}
		fields := []string{"version", "1", "text", row.text}
		if row.tell != "" {
			fields = append(fields, "tell."+s.id(lee.email), "yes")
		}
		o.post(desk+"/note", fields...).wantAt(t, desk)
		if got, want := []int{told(ann) - before[0], told(lee) - before[1], told(chen) - before[2]}, []int{row.ann, row.lee, row.chen}; !slices.Equal(got, want) {
			t.Errorf("%s: told are %v, want %v", row.what, got, want)
		}
	}
	o.get(desk).says(t, "@Ann Lee, please look Told: Ann Lee", "@陈晓雯请看一下 Told: 陈晓雯")
	o.post(desk+"/note", "version", "1", "text", "Typed", "tell."+s.id(gone.email), "yes").want(t, http.StatusUnprocessableEntity).says(t, "does not work here any more", "Typed")
	if told(o) != 0 || told(gone) != 0 {
		t.Error("somebody was told who should not be")
	}
}

func TestWhoeverIsGivenARequestIsTold(t *testing.T) {
	s := newPortal(t)
	o, other := s.named("mei@shop.test", "Mei Kwan", rights.RoleOfficer), s.named("ann@shop.test", "Ann Lee", rights.RoleOfficer)
	desk := "/staff/requests/" + s.customer(marta).ask(rights.Objection, "Stop.")
	for i, row := range []struct {
		what, owner string
		want        int
	}{
		{"by themselves: they know", o.email, 0}, {"by a colleague", other.email, 1}, {"nobody has nobody to tell", "", 0},
	} {
		owner := ""
		if row.owner != "" {
			owner = s.id(row.owner)
		}
		o.post(desk+"/assign", "version", strconv.Itoa(i+1), "owner", owner).wantAt(t, desk)
		if owner == "" {
			continue
		}
		if n, err := s.Store.UnseenAlerts(t.Context(), owner); err != nil || n != row.want {
			t.Errorf("%s: %d alerts, want %d (%v)", row.what, n, row.want, err)
		}
	}
}

func TestWhatBelongsWithARequestIsShownAndBlocksNothing(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	person := s.customer(marta)
	old := person.ask(rights.Objection, "Stop.")
	o.post("/staff/requests/"+old+"/assign", "version", "1", "owner", "").want(t, http.StatusSeeOther)
	twin, kind := person.ask(rights.Objection, "Stop, I said."), person.ask(rights.Restriction, "Leave it.")
	stranger := s.customer(wenbo).ask(rights.Objection, "Stop.")
	desk := "/staff/requests/" + twin

	o.get(desk).says(t, "Related requests", old, "Possibly the same", kind).hides(t, stranger)
	o.get("/staff/requests/"+stranger).hides(t, "Related requests", twin)
	o.post(desk+"/duplicate", "version", "1", "other", stranger).want(t, http.StatusNotFound)
	o.post(desk+"/duplicate", "version", "1", "other", twin).want(t, http.StatusNotFound)
	o.post(desk+"/duplicate", "version", "9", "other", old).want(t, http.StatusConflict)
	o.post(desk+"/duplicate", "version", "1", "other", old).wantAt(t, desk)
	o.get(desk).says(t, "The same request", "Found to be the same request as "+old, "New").hides(t, "Possibly the same")
	o.get("/staff/requests/"+old).says(t, "The same request", "Found to be the same request as "+twin, "New")
	person.get("/requests/"+twin).hides(t, old, "same request")
	o.post("/staff/requests/"+old+"/distinct", "version", "2", "other", twin).wantAt(t, "/staff/requests/"+old)
	o.get(desk).says(t, "Found to be a different request from "+old).hides(t, "Possibly the same")
	o.post(desk+"/message", "version", "1", "text", "We have both.").want(t, http.StatusSeeOther)
}

func TestTheHistoryNamesWhoHasLeft(t *testing.T) {
	s := newPortal(t)
	admin, gone, o := s.staff(rights.RoleAdmin), s.named("una@shop.test", "Una Gone", rights.RoleOfficer), s.staff(rights.RoleOfficer)
	desk := "/staff/requests/" + s.customer(marta).ask(rights.Objection, "Stop.")
	gone.post(desk+"/note", "version", "1", "text", "Rang her").wantAt(t, desk)
	gone.post(desk+"/assign", "version", "1", "owner", s.id(gone.email)).wantAt(t, desk)
	s.must(s.DisableStaff(t.Context(), rights.System, gone.email))
	for _, reader := range []*officer{admin, o} {
		reader.get(desk).says(t, "Assigned to Una Gone", "Una Gone · 23 November 2026").hides(t, "A colleague")
	}
}

func TestALinkOfALetterLeadsToItsPageAfterSigningIn(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	desk := "/staff/requests/" + s.customer(marta).ask(rights.Objection, "Stop.")
	signIn := func(b *browser, want string) {
		t.Helper()
		s.clock.Advance(5 * time.Minute) // past the limits on trying
		b.post("/staff/login", "email", o.email, "password", "wrong").want(t, http.StatusUnprocessableEntity)
		b.post("/staff/login", "email", o.email, "password", password).wantAt(t, "/staff/totp")
		b.post("/staff/totp", "code", o.totp()).wantAt(t, want)
	}
	for _, row := range []struct{ what, asked, want string }{
		{"the page of a request", desk, desk},
		{"a part of the queue", "/staff/queue?view=overdue", "/staff/queue?view=overdue"},
		{"what was searched for stays out of it", "/staff/queue?q=marta%40example.org&view=all", "/staff/queue?view=all"},
		{"a file is no page", "/staff/queue.csv", "/staff/queue"},
	} {
		b := s.browser()
		b.get(row.asked).wantAt(t, "/staff/login")
		signIn(b, row.want)
		b.post("/staff/sign-out").wantAt(t, "/staff/login")
		signIn(b, "/staff/queue") // once, and not for whoever comes next
	}
	for _, evil := range []string{"https%3A%2F%2Fevil.test%2Fstaff%2F", "%2F%2Fevil.test%2Fstaff%2F", "%2Fdata", "%5C%5Cevil.test", "%zz", "%2Fstaff%2F..%2F..%5Cevil"} {
		b := s.browser()
		b.cookies["habeas-way"] = evil
		signIn(b, "/staff/queue")
	}
}

func TestThePageAsksAsManyQuestionsHoweverMuchThereIs(t *testing.T) {
	var asked []string
	s := newPortal(t, func(p *workflow.Portal, _ *handlers.Options) {
		db, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Now: p.Now, Asked: func(query string) { asked = append(asked, query) }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		p.Store = db
	})
	o := s.staff(rights.RoleOfficer)
	person := s.customer(marta)
	desk := "/staff/requests/" + person.ask(rights.Objection, "Stop.")
	cost := func() int {
		t.Helper()
		asked = nil
		o.get(desk).want(t, http.StatusOK)
		return len(asked)
	}
	before := cost()
	for i := range 12 {
		s.named(fmt.Sprintf("c%d@shop.test", i), fmt.Sprintf("Colleague %d", i), rights.RoleOfficer)
		person.ask(rights.Objection, "Stop.")
		person.post(strings.TrimPrefix(desk, "/staff")+"/messages", "text", "Hello?").want(t, http.StatusSeeOther)
		o.post(desk+"/note", "version", "1", "text", "Rang her, @Colleague 0").wantAt(t, desk)
		o.post(desk+"/tasks", "version", "1", "what", "Ask the courier").wantAt(t, desk+"#tasks")
	}
	s.deliver()
	if after := cost(); after != before || before > 20 {
		t.Errorf("it asked %d questions of a bare request and %d of a full one: %s", before, after, strings.Join(asked, "\n"))
	}
	if page := o.get(desk); strings.Count(html.UnescapeString(page.Body), "Ask the courier") < 12 {
		t.Error("the page does not show what it was asked to")
	}
}
