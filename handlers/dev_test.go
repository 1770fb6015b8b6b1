package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"habeas/handlers"
	"habeas/mail"
	"habeas/rights"
	"habeas/workflow"
)

// door is the demo's, with people of this test and the mail that the portal really sent.
type door struct{ mail *mail.Capture }

func (d door) Letters() []handlers.DevLetter {
	var out []handlers.DevLetter
	for _, l := range d.mail.All() {
		out = append(out, handlers.DevLetter(l))
	}
	return out
}

func (door) People() []handlers.DevPerson {
	return []handlers.DevPerson{{Email: marta, Name: "Marta Nowak", Role: "subject"}, {Email: "officer@shop.test", Name: "Mei Officer", Role: "officer"}}
}

func newDemo(t *testing.T) *site {
	post := mail.NewCapture("privacy@shop.test", "shop.test")
	s := newPortal(t, func(p *workflow.Portal, o *handlers.Options) {
		p.Demo = true
		o.Dev = door{post}
	})
	s.mail = post
	s.staff(rights.RoleOfficer)
	return s
}

// getJSON asks as a script does.
func (b *browser) getJSON(path string, into any) reply {
	b.site.t.Helper()
	r := httptest.NewRequest(http.MethodGet, base+path, nil)
	r.Header.Set("Accept", "application/json")
	answer := b.do(r).want(b.site.t, http.StatusOK)
	b.site.must(json.Unmarshal([]byte(answer.Body), into))
	return answer
}

func TestTheDemoShowsItsPeopleAndSignsInAsThem(t *testing.T) {
	s := newDemo(t)
	b := s.browser()
	b.get("/dev").want(t, http.StatusOK).says(t, "Marta Nowak", "Mei Officer", "Customers", "Privacy team")
	var people []map[string]string
	b.getJSON("/dev", &people)
	if len(people) != 2 || people[0]["email"] != marta || people[0]["name"] != "Marta Nowak" || people[1]["role"] != "officer" || len(people[0]) != 3 {
		t.Errorf("the list for scripts is %v", people)
	}
	b.post("/dev/sign-in", "as", marta).wantAt(t, "/data")
	b.get("/data").want(t, http.StatusOK).says(t, "Marta Nowak")
	b.post("/dev/sign-in", "as", "officer@shop.test").wantAt(t, "/staff/queue")
	b.get("/staff/queue").want(t, http.StatusOK).says(t, "Mei Officer")
	b.post("/dev/sign-in", "as", "somebody@else.test").want(t, http.StatusNotFound)
	b.post("/dev/sign-in").want(t, http.StatusNotFound)
}

func TestTheDemoShowsItsMail(t *testing.T) {
	s := newDemo(t)
	b := s.browser()
	b.get("/dev/mail").want(t, http.StatusOK).says(t, "No letters yet")
	var none []any
	if r := b.getJSON("/dev/mail", &none); strings.TrimSpace(r.Body) != "[]" {
		t.Errorf("no letters are %s to scripts, want []", r.Body)
	}
	s.clock.Advance(time.Second) // the invitation of the demo's officer leaves first
	b.post("/", "email", marta).want(t, http.StatusSeeOther)
	code := s.code(marta)
	page := b.get("/dev/mail").want(t, http.StatusOK).says(t, marta, code[:4]+" "+code[4:], "Message-Id")
	if !strings.Contains(page.Body, `<a href="`+base+`/enter/`) {
		t.Error("the link in the text cannot be followed")
	}
	if csp := page.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-src 'self'") || strings.Contains(csp, "unsafe") {
		t.Errorf("the page's policy is %q", csp)
	}
	var letters []map[string]any
	b.getJSON("/dev/mail", &letters)
	for _, key := range []string{"id", "at", "to", "subject", "text", "html", "headers"} {
		if letters[0][key] == nil {
			t.Errorf("a letter for scripts has no %q", key)
		}
	}
	html := b.get("/dev/mail/html?id="+letters[0]["id"].(string)).want(t, http.StatusOK)
	csp := html.Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "style-src 'unsafe-inline'") || !strings.Contains(csp, "sandbox") || strings.Contains(csp, "script-src") || strings.Contains(csp, "allow-scripts") {
		t.Errorf("the letter's policy is %q", csp)
	}
	b.get("/dev/mail?id=none").want(t, http.StatusNotFound)
	b.get("/dev/mail/html?id=none").want(t, http.StatusNotFound)
}

// many is a demo with so much mail that no page can list it.
type many struct{ door }

func (many) Letters() []handlers.DevLetter {
	out := make([]handlers.DevLetter, 130)
	for i := range out {
		out[i] = handlers.DevLetter{ID: fmt.Sprintf("l%d", i), Subject: fmt.Sprintf("Letter %d.", i), To: marta, Text: fmt.Sprintf("The words of %d.", i)}
	}
	return out
}

func TestMuchMailIsListedInParts(t *testing.T) {
	s := newPortal(t, func(p *workflow.Portal, o *handlers.Options) {
		p.Demo = true
		o.Dev = many{}
	})
	b := s.browser()
	b.get("/dev/mail").want(t, http.StatusOK).says(t, "Letter 0.", "Letter 59.", "Older letters", "The words of 0.").hides(t, "Letter 60.")
	b.get("/dev/mail?from=l60").want(t, http.StatusOK).says(t, "Letter 60.", "Letter 119.", "The words of 60.").hides(t, "Letter 59.", "Letter 120.")
	b.get("/dev/mail?from=l60&id=l61").want(t, http.StatusOK).says(t, "Letter 60.", "The words of 61.")
	b.get("/dev/mail?from=l120").want(t, http.StatusOK).says(t, "Letter 129.").hides(t, "Older letters")
	b.get("/dev/mail?id=l100").want(t, http.StatusOK).says(t, "The words of 100.", "Letter 0.")
	b.get("/dev/mail?from=none").want(t, http.StatusNotFound)
}

func TestThereIsNoSuchDoorOutsideTheDemo(t *testing.T) {
	s := newPortal(t)
	b := s.customer(marta)
	for _, path := range []string{"/dev", "/dev/mail", "/dev/mail/html"} {
		b.get(path).want(t, http.StatusNotFound)
	}
	b.post("/dev/sign-in", "as", marta).want(t, http.StatusNotFound)
}
