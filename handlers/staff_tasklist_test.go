package handlers_test

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"habeas/handlers"
	"habeas/rights"
	"habeas/sources"
	"habeas/workflow"
)

// mapping opens the shop again with other options, and with a cellar of paper beside it.
func mapping(t testing.TB, options sources.Options, shop *string) func(*workflow.Portal, *handlers.Options) {
	return func(p *workflow.Portal, _ *handlers.Options) {
		*shop = filepath.Join(filepath.Dir(p.Packages), "shop.db")
		set, err := sources.Open(t.Context(), []sources.Config{
			{Key: "shop", Driver: "sqlite", DSN: "file:" + *shop, Dataset: "testdata/shop.yml"},
			{Key: "cellar", Driver: "manual", Dataset: "testdata/cellar.yml"},
		}, options)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := set.Close(); err != nil {
				t.Error(err)
			}
		})
		p.Sources = set
	}
}

// holds fails the test unless each of the words stands in the answer, be it where no reader sees it.
func (r reply) holds(t testing.TB, words ...string) reply {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(r.Body, w) {
			t.Errorf("the answer does not hold %q", w)
		}
	}
	return r
}

func withCellar(t testing.TB) *site {
	var shop string
	return newPortal(t, mapping(t, sources.Options{}, &shop))
}

func TestTheTasksOfATeamAreAListThatNamesNobody(t *testing.T) {
	s := withCellar(t)
	officer := s.staff(rights.RoleOfficer)
	ref := s.customer(marta).ask(rights.Objection, "Stop.")
	s.clock.Advance(time.Minute)
	other := s.customer(wenbo).ask(rights.Restriction, "Stop.")
	officer.get("/staff/tasks").want(t, http.StatusOK).says(t, ref, other, "Paper archive: stop what the person objects to", "Archive, cellar 2", "4 tasks")
	list := officer.get("/staff/tasks?team=cellar&right=objection").want(t, http.StatusOK).
		says(t, "Tasks of Archive, cellar 2", ref, "1 task").hides(t, marta, "Marta", "m***", other, "Our shop: stop")
	if !strings.Contains(list.Body, `href="/staff/requests/`+ref+`#tasks"`) {
		t.Error("a task does not lead to its request")
	}
	officer.get("/staff/tasks?team=cellar&source=shop").want(t, http.StatusOK).says(t, "Nothing to do")
	officer.get("/staff/tasks?mine=yes").want(t, http.StatusOK).says(t, "Nothing to do")
	officer.post("/staff/requests/"+ref+"/assign", "version", "1", "owner", s.id(officer.email)).want(t, http.StatusSeeOther)
	officer.get("/staff/tasks?mine=yes").want(t, http.StatusOK).says(t, ref, "2 tasks").hides(t, other)
	officer.get("/staff/tasks?after=x").want(t, http.StatusNotFound)
	file := officer.get("/staff/tasks.csv?source=cellar").want(t, http.StatusOK)
	lines := strings.Split(strings.TrimSpace(file.Body), "\r\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[1], ref+",Objection,Paper archive: stop what the person objects to,Paper archive,") || !strings.Contains(lines[1], `"Archive, cellar 2",2026-12-23,30`) {
		t.Errorf("the file is %q", lines)
	}
	file.hides(t, marta, "Marta", "Officer")
	officer.language = "zh-CN"
	officer.get("/staff/tasks?team=cellar").want(t, http.StatusOK).says(t, "地下二层档案室的待办事项", "纸质档案室")
}

func TestATaskInAnArchiveIsSettledWithEvidence(t *testing.T) {
	s := withCellar(t)
	officer := s.staff(rights.RoleOfficer)
	ref := s.customer(marta).ask(rights.Rectification, "My name is Martha.")
	at := "/staff/requests/" + ref
	page := officer.get(at).want(t, http.StatusOK).says(t, "By hand: Archive, cellar 2", "Who did it", "On which day", "Files that show it")
	task := regexp.MustCompile(at+"/tasks/([0-9a-f]{32})").FindAllStringSubmatch(page.Body, -1)[1][1] // the first is the shop's
	officer.post(at+"/fulfil", "version", "1", "text", "Done.", "check", "yes").want(t, http.StatusUnprocessableEntity).says(t, "A task in a system without a connection is open")
	officer.post(at+"/tasks/"+task, "version", "1", "state", "done", "note", "Changed on the card", "by", "Jo Cellarman", "on", "tomorrow").
		want(t, http.StatusUnprocessableEntity).says(t, "as 2026-01-31", "Changed on the card").holds(t, `value="Jo Cellarman"`)
	officer.post(at+"/tasks/"+task, "version", "1", "state", "done").
		want(t, http.StatusUnprocessableEntity).says(t, "nothing else shows it", "Write who of the team did it", "Write the day")
	officer.send(at+"/tasks/"+task, []upload{{"card.pdf", aPDF}}, "version", "1", "state", "done", "note", "Changed on the card", "by", "Jo Cellarman", "on", "2026-11-20").
		wantAt(t, at+"#tasks")
	officer.get(at).want(t, http.StatusOK).says(t, "Done by Jo Cellarman on 20 November 2026", "Changed on the card", "card.pdf")
	officer.language = "zh-CN"
	officer.get(at).want(t, http.StatusOK).says(t, "Jo Cellarman于2026年11月20日办理")
}

func TestAPersonIsToldWhatIsKeptByHand(t *testing.T) {
	s := withCellar(t)
	person := s.customer(marta)
	person.get("/data").want(t, http.StatusOK).says(t, "Looked after by hand", "Paper archive", "Kept by Archive, cellar 2, where no page can read it", "Signed orders")
	person.get("/data/cellar/folders").want(t, http.StatusOK).says(t, "Folders", "Kept by Archive, cellar 2").hides(t, "0 records")
	person.get("/erase").want(t, http.StatusOK).says(t, "by hand, by Archive, cellar 2")
	s.customer(stranger).get("/data").want(t, http.StatusOK).says(t, "Kept by Archive, cellar 2")
	officer := s.staff(rights.RoleOfficer)
	ref := person.ask(rights.Objection, "Stop.")
	officer.get("/staff/requests/"+ref+"/data").want(t, http.StatusOK).says(t, "Looked after by hand", "Archive, cellar 2 looks through it")
	officer.get("/staff/requests/"+ref+"/data/cellar/folders").want(t, http.StatusOK).says(t, "Archive, cellar 2 looks through it").hides(t, "0 records")
	person.language = "zh-CN"
	person.get("/data").want(t, http.StatusOK).says(t, "纸质档案室", "由地下二层档案室保管，无法在线查看")
}
