package handlers_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

func TestAnOfficerEnrolsFindsARequestAndAnswersIt(t *testing.T) {
	s := newPortal(t)
	token, err := s.Invite(t.Context(), rights.System, "mei@shop.test", "Mei Kwan", rights.RoleOfficer, "en")
	s.must(err)
	if l := s.letter("mei@shop.test"); !strings.Contains(l.Text, base+"/staff/enrol/"+token) {
		t.Fatal("the invitation does not hold its link")
	}

	o := &officer{browser: s.browser(), email: "mei@shop.test"}
	page := o.get("/staff/enrol/"+token).want(t, http.StatusOK).says(t, "Mei Kwan", "mei@shop.test")
	if !strings.Contains(page.Body, `src="data:image/png;base64,`) {
		t.Error("there is no picture to scan")
	}
	o.secret = strings.ReplaceAll(regexp.MustCompile(`class="secret">([A-Z2-7 ]+)<`).FindStringSubmatch(page.Body)[1], " ", "")
	done := o.post("/staff/enrol/"+token, "password", password, "code", o.totp()).want(t, http.StatusOK)
	if codes := recoveryCodes.FindAllString(done.Body, -1); len(codes) != 10 {
		t.Fatalf("there are %d recovery codes, want 10", len(codes))
	}

	person := s.customer(marta)
	ref := person.ask(rights.Objection, "Stop profiling me.")
	o.get("/staff").wantAt(t, "/staff/queue")
	o.get("/staff/queue").want(t, http.StatusOK).says(t, ref, "m***@example.org", "Objection", "New", "Nobody", "30 days left").hides(t, marta)
	desk := "/staff/requests/" + ref
	o.get(desk).want(t, http.StatusOK).says(t, "Stop profiling me.", "Answer the request by 23 December 2026", "GDPR Art. 12(3)", "Receipt").hides(t, marta)

	o.post(desk+"/assign", "version", "1", "owner", s.id(o.email)).wantAt(t, desk)
	o.get("/staff/queue?view=mine").want(t, http.StatusOK).says(t, ref, "Mei Kwan")
	s.deliver()
	o.post(desk+"/message", "version", "2", "text", "Which profile do you mean?").wantAt(t, desk)
	o.get(desk).says(t, "Which profile do you mean?", "In progress", "Assigned to Mei Kwan")
	if l := s.letter(marta); strings.Contains(l.Text, "Which profile") {
		t.Error("the letter carries the words of the message")
	}
	person.get("/requests/"+ref).says(t, "Which profile do you mean?").hides(t, "Mei Kwan")

	o.post(desk+"/fulfil", "version", "3", "text", "We have stopped.", "check", "yes").want(t, http.StatusOK).says(t, "Check before you fulfil", "We have stopped.", "We have answered your request")
	person.get("/requests/"+ref).hides(t, "We have stopped.")
	o.post(desk+"/fulfil", "version", "3", "text", "We have stopped.").wantAt(t, desk)
	o.get(desk).says(t, "Fulfilled. The person gets a letter.", "Fulfilled")
	person.get("/requests/"+ref).says(t, "We have stopped.")
	o.get("/staff/queue").says(t, "Nothing is open")
	o.get("/staff/queue?view=closed").says(t, ref)
	if log := s.log.String(); strings.Contains(log, "marta") || strings.Contains(log, "mei@") || strings.Contains(log, token) {
		t.Error("the log names people or tokens")
	}
}

// id is the staff ID of a member of the team.
func (s *site) id(email string) string {
	s.t.Helper()
	team, err := s.Staff(s.t.Context(), rights.System)
	s.must(err)
	for _, m := range team {
		if m.Email == email {
			return m.ID
		}
	}
	s.t.Fatalf("nobody of the team has the address %s", email)
	return ""
}

func TestARefusalNamesItsGroundToThePerson(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	person := s.customer(marta)
	ref := person.ask(rights.Objection, "Stop all of it.")
	desk := "/staff/requests/" + ref

	o.post(desk+"/refuse", "version", "1", "text", "We need it.", "check", "yes").want(t, http.StatusUnprocessableEntity).says(t, "We need it.", "Choose a ground")
	o.post(desk+"/refuse", "version", "1", "ground", "accurate", "text", "We need it.").want(t, http.StatusUnprocessableEntity).says(t, "We need it.")
	o.post(desk+"/refuse", "version", "1", "ground", "legal_claims", "text", "We need it.", "check", "yes").want(t, http.StatusOK).says(t, "Legal claims", "GDPR Art. 17(3)(e)")
	o.post(desk+"/refuse", "version", "1", "ground", "legal_claims", "text", "We need it.", "change", "yes").want(t, http.StatusOK).says(t, "We need it.")
	person.get("/requests/"+ref).says(t, "Received")
	s.deliver()
	o.post(desk+"/refuse", "version", "1", "ground", "legal_claims", "text", "We need it.").wantAt(t, desk)
	if l := s.letter(marta); !strings.Contains(l.Text, "The Authority") {
		t.Error("the letter does not say whom to complain to (GDPR Art. 12(4))")
	}
	o.get(desk).says(t, "Refused", "Refused because", "Legal claims")
}

func TestACorrectionIsDecidedOnBothValues(t *testing.T) {
	ask := func(t *testing.T) (*site, *officer, *browser, string) {
		s := newPortal(t)
		o := s.staff(rights.RoleOfficer)
		person := s.customer(marta)
		ref := person.post("/correct", "source", "shop", "collection", "customers", "id", recordOf(t, person), "field", "name",
			"old", "Marta Nowak", "value", "Marta Nowak-Lis", "reason", "I married", "confirm", "yes").filed(t)
		return s, o, person, "/staff/requests/" + ref
	}
	t.Run("accepted, it stands in the source", func(t *testing.T) {
		s, o, person, desk := ask(t)
		o.get(desk).says(t, "Correction of Name", "Marta Nowak", "Marta Nowak-Lis", "I married")
		o.post(desk+"/fulfil", "version", "1").want(t, http.StatusUnprocessableEntity)
		o.post(desk+"/accept", "version", "1", "check", "yes").want(t, http.StatusOK).says(t, "Marta Nowak-Lis")
		o.post(desk+"/accept", "version", "1").wantAt(t, desk)
		if now := s.cell("SELECT name FROM customers WHERE id = 1"); now != "Marta Nowak-Lis" {
			t.Errorf("the source holds %q", now)
		}
		person.get("/data").says(t, "Marta Nowak-Lis")
		o.get(desk).says(t, "Fulfilled", "Corrected in the source")
	})
	t.Run("declined, it stays", func(t *testing.T) {
		s, o, person, desk := ask(t)
		o.post(desk+"/decline", "version", "1", "ground", "accurate", "text", "Send us the certificate.").wantAt(t, desk)
		if now := s.cell("SELECT name FROM customers WHERE id = 1"); now != "Marta Nowak" {
			t.Errorf("the source holds %q", now)
		}
		person.get(strings.TrimPrefix(desk, "/staff")).says(t, "Send us the certificate.")
	})
}

var corrects = regexp.MustCompile(`/correct\?[^"]*id=([^&"]*)&amp;[^"]*source=shop`)

// recordOf is the key of the person's account, as the page of their data links to it.
func recordOf(t *testing.T, person *browser) string {
	t.Helper()
	found := corrects.FindStringSubmatch(person.get("/data").want(t, http.StatusOK).Body)
	if found == nil {
		t.Fatal("the page of the data offers nothing to correct")
	}
	return found[1]
}

func TestTwoOfficersCannotOverwriteEachOther(t *testing.T) {
	s := newPortal(t)
	first, second := s.named("ann@shop.test", "Ann Lee", rights.RoleOfficer), s.named("bob@shop.test", "Bob Ray", rights.RoleApprover)
	desk := "/staff/requests/" + s.customer(marta).ask(rights.Objection, "Stop.")
	first.post(desk+"/assign", "version", "1", "owner", s.id(first.email)).wantAt(t, desk)

	for _, act := range []struct{ name, extra string }{{"message", ""}, {"note", ""}, {"fulfil", ""}, {"fulfil", "yes"}, {"refuse", ""}} {
		page := second.post(desk+"/"+act.name, "version", "1", "text", "What Bob had written", "ground", "legal_claims", "check", act.extra)
		page.want(t, http.StatusConflict).says(t, "Somebody else changed this request", "Assigned to Ann Lee", "What Bob had written")
		if !strings.Contains(page.Body, `name="version" value="2"`) {
			t.Errorf("%s: the form cannot be sent again as it is now", act.name)
		}
	}
	first.get(desk).hides(t, "What Bob had written")
	second.post(desk+"/assign", "version", "1", "owner", "").want(t, http.StatusConflict)
	second.post(desk+"/message", "version", "2", "text", "What Bob had written").wantAt(t, desk)
}

func TestBadInputOfTheDeskLosesNothing(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	desk := "/staff/requests/" + s.customer(marta).ask(rights.Objection, "Stop.")
	long := strings.Repeat("word ", 801)
	for _, row := range []struct {
		what   string
		act    string
		fields []string
		kept   string
	}{
		{"an empty message", "message", []string{"version", "1", "text", " "}, ""},
		{"a note that is too long", "note", []string{"version", "1", "text", long}, "word word"},
		{"no version, of a letter", "refuse", []string{"text", "Typed"}, "Typed"},
		{"no version", "fulfil", []string{"text", "Typed"}, "Typed"},
		{"a version that is no number", "fulfil", []string{"version", "one", "text", "Typed"}, "Typed"},
		{"a field twice", "message", []string{"version", "1", "text", "Typed", "text", "again"}, ""},
		{"text that is not UTF-8", "message", []string{"version", "1", "text", "\xff\xfe"}, ""},
		{"markup, as text", "fulfil", []string{"version", "1", "text", "<script>alert(1)</script>", "change", "yes"}, "<script>alert(1)</script>"},
	} {
		r := o.post(desk+"/"+row.act, row.fields...)
		if row.act != "fulfil" || row.fields[0] != "version" || row.fields[1] != "1" {
			r.want(t, http.StatusUnprocessableEntity)
		}
		r.says(t, row.kept).hides(t, "<script>alert", "\xff")
		if t.Failed() {
			t.Fatal(row.what)
		}
	}
	o.get(desk).says(t, "Nobody", "New")
}

// The machine comes to an erasure when its cooling-off is over; what was refused before then does not begin by itself.
func TestAnErasureThatWasRefusedWhileItCooledOffIsNotSaidToBegin(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	desk := "/staff/requests/" + s.customer(marta).post("/erase", "confirm", "yes").filed(t)
	o.get(desk).says(t, "Begins by itself")
	o.post(desk+"/refuse", "version", "1", "ground", "legal_claims").want(t, http.StatusSeeOther)
	o.get(desk).says(t, "Refused", "Not carried out").hides(t, "Begins by itself", "Once the cooling-off is over")
}

func TestWhatCanStillBeTakenBackIsNotDecided(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	person := s.customer(marta)
	desk := "/staff/requests/" + person.post("/erase", "confirm", "yes").filed(t)
	o.get(desk).says(t, "The person can take this back until 26 November 2026, 09:00. Until then it can be refused, but not fulfilled.").hides(t, `action="`+desk+`/fulfil"`)
	o.post(desk+"/fulfil", "version", "1", "check", "yes").want(t, http.StatusUnprocessableEntity)
	o.post(desk+"/fulfil", "version", "1").want(t, http.StatusUnprocessableEntity)
	for range 5 { // staying at work keeps a session alive; 12 hours end it
		s.clock.Advance(25 * time.Minute)
		o.get(desk).want(t, http.StatusOK)
	}
	s.clock.Advance(72 * time.Hour)
	o.get(desk).wantAt(t, "/staff/login")
	o.again().post(desk+"/fulfil", "version", "1").wantAt(t, desk)
}

// again signs the officer in anew, both factors.
func (o *officer) again() *officer {
	o.site.t.Helper()
	o.browser = o.half()
	o.post("/staff/totp", "code", o.totp()).wantAt(o.site.t, "/staff/queue")
	return o
}

func TestPrivateNotesStayWithTheTeam(t *testing.T) {
	s := newPortal(t)
	o, auditor := s.staff(rights.RoleOfficer), s.staff(rights.RoleAuditor)
	person := s.customer(marta)
	ref := person.ask(rights.Objection, "Stop.")
	o.post("/staff/requests/"+ref+"/note", "version", "1", "text", "Phoned twice").want(t, http.StatusSeeOther)
	auditor.get("/staff/requests/"+ref).says(t, "Phoned twice").hides(t, "<textarea", ref+"/assign", ref+"/fulfil")
	person.get("/requests/"+ref).hides(t, "Phoned twice")
}

func TestTheQueueShowsWhatWasAskedFor(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	o.get("/staff/queue").want(t, http.StatusOK).says(t, "Nothing is open")
	objection := s.customer(marta).ask(rights.Objection, "Stop.")
	complaint := s.customer(wenbo).ask(rights.Complaint, "Too slow.")
	for _, row := range []struct{ what, query, shown, hidden string }{
		{"everything open by itself", "", objection, ""},
		{"what nobody owns", "?view=unassigned", objection, ""},
		{"what nobody owns, by another name", "?owner=nobody", objection, ""},
		{"one right", "?right=complaint", complaint, objection},
		{"one state", "?state=in_progress", "Nothing found", objection},
		{"one law", "?regime=ccpa", "Nothing found", objection},
		{"nothing late", "?view=overdue", "Nothing is overdue", objection},
		{"nothing late, by its day", "?due=overdue", "Nothing found", objection},
		{"an exact address, however it is written", "?q=MARTA%40Example.org", objection, complaint},
		{"not a part of an address", "?q=marta", "Nothing found", objection},
		{"not an address of nobody", "?q=nobody%40example.net", "Nothing found", objection},
		{"not a reference that was never given", "?q=HB-0000-0000", "Nothing found", objection},
		{"viewings apart", "?view=routine", "Nobody has viewed", objection},
	} {
		t.Run(row.what, func(t *testing.T) {
			page := o.get("/staff/queue"+row.query).want(t, http.StatusOK).says(t, row.shown)
			if row.hidden != "" {
				page.hides(t, row.hidden)
			}
		})
	}
	for _, typed := range []string{complaint, strings.ToLower(complaint), strings.ReplaceAll(complaint[3:], "-", "+")} {
		o.get("/staff/queue?q="+typed).wantAt(t, "/staff/requests/"+complaint)
	}
	for _, query := range []string{"?view=nonsense", "?right=nonsense", "?state=nonsense", "?regime=nonsense", "?due=nonsense", "?after=nonsense"} {
		o.get("/staff/queue"+query).want(t, http.StatusNotFound)
	}
}

func TestALateRequestIsSeenWithoutReading(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	ref := s.customer(marta).ask(rights.Objection, "Stop.") // due on 23 December
	for _, row := range []struct {
		days       int
		tone, word string
	}{{26, "", "4 days left"}, {1, "soon", "3 days left"}, {3, "soon", "Due today"}, {1, "late", "1 day late"}} {
		s.clock.Advance(time.Duration(row.days) * 24 * time.Hour)
		page := o.again().get("/staff/queue").says(t, row.word)
		if !strings.Contains(page.Body, fmt.Sprintf(`class="due" data-tone="%s"`, row.tone)) {
			t.Errorf("%s: the badge is not %q", row.word, row.tone)
		}
	}
	o.get("/staff/queue?view=overdue").says(t, ref)
	o.get("/staff/requests/"+ref).says(t, "this was due on 23 December 2026")
}

func TestTheQueueIsPagedByKey(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	filed := map[string]bool{}
	for _, email := range []string{marta, wenbo} {
		b := s.customer(email)
		for range 15 {
			filed[b.ask(rights.Objection, "Stop.")] = true
		}
	}
	next, seen := "/staff/queue", map[string]bool{}
	for pages := 0; next != ""; pages++ {
		page := o.get(next).want(t, http.StatusOK)
		for _, row := range rowRefs.FindAllStringSubmatch(page.Body, -1) {
			if seen[row[1]] {
				t.Errorf("%s stands on two pages", row[1])
			}
			seen[row[1]] = true
		}
		next = ""
		if found := nextPage.FindStringSubmatch(page.Body); found != nil {
			next = strings.ReplaceAll(found[1], "&amp;", "&")
		}
		if pages > 3 {
			t.Fatal("the pages do not end")
		}
	}
	if len(seen) != 30 || len(filed) != 30 {
		t.Errorf("%d of %d requests were shown", len(seen), len(filed))
	}
}

var (
	rowRefs  = regexp.MustCompile(`<th scope="row"><a href="/staff/requests/([^"]+)"`)
	nextPage = regexp.MustCompile(`href="([^"]+)" rel="next"`)
)

func TestARoleCountsFromTheNextRequestOn(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	desk := "/staff/requests/" + s.customer(marta).ask(rights.Objection, "Stop.")
	o.post(desk+"/note", "version", "1", "text", "As an officer").wantAt(t, desk)
	s.must(s.Store.Write(t.Context(), func(tx *store.Tx) error {
		m, err := tx.StaffByEmail(t.Context(), o.email)
		if err != nil {
			return err
		}
		m.Role = rights.RoleAuditor
		return tx.UpdateStaff(m, rights.Entry{At: s.clock.Now(), Actor: rights.System, Act: "staff.role"})
	}))
	o.post(desk+"/note", "version", "1", "text", "As an auditor").want(t, http.StatusNotFound)
	o.get(desk).want(t, http.StatusOK).hides(t, "<textarea", "As an auditor")
}

func TestTheDeskSpeaksChinese(t *testing.T) {
	s := newPortal(t)
	o, admin := s.staff(rights.RoleOfficer), s.staff(rights.RoleAdmin)
	o.language, admin.language = "zh-CN", "zh-CN"
	ref := s.customer(marta).ask(rights.Objection, "Stop.")
	o.get("/staff/queue").says(t, "未结请求", "剩余 30 天", "拒绝处理")
	o.get("/staff/requests/"+ref).says(t, "答复请求：2026年12月23日前", "法定期限", "处理记录")
	o.post("/staff/requests/"+ref+"/refuse", "version", "1", "ground", "legal_claims", "check", "yes").says(t, "拒绝前请核对")
	admin.get("/staff/team").says(t, "团队", "管理员")
	b := s.browser()
	b.language = "zh-CN"
	b.get("/staff/login").says(t, "登录隐私工作台")
	b.get("/staff/enrol/none").want(t, http.StatusGone).says(t, "此邀请链接已失效")
}
