package views

import (
	"strconv"
	"strings"
)

// Chart is one drawing of numbers, with its finding in words, the numbers themselves and where to take them away.
type Chart struct {
	ID      string
	Title   string
	Finding string   // what it shows, in a sentence: also its name for whoever cannot see it
	Series  []string // what each column of numbers is, in the order of the legend
	Across  string   // what each group is: the head of the first column of the table
	Groups  []Group  // none: nothing happened, and Finding says so
	CSV     string
	Tall    bool // columns side by side over time; else one bar a group
}

// Group is one place on a chart: a week, a law. Texts and Plain have one entry a series, Values those that are drawn.
type Group struct {
	Label  string
	Tick   string // what stands below the column, "" for nothing
	Values []int
	Texts  []string // the same values as they are written
	Plain  []string // the same for a spreadsheet
}

// The field that columns are drawn on. Text on it stays legible on a phone, where it shrinks a little.
const (
	chartWidth  = 420
	chartHeight = 190
	chartLeft   = 34
	chartBottom = 24
	chartTop    = 10
)

// mark is an outline or a word of a drawing, with its place as attributes say it.
type mark struct{ X, Y, Text, Path, Series string }

// scale is a round number that no value exceeds, and at least 4, so that half of it is whole.
func (c Chart) scale() int {
	most := 0
	for _, g := range c.Groups {
		for _, v := range g.Values {
			most = max(most, v)
		}
	}
	for unit := 1; ; unit *= 10 {
		for _, step := range []int{4, 6, 8, 10, 20} {
			if step*unit >= most {
				return step * unit
			}
		}
	}
}

// lines are the rules across the field with their numbers: nought, half and all of the scale.
func (c Chart) lines() []mark {
	all := c.scale()
	var out []mark
	for _, v := range []int{0, all / 2, all} {
		out = append(out, mark{Y: c.at(v), Text: strconv.Itoa(v)})
	}
	return out
}

// at is how far down a value lies.
func (c Chart) at(value int) string {
	high := float64(chartHeight - chartBottom - chartTop)
	return number(float64(chartHeight-chartBottom) - high*float64(value)/float64(c.scale()))
}

// columns are the outlines of the rectangles of a tall chart: one path a series, which is a fraction of as many elements.
func (c Chart) columns() []mark {
	slot := float64(chartWidth-chartLeft) / float64(max(1, len(c.Groups)))
	gap := min(slot*0.3, 10)
	wide := (slot - gap) / float64(max(1, len(c.Series)))
	out := make([]mark, len(c.Series))
	for j := range out {
		var d strings.Builder
		for i, g := range c.Groups {
			if g.Values[j] == 0 {
				continue
			}
			left := chartLeft + slot*float64(i) + gap/2 + wide*float64(j)
			right, foot := number(left+max(wide-0.6, 0.8)), strconv.Itoa(chartHeight-chartBottom)
			d.WriteString("M" + number(left) + " " + foot + "V" + c.at(g.Values[j]) + "H" + right + "V" + foot + "z")
		}
		out[j] = mark{Series: strconv.Itoa(j), Path: d.String()}
	}
	return out
}

// ticks are the words below the columns, as many as have room.
func (c Chart) ticks() []mark {
	var out []mark
	slot := float64(chartWidth-chartLeft) / float64(max(1, len(c.Groups)))
	every := max(1, (len(c.Groups)+4)/5)
	for i, g := range c.Groups {
		if g.Tick != "" && i%every == 0 {
			out = append(out, mark{X: number(chartLeft + slot*(float64(i)+0.5)), Text: g.Tick})
		}
	}
	return out
}

// share is how much of a bar's width a value takes, in percent of the largest.
func (c Chart) share(value int) string {
	most := 1
	for _, g := range c.Groups {
		for _, v := range g.Values {
			most = max(most, v)
		}
	}
	return number(100*float64(value)/float64(most)) + "%"
}

func number(f float64) string { return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0") }
