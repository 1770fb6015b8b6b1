package handlers

import (
	"strconv"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// acts are the forms of the page, with what was typed in the one that was sent.
func (s *server) acts(v *visit, f workflow.Folder, d draft) *views.StaffActs {
	r := f.Request
	a := &views.StaffActs{
		Version: strconv.Itoa(r.Version),
		Owners:  []views.Option{{Text: locale.T(v.lang, "queue.nobody"), Chosen: r.Owner == ""}},
		Note:    wordsForm(d, "note"),
	}
	for _, m := range f.Team {
		a.Owners = append(a.Owners, views.Option{Value: m.ID, Text: m.Name, Chosen: m.ID == r.Owner, Person: true})
		if m.ID == v.actor.ID && r.Owner != m.ID {
			a.Mine = m.ID
		}
	}
	if !r.Routine {
		form := wordsForm(d, "message")
		form.Paper = f.OnPaper()
		a.Message = &form
	}
	for _, o := range f.Acts {
		card := s.actCard(v.lang, r, o, d)
		card.Paper = f.OnPaper()
		a.Acts = append(a.Acts, card)
	}
	return a
}

func wordsForm(d draft, name string) views.ActForm {
	form := views.ActForm{Name: name}
	if d.act.name == name {
		form.Text, form.Fault = d.text, d.fault("text")
	}
	return form
}

var actIcons = map[workflow.StatutoryAct]string{
	workflow.ActAcknowledge: "mail", workflow.ActFulfil: "check", workflow.ActPartly: "check", workflow.ActAccept: "check",
	workflow.ActRefuse: "cross", workflow.ActDecline: "cross", workflow.ActAsk: "reply", workflow.ActResume: "clock", workflow.ActExtend: "clock",
	workflow.ActReopen: "reply",
}

// actCard is one act of the page, with what the law of the request says to it.
func (s *server) actCard(lang string, r rights.Request, o workflow.Offer, d draft) views.ActCard {
	t := func(key string) string { return locale.T(lang, key) }
	card := views.ActCard{Name: string(o.Act), Icon: actIcons[o.Act], Direct: o.Act == workflow.ActResume}
	sent := d.act.name == card.Name
	if sent {
		card.Text, card.Fault, card.Open = d.text, d.fault("text"), true
	}
	if o.Closed != nil {
		faults, _ := s.faults(lang, rights.FieldErrors{*o.Closed})
		card.Closed = faults[0].Text
		return card
	}
	switch {
	case o.Asks != nil:
		card.Choices = &views.Choices{Label: t("act.why")}
		for _, q := range o.Asks {
			card.Choices.Options = append(card.Choices.Options, views.ChoiceLine{
				Value: q.Why, Text: t("act.why." + q.Why), Chosen: sent && q.Why == d.ground, LawLine: s.effects(lang, r, o, q.Why)[0],
			})
		}
	case o.Grounds != nil:
		card.Law = s.effects(lang, r, o, "")
		card.Choices = &views.Choices{Label: t("desk.ground"), Hint: t("desk.ground.hint"), Empty: t("desk.ground.choose")}
		for _, g := range o.Grounds {
			card.Choices.Options = append(card.Choices.Options, views.ChoiceLine{
				Value: g.ID, Text: t(g.Key()), Chosen: sent && g.ID == d.ground || !sent && g.ID == o.Ground, LawLine: views.LawLine{Citation: locale.Citation(lang, g.Citation)},
			})
		}
	default:
		card.Law = s.effects(lang, r, o, "")
	}
	if sent && card.Choices != nil {
		card.Choices.Fault = d.fault("ground")
	}
	return card
}

// effects say what an act does to the dates of a request and what the law wants of it, with the rule behind each.
func (s *server) effects(lang string, r rights.Request, o workflow.Offer, ground string) []views.LawLine {
	line := func(key, law string, pairs ...any) []views.LawLine {
		return []views.LawLine{{Text: locale.T(lang, "act.law."+key, pairs...), Citation: locale.Citation(lang, law)}}
	}
	day := func(d rights.Date) string { return s.day(lang, d) }
	switch o.Act {
	case workflow.ActAcknowledge:
		if o.LastDay.IsZero() {
			return line("acknowledge.any", "")
		}
		return line("acknowledge", o.Law, "Date", day(o.LastDay))
	case workflow.ActAsk:
		for _, q := range o.Asks {
			switch {
			case q.Why != ground:
			case !q.Stops:
				return line("pause.runs_on", q.Law, "Date", day(o.Due))
			case q.Restarts:
				return line("pause.restarts", q.Law)
			case q.Doubtful:
				return line("pause.doubtful", q.Law)
			default:
				return line("pause.stops", q.Law)
			}
		}
	case workflow.ActExtend:
		return line("extend", o.Law, "Due", day(o.Due), "Now", day(r.Due), "Date", day(o.LastDay))
	case workflow.ActFulfil:
		if o.Words {
			return append(line("lacking", ""), line("ends", "")...)
		}
		return line("ends", "")
	case workflow.ActPartly:
		return append(line("partly", o.Law), line("ends", "")...)
	case workflow.ActRefuse, workflow.ActDecline:
		return append(line("refuse", o.Law), line("ends", "")...)
	case workflow.ActAccept:
		return line("ends", "")
	case workflow.ActReopen:
		if !r.Due.IsZero() && r.Due.Before(rights.DateOf(s.at(s.Now()))) {
			return line("reopen.late", "", "Date", day(o.Due))
		}
		return line("reopen", "", "Date", day(o.Due))
	case workflow.ActResume:
		return line("resume", "")
	}
	return nil
}
