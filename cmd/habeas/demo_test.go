package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// seeded returns a working directory with today's demo in it, as its first start leaves it.
func seeded(t *testing.T) string {
	t.Helper()
	return copied(t, "demo", func(dir string) { serve(t, dir, "--demo").stop() })
}

// browser is somebody at the portal, with their own cookies.
type browser struct {
	t      *testing.T
	client *http.Client
	base   string
}

func newBrowser(t *testing.T, base string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, &http.Client{Jar: jar, Timeout: 20 * time.Second}, base}
}

// read returns the page that a request ends at, after redirects, which must be a good one.
func (b *browser) read(r *http.Request, err error) (page, at string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	answer, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		b.t.Fatalf("%s %s: %d\n%s", r.Method, r.URL.Path, answer.StatusCode, body)
	}
	return string(body), answer.Request.URL.Path
}

func (b *browser) get(path string) (page, at string) {
	b.t.Helper()
	return b.read(http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, nil))
}

func (b *browser) post(path string, pairs ...string) (page, at string) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return b.read(r, err)
}

// list reads what a page of /dev says to scripts.
func list[T any](b *browser, path string) []T {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, nil)
	if err == nil {
		r.Header.Set("Accept", "application/json")
	}
	text, _ := b.read(r, err)
	var out []T
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		b.t.Fatalf("%s: %v\n%s", path, err, text)
	}
	return out
}

type letter struct{ ID, To, Subject, Text, HTML string }

// eventually repeats a look until it finds something: letters and packages are made beside the requests that ask for them.
func eventually[T any](t *testing.T, what string, look func() (T, bool)) T {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if found, ok := look(); ok {
			return found
		}
	}
	t.Fatalf("no %s", what)
	panic("unreachable")
}

var eightDigits = regexp.MustCompile(`\b\d{4} ?\d{4}\b`)

func TestDemoLeadsANewcomerFromTheMailboxToTheQueue(t *testing.T) {
	p := serve(t, seeded(t), "--demo")
	defer p.stop()
	customer, officer := newBrowser(t, p.url), newBrowser(t, p.url)

	if n := len(list[letter](customer, "/dev/mail")); n != 0 {
		t.Errorf("the mail begins with %d letters, want the newcomer's own to be the first", n)
	}
	_, at := customer.post("/", "email", "maeve.gallagher@mail.example")
	if at != "/verify" {
		t.Fatalf("after the address comes %s", at)
	}
	code := eventually(t, "letter with a code", func() (string, bool) {
		for _, l := range list[letter](customer, "/dev/mail") {
			if l.To == "maeve.gallagher@mail.example" {
				code := eightDigits.FindString(l.Text)
				return code, code != ""
			}
		}
		return "", false
	})
	page, at := customer.post("/verify", "code", code)
	if at != "/data" || !strings.Contains(page, "Sandycove") {
		t.Fatalf("after the code comes %s, without her street\n%.600s", at, page)
	}
	if strings.Contains(page, "argon2id") {
		t.Error("the page shows a password hash")
	}
	for _, path := range []string{"/data/shop/orders", "/data/warehouse/deliveries", "/consents", "/requests", "/activity", "/security", "/consents/history"} {
		customer.get(path)
	}

	_, at = customer.post("/export")
	ref, ok := strings.CutPrefix(at, "/export/")
	if !ok {
		t.Fatalf("after asking for a copy comes %s", at)
	}
	pack := eventually(t, "package", func() ([]byte, bool) {
		answer, err := customer.client.Get(p.url + "/export/" + ref + "/package.zip")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		return body, err == nil && answer.StatusCode == http.StatusOK && strings.HasPrefix(answer.Header.Get("Content-Type"), "application/zip")
	})
	archive, err := zip.NewReader(bytes.NewReader(pack), int64(len(pack)))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"index.html", "manifest.json", "data/shop/orders.json", "data/warehouse/deliveries.csv", "consents.json", "requests.json"} {
		if !slices.ContainsFunc(archive.File, func(f *zip.File) bool { return f.Name == name }) {
			t.Errorf("the package lacks %s", name)
		}
	}

	if _, at = officer.post("/dev/sign-in", "as", "ingrid.solheim@harbour-home.example"); at != "/staff/queue" {
		t.Fatalf("an officer who signs in comes to %s", at)
	}
	if page, _ = officer.get("/staff/queue?view=all"); !strings.Contains(page, ref) {
		t.Error("the request is not in the queue")
	}
	if page, _ = officer.get("/staff/requests/" + ref); !strings.Contains(page, ref) {
		t.Error("the request has no page")
	}
}

func TestDemoShowsEveryState(t *testing.T) {
	p := serve(t, seeded(t), "--demo")
	defer p.stop()
	officer := newBrowser(t, p.url)
	officer.post("/dev/sign-in", "as", "ingrid.solheim@harbour-home.example")
	refs := regexp.MustCompile(`HB-[0-9A-Z]{4}-[0-9A-Z]{4}`)
	for _, row := range []struct {
		why, query string
		least      int
	}{
		{"late", "view=overdue", 1},
		{"due within a week", "view=week", 1},
		{"nobody's", "view=unassigned", 3},
		{"the officer's own", "view=mine", 2},
		{"received", "view=all&state=received", 3},
		{"in progress", "view=all&state=in_progress", 3},
		{"fulfilled", "view=all&state=fulfilled", 8},
		{"refused", "view=all&state=refused", 2},
		{"cancelled", "view=all&state=cancelled", 1},
		{"a correction that waits", "view=open&right=rectification", 1},
		{"an erasure in its cooling-off", "view=open&right=erasure", 1},
		{"a complaint", "view=open&right=complaint", 1},
		{"a choice of consent", "view=all&right=consent", 1},
		{"looking at one's data", "view=routine", 3},
	} {
		page, _ := officer.get("/staff/queue?" + row.query)
		found := refs.FindAllString(page, -1)
		slices.Sort(found)
		if n := len(slices.Compact(found)); n < row.least {
			t.Errorf("%s: %d requests, want at least %d", row.why, n, row.least)
		}
	}
}

func TestDemoPersonasCanAllSignIn(t *testing.T) {
	p := serve(t, seeded(t), "--demo")
	defer p.stop()
	roles := map[string]int{}
	for _, who := range list[struct{ Email, Name, Role string }](newBrowser(t, p.url), "/dev") {
		_, at := newBrowser(t, p.url).post("/dev/sign-in", "as", who.Email)
		want := "/data"
		switch {
		case who.Role != "subject":
			want = "/staff/queue"
		case strings.HasPrefix(who.Email, "family@"):
			want = "/choose"
		}
		if at != want {
			t.Errorf("%s comes to %s, want %s", who.Name, at, want)
		}
		roles[who.Role]++
	}
	for role, least := range map[string]int{"subject": 7, "officer": 1, "approver": 1, "admin": 1, "auditor": 1} {
		if roles[role] < least {
			t.Errorf("%d personas are %s, want at least %d", roles[role], role, least)
		}
	}
}

func TestDemoHasLetGoOfSomethingAndSomethingWaits(t *testing.T) {
	p := serve(t, seeded(t), "--demo")
	defer p.stop()
	approver := newBrowser(t, p.url)
	approver.post("/dev/sign-in", "as", "zhou.min@harbour-home.example")
	page, _ := approver.get("/staff/retention")
	for _, state := range []string{"To be approved", "Destroyed"} {
		if !strings.Contains(page, state) {
			t.Errorf("nothing is %q", state)
		}
	}
}

func TestDemoIsMadeOnceADayAndBinary(t *testing.T) {
	dir := seeded(t)
	made := func() time.Time {
		t.Helper()
		serve(t, dir, "--demo").stop()
		info, err := os.Stat(filepath.Join(dir, "data", "demo", "shop.yml"))
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime()
	}
	first := made()
	if again := made(); !again.Equal(first) {
		t.Error("today's demo was made again")
	}
	mark := filepath.Join(dir, "data", "demo", markFile)
	if err := writeMark(filepath.Dir(mark), demoMark{Day: "2020-01-01", Made: binary()}); err != nil {
		t.Fatal(err)
	}
	if again := made(); again.Equal(first) {
		t.Error("yesterday's demo was kept")
	}
}

func TestDemoThatRunsIsNotMadeAnewUnderItsFeet(t *testing.T) {
	dir := seeded(t)
	p := serve(t, dir, "--demo")
	defer p.stop()
	if err := writeMark(filepath.Join(dir, "data", "demo"), demoMark{}); err != nil {
		t.Fatal(err)
	}
	code, _, errs := ask(t, dir, "serve", "--demo", "--addr", "127.0.0.1:0")
	if code != 1 || !strings.Contains(errs, "another habeas is using") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}
