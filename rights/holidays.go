package rights

import (
	"bufio"
	"embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed holidays/*.txt
var holidayFiles embed.FS

// Calendar tells working days from days of rest. The zero Calendar knows weekends and nothing else.
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
			if !p.years[y] {
				return p.id, y, true
			}
		}
	}
	return "", 0, false
}

// readPlace reads a holiday file. Each line is a year and its days: "2026 01-01 04-03", a stretch as "10-01..10-07",
// working weekends after the word work: "2026 work 09-20 10-10". What follows # is a comment.
func readPlace(id string) (*place, error) {
	f, err := holidayFiles.Open("holidays/" + id + ".txt")
	if err != nil {
		return nil, fmt.Errorf("open holidays of %s: %w", id, err)
	}
	defer f.Close()
	p := &place{id: id, years: map[int]bool{}, off: map[Date]bool{}, work: map[Date]bool{}}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		year, err := strconv.Atoi(words[0])
		if err != nil {
			return nil, fmt.Errorf("holidays/%s.txt:%d: begin the line with a year", id, n)
		}
		p.years[year] = true
		days, words := p.off, words[1:]
		if len(words) > 0 && words[0] == "work" {
			days, words = p.work, words[1:]
		}
		for _, w := range words {
			if err := addDays(days, year, w); err != nil {
				return nil, fmt.Errorf("holidays/%s.txt:%d: %w", id, n, err)
			}
		}
	}
	return p, lines.Err()
}

func addDays(days map[Date]bool, year int, word string) error {
	first, last, stretch := strings.Cut(word, "..")
	if !stretch {
		last = first
	}
	from, err := ParseDate(strconv.Itoa(year) + "-" + first)
	if err != nil {
		return err
	}
	to, err := ParseDate(strconv.Itoa(year) + "-" + last)
	if err != nil {
		return err
	}
	for d := from; !d.After(to); d = d.AddDays(1) {
		days[d] = true
	}
	return nil
}
