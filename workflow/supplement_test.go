package workflow_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/store"
)

// lacking is a house whose journal was away when Ann's copy was made.
func lacking(t *testing.T) (h *house, by rights.Actor, ref string, up func()) {
	t.Helper()
	h = open(t)
	by = h.customer(ann)
	ref = h.exported(by).Ref
	up = h.down("journal")
	if n := h.build(); n != 1 || h.state(by, ref) != "ready, in_progress" {
		t.Fatalf("%d were built, it stands at %s", n, h.state(by, ref))
	}
	return h, by, ref, up
}

// copied says how a person's copy stands: its packages, what is missing, when it is tried again.
func (h *house) copied(by rights.Actor, ref string) string {
	h.t.Helper()
	c, err := h.Copy(h.t.Context(), by, ref)
	h.must(err)
	var out []string
	for _, p := range c.Packages {
		out = append(out, fmt.Sprintf("%d %s", p.Number, p.State))
	}
	for _, m := range c.Missing {
		out = append(out, fmt.Sprintf("%s.%s %s", m.Source, m.Collection, m.Reason))
	}
	if !c.RetryAt.IsZero() {
		out = append(out, "again in "+c.RetryAt.Sub(h.Now()).String())
	}
	return strings.Join(out, ", ")
}

// tasksOf are the tasks of a request: source, kind, state and who settled them.
func (h *house) tasksOf(ref string) (out []string) {
	h.t.Helper()
	r, err := h.Store.RequestByRef(h.t.Context(), ref)
	h.must(err)
	tasks, err := h.Store.TasksOf(h.t.Context(), r.ID)
	h.must(err)
	for _, t := range tasks {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", t.Source, t.Kind, t.State, t.DoneBy)))
	}
	return out
}

// wrote is all that was written to an address, without the breaks of its lines.
func (h *house) wrote(to string) string {
	var all strings.Builder
	for _, l := range h.letters(to) {
		all.WriteString(l.Text)
	}
	return strings.Join(strings.Fields(all.String()), " ")
}

func TestWhatACopyLackedComesAsASupplement(t *testing.T) {
	h, by, ref, up := lacking(t)
	if got := h.copied(by, ref); got != "0 ready, journal.visits down, again in 5m0s" {
		t.Errorf("lacking: %s", got)
	}
	if got := h.tasksOf(ref); fmt.Sprint(got) != "[journal access open]" {
		t.Errorf("its tasks: %q", got)
	}
	says(t, h.wrote(ann), "could not be read", "/export/"+ref)
	h.clock.Advance(4 * time.Minute)
	up()
	if n := h.build(); n != 0 {
		t.Error("it is tried before its time")
	}
	h.clock.Advance(time.Minute)
	if n := h.build(); n != 1 || h.state(by, ref) != "ready, fulfilled" {
		t.Fatalf("%d were built, it stands at %s", n, h.state(by, ref))
	}
	if got := h.copied(by, ref); got != "0 ready, 1 ready" {
		t.Errorf("complete: %s", got)
	}
	if got := h.tasksOf(ref); fmt.Sprint(got) != "[journal access done]" {
		t.Errorf("its tasks: %q", got)
	}
	says(t, h.wrote(ann), "complete", "/export/"+ref)

	first, err := h.Store.RequestByRef(t.Context(), ref)
	h.must(err)
	whole, err := h.Store.PackageOf(t.Context(), first.ID)
	h.must(err)
	rest := h.supplement(by, ref, 1)
	says(t, rest, "manifest.json", "Visit-Ann", whole.SHA256, `"number": 1`, `"complete": true`, "data/journal/visits.json")
	hides(t, rest, "data/shop", "Order-Ann", "consents.json", "requests.json", "Boris", "Visit-Bo", "Order-Bo", "Marchetti")
	says(t, h.download(by, ref), "Order-Ann")
	d, err := h.Portal.Request(t.Context(), by, ref)
	h.must(err)
	var kinds []string
	for _, e := range d.Events {
		kinds = append(kinds, e.Kind)
	}
	if got := strings.Join(kinds, " "); got != "received package_incomplete supplement_ready downloaded downloaded" {
		t.Errorf("its timeline: %s", got)
	}
	if n := h.count(by.ID, "package.built"); n != 2 {
		t.Errorf("the person is shown that %d packages were made of their data", n)
	}
	if _, _, err := h.Download(t.Context(), h.customer(bo), ref, 1); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("somebody else fetches it: %v", err)
	}
	if _, _, err := h.Download(t.Context(), by, ref, 2); !errors.Is(err, rights.ErrNotFound) {
		t.Errorf("a supplement that never was: %v", err)
	}
}

func (h *house) supplement(by rights.Actor, ref string, number int) string {
	h.t.Helper()
	file, _, err := h.Download(h.t.Context(), by, ref, number)
	h.must(err)
	return h.unpack(file)
}

func TestTheMachineTriesLessAndLessOftenUntilTheDayBeforeTheAnswerIsDue(t *testing.T) {
	h, by, ref, up := lacking(t)
	for _, wait := range []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 6 * time.Hour} {
		if got := h.copied(by, ref); got != "0 ready, journal.visits down, again in "+wait.String() {
			t.Fatalf("it stands as %s, not again in %s", got, wait)
		}
		h.clock.Advance(wait - time.Second)
		if n := h.build(); n != 0 {
			t.Errorf("it is tried before %s", wait)
		}
		h.clock.Advance(time.Second)
		if n := h.build(); n != 1 {
			t.Errorf("it is not tried after %s", wait)
		}
	}
	r, err := h.Store.RequestByRef(t.Context(), ref)
	h.must(err)
	for range 200 {
		h.clock.Advance(6 * time.Hour)
		if h.build() == 0 {
			break
		}
	}
	last := rights.DateOf(h.Now().Add(-6 * time.Hour).In(h.Location))
	if last.AddDays(1) != r.Due {
		t.Errorf("it was tried on %s for the last time; the answer is due on %s", last, r.Due)
	}
	up()
	h.clock.Advance(time.Hour)
	by = h.customer(ann)
	if n := h.build(); n != 0 || h.copied(by, ref) != "0 ready, journal.visits down" {
		t.Errorf("after that %d were tried, it stands as %s", n, h.copied(by, ref))
	}
	if got := h.tasksOf(ref); fmt.Sprint(got) != "[journal access open]" || h.count(by.ID, "package.failed") != 1 {
		t.Errorf("the officers have %q, and %d entries say so", got, h.count(by.ID, "package.failed"))
	}
	if names := h.packages(); len(names) != 1 {
		t.Errorf("the tries left %v", names)
	}
}

func TestWhatCannotBeReadIsSaidAndSupplemented(t *testing.T) {
	away := func(h *house) (back func()) { return h.down("journal") }
	for _, c := range []struct {
		sentence string
		break_   func(h *house) (back func())
		why      string
	}{
		{"its file is away", away, "down"},
		{"its file is no database", func(h *house) func() {
			back := h.down("journal")
			h.must(os.WriteFile(h.file("journal"), []byte(strings.Repeat("no database at all ", 100)), 0o600))
			return func() { h.must(os.Remove(h.file("journal"))); back() }
		}, "down"},
		{"a column has another name", func(h *house) func() {
			h.execute("journal", "ALTER TABLE visits RENAME TO visits_2")
			return func() { h.execute("journal", "ALTER TABLE visits_2 RENAME TO visits") }
		}, "changed"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			h := open(t)
			by := h.customer(ann)
			ref := h.exported(by).Ref
			back := c.break_(h)
			h.build()
			if got := h.copied(by, ref); got != "0 ready, journal.visits "+c.why+", again in 5m0s" {
				t.Errorf("it stands as %s", got)
			}
			back()
			h.clock.Advance(5 * time.Minute)
			h.build()
			if got := h.copied(by, ref); got != "0 ready, 1 ready" {
				t.Errorf("then as %s", got)
			}
			says(t, h.supplement(by, ref, 1), "Visit-Ann")
		})
	}
}

func TestASourceAfterTheOtherComesAsItsOwnSupplement(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	ref := h.exported(by).Ref
	shop, journal := h.down("shop"), h.down("journal")
	h.build()
	if got := h.tasksOf(ref); fmt.Sprint(got) != "[shop access open journal access open]" {
		t.Errorf("its tasks: %q", got)
	}
	shop()
	h.clock.Advance(5 * time.Minute)
	h.build()
	if got := h.copied(by, ref); got != "0 ready, 1 ready, journal.visits down, again in 5m0s" {
		t.Errorf("with the shop: %s", got)
	}
	if got := h.tasksOf(ref); fmt.Sprint(got) != "[shop access done journal access open]" {
		t.Errorf("its tasks: %q", got)
	}
	says(t, h.wrote(ann), "still missing")
	hides(t, h.supplement(by, ref, 1), "Visit-Ann")
	journal()
	h.clock.Advance(5 * time.Minute)
	h.build()
	by = h.customer(ann)
	if got := h.copied(by, ref) + ", " + h.state(by, ref); got != "0 ready, 1 ready, 2 ready, ready, fulfilled" {
		t.Errorf("with both: %s", got)
	}
	rest := h.supplement(by, ref, 2)
	says(t, rest, "Visit-Ann")
	hides(t, rest, "Order-Ann")
}

func TestNoSupplementComesForWhatIsOver(t *testing.T) {
	for _, c := range []struct {
		sentence string
		end      func(h *house, by rights.Actor, ref string) error
		want     string
	}{
		{"cancelled by the person", func(h *house, by rights.Actor, ref string) error { return h.Cancel(h.t.Context(), by, ref) }, "expired, cancelled"},
		{"stopped by the link of the alert", func(h *house, _ rights.Actor, _ string) error {
			_, err := h.StopNow(h.t.Context(), h.stop(ann))
			return err
		}, "expired, cancelled"},
		{"given by an officer", func(h *house, _ rights.Actor, ref string) error {
			r, err := h.Store.RequestByRef(h.t.Context(), ref)
			h.must(err)
			return h.Fulfil(h.t.Context(), h.officer(rights.RoleOfficer), ref, r.Version, "The visits are in the letter")
		}, "ready, fulfilled"},
		{"whose key is destroyed", func(h *house, by rights.Actor, ref string) error {
			return h.Store.Write(h.t.Context(), func(tx *store.Tx) error {
				return tx.DestroySubjectKey(by.ID, rights.Entry{At: h.Now(), Actor: rights.System, Act: "subject.erased", Subject: by.ID})
			})
		}, "ready, in_progress"},
	} {
		for _, at := range []string{"before it is tried", "while it is built"} {
			t.Run(c.sentence+" "+at, func(t *testing.T) {
				h, by, ref, up := lacking(t)
				up()
				r, err := h.Store.RequestByRef(t.Context(), ref)
				h.must(err)
				if at == "while it is built" {
					h.clock.Advance(5 * time.Minute)
					done := false
					h.clock.hook = func() {
						if !done && strings.Contains(strings.Join(h.packages(), " ")+" ", ".s1.1.zip.age ") {
							done = true
							h.must(c.end(h, by, ref))
						}
					}
					_, err := h.BuildNext(t.Context())
					h.clock.hook = nil
					if err != nil && !errors.Is(err, rights.ErrGone) || !done {
						t.Fatalf("the builder: %v, ended %v", err, done)
					}
				} else {
					h.must(c.end(h, by, ref))
				}
				for range 5 {
					h.clock.Advance(10 * time.Minute)
					h.build()
				}
				all, err := h.Store.PackagesOf(t.Context(), r.ID)
				h.must(err)
				now, err := h.Store.Request(t.Context(), r.ID)
				h.must(err)
				if got := all[0].State + ", " + string(now.State); got != c.want {
					t.Errorf("it stands at %s", got)
				}
				if len(all) != 2 || all[1].State == "ready" || all[1].State == "queued" || all[1].State == "building" || all[1].FileKey != "" {
					t.Errorf("the supplement stands as %+v", all[1:])
				}
				for _, name := range h.packages() {
					if strings.Contains(name, ".s1.") {
						t.Errorf("on disk is %s", name)
					}
				}
			})
		}
	}
}

func TestASupplementLastsADayOfItsOwn(t *testing.T) {
	h, _, ref, up := lacking(t)
	h.clock.Advance(20 * time.Hour)
	up()
	h.build()
	h.clock.Advance(4 * time.Hour)
	by := h.customer(ann)
	if had, err := h.ExpireNext(t.Context()); !had || err != nil {
		t.Fatalf("the first is not removed: %v", err)
	}
	if got := h.copied(by, ref); got != "0 expired, 1 ready" || len(h.packages()) != 1 {
		t.Errorf("it stands as %s, on disk are %v", got, h.packages())
	}
	h.supplement(by, ref, 1)
	h.clock.Advance(20 * time.Hour)
	by = h.customer(ann)
	if _, _, err := h.Download(t.Context(), by, ref, 1); !errors.Is(err, rights.ErrGone) {
		t.Errorf("after its day: %v", err)
	}
	if had, err := h.ExpireNext(t.Context()); !had || err != nil || len(h.packages()) != 0 {
		t.Errorf("removing it: %v, %v; on disk are %v", had, err, h.packages())
	}
}

func TestASupplementThatKillsItsBuilderIsGivenUp(t *testing.T) {
	h, by, ref, up := lacking(t)
	up()
	h.clock.Advance(5 * time.Minute)
	for n := range 3 {
		done := false
		func() {
			defer func() { h.clock.hook = nil; _ = recover() }()
			h.clock.hook = func() {
				if !done && strings.Contains(strings.Join(h.packages(), " ")+" ", fmt.Sprintf(".s1.%d.zip.age ", n+1)) {
					done = true
					panic("killed")
				}
			}
			_, _ = h.BuildNext(t.Context())
		}()
		if !done {
			t.Fatalf("attempt %d did not get there", n+1)
		}
		h.clock.Advance(3 * time.Minute)
	}
	h.build()
	if got := h.copied(by, ref); got != "0 ready, journal.visits down" {
		t.Errorf("it stands as %s", got)
	}
}
