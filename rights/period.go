package rights

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Period is a span of the calendar: months, then days. The zero Period is none.
type Period struct{ Months, Days int }

var periodForm = regexp.MustCompile(`^P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?$`)

// ParsePeriod reads years, months, weeks and days of ISO 8601: P8Y, P18M, P35D. Hours are no part of it, and none is not
// a period.
func ParsePeriod(s string) (Period, error) {
	wrong := fmt.Errorf("%q is not a period: write it as P8Y, P18M, P6W or P35D", s)
	m := periodForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return Period{}, wrong
	}
	var n [5]int
	for i := 1; i < len(m); i++ {
		n[i], _ = strconv.Atoi(m[i]) // digits only, or nothing
	}
	p := Period{Months: 12*n[1] + n[2], Days: 7*n[3] + n[4]}
	if p.IsZero() {
		return Period{}, wrong
	}
	return p, nil
}

// IsZero reports whether p is none.
func (p Period) IsZero() bool { return p == Period{} }

// String returns the shortest form of ISO 8601, "" for none.
func (p Period) String() string {
	if p.IsZero() {
		return ""
	}
	var b strings.Builder
	b.WriteByte('P')
	for _, part := range []struct {
		n    int
		unit byte
	}{{p.Months / 12, 'Y'}, {p.Months % 12, 'M'}, {p.Days, 'D'}} {
		if part.n > 0 {
			b.WriteString(strconv.Itoa(part.n))
			b.WriteByte(part.unit)
		}
	}
	return b.String()
}

// Plus returns the day that lies p after d: months first (see AddMonths), then days.
func (d Date) Plus(p Period) Date { return d.AddMonths(p.Months).AddDays(p.Days) }

// MarshalText writes the form of String.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads the form of MarshalText.
func (p *Period) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*p = Period{}
		return nil
	}
	*p, err = ParsePeriod(string(b))
	return err
}
