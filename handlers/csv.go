package handlers

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// table writes rows as a file for a spreadsheet, one after the other: UTF-8 with its mark, because that is how
// spreadsheets know; lines as RFC 4180 ends them.
type table struct{ w *csv.Writer }

func (s *server) newTable(c echo.Context, name string) (*table, error) {
	h := c.Response().Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Response().WriteHeader(http.StatusOK)
	if _, err := c.Response().Write([]byte("\ufeff")); err != nil {
		return nil, err
	}
	t := &table{csv.NewWriter(c.Response())}
	t.w.UseCRLF = true
	return t, nil
}

// row writes one row. What a spreadsheet would take for a formula is text (OWASP: CSV injection); a number is a number, also
// below zero.
func (t *table) row(cells ...string) error {
	for i, cell := range cells {
		if _, err := strconv.Atoi(cell); err == nil {
			continue
		}
		if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t\r") {
			cells[i] = "'" + cell
		}
	}
	return t.w.Write(cells)
}

// end sends what is left.
func (t *table) end() error {
	t.w.Flush()
	return t.w.Error()
}
