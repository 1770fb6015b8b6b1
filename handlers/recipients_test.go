package handlers_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
)

const courier = "privacy@courier.test"

var noticeLink = regexp.MustCompile(`/recipients/[A-Za-z0-9_-]+`)

// notified files a correction of the telephone number, of which a courier is told, and returns its reference and the path of their link.
func (s *site) notified(b *browser) (ref, path string) {
	s.t.Helper()
	s.remap("label: {en: Phone, zh-CN: 电话}}", "label: {en: Phone, zh-CN: 电话}, recipients: [{name: {en: Courier, zh-CN: 快递公司}, role: processor, email: "+courier+"}]}")
	ref = b.post("/correct", "source", "shop", "collection", "customers", "id", "1", "field", "phone", "old", s.cell("SELECT phone FROM customers WHERE id = 1"),
		"value", "+49 30 111", "confirm", "yes").filed(s.t)
	s.tells()
	return ref, noticeLink.FindString(s.letter(courier).Text)
}

func (s *site) tells() {
	s.t.Helper()
	for had := true; had; {
		var err error
		had, err = s.TellNext(s.t.Context())
		s.must(err)
	}
}

func TestARecipientOpensWhatTheyWereToldAndAnswers(t *testing.T) {
	s := newPortal(t)
	b, officer, courier := s.customer(marta), s.staff(rights.RoleOfficer), s.browser()
	ref, path := s.notified(b)
	number := s.cell("SELECT customer_no FROM customers WHERE id = 1")

	first := courier.get(path).want(t, http.StatusOK).says(t, "Harbour & Home", "Open the notice").hides(t, "+49 30 111", number, ref)
	if got := first.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("a proxy may keep it: %q", got)
	}
	officer.get("/staff/requests/"+ref).says(t, "Courier", "not opened yet")
	courier.post(path).want(t, http.StatusOK).says(t, "Please correct this", "Customer number: "+number, "+49 30 111", ref, "We have done it").hides(t, "Marta", marta)
	officer.get("/staff/requests/"+ref).says(t, "opened, no answer yet", "Recipient opened the notice").hides(t, "Customer number: "+number)
	courier.post(path+"/answer", "answer", "impossible", "words", "no").want(t, http.StatusUnprocessableEntity).says(t, "Error:")
	courier.post(path+"/answer").want(t, http.StatusUnprocessableEntity)
	if got := courier.post(path+"/answer", "answer", "done").want(t, http.StatusSeeOther).Location(); got != path {
		t.Errorf("it leads to %s", got)
	}
	courier.get(path).says(t, "We have your answer")
	officer.get("/staff/requests/"+ref).says(t, "Done, they say, on", "Recipient says that it is done")
	b.get("/requests/"+ref).want(t, http.StatusOK).says(t, "Who was told", "Courier", "they say that it is done")
	b.get("/activity?lang=en").says(t, "A recipient of your data", "Opened our notice about you")
	b.get("/requests/"+ref+"?lang=zh-CN").says(t, "已告知的接收方", "快递公司", "已处理完毕")
}

// Who is to be told is a company or an authority that the record of processing names: the list says which, as its reader calls it.
func TestTheListSaysWhichRecipientIsToBeToldInTheLanguageOfItsReader(t *testing.T) {
	s := newPortal(t)
	b, officer := s.customer(marta), s.staff(rights.RoleOfficer)
	s.remap("label: {en: Phone, zh-CN: 电话}}", "label: {en: Phone, zh-CN: 电话}, recipients: [{name: {en: Courier, zh-CN: 快递公司}, role: processor}]}")
	ref := b.post("/correct", "source", "shop", "collection", "customers", "id", "1", "field", "phone", "old", s.cell("SELECT phone FROM customers WHERE id = 1"),
		"value", "+49 30 111", "confirm", "yes").filed(t)
	s.tells()
	officer.get("/staff/requests/"+ref).want(t, http.StatusOK).says(t, "They know the person by").hides(t, "You know")
	officer.get("/staff/tasks").want(t, http.StatusOK).says(t, "Tell Courier what was done").hides(t, marta, "Marta")
	officer.get("/staff/tasks.csv").want(t, http.StatusOK).says(t, ref, "Tell Courier what was done").hides(t, marta, "Marta")
	officer.language = "zh-CN"
	officer.get("/staff/tasks").want(t, http.StatusOK).says(t, "向快递公司告知处理结果").hides(t, "Courier")
	officer.get("/staff/requests/"+ref).want(t, http.StatusOK).says(t, "向快递公司告知处理结果").hides(t, "Courier")
}

func TestALinkThatLeadsNowhereLooksLikeAnyPageThatIsNotThere(t *testing.T) {
	s := newPortal(t)
	b, stranger := s.customer(marta), s.browser()
	_, path := s.notified(b)
	s.clock.Advance(31 * 24 * time.Hour)
	gone := stranger.get("/nowhere").want(t, http.StatusNotFound)
	for what, r := range map[string]reply{
		"a guess": stranger.get("/recipients/AAAAAAAAAAAAAAAAAAAAAA"), "a link that has expired": stranger.get(path),
		"a guess that opens": stranger.post("/recipients/AAAAAAAAAAAAAAAAAAAAAA"), "a late opening": stranger.post(path),
		"a guess that answers": stranger.post("/recipients/AAAAAAAAAAAAAAAAAAAAAA/answer", "answer", "done"), "a late answer": stranger.post(path+"/answer", "answer", "done"),
	} {
		if r.want(t, http.StatusNotFound); !slices.Equal(bones(t, r), bones(t, gone)) {
			t.Errorf("%s looks different: %s", what, r.Body)
		}
	}
}

func TestWhatARecipientWritesIsText(t *testing.T) {
	draw := func(words string) (pages []reply) {
		s := newPortal(t)
		b, officer, courier := s.customer(marta), s.staff(rights.RoleOfficer), s.browser()
		ref, path := s.notified(b)
		courier.post(path).want(t, http.StatusOK)
		pages = append(pages, courier.post(path+"/answer", "answer", "impossible", "words", words+strings.Repeat("a", 4001)))
		courier.post(path+"/answer", "answer", "impossible", "words", words).want(t, http.StatusSeeOther)
		return append(pages, courier.get(path), courier.post(path), officer.get("/staff/requests/"+ref), b.get("/requests/"+ref))
	}
	all := payloads(t)
	for chunk := range slices.Chunk(all, len(all)/3+1) { // what they write holds 4,000 characters
		words := strings.Join(chunk, " ")
		with, without := draw(words), draw(harmless(words))
		for i := range with {
			inert(t, "what a recipient writes", words, with[i], without[i], false)
		}
		for _, x := range chunk {
			if !holds(t, with[3], x) {
				t.Errorf("the officer does not read %q as it was written", x)
			}
		}
	}
}
