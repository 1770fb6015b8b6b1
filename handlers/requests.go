package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// listPage is how many lines a list shows at once.
const listPage = 50

func (s *server) requests(c echo.Context) error {
	v := visitOf(c)
	after := c.QueryParam("after")
	list, next, err := s.portal.Requests(c.Request().Context(), v.actor, after, listPage)
	if err != nil {
		return err
	}
	m := views.RequestsPage{Pager: pager("/requests", after, next)}
	for _, r := range list {
		line := views.RequestLine{Reference: r.Ref, Title: title(v.lang, r), State: statePill(v.lang, r.State), Due: s.due(v.lang, r)}
		if r.State.Open() {
			line.When = locale.T(v.lang, "requests.received", "Date", locale.Date(v.lang, s.at(r.ReceivedAt)))
			m.Open = append(m.Open, line)
			continue
		}
		line.When = locale.T(v.lang, "requests.closed_on", "Date", locale.Date(v.lang, s.at(r.ClosedAt)))
		m.Closed = append(m.Closed, line)
	}
	return s.page(c, http.StatusOK, "requests", views.Requests(m))
}

// pager links to the first page, when this is not it, and to the next, when there is one.
func pager(path, after, next string) views.Pager {
	var p views.Pager
	if after != "" {
		p.First = path
	}
	if next != "" {
		p.Next = path + "?after=" + queryEscape(next)
	}
	return p
}

func (s *server) request(c echo.Context) error {
	return s.drawRequest(c, http.StatusOK, form{}, nil)
}

// drawRequest draws a request of the asker's own, with what they had typed in the form on it.
func (s *server) drawRequest(c echo.Context, status int, sent form, faults []views.Fault) error {
	v := visitOf(c)
	d, err := s.portal.Request(c.Request().Context(), v.actor, c.Param("ref"))
	if err != nil {
		return err
	}
	r := d.Request
	standsAt(c, "/requests/"+r.Ref)
	m := views.RequestPage{
		Reference: r.Ref, Title: title(v.lang, r), State: statePill(v.lang, r.State), Due: s.due(v.lang, r), Facts: s.requestFacts(v.lang, r),
		Dates: s.lawDates(v.lang, r.Clock), Steps: s.steps(v.lang, d.Events, actorName(v.lang)), Reply: typed(sent, "text"), Faults: faults,
		FilesAgain: len(sent.files) > 0,
		CanReply:   !r.Routine, CanCancel: r.State.Open(), Change: s.change(v.lang, d), Erasure: s.erasure(v.lang, d.Erasure), Refusal: s.refusal(v.lang, r),
	}
	for _, msg := range d.Messages {
		line := views.Message{Us: msg.Actor.IsStaff(), When: s.dateTime(v.lang, msg.At), Text: msg.Body, From: locale.T(v.lang, "request.from.you"),
			Files: fileLines(v.lang, "/requests/"+r.Ref, d.FilesOf(msg.ID))}
		if d.ForThem(msg) {
			line.From = locale.T(v.lang, "yours.from")
		}
		if line.Us {
			line.From = locale.T(v.lang, "request.from.us")
		}
		m.Messages = append(m.Messages, line)
	}
	s.belongings(v.lang, d, &m)
	if m.Told, err = s.told(c, r.Ref, "state."); err != nil {
		return err
	}
	if d.Package != nil {
		m.Result = views.Link{Text: locale.T(v.lang, "request.package"), Href: "/export/" + r.Ref}
	}
	return s.page(c, status, "requests", views.Request(m))
}

func (s *server) requestFacts(lang string, r rights.Request) []views.Fact {
	facts := []views.Fact{
		{Term: locale.T(lang, "request.fact.received"), Value: s.dateTime(lang, r.ReceivedAt)},
		{Term: locale.T(lang, "request.fact.regime"), Value: locale.T(lang, "regime."+r.Regime)},
		{Term: locale.T(lang, "request.fact.channel"), Value: locale.T(lang, "request.channel."+string(r.Channel))},
	}
	if r.State.Open() {
		facts = append(facts, views.Fact{Term: locale.T(lang, "request.fact.due"), Value: s.day(lang, r.Due)})
	} else {
		facts = append(facts, views.Fact{Term: locale.T(lang, "request.fact.closed"), Value: s.dateTime(lang, r.ClosedAt)})
	}
	if r.CoolingOff(s.Now()) {
		facts = append(facts, views.Fact{Term: locale.T(lang, "request.fact.not_before"), Value: s.dateTime(lang, r.NotBefore)})
	}
	return facts
}

// change is the correction of a request, if it is one.
func (s *server) change(lang string, d workflow.Dossier) *views.Change {
	k := d.Correction
	if k == nil {
		return nil
	}
	m := &views.Change{Label: s.portal.FieldLabel(*k, lang), Old: k.Old, New: k.New, Reason: k.Reason}
	switch k.Decision {
	case "accepted":
		m.Decision = views.Pill{Text: locale.T(lang, "request.decision.accepted"), Tone: "ok"}
	case "declined":
		m.Decision = views.Pill{Text: locale.T(lang, "request.decision.declined"), Tone: "bad"}
		m.Ground = locale.T(lang, "ground."+k.Ground)
	}
	return m
}

// refusal says why not, and how to complain (GDPR Art. 12(4), PIPL Art. 50).
func (s *server) refusal(lang string, r rights.Request) *views.Refusal {
	if r.Ground == "" { // of one that is fulfilled, a part was refused
		return nil
	}
	m := &views.Refusal{
		Part: r.State == rights.Fulfilled, Ground: locale.T(lang, "ground."+r.Ground+".letter"), Complain: locale.T(lang, "route."+r.Regime),
		Where: views.Link{Text: s.Contacts.AuthorityName, Href: s.Contacts.AuthorityURL},
	}
	if g, ok := rights.RegimeByID(r.Regime); ok {
		if ground, ok := g.Ground(r.Ground); ok {
			m.Citation = locale.Citation(lang, ground.Citation)
		}
	}
	return m
}

func (s *server) say(c echo.Context) error {
	f, err := parse(c)
	if err == nil {
		err = s.portal.Say(c.Request().Context(), visitOf(c).actor, c.Param("ref"), f.one("text"), f.files...)
		if err == nil {
			s.flash(c, "request.sent")
			return s.see(c, "/requests/"+c.Param("ref")+"#messages")
		}
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawRequest(c, http.StatusUnprocessableEntity, f, faults)
	}
	return err
}

func (s *server) cancelCheck(c echo.Context) error {
	v := visitOf(c)
	d, err := s.portal.Request(c.Request().Context(), v.actor, c.Param("ref"))
	if err != nil {
		return err
	}
	if !d.Request.State.Open() {
		return s.see(c, "/requests/"+d.Request.Ref)
	}
	return s.page(c, http.StatusOK, "requests", views.Cancel(views.CancelPage{Reference: d.Request.Ref, Title: title(v.lang, d.Request)}))
}

func (s *server) cancel(c echo.Context) error {
	if err := s.portal.Cancel(c.Request().Context(), visitOf(c).actor, c.Param("ref")); err != nil {
		return err
	}
	s.flash(c, "request.cancelled.flash")
	return s.see(c, "/requests/"+c.Param("ref"))
}

// direct are the rights with a page of their own.
var direct = map[rights.Right]string{rights.Portability: "/export?right=portability", rights.Erasure: "/erase", rights.Consent: "/consents", rights.OptOut: "/choices"}

func (s *server) requestForm(c echo.Context) error {
	right := rights.Right(c.QueryParam("right"))
	if path, ok := direct[right]; ok {
		return s.see(c, path)
	}
	if !right.Valid() {
		return s.chooseRight(c, http.StatusOK)
	}
	return s.drawAsk(c, http.StatusOK, workflow.Ask{Right: right, About: c.QueryParam("about"), Purposes: named(c.QueryParam("purpose"))}, nil)
}

func (s *server) chooseRight(c echo.Context, status int) error {
	l := lang(c)
	m := views.ChooseRightPage{}
	for _, r := range rights.Rights {
		m.Rights = append(m.Rights, views.RightChoice{
			Href: "/requests/new?right=" + string(r), Title: locale.T(l, "ask."+string(r)), Text: locale.T(l, "ask."+string(r)+".text"),
		})
	}
	return s.page(c, status, "requests", views.ChooseRight(m))
}

func (s *server) drawAsk(c echo.Context, status int, ask workflow.Ask, faults []views.Fault) error {
	v := visitOf(c)
	standsAt(c, "/requests/new?right="+string(ask.Right))
	if ask.About != "" {
		standsAt(c, "/requests/new?right="+string(ask.Right)+"&about="+queryEscape(ask.About))
	}
	p, err := s.portal.Prospect(c.Request().Context(), v.actor, ask)
	if err != nil {
		return err
	}
	m := views.AskPage{
		Right: string(ask.Right), Title: locale.T(v.lang, "ask."+string(ask.Right)), Lead: locale.T(v.lang, "ask."+string(ask.Right)+".text"),
		Text: ask.Text, Needed: p.TextNeeded, AnswerBy: s.day(v.lang, p.Due), Faults: faults,
	}
	if about := p.About; about != nil {
		m.About, m.AboutWhat = about.Ref, locale.T(v.lang, "complain.about", "What", title(v.lang, *about), "Ref", about.Ref)
		if appeals(*about) {
			m.Title, m.Lead = locale.T(v.lang, "appeal.title"), locale.T(v.lang, "appeal.lead")
		}
		return s.page(c, status, "requests", views.Ask(m)) // under the law of what it is about
	}
	s.addAsked(&m, v.lang, ask, p.Regime)
	for _, g := range rights.Regimes {
		m.Regimes = append(m.Regimes, views.Option{Value: g.ID, Text: locale.T(v.lang, "lives."+g.ID), Chosen: g.ID == p.Regime})
	}
	return s.page(c, status, "requests", views.Ask(m))
}

func (s *server) requestNew(c echo.Context) error {
	v := visitOf(c)
	f, err := parse(c)
	ask := workflow.Ask{
		Right: rights.Right(typed(f, "right")), Regime: typed(f, "regime"), Text: typed(f, "text"), Language: v.lang,
		About: typed(f, "about"), Purposes: picked(f, "purpose."),
	}
	var r rights.Request
	if err == nil {
		r, err = s.portal.Submit(c.Request().Context(), v.actor, ask)
		if err == nil {
			return s.done(c, "asked", r)
		}
	}
	if faults, ok := s.faults(v.lang, err); ok {
		if !ask.Right.Valid() {
			return s.chooseRight(c, http.StatusUnprocessableEntity)
		}
		return s.drawAsk(c, http.StatusUnprocessableEntity, ask, faults)
	}
	return err
}

// done leads to the page that says the reference and what happens next; reloading it files nothing again.
func (s *server) done(c echo.Context, kind string, r rights.Request) error {
	return s.see(c, "/requests/"+r.Ref+"/done?kind="+kind)
}

// doneKinds are the acts a confirmation can be about.
var doneKinds = map[string]bool{"asked": true, "erase": true, "corrected": true, "correct_asked": true}

func (s *server) requestDone(c echo.Context) error {
	v := visitOf(c)
	d, err := s.portal.Request(c.Request().Context(), v.actor, c.Param("ref"))
	if err != nil {
		return err
	}
	r, kind := d.Request, c.QueryParam("kind")
	if !doneKinds[kind] {
		return s.see(c, "/requests/"+r.Ref)
	}
	m := views.DonePage{
		Kind: kind, Reference: r.Ref, Mailbox: v.mailbox, Received: s.dateTime(v.lang, r.ReceivedAt), Due: s.day(v.lang, r.Due),
	}
	if !r.NotBefore.IsZero() {
		m.NotBefore = s.dateTime(v.lang, r.NotBefore)
	}
	return s.page(c, http.StatusOK, "requests", views.Done(m))
}

func (s *server) eraseAsk(c echo.Context) error {
	v := visitOf(c)
	f, err := parse(c)
	if err != nil {
		return err
	}
	r, err := s.portal.Submit(c.Request().Context(), v.actor, workflow.Ask{Right: rights.Erasure, Language: v.lang, Close: f.one("close") != ""})
	if err != nil {
		return err
	}
	return s.done(c, "erase", r)
}
