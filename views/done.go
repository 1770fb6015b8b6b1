package views

import "context"

// steps is what happens after an act that somebody still has to answer.
func (m DonePage) steps(ctx context.Context) []Step {
	list := []Step{{Title: T(ctx, "done.received"), Text: m.Received, State: "done"}}
	if m.NotBefore != "" {
		list = append(list,
			Step{Title: T(ctx, "done.cooling_off"), Text: T(ctx, "done.cooling_off.text", "Date", m.NotBefore), State: "now"},
			Step{Title: T(ctx, "done.erasing"), Text: T(ctx, "done.erasing.text")})
	} else {
		list = append(list, Step{Title: T(ctx, "done.checking"), Text: T(ctx, "done.checking.text"), State: "now"})
	}
	return append(list, Step{Title: T(ctx, "done.answer"), Text: T(ctx, "done.answer.text", "Date", m.Due)})
}
