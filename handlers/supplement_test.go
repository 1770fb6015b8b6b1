package handlers_test

import (
	"net/http"
	"os"
	"testing"
	"time"

	"habeas/locale"
	"habeas/rights"
)

// built builds whatever waits.
func (s *site) built() {
	s.t.Helper()
	for had := true; had; {
		var err error
		had, err = s.BuildNext(s.t.Context())
		s.must(err)
	}
}

// away takes the shop away until it is called.
func (s *site) away() (back func()) {
	s.t.Helper()
	s.must(os.Rename(s.shop, s.shop+".away"))
	return func() { s.must(os.Rename(s.shop+".away", s.shop)) }
}

func TestThePageOfACopySaysWhatIsMissingAndLeadsToTheRest(t *testing.T) {
	s := newPortal(t)
	b := s.customer(marta)
	ref := b.post("/export").filed(t)
	back := s.away()
	s.built()
	page := "/export/" + ref
	for _, lang := range locale.Languages {
		missing := locale.T(lang, "package.missing.title")
		why := locale.T(lang, "package.why.down")
		b.get(page+"?lang="+lang).want(t, http.StatusOK).says(t, missing, why).hides(t, "Download supplement")
	}
	b.get(page+"?lang=en").says(t, locale.T("en", "package.missing.again", "When", "23 November 2026, 09:05"))
	officer := s.staff(rights.RoleOfficer)
	officer.get("/staff/requests/"+ref).want(t, http.StatusOK).says(t, locale.T("en", "package.why.down"), locale.T("en", "desk.copy.again", "When", "23 November 2026, 09:05"))
	b.get(page+"/supplement-1.zip").want(t, http.StatusSeeOther) // it is still to come

	back()
	s.clock.Advance(5 * time.Minute)
	s.built()
	b.get(page).want(t, http.StatusOK).says(t, "Download supplement 1").hides(t, locale.T("en", "package.missing.title"))
	officer.get("/staff/requests/"+ref).want(t, http.StatusOK).says(t, locale.T("en", "desk.copy.supplements"), locale.T("en", "trail.supplement_ready"))
	file := b.get(page+"/supplement-1.zip").want(t, http.StatusOK)
	guarded(t, "the supplement", file)
	if got := file.Header.Get("Content-Disposition"); got != `attachment; filename="`+ref+`-1.zip"` {
		t.Errorf("it is sent as %s", got)
	}
	for _, other := range []string{"supplement-2.zip", "supplement-0.zip", "supplement-01.zip", "supplement--1.zip", "supplement-1", "supplement-x.zip", "supplement-.zip", "supplement-99999999999999999999.zip"} {
		b.get(page+"/"+other).want(t, http.StatusNotFound)
	}
	s.customer(wenbo).get(page+"/supplement-1.zip").want(t, http.StatusNotFound)
	s.browser().get(page+"/supplement-1.zip").want(t, http.StatusSeeOther)

	s.clock.Advance(10 * time.Minute)
	b.get(page+"/supplement-1.zip").wantAt(t, "/confirm?return="+"%2Fexport%2F"+ref)
}

func TestACopyToTakeElsewhereIsOfferedBesideTheOther(t *testing.T) {
	s := newPortal(t)
	b := s.customer(marta)
	b.get("/requests/new?right=portability").wantAt(t, "/export?right=portability")
	for _, lang := range locale.Languages {
		b.get("/export?right=portability&lang="+lang).want(t, http.StatusOK).says(t, locale.T(lang, "export.access"), locale.T(lang, "export.portability"))
	}
	ref := b.post("/export", "right", "portability").filed(t)
	s.built()
	b.get("/requests/"+ref+"?lang=en").want(t, http.StatusOK).says(t, locale.T("en", "request.package"))
	b.get("/export/"+ref+"/package.zip").want(t, http.StatusOK)
	for _, none := range []string{"erasure", "everything"} {
		b.post("/export", "right", none).want(t, http.StatusNotFound)
	}
}
