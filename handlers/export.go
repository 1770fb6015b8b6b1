package handlers

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
)

func (s *server) exportStart(c echo.Context) error {
	m := views.ExportPage{}
	latest, err := s.portal.LatestPackage(c.Request().Context(), visitOf(c).actor)
	switch {
	case err == nil:
		m.Waiting = views.Link{Text: latest, Href: "/export/" + latest}
	case !errors.Is(err, rights.ErrNotFound):
		return err
	}
	return s.page(c, http.StatusOK, "data", views.Export(m))
}

func (s *server) exportAsk(c echo.Context) error {
	v := visitOf(c)
	r, err := s.portal.Export(c.Request().Context(), v.actor, v.lang)
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
	m := views.PackagePage{Reference: r.Ref, State: pkg.State}
	switch {
	case r.State == rights.Cancelled:
		m.State = "stopped"
	case pkg.State == "ready" && !s.Now().Before(pkg.ExpiresAt):
		m.State = "expired"
	case pkg.State == "ready":
		m.Size, m.Until = locale.Bytes(v.lang, pkg.Bytes), s.dateTime(v.lang, pkg.ExpiresAt)
		if r.State.Open() { // a source was missing: the answer is not whole yet
			m.Missing = []views.Trouble{{Source: locale.T(v.lang, "package.incomplete"), Text: locale.T(v.lang, "package.incomplete.text")}}
		}
	default:
		m.Progress = views.Progress{Done: pkg.Done, Of: pkg.Total, Label: locale.T(v.lang, "package.progress"), Text: locale.T(v.lang, "package.counting")}
		if pkg.Total > 0 {
			m.Progress.Text = locale.T(v.lang, "package.records_of", "Done", locale.Number(v.lang, pkg.Done), "Total", locale.Number(v.lang, pkg.Total))
		}
	}
	return s.page(c, http.StatusOK, "data", views.Package(m))
}

func (s *server) exportFile(c echo.Context) error {
	file, pkg, err := s.portal.Download(c.Request().Context(), visitOf(c).actor, c.Param("ref"))
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
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+c.Param("ref")+`.zip"`)
	h.Set(echo.HeaderContentLength, strconv.FormatInt(pkg.Bytes, 10))
	deadline := http.NewResponseController(c.Response())
	if err := deadline.SetWriteDeadline(s.Now().Add(30 * time.Minute)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return errors.Join(err, file.Close())
	}
	c.Response().WriteHeader(http.StatusOK)
	_, err = io.Copy(c.Response(), file)
	return errors.Join(err, file.Close())
}
