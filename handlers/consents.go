package handlers

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
)

func (s *server) consents(c echo.Context) error {
	v := visitOf(c)
	p, err := s.portal.Choices(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	m := views.ConsentsPage{}
	for _, purpose := range p.Purposes {
		if purpose.Basis != "consent" {
			m.Others = append(m.Others, s.objectionRow(v.lang, p, purpose))
			continue
		}
		row := s.purposeRow(v.lang, purpose.Purpose, purpose.Standing)
		if slices.Contains(rights.Becauses[:flagged], purpose.Verdict.Because) {
			row.Stopped = s.verdictWords(v.lang, purpose.Verdict)
		}
		m.Purposes = append(m.Purposes, row)
		m.Any = m.Any || purpose.Standing.Choice == rights.Granted
	}
	return s.page(c, http.StatusOK, "consents", views.Consents(m))
}

// flagged is how many of rights.Becauses are flags: they come first.
const flagged = 5

func (s *server) purposeRow(lang string, p rights.Purpose, at rights.Standing) views.PurposeRow {
	row := views.PurposeRow{Key: p.Key, Title: p.Title[lang], Text: p.Text[lang], On: at.Active(p, s.Now())}
	ranOut := !at.Until.IsZero() && !s.Now().Before(at.Until)
	switch {
	case at.Choice == "":
		row.Since = locale.T(lang, "consents.since.never")
	case at.Choice == rights.Withdrawn:
		row.Since = locale.T(lang, "consents.since.withdrawn", "Date", locale.Date(lang, s.at(at.Since)))
	case ranOut:
		row.Since = locale.T(lang, "consents.since.expired", "Given", locale.Date(lang, s.at(at.Since)), "Date", locale.Date(lang, s.at(at.Until)))
	default:
		row.Since = locale.T(lang, "consents.since.granted", "Date", locale.Date(lang, s.at(at.Since)))
		if !at.Until.IsZero() {
			row.Until = locale.T(lang, "consents.until", "Date", locale.Date(lang, s.at(at.Until)))
		}
	}
	row.Changed = at.Choice == rights.Granted && !ranOut && at.Version != p.Version
	return row
}

func (s *server) consent(c echo.Context) error {
	f, err := parse(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	choice := rights.Choice(f.one("state"))
	if err := s.portal.Consent(c.Request().Context(), v.actor, c.Param("purpose"), choice, v.lang); err != nil {
		return err
	}
	s.flash(c, "consents.saved."+string(choice)+".flash")
	return s.see(c, "/consents")
}

func (s *server) withdrawAll(c echo.Context) error {
	v := visitOf(c)
	if err := s.portal.WithdrawAll(c.Request().Context(), v.actor, v.lang); err != nil {
		return err
	}
	s.flash(c, "consents.saved.all")
	return s.see(c, "/consents")
}

func (s *server) consentHistory(c echo.Context) error {
	v := visitOf(c)
	events, err := s.portal.ConsentHistory(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	titles := map[string]string{}
	for _, p := range s.portal.Purposes {
		titles[p.Key] = p.Title[v.lang]
	}
	m := views.ConsentHistoryPage{}
	for _, e := range events {
		line := views.ConsentLine{
			Purpose: titles[e.Purpose], When: s.dateTime(v.lang, e.At),
			How:     locale.T(v.lang, "consents.history.how", "Version", strconv.Itoa(e.Version)),
			Choice:  views.Pill{Text: locale.T(v.lang, "consents.choice."+string(e.Choice)), Tone: map[rights.Choice]string{rights.Granted: "ok"}[e.Choice]},
			Receipt: "/consents/receipts/" + e.ID + ".json",
		}
		if line.Purpose == "" {
			line.Purpose = e.Purpose // a purpose that is no longer configured keeps its key
		}
		m.Events = append(m.Events, line)
	}
	return s.page(c, http.StatusOK, "consents", views.ConsentHistory(m))
}

// receipt is a consent as a record a machine can read, for its person alone.
type receipt struct {
	ID       string `json:"id"`
	Purpose  string `json:"purpose"`
	Version  int    `json:"version"`
	Choice   string `json:"choice"`
	At       string `json:"at"`
	Language string `json:"language"`
	TextHash string `json:"text_sha256"`
	Request  string `json:"request"`
}

func (s *server) consentReceipt(c echo.Context) error {
	e, ref, err := s.portal.ConsentReceipt(c.Request().Context(), visitOf(c).actor, strings.TrimSuffix(c.Param("id"), ".json"))
	if err != nil {
		return err
	}
	return c.JSONPretty(http.StatusOK, receipt{
		ID: e.ID, Purpose: e.Purpose, Version: e.Version, Choice: string(e.Choice), At: e.At.UTC().Format("2006-01-02T15:04:05.000Z"),
		Language: e.Language, TextHash: e.TextHash, Request: ref,
	}, "  ")
}
