package workflow_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

// spot is a field of Ann's own record.
func spot(field string) workflow.Spot {
	return workflow.Spot{Source: "shop", Collection: "customers", Record: "1", Field: field}
}

// changedOf is a change of a field of a record of the list of customers.
func changedOf(record, field, from, to string) workflow.Change {
	return workflow.Change{Spot: workflow.Spot{Source: "shop", Collection: "customers", Record: record, Field: field}, Old: from, New: to}
}

// changed is a change of it from what stands in the fixture.
func changed(field, to string) workflow.Change {
	old := map[string]string{"phone": "+49 711 5550101", "name": "Annabel Harker", "postcode": "70173"}[field]
	return workflow.Change{Spot: spot(field), Old: old, New: to, Reason: "I moved"}
}

func (h *house) phone() string {
	h.t.Helper()
	return h.cell("shop", "SELECT phone FROM customers WHERE id = 1")
}

func TestASelfFieldIsWrittenReadBackAndTold(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r, err := h.Correct(t.Context(), by, changed("phone", " +49 30 111 "), "en")
	if err != nil || r.State != rights.Fulfilled || r.Right != rights.Rectification {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := h.phone(); got != "+49 30 111" {
		t.Errorf("the source holds %q", got)
	}
	d, err := h.Portal.Request(t.Context(), by, r.Ref)
	h.must(err)
	if c := d.Correction; c.Old != "+49 711 5550101" || c.New != "+49 30 111" || c.Decision != "accepted" || c.DecidedBy != by.ID || c.Reason != "I moved" {
		t.Errorf("the request says %+v", *c)
	}
	var told, alerted bool
	for _, l := range h.letters(ann) {
		told = told || strings.Contains(l.Text, r.Ref) && strings.Contains(l.Text, "Phone")
		alerted = alerted || strings.Contains(l.Text, "/stop/")
		hides(t, l.Text+l.HTML, "+49 30 111", "+49 711")
	}
	if !told || !alerted {
		t.Errorf("told %v, alerted %v", told, alerted)
	}
}

func TestAnAskFieldWaitsForAnOfficer(t *testing.T) {
	for _, c := range []struct {
		sentence string
		decide   func(h *house, officer rights.Actor, ref string) error
		state    rights.State
		decision string
		name     string
		letter   string
	}{
		{"who accepts", func(h *house, o rights.Actor, ref string) error { return h.Accept(h.t.Context(), o, ref, 1) },
			rights.Fulfilled, "accepted", "Anna Harker", "Name"},
		{"who declines on a ground of the law", func(h *house, o rights.Actor, ref string) error {
			g, _ := rights.RegimeByID("eu_gdpr")
			return h.Decline(h.t.Context(), o, ref, 1, g.Grounds(rights.Rectification)[0].ID, "Please send a copy")
		}, rights.Refused, "declined", "Annabel Harker", "authority.example"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			h := open(t)
			by := h.customer(ann)
			r, err := h.Correct(t.Context(), by, changed("name", "Anna Harker"), "en")
			if err != nil || r.State != rights.Received || r.Due.IsZero() {
				t.Fatalf("%+v, %v", r, err)
			}
			if got := h.cell("shop", "SELECT name FROM customers WHERE id = 1"); got != "Annabel Harker" {
				t.Errorf("undecided, the source holds %q", got)
			}
			if l := h.letters(ann); len(l) != 3 {
				t.Errorf("%d letters: the code, the alert and the receipt", len(l))
			}
			officer := h.officer(rights.RoleOfficer)
			f, err := h.Folder(t.Context(), officer, r.Ref, "en")
			if h.must(err); f.Correction.Old != "Annabel Harker" || f.Correction.New != "Anna Harker" || f.Correction.Reason != "I moved" || f.Field != "Name" {
				t.Errorf("the officer sees %+v", f.Correction)
			}
			for what, err := range map[string]error{
				"fulfilled": h.Fulfil(t.Context(), officer, r.Ref, 1, ""),
				"refused":   h.Refuse(t.Context(), officer, r.Ref, 1, "unfounded", ""),
			} {
				if fault(err) != "desk.error.decide" {
					t.Errorf("it can be %s without a decision: %v", what, err)
				}
			}
			if err := c.decide(h, officer, r.Ref); err != nil {
				t.Fatal(err)
			}
			d, err := h.Portal.Request(t.Context(), by, r.Ref)
			if h.must(err); d.Request.State != c.state || d.Correction.Decision != c.decision || d.Correction.DecidedBy != officer.ID {
				t.Errorf("it stands at %s, %+v", d.Request.State, *d.Correction)
			}
			if got := h.cell("shop", "SELECT name FROM customers WHERE id = 1"); got != c.name {
				t.Errorf("the source holds %q", got)
			}
			says(t, h.letter(ann).Text, r.Ref, c.letter)
			if err := c.decide(h, officer, r.Ref); !errors.Is(err, rights.ErrConflict) {
				t.Errorf("a second decision: %v", err)
			}
		})
	}
}

func TestADecisionNeedsAGroundOfTheLawTheRoleAndTheVersion(t *testing.T) {
	h := open(t)
	r, err := h.Correct(t.Context(), h.customer(ann), changed("name", "Anna Harker"), "en")
	h.must(err)
	officer := h.officer(rights.RoleOfficer)
	for _, ground := range []string{"", "because", "request.error.text", "ground.unfounded"} {
		if err := h.Decline(t.Context(), officer, r.Ref, 1, ground, ""); fault(err) != "desk.error.ground" {
			t.Errorf("on %q: %v", ground, err)
		}
	}
	for _, c := range []struct {
		sentence string
		by       rights.Actor
		version  int
		want     error
	}{
		{"an auditor", h.officer(rights.RoleAuditor), 1, rights.ErrNotFound},
		{"an admin", h.officer(rights.RoleAdmin), 1, rights.ErrNotFound},
		{"the person", h.customer(ann), 1, rights.ErrNotFound},
		{"staff whose second factor has not passed", rights.Actor{ID: officer.ID}, 1, rights.ErrNotFound},
		{"an officer who saw another version", officer, 2, rights.ErrConflict},
	} {
		if err := h.Accept(t.Context(), c.by, r.Ref, c.version); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
	if got := h.cell("shop", "SELECT name FROM customers WHERE id = 1"); got != "Annabel Harker" {
		t.Errorf("the source holds %q", got)
	}
}

func TestACorrectionOfWhatIsNotTheirsOrNotToBeCorrectedIsNotFound(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	for _, c := range []struct {
		sentence string
		at       workflow.Spot
	}{
		{"somebody else's record", workflow.Spot{Source: "shop", Collection: "customers", Record: "2", Field: "phone"}},
		{"a record that is not there", workflow.Spot{Source: "shop", Collection: "customers", Record: "99", Field: "phone"}},
		{"a field that nobody may correct", spot("email")},
		{"a core field that nobody may correct", spot("card")},
		{"a member of a structure", spot("prefs.nick")},
		{"a field that is not there", spot("password")},
		{"a collection that is not there", workflow.Spot{Source: "shop", Collection: "staff", Record: "1", Field: "name"}},
		{"a source that is not there", workflow.Spot{Source: "crm", Collection: "customers", Record: "1", Field: "phone"}},
		{"what everybody shares", workflow.Spot{Source: "shop", Collection: "products", Record: "31", Field: "title"}},
		{"SQL for a key", workflow.Spot{Source: "shop", Collection: "customers", Record: "1 OR 1=1", Field: "phone"}},
		{"nothing", workflow.Spot{}},
	} {
		if _, err := h.Editable(t.Context(), by, c.at); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s can be looked at: %v", c.sentence, err)
		}
		if _, err := h.Correct(t.Context(), by, workflow.Change{Spot: c.at, New: "x"}, "en"); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s can be corrected: %v", c.sentence, err)
		}
	}
	if list, _, err := h.Requests(t.Context(), by, "", 10); err != nil || len(list) != 0 {
		t.Errorf("%d requests were filed, %v", len(list), err)
	}
}

func TestACorrectionNeedsAFreshProof(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	h.clock.Advance(10 * time.Minute)
	if _, err := h.Editable(t.Context(), by, spot("phone")); !errors.Is(err, rights.ErrStepUp) {
		t.Error(err)
	}
	if _, err := h.Correct(t.Context(), by, changed("phone", "1"), "en"); !errors.Is(err, rights.ErrStepUp) {
		t.Error(err)
	}
}

func TestBadValuesAreFaultsAndFileNothing(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	for _, c := range []struct {
		sentence string
		change   workflow.Change
		want     string
	}{
		{"the same value", changed("phone", "+49 711 5550101"), "correct.error.same"},
		{"the same value with blanks around it", changed("phone", " +49 711 5550101 "), "correct.error.same"},
		{"too long for its column", changed("postcode", strings.Repeat("7", 21)), "value.too_long"},
		{"control characters", changed("phone", "12\x0034"), "value.invalid"},
		{"a reason without end", workflow.Change{Spot: spot("phone"), Old: "+49 711 5550101", New: "1", Reason: strings.Repeat("x", 4001)}, "error.too_long"},
	} {
		if _, err := h.CheckCorrection(t.Context(), by, c.change); fault(err) != c.want {
			t.Errorf("%s, checked: %v", c.sentence, err)
		}
		if _, err := h.Correct(t.Context(), by, c.change, "en"); fault(err) != c.want {
			t.Errorf("%s, confirmed: %v", c.sentence, err)
		}
	}
	if list, _, err := h.Requests(t.Context(), by, "", 10); err != nil || len(list) != 0 {
		t.Errorf("%d requests were filed, %v", len(list), err)
	}
}

func TestAValueThatChangedMeanwhileIsShownWithBoth(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	h.execute("shop", "UPDATE customers SET phone = '+49 40 222' WHERE id = 1")
	_, err := h.Correct(t.Context(), by, changed("phone", "+49 30 111"), "en")
	var conflict workflow.Changed
	if !errors.As(err, &conflict) || conflict.Now != "+49 40 222" || !errors.Is(err, rights.ErrConflict) {
		t.Errorf("%v", err)
	}
	if h.phone() != "+49 40 222" {
		t.Error("it was overwritten")
	}
}

func TestAValueOfSeveralLinesCanBeCorrected(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	at := workflow.Spot{Source: "shop", Collection: "orders", Record: "11", Field: "note"}
	// A form brings back line ends in its own way, whatever the source stores.
	for _, c := range []struct{ old, new string }{
		{"Order-Ann\nsecond line", "Order-Ann\nthird line"}, {"Order-Ann\r\nthird line", "Order-Ann"},
	} {
		if r, err := h.Correct(t.Context(), by, workflow.Change{Spot: at, Old: c.old, New: c.new}, "en"); err != nil || r.State != rights.Fulfilled {
			t.Errorf("from %q: %+v, %v", c.old, r.State, err)
		}
	}
}

func TestASourceThatIsDownHandsACorrectionToTheOfficers(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	h.execute("shop", "CREATE TRIGGER locked BEFORE UPDATE ON customers BEGIN SELECT RAISE(ABORT, 'no'); END")
	r, err := h.Correct(t.Context(), by, changed("phone", "+49 30 111"), "en")
	if err != nil || r.State != rights.InProgress {
		t.Fatalf("%+v, %v", r, err)
	}
	d, err := h.Portal.Request(t.Context(), by, r.Ref)
	if h.must(err); d.Correction.Mode != "ask" || d.Correction.Decision != "" || d.Events[len(d.Events)-1].Kind != "not_written" {
		t.Errorf("it stands at %+v, %+v", *d.Correction, d.Events)
	}
	officer := h.officer(rights.RoleOfficer)
	if err := h.Accept(t.Context(), officer, r.Ref, r.Version); fault(err) != "desk.error.not_written" {
		t.Errorf("accepted while it still cannot be written: %v", err)
	}
	h.execute("shop", "DROP TRIGGER locked")
	h.must(h.Accept(t.Context(), officer, r.Ref, h.reread(r).Version))
	if h.phone() != "+49 30 111" {
		t.Errorf("the source holds %q", h.phone())
	}
}

func TestWhatIsBeingWrittenCannotBeTakenBackDeclinedOrAcceptedTwice(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	officer := h.officer(rights.RoleOfficer)
	r, err := h.Correct(t.Context(), by, changed("name", "Annabel Lee"), "en")
	h.must(err)
	var during []error
	h.clock.mu.Lock()
	h.clock.hook = func() { // between the claim and the write
		c, err := h.Store.Correction(t.Context(), r.ID)
		if err != nil || c.Mode != "self" || c.Decision != "" || len(during) > 0 {
			return
		}
		during = []error{nil}
		h.clock.mu.Lock()
		h.clock.hook = nil
		h.clock.mu.Unlock()
		now := h.reread(r)
		during = []error{
			h.Cancel(t.Context(), by, r.Ref),
			h.Accept(t.Context(), officer, r.Ref, now.Version),
			h.Decline(t.Context(), officer, r.Ref, now.Version, "accurate", ""),
		}
	}
	h.clock.mu.Unlock()
	h.must(h.Accept(t.Context(), officer, r.Ref, r.Version))
	if len(during) != 3 {
		t.Fatal("nothing ran between the claim and the write")
	}
	for i, err := range during {
		if !errors.Is(err, rights.ErrConflict) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if got := h.reread(r); got.State != rights.Fulfilled {
		t.Errorf("it stands at %s", got.State)
	}
}

// crashing runs an act that dies at the n-th look at the clock after the request is durable.
func (h *house) crashing(by rights.Actor, looks int, act func()) {
	type death struct{}
	h.clock.mu.Lock()
	h.clock.hook = func() {
		if list, _, err := h.Store.RequestsOf(h.t.Context(), by.ID, "", 1); err == nil && len(list) == 1 {
			if looks--; looks < 0 {
				panic(death{})
			}
		}
	}
	h.clock.mu.Unlock()
	defer func() {
		h.clock.hook = nil
		if r := recover(); r != (death{}) {
			h.t.Fatalf("it did not get there: %v", r)
		}
	}()
	act()
}

func TestACrashAroundTheWriteIsSettledOnce(t *testing.T) {
	for _, c := range []struct {
		sentence string
		crash    func(h *house, by rights.Actor)
	}{
		{"after the source was written", func(h *house, by rights.Actor) {
			h.crashing(by, 0, func() { _, _ = h.Correct(t.Context(), by, changed("phone", "+49 30 111"), "en") })
			if h.phone() != "+49 30 111" {
				h.t.Fatal("it died too early")
			}
		}},
		{"before the source was written", func(h *house, by rights.Actor) {
			h.crashing(by, 0, func() { _, _ = h.Correct(t.Context(), by, changed("phone", "+49 30 111"), "en") })
			h.execute("shop", "UPDATE customers SET phone = '+49 711 5550101' WHERE id = 1")
		}},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			h := open(t)
			by := h.customer(ann)
			c.crash(h, by)
			list, _, err := h.Requests(t.Context(), by, "", 10)
			if h.must(err); len(list) != 1 || !list[0].State.Open() {
				t.Fatalf("after the crash: %+v", list)
			}
			if had, err := h.SettleCorrection(t.Context()); had || err != nil {
				t.Errorf("one that may still be under way is touched: %v", err)
			}
			h.clock.Advance(2 * time.Minute)
			for i, want := range []bool{true, false} {
				if had, err := h.SettleCorrection(t.Context()); had != want || err != nil {
					t.Errorf("round %d: %v, %v", i+1, had, err)
				}
			}
			d, err := h.Portal.Request(t.Context(), by, list[0].Ref)
			h.must(err)
			if d.Request.State != rights.Fulfilled || d.Correction.Decision != "accepted" || h.phone() != "+49 30 111" {
				t.Errorf("it stands at %s, %+v, the source holds %q", d.Request.State, *d.Correction, h.phone())
			}
			if n := h.count(by.ID, "request.corrected"); n != 1 {
				t.Errorf("closed %d times", n)
			}
		})
	}
}

func TestACorrectionThatMayHaveBeenWrittenIsSettledBeforeItCanBeTakenBack(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	h.crashing(by, 0, func() { _, _ = h.Correct(t.Context(), by, changed("phone", "+49 30 111"), "en") })
	list, _, err := h.Requests(t.Context(), by, "", 10)
	h.must(err)
	if err := h.Cancel(t.Context(), by, list[0].Ref); !errors.Is(err, rights.ErrConflict) {
		t.Errorf("taken back while it may be written: %v", err)
	}
	h.clock.Advance(2 * time.Minute)
	if had, err := h.SettleCorrection(t.Context()); !had || err != nil || h.phone() != "+49 30 111" {
		t.Errorf("%v, %v, the source holds %q", had, err, h.phone())
	}
}

func TestASettledCorrectionOverwritesNothingThatCameLater(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	h.crashing(by, 0, func() { _, _ = h.Correct(t.Context(), by, changed("phone", "+49 30 111"), "en") })
	h.execute("shop", "UPDATE customers SET phone = '+49 40 222' WHERE id = 1")
	h.clock.Advance(2 * time.Minute)
	if had, err := h.SettleCorrection(t.Context()); !had || err != nil || h.phone() != "+49 40 222" {
		t.Errorf("%v, %v, the source holds %q", had, err, h.phone())
	}
	list, _, err := h.Requests(t.Context(), by, "", 10)
	if h.must(err); !list[0].State.Open() {
		t.Error("it was closed, although it was not done")
	}
}
