package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// taskListRoutes are the list of what is open in all requests: for the team that does it, to read, to print and to take along.
func (s *server) taskListRoutes(desk *echo.Group) {
	desk.GET("/tasks", s.taskList, s.may(rights.SeeQueue))
	desk.GET("/tasks.csv", s.taskCSV, s.may(rights.SeeQueue))
}

// taskPage is how many tasks a page shows.
const taskPage = 50

// taskAsk is what the address of the list says.
type taskAsk struct{ Team, Source, Right, Mine, After string }

// readTasks reads the address. What no page of ours links to does not exist.
func (s *server) readTasks(c echo.Context) (taskAsk, error) {
	a := taskAsk{c.QueryParam("team"), c.QueryParam("source"), c.QueryParam("right"), c.QueryParam("mine"), c.QueryParam("after")}
	sources := append(s.portal.Sources.Sources(), "")
	switch {
	case a.Team != "" && s.teamOf(a.Team).Key == "", !slices.Contains(sources, a.Source),
		a.Right != "" && !rights.Right(a.Right).Valid(), a.Mine != "" && a.Mine != "yes":
		return a, rights.ErrNotFound
	}
	return a, nil
}

func (s *server) teamOf(key string) workflow.Team {
	for _, t := range s.portal.Teams() {
		if t.Key == key {
			return t
		}
	}
	return workflow.Team{}
}

// values is the address again, at a page of the list.
func (a taskAsk) values(after string) string {
	q := url.Values{}
	for name, value := range map[string]string{"team": a.Team, "source": a.Source, "right": a.Right, "mine": a.Mine, "after": after} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// query is what the address asks for; nothing is in a source that is not the team's.
func (s *server) taskQuery(a taskAsk, me string) (q workflow.TaskQuery, nothing bool) {
	q = workflow.TaskQuery{Right: rights.Right(a.Right), After: a.After, Sources: s.teamOf(a.Team).Sources}
	if a.Source != "" {
		nothing = a.Team != "" && !slices.Contains(q.Sources, a.Source)
		q.Sources = []string{a.Source}
	}
	if a.Mine != "" {
		q.Owner = me
	}
	return q, nothing
}

func (s *server) taskList(c echo.Context) error {
	v := visitOf(c)
	a, err := s.readTasks(c)
	if err != nil {
		return err
	}
	var rows []workflow.TaskRow
	next := ""
	if q, nothing := s.taskQuery(a, v.actor.ID); !nothing {
		q.Limit = taskPage
		if rows, next, err = s.portal.Tasks(c.Request().Context(), v.actor, q); err != nil {
			return err
		}
	}
	t := func(key string, pairs ...any) string { return locale.T(v.lang, key, pairs...) }
	m := views.TaskListPage{
		Title: t("tasks.title"), Lead: t("tasks.lead"), Filters: s.taskFilters(v, a), Empty: t("tasks.empty"), EmptyText: t("tasks.empty.text"),
		CSV: "/staff/tasks.csv" + a.values(""), Narrowed: a != taskAsk{After: a.After},
	}
	if team := s.teamOf(a.Team); team.Key != "" {
		m.Title, m.Lead = t("tasks.of", "Team", team.Name.In(v.lang)), t("tasks.lead.team")
	}
	m.Printed = t("tasks.printed", "House", s.brand(v.lang), "Date", s.dateTime(v.lang, s.Now()))
	m.Caption = t("tasks.count", "Count", len(rows), "Number", locale.Number(v.lang, len(rows)))
	if a.After != "" || next != "" {
		m.Caption = t("tasks.count.page", "Count", len(rows), "Number", locale.Number(v.lang, len(rows)))
	}
	for _, row := range rows {
		m.Tasks = append(m.Tasks, s.taskRow(v.lang, row))
	}
	if a.After != "" {
		m.Pager.First = "/staff/tasks" + a.values("")
	}
	if next != "" {
		m.Pager.Next = "/staff/tasks" + a.values(next)
	}
	if m.Desk, err = s.desk(c, "tasks", ""); err != nil {
		return err
	}
	return s.page(c, http.StatusOK, "", views.TaskList(m))
}

func (s *server) taskRow(lang string, row workflow.TaskRow) views.TaskRow {
	return views.TaskRow{
		Reference: row.Ref, Right: deskTitle(lang, row.Request), What: s.listedTask(lang, row), Due: s.due(lang, row.Request),
		When: locale.T(lang, "queue.none_due"), Team: s.portal.TeamOf(row.Source, lang), Owner: row.OwnerName, Initials: initials(row.OwnerName),
	}
}

// listedTask says what is owed in a source. What a colleague wrote stands on the page of the request: it may name somebody.
func (s *server) listedTask(lang string, row workflow.TaskRow) string {
	switch {
	case row.Kind == rights.TaskRecipient && row.Recipient == "": // it went with the person's key
		return locale.T(lang, "tasks.recipient")
	case row.Kind == rights.TaskOther:
		return locale.T(lang, "tasks.other")
	}
	return s.taskName(lang, rights.Task{Kind: row.Kind, Source: row.Source, What: row.Recipient})
}

// taskFilters are the questions above the list, each with the answers there are.
func (s *server) taskFilters(v *visit, a taskAsk) []views.Filter {
	filter := func(name, chosen string, values []string, word func(string) string) views.Filter {
		f := views.Filter{Name: name, Label: locale.T(v.lang, "tasks."+name), Options: []views.Option{{Text: locale.T(v.lang, "queue.any")}}}
		for _, value := range values {
			f.Options = append(f.Options, views.Option{Value: value, Text: word(value), Chosen: value == chosen})
		}
		return f
	}
	var teams []string
	for _, team := range s.portal.Teams() {
		teams = append(teams, team.Key)
	}
	var tasked []string
	for _, right := range rights.Rights {
		if right.Tasked() {
			tasked = append(tasked, string(right))
		}
	}
	out := []views.Filter{
		filter("source", a.Source, s.portal.Sources.Sources(), func(key string) string { return s.portal.SourceLabel(key, v.lang) }),
		filter("right", a.Right, tasked, func(right string) string { return locale.T(v.lang, "desk.right."+right) }),
	}
	if len(teams) > 0 {
		out = slices.Insert(out, 0, filter("team", a.Team, teams, func(key string) string { return s.teamOf(key).Name.In(v.lang) }))
	}
	if v.actor.Role.May(rights.HandleRequest) {
		out = append(out, filter("mine", a.Mine, []string{"yes"}, func(string) string { return locale.T(v.lang, "tasks.mine.yes") }))
	}
	return out
}

// taskCSV is the work list to take along: nobody is named in it, neither the person nor a colleague.
func (s *server) taskCSV(c echo.Context) error {
	v := visitOf(c)
	a, err := s.readTasks(c)
	if err != nil || a.After != "" {
		return rights.ErrNotFound
	}
	today := rights.DateOf(s.at(s.Now()))
	file, err := s.newTable(c, "tasks-"+today.String()+".csv")
	if err != nil {
		return err
	}
	var heads []string
	for _, key := range []string{"queue.reference", "queue.right", "tasks.what", "tasks.source", "tasks.team", "queue.due", "queue.csv.left"} {
		heads = append(heads, locale.T(v.lang, key))
	}
	if err = file.row(heads...); err == nil {
		if q, nothing := s.taskQuery(a, v.actor.ID); !nothing {
			err = s.portal.TasksAll(c.Request().Context(), v.actor, q, func(row workflow.TaskRow) error {
				return file.row(s.taskCells(v.lang, row, today)...)
			})
		}
	}
	if err == nil {
		err = file.end()
	}
	if err != nil {
		return s.cutOff(c, err)
	}
	return nil
}

func (s *server) taskCells(lang string, row workflow.TaskRow, today rights.Date) []string {
	day, left, source := "", "", ""
	if !row.Due.IsZero() {
		day, left = row.Due.String(), strconv.Itoa(today.DaysUntil(row.Due))
	}
	if row.Source != "" {
		source = s.portal.SourceLabel(row.Source, lang)
	}
	return []string{row.Ref, deskTitle(lang, row.Request), s.listedTask(lang, row), source, s.portal.TeamOf(row.Source, lang), day, left}
}
