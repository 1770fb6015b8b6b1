package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// proofRoutes are the pages of letters as sent and of the proof of a request.
func (s *server) proofRoutes(desk *echo.Group) {
	letter := desk.Group("/requests/:ref/letters/:id")
	letter.GET("", s.sentLetter, s.may(rights.SeeQueue))
	letter.POST("/retry", s.letterAct((*workflow.Portal).RetryLetter, "sent.retry.done"), s.may(rights.HandleRequest))
	letter.POST("/posted", s.letterAct((*workflow.Portal).LetterPosted, "sent.post.done"), s.may(rights.HandleRequest))
	letter.GET("/retry", s.backToLetter, s.may(rights.SeeQueue))
	letter.GET("/posted", s.backToLetter, s.may(rights.SeeQueue))
	desk.GET("/requests/:ref/proof", s.proofPage, s.may(rights.SeeProof))
	desk.POST("/requests/:ref/proof", s.proofMake, s.may(rights.SeeProof))
}

// keptFacts say how long the record of a closed request is kept and which rule says so, or that it has served its time.
func (s *server) keptFacts(ctx context.Context, lang string, r rights.Request) ([]views.Fact, error) {
	if !r.PseudonymisedAt.IsZero() {
		return []views.Fact{{Term: locale.T(lang, "kept.ended"), Value: s.dateTime(lang, r.PseudonymisedAt), Why: locale.T(lang, "kept.ended.text")}}, nil
	}
	d, known, err := s.portal.KeepUntil(ctx, r)
	if err != nil || !known {
		return nil, err
	}
	why := locale.T(lang, "kept.house")
	if d.Citation != "" {
		why = locale.Citation(lang, d.Citation)
	}
	return []views.Fact{{Term: locale.T(lang, "kept.until"), Value: s.day(lang, d.Due), Why: why}}, nil
}

// letterName is what officers call a letter of that kind.
func letterName(lang, kind string) string {
	if key := "desk.letter." + kind; locale.Has(lang, key) {
		return locale.T(lang, key)
	}
	return locale.T(lang, "desk.letter.other")
}

func letterPath(c echo.Context) string {
	return "/staff/requests/" + pathEscape(c.Param("ref")) + "/letters/" + pathEscape(c.Param("id"))
}

func (s *server) backToLetter(c echo.Context) error { return s.see(c, letterPath(c)) }

func (s *server) sentLetter(c echo.Context) error {
	v := visitOf(c)
	l, err := s.portal.SentLetter(c.Request().Context(), v.actor, c.Param("ref"), c.Param("id"))
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "queue", "")
	if err != nil {
		return err
	}
	handles := v.actor.Role.May(rights.HandleRequest)
	m := views.StaffSentLetterPage{
		Desk: desk, Reference: l.Request.Ref, ID: l.ID, What: letterName(v.lang, l.Kind), State: s.sentPill(v.lang, l), Facts: s.sentFacts(v.lang, l),
		Language: l.Language, Subject: l.Title, Paragraphs: l.Paragraphs, Foot: l.Signature, Waits: l.Waits, Secret: l.Secret,
		Post: l.Waits && handles, Retry: l.ByMail && handles,
	}
	if l.Postal != nil {
		m.Address = append([]string{l.Postal.Name}, strings.Split(l.Postal.Address, "\n")...)
	}
	return s.page(c, http.StatusOK, "", views.StaffSentLetter(m))
}

func (s *server) sentPill(lang string, l workflow.SentLetter) views.Pill {
	state, tone := l.State, map[string]string{"sent": "ok", "parked": "bad", "sending": "new", "queued": "new"}[l.State]
	switch {
	case l.OnPaper():
		state, tone = "paper", "warn"
	case l.ByPost():
		state = "posted"
	}
	return views.Pill{Text: locale.T(lang, "sent.state."+state), Tone: tone}
}

// letterFaults are the faults that the portal itself gives; any other is what a mail server answered.
var letterFaults = map[string]string{
	"its subject was erased": "sent.fault.erased", "expired before it could be sent": "sent.fault.expired",
}

func (s *server) sentFacts(lang string, l workflow.SentLetter) []views.Fact {
	t := func(key string) string { return locale.T(lang, key) }
	to, fault := l.To, l.Fault
	if l.OnPaper() {
		to, fault = t("sent.fact.paper"), ""
	}
	if key := letterFaults[fault]; key != "" {
		fault = t(key)
	}
	server := l.ServerID
	if l.ByPost() {
		server = ""
	}
	at := func(when time.Time) string {
		if when.IsZero() {
			return ""
		}
		return s.dateTime(lang, when)
	}
	attempts := ""
	if l.Attempts > 0 {
		attempts = strconv.Itoa(l.Attempts)
	}
	return slices.DeleteFunc([]views.Fact{
		{Term: t("sent.fact.to"), Value: to},
		{Term: t("sent.fact.language"), Value: t("language." + l.Language)},
		{Term: t("sent.fact.written"), Value: at(l.QueuedAt)},
		{Term: t("sent.fact.left"), Value: at(l.SentAt)},
		{Term: t("sent.fact.server"), Value: server},
		{Term: t("sent.fact.attempts"), Value: attempts},
		{Term: t("sent.fact.failed"), Value: at(l.FailedAt)},
		{Term: t("sent.fact.fault"), Value: fault},
	}, func(f views.Fact) bool { return f.Value == "" })
}

// letterAct carries out one act on a letter and shows it again.
func (s *server) letterAct(act func(*workflow.Portal, context.Context, rights.Actor, string, string) error, done string) echo.HandlerFunc {
	return func(c echo.Context) error {
		if _, err := parse(c); err != nil {
			return err
		}
		if err := act(s.portal, c.Request().Context(), visitOf(c).actor, c.Param("ref"), c.Param("id")); err != nil {
			return err
		}
		s.flash(c, done)
		return s.see(c, letterPath(c))
	}
}

func (s *server) proofPage(c echo.Context) error { return s.drawProof(c, http.StatusOK, nil) }

func (s *server) drawProof(c echo.Context, status int, faults []views.Fault) error {
	v := visitOf(c)
	o, err := s.portal.ProofOutline(c.Request().Context(), v.actor, c.Param("ref"))
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "queue", "")
	if err != nil {
		return err
	}
	t := func(key string, pairs ...any) string { return locale.T(v.lang, key, pairs...) }
	m := views.StaffProofPage{
		Desk: desk, Reference: o.Request.Ref, Faults: faults,
		In:      []string{t("proof.page.in.facts"), t("proof.page.in.history", "Count", o.Events)},
		Out:     []string{t("proof.page.out.notes"), t("proof.page.out.data"), t("proof.page.out.names")},
		Command: "habeas audit verify " + o.Request.Ref + "-proof.zip --key '" + o.Verifier + "'",
	}
	for _, some := range []struct {
		key string
		n   int
	}{{"letters", o.Letters}, {"messages", o.Messages}, {"files", o.Files}} {
		if some.n > 0 {
			m.In = append(m.In, t("proof.page.in."+some.key, "Count", some.n))
		}
	}
	m.In = append(m.In, t("proof.page.in.audit"))
	for _, why := range o.Missing {
		m.Missing = append(m.Missing, t("proof.missing."+string(why)))
	}
	for _, language := range s.portal.Languages {
		m.Languages = append(m.Languages, views.Option{Value: language, Text: t("language." + language), Chosen: language == v.lang})
	}
	return s.page(c, status, "", views.StaffProof(m))
}

func (s *server) proofMake(c echo.Context) error {
	f, err := parse(c)
	if err != nil {
		return err
	}
	made, err := s.portal.Proof(c.Request().Context(), visitOf(c).actor, c.Param("ref"), f.one("language"))
	if faults, ok := s.faults(lang(c), err); ok {
		return s.drawProof(c, http.StatusUnprocessableEntity, faults)
	}
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "application/zip")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+made.Reference+`-proof.zip"`)
	deadline := http.NewResponseController(c.Response())
	if err := deadline.SetWriteDeadline(s.Now().Add(30 * time.Minute)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	c.Response().WriteHeader(http.StatusOK)
	return made.Write(c.Response())
}
