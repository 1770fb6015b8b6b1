package handlers

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/workflow"
)

// visit is what is known of the asker of one request.
type visit struct {
	actor   rights.Actor
	session session
	lang    string
	mailbox string // as the person's own pages show it
	name    string // of a member of staff
	visitor workflow.Visitor
	live    bool // the page asks by itself, to follow a change: nobody is at work, so nothing is kept of it
}

// session is what handlers need of a session.
type session struct {
	ID        string
	Kind      string
	Subject   string
	Mailbox   string
	SteppedUp bool
	Confirmed bool // staff: the second factor has passed
	inner     workflow.Session
}

const visitKey = "visit"

func visitOf(c echo.Context) *visit {
	v, _ := c.Get(visitKey).(*visit)
	return v
}

// visit finds out who asks, once a request, and in which language.
func (s *server) visit(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := s.recognise(c); err != nil {
			return err
		}
		return next(c)
	}
}

func (s *server) recognise(c echo.Context) error {
	v := &visit{lang: s.language(c), live: byItself(c)}
	v.visitor = workflow.Visitor{Net: network(c.RealIP()), Device: device(c.Request().UserAgent()), Language: v.lang}
	c.Set(visitKey, v)
	token := s.cookie(c, sessionCookie)
	if token == "" {
		return nil
	}
	ctx := c.Request().Context()
	look := s.portal.Who
	if v.live {
		look = s.portal.Glance
	}
	who, err := look(ctx, token)
	if errors.Is(err, rights.ErrNotFound) {
		return nil // the cookie stays: another tab may just have put a newer token there, which an answer must not drop
	}
	if err != nil {
		return err
	}
	v.actor, v.mailbox, v.name = who.Actor, who.Mailbox, who.Name
	v.session = session{
		ID: who.Session.ID, Kind: who.Session.Kind, Subject: who.Session.Subject, Mailbox: who.Session.Mailbox,
		SteppedUp: s.portal.SteppedUp(who.Session), Confirmed: !who.Session.StepUpAt.IsZero(), inner: who.Session,
	}
	if c.QueryParam("lang") != "" && !v.live {
		return s.portal.SetLanguage(ctx, v.actor, v.lang)
	}
	return nil
}

// personOnly lets signed-in people pass; anybody else is sent to the start, and back here afterwards by their own steps.
func (s *server) personOnly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		v := visitOf(c)
		switch {
		case v.session.Kind != "subject":
			return s.see(c, "/")
		case v.session.Subject == "":
			return s.see(c, "/choose")
		}
		return next(c)
	}
}

// mailboxConfirmed lets sessions pass in which the person behind a shared mailbox is still to be picked.
func (s *server) mailboxConfirmed(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		v := visitOf(c)
		switch {
		case v.session.Kind != "subject":
			return s.see(c, "/")
		case v.session.Subject != "":
			return s.see(c, "/data")
		}
		return next(c)
	}
}

// Names of the cookies; https adds the prefix that binds them to this host.
const (
	sessionCookie  = "habeas"
	askedCookie    = "habeas-asked" // the challenge and browser a code was asked for from
	stepUpCookie   = "habeas-step-up"
	languageCookie = "habeas-language"
)

func (s *server) cookieName(name string) string {
	if s.secure {
		return "__Host-" + name
	}
	return name
}

func (s *server) cookie(c echo.Context, name string) string {
	k, err := c.Cookie(s.cookieName(name))
	if err != nil {
		return ""
	}
	return k.Value
}

func (s *server) setCookie(c echo.Context, name, value string, life time.Duration) {
	c.SetCookie(&http.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", MaxAge: int(life.Seconds()), Secure: s.secure, HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
}

func (s *server) dropCookie(c echo.Context, name string) { s.setCookie(c, name, "", -time.Second) }

// language is the choice in ?lang=, which is kept, else the kept one, else the browser's.
func (s *server) language(c echo.Context) string {
	if choice := c.QueryParam("lang"); choice != "" && locale.Match(choice, "") == choice {
		if !byItself(c) {
			s.setCookie(c, languageCookie, choice, 365*24*time.Hour)
		}
		return choice
	}
	return locale.Match(s.cookie(c, languageCookie), c.Request().Header.Get("Accept-Language"))
}

// byItself reports whether a page asks without its reader, to follow a change (static/js/live.js).
func byItself(c echo.Context) bool { return c.Request().Header.Get("Habeas-Live") != "" }

// device names a browser as its owner would, "Firefox, Android", and keeps nothing else of the header.
func device(agent string) string {
	find := func(table [][2]string) string {
		for _, row := range table {
			if strings.Contains(agent, row[0]) {
				return row[1]
			}
		}
		return ""
	}
	browser := find([][2]string{
		{"MicroMessenger", "WeChat"}, {"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	})
	system := find([][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"HarmonyOS", "HarmonyOS"}, {"Windows", "Windows"},
		{"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	})
	if browser != "" && system != "" {
		return browser + ", " + system
	}
	return browser + system
}
