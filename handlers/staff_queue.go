package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// queueRoutes are the pages of the queue.
func (s *server) queueRoutes(desk *echo.Group) {
	desk.GET("/queue", s.queue, s.may(rights.SeeQueue))
}

// queuePage is how many requests a page of the queue shows.
const queuePage = 25

// queueAsk is what the address of the queue says. Every part of it can be kept as a bookmark.
type queueAsk struct {
	View, Q, Right, State, Regime, After string
}

// readQueue reads the address. Owner and due are other names for saved views.
func readQueue(c echo.Context) (queueAsk, error) {
	get := func(name string) string { return strings.TrimSpace(strings.ToValidUTF8(c.QueryParam(name), "")) }
	a := queueAsk{View: get("view"), Q: get("q"), Right: get("right"), State: get("state"), Regime: get("regime"), After: get("after")}
	alias := map[string]string{"owner=me": "mine", "owner=nobody": "unassigned", "due=overdue": "overdue", "due=week": "week"}
	for _, name := range []string{"owner", "due"} {
		if value := get(name); value != "" {
			a.View = alias[name+"="+value]
		} else if a.View == "" {
			a.View = "open"
		}
	}
	_, lawful := rights.RegimeByID(a.Regime)
	if !slices.Contains(savedViews, a.View) || a.Right != "" && !rights.Right(a.Right).Valid() ||
		a.State != "" && !rights.State(a.State).Valid() || a.Regime != "" && !lawful {
		return a, rights.ErrNotFound
	}
	return a, nil
}

func (a queueAsk) narrowed() bool { return a.Q+a.Right+a.State+a.Regime != "" }

// href is the address of this search at another page.
func (a queueAsk) href(after string) string {
	q := url.Values{"view": {a.View}}
	for name, value := range map[string]string{"q": a.Q, "right": a.Right, "state": a.State, "regime": a.Regime, "after": after} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return "/staff/queue?" + q.Encode()
}

func (s *server) queue(c echo.Context) error {
	a, err := readQueue(c)
	if err != nil {
		return err
	}
	if ref, ok := rights.ParseRef(a.Q); ok {
		found, _, err := s.find(c, queueAsk{View: "all"}, ref)
		if err != nil {
			return err
		}
		if len(found) == 1 {
			return s.see(c, "/staff/requests/"+ref)
		}
	}
	lines, next, err := s.find(c, a, "")
	if err != nil {
		return err
	}
	return s.drawQueue(c, a, lines, next)
}

// find asks for one page. What was searched for is looked for everywhere: whoever types an address wants all that is
// there, whatever view they stand in.
func (s *server) find(c echo.Context, a queueAsk, ref string) ([]workflow.Line, string, error) {
	q := workflow.QueueQuery{
		View: a.View, Right: rights.Right(a.Right), State: rights.State(a.State), Regime: a.Regime, Ref: ref, After: a.After, Limit: queuePage,
	}
	if a.Q != "" {
		if !strings.Contains(a.Q, "@") {
			return nil, "", nil
		}
		q.View = "all"
		return s.portal.QueueSearch(c.Request().Context(), visitOf(c).actor, q, a.Q)
	}
	return s.portal.Queue(c.Request().Context(), visitOf(c).actor, q)
}

func (s *server) drawQueue(c echo.Context, a queueAsk, lines []workflow.Line, next string) error {
	lang := lang(c)
	current := a.View
	if a.Q != "" {
		current = ""
	}
	desk, counts, err := s.deskAndCounts(c, "queue", current)
	if err != nil {
		return err
	}
	t := func(key string, pairs ...any) string { return locale.T(lang, key, pairs...) }
	m := views.QueuePage{
		Desk: desk, Title: t("queue.view." + a.View), View: a.View, Q: a.Q, Filtered: a.narrowed(), Clear: queueAsk{View: a.View}.href(""),
		Rights:  choices(t("queue.any"), rights.Rights, rights.Right(a.Right), func(r rights.Right) string { return t("desk.right." + string(r)) }),
		States:  choices(t("queue.any"), rights.States, rights.State(a.State), func(st rights.State) string { return t("desk.state." + string(st)) }),
		Regimes: choices(t("queue.any"), regimeIDs(), a.Regime, func(id string) string { return t("regime." + id) }),
	}
	for _, name := range []string{"open", "overdue", "week", "unassigned"} {
		tile := views.Tile{Text: t("queue.short." + name), Href: "/staff/queue?view=" + name, Count: locale.Number(lang, counts[name])}
		if counts[name] > 0 {
			tile.Tone = map[string]string{"overdue": "late", "week": "soon"}[name]
		}
		m.Tiles = append(m.Tiles, tile)
	}
	if a.Q != "" {
		m.Title = t("queue.found")
	}
	if a.After != "" {
		m.Pager.First = a.href("")
	}
	if next != "" {
		m.Pager.Next = a.href(next)
	}
	m.Caption, m.Last = t(caption(a, m.Pager), "Count", len(lines), "Number", locale.Number(lang, len(lines))), t(lastColumn(a))
	for _, l := range lines {
		m.Lines = append(m.Lines, s.queueLine(lang, lastColumn(a), l))
	}
	if m.Recent, err = s.recent(c, a); err != nil {
		return err
	}
	m.Empty = views.Blank{Mark: "check", Title: t("queue.empty." + a.View), Text: t("queue.empty." + a.View + ".text")}
	if a.narrowed() {
		m.Empty = views.Blank{Mark: "search", Title: t("queue.empty.search"), Text: t("queue.empty.search.text")}
	}
	return s.page(c, http.StatusOK, "", views.Queue(m))
}

// recentLines is how many of the requests that were just closed the front page of the queue shows.
const recentLines = 5

// recent lists what was closed in the last day, below the first page of what is open: an export or a consent is answered
// by the portal before anybody looks, and the team should see that it was.
func (s *server) recent(c echo.Context, a queueAsk) ([]views.QueueLine, error) {
	if a.View != "open" || a.narrowed() || a.After != "" {
		return nil, nil
	}
	lines, _, err := s.portal.Queue(c.Request().Context(), visitOf(c).actor, workflow.QueueQuery{View: "closed", Limit: recentLines})
	if err != nil {
		return nil, err
	}
	var out []views.QueueLine
	for _, l := range lines {
		if s.Now().Sub(l.ClosedAt) < 24*time.Hour {
			out = append(out, s.queueLine(lang(c), "queue.closed", l))
		}
	}
	return out, nil
}

// lastColumn names what the view sorts by.
func lastColumn(a queueAsk) string {
	switch {
	case a.Q != "" || a.View == "all" || a.View == "routine":
		return "queue.received"
	case a.View == "closed":
		return "queue.closed"
	}
	return "queue.due"
}

// caption says how many there are and in which order; on one page of several, how many are on it.
func caption(a queueAsk, p views.Pager) string {
	key := "queue.showing."
	if p.First != "" || p.Next != "" {
		key = "queue.page."
	}
	if lastColumn(a) == "queue.due" {
		return key + "due"
	}
	return key + "new"
}

func (s *server) queueLine(lang, last string, l workflow.Line) views.QueueLine {
	line := views.QueueLine{
		Reference: l.Ref, Mailbox: l.Mailbox, Right: deskTitle(lang, l.Request), State: deskPill(lang, l.State), Owner: l.OwnerName,
		About: locale.T(lang, "regime."+l.Regime) + " · " + locale.T(lang, "language."+l.Language), Initials: initials(l.OwnerName),
	}
	if line.Mailbox == "" {
		line.Mailbox = locale.T(lang, "queue.erased")
	}
	switch last {
	case "queue.due":
		line.Due, line.When = s.due(lang, l.Request), locale.T(lang, "queue.none_due")
	case "queue.closed":
		line.When = s.dateTime(lang, l.ClosedAt)
	default:
		line.When = s.dateTime(lang, l.ReceivedAt)
	}
	return line
}

// choices are the options of a filter: any, then each.
func choices[T ~string](anyText string, all []T, chosen T, text func(T) string) []views.Option {
	out := []views.Option{{Text: anyText, Chosen: chosen == ""}}
	for _, one := range all {
		out = append(out, views.Option{Value: string(one), Text: text(one), Chosen: one == chosen})
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
