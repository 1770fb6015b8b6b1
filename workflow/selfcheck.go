package workflow

import (
	"slices"
	"time"

	"habeas/rights"
	"habeas/store"
)

// How long something may stand before the self-check names it.
const (
	unownedAfter  = 7 * 24 * time.Hour
	unreachedDays = 30
	unseenDays    = 90
	endingDays    = 90
)

// Point is one thing that a check found. What says which words it has; the rest fills them.
type Point struct {
	What  string      `json:"what"`
	Code  string      `json:"code,omitempty"` // a right, a role, the key of a source or a purpose, a staff ID
	Name  Text        `json:"name,omitempty"`
	Count int         `json:"count,omitempty"`
	Day   rights.Date `json:"day,omitzero"`
	Gap   *MapGap     `json:"gap,omitempty"` // of the data map
}

// Finding is what one check of the self-check found, and what whoever signed had to say about it.
type Finding struct {
	Check  string  `json:"check"`
	Points []Point `json:"points"`
	Remark string  `json:"remark,omitempty"`
}

// checked is all that the checks look at. Everything personal stays where it is: these are counts, keys and days.
type checked struct {
	today     rights.Date
	where     *time.Location
	open      []store.OpenOfRight
	purposes  []rights.Purpose
	ending    map[string]int // people whose consent runs out soon, by purpose
	gaps      []MapGap
	sources   []string // that a machine can ask
	contacts  []store.Contact
	team      []store.Staff
	signIns   map[string]time.Time
	parked    int // letters that failed since the last review
	answering int // members of the team who may answer requests
}

// selfChecks are the questions of the quarterly review, in the order in which they are read.
var selfChecks = []struct {
	name string
	find func(checked) []Point
}{
	{"owners", requestsWithoutOwner},
	{"rights", rightsWithoutOwner},
	{"purposes", purposesWithoutBasis},
	{"retention", func(f checked) []Point { return f.gapsOf("retention") }},
	{"record", func(f checked) []Point { return f.gapsBut("purpose", "basis", "retention") }},
	{"sources", sourcesNotReached},
	{"roles", rolesUnused},
	{"consents", consentsEnding},
	{"letters", func(f checked) []Point {
		if f.parked == 0 {
			return nil
		}
		return []Point{{What: "letters", Count: f.parked}}
	}},
}

// selfCheck runs every check.
func selfCheck(f checked) []Finding {
	out := make([]Finding, len(selfChecks))
	for i, c := range selfChecks {
		out[i] = Finding{Check: c.name, Points: c.find(f)}
	}
	return out
}

func requestsWithoutOwner(f checked) (out []Point) {
	for _, o := range f.open {
		if o.Stale > 0 {
			out = append(out, Point{What: "unowned", Code: string(o.Right), Count: o.Stale})
		}
	}
	return out
}

// rightsWithoutOwner are rights of which all open requests are nobody's, and the lack of anybody to take them.
func rightsWithoutOwner(f checked) (out []Point) {
	if f.answering == 0 {
		out = append(out, Point{What: "nobody"})
	}
	for _, o := range f.open {
		if o.Unowned == o.Open {
			out = append(out, Point{What: "right", Code: string(o.Right), Count: o.Open})
		}
	}
	return out
}

func purposesWithoutBasis(f checked) (out []Point) {
	for _, p := range f.purposes {
		if p.Basis == "" {
			out = append(out, Point{What: "purpose", Code: p.Key, Name: p.Title})
		}
	}
	return append(out, f.gapsOf("purpose", "basis")...)
}

func (f checked) gapsOf(rules ...string) (out []Point) {
	for _, g := range f.gaps {
		if slices.Contains(rules, g.Rule) {
			out = append(out, Point{What: "gap", Code: g.Rule, Gap: &g})
		}
	}
	return out
}

func (f checked) gapsBut(rules ...string) (out []Point) {
	for _, g := range f.gaps {
		if !slices.Contains(rules, g.Rule) {
			out = append(out, f.gapsOf(g.Rule)...)
			rules = append(rules, g.Rule)
		}
	}
	return out
}

func sourcesNotReached(f checked) (out []Point) {
	for _, key := range f.sources {
		i := slices.IndexFunc(f.contacts, func(c store.Contact) bool { return c.Source == key })
		if i < 0 || f.contacts[i].ReachedAt.IsZero() {
			out = append(out, Point{What: "never", Code: key})
		} else if day := f.day(f.contacts[i].ReachedAt); day.DaysUntil(f.today) > unreachedDays {
			out = append(out, Point{What: "unreached", Code: key, Day: day})
		}
	}
	return out
}

// rolesUnused are members of the team who do not come in, and roles that nobody has.
func rolesUnused(f checked) (out []Point) {
	has := map[rights.Role]bool{}
	for _, m := range f.team {
		if m.State != "active" {
			continue
		}
		has[m.Role] = true
		last, came := f.signIns[m.ID]
		if !came {
			last = m.MadeAt
		}
		if day := f.day(last); day.DaysUntil(f.today) > unseenDays {
			out = append(out, Point{What: "idle", Code: m.ID, Day: day})
		}
	}
	for _, role := range rights.StaffRoles {
		if !has[role] {
			out = append(out, Point{What: "role", Code: string(role)})
		}
	}
	return out
}

func consentsEnding(f checked) (out []Point) {
	for _, p := range f.purposes {
		if n := f.ending[p.Key]; n > 0 {
			out = append(out, Point{What: "ending", Code: p.Key, Name: p.Title, Count: n})
		}
	}
	return out
}

func (f checked) day(t time.Time) rights.Date { return rights.DateOf(t.In(f.where)) }

// SelfChecks are the names of the checks, in the order in which they are read.
func SelfChecks() []string {
	out := make([]string, len(selfChecks))
	for i, c := range selfChecks {
		out[i] = c.name
	}
	return out
}
