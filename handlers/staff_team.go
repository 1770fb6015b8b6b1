package handlers

import (
	"errors"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
)

// settingsRoutes are the pages of the team and the settings.
func (s *server) settingsRoutes(desk *echo.Group) {
	desk.GET("/team", s.team, s.may(rights.ManageStaff))
	desk.POST("/team/invite", s.teamInvite, s.may(rights.ManageStaff))
	desk.POST("/team/disable", s.teamDisable, s.may(rights.ManageStaff))
	desk.GET("/team/invite", s.backTo("/staff/team"), s.may(rights.ManageStaff))
	desk.GET("/team/disable", s.backTo("/staff/team"), s.may(rights.ManageStaff))
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
	m := views.TeamPage{Desk: desk, Email: typed(f, "email"), Invitee: typed(f, "name"), Faults: faults}
	tones := map[string]string{"invited": "new", "active": "ok"}
	for _, p := range staff {
		m.Members = append(m.Members, views.MemberLine{
			Name: p.Name, Email: p.Email, Role: locale.T(v.lang, "staff.role."+string(p.Role)),
			Since: locale.Date(v.lang, s.at(p.MadeAt)), You: p.ID == v.actor.ID, CanDisable: p.State != "disabled",
			State: views.Pill{Text: locale.T(v.lang, "team.state."+p.State), Tone: tones[p.State]},
		})
	}
	for _, role := range rights.StaffRoles {
		m.Roles = append(m.Roles, views.Option{
			Value: string(role), Text: locale.T(v.lang, "staff.role."+string(role)), Chosen: string(role) == typed(f, "role"),
		})
	}
	for _, language := range s.portal.Languages {
		m.Languages = append(m.Languages, views.Option{
			Value: language, Text: locale.T(v.lang, "language."+language), Chosen: language == typed(f, "language"),
		})
	}
	return s.page(c, status, "", views.Team(m))
}

func (s *server) teamInvite(c echo.Context) error {
	f, err := parse(c)
	if err == nil {
		err = s.invite(c, f)
		if err == nil {
			s.flash(c, "staff.invited")
			return s.see(c, "/staff/team")
		}
	}
	if errors.Is(err, rights.ErrConflict) {
		err = rights.Fault("email", "team.error.taken", nil)
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawTeam(c, http.StatusUnprocessableEntity, f, faults)
	}
	return err
}

// invite leaves the token alone: it is for the letter, and for nobody else's eyes.
func (s *server) invite(c echo.Context, f form) error {
	if !slices.Contains(s.portal.Languages, f.one("language")) {
		return rights.Fault("language", "team.error.language", nil)
	}
	_, err := s.portal.Invite(c.Request().Context(), visitOf(c).actor, f.one("email"), f.one("name"), rights.Role(f.one("role")), f.one("language"))
	return err
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
		return s.drawTeam(c, http.StatusUnprocessableEntity, f, faults)
	}
	return err
}
