package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
)

// refsOf are the requests that a page of the queue lists, in its order.
func refsOf(r reply) []string {
	var out []string
	for _, row := range rowRefs.FindAllStringSubmatch(r.Body, -1) {
		out = append(out, row[1])
	}
	return out
}

func TestEveryFilterIsInTheAddress(t *testing.T) {
	s := newPortal(t)
	o, ann := s.staff(rights.RoleOfficer), s.named("ann@shop.test", "Ann Lee", rights.RoleApprover)
	objection := s.customer(marta).ask(rights.Objection, "Stop.")
	chinese := s.browser()
	chinese.language = "zh-CN"
	s.deliver()
	chinese.post("/", "email", wenbo).wantAt(t, "/verify")
	chinese.post("/verify", "code", s.code(wenbo)).want(t, http.StatusSeeOther)
	complaint := chinese.ask(rights.Complaint, "Too slow.")
	o.post("/staff/requests/"+complaint+"/assign", "version", "1", "owner", s.id(ann.email)).want(t, http.StatusSeeOther)
	for _, row := range []struct{ what, query, shown, hidden, chip string }{
		{"a right", "right=complaint", complaint, objection, "Right: Complaint"},
		{"a state", "state=received", objection, "", "State: New"},
		{"a law", "regime=eu_gdpr", objection, "", "Law: EU (GDPR)"},
		{"an owner", "owner=" + s.id(ann.email), complaint, objection, "Owner: Ann Lee"},
		{"no owner", "owner=nobody", objection, complaint, "Owner: Nobody"},
		{"oneself", "owner=me", "Nothing found", complaint, "Owner: Me"},
		{"a colleague who is not there any more", "owner=" + strings.Repeat("0", 32), "Nothing found", complaint, "Owner: Somebody who left"},
		{"what is late", "due=overdue", "Nothing found", objection, "Due: Overdue"},
		{"what is due today", "due=today", "Nothing found", objection, "Due: Today"},
		{"what is due soon", "due=week", "Nothing found", objection, "Due: In 7 days"},
		{"what came in by itself", "channel=portal", objection, "", "Came in: Privacy centre"},
		{"what was phoned in", "channel=phone", "Nothing found", objection, "Came in: Phone"},
		{"a language", "language=zh-CN", complaint, objection, "Language: 简体中文"},
		{"several at once", "right=complaint&language=zh-CN&regime=eu_gdpr", complaint, objection, "Right: Complaint"},
		{"several that contradict", "right=complaint&language=en", "Nothing found", complaint, "Language: English"},
	} {
		t.Run(row.what, func(t *testing.T) {
			page := o.get("/staff/queue?"+row.query).want(t, http.StatusOK).says(t, row.shown, row.chip, "Clear search and filters")
			if row.hidden != "" {
				page.hides(t, row.hidden)
			}
		})
	}
	two := o.get("/staff/queue?view=open&right=complaint&language=zh-CN")
	for _, without := range []string{`href="/staff/queue?language=zh-CN&amp;view=open"`, `href="/staff/queue?right=complaint&amp;view=open"`} {
		if !strings.Contains(two.Body, without) {
			t.Errorf("no cross leads to %s", without)
		}
	}
	for _, bad := range []string{
		"view=no", "right=no", "state=no", "regime=no", "owner=no", "due=no", "channel=no", "language=no", "sort=no", "sort=closed", "view=closed&sort=due", "after=no",
	} {
		o.get("/staff/queue?"+bad).want(t, http.StatusNotFound)
		if bad != "after=no" {
			o.get("/staff/queue.csv?"+bad).want(t, http.StatusNotFound)
		}
	}
}

func TestTheHeadsOfTheDatesSort(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	b := s.customer(marta)
	first := b.ask(rights.Objection, "Stop.")
	s.clock.Advance(2 * time.Minute)
	second := b.ask(rights.Complaint, "Too slow.")
	for _, row := range []struct {
		query, head string
		want        []string
	}{
		{"sort=received", "ascending", []string{first, second}},
		{"sort=-received", "descending", []string{second, first}},
		{"sort=-due", "descending", nil},
		{"", "ascending", nil},
	} {
		page := o.get("/staff/queue?"+row.query).want(t, http.StatusOK)
		if got := refsOf(page); row.want != nil && !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v", row.query, got, row.want)
		}
		if n := strings.Count(page.Body, "aria-sort="); n != 1 || !strings.Contains(page.Body, `aria-sort="`+row.head+`"`) {
			t.Errorf("%q: %d heads say that they sort, want one %s", row.query, n, row.head)
		}
	}
	o.get("/staff/queue?view=open&sort=-due&q=marta%40example.org").want(t, http.StatusOK).says(t, first, second) // searched from a sorted list
	o.get("/staff/queue?sort=due").says(t, "2 requests, soonest due first")
	if page := o.get("/staff/queue?sort=-received"); !strings.Contains(page.Body, "/staff/queue?sort=received&amp;view=open") {
		t.Error("the head of a sorted column does not turn the order around")
	}
}

func TestWhatIsLateStandsApart(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	b := s.customer(marta)
	b.ask(rights.Objection, "Stop.") // due on 23 December
	o.get("/staff/queue").hides(t, `class="group"`)
	s.clock.Advance(31 * 24 * time.Hour) // 24 December
	b = s.customer(marta)
	b.ask(rights.Objection, "Stop again.")
	page := o.again().get("/staff/queue").says(t, "Late", "Later")
	if late, later := strings.Index(page.Body, `class="group" data-tone="late"`), strings.LastIndex(page.Body, `class="group"`); late < 0 || later <= late {
		t.Errorf("what is late does not stand first and apart: %d, %d", late, later)
	}
	o.get("/staff/queue?view=overdue").hides(t, `class="group"`)
}

func TestTheQueueLeavesAsAFileThatNamesNobody(t *testing.T) {
	s := newPortal(t)
	o := s.named("ann@shop.test", "=HYPERLINK Ann", rights.RoleOfficer)
	b := s.customer(marta)
	open, closed := b.ask(rights.Objection, "Stop."), b.ask(rights.Restriction, "Stop.")
	o.post("/staff/requests/"+open+"/assign", "version", "1", "owner", s.id(o.email)).want(t, http.StatusSeeOther)
	outcome := o.post("/staff/queue/bulk", "act", "fulfil", "sure", "yes", "pick."+closed, "1", "back", "/staff/queue?view=open")
	outcome.wantAt(t, "/staff/queue?view=open")
	s.clock.Advance(31 * 24 * time.Hour)
	r := o.again().get("/staff/queue.csv?view=all&sort=received").want(t, http.StatusOK)
	want := "\ufeffReference,Right,Law,State,Came in,Language,Received,Due,Closed,Assigned,Days left\r\n" +
		open + ",Objection,EU (GDPR),New,Privacy centre,English,2026-11-23,2026-12-23,,yes,-1\r\n" +
		closed + ",Restriction,EU (GDPR),Fulfilled,Privacy centre,English,2026-11-23,2026-12-23,2026-11-23,no,\r\n"
	if r.Body != want && r.Body != swapped(want) { // both came in at the same moment
		t.Errorf("%q, want %q", r.Body, want)
	}
	if got := r.Header.Get("Content-Disposition"); got != `attachment; filename="requests-2026-12-24.csv"` {
		t.Errorf("it is called %s", got)
	}
	guarded(t, "queue.csv", r)
	r.hides(t, "Ann", "marta", "m***")
	o.get("/staff/queue?view=closed").says(t, "Download as CSV")
	if page := o.get("/staff/queue?right=objection"); !strings.Contains(page.Body, `href="/staff/queue.csv?right=objection&amp;view=open"`) {
		t.Error("the file is not of what is shown")
	}
	o.get("/staff/queue?q=marta%40example.org").hides(t, "queue.csv")
	o.get("/staff/queue.csv?q=marta%40example.org").want(t, http.StatusNotFound)
}

// swapped is a file of two rows with its rows the other way round.
func swapped(file string) string {
	lines := strings.SplitAfter(file, "\r\n")
	return lines[0] + lines[2] + lines[1]
}

func TestAViewIsKeptUnderAName(t *testing.T) {
	s := newPortal(t)
	o, chief := s.staff(rights.RoleOfficer), s.staff(rights.RoleApprover)
	complaint := s.customer(wenbo).ask(rights.Complaint, "Too slow.")
	s.customer(marta).ask(rights.Objection, "Stop.")
	const here = "/staff/queue?right=complaint&view=open"
	o.get("/staff/queue").hides(t, "Save this view")
	o.get(here).says(t, "Save this view").hides(t, "Share it with the whole team")

	o.post("/staff/queue/views", "view", "open", "right", "complaint", "name", " Complaints  first ").wantAt(t, here)
	page := o.get(here).says(t, "The view is saved", "Complaints first 1", complaint).hides(t, "Save this view")
	if !strings.Contains(page.Body, "<h1>Complaints first</h1>") || !strings.Contains(page.Body, `<a href="/staff/queue?right=complaint&amp;view=open" aria-current="page">`) {
		t.Error("the page does not know that it is the kept view")
	}
	s.customer(wenbo).ask(rights.Complaint, "Still too slow.")
	o.get("/staff/queue").says(t, "Complaints first 2")
	chief.get("/staff/queue").hides(t, "Complaints first")

	chief.get("/staff/queue?view=closed&right=erasure").says(t, "Share it with the whole team")
	chief.get("/staff/queue?view=mine&right=erasure").says(t, "Save this view").hides(t, "Share it with the whole team")
	chief.post("/staff/queue/views", "view", "closed", "right", "erasure", "name", "Erased", "shared", "yes").want(t, http.StatusSeeOther)
	o.get("/staff/queue?view=closed&right=erasure").says(t, "Erased shared 0").hides(t, "Delete view")
	id := viewID(t, chief.get("/staff/queue?view=closed&right=erasure").says(t, "It goes for the whole team"))
	o.post("/staff/queue/views/"+id+"/delete").want(t, http.StatusNotFound)
	o.post("/staff/queue/views", "view", "open", "right", "erasure", "name", "For all", "shared", "yes").want(t, http.StatusNotFound)
	chief.post("/staff/queue/views/"+id+"/delete").wantAt(t, "/staff/queue")
	o.get("/staff/queue").hides(t, "Erased")

	own := viewID(t, o.get(here).says(t, "Only the view goes"))
	chief.post("/staff/queue/views/"+own+"/delete").want(t, http.StatusNotFound)
	o.post("/staff/queue/views/"+own+"/delete").wantAt(t, "/staff/queue")
	o.get("/staff/queue").says(t, "The view is deleted.").hides(t, "Complaints first")
}

// viewID is the kept view that a page offers to delete.
func viewID(t *testing.T, r reply) string {
	t.Helper()
	_, rest, found := strings.Cut(r.Body, `action="/staff/queue/views/`)
	id, _, ended := strings.Cut(rest, "/delete")
	if !found || !ended {
		t.Fatalf("nothing to delete on %s", plain(r.Body))
	}
	return id
}

func TestAViewWithoutAGoodNameIsAskedForAgain(t *testing.T) {
	s := newPortal(t)
	o, chief := s.staff(rights.RoleOfficer), s.staff(rights.RoleApprover)
	for _, row := range []struct {
		what   string
		who    *officer
		fields []string
		says   string
	}{
		{"no name", o, []string{"name", " "}, "Give the view a name"},
		{"a name that is too long", o, []string{"name", strings.Repeat("n", 61)}, strings.Repeat("n", 61)},
		{"one's own list for everybody", chief, []string{"name", "Ours", "view", "mine", "shared", "yes"}, "different for everybody"},
	} {
		r := row.who.post("/staff/queue/views", append([]string{"right", "complaint"}, row.fields...)...).want(t, http.StatusUnprocessableEntity)
		if !strings.HasPrefix(titleOf(r.Body), "Error:") || !strings.Contains(r.Body, row.says) || !strings.Contains(r.Body, `<details class="tool" open>`) {
			t.Errorf("%s: %s", row.what, plain(r.Body))
		}
		page(t, r)
	}
	for i := range 20 {
		o.post("/staff/queue/views", "right", "complaint", "name", fmt.Sprint("View ", i)).want(t, http.StatusSeeOther)
	}
	o.post("/staff/queue/views", "right", "erasure", "name", "One more").want(t, http.StatusUnprocessableEntity).says(t, "20 views already")
	o.post("/staff/queue/views", "right", "no", "name", "Bad").want(t, http.StatusNotFound)
	o.post("/staff/queue/views", "q", "marta@example.org", "right", "erasure", "name", "Marta").want(t, http.StatusUnprocessableEntity)
}
