package handlers

import (
	"cmp"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// conflict says what others changed while an officer was at work: field by field as it stood when they began, as it
// stands now and as they wanted it, then the steps in between.
func (s *server) conflict(v *visit, f workflow.Folder, trail []views.TrailLine, d draft) *views.Conflicted {
	m := &views.Conflicted{Typed: cmp.Or(d.text, typed(d.sent, "note"), typed(d.sent, "what"))}
	for _, t := range f.Tasks {
		if d.act.name == "task-"+t.ID {
			m.Rows = []views.ConflictRow{s.taskConflict(v.lang, f, t, d)}
			return m
		}
	}
	var then rights.Stand
	for i, e := range f.Events {
		if e.Left.Version <= d.version {
			then = e.Left
			continue
		}
		m.Changes = append(m.Changes, trail[i])
	}
	m.Rows = s.versions(v.lang, f, then, f.Request.Stand(), d)
	return m
}

// versions are the fields that differ, or that the officer wanted to change.
func (s *server) versions(lang string, f workflow.Folder, then, now rights.Stand, d draft) []views.ConflictRow {
	if then.State == "" {
		return nil // a step of before the desk kept where a request stood
	}
	owner := func(id string) string {
		if id == "" {
			return locale.T(lang, "queue.nobody")
		}
		return cmp.Or(f.Names[id], locale.T(lang, "staff.who.team"))
	}
	ground := func(id string) string {
		if id == "" {
			return locale.T(lang, "desk.conflict.none")
		}
		return locale.T(lang, "ground."+id)
	}
	state := func(state rights.State) string { return locale.T(lang, "desk.state."+string(state)) }
	var wanted, refusal string
	if d.act.name == "assign" {
		wanted = owner(typed(d.sent, "owner"))
	}
	if g, ok := rights.RegimeByID(f.Request.Regime); ok && d.ground != "" {
		if listed, ok := g.Ground(d.ground); ok {
			refusal = locale.T(lang, listed.Key())
		}
	}
	rows := []views.ConflictRow{
		{Field: locale.T(lang, "desk.conflict.state"), Then: state(then.State), Now: state(now.State)},
		{Field: locale.T(lang, "desk.fact.owner"), Then: owner(then.Owner), Now: owner(now.Owner), Yours: wanted},
		{Field: locale.T(lang, "desk.conflict.due"), Then: s.day(lang, then.Due), Now: s.day(lang, now.Due)},
		{Field: locale.T(lang, "desk.ground"), Then: ground(then.Ground), Now: ground(now.Ground), Yours: refusal},
	}
	out := rows[:0]
	for _, row := range rows {
		if row.Then != row.Now || row.Yours != "" {
			out = append(out, row)
		}
	}
	return out
}

// taskConflict is a task as it stood at the version that the officer saw, and as it stands.
func (s *server) taskConflict(lang string, f workflow.Folder, t rights.Task, d draft) views.ConflictRow {
	version, then := 1, rights.TaskOpen
	for _, e := range f.Events {
		if e.Facts["task"] == t.ID && e.Facts["state"] != "" && version < d.version {
			version, then = version+1, rights.TaskState(e.Facts["state"])
		}
	}
	row := views.ConflictRow{Field: s.taskName(lang, t), Then: taskPill(lang, then).Text, Now: taskPill(lang, t.State).Text}
	if wanted := rights.TaskState(typed(d.sent, "state")); wanted.Valid() {
		row.Yours = taskPill(lang, wanted).Text
	}
	return row
}
