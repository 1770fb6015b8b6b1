package handlers

import (
	"strconv"
	"strings"

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
	return m
}

// leftOver is what an erasure leaves: where, how much, which fields, on which ground and until when.
func (s *server) leftOver(lang string, e workflow.Erasure) (out []views.Fact) {
	for _, l := range e.Left {
		f := views.Fact{Term: s.portal.CollectionLabel(l.Source, l.Collection, lang), Value: locale.T(lang, "erasure.in", "Count", l.Records)}
		ground, until := s.portal.GroundOf(l, lang)
		switch {
		case l.ByHand:
			f.Why = locale.T(lang, "erasure.left.by_hand")
		case until != "":
			f.Why = locale.T(lang, "erasure.left.why", "Ground", ground, "Until", until)
		default:
			f.Why = ground
		}
		if len(l.Fields) > 0 {
			names := make([]string, len(l.Fields))
			for i, field := range l.Fields {
				names[i] = s.portal.FieldLabel(rights.Correction{Source: l.Source, Collection: l.Collection, Field: field}, lang)
			}
			f.Value += " · " + locale.T(lang, "erasure.left.fields", "Fields", strings.Join(names, locale.T(lang, "list.separator")))
		}
		out = append(out, f)
	}
	return out
}
