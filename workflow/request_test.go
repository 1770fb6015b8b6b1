package workflow_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

// inWords are the rights that a person files in words.
var inWords = []rights.Right{
	rights.Access, rights.Portability, rights.Rectification, rights.Erasure, rights.Restriction, rights.Objection, rights.OptOut,
	rights.Explanation, rights.Complaint,
}

func TestEveryRightUnderEveryRegimeIsFiledWithItsDates(t *testing.T) {
	h := open(t)
	for _, g := range rights.Regimes {
		by := h.again(nobody)
		for _, right := range inWords {
			r, err := h.Submit(t.Context(), by, workflow.Ask{Right: right, Regime: g.ID, Text: "Please", Language: "en"})
			if err != nil {
				t.Fatalf("%s under %s: %v", right, g.ID, err)
			}
			d, err := h.Portal.Request(t.Context(), by, r.Ref)
			h.must(err)
			stored := d.Request
			if stored.Right != right || stored.Regime != g.ID || stored.State != rights.Received || stored.Channel != rights.ByPortal {
				t.Errorf("%s under %s is %+v", right, g.ID, stored)
			}
			if stored.Due.IsZero() || stored.Due != stored.Clock.DueDay() || len(stored.Clock.Deadlines) == 0 || stored.Due.Before(rights.DateOf(monday)) {
				t.Errorf("%s under %s is due %v of %d dates", right, g.ID, stored.Due, len(stored.Clock.Deadlines))
			}
			for _, date := range stored.Clock.Deadlines {
				if date.Citation == "" {
					t.Errorf("%s under %s: %s has no citation", right, g.ID, date.Kind)
				}
			}
			if _, ok := rights.ParseRef(r.Ref); !ok || len(d.Messages) != 1 || d.Messages[0].Body != "Please" || d.Events[0].Kind != "received" {
				t.Errorf("%s under %s: %+v", right, g.ID, d)
			}
			if p, err := h.Prospect(t.Context(), by, workflow.Ask{Right: right, Regime: g.ID}); err != nil || p.Due != stored.Due {
				t.Errorf("%s under %s was promised for %v, is due %v, %v", right, g.ID, p.Due, stored.Due, err)
			}
		}
		h.clock.Advance(24 * time.Hour)
	}
}

func TestBadAsksAreFaultsAndFileNothing(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	for _, c := range []struct {
		sentence string
		ask      workflow.Ask
		want     string
	}{
		{"no right", workflow.Ask{Text: "x"}, "request.error.right"},
		{"a right that is not there", workflow.Ask{Right: "everything", Text: "x"}, "request.error.right"},
		{"consent, which has its own page", workflow.Ask{Right: rights.Consent, Text: "x"}, "request.error.right"},
		{"a regime that is not there", workflow.Ask{Right: rights.Objection, Regime: "mars", Text: "x"}, "request.error.regime"},
		{"an objection to nothing", workflow.Ask{Right: rights.Objection}, "request.error.text"},
		{"blanks only", workflow.Ask{Right: rights.Complaint, Text: " \n\t "}, "request.error.text"},
		{"more than anybody reads", workflow.Ask{Right: rights.Objection, Text: strings.Repeat("界", 4001)}, "error.too_long"},
	} {
		c.ask.Language = "en"
		if _, err := h.Submit(t.Context(), by, c.ask); fault(err) != c.want {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
	if list, _, err := h.Requests(t.Context(), by, "", 10); err != nil || len(list) != 0 {
		t.Errorf("%d requests were filed, %v", len(list), err)
	}
	if _, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Objection, Text: strings.Repeat("界", 4000), Language: "en"}); err != nil {
		t.Errorf("as long as may be: %v", err)
	}
}

func TestOnlyWhatLetsDataOutOrChangesItNeedsAFreshProof(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	h.clock.Advance(11 * time.Minute)
	for _, right := range inWords {
		_, err := h.Submit(t.Context(), by, workflow.Ask{Right: right, Text: "Please", Language: "en"})
		if right.NeedsStepUp() != errors.Is(err, rights.ErrStepUp) || !right.NeedsStepUp() && err != nil {
			t.Errorf("%s: %v", right, err)
		}
	}
	h.must(h.Consent(t.Context(), by, "newsletter", rights.Granted, "en"))
	h.must(h.WithdrawAll(t.Context(), by, "en"))
}

// erasure asks for erasure.
func (h *house) erasure(by rights.Actor) rights.Request {
	h.t.Helper()
	r, err := h.Submit(h.t.Context(), by, workflow.Ask{Right: rights.Erasure, Language: "en"})
	h.must(err)
	return r
}

func TestAnErasureWaitsOutItsCoolingOff(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	officer := h.officer(rights.RoleOfficer)
	r := h.erasure(by)
	if !r.NotBefore.Equal(monday.Add(72 * time.Hour)) {
		t.Errorf("it may be acted on from %v", r.NotBefore)
	}
	says(t, h.letterWith(ann, "/stop/"), r.Ref)
	h.clock.Advance(72*time.Hour - time.Second)
	if err := h.Fulfil(t.Context(), officer, r.Ref, 1, ""); fault(err) != "desk.error.cooling_off" {
		t.Errorf("a second before its end it can be fulfilled: %v", err)
	}
	h.clock.Advance(time.Second)
	h.must(h.Fulfil(t.Context(), officer, r.Ref, 1, "Done"))
	says(t, h.letter(ann).Text, r.Ref)
}

// Once the cooling-off is over the machine begins: whoever has to refuse must not have to be quicker.
func TestAnErasureCanBeRefusedWhileItCoolsOff(t *testing.T) {
	h := erasing(t)
	officer := h.officer(rights.RoleOfficer)
	r := h.erasure(h.customer(ann))
	g, _ := rights.RegimeByID("eu_gdpr")
	h.must(h.Refuse(t.Context(), officer, r.Ref, h.version(r.Ref), g.Grounds(rights.Erasure)[0].ID, "No."))
	h.clock.Advance(100 * time.Hour)
	h.runs()
	if got := h.cell("shop", "SELECT name FROM customers WHERE id = 1"); got != "Annabel Harker" {
		t.Errorf("her name is %q", got)
	}
}

// letterWith is the newest letter to somebody with that word.
func (h *house) letterWith(to, word string) string {
	h.t.Helper()
	for _, l := range h.letters(to) {
		if strings.Contains(l.Text, word) {
			return l.Text
		}
	}
	h.t.Fatalf("no letter to %s has %q", to, word)
	return ""
}

func TestAnErasureCanBeTakenBackOrStopped(t *testing.T) {
	for _, c := range []struct {
		sentence string
		back     func(h *house, by rights.Actor, ref string) error
	}{
		{"on its page", func(h *house, by rights.Actor, ref string) error { return h.Cancel(h.t.Context(), by, ref) }},
		{"by the link of the alert", func(h *house, _ rights.Actor, _ string) error {
			_, err := h.StopNow(h.t.Context(), h.stop(ann))
			return err
		}},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			h := open(t)
			by := h.customer(ann)
			r := h.erasure(by)
			h.must(c.back(h, by, r.Ref))
			says(t, h.letter(ann).Text, r.Ref)
			d, err := h.Portal.Request(t.Context(), by, r.Ref)
			if h.must(err); d.Request.State != rights.Cancelled {
				t.Errorf("it stands at %s", d.Request.State)
			}
			h.clock.Advance(100 * time.Hour)
			if err := h.Fulfil(t.Context(), h.officer(rights.RoleOfficer), r.Ref, d.Request.Version, ""); fault(err) != "act.error.closed" {
				t.Errorf("an officer carries it out all the same: %v", err)
			}
			if err := h.Cancel(t.Context(), by, r.Ref); !errors.Is(err, rights.ErrConflict) {
				t.Errorf("a second time: %v", err)
			}
		})
	}
}

func TestDuplicatesAndStrangersNeitherBlockNorWeakenARealRequest(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	officer := h.officer(rights.RoleOfficer)
	real := h.erasure(by)
	h.clock.Advance(time.Minute)
	duplicate := h.erasure(by)
	h.must(h.Cancel(t.Context(), by, duplicate.Ref))
	stranger := h.customer(nobody) // claims to be Ann, from a mailbox of their own
	for range 20 {
		_, err := h.Submit(t.Context(), stranger, workflow.Ask{Right: rights.Erasure, Text: "I am Annabel Harker", Language: "en"})
		h.must(err)
	}
	if _, err := h.Submit(t.Context(), stranger, workflow.Ask{Right: rights.Erasure, Language: "en"}); !errors.Is(err, rights.ErrTooMany) {
		t.Errorf("the stranger's twenty-first: %v", err)
	}
	if err := h.Cancel(t.Context(), stranger, real.Ref); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("the stranger takes hers back: %v", err)
	}
	for range 50 { // and types wrong codes for her mailbox
		asked, err := h.AskCode(t.Context(), ann, from("203.0.113.66"))
		if err == nil {
			_, err = h.Enter(t.Context(), asked.Challenge, asked.Browser, "00000000", from("203.0.113.66"))
		}
		if err == nil {
			t.Fatal("a stranger got in")
		}
	}
	d, err := h.Portal.Request(t.Context(), by, real.Ref)
	if h.must(err); d.Request.State != rights.Received || d.Request.Due != real.Due || d.Request.Version != 1 || len(d.Events) != 1 {
		t.Errorf("the real one has become %+v", d)
	}
	h.clock.Advance(72 * time.Hour)
	h.must(h.Fulfil(t.Context(), officer, real.Ref, 1, ""))
}

func TestAConversationGoesBothWays(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	officer := h.officer(rights.RoleOfficer)
	ref := h.filed(by)
	h.must(h.Say(t.Context(), by, ref, "  Are you there?  "))
	h.must(h.Reply(t.Context(), officer, ref, 1, "We are: our reasons are secret-words"))
	l := h.letter(ann)
	says(t, l.Text, ref)
	hides(t, l.Text+l.HTML, "secret-words", "Are you there")
	d, err := h.Portal.Request(t.Context(), by, ref)
	h.must(err)
	if len(d.Messages) != 3 || d.Messages[1].Body != "Are you there?" || !d.Messages[2].Actor.IsStaff() || d.Request.State != rights.InProgress {
		t.Errorf("%+v", d)
	}
	h.must(h.Note(t.Context(), officer, ref, 2, "between us"))
	h.must(h.Assign(t.Context(), officer, ref, 2, officer.ID))
	if d, err = h.Portal.Request(t.Context(), by, ref); err != nil || len(d.Events) != 2 {
		t.Errorf("the person sees %+v, %v", d.Events, err)
	}
	for _, c := range []struct {
		sentence string
		err      error
		want     error
	}{
		{"somebody else writes", h.Say(t.Context(), h.customer(bo), ref, "x"), rights.ErrNotFound},
		{"an auditor answers", h.Reply(t.Context(), h.officer(rights.RoleAuditor), ref, 3, "x"), rights.ErrNotFound},
		{"an officer who saw an older version answers", h.Reply(t.Context(), officer, ref, 1, "x"), rights.ErrConflict},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v", c.sentence, c.err)
		}
	}
	for text, want := range map[string]string{" ": "request.error.message", strings.Repeat("x", 4001): "error.too_long"} {
		if err := h.Say(t.Context(), by, ref, text); fault(err) != want {
			t.Errorf("%.5q: %v", text, err)
		}
	}
}

func TestARefusalNamesItsGroundAndTheWayToComplain(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	officer := h.officer(rights.RoleOfficer)
	for _, g := range rights.Regimes {
		for _, ground := range g.Grounds(rights.Objection) {
			h.clock.Advance(90 * time.Minute)
			r, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Objection, Regime: g.ID, Text: "no", Language: "zh-CN"})
			h.must(err)
			if err := h.Refuse(t.Context(), officer, r.Ref, 1, ground.ID, ""); ground.NeedsWords() && fault(err) != "act.error.words" || !ground.NeedsWords() && err != nil {
				t.Errorf("%s, %s, without a word: %v", g.ID, ground.ID, err)
			}
			if ground.NeedsWords() {
				h.must(h.Refuse(t.Context(), officer, r.Ref, 1, ground.ID, "因为您四十次提出同一请求。"))
			}
			l := h.letterWith(ann, "authority.example")
			says(t, l, r.Ref, "法律依据")
			hides(t, l, "⟦")
			d, err := h.Portal.Request(t.Context(), by, r.Ref)
			if h.must(err); d.Request.State != rights.Refused || d.Request.Ground != ground.ID || d.Request.ClosedAt.IsZero() {
				t.Errorf("%s, %s: %+v", g.ID, ground.ID, d.Request)
			}
		}
	}
}

func TestARequestIsReadByItsReferenceHoweverItIsTyped(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	ref := h.filed(by)
	for _, typed := range []string{ref, strings.ToLower(ref), strings.TrimPrefix(ref, "HB-"), strings.ReplaceAll(ref, "-", " ")} {
		if d, err := h.Portal.Request(t.Context(), by, typed); err != nil || d.Request.Ref != ref {
			t.Errorf("%q: %v", typed, err)
		}
	}
	for _, bad := range []string{"", "HB-0000-0000", ref + "0", "../" + ref, "%"} {
		if _, err := h.Portal.Request(t.Context(), by, bad); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, _, err := h.Requests(t.Context(), by, "not a mark", 10); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("a page mark of somebody's making: %v", err)
	}
}
