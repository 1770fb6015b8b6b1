package handlers

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

func (s *server) mapVersions(c echo.Context) error {
	v := visitOf(c)
	list, err := s.portal.MapVersions(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "activities", "")
	if err != nil {
		return err
	}
	m := views.MapVersionsPage{Desk: desk}
	for i, one := range list {
		l := views.MapVersionLine{
			Version: locale.T(v.lang, "activities.version.nr", "Version", one.Version), Since: s.dateTime(v.lang, one.KeptAt), SHA256: one.SHA256,
		}
		if one.Version > 1 {
			l.Changes = locale.T(v.lang, "activities.changes", "Count", one.Changes, "Number", locale.Number(v.lang, one.Changes))
			l.Href = diffPath(one.Version-1, one.Version)
		}
		l.Current = i == 0
		m.Lines = append(m.Lines, l)
	}
	return s.page(c, http.StatusOK, "", views.MapVersions(m))
}

func diffPath(from, to int) string {
	return "/staff/activities/diff?from=" + strconv.Itoa(from) + "&to=" + strconv.Itoa(to)
}

// mapDifference answers GET /staff/activities/diff?from=&to=: what one version says otherwise than another.
func (s *server) mapDifference(c echo.Context) error {
	v := visitOf(c)
	var ends [2]int
	for i, name := range []string{"from", "to"} {
		text := c.QueryParam(name)
		n, err := strconv.Atoi(text)
		if text != "" && (err != nil || n < 1) {
			return rights.ErrNotFound
		}
		ends[i] = n
	}
	d, err := s.portal.MapDifference(c.Request().Context(), v.actor, ends[0], ends[1])
	if err != nil {
		return err
	}
	list, err := s.portal.MapVersions(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "activities", "")
	if err != nil {
		return err
	}
	m := views.MapDifferencePage{
		Desk: desk, Title: locale.T(v.lang, "activities.diff.title", "From", d.From.Version, "To", d.To.Version),
		Dates:  locale.T(v.lang, "activities.diff.dates", "From", s.dateTime(v.lang, d.From.KeptAt), "To", s.dateTime(v.lang, d.To.KeptAt)),
		Groups: s.changeGroups(v.lang, d.Changes),
	}
	for _, one := range list {
		nr := strconv.Itoa(one.Version)
		text := locale.T(v.lang, "activities.version.line", "Version", one.Version, "Day", s.dateTime(v.lang, one.KeptAt))
		m.From = append(m.From, views.Option{Value: nr, Text: text, Chosen: one.Version == d.From.Version})
		m.To = append(m.To, views.Option{Value: nr, Text: text, Chosen: one.Version == d.To.Version})
	}
	return s.page(c, http.StatusOK, "", views.MapDifference(m))
}

// changeGroups are the changes under the entry that they are of.
func (s *server) changeGroups(lang string, changes []workflow.MapChange) (out []views.ChangeGroup) {
	for _, c := range changes {
		title := c.System.In(lang)
		if len(c.Label) > 0 {
			title += " · " + c.Label.In(lang)
		}
		if len(out) == 0 || out[len(out)-1].Title != title {
			out = append(out, views.ChangeGroup{ID: "change-" + strconv.Itoa(len(out)), Title: title})
		}
		g := &out[len(out)-1]
		g.Lines = append(g.Lines, s.changeLine(lang, c))
	}
	return out
}

var changeTones = map[string]string{"added": "ok", "removed": "bad", "changed": "new"}

func (s *server) changeLine(lang string, c workflow.MapChange) views.ChangeLine {
	l := views.ChangeLine{Kind: views.Pill{Text: locale.T(lang, "activities.kind."+c.Kind), Tone: changeTones[c.Kind]}}
	field := c.Field.In(lang)
	if c.What == "" {
		name := c.Label.In(lang)
		l.What = locale.T(lang, "activities.whole")
		if field != "" {
			name, l.What = field, locale.T(lang, "activities.field")
		}
		if c.Kind == "added" {
			l.Is = []string{name}
		} else {
			l.Was = []string{name}
		}
		return l
	}
	l.What = locale.T(lang, "activities.fact."+c.What)
	if field != "" {
		l.What = locale.T(lang, "activities.of_field", "Name", field, "What", l.What)
	}
	l.Was, l.Is = recordWords(lang, c.What, c.Was), recordWords(lang, c.What, c.Is)
	for _, other := range s.portal.Languages { // where only the words of another language changed, they are what is shown
		if slices.Equal(l.Was, l.Is) {
			l.Was, l.Is, l.Language = recordWords(other, c.What, c.Was), recordWords(other, c.What, c.Is), other
		}
	}
	return l
}
