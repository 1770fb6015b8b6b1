package sources

import (
	"strconv"
	"strings"
	"time"

	"habeas/rights"
)

// dayOf reads the day from which a rule counts, as a database keeps it: a date or a moment as text in ISO form, or a whole
// number of seconds, milliseconds or microseconds since 1970. A moment with a zone is taken in Greenwich's. Known is false for
// what says no day: nothing, and what programs write for nothing. Read is false for what cannot be read as a day.
func dayOf(v any) (day rights.Date, known, read bool) {
	switch v := v.(type) {
	case int64:
		return dayOfNumber(v)
	case float64:
		return dayOfNumber(int64(v))
	case string:
		return dayOfText(strings.TrimSpace(v))
	case []byte:
		return dayOfText(strings.TrimSpace(string(v)))
	case nil:
		return rights.Date{}, false, true
	}
	return rights.Date{}, false, false
}

// unixUnits are what a whole number may count, by how large it is: each range lies between 1973 and 5138.
var unixUnits = []struct {
	from int64
	at   func(int64) time.Time
}{{1e14, time.UnixMicro}, {1e11, time.UnixMilli}, {1e8, func(n int64) time.Time { return time.Unix(n, 0) }}}

const lastUnix = int64(1e17)

func dayOfNumber(n int64) (rights.Date, bool, bool) {
	if n == 0 {
		return rights.Date{}, false, true
	}
	if day, ok := compact(strconv.FormatInt(n, 10)); ok {
		return day, true, true
	}
	for _, u := range unixUnits {
		if n >= u.from && n < lastUnix {
			return settledDay(rights.DateOf(u.at(n).UTC()))
		}
	}
	return rights.Date{}, false, false
}

// compact reads 20260131, which nobody means as a number of seconds: those are all of August 1970.
func compact(s string) (rights.Date, bool) {
	if len(s) != len("20060102") {
		return rights.Date{}, false
	}
	t, err := time.Parse("20060102", s)
	if err != nil || t.Year() < 1900 || t.Year() > 2100 {
		return rights.Date{}, false
	}
	return rights.DateOf(t), true
}

// moments are the forms of ISO 8601 in which databases write a day, with fractions of a second as they come.
var moments = []string{
	time.DateOnly, "2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z07", "2006-01-02T15:04:05", time.DateTime,
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04",
}

func dayOfText(s string) (rights.Date, bool, bool) {
	if s == "" || strings.HasPrefix(s, "0000-00-00") { // MySQL's for no date
		return rights.Date{}, false, true
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return dayOfNumber(n)
	}
	for _, form := range moments {
		if t, err := time.Parse(form, s); err == nil {
			return settledDay(rights.DateOf(t.UTC()))
		}
	}
	return rights.Date{}, false, false
}

// settledDay takes the first day of Unix time for no day: it is what zero becomes, and what erasure writes where nothing may
// be empty.
func settledDay(day rights.Date) (rights.Date, bool, bool) {
	if day == (rights.Date{Year: 1970, Month: time.January, Day: 1}) {
		return rights.Date{}, false, true
	}
	return day, true, true
}
