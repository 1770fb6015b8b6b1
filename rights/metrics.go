package rights

import (
	"maps"
	"slices"
)

// Answered is how many requests of one kind were closed on one day: what the numbers of the desk are made of.
type Answered struct {
	Day     Date // of closing
	Routine bool // answered by the machine at once
	Right   Right
	Regime  string
	Channel Channel
	State   State  // fulfilled, refused or cancelled
	Ground  string // of a refusal; of a fulfilled request, of the part that was refused
	Late    bool   // after the day it was owed
	Days    int    // from the day it came to the day it was closed
	Came    int    // the year it came
	N       int
}

// CameIn is how many requests of one kind came in on one day.
type CameIn struct {
	Day     Date
	Routine bool
	Right   Right
	Regime  string
	Channel Channel
	N       int
}

// Histogram counts answers by the whole days they took.
type Histogram map[int]int

// Add counts n answers that took so many days.
func (h Histogram) Add(days, n int) { h[days] += n }

// Total is how many answers h counts.
func (h Histogram) Total() (n int) {
	for _, c := range h {
		n += c
	}
	return n
}

// Quantile returns the number of days within which that percentage of the answers was given: the nearest rank, a number
// of days that did occur. It is false where there were no answers.
func (h Histogram) Quantile(percent int) (days int, ok bool) {
	total := h.Total()
	if total <= 0 {
		return 0, false
	}
	rank := max(1, (total*percent+99)/100)
	seen := 0
	for _, d := range slices.Sorted(maps.Keys(h)) {
		if seen += h[d]; seen >= rank {
			return d, true
		}
	}
	return 0, false
}

// Median returns the median in half days: of an even number of answers it lies between the two in the middle.
func (h Histogram) Median() (halfDays int, ok bool) {
	low, ok := h.Quantile(50)
	if !ok {
		return 0, false
	}
	total := h.Total()
	if total%2 == 1 {
		return 2 * low, true
	}
	seen, days := 0, slices.Sorted(maps.Keys(h))
	for _, d := range days {
		if seen += h[d]; seen > total/2 {
			return low + d, true
		}
	}
	return 2 * low, true
}

// Yearly is a line of the yearly numbers that the CCPA wants compiled (11 CCR 7102(a)): the requests of one kind that
// came in in a calendar year, and what became of them by now.
type Yearly struct {
	Kind      YearlyKind
	Received  int
	Whole     int // complied with in whole
	Part      int // complied with in part
	Denied    int
	Open      int // not answered yet
	Withdrawn int // taken back by the person before an answer
	// Why requests were denied, in whole or in part, as 11 CCR 7102(a) lets a business tell apart.
	Unverifiable, NotConsumer, Exempt, Other int
	Took                                     Histogram // days to the substantive answer: of all that were complied with or denied
}

// YearlyKind is a kind of request of 11 CCR 7102(a)(1).
type YearlyKind string

// The kinds, in the order of the regulation: to delete, to correct, to know, to opt out of sale or sharing, to limit.
const (
	ToDelete  YearlyKind = "delete"
	ToCorrect YearlyKind = "correct"
	ToKnow    YearlyKind = "know"
	ToOptOut  YearlyKind = "opt_out"
	ToLimit   YearlyKind = "limit"
)

// YearlyKinds lists every kind.
var YearlyKinds = []YearlyKind{ToDelete, ToCorrect, ToKnow, ToOptOut, ToLimit}

// yearly sorts rights into kinds. What the regulation does not name is not counted. A copy in a portable form is a
// request to know (Cal. Civ. Code 1798.130(a)(3)(B)(iii)); limiting the use of sensitive personal information is what a
// restriction is in California (1798.121).
var yearly = map[Right]YearlyKind{
	Erasure: ToDelete, Rectification: ToCorrect, Access: ToKnow, Portability: ToKnow, OptOut: ToOptOut, Restriction: ToLimit,
}

// refusedBecause sorts the grounds of a refusal into the columns of 11 CCR 7102(a).
func (y *Yearly) refusedBecause(ground string, n int) {
	switch ground {
	case "unidentified":
		y.Unverifiable += n
	case "not_consumer":
		y.NotConsumer += n
	case "exempt":
		y.Exempt += n
	default:
		y.Other += n
	}
}

// YearlyOf compiles the yearly numbers of one regime, or of all with "", from what came in in that year and from whatever
// was answered since. It counts by the year of receipt: an answer belongs to its request's year, also when it was given in
// January of the next. Looking at one's own data in the privacy centre is no request to know: it would drown them.
func YearlyOf(year int, regime string, came []CameIn, answered []Answered) []Yearly {
	lines := map[YearlyKind]*Yearly{}
	out := make([]Yearly, len(YearlyKinds))
	for i, k := range YearlyKinds {
		out[i] = Yearly{Kind: k, Took: Histogram{}}
		lines[k] = &out[i]
	}
	for _, c := range came {
		if y := lines[yearly[c.Right]]; y != nil && !c.Routine && (regime == "" || c.Regime == regime) {
			y.Received += c.N
			y.Open += c.N
		}
	}
	for _, a := range answered {
		y := lines[yearly[a.Right]]
		if y == nil || a.Routine || a.Came != year || regime != "" && a.Regime != regime {
			continue
		}
		y.Open -= a.N
		switch {
		case a.State == Cancelled:
			y.Withdrawn += a.N
			continue
		case a.State == Refused:
			y.Denied += a.N
		case a.Ground != "":
			y.Part += a.N
		default:
			y.Whole += a.N
		}
		y.Took.Add(a.Days, a.N)
		if a.Ground != "" {
			y.refusedBecause(a.Ground, a.N)
		}
	}
	return out
}

// SmallCell is the least number of requests that may be published: behind fewer, somebody might be told.
const SmallCell = 10

// Suppress tells which of the parts of a total must not be published, and whether the total may be. First all parts that
// are small (1 to SmallCell-1) are hidden; then, while what is hidden could be narrowed down from the total to fewer than
// SmallCell values, the smallest of the others too; where that does not suffice, the total as well. Nought is published:
// it tells of nobody.
func Suppress(parts []int) (hide []bool, total bool) {
	hide = make([]bool, len(parts))
	hidden, sum, all := 0, 0, 0
	take := func(i int) {
		hide[i] = true
		hidden++
		sum += parts[i]
	}
	for i, n := range parts {
		all += n
		if n > 0 && n < SmallCell {
			take(i)
		}
	}
	// Each hidden part is one of as many values as the others, being at least 1, leave of the sum.
	narrow := func() bool { return hidden == 1 || sum-hidden+1 < SmallCell }
	for hidden > 0 && narrow() {
		next := -1
		for i, n := range parts {
			if !hide[i] && n > 0 && (next < 0 || n < parts[next]) {
				next = i
			}
		}
		if next < 0 {
			return hide, false
		}
		take(next)
	}
	return hide, all == 0 || all >= SmallCell
}
