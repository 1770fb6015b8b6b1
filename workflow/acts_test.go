package workflow_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

// underLaw is a request of Ann's under a regime, with what an officer sees of it.
func (h *house) underLaw(right rights.Right, regime string) (rights.Actor, rights.Request) {
	h.t.Helper()
	by := h.customer(ann)
	r, err := h.Submit(h.t.Context(), by, workflow.Ask{Right: right, Regime: regime, Text: "About my orders.", Language: "en"})
	h.must(err)
	h.deliver()
	return by, r
}

func (h *house) reread(r rights.Request) rights.Request {
	h.t.Helper()
	r, err := h.Store.Request(h.t.Context(), r.ID)
	h.must(err)
	return r
}

// offers are the acts of a request that are open, and by their key the reasons of those that are not.
func (h *house) offers(by rights.Actor, ref string) map[workflow.StatutoryAct]string {
	h.t.Helper()
	f, err := h.Folder(h.t.Context(), by, ref, "en")
	h.must(err)
	out := map[workflow.StatutoryAct]string{}
	for _, o := range f.Acts {
		out[o.Act] = ""
		if o.Closed != nil {
			out[o.Act] = o.Closed.Key
		}
	}
	return out
}

func TestAPersonCanAlwaysBeAskedAndTheClockStopsOnlyWhereTheLawLetsIt(t *testing.T) {
	for _, row := range []struct {
		sentence, regime string
		right            rights.Right
		why              string
		stops            bool
		says             string
	}{
		{"the GDPR, for identity, by guidance", "eu_gdpr", rights.Access, rights.ForIdentity, true, "stands still"},
		{"the UK GDPR, for clarification", "uk_gdpr", rights.Access, rights.ForClarification, true, "stands still"},
		{"China, for identity", "cn_pipl", rights.Erasure, rights.ForIdentity, true, "stands still"},
		{"China, not for clarification", "cn_pipl", rights.Access, rights.ForClarification, false, "runs on"},
		{"California, for nothing", "ccpa", rights.Access, rights.ForIdentity, false, "we owe you our answer by 7 January 2027"},
		{"California, least of all for an opt-out", "ccpa", rights.OptOut, rights.ForClarification, false, "runs on"},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			h := open(t)
			_, r := h.underLaw(row.right, row.regime)
			officer := h.officer(rights.RoleOfficer)
			h.must(h.Ask(t.Context(), officer, r.Ref, r.Version, row.why, "Which orders do you mean?"))
			after, want := h.reread(r), rights.InProgress
			if row.stops {
				want = rights.Paused
			}
			if after.State != want || len(after.Clock.Pauses) > 0 != row.stops || !row.stops && after.Due != r.Due {
				t.Errorf("%s, due %s (%s before), pauses %+v", after.State, after.Due, r.Due, after.Clock.Pauses)
			}
			says(t, strings.Join(strings.Fields(h.letter(ann).Text), " "), "Which orders do you mean?", row.says)
		})
	}
	h := open(t)
	_, r := h.underLaw(rights.Access, "eu_gdpr")
	if err := h.Ask(t.Context(), h.officer(rights.RoleOfficer), r.Ref, r.Version, "holiday", "?"); fault(err) != "act.error.why" {
		t.Errorf("for a reason of one's own: %v", err)
	}
}

func TestASecondQuestionStopsNothingTwice(t *testing.T) {
	h := open(t)
	_, r := h.underLaw(rights.Access, "eu_gdpr")
	officer := h.officer(rights.RoleOfficer)
	for version := 1; version <= 2; version++ {
		h.must(h.Ask(t.Context(), officer, r.Ref, version, rights.ForIdentity, "Your customer card, please."))
	}
	if r = h.reread(r); r.State != rights.Paused || len(r.Clock.Pauses) != 1 {
		t.Errorf("%s with pauses %+v", r.State, r.Clock.Pauses)
	}
	h.must(h.Ask(t.Context(), officer, r.Ref, 3, rights.ForClarification, "And which orders?"))
	if r = h.reread(r); len(r.Clock.Pauses) != 2 {
		t.Errorf("asked for something else: pauses %+v", r.Clock.Pauses)
	}
	asked := 0
	for _, l := range h.letters(ann) {
		if strings.Contains(l.Text, "Your customer card, please.") {
			asked++
		}
	}
	if asked != 2 {
		t.Errorf("%d letters, for two questions", asked)
	}
	h.must(h.Resume(t.Context(), officer, r.Ref, 4))
	for _, pause := range h.reread(r).Clock.Pauses {
		if pause.To.IsZero() {
			t.Errorf("the answer ended not every pause: %+v", pause)
		}
	}
}

func TestTheDaysOfWaitingDoNotCountInTheUnitedKingdom(t *testing.T) {
	h := open(t)
	_, r := h.underLaw(rights.Access, "uk_gdpr") // Monday 23 November: due 23 December
	officer := h.officer(rights.RoleOfficer)
	h.must(h.Ask(t.Context(), officer, r.Ref, r.Version, rights.ForClarification, "Which orders do you mean?"))
	if h.reread(r).State != rights.Paused {
		t.Fatal("not paused")
	}
	h.clock.Advance(4 * 24 * time.Hour) // the answer comes on Friday 27: five days, both ends counted, fall out
	by := h.again(ann)
	h.must(h.Say(t.Context(), by, r.Ref, "The two of last summer."))
	r = h.reread(r)
	if r.State != rights.InProgress || r.Due.String() != "2026-12-29" {
		t.Errorf("after the answer: %s, due %s; want in_progress, due 2026-12-29 (28 December, moved from the 26th, is a bank holiday)", r.State, r.Due)
	}
	if len(r.Clock.Pauses) != 1 || r.Clock.Pauses[0].To.String() != "2026-11-27" {
		t.Errorf("pauses %+v", r.Clock.Pauses)
	}
}

func TestAnOfficerStartsTheClockAgainWhenTheAnswerCameByAnotherWay(t *testing.T) {
	h := open(t)
	_, r := h.underLaw(rights.Access, "eu_gdpr")
	officer := h.officer(rights.RoleOfficer)
	h.must(h.Ask(t.Context(), officer, r.Ref, r.Version, rights.ForIdentity, "Please show us your customer card."))
	r = h.reread(r)
	h.must(h.Resume(t.Context(), officer, r.Ref, r.Version))
	if got := h.reread(r); got.State != rights.InProgress {
		t.Errorf("state %s", got.State)
	}
	if err := h.Resume(t.Context(), officer, r.Ref, r.Version+1); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("a clock that runs cannot be started: %v", err)
	}
}

func TestAnExtensionIsGivenOnceInTimeAndTold(t *testing.T) {
	h := open(t)
	_, r := h.underLaw(rights.Access, "eu_gdpr") // received 23 November: due 23 December, extended 23 February
	officer := h.officer(rights.RoleOfficer)
	if err := h.Extend(t.Context(), officer, r.Ref, r.Version, " "); fault(err) != "act.error.words" {
		t.Errorf("without a reason: %v", err)
	}
	h.must(h.Extend(t.Context(), officer, r.Ref, r.Version, "Your orders lie in an archive on paper."))
	r = h.reread(r)
	if r.Due.String() != "2027-02-23" || !r.Clock.Extended {
		t.Errorf("due %s", r.Due)
	}
	says(t, h.letterWith(ann, "archive on paper"), "23 February 2027")
	err := h.Extend(t.Context(), officer, r.Ref, r.Version, "Still looking.")
	if fault(err) != "act.error.extend.twice" {
		t.Errorf("a second extension: %v", err)
	}
}

func TestAnExtensionThatTheLawDoesNotAllowIsRefusedWithTheDay(t *testing.T) {
	for _, row := range []struct {
		sentence, regime string
		days             int
		want             string
		day              string
	}{
		{"on its last day it can still be told", "eu_gdpr", 30, "", ""},
		{"a day later it cannot", "eu_gdpr", 31, "act.error.extend.late", "2026-12-23"},
		{"California counts 45 days", "ccpa", 46, "act.error.extend.late", "2027-01-07"},
		{"India knows none", "in_dpdp", 0, "act.error.extend.never", ""},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			h := open(t)
			_, r := h.underLaw(rights.Access, row.regime)
			officer := h.officer(rights.RoleOfficer)
			h.clock.Advance(time.Duration(row.days) * 24 * time.Hour)
			if got := h.offers(officer, r.Ref)[workflow.ActExtend]; got != row.want {
				t.Errorf("the page says %q", got)
			}
			err := h.Extend(t.Context(), officer, r.Ref, r.Version, "We need longer.")
			if fault(err) != row.want {
				t.Fatalf("extended: %v", err)
			}
			var faults rights.FieldErrors
			if errors.As(err, &faults) && row.day != "" && faults[0].Args["Date"].(rights.Date).String() != row.day {
				t.Errorf("it says %v", faults[0].Args)
			}
		})
	}
}

func TestWhoeverDidNotAskInThePortalIsToldThatItCameIn(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	said := workflow.Registration{
		Channel: rights.ByPhone, Right: rights.Access, Regime: "ccpa", Language: "en", ReceivedAt: h.Now(), Mailbox: ann, Text: "Everything, please.",
		Identity: rights.Unidentified,
	}
	r, err := h.Register(t.Context(), officer, said)
	h.must(err)
	if !h.reread(r).AcknowledgedAt.IsZero() {
		t.Fatal("it counts as acknowledged before anybody told them")
	}
	if got, has := h.offers(officer, r.Ref)[workflow.ActAcknowledge]; !has || got != "" {
		t.Errorf("offered: %v %q", has, got)
	}
	h.clock.Advance(time.Hour)
	h.must(h.Acknowledge(t.Context(), officer, r.Ref, 1, "Your shop is ours, too."))
	if got := h.reread(r); !got.AcknowledgedAt.Equal(h.Now()) || got.State != rights.Received || got.Due != r.Due {
		t.Errorf("it stands at %+v", got)
	}
	// 11 CCR 7021(a): how it is handled, how identity is verified, and when to expect an answer.
	says(t, h.letterWith(ann, "Your shop is ours, too."), r.Ref, "make sure that the request is yours", "7 January 2027")
	if err := h.Acknowledge(t.Context(), officer, r.Ref, 2, ""); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("a second time: %v", err)
	}
	_, own := h.underLaw(rights.Access, "ccpa")
	if _, has := h.offers(officer, own.Ref)[workflow.ActAcknowledge]; has {
		t.Error("whoever asked in the portal was told already")
	}
}

func TestWhatIsRefusedInPartSaysBoth(t *testing.T) {
	h := open(t)
	by, r := h.underLaw(rights.Objection, "eu_gdpr")
	officer := h.officer(rights.RoleOfficer)
	if err := h.FulfilInPart(t.Context(), officer, r.Ref, 1, "legal_claims", ""); fault(err) != "act.error.words" {
		t.Errorf("without saying which part: %v", err)
	}
	if err := h.FulfilInPart(t.Context(), officer, r.Ref, 1, "accurate", "Half of it."); fault(err) != "desk.error.ground" {
		t.Errorf("on a ground of another right: %v", err)
	}
	h.must(h.FulfilInPart(t.Context(), officer, r.Ref, 1, "legal_claims", "No more advertising. The open invoice stays."))
	d, err := h.Portal.Request(t.Context(), by, r.Ref)
	h.must(err)
	if d.Request.State != rights.Fulfilled || d.Request.Ground != "legal_claims" || d.Request.ClosedAt.IsZero() {
		t.Errorf("it stands at %+v", d.Request)
	}
	says(t, h.letterWith(ann, "The open invoice stays."), "legal claims", "GDPR Art. 17(3)(e)", "authority.example", "If you do not agree")
	if last := d.Messages[len(d.Messages)-1]; last.Body != "No more advertising. The open invoice stays." || !last.Actor.IsStaff() {
		t.Errorf("the conversation ends with %+v", last)
	}
}

func TestAGroundThatSaysOnlyHalfWantsWords(t *testing.T) {
	h := open(t)
	_, r := h.underLaw(rights.Access, "br_lgpd")
	officer := h.officer(rights.RoleOfficer)
	if err := h.Refuse(t.Context(), officer, r.Ref, 1, "impossible", ""); fault(err) != "act.error.words" { // LGPD Art. 18 § 4 II
		t.Errorf("without the reasons of fact or law: %v", err)
	}
	h.must(h.Refuse(t.Context(), officer, r.Ref, 1, "impossible", "The archive burnt down in 2019."))
	h.letterWith(ann, "The archive burnt down in 2019.")
}

func TestAnAnswerByHandCompletesACopyThatLacksSomething(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r := h.exported(by)
	up := h.down("journal")
	h.build()
	up()
	officer := h.officer(rights.RoleOfficer)
	if r = h.reread(r); !r.State.Open() {
		t.Fatalf("the copy lacks a source, and stands at %s", r.State)
	}
	if err := h.Fulfil(t.Context(), officer, r.Ref, r.Version, ""); fault(err) != "act.error.words" {
		t.Errorf("without saying how the rest was given: %v", err)
	}
	h.must(h.Fulfil(t.Context(), officer, r.Ref, r.Version, "Your visits are attached to our message of today."))
	says(t, flat(h.letterWith(ann, "attached to our message")), "Our team has given you the rest")
	if got := h.reread(r); got.State != rights.Fulfilled {
		t.Errorf("it stands at %s", got.State)
	}
}

func TestAClosedRequestIsOpenedAgainWithAReason(t *testing.T) {
	h := open(t)
	by, r := h.underLaw(rights.Objection, "eu_gdpr")
	officer := h.officer(rights.RoleOfficer)
	h.must(h.Refuse(t.Context(), officer, r.Ref, 1, "legal_claims", ""))
	if got := h.offers(officer, r.Ref); len(got) != 1 || got[workflow.ActReopen] != "" {
		t.Errorf("offered: %v", got)
	}
	if err := h.Fulfil(t.Context(), officer, r.Ref, 2, "After all."); fault(err) != "act.error.closed" {
		t.Errorf("decided again while it is closed: %v", err)
	}
	if err := h.Reopen(t.Context(), officer, r.Ref, 2, ""); fault(err) != "act.error.words" {
		t.Errorf("without a reason: %v", err)
	}
	h.clock.Advance(31 * 24 * time.Hour) // a day after it was due
	h.must(h.Reopen(t.Context(), officer, r.Ref, 2, "The invoice was paid long ago."))
	again := h.reread(r)
	if again.State != rights.InProgress || again.Ground != "" || !again.ClosedAt.IsZero() || again.Due != r.Due || again.Owner != r.Owner {
		t.Errorf("it stands at %+v", again)
	}
	says(t, h.letterWith(ann, "The invoice was paid long ago."), "We owed you a full answer by 23 December 2026")

	// The same decision a second time is another letter: the first does not stand for it.
	h.must(h.Refuse(t.Context(), officer, r.Ref, 3, "legal_claims", "There is another invoice."))
	h.letterWith(ann, "There is another invoice.")
	d, err := h.Portal.Request(t.Context(), h.again(ann), r.Ref)
	h.must(err)
	var kinds []string
	for _, e := range d.Events {
		kinds = append(kinds, e.Kind)
	}
	if want := []string{"received", "refused", "reopened", "refused"}; !slices.Equal(kinds, want) {
		t.Errorf("its history is %v", kinds)
	}

	cancelled := h.filed(by)
	h.must(h.Cancel(t.Context(), by, cancelled))
	if err := h.Reopen(t.Context(), officer, cancelled, 2, "We want to."); fault(err) != "act.error.closed" || len(h.offers(officer, cancelled)) != 0 {
		t.Errorf("what the person took back: %v", err)
	}
}

func TestWhatWasClosedWhileItsClockStoodStillRunsAgainWhenItIsOpened(t *testing.T) {
	h := open(t)
	_, r := h.underLaw(rights.Access, "uk_gdpr") // Monday 23 November: due 23 December
	officer := h.officer(rights.RoleOfficer)
	h.must(h.Ask(t.Context(), officer, r.Ref, 1, rights.ForClarification, "Which orders do you mean?"))
	h.clock.Advance(4 * 24 * time.Hour)
	h.must(h.Fulfil(t.Context(), officer, r.Ref, 2, "You rang us."))
	h.clock.Advance(10 * 24 * time.Hour)
	h.must(h.Reopen(t.Context(), officer, r.Ref, 3, "There is another order."))
	r = h.reread(r)
	if r.State != rights.InProgress || r.Due.String() != "2026-12-29" || r.Clock.Pauses[0].To.String() != "2026-11-27" {
		t.Errorf("%s, due %s, pauses %+v; want the days until it was closed to fall out, and no more", r.State, r.Due, r.Clock.Pauses)
	}
}

func TestADeclinedCorrectionIsDecidedAnew(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	officer := h.officer(rights.RoleOfficer)
	r, err := h.Correct(t.Context(), by, changed("name", "Anna Harker"), "en")
	h.must(err)
	h.must(h.Decline(t.Context(), officer, r.Ref, 1, "accurate", ""))
	h.must(h.Reopen(t.Context(), officer, r.Ref, 2, "You sent us the certificate."))
	h.must(h.Accept(t.Context(), officer, r.Ref, 3))
	if got := h.cell("shop", "SELECT name FROM customers WHERE id = 1"); got != "Anna Harker" {
		t.Errorf("the source holds %q", got)
	}
	r = h.reread(r)
	if err := h.Reopen(t.Context(), officer, r.Ref, r.Version, "Undo it."); fault(err) != "act.error.reopen.written" {
		t.Errorf("what stands in the source: %v", err)
	}
}

func TestAnActSentTwiceIsDoneOnce(t *testing.T) {
	h := open(t)
	_, r := h.underLaw(rights.Objection, "eu_gdpr")
	officer := h.officer(rights.RoleOfficer)
	before := len(h.letters(ann))
	h.must(h.Fulfil(t.Context(), officer, r.Ref, 1, "Done."))
	if err := h.Fulfil(t.Context(), officer, r.Ref, 1, "Done."); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("the second time: %v", err)
	}
	if got := len(h.letters(ann)) - before; got != 1 {
		t.Errorf("%d letters", got)
	}
}

func TestWhoMayNotHandleRequestsMovesNoClock(t *testing.T) {
	h := open(t)
	by, r := h.underLaw(rights.Access, "eu_gdpr")
	ctx := t.Context()
	for _, who := range []rights.Actor{by, h.officer(rights.RoleAuditor), h.officer(rights.RoleAdmin)} {
		for name, err := range map[string]error{
			"acknowledge": h.Acknowledge(ctx, who, r.Ref, r.Version, ""),
			"ask":         h.Ask(ctx, who, r.Ref, r.Version, rights.ForIdentity, "?"),
			"resume":      h.Resume(ctx, who, r.Ref, r.Version),
			"extend":      h.Extend(ctx, who, r.Ref, r.Version, "?"),
			"fulfil":      h.Fulfil(ctx, who, r.Ref, r.Version, "?"),
			"partly":      h.FulfilInPart(ctx, who, r.Ref, r.Version, "unfounded", "?"),
			"refuse":      h.Refuse(ctx, who, r.Ref, r.Version, "unfounded", "?"),
			"decline":     h.Decline(ctx, who, r.Ref, r.Version, "unfounded", "?"),
			"reopen":      h.Reopen(ctx, who, r.Ref, r.Version, "?"),
		} {
			if !errors.Is(err, rights.ErrNotFound) {
				t.Errorf("%s by %s: %v", name, who.Role, err)
			}
		}
		if _, err := h.Draft(ctx, who, workflow.Folder{Dossier: workflow.Dossier{Request: r}}, workflow.ActFulfil, "", ""); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("the letter, by %s: %v", who.Role, err)
		}
	}
}
