package handlers_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

// at is where the search for somebody leads who is found alone.
func (o *officer) at(q string) string {
	o.site.t.Helper()
	return o.get("/staff/people?q="+q).want(o.site.t, http.StatusSeeOther).Location()
}

// one signs in at the mailbox of two with a second datum.
func (s *site) one(datum string) *browser {
	s.t.Helper()
	b := s.customer(family)
	b.post("/choose", "datum", datum).wantAt(s.t, "/data")
	return b
}

// allow sets how many people a member of staff may open a day.
func (s *site) allow(people int) {
	s.t.Helper()
	set := rights.DefaultSettings()
	set.PeopleADay = people
	s.must(s.Store.Write(s.t.Context(), func(tx *store.Tx) error {
		return tx.SaveSettings(set, 0, rights.Entry{At: s.clock.Now(), Actor: rights.System, Act: "settings.saved"})
	}))
}

func TestAPersonIsFoundExactlyAndShownMasked(t *testing.T) {
	s := newPortal(t)
	officer, auditor := s.staff(rights.RoleOfficer), s.staff(rights.RoleAuditor)
	ref := s.customer(marta).ask(rights.Objection, "Stop.")
	page := officer.at(marta)
	for _, c := range []struct{ sentence, q string }{
		{"the number", "C-1001"}, {"a reference", ref}, {"capitals", "MARTA@EXAMPLE.ORG"},
	} {
		if at := officer.at(c.q); at != page {
			t.Errorf("%s leads to %s, not %s", c.sentence, at, page)
		}
	}
	for _, c := range []struct{ sentence, q string }{
		{"part of the address", "marta@example"}, {"a wildcard", "%25"}, {"a star", "*"}, {"part of the number", "C-100"}, {"a name", "Nowak"},
		{"a lookalike", "m%D0%B0rta@example.org"}, {"nothing that is one", "<script>"},
	} {
		officer.get("/staff/people?q="+c.q).want(t, http.StatusOK).says(t, "Nobody found").hides(t, page)
	}
	officer.get("/staff/people?q=C-1002").want(t, http.StatusOK).says(t, "Our shop: this number exists").hides(t, "周文博", wenbo)
	for _, who := range []*browser{officer.browser, auditor.browser} {
		who.get(page).want(t, http.StatusOK).says(t, "m***@example.org", ref, "Objection", "Newsletter", "Receipt", "Opened this page", "Mei Officer").
			hides(t, marta, "Marta", "C-1001", "555 01 01", "39.90")
	}
	officer.language = "zh-CN"
	officer.get(page+"?lang=zh-CN").want(t, http.StatusOK).says(t, "m***@example.org", "查看记录", "打开本页")
}

func TestOneValueIsShownOnceForAReasonAndThePersonReadsBoth(t *testing.T) {
	s := newPortal(t)
	officer := s.staff(rights.RoleOfficer)
	person := s.customer(marta)
	ref := person.ask(rights.Objection, "Stop.")
	secrets := []string{"Marta", "Nowak", marta, "555 01 01", "00-950", "04-12", "39.90", "neighbour", "Lamp", "C-1001"}
	data := "/staff/requests/" + ref + "/data"
	officer.get(data).want(t, http.StatusOK).says(t, "Our shop", "Your account", "1 record", "2 records").hides(t, secrets...)
	records := officer.get(data+"/shop/customers").want(t, http.StatusOK).says(t, "m***@example.org", "1987-**-**").hides(t, secrets...)
	for _, name := range []string{"orders", "lines"} {
		officer.get(data+"/shop/"+name).want(t, http.StatusOK).hides(t, secrets...)
	}
	id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(records.Body)[1]
	send := func(pairs ...string) reply {
		return officer.post("/staff/requests/"+ref+"/reveal", append([]string{"source", "shop", "collection", "customers", "id", id}, pairs...)...)
	}
	send().want(t, http.StatusUnprocessableEntity).says(t, "Choose a value that may be revealed.", "Choose why you need it.").hides(t, secrets...)
	send("field", "phone", "reason", "other", "words", "no").want(t, http.StatusUnprocessableEntity).says(t, "at least 10 characters").hides(t, secrets...)
	shown := send("field", "phone", "reason", "verify").want(t, http.StatusOK).says(t, "+48 22 555 01 01", "Shown once")
	shown.hides(t, "Marta", marta, "00-950")
	if shown.Header.Get("Cache-Control") != "no-store" {
		t.Error("the answer may be kept")
	}
	officer.get("/staff/requests/"+ref+"/reveal").wantAt(t, data)
	officer.get(data+"/shop/customers").hides(t, secrets...)
	officer.get("/staff/requests/"+ref).says(t, "Saw one value in full: Phone. To make sure who asks")
	person.get("/activity").want(t, http.StatusOK).says(t, "Saw one value in full: Your account › Phone", "A member of our privacy team",
		"Reason given: To make sure who asks", "Opened your data, with values masked").hides(t, "Mei ")
	s.execute("ALTER TABLE customers RENAME TO gone")
	officer.get(data).want(t, http.StatusOK).says(t, "Our shop could not be read", "run habeas check")
	officer.get(data+"/shop/customers").want(t, http.StatusServiceUnavailable).hides(t, secrets...)
	s.execute("ALTER TABLE gone RENAME TO customers")
	for _, wrong := range []string{"/shop/secrets", "/nowhere/customers", "/shop/customers?after=1"} {
		officer.get(data+wrong).want(t, http.StatusNotFound)
	}
}

func TestTheGreedyOfficerReadsWhyUntilWhenAndWhomToAsk(t *testing.T) {
	s := newPortal(t)
	officer, approver := s.staff(rights.RoleOfficer), s.staff(rights.RoleApprover)
	s.customer(marta)
	ref := s.customer(wenbo).ask(rights.Objection, "Stop.")
	s.allow(1)
	officer.get("/staff/people").want(t, http.StatusOK).says(t, "You have opened 0 of 1 people today.").hides(t, "You can go on with these")
	her := officer.at(marta)
	officer.get(her).want(t, http.StatusOK).says(t, "You have opened 1 of 1 people today. You can go on with these")
	for _, path := range []string{officer.at(wenbo), "/staff/requests/" + ref, "/staff/requests/" + ref + "/data"} {
		over := officer.get(path).want(t, http.StatusTooManyRequests).says(t, "That is enough people for today", "1 different people", "24 November 2026", "Mei Approver")
		over.hides(t, "w***@example.cn", "Objection")
		if wait := over.Header.Get("Retry-After"); wait != "54000" { // from 9 in the morning to midnight in Berlin
			t.Errorf("%s: Retry-After %s", path, wait)
		}
	}
	officer.get(her).want(t, http.StatusOK)
	officer.language = "zh-CN"
	officer.get("/staff/requests/"+ref+"?lang=zh-CN").want(t, http.StatusTooManyRequests).says(t, "今天查看的人数已达上限", "Mei Approver")

	budget := approver.get("/staff/people/budget").want(t, http.StatusOK).says(t, "Mei Officer", "1 of 1", "Used up")
	id := regexp.MustCompile(`<option value="([0-9a-f]{32})">Mei Officer`).FindStringSubmatch(budget.Body)[1]
	raise := func(staff, people, reason string) reply {
		return approver.post("/staff/people/budget", "staff", staff, "people", people, "reason", reason)
	}
	raise("", "", "").want(t, http.StatusUnprocessableEntity).says(t, "Choose a colleague")
	raise(id, "many", "no").want(t, http.StatusUnprocessableEntity).says(t, "Enter a number from 2 to 1000.", "at least 10 characters")
	raise(id, "2", "A mailing went to the wrong people").wantAt(t, "/staff/people/budget")
	approver.get("/staff/people/budget").says(t, "Raised until midnight.", "1 of 2", "Raised today by Mei Approver: A mailing went to the wrong people")
	officer.get("/staff/requests/"+ref+"?lang=en").want(t, http.StatusOK)
}

// whatShows is everything that the pages of a person show, as HTML.
func (b *browser) whatShows() string {
	b.site.t.Helper()
	var all strings.Builder
	for _, path := range []string{"/data", "/data/shop/customers", "/data/shop/orders", "/data/shop/lines", "/requests", "/consents", "/consents/history", "/activity", "/security", "/correct"} {
		all.WriteString(b.get(path).Body)
	}
	for _, ref := range reference.FindAllString(b.get("/requests").Body, -1) {
		all.WriteString(b.get("/requests/" + ref).Body)
	}
	return all.String()
}

func TestTwoBehindAMailboxAreOnePersonOnlyWhileAnOfficerSaysSo(t *testing.T) {
	s := newPortal(t)
	officer := s.staff(rights.RoleOfficer)
	jonas := s.one("C-1004")
	his := jonas.ask(rights.Objection, "Written by Jonas alone")
	s.clock.Advance(16 * time.Minute)
	anna := s.one("C-1003")
	hers := anna.ask(rights.Objection, "Written by Anna alone")
	ofJonas := []string{"Jonas", "C-1004", "5550102", "20095", "18.00", "Tray", his}
	lacks := func(when string, b *browser) {
		t.Helper()
		text := b.whatShows()
		for _, byte := range ofJonas {
			if strings.Contains(text, byte) {
				t.Errorf("%s her pages hold %q: %s", when, byte, around(text, byte))
			}
		}
		if !strings.Contains(text, "Anna Weber") || !strings.Contains(text, hers) {
			t.Errorf("%s her pages lack what is hers", when)
		}
	}
	lacks("before", anna)

	several := officer.get("/staff/people?q="+family).want(t, http.StatusOK).says(t, "Several people", "f***@example.org").hides(t, "Weber", "C-100")
	ids := regexp.MustCompile(`/staff/people/([0-9a-f]{32})`).FindAllStringSubmatch(several.Body, -1)
	him, her := "/staff/people/"+ids[0][1], "/staff/people/"+ids[1][1]
	officer.get(her).says(t, "May be the same person as", "The same mailbox")
	same := her + "/same/" + ids[0][1]
	officer.get(same).want(t, http.StatusOK).says(t, "One person, or two?", "Both have records of their own in Our shop · Your account", "f***@example.org").
		hides(t, "Weber", "C-100", family)
	officer.post(same).want(t, http.StatusUnprocessableEntity).says(t, "Choose one person or two.")
	officer.post(same, "verdict", "one", "reason", "short").want(t, http.StatusUnprocessableEntity).says(t, "at least 10 characters")
	lacks("after what was refused", anna)
	officer.post(same, "verdict", "one", "reason", "She married and has two accounts").wantAt(t, her)
	officer.get(her).wantAt(t, him)
	officer.post(same, "verdict", "one", "reason", "She married and has two accounts").want(t, http.StatusNotFound)
	anna.get("/data").wantAt(t, "/") // who was signed in as one of them signs in again
	s.clock.Advance(16 * time.Minute)
	both := s.one("C-1003")
	text := both.whatShows()
	for _, word := range append(ofJonas, "Anna Weber", hers, "Decided that two records of people are both you") {
		if !strings.Contains(text, word) {
			t.Errorf("as one they do not see %q", word)
		}
	}
	both.get("/requests/"+his).want(t, http.StatusOK).says(t, "Written by Jonas alone")

	page := officer.get(him).want(t, http.StatusOK).says(t, "One person with f***@example.org", "She married and has two accounts", hers, his)
	undo := regexp.MustCompile(`action="(/staff/people/[0-9a-f]+/merges/[0-9a-f]+/undo)"`).FindStringSubmatch(page.Body)[1]
	officer.post(undo).wantAt(t, him)
	officer.post(undo).want(t, http.StatusConflict)
	both.get("/data").wantAt(t, "/")
	s.clock.Advance(16 * time.Minute)
	lacks("afterwards", s.one("C-1003"))
}

func TestWhoSomebodyIsWhomNobodyPickedIsSettledByTheirNumber(t *testing.T) {
	s := newPortal(t)
	officer, auditor := s.staff(rights.RoleOfficer), s.staff(rights.RoleAuditor)
	b := s.customer(family)
	b.post("/choose", "unknown", "yes").wantAt(t, "/data")
	ref := b.ask(rights.Objection, "Which of us wrote this?")
	page := officer.at(family)
	officer.get(page).says(t, "Who is this?", "Several people share this mailbox")
	auditor.get(page).says(t, "Who is this?").hides(t, `name="number"`)
	officer.post(page+"/settle", "number", "C-1001", "reason", "Told me on the phone").want(t, http.StatusUnprocessableEntity).
		says(t, "Nobody behind this mailbox has this number.", "Told me on the phone").hides(t, "Marta")
	officer.post(page+"/settle", "number", "C-1003", "reason", "Told me on the phone").wantAt(t, page)
	s.clock.Advance(16 * time.Minute)
	s.one("C-1003").get("/requests/"+ref).want(t, http.StatusOK).says(t, "Which of us wrote this?")
	s.clock.Advance(16 * time.Minute)
	s.one("C-1004").get("/requests/"+ref).want(t, http.StatusNotFound)
}
