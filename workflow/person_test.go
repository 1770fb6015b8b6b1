package workflow_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/workflow"
)

// sees is everything that the overview and every page of records show a person, as one text.
func (h *house) sees(by rights.Actor) string {
	h.t.Helper()
	var b strings.Builder
	holdings, err := h.Overview(h.t.Context(), by)
	h.must(err)
	for _, holding := range holdings {
		b.WriteString(holding.Collection.Name + " " + string(holding.State) + " " + string(holding.Reason) + "\n")
		if holding.State != sources.OK {
			continue
		}
		for after, more := "", true; more; more = after != "" {
			var page workflow.Holding
			page, after, err = h.Records(h.t.Context(), by, holding.Collection.Source(), holding.Collection.Name, after, 2)
			h.must(err)
			for _, r := range append(page.First, holding.First...) {
				for _, c := range r.Cells {
					b.WriteString(c.String() + "\n")
				}
			}
		}
	}
	return b.String()
}

// says fails the test unless text holds each of the words, and hides unless it holds none.
func says(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("it does not hold %q: %s", w, text)
		}
	}
}

func hides(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(text, w) {
			t.Errorf("it holds %q: %s", w, text)
		}
	}
}

func TestSomebodyOfWhomNothingIsHeldIsToldSoAndCanStillAsk(t *testing.T) {
	h := open(t)
	by := h.customer(nobody)
	seen := h.sees(by)
	hides(t, seen, "ok", "failed", "withheld", "Ann", "Boris")
	says(t, seen, "customers empty", "visits empty")
	if _, err := h.Submit(t.Context(), by, workflow.Ask{Right: rights.Access, Text: "Look under my old number", Language: "en"}); err != nil {
		t.Error(err)
	}
}

func TestEachPersonSeesTheirOwn(t *testing.T) {
	h := open(t)
	seen := h.sees(h.customer(ann))
	says(t, seen, "Annabel Harker", "Order-Ann", "Lamp", "Visit-Ann", "Nick-Ann")
	hides(t, seen, "Boris", "Order-Bo", "Chair", "Visit-Bo", "Marchetti")
}

// half signs in at the mailbox of two and stops where the person is still to be picked.
func (h *house) half() workflow.SignedIn {
	h.t.Helper()
	h.clock.Advance(15 * time.Minute)
	in := h.enter(pair)
	if in.Session.Subject != "" {
		h.t.Fatal("a mailbox of two people was settled without asking")
	}
	return in
}

// chosen signs in at the mailbox of two with a second datum.
func (h *house) chosen(datum string) rights.Actor {
	h.t.Helper()
	in := h.half()
	h.must(h.Choose(h.t.Context(), in.Session, datum))
	return h.actor(in)
}

// unchosen signs in at the mailbox of two without one.
func (h *house) unchosen() rights.Actor {
	h.t.Helper()
	in := h.half()
	h.must(h.EnterUnchosen(h.t.Context(), in.Session))
	return h.actor(in)
}

func TestUntilOneIsPickedASharedMailboxSeesAndDoesNothing(t *testing.T) {
	h := open(t)
	by := h.actor(h.half())
	ctx := t.Context()
	for _, c := range []struct {
		sentence string
		act      func() error
	}{
		{"the overview", func() error { _, err := h.Overview(ctx, by); return err }},
		{"records", func() error { _, _, err := h.Records(ctx, by, "shop", "customers", "", 10); return err }},
		{"one value", func() error {
			_, err := h.Editable(ctx, by, workflow.Spot{Source: "shop", Collection: "customers", Record: "3", Field: "phone"})
			return err
		}},
		{"an export", func() error { _, err := h.Export(ctx, by, rights.Access, "en"); return err }},
		{"a request", func() error {
			_, err := h.Submit(ctx, by, workflow.Ask{Right: rights.Objection, Text: "no", Language: "en"})
			return err
		}},
		{"a choice", func() error { return h.Consent(ctx, by, "newsletter", rights.Granted, "en") }},
		{"the list of requests", func() error { _, _, err := h.Requests(ctx, by, "", 10); return err }},
		{"the consents", func() error { _, _, err := h.Consents(ctx, by); return err }},
		{"the sessions", func() error { _, err := h.Sessions(ctx, by); return err }},
		{"who looked", func() error { _, err := h.Activity(ctx, by, 0, 10); return err }},
		{"a step-up", func() error { _, err := h.AskStepUp(ctx, by, workflow.ActExport, home); return err }},
	} {
		if err := c.act(); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
}

func TestASecondDatumPicksOneOfTwoAndEachGetsTheirOwn(t *testing.T) {
	h := open(t)
	for _, c := range []struct {
		sentence, datum, own, others string
	}{
		{"a customer number", "C-1003", "Cleo", "Dario"},
		{"the other's customer number", "c 1004", "Dario", "Cleo"},
		{"a telephone number as it is spoken", "06 555 0103", "Cleo", "Dario"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			seen := h.sees(h.chosen(c.datum))
			says(t, seen, c.own+" Marchetti", "Order-"+c.own, "visits withheld shared")
			hides(t, seen, c.others, "Visit-Pair")
		})
	}
	if first, again := h.chosen("C-1003"), h.chosen("C-1003"); first.ID != again.ID {
		t.Error("the same person is two subjects")
	}
}

func TestAWrongDatumPicksNobodyAndFiveADayAreAllThereAre(t *testing.T) {
	h := open(t)
	in := h.half()
	for _, c := range []struct{ sentence, datum, want string }{
		{"nothing", "  ", "choose.error.empty"},
		{"somebody else's number", "C-1001", "choose.error.wrong"},
		{"what both have", "C-100", "choose.error.wrong"},
		{"the mailbox", pair, "choose.error.wrong"},
		{"a wildcard", "%", "choose.error.wrong"},
		{"SQL", "' OR 1=1 --", "choose.error.wrong"},
	} {
		if err := h.Choose(t.Context(), in.Session, c.datum); fault(err) != c.want {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
	if err := h.Choose(t.Context(), in.Session, "C-1003"); !errors.Is(err, rights.ErrTooMany) {
		t.Errorf("a sixth try of the day: %v", err)
	}
	if err := h.Choose(t.Context(), h.half().Session, "C-1003"); !errors.Is(err, rights.ErrTooMany) {
		t.Errorf("a sixth try from another session: %v", err)
	}
	if by := h.unchosen(); by.ID == "" {
		t.Error("somebody who is out of tries cannot write to the privacy team")
	}
	h.clock.Advance(24 * time.Hour)
	if by := h.chosen("C-1003"); by.ID == "" {
		t.Error("the next day there are no tries")
	}
}

func TestSomebodyWhoCannotBePickedSeesNoDataAndHearsWhy(t *testing.T) {
	h := open(t)
	seen := h.sees(h.unchosen())
	says(t, seen, "customers withheld shared", "visits withheld shared")
	hides(t, seen, "Cleo", "Dario", "Visit-Pair")
}

// filed files an objection and returns its reference.
func (h *house) filed(by rights.Actor) string {
	h.t.Helper()
	r, err := h.Submit(h.t.Context(), by, workflow.Ask{Right: rights.Objection, Text: "Mine alone", Language: "en"})
	h.must(err)
	return r.Ref
}

// reaches reports whether a person can see a request, in the list or by its reference.
func (h *house) reaches(by rights.Actor, ref string) bool {
	h.t.Helper()
	list, _, err := h.Requests(h.t.Context(), by, "", 100)
	h.must(err)
	for _, r := range list {
		if r.Ref == ref {
			return true
		}
	}
	_, err = h.Portal.Request(h.t.Context(), by, ref)
	if err != nil && !errors.Is(err, rights.ErrNotFound) {
		h.t.Fatal(err)
	}
	return err == nil
}

func TestRequestsOfOnePersonAreNeverTheOthers(t *testing.T) {
	h := open(t)
	cleo := h.chosen("C-1003")
	hers := h.filed(cleo)
	dario := h.chosen("C-1004")
	his := h.filed(dario)
	neither := h.unchosen()
	openToBoth := h.filed(neither)
	for _, c := range []struct {
		sentence string
		by       rights.Actor
		ref      string
		want     bool
	}{
		{"Cleo sees hers", h.chosen("C-1003"), hers, true},
		{"Cleo does not see his", cleo, his, false},
		{"Dario does not see hers", dario, hers, false},
		{"who was not picked sees neither", neither, hers, false},
		{"nor his", neither, his, false},
		{"Cleo does not take over what somebody unpicked filed", h.chosen("C-1003"), openToBoth, false},
		{"Ann sees nothing of them", h.customer(ann), hers, false},
	} {
		if got := h.reaches(c.by, c.ref); got != c.want {
			t.Errorf("%s: %v", c.sentence, got)
		}
	}
}

func TestWhoIsPickedLaterDoesNotInheritWhatSomebodyUnpickedFiled(t *testing.T) {
	h := open(t)
	ref := h.filed(h.unchosen()) // it may be Dario who wrote this
	if h.reaches(h.chosen("C-1003"), ref) {
		t.Error("Cleo reads it")
	}
	if !h.reaches(h.unchosen(), ref) {
		t.Error("whoever could not be picked cannot follow their own request")
	}
}

func TestAMailboxThatPassesToSomebodyElseDoesNotBringTheirRequests(t *testing.T) {
	h := open(t)
	old := h.customer(ann)
	ref := h.filed(old)
	h.must(h.Consent(t.Context(), old, "newsletter", rights.Granted, "en"))
	h.execute("shop", `UPDATE customers SET email = 'annabel@elsewhere.example' WHERE id = 1;
		INSERT INTO customers VALUES (9, 'C-1009', 'ann@example.com', 'Anna Newholder', '+49 30 5550109', '10115', NULL, NULL)`)
	now := h.again(ann)
	if now.ID == old.ID || h.reaches(now, ref) {
		t.Error("the new holder of the address has the requests of the old")
	}
	_, standings, err := h.Consents(t.Context(), now)
	if err != nil || standings[0].Choice != "" {
		t.Errorf("and their consent: %+v, %v", standings[0], err)
	}
	seen := h.sees(now)
	says(t, seen, "Anna Newholder")
	hides(t, seen, "Annabel Harker", "Order-Ann")
	h.execute("shop", `DELETE FROM customers WHERE id = 9; UPDATE customers SET email = 'ann@example.com' WHERE id = 1`)
	if back := h.again(ann); back.ID != old.ID || !h.reaches(back, ref) {
		t.Error("once the address is theirs again, the old holder does not find their own requests")
	}
}

func TestSomebodyUnknownBecomesACustomerWithTheirRequests(t *testing.T) {
	h := open(t)
	before := h.customer(nobody)
	ref := h.filed(before)
	h.execute("shop", `INSERT INTO customers VALUES (8, 'C-1008', 'nobody@example.org', 'Nora Body', NULL, NULL, NULL, NULL)`)
	after := h.again(nobody)
	if after.ID != before.ID || !h.reaches(after, ref) {
		t.Error("their requests stayed behind")
	}
	says(t, h.sees(after), "Nora Body")
}

func TestNobodyIsWhomTheyWereWhileAListOfPeopleIsDown(t *testing.T) {
	for _, address := range []string{ann, bo} {
		t.Run("known before: "+address, func(t *testing.T) {
			h := open(t)
			known := h.customer(ann)
			up := h.down("shop")
			in := h.enter(address)
			if in.Session.Subject != "" {
				t.Fatal("a mailbox alone made somebody of them")
			}
			if _, err := h.Recognise(t.Context(), in.Session); !workflow.Unavailable(err) {
				t.Errorf("while it is down: %v", err)
			}
			if err := h.EnterUnchosen(t.Context(), in.Session); !workflow.Unavailable(err) {
				t.Errorf("entering as nobody in particular: %v", err)
			}
			up()
			if shared, err := h.Recognise(t.Context(), in.Session); shared || err != nil {
				t.Errorf("once it is back: %v, %v", shared, err)
			}
			if back := h.actor(h.enter(address)); (back.ID == known.ID) != (address == ann) {
				t.Error("they came back as somebody else")
			}
		})
	}
}

func TestWhatWasWrittenUnpickedPassesToNobody(t *testing.T) {
	h := open(t)
	in := h.enter(pair)
	h.must(h.EnterUnchosen(t.Context(), in.Session))
	who, err := h.Who(t.Context(), in.Token)
	h.must(err)
	ref := h.filed(who.Actor)
	h.execute("shop", "DELETE FROM customers WHERE id = 4")
	if left := h.again(pair); left.ID == who.Actor.ID || h.reaches(left, ref) {
		t.Error("the one who remained inherited what somebody else may have written")
	}
}
