package handlers_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"habeas/proof"
	"habeas/rights"
	"habeas/store"
)

// lettersOf lists the letters about a request.
func (s *site) lettersOf(ref string) []store.LetterState {
	s.t.Helper()
	r, err := s.Store.RequestByRef(s.t.Context(), ref)
	s.must(err)
	letters, err := s.Store.LettersOf(s.t.Context(), r.ID)
	s.must(err)
	return letters
}

func TestAnOfficerReadsALetterAsItWasSent(t *testing.T) {
	s := newPortal(t)
	officer := s.staff(rights.RoleOfficer)
	person := s.customer(marta)
	ref := person.ask(rights.Objection, "Stop.")
	other := person.ask(rights.Restriction, "Stop.")
	s.deliver()
	id := s.lettersOf(ref)[0].ID
	page := officer.get("/staff/requests/"+ref+"/letters/"+id).want(t, http.StatusOK)
	page.says(t, "Receipt", ref, "Sent", "As it was sent", "Harbour & Home", "m***@example.org")
	page.hides(t, marta, "<style", "It is in the post")
	officer.get("/staff/requests/"+other+"/letters/"+id).want(t, http.StatusNotFound)
	zh := officer.get("/staff/requests/"+ref+"/letters/"+id+"?lang=zh-CN").want(t, http.StatusOK)
	zh.says(t, "发送情况", "发出时的原文")
}

func TestALetterOnPaperIsPrintedAndPosted(t *testing.T) {
	s := newPortal(t)
	officer, auditor := s.staff(rights.RoleOfficer), s.staff(rights.RoleAuditor)
	now := s.clock.Now()
	r := rights.Request{
		ID: "r", Ref: "HB-0000-0000", Subject: "s", Right: rights.Objection, Regime: "eu_gdpr", Channel: rights.ByLetter, Identity: rights.Unidentified,
		Language: "en", State: rights.Received, ReceivedAt: now, Version: 1,
	}
	why := rights.Entry{At: now, Actor: rights.System, Act: "request.received", Subject: "s", Request: "r"}
	s.must(s.Store.Write(t.Context(), func(tx *store.Tx) error {
		return errors.Join(
			tx.InsertSubject(store.Subject{ID: "s", Language: "en", Regime: "eu_gdpr", MadeAt: now}, why),
			tx.InsertPostal("s", store.Postal{Name: "Ida Brandt", Address: "Am Hafen 3\n20457 Hamburg"}),
			tx.InsertRequest(r, why),
		)
	}))
	officer.post("/staff/requests/HB-0000-0000/message", "version", "1", "text", "We have your letter.").want(t, http.StatusSeeOther)
	s.deliver()
	at := "/staff/requests/HB-0000-0000/letters/" + s.lettersOf("HB-0000-0000")[0].ID
	officer.get(at).want(t, http.StatusOK).says(t, "To be printed", "Nobody’s mailbox: on paper", "Ida Brandt", "Am Hafen 3", "It is in the post")
	if page := auditor.get(at).want(t, http.StatusOK); strings.Contains(page.Body, "Brandt") || strings.Contains(page.Body, "It is in the post") {
		t.Error("who posts nothing sees where it goes")
	}
	officer.post(at+"/retry").want(t, http.StatusConflict)
	officer.post(at+"/posted").wantAt(t, at)
	officer.get(at).says(t, "Posted", "The letter counts as sent by post.", "As it was sent").hides(t, "Am Hafen")
	officer.post(at+"/posted").want(t, http.StatusConflict)
}

func TestAnOfficerMakesTheProofOfARequest(t *testing.T) {
	s := newPortal(t)
	officer := s.staff(rights.RoleOfficer)
	person := s.customer(marta)
	ref := person.ask(rights.Objection, "Stop.")
	s.deliver()
	at := "/staff/requests/" + ref + "/proof"
	officer.get(at).want(t, http.StatusOK).says(t, "Proof for an authority", "One letter to the person", "Notes and files", "habeas audit verify "+ref+"-proof.zip --key '"+s.Store.VerifierKey())
	officer.post(at, "language", "tlh").want(t, http.StatusUnprocessableEntity).says(t, "Choose one of the languages.")
	file := officer.post(at, "language", "zh-CN").want(t, http.StatusOK)
	for name, want := range map[string]string{
		"Content-Type": "application/zip", "Content-Disposition": `attachment; filename="` + ref + `-proof.zip"`, "Cache-Control": "no-store",
	} {
		if got := file.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	b := []byte(file.Body)
	if r, err := proof.Verify(bytes.NewReader(b), int64(len(b)), s.Store.VerifierKey()); err != nil || r.Reference != ref || r.Letters != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	s.must(err)
	if z.File[1].Name != "index.en.html" {
		t.Errorf("its first page is in another language: %s", z.File[1].Name)
	}
	person.get("/activity").want(t, http.StatusOK).says(t, "Made a proof of how your request was handled, for an authority")
}

func TestAClosedRequestSaysUntilWhenItsRecordIsKeptAndThenThatItHasEnded(t *testing.T) {
	s := newPortal(t)
	officer := s.staff(rights.RoleOfficer)
	person := s.customer(marta)
	ref := person.ask(rights.Objection, "Nobody must read this later.")
	at := "/staff/requests/" + ref
	officer.get(at).want(t, http.StatusOK).hides(t, "Record kept until")
	person.post("/requests/"+ref+"/cancel").want(t, http.StatusSeeOther)
	s.deliver()
	officer.get(at).want(t, http.StatusOK).says(t, "Record kept until", "23 November 2029", "Set by the house: the law sets no period.")
	s.clock.Advance(4 * 365 * 24 * time.Hour)
	_, err := s.RetainNext(t.Context())
	s.must(err)
	officer = s.named("later@shop.test", "Mei Later", rights.RoleOfficer)
	page := officer.get(at).want(t, http.StatusOK)
	page.says(t, "Pseudonymised", "The record has served its time", "Receipt").hides(t, "Nobody must read this later", "example.org", "Record kept until", at+"/note", at+"/message")
	for _, l := range s.lettersOf(ref) {
		officer.get(at+"/letters/"+l.ID).want(t, http.StatusOK).says(t, "Nothing of this letter is left to read.")
	}
	officer.get(at+"/proof").want(t, http.StatusOK).says(t, "The record of this request has served its time")
	officer.post(at+"/proof", "language", "en").want(t, http.StatusOK)
	officer.post(at+"/note", "version", "3", "text", "Still here?").want(t, http.StatusGone)
	s.customer(marta).get("/requests/"+ref).want(t, http.StatusNotFound)
}
