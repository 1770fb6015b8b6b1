package handlers_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"habeas/locale"
	"habeas/mail"
	"habeas/rights"
	"habeas/workflow"
)

var typedWords = regexp.MustCompile(`(?s)<textarea id="text"[^>]*>(.*?)</textarea>`)

// words are what stands in the one place of a letter that an officer can change.
func (r reply) words(t *testing.T) string {
	t.Helper()
	found := typedWords.FindStringSubmatch(r.Body)
	if found == nil {
		t.Fatalf("the letter has no place for words: %s", plain(r.Body))
	}
	return marks.Replace(found[1])
}

func TestTheLetterIsReadBeforeItIsSent(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	person := s.customer(marta)
	ref := person.ask(rights.Objection, "Stop.")
	desk := "/staff/requests/" + ref
	s.deliver()
	sent := len(s.mail.All())

	o.get(desk).says(t, "Fulfil in part", "The letter must give the reasons, the way to complain and the authority.", "GDPR Art. 12(4)")
	page := o.post(desk+"/refuse", "version", "1", "ground", "legal_claims", "check", "yes").want(t, http.StatusOK)
	page.says(t, "Check before you refuse", "Our decision on your request "+ref, "We cannot do what you asked", "The data are needed to establish",
		"Fixed by law: GDPR Art. 17(3)(e), 21(1)", "The Authority", "Fixed by law: GDPR Art. 12(4)", "m***@example.org", "A letter that has left cannot be taken back")
	page.hides(t, marta)
	if got := page.words(t); !strings.Contains(got, ref) {
		t.Errorf("the words begin %q, not with the template", got)
	}
	s.deliver()
	if len(s.mail.All()) != sent {
		t.Fatal("reading the letter has sent it")
	}
	o.post(desk+"/refuse", "version", "1", "ground", "legal_claims", "text", "The invoice of May is open.").wantAt(t, desk)
	if l := s.letter(marta); !strings.Contains(l.Text, "The invoice of May is open.") || !strings.Contains(l.Text, "We cannot do what you asked") {
		t.Errorf("sent was %s", l.Text)
	}
	person.get("/requests/"+ref).says(t, "The invoice of May is open.")
}

func TestWordsOfATemplateAreNotTakenForTypedOnes(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	desk := "/staff/requests/" + s.customer(marta).ask(rights.Objection, "Stop.")
	page := o.post(desk+"/refuse", "version", "1", "ground", "legal_claims", "check", "yes").want(t, http.StatusOK)
	began := regexp.MustCompile(`name="began" value="([0-9a-f]{16})"`).FindStringSubmatch(page.Body)
	if began == nil {
		t.Fatal("the letter does not know its template again")
	}
	o.post(desk+"/refuse", "version", "1", "ground", "legal_claims", "text", page.words(t), "began", began[1], "change", "yes").
		want(t, http.StatusOK).hides(t, `id="refuse-text"`)
	o.post(desk+"/refuse", "version", "1", "ground", "legal_claims", "text", "My own.", "began", began[1], "change", "yes").
		want(t, http.StatusOK).says(t, "My own.")
	if got := o.post(desk+"/refuse", "version", "1", "ground", "legal_claims", "text", "My own.", "check", "yes").want(t, http.StatusOK).words(t); got != "My own." {
		t.Errorf("the letter goes on with %q", got)
	}
	if got := o.post(desk+"/refuse", "version", "1", "ground", "legal_claims", "text", "", "began", began[1], "read", "en").want(t, http.StatusOK).words(t); got != "" {
		t.Errorf("words that were taken out come back: %q", got)
	}
}

func TestEveryActHasItsWords(t *testing.T) {
	for _, act := range []workflow.StatutoryAct{
		workflow.ActAcknowledge, workflow.ActAsk, workflow.ActResume, workflow.ActExtend, workflow.ActFulfil, workflow.ActPartly, workflow.ActRefuse,
		workflow.ActAccept, workflow.ActDecline, workflow.ActReopen,
	} {
		keys := []string{"act.%", "act.%.text", "check.%", "check.%.title", "check.%.go", "desk.done.%"}
		if act == workflow.ActResume { // it has no letter
			keys = []string{"act.%", "act.%.text", "act.%.go", "desk.done.%"}
		}
		for _, key := range keys {
			for _, lang := range locale.Languages {
				if key := strings.ReplaceAll(key, "%", string(act)); !locale.Has(lang, key) {
					t.Errorf("%s has no words in %s", key, lang)
				}
			}
		}
	}
	for _, kind := range mail.Worded {
		for _, lang := range locale.Languages {
			for _, key := range []string{"template.about." + string(kind), "desk.letter." + string(kind)} {
				if !locale.Has(lang, key) {
					t.Errorf("%s has no words in %s", key, lang)
				}
			}
		}
	}
}

func TestAnOfficerReadsTheLetterInTheirOwnLanguage(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	person := s.customer(wenbo)
	person.language = "zh-CN"
	ref := person.post("/requests", "right", "objection", "text", "不要再发广告。", "regime", "cn_pipl", "lang", "zh-CN").filed(t)
	desk := "/staff/requests/" + ref
	fields := []string{"version", "1", "ground", "legal_obligation", "text", "我自己的话", "began", ""}
	own := o.post(desk+"/refuse", append(fields, "check", "yes")...).want(t, http.StatusOK).says(t, "Read it in English", "我们负有保存或者处理相关信息的法定义务", "我自己的话")
	if !strings.Contains(own.Body, `class="draft" lang="zh-CN"`) {
		t.Error("the letter is not marked as Chinese")
	}
	read := o.post(desk+"/refuse", append(fields, "read", "en")...).want(t, http.StatusOK)
	read.says(t, "You are reading a translation. The letter goes out in 简体中文.", "We cannot do what you asked", "我自己的话", "Read it in 简体中文")
	o.post(desk+"/refuse", append(fields, "read", "fr")...).want(t, http.StatusNotFound)
}

func TestWordsThatAreMissingAreAskedForOnTheLetter(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	desk := "/staff/requests/" + s.customer(marta).ask(rights.Access, "All of it.")
	o.post(desk+"/extend", "version", "1", "check", "yes").want(t, http.StatusOK).says(t, "New date for our answer", "23 February 2027", "(needed)")
	page := o.post(desk+"/extend", "version", "1", "text", " ").want(t, http.StatusUnprocessableEntity).says(t, "This letter needs words of your own", "New date for our answer")
	if !strings.Contains(page.Body, `href="#text"`) || !strings.Contains(page.Body, `aria-invalid="true"`) {
		t.Error("the fault does not lead to the words")
	}
	long := strings.Repeat("word ", 801)
	if got := o.post(desk+"/extend", "version", "1", "text", long).want(t, http.StatusUnprocessableEntity).words(t); got != long {
		t.Error("what was typed is lost")
	}
	o.post(desk+"/pause", "version", "1", "check", "yes").want(t, http.StatusUnprocessableEntity).says(t, "Choose what the person is asked for")
	o.get(desk).says(t, "New")
}

func TestWhatTheLawDoesToTheClockIsSaidBeforeAsking(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	person := s.customer(marta)
	for _, row := range []struct{ regime, says string }{
		{"uk_gdpr", "The clock stops, and the whole period begins anew on the day of the answer. UK GDPR Art. 12A"},
		{"eu_gdpr", "alerts go by a clock that runs on. GDPR Art. 12(6)"},
		{"ccpa", "The clock runs on: the law of this request lets nothing stop it for that. The answer stays due by 7 January 2027."},
	} {
		ref := person.post("/requests", "right", "access", "text", "All.", "regime", row.regime).filed(t)
		o.get("/staff/requests/"+ref).says(t, row.says)
	}
}

func TestAnExtensionThatComesTooLateSaysTheDay(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	desk := "/staff/requests/" + s.customer(marta).ask(rights.Access, "All of it.")
	s.clock.Advance(31 * 24 * time.Hour)
	o.again().get(desk).says(t, "Too late: the person had to be told by 23 December 2026.")
	o.post(desk+"/extend", "version", "1", "text", "We forgot.").want(t, http.StatusUnprocessableEntity).says(t, "Too late: the person had to be told by 23 December 2026.", "We forgot.")
}

func TestARequestThatWasAnsweredIsOpenedAgain(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	person := s.customer(marta)
	ref := person.ask(rights.Objection, "Stop.")
	desk := "/staff/requests/" + ref
	s.deliver()
	o.post(desk+"/partly", "version", "1", "ground", "legal_claims", "text", "Advertising has stopped, the invoice stays.").wantAt(t, desk)
	s.deliver()
	person.get("/requests/"+ref).says(t, "We have refused part of this request", "Advertising has stopped")
	o.get(desk).says(t, "Fulfilled in part", "Open it again", "the answer stays owed by 23 December 2026").hides(t, desk+"/fulfil")
	o.post(desk+"/reopen", "version", "2", "check", "yes").want(t, http.StatusOK).says(t, "Your request is open again")
	o.post(desk+"/reopen", "version", "2", "text", "The invoice was paid.").wantAt(t, desk)
	if l := s.letter(marta); !strings.Contains(l.Text, "The invoice was paid.") {
		t.Errorf("told %s", l.Text)
	}
	o.get(desk).says(t, "In progress", "Opened again")
	person.get("/requests/"+ref).says(t, "We are working on it again").hides(t, "We have refused part")
}

func TestALetterThatSomebodyElseOvertookIsNotSent(t *testing.T) {
	s := newPortal(t)
	first, second := s.named("ann@shop.test", "Ann Lee", rights.RoleOfficer), s.named("bob@shop.test", "Bob Ray", rights.RoleApprover)
	desk := "/staff/requests/" + s.customer(marta).ask(rights.Objection, "Stop.")
	s.deliver()
	first.post(desk+"/fulfil", "version", "1", "check", "yes").want(t, http.StatusOK)
	second.post(desk+"/fulfil", "version", "1", "text", "Bob was first.").wantAt(t, desk)
	first.post(desk+"/fulfil", "version", "1", "text", "Ann was second.").want(t, http.StatusConflict).says(t, "Ann was second.")
	first.post(desk+"/fulfil", "version", "1", "check", "yes", "text", "Ann reads on.").want(t, http.StatusConflict).says(t, "Ann reads on.")
	if l := s.letter(marta); !strings.Contains(l.Text, "Bob was first.") {
		t.Errorf("the person read %s", l.Text)
	}
}

func TestWhatIsLeftToDoIsSaidBeforeFulfilling(t *testing.T) {
	s := newPortal(t)
	o := s.staff(rights.RoleOfficer)
	desk := "/staff/requests/" + s.customer(marta).ask(rights.Objection, "Stop.")
	o.post(desk+"/tasks", "version", "1", "what", "Ask the courier").want(t, http.StatusSeeOther)
	o.post(desk+"/fulfil", "version", "1", "check", "yes").want(t, http.StatusOK).says(t, "Not everything is done yet", "Ask the courier")
	if page := o.post(desk+"/refuse", "version", "1", "ground", "legal_claims", "check", "yes").want(t, http.StatusOK); strings.Contains(page.Body, "Ask the courier") {
		t.Error("a refusal leaves nothing to do")
	}
}
