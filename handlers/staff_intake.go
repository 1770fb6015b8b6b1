package handlers

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// intakeRoutes are the pages of registering requests, of who acts for whom, and of the files that come with them.
func (s *server) intakeRoutes(desk *echo.Group) {
	handle, see := s.may(rights.HandleRequest), s.may(rights.SeeQueue)
	desk.GET("/requests/new", s.registerForm, handle)
	desk.POST("/requests/new", s.register, handle)
	desk.GET("/requests/:ref/registered", s.registered, handle)
	desk.GET("/requests/:ref/files/:id", s.deskFile, see)
	for _, act := range intakeActs {
		desk.POST("/requests/:ref/"+act.name, s.intakeAct(act), handle)
		desk.GET("/requests/:ref/"+act.name, s.backTo("/staff/requests/"), see)
	}
}

// intakeAct is something an officer does with how a request came in. Its name is the last part of its address and begins
// the id of its fields.
type intakeAct struct {
	name string
	run  func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error
}

var intakeActs = []intakeAct{
	{"identity", func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.Identify(ctx, by, ref, version, rights.Identity(f.one("how")), f.one("note"))
	}},
	{"mandate", func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.ConfirmMandate(ctx, by, ref, version, f.one("note"))
	}},
	{"mandate-files", func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.AddFiles(ctx, by, ref, version, true, f.files)
	}},
	{"files", func(ctx context.Context, p *workflow.Portal, by rights.Actor, ref string, version int, f form) error {
		return p.AddFiles(ctx, by, ref, version, false, f.files)
	}},
}

// intakeAct answers the post of one act on the page of the request it stands on: what was typed is never lost.
func (s *server) intakeAct(act intakeAct) echo.HandlerFunc {
	return func(c echo.Context) error {
		d := draft{act: deskAct{name: act.name}}
		f, err := parse(c)
		if err == nil {
			d.sent, d.text = f, f.one("note")
			d.version, err = versionOf(f)
		}
		if err == nil {
			ref := c.Param("ref")
			if err = act.run(c.Request().Context(), s.portal, visitOf(c).actor, ref, d.version, f); err == nil {
				s.flash(c, "intake.done."+act.name)
				return s.see(c, "/staff/requests/"+ref)
			}
		}
		if errors.Is(err, rights.ErrConflict) {
			d.conflict = true
			return s.drawDesk(c, http.StatusConflict, d)
		}
		faults, ok := s.faults(lang(c), err)
		if !ok {
			return err
		}
		d.faults = faults
		return s.drawDesk(c, http.StatusUnprocessableEntity, d)
	}
}

// registerForm is empty but for what the house usually has, and for the request that a complaint is about.
func (s *server) registerForm(c echo.Context) error {
	now := s.at(s.Now())
	reg := workflow.Registration{
		Channel: rights.ByPhone, Regime: s.portal.Regime, Language: lang(c), ReceivedAt: now, Identity: rights.Unidentified, Receipt: true,
	}
	if ref, ok := rights.ParseRef(c.QueryParam("about")); ok {
		reg.About, reg.Right = ref, rights.Complaint
	}
	return s.drawRegister(c, http.StatusOK, reg, now.Format(time.DateOnly), now.Format("15:04"), nil)
}

func (s *server) register(c echo.Context) error {
	f, err := parse(c)
	reg, on, at := s.readRegistration(f)
	if err == nil && f.one("change") != "" {
		return s.drawRegister(c, http.StatusOK, reg, on, at, nil)
	}
	if err == nil && f.one("check") != "" {
		err = s.drawRegisterCheck(c, reg, on, at)
	} else if err == nil {
		var r rights.Request
		if r, err = s.portal.Register(c.Request().Context(), visitOf(c).actor, reg); err == nil {
			return s.see(c, "/staff/requests/"+r.Ref+"/registered")
		}
	}
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawRegister(c, http.StatusUnprocessableEntity, reg, on, at, faults)
	}
	return err
}

// asksThemselves stands in the form for nobody who acts for the person.
const asksThemselves = "self"

// readRegistration reads the form. A day that is none is the zero time, which workflow refuses; without a time of day it is
// the day's beginning, because the law counts days.
func (s *server) readRegistration(f form) (reg workflow.Registration, on, at string) {
	get := func(name string) string { return typed(f, name) }
	on, at = get("received_on"), get("received_at")
	reg = workflow.Registration{
		ID: get("id"), Channel: rights.Channel(get("channel")), Right: rights.Right(get("right")), Regime: get("regime"), Language: get("language"),
		Mailbox: strings.TrimSpace(get("mailbox")), Name: get("name"), Address: get("address"), About: get("about"), Text: get("text"),
		Identity: rights.Identity(get("how")), Note: get("note"), Receipt: get("receipt") != "",
	}
	if t, err := time.ParseInLocation("2006-01-02 15:04", on+" "+cmp.Or(at, "00:00"), s.portal.Location); err == nil {
		reg.ReceivedAt = t
	}
	if by := get("by"); by != asksThemselves {
		reg.Mandate = &rights.Mandate{Kind: rights.MandateKind(by), Name: get("agent_name"), Contact: get("agent_contact"), Relation: get("relation")}
	}
	return reg, on, at
}

func (s *server) drawRegister(c echo.Context, status int, reg workflow.Registration, on, at string, faults []views.Fault) error {
	l := lang(c)
	desk, err := s.desk(c, "queue", "")
	if err != nil {
		return err
	}
	t := func(key string) string { return locale.T(l, key) }
	standsAt(c, "/staff/requests/new")
	if reg.About != "" {
		standsAt(c, "/staff/requests/new?about="+queryEscape(reg.About))
	}
	asker, mandate := asksThemselves, rights.Mandate{}
	if reg.Mandate != nil {
		asker, mandate = string(reg.Mandate.Kind), *reg.Mandate
	}
	m := views.RegisterPage{
		Desk: desk, About: reg.About, On: on, At: at, Mailbox: reg.Mailbox, Name: reg.Name, Address: reg.Address, Text: reg.Text, Note: reg.Note,
		AgentName: mandate.Name, AgentContact: mandate.Contact, Receipt: reg.Receipt, ByPost: reg.Name+reg.Address != "",
		ForSomebody: reg.Mandate != nil, Faults: faults,
		Channels:   options(rights.Channels[1:], reg.Channel, func(k rights.Channel) string { return t("desk.channel." + string(k)) }),
		Rights:     options(registrable, reg.Right, func(r rights.Right) string { return t("desk.right." + string(r)) }),
		Regimes:    options(regimeIDs(), reg.Regime, func(id string) string { return t("lives." + id) }),
		Languages:  options(s.portal.Languages, reg.Language, func(id string) string { return t("language." + id) }),
		Identities: options(rights.Identities[1:], reg.Identity, func(i rights.Identity) string { return t("identity." + string(i)) }),
		Askers: append([]views.Option{{Value: asksThemselves, Text: t("register.by.self"), Chosen: asker == asksThemselves}},
			options(rights.MandateKinds, rights.MandateKind(asker), func(k rights.MandateKind) string { return t("mandate.kind." + string(k)) })...),
		Relations: append([]views.Option{{Text: t("mandate.relation.none")}},
			options(rights.Relations, mandate.Relation, func(r string) string { return t("mandate.relation." + r) })...),
	}
	return s.page(c, status, "", views.Register(m))
}

// registrable are the rights that can be asked for in words. Consent is given and withdrawn by the person alone.
var registrable = []rights.Right{
	rights.Access, rights.Portability, rights.Rectification, rights.Erasure, rights.Restriction, rights.Objection, rights.OptOut,
	rights.Explanation, rights.Complaint,
}

// options are the entries of a select.
func options[T ~string](all []T, chosen T, text func(T) string) []views.Option {
	out := make([]views.Option, len(all))
	for i, one := range all {
		out[i] = views.Option{Value: string(one), Text: text(one), Chosen: one == chosen}
	}
	return out
}

func (s *server) drawRegisterCheck(c echo.Context, reg workflow.Registration, on, at string) error {
	l := lang(c)
	reg, r, err := s.portal.CheckRegistration(c.Request().Context(), visitOf(c).actor, reg)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "queue", "")
	if err != nil {
		return err
	}
	standsAt(c, "/staff/requests/new")
	t := func(key string) string { return locale.T(l, key) }
	m := views.RegisterCheckPage{Desk: desk, Late: s.lateAlready(l, r), Facts: s.registrationFacts(l, r)}
	who := cmp.Or(reg.Mailbox, reg.Name+"\n"+reg.Address)
	if reg.About != "" {
		who = locale.T(l, "register.about", "Ref", reg.About)
	}
	m.Facts = append([]views.Fact{{Term: t("register.who"), Value: who}}, m.Facts...)
	if k := reg.Mandate; k != nil {
		m.Facts = append(m.Facts, mandateFacts(l, *k)...)
	}
	words := cmp.Or(reg.Text, t("check.fact.no_words"))
	m.Facts = append(m.Facts, views.Fact{Term: t("register.text"), Value: words},
		views.Fact{Term: t("register.how"), Value: t("identity." + string(reg.Identity)), Why: reg.Note})
	letter := views.Fact{Term: t("register.letter"), Value: t("register.letter.none"), Why: t("register.letter.none.text")}
	if reg.Receipt {
		letter.Value, letter.Why = t("register.letter.now"), ""
		if reg.About == "" && reg.Mailbox == "" {
			letter.Why = t("register.letter.paper")
		}
	}
	m.Facts = append(m.Facts, letter)
	by, k := asksThemselves, rights.Mandate{}
	if reg.Mandate != nil {
		by, k = string(reg.Mandate.Kind), *reg.Mandate
	}
	receipt := ""
	if reg.Receipt {
		receipt = "yes"
	}
	m.Sent = []views.Pair{
		{Name: "id", Value: reg.ID}, {Name: "channel", Value: string(reg.Channel)}, {Name: "language", Value: reg.Language},
		{Name: "received_on", Value: on}, {Name: "received_at", Value: at}, {Name: "about", Value: reg.About}, {Name: "mailbox", Value: reg.Mailbox},
		{Name: "name", Value: reg.Name}, {Name: "address", Value: reg.Address}, {Name: "by", Value: by}, {Name: "agent_name", Value: k.Name},
		{Name: "agent_contact", Value: k.Contact}, {Name: "relation", Value: k.Relation}, {Name: "right", Value: string(reg.Right)},
		{Name: "regime", Value: reg.Regime}, {Name: "text", Value: reg.Text}, {Name: "how", Value: string(reg.Identity)},
		{Name: "note", Value: reg.Note}, {Name: "receipt", Value: receipt},
	}
	return s.page(c, http.StatusOK, "", views.RegisterCheck(m))
}

// registrationFacts are the dates and the law of a request that was, or is about to be, registered.
func (s *server) registrationFacts(lang string, r rights.Request) []views.Fact {
	t := func(key string) string { return locale.T(lang, key) }
	facts := []views.Fact{
		{Term: t("register.right"), Value: t("desk.right." + string(r.Called()))},
		{Term: t("desk.fact.law"), Value: t("regime." + r.Regime), Why: t("regime." + r.Regime + ".law")},
		{Term: t("desk.fact.channel"), Value: t("desk.channel." + string(r.Channel))},
		{Term: t("desk.fact.received"), Value: s.dateTime(lang, r.ReceivedAt), Why: t("register.clock")},
		{Term: t("register.due"), Value: s.day(lang, r.Due)},
		{Term: t("desk.fact.language"), Value: t("language." + r.Language)},
	}
	if !r.NotBefore.IsZero() {
		facts = append(facts, views.Fact{Term: t("desk.fact.not_before"), Value: s.dateTime(lang, r.NotBefore), Why: t("desk.fact.not_before.text")})
	}
	return facts
}

// lateAlready says that an answer is late on the day the request is registered.
func (s *server) lateAlready(lang string, r rights.Request) string {
	if r.Due.IsZero() || !r.Due.Before(rights.DateOf(s.at(s.Now()))) {
		return ""
	}
	return locale.T(lang, "register.late", "Date", s.day(lang, r.Due))
}

func mandateFacts(lang string, m rights.Mandate) []views.Fact {
	facts := []views.Fact{
		{Term: locale.T(lang, "mandate.as"), Value: locale.T(lang, "mandate.kind."+string(m.Kind))},
		{Term: locale.T(lang, "register.agent_name"), Value: m.Name},
		{Term: locale.T(lang, "register.agent_contact"), Value: m.Contact},
	}
	if m.Relation != "" {
		facts = append(facts, views.Fact{Term: locale.T(lang, "register.relation"), Value: locale.T(lang, "mandate.relation."+m.Relation)})
	}
	return facts
}

// registered says the reference, to be told to whoever is on the telephone or at the counter, and what comes next.
func (s *server) registered(c echo.Context) error {
	v := visitOf(c)
	f, err := s.portal.Folder(c.Request().Context(), v.actor, c.Param("ref"), v.lang)
	if err != nil {
		return err
	}
	r := f.Request
	if r.Channel == rights.ByPortal {
		return s.see(c, "/staff/requests/"+r.Ref)
	}
	desk, err := s.desk(c, "queue", "")
	if err != nil {
		return err
	}
	m := views.RegisteredPage{Desk: desk, Reference: r.Ref, Late: s.lateAlready(v.lang, r), Facts: s.registrationFacts(v.lang, r)}
	todo := func(key string, when bool) {
		if when {
			m.Todo = append(m.Todo, locale.T(v.lang, "registered.todo."+key))
		}
	}
	todo("acknowledge", r.AcknowledgedAt.IsZero())
	todo("identity", f.Held() == "identity")
	todo("mandate", f.Held() == "mandate")
	todo("paper", f.OnPaper())
	return s.page(c, http.StatusOK, "", views.Registered(m))
}
