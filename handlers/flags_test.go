package handlers_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"habeas/handlers"
	"habeas/rights"
	"habeas/workflow"
)

// advertising is a house that advertises and looks out for fraud.
func advertising(p *workflow.Portal, _ *handlers.Options) {
	both := func(en, zh string) map[string]string { return map[string]string{"en": en, "zh-CN": zh} }
	p.Purposes = append(p.Purposes,
		rights.Purpose{Key: "partners", Version: 1, Basis: "consent", Marketing: true, Sells: true, Title: both("Partner offers", "合作方优惠"), Text: both("Offers by post", "邮寄优惠")},
		rights.Purpose{Key: "fraud", Version: 1, Basis: "legitimate_interests", Title: both("Fraud checks", "反欺诈"), Text: both("To keep the shop safe", "保障安全")})
}

// marked reports it unless the page has that in its HTML.
func marked(t *testing.T, r reply, markup ...string) {
	t.Helper()
	for _, m := range markup {
		if !strings.Contains(r.Body, m) {
			t.Errorf("the page does not hold %s", m)
		}
	}
}

func TestChoicesAreOneClickAndTakenBackInTwo(t *testing.T) {
	s := newPortal(t, advertising)
	b := s.customer(marta)
	marked(t, b.get("/data"), `href="/choices"`)
	b.get("/choices").want(t, http.StatusOK).says(t, "Do not sell or share my personal information", "Partner offers", "Fraud checks", "Object, with your reasons").hides(t, "Limit the use", "In effect")
	b.post("/choices/opt_out").wantAt(t, "/choices")
	marked(t, b.get("/choices").says(t, "In effect", "Since 23 November 2026."), `href="/choices/opt_out/undo"`)
	b.get("/consents").says(t, "Stopped on 23 November 2026: you opted out")
	b.get("/requests").says(t, "Opt-out of sale and sharing")
	b.get("/choices/opt_out/undo").want(t, http.StatusOK).says(t, "Yes, opt in again")
	b.get("/choices").says(t, "In effect")
	b.post("/choices/opt_out/undo").wantAt(t, "/choices")
	b.get("/choices").hides(t, "In effect")
	b.get("/choices/opt_out/undo").wantAt(t, "/choices") // there is nothing left to take back

	b.post("/choices/objection", "purpose", "partners").wantAt(t, "/choices")
	marked(t, b.get("/choices").says(t, "Objected"), "/choices/objection/undo?purpose=partners")
	marked(t, b.get("/choices/objection/undo?purpose=partners").want(t, http.StatusOK).says(t, "Take the objection back", "“Partner offers” again"), `value="partners"`)
	b.get("/choices/objection/undo?purpose=fraud").wantAt(t, "/choices")
	b.post("/choices/objection/undo", "purpose", "partners").wantAt(t, "/choices")
	b.get("/choices").hides(t, "Objected")

	for _, path := range []string{"/choices/limit", "/choices/restriction", "/choices/cancellation", "/choices/nothing", "/choices/objection"} {
		b.post(path).want(t, http.StatusNotFound)
	}
	b.post("/choices/objection", "purpose", "fraud").want(t, http.StatusNotFound)
	for _, path := range []string{"/choices/cancellation/undo", "/choices/nothing/undo"} {
		b.get(path).want(t, http.StatusNotFound)
		b.post(path).want(t, http.StatusNotFound)
	}
}

func TestWhoHasNotSignedInOptsOutByTheirAddressAlone(t *testing.T) {
	s := newPortal(t, advertising)
	b := s.browser()
	marked(t, b.get("/"), `href="/choices"`)
	page := b.get("/choices").want(t, http.StatusOK).says(t, "Do not sell or share my personal information", "Limit the use of my sensitive personal information", "No code, no account")
	marked(t, page, `name="flag" value="opt_out"`)
	marked(t, page, `name="flag" value="limit"`)
	for _, address := range []string{marta, stranger} { // whoever it is hears the same
		b.post("/choices", "email", address, "flag", "opt_out").wantAt(t, "/choices")
		b.get("/choices").says(t, "in effect as a rule within a minute").hides(t, address, "In effect")
		if had, err := s.ChooseNext(t.Context()); !had || err != nil {
			t.Fatal(had, err)
		}
	}
	page = b.post("/choices", "email", "marta", "flag", "limit").want(t, http.StatusUnprocessableEntity)
	marked(t, page, `value="marta"`)
	b.post("/choices", "email", marta, "flag", "restriction").want(t, http.StatusNotFound)
	s.customer(marta).get("/choices").says(t, "In effect")
}

func TestWhoSignsInForTheirChoicesComesBackToThem(t *testing.T) {
	s := newPortal(t)
	b := s.browser()
	b.get("/choices").says(t, "Confirm my mailbox")
	b.post("/choices/opt_out").wantAt(t, "/")
	b.post("/", "email", marta).wantAt(t, "/verify")
	b.post("/verify", "code", s.code(marta)).wantAt(t, "/choices")
	b.get("/choices?lang=zh-CN").says(t, "您的隐私选择", "不得出售或者共享我的个人信息")
}

func TestAnObjectionNamesWhatItIsAbout(t *testing.T) {
	s := newPortal(t, advertising)
	b := s.customer(marta)
	page := b.get("/requests/new?right=objection&purpose=fraud").want(t, http.StatusOK).says(t, "To which use do you object?", "Partner offers").Body
	if !strings.Contains(page, `name="purpose.fraud" value="yes" checked`) || strings.Contains(page, `name="purpose.partners" value="yes" checked`) {
		t.Error("the purpose that led here is not the one that is ticked")
	}
	page = b.post("/requests", "right", "objection", "purpose.fraud", "yes").want(t, http.StatusUnprocessableEntity).Body
	if !strings.Contains(page, `name="purpose.fraud" value="yes" checked`) {
		t.Error("what was ticked is lost")
	}
	b.post("/requests", "right", "objection", "purpose.nothing", "yes", "text", "No").want(t, http.StatusUnprocessableEntity)
	b.post("/requests", "right", "objection", "purpose.partners", "yes").filed(t)
	b.get("/choices").says(t, "Objected")
}

func TestUnderTheLawOfCaliforniaTheWordsAreItsOwn(t *testing.T) {
	s := newPortal(t)
	b := s.customer(marta)
	b.post("/requests", "right", "restriction", "regime", "ccpa").filed(t)
	b.get("/choices").says(t, "Limit the use of my sensitive personal information", "In effect").hides(t, "Restrict the use of my data")
	b.get("/requests").says(t, "Limit on sensitive personal information").hides(t, "Restriction of processing")
	b.get("/requests/new?right=restriction").says(t, "Limit the use of my sensitive personal information")
}

func TestTheDeskRestrictsUntilItIsDecidedAndAnnouncesTheEnd(t *testing.T) {
	s := newPortal(t, advertising)
	b := s.customer(marta)
	ref := b.ask(rights.Objection, "My situation is special.")
	officer, auditor := s.staff(rights.RoleOfficer), s.staff(rights.RoleAuditor)
	desk := "/staff/requests/" + ref
	officer.get(desk).says(t, "Restrict until it is decided", "Objection: Partner offers")
	auditor.get(desk).hides(t, "Restrict until it is decided")
	marked(t, officer.post(desk+"/restrict", "version", strconv.Itoa(s.version(ref)), "text", "short").want(t, http.StatusUnprocessableEntity).says(t, "at least 10 characters"), "short</textarea>")
	officer.post(desk+"/restrict", "version", strconv.Itoa(s.version(ref)), "text", "Until we have looked at your figures.").wantAt(t, desk)
	officer.get(desk).says(t, "Restricted", "GDPR Art. 18", "Mei Officer", "End the restriction").hides(t, "Restrict until it is decided")
	officer.get(officer.at(ref)).says(t, "Use of the data", "Restricted", ref)
	b.get("/data").says(t, "The use of your data is restricted since 23 November 2026.")
	officer.post(desk+"/lift", "version", strconv.Itoa(s.version(ref)), "text", "Your figures were right all along.").wantAt(t, desk)
	officer.get(desk).says(t, "Ends on 30 November 2026").hides(t, "Announce the end")
	b.get("/choices").says(t, "It ends on 30 November 2026")
	s.clock.Advance(8 * 24 * time.Hour)
	for had := true; had; {
		var err error
		had, err = s.FlagNext(t.Context())
		s.must(err)
	}
	s.customer(marta).get("/data").hides(t, "is restricted since")
}

func TestAnAccountIsClosedWithItsErasureWhereTheLawTakesThatForGranted(t *testing.T) {
	s := newPortal(t, func(p *workflow.Portal, _ *handlers.Options) { p.Regime = "cn_pipl" })
	b := s.customer(wenbo)
	page := b.get("/erase").want(t, http.StatusOK).says(t, "Close my account now").Body
	if !strings.Contains(page, `name="close" value="yes" checked`) {
		t.Error("it is not ticked")
	}
	ref := b.post("/erase", "close", "yes").filed(t)
	b.get("/data").says(t, "Your account is closed since")
	b.post("/requests/"+ref+"/cancel").wantAt(t, "/requests/"+ref)
	b.get("/data").hides(t, "Your account is closed since")
	newPortal(t).customer(marta).get("/erase").hides(t, "Close my account now")
}
