package workflow_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"habeas/mail"
	"habeas/rights"
	"habeas/store"
)

// about returns the letters of a request, in the order they were written.
func (h *house) about(r rights.Request) []store.LetterState {
	h.t.Helper()
	all, err := h.Store.LettersOf(h.t.Context(), r.ID)
	h.must(err)
	return all
}

func TestALetterAboutARequestStaysAsItWasSentWithoutItsSecret(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r := h.erasure(by)
	token := h.stop(ann) // delivers it
	officer := h.officer(rights.RoleOfficer)
	entries, err := h.Store.EntriesOf(t.Context(), by.ID, []string{"letter.sent"}, 0, 10)
	h.must(err)
	proven := map[string]string{}
	for _, e := range entries {
		proven[e.Facts["letter"]] = e.Facts["sha256"]
	}
	seen := 0
	for _, l := range h.about(r) {
		whole, err := h.Store.Letter(t.Context(), l.ID)
		h.must(err)
		sum := sha256.Sum256(whole.Kept)
		if got := hex.EncodeToString(sum[:]); proven[l.ID] != got {
			t.Errorf("the log vouches for %q, the letter kept is %q", proven[l.ID], got)
		}
		var kept mail.Letter
		h.must(json.Unmarshal(whole.Kept, &kept))
		if strings.Contains(string(whole.Kept), token) || kept.To != ann || kept.Text == "" || kept.HTML == "" {
			t.Errorf("kept: %s", whole.Kept)
		}
		page, err := h.SentLetter(t.Context(), officer, r.Ref, l.ID)
		h.must(err)
		if page.To == ann || page.To == "" || !strings.Contains(strings.Join(page.Paragraphs, "\n"), r.Ref) || strings.Contains(strings.Join(page.Paragraphs, "\n"), token) || page.Waits {
			t.Errorf("an officer sees %+v", page)
		}
		if l.Kind == "alert" {
			seen++
			if !page.Secret || !strings.Contains(strings.Join(page.Paragraphs, "\n"), "/stop/…") {
				t.Errorf("the place of the link is not seen: %q", page.Paragraphs)
			}
		}
	}
	if seen == 0 || h.count(by.ID, "letter.read") != len(h.about(r)) {
		t.Errorf("%d alerts; read %d times by the log", seen, h.count(by.ID, "letter.read"))
	}
}

func TestALetterIsReadWithItsOwnRequestByWhoeverMay(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r, other := h.objection(by), h.objection(by)
	id := h.about(r)[0].ID
	officer, auditor := h.officer(rights.RoleOfficer), h.officer(rights.RoleAuditor)
	for _, c := range []struct {
		sentence string
		by       rights.Actor
		ref, id  string
		found    bool
	}{
		{"an officer reads it", officer, r.Ref, id, true},
		{"an auditor reads it", auditor, r.Ref, id, true},
		{"its person has it in their mailbox", by, r.Ref, id, false},
		{"not with another request", officer, other.Ref, id, false},
		{"not one that there is not", officer, r.Ref, "none", false},
	} {
		if _, err := h.SentLetter(t.Context(), c.by, c.ref, c.id); (err == nil) != c.found || err != nil && !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
	for what, act := range map[string]error{
		"tries it": h.RetryLetter(t.Context(), auditor, r.Ref, id), "posts it": h.LetterPosted(t.Context(), auditor, r.Ref, id),
	} {
		if !errors.Is(act, rights.ErrNotFound) {
			t.Errorf("an auditor %s: %v", what, act)
		}
	}
}

func TestALetterThatWasRefusedIsTriedAgainByHandOrPosted(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r := h.objection(by)
	refused, _ := h.sender(func(int) error { return refuses(550, smtp.EnhancedCode{5, 1, 1}) })
	_, err := h.SendNext(t.Context(), refused)
	h.must(err)
	officer := h.officer(rights.RoleOfficer)
	id := h.about(r)[0].ID
	l, err := h.SentLetter(t.Context(), officer, r.Ref, id)
	if err != nil || !l.Waits || !l.ByMail || len(l.Paragraphs) == 0 {
		t.Fatalf("parked: %+v, %v", l, err)
	}
	h.must(h.RetryLetter(t.Context(), officer, r.Ref, id))
	if err := h.RetryLetter(t.Context(), officer, r.Ref, id); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("pressed twice: %v", err)
	}
	_, err = h.SendNext(t.Context(), refused)
	h.must(err)
	if got := h.outbox(r)[0]; got != "parked 2" {
		t.Fatalf("refused again: %s", got)
	}
	h.must(h.LetterPosted(t.Context(), officer, r.Ref, id))
	if err := h.LetterPosted(t.Context(), officer, r.Ref, id); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("posted twice: %v", err)
	}
	l, err = h.SentLetter(t.Context(), officer, r.Ref, id)
	if err != nil || l.State != "sent" || l.ServerID != store.ByPost || l.Waits || len(l.Paragraphs) == 0 {
		t.Errorf("posted: %+v, %v", l, err)
	}
	if h.count(by.ID, "letter.sent") != 1 || h.count(by.ID, "letter.retried") != 1 {
		t.Errorf("the log has %d sent and %d retried", h.count(by.ID, "letter.sent"), h.count(by.ID, "letter.retried"))
	}
}

func TestASenderWhoseLeaseRanOutLeavesTheLetterToTheNext(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r := h.objection(by)
	sent := 0
	slow := stub(func(string) (string, error) {
		if sent++; sent == 1 { // while it talks to the server, its lease runs out and another takes over
			h.clock.Advance(10 * time.Minute)
			h.deliver()
		}
		return "late", nil
	})
	if had, err := h.SendNext(t.Context(), slow); !had || err != nil {
		t.Errorf("the slow one: %v, %v", had, err)
	}
	if got := h.outbox(r)[0]; got != "sent 2" {
		t.Errorf("it stands at %s", got)
	}
	l := h.about(r)[0]
	if l.ServerID == "late" || h.count(by.ID, "letter.sent_late") != 1 {
		t.Errorf("%+v; late by the log: %d", l, h.count(by.ID, "letter.sent_late"))
	}
}
