package workflow_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
)

// lapsing opens a house that keeps orders for eight years after an erasure, and backups of the shop for 35 days.
func lapsing(t *testing.T) *house {
	t.Helper()
	keep := func(en, zh string) string {
		return "{erase: {keep: {ground: {en: Tax law, zh-CN: 税法}, for: P8Y}}, label: {en: " + en + ", zh-CN: " + zh + "}}"
	}
	h := erasing(t, "{label: {en: Orders, zh-CN: 订单}}", keep("Orders", "订单"), "{label: {en: Order lines, zh-CN: 订单明细}}", keep("Order lines", "订单明细"),
		"label: {en: Our shop, zh-CN: 网店}", "label: {en: Our shop, zh-CN: 网店}\n      erase: delete\n      copies: [{what: {en: Nightly backups, zh-CN: 每日备份}, for: P35D}]")
	return h
}

// looks takes every look that is due, and returns how many there were.
func (h *house) looks() (n int) {
	h.t.Helper()
	for ; ; n++ {
		had, err := h.RecheckNext(h.t.Context())
		h.must(err)
		if !had {
			return n
		}
		if n > 500 {
			h.t.Fatal("looks without end")
		}
	}
}

// erased has a person erased, and the clock stand where that was done.
func (h *house) erased(mailbox string) rights.Request {
	h.t.Helper()
	r := h.erasure(h.customer(mailbox))
	h.clock.Advance(72 * time.Hour)
	h.runs()
	return r
}

// until moves the clock to noon of a day, looking every day on the way as the portal does.
func (h *house) until(day string) {
	h.t.Helper()
	d, err := rights.ParseDate(day)
	h.must(err)
	for noon := d.In(h.Location).Add(12 * time.Hour); h.clock.Now().Before(noon); {
		h.clock.Advance(min(noon.Sub(h.clock.Now()), 30*24*time.Hour))
		h.looks()
	}
}

func TestWhatIsKeptForASpanIsErasedByItselfWhenItEnds(t *testing.T) {
	h := lapsing(t)
	officer := h.officer(rights.RoleOfficer)
	others := h.cell("shop", "SELECT count(*) FROM orders WHERE id <> 11")
	r := h.erased(ann)
	says(t, h.letter(ann).Text, "Orders: 1 record. Tax law", "Nightly backups · Our shop", "Overwritten by", "erased from it again")
	f := h.erasureOf(officer, r.Ref)
	last := rights.DateOf(h.clock.Now().In(h.Location)).AddMonths(96)
	kept := 0
	for _, d := range f.Erasure.Noted {
		if d.Kind == "kept" {
			kept++
			if d.Until != last || d.State != "stands" {
				t.Errorf("looked at again after %s (%s), want %s", d.Until, d.State, last)
			}
		}
	}
	if kept != 1 {
		t.Fatalf("noted: %+v", f.Erasure.Noted)
	}
	h.until(last.String())
	if got := h.cell("shop", "SELECT count(*) FROM orders WHERE id = 11"); got != "1" {
		t.Error("the order is gone on the last day on which it is kept")
	}
	h.until(last.AddDays(1).String())
	for _, c := range []struct{ sentence, query, want string }{
		{"her order is gone", "SELECT count(*) FROM orders WHERE id = 11", "0"},
		{"with its lines", "SELECT count(*) FROM order_lines WHERE order_id = 11", "0"},
		{"nobody else's is", "SELECT count(*) FROM orders", others},
	} {
		if got := h.cell("shop", c.query); got != c.want {
			t.Errorf("%s: %s, want %s", c.sentence, got, c.want)
		}
	}
	f = h.erasureOf(officer, r.Ref)
	for _, d := range f.Erasure.Noted {
		if d.State != "over" || d.Holdings != "" {
			t.Errorf("%s of %s is %s, and its records are noted still: %v", d.Kind, d.Source, d.State, d.Holdings != "")
		}
	}
	if kind := f.Events[len(f.Events)-1].Kind; kind != "kept_over" || f.Request.State != rights.Fulfilled {
		t.Errorf("its last step is %q, the request %s", kind, f.Request.State)
	}
	if n := h.looks(); n != 0 {
		t.Errorf("%d looks more", n)
	}
	h.verifyAudit()
}

func TestACopyIsCrossedOffWhenItHasBeenOverwritten(t *testing.T) {
	h := lapsing(t)
	r := h.erased(ann)
	officer := h.officer(rights.RoleOfficer)
	last := rights.DateOf(h.clock.Now().In(h.Location)).AddDays(35)
	state := func() string {
		for _, d := range h.erasureOf(officer, r.Ref).Erasure.Noted {
			if d.Kind == "copy" {
				return d.State + " " + d.Until.String()
			}
		}
		return ""
	}
	h.until(last.String())
	if got := state(); got != "stands "+last.String() {
		t.Errorf("on its last day the copy is %q", got)
	}
	h.until(last.AddDays(1).String())
	if got := state(); !strings.HasPrefix(got, "over ") {
		t.Errorf("the day after the copy is %q", got)
	}
}

func TestWhatABackupBringsBackIsErasedAgainWithoutAnybodyAsking(t *testing.T) {
	h := lapsing(t)
	officer := h.colleague("Mei Kwan", rights.RoleOfficer)
	row := h.cell("shop", "SELECT quote(id) || ',' || quote(customer_no) || ',' || quote(email) FROM customers WHERE id = 1")
	columns := h.cell("shop", "SELECT group_concat(name) FROM pragma_table_info('customers')")
	whole := h.cell("shop", "SELECT '"+"' || "+quoted(columns)+" FROM customers WHERE id = 1")
	r := h.erased(ann)
	letters := len(h.letters(ann))
	h.clock.Advance(25 * time.Hour)
	h.looks()
	if n := h.runs(); n != 0 {
		t.Errorf("%d steps although nothing came back", n)
	}
	h.execute("shop", "INSERT INTO customers ("+columns+") VALUES ("+whole+")")
	if got := h.cell("shop", "SELECT quote(id) || ',' || quote(customer_no) || ',' || quote(email) FROM customers WHERE id = 1"); got != row {
		t.Fatalf("the backup brings back %s, not %s", got, row)
	}
	h.clock.Advance(25 * time.Hour)
	h.looks()
	if got := h.cell("shop", "SELECT count(*) FROM customers WHERE id = 1"); got != "1" {
		t.Fatal("a look erases by itself")
	}
	h.runs()
	if got := h.cell("shop", "SELECT count(*) FROM customers WHERE id = 1"); got != "0" {
		t.Error("what came back stays")
	}
	if got := h.told(officer); strings.Join(got, ",") != "came_back "+r.Ref {
		t.Errorf("the team was told of %q", got)
	}
	f := h.erasureOf(officer, r.Ref)
	if f.Request.State != rights.Fulfilled || f.Erasure.State != "done" {
		t.Errorf("the request is %s, the erasure %s", f.Request.State, f.Erasure.State)
	}
	var kinds []string
	for _, e := range f.Events {
		kinds = append(kinds, e.Kind)
	}
	if got := strings.Join(kinds, " "); !strings.HasSuffix(got, "erased came_back erasing erased_in erased_again") {
		t.Errorf("its history: %s", got)
	}
	if got := h.letters(ann); len(got) != letters+1 {
		t.Errorf("she was told %d times more", len(got)-letters)
	}
}

// quoted is an expression that writes the columns of a row as SQL.
func quoted(columns string) string {
	var parts []string
	for _, c := range strings.Split(columns, ",") {
		parts = append(parts, "quote("+c+")")
	}
	return strings.Join(parts, " || ',' || ")
}

func TestSomebodyElseWhoGetsTheKeyOfAnErasedRecordIsNotErased(t *testing.T) {
	h := lapsing(t)
	h.erased(ann)
	h.execute("shop", "INSERT INTO customers (id, customer_no, email, name) VALUES (1, 'C-9001', 'eve@example.com', 'Eve New')")
	for range 100 {
		h.clock.Advance(25 * time.Hour)
		h.looks()
		h.runs()
	}
	if got := h.cell("shop", "SELECT name FROM customers WHERE id = 1"); got != "Eve New" {
		t.Errorf("her name is %q", got)
	}
}

func TestASourceThatIsDownIsLookedAtLater(t *testing.T) {
	h := lapsing(t)
	h.erased(ann)
	up := h.down("shop")
	last := rights.DateOf(h.clock.Now().In(h.Location)).AddMonths(96)
	h.until(last.AddDays(40).String())
	up()
	if got := h.cell("shop", "SELECT count(*) FROM orders WHERE id = 11"); got != "1" {
		t.Fatal("the order is gone from a source that is down")
	}
	h.clock.Advance(7 * time.Hour)
	h.looks()
	if got := h.cell("shop", "SELECT count(*) FROM orders WHERE id = 11"); got != "0" {
		t.Error("once the source is up the order stays")
	}
}

func TestALookThatIsKilledAnywhereIsTakenAgainAndDoesNoMore(t *testing.T) {
	for calls := 1; ; calls++ {
		h := lapsing(t)
		r := h.erased(ann)
		h.clock.Advance(8*366*24*time.Hour + 48*time.Hour)
		died := h.diesAt(calls, func() {
			for {
				if had, err := h.RecheckNext(context.Background()); err != nil || !had {
					return
				}
			}
		})
		h.looks()
		if got := h.cell("shop", "SELECT count(*) FROM orders WHERE id = 11"); got != "0" {
			t.Fatalf("killed at call %d: the order stays", calls)
		}
		ended := 0
		for _, e := range h.erasureOf(h.officer(rights.RoleOfficer), r.Ref).Events {
			if e.Kind == "kept_over" {
				ended++
			}
		}
		if ended != 1 {
			t.Errorf("killed at call %d: it is written down %d times", calls, ended)
		}
		if !died {
			if calls < 5 {
				t.Errorf("only %d places to die at", calls)
			}
			return
		}
	}
}

// In eight years a map changes: what was noted by one key must not be looked up by another, which leads to somebody else.
func TestWhatIsKeptIsNotEndedByAnotherKeyThanItWasNotedBy(t *testing.T) {
	h := lapsing(t)
	officer := h.colleague("mei", rights.RoleOfficer)
	h.execute("shop", "ALTER TABLE orders ADD COLUMN number INTEGER; UPDATE orders SET number = CASE id WHEN 11 THEN 77 ELSE 11 END WHERE id IN (11, (SELECT max(id) FROM orders WHERE customer_id <> 1))")
	other := h.cell("shop", "SELECT id FROM orders WHERE number = 11")
	r := h.erased(ann)
	h.rekeyed("orders", "number")
	h.until(rights.DateOf(h.clock.Now().In(h.Location)).AddMonths(97).String())
	if got := h.cell("shop", "SELECT count(*) FROM orders WHERE id = "+other); got != "1" {
		t.Fatal("somebody else's order is gone")
	}
	if got := h.cell("shop", "SELECT count(*) FROM orders WHERE id = 11"); got != "1" {
		t.Error("nobody can tell by the new key that this one is hers")
	}
	if got := strings.Join(h.told(officer), " "); !strings.Contains(got, string(rights.AlertKept)) {
		t.Errorf("officers are told %q of %s", got, r.Ref)
	}
}

// rekeyed gives a collection of the shop another primary key in the map, and opens the map anew.
func (h *house) rekeyed(collection, key string) {
	h.t.Helper()
	text, err := os.ReadFile(h.mapped[0].Dataset)
	h.must(err)
	before, after, ok := strings.Cut(string(text), "- name: "+collection+"\n")
	if !ok {
		h.t.Fatal("no such collection")
	}
	after = strings.Replace(after, "fides_meta: {primary_key: true, data_type: integer}", "fides_meta: {data_type: integer}", 1)
	after = strings.Replace(after, "fields:\n", "fields:\n          - {name: "+key+", fides_meta: {primary_key: true, data_type: integer}}\n", 1)
	h.must(os.WriteFile(h.mapped[0].Dataset, []byte(before+"- name: "+collection+"\n"+after), 0o600))
	h.remapped()
}

// remapped opens the maps anew, as a restart does.
func (h *house) remapped() {
	h.t.Helper()
	set, err := sources.Open(h.t.Context(), h.mapped, sources.Options{IDKey: make([]byte, 32)})
	h.must(err)
	h.t.Cleanup(func() { h.must(set.Close()) })
	h.Sources = set
}
