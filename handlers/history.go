package handlers

import (
	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// history are the lines of what was changed in records that a page shows: to their person with the way back, to a colleague not.
func (s *server) history(v *visit, h workflow.Holding) (out []views.HistoryLine) {
	mine := v.actor.Role == rights.RoleSubject
	for _, a := range h.History {
		line := views.HistoryLine{
			What: workflow.FieldName(a.Field, v.lang), Was: s.readable(v.lang, a.Was), Now: s.readable(v.lang, a.Became), When: s.dateTime(v.lang, a.At),
		}
		who := "history.by."
		if !mine {
			who = "history.desk."
		}
		line.Who = locale.T(v.lang, who+a.By)
		if a.Ref != "" {
			line.Link = views.Link{Text: a.Ref, Href: "/requests/" + a.Ref}
			if !mine {
				line.Link.Href = "/staff/requests/" + a.Ref
			}
		}
		if mine && h.Count > 1 {
			line.What += " (" + a.Record + ")"
		}
		if mine && a.Stands {
			c := h.Collection
			line.Undo = views.Link{Text: locale.T(v.lang, "history.undo"), Href: views.CorrectURL(c.Source(), c.Name, a.Record, a.Field.Path()) + "&undo=" + queryEscape(a.Ref)}
		}
		out = append(out, line)
	}
	return out
}
