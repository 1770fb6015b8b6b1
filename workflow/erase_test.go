package workflow_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/sources"
	"habeas/store"
	"habeas/workflow"
)

// erasing opens a house whose maps let a machine erase: orders stay on a ground, without what was written on them.
func erasing(t *testing.T, more ...string) *house {
	t.Helper()
	h := open(t)
	dir := t.TempDir()
	keep := "{erase: {keep: {ground: {en: Tax law, zh-CN: 税法}, until: {en: eight years, zh-CN: 八年}}}, label: {en: Orders, zh-CN: 订单}}"
	change := strings.NewReplacer(append(more, []string{
		"label: {en: Our shop, zh-CN: 网店}", "label: {en: Our shop, zh-CN: 网店}\n      erase: delete",
		"{label: {en: Orders, zh-CN: 订单}}", keep,
		"habeas_meta: {editable: self}\n      - name: order_lines", "habeas_meta: {editable: self, erase: null}\n      - name: order_lines",
		"{label: {en: Order lines, zh-CN: 订单明细}}", strings.Replace(keep, "en: Orders, zh-CN: 订单", "en: Order lines, zh-CN: 订单明细", 1),
		"{basis: legitimate_interests,", "{erase: delete, basis: legitimate_interests,",
	}...)...)
	var configs []sources.Config
	for _, key := range []string{"shop", "journal"} {
		text, err := os.ReadFile("testdata/" + key + ".yml")
		h.must(err)
		file := filepath.Join(dir, key+".yml")
		h.must(os.WriteFile(file, []byte(change.Replace(string(text))), 0o600))
		configs = append(configs, sources.Config{Key: key, Driver: "sqlite", DSN: "file:" + h.file(key), Dataset: file})
	}
	set, err := sources.Open(t.Context(), configs, sources.Options{IDKey: make([]byte, 32)})
	h.must(err)
	t.Cleanup(func() { h.must(set.Close()) })
	h.Sources, h.mapped = set, configs
	return h
}

// runs takes every step that is due, and returns how many there were.
func (h *house) runs() (n int) {
	h.t.Helper()
	for ; ; n++ {
		had, err := h.EraseNext(h.t.Context())
		h.must(err)
		if !had {
			return n
		}
		if n > 2000 {
			h.t.Fatal("an erasure without end")
		}
	}
}

// runsUntil takes steps until the portal has asked for the time so often, dies there without another word, and starts again.
// It reports whether it came to that.
func (h *house) runsUntil(calls int) (died bool) {
	h.t.Helper()
	return h.diesAt(calls, func() {
		for {
			if had, err := h.EraseNext(context.Background()); err != nil || !had {
				return
			}
		}
	})
}

// diesAt does something until the portal has asked for the time so often, dies there without another word, and starts again. It
// reports whether it came to that.
func (h *house) diesAt(calls int, work func()) (died bool) {
	h.t.Helper()
	h.Now = func() time.Time {
		if calls--; calls == 0 {
			died = true
			runtime.Goexit()
		}
		return h.clock.Now()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	<-done
	h.Now = h.clock.Now
	h.restart()
	return died
}

// erasureOf is what an officer sees of it.
func (h *house) erasureOf(officer rights.Actor, ref string) workflow.Folder {
	h.t.Helper()
	f, err := h.Folder(h.t.Context(), officer, ref, "en")
	h.must(err)
	return f
}

func TestAnErasureGoesThroughEverySourceOnceItsCoolingOffIsOver(t *testing.T) {
	h := erasing(t)
	by := h.customer(ann)
	officer := h.officer(rights.RoleOfficer)
	r := h.erasure(by)
	h.runs()
	h.clock.Advance(72*time.Hour - time.Second)
	h.runs()
	if got := h.cell("shop", "SELECT name FROM customers WHERE id = 1"); got != "Annabel Harker" {
		t.Errorf("a second before the end of the cooling-off her name is %q", got)
	}
	h.clock.Advance(time.Second)
	h.runs()
	for _, c := range []struct{ sentence, source, query, want string }{
		{"her account is gone", "shop", "SELECT count(*) FROM customers WHERE id = 1", "0"},
		{"her order is kept", "shop", "SELECT count(*) FROM orders WHERE id = 11", "1"},
		{"without what she wrote on it", "shop", "SELECT coalesce(note, '-') FROM orders WHERE id = 11", "-"},
		{"and its lines", "shop", "SELECT quantity FROM order_lines WHERE id = 21", "1"},
		{"her visits are gone", "journal", "SELECT count(*) FROM visits WHERE email = 'ann@example.com'", "0"},
		{"nobody else lost anybody", "shop", "SELECT count(*) FROM customers", "3"},
		{"nor a word", "shop", "SELECT note FROM orders WHERE id = 12", "Order-Bo"},
		{"nor a visit", "journal", "SELECT count(*) FROM visits", "2"},
		{"what all share stays", "shop", "SELECT count(*) FROM products", "2"},
	} {
		if got := h.cell(c.source, c.query); got != c.want {
			t.Errorf("%s: %s, want %s", c.sentence, got, c.want)
		}
	}
	f := h.erasureOf(officer, r.Ref)
	if f.Request.State != rights.Fulfilled || f.Erasure.State != "done" || len(f.OpenTasks()) != 0 {
		t.Errorf("the request is %s, the erasure %+v, open tasks %v", f.Request.State, f.Erasure, f.OpenTasks())
	}
	if len(f.Erasure.Left) != 2 || f.Erasure.Left[0].Records != 1 {
		t.Errorf("left: %+v", f.Erasure.Left)
	}
	says(t, h.letter(ann).Text, r.Ref, "Your data has been erased", "Orders: 1 record. Tax law", "eight years", "Order lines: 1 record.")
	var steps []string
	for _, e := range f.Events {
		steps = append(steps, e.Kind+" "+e.Facts["source"])
	}
	if want := []string{"received ", "erasing ", "erased_in shop", "erased_in journal", "erased "}; !slices.Equal(steps, want) {
		t.Errorf("its history: %q, want %q", steps, want)
	}
	if n := h.runs(); n != 0 {
		t.Errorf("%d steps more", n)
	}
}

func TestWhatIsTakenBackIsNotErased(t *testing.T) {
	for what, end := range map[string]func(h *house, by rights.Actor, r rights.Request) error{
		"cancelled": func(h *house, by rights.Actor, r rights.Request) error { return h.Cancel(t.Context(), by, r.Ref) },
		"stopped by the link": func(h *house, _ rights.Actor, _ rights.Request) error {
			_, err := h.StopNow(t.Context(), h.stop(ann))
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			h := erasing(t)
			by := h.customer(ann)
			h.must(end(h, by, h.erasure(by)))
			h.clock.Advance(100 * time.Hour)
			h.runs()
			if got := h.cell("shop", "SELECT name FROM customers WHERE id = 1"); got != "Annabel Harker" {
				t.Errorf("her name is %q", got)
			}
		})
	}
}

func TestWhoTakesBackAnErasureThatHasBegunIsToldThatSomethingIsGone(t *testing.T) {
	h := erasing(t)
	by := h.customer(ann)
	r := h.erasure(by)
	h.clock.Advance(72 * time.Hour)
	for range 2 { // it notes what there is, and erases in the shop
		if had, err := h.EraseNext(t.Context()); !had || err != nil {
			t.Fatal(had, err)
		}
	}
	h.must(h.Cancel(t.Context(), by, r.Ref))
	says(t, h.letter(ann).Text, "The erasure had begun by then")
	h.runs()
	if n := h.cell("journal", "SELECT count(*) FROM visits WHERE email = '"+ann+"'"); n == "0" {
		t.Error("the rest went after it was taken back")
	}
}

func TestWhatAppearsMeanwhileIsErasedToo(t *testing.T) {
	h := erasing(t)
	r := h.erasure(h.customer(ann))
	officer := h.officer(rights.RoleOfficer)
	h.clock.Advance(72 * time.Hour)
	if _, err := h.EraseNext(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.execute("journal", "INSERT INTO visits VALUES (9, 'ann@example.com', 'Late-Ann')")
	h.runs()
	if n := h.cell("journal", "SELECT count(*) FROM visits WHERE email = 'ann@example.com'"); n != "0" {
		t.Errorf("%s visits are left", n)
	}
	if f := h.erasureOf(officer, r.Ref); f.Request.State != rights.Fulfilled {
		t.Errorf("%s %+v", f.Request.State, f.Erasure)
	}
}

func TestWhatTheMapSaysNothingOfIsLeftToOfficersAndTheirLetterSaysWhatIsKept(t *testing.T) {
	h := erasing(t, "{basis: legitimate_interests,", "{basis: legitimate_interests,")
	officer := h.officer(rights.RoleOfficer)
	r := h.erasure(h.customer(ann))
	h.clock.Advance(72 * time.Hour)
	h.runs()
	if got := h.cell("journal", "SELECT count(*) FROM visits WHERE email = 'ann@example.com'") + h.cell("shop", "SELECT count(*) FROM customers WHERE id = 1"); got != "10" {
		t.Errorf("visits and accounts: %s, want the visit alone", got)
	}
	f := h.erasureOf(officer, r.Ref)
	if len(f.OpenTasks()) != 1 || f.OpenTasks()[0].Source != "journal" || f.Request.State != rights.InProgress || f.Erasure.State != "done" {
		t.Fatalf("open %+v, %s, %+v", f.OpenTasks(), f.Request.State, f.Erasure)
	}
	if slices.ContainsFunc(f.Erasure.Done, func(d store.ErasedSource) bool { return d.Source == "journal" }) {
		t.Errorf("it is noted that the machine erased in the journal: %+v", f.Erasure.Done)
	}
	h.must(h.Fulfil(t.Context(), officer, r.Ref, f.Request.Version, "The journal is clean, too."))
	says(t, h.letter(ann).Text, r.Ref, "Orders: 1 record. Tax law", "The journal is clean, too.")
}

func TestAMapThatSaysNothingAtAllLeavesItToOfficers(t *testing.T) {
	h := open(t)
	officer := h.officer(rights.RoleOfficer)
	r := h.erasure(h.customer(ann))
	h.clock.Advance(72 * time.Hour)
	h.runs()
	f := h.erasureOf(officer, r.Ref)
	if f.Erasure.State != "by_hand" || f.Erasure.Why != "by_hand" || f.Request.State != rights.Received || len(f.OpenTasks()) != 2 {
		t.Errorf("%+v, %s, %d tasks", f.Erasure, f.Request.State, len(f.OpenTasks()))
	}
}

func TestNobodyIsErasedBeforeItIsKnownWhoAsks(t *testing.T) {
	h := erasing(t)
	officer := h.officer(rights.RoleOfficer)
	r := h.register(officer, h.phoned(ann, rights.Erasure))
	h.clock.Advance(100 * time.Hour)
	h.runs()
	if got := h.cell("shop", "SELECT name FROM customers WHERE id = 1"); got != "Annabel Harker" {
		t.Fatalf("on a telephone call her name is %q", got)
	}
	f := h.erasureOf(officer, r.Ref)
	h.must(h.Identify(t.Context(), officer, r.Ref, f.Request.Version, rights.ByCallback, "Called back at the number on file."))
	h.clock.Advance(time.Hour)
	h.runs()
	if got := h.cell("shop", "SELECT count(*) FROM customers WHERE id = 1"); got != "0" {
		t.Error("once it is known she is not erased")
	}
}

func TestAnErasureThatIsKilledAnywhereEndsErasedOnceAndWrittenDownOnce(t *testing.T) {
	for crash := 1; ; crash++ {
		h := erasing(t)
		r := h.erasure(h.customer(ann))
		officer := h.officer(rights.RoleOfficer)
		h.clock.Advance(72 * time.Hour)
		died := h.runsUntil(crash)
		h.clock.Advance(time.Hour)
		h.runs()
		f := h.erasureOf(officer, r.Ref)
		if f.Request.State != rights.Fulfilled || f.Erasure.State != "done" {
			t.Fatalf("crash %d: %s, %+v", crash, f.Request.State, f.Erasure)
		}
		if got := h.cell("shop", "SELECT (SELECT count(*) FROM customers) || ' ' || (SELECT count(*) FROM orders WHERE note IS NULL)") + " " + h.cell("journal", "SELECT count(*) FROM visits"); got != "3 1 2" {
			t.Fatalf("crash %d: %s is left", crash, got)
		}
		ends := 0
		for _, e := range f.Events {
			if e.Kind == "erased" {
				ends++
			}
		}
		sent := 0
		for _, l := range h.letters(ann) {
			if strings.Contains(l.Subject, "erased") {
				sent++
			}
		}
		if ends != 1 || sent != 1 {
			t.Fatalf("crash %d: ended %d times, told %d times", crash, ends, sent)
		}
		if !died {
			break
		}
	}
}

func TestWhoeverWasErasedStillFindsWhatTheyAskedForAWhile(t *testing.T) {
	h := erasing(t)
	by := h.customer(ann)
	r := h.erasure(by)
	h.clock.Advance(72 * time.Hour)
	h.runs()
	if back := h.again(ann); back.ID != by.ID || !h.reaches(back, r.Ref) {
		t.Error("she does not find her erasure")
	}
	h.execute("shop", "INSERT INTO customers VALUES (8, 'C-1008', 'ann@example.com', 'Anna Newholder', NULL, NULL, NULL, NULL)")
	if other := h.again(ann); other.ID == by.ID || h.reaches(other, r.Ref) {
		t.Error("a new customer with her old mailbox is taken for her")
	}
	h.execute("shop", "DELETE FROM customers WHERE id = 8")
	h.clock.Advance(91 * 24 * time.Hour)
	if later := h.again(ann); later.ID == by.ID || h.reaches(later, r.Ref) {
		t.Error("months later the mailbox alone still opens what she asked")
	}
}

func TestAnErasureThatIsOpenedAgainIsCarriedOutAgain(t *testing.T) {
	h := erasing(t)
	officer := h.officer(rights.RoleOfficer)
	by := h.customer(ann)
	r := h.erasure(by)
	h.clock.Advance(72 * time.Hour)
	h.runs()
	h.execute("journal", "INSERT INTO visits VALUES (9, 'ann@example.com', 'Found later')")
	f := h.erasureOf(officer, r.Ref)
	h.must(h.Reopen(t.Context(), officer, r.Ref, f.Request.Version, "The journal had a copy of old visits."))
	h.runs()
	if n := h.cell("journal", "SELECT count(*) FROM visits WHERE email = 'ann@example.com'"); n != "0" {
		t.Errorf("%s visits are left", n)
	}
	if f := h.erasureOf(officer, r.Ref); f.Request.State != rights.Fulfilled || f.Erasure.State != "done" {
		t.Errorf("%s %+v", f.Request.State, f.Erasure)
	}
}

// Whoever wrote on paper, or from a mailbox that no system knows, is not told that all is gone because nothing was found.
func TestWhomNoRecordLeadsToIsNotToldThatTheyAreErased(t *testing.T) {
	h := erasing(t)
	officer := h.colleague("mei", rights.RoleOfficer)
	onPaper, err := h.Register(t.Context(), officer, workflow.Registration{
		Channel: rights.ByLetter, Right: rights.Erasure, Language: "en", ReceivedAt: h.Now(), Name: "Annabel Harker", Address: "1 Quay Road, York",
		Identity: rights.ByDocument, Note: "A copy of her passport came with it",
	})
	h.must(err)
	refs := map[string]string{"on paper": onPaper.Ref, "unknown mailbox": h.erasure(h.customer(nobody)).Ref}
	h.clock.Advance(73 * time.Hour)
	h.runs()
	for who, ref := range refs {
		f := h.erasureOf(officer, ref)
		if !f.Request.State.Open() || f.Erasure.State != "by_hand" || f.Erasure.Why != "unknown" || len(f.OpenTasks()) != 2 {
			t.Errorf("%s: %s, %+v, %+v", who, f.Request.State, f.Erasure, f.Tasks)
		}
	}
	for _, l := range h.letters(nobody) {
		hides(t, l.Text, "has been erased", "Nothing is left")
	}
}
