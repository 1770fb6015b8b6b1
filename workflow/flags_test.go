package workflow_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/workflow"
)

// flagging opens a house in whose shop each flag has a field; the journal has none.
func flagging(t *testing.T) *house {
	t.Helper()
	const account = "{person: true, label: {en: Your account, zh-CN: 您的账户}}"
	const id = "          - {name: id, data_categories: [user.unique_id], fides_meta: {primary_key: true, data_type: integer}}\n"
	h := erasing(t, account, strings.Replace(account, "{", "{flags: {opt_out: no_sale, objection: no_ads, restriction: {field: status, set: held, clear: active}, cancellation: {field: status, set: closed, clear: active}}, ", 1),
		id, id+"          - {name: no_sale, fides_meta: {data_type: boolean}}\n          - {name: no_ads, fides_meta: {data_type: boolean}}\n          - {name: status}\n")
	h.execute("shop", `ALTER TABLE customers ADD COLUMN no_sale BOOLEAN; ALTER TABLE customers ADD COLUMN no_ads BOOLEAN;
		ALTER TABLE customers ADD COLUMN status TEXT NOT NULL DEFAULT 'active'`)
	h.Purposes = append(h.Purposes, rights.Purpose{
		Key: "partners", Version: 1, Basis: "consent", Marketing: true, Sells: true, Title: both("Partners", "合作方"), Text: both("Offers", "优惠"),
	})
	return h
}

// onlyShop leaves the house with the one source in which the machine can do everything.
func (h *house) onlyShop() {
	h.t.Helper()
	set, err := sources.Open(h.t.Context(), h.mapped[:1], sources.Options{IDKey: make([]byte, 32)})
	h.must(err)
	h.t.Cleanup(func() { h.must(set.Close()) })
	h.Sources = set
}

// noted takes every step of flags that is due, and returns how many there were.
func (h *house) noted() (n int) {
	h.t.Helper()
	for ; ; n++ {
		had, err := h.FlagNext(h.t.Context())
		h.must(err)
		if !had {
			return n
		}
		if n > 200 {
			h.t.Fatal("flags without end")
		}
	}
}

// inShop is what the shop says of Ann: sale, advertising, her account. Bo's must never change.
func (h *house) inShop() string {
	h.t.Helper()
	const said = "SELECT coalesce(no_sale, '-') || ' ' || coalesce(no_ads, '-') || ' ' || status FROM customers WHERE id = "
	if bo := h.cell("shop", said+"2"); bo != "- - active" {
		h.t.Errorf("somebody else's account says %q", bo)
	}
	return h.cell("shop", said+"1")
}

// wroteTo reports it unless one letter to the person says all of that.
func (h *house) wroteTo(to string, words ...string) {
	h.t.Helper()
	for _, l := range h.letters(to) {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(strings.Join(strings.Fields(l.Text), " "), w) }) {
			return
		}
	}
	h.t.Errorf("no letter says all of %q", words)
}

// standing are the flags that stand for a person.
func (h *house) standing(by rights.Actor) string {
	h.t.Helper()
	c, err := h.Choices(h.t.Context(), by)
	h.must(err)
	var out []string
	for _, f := range c.Flags {
		out = append(out, strings.TrimSuffix(string(f.Kind)+":"+f.Purpose, ":"))
	}
	return strings.Join(out, " ")
}

// newest is the person's newest request.
func (h *house) newest(by rights.Actor) rights.Request {
	h.t.Helper()
	list, _, err := h.Requests(h.t.Context(), by, "", 1)
	h.must(err)
	if len(list) == 0 {
		h.t.Fatal("there is no request")
	}
	return list[0]
}

// because is why a purpose may be pursued or not.
func (h *house) because(by rights.Actor, purpose string) string {
	h.t.Helper()
	c, err := h.Choices(h.t.Context(), by)
	h.must(err)
	i := slices.IndexFunc(c.Purposes, func(p workflow.PurposeChoice) bool { return p.Key == purpose })
	return c.Purposes[i].Verdict.Because
}

func TestOptingOutTakesOneClickAndStandsAtOnce(t *testing.T) {
	h := flagging(t)
	by := h.customer(ann)
	h.must(h.Consent(t.Context(), by, "partners", rights.Granted, "en"))
	h.clock.Advance(time.Minute)
	h.must(h.RaiseFlag(t.Context(), by, rights.OptedOut, "", "en"))
	if got := h.standing(by); got != "opt_out" {
		t.Errorf("what stands is %q", got)
	}
	if got := h.because(by, "partners"); got != "opted_out" {
		t.Errorf("her consent to partners is judged %q", got)
	}
	r := h.newest(by)
	h.wroteTo(ann, r.Ref, "neither sell", "changed by people")
	h.noted()
	if got := h.inShop(); got != "1 - active" {
		t.Errorf("the shop says %q", got)
	}
	officer := h.officer(rights.RoleOfficer)
	if f := h.folder(officer, r.Ref); len(f.OpenTasks()) != 1 || f.OpenTasks()[0].Source != "journal" || !f.Request.State.Open() {
		t.Fatalf("the request is %s, open tasks %+v", f.Request.State, f.OpenTasks())
	}
	h.must(h.RaiseFlag(t.Context(), by, rights.OptedOut, "", "en"))
	if again := h.newest(by); again.Ref != r.Ref {
		t.Error("saying it twice made a second request")
	}
	task := h.taskIn(officer, r.Ref, "journal")
	h.must(h.SetTask(t.Context(), officer, r.Ref, workflow.TaskChange{ID: task.ID, Version: task.Version, State: rights.TaskDone}))
	if got := h.folder(officer, r.Ref).Request.State; got != rights.Fulfilled {
		t.Errorf("once people have done the rest it is %s", got)
	}
	h.wroteTo(ann, "We have answered your request")
}

func TestWhatTheMachineCanDoAloneIsAnsweredByIt(t *testing.T) {
	h := flagging(t)
	h.onlyShop()
	by := h.customer(ann)
	h.must(h.RaiseFlag(t.Context(), by, rights.OptedOut, "", "en"))
	for _, l := range h.letters(ann) {
		if strings.Contains(l.Text, "changed by people") {
			t.Error("a letter speaks of people")
		}
	}
	h.noted()
	if r := h.newest(by); r.State != rights.Fulfilled {
		t.Errorf("the request is %s", r.State)
	}
	if n := len(h.letters(ann)); n != 2 { // the code, and the receipt
		t.Errorf("%d letters", n)
	}
}

func TestObjectingToAdvertisingStandsAtOnceAndToAnythingElseOnceItIsGranted(t *testing.T) {
	h := flagging(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	object := func(text string, purposes ...string) (rights.Request, error) {
		return h.Submit(t.Context(), by, workflow.Ask{Right: rights.Objection, Text: text, Purposes: purposes, Language: "en"})
	}
	if _, err := object("", "fraud"); fault(err) != "request.error.text" {
		t.Errorf("other grounds need words: %v", err)
	}
	for _, purpose := range []string{"profiling", "nothing"} {
		if _, err := object("No.", purpose); fault(err) != "flags.error.purpose" {
			t.Errorf("%s cannot be objected to: %v", purpose, err)
		}
	}
	_, err := object("", "partners")
	h.must(err)
	if got := h.standing(by); got != "objection:partners" {
		t.Errorf("what stands is %q", got)
	}
	r, err := object("My situation is special.", "fraud")
	h.must(err)
	if got := h.standing(by); got != "objection:partners" {
		t.Errorf("before it is weighed %q stands", got)
	}
	h.must(h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), "You are right."))
	if got := h.standing(by); got != "objection:partners objection:fraud" {
		t.Errorf("once it is granted %q stands", got)
	}
	if got := h.because(by, "fraud"); got != "objected" {
		t.Errorf("judged %q", got)
	}
	h.noted()
	if got := h.inShop(); got != "- 1 active" {
		t.Errorf("the shop says %q", got)
	}
	h.must(h.LowerFlag(t.Context(), by, rights.Objected, "partners", "en"))
	h.noted()
	if got := h.inShop(); got != "- 1 active" {
		t.Errorf("one of two objections is left, and the shop says %q", got)
	}
	h.must(h.LowerFlag(t.Context(), by, rights.Objected, "fraud", "en"))
	h.noted()
	if got := h.inShop(); got != "- 0 active" {
		t.Errorf("none is left, and the shop says %q", got)
	}
}

func TestAnObjectionToAllStopsAdvertisingAtOnceAndWaitsForTheRest(t *testing.T) {
	h := flagging(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Objection, Text: "To all of it.", Language: "en"})
	h.must(err)
	if got := h.standing(by); got != "objection:partners" {
		t.Errorf("what stands is %q", got)
	}
	h.must(h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), "Granted."))
	if got := h.standing(by); got != "objection:partners objection" {
		t.Errorf("once granted %q stands", got)
	}
}

func TestARestrictionStandsWhenItIsGrantedAndFallsAfterThePersonWasTold(t *testing.T) {
	h := flagging(t)
	by, officer := h.customer(ann), h.officer(rights.RoleOfficer)
	r, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Restriction, Language: "en"})
	h.must(err)
	if got := h.standing(by); got != "" {
		t.Errorf("before anybody decided %q stands", got)
	}
	h.must(h.Fulfil(t.Context(), officer, r.Ref, h.version(r.Ref), "Granted."))
	on, err := h.Store.Restricted(t.Context(), by.ID)
	h.must(err)
	if !on || h.because(by, "newsletter") != "restricted" {
		t.Errorf("restricted: %v, the newsletter is judged %q", on, h.because(by, "newsletter"))
	}
	h.noted()
	if got := h.inShop(); got != "- - held" {
		t.Errorf("the shop says %q", got)
	}
	lift := func(reason string) error {
		return h.LiftRestriction(t.Context(), officer, r.Ref, h.version(r.Ref), reason)
	}
	if err := lift("No."); fault(err) != "people.error.reason" {
		t.Errorf("without a reason: %v", err)
	}
	h.must(lift("Her figures turned out to be right."))
	if err := lift("Her figures turned out to be right."); fault(err) != "flags.error.lifting" {
		t.Errorf("twice: %v", err)
	}
	h.wroteTo(ann, r.Ref, "will end", "30 November 2026", "turned out to be right")
	h.clock.Advance(7*24*time.Hour - time.Second)
	h.noted()
	if got := h.inShop(); got != "- - held" {
		t.Errorf("a second early the shop says %q", got)
	}
	h.clock.Advance(time.Second)
	h.noted()
	on, err = h.Store.Restricted(t.Context(), by.ID)
	h.must(err)
	if got := h.inShop(); on || got != "- - active" {
		t.Errorf("on its day: restricted %v, the shop says %q", on, got)
	}
	if err := lift("Her figures turned out to be right."); fault(err) != "flags.error.lift" {
		t.Errorf("when nothing stands: %v", err)
	}
}

func TestDataAreRestrictedWhileAnObjectionIsWeighed(t *testing.T) {
	h := flagging(t)
	by, officer, auditor := h.customer(ann), h.officer(rights.RoleOfficer), h.officer(rights.RoleAuditor)
	r, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Objection, Text: "My situation is special.", Purposes: []string{"fraud"}, Language: "en"})
	h.must(err)
	restrict := func(who rights.Actor, reason string) error {
		return h.Restrict(t.Context(), who, r.Ref, h.version(r.Ref), reason)
	}
	if err := restrict(auditor, "Until it is weighed."); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("an auditor: %v", err)
	}
	if err := restrict(officer, ""); fault(err) != "people.error.reason" {
		t.Errorf("without a reason: %v", err)
	}
	h.must(restrict(officer, "Until your objection is weighed."))
	h.wroteTo(ann, "restricted from now on", "Until your objection is weighed.")
	if err := restrict(officer, "Until it is weighed."); fault(err) != "flags.error.restrict" {
		t.Errorf("twice: %v", err)
	}
	if got := h.standing(by); got != "restriction" {
		t.Errorf("what stands is %q", got)
	}
	h.must(h.Cancel(t.Context(), by, r.Ref))
	if got := h.standing(by); got != "" {
		t.Errorf("she took her objection back, and %q stands", got)
	}
}

func TestUnderTheLawOfCaliforniaARestrictionIsALimitAndNobodyDecidesIt(t *testing.T) {
	h := flagging(t)
	by := h.customer(ann)
	if err := h.RaiseFlag(t.Context(), by, rights.Limited, "", "en"); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("elsewhere: %v", err)
	}
	_, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Restriction, Regime: "ccpa", Language: "en"})
	h.must(err)
	if got := h.standing(by); got != "limit" {
		t.Errorf("what stands is %q", got)
	}
	h.wroteTo(ann, "sensitive personal information")
}

func TestAnAccountIsClosedAtOnceAndOpensAgainWithItsErasureTakenBack(t *testing.T) {
	h := flagging(t)
	by := h.customer(ann)
	ask := func() rights.Request {
		r, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Erasure, Close: true, Language: "en"})
		h.must(err)
		h.noted()
		return r
	}
	r := ask()
	if got := h.inShop(); got != "- - closed" || h.because(by, "newsletter") != "closed" {
		t.Errorf("the shop says %q, the newsletter is judged %q", got, h.because(by, "newsletter"))
	}
	h.must(h.Cancel(t.Context(), by, r.Ref))
	h.noted()
	if got := h.inShop(); got != "- - active" || h.standing(by) != "" {
		t.Errorf("taken back: the shop says %q, %q stands", got, h.standing(by))
	}
	h.clock.Advance(time.Minute)
	ask()
	if _, err := h.StopNow(t.Context(), h.stop(ann)); err != nil {
		t.Fatal(err)
	}
	h.noted()
	if got := h.inShop(); got != "- - active" {
		t.Errorf("stopped by the letter: the shop says %q", got)
	}
	if err := h.LowerFlag(t.Context(), by, rights.Closed, "", "en"); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("a closed account is opened by taking the erasure back only: %v", err)
	}
}

func TestOptingInAgainEndsWhatWasStillToBeDone(t *testing.T) {
	h := flagging(t)
	by := h.customer(ann)
	h.must(h.RaiseFlag(t.Context(), by, rights.OptedOut, "", "en"))
	r := h.newest(by)
	h.noted()
	h.must(h.LowerFlag(t.Context(), by, rights.OptedOut, "", "en"))
	h.noted()
	if got := h.inShop(); got != "0 - active" || h.standing(by) != "" {
		t.Errorf("the shop says %q, %q stands", got, h.standing(by))
	}
	if d, err := h.Request(t.Context(), by, r.Ref); err != nil || d.Request.State != rights.Cancelled {
		t.Errorf("what was left of it is %s, %v", d.Request.State, err)
	}
	h.wroteTo(ann, "opted in again")
	h.clock.Advance(time.Minute)
	before := h.newest(by).Ref
	h.must(h.LowerFlag(t.Context(), by, rights.OptedOut, "", "en"))
	if h.newest(by).Ref != before {
		t.Error("twice made a second request")
	}
}

func TestWhoeverPhonesOptsOutWithoutShowingWhoTheyAre(t *testing.T) {
	h := flagging(t)
	officer := h.officer(rights.RoleOfficer)
	g := h.phoned(ann, rights.OptOut)
	g.Identity = rights.Unidentified
	r := h.register(officer, g)
	h.noted()
	if got := h.inShop(); got != "1 - active" {
		t.Errorf("the shop says %q", got)
	}
	events, err := h.Store.FlagEvents(t.Context(), r.Subject)
	if err != nil || len(events) != 1 || events[0].By != officer {
		t.Errorf("the ledger says %+v, %v", events, err)
	}
}

func TestWhatRaisedAFlagCanBeSeenInTheAuditLog(t *testing.T) {
	h := flagging(t)
	by := h.customer(ann)
	h.must(h.RaiseFlag(t.Context(), by, rights.OptedOut, "", "en"))
	h.noted()
	h.must(h.LowerFlag(t.Context(), by, rights.OptedOut, "", "en"))
	h.noted()
	for act, want := range map[string]int{"flag.raised": 1, "flag.lowered": 1, "flag.written": 2} {
		if got := h.count(by.ID, act); got != want {
			t.Errorf("%s stands %d times, want %d", act, got, want)
		}
	}
}
