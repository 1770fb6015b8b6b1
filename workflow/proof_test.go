package workflow_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"habeas/proof"
	"habeas/rights"
	"habeas/store"
)

// proven makes the proof of a request and verifies it with the key of the log.
func (h *house) proven(by rights.Actor, ref string) (proof.Report, map[string]string) {
	h.t.Helper()
	f, err := h.Proof(h.t.Context(), by, ref, "en")
	h.must(err)
	var b bytes.Buffer
	h.must(f.Write(&b))
	r, err := proof.Verify(bytes.NewReader(b.Bytes()), int64(b.Len()), h.Store.VerifierKey())
	h.must(err)
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	h.must(err)
	files := map[string]string{}
	for _, f := range z.File {
		from, err := f.Open()
		h.must(err)
		body, err := io.ReadAll(from)
		h.must(errors.Join(err, from.Close()))
		files[f.Name] = string(body)
	}
	return r, files
}

func TestTheProofOfARequestShowsHowItWasHandled(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	officer := h.officer(rights.RoleOfficer)
	r := h.erasure(by)
	token := h.stop(ann)
	h.must(h.Say(t.Context(), by, r.Ref, "All of it, please"))
	h.must(h.Note(t.Context(), officer, r.Ref, h.version(r.Ref), "Between us"))
	h.must(h.Cancel(t.Context(), by, r.Ref))
	h.deliver()
	seen := h.count(by.ID, "request.proof_made")
	report, files := h.proven(officer, r.Ref)
	letters := 0
	for _, l := range h.about(r) {
		if l.Subject != "" {
			letters++
		}
	}
	if report.Letters != letters || letters < 3 || report.Reference != r.Ref || len(report.Missing) != 0 {
		t.Errorf("it holds %+v of %d letters", report, letters)
	}
	for name, says := range map[string]string{
		"index.html": "All of it, please", "messages.json": "All of it, please", "facts.json": `"state": "cancelled"`, "clock.json": "GDPR Art. 12(3)",
		"history.json": `"step": "note"`, "audit/verifier": h.Store.VerifierKey(), "letters.json": "-alert.json",
	} {
		if !strings.Contains(files[name], says) {
			t.Errorf("%s does not say %q: %s", name, says, files[name])
		}
	}
	for name, body := range files {
		if strings.HasSuffix(name, "-alert.json") && !strings.Contains(body, ann) {
			t.Errorf("%s does not say to whom it went: %s", name, body)
		}
		for _, never := range []string{token, "Between us"} {
			if strings.Contains(body, never) {
				t.Errorf("%s holds %q", name, never)
			}
		}
	}
	if h.count(by.ID, "request.proof_made") != seen+1 {
		t.Error("that it was made is not in the log of its person")
	}
	if looks, err := h.Activity(t.Context(), by, 0, 10); err != nil || looks[0].Act != "request.proof_made" {
		t.Errorf("its person sees %+v, %v", looks, err)
	}
	again, _ := h.proven(officer, r.Ref)
	if again.Entries != report.Entries+1 {
		t.Errorf("a second proof has %d entries after %d", again.Entries, report.Entries)
	}
}

// version is the version of a request now.
func (h *house) version(ref string) int {
	h.t.Helper()
	r, err := h.Store.RequestByRef(h.t.Context(), ref)
	h.must(err)
	return r.Version
}

func TestWhoMayMakeAProof(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	ref := h.filed(by)
	for _, c := range []struct {
		sentence string
		by       rights.Actor
		may      bool
	}{
		{"an officer", h.officer(rights.RoleOfficer), true},
		{"an approver", h.officer(rights.RoleApprover), true},
		{"an auditor", h.officer(rights.RoleAuditor), true},
		{"an admin, who sees no person", h.officer(rights.RoleAdmin), false},
		{"the person, who has the export", by, false},
	} {
		_, err := h.Proof(t.Context(), c.by, ref, "en")
		_, out := h.ProofOutline(t.Context(), c.by, ref)
		if (err == nil) != c.may || (out == nil) != c.may || !c.may && !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s: %v, %v", c.sentence, err, out)
		}
	}
	if _, err := h.Proof(t.Context(), h.officer2(), ref, "fr"); fault(err) != "proof.page.language.error" {
		t.Errorf("in a language that there is not: %v", err)
	}
}

// officer2 is another officer.
func (h *house) officer2() rights.Actor {
	h.t.Helper()
	member := store.Staff{ID: "staff-two", Email: "two@shop.example", Name: "Lin Bo", Role: rights.RoleOfficer, State: "active", Language: "en", MadeAt: h.Now()}
	h.must(h.Store.Write(h.t.Context(), func(tx *store.Tx) error {
		return tx.InsertStaff(member, rights.Entry{At: h.Now(), Actor: rights.System, Act: "staff.invited"})
	}))
	return rights.Actor{ID: member.ID, Role: member.Role}
}

func TestAProofCountsAgainstTheBudgetOfPeople(t *testing.T) {
	h := open(t)
	one, two := h.filed(h.customer(ann)), h.filed(h.customer(bo))
	set, version, err := h.Store.Settings(t.Context())
	h.must(err)
	set.PeopleADay = 1
	h.must(h.Store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SaveSettings(set, version, rights.Entry{At: h.Now(), Actor: rights.System, Act: "settings.saved"})
	}))
	officer := h.officer(rights.RoleOfficer)
	if _, err := h.Proof(t.Context(), officer, one, "en"); err != nil {
		t.Error(err)
	}
	if _, err := h.Proof(t.Context(), officer, two, "en"); !errors.Is(err, rights.ErrTooMany) {
		t.Errorf("the second person: %v", err)
	}
}

func TestAProofOfSomebodyWhoWasErasedSaysWhatIsLeft(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	ref := h.filed(by)
	h.must(h.Say(t.Context(), by, ref, "Please"))
	h.deliver()
	h.must(h.Store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.DestroySubjectKey(by.ID, rights.Entry{At: h.Now(), Actor: rights.System, Act: "subject.erased", Subject: by.ID})
	}))
	report, files := h.proven(h.officer(rights.RoleOfficer), ref)
	if report.Letters != 0 || len(report.Missing) != 1 || report.Missing[0] != proof.Erased {
		t.Errorf("%+v", report)
	}
	for name, body := range files {
		if strings.Contains(body, "Please") || strings.Contains(body, ann) {
			t.Errorf("%s still holds it", name)
		}
	}
	var steps []any
	h.must(json.Unmarshal([]byte(files["history.json"]), &steps))
	if len(steps) == 0 || !strings.Contains(files["index.html"], "the key that opened it was destroyed") {
		t.Error("what is left is not there, or it is not said why")
	}
}

// A letter that leaves while the proof is put together is in the log, and so must be in the proof.
func TestALetterThatLeavesMeanwhileIsInTheProof(t *testing.T) {
	h := open(t)
	r := h.objection(h.customer(ann))
	officer := h.officer(rights.RoleOfficer)
	h.clock.hook = func() { // the first time that the clock is asked: everything was read, nothing is entered yet
		h.clock.hook = nil
		h.deliver()
	}
	report, _ := h.proven(officer, r.Ref)
	if report.Letters != 1 {
		t.Errorf("%+v", report)
	}
}

func TestALetterToNobodysMailboxWaitsOnPaper(t *testing.T) {
	h := open(t)
	s := store.Subject{ID: "paper", Person: "", Language: "en", Regime: "eu_gdpr", MadeAt: h.Now()}
	r := rights.Request{
		ID: "paper-1", Ref: "HB-0000-0000", Subject: s.ID, Right: rights.Objection, Regime: "eu_gdpr", Channel: rights.ByLetter, Identity: rights.Unidentified,
		Language: "en", State: rights.Received, ReceivedAt: h.Now(), Version: 1,
	}
	h.must(h.Store.Write(t.Context(), func(tx *store.Tx) error {
		why := rights.Entry{At: h.Now(), Actor: rights.System, Act: "request.received", Subject: s.ID, Request: r.ID}
		if err := tx.InsertSubject(s, why); err != nil {
			return err
		}
		return tx.InsertRequest(r, why)
	}))
	officer := h.officer(rights.RoleOfficer)
	h.must(h.Reply(t.Context(), officer, r.Ref, 1, "We have your letter."))
	if n := h.deliver(); n != 0 {
		t.Errorf("%d letters were sent", n)
	}
	l := h.about(r)[0]
	page, err := h.SentLetter(t.Context(), officer, r.Ref, l.ID)
	if err != nil || l.State != "parked" || l.Fault != store.Paper || !page.Waits || page.ByMail || page.To != "" || len(page.Paragraphs) == 0 {
		t.Errorf("it stands at %+v: %+v, %v", l, page, err)
	}
	h.must(h.LetterPosted(t.Context(), officer, r.Ref, l.ID))
	if l = h.about(r)[0]; l.State != "sent" || l.ServerID != store.ByPost {
		t.Errorf("posted: %+v", l)
	}
}
