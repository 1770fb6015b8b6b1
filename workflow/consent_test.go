package workflow_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"habeas/rights"
)

// stands is where a person stands on each purpose: "newsletter on, profiling withdrawn".
func (h *house) stands(by rights.Actor) string {
	h.t.Helper()
	purposes, standings, err := h.Consents(h.t.Context(), by)
	h.must(err)
	var out []string
	for i, p := range purposes {
		word := string(standings[i].Choice)
		if standings[i].Active(p, h.Now()) {
			word = "on"
		}
		out = append(out, strings.TrimSpace(p.Key+" "+word))
	}
	return strings.Join(out, ", ")
}

// ledger is the choices of a person, oldest first.
func (h *house) ledger(by rights.Actor) (out []rights.ConsentEvent) {
	h.t.Helper()
	out, err := h.ConsentHistory(h.t.Context(), by)
	h.must(err)
	return out
}

func TestAChoiceTakesEffectAtOnceAndIsALineForEver(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	if got := h.stands(by); got != "newsletter, profiling" {
		t.Errorf("never asked: %s", got)
	}
	for i, c := range []struct {
		purpose string
		choice  rights.Choice
		want    string
	}{
		{"newsletter", rights.Granted, "newsletter on, profiling"},
		{"profiling", rights.Granted, "newsletter on, profiling on"},
		{"newsletter", rights.Withdrawn, "newsletter withdrawn, profiling on"},
		{"newsletter", rights.Granted, "newsletter on, profiling on"},
	} {
		h.must(h.Consent(t.Context(), by, c.purpose, c.choice, "zh-CN"))
		if got := h.stands(by); got != c.want {
			t.Errorf("after %d choices: %s", i+1, got)
		}
		events := h.ledger(by)
		if len(events) != i+1 {
			t.Fatalf("%d lines after %d choices", len(events), i+1)
		}
		e := events[i]
		if e.Purpose != c.purpose || e.Choice != c.choice || e.Language != "zh-CN" || len(e.TextHash) != 64 || e.Via != "portal" || !e.At.Equal(h.Now()) {
			t.Errorf("line %d: %+v", i+1, e)
		}
		receipt, ref, err := h.ConsentReceipt(t.Context(), by, e.ID)
		if err != nil || receipt != e {
			t.Errorf("its receipt: %+v, %v", receipt, err)
		}
		if d, err := h.Portal.Request(t.Context(), by, ref); err != nil || d.Request.Right != rights.Consent || d.Request.State != rights.Fulfilled {
			t.Errorf("its request: %+v, %v", d.Request, err)
		}
		says(t, h.letter(ann).Text, ref, map[string]string{"newsletter": "资讯邮件", "profiling": "个性化推荐"}[c.purpose])
	}
}

func TestTheSameChoiceTwiceIsOne(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := h.Consent(t.Context(), by, "newsletter", rights.Granted, "en"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	list, _, err := h.Requests(t.Context(), by, "", 100)
	if h.must(err); len(h.ledger(by)) != 1 || len(list) != 1 || len(h.letters(ann)) != 2 {
		t.Errorf("%d lines, %d requests, %d letters besides the code", len(h.ledger(by)), len(list), len(h.letters(ann))-1)
	}
	h.must(h.Consent(t.Context(), by, "profiling", rights.Withdrawn, "en"))
	if len(h.ledger(by)) != 1 {
		t.Error("withdrawing what was never given is a line")
	}
}

func TestWithdrawingAllIsOneRequestWithOneLetter(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	h.must(h.WithdrawAll(t.Context(), by, "en"))
	if len(h.ledger(by)) != 0 {
		t.Error("with nothing to withdraw there is a line")
	}
	h.must(h.Consent(t.Context(), by, "newsletter", rights.Granted, "en"))
	h.must(h.Consent(t.Context(), by, "profiling", rights.Granted, "en"))
	before := len(h.letters(ann))
	h.must(h.WithdrawAll(t.Context(), by, "en"))
	events := h.ledger(by)
	if got := h.stands(by); got != "newsletter withdrawn, profiling withdrawn" || len(events) != 4 || events[2].Request != events[3].Request {
		t.Errorf("%s, %d lines", got, len(events))
	}
	if n := len(h.letters(ann)) - before; n != 1 {
		t.Errorf("%d letters", n)
	}
	says(t, h.letter(ann).Text, "Newsletter", "Suggestions")
}

func TestAConsentRunsOutAndDoesNotOutliveItsWords(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	h.must(h.Consent(t.Context(), by, "newsletter", rights.Granted, "en"))
	h.must(h.Consent(t.Context(), by, "profiling", rights.Granted, "en"))
	h.clock.now = monday.AddDate(0, 24, 0).Add(-time.Second)
	if got := h.stands(by); got != "newsletter on, profiling on" {
		t.Errorf("a second before its end: %s", got)
	}
	h.clock.Advance(time.Second)
	if got := h.stands(by); got != "newsletter granted, profiling on" {
		t.Errorf("at its end: %s", got)
	}
	h.Purposes[1].Version++
	if got := h.stands(by); got != "newsletter granted, profiling granted" {
		t.Errorf("with new words: %s", got)
	}
	for _, purpose := range []string{"newsletter", "profiling"} {
		h.must(h.Consent(t.Context(), by, purpose, rights.Granted, "en"))
	}
	if got := h.stands(by); got != "newsletter on, profiling on" || len(h.ledger(by)) != 4 {
		t.Errorf("given again: %s, %d lines", got, len(h.ledger(by)))
	}
	h.Purposes[1].Version++
	h.must(h.Consent(t.Context(), by, "profiling", rights.Withdrawn, "en"))
	if got := h.stands(by); got != "newsletter on, profiling withdrawn" {
		t.Errorf("consent to older words, withdrawn: %s", got)
	}
}

func TestOnlyWhatRestsOnConsentCanBeGivenAndWithdrawn(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	for _, c := range []struct{ sentence, purpose string }{
		{"a purpose on another basis", "fraud"}, {"a purpose that is not there", "nosuch"}, {"nothing", ""},
	} {
		if err := h.Consent(t.Context(), by, c.purpose, rights.Granted, "en"); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
	for _, choice := range []rights.Choice{"", "maybe", "GRANTED"} {
		if err := h.Consent(t.Context(), by, "newsletter", choice, "en"); fault(err) != "consents.error.state" {
			t.Errorf("%q: %v", choice, err)
		}
	}
	if len(h.ledger(by)) != 0 {
		t.Error("something was written")
	}
}

func TestNobodyReadsOrWritesTheLedgerOfSomebodyElse(t *testing.T) {
	h := open(t)
	by, other := h.customer(ann), h.customer(bo)
	h.must(h.Consent(t.Context(), by, "newsletter", rights.Granted, "en"))
	if got := h.stands(other); got != "newsletter, profiling" || len(h.ledger(other)) != 0 {
		t.Errorf("it is somebody else's too: %s", got)
	}
	if _, _, err := h.ConsentReceipt(t.Context(), other, h.ledger(by)[0].ID); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("its receipt: %v", err)
	}
	officer := h.officer(rights.RoleOfficer)
	if err := h.Consent(t.Context(), officer, "newsletter", rights.Granted, "en"); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("an officer chooses for them: %v", err)
	}
}
