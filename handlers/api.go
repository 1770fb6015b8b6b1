package handlers

import (
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/workflow"
)

// openAPI describes the API to programs and to those who write them (OpenAPI 3.1).
//
//go:embed openapi.json
var openAPI []byte

// apiRoutes are what programs of the house may ask: with a bearer token of their own, JSON in and out, and no cookie, so that
// no browser can be made to call them.
func (s *server) apiRoutes(e *echo.Echo) {
	api := e.Group("/api/v1", s.asProblems)
	api.GET("/openapi.json", func(c echo.Context) error { return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, openAPI) })
	api.POST("/consents/check", s.program(workflow.ScopeCheck, s.checkConsents))
	api.RouteNotFound("/*", func(echo.Context) error { return rights.ErrNotFound })
}

// problem is an error of the API (RFC 9457).
type problem struct {
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail"`
	Errors []problemField `json:"errors,omitempty"`
}

// problemField is what is wrong with one member of what was sent.
type problemField struct {
	Member string `json:"member"`
	Detail string `json:"detail"`
}

// badJSON is a body that is not what was asked for; its text says why.
type badJSON struct{ why string }

func (e badJSON) Error() string { return e.why }

var errUnsupported = errors.New("send the question as application/json")

// asProblems makes answers of errors, in words for those who write programs.
func (s *server) asProblems(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := next(c)
		if err == nil {
			return nil
		}
		p := s.problemOf(c, err)
		p.Title = http.StatusText(p.Status)
		if p.Status == http.StatusInternalServerError {
			s.Log.Error("request failed", "route", c.Path(), "error", err)
		}
		c.Response().Header().Set(echo.HeaderContentType, "application/problem+json")
		c.Response().WriteHeader(p.Status)
		return json.NewEncoder(c.Response()).Encode(p)
	}
}

func (s *server) problemOf(c echo.Context, err error) problem {
	var faults rights.FieldErrors
	var bad badJSON
	var wait workflow.TooMany
	var large *http.MaxBytesError
	var refused *echo.HTTPError
	switch {
	case errors.As(err, &faults):
		p := problem{Status: http.StatusUnprocessableEntity, Detail: "Some of it is not valid."}
		for _, f := range faults {
			var pairs []any
			for k, v := range f.Args {
				pairs = append(pairs, k, v)
			}
			p.Errors = append(p.Errors, problemField{f.Field, locale.T("en", f.Key, pairs...)})
		}
		return p
	case errors.As(err, &bad):
		return problem{Status: http.StatusBadRequest, Detail: bad.why}
	case errors.As(err, &large):
		return problem{Status: http.StatusRequestEntityTooLarge, Detail: "The body is too large."}
	case errors.Is(err, errUnsupported):
		return problem{Status: http.StatusUnsupportedMediaType, Detail: "Send the question as application/json."}
	case errors.Is(err, errNoToken):
		c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Bearer realm="Habeas API"`)
		return problem{Status: http.StatusUnauthorized, Detail: "Send the header Authorization: Bearer, with a token that an administrator made under Settings, API tokens."}
	case errors.Is(err, rights.ErrForbidden):
		return problem{Status: http.StatusForbidden, Detail: "The token is for other things: its scopes do not cover this."}
	case errors.As(err, &wait):
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Wait.Seconds()))))
		return problem{Status: http.StatusTooManyRequests, Detail: "This token has asked too often in this minute. Try again later."}
	case errors.Is(err, rights.ErrNotFound):
		return problem{Status: http.StatusNotFound, Detail: "There is nothing here. /api/v1/openapi.json lists what there is."}
	case errors.As(err, &refused) && refused.Code < http.StatusInternalServerError:
		return problem{Status: refused.Code, Detail: "/api/v1/openapi.json says what can be asked and how."}
	case workflow.Unavailable(err):
		return problem{Status: http.StatusServiceUnavailable, Detail: "This cannot be answered right now. Try again."}
	}
	return problem{Status: http.StatusInternalServerError, Detail: "Something went wrong here, and has been noted."}
}

var errNoToken = errors.New("no token that stands")

// program answers a call that shows a token for the scope.
func (s *server) program(scope string, answer func(echo.Context, rights.Actor) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		scheme, token, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
		if !strings.EqualFold(scheme, "Bearer") { // a scheme is case-insensitive (RFC 9110, 11.1)
			return errNoToken
		}
		by, err := s.portal.Program(c.Request().Context(), token, scope)
		if errors.Is(err, rights.ErrNotFound) {
			return errNoToken
		}
		if err != nil {
			return err
		}
		return answer(c, by)
	}
}

// readJSON reads one JSON value, strictly: a member that is spelled wrong must not be taken for one that was left out.
func readJSON(c echo.Context, into any) error {
	kind, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if err != nil || kind != echo.MIMEApplicationJSON {
		return errUnsupported
	}
	d := json.NewDecoder(c.Request().Body)
	d.DisallowUnknownFields()
	err = d.Decode(into)
	var large *http.MaxBytesError
	var kindOf *json.UnmarshalTypeError
	switch {
	case errors.As(err, &large):
		return err
	case errors.As(err, &kindOf) && kindOf.Field == "":
		return badJSON{"The body is not a JSON object."}
	case errors.As(err, &kindOf):
		return badJSON{"The member " + kindOf.Field + " is of the wrong type."}
	case err != nil && strings.HasPrefix(err.Error(), "json: unknown field "):
		return badJSON{"There is no member " + strings.TrimPrefix(err.Error(), "json: unknown field ") + "."}
	case err != nil:
		return badJSON{"The body is not valid JSON."}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badJSON{"Something follows the JSON value."}
	}
	return nil
}

// checkQuestion and checkAnswer are what is asked and answered about consent.
type checkQuestion struct {
	Email    string   `json:"email"`
	Number   string   `json:"customer_number"`
	Purposes []string `json:"purposes"`
}

type checkAnswer struct {
	Purposes []purposeAnswer `json:"purposes"`
}

type purposeAnswer struct {
	Purpose string `json:"purpose"`
	Allowed bool   `json:"allowed"`
	Because string `json:"because"`
	Since   string `json:"since,omitempty"`
	Until   string `json:"until,omitempty"`
}

func (s *server) checkConsents(c echo.Context, by rights.Actor) error {
	var q checkQuestion
	if err := readJSON(c, &q); err != nil {
		return err
	}
	verdicts, err := s.portal.CheckConsents(c.Request().Context(), by, workflow.Whom{Email: q.Email, Number: q.Number}, q.Purposes)
	if err != nil {
		return err
	}
	a := checkAnswer{Purposes: make([]purposeAnswer, len(verdicts))}
	for i, v := range verdicts {
		a.Purposes[i] = purposeAnswer{Purpose: v.Purpose, Allowed: v.Allowed, Because: v.Because, Since: rfc3339(v.Since), Until: rfc3339(v.Until)}
	}
	return c.JSON(http.StatusOK, a)
}

func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
