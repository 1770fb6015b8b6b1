package handlers_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	_ "embed"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	_ "modernc.org/sqlite"

	"habeas/handlers"
	"habeas/locale"
	"habeas/mail"
	"habeas/rights"
	"habeas/sources"
	"habeas/store"
	"habeas/store/storetest"
	"habeas/workflow"
)

// The whole portal, as it runs: a real database and a real shop in t.TempDir(), the real router, captured mail. Only the
// clock is the test's.

//go:embed testdata/shop.sql
var shopSQL string

const (
	base     = "http://privacy.test"
	password = "lantern orbit walnut tide"
	marta    = "marta@example.org"  // one customer, two orders
	wenbo    = "wenbo@example.cn"   // one customer, nothing ordered
	family   = "family@example.org" // two customers behind one address
	stranger = "nobody@example.net" // of whom nothing is held
)

// monday is a plain working day, 9 in the morning in Berlin.
var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// clock is time that moves when a test says so.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// site is a portal that serves.
type site struct {
	*workflow.Portal
	t     testing.TB
	http  http.Handler
	clock *clock
	mail  *mail.Capture
	shop  string // the shop's SQLite file
	log   *logged
}

// newPortal opens a portal on a fresh database and a fresh shop. Each change is applied before it serves.
func newPortal(t testing.TB, changes ...func(*workflow.Portal, *handlers.Options)) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{t: t, clock: &clock{now: monday}, mail: mail.NewCapture("privacy@shop.test", "shop.test"), shop: filepath.Join(dir, "shop.db"), log: &logged{}}
	log := slog.New(slog.NewTextHandler(s.log, nil))
	s.execute(shopSQL)
	set, err := sources.Open(t.Context(), []sources.Config{
		{Key: "shop", Driver: "sqlite", DSN: "file:" + s.shop, Dataset: "testdata/shop.yml"},
	}, sources.Options{})
	s.must(err)
	storetest.Fill(t, filepath.Join(dir, "data"))
	db, err := store.Open(t.Context(), store.Options{Dir: filepath.Join(dir, "data"), Now: s.clock.Now})
	s.must(err)
	t.Cleanup(func() {
		s.must(db.Close())
		s.must(set.Close())
	})
	packages := filepath.Join(dir, "packages")
	s.must(os.Mkdir(packages, 0o700))
	berlin, err := time.LoadLocation("Europe/Berlin")
	s.must(err)
	s.Portal = &workflow.Portal{
		Config: workflow.Config{
			House: mail.House{
				Name: map[string]string{"en": "Harbour & Home", "zh-CN": "港湾家居"}, Address: "Pier 4, Hamburg",
				PrivacyContact: "privacy@shop.test", AuthorityName: "The Authority", AuthorityURL: "https://authority.test",
				PolicyURL: "https://shop.test/privacy", BaseURL: base,
			},
			BaseURL: base, Languages: locale.Languages, Regime: "eu_gdpr", Country: "DE", Location: berlin,
			Purposes: []rights.Purpose{
				{Key: "newsletter", Version: 1, Basis: "consent", ValidFor: 24, Title: map[string]string{"en": "Newsletter", "zh-CN": "资讯邮件"},
					Text: map[string]string{"en": "News by email, twice a month", "zh-CN": "每月两次资讯邮件"}},
				{Key: "profiling", Version: 2, Basis: "consent", Title: map[string]string{"en": "Suggestions", "zh-CN": "个性化推荐"},
					Text: map[string]string{"en": "Suggestions from what you bought", "zh-CN": "根据购买记录推荐商品"}},
			},
			CoolingOff: 72 * time.Hour, Packages: packages,
		},
		Store: db, Sources: set, Now: s.clock.Now, Random: rand.Reader, Log: log,
	}
	at, err := url.Parse(base)
	s.must(err)
	o := handlers.Options{
		Portal: s.Portal, BaseURL: at, Log: log, Now: s.clock.Now, MetricsBy: "let-me-measure",
		Contacts: handlers.Contacts{PolicyURL: "https://shop.test/privacy", Privacy: "privacy@shop.test", AuthorityName: "The Authority", AuthorityURL: "https://authority.test"},
	}
	for _, change := range changes {
		change(s.Portal, &o)
	}
	s.http, err = handlers.New(o)
	s.must(err)
	return s
}

// logged is what the portal logged, for tests that look for people in it.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// execute runs SQL on the shop's own database, as the shop would.
func (s *site) execute(query string) {
	s.t.Helper()
	db, err := sql.Open("sqlite", s.shop)
	s.must(err)
	defer db.Close()
	_, err = db.Exec(query)
	s.must(err)
}

// cell reads one value of the shop's own database.
func (s *site) cell(query string) string {
	s.t.Helper()
	db, err := sql.Open("sqlite", s.shop)
	s.must(err)
	defer db.Close()
	var value string
	s.must(db.QueryRow(query).Scan(&value))
	return value
}

// deliver sends whatever waits in the outbox.
func (s *site) deliver() {
	s.t.Helper()
	for had := true; had; {
		var err error
		had, err = s.SendNext(context.Background(), s.mail)
		s.must(err)
	}
}

// letter delivers what waits and returns the newest letter to an address. Of letters that were written at one moment any
// may be the newest: deliver the earlier ones first.
func (s *site) letter(to string) mail.Captured {
	s.t.Helper()
	s.deliver()
	for _, l := range s.mail.All() {
		if l.To == to {
			return l
		}
	}
	s.t.Fatalf("no letter went to %s", to)
	return mail.Captured{}
}

var digits = regexp.MustCompile(`\b[0-9]{4} ?[0-9]{4}\b`)

// code is the one-time code in the newest letter to an address.
func (s *site) code(to string) string {
	s.t.Helper()
	found := digits.FindString(s.letter(to).Text)
	if found == "" {
		s.t.Fatalf("the newest letter to %s holds no code", to)
	}
	return strings.ReplaceAll(found, " ", "")
}

// browser keeps cookies as a browser does, and follows no redirect by itself.
type browser struct {
	site     *site
	cookies  map[string]string
	language string // Accept-Language
	peer     string // remote address
}

func (s *site) browser() *browser {
	return &browser{site: s, cookies: map[string]string{}, language: "en", peer: "192.0.2.10:5000"}
}

// reply is what the portal answered.
type reply struct {
	*http.Response
	Body string
}

// Location is where a redirect leads.
func (r reply) Location() string { return r.Header.Get("Location") }

func (b *browser) get(path string) reply {
	b.site.t.Helper()
	return b.do(httptest.NewRequest(http.MethodGet, base+path, nil))
}

// post sends a form; fields are names and values in turn.
func (b *browser) post(path string, fields ...string) reply {
	b.site.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, base+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

func (b *browser) do(r *http.Request) reply {
	b.site.t.Helper()
	r.RemoteAddr = b.peer
	if r.Header.Get("Accept-Language") == "" {
		r.Header.Set("Accept-Language", b.language)
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.site.http.ServeHTTP(w, r)
	answer := w.Result()
	for _, k := range answer.Cookies() {
		if k.MaxAge < 0 {
			delete(b.cookies, k.Name)
		} else {
			b.cookies[k.Name] = k.Value
		}
	}
	body, err := io.ReadAll(answer.Body)
	b.site.must(err)
	if strings.Contains(string(body), "⟦") {
		b.site.t.Errorf("%s %s shows a key instead of words: %s", r.Method, r.URL.Path, around(string(body), "⟦"))
	}
	return reply{answer, string(body)}
}

// around is what stands near a word, for messages.
func around(text, word string) string {
	i := strings.Index(text, word)
	return text[max(0, i-40):min(len(text), i+80)]
}

// want fails the test unless the answer has that status.
func (r reply) want(t testing.TB, status int) reply {
	t.Helper()
	if r.StatusCode != status {
		t.Fatalf("answered %d, want %d: %s", r.StatusCode, status, plain(r.Body))
	}
	return r
}

// wantAt fails the test unless the answer leads there.
func (r reply) wantAt(t testing.TB, path string) reply {
	t.Helper()
	r.want(t, http.StatusSeeOther)
	if r.Location() != path {
		t.Fatalf("leads to %s, want %s", r.Location(), path)
	}
	return r
}

// says fails the test unless a reader finds each of the words on the page.
func (r reply) says(t testing.TB, words ...string) reply {
	t.Helper()
	text := plain(r.Body)
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say %q: %s", w, text)
		}
	}
	return r
}

// hides fails the test if any of the words is anywhere in the answer.
func (r reply) hides(t testing.TB, words ...string) reply {
	t.Helper()
	for _, w := range words {
		if strings.Contains(r.Body, w) {
			t.Errorf("the answer holds %q: %s", w, around(r.Body, w))
		}
	}
	return r
}

var (
	tags   = regexp.MustCompile(`(?s)<head>.*?</head>|<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
	marks  = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'")
)

// plain is a page's text as a reader sees it.
func plain(html string) string {
	return strings.TrimSpace(marks.Replace(spaces.ReplaceAllString(tags.ReplaceAllString(html, " "), " ")))
}

// customer confirms a mailbox, as a person does, and returns their browser.
func (s *site) customer(email string) *browser {
	s.t.Helper()
	s.deliver() // so that the letter with the code is the newest
	b := s.browser()
	b.post("/", "email", email).wantAt(s.t, "/verify")
	b.post("/verify", "code", s.code(email)).want(s.t, http.StatusSeeOther)
	return b
}

// officer is a member of staff with what they sign in with.
type officer struct {
	*browser
	email, secret string
	recovery      []string
}

// staff invites somebody, enrols them as they would themselves, and returns their browser.
func (s *site) staff(role rights.Role) *officer {
	s.t.Helper()
	return s.named(string(role)+"@shop.test", "Mei "+strings.ToUpper(string(role[:1]))+string(role[1:]), role)
}

func (s *site) named(email, name string, role rights.Role) *officer {
	s.t.Helper()
	token, err := s.Invite(s.t.Context(), rights.System, email, name, role, "en")
	s.must(err)
	e, err := s.Enrolment(s.t.Context(), token)
	s.must(err)
	o := &officer{browser: s.browser(), email: email, secret: e.Secret}
	o.recovery = recoveryCodes.FindAllString(o.post("/staff/enrol/"+token, "password", password, "code", o.totp()).want(s.t, http.StatusOK).Body, -1)
	return o
}

var recoveryCodes = regexp.MustCompile(`\b[a-z2-7]{5}-[a-z2-7]{5}\b`)

// totp is the code that the officer's authenticator shows now.
func (o *officer) totp() string {
	o.site.t.Helper()
	code, err := totp.GenerateCode(o.secret, o.site.clock.Now())
	o.site.must(err)
	return code
}

// half signs in with the password alone, in a new browser.
func (o *officer) half() *browser {
	o.site.t.Helper()
	b := o.site.browser()
	b.post("/staff/login", "email", o.email, "password", password).wantAt(o.site.t, "/staff/totp")
	return b
}

// ask files a request in words and returns its reference.
func (b *browser) ask(right rights.Right, text string) string {
	b.site.t.Helper()
	return b.post("/requests", "right", string(right), "text", text).filed(b.site.t)
}

var reference = regexp.MustCompile(`HB-[0-9A-Z]{4}-[0-9A-Z]{4}`)

// filed is the reference of the request that a post has made.
func (r reply) filed(t testing.TB) string {
	t.Helper()
	ref := reference.FindString(r.want(t, http.StatusSeeOther).Location())
	if ref == "" {
		t.Fatalf("leads to %s, which names no request", r.Location())
	}
	return ref
}
