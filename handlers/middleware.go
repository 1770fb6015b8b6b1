package handlers

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// maxForm is the most bytes of a form: long messages fit, floods do not.
const maxForm = 64 << 10

// policy is the Content-Security-Policy of every page: nothing inline, nothing from elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// sameOrigin refuses cross-site posts before anything else runs.
func (s *server) sameOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.guard(w.Header())
		http.Error(w, "This form was sent from another site. Open the page itself and try again. / 表单来自其他网站，请直接打开本页面后重试。", http.StatusForbidden)
	}))
	return guard.Handler(next)
}

// hostAllowed answers to the host of base_url only: mailed links and cookies must not depend on what a client says.
func (s *server) hostAllowed(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !strings.EqualFold(c.Request().Host, s.BaseURL.Host) && !operations[c.Request().URL.Path] {
			return c.String(http.StatusBadRequest, "This address is not served here. Use "+s.BaseURL.String()+"\n")
		}
		return next(c)
	}
}

// operations are asked by probes, which call by address.
var operations = map[string]bool{"/healthz": true, "/readyz": true, "/metrics": true}

// headers sets what every answer carries, and bounds what every request may bring.
func (s *server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s.guard(c.Response().Header())
		r := c.Request()
		if !takesFiles(r) {
			r.Body = http.MaxBytesReader(c.Response(), r.Body, maxForm)
			return next(c)
		}
		r.Body = http.MaxBytesReader(c.Response(), r.Body, maxUpload)
		if err := s.patient(c.Response().Writer); err != nil {
			return err
		}
		return next(c)
	}
}

// guard sets the headers that keep a browser from harm, on every answer there is.
func (s *server) guard(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
	if s.secure {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

// recovered turns a panic into an error page. Its stack is logged, its value is not: it may quote what was sent.
func (s *server) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if r := recover(); r != nil {
				s.Log.Error("panic", "route", c.Path(), "stack", string(debug.Stack()))
				err = errPanicked
			}
		}()
		return next(c)
	}
}

var errPanicked = errors.New("a handler panicked")

// observe counts and logs each request: the route's pattern, never the path, which may hold a token.
func (s *server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		begin := s.Now()
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		route, status, took := c.Path(), c.Response().Status, s.Now().Sub(begin)
		if route == "" {
			route = "unmatched"
		}
		s.metrics.request(c.Request().Method, route, status, took)
		level := slog.LevelInfo
		if status >= http.StatusInternalServerError {
			level = slog.LevelError
		}
		attrs := []any{"method", c.Request().Method, "route", route, "status", status, "ms", float64(took.Microseconds()) / 1000}
		if v := visitOf(c); v != nil && v.session.ID != "" {
			attrs = append(attrs, "session", v.session.ID)
		}
		s.Log.Log(c.Request().Context(), level, "request", attrs...)
		return nil
	}
}

// ipExtractor takes the peer's address, or what a trusted proxy says it is.
func (s *server) ipExtractor() echo.IPExtractor {
	if len(s.Proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, n := range s.Proxies {
		options = append(options, echo.TrustIPRange(n))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// network is what limits count by: an IPv4 address, or the /64 of an IPv6 one, which one household holds.
func network(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return "unknown"
	}
	a = a.Unmap()
	if a.Is4() {
		return a.String()
	}
	prefix, err := a.WithZone("").Prefix(64)
	if err != nil {
		return "unknown"
	}
	return prefix.String()
}

func loopback(remote string) bool {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// waitSeconds is a wait as the Retry-After header counts it: whole seconds, at least one.
func waitSeconds(d time.Duration) int { return max(1, int((d+time.Second-1)/time.Second)) }
