package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// teamRoutes are the pages of the team.
func (s *server) teamRoutes(desk *echo.Group) {
	team := desk.Group("/team", s.may(rights.ManageStaff))
	team.GET("", s.team)
	team.POST("/invite", s.teamInvite)
	team.POST("/disable", s.teamDisable)
	team.GET("/invite", s.backTo("/staff/team"))
	team.GET("/disable", s.backTo("/staff/team"))
	team.GET("/role", s.teamRole)
	team.POST("/role", s.teamRolePropose)
}

func (s *server) team(c echo.Context) error { return s.drawTeam(c, http.StatusOK, form{}, nil) }

func (s *server) drawTeam(c echo.Context, status int, f form, faults []views.Fault) error {
	v := visitOf(c)
	desk, err := s.desk(c, "team", "")
	if err != nil {
		return err
	}
	staff, err := s.portal.Staff(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	waiting, err := s.portal.Approvals(c.Request().Context(), v.actor, "")
	if err != nil {
		return err
	}
	m := views.TeamPage{
		Desk: desk, Email: typed(f, "email"), Invitee: typed(f, "name"), Why: typed(f, "why"), Faults: faults, Alone: waiting.Alone,
		Roles: roleOptions(v.lang, rights.Role(typed(f, "role"))),
	}
	if n := len(waiting.Open); n > 0 {
		m.Waiting = locale.T(v.lang, "team.waiting", "Count", n)
	}
	tones := map[string]string{"invited": "new", "active": "ok"}
	for _, p := range staff {
		m.Members = append(m.Members, views.MemberLine{
			ID: p.ID, Name: p.Name, Email: p.Email, Role: locale.T(v.lang, "staff.role."+string(p.Role)),
			Since: locale.Date(v.lang, s.at(p.MadeAt)), You: p.ID == v.actor.ID,
			CanDisable: p.State != "disabled" && p.ID != v.actor.ID, CanHaveRole: p.State != "disabled" && p.ID != v.actor.ID,
			State: views.Pill{Text: locale.T(v.lang, "team.state."+p.State), Tone: tones[p.State]},
		})
	}
	for _, language := range s.portal.Languages {
		m.Languages = append(m.Languages, views.Option{
			Value: language, Text: locale.T(v.lang, "language."+language), Chosen: language == typed(f, "language"),
		})
	}
	return s.page(c, status, "", views.Team(m))
}

func roleOptions(lang string, chosen rights.Role) (out []views.Option) {
	for _, role := range rights.StaffRoles {
		out = append(out, views.Option{Value: string(role), Text: locale.T(lang, "staff.role."+string(role)), Chosen: role == chosen})
	}
	return out
}

func (s *server) teamInvite(c echo.Context) error {
	f, err := parse(c)
	if err == nil {
		err = s.proposeInvitation(c, f)
		if err == nil {
			s.flash(c, "team.proposed")
			return s.see(c, "/staff/team")
		}
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawTeam(c, http.StatusUnprocessableEntity, f, faults)
	}
	return err
}

func (s *server) proposeInvitation(c echo.Context, f form) error {
	if !slices.Contains(s.portal.Languages, f.one("language")) {
		return rights.Fault("language", "team.error.language", nil)
	}
	return s.portal.ProposeInvitation(c.Request().Context(), visitOf(c).actor, workflow.Proposal{
		Email: f.one("email"), Name: f.one("name"), Role: rights.Role(f.one("role")), Language: f.one("language"), Why: f.one("why"),
	})
}

func (s *server) teamDisable(c echo.Context) error {
	f, err := parse(c)
	if err == nil {
		err = s.portal.DisableStaff(c.Request().Context(), visitOf(c).actor, f.one("email"))
		if err == nil {
			s.flash(c, "staff.disabled")
			return s.see(c, "/staff/team")
		}
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawTeam(c, http.StatusUnprocessableEntity, form{}, faults)
	}
	return err
}

func (s *server) teamRole(c echo.Context) error {
	return s.drawRole(c, http.StatusOK, c.QueryParam("member"), form{}, nil)
}

// drawRole draws the page that proposes another role for a member of the team.
func (s *server) drawRole(c echo.Context, status int, id string, f form, faults []views.Fault) error {
	v := visitOf(c)
	ctx := c.Request().Context()
	staff, err := s.portal.Staff(ctx, v.actor)
	if err != nil {
		return err
	}
	for _, p := range staff {
		if p.ID != id || p.State == "disabled" {
			continue
		}
		desk, err := s.desk(c, "team", "")
		if err != nil {
			return err
		}
		alone, err := s.portal.Alone(ctx, v.actor)
		if err != nil {
			return err
		}
		chosen := rights.Role(typed(f, "role"))
		if chosen == "" {
			chosen = p.Role
		}
		standsAt(c, "/staff/team/role?member="+queryEscape(id))
		return s.page(c, status, "", views.TeamRole(views.RolePage{
			Desk: desk, ID: p.ID, Name: p.Name, Role: locale.T(v.lang, "staff.role."+string(p.Role)), Roles: roleOptions(v.lang, chosen),
			Why: typed(f, "why"), Faults: faults, Alone: alone,
		}))
	}
	return rights.ErrNotFound
}

func (s *server) teamRolePropose(c echo.Context) error {
	f, err := parse(c)
	if err == nil {
		err = s.portal.ProposeRole(c.Request().Context(), visitOf(c).actor, f.one("member"), rights.Role(f.one("role")), f.one("why"))
		if err == nil {
			s.flash(c, "team.proposed")
			return s.see(c, "/staff/team")
		}
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawRole(c, http.StatusUnprocessableEntity, typed(f, "member"), f, faults)
	}
	return err
}
