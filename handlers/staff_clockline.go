package handlers

import (
	"fmt"
	"strconv"
	"time"
	"unicode"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
)

// The drawing of a clock is an SVG whose points stand at percentages of its width, so that its words keep their size.
// These are the pixels it is laid out for; a narrower screen shows the list alone, as a line from top to bottom.
const (
	lineWidth = 620 // the least it is shown at
	laneStep  = 22  // from one row of words to the next
	nearAbove = 14  // from the line up to the feet of the nearest words
	nearBelow = 26  // and down to those below
	dotRadius = 7
)

// lineOf draws the points of a clock: what the law sets above the line, what has happened below it, pauses as hatched
// stretches. It runs as far as today, or as the day the request was closed. Words that would touch move to rows further out.
func lineOf(points []point, lang string, r rights.Request, until rights.Date) views.ClockLine {
	scale := scaleOf(points)
	line := views.ClockLine{Spans: scale.spans(points, r, until)}
	var above, below lanes
	var rows []int // of each mark, upwards or downwards from the line
	points = together(points)
	for _, p := range points {
		x := scale.at(p.day)
		if !p.to.IsZero() {
			x = (x + scale.at(p.to)) / 2
		}
		m := views.ClockMark{
			X: percent(x), Text: p.short + " " + locale.ShortDate(lang, p.day.In(time.UTC)), State: p.date.State, Stretch: !p.to.IsZero(),
		}
		side, away := &below, nearBelow
		if p.kind != "" {
			side, away = &above, -nearAbove
		}
		var lane int
		m.Anchor, lane = side.place(x, m.Text)
		if p.kind != "" {
			lane = -lane
		}
		line.Marks, rows = append(line.Marks, m), append(rows, away+lane*laneStep)
	}
	y := 8 + max(1, len(above))*laneStep
	for i, row := range rows {
		m := &line.Marks[i]
		m.Y = strconv.Itoa(y + row)
		m.From, m.To = strconv.Itoa(y+dotRadius), strconv.Itoa(y+row-laneStep+8)
		if row < 0 {
			m.From, m.To = strconv.Itoa(y-dotRadius), strconv.Itoa(y+row+5)
		}
	}
	line.Y, line.Top, line.Height = strconv.Itoa(y), strconv.Itoa(y-5), strconv.Itoa(y+nearBelow+(max(1, len(below))-1)*laneStep+10)
	return line
}

// together makes points of one day and one side a single one, so that their words stand one after the other.
func together(points []point) []point {
	var out []point
	for _, p := range points {
		joined := false
		for i := range out {
			if o := &out[i]; o.day == p.day && o.to.IsZero() && p.to.IsZero() && (o.kind == "") == (p.kind == "") {
				o.short += " · " + p.short
				if o.date.State == "" || p.date.State == "late" || p.date.State == "today" {
					o.date.State = p.date.State
				}
				joined = true
			}
		}
		if !joined {
			out = append(out, p)
		}
	}
	return out
}

// scale is the stretch of days from one end of the line to the other.
type scale struct{ first, last rights.Date }

func scaleOf(points []point) scale {
	s := scale{points[0].day, points[0].day}
	for _, p := range points {
		for _, d := range []rights.Date{p.day, p.to} {
			if d.After(s.last) {
				s.last = d
			}
		}
	}
	return s
}

// at is where a day stands, in percent, a little free at either end.
func (s scale) at(d rights.Date) float64 {
	return 1.2 + float64(s.first.DaysUntil(d))*97.6/float64(max(1, s.first.DaysUntil(s.last)))
}

func (s scale) span(kind string, from, to rights.Date) views.ClockSpan {
	return views.ClockSpan{Kind: kind, X: percent(s.at(from)), Width: percent(max(0, s.at(to)-s.at(from)))}
}

// spans are the stretches of the line: all of it, what an extension added, what lies behind, what is late, each pause.
func (s scale) spans(points []point, r rights.Request, until rights.Date) []views.ClockSpan {
	out := []views.ClockSpan{s.span("all", s.first, s.last)}
	if answer, ok := r.Clock.Deadline(rights.KindResponse); ok && r.Clock.Extended {
		out = append(out, s.span("longer", answer.Due, r.Due))
	}
	out = append(out, s.span("past", s.first, until))
	if !r.Due.IsZero() && r.Due.Before(until) {
		out = append(out, s.span("late", r.Due, until))
	}
	for _, p := range points {
		if !p.to.IsZero() {
			out = append(out, s.span("pause", p.day, p.to))
		}
	}
	return out
}

func percent(x float64) string { return fmt.Sprintf("%.2f%%", x) }

// lanes are rows of words, the nearest to the line first, each with the stretches that are taken.
type lanes [][][2]float64

// place finds the nearest row in which a text at x touches no other, and to which side of x it stands.
func (l *lanes) place(x float64, text string) (anchor string, lane int) {
	wide := width(text) * 100 / lineWidth
	from := x - wide/2
	anchor = "middle"
	switch {
	case from < 0:
		anchor, from = "start", x-1
	case from+wide > 100:
		anchor, from = "end", x-wide+1
	}
	for lane = 0; lane < len(*l); lane++ {
		if !touches((*l)[lane], from, from+wide) {
			break
		}
	}
	if lane == len(*l) {
		*l = append(*l, nil)
	}
	(*l)[lane] = append((*l)[lane], [2]float64{from, from + wide})
	return anchor, lane
}

func touches(taken [][2]float64, from, to float64) bool {
	for _, t := range taken {
		if from < t[1] && t[0] < to {
			return true
		}
	}
	return false
}

// width is about how many pixels a text takes, with room before the next one.
func width(text string) float64 {
	w := 14.0
	for _, c := range text {
		if unicode.Is(unicode.Han, c) {
			w += 14
		} else {
			w += 7.4
		}
	}
	return w
}
