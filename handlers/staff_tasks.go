package handlers

import (
	"context"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// taskRoutes are what can be done on the page of a request that no law knows of: its tasks, and what belongs with it.
func (s *server) taskRoutes(desk *echo.Group) {
	back := s.backTo("/staff/requests/")
	for _, act := range []deskAct{addTask, markDuplicate("duplicate", true), markDuplicate("distinct", false)} {
		desk.POST("/requests/:ref/"+act.name, s.deskAct(act), s.may(rights.HandleRequest))
		desk.GET("/requests/:ref/"+act.name, back, s.may(rights.SeeQueue))
	}
	desk.POST("/requests/:ref/tasks/:id", func(c echo.Context) error { return s.deskAct(setTask(c.Param("id")))(c) }, s.may(rights.HandleRequest))
	desk.GET("/requests/:ref/tasks/:id", back, s.may(rights.SeeQueue))
}

var addTask = deskAct{
	name: "tasks", part: "#tasks",
	run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.AddTask(ctx, by, ref, version, f.one("what"))
	},
}

// setTask settles the task of that ID, or opens it again. The version it takes is the task's.
func setTask(id string) deskAct {
	return deskAct{
		name: "task-" + id, part: "#tasks", said: "task",
		run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
			change := workflow.TaskChange{
				ID: id, Version: version, State: rights.TaskState(f.one("state")), Note: f.one("note"), Files: f.files, Hand: f.one("hand") != "",
			}
			change.By = strings.TrimSpace(f.one("by"))
			if day := strings.TrimSpace(f.one("on")); day != "" {
				var err error
				if change.On, err = rights.ParseDate(day); err != nil {
					return rights.Fault("on", "tasks.error.on", nil)
				}
			}
			return p.SetTask(ctx, by, ref, change)
		},
	}
}

func markDuplicate(name string, same bool) deskAct {
	return deskAct{
		name: name,
		run: func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
			return p.MarkDuplicate(ctx, by, ref, version, f.one("other"), same)
		},
	}
}

// told are the colleagues who were ticked in the form of a note.
func told(f form) []string {
	var out []string
	for _, name := range f.names() {
		if id, ok := strings.CutPrefix(name, "tell."); ok && f.one(name) != "" {
			out = append(out, id)
		}
	}
	return out
}

// tell are the colleagues who can be told of a note, ticked as they were sent.
func tell(f workflow.Folder, d draft) (out []views.Option, open bool) {
	for _, m := range f.Others {
		ticked := typed(d.sent, "tell."+m.ID) != ""
		out, open = append(out, views.Option{Value: m.ID, Text: m.Name, Chosen: ticked}), open || ticked
	}
	return out, open
}

// tasks is the checklist. Whoever may handle an open request settles its tasks; of a closed one it says what was left.
func (s *server) tasks(v *visit, f workflow.Folder, d draft) views.TaskCard {
	settles := f.Request.State.Open() && v.actor.Role.May(rights.HandleRequest)
	card := views.TaskCard{Title: locale.T(v.lang, "desk.tasks"), Add: settles && !f.Request.Routine}
	if !f.Request.State.Open() {
		card.Title = locale.T(v.lang, "desk.tasks.closed")
	}
	if d.act.name == addTask.name {
		card.What, card.Fault = typed(d.sent, "what"), d.fault("what")
	}
	for _, t := range f.Tasks {
		line := views.TaskLine{
			ID: t.ID, Version: strconv.Itoa(t.Version), What: s.taskName(v.lang, t), Note: t.Note, Done: t.State != rights.TaskOpen,
			Settles: settles || t.Kind == rights.TaskRecipient && v.actor.Role.May(rights.HandleRequest),
			Where:   s.taskTeam(v.lang, t.Source), Proves: s.portal.ByHand(t.Source), Hands: t.Kind == string(rights.Access) || t.Kind == string(rights.Portability),
			Files: fileLines(v.lang, "/staff/requests/"+f.Request.Ref, f.FilesOf(t.ID)),
			State: taskPill(v.lang, t.State), Mark: map[rights.TaskState]string{rights.TaskDone: "check", rights.TaskSkipped: "cross"}[t.State],
		}
		if !line.Done && !line.Settles && !f.Request.State.Open() {
			line.State = views.Pill{Text: locale.T(v.lang, "desk.task.left")}
		}
		if line.Done {
			by := rights.Actor{ID: t.DoneBy}
			if t.DoneBy == "" { // the machine did it
				by = rights.System
			}
			line.By = s.names(v, f)(by) + " · " + s.dateTime(v.lang, t.DoneAt)
			line.Evidence = s.evidence(v.lang, t)
		}
		if d.act.name == "task-"+t.ID {
			line.Open, line.Typed, line.Fault = true, typed(d.sent, "note"), d.fault("note")+d.fault("state")
			line.Who = views.Input{Value: typed(d.sent, "by"), Fault: d.fault("by")}
			line.On = views.Input{Value: typed(d.sent, "on"), Fault: d.fault("on")}
			line.FilesFault, line.Hand = d.fault("files"), typed(d.sent, "hand") != ""
		}
		card.Tasks = append(card.Tasks, line)
	}
	if n := len(f.Tasks); n > 0 {
		card.Count = locale.T(v.lang, "desk.tasks.count", "Done", n-len(f.OpenTasks()), "All", n)
	}
	return card
}

// taskTeam says whose a task is: by hand where nothing can ask the source.
func (s *server) taskTeam(lang, source string) string {
	team := s.portal.TeamOf(source, lang)
	switch {
	case team == "":
		return ""
	case s.portal.ByHand(source):
		return locale.T(lang, "tasks.by_hand", "Team", team)
	}
	return locale.T(lang, "tasks.team.of", "Team", team)
}

// evidence says who did a task and on which day, "" where nobody said so.
func (s *server) evidence(lang string, t rights.Task) string {
	switch {
	case t.By != "" && !t.On.IsZero():
		return locale.T(lang, "tasks.evidence", "By", t.By, "Date", s.day(lang, t.On))
	case !t.On.IsZero():
		return locale.T(lang, "tasks.evidence.on", "Date", s.day(lang, t.On))
	case t.By != "":
		return locale.T(lang, "tasks.evidence.by", "By", t.By)
	}
	return ""
}

func taskPill(lang string, state rights.TaskState) views.Pill {
	tone := map[rights.TaskState]string{rights.TaskOpen: "new", rights.TaskDone: "ok"}
	return views.Pill{Text: locale.T(lang, "desk.task."+string(state)), Tone: tone[state]}
}

// taskName says what the person is owed in a source, or what an officer added.
func (s *server) taskName(lang string, t rights.Task) string {
	switch {
	case t.Kind == rights.TaskRecipient && t.What != "":
		return locale.T(lang, "task.recipient", "What", s.portal.RecipientName(t.What, lang))
	case t.Kind != rights.TaskOther && t.Kind != rights.TaskRecipient:
		return locale.T(lang, "task."+t.Kind, "Source", s.portal.SourceLabel(t.Source, lang))
	case t.What == "":
		return locale.T(lang, "task.erased") // the words went with the person's key
	}
	return t.What
}

// taskNamed is the name of a task by its ID.
func (s *server) taskNamed(lang string, f workflow.Folder, id string) string {
	for _, t := range f.Tasks {
		if t.ID == id {
			return s.taskName(lang, t)
		}
	}
	return ""
}

// related are the requests that belong with this one, and what an officer can say of each.
func (s *server) related(lang string, f workflow.Folder) []views.RelatedLine {
	marks := map[workflow.Kinship]string{workflow.MaybeSame: "duplicate", workflow.Duplicate: "distinct"}
	tones := map[workflow.Kinship]string{workflow.MaybeSame: "warn", workflow.Duplicate: "bad"}
	var out []views.RelatedLine
	for _, r := range f.Related {
		line := views.RelatedLine{
			Reference: r.Ref, Title: deskTitle(lang, r.Request), State: deskPill(lang, r.State), When: locale.Date(lang, s.at(r.ReceivedAt)), Mark: marks[r.How],
		}
		if r.How != workflow.SamePerson {
			line.How = views.Pill{Text: locale.T(lang, "related."+string(r.How)), Tone: tones[r.How]}
		}
		out = append(out, line)
	}
	return out
}
