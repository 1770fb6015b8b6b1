package workflow_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	_ "embed"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"habeas/locale"
	"habeas/mail"
	"habeas/rights"
	"habeas/sources"
	"habeas/store"
	"habeas/store/storetest"
	"habeas/workflow"
)

// The use cases on a real database and two real sources in t.TempDir(), with captured mail. Only the clock is the
// test's.

var (
	//go:embed testdata/shop.sql
	shopSQL string
	//go:embed testdata/journal.sql
	journalSQL string
)

const (
	ann    = "ann@example.com"  // one customer
	bo     = "bo@example.com"   // another
	pair   = "pair@example.com" // two customers behind one mailbox: Cleo, C-1003, and Dario, C-1004
	nobody = "nobody@example.org"
)

// named are the words of the fixture by which a person could be told in a log.
var named = []string{
	ann, bo, pair, nobody, "Annabel", "Boris", "Lindqvist", "Harker", "Marchetti", "5550101", "4111111111111111", "Nick-Ann", "Visit-Ann", "C-1001",
}

// monday is a plain working day.
var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// clock is time that moves when a test says so.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	hook func() // called before each answer; for what must happen between two steps of one use case
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	hook := c.hook
	c.mu.Unlock()
	if hook != nil {
		hook()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// house is a portal with everything around it.
type house struct {
	*workflow.Portal
	t      testing.TB
	clock  *clock
	mail   *mail.Capture
	dir    string
	log    *safeBuffer
	behind *sql.DB          // the portal's own database, once a test looks at it
	mapped []sources.Config // with maps of a test's own
}

// open opens a portal on a fresh database and fresh sources.
func open(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{now: monday}, mail: mail.NewCapture("privacy@shop.example", "shop.example"), dir: t.TempDir(), log: &safeBuffer{}}
	h.execute("shop", shopSQL)
	h.execute("journal", journalSQL)
	set, err := sources.Open(t.Context(), []sources.Config{
		{Key: "shop", Driver: "sqlite", DSN: "file:" + h.file("shop"), Dataset: "testdata/shop.yml"},
		{Key: "journal", Driver: "sqlite", DSN: "file:" + h.file("journal"), Dataset: "testdata/journal.yml"},
	}, sources.Options{})
	h.must(err)
	h.must(os.Mkdir(filepath.Join(h.dir, "packages"), 0o700))
	h.Portal = portalIn(h.dir, h.clock.Now, set, h.log)
	storetest.Fill(t, filepath.Join(h.dir, "data"))
	h.openStore()
	t.Cleanup(func() {
		h.verifyAudit() // after all that a test did
		h.silent()
		h.must(h.Store.Close())
		h.must(set.Close())
	})
	return h
}

// portalIn is the portal of the tests on a directory, without its store.
func portalIn(dir string, now func() time.Time, set *sources.Set, log io.Writer) *workflow.Portal {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return &workflow.Portal{
		Config: workflow.Config{
			House: mail.House{
				Name: map[string]string{"en": "Harbour & Home", "zh-CN": "港湾家居"}, Address: "Pier 4, Hamburg",
				PrivacyContact: "privacy@shop.example", AuthorityName: "The Authority", AuthorityURL: "https://authority.example",
				BaseURL: "https://privacy.shop.example",
			},
			BaseURL: "https://privacy.shop.example", Languages: locale.Languages, Regime: "eu_gdpr", Country: "DE", Location: berlin,
			Purposes: []rights.Purpose{
				{Key: "newsletter", Version: 1, Basis: "consent", ValidFor: 24, Title: both("Newsletter", "资讯邮件"), Text: both("News by email", "资讯")},
				{Key: "profiling", Version: 2, Basis: "consent", Title: both("Suggestions", "个性化推荐"), Text: both("From what you bought", "根据购买记录")},
				{Key: "fraud", Version: 1, Basis: "legitimate_interests", Title: both("Fraud checks", "反欺诈"), Text: both("To keep the shop safe", "保障安全")},
			},
			CoolingOff: 72 * time.Hour, Packages: filepath.Join(dir, "packages"),
		},
		Sources: set, Now: now, Random: rand.Reader, Log: slog.New(slog.NewJSONHandler(log, nil)),
	}
}

func both(en, zh string) map[string]string { return map[string]string{"en": en, "zh-CN": zh} }

func (h *house) openStore() {
	h.t.Helper()
	db, err := store.Open(context.Background(), store.Options{Dir: filepath.Join(h.dir, "data"), Now: h.clock.Now})
	h.must(err)
	h.Store = db
}

// restart closes the portal's database and opens it again, as a new process would.
func (h *house) restart() {
	h.t.Helper()
	h.must(h.Store.Close())
	h.openStore()
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// verifyAudit fails the test if the log of what it did does not hold together.
func (h *house) verifyAudit() {
	h.t.Helper()
	if _, err := h.Store.VerifyAudit(context.Background()); err != nil {
		h.t.Error(err)
	}
}

// silent fails the test if what was logged names a person.
func (h *house) silent() {
	h.t.Helper()
	for _, word := range named {
		if strings.Contains(h.log.String(), word) {
			h.t.Errorf("the log holds %q: %s", word, h.log)
		}
	}
}

// safeBuffer collects a log from many goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func (h *house) file(source string) string { return filepath.Join(h.dir, source+".db") }

// execute runs SQL on a source, as its own system would.
func (h *house) execute(source, query string) {
	h.t.Helper()
	db, err := sql.Open("sqlite", h.file(source))
	h.must(err)
	defer db.Close()
	_, err = db.Exec(query)
	h.must(err)
}

// cell reads one value of a source.
func (h *house) cell(source, query string) string {
	h.t.Helper()
	db, err := sql.Open("sqlite", h.file(source))
	h.must(err)
	defer db.Close()
	var v string
	h.must(db.QueryRow(query).Scan(&v))
	return v
}

// down takes a source away until the returned function is called.
func (h *house) down(source string) (up func()) {
	h.t.Helper()
	h.must(os.Rename(h.file(source), h.file(source)+".away"))
	return func() { h.must(os.Rename(h.file(source)+".away", h.file(source))) }
}

// deliver sends whatever waits in the outbox and returns how many letters that were.
func (h *house) deliver() (n int) {
	h.t.Helper()
	for {
		had, err := h.SendNext(context.Background(), h.mail)
		h.must(err)
		if !had {
			return n
		}
		n++
	}
}

// letters delivers what waits and returns every letter to an address, newest first.
func (h *house) letters(to string) (out []mail.Captured) {
	h.t.Helper()
	h.deliver()
	for _, l := range h.mail.All() {
		if l.To == to {
			out = append(out, l)
		}
	}
	return out
}

// letter is the newest letter to an address.
func (h *house) letter(to string) mail.Captured {
	h.t.Helper()
	all := h.letters(to)
	if len(all) == 0 {
		h.t.Fatalf("no letter went to %s", to)
	}
	return all[0]
}

var (
	eight     = regexp.MustCompile(`\b[0-9]{4} ?[0-9]{4}\b`)
	entryLink = regexp.MustCompile(`/enter/([A-Za-z0-9_-]+)`)
	stopLink  = regexp.MustCompile(`/stop/([A-Za-z0-9_-]+)`)
	enrolLink = regexp.MustCompile(`/staff/enrol/([A-Za-z0-9_-]+)`)
)

// code is the code in the newest letter to an address.
func (h *house) code(to string) string {
	h.t.Helper()
	return strings.ReplaceAll(h.find(eight, to), " ", "")
}

// link is the token of the link that signs in, stop of the one that stops an act.
func (h *house) link(to string) string { h.t.Helper(); return h.find(entryLink, to) }
func (h *house) stop(to string) string { h.t.Helper(); return h.find(stopLink, to) }

// find returns what the newest letter with such a thing says.
func (h *house) find(what *regexp.Regexp, to string) string {
	h.t.Helper()
	for _, l := range h.letters(to) {
		if m := what.FindStringSubmatch(l.Text); m != nil {
			return m[len(m)-1]
		}
	}
	h.t.Fatalf("no letter to %s has %s", to, what)
	return ""
}

// from is a visitor at a network address.
func from(net string) workflow.Visitor {
	return workflow.Visitor{Net: net, Device: "Firefox, Linux", Language: "en"}
}

var home = from("192.0.2.10")

// ask asks for a code from a new browser.
func (h *house) ask(address string) workflow.Asked {
	h.t.Helper()
	asked, err := h.AskCode(h.t.Context(), address, home)
	h.must(err)
	return asked
}

// enter signs a person in by the code of their letter.
func (h *house) enter(address string) workflow.SignedIn {
	h.t.Helper()
	asked := h.ask(address)
	in, err := h.Enter(h.t.Context(), asked.Challenge, asked.Browser, h.code(address), home)
	h.must(err)
	return in
}

// customer signs a person in and returns who they are.
func (h *house) customer(address string) rights.Actor {
	h.t.Helper()
	return h.actor(h.enter(address))
}

// actor is whom the portal takes the holder of a token for.
func (h *house) actor(in workflow.SignedIn) rights.Actor {
	h.t.Helper()
	who, err := h.Who(h.t.Context(), in.Token)
	h.must(err)
	return who.Actor
}

// again is the same person in a new session, a quarter of an hour later.
func (h *house) again(address string) rights.Actor {
	h.t.Helper()
	h.clock.Advance(15 * time.Minute)
	return h.customer(address)
}

// officer adds a member of staff and returns them, signed in.
func (h *house) officer(role rights.Role) rights.Actor {
	h.t.Helper()
	member := store.Staff{ID: "staff-" + string(role), Email: string(role) + "@shop.example", Name: "Mei Kwan", Role: role, State: "active", Language: "en", MadeAt: h.Now()}
	h.must(h.Store.Write(h.t.Context(), func(tx *store.Tx) error {
		return tx.InsertStaff(member, rights.Entry{At: h.Now(), Actor: rights.System, Act: "staff.invited"})
	}))
	return rights.Actor{ID: member.ID, Role: role}
}

// count is how often an act stands in the audit log of a person.
func (h *house) count(subject, act string) int {
	h.t.Helper()
	rows, err := h.Store.EntriesOf(h.t.Context(), subject, []string{act}, 0, 100_000)
	h.must(err)
	return len(rows)
}

// entries is how many entries the audit log has.
func (h *house) entries() int64 {
	h.t.Helper()
	r, err := h.Store.VerifyAudit(h.t.Context())
	h.must(err)
	return r.Entries
}
