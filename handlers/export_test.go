package handlers

import (
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// StaffRoutes are the routes of the desk.
func StaffRoutes() [][2]string { return Routes("/staff") }

// Routes are the method and the pattern of every route below a path that leads somewhere, for tests that must leave none out.
func Routes(below string) (out [][2]string) {
	s := &server{Options: Options{BaseURL: &url.URL{Scheme: "http", Host: "privacy.test"}, Log: slog.Default(), Now: time.Now}, metrics: newMeter()}
	e := echo.New()
	s.routes(e)
	for _, r := range e.Routes() {
		if strings.HasPrefix(r.Path, below) && (r.Method == "GET" || r.Method == "POST") {
			out = append(out, [2]string{r.Method, r.Path})
		}
	}
	slices.SortFunc(out, func(a, b [2]string) int { return strings.Compare(a[1]+a[0], b[1]+b[0]) })
	return slices.Compact(out)
}
