// Package handlers is HTTP in, HTTP out: the site map, sessions and cookies, forms and pages. It is the only package
// that knows Echo. It decides nothing and reads no database: every act and every read goes through workflow.
package handlers

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"habeas/rights"
	"habeas/workflow"
)

// Options is what the handlers need to know.
type Options struct {
	Portal    *workflow.Portal
	BaseURL   *url.URL     // its host is the only one answered to
	Proxies   []*net.IPNet // whose X-Forwarded-For is believed; none: the peer's address counts
	MetricsBy string       // bearer token that may read /metrics from elsewhere than loopback; "" for loopback only
	Contacts  Contacts
	Dev       Dev // nil outside the demo
	Log       *slog.Logger
	Now       func() time.Time
	Pulse     time.Duration   // how often a stream of events looks after its session; 0 for every 15 seconds
	Done      <-chan struct{} // closed when the server stops, so that streams end; nil for never
}

// Contacts are the links at the foot of each page.
type Contacts struct {
	PolicyURL     string
	Privacy       string // mailbox of the privacy team
	AuthorityName string
	AuthorityURL  string
}

// server carries out requests.
type server struct {
	Options
	portal  *workflow.Portal
	secure  bool   // https: cookies are Secure and carry the __Host- prefix
	metrics *meter // counters of this server
	streams streams
}

// New returns the portal's HTTP handler.
func New(o Options) (http.Handler, error) {
	if o.BaseURL == nil || o.BaseURL.Host == "" {
		return nil, fmt.Errorf("base_url: write it in full, like https://privacy.example.com")
	}
	s := &server{Options: o, portal: o.Portal, secure: o.BaseURL.Scheme == "https", metrics: newMeter()}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.fail
	e.IPExtractor = s.ipExtractor()
	e.Pre(s.observe, s.recovered, s.headers, s.hostAllowed)
	s.routes(e)
	return s.sameOrigin(e), nil
}

// routes is the site map.
func (s *server) routes(e *echo.Echo) {
	// Operations, without a session.
	e.GET("/healthz", s.healthz)
	e.GET("/readyz", s.readyz)
	e.GET("/metrics", s.metricsPage)
	e.GET("/.well-known/security.txt", s.securityTxt)
	e.GET("/.well-known/change-password", s.changePassword)
	e.GET("/robots.txt", s.robots)
	e.GET("/favicon.ico", s.favicon)
	e.GET("/static/*", s.static)

	s.apiRoutes(e)

	// Anybody.
	open := e.Group("", s.visit)
	open.GET("/", s.start)
	open.POST("/", s.askCode)
	open.GET("/verify", s.verify)
	open.POST("/verify", s.enter)
	open.POST("/verify/resend", s.resend)
	open.GET("/enter/:token", s.link)
	open.POST("/enter/:token", s.enterByLink)
	open.GET("/stop/:token", s.stop)
	open.POST("/stop/:token", s.stopNow)
	open.GET("/signed-out", s.signedOut)
	open.GET("/choices", s.choices)
	open.POST("/choices", s.chooseUnproven)
	s.recipientRoutes(open)
	open.GET("/transparency", s.transparency)
	open.GET("/transparency.csv", s.transparencyCSV)
	open.POST("/sign-out", s.signOut)

	// A person with a confirmed mailbox, who is still to be told from others behind it.
	half := e.Group("", s.visit, s.mailboxConfirmed)
	half.GET("/choose", s.choose)
	half.POST("/choose", s.chosen)

	// A person.
	me := e.Group("", s.visit, s.personOnly)
	me.GET("/data", s.data)
	me.GET("/data/:source/:collection", s.collection)
	me.GET("/confirm", s.stepUp)
	me.POST("/confirm", s.confirm)
	me.POST("/confirm/send", s.sendStepUp)
	me.GET("/export", s.exportStart)
	me.POST("/export", s.exportAsk)
	me.GET("/export/:ref", s.exportState)
	me.GET("/export/:ref/package.zip", s.exportFile)
	me.GET("/export/:ref/supplement-:number", s.exportFile)
	me.GET("/correct", s.correct)
	me.POST("/correct", s.correctCheck)
	me.GET("/erase", s.erase)
	me.POST("/erase", s.eraseAsk)
	me.GET("/consents", s.consents)
	me.POST("/consents/:purpose", s.consent)
	me.POST("/consents/withdraw-all", s.withdrawAll)
	me.GET("/consents/history", s.consentHistory)
	me.GET("/consents/receipts/:id", s.consentReceipt)
	me.POST("/choices/:flag", s.raiseFlag)
	me.GET("/choices/:flag/undo", s.undoFlag)
	me.POST("/choices/:flag/undo", s.lowerFlag)
	me.GET("/requests", s.requests)
	me.GET("/requests/new", s.requestForm)
	me.POST("/requests", s.requestNew)
	me.GET("/requests/:ref", s.request)
	me.GET("/requests/:ref/done", s.requestDone)
	me.POST("/requests/:ref/messages", s.say)
	me.GET("/requests/:ref/files/:id", s.file)
	me.GET("/requests/:ref/confirm", s.confirmRequest)
	me.POST("/requests/:ref/confirm", s.answerRequest)
	me.GET("/requests/:ref/cancel", s.cancelCheck)
	me.POST("/requests/:ref/cancel", s.cancel)
	me.GET("/activity", s.activity)
	me.GET("/security", s.security)
	me.POST("/security/end-others", s.endOthers)

	s.staffRoutes(e)
	if s.Dev != nil {
		s.devRoutes(e)
	}

	// Last, because each group above claims what it does not know: nothing here, whoever asks.
	e.RouteNotFound("/*", func(echo.Context) error { return rights.ErrNotFound }, s.visit)
}
