package handlers

import (
	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// filters are the questions of that name, each with the answers there are.
func filters(v *visit, a queueAsk, team []workflow.Colleague, names ...string) []views.Filter {
	out := make([]views.Filter, len(names))
	for i, name := range names {
		f := views.Filter{Name: name, Label: locale.T(v.lang, "queue."+name), Options: []views.Option{{Text: locale.T(v.lang, "queue.any")}}}
		chosen := a.values().Get(name)
		for _, value := range answers(v, name, chosen, team) {
			f.Options = append(f.Options, views.Option{Value: value, Text: word(v.lang, name, value, team), Chosen: value == chosen, Person: name == "owner" && value != "me" && value != "nobody"})
		}
		out[i] = f
	}
	return out
}

// answers lists what a filter can be set to.
func answers(v *visit, name, chosen string, team []workflow.Colleague) (out []string) {
	switch name {
	case "right":
		return strs(rights.Rights)
	case "state":
		return strs(rights.States)
	case "channel":
		return strs(rights.Channels)
	case "due":
		return dueDays
	case "language":
		return locale.Languages
	case "regime":
		return regimeIDs()
	}
	if v.actor.Role.May(rights.HandleRequest) {
		out = append(out, "me")
	}
	out = append(out, "nobody")
	for _, m := range team {
		if m.ID != v.actor.ID && (m.Handles || m.ID == chosen) {
			out = append(out, m.ID)
		}
	}
	return out
}

// word is what a filter is set to, as it is read.
func word(lang, name, value string, team []workflow.Colleague) string {
	prefix := map[string]string{
		"right": "desk.right.", "state": "desk.state.", "regime": "regime.", "due": "queue.due.", "channel": "queue.channel.", "language": "language.",
	}
	switch {
	case name != "owner":
		return locale.T(lang, prefix[name]+value)
	case value == "me":
		return locale.T(lang, "queue.owner.me")
	case value == "nobody":
		return locale.T(lang, "queue.nobody")
	}
	for _, m := range team {
		if m.ID == value {
			return m.Name
		}
	}
	return locale.T(lang, "queue.owner.gone")
}

// chips are the filters that are set.
func chips(v *visit, a queueAsk, team []workflow.Colleague) []views.Chip {
	var out []views.Chip
	for _, p := range a.filters() {
		pairs := []any{"Name", locale.T(v.lang, "queue."+p.name), "Value", word(v.lang, p.name, *p.of(&a), team)}
		out = append(out, views.Chip{
			Text: locale.T(v.lang, "queue.chip", pairs...), Drop: locale.T(v.lang, "queue.chip.drop", pairs...), Without: a.without(p).href(),
		})
	}
	return out
}

// owners are those a request can be given to, nobody of them chosen by itself.
func owners(v *visit, team []workflow.Colleague, chosen string) []views.Option {
	out := []views.Option{{Text: locale.T(v.lang, "queue.bulk.choose")}}
	for _, m := range team {
		if m.ID == v.actor.ID {
			out = append(out, views.Option{Value: m.ID, Text: locale.T(v.lang, "queue.bulk.me", "Name", m.Name), Chosen: m.ID == chosen, Person: true})
		}
	}
	for _, m := range team {
		if m.Handles && m.ID != v.actor.ID {
			out = append(out, views.Option{Value: m.ID, Text: m.Name, Chosen: m.ID == chosen, Person: true})
		}
	}
	return append(out, views.Option{Value: "nobody", Text: locale.T(v.lang, "queue.nobody"), Chosen: chosen == "nobody"})
}

// unseen are the parts of a list that its forms carry along.
func unseen(a queueAsk) []views.Field {
	var out []views.Field
	for _, p := range queueParts {
		if value := *p.of(&a); value != "" {
			out = append(out, views.Field{Name: p.name, Value: value})
		}
	}
	return out
}

func strs[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = string(one)
	}
	return out
}

func regimeIDs() []string {
	ids := make([]string, len(rights.Regimes))
	for i, g := range rights.Regimes {
		ids[i] = g.ID
	}
	return ids
}
