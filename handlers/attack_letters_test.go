package handlers_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
	"habeas/workflow"
)

// packed is the corpus in pieces of at most so many characters, each payload as text makes it.
func packed(t *testing.T, most int, text func(string) string) (out []string) {
	t.Helper()
	piece := ""
	for _, x := range payloads(t) {
		if strings.Contains(x, "{{") || strings.Contains(x, "}}") {
			continue // what looks like a variable a template refuses
		}
		x = text(strings.Join(strings.Fields(x), " ")) + "."
		if utf8.RuneCountInString(piece+" "+x) > most && piece != "" {
			out, piece = append(out, piece), ""
		}
		piece = strings.TrimSpace(piece + " " + x)
	}
	return append(out, piece)
}

// who is whom the portal takes a browser for.
func (b *browser) who() rights.Actor {
	b.site.t.Helper()
	who, err := b.site.Who(b.site.t.Context(), b.cookies["habeas"])
	b.site.must(err)
	return who.Actor
}

// version is that of a request now.
func (s *site) version(ref string) int {
	s.t.Helper()
	r, err := s.Store.RequestByRef(s.t.Context(), ref)
	s.must(err)
	return r.Version
}

// drawn is a page, a letter or a file of a proof.
type drawn struct {
	where string
	reply reply
}

// deskOf writes the text into every field that the desk has, and returns all that shows one of them.
func deskOf(t *testing.T, s *site, text func(string) string) (out []drawn) {
	t.Helper()
	ctx := t.Context()
	s.allow(900)
	whole, names, short := packed(t, 3700, text), packed(t, 190, text), packed(t, 90, text)
	var team []*officer
	for _, role := range []rights.Role{rights.RoleAdmin, rights.RoleAuditor, rights.RoleOfficer} {
		team = append(team, s.staff(role))
		s.clock.Advance(time.Second) // so that the team has an order, and below the letters
	}
	admin, auditor, mei, chief := team[0], team[1], team[2], s.named("chief@shop.test", names[0], rights.RoleApprover)
	by, above := mei.who(), chief.who()
	b := s.customer(marta)
	person := b.who()
	ref := b.ask(rights.Objection, whole[0])
	var refs []string
	for i, name := range names {
		g := workflow.Registration{Channel: rights.ByLetter, Right: rights.Objection, Language: "en", ReceivedAt: s.clock.Now(), Text: name, Identity: rights.ByDocument, Note: name, Receipt: true}
		g.Name, g.Address = name, names[(i+1)%len(names)]
		if i%2 == 0 {
			g.Name, g.Address, g.Mailbox = "", "", marta
			g.Receipt = false
			g.Mandate = &rights.Mandate{Kind: rights.Agent, Name: name, Contact: names[(i+1)%len(names)]}
		}
		s.clock.Advance(time.Second)
		r, err := s.Register(ctx, by, g)
		s.must(err)
		refs = append(refs, r.Ref)
		s.must(s.AddTask(ctx, by, ref, s.version(ref), name))
	}
	for _, name := range short {
		s.clock.Advance(time.Second)
		s.must(s.Reply(ctx, by, ref, s.version(ref), name, workflow.Upload{Name: name, Body: []byte(aPDF)}))
	}
	for i, words := range whole {
		s.clock.Advance(time.Second)
		s.must(s.Note(ctx, by, ref, s.version(ref), words+" @"+names[0], above.ID))
		s.must(s.Say(ctx, person, ref, words))
		s.must(s.SaveTemplate(ctx, above, mail.KindRefused, "en", i, words))
	}
	for i, name := range packed(t, 58, text)[:15] {
		_, err := s.SaveView(ctx, by, name, workflow.QueueQuery{}, false)
		if i == 0 {
			s.must(err)
		}
	}
	s.must(s.RaiseBudget(ctx, above, by.ID, 950, whole[0]))
	s.must(s.ProposeInvitation(ctx, admin.who(), workflow.Proposal{Email: "new@shop.test", Name: names[1], Language: "en", Role: rights.RoleOfficer, Why: whole[0]}))
	all, err := s.Approvals(ctx, above, "")
	s.must(err)
	s.must(s.DecideApproval(ctx, above, all.Open[0].ID, false, whole[0]))
	for _, words := range whole { // the letter before it is sent, with the words that the template begins it with, and in others
		refuse := []string{"version", fmt.Sprint(s.version(ref)), "ground", "unfounded", "check", "yes"}
		out = append(out, drawn{"the letter from the template", mei.post("/staff/requests/"+ref+"/refuse", refuse...)},
			drawn{"the letter with other words", mei.post("/staff/requests/"+ref+"/refuse", append(refuse, "text", words)...)},
			drawn{"a template that is tried", chief.post("/staff/templates/refused/en", "version", "0", "text", words, "try", "yes")})
	}
	s.must(s.Refuse(ctx, by, ref, s.version(ref), "unfounded", whole[0]))
	s.deliver()

	get := func(who *browser, path string) {
		r := who.get(path)
		out = append(out, drawn{path, r})
		page(t, r)
	}
	for _, path := range []string{"/staff/queue", "/staff/queue?view=all", "/staff/alerts", "/staff/requests/" + ref, "/staff/people/" + person.ID} {
		for _, who := range []*officer{mei, chief, auditor} {
			get(who.browser, path)
		}
	}
	for _, r := range refs {
		get(mei.browser, "/staff/requests/"+r)
	}
	for _, l := range s.lettersOf(ref) {
		get(mei.browser, "/staff/requests/"+ref+"/letters/"+l.ID)
	}
	for _, path := range []string{"/staff/approvals", "/staff/approvals/" + all.Open[0].ID, "/staff/people/budget", "/staff/templates", "/staff/templates/refused/en"} {
		get(chief.browser, path)
	}
	get(admin.browser, "/staff/team")
	b = s.customer(marta)
	get(b, "/requests/"+ref)
	get(b, "/activity")
	for i, l := range s.mail.All() {
		if l.To != marta {
			continue
		}
		out = append(out, drawn{fmt.Sprintf("letter %d, %s", i, l.Subject), reply{Response: &http.Response{StatusCode: http.StatusOK}, Body: l.HTML}})
		for name, values := range l.Headers {
			if strings.ContainsAny(name+strings.Join(values, ""), "<>\r\n") && name != "Message-Id" && name != "Message-ID" && name != "From" && name != "To" && name != "Reply-To" && !strings.HasPrefix(name, "List-") {
				t.Errorf("letter %d has the header %s: %q", i, name, values)
			}
		}
	}
	body := []byte(mei.post("/staff/requests/"+ref+"/proof", "language", "en").want(t, http.StatusOK).Body)
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	s.must(err)
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, ".html") {
			from, err := f.Open()
			s.must(err)
			text, err := io.ReadAll(from)
			s.must(err)
			out = append(out, drawn{"the proof's " + f.Name, reply{Response: &http.Response{StatusCode: http.StatusOK}, Body: string(text)}})
		}
	}
	return out
}

func TestWhatIsWrittenAtTheDeskIsTextOnEveryPageInEveryLetterAndInTheProof(t *testing.T) {
	without := deskOf(t, newPortal(t), harmless)
	with := deskOf(t, newPortal(t), func(x string) string { return x })
	if len(with) != len(without) {
		t.Fatalf("%d pages, letters and files, with harmless text %d", len(with), len(without))
	}
	said := 0
	for i, p := range with {
		if p.reply.StatusCode != http.StatusOK {
			t.Errorf("%s is answered %d: %s", p.where, p.reply.StatusCode, plain(p.reply.Body))
			continue
		}
		for _, r := range []*reply{&p.reply, &without[i].reply} {
			r.Body = strings.ReplaceAll(r.Body, base, "") // references differ
		}
		a, b := bones(t, p.reply), bones(t, without[i].reply)
		if !slices.Equal(a, b) {
			for j := range min(len(a), len(b)) {
				if a[j] != b[j] {
					t.Errorf("%s has <%s> where harmless text leaves <%s>", p.where, a[j], b[j])
					break
				}
			}
			t.Errorf("%s has %d elements, with harmless text %d", p.where, len(a), len(b))
		}
		if holds(t, p.reply, "<script>alert(1)</script>.") {
			said++
		}
	}
	if said < 20 {
		t.Errorf("only %d of %d say what was written", said, len(with))
	}
}

// A form in parts is no larger in memory than any other: parts without words count, too.
func TestAFormInManyPartsIsAsSmallAsAnyOther(t *testing.T) {
	s := newPortal(t)
	b := s.customer(marta)
	ref := b.ask(rights.Objection, "Stop.")
	var body strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&body, "--x\r\nContent-Disposition: form-data; name=\"a%d\"\r\n\r\n\r\n", i)
	}
	body.WriteString("--x--\r\n")
	r := httptest.NewRequest(http.MethodPost, base+"/requests/"+ref+"/messages", strings.NewReader(body.String()))
	r.Header.Set("Content-Type", form+"x")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if got := b.do(r).StatusCode; got != http.StatusRequestEntityTooLarge {
		t.Errorf("answered %d", got)
	}
}

// What a range or a year in an address says is never more work than the page itself, and never a fault of ours.
func TestStrangeRangesAreAnsweredAndNothingIsPublishedByAddress(t *testing.T) {
	s := newPortal(t)
	chief := s.staff(rights.RoleApprover)
	for _, q := range []string{
		"?from=0001-01-01&to=9999-12-31", "?from=0001-01-01&to=0002-01-01", "?from=9999-01-01&to=9999-12-31", "?from=2026-12-01&to=2026-11-01",
		"?from=0000-01-01&to=0000-02-01", "?from=0000-00-00&to=x", "?from=2026-02-30", "?from[]=1", "?from=%00", "?from=2026-11-01&from=2026-11-02&to=2026-11-03",
	} {
		for _, path := range []string{"/staff/dashboard", "/staff/dashboard.csv"} {
			if r := chief.get(path + q); r.StatusCode >= 500 {
				t.Errorf("%s%s is answered %d", path, q, r.StatusCode)
			}
		}
	}
	for _, q := range []string{"?year=0", "?year=-1", "?year=99999999999999999999", "?year=2027", "?regime=eu_gdpr", "?year=2025&regime=x"} {
		chief.get("/staff/dashboard/ccpa"+q).want(t, http.StatusNotFound)
	}
	set, version, err := s.Store.Settings(t.Context())
	s.must(err)
	s.browser().get("/transparency").want(t, http.StatusNotFound)
	set.PublicMetrics = true
	s.must(s.SaveSettings(t.Context(), s.staff(rights.RoleAdmin).who(), set, version))
	cells := strings.Count(s.browser().get("/transparency").want(t, http.StatusOK).Body, "<td")
	for _, q := range []string{"?year=2026", "?regime=ccpa", "?from=0001-01-01&to=9999-12-31", "?least=1"} {
		if got := strings.Count(s.browser().get("/transparency"+q).Body, "<td"); got != cells {
			t.Errorf("%s changes what is published: %d cells of %d", q, got, cells)
		}
		if s.browser().get("/transparency.csv"+q).Body != s.browser().get("/transparency.csv").Body {
			t.Errorf("%s changes what is published as a file", q)
		}
	}
}

// No file for spreadsheets holds a formula, and none has a cell of what somebody wrote.
func TestNoTableHoldsAFormulaOrWords(t *testing.T) {
	s := newPortal(t)
	evil := `=HYPERLINK("//evil.test","x")`
	chief := s.named("chief@shop.test", evil, rights.RoleApprover)
	b := s.customer(marta)
	ref := b.ask(rights.Objection, evil)
	s.must(s.Assign(t.Context(), chief.who(), ref, s.version(ref), chief.who().ID))
	s.must(s.AddTask(t.Context(), chief.who(), ref, s.version(ref), evil))
	s.clock.Advance(time.Minute)
	for _, path := range append([]string{"/staff/queue.csv?view=all", "/staff/dashboard/ccpa.csv"}, links(chief.get("/staff/dashboard").Body, "/staff/dashboard.csv?")...) {
		file := chief.get(path).want(t, http.StatusOK)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body, "\ufeff"))).ReadAll()
		s.must(err)
		for _, row := range rows {
			for _, cell := range row {
				if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "@") || strings.Contains(cell, "evil") {
					t.Errorf("%s has the cell %q", path, cell)
				}
			}
		}
	}
}

// links are the addresses on a page that begin so.
func links(page, begin string) (out []string) {
	for _, part := range strings.Split(page, `href="`)[1:] {
		at, _, _ := strings.Cut(part, `"`)
		if at = marks.Replace(at); strings.HasPrefix(at, begin) {
			if u, err := url.Parse(at); err == nil {
				out = append(out, u.String())
			}
		}
	}
	return out
}

// Whoever looks every day must not see whose request was answered on which.
func TestWhatIsPublishedMovesByTheMonth(t *testing.T) {
	s := newPortal(t)
	set := rights.DefaultSettings()
	set.PublicMetrics = true
	s.must(s.Store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SaveSettings(set, 0, rights.Entry{At: s.clock.Now(), Actor: rights.System, Act: "settings.changed"})
	}))
	answer := func(ref string) {
		r := s.request(ref)
		r.State, r.ClosedAt = rights.Fulfilled, s.clock.Now()
		s.must(s.Store.Write(t.Context(), func(tx *store.Tx) error {
			return tx.UpdateRequest(r, rights.Entry{At: s.clock.Now(), Actor: rights.System, Act: "request.fulfilled"})
		}))
	}
	var refs []string
	for i := range 24 { // twelve answered, twelve open; the days of one year
		refs = append(refs, s.customer(wenbo).ask(rights.Restriction, "Wait."))
		if i%2 == 0 {
			answer(refs[i])
		}
		s.clock.Advance(25 * time.Hour)
	}
	s.clock.Advance(time.Date(2027, 1, 10, 9, 0, 0, 0, time.UTC).Sub(s.clock.Now()))
	const before = "To limit the use of sensitive data|24|12|0|0|0|12|0|0.0"
	line := func() string {
		return strings.Join(readCSV(t, s.browser().get("/transparency.csv").want(t, http.StatusOK))[5], "|")
	}
	s.browser().get("/transparency").says(t, "As it stood on 31 December 2026")
	if got := line(); got != before {
		t.Fatalf("published is %s", got)
	}
	answer(refs[1])
	s.clock.Advance(24 * time.Hour)
	if got := line(); got != before {
		t.Errorf("the day after one was answered it is %s", got)
	}
	s.clock.Advance(30 * 24 * time.Hour)
	if got := line(); got == before {
		t.Errorf("the month after it still is %s", got)
	}
}
