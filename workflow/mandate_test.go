package workflow_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

// actsFor is a registration in which somebody acts for the person of that mailbox.
func (h *house) actsFor(mailbox string, right rights.Right, kind rights.MandateKind) workflow.Registration {
	g := h.phoned(mailbox, right)
	g.Channel, g.Identity, g.Note = rights.ByLetter, rights.ByDocument, "Identity card, seen"
	g.Mandate = &rights.Mandate{Kind: kind, Name: "Ottilie Vertreter", Contact: "otti@office.example"}
	if kind.Alone() {
		g.Mandate.Relation = "child"
	}
	return g
}

func (h *house) permission(by rights.Actor, r rights.Request) {
	h.t.Helper()
	h.must(h.AddFiles(h.t.Context(), by, r.Ref, h.reread(r).Version, true, []workflow.Upload{{Name: "mandate.pdf", Body: aPDF}}))
}

func TestAnAgentMayOnlyOnceThePersonSaysSo(t *testing.T) {
	for _, kind := range []rights.MandateKind{rights.Agent, rights.Lawyer} {
		h := open(t)
		officer := h.officer(rights.RoleOfficer)
		r := h.register(officer, h.actsFor(ann, rights.Access, kind))
		asked := h.letterWith(ann, "/requests/"+r.Ref+"/confirm")
		says(t, asked, "may")
		if strings.Contains(asked, "Ottilie") || strings.Contains(asked, "otti@") {
			t.Error("the letter names the agent, and mail can be read on its way")
		}
		if err := h.Fulfil(t.Context(), officer, r.Ref, 1, "Here."); fault(err) != "intake.error.held.mandate" {
			t.Errorf("met before anybody confirmed it: %v", err)
		}
		h.permission(officer, r)
		if err := h.ConfirmMandate(t.Context(), officer, r.Ref, 2, "Signed paper seen"); fault(err) != "intake.error.ask_person" {
			t.Errorf("an officer confirms in the place of a person who can be asked: %v", err)
		}
		for who, actor := range map[string]rights.Actor{"somebody else": h.customer(bo), "the agent": h.customer("otti@office.example")} {
			if err := h.AnswerFor(t.Context(), actor, r.Ref, true); !errors.Is(err, rights.ErrNotFound) {
				t.Errorf("%s confirms it: %v", who, err)
			}
		}
		by := h.customer(ann)
		d, err := h.Portal.Request(t.Context(), by, r.Ref)
		h.must(err)
		if !d.Asks() || d.Mandate == nil || d.Mandate.Name != "Ottilie Vertreter" || len(d.Files) != 1 {
			t.Errorf("the person is shown %+v with %d files", d.Mandate, len(d.Files))
		}
		h.must(h.AnswerFor(t.Context(), by, r.Ref, true))
		f := h.folder(officer, r.Ref)
		if f.Held() != "" || f.Mandate.How != rights.ConfirmedByPerson || f.Mandate.ConfirmedBy != by.ID || !f.Mandate.ConfirmedAt.Equal(h.Now()) {
			t.Errorf("after yes it is held by %q: %+v", f.Held(), f.Mandate)
		}
		h.must(h.Fulfil(t.Context(), officer, r.Ref, f.Request.Version, "Here."))
	}
}

func TestAPersonWhoKnowsNothingOfAnAgentEndsIt(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	r := h.register(officer, h.actsFor(ann, rights.Portability, rights.Agent))
	by := h.customer(ann)
	h.must(h.AnswerFor(t.Context(), by, r.Ref, false))
	f := h.folder(officer, r.Ref)
	if f.Request.State != rights.Cancelled || f.Mandate.Confirmed() || f.Events[len(f.Events)-1].Kind != "denied" {
		t.Errorf("after no it is %s: %+v", f.Request.State, f.Mandate)
	}
}

func TestADocumentConfirmsWhereThePersonNeedNotOrCannotBeAsked(t *testing.T) {
	for _, c := range []struct {
		sentence string
		regime   string
		mailbox  string
		right    rights.Right
		kind     rights.MandateKind
		want     string
	}{
		{"a guardian", "eu_gdpr", ann, rights.Access, rights.Guardian, ""},
		{"a relative of somebody who has died", "cn_pipl", ann, rights.Access, rights.Relative, ""},
		{"an agent with signed permission to opt out", "ccpa", ann, rights.OptOut, rights.Agent, ""},
		{"an agent with signed permission to limit", "ccpa", ann, rights.Restriction, rights.Agent, ""},
		{"an agent who wants to know", "ccpa", ann, rights.Access, rights.Agent, "intake.error.ask_person"},
		{"the holder of a power of attorney", "ccpa", ann, rights.Access, rights.Attorney, ""},
		{"a lawyer of somebody without a mailbox", "eu_gdpr", "", rights.Access, rights.Lawyer, ""},
	} {
		h := open(t)
		officer := h.officer(rights.RoleOfficer)
		g := h.actsFor(c.mailbox, c.right, c.kind)
		g.Regime = c.regime
		if c.mailbox == "" {
			g.Name, g.Address = "Greta Postlethwaite", "1 Lane End"
		}
		r := h.register(officer, g)
		if err := h.Fulfil(t.Context(), officer, r.Ref, 1, ""); fault(err) != "intake.error.held.mandate" {
			t.Errorf("%s: met before it was confirmed: %v", c.sentence, err)
		}
		missing := "intake.error.no_document"
		if c.want != "" {
			missing = c.want
		}
		if err := h.ConfirmMandate(t.Context(), officer, r.Ref, 1, "Seen"); fault(err) != missing {
			t.Errorf("%s, without a document: %v", c.sentence, err)
		}
		h.permission(officer, r)
		for note, want := range map[string]string{" ": "intake.error.note", "No. 1234567": "intake.error.number"} {
			if err := h.ConfirmMandate(t.Context(), officer, r.Ref, 2, note); fault(err) != want {
				t.Errorf("%s, %q: %v", c.sentence, note, err)
			}
		}
		if err := h.ConfirmMandate(t.Context(), h.officer(rights.RoleAuditor), r.Ref, 2, "Seen"); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s, by an auditor: %v", c.sentence, err)
		}
		if err := h.ConfirmMandate(t.Context(), officer, r.Ref, 2, "Certificate seen"); fault(err) != c.want || c.want == "" && err != nil {
			t.Errorf("%s: %v", c.sentence, err)
		}
		if c.want != "" {
			continue
		}
		if err := h.ConfirmMandate(t.Context(), officer, r.Ref, 2, "Again"); !errors.Is(err, rights.ErrConflict) {
			t.Errorf("%s, confirmed twice: %v", c.sentence, err)
		}
		h.must(h.Fulfil(t.Context(), officer, r.Ref, h.reread(r).Version, "Done."))
	}
}

// Whoever acts in the place of a person reads the letters; the mailbox of somebody who is said to be dead is still warned
// of what would let their data out.
func TestLettersAboutThoseWhoCannotReadThemGoOnPaper(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	r := h.register(officer, h.actsFor(ann, rights.Access, rights.Relative))
	f := h.folder(officer, r.Ref)
	kinds := map[string]string{}
	for _, l := range f.Letters {
		kinds[l.Kind] = l.State + " " + l.Fault
	}
	if len(kinds) != 2 || kinds["receipt"] != "parked paper" || kinds["alert"] != "queued " {
		t.Errorf("the letters are %v", kinds)
	}
	for _, l := range f.Letters {
		if l.State != "parked" {
			continue
		}
		sent, err := h.SentLetter(t.Context(), officer, r.Ref, l.ID)
		h.must(err)
		if sent.Postal == nil || sent.Postal.Name != "Ottilie Vertreter" || sent.Postal.Address != "otti@office.example" {
			t.Errorf("the %s is to be posted to %+v", l.Kind, sent.Postal)
		}
	}
	says(t, h.letterWith(ann, "/stop/"), r.Ref)
	h.clock.Advance(time.Minute)
	by := h.customer(ann)
	h.must(h.AnswerFor(t.Context(), by, r.Ref, false)) // they are alive
	if now := h.reread(r); now.State != rights.Cancelled {
		t.Errorf("it is %s", now.State)
	}
}
