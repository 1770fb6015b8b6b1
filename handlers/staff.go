package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
)

// staffRoutes is the site map of the desk.
func (s *server) staffRoutes(e *echo.Echo) {
	// Anybody: the ways in.
	door := e.Group("/staff", s.visit)
	door.GET("/login", s.staffLogin)
	door.POST("/login", s.staffSignIn)
	door.GET("/totp", s.staffTOTP)
	door.POST("/totp", s.staffConfirm)
	door.GET("/enrol/:token", s.staffInvitation)
	door.POST("/enrol/:token", s.staffEnrol)

	// Whoever works here, auditors included. This group comes after the one before: what neither of them knows below
	// /staff is for staff to be told that it does not exist.
	desk := e.Group("/staff", s.visit, s.staffOnly)
	desk.GET("", func(c echo.Context) error { return s.see(c, "/staff/queue") })
	desk.POST("/sign-out", s.staffSignOut)
	s.queueRoutes(desk)
	s.requestRoutes(desk)
	s.intakeRoutes(desk)
	s.peopleRoutes(desk)
	s.dashboardRoutes(desk)
	s.alertRoutes(desk)
	s.approvalRoutes(desk)
	s.teamRoutes(desk)
	s.settingsRoutes(desk)
	s.tokenRoutes(desk)
	s.templateRoutes(desk)
	s.proofRoutes(desk)
	s.activityRoutes(desk)
	s.reviewRoutes(desk)
	s.retentionRoutes(desk)
	s.taskListRoutes(desk)
}

// backTo answers whoever comes to the address of a form by a reload or by the language switch of the page that the form
// was answered with: the page it stands on, of the same request.
func (s *server) backTo(page string) echo.HandlerFunc {
	return func(c echo.Context) error { return s.see(c, page+url.PathEscape(c.Param("ref"))) }
}

// staffOnly lets members of staff pass once their second factor has. Anybody else is shown where to sign in; what they
// sent is not there for them.
func (s *server) staffOnly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		v := visitOf(c)
		asks := c.Request().Method == http.MethodGet || c.Request().Method == http.MethodHead
		switch {
		case v.session.Kind == "staff" && v.session.Confirmed:
			return next(c)
		case !asks:
			return rights.ErrNotFound
		}
		s.keepWay(c)
		if v.session.Kind == "staff" {
			return s.see(c, "/staff/totp")
		}
		return s.see(c, "/staff/login")
	}
}

// may lets roles pass that are allowed the deed. Workflow checks the same again inside each use case; here it keeps a
// form from being read, and its faults from being told, on behalf of somebody who could never send it.
func (s *server) may(deed rights.Deed) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if !visitOf(c).actor.Role.May(deed) {
				return rights.ErrNotFound
			}
			return next(c)
		}
	}
}

// places are the parts of the desk, in the order of the sidebar, each for whoever may do its deed.
var places = []struct {
	tab, href, icon string
	deed            rights.Deed
}{
	{"queue", "/staff/queue", "queue", rights.SeeQueue},
	{"tasks", "/staff/tasks", "check", rights.SeeQueue},
	{"people", "/staff/people", "person", rights.SeePeople},
	{"dashboard", "/staff/dashboard", "chart", rights.SeeDashboard},
	{"activities", "/staff/activities", "log", rights.SeeActivities},
	{"reviews", "/staff/reviews", "shield", rights.SeeActivities},
	{"approvals", "/staff/approvals", "check", rights.Approve},
	{"templates", "/staff/templates", "mail", rights.EditTemplates},
	{"team", "/staff/team", "people", rights.ManageStaff},
	{"settings", "/staff/settings", "settings", rights.SeeSettings},
}

// savedViews are the ways into the queue, in the order of the sidebar.
var savedViews = []string{"open", "mine", "unassigned", "overdue", "week", "closed", "routine", "all"}

// desk is what surrounds a page of staff. At is the address of the list of the queue that is open, "" for none.
func (s *server) desk(c echo.Context, tab, at string) (views.Desk, error) {
	d, _, err := s.deskAndCounts(c, tab, at)
	return d, err
}

func (s *server) deskAndCounts(c echo.Context, tab, at string) (views.Desk, map[string]int, error) {
	v := visitOf(c)
	counts, err := s.portal.QueueCounts(c.Request().Context(), v.actor)
	if err != nil {
		return views.Desk{}, nil, err
	}
	d := views.Desk{
		Name: v.name, Initials: initials(v.name), Role: locale.T(v.lang, "staff.role."+string(v.actor.Role)),
		Registers: v.actor.Role.May(rights.HandleRequest),
	}
	for _, p := range places {
		if v.actor.Role.May(p.deed) {
			d.Places = append(d.Places, views.Place{Text: locale.T(v.lang, "place."+p.tab), Href: p.href, Icon: p.icon, Here: p.tab == tab})
		}
	}
	if d.Budget, err = s.budgetNote(c); err != nil {
		return d, nil, err
	}
	if d.Alerts, err = s.bell(c); err != nil {
		return d, counts, err
	}
	d.Views, err = s.viewLinks(c, counts, at)
	return d, counts, err
}

// initials stand for a name in a small circle: "MK" for Mei Kwan, 陈 for 陈晓雯.
func initials(name string) string {
	words := strings.Fields(name)
	var out []rune
	for i, word := range words {
		if i == 0 || i == len(words)-1 {
			out = append(out, unicode.ToUpper([]rune(word)[0]))
		}
	}
	if len(out) > 1 && unicode.Is(unicode.Han, out[0]) {
		out = out[:1]
	}
	return string(out)
}

// deskTitle is what a request asks, as officers call it.
func deskTitle(lang string, r rights.Request) string {
	if r.Routine {
		return locale.T(lang, "desk.right.viewing")
	}
	return locale.T(lang, "desk.right."+string(r.Called()))
}

// deskPill is a state as officers call it.
func deskPill(lang string, state rights.State) views.Pill {
	tone := map[rights.State]string{
		rights.Received: "new", rights.InProgress: "ok", rights.Fulfilled: "ok", rights.Refused: "bad",
	}
	return views.Pill{Text: locale.T(lang, "desk.state."+string(state)), Tone: tone[state]}
}
