package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// peopleRoutes are the pages of people: found one at a time, with what happened, and who they are.
func (s *server) peopleRoutes(desk *echo.Group) {
	see, handle, approve := s.may(rights.SeePeople), s.may(rights.HandleRequest), s.may(rights.Approve)
	desk.GET("/people", s.people, see)
	desk.GET("/people/budget", s.budgets, approve)
	desk.POST("/people/budget", s.raiseBudget, approve)
	desk.GET("/people/:id", s.person, see)
	desk.POST("/people/:id/settle", s.settle, handle)
	desk.GET("/people/:id/settle", s.backToPerson, see)
	desk.GET("/people/:id/same/:other", s.compare, handle)
	desk.POST("/people/:id/same/:other", s.decide, handle)
	desk.POST("/people/:id/merges/:merge/undo", s.undoMerge, handle)
	desk.GET("/people/:id/merges/:merge/undo", s.backToPerson, see)
	s.holdRoutes(desk)
	s.personDataRoutes(desk)
}

// personLinks lead from the facts of a request to its person and to their data, for whoever may go there.
func (s *server) personLinks(v *visit, r rights.Request, facts []views.Fact) []views.Fact {
	for i := range facts {
		if facts[i].Term == locale.T(v.lang, "desk.fact.mailbox") && v.actor.Role.May(rights.SeePeople) {
			facts[i].Act = views.Link{Text: locale.T(v.lang, "person.open"), Href: personPath(r.Subject)}
		}
	}
	if v.actor.Role.May(rights.HandleRequest) {
		facts = append(facts, views.Fact{
			Term: locale.T(v.lang, "deskdata.title"), Value: locale.T(v.lang, "deskdata.masked"), Act: views.Link{Text: locale.T(v.lang, "deskdata.open"), Href: dataPath(r.Ref)},
		})
	}
	return facts
}

func (s *server) backToPerson(c echo.Context) error { return s.see(c, personPath(c.Param("id"))) }

func personPath(id string) string { return "/staff/people/" + pathEscape(id) }

// people looks for one person. Who is found alone is shown at once; several are those behind one mailbox.
func (s *server) people(c echo.Context) error {
	v, q := visitOf(c), strings.TrimSpace(strings.ToValidUTF8(c.QueryParam("q"), ""))
	m := views.PeoplePage{Q: q, Searched: q != "", Budgets: v.actor.Role.May(rights.Approve)}
	if q != "" {
		found, err := s.portal.FindPerson(c.Request().Context(), v.actor, q)
		if err != nil {
			return err
		}
		if len(found.People) == 1 {
			return s.see(c, personPath(found.People[0].ID))
		}
		s.addFound(&m, v, found)
	}
	today, err := s.portal.Budget(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	m.Today = s.budgetWords(v.lang, "people.today", today)
	if m.Desk, err = s.desk(c, "people", ""); err != nil {
		return err
	}
	return s.page(c, http.StatusOK, "", views.People(m))
}

func (s *server) addFound(m *views.PeoplePage, v *visit, found workflow.Found) {
	for _, p := range found.People {
		line := views.PersonLine{Href: personPath(p.ID), Mailbox: s.mailboxOf(v.lang, p), Numbers: strings.Join(p.Numbers, locale.T(v.lang, "list.separator")), Known: locale.T(v.lang, "people.known.line",
			"Date", s.day(v.lang, p.Since), "Count", p.Requests, "Number", locale.Number(v.lang, p.Requests))}
		if p.Unpicked {
			line.Known += " · " + locale.T(v.lang, "people.unpicked.line")
		}
		m.People = append(m.People, line)
	}
	for _, list := range found.Elsewhere {
		m.Known = append(m.Known, workflow.SourceName(list, v.lang))
	}
	if found.Down != nil {
		m.Down = workflow.SourceName(found.Down, v.lang)
	}
}

func (s *server) mailboxOf(lang string, p workflow.Card) string {
	if p.Mailbox == "" {
		return locale.T(lang, "people.nobody")
	}
	return p.Mailbox
}

func (s *server) person(c echo.Context) error { return s.drawPerson(c, http.StatusOK, form{}, nil) }

func (s *server) drawPerson(c echo.Context, status int, f form, faults []views.Fault) error {
	v := visitOf(c)
	at := workflow.ProfileAt{Requests: c.QueryParam("after")}
	var err error
	if before := c.QueryParam("before"); before != "" {
		if at.Looks, err = strconv.ParseInt(before, 10, 64); err != nil {
			return rights.ErrNotFound
		}
	}
	p, err := s.portal.Profile(c.Request().Context(), v.actor, c.Param("id"), at)
	if err != nil {
		return err
	}
	if p.ID != c.Param("id") {
		return s.see(c, personPath(p.ID)) // whom they are shown with
	}
	m := views.PersonPage{
		ID: p.ID, Mailbox: s.mailboxOf(v.lang, p.Card), Facts: s.personFacts(v.lang, p.Card), Handles: v.actor.Role.May(rights.HandleRequest),
		Letters: s.personLetters(v.lang, p), Pager: pager(personPath(p.ID), at.Requests, p.NextPage), Faults: faults,
	}
	if p.Unpicked {
		m.Settle = &views.SettleForm{Number: typed(f, "number"), Reason: typed(f, "reason")}
	}
	for _, l := range p.Likely {
		m.Likely = append(m.Likely, views.LikelyLine{
			Mailbox: l.Mailbox, Why: likelyWords(v.lang, l), Href: personPath(p.ID) + "/same/" + pathEscape(l.ID),
		})
	}
	m.Verdicts = append(s.verdicts(v.lang, p, p.Merged), s.verdicts(v.lang, p, p.Apart)...)
	for _, r := range p.Requests {
		row := views.RequestRow{Reference: r.Ref, Title: deskTitle(v.lang, r), Received: locale.Date(v.lang, s.at(r.ReceivedAt)), State: deskPill(v.lang, r.State), Due: s.due(v.lang, r)}
		if !r.ClosedAt.IsZero() {
			row.When = locale.T(v.lang, "person.closed", "Date", locale.Date(v.lang, s.at(r.ClosedAt)))
		}
		m.Requests = append(m.Requests, row)
	}
	m.Flags = s.flagLines(v, p.Flags, p.Names)
	s.addHolds(&m, v, p, f)
	s.addConsents(&m, v.lang, p)
	s.addLooks(&m, v.lang, p, at)
	if m.Desk, err = s.desk(c, "people", ""); err != nil {
		return err
	}
	return s.page(c, status, "", views.Person(m))
}

// likelyWords say what somebody has in common with a person, and by which numbers they are told from others.
func likelyWords(lang string, l workflow.Candidate) string {
	words := append([]string{locale.T(lang, "person.likely."+l.Same)}, l.Numbers...)
	return strings.Join(words, " · ")
}

func (s *server) personFacts(lang string, p workflow.Card) []views.Fact {
	t, separator := func(key string) string { return locale.T(lang, key) }, locale.T(lang, "list.separator")
	facts := []views.Fact{
		{Term: t("person.fact.since"), Value: s.day(lang, p.Since)},
		{Term: t("desk.fact.law"), Value: t("regime." + p.Regime)},
		{Term: t("desk.fact.language"), Value: t("language." + p.Language)},
	}
	if len(p.Numbers) > 0 {
		facts = append(facts, views.Fact{Term: t("person.fact.numbers"), Value: strings.Join(p.Numbers, separator)})
	}
	return append(facts,
		views.Fact{Term: t("person.fact.lists"), Value: s.listsOf(lang, p.Lists, separator)},
		views.Fact{Term: t("person.fact.requests"), Value: locale.Number(lang, p.Requests)})
}

// listsOf names the lists of people in which somebody was recognised, by source and name.
func (s *server) listsOf(lang string, lists []*workflow.Collection, separator string) string {
	if len(lists) == 0 {
		return locale.T(lang, "person.fact.lists.none")
	}
	names := make([]string, len(lists))
	for i, list := range lists {
		names[i] = workflow.SourceName(list, lang) + " · " + workflow.CollectionName(list, lang)
	}
	return strings.Join(names, separator)
}

func (s *server) verdicts(lang string, p workflow.Profile, list []workflow.Verdict) []views.VerdictLine {
	var out []views.VerdictLine
	for _, d := range list {
		mailbox, key := d.Mailbox, "person.verdict.two"
		if mailbox == "" {
			mailbox = locale.T(lang, "person.erased")
		}
		if d.One {
			key = "person.verdict.one"
		}
		out = append(out, views.VerdictLine{
			What: locale.T(lang, key, "Mailbox", mailbox), Reason: d.Reason, Undo: personPath(p.ID) + "/merges/" + pathEscape(d.ID) + "/undo",
			By: locale.T(lang, "person.verdict.by", "Name", p.Names[d.By], "Date", s.dateTime(lang, d.At)),
		})
	}
	return out
}

// personLetters are the letters to a person with what became of each; those about a request lead to the letter as sent.
func (s *server) personLetters(lang string, p workflow.Profile) []views.PersonLetter {
	out := make([]views.PersonLetter, len(p.Letters))
	for i, l := range p.Letters {
		when := l.QueuedAt
		if !l.SentAt.IsZero() {
			when = l.SentAt
		}
		out[i] = views.PersonLetter{
			What: letterName(lang, l.Kind), When: s.dateTime(lang, when), State: s.sentPill(lang, workflow.SentLetter{LetterState: l.LetterState}),
		}
		if l.Ref != "" {
			out[i].Href = "/staff/requests/" + l.Ref + "/letters/" + pathEscape(l.ID)
		}
	}
	return out
}

func (s *server) addConsents(m *views.PersonPage, lang string, p workflow.Profile) {
	titles := map[string]string{}
	for i, purpose := range p.Purposes {
		standing := p.Standings[i]
		titles[purpose.Key] = purpose.Title[lang]
		line := views.StandingLine{
			Title: purpose.Title[lang], Since: locale.T(lang, "person.consent.since", "Date", locale.Date(lang, s.at(standing.Since))),
			State: views.Pill{Text: locale.T(lang, "person.consent.off")},
		}
		if standing.Choice == "" {
			line.Since = locale.T(lang, "person.consent.never")
		}
		if standing.Active(purpose, s.Now()) {
			line.State = views.Pill{Text: locale.T(lang, "person.consent.on"), Tone: "ok"}
		}
		m.Consents = append(m.Consents, line)
	}
	for _, e := range p.Consents {
		title := titles[e.Purpose]
		if title == "" {
			title = e.Purpose // a purpose that is no longer asked for
		}
		m.Choices = append(m.Choices, views.Step{
			Title: locale.T(lang, "person.choice", "Purpose", title, "Choice", locale.T(lang, "consents.choice."+string(e.Choice))),
			Text:  s.dateTime(lang, e.At),
		})
	}
}

func (s *server) addLooks(m *views.PersonPage, lang string, p workflow.Profile, at workflow.ProfileAt) {
	for _, l := range withoutTwins(p.Looks) {
		line := views.LookLine{What: s.lookWords(lang, "person.", l), When: s.dateTime(lang, l.At), Why: s.lookReason(lang, l), Ours: l.Actor.IsStaff()}
		switch {
		case l.Actor.Role == rights.RoleSubject:
			line.Who = locale.T(lang, "staff.who.subject")
		case l.Actor.Role == rights.RoleSystem:
			line.Who = locale.T(lang, "staff.who.system")
		case l.Actor.Role == rights.RoleRecipient:
			line.Who = locale.T(lang, "staff.who.recipient")
		default:
			line.Who = p.Names[l.Actor.ID]
		}
		m.Looks = append(m.Looks, line)
	}
	if at.Looks > 0 {
		m.Older.First = personPath(p.ID)
	}
	if p.NextLook > 0 {
		m.Older.Next = personPath(p.ID) + "?before=" + strconv.FormatInt(p.NextLook, 10)
	}
}

func (s *server) settle(c echo.Context) error {
	f, err := parse(c)
	if err == nil {
		err = s.portal.Settle(c.Request().Context(), visitOf(c).actor, c.Param("id"), f.one("number"), f.one("reason"))
		if err == nil {
			s.flash(c, "person.done.settled")
			return s.backToPerson(c)
		}
	}
	if faults, ok := s.faults(lang(c), err); ok {
		standsAt(c, personPath(c.Param("id")))
		return s.drawPerson(c, http.StatusUnprocessableEntity, f, faults)
	}
	return err
}

func (s *server) undoMerge(c echo.Context) error {
	err := s.portal.UndoMerge(c.Request().Context(), visitOf(c).actor, c.Param("merge"))
	if faults, ok := s.faults(lang(c), err); ok {
		standsAt(c, personPath(c.Param("id")))
		return s.drawPerson(c, http.StatusUnprocessableEntity, form{}, faults)
	}
	if err != nil {
		return err
	}
	s.flash(c, "person.done.undone")
	return s.backToPerson(c)
}
