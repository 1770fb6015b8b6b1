package handlers_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"habeas/locale"
	"habeas/rights"
)

func TestACustomerConfirmsSeesDownloadsAndFindsTheirRequests(t *testing.T) {
	s := newPortal(t)
	b := s.browser()
	b.get("/").want(t, http.StatusOK)
	b.post("/", "email", " Marta@Example.org ").wantAt(t, "/verify")
	b.get("/verify").want(t, http.StatusOK).hides(t, marta)
	code := s.code(marta)
	b.post("/verify", "code", code[:4]+" "+code[4:]).wantAt(t, "/data")
	b.get("/data").want(t, http.StatusOK).says(t, "Marta Nowak", "Your account", "Orders", "To run your account and your orders", "12 April 1987").hides(t, "Weber", "周文博")
	b.get("/data/shop/orders").want(t, http.StatusOK).says(t, "39.90", "120.00").hides(t, "15.50", "18.00")
	state := b.post("/export").filed(t)
	b.get("/export/"+state).want(t, http.StatusOK)
	for had := true; had; {
		var err error
		had, err = s.BuildNext(t.Context())
		s.must(err)
	}
	s.lettered(marta, base+"/export/"+state)
	b.get("/export/"+state).want(t, http.StatusOK).says(t, state)
	file := b.get("/export/"+state+"/package.zip").want(t, http.StatusOK)
	guarded(t, "the package", file)
	if got := file.Header.Get("Content-Disposition"); got != `attachment; filename="`+state+`.zip"` {
		t.Errorf("it is sent as %s", got)
	}
	z, err := zip.NewReader(bytes.NewReader([]byte(file.Body)), int64(len(file.Body)))
	if s.must(err); len(z.File) < 5 {
		t.Errorf("%d files", len(z.File))
	}
	b.get("/requests").want(t, http.StatusOK).says(t, state)
	s.staff(rights.RoleOfficer).get("/staff/queue?view=all").says(t, state)
}

// lettered is a letter to an address that holds those words.
func (s *site) lettered(to, words string) string {
	s.t.Helper()
	s.deliver()
	for _, l := range s.mail.All() {
		if l.To == to && strings.Contains(l.Text, words) {
			return l.Text
		}
	}
	s.t.Fatalf("no letter to %s holds %q", to, words)
	return ""
}

func TestEachWayInSaysWhatToDoNext(t *testing.T) {
	s := newPortal(t)
	b := s.browser()
	for _, path := range []string{"/data", "/export", "/requests", "/security", "/choose", "/correct?source=shop"} {
		b.get(path).wantAt(t, "/")
	}
	b.get("/verify").want(t, http.StatusOK)
	b.post("/verify", "code", "12345678").want(t, http.StatusGone)
	b.post("/", "email", marta).wantAt(t, "/verify")
	code := s.code(marta)
	b.post("/verify", "code", "123").want(t, http.StatusUnprocessableEntity)
	bad := "9" + code[1:]
	if code[0] == '9' {
		bad = "0" + code[1:]
	}
	b.post("/verify", "code", bad).want(t, http.StatusUnprocessableEntity).says(t, "4")
	other := s.browser()
	other.post("/verify", "code", code).want(t, http.StatusGone)
	for range 4 {
		b.post("/verify", "code", bad).want(t, http.StatusUnprocessableEntity)
	}
	b.post("/verify", "code", code).want(t, http.StatusUnprocessableEntity)
	b.post("/verify/resend").wantAt(t, "/verify?resent=1")
	b.post("/verify", "code", s.code(marta)).wantAt(t, "/data")
	b.get("/").wantAt(t, "/data")
	b.post("/sign-out").wantAt(t, "/signed-out")
	b.get("/data").wantAt(t, "/")
}

func TestTheLinkOfALetterShowsAButtonAndThePostSignsIn(t *testing.T) {
	s := newPortal(t)
	s.browser().post("/", "email", marta)
	_, rest, found := strings.Cut(s.letter(marta).Text, base)
	if !found {
		t.Fatal("the letter has no link")
	}
	path, _, _ := strings.Cut(rest, "\n")
	path = strings.TrimSpace(path)
	scanner := s.browser()
	for range 3 {
		scanner.get(path).want(t, http.StatusOK).says(t, "Harbour & Home")
	}
	scanner.get("/data").wantAt(t, "/")
	b := s.browser()
	b.post(path).wantAt(t, "/data")
	b.get("/data").says(t, "Marta Nowak")
	s.browser().post(path).want(t, http.StatusGone)
	s.browser().get(path).want(t, http.StatusGone)
}

func TestCoreValuesAreStarredUntilAProofAndThenNot(t *testing.T) {
	s := newPortal(t)
	b := s.customer(marta)
	s.clock.Advance(11 * time.Minute)
	for _, path := range []string{"/data", "/data/shop/customers"} {
		b.get(path).want(t, http.StatusOK).hides(t, "12 April", "04-12")
	}
	b.get("/confirm?return=%2Fdata").want(t, http.StatusOK)
	b.post("/confirm/send", "return", "/data").want(t, http.StatusSeeOther)
	b.post("/confirm", "code", s.code(marta), "return", "/data").wantAt(t, "/data")
	b.get("/data").want(t, http.StatusOK).says(t, "12 April 1987")
}

func TestASharedMailboxChoosesFirst(t *testing.T) {
	s := newPortal(t)
	b := s.browser()
	b.post("/", "email", family).wantAt(t, "/verify")
	b.post("/verify", "code", s.code(family)).wantAt(t, "/choose")
	for _, path := range []string{"/data", "/requests", "/export", "/consents", "/activity", "/security"} {
		b.get(path).wantAt(t, "/choose")
	}
	b.post("/export").wantAt(t, "/choose")
	b.get("/choose").want(t, http.StatusOK).hides(t, "Anna", "Jonas", "C-1003", "Weber")
	b.post("/choose", "datum", "C-1001").want(t, http.StatusUnprocessableEntity).hides(t, "Anna", "Jonas")
	b.post("/choose", "datum", "C-1003").wantAt(t, "/data")
	b.get("/data").says(t, "Anna Weber").hides(t, "Jonas", "C-1004", "20095")
	b.get("/choose").wantAt(t, "/data")
	unpicked := s.browser()
	unpicked.post("/", "email", family).wantAt(t, "/verify")
	unpicked.post("/verify", "code", s.code(family)).wantAt(t, "/choose")
	unpicked.post("/choose", "unknown", "yes").wantAt(t, "/data")
	unpicked.get("/data").want(t, http.StatusOK).hides(t, "Anna", "Jonas")
}

func TestACorrectionIsCheckedThenDone(t *testing.T) {
	s := newPortal(t)
	b := s.customer(marta)
	at := []string{"source", "shop", "collection", "customers", "id", "1", "field", "phone", "old", "+48 22 555 01 01"}
	b.get("/correct?source=shop&collection=customers&id=1&field=phone").want(t, http.StatusOK).says(t, "Phone")
	b.post("/correct", append(at, "value", "+48 22 999")...).want(t, http.StatusOK).says(t, "+48 22 555 01 01", "+48 22 999")
	if got := s.cell("SELECT phone FROM customers WHERE id = 1"); got != "+48 22 555 01 01" {
		t.Errorf("checking wrote %q", got)
	}
	done := b.post("/correct", append(at, "value", "+48 22 999", "confirm", "yes")...).want(t, http.StatusSeeOther).Location()
	b.get(done).want(t, http.StatusOK)
	if got := s.cell("SELECT phone FROM customers WHERE id = 1"); got != "+48 22 999" {
		t.Errorf("the source holds %q", got)
	}
	b.post("/correct", append(at, "value", "+48 22 111")...).want(t, http.StatusConflict).says(t, "+48 22 999", "+48 22 111")
	s.clock.Advance(11 * time.Minute)
	kept := b.post("/correct", append(at[:9:9], "+48 22 999", "value", "Typed-before")...)
	if holds(t, kept, "Typed-before") != true {
		t.Errorf("a proof that ran out loses what was typed: %d %s", kept.StatusCode, plain(kept.Body))
	}
}

func TestAConsentIsOneClickWithAReceipt(t *testing.T) {
	s := newPortal(t)
	b := s.customer(marta)
	s.clock.Advance(11 * time.Minute) // no fresh proof is asked for
	b.post("/consents/newsletter", "state", "granted").wantAt(t, "/consents")
	b.get("/consents").want(t, http.StatusOK).says(t, "Newsletter")
	history := b.get("/consents/history").want(t, http.StatusOK)
	_, rest, found := strings.Cut(history.Body, "/consents/receipts/")
	id, _, _ := strings.Cut(rest, ".json")
	if !found {
		t.Fatal("the history has no receipt")
	}
	var receipt map[string]any
	s.must(json.Unmarshal([]byte(b.get("/consents/receipts/"+id+".json").want(t, http.StatusOK).Body), &receipt))
	if receipt["purpose"] != "newsletter" || receipt["choice"] != "granted" {
		t.Errorf("%v", receipt)
	}
	b.post("/consents/withdraw-all").wantAt(t, "/consents")
	b.get("/consents/history").want(t, http.StatusOK)
}

func TestAnErasureIsAskedAndTakenBack(t *testing.T) {
	s := newPortal(t)
	b := s.customer(marta)
	b.get("/erase").want(t, http.StatusOK).says(t, "72")
	ref := b.post("/erase").filed(t)
	letter := s.lettered(marta, base+"/stop/")
	_, rest, _ := strings.Cut(letter, base+"/stop/")
	token, _, _ := strings.Cut(rest, "\n")
	path := "/stop/" + strings.TrimSpace(token)
	s.browser().get(path).want(t, http.StatusOK).says(t, ref)
	s.browser().post(path).want(t, http.StatusOK).says(t, ref)
	b.get("/requests").wantAt(t, "/")
	again := s.customer(marta)
	again.get("/requests/"+ref+"/cancel").wantAt(t, "/requests/"+ref)
	s.browser().post(path).want(t, http.StatusGone)
}

func TestEveryPageIsWholeGuardedAndInBothLanguages(t *testing.T) {
	s := newPortal(t)
	s.execute("UPDATE customers SET name = 'Marta' WHERE id = 1")
	b := s.customer(marta)
	own := s.settle(b, "11")
	stranger := s.browser()
	late := s.customer(wenbo)
	for _, lang := range locale.Languages {
		titles := map[string]string{}
		for _, c := range []struct {
			by    *browser
			paths []string
		}{
			{stranger, []string{"/", "/verify", "/enter/never", "/stop/never", "/signed-out", "/signed-out?late=1", "/nosuch", "/staff/login", "/staff/enrol/never"}},
			{b, []string{
				"/data", "/data/shop/customers", "/data/shop/orders", "/data/shop/nosuch", "/export", "/export/" + own.export, "/erase", "/consents",
				"/consents/history", "/requests", "/requests/new", "/requests/new?right=objection", "/requests/new?right=access", "/requests/" + own.request,
				"/requests/" + own.correction, "/requests/" + own.request + "/cancel", "/requests/" + own.request + "/done?kind=asked",
				"/correct?source=shop&collection=customers&id=1&field=phone", "/activity", "/security",
			}},
			{late, []string{"/data", "/requests", "/activity", "/consents"}},
		} {
			c.by.get("/signed-out?lang=" + lang)
			for _, path := range c.paths {
				r := c.by.get(path)
				page(t, r)
				if !strings.Contains(r.Body, `<html lang="`+lang+`"`) {
					t.Errorf("%s is not in %s: %s", path, lang, r.Body[:min(200, len(r.Body))])
				}
				titles[titleOf(r.Body)] = path
			}
		}
		if len(titles) < 15 {
			t.Errorf("in %s there are only %d titles: %v", lang, len(titles), titles)
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/robots.txt", "/.well-known/security.txt", "/.well-known/change-password", "/favicon.ico"} {
		guarded(t, path, stranger.get(path))
	}
}

func TestALanguageOnceChosenStays(t *testing.T) {
	s := newPortal(t)
	b := s.browser()
	b.language = "de, en;q=0.5"
	b.get("/").says(t, "Privacy centre")
	b.get("/?lang=zh-CN").hides(t, "Privacy centre")
	b.get("/").hides(t, "Privacy centre")
	b.post("/", "email", marta).wantAt(t, "/verify")
	b.post("/verify", "code", s.code(marta)).wantAt(t, "/data")
	if l := s.letter(marta); strings.Contains(l.Text, "Hello") || !strings.Contains(l.Text, "港湾家居") {
		t.Errorf("the letter is in another language: %s", l.Text)
	}
	b.get("/data").says(t, "您的账户", "出生日期").hides(t, "Your account")
	ref := b.ask(rights.Objection, "请停止")
	if l := s.lettered(marta, ref); !strings.Contains(l, "港湾家居") {
		t.Errorf("the receipt is in another language: %s", l)
	}
	b.get("/data?lang=en").says(t, "Your account")
	b.get("/data?lang=tlh").says(t, "Your account")
	b.get("/requests").says(t, ref)
	chinese := s.browser()
	chinese.language = "zh-Hans-CN"
	chinese.get("/").hides(t, "Privacy centre")
}

func TestNeitherLogNorMetricsNameAPerson(t *testing.T) {
	s := newPortal(t)
	b := s.customer(marta)
	own := s.settle(b, "11")
	token := b.cookies["habeas"]
	b.get("/enter/some-token-of-a-letter")
	b.get("/data?marta@example.org")
	b.get("/export/" + own.export + "/package.zip")
	b.raw("/", "email=marta%zz@example.org")
	s.execute("DROP TABLE orders")
	b.get("/data")
	b.get("/data/shop/orders")
	r := httptest.NewRequest(http.MethodGet, base+"/metrics", nil)
	r.Header.Set("Authorization", "Bearer let-me-measure")
	metrics := b.do(r).want(t, http.StatusOK).Body
	if !strings.Contains(metrics, "habeas_requests_total") {
		t.Error("there are no metrics to look at")
	}
	for _, word := range []string{"marta", "Marta", "Nowak", "example.org", "555 01", "1987-", "Words-of-mine", "Correction-of-mine", "some-token", token, own.export, "%zz"} {
		for what, text := range map[string]string{"log": s.log.String(), "metrics": metrics} {
			if strings.Contains(text, word) {
				t.Errorf("the %s hold %q: %s", what, word, around(text, word))
			}
		}
	}
}

func TestASourceThatIsDownIsAGoodPageToo(t *testing.T) {
	s := newPortal(t)
	b := s.customer(marta)
	s.execute("ALTER TABLE orders RENAME TO away")
	b.get("/data").want(t, http.StatusOK).says(t, "Marta Nowak")
	page(t, b.get("/data/shop/orders").want(t, http.StatusServiceUnavailable))
	s.execute("ALTER TABLE away RENAME TO orders")
	b.get("/data/shop/orders").want(t, http.StatusOK).says(t, "39.90")
}
