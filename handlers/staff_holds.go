package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// holdRoutes are the legal holds: on the page of a person, and all that stand.
func (s *server) holdRoutes(desk *echo.Group) {
	see, handle, approve := s.may(rights.SeePeople), s.may(rights.HandleRequest), s.may(rights.Approve)
	desk.GET("/holds", s.holds, see)
	desk.POST("/people/:id/holds", s.holdAct("place"), handle)
	desk.POST("/people/:id/holds/:hold/review", s.holdAct("review"), handle)
	desk.POST("/people/:id/holds/:hold/lift", s.holdAct("lift"), handle, approve)
	for _, path := range []string{"/people/:id/holds", "/people/:id/holds/:hold/review", "/people/:id/holds/:hold/lift"} {
		desk.GET(path, s.backToPerson, see)
	}
}

// holds lists those that stand, by the day on which they are looked at again.
func (s *server) holds(c echo.Context) error {
	v := visitOf(c)
	list, next, names, err := s.portal.Holds(c.Request().Context(), v.actor, c.QueryParam("after"))
	if err != nil {
		return err
	}
	m := views.HoldsPage{Pager: pager("/staff/holds", c.QueryParam("after"), next)}
	for _, h := range list {
		m.Holds = append(m.Holds, views.HoldRow{
			Since: locale.Date(v.lang, s.at(h.At)), Ground: locale.T(v.lang, "ground."+h.Ground), By: names[h.By], Review: s.reviewOf(v.lang, h), Href: personPath(h.Subject),
		})
	}
	if m.Desk, err = s.desk(c, "people", ""); err != nil {
		return err
	}
	return s.page(c, http.StatusOK, "", views.Holds(m))
}

// reviewOf is the day on which a hold is looked at again, and how pressing that is.
func (s *server) reviewOf(lang string, h workflow.Hold) views.Pill {
	if rights.DateOf(s.at(s.Now())).Before(h.ReviewOn) {
		return views.Pill{Text: s.day(lang, h.ReviewOn)}
	}
	return views.Pill{Text: s.day(lang, h.ReviewOn), Tone: "warn"}
}

// holdActs are what is done about a hold.
var holdActs = map[string]func(ctx context.Context, p *workflow.Portal, by rights.Actor, c echo.Context, f form) error{
	"place": func(ctx context.Context, p *workflow.Portal, by rights.Actor, c echo.Context, f form) error {
		return p.PlaceHold(ctx, by, c.Param("id"), f.one("ground"), f.one("dispute"), dayOf(f, "review"))
	},
	"review": func(ctx context.Context, p *workflow.Portal, by rights.Actor, c echo.Context, f form) error {
		return p.ReviewHold(ctx, by, c.Param("id"), c.Param("hold"), dayOf(f, "review"))
	},
	"lift": func(ctx context.Context, p *workflow.Portal, by rights.Actor, c echo.Context, _ form) error {
		return p.LiftHold(ctx, by, c.Param("id"), c.Param("hold"))
	},
}

// dayOf reads a day of a form. What is none is the zero Date, which no rule accepts.
func dayOf(f form, name string) rights.Date {
	day, err := rights.ParseDate(f.one(name))
	if err != nil {
		return rights.Date{}
	}
	return day
}

func (s *server) holdAct(name string) echo.HandlerFunc {
	return func(c echo.Context) error {
		f, err := parse(c)
		if err == nil {
			err = holdActs[name](c.Request().Context(), s.portal, visitOf(c).actor, c, f)
		}
		if err == nil {
			s.flash(c, "hold.done."+name)
			return s.backToPerson(c)
		}
		if faults, ok := s.faults(lang(c), err); ok {
			standsAt(c, personPath(c.Param("id")))
			return s.drawPerson(c, http.StatusUnprocessableEntity, f, faults)
		}
		return err
	}
}

// addHolds shows the holds on a person, and the form of another for whoever may place one.
func (s *server) addHolds(m *views.PersonPage, v *visit, p workflow.Profile, f form) {
	t := func(key string, pairs ...any) string { return locale.T(v.lang, key, pairs...) }
	m.Holds.Approves = v.actor.Role.May(rights.Approve)
	for _, h := range p.Holds {
		line := views.HoldLine{
			Ground: t("ground." + h.Ground), Reason: h.Reason, At: personPath(p.ID) + "/holds/" + pathEscape(h.ID),
			By: t("hold.by", "Name", p.Names[h.By], "Date", locale.Date(v.lang, s.at(h.At))),
		}
		switch {
		case !h.LiftedAt.IsZero():
			line.State = views.Pill{Text: t("hold.over")}
			line.Until = t("hold.lifted", "Name", p.Names[h.LiftedBy], "Date", locale.Date(v.lang, s.at(h.LiftedAt)))
		default:
			key := "hold.reviewed"
			if !rights.DateOf(s.at(s.Now())).Before(h.ReviewOn) {
				key = "hold.due"
			}
			line.Stands, line.State, line.Until = true, views.Pill{Text: t("hold.stands"), Tone: "warn"}, t(key, "Date", s.day(v.lang, h.ReviewOn))
		}
		m.Holds.Lines = append(m.Holds.Lines, line)
	}
	for i, g := range s.portal.HoldGrounds(p.Regime) {
		if i == 0 {
			m.Holds.Grounds = []views.Option{{Text: t("desk.ground.choose")}}
		}
		m.Holds.Grounds = append(m.Holds.Grounds, views.Option{Value: g.ID, Text: t(g.Key()), Chosen: typed(f, "ground") == g.ID})
	}
	m.Holds.Dispute, m.Holds.Review = typed(f, "dispute"), typed(f, "review")
}
