package handlers

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// nextCookie remembers that somebody came to choose, until they have confirmed their mailbox.
const nextCookie = "habeas-next"

// choices are for everybody: whoever has not signed in opts out and limits by typing their mailbox, and comes back here with a code
// for the rest.
func (s *server) choices(c echo.Context) error {
	v := visitOf(c)
	if v.session.Subject == "" {
		return s.drawUnproven(c, http.StatusOK, views.ChoicesPage{})
	}
	p, err := s.portal.Choices(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	m := views.ChoicesPage{SignedIn: true, Flags: s.flagRows(v.lang, p, true)}
	for _, purpose := range p.Purposes {
		if purpose.Objectable() {
			m.Purposes = append(m.Purposes, s.objectionRow(v.lang, p, purpose))
		}
	}
	return s.page(c, http.StatusOK, "consents", views.PrivacyChoices(m))
}

// drawUnproven shows what anybody can choose, and brings whoever signs in for more back here.
func (s *server) drawUnproven(c echo.Context, status int, m views.ChoicesPage) error {
	s.setCookie(c, nextCookie, "choices", flashLife*30)
	m.Flags = s.flagRows(lang(c), workflow.Choices{Regime: workflow.UnprovenLaw, CanLimit: true}, false)
	return s.page(c, status, "", views.PrivacyChoices(m))
}

// chooseUnproven takes a choice for a mailbox that somebody typed. The answer is the same whoever that is.
func (s *server) chooseUnproven(c echo.Context) error {
	f, err := parse(c)
	if err == nil {
		err = s.portal.ChooseUnproven(c.Request().Context(), f.one("email"), rights.FlagKind(f.one("flag")), visitOf(c).visitor)
	}
	if faults, ok := s.faults(visitOf(c).lang, err); ok {
		return s.drawUnproven(c, http.StatusUnprocessableEntity, views.ChoicesPage{Email: typed(f, "email"), Faults: faults})
	}
	if err != nil {
		return err
	}
	s.flash(c, "choices.done.typed")
	return s.see(c, "/choices")
}

// landing is where somebody goes who has just signed in.
func (s *server) landing(c echo.Context) string {
	if s.cookie(c, nextCookie) == "choices" {
		s.dropCookie(c, nextCookie)
		return "/choices"
	}
	return "/data"
}

// flagRows are the choices about everything, each with where it stands. A restriction is asked in words; what an account is
// closed by is its erasure.
func (s *server) flagRows(lang string, p workflow.Choices, signedIn bool) (rows []views.ChoiceRow) {
	for _, kind := range rights.FlagKinds {
		flag, stands := p.Flags.Of(kind, "")
		if kind == rights.Objected && !stands || kind == rights.Closed && !stands || kind == rights.Limited && !p.CanLimit && !stands || kind == rights.Restricted && p.CanLimit && !stands {
			continue
		}
		key := "choices." + string(kind)
		row := views.ChoiceRow{Title: locale.T(lang, key), Text: locale.T(lang, key+".text")}
		switch {
		case stands:
			row.State = views.Pill{Text: locale.T(lang, "choices.on"), Tone: "ok"}
			row.Since = s.sinceOf(lang, p, flag)
			if kind != rights.Closed {
				row.Link = views.Link{Text: locale.T(lang, key+".undo"), Href: "/choices/" + string(kind) + "/undo"}
			}
		case !signedIn:
			if slices.Contains(workflow.Unproven, kind) {
				row.Flag, row.Button = string(kind), locale.T(lang, key+".go")
			}
		case kind == rights.Restricted:
			row.Link = views.Link{Text: locale.T(lang, key+".ask"), Href: "/requests/new?right=restriction"}
		default:
			row.Action, row.Button = "/choices/"+string(kind), locale.T(lang, key+".go")
		}
		rows = append(rows, row)
	}
	return rows
}

// sinceOf says since when a flag stands, and until when where its end was announced.
func (s *server) sinceOf(lang string, p workflow.Choices, flag rights.Flag) string {
	for _, l := range p.Lifts {
		if l.Kind == flag.Kind {
			return locale.T(lang, "choices.since.until", "Date", locale.Date(lang, s.at(flag.Since)), "Until", locale.Date(lang, s.at(l.FallsAt)))
		}
	}
	return locale.T(lang, "choices.since", "Date", locale.Date(lang, s.at(flag.Since)))
}

// objectionRow is one purpose that can be objected to: direct marketing with one click, anything else in words.
func (s *server) objectionRow(lang string, p workflow.Choices, purpose workflow.PurposeChoice) views.ChoiceRow {
	row := views.ChoiceRow{Title: purpose.Title[lang], Text: purpose.Text[lang], Since: s.verdictWords(lang, purpose.Verdict)}
	i := slices.IndexFunc(p.Flags, func(f rights.Flag) bool { return f.Kind == rights.Objected && f.Purpose == purpose.Key })
	_, all := p.Flags.Of(rights.Objected, purpose.Key)
	switch {
	case !purpose.Objectable():
	case i >= 0:
		row.State = views.Pill{Text: locale.T(lang, "choices.objected"), Tone: "ok"}
		row.Link = views.Link{Text: locale.T(lang, "choices.objection.undo"), Href: "/choices/objection/undo?purpose=" + queryEscape(purpose.Key)}
	case all:
		row.State = views.Pill{Text: locale.T(lang, "choices.objected"), Tone: "ok"}
	case purpose.Marketing:
		row.Action, row.Purpose, row.Button = "/choices/objection", purpose.Key, locale.T(lang, "choices.object")
	default:
		row.Link = views.Link{Text: locale.T(lang, "choices.object.ask"), Href: "/requests/new?right=objection&purpose=" + queryEscape(purpose.Key)}
	}
	return row
}

// verdictWords say whether a purpose is pursued with the person's data, and why.
func (s *server) verdictWords(lang string, v rights.Verdict) string {
	date := ""
	if !v.Since.IsZero() {
		date = locale.Date(lang, s.at(v.Since))
	}
	return locale.T(lang, "choices.because."+v.Because, "Date", date)
}

func (s *server) raiseFlag(c echo.Context) error {
	f, err := parse(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	if err := s.portal.RaiseFlag(c.Request().Context(), v.actor, rights.FlagKind(c.Param("flag")), f.one("purpose"), v.lang); err != nil {
		return err
	}
	s.flash(c, "choices.done.raised")
	return s.see(c, "/choices")
}

// undoable are the flags that a person can take back on a page of their own.
var undoable = []rights.FlagKind{rights.Restricted, rights.Objected, rights.OptedOut, rights.Limited}

// undoFlag asks once more, where there is something to take back.
func (s *server) undoFlag(c echo.Context) error {
	v, kind, purpose := visitOf(c), rights.FlagKind(c.Param("flag")), c.QueryParam("purpose")
	if !slices.Contains(undoable, kind) {
		return rights.ErrNotFound
	}
	p, err := s.portal.Choices(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(p.Flags, func(f rights.Flag) bool { return f.Kind == kind && f.Purpose == purpose }) {
		return s.see(c, "/choices")
	}
	key, path := "choices."+string(kind)+".undo", "/choices/"+string(kind)+"/undo"
	m := views.UndoPage{Title: locale.T(v.lang, key), Text: locale.T(v.lang, key+".text"), Action: path, Button: locale.T(v.lang, key+".go"), Purpose: purpose}
	if i := slices.IndexFunc(p.Purposes, func(c workflow.PurposeChoice) bool { return c.Key == purpose }); i >= 0 {
		m.Text = locale.T(v.lang, key+".one", "Purpose", p.Purposes[i].Title[v.lang])
	}
	if purpose != "" {
		standsAt(c, path+"?purpose="+queryEscape(purpose))
	}
	return s.page(c, http.StatusOK, "consents", views.Undo(m))
}

func (s *server) lowerFlag(c echo.Context) error {
	f, err := parse(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	if err := s.portal.LowerFlag(c.Request().Context(), v.actor, rights.FlagKind(c.Param("flag")), f.one("purpose"), v.lang); err != nil {
		return err
	}
	s.flash(c, "choices.done.lowered")
	return s.see(c, "/choices")
}

// restrictedNote says on the page of their data that these are restricted, or that the account is closed; "" otherwise.
func (s *server) restrictedNote(c echo.Context) (string, error) {
	v := visitOf(c)
	p, err := s.portal.Choices(c.Request().Context(), v.actor)
	if err != nil {
		return "", err
	}
	for _, kind := range []rights.FlagKind{rights.Restricted, rights.Closed} {
		if flag, stands := p.Flags.Of(kind, ""); stands {
			return locale.T(v.lang, "choices.note."+string(kind), "Date", locale.Date(v.lang, s.at(flag.Since))), nil
		}
	}
	return "", nil
}

// addAsked adds what only some rights ask: to what purposes somebody objects, and which decisions there are to explain.
func (s *server) addAsked(m *views.AskPage, lang string, ask workflow.Ask, regime string) {
	called := rights.Request{Right: ask.Right, Regime: regime}.Called()
	m.Title, m.Lead = locale.T(lang, "ask."+string(called)), locale.T(lang, "ask."+string(called)+".text")
	switch ask.Right {
	case rights.Objection:
		for _, p := range s.portal.Purposes {
			if p.Objectable() {
				m.Purposes = append(m.Purposes, views.Option{Value: p.Key, Text: p.Title[lang], Chosen: slices.Contains(ask.Purposes, p.Key)})
			}
		}
	case rights.Explanation:
		for _, c := range s.portal.Derived() {
			m.Derived = append(m.Derived, workflow.CollectionName(c, lang))
		}
	}
}

// picked are the names of the boxes under a prefix that were ticked.
func picked(f form, prefix string) (out []string) {
	for _, name := range f.names() {
		if key, ok := strings.CutPrefix(name, prefix); ok {
			out = append(out, key)
		}
	}
	return out
}

// named is a list of one, or of none where nothing is named.
func named(key string) []string {
	if key == "" {
		return nil
	}
	return []string{key}
}
