package workflow_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
	"habeas/workflow"
)

const courier = "privacy@courier.example"

var noticeLink = regexp.MustCompile(`/recipients/([A-Za-z0-9_-]+)`)

// disclosing is a house whose map names recipients: of the telephone number a courier with an address, and a printer without one;
// of the card a bank, of the visits an agency.
func disclosing(t *testing.T) *house {
	t.Helper()
	return erasing(t,
		"label: {en: Phone, zh-CN: 电话}}", "label: {en: Phone, zh-CN: 电话}, recipients: [{name: {en: Courier, zh-CN: 快递公司}, role: processor, email: "+courier+"}, {name: {en: Printer, zh-CN: 印刷厂}, role: processor}]}",
		"mask: bank_card, label", "mask: bank_card, editable: ask, recipients: [{name: Bank, role: controller, email: bank@bank.example}], label",
	)
}

// tells takes every step about recipients that is due.
func (h *house) tells() (n int) {
	h.t.Helper()
	for ; n < 100; n++ {
		had, err := h.TellNext(h.t.Context())
		h.must(err)
		if !had {
			return n
		}
	}
	h.t.Fatal("no end of recipients")
	return n
}

// states are the notices of a request as an officer reads them: name and state.
func (h *house) states(by rights.Actor, ref string) string {
	h.t.Helper()
	list, err := h.Recipients(h.t.Context(), by, ref, "en")
	h.must(err)
	var out []string
	for _, n := range list {
		out = append(out, n.To.In("en")+" "+n.State)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func TestRecipientsAreToldOfACorrection(t *testing.T) {
	h := disclosing(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r, err := h.Correct(t.Context(), by, changed("phone", "+49 30 111"), "en")
	h.must(err)
	h.tells()
	if got := h.states(officer, r.Ref); got != "Courier sent, Printer by_hand" {
		t.Fatal(got)
	}
	l := h.letter(courier)
	says(t, l.Text, r.Ref, "Our shop", "Phone", "/recipients/")
	hides(t, l.Text+l.HTML+l.Subject, "30 111", "5550101", ann, "Annabel", "C-1001")

	token := h.find(noticeLink, courier)
	n, about, err := h.OpenNotice(t.Context(), token, home)
	h.must(err)
	if len(n.Known) != 1 || n.Known[0].Value != "C-1001" || n.New != "+49 30 111" || about.Ref != r.Ref {
		t.Errorf("the recipient reads %+v of %s", n, about.Ref)
	}
	if h.count(by.ID, "recipient.opened") != 1 {
		t.Error("nobody wrote down that it was opened")
	}
	h.must(h.AnswerNotice(t.Context(), token, home, true, ""))
	if got := h.states(by, r.Ref); got != "Courier done, Printer by_hand" {
		t.Errorf("the person reads %s", got)
	}
	if err := h.AnswerNotice(t.Context(), token, home, true, ""); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("answered twice: %v", err)
	}
	if n := h.tells(); n != 0 {
		t.Errorf("%d more steps", n)
	}
}

// Of what the house calls a person by, a recipient is told what they have already, and nothing else.
func TestARecipientIsToldNoNumberThatTheyDoNotHave(t *testing.T) {
	const number, mailbox = "{identity: customer_number, data_type: string}\n            habeas_meta: {confirms: true", "fides_meta: {identity: email, data_type: string}"
	const them = "{name: Courier, email: " + courier + "}"
	for _, c := range []struct{ sentence, ofNumber, ofMailbox, want string }{
		{"where the map is silent: the number that was issued", "", "", "C-1001"},
		{"where it says that they have the number: that one", "[" + them + "]", "", "C-1001"},
		{"where they only have the address: the address", "[Bank]", "[" + them + "]", ann},
		{"where they have neither: an officer tells them", "[Bank]", "[]", ""},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			say := func(before, recipients, after string) string {
				if recipients == "" {
					return ""
				}
				return before + recipients + after
			}
			h := erasing(t, "label: {en: Phone, zh-CN: 电话}}", "label: {en: Phone, zh-CN: 电话}, recipients: ["+them+"]}", number, number+say(", recipients: ", c.ofNumber, ""), mailbox, mailbox+say(", habeas_meta: {recipients: ", c.ofMailbox, "}"))
			r, err := h.Correct(t.Context(), h.customer(ann), changed("phone", "+49 30 111"), "en")
			h.must(err)
			h.tells()
			list := must(h.Recipients(t.Context(), h.officer(rights.RoleOfficer), r.Ref, "en"))
			if c.want == "" {
				if list[0].State != "by_hand" {
					t.Errorf("it is %s", list[0].State)
				}
				return
			}
			n, _, err := h.OpenNotice(t.Context(), h.find(noticeLink, courier), home)
			if h.must(err); len(n.Known) != 1 || n.Known[0].Value != c.want {
				t.Errorf("they read %+v", n.Known)
			}
		})
	}
}

// A letter quotes the law of the request, and none where its law knows no such duty.
func TestANoticeQuotesTheLawOfItsRequest(t *testing.T) {
	for _, c := range []struct{ regime, law string }{
		{"eu_gdpr", "(GDPR Art. 19)"}, {"ccpa", "11 CCR 7022(b), 7023(c)"}, {"cn_pipl", ""},
	} {
		t.Run(c.regime, func(t *testing.T) {
			h := disclosing(t)
			h.Regime = c.regime
			_, err := h.Correct(t.Context(), h.customer(ann), changed("phone", "+49 30 111"), "en")
			h.must(err)
			h.tells()
			text := strings.Join(strings.Fields(h.letter(courier).Text), " ")
			if !strings.Contains(text, c.law) || c.law == "" && strings.Contains(text, "The law has us") || c.regime != "eu_gdpr" && strings.Contains(text, "GDPR") {
				t.Error(text)
			}
		})
	}
}

func TestWhoHasNoAddressIsToldByAnOfficer(t *testing.T) {
	for _, c := range []struct {
		sentence string
		change   workflow.TaskChange
		want     string
	}{
		{"on a day", workflow.TaskChange{State: rights.TaskDone, Note: "By telephone"}, "Printer told"},
		{"or not, where that is impossible, for a reason", workflow.TaskChange{State: rights.TaskSkipped, Note: "They have gone out of business"}, "Printer not_told"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			h := disclosing(t)
			by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
			approver := h.officer(rights.RoleApprover)
			r, err := h.Correct(t.Context(), by, changed("phone", "+49 30 111"), "en")
			h.must(err)
			h.tells()
			f := h.erasureOf(officer, r.Ref)
			open := f.OpenTasks()
			if len(open) != 1 || open[0].Kind != rights.TaskRecipient || open[0].What != "Printer" {
				t.Fatalf("the tasks are %+v", open)
			}
			if unseen, err := h.UnseenAlerts(t.Context(), approver); err != nil || unseen == 0 {
				t.Errorf("nobody was told: %d, %v", unseen, err)
			}
			list, err := h.Recipients(t.Context(), officer, r.Ref, "en")
			h.must(err)
			i := slices.IndexFunc(list, func(n workflow.Notice) bool { return n.State == "by_hand" })
			if list[i].New != "+49 30 111" || list[i].Known[0].Value != "C-1001" || h.count(by.ID, "recipients.read") != 1 {
				t.Errorf("who has to tell reads %+v", list[i])
			}
			if err := h.SetTask(t.Context(), officer, r.Ref, workflow.TaskChange{ID: open[0].ID, Version: open[0].Version, State: rights.TaskSkipped}); fault(err) != "desk.error.task_why" {
				t.Errorf("without a reason: %v", err)
			}
			c.change.ID, c.change.Version = open[0].ID, open[0].Version
			h.must(h.SetTask(t.Context(), officer, r.Ref, c.change)) // although the request is closed
			if got := h.states(by, r.Ref); !strings.Contains(got, c.want) {
				t.Errorf("the person reads %s", got)
			}
			for _, n := range must(h.Recipients(t.Context(), by, r.Ref, "en")) {
				if len(n.Known) > 0 || n.New != "" || n.Answer != "" {
					t.Errorf("the person's page holds %+v", n)
				}
			}
		})
	}
}

func TestRecipientsAreToldOfAnErasureByWhatTheyKnewThePersonBy(t *testing.T) {
	h := disclosing(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r := h.erasure(by)
	h.clock.Advance(96 * time.Hour)
	for {
		had, err := h.EraseNext(t.Context())
		h.must(err)
		if !had {
			break
		}
		if h.reread(r).State.Open() && (h.tells() > 0 || h.states(officer, r.Ref) != "") {
			t.Fatal("told before it was done")
		}
	}
	if got := h.reread(r).State; got != rights.Fulfilled {
		t.Fatal(got)
	}
	h.tells()
	if got := h.states(officer, r.Ref); got != "Bank sent, Courier sent, Printer by_hand" {
		t.Fatal(got)
	}
	says(t, h.letter(courier).Text, "erased")
	n, _, err := h.OpenNotice(t.Context(), h.find(noticeLink, courier), home)
	if h.must(err); n.Known[0].Value != "C-1001" || n.New != "" || n.Act != rights.Erasure {
		t.Errorf("the recipient reads %+v", n)
	}
	if n := h.tells(); n != 0 {
		t.Errorf("told again, %d steps", n)
	}
}

func TestWhatCameToNothingIsToldToNobody(t *testing.T) {
	h := disclosing(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r := h.erasure(by)
	h.clock.Advance(96 * time.Hour)
	if had, err := h.EraseNext(t.Context()); !had || err != nil { // it has begun, and is noted
		t.Fatal(had, err)
	}
	h.must(h.Refuse(t.Context(), officer, r.Ref, h.reread(r).Version, "unfounded", "No."))
	h.tells()
	if got := h.states(officer, r.Ref); got != "" || len(h.letters(courier)) != 0 {
		t.Errorf("%q, %d letters", got, len(h.letters(courier)))
	}
}

func TestRecipientsAreToldOfARestriction(t *testing.T) {
	h := disclosing(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Restriction, Text: "Stop", Language: "en"})
	h.must(err)
	h.must(h.Fulfil(t.Context(), officer, r.Ref, h.reread(r).Version, "Done."))
	h.tells()
	if got := h.states(officer, r.Ref); got != "Bank sent, Courier sent, Printer by_hand" {
		t.Fatal(got)
	}
}

func TestASilentRecipientIsRemindedOnceAndThenAnOfficerIsTold(t *testing.T) {
	h := disclosing(t)
	by, approver := h.customer(ann), h.officer(rights.RoleApprover)
	r, err := h.Correct(t.Context(), by, changed("phone", "+49 30 111"), "en")
	h.must(err)
	h.tells()
	first := h.find(noticeLink, courier)
	before := must(h.UnseenAlerts(t.Context(), approver))
	h.clock.Advance(13 * 24 * time.Hour)
	if h.tells(); len(h.letters(courier)) != 1 {
		t.Fatal("reminded too early")
	}
	h.clock.Advance(24 * time.Hour)
	if h.tells(); len(h.letters(courier)) != 2 {
		t.Fatalf("%d letters after two weeks", len(h.letters(courier)))
	}
	second := h.find(noticeLink, courier)
	if _, err := h.Peek(t.Context(), first, home); !errors.Is(err, rights.ErrNotFound) || second == first {
		t.Errorf("the link of the first letter still works: %v", err)
	}
	h.clock.Advance(14 * 24 * time.Hour)
	h.tells()
	if after := must(h.UnseenAlerts(t.Context(), approver)); after != before+1 || len(h.letters(courier)) != 2 {
		t.Errorf("%d alerts more, %d letters", after-before, len(h.letters(courier)))
	}
	h.must(h.AnswerNotice(t.Context(), second, home, false, "Our archive is on film, and cannot be searched."))
	if got := h.states(approver, r.Ref); !strings.Contains(got, "Courier impossible") {
		t.Error(got)
	}
	h.clock.Advance(60 * 24 * time.Hour)
	if _, err := h.Peek(t.Context(), second, home); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("a link that has expired: %v", err)
	}
	if n := h.tells(); n != 0 {
		t.Errorf("%d steps more", n)
	}
}

func TestGuessingLeadsNowhereAndCosts(t *testing.T) {
	h := disclosing(t)
	for i := range 61 {
		_, err := h.Peek(t.Context(), strings.Repeat("x", i), home)
		if i < 60 && !errors.Is(err, rights.ErrNotFound) || i == 60 && !errors.Is(err, rights.ErrTooMany) {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
}

func TestNoLinkShowsACoreValue(t *testing.T) {
	h := disclosing(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r, err := h.Correct(t.Context(), by, workflow.Change{Spot: spot("card"), Old: "4111111111111111", New: "4000000000000002"}, "en")
	h.must(err)
	h.must(h.Accept(t.Context(), officer, r.Ref, r.Version))
	h.tells()
	n, _, err := h.OpenNotice(t.Context(), h.find(noticeLink, "bank@bank.example"), home)
	if h.must(err); n.New != "" || !n.Hidden {
		t.Errorf("the recipient reads %+v", n)
	}
}

func TestARecipientOfSomebodyForgottenIsNotTold(t *testing.T) {
	h := disclosing(t)
	by := h.customer(ann)
	_, err := h.Correct(t.Context(), by, changed("phone", "+49 30 111"), "en")
	h.must(err)
	h.must(h.Store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.DestroySubjectKey(by.ID, rights.Entry{At: h.Now(), Actor: rights.System, Act: "subject.erased", Subject: by.ID})
	}))
	if n := h.tells(); n != 2 || len(h.letters(courier)) != 0 {
		t.Errorf("%d steps, %d letters", n, len(h.letters(courier)))
	}
}

// must is the value of a call that cannot fail here.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
