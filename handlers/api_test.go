package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"habeas/handlers"
	"habeas/rights"
)

var tokenShown = regexp.MustCompile(`habeas_[A-Za-z0-9_-]{43}`)

// token has an administrator make one, as its page does.
func (s *site) token(admin *officer) string {
	s.t.Helper()
	page := admin.post("/staff/settings/tokens", "name", "newsletter engine", "scope.consents:check", "yes").want(s.t, http.StatusCreated)
	token := tokenShown.FindString(page.Body)
	if token == "" {
		s.t.Fatal("no token is shown")
	}
	return token
}

// call asks the API, as a program does.
func (b *browser) call(token, kind, body string) reply {
	r := httptest.NewRequest(http.MethodPost, base+"/api/v1/consents/check", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	if token != "" {
		r.Header.Set("Authorization", "bearer "+token) // a scheme is written as it likes (RFC 9110, 11.1)
	}
	return b.do(r)
}

func TestAProgramAsksByTheAPI(t *testing.T) {
	s := newPortal(t)
	token := s.token(s.staff(rights.RoleAdmin))
	program := s.browser()
	s.customer(marta).post("/consents/newsletter", "state", "granted")
	got := program.call(token, "application/json", `{"email": "`+marta+`", "purposes": ["newsletter"]}`).want(t, http.StatusOK)
	if want := `{"purposes":[{"purpose":"newsletter","allowed":true,"because":"granted","since":"2026-11-23T08:00:00Z"`; !strings.HasPrefix(got.Body, want) {
		t.Errorf("got %s", got.Body)
	}
	if kind := got.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") || got.Header.Get("Cache-Control") != "no-store" || got.Header.Get("Set-Cookie") != "" {
		t.Errorf("headers: %v", got.Header)
	}
	known := program.call(token, "application/json", `{"email": "`+wenbo+`"}`).want(t, http.StatusOK)
	unknown := program.call(token, "application/json", `{"email": "`+stranger+`"}`).want(t, http.StatusOK)
	if known.Body != unknown.Body {
		t.Errorf("who is known is told: %s, %s", known.Body, unknown.Body)
	}
}

func TestWhatTheAPIRefusesItSaysAsAProblem(t *testing.T) {
	s := newPortal(t)
	admin := s.staff(rights.RoleAdmin)
	token, program := s.token(admin), s.browser()
	const who = `{"email": "` + marta + `"}`
	for _, c := range []struct {
		sentence, token, kind, body string
		status                      int
		says                        string
	}{
		{"no token", "", "application/json", who, 401, "Authorization: Bearer"},
		{"a token that is none", "habeas_" + strings.Repeat("x", 43), "application/json", who, 401, "Authorization: Bearer"},
		{"a form", token, "application/x-www-form-urlencoded", "email=x", 415, "application/json"},
		{"no JSON", token, "application/json", `{"email`, 400, "not valid JSON"},
		{"a member that there is not", token, "application/json", `{"mail": "x"}`, 400, `no member \"mail\"`},
		{"no object", token, "application/json", `[]`, 400, "not a JSON object"},
		{"a member of another type", token, "application/json", `{"purposes": "newsletter"}`, 400, "purposes is of the wrong type"},
		{"two questions", token, "application/json", who + who, 400, "Something follows"},
		{"nobody", token, "application/json", `{}`, 422, `"member":"email"`},
		{"no address", token, "application/json", `{"email": "marta"}`, 422, "not one email address"},
		{"no purpose", token, "application/json", `{"email": "` + marta + `", "purposes": ["spying"]}`, 422, "no purpose spying"},
		{"too much", token, "application/json", `{"email": "` + strings.Repeat("x", 70_000) + `"}`, 413, "too large"},
	} {
		got := program.call(c.token, c.kind, c.body)
		var p struct {
			Title, Detail string
			Status        int
		}
		if err := json.Unmarshal([]byte(got.Body), &p); err != nil || got.StatusCode != c.status || p.Status != c.status || p.Title != http.StatusText(c.status) || !strings.Contains(got.Body, c.says) {
			t.Errorf("%s: %d %s", c.sentence, got.StatusCode, got.Body)
		}
		if kind := got.Header.Get("Content-Type"); kind != "application/problem+json" {
			t.Errorf("%s: a %s", c.sentence, kind)
		}
		if strings.Contains(got.Body, marta) {
			t.Errorf("%s: the problem repeats the address", c.sentence)
		}
	}
	for path, status := range map[string]int{"/api/v1/nothing": 404, "/api/v1/": 404, "/api/v1/consents/check": 404} {
		if got := program.get(path); got.StatusCode != status || got.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("GET %s: %d %s", path, got.StatusCode, got.Body)
		}
	}
	admin.get("/staff/settings/tokens").want(t, http.StatusOK).says(t, "newsletter engine", "In use").hides(t, token)
}

func TestATokenIsMadeShownOnceAndRevoked(t *testing.T) {
	s := newPortal(t)
	admin, officer := s.staff(rights.RoleAdmin), s.staff(rights.RoleOfficer)
	officer.get("/staff/settings/tokens").want(t, http.StatusNotFound)
	admin.get("/staff/settings/tokens").want(t, http.StatusOK).says(t, "No program has a token")
	admin.post("/staff/settings/tokens", "name", "").want(t, http.StatusUnprocessableEntity).says(t, "Write which program it is for.", "Choose what it may ask.")
	token := s.token(admin)
	page := admin.get("/staff/settings/tokens").want(t, http.StatusOK).says(t, "newsletter engine", "Never used")
	if strings.Contains(page.Body, token) {
		t.Error("a token is shown twice")
	}
	revoke := regexp.MustCompile(`/staff/settings/tokens/[0-9a-f]{32}/revoke`).FindString(page.Body)
	officer.post(revoke).want(t, http.StatusNotFound)
	admin.post(revoke).wantAt(t, "/staff/settings/tokens")
	admin.get("/staff/settings/tokens").says(t, "The token is revoked.", "Revoked by Mei Admin")
	s.browser().call(token, "application/json", `{"email": "`+marta+`"}`).want(t, http.StatusUnauthorized)
	admin.language = "zh-CN"
	admin.get("/staff/settings/tokens?lang=zh-CN").want(t, http.StatusOK).says(t, "API 令牌", "已吊销")
}

func TestTheDescriptionOfTheAPIIsWhatItDoes(t *testing.T) {
	s := newPortal(t)
	got := s.browser().get("/api/v1/openapi.json").want(t, http.StatusOK)
	var doc struct {
		OpenAPI    string
		Paths      map[string]map[string]any
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ Enum []string }
			}
		}
	}
	if err := json.Unmarshal([]byte(got.Body), &doc); err != nil || !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Fatal(err, doc.OpenAPI)
	}
	if said := doc.Components.Schemas["Verdict"].Properties["because"].Enum; !slices.Equal(said, rights.Becauses) {
		t.Errorf("it gives the reasons %q, they are %q", said, rights.Becauses)
	}
	var said, there []string
	for path, methods := range doc.Paths {
		for method := range methods {
			said = append(said, strings.ToUpper(method)+" /api/v1"+path)
		}
	}
	for _, r := range handlers.Routes("/api/v1/") {
		if !strings.Contains(r[1], "*") {
			there = append(there, r[0]+" "+r[1])
		}
	}
	slices.Sort(said)
	slices.Sort(there)
	if !slices.Equal(said, there) {
		t.Errorf("it describes %q, there are %q", said, there)
	}
}
