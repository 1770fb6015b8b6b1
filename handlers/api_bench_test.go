package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"habeas/rights"
)

// How much a question by the API costs beside a page that asks nothing.
func BenchmarkConsentCheck(b *testing.B) {
	s := newPortal(b)
	marta := s.customer(marta)
	marta.post("/consents/newsletter", "state", "granted")
	admin := s.staff(rights.RoleAdmin)
	token := s.token(admin)
	for name, c := range map[string]struct {
		method, path, body string
	}{
		"static": {http.MethodGet, "/healthz", ""},
		"check":  {http.MethodPost, "/api/v1/consents/check", `{"email": "marta@example.org", "purposes": ["newsletter"]}`},
		"nobody": {http.MethodPost, "/api/v1/consents/check", `{"email": "nobody@example.net", "purposes": ["newsletter"]}`},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r := httptest.NewRequest(c.method, base+c.path, strings.NewReader(c.body))
					r.Header.Set("Content-Type", "application/json")
					r.Header.Set("Authorization", "Bearer "+token)
					w := httptest.NewRecorder()
					s.http.ServeHTTP(w, r)
					if w.Code != http.StatusOK {
						b.Errorf("%d %s", w.Code, w.Body)
						return
					}
					s.clock.Advance(2 * time.Millisecond) // or it would measure how fast a token is told to wait
				}
			})
		})
	}
}
