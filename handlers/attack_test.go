package handlers_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"habeas/handlers"
	"habeas/rights"
	"habeas/workflow"
)

// What strangers and thieves try at the whole router (docs: security.md, "What must be shown, by test").

// raw sends a form as it stands.
func (b *browser) raw(path, body string) reply {
	b.site.t.Helper()
	r := httptest.NewRequest(http.MethodPost, base+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// belongings are what one person has that has a name of its own.
type belongings struct{ request, export, correction, receipt, order string }

// settle lets a person have one of everything.
func (s *site) settle(b *browser, order string) belongings {
	s.t.Helper()
	own := belongings{order: order}
	own.request = b.ask(rights.Objection, "Words-of-mine")
	s.clock.Advance(time.Second)
	own.correction = b.post("/correct", "source", "shop", "collection", "orders", "id", order, "field", "note", "old", s.cell("SELECT note FROM orders WHERE id = "+order),
		"value", "Correction-of-mine", "confirm", "yes").filed(s.t)
	s.clock.Advance(time.Second)
	own.export = b.post("/export").filed(s.t)
	for had := true; had; {
		var err error
		had, err = s.BuildNext(s.t.Context())
		s.must(err)
	}
	b.post("/consents/newsletter", "state", "granted").want(s.t, http.StatusSeeOther)
	who, err := s.Who(s.t.Context(), b.cookies["habeas"])
	s.must(err)
	events, err := s.ConsentHistory(s.t.Context(), who.Actor)
	s.must(err)
	own.receipt = events[0].ID
	return own
}

func TestEveryCustomerRouteByNobodyAndBySomebodyElse(t *testing.T) {
	s := newPortal(t)
	s.execute("INSERT INTO orders VALUES (15, 2, '2026-01-01', '1', 'Wenbo only')")
	b := s.customer(marta)
	own := s.settle(b, "11")
	nobody, other := s.browser(), s.customer(wenbo)
	officer := s.staff(rights.RoleOfficer)
	secrets := []string{"Words-of-mine", "Correction-of-mine", "neighbour", "Marta", "1987", "PK\x03\x04"}
	for _, row := range []struct {
		method, path string
		fields       []string
		owner, other int // what the owner and somebody else are answered
	}{
		{"GET", "/data", nil, 200, 200},
		{"GET", "/data/shop/customers", nil, 200, 200},
		{"GET", "/data/shop/orders?after=10", nil, 200, 200},
		{"GET", "/data/shop/nosuch", nil, 404, 404},
		{"GET", "/data/nosuch/customers", nil, 404, 404},
		{"GET", "/confirm?return=%2Fexport%2F" + own.export, nil, 303, 303},
		{"POST", "/confirm", []string{"code", "12345678", "return", "/export/" + own.export}, 410, 410},
		{"GET", "/export", nil, 200, 200},
		{"GET", "/export/" + own.export, nil, 200, 404},
		{"GET", "/export/" + strings.ToLower(own.export), nil, 200, 404},
		{"GET", "/export/" + own.export + "/package.zip", nil, 200, 404},
		{"GET", "/export/" + own.request, nil, 404, 404},
		{"GET", "/correct?source=shop&collection=orders&id=" + own.order + "&field=note", nil, 200, 404},
		{"GET", "/correct?source=shop&collection=customers&id=1&field=phone", nil, 200, 404},
		{"POST", "/correct", []string{"source", "shop", "collection", "customers", "id", "1", "field", "phone", "old", "+48 22 555 01 01", "value", "1"}, 200, 404},
		{"POST", "/correct", []string{"source", "shop", "collection", "customers", "id", "1", "field", "phone", "old", "x", "value", "1", "confirm", "yes"}, 409, 404},
		{"GET", "/erase", nil, 200, 200},
		{"GET", "/consents", nil, 200, 200},
		{"GET", "/consents/history", nil, 200, 200},
		{"GET", "/consents/receipts/" + own.receipt + ".json", nil, 200, 404},
		{"POST", "/consents/nosuch", []string{"state", "granted"}, 404, 404},
		{"POST", "/consents/newsletter", []string{"state", "perhaps"}, 422, 422},
		{"GET", "/requests", nil, 200, 200},
		{"GET", "/requests?after=1.x", nil, 200, 200},
		{"GET", "/requests?after=made-up", nil, 404, 404},
		{"GET", "/requests/new", nil, 200, 200},
		{"GET", "/requests/new?right=objection", nil, 200, 200},
		{"POST", "/requests", []string{"right", "objection"}, 422, 422},
		{"GET", "/requests/" + own.request, nil, 200, 404},
		{"GET", "/requests/" + own.correction, nil, 200, 404},
		{"GET", "/requests/" + own.export, nil, 200, 404},
		{"GET", "/requests/" + own.request + "/done?kind=asked", nil, 200, 404},
		{"GET", "/requests/" + own.request + "/cancel", nil, 200, 404},
		{"POST", "/requests/" + own.request + "/messages", []string{"text", ""}, 422, 404},
		{"POST", "/requests/" + own.request + "/messages", []string{"text", "hello"}, 303, 404},
		{"GET", "/activity", nil, 200, 200},
		{"GET", "/activity?after=99999999", nil, 200, 200},
		{"GET", "/activity?after=x", nil, 404, 404},
		{"GET", "/security", nil, 200, 200},
		{"GET", "/nosuch", nil, 404, 404},
		{"PUT", "/data", nil, 404, 404},
		{"DELETE", "/requests/" + own.request, nil, 404, 404},
	} {
		send := func(b *browser) reply {
			if row.method == "POST" {
				return b.post(row.path, row.fields...)
			}
			return b.do(httptest.NewRequest(row.method, base+row.path, nil))
		}
		for _, asker := range []struct {
			name string
			*browser
			want int
		}{{"nobody", nobody, 0}, {"somebody else", other, row.other}, {"an officer", officer.browser, 0}, {"the owner", b, row.owner}} {
			got := send(asker.browser)
			switch {
			case asker.want != 0 && got.StatusCode != asker.want:
				t.Errorf("%s %s by %s: %d, want %d: %s", row.method, row.path, asker.name, got.StatusCode, asker.want, plain(got.Body))
			case asker.want == 0 && got.StatusCode != 404 && (got.StatusCode != 303 || got.Location() != "/"):
				t.Errorf("%s %s by %s: %d %s", row.method, row.path, asker.name, got.StatusCode, got.Location())
			}
			if asker.name != "the owner" {
				got.hides(t, secrets...)
				for _, ref := range []string{own.request, own.export, own.correction} {
					if !strings.Contains(row.path+strings.Join(row.fields, " "), ref) { // a page repeats what was asked of it
						got.hides(t, ref)
					}
				}
			}
		}
	}
	other.post("/requests/"+own.request+"/cancel").want(t, http.StatusNotFound)
	nobody.post("/requests/"+own.request+"/cancel").wantAt(t, "/")
	b.post("/requests/"+own.request+"/cancel").want(t, http.StatusSeeOther)
}

func TestAnAddressThatIsMoreThanOneOrNoneIsRefused(t *testing.T) {
	s := newPortal(t)
	for _, c := range []struct{ sentence, body string }{
		{"nothing", "email="},
		{"no field at all", ""},
		{"a header in it", "email=" + url.QueryEscape("marta@example.org\r\nBcc: thief@evil.test")},
		{"a bare line feed", "email=" + url.QueryEscape("marta@example.org\nBcc: thief@evil.test")},
		{"a line end after it", "email=" + url.QueryEscape("marta@example.org\r\n")},
		{"two addresses", "email=" + url.QueryEscape("marta@example.org,thief@evil.test")},
		{"two by a semicolon", "email=" + url.QueryEscape("marta@example.org;thief@evil.test")},
		{"a quoted local part", "email=" + url.QueryEscape(`"marta@example.org,"@evil.test`)},
		{"a quoted space", "email=" + url.QueryEscape(`"marta nowak"@example.org`)},
		{"a display name", "email=" + url.QueryEscape("Marta <marta@example.org>")},
		{"angle brackets", "email=" + url.QueryEscape("<marta@example.org>")},
		{"a comment", "email=" + url.QueryEscape("marta(thief@evil.test)@example.org")},
		{"a route", "email=" + url.QueryEscape("@evil.test:marta@example.org")},
		{"two at signs", "email=" + url.QueryEscape("marta@evil.test@example.org")},
		{"an address literal", "email=" + url.QueryEscape("marta@[192.0.2.1]")},
		{"NUL", "email=marta%00@example.org"},
		{"invalid UTF-8", "email=marta%ff@example.org"},
		{"overlong UTF-8", "email=marta%c0%80@example.org"},
		{"an override of the direction", "email=" + url.QueryEscape("marta\u202e@example.org")},
		{"a mark of the Kelvin", "email=" + url.QueryEscape("ma\u212aa@example.org")},
		{"the field twice", "email=marta%40example.org&email=thief%40evil.test"},
		{"a very long local part", "email=" + strings.Repeat("a", 65) + "%40example.org"},
		{"a very long address", "email=" + strings.Repeat("a", 60_000) + "%40example.org"},
	} {
		r := s.browser().raw("/", c.body)
		if r.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: answered %d", c.sentence, r.StatusCode)
		}
		page(t, r)
	}
	s.deliver()
	if n := len(s.mail.All()); n != 0 {
		t.Errorf("%d letters went out", n)
	}
}

func TestMalformedFormsGetAClearAnswer(t *testing.T) {
	s := newPortal(t)
	b := s.customer(marta)
	ref := b.ask(rights.Objection, "x")
	for _, c := range []struct {
		sentence, path, body string
		want                 int
	}{
		{"a percent sign alone", "/", "email=%zz", 400},
		{"a semicolon between fields", "/", "email=a;code=b", 400},
		{"a semicolon in the address", "/?a;b", "email=marta%40example.org", 400},
		{"larger than any form", "/", "email=" + strings.Repeat("a", 70_000), 413},
		{"a message larger than any form", "/requests/" + ref + "/messages", "text=" + strings.Repeat("a", 70_000), 413},
		{"a message longer than may be", "/requests/" + ref + "/messages", "text=" + strings.Repeat("a", 4001), 422},
		{"a message with NUL", "/requests/" + ref + "/messages", "text=a%00b", 422},
		{"a message of invalid UTF-8", "/requests/" + ref + "/messages", "text=%ff%fe", 422},
		{"a message twice", "/requests/" + ref + "/messages", "text=a&text=b", 422},
		{"a name of invalid UTF-8", "/requests/" + ref + "/messages", "text=a&%ff=b", 422},
		{"a right that is not there", "/requests", "right=%3Cscript%3E&text=x", 422},
		{"a percent sign alone, signed in", "/consents/newsletter", "state=%", 400},
		{"ten thousand fields", "/requests/" + ref + "/messages", strings.Repeat("a=b&", 10_000), 400},
	} {
		r := b.raw(c.path, c.body)
		if r.StatusCode != c.want {
			t.Errorf("%s: %d, want %d: %s", c.sentence, r.StatusCode, c.want, plain(r.Body))
		}
		page(t, r)
	}
	if strings.Contains(s.log.String(), "level=ERROR") {
		t.Errorf("bad input is logged as our own failure: %s", around(s.log.String(), "level=ERROR"))
	}
}

func TestWhatIsNotAFormIsNotRead(t *testing.T) {
	s := newPortal(t)
	for _, kind := range []string{"application/json", "text/plain", "multipart/form-data; boundary=x", ""} {
		r := httptest.NewRequest(http.MethodPost, base+"/?email=marta%40example.org", strings.NewReader(`{"email":"marta@example.org"}`))
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Content-Type", kind)
		if got := s.browser().do(r); got.StatusCode < 400 || got.StatusCode > 499 {
			t.Errorf("%q: %d", kind, got.StatusCode)
		}
	}
	if s.deliver(); len(s.mail.All()) != 0 {
		t.Error("a letter went out")
	}
}

func TestAnEvilHostIsRefusedAndMailsNameOurOwn(t *testing.T) {
	s := newPortal(t)
	b := s.browser()
	for _, host := range []string{"evil.test", "privacy.test.evil.test", "privacy.test:80", "privacy.test@evil.test", "", "privacy.test."} {
		r := httptest.NewRequest(http.MethodPost, base+"/", strings.NewReader("email=marta%40example.org"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Host = host
		got := b.do(r)
		got.want(t, http.StatusBadRequest)
		guarded(t, "host "+host, got)
	}
	r := httptest.NewRequest(http.MethodPost, base+"/", strings.NewReader("email=marta%40example.org"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, value := range map[string]string{
		"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "ftp", "Forwarded": "host=evil.test", "X-Original-URL": "/evil", "X-Host": "evil.test",
	} {
		r.Header.Set(name, value)
	}
	b.do(r).wantAt(t, "/verify")
	l := s.letter(marta)
	for _, text := range []string{l.Text, l.HTML, fmt.Sprint(l.Headers)} {
		if strings.Contains(text, "evil") {
			t.Errorf("the letter names another host: %s", around(text, "evil"))
		}
	}
	if !strings.Contains(l.Text, base+"/enter/") || len(s.mail.All()) != 1 {
		t.Errorf("%d letters, %s", len(s.mail.All()), l.Text)
	}
}

func TestPostsFromOtherSitesAreRefused(t *testing.T) {
	s := newPortal(t)
	b := s.customer(marta)
	for _, c := range []struct {
		sentence string
		headers  map[string]string
		refused  bool
	}{
		{"another site", map[string]string{"Sec-Fetch-Site": "cross-site"}, true},
		{"a neighbour on a subdomain", map[string]string{"Sec-Fetch-Site": "same-site"}, true},
		{"an older browser of another site", map[string]string{"Origin": "https://evil.test"}, true},
		{"a page without an origin", map[string]string{"Origin": "null"}, true},
		{"our own page", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": base}, false},
		{"an older browser of ours", map[string]string{"Origin": base}, false},
		{"a tool, which is no browser", nil, false},
	} {
		for _, path := range []string{"/consents/newsletter", "/security/end-others", "/sign-out", "/", "/staff/login"} {
			if !c.refused && path != "/consents/newsletter" {
				continue
			}
			r := httptest.NewRequest(http.MethodPost, base+path, strings.NewReader("state=granted"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for name, value := range c.headers {
				r.Header.Set(name, value)
			}
			got := b.do(r)
			if (got.StatusCode == http.StatusForbidden) != c.refused {
				t.Errorf("%s to %s: %d", c.sentence, path, got.StatusCode)
			}
			guarded(t, c.sentence, got)
		}
	}
	b.get("/data").want(t, http.StatusOK)
}

func TestNoReturnLeadsAway(t *testing.T) {
	s := newPortal(t)
	for _, to := range []string{
		"https://evil.test/", "//evil.test", "///evil.test", "/\\evil.test", "\\\\evil.test", "http:evil.test", "javascript:alert(1)", "data:text/html,x",
		"/%09/evil.test", "/\t/evil.test", "/%2F/evil.test", "//evil.test/%2e%2e", "https:///evil.test", " //evil.test", "@evil.test", "/..//evil.test",
		"evil.test", "/%5cevil.test", "//user@evil.test", "/\r\nLocation: //evil.test", "/data\x00", "", "%2f%2fevil.test", "/./..//evil.test",
	} {
		s.clock.Advance(24 * time.Hour)
		b := s.customer(marta)
		stays(t, b.get("/confirm?return="+url.QueryEscape(to)).want(t, http.StatusSeeOther).Location())
		s.clock.Advance(11 * time.Minute)
		for _, n := range nodes(t, b.get("/confirm?return="+url.QueryEscape(to)).want(t, http.StatusOK)) {
			for _, a := range n.Attr {
				if n.Data == "input" && a.Key == "value" || a.Key == "href" && strings.Contains(a.Val, "evil") {
					stays(t, a.Val)
				}
			}
		}
		sent := b.post("/confirm/send", "return", to)
		if sent.StatusCode == http.StatusUnprocessableEntity { // no form of ours sends that
			continue
		}
		stays(t, sent.want(t, http.StatusSeeOther).Location())
		stays(t, b.post("/confirm", "code", s.code(marta), "return", to).want(t, http.StatusSeeOther).Location())
	}
}

// stays fails the test if a browser on our site would follow that address to another one.
func stays(t *testing.T, location string) {
	t.Helper()
	clean := strings.NewReplacer("\\", "/", "\t", "", "\n", "", "\r", "").Replace(strings.TrimSpace(location))
	here, err := url.Parse(base + "/confirm")
	if err != nil {
		t.Fatal(err)
	}
	to, err := here.Parse(clean)
	if err != nil || to.Host != here.Host || to.Scheme != here.Scheme || strings.HasPrefix(to.Path, "//") && !strings.HasPrefix(clean, "/.") {
		t.Errorf("%q leads away, to %v", location, to)
	}
}

func TestOnlyATrustedProxyIsBelievedWhereSomebodyCallsFrom(t *testing.T) {
	trusted := func(_ *workflow.Portal, o *handlers.Options) {
		_, n, err := net.ParseCIDR("198.51.100.0/24")
		if err != nil {
			t.Fatal(err)
		}
		o.Proxies = []*net.IPNet{n}
	}
	for _, c := range []struct {
		sentence string
		proxies  []func(*workflow.Portal, *handlers.Options)
		peer     string
		chain    string // of X-Forwarded-For, where %d differs each time
		limited  bool   // all the asks count as of one network
	}{
		{"without a proxy the header is nothing", nil, "203.0.113.9:1", "192.0.2.%d", true},
		{"from elsewhere than the proxy it is nothing", []func(*workflow.Portal, *handlers.Options){trusted}, "203.0.113.9:1", "192.0.2.%d", true},
		{"from loopback it is nothing", []func(*workflow.Portal, *handlers.Options){trusted}, "127.0.0.1:1", "192.0.2.%d", true},
		{"from the proxy it counts", []func(*workflow.Portal, *handlers.Options){trusted}, "198.51.100.1:1", "192.0.2.%d", false},
		{"what stands before the proxy's own word is nothing", []func(*workflow.Portal, *handlers.Options){trusted}, "198.51.100.1:1", "192.0.2.%d, 203.0.113.7", true},
		{"one household of IPv6 is one network", nil, "[2001:db8::%d]:1", "", true},
	} {
		s := newPortal(t, c.proxies...)
		refused := false
		for i := range 40 {
			b := s.browser()
			b.peer = c.peer
			if strings.Contains(c.peer, "%d") {
				b.peer = fmt.Sprintf(c.peer, i)
			}
			r := httptest.NewRequest(http.MethodPost, base+"/", strings.NewReader(fmt.Sprintf("email=visitor%d%%40example.org", i)))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if c.chain != "" {
				r.Header.Set("X-Forwarded-For", fmt.Sprintf(c.chain, i))
				r.Header.Set("X-Real-IP", fmt.Sprintf("192.0.2.%d", i))
			}
			refused = b.do(r).StatusCode == http.StatusTooManyRequests || refused
		}
		if refused != c.limited {
			t.Errorf("%s: limited %v", c.sentence, refused)
		}
	}
}

func TestACookieThatSomebodySetBeforeNeverSignsIn(t *testing.T) {
	s := newPortal(t)
	b := s.browser()
	preset := "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	b.cookies["habeas"] = preset
	b.get("/data").wantAt(t, "/")
	b.cookies["habeas"] = preset
	b.post("/", "email", marta).wantAt(t, "/verify")
	b.cookies["habeas"] = preset
	b.post("/verify", "code", s.code(marta)).wantAt(t, "/data")
	mine := b.cookies["habeas"]
	if mine == preset || len(mine) < 43 {
		t.Errorf("the session has the token %q", mine)
	}
	thief := s.browser()
	thief.cookies["habeas"] = preset
	thief.get("/data").wantAt(t, "/")
	s.clock.Advance(11 * time.Minute)
	b.post("/confirm/send", "return", "/export").want(t, http.StatusSeeOther)
	b.post("/confirm", "code", s.code(marta), "return", "/export").wantAt(t, "/export")
	if b.cookies["habeas"] == mine {
		t.Error("a step-up keeps the token")
	}
	thief.cookies["habeas"] = mine
	thief.get("/data").wantAt(t, "/")
}

func TestCookiesAreOursAloneAndOnHTTPSBoundToTheHost(t *testing.T) {
	for _, at := range []string{base, "https://privacy.test"} {
		s := newPortal(t, func(_ *workflow.Portal, o *handlers.Options) {
			u, err := url.Parse(at)
			if err != nil {
				t.Fatal(err)
			}
			o.BaseURL = u
		})
		b := s.browser()
		got := b.post("/?lang=en", "email", marta)
		cookies := got.Cookies()
		if len(cookies) < 2 {
			t.Fatalf("%d cookies", len(cookies))
		}
		for _, k := range cookies {
			secure := strings.HasPrefix(at, "https")
			if !k.HttpOnly || k.Path != "/" || k.Domain != "" || k.SameSite == http.SameSiteNoneMode || k.Secure != secure || strings.HasPrefix(k.Name, "__Host-") != secure {
				t.Errorf("at %s: %s", at, k)
			}
		}
		if hsts := got.Header.Get("Strict-Transport-Security"); (hsts != "") != strings.HasPrefix(at, "https") {
			t.Errorf("at %s HSTS is %q", at, hsts)
		}
	}
}
