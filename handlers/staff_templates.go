package handlers

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// templateRoutes are the pages of letter templates.
func (s *server) templateRoutes(desk *echo.Group) {
	may := s.may(rights.EditTemplates)
	desk.GET("/templates", s.templates, may)
	desk.GET("/templates/:kind/:language", s.template, may)
	desk.POST("/templates/:kind/:language", s.templateSave, may)
	desk.POST("/templates/:kind/:language/restore", s.templateRestore, may)
	desk.GET("/templates/:kind/:language/restore", func(c echo.Context) error { return s.see(c, templatePath(templateOf(c))) }, may)
}

// templateOf is the template that the address names.
func templateOf(c echo.Context) (workflow.LetterKind, string) {
	return workflow.LetterKind(c.Param("kind")), c.Param("language")
}

func templatePath(kind workflow.LetterKind, language string) string {
	return "/staff/templates/" + pathEscape(string(kind)) + "/" + pathEscape(language)
}

func (s *server) templates(c echo.Context) error {
	v := visitOf(c)
	all, err := s.portal.Templates(c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "templates", "")
	if err != nil {
		return err
	}
	m := views.TemplatesPage{Desk: desk}
	for _, t := range all {
		if n := len(m.Kinds); n == 0 || m.Kinds[n-1].Kind != string(t.Kind) {
			m.Kinds = append(m.Kinds, views.TemplateKind{Kind: string(t.Kind), Title: locale.T(v.lang, "desk.letter."+string(t.Kind)), Text: locale.T(v.lang, "template.about."+string(t.Kind))})
		}
		kind := &m.Kinds[len(m.Kinds)-1]
		kind.Languages = append(kind.Languages, views.TemplateLine{
			Language: locale.T(v.lang, "language."+t.Language), Href: templatePath(t.Kind, t.Language), State: s.templateState(v.lang, t),
		})
	}
	return s.page(c, http.StatusOK, "", views.Templates(m))
}

// templateState says in words whose words a template holds.
func (s *server) templateState(lang string, t workflow.Template) string {
	switch {
	case t.Version == 0 && t.Text == "":
		return locale.T(lang, "template.state.none")
	case t.Version == 0:
		return locale.T(lang, "template.state.built_in")
	case t.BuiltIn:
		return locale.T(lang, "template.state.restored", "Version", t.Version, "Date", locale.Date(lang, s.at(t.At)), "Name", t.By)
	}
	return locale.T(lang, "template.state.own", "Version", t.Version, "Date", locale.Date(lang, s.at(t.At)), "Name", t.By)
}

// edit is a template on its way: what was typed, and why it was not saved.
type edit struct {
	typed    bool
	text     string
	faults   []views.Fault
	conflict bool
}

func (s *server) template(c echo.Context) error { return s.drawTemplate(c, http.StatusOK, edit{}) }

func (s *server) templateSave(c echo.Context) error {
	kind, language := templateOf(c)
	f, err := parse(c)
	e := edit{typed: err == nil, text: f.one("text")}
	if err == nil && f.one("try") != "" {
		return s.drawTemplate(c, http.StatusOK, e)
	}
	var version int
	if err == nil {
		version, err = templateVersion(f)
	}
	if err == nil {
		err = s.portal.SaveTemplate(c.Request().Context(), visitOf(c).actor, kind, language, version, e.text)
	}
	return s.templateKept(c, "template.saved", e, err)
}

func (s *server) templateRestore(c echo.Context) error {
	kind, language := templateOf(c)
	f, err := parse(c)
	var version int
	if err == nil {
		version, err = templateVersion(f)
	}
	if err == nil {
		err = s.portal.RestoreTemplate(c.Request().Context(), visitOf(c).actor, kind, language, version)
	}
	return s.templateKept(c, "template.restored", edit{}, err)
}

// templateKept answers a change of a template: 303, 422 with what was typed, or 409 with both.
func (s *server) templateKept(c echo.Context, done string, e edit, err error) error {
	if err == nil {
		s.flash(c, done)
		return s.see(c, templatePath(templateOf(c)))
	}
	if errors.Is(err, rights.ErrConflict) {
		e.conflict = true
		return s.drawTemplate(c, http.StatusConflict, e)
	}
	faults, ok := s.faults(lang(c), err)
	if !ok {
		return err
	}
	e.faults = faults
	return s.drawTemplate(c, http.StatusUnprocessableEntity, e)
}

// templateVersion is the version that whoever edits has before them: 0 where nobody has changed the template yet.
func templateVersion(f form) (int, error) {
	n, err := strconv.Atoi(f.one("version"))
	if err != nil || n < 0 {
		return 0, rights.Fault("text", "template.error.version", nil)
	}
	return n, nil
}

func (s *server) drawTemplate(c echo.Context, status int, e edit) error {
	v := visitOf(c)
	kind, language := templateOf(c)
	file, err := s.portal.Template(c.Request().Context(), v.actor, kind, language)
	if err != nil {
		return err
	}
	desk, err := s.desk(c, "templates", "")
	if err != nil {
		return err
	}
	standsAt(c, templatePath(kind, language))
	title := locale.T(v.lang, "desk.letter."+string(kind))
	m := views.TemplatePage{
		Desk: desk, Title: title, Language: locale.T(v.lang, "language."+language), Lang: language, Path: templatePath(kind, language),
		About: locale.T(v.lang, "template.about."+string(kind)), State: s.templateState(v.lang, file.Template), Text: file.Text,
		Version: strconv.Itoa(file.Version), CanRestore: !file.BuiltIn, Faults: e.faults,
	}
	if e.conflict {
		m.Now = &views.TemplateNow{Text: file.Text, State: m.State}
	}
	if e.typed {
		m.Text = e.text
	}
	for _, name := range file.Variables {
		m.Variables = append(m.Variables, views.Fact{Term: "{{" + name + "}}", Value: locale.T(v.lang, "template.variable."+name)})
	}
	for _, old := range file.Versions {
		m.Versions = append(m.Versions, views.TemplateVersion{State: s.templateState(v.lang, old), Text: old.Text})
	}
	letter, err := s.portal.TryTemplate(v.actor, kind, language, m.Text)
	if faults, ok := s.faults(v.lang, err); ok { // words that cannot be tried are shown with why
		m.Faults, status = faults, max(status, http.StatusUnprocessableEntity)
		return s.page(c, status, "", views.TemplateEdit(m))
	} else if err != nil {
		return err
	}
	sheet := letterOf(v.lang, letter)
	m.Letter, m.Words = &sheet, spoken(letter.Words)
	return s.page(c, status, "", views.TemplateEdit(m))
}

// spoken are the lines of a text that hold something, as a letter sets them.
func spoken(text string) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}
