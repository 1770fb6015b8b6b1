package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// tokenRoutes are the page of the tokens by which programs ask.
func (s *server) tokenRoutes(desk *echo.Group) {
	see, manage := s.may(rights.SeeSettings), s.may(rights.ManageSettings)
	desk.GET("/settings/tokens", s.tokens, see)
	desk.POST("/settings/tokens", s.tokenMake, manage)
	desk.POST("/settings/tokens/:id/revoke", s.tokenRevoke, manage)
	desk.GET("/settings/tokens/:id/revoke", s.backTo("/staff/settings/tokens"), see)
}

func (s *server) tokens(c echo.Context) error {
	return s.drawTokens(c, http.StatusOK, form{}, nil, "")
}

// drawTokens draws the page, with a token that was made just now: it is on no other page, ever.
func (s *server) drawTokens(c echo.Context, status int, f form, faults []views.Fault, made string) error {
	v := visitOf(c)
	list, names, err := s.portal.APITokens(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	t := func(key string, pairs ...any) string { return locale.T(v.lang, key, pairs...) }
	m := views.TokensPage{Manages: v.actor.Role.May(rights.ManageSettings), Faults: faults, Name: typed(f, "name"), Made: made}
	if made != "" {
		m.MadeFor, m.Name = t("tokens.made", "Name", typed(f, "name")), ""
	}
	for _, scope := range workflow.Scopes {
		m.Scopes = append(m.Scopes, views.Option{Value: scope, Text: t("tokens.scope." + scope), Chosen: f.values == nil || f.one("scope."+scope) != ""})
	}
	for _, token := range list {
		m.Tokens = append(m.Tokens, s.tokenLine(v.lang, token, names))
	}
	if m.Desk, err = s.desk(c, "settings", ""); err != nil {
		return err
	}
	return s.page(c, status, "", views.Tokens(m))
}

func (s *server) tokenLine(lang string, token workflow.APIToken, names map[string]string) views.TokenLine {
	t := func(key string, pairs ...any) string { return locale.T(lang, key, pairs...) }
	line := views.TokenLine{
		ID: token.ID, Name: token.Name, Stands: token.RevokedAt.IsZero(), State: views.Pill{Text: t("tokens.stands"), Tone: "ok"},
		By:   t("tokens.by", "Name", names[token.By], "Date", locale.Date(lang, s.at(token.At))),
		Used: t("tokens.unused"),
	}
	if !token.UsedAt.IsZero() {
		line.Used = t("tokens.used", "When", s.dateTime(lang, token.UsedAt), "Count", locale.Number(lang, token.Uses))
	}
	if !line.Stands {
		line.State = views.Pill{Text: t("tokens.ended")}
		line.Used += " · " + t("tokens.revoked", "Name", names[token.RevokedBy], "Date", locale.Date(lang, s.at(token.RevokedAt)))
	}
	for _, scope := range token.Scopes {
		line.Scopes = append(line.Scopes, t("tokens.scope."+scope))
	}
	return line
}

// tokenMake answers with the token itself: an address that led to it could be opened again.
func (s *server) tokenMake(c echo.Context) error {
	f, err := parse(c)
	made := ""
	if err == nil {
		made, err = s.portal.MakeAPIToken(c.Request().Context(), visitOf(c).actor, f.one("name"), scopesOf(f))
	}
	if err == nil {
		return s.drawTokens(c, http.StatusCreated, f, nil, made)
	}
	if faults, ok := s.faults(lang(c), err); ok {
		standsAt(c, "/staff/settings/tokens")
		return s.drawTokens(c, http.StatusUnprocessableEntity, f, faults, "")
	}
	return err
}

// scopesOf are the scopes that are ticked.
func scopesOf(f form) (out []string) {
	for _, scope := range workflow.Scopes {
		if f.one("scope."+scope) != "" {
			out = append(out, scope)
		}
	}
	return out
}

func (s *server) tokenRevoke(c echo.Context) error {
	if err := s.portal.RevokeAPIToken(c.Request().Context(), visitOf(c).actor, c.Param("id")); err != nil {
		return err
	}
	s.flash(c, "tokens.done.revoked")
	return s.see(c, "/staff/settings/tokens")
}
