package handlers

import (
	"cmp"
	"errors"
	"io"
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

func (s *server) exportStart(c echo.Context) error {
	v := visitOf(c)
	m := views.ExportPage{Chosen: string(rights.Access)}
	latest, err := s.portal.LatestPackage(c.Request().Context(), v.actor)
	switch {
	case err == nil:
		m.Waiting = views.Link{Text: latest, Href: "/export/" + latest}
	case !errors.Is(err, rights.ErrNotFound):
		return err
	}
	elsewhere, err := s.portal.MayTakeElsewhere(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	if elsewhere { // where the person's law knows that right
		for _, right := range []rights.Right{rights.Access, rights.Portability} {
			m.Kinds = append(m.Kinds, views.RightChoice{
				Href: string(right), Title: locale.T(v.lang, "export."+string(right)), Text: locale.T(v.lang, "export."+string(right)+".text"),
			})
			if c.QueryParam("right") == string(right) {
				m.Chosen = string(right)
			}
		}
	}
	return s.page(c, http.StatusOK, "data", views.Export(m))
}

func (s *server) exportAsk(c echo.Context) error {
	v := visitOf(c)
	f, err := parse(c)
	if err != nil {
		return err
	}
	right := rights.Right(cmp.Or(f.one("right"), string(rights.Access)))
	standsAt(c, "/export?right="+queryEscape(string(right)))
	r, err := s.portal.Export(c.Request().Context(), v.actor, right, v.lang)
	if err != nil {
		return err
	}
	return s.see(c, "/export/"+r.Ref)
}

func (s *server) exportState(c echo.Context) error {
	v := visitOf(c)
	r, pkg, err := s.portal.PackageState(c.Request().Context(), v.actor, c.Param("ref"))
	if err != nil {
		return err
	}
	m := views.PackagePage{Reference: r.Ref, State: pkg.State, Again: string(r.Right)}
	switch {
	case r.State == rights.Cancelled:
		m.State = "stopped"
	case pkg.State == "ready" && !s.Now().Before(pkg.ExpiresAt):
		m.State = "expired"
	case pkg.State == "ready":
		m.Size, m.Until = locale.Bytes(v.lang, pkg.Bytes), s.dateTime(v.lang, pkg.ExpiresAt)
	case pkg.State == "queued" || pkg.State == "building":
		m.Progress = views.Progress{Done: pkg.Done, Of: pkg.Total, Label: locale.T(v.lang, "package.progress"), Text: locale.T(v.lang, "package.counting")}
		if pkg.Total > 0 {
			m.Progress.Text = locale.T(v.lang, "package.records_of", "Done", locale.Number(v.lang, pkg.Done), "Total", locale.Number(v.lang, pkg.Total))
		}
	}
	if r.State != rights.Cancelled {
		rest, err := s.portal.Copy(c.Request().Context(), v.actor, r.Ref)
		if err != nil {
			return err
		}
		s.packageRest(v.lang, r, rest, &m)
	}
	return s.page(c, http.StatusOK, "data", views.Package(m))
}

// packageRest says what a package lacks, why, and what came or comes of it.
func (s *server) packageRest(lang string, r rights.Request, rest workflow.Copy, m *views.PackagePage) {
	for _, pkg := range rest.Packages {
		number := strconv.Itoa(pkg.Number)
		switch {
		case pkg.Number == 0:
		case pkg.State == "ready" && s.Now().Before(pkg.ExpiresAt):
			m.Supplements = append(m.Supplements, views.SupplementLine{
				Text: locale.T(lang, "package.supplement.ready", "Number", number, "Until", s.dateTime(lang, pkg.ExpiresAt)), Href: "/export/" + r.Ref + "/supplement-" + number + ".zip",
				Download: locale.T(lang, "package.supplement.download", "Number", number, "Size", locale.Bytes(lang, pkg.Bytes)),
			})
		default:
			m.Supplements = append(m.Supplements, views.SupplementLine{Text: locale.T(lang, "package.supplement.gone", "Number", number)})
		}
	}
	for _, t := range s.troubles(lang, rest) {
		m.Missing = append(m.Missing, views.Trouble{Source: t[0], Text: t[1]})
	}
	m.Rest = locale.T(lang, "package.missing.team", "Due", s.day(lang, r.Due))
	if !rest.RetryAt.IsZero() {
		m.Rest = locale.T(lang, "package.missing.again", "When", s.dateTime(lang, rest.RetryAt))
	}
}

// troubles says of each source that is missing from a copy why: once, however many of its collections are.
func (s *server) troubles(lang string, c workflow.Copy) (out [][2]string) {
	for _, m := range c.Missing {
		line := [2]string{s.portal.SourceLabel(m.Source, lang), locale.T(lang, "package.why."+string(m.Reason))}
		if !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

// exportFile answers with the package, or with one of its supplements.
func (s *server) exportFile(c echo.Context) error {
	number, name := 0, c.Param("ref")
	if n := c.Param("number"); n != "" {
		var err error
		if number, err = strconv.Atoi(strings.TrimSuffix(n, ".zip")); err != nil || number < 1 || n != strconv.Itoa(number)+".zip" {
			return rights.ErrNotFound
		}
		name += "-" + strconv.Itoa(number)
	}
	file, pkg, err := s.portal.Download(c.Request().Context(), visitOf(c).actor, c.Param("ref"), number)
	if errors.Is(err, rights.ErrGone) {
		return s.see(c, "/export/"+c.Param("ref"))
	}
	if errors.Is(err, rights.ErrStepUp) { // back to the page of the package, not to a file
		return s.see(c, "/confirm?return="+queryEscape("/export/"+c.Param("ref")))
	}
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "application/zip")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`.zip"`)
	h.Set(echo.HeaderContentLength, strconv.FormatInt(pkg.Bytes, 10))
	deadline := http.NewResponseController(c.Response())
	if err := deadline.SetWriteDeadline(s.Now().Add(30 * time.Minute)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return errors.Join(err, file.Close())
	}
	c.Response().WriteHeader(http.StatusOK)
	_, err = io.Copy(c.Response(), file)
	return errors.Join(err, file.Close())
}

// copyFacts tell an officer what of a copy came later, what is missing, why, and whose it is now.
func (s *server) copyFacts(lang string, c workflow.Copy) []views.Fact {
	var facts []views.Fact
	if n := len(c.Packages) - 1; n > 0 {
		facts = append(facts, views.Fact{Term: locale.T(lang, "desk.copy.supplements"), Value: locale.Number(lang, n)})
	}
	for i, m := range c.Missing {
		fact := views.Fact{Term: locale.T(lang, "desk.copy.missing"), Value: locale.T(lang, "desk.copy.missing.one",
			"Source", s.portal.SourceLabel(m.Source, lang), "What", s.portal.CollectionLabel(m.Source, m.Collection, lang), "Why", locale.T(lang, "package.why."+string(m.Reason)))}
		if i == len(c.Missing)-1 {
			fact.Why = locale.T(lang, "desk.copy.team")
			if !c.RetryAt.IsZero() {
				fact.Why = locale.T(lang, "desk.copy.again", "When", s.dateTime(lang, c.RetryAt))
			}
		}
		facts = append(facts, fact)
	}
	return facts
}
