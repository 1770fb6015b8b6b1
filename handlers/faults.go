package handlers

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/views"
	"habeas/workflow"
)

// A fault is trouble that is nobody's mistake: a source that is down, a disk that is full. Each has its own words, for whoever
// waits and for whoever has to tell the engineers; docs/operations.md says what those do.

// faultWait is after how many seconds it is worth another try.
var faultWait = map[string]int{"down": 30, "slow": 30, "busy": 10, "full": 300, "changed": 3600, "denied": 3600, "large": 3600, "refused": 3600, "broken": 300}

// trouble is a source that could not be read, on a page that shows the rest. Words with the prefix "trouble.desk." speak to
// colleagues, who can tell the engineers.
func trouble(lang, prefix, source string, kind string) views.Trouble {
	return views.Trouble{Source: source, Text: locale.T(lang, prefix+kind)}
}

// troubleOf is that of an error, nil where it is none.
func troubleOf(lang, prefix, source string, err error) *views.Trouble {
	fault, ok := workflow.FaultOf(err)
	if !ok || fault.Kind == workflow.DiskFull { // then nothing of ours can be said to be in order
		return nil
	}
	t := trouble(lang, prefix, source, fault.Kind)
	return &t
}

// faultPage fills the page of a fault: which source it is, what to do, and what was typed, to be sent again.
func (s *server) faultPage(c echo.Context, err error, m *views.ProblemPage) {
	fault, ok := workflow.FaultOf(err)
	if !ok {
		return
	}
	lang := s.language(c)
	m.Source = locale.T(lang, "problem.source.some")
	if fault.Source != "" {
		m.Source = s.portal.SourceLabel(fault.Source, lang)
	}
	if strings.HasPrefix(c.Path(), "/staff") {
		m.Do = locale.T(lang, "trouble.desk."+fault.Kind)
	}
	m.Again = s.again(c)
}

// secretForms are the addresses whose forms hold what proves somebody: it is typed again, and never sent back to be kept in a page.
var secretForms = regexp.MustCompile(`^/($|verify|enter|confirm|security|choose|stop|dev|api|staff/(login|totp|enrol|team))`)

// said are the fields in which people write sentences, or values: what they typed is shown to them.
var said = []string{"text", "value", "reason", "words", "note", "what", "by", "message"}

// again is how to try once more: by a link, or by sending the form again as it was. Only files have to be chosen anew.
func (s *server) again(c echo.Context) *views.Again {
	r := c.Request()
	if secretForms.MatchString(r.URL.Path) {
		return nil
	}
	a := &views.Again{Action: r.URL.RequestURI()}
	if r.Method != http.MethodPost {
		return a
	}
	f, ok := c.Get(formKey).(form)
	if !ok { // it went wrong before anybody read it
		var err error
		if f, err = parse(c); err != nil {
			return nil
		}
	}
	a.Post, a.Files = true, len(f.files) > 0
	for _, name := range f.names() {
		value := f.one(name)
		a.Carry = append(a.Carry, views.Carried{Name: name, Value: value})
		if value != "" && slices.Contains(said, name) {
			a.Typed = append(a.Typed, value)
		}
	}
	return a
}
