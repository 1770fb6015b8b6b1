package handlers

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// requestRoutes are the pages of one request.
func (s *server) requestRoutes(desk *echo.Group) {
	desk.GET("/requests/:ref", s.deskRequest, s.may(rights.SeeQueue))
	for _, act := range deskActs {
		desk.POST("/requests/:ref/"+act.name, s.deskAct(act), s.may(rights.HandleRequest))
		desk.GET("/requests/:ref/"+act.name, s.backTo("/staff/requests/"), s.may(rights.SeeQueue))
	}
	s.taskRoutes(desk)
}

// draft is an act that was not carried out: what was typed, and why not.
type draft struct {
	act      deskAct
	version  int // of the request as the officer saw it
	text     string
	ground   string
	sent     form // all of it
	faults   []views.Fault
	conflict bool
}

func (s *server) deskRequest(c echo.Context) error { return s.drawDesk(c, http.StatusOK, draft{}) }

// drawDesk draws a request with everything an officer needs, and with what they had typed.
func (s *server) drawDesk(c echo.Context, status int, d draft) error {
	v := visitOf(c)
	f, err := s.portal.Folder(c.Request().Context(), v.actor, c.Param("ref"), v.lang)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "queue", "")
	if err != nil {
		return err
	}
	r := f.Request
	trail := s.trail(v, f)
	m := views.StaffRequestPage{
		Desk: desk, Reference: r.Ref, Title: deskTitle(v.lang, r), State: deskPill(v.lang, r.State), Due: s.due(v.lang, r),
		Facts: s.personLinks(v, f.Request, s.deskFacts(v.lang, f)), Clock: s.clock(v.lang, r), Change: s.change(v.lang, f.Dossier), Tasks: s.tasks(v, f, d), Erasure: s.erasure(v.lang, f.Erasure),
		Messages: s.deskMessages(v, f), Trail: trail, Related: s.related(v.lang, f), Letters: s.letters(v.lang, f), Faults: d.onPage(),
		Proof: v.actor.Role.May(rights.SeeProof),
	}
	kept, err := s.keptFacts(c.Request().Context(), v.lang, r)
	if err != nil {
		return err
	}
	m.Facts = append(m.Facts, kept...)
	if m.Told, err = s.told(c, r.Ref, "desk."); err != nil {
		return err
	}
	if v.actor.Role.May(rights.HandleRequest) && r.PseudonymisedAt.IsZero() {
		m.Acts = s.acts(v, f, d)
		m.Tell, m.TellOpen = tell(f, d)
		if r.CoolingOff(s.Now()) {
			m.Waiting = locale.T(v.lang, "desk.waiting", "Date", s.dateTime(v.lang, r.NotBefore))
		}
	}
	if m.Acts == nil {
		m.Facts = append(m.Facts, views.Fact{Term: locale.T(v.lang, "desk.fact.owner"), Value: cmp.Or(f.Owner.Name, locale.T(v.lang, "queue.nobody"))})
	}
	m.Intake = s.intake(v, f, d)
	m.Flags = s.flagCard(v, f, d)
	if d.conflict {
		m.Conflict = s.conflict(v, f, trail, d)
	}
	return s.page(c, status, "", views.StaffRequest(m))
}

// onPage names each fault after the field it belongs to on a page with several forms.
func (d draft) onPage() []views.Fault {
	out := slices.Clone(d.faults)
	for i, f := range out {
		switch f.Field {
		case "text", "ground", "note", "tell", "how", "files", "by", "on":
			out[i].Field = d.act.name + "-" + f.Field
		case "state":
			out[i].Field = d.act.name + "-note"
		}
	}
	return out
}

func (d draft) fault(field string) string {
	for _, f := range d.faults {
		if f.Field == field {
			return f.Text
		}
	}
	return ""
}

func (s *server) deskFacts(lang string, f workflow.Folder) []views.Fact {
	r := f.Request
	t := func(key string) string { return locale.T(lang, key) }
	mailbox := f.Mailbox
	if f.Postal != nil {
		mailbox = t("intake.no_mailbox")
	} else if mailbox == "" {
		mailbox = t("queue.erased")
	}
	facts := []views.Fact{
		{Term: t("desk.fact.mailbox"), Value: mailbox},
		{Term: t("desk.fact.language"), Value: t("language." + r.Language)},
		{Term: t("desk.fact.law"), Value: t("regime." + r.Regime), Why: t("regime." + r.Regime + ".law")},
		{Term: t("desk.fact.received"), Value: s.dateTime(lang, r.ReceivedAt)},
		{Term: t("desk.fact.channel"), Value: t("desk.channel." + string(r.Channel))},
	}
	if r.CoolingOff(s.Now()) {
		facts = append(facts, views.Fact{Term: t("desk.fact.not_before"), Value: s.dateTime(lang, r.NotBefore), Why: t("desk.fact.not_before.text")})
	}
	if p := f.Package; p != nil {
		state := locale.T(lang, "desk.package."+p.State, "Date", s.dateTime(lang, p.ExpiresAt))
		facts = append(facts, views.Fact{Term: t("desk.fact.package"), Value: state})
		facts = append(facts, s.copyFacts(lang, f.Copy)...)
	}
	if !r.ClosedAt.IsZero() {
		facts = append(facts, views.Fact{Term: t("desk.fact.closed"), Value: s.dateTime(lang, r.ClosedAt)})
	}
	if r.Ground != "" {
		facts = append(facts, s.groundFact(lang, t("desk.fact.ground"), r, r.Ground))
	}
	return facts
}

func (s *server) deskMessages(v *visit, f workflow.Folder) []views.Message {
	var out []views.Message
	name := s.names(v, f)
	for _, m := range f.Messages {
		line := views.Message{Us: m.Actor.IsStaff(), From: name(m.Actor), When: s.dateTime(v.lang, m.At), Text: m.Body,
			Files: fileLines(v.lang, "/staff/requests/"+f.Request.Ref, f.FilesOf(m.ID))}
		if f.ForThem(m) {
			line.From = locale.T(v.lang, "intake.from")
		}
		out = append(out, line)
	}
	return out
}

// names says who did something: colleagues by name, those who have left too.
func (s *server) names(v *visit, f workflow.Folder) func(rights.Actor) string {
	return func(a rights.Actor) string {
		switch {
		case a.Role == rights.RoleSubject:
			return locale.T(v.lang, "staff.who.subject")
		case a.Role == rights.RoleSystem:
			return locale.T(v.lang, "staff.who.system")
		case a.Role == rights.RoleRecipient:
			return locale.T(v.lang, "staff.who.recipient")
		}
		return cmp.Or(f.Names[a.ID], locale.T(v.lang, "staff.who.team"))
	}
}

func (s *server) trail(v *visit, f workflow.Folder) []views.TrailLine {
	name := s.names(v, f)
	out := make([]views.TrailLine, len(f.Events))
	for i, e := range f.Events {
		out[i] = views.TrailLine{When: s.dateTime(v.lang, e.At), Who: name(e.Actor), What: s.step(v.lang, f, e), Text: s.said(v.lang, e), Private: e.Private}
		if told := strings.Fields(e.Facts["told"]); len(told) > 0 {
			for j, id := range told {
				told[j] = name(rights.Actor{ID: id})
			}
			out[i].Told = locale.T(v.lang, "desk.note.told", "Names", strings.Join(told, locale.T(v.lang, "desk.note.and")))
		}
	}
	return out
}

// said is what was written at a step. One about a recipient of data begins with their name.
func (s *server) said(lang string, e rights.Event) string {
	if !strings.HasPrefix(e.Kind, "recipient_") {
		return e.Detail
	}
	name, words, _ := strings.Cut(e.Detail, "\n")
	return strings.TrimSpace(s.portal.RecipientName(name, lang) + "\n" + words)
}

// step says what a step of the history was: by its kind, with those of its facts that its words name.
func (s *server) step(lang string, f workflow.Folder, e rights.Event) string {
	key := "trail." + e.Kind
	if e.Kind == "assigned" && e.Facts["owner"] == "" {
		key = "trail.unassigned"
	}
	pairs := []any{
		"Owner", cmp.Or(f.Names[e.Facts["owner"]], locale.T(lang, "staff.who.team")), "Ref", e.Facts["ref"], "Task", s.taskNamed(lang, f, e.Facts["task"]),
	}
	if ground := e.Facts["ground"]; ground != "" {
		pairs = append(pairs, "Ground", locale.T(lang, "ground."+ground))
	}
	pairs = append(pairs, s.erasurePairs(lang, e)...)
	return locale.T(lang, key, append(pairs, s.revealPairs(lang, e)...)...)
}

func (s *server) letters(lang string, f workflow.Folder) []views.LetterLine {
	var out []views.LetterLine
	for _, l := range f.Letters {
		state, when := s.sentPill(lang, workflow.SentLetter{LetterState: l}), l.QueuedAt
		switch {
		case l.State == "sent":
			when = l.SentAt
		case l.State == "queued" && l.Attempts > 0:
			state, when = views.Pill{Text: locale.T(lang, "desk.letter.state.delayed"), Tone: "warn"}, l.FailedAt
		case l.State == "parked" && !l.FailedAt.IsZero():
			when = l.FailedAt
		}
		line := views.LetterLine{
			What: letterName(lang, l.Kind), Href: "/staff/requests/" + f.Request.Ref + "/letters/" + l.ID, When: s.dateTime(lang, when),
			State: state,
		}
		if l.Fault != "" && !l.OnPaper() {
			line.Fault = locale.T(lang, "desk.letter.tries", "Count", l.Attempts) + " · " + l.Fault
		}
		out = append(out, line)
	}
	return out
}
