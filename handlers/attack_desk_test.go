package handlers_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/handlers"
	"habeas/rights"
	"habeas/store"
)

// doors are the routes below /staff that are there before anybody has signed in.
var doors = regexp.MustCompile(`^/staff/(login|totp|enrol/:token)$`)

// filled is the address of a route, about that request, that person and one that does not exist.
func filled(pattern, ref, person string) string {
	if strings.HasPrefix(pattern, "/staff/people/:id") {
		pattern = strings.Replace(pattern, ":id", person, 1)
	}
	return strings.NewReplacer(
		":ref", ref, ":source", "shop", ":collection", "customers", ":kind", "refused", ":language", "en", ":place", "DE",
		":id", "never", ":other", "never", ":merge", "never",
	).Replace(pattern)
}

// Every route that there is, not only those that somebody thought of: outsiders and customers meet the door or nothing, and
// an auditor changes nothing.
func TestNoRouteOfTheDeskIsOpenToOutsidersNorChangesAnythingForAnAuditor(t *testing.T) {
	s := newPortal(t, stopping)
	officer, auditor := s.staff(rights.RoleOfficer), s.staff(rights.RoleAuditor)
	person := s.customer(marta)
	ref := person.ask(rights.Objection, "Words of Marta")
	her := strings.TrimPrefix(officer.at(ref), "/staff/people/")
	request := s.request(ref)
	s.clock.Advance(60e9)
	outsiders := map[string]*browser{"nobody": s.browser(), "the customer": person, "an officer without the second factor": officer.half()}
	// What an auditor may send: nothing of it changes what others see.
	own := []string{"/staff/alerts/seen", "/staff/requests/:ref/proof", "/staff/sign-out"}
	routes := handlers.StaffRoutes()
	if len(routes) < 90 {
		t.Fatalf("only %d routes", len(routes))
	}
	for _, route := range routes {
		method, path := route[0], filled(route[1], ref, her)
		if doors.MatchString(route[1]) || route[1] == "/staff/sign-out" {
			continue
		}
		for who, b := range outsiders {
			var r reply
			if method == http.MethodGet {
				r = b.get(path)
				if at := r.Location(); r.StatusCode != http.StatusSeeOther || at != "/staff/login" && at != "/staff/totp" {
					t.Errorf("GET %s by %s: %d %s", route[1], who, r.StatusCode, at)
				}
			} else if r = b.post(path, "version", "1"); r.StatusCode != http.StatusNotFound {
				t.Errorf("POST %s by %s: %d", route[1], who, r.StatusCode)
			}
			r.hides(t, "Words of Marta", "m***@")
		}
		if method == http.MethodPost && !slices.Contains(own, route[1]) {
			if r := auditor.post(path, "version", "1", "text", "Words", "owner", "", "reason", "long enough a reason"); r.StatusCode != http.StatusNotFound {
				t.Errorf("POST %s by an auditor: %d", route[1], r.StatusCode)
			}
		}
	}
	if now := s.request(ref); now.Version != request.Version || now.State != request.State {
		t.Errorf("it was %s at %d, and is %s at %d", request.State, request.Version, now.State, now.Version)
	}
}

// Whoever has used up their budget reads nobody else, by whichever page.
func TestTheBudgetHoldsOnEveryRoute(t *testing.T) {
	s := newPortal(t, stopping)
	officer, auditor := s.staff(rights.RoleOfficer), s.staff(rights.RoleAuditor)
	first := s.customer(wenbo).ask(rights.Objection, "First")
	person := s.customer(marta)
	ref := person.ask(rights.Objection, "Words of Marta")
	her := s.request(ref).Subject
	letter := s.lettersOf(ref)[0].ID
	s.allow(1)
	for _, who := range []*officer1{{officer, "officer"}, {auditor, "auditor"}} {
		who.get("/staff/requests/"+first).want(t, http.StatusOK)
		for _, route := range handlers.StaffRoutes() {
			path := filled(strings.Replace(route[1], "letters/:id", "letters/"+letter, 1), ref, her)
			var r reply
			switch {
			case doors.MatchString(route[1]), route[1] == "/staff/sign-out":
				continue
			case route[0] == http.MethodGet:
				r = who.get(path)
			default: // with nothing that could be carried out
				r = who.post(path, "version", "99", "text", "", "language", "en", "number", "C-1", "reason", "long enough a reason")
			}
			r.hides(t, "Words of Marta", "Marta", "Nowak", marta, "C-1001")
			if strings.Contains(r.Body, "m***@example.org") && !strings.HasPrefix(route[1], "/staff/queue") {
				t.Errorf("%s %s by the %s shows who she is: %d", route[0], route[1], who.role, r.StatusCode)
			}
			if r.StatusCode >= 500 {
				t.Errorf("%s %s by the %s: %d", route[0], route[1], who.role, r.StatusCode)
			}
		}
		for _, path := range []string{"/staff/requests/" + ref, "/staff/people/" + her, "/staff/requests/" + ref + "/letters/" + letter} {
			who.get(path).want(t, http.StatusTooManyRequests)
		}
		who.post("/staff/requests/"+ref+"/proof", "language", "en").want(t, http.StatusTooManyRequests)
	}
}

type officer1 struct {
	*officer
	role string
}

// Of somebody whose key is destroyed every page of the desk still answers, with nothing of them.
func TestPagesOfSomebodyErasedSayNothingOfThemAndDoNotFail(t *testing.T) {
	s := newPortal(t, stopping)
	approver := s.staff(rights.RoleApprover)
	person := s.customer(marta)
	ref := person.ask(rights.Objection, "Words of Marta")
	person.send("/requests/"+ref+"/messages", []upload{{"scan.pdf", aPDF}}, "text", "With a file").want(t, http.StatusSeeOther)
	approver.post("/staff/requests/"+ref+"/note", "version", "1", "text", "A note on Marta").want(t, http.StatusSeeOther)
	s.deliver()
	file := regexp.MustCompile(`/files/([0-9a-f]{32})`).FindStringSubmatch(approver.get("/staff/requests/" + ref).Body)[1]
	her, letter := s.request(ref).Subject, s.lettersOf(ref)[0].ID
	s.must(s.Store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.DestroySubjectKey(her, rights.Entry{At: s.clock.Now(), Actor: rights.System, Act: "subject.erased", Subject: her})
	}))
	person.get("/data").hides(t, "Marta", "Nowak")
	for _, route := range handlers.StaffRoutes() {
		if doors.MatchString(route[1]) || route[1] == "/staff/sign-out" {
			continue
		}
		path := filled(strings.NewReplacer("letters/:id", "letters/"+letter, "files/:id", "files/"+file).Replace(route[1]), ref, her)
		var r reply
		if route[0] == http.MethodGet {
			r = approver.get(path)
		} else {
			r = approver.post(path, "version", fmt.Sprint(s.request(ref).Version), "text", "Some words", "owner", "", "language", "en",
				"ground", "legal_claims", "what", "Something", "how", "callback", "note", "Called back", "reason", "long enough a reason", "number", "C-1")
		}
		if r.StatusCode >= 500 {
			t.Errorf("%s %s: %d %s", route[0], route[1], r.StatusCode, plain(r.Body))
		}
		r.hides(t, "Words of Marta", "note on Marta", "m***@", "scan.pdf", "Nowak")
	}
	approver.get("/staff/people?q="+marta).want(t, http.StatusOK).says(t, "Nobody found")
	approver.get("/staff/people?q="+ref).want(t, http.StatusOK).says(t, "Nobody found")
	approver.get("/staff/requests/"+ref).want(t, http.StatusOK)
}

// A day at the desk leaves nobody in the log or in the numbers of the server, wherever their words were typed.
func TestADayAtTheDeskLeavesNobodyInLogsAndMetrics(t *testing.T) {
	s := newPortal(t, stopping)
	officer := s.staff(rights.RoleOfficer)
	ref := s.customer(marta).ask(rights.Objection, "Words-of-Marta")
	taken := officer.registers(phoned(wenbo, "access", "text", "Words-of-Wenbo", "by", "agent", "agent_name", "Ottilie", "agent_contact", "otti@office.test"))
	her := s.request(ref).Subject
	for _, route := range handlers.StaffRoutes() {
		if doors.MatchString(route[1]) || route[1] == "/staff/sign-out" {
			continue
		}
		path := filled(route[1], ref, her)
		if route[0] == http.MethodGet {
			officer.get(path + "?q=" + marta + "&after=Nowak&before=Nowak&view=Nowak&about=Nowak&member=Nowak")
			officer.get(path + "?q=C-1001")
			continue
		}
		officer.post(path, "version", "1", "text", "Words-of-Marta", "mailbox", marta, "name", "Nowak", "number", "C-1001", "note", "Nowak",
			"what", "Nowak", "reason", "Nowak said so", "id", "Nowak", "email", marta)
	}
	officer.send("/staff/requests/"+taken+"/mandate-files", []upload{{"Nowak.pdf", "no pdf"}}, "version", "1")
	s.deliver()
	seen := s.log.String() + s.browser().measured()
	for _, word := range []string{"Marta", "marta@", "Nowak", "C-1001", "Wenbo", "wenbo@", "Ottilie", "otti@", "officer@shop", her} {
		if strings.Contains(seen, word) {
			t.Errorf("the log or the numbers hold %q: %s", word, around(seen, word))
		}
	}
}

func (b *browser) measured() string {
	b.peer = "127.0.0.1:5000"
	return b.get("/metrics").Body
}

// What workflow refuses the page says in words, and nothing typed is lost.
func TestRefusalsAtTheDeskAreSaidInWords(t *testing.T) {
	s := newPortal(t)
	self, colleague := s.named("marta+desk@example.org", "Marta at work", rights.RoleOfficer), s.staff(rights.RoleOfficer)
	desk := "/staff/requests/" + s.customer(marta).ask(rights.Objection, "Stop.")
	for _, act := range []string{"fulfil", "message", "note"} {
		self.post(desk+"/"+act, "version", "1", "text", "To myself").want(t, http.StatusUnprocessableEntity).says(t, "your own mailbox", "To myself")
	}
	self.post(desk+"/assign", "version", "1", "owner", s.id(colleague.email)).want(t, http.StatusSeeOther)
	colleague.post(desk+"/fulfil", "version", "2", "text", "We have stopped.").want(t, http.StatusSeeOther)

	called := "/staff/requests/" + colleague.registers(phoned(wenbo, "access"))
	colleague.send(called+"/message", []upload{{"yours.pdf", aPDF}}, "version", "1", "text", "All of it").
		want(t, http.StatusUnprocessableEntity).says(t, "First make sure of who asks", "All of it")
	if strings.Contains(colleague.get(called).Body, "yours.pdf") {
		t.Error("the file is there all the same")
	}
}

// A view that somebody keeps for themselves is nobody else's, by its number neither.
func TestNobodyOpensOrDropsTheViewOfAnother(t *testing.T) {
	s := newPortal(t)
	officer, other := s.staff(rights.RoleApprover), s.staff(rights.RoleOfficer)
	officer.post("/staff/queue/views", "right", "erasure", "name", "Secret-plan").want(t, http.StatusSeeOther)
	id := viewID(t, officer.get("/staff/queue?right=erasure"))
	for _, path := range []string{"/staff/queue", "/staff/queue?view=" + id, "/staff/queue?saved=" + id, "/staff/queue.csv?view=" + id} {
		other.get(path).hides(t, "Secret-plan")
	}
	other.post("/staff/queue/views/"+id+"/delete").want(t, http.StatusNotFound)
	officer.get("/staff/queue").says(t, "Secret-plan")
}

// Whoever is out hears nothing more, not even until the next time that their stream would have looked.
func TestAStreamSaysNothingToWhoeverIsOut(t *testing.T) {
	for _, c := range []struct {
		sentence string
		out      func(s *site, o *officer)
	}{
		{"signed out", func(_ *site, o *officer) { o.post("/staff/sign-out") }},
		{"disabled", func(s *site, o *officer) { s.must(s.DisableStaff(s.t.Context(), rights.System, o.email)) }},
	} {
		s := newPortal(t)
		o := s.staff(rights.RoleOfficer)
		stream := o.listen(t)
		stream.says(": listening")
		c.out(s, o)
		ref := s.customer(marta).ask(rights.Objection, "Stop.")
		for patience, heard := time.After(10*time.Second), false; !heard; {
			select {
			case line, open := <-stream.lines:
				if heard = !open; strings.Contains(line, ref) || strings.Contains(line, "queue") {
					t.Errorf("%s, they hear %q", c.sentence, line)
				}
			case <-patience:
				t.Fatalf("%s: the stream goes on", c.sentence)
			}
		}
	}
}
