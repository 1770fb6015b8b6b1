package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// erasurePairs are what the steps of an erasure name: the source, how many records, what is the matter.
func (s *server) erasurePairs(lang string, e rights.Event) []any {
	var pairs []any
	if source := e.Facts["source"]; source != "" {
		pairs = append(pairs, "Source", s.portal.SourceLabel(source, lang))
	}
	if trouble := e.Facts["trouble"]; trouble != "" {
		pairs = append(pairs, "Trouble", locale.T(lang, "erasure.trouble."+trouble))
	}
	if until, err := rights.ParseDate(e.Facts["until"]); err == nil {
		pairs = append(pairs, "Until", s.day(lang, until))
	}
	if e.Kind == "erase_by_hand" {
		pairs = append(pairs, "Why", locale.T(lang, "erasure.why."+e.Facts["why"]))
	}
	if e.Kind == "erased_in" {
		if n, err := strconv.Atoi(e.Facts["records"]); err == nil {
			pairs = append(pairs, "Count", n)
		}
	}
	return pairs
}

// erasureTones are how the states of an erasure look.
var erasureTones = map[string]string{"waiting": "", "erasing": "warn", "checking": "warn", "done": "ok", "by_hand": "warn", "dropped": ""}

// erasure is how far the erasure of a request has come, nil where it is none.
func (s *server) erasure(lang string, e workflow.Erasure) *views.Erasure {
	if e.State == "" {
		return nil
	}
	m := &views.Erasure{State: views.Pill{Text: locale.T(lang, "erasure."+e.State), Tone: erasureTones[e.State]}}
	switch {
	case e.Source != "":
		m.Text = locale.T(lang, "erasure.waits", "Source", s.portal.SourceLabel(e.Source, lang), "Trouble", locale.T(lang, "erasure.trouble."+e.Trouble), "When", s.dateTime(lang, e.NextAt))
		m.State.Tone = "bad"
	case e.State == "waiting":
		m.Text = locale.T(lang, "erasure.waiting.text")
	case e.Why != "":
		m.Text = locale.T(lang, "trail.erase_by_hand", "Why", locale.T(lang, "erasure.why."+e.Why))
	}
	for _, d := range e.Done {
		m.Done = append(m.Done, views.Fact{
			Term: s.portal.SourceLabel(d.Source, lang), Value: locale.T(lang, "erasure.in", "Count", d.Records) + " · " + s.dateTime(lang, d.At),
		})
	}
	m.Left = s.leftOver(lang, e)
	if e.State == "done" && len(m.Left) == 0 {
		m.Nothing = locale.T(lang, "erasure.left.none")
	}
	for _, d := range e.Noted {
		if d.Kind == "gone" && d.State == "stands" {
			m.Watched = locale.T(lang, "erasure.watched", "Day", s.day(lang, d.Until))
		}
	}
	return m
}

// leftOver is what an erasure leaves: where, how much, which fields, on which ground and until when.
func (s *server) leftOver(lang string, e workflow.Erasure) (out []views.Fact) {
	for _, l := range e.Left {
		f := views.Fact{Term: s.portal.LeftLabel(l, lang), Value: locale.T(lang, "erasure.in", "Count", l.Records), Why: s.whyLeft(lang, e, l)}
		if l.Copy > 0 {
			f.Value = locale.T(lang, "erasure.left.copy")
		} else if l.Collection == "" {
			f.Value = locale.T(lang, "byhand.state")
		}
		if len(l.Fields) > 0 {
			names := make([]string, len(l.Fields))
			for i, field := range l.Fields {
				names[i] = s.portal.FieldLabel(rights.Correction{Source: l.Source, Collection: l.Collection, Field: field}, lang)
			}
			f.Value += " · " + locale.T(lang, "erasure.left.fields", "Fields", listed(lang, names))
		}
		out = append(out, f)
	}
	return out
}

// whyLeft says on which ground something is left and until when, or that it is gone by now.
func (s *server) whyLeft(lang string, e workflow.Erasure, l workflow.Left) string {
	ground, until := s.portal.GroundOf(l, lang)
	noted, known := e.EndOf(l)
	switch {
	case l.ByHand && s.portal.ByHand(l.Source):
		return locale.T(lang, "byhand.left", "Team", s.portal.TeamOf(l.Source, lang))
	case l.ByHand:
		return locale.T(lang, "erasure.left.by_hand")
	case known && noted.State == "over":
		return locale.T(lang, "erasure.left.gone", "Day", locale.Date(lang, s.at(noted.At)))
	case known && noted.State == "left":
		return locale.T(lang, "erasure.left.people")
	case l.Copy > 0:
		return locale.T(lang, "erasure.left.until", "Day", s.day(lang, l.Until))
	}
	if until != "" {
		ground = locale.T(lang, "erasure.left.why", "Ground", ground, "Until", until)
	}
	if known {
		ground = locale.T(lang, "erasure.left.again", "Ground", ground, "Day", s.day(lang, noted.Until))
	}
	return ground
}

// erase is the page before an erasure is asked for: what it means, collection by collection.
func (s *server) erase(c echo.Context) error {
	v := visitOf(c)
	var m views.ErasePage
	if wait := s.portal.CoolingOff; wait > 0 {
		m.CoolingOff = locale.T(v.lang, "wait.hours", "Count", int(wait.Hours()))
	}
	regime, err := s.portal.RegimeOf(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	m.CanClose, m.Close = s.portal.CanClose(regime), workflow.ClosesByDefault(regime)
	preview, err := s.portal.ErasePreview(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	for _, p := range preview {
		name := workflow.CollectionName(p.Collection, v.lang)
		count := locale.T(v.lang, "erasure.in", "Count", p.Records)
		switch {
		case p.Down:
			count = locale.T(v.lang, "erase.down")
		case p.Collection.Dataset.Manual:
			count = locale.T(v.lang, "byhand.erase", "Team", s.portal.TeamOf(p.Collection.Source(), v.lang))
		}
		if p.Empties() {
			count += " · " + locale.T(v.lang, "erase.emptied")
		}
		if p.Goes() || p.Empties() {
			m.Goes = append(m.Goes, views.Fact{Term: name, Value: count})
			continue
		}
		m.Stays = append(m.Stays, stays(v.lang, p, views.Fact{Term: name, Value: count}))
	}
	for _, copied := range s.portal.CopiesOf(preview) {
		m.Copies = append(m.Copies, views.Fact{Term: copied.What.In(v.lang), Value: locale.T(v.lang, "erase.copies.for", "Span", lasting(v.lang, copied.For))})
	}
	return s.page(c, http.StatusOK, "data", views.Erase(m))
}

// lasting says how long something lasts, in years, months and days.
func lasting(lang string, p rights.Period) string {
	var parts []string
	for _, part := range []struct {
		key string
		n   int
	}{{"span.years", p.Months / 12}, {"span.months", p.Months % 12}, {"span.days", p.Days}} {
		if part.n > 0 {
			parts = append(parts, locale.T(lang, part.key, "Count", part.n))
		}
	}
	return listed(lang, parts)
}

func listed(lang string, names []string) string {
	return strings.Join(names, locale.T(lang, "list.separator"))
}

func fieldNames(lang string, fields []*workflow.Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = workflow.FieldName(f, lang)
	}
	return listed(lang, names)
}

// stays says of records that stay which of their values do, on which ground and until when, and which go all the same.
func stays(lang string, p workflow.Preview, f views.Fact) views.Fact {
	meta := p.Collection.Meta
	if len(p.Kept) > 0 {
		meta = p.Kept[0].Meta
	}
	f.Why = meta.Ground.In(lang)
	if until := meta.Until.In(lang); until != "" {
		f.Why = locale.T(lang, "erasure.left.why", "Ground", f.Why, "Until", locale.T(lang, "erase.until", "Until", until))
	}
	if len(p.Gone) == 0 {
		return f
	}
	if len(p.Kept) < len(p.Gone) { // little of it stays: name that
		f.Value += " · " + locale.T(lang, "erasure.left.fields", "Fields", fieldNames(lang, p.Kept))
		return f
	}
	f.Value += " · " + locale.T(lang, "erase.without", "Fields", fieldNames(lang, p.Gone))
	return f
}
