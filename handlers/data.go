package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// recordsPage is how many records of a collection a page shows.
const recordsPage = 50

// shortList is how many records of a collection the overview shows whole; a longer one leads to its own page.
const shortList = 3

func (s *server) data(c echo.Context) error {
	v := visitOf(c)
	holdings, err := s.portal.Overview(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	m := views.DataPage{
		Address: v.mailbox, AsOf: locale.Date(v.lang, s.at(s.Now())), Reveal: "/confirm?return=%2Fdata",
	}
	for _, h := range holdings {
		s.addHolding(&m, v, h)
	}
	return s.page(c, http.StatusOK, "data", views.Data(m))
}

// addHolding puts a collection where it belongs on the page: under its category, or among what could not be read or is
// kept back. What is empty has no place.
func (s *server) addHolding(m *views.DataPage, v *visit, h workflow.Holding) {
	name, source := workflow.CollectionName(h.Collection, v.lang), workflow.SourceName(h.Collection, v.lang)
	switch {
	case h.Failed():
		trouble := views.Trouble{Source: source, Text: locale.T(v.lang, "data.trouble.text")}
		if !slices.Contains(m.Troubles, trouble) {
			m.Troubles = append(m.Troubles, trouble)
		}
		return
	case h.Reason != "":
		m.Withheld = append(m.Withheld, views.Withheld{What: name, Ground: locale.T(v.lang, withheldWord(h))})
	}
	if h.Count == 0 {
		return
	}
	one := views.Collection{Title: name, Source: source, Count: countOf(v.lang, h.Count), About: s.about(v.lang, h.Collection.Meta)}
	for _, r := range h.First {
		record, masked := s.record(v, h, r)
		one.Records = append(one.Records, record)
		m.Masked = m.Masked || masked
	}
	if h.Count > shortList {
		one.All = collectionPath(h)
		one.Records = one.Records[:min(1, len(one.Records))]
	}
	key := topCategory(h.Collection.Categories)
	i := slices.IndexFunc(m.Categories, func(c views.Category) bool { return c.Key == key })
	if i < 0 {
		m.Categories = append(m.Categories, views.Category{Key: key, Title: locale.T(v.lang, "group."+key)})
		i = len(m.Categories) - 1
	}
	m.Categories[i].Collections = append(m.Categories[i].Collections, one)
}

// withheldWord says why records that may be theirs are not shown: a shared mailbox, or a source that could not say.
func withheldWord(h workflow.Holding) string {
	if h.Shared() {
		return "data.withheld.shared"
	}
	return "data.withheld.trouble"
}

func collectionPath(h workflow.Holding) string {
	return "/data/" + h.Collection.Source() + "/" + pathEscape(h.Collection.Name)
}

func countOf(lang string, n int) string {
	return locale.T(lang, "count.records", "Count", n, "Number", locale.Number(lang, n))
}

// groups order the categories as a reader looks for them; the first that a collection has a category of is its place.
var groups = []struct{ key, prefix string }{
	{"identity", "user.government_id"}, {"identity", "user.contact"}, {"identity", "user.name"},
	{"money", "user.financial"}, {"money", "user.payment"}, {"health", "user.health_and_medical"}, {"health", "user.biometric"},
	{"account", "user.account"}, {"account", "user.authorization"}, {"account", "user.privacy_preferences"},
	{"usage", "user.behavior"}, {"usage", "user.device"}, {"usage", "user.telemetry"}, {"usage", "user.sensor"},
	{"usage", "user.location"}, {"content", "user.content"}, {"content", "user.user_sensor"},
}

func topCategory(categories []string) string {
	for _, g := range groups {
		for _, c := range categories {
			if c == g.prefix || strings.HasPrefix(c, g.prefix+".") {
				return g.key
			}
		}
	}
	return "other"
}

// about says why, on what ground, how long, to whom and where from (GDPR Art. 15(1), PIPL Art. 17).
func (s *server) about(lang string, m workflow.Meta) views.About {
	a := views.About{Purpose: m.Purpose.In(lang), Retention: m.Retention.In(lang)}
	if m.Basis != "" {
		a.Basis = locale.T(lang, "basis."+m.Basis)
	}
	if m.Origin != "" {
		a.Origin = locale.T(lang, "origin."+string(m.Origin))
	}
	var recipients []string
	for _, r := range m.Recipients {
		recipients = append(recipients, r.In(lang))
	}
	a.Recipients = strings.Join(recipients, locale.T(lang, "list.separator"))
	return a
}

// record draws one record; masked reports whether a value of it is starred.
func (s *server) record(v *visit, h workflow.Holding, r workflow.Record) (out views.Record, masked bool) {
	whole := s.about(v.lang, h.Collection.Meta)
	for _, cell := range r.Cells {
		f := cell.Field
		d := views.Datum{Label: workflow.FieldName(f, v.lang), Value: s.value(v.lang, cell)}
		d.Masked = workflow.Masked(f) && !v.session.SteppedUp && d.Value != ""
		if about := s.about(v.lang, f.Meta); about != whole {
			d.About = &about
		}
		if key := editWord(f, d.Value == ""); key != "" {
			d.Act = views.Link{Text: locale.T(v.lang, key), Href: views.CorrectURL(h.Collection.Source(), h.Collection.Name, r.ID, f.Path())}
		}
		masked = masked || d.Masked
		out.Fields = append(out.Fields, d)
	}
	if h.Count > 1 {
		out.Title = workflow.CollectionName(h.Collection, v.lang) + " " + r.ID
	}
	return out, masked
}

// editWord is what a person can do about a field, as a word; "" for nothing.
func editWord(f *workflow.Field, empty bool) string {
	switch {
	case f.Meta.Editable == "self" && empty:
		return "data.add"
	case f.Meta.Editable == "self":
		return "data.correct"
	case f.Meta.Editable == "ask":
		return "data.ask_correct"
	}
	return ""
}

// value writes a cell for reading: truth as a word, structures as lines.
func (s *server) value(lang string, c workflow.Cell) string {
	switch v := c.Value.(type) {
	case bool:
		if v {
			return locale.T(lang, "value.yes")
		}
		return locale.T(lang, "value.no")
	case workflow.Object:
		lines := make([]string, 0, len(v))
		for _, member := range v {
			lines = append(lines, workflow.FieldName(member.Field, lang)+locale.T(lang, "value.colon")+s.value(lang, member))
		}
		return strings.Join(lines, "\n")
	case []any:
		lines := make([]string, 0, len(v))
		for _, e := range v {
			lines = append(lines, s.value(lang, workflow.Cell{Field: c.Field, Value: e}))
		}
		return strings.Join(lines, "\n")
	}
	return c.String()
}

func (s *server) collection(c echo.Context) error {
	v := visitOf(c)
	after := c.QueryParam("after")
	h, next, err := s.portal.Records(c.Request().Context(), v.actor, c.Param("source"), c.Param("collection"), after, recordsPage)
	if errors.Is(err, rights.ErrNotFound) || err != nil && h.Collection == nil {
		return err
	}
	m := views.CollectionPage{
		Title: workflow.CollectionName(h.Collection, v.lang), Source: workflow.SourceName(h.Collection, v.lang), Count: countOf(v.lang, h.Count),
		About: s.about(v.lang, h.Collection.Meta), Pager: pager(collectionPath(h), after, next),
		Reveal: "/confirm?return=" + queryEscape(c.Request().URL.RequestURI()),
	}
	status := http.StatusOK
	if workflow.Unavailable(err) {
		status, m.Trouble = http.StatusServiceUnavailable, &views.Trouble{Source: m.Source, Text: locale.T(v.lang, "data.trouble.text")}
	} else if err != nil {
		return err
	}
	for _, r := range h.First {
		record, masked := s.record(v, h, r)
		m.Records = append(m.Records, record)
		m.Masked = m.Masked || masked
	}
	return s.page(c, status, "data", views.OneCollection(m))
}
