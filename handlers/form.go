package handlers

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// form is the body of a post: each field at most once, in valid UTF-8, without NUL. Files come on a few routes only.
type form struct {
	values url.Values
	files  []workflow.Upload
}

const formKey = "form"

// parse reads the body, and only the body: nothing of a form may come from the address. What no browser of ours sends
// is a fault that names the field.
func parse(c echo.Context) (form, error) {
	r := c.Request()
	if takesFiles(r) {
		values, files, err := readParts(r, visitOf(c).actor)
		if err != nil {
			return form{}, errors.Join(echo.ErrBadRequest, tooLarge(err))
		}
		f, err := sound(values)
		f.files = files
		c.Set(formKey, f)
		return f, err
	}
	if err := r.ParseForm(); err != nil {
		return form{}, errors.Join(echo.ErrBadRequest, tooLarge(err)) // the parser's own words would quote what was typed
	}
	f, err := sound(r.PostForm)
	c.Set(formKey, f)
	return f, err
}

func sound(fields url.Values) (form, error) {
	var faults rights.FieldErrors
	for name, values := range fields {
		if !utf8.ValidString(name) || len(values) > 1 {
			faults = append(faults, rights.FieldError{Field: strings.ToValidUTF8(name, "�"), Key: "form.twice"})
			continue
		}
		if v := values[0]; !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
			faults = append(faults, rights.FieldError{Field: name, Key: "form.characters"})
		}
	}
	if len(faults) > 0 {
		return form{}, faults
	}
	return form{values: fields}, nil
}

// tooLarge is err where it says that the body is larger than any form of ours, else nil.
func tooLarge(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return large
	}
	return nil
}

// one is the value of a field, "" when it was not sent. Line ends are as the rest of the world writes them.
func (f form) one(name string) string {
	return strings.ReplaceAll(f.values.Get(name), "\r\n", "\n")
}

// names are the fields that were sent, in order.
func (f form) names() []string { return slices.Sorted(maps.Keys(f.values)) }

// faults turns bad input into sentences; ok is false for every other error.
func (s *server) faults(lang string, err error) (out []views.Fault, ok bool) {
	var list rights.FieldErrors
	if !errors.As(err, &list) {
		return nil, false
	}
	for _, e := range list {
		var pairs []any
		for k, v := range e.Args {
			if d, ok := v.(rights.Date); ok {
				v = s.day(lang, d)
			}
			pairs = append(pairs, k, v)
		}
		out = append(out, views.Fault{Field: e.Field, Text: locale.T(lang, e.Key, pairs...)})
	}
	return out, true
}

// safeReturn keeps a "return" inside this site: a path of ours, nothing that a browser reads as another host.
func safeReturn(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(u.Path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/data"
	}
	return u.RequestURI()
}

// returnTo is where an asker goes on after proving themselves: this page, or where the form of this post stands.
func returnTo(c echo.Context) string {
	return url.QueryEscape(c.Request().URL.RequestURI())
}
