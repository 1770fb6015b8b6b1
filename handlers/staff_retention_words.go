package handlers

import (
	"strings"
	"time"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// Retention in words: rules, what they find, and what became of it. Only numbers and names of the map: no value of anybody.

func ruleLabel(lang string, r workflow.DestructionRule, name string) string {
	if text := r.Label.In(lang); text != "" {
		return text
	}
	return name
}

func ruleSystem(lang string, r workflow.DestructionRule, source string) string {
	if text := r.System.In(lang); text != "" {
		return text
	}
	return source
}

func ruleName(lang string, d workflow.Destruction) string {
	return ruleLabel(lang, d.Rule, d.Collection)
}

// ruleWords says how long, and from when: "1 year from “Last seen”".
func ruleWords(lang string, r workflow.DestructionRule) string {
	from := r.FromLabel.In(lang)
	if from == "" {
		from = r.From
	}
	return locale.T(lang, "activities.retain", "From", from, "Period", periodWords(lang, r.For.String()))
}

// ruleDoes says what becomes of what is past the rule.
func (s *server) ruleDoes(lang string, r workflow.DestructionRule) string {
	if !r.ByMachine() {
		return locale.T(lang, "retention.does.none")
	}
	return locale.T(lang, "retention.does."+string(r.Does))
}

func fieldWords(lang string, fields []workflow.RuleField) string {
	var names []string
	for _, f := range fields {
		name := f.Label.In(lang)
		if name == "" {
			name = f.Name
		}
		names = append(names, name)
	}
	return strings.Join(names, locale.T(lang, "list.separator"))
}

// ruleLine is one rule with what it found.
func (s *server) ruleLine(lang string, r workflow.RuleState) views.RuleLine {
	l := views.RuleLine{
		Source: r.Source, Collection: r.Collection, System: ruleSystem(lang, r.Rule, r.Source), Name: ruleLabel(lang, r.Rule, r.Collection),
		Rule: ruleWords(lang, r.Rule), Does: s.ruleDoes(lang, r.Rule), Asks: r.Rule.ByMachine(), Waits: r.Look.AskedBy != "",
	}
	if r.Open != "" {
		l.Open = "/staff/retention/" + pathEscape(r.Open)
	}
	switch {
	case r.Look.At.IsZero():
	case r.Changed: // what was found then is not what the rule would find now
		l.Found = []string{locale.T(lang, "retention.changed")}
		l.Looked = s.dateTime(lang, r.Look.At)
	default:
		l.Looked = s.dateTime(lang, r.Look.At)
		l.Found = append(l.Found, locale.T(lang, "retention.found.due", "Count", r.Found.Due, "Number", locale.Number(lang, r.Found.Due)))
		for _, n := range []struct {
			key   string
			count int
		}{{"spared", r.Found.Spared}, {"hanging", r.Found.Hanging}, {"undated", r.Found.Undated}, {"unread", r.Found.Unread}} {
			if n.count > 0 {
				l.Found = append(l.Found, locale.T(lang, "retention.found."+n.key, "Count", n.count, "Number", locale.Number(lang, n.count)))
			}
		}
	}
	if r.Look.Trouble != "" {
		l.Trouble = locale.T(lang, "retention.waits", "Trouble", locale.T(lang, "retention.trouble."+r.Look.Trouble), "When", s.dateTime(lang, r.Look.NextAt))
	}
	return l
}

// destructionLine is one proposal or record in a list.
func (s *server) destructionLine(lang string, d workflow.Destruction) views.DestructionLine {
	n := d.Found.Due
	if d.State == "done" {
		n = d.Destroyed
	}
	return views.DestructionLine{
		Href: "/staff/retention/" + pathEscape(d.ID), Name: ruleName(lang, d), System: ruleSystem(lang, d.Rule, d.Source), Rule: ruleWords(lang, d.Rule),
		Records: locale.T(lang, "retention.records", "Count", n, "Number", locale.Number(lang, n)), Span: s.spanOf(lang, d), When: s.dateTime(lang, latest(d)), State: s.destructionPill(lang, d),
	}
}

func latest(d workflow.Destruction) time.Time {
	out := d.ProposedAt
	for _, at := range []time.Time{d.DecidedAt, d.BegunAt, d.DoneAt} {
		if at.After(out) {
			out = at
		}
	}
	return out
}

func (s *server) spanOf(lang string, d workflow.Destruction) string {
	switch {
	case d.Found.Oldest.IsZero():
		return ""
	case d.Found.Oldest == d.Found.Newest:
		return s.day(lang, d.Found.Oldest)
	}
	return locale.T(lang, "retention.span", "From", s.day(lang, d.Found.Oldest), "To", s.day(lang, d.Found.Newest))
}

var destructionTones = map[string]string{"proposed": "new", "postponed": "warn", "running": "warn", "done": "ok"}

func (s *server) destructionPill(lang string, d workflow.Destruction) views.Pill {
	state := d.State
	if state == "approved" && !d.BegunAt.IsZero() {
		state = "running"
	}
	return views.Pill{Text: locale.T(lang, "retention.state."+state), Tone: destructionTones[state]}
}

// fact adds a fact that says something.
func fact(list []views.Fact, term, value, why string) []views.Fact {
	if value == "" {
		return list
	}
	return append(list, views.Fact{Term: term, Value: value, Why: why})
}

// destructionWhat is what is destroyed, and by which rule.
func (s *server) destructionWhat(lang string, d workflow.Destruction) (out []views.Fact) {
	t := func(key string, pairs ...any) string { return locale.T(lang, key, pairs...) }
	out = fact(out, t("retention.system"), ruleSystem(lang, d.Rule, d.Source), "")
	out = fact(out, t("retention.collection"), ruleName(lang, d), "")
	out = fact(out, t("retention.rule"), ruleWords(lang, d.Rule), t("retention.rule.text", "Day", s.day(lang, d.DueOn)))
	out = fact(out, t("retention.law"), d.Rule.Retention.In(lang), locale.Citation(lang, "GDPR Art. 5(1)(e); PIPL Art. 19, 47"))
	out = fact(out, t("retention.does"), s.ruleDoes(lang, d.Rule), "")
	out = fact(out, t("retention.gone"), fieldWords(lang, d.Rule.Gone), "")
	out = fact(out, t("retention.kept"), fieldWords(lang, d.Rule.Kept), "")
	out = fact(out, t("retention.due"), locale.Number(lang, d.Found.Due), s.spanOf(lang, d))
	for _, n := range []struct {
		key   string
		count int
	}{{"spared", d.Found.Spared}, {"hanging", d.Found.Hanging}, {"undated", d.Found.Undated}, {"unread", d.Found.Unread}} {
		if n.count > 0 && d.State != "done" {
			out = fact(out, t("retention."+n.key), locale.Number(lang, n.count), t("retention."+n.key+".text"))
		}
	}
	return out
}

// destructionHow is who proposed it and who decided.
func (s *server) destructionHow(lang string, d workflow.Destruction, names map[string]string) (out []views.Fact) {
	t := func(key string, pairs ...any) string { return locale.T(lang, key, pairs...) }
	by := t("retention.by_night")
	if d.AskedBy != "" {
		by = t("retention.by_hand", "Name", names[d.AskedBy])
	}
	out = fact(out, t("retention.proposed"), s.dateTime(lang, d.ProposedAt), by)
	if !d.DecidedAt.IsZero() {
		key := map[string]string{"declined": "retention.declined", "postponed": "retention.postponed"}[d.State]
		if key == "" {
			key = "retention.approved"
		}
		out = fact(out, t(key), names[d.DecidedBy]+" · "+s.dateTime(lang, d.DecidedAt), d.Reason)
	}
	if !d.Until.IsZero() {
		out = fact(out, t("retention.until"), s.day(lang, d.Until), "")
	}
	return out
}

// destructionDone is what was done, once something was.
func (s *server) destructionDone(lang string, d workflow.Destruction) (out []views.Fact) {
	if d.BegunAt.IsZero() {
		return nil
	}
	t := func(key string, pairs ...any) string { return locale.T(lang, key, pairs...) }
	out = fact(out, t("retention.begun"), s.dateTime(lang, d.BegunAt), "")
	if !d.DoneAt.IsZero() {
		out = fact(out, t("retention.ended"), s.dateTime(lang, d.DoneAt), "")
	}
	out = fact(out, t("retention.destroyed"), locale.Number(lang, d.Destroyed), t("retention.destroyed.text"))
	for _, n := range []struct {
		key   string
		count int
	}{{"spared", d.Spared}, {"young", d.Young}, {"refused", d.Refused}} {
		if n.count > 0 {
			out = fact(out, t("retention."+n.key), locale.Number(lang, n.count), t("retention."+n.key+".text"))
		}
	}
	for _, copied := range d.Rule.Copies {
		if !d.DoneAt.IsZero() {
			gone := rights.DateOf(s.at(d.DoneAt)).Plus(copied.For)
			out = fact(out, t("retention.copy"), copied.What.In(lang), t("retention.copy.text", "Day", s.day(lang, gone)))
		}
	}
	return fact(out, t("retention.sum"), d.SHA256, t("retention.sum.text"))
}

// moment writes a time as a spreadsheet reads it, "" for none.
func (s *server) moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return s.at(at).Format("2006-01-02 15:04")
}
