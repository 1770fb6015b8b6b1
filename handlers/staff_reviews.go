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

// reviewRoutes are the pages of the self-check.
func (s *server) reviewRoutes(desk *echo.Group) {
	see := s.may(rights.SeeActivities)
	desk.GET("/reviews", s.reviews, see)
	desk.POST("/reviews", s.reviewSign, s.may(rights.SignReview))
	desk.GET("/reviews/:id", s.review, see)
}

// mends says where what a check found is mended, and whose place that is.
var mends = map[string]struct {
	href string
	deed rights.Deed
}{
	"owners": {"/staff/queue?view=unassigned", rights.SeeQueue}, "rights": {"/staff/queue?view=unassigned", rights.SeeQueue},
	"purposes": {"/staff/activities", rights.SeeActivities}, "retention": {"/staff/activities", rights.SeeActivities},
	"record": {"/staff/activities", rights.SeeActivities}, "roles": {"/staff/team", rights.ManageStaff}, "letters": {"/staff/dashboard", rights.SeeDashboard},
	"consents": {"/staff/dashboard", rights.SeeDashboard},
}

// pointsShown is how many things that a check found stand on the page; the signed record holds all of them.
const pointsShown = 12

func (s *server) reviews(c echo.Context) error {
	return s.drawReviews(c, http.StatusOK, form{}, nil)
}

func (s *server) drawReviews(c echo.Context, status int, f form, faults []views.Fault) error {
	v := visitOf(c)
	check, err := s.portal.SelfCheck(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "reviews", "")
	if err != nil {
		return err
	}
	m := views.ReviewsPage{
		Desk: desk, Due: s.reviewDue(v.lang, check.Due), Seen: check.Seen, CanSign: v.actor.Role.May(rights.SignReview),
		Remark: f.one("remark"), Faults: faults, Conflict: status == http.StatusConflict,
	}
	for _, found := range check.Findings {
		found.Remark = f.one("remark." + found.Check)
		line := s.checkLine(v, found, check.Names)
		for _, fault := range faults {
			if fault.Field == "remark."+found.Check {
				line.Fault = fault.Text
			}
		}
		m.Checks = append(m.Checks, line)
	}
	for _, r := range check.Kept {
		n := pointsIn(r.Findings)
		m.Kept = append(m.Kept, views.KeptReview{
			When: s.dateTime(v.lang, r.SignedAt), Who: r.Name, Href: "/staff/reviews/" + pathEscape(r.ID),
			Found: locale.T(v.lang, "reviews.found", "Count", n, "Number", locale.Number(v.lang, n)),
		})
	}
	return s.page(c, status, "", views.Reviews(m))
}

func pointsIn(findings []workflow.Finding) (n int) {
	for _, f := range findings {
		n += len(f.Points)
	}
	return n
}

// reviewDue says when the next one has to be signed.
func (s *server) reviewDue(lang string, due rights.Date) views.Pill {
	if rights.DateOf(s.at(s.Now())).Before(due) {
		return views.Pill{Text: locale.T(lang, "reviews.next", "Day", s.day(lang, due))}
	}
	return views.Pill{Text: locale.T(lang, "reviews.due", "Day", s.day(lang, due)), Tone: "warn"}
}

// checkLine is one question with what was found, in words.
func (s *server) checkLine(v *visit, f workflow.Finding, names map[string]string) views.CheckLine {
	t := func(key string, pairs ...any) string { return locale.T(v.lang, key, pairs...) }
	l := views.CheckLine{ID: f.Check, Title: t("reviews.check." + f.Check), Text: t("reviews.check." + f.Check + ".text"), Remark: f.Remark}
	l.State = views.Pill{Text: t("reviews.fine"), Tone: "ok"}
	if n := len(f.Points); n > 0 {
		l.State = views.Pill{Text: t("reviews.found", "Count", n, "Number", locale.Number(v.lang, n)), Tone: "warn"}
	}
	shown := f.Points[:min(len(f.Points), pointsShown)]
	for _, p := range shown {
		l.Points = append(l.Points, s.pointLine(v.lang, p, names))
	}
	if more := len(f.Points) - len(shown); more > 0 {
		l.More = t("reviews.more", "Count", more)
	}
	if mend, there := mends[f.Check]; there && v.actor.Role.May(mend.deed) {
		l.Mend = views.Link{Text: t("reviews.mend." + f.Check), Href: mend.href}
	}
	return l
}

// pointLine writes one thing that was found.
func (s *server) pointLine(lang string, p workflow.Point, names map[string]string) views.PointLine {
	if p.Gap != nil {
		return views.PointLine{Text: locale.T(lang, "gap."+p.Code) + locale.T(lang, "value.colon") + gapWhere(lang, *p.Gap), Place: gapPlace(*p.Gap)}
	}
	name := p.Code
	switch p.What {
	case "unowned", "right":
		name = locale.T(lang, "desk.right."+p.Code)
	case "idle":
		name = names[p.Code]
	case "role":
		name = locale.T(lang, "staff.role."+p.Code)
	case "purpose", "ending":
		name = p.Name.In(lang)
	}
	return views.PointLine{Text: locale.T(lang, "reviews.point."+p.What, "Name", name, "Count", p.Count, "Number", locale.Number(lang, p.Count), "Day", s.day(lang, p.Day))}
}

func (s *server) reviewSign(c echo.Context) error {
	f, err := parse(c)
	var id string
	if err == nil {
		remarks := map[string]string{}
		for _, check := range workflow.SelfChecks() {
			remarks[check] = f.one("remark." + check)
		}
		id, err = s.portal.SignReview(c.Request().Context(), visitOf(c).actor, f.one("seen"), remarks, f.one("remark"))
	}
	if err == nil {
		s.flash(c, "reviews.signed")
		return s.see(c, "/staff/reviews/"+pathEscape(id))
	}
	if errors.Is(err, rights.ErrConflict) {
		return s.drawReviews(c, http.StatusConflict, f, nil)
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawReviews(c, http.StatusUnprocessableEntity, f, faults)
	}
	return err
}

func (s *server) review(c echo.Context) error {
	v := visitOf(c)
	r, err := s.portal.Review(c.Request().Context(), v.actor, c.Param("id"))
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "reviews", "")
	if err != nil {
		return err
	}
	t := func(key string, pairs ...any) string { return locale.T(v.lang, key, pairs...) }
	m := views.ReviewPage{
		Desk: desk, House: s.brand(v.lang), Title: t("reviews.of", "Day", s.day(v.lang, rights.DateOf(s.at(r.SignedAt)))), Remark: r.Remark,
		Facts: []views.Fact{
			{Term: t("reviews.signed_by"), Value: r.Name},
			{Term: t("reviews.signed_at"), Value: s.dateTime(v.lang, r.SignedAt)},
			{Term: t("activities.version"), Value: t("activities.version.nr", "Version", r.Version)},
			{Term: t("activities.complete"), Value: wholePercent(r.Percent)},
			{Term: t("reviews.hash"), Value: r.SHA256, Why: t("reviews.hash.text")},
		},
	}
	for _, found := range r.Findings {
		line := s.checkLine(v, found, r.Names)
		line.Mend = views.Link{} // it is what was, and perhaps mended since
		m.Checks = append(m.Checks, line)
	}
	return s.page(c, http.StatusOK, "", views.Review(m))
}
