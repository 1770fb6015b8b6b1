package sources

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing wrong with a data map or with what it says about a source. Its Message is for engineers: what is
// wrong, and what to do. A Warning does not stop the portal.
type Fault struct {
	File    string
	Line    int // from 1
	Message string
	Warning bool
}

// String returns the form "file:line: message" that editors jump to.
func (f Fault) String() string {
	level := ""
	if f.Warning {
		level = "warning: "
	}
	return fmt.Sprintf("%s:%d: %s%s", f.File, f.Line, level, f.Message)
}

// Faults are all the faults of a map at once, in the order of their lines. As an error it prints one a line.
type Faults []Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// Errors returns the faults that are not warnings.
func (fs Faults) Errors() Faults {
	var out Faults
	for _, f := range fs {
		if !f.Warning {
			out = append(out, f)
		}
	}
	return out
}

// err returns fs as an error if anything in it is more than a warning.
func (fs Faults) err() error {
	if errs := fs.Errors(); len(errs) > 0 {
		return errs
	}
	return nil
}

func (fs Faults) sort() {
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.Message, b.Message))
	})
}

// place is where something stands in a map.
type place struct {
	file string
	line int
}

func (p place) fault(format string, args ...any) Fault {
	return Fault{File: p.file, Line: max(p.line, 1), Message: fmt.Sprintf(format, args...)}
}

func (p place) warning(format string, args ...any) Fault {
	f := p.fault(format, args...)
	f.Warning = true
	return f
}

// meant returns `, did you mean "x"?` where one of the known words is close to word, else "".
func meant(word string, known []string) string {
	best, least := "", max(2, len(word)/3)+1
	for _, k := range known {
		if d := distance(word, k, least); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", best)
}

// distance is the number of single-letter edits between a and b, or limit where it is at least that.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			edit := diagonal
			if a[i] != b[j] {
				edit++
			}
			diagonal = row[j+1]
			row[j+1] = min(edit, row[j+1]+1, row[j]+1)
		}
	}
	return min(row[len(b)], limit)
}
