package handlers

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// retentionRoutes are the retention rules of the map, what is destroyed by them, and the records of it.
func (s *server) retentionRoutes(desk *echo.Group) {
	see := s.may(rights.SeeActivities)
	desk.GET("/retention", s.retention, see)
	desk.POST("/retention", s.retentionAsk, s.may(rights.HandleRequest))
	desk.GET("/retention.csv", s.retentionCSV, see)
	desk.GET("/retention/:id", s.destruction, see)
	desk.POST("/retention/:id", s.destructionDecide, s.may(rights.Approve))
}

// destructionsShown is how many records stand on a page.
const destructionsShown = 25

func (s *server) retention(c echo.Context) error {
	v := visitOf(c)
	r, err := s.portal.Retention(c.Request().Context(), v.actor, c.QueryParam("after"), destructionsShown)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "activities", "")
	if err != nil {
		return err
	}
	m := views.RetentionPage{Desk: desk, Pager: pager("/staff/retention", c.QueryParam("after"), r.Next), CanAsk: v.actor.Role.May(rights.HandleRequest)}
	for _, d := range r.Open {
		m.Open = append(m.Open, s.destructionLine(v.lang, d))
	}
	for _, d := range r.Over {
		m.Over = append(m.Over, s.destructionLine(v.lang, d))
	}
	for _, rule := range r.Rules {
		m.Rules = append(m.Rules, s.ruleLine(v.lang, rule))
	}
	return s.page(c, http.StatusOK, "", views.Retention(m))
}

// retentionAsk has a rule looked at again.
func (s *server) retentionAsk(c echo.Context) error {
	f, err := parse(c)
	if err != nil {
		return err
	}
	if err := s.portal.AskRetention(c.Request().Context(), visitOf(c).actor, f.one("source"), f.one("collection")); err != nil {
		return err
	}
	s.flash(c, "retention.asked")
	return s.see(c, "/staff/retention")
}

func (s *server) destruction(c echo.Context) error {
	return s.drawDestruction(c, http.StatusOK, form{}, nil)
}

func (s *server) drawDestruction(c echo.Context, status int, f form, faults []views.Fault) error {
	v := visitOf(c)
	d, names, err := s.portal.Destruction(c.Request().Context(), v.actor, c.Param("id"))
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "activities", "")
	if err != nil {
		return err
	}
	t := func(key string, pairs ...any) string { return locale.T(v.lang, key, pairs...) }
	m := views.DestructionPage{
		Desk: desk, ID: pathEscape(d.ID), House: s.brand(v.lang), Title: t("retention.of."+sheetOf(d.State), "Name", ruleName(v.lang, d)), State: s.destructionPill(v.lang, d),
		What: s.destructionWhat(v.lang, d), How: s.destructionHow(v.lang, d, names), Done: s.destructionDone(v.lang, d),
		Reason: typed(f, "reason"), Until: typed(f, "until"), Faults: faults, Conflict: status == http.StatusConflict, Version: strconv.Itoa(d.Version),
	}
	for _, year := range slices.Sorted(maps.Keys(d.Found.Years)) {
		m.Years = append(m.Years, views.YearLine{Year: strconv.Itoa(year), Count: locale.Number(v.lang, d.Found.Years[year]), Part: 100 * d.Found.Years[year] / max(1, d.Found.Due)})
	}
	m.Open = d.State == "proposed" || d.State == "postponed"
	m.CanDecide = m.Open && v.actor.Role.May(rights.Approve)
	if m.Open && d.AskedBy == v.actor.ID {
		m.Own = t("retention.error.own")
	}
	if d.State == "approved" && d.Trouble != "" {
		m.Trouble = t("retention.waits", "Trouble", t("retention.trouble."+d.Trouble), "When", s.dateTime(v.lang, d.NextAt))
	}
	if d.Rule.Forgets() {
		m.Note = t("retention.forget.note")
	}
	return s.page(c, status, "", views.Destruction(m))
}

// sheetOf is what the page of a destruction is: a preview until something was destroyed, then the record of it.
func sheetOf(state string) string {
	if state == "done" {
		return "record"
	}
	return "preview"
}

func (s *server) destructionDecide(c echo.Context) error {
	f, err := parse(c)
	if err == nil {
		version, _ := strconv.Atoi(f.one("version")) // none is nobody's version: a conflict
		err = s.portal.DecideDestruction(c.Request().Context(), visitOf(c).actor, c.Param("id"), workflow.DestructionVerdict{
			Version: version, Decision: f.one("decision"), Reason: f.one("reason"), Until: dayOf(f, "until"),
		})
	}
	if err == nil {
		s.flash(c, "retention.done."+f.one("decision"))
		return s.see(c, "/staff/retention/"+pathEscape(c.Param("id")))
	}
	if errors.Is(err, rights.ErrConflict) {
		return s.drawDestruction(c, http.StatusConflict, f, nil)
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawDestruction(c, http.StatusUnprocessableEntity, f, faults)
	}
	return err
}

// destructionHeads are the columns of the file of all records.
var destructionHeads = []string{
	"retention.csv.id", "retention.system", "retention.collection", "retention.rule", "retention.law", "retention.does", "retention.state", "retention.csv.due_on", "retention.due",
	"retention.oldest", "retention.newest", "retention.csv.proposed_at", "retention.csv.decided_by", "retention.csv.decided_at", "retention.reason", "retention.csv.begun_at",
	"retention.csv.done_at", "retention.destroyed", "retention.spared", "retention.young", "retention.refused", "retention.sum",
}

// retentionCSV is every record, newest first.
func (s *server) retentionCSV(c echo.Context) error {
	v := visitOf(c)
	file, err := s.newTable(c, "destructions-"+rights.DateOf(s.at(s.Now())).String()+".csv")
	if err != nil {
		return err
	}
	var heads []string
	for _, key := range destructionHeads {
		heads = append(heads, locale.T(v.lang, key))
	}
	if err = file.row(heads...); err == nil {
		err = s.portal.DestructionRecords(c.Request().Context(), v.actor, func(d workflow.Destruction, names map[string]string) error {
			return file.row(s.destructionCells(v.lang, d, names)...)
		})
	}
	if err == nil {
		err = file.end()
	}
	if err != nil {
		return s.cutOff(c, err)
	}
	return nil
}

func (s *server) destructionCells(lang string, d workflow.Destruction, names map[string]string) []string {
	out := []string{
		d.ID, ruleSystem(lang, d.Rule, d.Source), ruleLabel(lang, d.Rule, d.Collection), ruleWords(lang, d.Rule), d.Rule.Retention.In(lang),
		s.ruleDoes(lang, d.Rule), s.destructionPill(lang, d).Text, d.DueOn.String(), strconv.Itoa(d.Found.Due), d.Found.Oldest.String(), d.Found.Newest.String(),
	}
	out = append(out, s.moment(d.ProposedAt), names[d.DecidedBy], s.moment(d.DecidedAt), d.Reason, s.moment(d.BegunAt), s.moment(d.DoneAt))
	if d.State != "done" {
		return append(out, "", "", "", "", "")
	}
	for _, n := range []int{d.Destroyed, d.Spared, d.Young, d.Refused} {
		out = append(out, strconv.Itoa(n))
	}
	return append(out, d.SHA256)
}
