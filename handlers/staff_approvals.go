package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// approvalRoutes are the pages of what takes two people.
func (s *server) approvalRoutes(desk *echo.Group) {
	desk.GET("/approvals", s.approvals, s.may(rights.Approve))
	desk.GET("/approvals/:id", s.approval, s.may(rights.Approve))
	desk.POST("/approvals/:id", s.decideApproval, s.may(rights.Approve))
}

func (s *server) approvals(c echo.Context) error {
	v := visitOf(c)
	all, err := s.portal.Approvals(c.Request().Context(), v.actor, c.QueryParam("after"))
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "approvals", "")
	if err != nil {
		return err
	}
	m := views.ApprovalsPage{Desk: desk, Alone: all.Alone}
	for _, a := range all.Open {
		l := s.approvalLine(v.lang, a)
		l.By, l.When = locale.T(v.lang, "approval.proposed_by", "Who", a.Proposer.Name), s.dateTime(v.lang, a.ProposedAt)
		if a.Bar != "" {
			l.Bar = locale.T(v.lang, a.Bar)
		}
		m.Open = append(m.Open, l)
	}
	for _, a := range all.Decided {
		l := s.approvalLine(v.lang, a)
		l.By, l.When = locale.T(v.lang, "approval.decided_by", "Who", a.Decider.Name), s.dateTime(v.lang, a.DecidedAt)
		m.Decided = append(m.Decided, l)
	}
	if c.QueryParam("after") != "" {
		m.Pager.First = "/staff/approvals"
	}
	if all.Next != "" {
		m.Pager.Next = "/staff/approvals?after=" + queryEscape(all.Next)
	}
	return s.page(c, http.StatusOK, "", views.StaffApprovals(m))
}

func (s *server) approvalLine(lang string, a workflow.Approval) views.ApprovalLine {
	return views.ApprovalLine{Href: "/staff/approvals/" + pathEscape(a.ID), Text: approvalTitle(lang, a), State: approvalPill(lang, a)}
}

// approvalTitle says what is proposed: who becomes what.
func approvalTitle(lang string, a workflow.Approval) string {
	role := locale.T(lang, "staff.role."+string(a.Role))
	if a.Kind == workflow.ForInvitation {
		return locale.T(lang, "approval.invite", "Name", a.Name, "Role", role)
	}
	return locale.T(lang, "approval.role", "Name", a.Member.Name, "Role", role)
}

func approvalPill(lang string, a workflow.Approval) views.Pill {
	state := a.Decision
	if state == "" {
		state = "waits"
	}
	if a.Lapsed {
		state = "lapsed"
	}
	tones := map[string]string{"waits": "new", "approved": "ok", "declined": "bad"}
	return views.Pill{Text: locale.T(lang, "approval.state."+state), Tone: tones[state]}
}

func (s *server) approval(c echo.Context) error {
	return s.drawApproval(c, http.StatusOK, views.ApprovalPage{})
}

// drawApproval draws the page of the second person, with what m already says of what they have just tried.
func (s *server) drawApproval(c echo.Context, status int, m views.ApprovalPage) error {
	v := visitOf(c)
	ctx := c.Request().Context()
	a, err := s.portal.Approval(ctx, v.actor, c.Param("id"))
	if err != nil {
		return err
	}
	if m.Desk, err = s.desk(c, "approvals", ""); err != nil {
		return err
	}
	t := func(key string, pairs ...any) string { return locale.T(v.lang, key, pairs...) }
	m.ID, m.Title, m.State, m.Why = pathEscape(a.ID), approvalTitle(v.lang, a), approvalPill(v.lang, a), a.Why
	m.Open, m.Mine, m.Alone = a.Decision == "", a.Decision == "" && a.ProposedBy == v.actor.ID, a.Decision == "" && a.Alone
	if a.Bar != "" {
		m.Bar = t(a.Bar)
	}
	role := func(r rights.Role) string { return t("staff.role." + string(r)) }
	if a.Kind == workflow.ForInvitation {
		m.Facts = []views.Fact{
			{Term: t("approval.fact.name"), Value: a.Name}, {Term: t("approval.fact.email"), Value: a.Email},
			{Term: t("approval.fact.role"), Value: role(a.Role), Why: t("approval.may." + string(a.Role))},
			{Term: t("approval.fact.language"), Value: t("language." + a.Language)},
		}
		m.Effects = []string{t("approval.effect.letter", "Email", a.Email), t("approval.effect.enrol")}
	} else {
		m.Facts = []views.Fact{
			{Term: t("approval.fact.name"), Value: a.Member.Name}, {Term: t("approval.fact.email"), Value: a.Member.Email},
			{Term: t("approval.fact.from"), Value: role(a.From), Why: t("approval.may." + string(a.From))},
			{Term: t("approval.fact.to"), Value: role(a.Role), Why: t("approval.may." + string(a.Role))},
		}
		m.Effects = []string{t("approval.effect.sessions", "Name", a.Member.Name), t("approval.effect.role", "Role", role(a.Role))}
	}
	m.Facts = append(m.Facts, views.Fact{Term: t("approval.fact.proposed"), Value: a.Proposer.Name + " · " + s.dateTime(v.lang, a.ProposedAt)})
	if a.Decision != "" {
		m.Facts = append(m.Facts, views.Fact{
			Term: t("approval.fact.decided"), Value: a.Decider.Name + " · " + s.dateTime(v.lang, a.DecidedAt), Why: a.Reason,
		})
	}
	return s.page(c, status, "", views.StaffApproval(m))
}

// decideApproval answers the second person, or whoever takes their own proposal back.
func (s *server) decideApproval(c echo.Context) error {
	f, err := parse(c)
	if err == nil {
		err = s.decideOn(c, f.one("decision"), f.one("reason"))
	}
	if err == nil {
		s.flash(c, "approval.done."+f.one("decision"))
		return s.see(c, "/staff/approvals")
	}
	if errors.Is(err, rights.ErrConflict) {
		return s.drawApproval(c, http.StatusConflict, views.ApprovalPage{Conflict: true, Reason: typed(f, "reason")})
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawApproval(c, http.StatusUnprocessableEntity, views.ApprovalPage{Faults: faults, Reason: typed(f, "reason")})
	}
	return err
}

func (s *server) decideOn(c echo.Context, decision, reason string) error {
	ctx, by, id := c.Request().Context(), visitOf(c).actor, c.Param("id")
	switch decision {
	case "approve", "decline":
		return s.portal.DecideApproval(ctx, by, id, decision == "approve", reason)
	case "withdraw":
		return s.portal.WithdrawApproval(ctx, by, id)
	}
	return rights.Fault("decide", "approval.error.decision", nil)
}
