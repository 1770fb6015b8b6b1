package handlers

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
)

// Dev is what the demo shows of itself: the people it made up, and the mail it captured.
type Dev interface {
	Letters() []DevLetter // newest first
	People() []DevPerson
}

// DevLetter is one captured letter.
type DevLetter struct {
	ID      string              `json:"id"`
	At      time.Time           `json:"at"`
	To      string              `json:"to"`
	Subject string              `json:"subject"`
	Text    string              `json:"text"`
	HTML    string              `json:"html"`
	Headers map[string][]string `json:"headers"`
}

// DevPerson is somebody whom the demo lets anybody be.
type DevPerson struct {
	Email string `json:"email"`
	Name  string `json:"name"`
	Role  string `json:"role"` // subject, officer, approver, admin or auditor

	Try map[string]string `json:"-"` // what there is to see as them, by language
}

// devRoutes exist in the demo only.
func (s *server) devRoutes(e *echo.Echo) {
	dev := e.Group("/dev", s.visit)
	dev.GET("", s.devPeople)
	dev.POST("/sign-in", s.devSignIn)
	dev.GET("/mail", s.devMail)
	dev.GET("/mail/html", s.devMailHTML)
}

func (s *server) devPeople(c echo.Context) error {
	people := s.Dev.People()
	if wantsJSON(c) {
		return c.JSON(http.StatusOK, notNil(people))
	}
	v := visitOf(c)
	m := views.DevPage{MailCount: locale.T(v.lang, "dev.mail.count", "Count", len(s.Dev.Letters()))}
	for _, p := range people {
		line := views.DevPersona{Email: p.Email, Name: p.Name, Initials: initials(p.Name), Try: p.Try[v.lang]}
		if p.Role == string(rights.RoleSubject) {
			m.Customers = append(m.Customers, line)
			continue
		}
		line.Role = locale.T(v.lang, "staff.role."+p.Role)
		m.Staff = append(m.Staff, line)
	}
	return s.page(c, http.StatusOK, "", views.Dev(m))
}

// devSignIn opens a session as one of the demo's people, without a code.
func (s *server) devSignIn(c echo.Context) error {
	f, err := parse(c)
	if err != nil {
		return err
	}
	as := f.one("as")
	if !slices.ContainsFunc(s.Dev.People(), func(p DevPerson) bool { return p.Email == as }) {
		return rights.ErrNotFound
	}
	in, err := s.portal.SignInAs(c.Request().Context(), as, visitOf(c).visitor)
	if err != nil {
		return err
	}
	if in.Session.Kind == "staff" {
		s.setCookie(c, sessionCookie, in.Token, sessionLife)
		return s.see(c, "/staff/queue")
	}
	return s.signedIn(c, in)
}

// mailsShown is how many letters are listed at once.
const mailsShown = 60

// devMail lists letters, from the one that the URL names, and opens one of them.
func (s *server) devMail(c echo.Context) error {
	letters := s.Dev.Letters()
	if wantsJSON(c) {
		return c.JSON(http.StatusOK, notNil(letters))
	}
	v := visitOf(c)
	from, open := c.QueryParam("from"), c.QueryParam("id")
	first, opened := letterAt(letters, from), letterAt(letters, open)
	if first < 0 || opened < 0 {
		return rights.ErrNotFound
	}
	if open == "" {
		opened = first
	}
	m := views.MailPage{}
	for i, l := range letters[first:min(first+mailsShown, len(letters))] {
		m.Letters = append(m.Letters, views.MailLine{
			Href: "/dev/mail?" + url.Values{"from": {letters[first].ID}, "id": {l.ID}}.Encode(), Subject: l.Subject, To: l.To, When: s.dateTime(v.lang, l.At),
			Current: first+i == opened,
		})
	}
	if older := first + mailsShown; older < len(letters) {
		m.OlderHref = "/dev/mail?from=" + queryEscape(letters[older].ID)
	}
	if opened < len(letters) {
		m.Open = s.mailLetter(v.lang, letters[opened])
	}
	// The letter's own page is drawn in a frame of this one.
	c.Response().Header().Set("Content-Security-Policy", policy+"; frame-src 'self'")
	return s.page(c, http.StatusOK, "", views.DevMail(m))
}

// letterAt is the place of a letter, the first without an id, and negative if there is none of that id.
func letterAt(letters []DevLetter, id string) int {
	if id == "" {
		return 0
	}
	return slices.IndexFunc(letters, func(l DevLetter) bool { return l.ID == id })
}

func (s *server) mailLetter(lang string, l DevLetter) *views.MailLetter {
	m := &views.MailLetter{Subject: l.Subject, To: l.To, When: s.dateTime(lang, l.At), Text: linked(l.Text)}
	if l.HTML != "" {
		m.HTMLPath = "/dev/mail/html?id=" + queryEscape(l.ID)
	}
	names := make([]string, 0, len(l.Headers))
	for name := range l.Headers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		m.Headers = append(m.Headers, views.Fact{Term: name, Value: strings.Join(l.Headers[name], "\n")})
	}
	return m
}

// letterPolicy lets a letter style itself, as mail programs do, and nothing more: no script, nothing from elsewhere.
const letterPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; " +
	"frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"

// devMailHTML is the HTML part of a letter, alone. Its links open beside it: a page of ours refuses to be framed.
func (s *server) devMailHTML(c echo.Context) error {
	for _, l := range s.Dev.Letters() {
		if l.ID == c.QueryParam("id") && l.HTML != "" {
			h := c.Response().Header()
			h.Set("Content-Security-Policy", letterPolicy)
			h.Set("X-Frame-Options", "SAMEORIGIN")
			return c.HTML(http.StatusOK, strings.Replace(l.HTML, "<a ", `<a target="_blank" rel="noopener" `, -1))
		}
	}
	return rights.ErrNotFound
}

var address = regexp.MustCompile(`https?://[^\s<>"]+`)

// linked cuts a letter's text into words and addresses that can be followed.
func linked(text string) []views.TextPart {
	var parts []views.TextPart
	at := 0
	for _, span := range address.FindAllStringIndex(text, -1) {
		parts = append(parts, views.TextPart{Text: text[at:span[0]]})
		href := strings.TrimRight(text[span[0]:span[1]], ".,;:!?)。，；：！？）")
		at = span[0] + len(href)
		if _, err := url.Parse(href); err != nil {
			parts = append(parts, views.TextPart{Text: href})
			continue
		}
		parts = append(parts, views.TextPart{Text: href, Href: href})
	}
	return append(parts, views.TextPart{Text: text[at:]})
}

// wantsJSON reports whether the asker named JSON: scripts do, browsers do not.
func wantsJSON(c echo.Context) bool {
	return strings.Contains(c.Request().Header.Get("Accept"), "application/json")
}

// notNil makes an empty list an empty list in JSON too.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
