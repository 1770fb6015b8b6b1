package workflow_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"habeas/rights"
	"habeas/workflow"
)

// exported asks for a package.
func (h *house) exported(by rights.Actor) rights.Request {
	h.t.Helper()
	r, err := h.Export(h.t.Context(), by, rights.Access, "en")
	h.must(err)
	return r
}

// build builds whatever waits, and returns how many packages that were.
func (h *house) build() (n int) {
	h.t.Helper()
	for {
		had, err := h.BuildNext(h.t.Context())
		h.must(err)
		if !had {
			return n
		}
		n++
	}
}

// state is where the package of a request stands: its own state and the request's.
func (h *house) state(by rights.Actor, ref string) string {
	h.t.Helper()
	r, pkg, err := h.PackageState(h.t.Context(), by, ref)
	h.must(err)
	return pkg.State + ", " + string(r.State)
}

// download returns every file of a package as one text.
func (h *house) download(by rights.Actor, ref string) string {
	h.t.Helper()
	file, pkg, err := h.Download(h.t.Context(), by, ref, 0)
	h.must(err)
	all, size := h.unpacked(file)
	if size != pkg.Bytes {
		h.t.Errorf("%d bytes came, %d were promised", size, pkg.Bytes)
	}
	return all
}

// unpack returns every file of a ZIP as one text.
func (h *house) unpack(file io.ReadCloser) string {
	h.t.Helper()
	all, _ := h.unpacked(file)
	return all
}

func (h *house) unpacked(file io.ReadCloser) (string, int64) {
	h.t.Helper()
	raw, err := io.ReadAll(file)
	h.must(errors.Join(err, file.Close()))
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	h.must(err)
	var all strings.Builder
	for _, f := range z.File {
		all.WriteString(f.Name + "\n")
		r, err := f.Open()
		h.must(err)
		_, err = io.Copy(&all, r)
		h.must(errors.Join(err, r.Close()))
	}
	return all.String(), int64(len(raw))
}

// packages are the files in the directory of packages.
func (h *house) packages() (names []string) {
	h.t.Helper()
	files, err := os.ReadDir(h.Packages)
	h.must(err)
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

func TestAPackageIsMadeAndFetchedByItsPersonAlone(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r := h.exported(by)
	if got := h.state(by, r.Ref); got != "queued, in_progress" {
		t.Errorf("asked: %s", got)
	}
	if l := h.letter(ann); !strings.Contains(l.Text, "/stop/") {
		t.Error("the alert has no link that stops it")
	}
	if _, _, err := h.Download(t.Context(), by, r.Ref, 0); !errors.Is(err, rights.ErrGone) {
		t.Errorf("before it is built: %v", err)
	}
	if n := h.build(); n != 1 {
		t.Fatalf("%d packages were built", n)
	}
	if got := h.state(by, r.Ref); got != "ready, fulfilled" {
		t.Errorf("built: %s", got)
	}
	if l := h.letter(ann); !strings.Contains(l.Text, "/export/"+r.Ref) {
		t.Errorf("no letter says that it is ready: %s", l.Text)
	}
	for _, name := range h.packages() {
		raw, err := os.ReadFile(filepath.Join(h.Packages, name))
		h.must(err)
		hides(t, string(raw), "PK\x03\x04", "Annabel")
	}
	all := h.download(by, r.Ref)
	says(t, all, "manifest.json", "Annabel Harker", "Order-Ann", "Visit-Ann", r.Ref)
	hides(t, all, "Boris", "Order-Bo", "Visit-Bo", "Marchetti")
	for _, act := range []string{"package.built", "package.downloaded"} {
		if h.count(by.ID, act) != 1 {
			t.Errorf("%s is not in the log of the person", act)
		}
	}
	for _, c := range []struct {
		sentence string
		by       rights.Actor
	}{
		{"somebody else", h.customer(bo)}, {"an officer", h.officer(rights.RoleOfficer)}, {"an admin", h.officer(rights.RoleAdmin)},
		{"nobody", rights.Actor{}}, {"the portal itself", rights.System},
	} {
		if _, _, err := h.PackageState(t.Context(), c.by, r.Ref); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s sees it: %v", c.sentence, err)
		}
		if _, _, err := h.Download(t.Context(), c.by, r.Ref, 0); !errors.Is(err, rights.ErrNotFound) {
			t.Errorf("%s fetches it: %v", c.sentence, err)
		}
	}
}

func TestAPackageNeedsAFreshProofToAskForAndToFetch(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	h.clock.Advance(10 * time.Minute)
	if _, err := h.Export(t.Context(), by, rights.Access, "en"); !errors.Is(err, rights.ErrStepUp) {
		t.Errorf("asking: %v", err)
	}
	h.stepUp(by, workflow.ActExport)
	r := h.exported(by)
	h.build()
	h.clock.Advance(10 * time.Minute)
	if _, _, err := h.Download(t.Context(), by, r.Ref, 0); !errors.Is(err, rights.ErrStepUp) {
		t.Errorf("fetching: %v", err)
	}
	h.stepUp(by, workflow.ActExport)
	h.download(by, r.Ref)
}

func TestAPackageLastsADay(t *testing.T) {
	h := open(t)
	r := h.exported(h.customer(ann))
	h.build()
	h.clock.Advance(24*time.Hour - time.Second)
	by := h.customer(ann)
	h.download(by, r.Ref)
	if ref, err := h.LatestPackage(t.Context(), by); err != nil || ref != r.Ref {
		t.Errorf("the page of the copy shows %q, %v", ref, err)
	}
	if had, err := h.ExpireNext(t.Context()); had || err != nil {
		t.Errorf("it is removed before its time: %v", err)
	}
	h.clock.Advance(time.Second)
	if _, _, err := h.Download(t.Context(), by, r.Ref, 0); !errors.Is(err, rights.ErrGone) {
		t.Errorf("after a day: %v", err)
	}
	if had, err := h.ExpireNext(t.Context()); !had || err != nil {
		t.Errorf("removing it: %v, %v", had, err)
	}
	if got := h.state(by, r.Ref); got != "expired, fulfilled" || len(h.packages()) != 0 {
		t.Errorf("it stands at %s, on disk are %v", got, h.packages())
	}
	if had, err := h.ExpireNext(t.Context()); had || err != nil {
		t.Errorf("a second time: %v, %v", had, err)
	}
}

func TestAStopLinkEndsAnExportAtEveryStage(t *testing.T) {
	for _, c := range []struct {
		sentence string
		before   func(h *house)
		want     string
	}{
		{"before it is built", func(h *house) {}, "expired, cancelled"},
		{"once it is ready", func(h *house) { h.build() }, "expired, fulfilled"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			h := open(t)
			thief := h.enter(ann)
			r := h.exported(h.actor(thief))
			token := h.stop(ann)
			c.before(h)
			for range 3 {
				if asked, err := h.Stop(t.Context(), token); err != nil || asked.Ref != r.Ref {
					t.Fatalf("looking at the link: %v", err)
				}
			}
			if _, err := h.StopNow(t.Context(), token); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Who(t.Context(), thief.Token); !errors.Is(err, rights.ErrNotFound) {
				t.Errorf("the session that asked is alive: %v", err)
			}
			if n := h.build(); n != 0 || len(h.packages()) != 0 {
				t.Errorf("%d were built afterwards, on disk are %v", n, h.packages())
			}
			by := h.again(ann)
			if got := h.state(by, r.Ref); got != c.want {
				t.Errorf("it stands at %s", got)
			}
			if _, _, err := h.Download(t.Context(), by, r.Ref, 0); !errors.Is(err, rights.ErrGone) {
				t.Errorf("fetching it: %v", err)
			}
			if _, err := h.StopNow(t.Context(), token); !errors.Is(err, rights.ErrGone) {
				t.Errorf("stopping twice: %v", err)
			}
			if _, err := h.Stop(t.Context(), "AAAAAAAAAAAAAAAAAAAAAA"); !errors.Is(err, rights.ErrGone) {
				t.Errorf("a link that never was: %v", err)
			}
		})
	}
}

// meanwhile runs something once, between the end of a build and the transaction that keeps it.
func (h *house) meanwhile(what func()) {
	done := false
	h.clock.mu.Lock()
	defer h.clock.mu.Unlock()
	h.clock.hook = func() {
		if !done && len(h.packages()) == 1 && !strings.HasSuffix(h.packages()[0], ".part") {
			done = true
			what()
		}
	}
}

func TestTwoBuildersOfOnePackageLeaveOne(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r := h.exported(by)
	h.meanwhile(func() { // the first builder sleeps through its lease; another takes over and finishes
		h.clock.Advance(3 * time.Minute)
		if n := h.build(); n != 1 {
			t.Errorf("the second builder built %d", n)
		}
	})
	if _, err := h.BuildNext(t.Context()); err != nil && !errors.Is(err, rights.ErrConflict) {
		t.Fatal(err)
	}
	if got := h.state(by, r.Ref); got != "ready, fulfilled" || len(h.packages()) != 1 {
		t.Fatalf("it stands at %s, on disk are %v", got, h.packages())
	}
	says(t, h.download(by, r.Ref), "Annabel Harker")
	if n := h.count(by.ID, "package.built"); n != 1 {
		t.Errorf("it was announced %d times", n)
	}
}

func TestACrashBetweenBuildingAndKeepingLeavesOnePackage(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r := h.exported(by)
	h.crash(func() { _, _ = h.BuildNext(t.Context()) })
	if len(h.packages()) != 1 || h.state(by, r.Ref) != "building, in_progress" {
		t.Fatalf("after the crash it stands at %s, on disk are %v", h.state(by, r.Ref), h.packages())
	}
	if n := h.build(); n != 0 {
		t.Error("another builder does not wait for the lease")
	}
	h.clock.Advance(2 * time.Minute)
	if n := h.build(); n != 1 {
		t.Errorf("%d were built after the lease", n)
	}
	if got := h.state(by, r.Ref); got != "ready, fulfilled" || len(h.packages()) != 1 {
		t.Errorf("it stands at %s, on disk are %v", got, h.packages())
	}
	says(t, h.download(by, r.Ref), "Annabel Harker")
}

// crash runs a builder that dies between the end of the build and the transaction that keeps it.
func (h *house) crash(builder func()) {
	type death struct{}
	h.meanwhile(func() { panic(death{}) })
	defer func() {
		if r := recover(); r != (death{}) {
			h.t.Fatalf("it did not get there: %v", r)
		}
		h.clock.hook = nil
	}()
	builder()
}

func TestWhatIsTakenBackWhileItIsBuiltIsNotMade(t *testing.T) {
	for _, c := range []struct {
		sentence   string
		incomplete bool
		stop       func(h *house, by rights.Actor, ref string) error
		want       string
	}{
		{"cancelled by the person", false, func(h *house, by rights.Actor, ref string) error { return h.Cancel(h.t.Context(), by, ref) }, "expired, cancelled"},
		{"cancelled while a source is down", true, func(h *house, by rights.Actor, ref string) error { return h.Cancel(h.t.Context(), by, ref) }, "expired, cancelled"},
		{"stopped by the link of the alert", true, func(h *house, _ rights.Actor, _ string) error {
			_, err := h.StopNow(h.t.Context(), h.stop(ann))
			return err
		}, "expired, cancelled"},
		{"answered by an officer in another way", false, func(h *house, by rights.Actor, ref string) error {
			return h.Fulfil(h.t.Context(), h.officer(rights.RoleOfficer), ref, 1, "We sent it by post")
		}, "expired, fulfilled"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			h := open(t)
			by := h.customer(ann)
			r := h.exported(by)
			if c.incomplete {
				defer h.down("journal")()
			}
			h.meanwhile(func() { h.must(c.stop(h, by, r.Ref)) })
			if _, err := h.BuildNext(t.Context()); err != nil {
				t.Errorf("the builder fails: %v", err)
			}
			for range 4 { // one of them may find that nobody waits for it
				h.clock.Advance(10 * time.Minute)
				h.build()
			}
			if n := h.build(); n != 0 {
				t.Error("it is tried again and again")
			}
			if got := h.state(by, r.Ref); got != c.want || len(h.packages()) != 0 {
				t.Errorf("it stands at %s, on disk are %v", got, h.packages())
			}
			if n := h.count(by.ID, "package.built"); n != 0 {
				t.Error("it was announced")
			}
		})
	}
}

func TestAnOfficersAnswerBeforeTheBuildEndsThePackage(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r := h.exported(by)
	h.must(h.Fulfil(t.Context(), h.officer(rights.RoleOfficer), r.Ref, 1, "By post"))
	h.build()
	if got := h.state(by, r.Ref); got != "expired, fulfilled" || len(h.packages()) != 0 || h.count(by.ID, "package.built") != 0 {
		t.Errorf("it stands at %s, on disk are %v", got, h.packages())
	}
}

func TestABuildThatKillsItsBuilderIsGivenUp(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r := h.exported(by)
	for range 3 {
		h.crash(func() { _, _ = h.BuildNext(t.Context()) })
		for _, name := range h.packages() {
			h.must(os.Remove(filepath.Join(h.Packages, name)))
		}
		h.clock.Advance(3 * time.Minute)
	}
	if n := h.build(); n != 1 || h.state(by, r.Ref) != "failed, in_progress" {
		t.Errorf("%d tried, it stands at %s", n, h.state(by, r.Ref))
	}
}

func TestABuildThatFailsThreeTimesIsTheOfficers(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r := h.exported(by)
	h.must(os.Chmod(h.Packages, 0o500))
	if f, err := os.Create(filepath.Join(h.Packages, "x")); err == nil { // root may write anywhere: take the directory away
		h.must(errors.Join(f.Close(), os.RemoveAll(h.Packages), os.WriteFile(h.Packages, nil, 0o600)))
	}
	for i := range 3 {
		if n := h.build(); n != 1 {
			t.Fatalf("attempt %d: %d were tried", i+1, n)
		}
		h.clock.Advance(5 * time.Minute)
	}
	if n := h.build(); n != 0 {
		t.Error("it is tried a fourth time")
	}
	if got := h.state(by, r.Ref); got != "failed, in_progress" {
		t.Errorf("it stands at %s", got)
	}
	if l := h.letter(ann); !strings.Contains(l.Text, r.Ref) || h.mail.All()[0].To != ann {
		t.Error("the person hears nothing")
	}
	lines, _, err := h.Queue(t.Context(), h.officer(rights.RoleOfficer), workflow.QueueQuery{View: "open", Limit: 10})
	if err != nil || len(lines) != 1 || lines[0].Ref != r.Ref {
		t.Errorf("the officers see %d, %v", len(lines), err)
	}
	if h.count(by.ID, "package.failed") != 1 {
		t.Error("the log does not say so")
	}
}

func TestAPackageWithoutASourceSaysSoAndStaysOpen(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	r := h.exported(by)
	up := h.down("journal")
	h.build()
	up()
	if got := h.state(by, r.Ref); got != "ready, in_progress" {
		t.Errorf("it stands at %s", got)
	}
	all := h.download(by, r.Ref)
	says(t, all, "Annabel Harker", "failed")
	hides(t, all, "Visit-Ann")
	d, err := h.Portal.Request(t.Context(), by, r.Ref)
	if h.must(err); d.Events[len(d.Events)-1].Kind != "downloaded" || d.Events[len(d.Events)-2].Kind != "package_incomplete" {
		t.Errorf("its timeline: %+v", d.Events)
	}
}

func TestFivePackagesADay(t *testing.T) {
	h := open(t)
	by := h.customer(ann)
	for range 5 {
		h.exported(by)
	}
	if _, err := h.Export(t.Context(), by, rights.Access, "en"); !errors.Is(err, rights.ErrTooMany) {
		t.Errorf("a sixth: %v", err)
	}
	h.exported(h.customer(bo))
	if n := h.build(); n != 6 {
		t.Errorf("%d were built", n)
	}
}
