package handlers

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/labstack/echo/v4"

	"habeas/static"
)

// meter counts what this server answers. Its set is its own, so that two servers in one process do not mix.
type meter struct{ set *metrics.Set }

func newMeter() *meter { return &meter{metrics.NewSet()} }

// request counts one answer by the pattern of its route: a path could hold a token, and would make labels without end.
func (m *meter) request(method, route string, status int, took time.Duration) {
	if !known[method] {
		method = "other" // a client may send any word as its method
	}
	m.set.GetOrCreateCounter(fmt.Sprintf(`habeas_requests_total{method=%q,route=%q,status="%d"}`, method, route, status)).Inc()
	m.set.GetOrCreateHistogram(fmt.Sprintf(`habeas_request_seconds{route=%q}`, route)).Update(took.Seconds())
}

var known = map[string]bool{http.MethodGet: true, http.MethodHead: true, http.MethodPost: true}

// healthz says that the process serves; whether it can do its work is readyz.
func (s *server) healthz(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

func (s *server) readyz(c echo.Context) error {
	if err := s.portal.Ready(c.Request().Context()); err != nil {
		s.Log.Error("not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	return c.String(http.StatusOK, "ok\n")
}

// metricsPage is for this machine, or for whoever holds the token. Anybody else finds nothing.
func (s *server) metricsPage(c echo.Context) error {
	if !s.mayMeasure(c.Request()) {
		return echo.ErrNotFound
	}
	c.Response().Header().Set(echo.HeaderContentType, "text/plain; version=0.0.4; charset=utf-8")
	s.metrics.set.WritePrometheus(c.Response())
	metrics.WriteProcessMetrics(c.Response())
	return nil
}

// mayMeasure looks at the peer itself: what a proxy forwards comes from loopback too, and says so.
func (s *server) mayMeasure(r *http.Request) bool {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if bearer && s.MetricsBy != "" {
		return subtle.ConstantTimeCompare([]byte(token), []byte(s.MetricsBy)) == 1
	}
	return loopback(r.RemoteAddr) && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}

// securityTxt tells finders of weaknesses whom to write to (RFC 9116).
func (s *server) securityTxt(c echo.Context) error {
	if s.Contacts.Privacy == "" {
		return echo.ErrNotFound // 2.5.3: a file without a contact says nothing
	}
	// 2.5.5 recommends less than a year; the file is made anew for each reader, so half of one never goes stale.
	expires := s.Now().UTC().AddDate(0, 6, 0).Truncate(24 * time.Hour)
	return c.String(http.StatusOK, fmt.Sprintf("Contact: mailto:%s\nExpires: %s\nPreferred-Languages: en, zh\nCanonical: %s\n",
		s.Contacts.Privacy, expires.Format(time.RFC3339), s.BaseURL.JoinPath("/.well-known/security.txt")))
}

// changePassword leads to the start: customers have no passwords that a manager could change.
func (s *server) changePassword(c echo.Context) error { return s.see(c, "/") }

// robots keeps a portal out of search engines: there is nothing here for anybody but the person asking.
func (s *server) robots(c echo.Context) error {
	return c.String(http.StatusOK, "User-agent: *\nDisallow: /\n")
}

func (s *server) favicon(c echo.Context) error { return s.see(c, static.URL("favicon.svg")) }

func (s *server) static(c echo.Context) error {
	static.Handler().ServeHTTP(c.Response(), c.Request())
	return nil
}
