package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// recordsPage is how many records of a collection a page shows.
const recordsPage = 50

func (s *server) data(c echo.Context) error {
	v := visitOf(c)
	holdings, err := s.portal.Overview(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	m := views.DataPage{
		Address: v.mailbox, AsOf: locale.Date(v.lang, s.at(s.Now())), Reveal: "/confirm?return=%2Fdata",
	}
	if m.Restricted, err = s.restrictedNote(c); err != nil {
		return err
	}
	for _, h := range holdings {
		s.addHolding(&m, v, h)
	}
	slices.SortStableFunc(m.Categories, func(a, b views.Category) int { return slices.Index(headings, a.Key) - slices.Index(headings, b.Key) })
	return s.page(c, http.StatusOK, "data", views.Data(m))
}

// headings are the groups in the order of the page.
var headings = []string{"identity", "orders", "money", "account", "content", "usage", "health", "other"}

// addHolding puts a collection where it belongs on the page: under its category, or among what could not be read or is
// kept back. What is empty has no place.
func (s *server) addHolding(m *views.DataPage, v *visit, h workflow.Holding) {
	name, source := workflow.CollectionName(h.Collection, v.lang), workflow.SourceName(h.Collection, v.lang)
	switch {
	case h.ByHand():
		s.addByHand(m, v.lang, h)
		return
	case h.Failed():
		if t := trouble(v.lang, "trouble.", source, string(h.Reason)); !slices.Contains(m.Troubles, t) {
			m.Troubles = append(m.Troubles, t)
		}
		return
	case h.Reason != "":
		m.Withheld = append(m.Withheld, views.Withheld{What: name, Ground: locale.T(v.lang, withheldWord(h))})
	}
	if h.Count == 0 {
		return
	}
	one := views.Collection{Title: name, Source: source, Count: countOf(v.lang, h.Count), About: s.aboutAll(v.lang, h.Collection), History: s.history(v, h)}
	if len(h.First) == 1 {
		record, masked := s.record(v, h, h.First[0])
		one.Record = &record
		m.Masked = m.Masked || masked
	} else {
		one.All = collectionPath(h)
	}
	key := groupOf(h.Collection)
	i := slices.IndexFunc(m.Categories, func(c views.Category) bool { return c.Key == key })
	if i < 0 {
		m.Categories = append(m.Categories, views.Category{Key: key, Title: locale.T(v.lang, "group."+key)})
		i = len(m.Categories) - 1
	}
	m.Categories[i].Collections = append(m.Categories[i].Collections, one)
}

// addByHand names a system without a connection once, with what is kept there.
func (s *server) addByHand(m *views.DataPage, lang string, h workflow.Holding) {
	source := workflow.SourceName(h.Collection, lang)
	i := slices.IndexFunc(m.ByHand, func(b views.ByHand) bool { return b.Source == source })
	if i < 0 {
		m.ByHand = append(m.ByHand, views.ByHand{Source: source, Text: s.byHand(lang, "byhand.text", h)})
		i = len(m.ByHand) - 1
	}
	m.ByHand[i].Collections = append(m.ByHand[i].Collections, views.Collection{
		Title: workflow.CollectionName(h.Collection, lang), Source: source, About: s.aboutAll(lang, h.Collection),
	})
}

// byHand says who looks, where nobody can ask the source; "" where it can be asked.
func (s *server) byHand(lang, key string, h workflow.Holding) string {
	if !h.ByHand() {
		return ""
	}
	return locale.T(lang, key, "Team", s.portal.TeamOf(h.Collection.Source(), lang))
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

// groups say under which heading a collection is looked for: the first of its categories, in this order, decides. What
// people did comes before how they can be reached, because a mailbox or an address stands in almost every record.
var groups = []struct{ key, category string }{
	{"health", "user.health_and_medical"}, {"health", "user.biometric"},
	{"orders", "user.behavior.purchase_history"},
	{"money", "user.financial"}, {"money", "user.payment"},
	{"content", "user.content"},
	{"usage", "user.behavior"}, {"usage", "user.device"}, {"usage", "user.telemetry"}, {"usage", "user.sensor"}, {"usage", "user.location"},
	{"account", "user.account"}, {"account", "user.authorization"}, {"account", "user.privacy_preferences"},
	{"identity", "user.government_id"}, {"identity", "user.contact"}, {"identity", "user.name"},
}

// groupOf is the heading of a collection; who somebody is comes first.
func groupOf(c *workflow.Collection) string {
	if c.Person {
		return "identity"
	}
	for _, g := range groups {
		for _, category := range c.Categories {
			if category == g.category || strings.HasPrefix(category, g.category+".") {
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

// aboutAll says it for a collection and, once each, for the fields that differ from it.
func (s *server) aboutAll(lang string, c *workflow.Collection) views.AboutAll {
	all := views.AboutAll{Source: workflow.SourceName(c, lang), Whole: s.about(lang, c.Meta)}
	separator := locale.T(lang, "list.separator")
	for _, f := range c.Fields {
		if f.Meta.ThirdParty {
			continue
		}
		about := s.about(lang, f.Meta)
		if about == all.Whole {
			continue
		}
		i := slices.IndexFunc(all.Parts, func(p views.AboutPart) bool { return p.About == about })
		if i < 0 {
			all.Parts = append(all.Parts, views.AboutPart{Fields: workflow.FieldName(f, lang), About: about})
			continue
		}
		all.Parts[i].Fields += separator + workflow.FieldName(f, lang)
	}
	return all
}

// record draws one record; masked reports whether a value of it is starred.
func (s *server) record(v *visit, h workflow.Holding, r workflow.Record) (out views.Record, masked bool) {
	for _, cell := range r.Cells {
		f := cell.Field
		d := views.Datum{Label: workflow.FieldName(f, v.lang), Value: s.value(v.lang, cell)}
		d.Masked = workflow.Masked(f) && !v.session.SteppedUp && d.Value != ""
		if why := f.Meta.Purpose.In(v.lang); why != h.Collection.Meta.Purpose.In(v.lang) {
			d.Why = why
		}
		if key := editWord(f, d.Value == ""); key != "" && !cell.Erased() {
			d.Act = views.Link{Text: locale.T(v.lang, key), Href: views.CorrectURL(h.Collection.Source(), h.Collection.Name, r.ID, f.Path())}
		}
		masked = masked || d.Masked
		out.Fields = append(out.Fields, d)
	}
	if h.Count > 1 {
		out.Title = r.ID
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

// value writes a cell for reading: truth as a word, times as people write them, a structure as a line a member.
func (s *server) value(lang string, c workflow.Cell) string {
	if c.Erased() {
		return locale.T(lang, "value.erased")
	}
	return strings.Join(s.lines(lang, "", c.Value), "\n")
}

func (s *server) lines(lang, path string, value any) []string {
	if path != "" {
		path += locale.T(lang, "value.colon")
	}
	switch v := value.(type) {
	case nil:
		return nil
	case bool:
		return []string{path + locale.T(lang, map[bool]string{true: "value.yes", false: "value.no"}[v])}
	case string:
		return []string{path + s.readable(lang, v)}
	case workflow.Object:
		var out []string
		for _, member := range v {
			name := workflow.FieldName(member.Field, lang)
			if path != "" {
				name = strings.TrimSuffix(path, locale.T(lang, "value.colon")) + " › " + name
			}
			out = append(out, s.lines(lang, name, member.Value)...)
		}
		return out
	case []any:
		var flat, out []string
		for _, e := range v {
			if _, nested := e.(workflow.Object); nested {
				out = append(out, s.lines(lang, strings.TrimSuffix(path, locale.T(lang, "value.colon")), e)...)
				continue
			}
			flat = append(flat, s.lines(lang, "", e)...)
		}
		if len(flat) > 0 {
			out = append([]string{path + strings.Join(flat, locale.T(lang, "list.separator"))}, out...)
		}
		return out
	}
	return []string{path + workflow.Cell{Value: value}.String()}
}

// readable writes a text that is a date or a time as its reader would; any other text stays as it is stored.
func (s *server) readable(lang, text string) string {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02T15:04:05", time.DateOnly} {
		t, err := time.Parse(layout, text)
		switch {
		case err != nil:
		case layout == time.DateOnly, t.Hour()+t.Minute()+t.Second() == 0 && layout != time.RFC3339:
			return locale.Date(lang, t)
		case layout == time.RFC3339:
			return s.dateTime(lang, t)
		default: // a clock time without a zone: nobody knows which, so it is not moved
			return locale.DateTime(lang, t)
		}
	}
	return text
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
		ByHand: s.byHand(v.lang, "byhand.text", h), About: s.aboutAll(v.lang, h.Collection), Pager: pager(collectionPath(h), after, next),
		Reveal: "/confirm?return=" + queryEscape(c.Request().URL.RequestURI()),
	}
	if h.ByHand() {
		m.Count = ""
	}
	status := http.StatusOK
	if m.Trouble = troubleOf(v.lang, "trouble.", m.Source, err); m.Trouble != nil {
		status, m.Count = http.StatusServiceUnavailable, ""
	} else if err != nil {
		return err
	}
	m.History = s.history(v, h)
	for _, r := range h.First {
		record, masked := s.record(v, h, r)
		m.Records = append(m.Records, record)
		m.Masked = m.Masked || masked
	}
	return s.page(c, status, "data", views.OneCollection(m))
}
