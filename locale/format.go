package locale

import (
	"fmt"
	"strconv"
	"time"
)

// Date writes the day of t, in t's own location: "2 January 2006" or "2006年1月2日".
func Date(lang string, t time.Time) string {
	if lang == Chinese {
		return fmt.Sprintf("%d年%d月%d日", t.Year(), t.Month(), t.Day())
	}
	return t.Format("2 January 2006")
}

// ShortDate writes the day of t without its year: "2 Jan" or "1月2日".
func ShortDate(lang string, t time.Time) string {
	if lang == Chinese {
		return fmt.Sprintf("%d月%d日", t.Month(), t.Day())
	}
	return t.Format("2 Jan")
}

// Time writes the time of day of t, on a 24-hour clock: "15:04".
func Time(_ string, t time.Time) string { return t.Format("15:04") }

// DateTime writes day and time of t: "2 January 2006, 15:04" or "2006年1月2日 15:04".
func DateTime(lang string, t time.Time) string {
	if lang == Chinese {
		return Date(lang, t) + " " + Time(lang, t)
	}
	return Date(lang, t) + ", " + Time(lang, t)
}

// Number writes n with its thousands set apart: "12,345".
func Number(_ string, n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Bytes writes a size in the unit a reader expects: "512 B", "1.4 MB".
func Bytes(_ string, n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	size, units := float64(n)/unit, "kMGTPE"
	i := 0
	for size >= unit && i < len(units)-1 {
		size /= unit
		i++
	}
	return fmt.Sprintf("%.1f %cB", size, units[i])
}
