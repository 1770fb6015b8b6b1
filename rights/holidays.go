package rights

import (
	"bufio"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed holidays/*.txt
var holidayFiles embed.FS

// Calendar tells working days from days of rest. The zero Calendar knows weekends and nothing else. A place comes twice
// in it where the house has added lines: once as built, once with those.
type Calendar struct {
	places []*place
}

// place is what one holiday file says.
type place struct {
	id    string
	years map[int]bool
	off   map[Date]bool
	work  map[Date]bool // working days at a weekend (调休)
}

// loaded holds one loader a file, so that start-up pays for none and a request only for its own.
var loaded = sync.OnceValue(func() map[string]func() *place {
	entries, err := holidayFiles.ReadDir("holidays")
	if err != nil {
		panic(err) // embedded: cannot fail in a binary that was tested
	}
	out := make(map[string]func() *place, len(entries))
	for _, e := range entries {
		id := strings.TrimSuffix(e.Name(), ".txt")
		out[id] = sync.OnceValue(func() *place {
			p, err := readPlace(id)
			if err != nil {
				panic(err) // embedded: TestEveryHolidayFileReads keeps it from being shipped
			}
			return p
		})
	}
	return out
})

// CalendarOf returns the calendar of the places, all of whose holidays are days of rest, and false where one of them
// has no file. A place is an ISO 3166 code: "DE", "GB-SCT", "US-CA".
func CalendarOf(places ...string) (Calendar, bool) {
	var c Calendar
	for _, id := range places {
		load, ok := loaded()[id]
		if !ok {
			return Calendar{}, false
		}
		c.places = append(c.places, load())
	}
	return c, true
}

// Working reports whether d is a working day.
func (c Calendar) Working(d Date) bool {
	for _, p := range c.places {
		if p.off[d] {
			return false
		}
	}
	for _, p := range c.places {
		if p.work[d] {
			return true
		}
	}
	wd := d.Weekday()
	return wd != time.Saturday && wd != time.Sunday
}

// Next returns d if it is a working day, else the first working day after it.
func (c Calendar) Next(d Date) Date {
	for !c.Working(d) {
		d = d.AddDays(1)
	}
	return d
}

// AddWorkingDays returns the n-th working day after d, which itself does not count.
func (c Calendar) AddWorkingDays(d Date, n int) Date {
	for n > 0 {
		d = d.AddDays(1)
		if c.Working(d) {
			n--
		}
	}
	return d
}

// Unknown returns the first place and year between the two days whose holidays were not published when this was
// built. Beyond them only weekends rest, and whoever shows a date must say so.
func (c Calendar) Unknown(from, to Date) (id string, year int, found bool) {
	for y := from.Year; y <= to.Year; y++ {
		for _, p := range c.places {
			if !c.knows(p.id, y) {
				return p.id, y, true
			}
		}
	}
	return "", 0, false
}

// knows reports whether the year is in the file of the place or in the lines that the house has added.
func (c Calendar) knows(id string, year int) bool {
	return slices.ContainsFunc(c.places, func(p *place) bool { return p.id == id && p.years[year] })
}

// with returns c with what the house has added for its places.
func (c Calendar) with(added Holidays) Calendar {
	for _, p := range c.places {
		if more := added[p.id]; more != nil {
			c.places = append(slices.Clone(c.places), more)
		}
	}
	return c
}

// readPlace reads a holiday file. Each line is a year and its days: "2026 01-01 04-03", a stretch as "10-01..10-07",
// working weekends after the word work: "2026 work 09-20 10-10". What follows # is a comment.
func readPlace(id string) (*place, error) {
	f, err := holidayFiles.Open("holidays/" + id + ".txt")
	if err != nil {
		return nil, fmt.Errorf("open holidays of %s: %w", id, err)
	}
	defer f.Close()
	p := newPlace(id)
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		if fault := p.read(lines.Text()); fault != nil {
			return nil, fmt.Errorf("holidays/%s.txt:%d: %q: %s", id, n, fault.word, fault.why)
		}
	}
	return p, lines.Err()
}

func newPlace(id string) *place {
	return &place{id: id, years: map[int]bool{}, off: map[Date]bool{}, work: map[Date]bool{}}
}

// lineFault is what is wrong with a line: the word of it, and why.
type lineFault struct{ word, why string }

// read adds what one line says.
func (p *place) read(line string) *lineFault {
	text, _, _ := strings.Cut(line, "#")
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil
	}
	year, err := strconv.Atoi(words[0])
	if err != nil || year < 2000 || year > 2100 {
		return &lineFault{words[0], "year"}
	}
	p.years[year] = true
	days, words := p.off, words[1:]
	work := len(words) > 0 && words[0] == "work"
	if work {
		days, words = p.work, words[1:]
	}
	for _, w := range words {
		from, to, err := stretchOf(year, w)
		switch {
		case err != nil:
			return &lineFault{w, "day"}
		case to.Before(from):
			return &lineFault{w, "stretch"}
		}
		for d := from; !d.After(to); d = d.AddDays(1) {
			if wd := d.Weekday(); work && wd != time.Saturday && wd != time.Sunday {
				return &lineFault{w, "work"}
			}
			days[d] = true
		}
	}
	return nil
}

// stretchOf reads "10-01..10-07", or a single day.
func stretchOf(year int, word string) (from, to Date, err error) {
	first, last, stretch := strings.Cut(word, "..")
	if !stretch {
		last = first
	}
	if from, err = ParseDate(strconv.Itoa(year) + "-" + first); err != nil {
		return from, to, err
	}
	to, err = ParseDate(strconv.Itoa(year) + "-" + last)
	return from, to, err
}

// Holidays are the lines that a house has added, by place: years that were published after this program was built, and
// days that were proclaimed since. They only ever add to what is built in, so that a newer program, which knows them
// too, computes the same. nil adds nothing.
type Holidays map[string]*place

// ParseHolidays reads the lines of each place, as in a holiday file. What is wrong with a line is a FieldErrors that names
// the line and the word.
func ParseHolidays(lines map[string]string) (Holidays, error) {
	out := Holidays{}
	var faults FieldErrors
	for _, id := range slices.Sorted(maps.Keys(lines)) {
		if _, known := loaded()[id]; !known {
			return nil, fmt.Errorf("holidays of %q: no such place", id)
		}
		p := newPlace(id)
		for n, line := range strings.Split(lines[id], "\n") {
			if fault := p.read(line); fault != nil {
				faults = append(faults, FieldError{Field: "lines", Key: "settings.error.line." + fault.why, Args: map[string]any{"Line": n + 1, "Word": fault.word}})
			}
		}
		if len(p.years) > 0 {
			out[id] = p
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return out, nil
}

// HolidayPlaces lists the places whose holidays some regime keeps.
func HolidayPlaces() []string {
	places := map[string]bool{}
	for _, g := range Regimes {
		for _, id := range append(slices.Clone(g.Places), g.Countries...) {
			places[id] = true
		}
	}
	return slices.Sorted(maps.Keys(places))
}

// HolidayYears lists the years that are built in for a place of HolidayPlaces.
func HolidayYears(id string) []int {
	load, known := loaded()[id]
	if !known {
		return nil
	}
	return slices.Sorted(maps.Keys(load().years))
}
