package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"habeas/static"
)

func TestProbesNeedNoHostAndNoSession(t *testing.T) {
	s := newPortal(t)
	for _, path := range []string{"/healthz", "/readyz"} {
		r := httptest.NewRequest(http.MethodGet, "http://10.0.0.7:8080"+path, nil)
		if got := s.browser().do(r).want(t, http.StatusOK); got.Body != "ok\n" || len(got.Cookies()) > 0 {
			t.Errorf("%s answers %q with %d cookies", path, got.Body, len(got.Cookies()))
		}
	}
	s.must(s.Store.Close())
	s.browser().get("/healthz").want(t, http.StatusOK)
	s.browser().get("/readyz").want(t, http.StatusServiceUnavailable)
}

func TestMetricsAreForThisMachineOrTheToken(t *testing.T) {
	s := newPortal(t)
	s.browser().get("/enter/a-secret-token").want(t, http.StatusGone)
	for _, row := range []struct {
		what, peer, header, value string
		status                    int
	}{
		{"this machine", "127.0.0.1:4000", "", "", http.StatusOK},
		{"this machine by IPv6", "[::1]:4000", "", "", http.StatusOK},
		{"elsewhere", "192.0.2.1:4000", "", "", http.StatusNotFound},
		{"elsewhere with the token", "192.0.2.1:4000", "Authorization", "Bearer let-me-measure", http.StatusOK},
		{"elsewhere with another token", "192.0.2.1:4000", "Authorization", "Bearer let-me-guess", http.StatusNotFound},
		{"elsewhere with an empty token", "192.0.2.1:4000", "Authorization", "Bearer ", http.StatusNotFound},
		{"elsewhere, through a proxy on this machine", "127.0.0.1:4000", "X-Forwarded-For", "192.0.2.1", http.StatusNotFound},
	} {
		t.Run(row.what, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, base+"/metrics", nil)
			if row.header != "" {
				r.Header.Set(row.header, row.value)
			}
			b := s.browser()
			b.peer = row.peer
			got := b.do(r).want(t, row.status).hides(t, "a-secret-token")
			if row.status == http.StatusOK && !strings.Contains(got.Body, `habeas_requests_total{method="GET",route="/enter/:token",status="410"} 1`) {
				t.Error("the answers are not counted by route")
			}
		})
	}
}

func TestAMadeUpMethodMakesNoLabel(t *testing.T) {
	s := newPortal(t)
	b := s.browser()
	b.peer = "127.0.0.1:4000"
	b.do(httptest.NewRequest("EVIL", base+"/", nil))
	b.get("/metrics").want(t, http.StatusOK).hides(t, "EVIL")
}

func TestSecurityTxtNamesAContactAndDoesNotGoStale(t *testing.T) {
	s := newPortal(t)
	text := s.browser().get("/.well-known/security.txt").want(t, http.StatusOK).Body
	if !strings.Contains(text, "Contact: mailto:privacy@shop.test\n") || !strings.Contains(text, "Canonical: "+base+"/.well-known/security.txt\n") {
		t.Errorf("security.txt is %q", text)
	}
	expires, err := time.Parse(time.RFC3339, regexp.MustCompile(`(?m)^Expires: (.*)$`).FindStringSubmatch(text)[1])
	s.must(err)
	if left := expires.Sub(s.clock.Now()); left < 24*time.Hour || left > 366*24*time.Hour {
		t.Errorf("it expires in %s", left) // RFC 9116 2.5.5
	}
}

func TestSmallAnswersThatBrowsersAndRobotsAskFor(t *testing.T) {
	s := newPortal(t)
	b := s.browser()
	b.get("/.well-known/change-password").wantAt(t, "/")
	b.get("/favicon.ico").wantAt(t, static.URL("favicon.svg"))
	if robots := b.get("/robots.txt").want(t, http.StatusOK).Body; !strings.Contains(robots, "Disallow: /\n") {
		t.Errorf("robots.txt is %q", robots)
	}
}

func TestStaticFilesAreKeptAndBelongToNobody(t *testing.T) {
	s := newPortal(t)
	b := s.customer(marta)
	for _, name := range static.Names() {
		r := b.get(static.URL(name)).want(t, http.StatusOK)
		if cache := r.Header.Get("Cache-Control"); !strings.Contains(cache, "immutable") || strings.Contains(cache, "no-store") {
			t.Errorf("%s: Cache-Control is %q", name, cache)
		}
		if len(r.Cookies()) > 0 {
			t.Errorf("%s sets a cookie", name)
		}
	}
	b.get("/static/0/nothing.css").want(t, http.StatusNotFound)
	b.get("/static/../server.go").want(t, http.StatusNotFound)
}
