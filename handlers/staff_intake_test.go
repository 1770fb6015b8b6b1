package handlers_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"habeas/rights"
)

// upload is a file in a form.
type upload struct{ name, body string }

const (
	aPDF = "%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"
	form = "multipart/form-data; boundary="
)

// send posts a form with files; fields are names and values in turn.
func (b *browser) send(path string, files []upload, fields ...string) reply {
	b.site.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		b.site.must(w.WriteField(fields[i], fields[i+1]))
	}
	for _, f := range files {
		part, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {`form-data; name="files"; filename="` + f.name + `"`}, "Content-Type": {"text/html"},
		})
		b.site.must(err)
		_, err = part.Write([]byte(f.body))
		b.site.must(err)
	}
	b.site.must(w.Close())
	r := httptest.NewRequest(http.MethodPost, base+path, &body)
	r.Header.Set("Content-Type", form+w.Boundary())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// phoned are the fields of a registration of somebody who has called; more fields change it.
func phoned(mailbox, right string, more ...string) []string {
	fields := map[string]string{
		"channel": "phone", "language": "en", "received_on": "2026-11-20", "received_at": "14:30", "mailbox": mailbox, "by": "self",
		"right": right, "regime": "eu_gdpr", "text": "Please help", "how": "none", "receipt": "yes",
	}
	for i := 0; i+1 < len(more); i += 2 {
		fields[more[i]] = more[i+1]
	}
	var out []string
	for name, value := range fields {
		out = append(out, name, value)
	}
	return out
}

// registers registers a request at the desk and returns its reference.
func (b *browser) registers(fields []string) string {
	b.site.t.Helper()
	return b.post("/staff/requests/new", fields...).filed(b.site.t)
}

func TestARequestThatCameByTelephoneIsRegistered(t *testing.T) {
	s := newPortal(t)
	officer := s.staff(rights.RoleOfficer)
	blank := officer.get("/staff/requests/new").want(t, http.StatusOK).says(t, "Register a request")
	if !strings.Contains(blank.Body, `value="2026-11-23"`) {
		t.Error("the form does not begin with today")
	}
	check := append(phoned("Marta@Example.org", "erasure"), "check", "yes")
	officer.post("/staff/requests/new", check...).want(t, http.StatusOK).
		says(t, "Check before you register", "marta@example.org", "20 November 2026", "Erasure", "Please help", "21 December 2026")
	officer.post("/staff/requests/new", append(check, "change", "yes")...).want(t, http.StatusOK).says(t, "Please help")
	s.deliver()
	for _, l := range s.mail.All() {
		if l.To == marta {
			t.Errorf("a letter before anything was registered: %s", l.Subject)
		}
	}
	ref := officer.registers(phoned("Marta@Example.org", "erasure"))
	officer.get("/staff/requests/"+ref+"/registered").want(t, http.StatusOK).says(t, ref, "Tell them the reference", "Make sure of who they are")
	desk := officer.get("/staff/requests/"+ref).want(t, http.StatusOK).says(t, "By phone", "Not yet", "Nobody has made sure of who asks", "Please help")
	desk.hides(t, marta)
	person := s.customer(marta)
	person.get("/requests/"+ref).want(t, http.StatusOK).says(t, "This was asked in your name", "By telephone")
	person.get("/requests/"+ref+"/confirm").want(t, http.StatusOK).says(t, "Is this request yours?")
	person.post("/requests/"+ref+"/confirm").want(t, http.StatusUnprocessableEntity).says(t, "Choose yes or no")
	person.post("/requests/"+ref+"/confirm", "answer", "yes").wantAt(t, "/requests/"+ref)
	person.get("/requests/"+ref).want(t, http.StatusOK).says(t, "We made sure of who asked")
	person.get("/requests/"+ref+"/confirm").wantAt(t, "/requests/"+ref)
	officer.get("/staff/requests/"+ref).want(t, http.StatusOK).says(t, "A code sent to their mailbox").hides(t, "Nobody has made sure")
}

func TestWhatIsWrongWithARegistrationIsSaidAndNothingTypedIsLost(t *testing.T) {
	s := newPortal(t)
	officer := s.staff(rights.RoleOfficer)
	for _, c := range []struct {
		sentence string
		fields   []string
		want     string
	}{
		{"nothing at all", nil, "Choose how it came in"},
		{"no day", phoned(marta, "access", "received_on", ""), "Give the day it was received"},
		{"a day that is none", phoned(marta, "access", "received_on", "2026-02-30"), "Give the day it was received"},
		{"a time that is none", phoned(marta, "access", "received_at", "noonish"), "Give the day it was received"},
		{"tomorrow", phoned(marta, "access", "received_on", "2026-11-24"), "in the future"},
		{"a mailbox that is none", phoned("marta at home", "access"), "mail"},
		{"a document's number", phoned(marta, "access", "how", "document", "note", "AB 1234567"), "number of a document"},
		{"an agent without a name", phoned(marta, "access", "by", "agent"), "Give the name"},
		{"about a request that is not there", phoned("", "complaint", "about", "HB-0000-0000"), "No answered request"},
	} {
		for _, check := range []string{"", "yes"} {
			r := officer.post("/staff/requests/new", append(c.fields, "check", check)...).want(t, http.StatusUnprocessableEntity).says(t, c.want)
			if c.fields != nil {
				r.says(t, "Please help")
			}
		}
	}
	officer.post("/staff/requests/new", append(phoned(marta, "access"), "right", "erasure")...).want(t, http.StatusUnprocessableEntity)
}

func TestWhoActsForAPersonIsToldByTheLawOfTheRequest(t *testing.T) {
	officer := newPortal(t).staff(rights.RoleOfficer)
	for _, row := range []struct{ by, relation, regime, says, hides string }{
		{"agent", "", "ccpa", "11 CCR 7063(a)", "GDPR Art."},
		{"agent", "", "cn_pipl", "asked by letter whether the agent may act", "11 CCR"},
		{"relative", "child", "cn_pipl", "PIPL Art. 49", "differs from country to country"},
		{"relative", "child", "uk_gdpr", "differs from country to country", "PIPL Art."},
	} {
		ref := officer.registers(phoned(marta, "access", "by", row.by, "agent_name", "Vera Vormund", "agent_contact", "vera@home.test", "relation", row.relation, "regime", row.regime))
		card := officer.get("/staff/requests/" + ref).Body
		_, card, _ = strings.Cut(card, "Acts for the person")
		card, _, _ = strings.Cut(card, "</section>")
		if !strings.Contains(card, row.says) || strings.Contains(card, row.hides) {
			t.Errorf("%s under %s: %s", row.by, row.regime, card)
		}
	}
}

func TestALateLetterIsLateWhenItIsRegistered(t *testing.T) {
	s := newPortal(t)
	officer := s.staff(rights.RoleOfficer)
	fields := phoned("", "access", "channel", "letter", "received_on", "2026-09-01", "received_at", "", "name", "Greta Postlethwaite", "address", "1 Lane End, York")
	officer.post("/staff/requests/new", append(fields, "check", "yes")...).want(t, http.StatusOK).
		says(t, "The answer was due on 1 October 2026.", "Greta Postlethwaite", "printed and posted")
	ref := officer.registers(fields)
	officer.get("/staff/requests/"+ref+"/registered").want(t, http.StatusOK).says(t, "The answer was due on 1 October 2026.", "Print and post")
	officer.get("/staff/requests/"+ref).want(t, http.StatusOK).says(t, "No mailbox").hides(t, "Postlethwaite", "Lane End")
	officer.post("/staff/requests/"+ref+"/refuse", "version", "1", "ground", "unfounded", "check", "yes").want(t, http.StatusOK).
		says(t, "They go out in the printed letter").hides(t, "ordinary email")
	officer.get("/staff/queue?view=overdue").want(t, http.StatusOK).says(t, ref, "No mailbox").hides(t, "Erased")
}

func TestIdentityAndMandateAreSetOnThePageOfTheRequest(t *testing.T) {
	s := newPortal(t)
	officer, other := s.staff(rights.RoleOfficer), s.named("two@shop.test", "Otto Two", rights.RoleOfficer)
	ref := officer.registers(phoned(marta, "access", "by", "guardian", "agent_name", "Vera Vormund", "agent_contact", "vera@home.test", "relation", "parent"))
	desk := "/staff/requests/" + ref
	officer.get(desk).want(t, http.StatusOK).says(t, "Vera Vormund", "Not confirmed", "GDPR Art. 8")
	s.staff(rights.RoleAuditor).get(desk).want(t, http.StatusOK).hides(t, "Vera Vormund", "vera@home.test")
	officer.post(desk+"/fulfil", "version", "1", "text", "Here").want(t, http.StatusUnprocessableEntity).says(t, "may act for the person")
	officer.post(desk+"/mandate", "version", "1", "note", "Certificate of birth").want(t, http.StatusUnprocessableEntity).
		says(t, "Attach the document first", "Certificate of birth")
	officer.send(desk+"/mandate-files", []upload{{"birth.pdf", aPDF}}, "version", "1").wantAt(t, desk)
	officer.send(desk+"/mandate-files", []upload{{"birth.pdf", aPDF}}, "version", "1").want(t, http.StatusConflict)
	officer.post(desk+"/mandate", "version", "2", "note", "Certificate of birth").wantAt(t, desk)
	officer.get(desk).want(t, http.StatusOK).says(t, "Confirmed", "A document", "birth.pdf", "Certificate of birth")
	officer.post(desk+"/identity", "version", "2", "how", "document", "note", "").want(t, http.StatusUnprocessableEntity).says(t, "Say what you saw or heard")
	officer.post(desk+"/identity", "version", "2", "how", "document", "note", "Identity card of the mother").wantAt(t, desk)
	other.post(desk+"/identity", "version", "2", "how", "none", "note", "It was somebody else").want(t, http.StatusConflict).says(t, "It was somebody else")
	officer.get(desk).want(t, http.StatusOK).says(t, "A document was seen").hides(t, "nothing may be let out")
}

func TestFilesGoBothWaysAndAreNeverShown(t *testing.T) {
	s := newPortal(t)
	officer, person, other := s.staff(rights.RoleOfficer), s.customer(marta), s.customer(wenbo)
	ref := person.ask(rights.Objection, "Stop.")
	page, desk := "/requests/"+ref, "/staff/requests/"+ref
	person.send(page+"/messages", []upload{{"证件 copy.html", aPDF}, {"", ""}}, "text", "See this").wantAt(t, page+"#messages")
	officer.send(desk+"/message", []upload{{"answer.pdf", aPDF}}, "version", "1", "text", "And this").wantAt(t, desk)
	officer.send(desk+"/files", []upload{{"scan.pdf", aPDF}}, "version", "2").wantAt(t, desk)
	person.get(page).want(t, http.StatusOK).says(t, "证件 copy.html.pdf", "answer.pdf", "PDF").hides(t, "scan.pdf")
	person.get(page).says(t, "Files (optional)")
	if body := officer.get(desk).Body; strings.Count(body, "Files (optional)") != 1 { // with a message they may be left out
		t.Error("a form for nothing but files calls them optional")
	}
	links := fileLinks(officer.get(desk).want(t, http.StatusOK).says(t, "scan.pdf", "for the team only").Body)
	if len(links) != 3 {
		t.Fatalf("the desk links to %v", links)
	}
	for _, link := range links {
		file := officer.get(link).want(t, http.StatusOK)
		for name, want := range map[string]string{
			"Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
			"Content-Security-Policy": "sandbox; default-src 'none'", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := file.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", link, name, got, want)
			}
		}
		if got := file.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename=") || file.Body != aPDF {
			t.Errorf("%s comes as %q", link, got)
		}
		own := strings.TrimPrefix(link, "/staff")
		for who, b := range map[string]*browser{"somebody else": other, "an officer as a person": officer.browser, "nobody": s.browser()} {
			if r := b.get(own); r.StatusCode == http.StatusOK || strings.Contains(r.Body, "%PDF") {
				t.Errorf("%s gets %s: %d", who, own, r.StatusCode)
			}
		}
		other.get(own).want(t, http.StatusNotFound)
	}
	first := strings.TrimPrefix(links[0], "/staff")
	if got := person.get(first).want(t, http.StatusOK).Header.Get("Content-Disposition"); got != `attachment; filename="__ copy.html.pdf"; filename*=UTF-8''%E8%AF%81%E4%BB%B6%20copy.html.pdf` {
		t.Errorf("it comes as %s", got)
	}
	person.get(strings.Replace(first, "/requests/"+ref, "/requests/HB-0000-0000", 1)).want(t, http.StatusNotFound)
	theirs := other.ask(rights.Objection, "Stop.")
	other.get(strings.Replace(first, ref, theirs, 1)).want(t, http.StatusNotFound)
}

// fileLinks are the addresses of files on a page, oldest first.
func fileLinks(page string) (out []string) {
	for _, part := range strings.Split(page, `href="`)[1:] {
		if link, _, _ := strings.Cut(part, `"`); strings.Contains(link, "/files/") {
			out = append(out, link)
		}
	}
	return out
}

func TestAttacksByFile(t *testing.T) {
	s := newPortal(t)
	person := s.customer(marta)
	ref := person.ask(rights.Objection, "Stop.")
	page := "/requests/" + ref
	five := strings.Repeat(" ", 5<<20)
	large := aPDF[:9] + five + aPDF[9:]
	for _, c := range []struct {
		sentence string
		files    []upload
		want     string
	}{
		{"a page that calls itself a PDF", []upload{{"a.pdf", "<script>alert(1)</script>"}}, "Only PDF, JPEG and PNG"},
		{"a ZIP that calls itself a PDF", []upload{{"a.pdf", "PK\x05\x06" + strings.Repeat("\x00", 18)}}, "Only PDF, JPEG and PNG"},
		{"a PDF with a page in front", []upload{{"a.pdf", "<html>" + aPDF}}, "Only PDF, JPEG and PNG"},
		{"more than five megabytes", []upload{{"a.pdf", large}}, "larger than 5 MB"},
		{"six files", []upload{{"a.pdf", aPDF}, {"b.pdf", aPDF}, {"c.pdf", aPDF}, {"d.pdf", aPDF}, {"e.pdf", aPDF}, {"f.pdf", aPDF}}, "at most 5 files"},
	} {
		person.send(page+"/messages", c.files, "text", "Words to keep").want(t, http.StatusUnprocessableEntity).
			says(t, c.want, "Words to keep", "choose your files again")
	}
	person.send(page+"/messages", nil, "text", "one", "text", "two").want(t, http.StatusUnprocessableEntity)
	person.send(page+"/messages", nil, "text", strings.Repeat("x", 70<<10)).want(t, http.StatusRequestEntityTooLarge)
	person.send(page+"/messages", []upload{{"a.pdf", large}, {"b.pdf", large}, {"c.pdf", large}, {"d.pdf", large}, {"e.pdf", large}}, "text", "x").
		want(t, http.StatusUnprocessableEntity)
	person.send(page+"/messages", []upload{{"a.pdf", aPDF + strings.Repeat(" ", 30<<20)}}, "text", "x").want(t, http.StatusRequestEntityTooLarge)
	person.send("/requests", []upload{{"a.pdf", strings.Repeat("x", 80<<10)}}, "right", "objection", "text", "x").
		want(t, http.StatusUnprocessableEntity) // takes no files, and reads none
	broken := httptest.NewRequest(http.MethodPost, base+page+"/messages", strings.NewReader("--x\r\nno part"))
	broken.Header.Set("Content-Type", form+"x")
	broken.Header.Set("Sec-Fetch-Site", "same-origin")
	person.do(broken).want(t, http.StatusBadRequest)
	person.get(page).want(t, http.StatusOK).hides(t, "/files/", "Words to keep")
	person.post(page+"/messages", "text", "Without files, as plain fields").wantAt(t, page+"#messages")
}

func TestWhoeverIsNotSatisfiedComplainsAboutAnAnswer(t *testing.T) {
	s := newPortal(t)
	officer, person := s.staff(rights.RoleOfficer), s.customer(marta)
	first := person.post("/requests", "right", "objection", "text", "Stop.", "regime", "us_va").filed(t)
	person.get("/requests/"+first).want(t, http.StatusOK).hides(t, "Not satisfied?")
	desk := "/staff/requests/" + first
	officer.post(desk+"/assign", "version", "1", "owner", s.id("officer@shop.test")).wantAt(t, desk)
	officer.post(desk+"/fulfil", "version", "2", "text", "Done.").wantAt(t, desk)
	s.clock.Advance(time.Minute)
	person.get("/requests/"+first).want(t, http.StatusOK).says(t, "Not satisfied?", "Appeal this answer")
	form := "/requests/new?right=complaint&about=" + first
	person.get(form).want(t, http.StatusOK).says(t, "Appeal our answer", first)
	person.post("/requests", "right", "complaint", "about", first, "text", "").want(t, http.StatusUnprocessableEntity).says(t, first)
	second := person.post("/requests", "right", "complaint", "about", first, "text", "You did not stop.").filed(t)
	person.get("/requests/"+first).want(t, http.StatusOK).says(t, second)
	person.get("/requests/"+second).want(t, http.StatusOK).says(t, first)
	officer.get("/staff/requests/"+second).want(t, http.StatusOK).says(t, first, "should not decide this complaint alone")
	s.customer(wenbo).get(form).want(t, http.StatusNotFound)
	officer.get(desk).want(t, http.StatusOK).says(t, second, "Register a complaint about this answer")
	officer.get("/staff/requests/new?about="+first).want(t, http.StatusOK).says(t, "The person of "+first)
	third := officer.registers(phoned("", "complaint", "about", first, "channel", "letter"))
	person.get("/requests/"+third).want(t, http.StatusOK).says(t, first)
}
