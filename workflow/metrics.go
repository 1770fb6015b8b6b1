package workflow

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sort"
	"sync"

	"habeas/rights"
)

// Numbers are what the desk did from one day to another, both included. They are of requests that people answer; what
// the portal answered by itself is counted apart. No person is in them.
type Numbers struct {
	From, To  rights.Date
	Open      int // now
	Overdue   int
	Week      int   // due in seven days
	Delayed   int   // letters that wait for another try
	Parked    int   // letters that were given up
	Tally           // of the whole range
	Before    Tally // of as many days before it
	AtOnce    int   // answered by the portal itself: viewings, and choices about consent
	Withdrawn int   // taken back by the person
	ByRight   []Sorted
	ByRegime  []Sorted
	ByChannel []Sorted
	Grounds   []Counted
	Months    bool // Stretches are months, because the range is longer than half a year; else weeks
	Stretches []Stretch
	Consents  []ConsentTrend
	Tasks     []Counted // open, by source
}

// Tally is how many requests came in, how many were answered, how many of those late, and how long they took.
type Tally struct {
	Received, Answered, Late int
	Took                     rights.Histogram
}

// Sorted is a tally of the requests that have something in common.
type Sorted struct {
	Key string
	Tally
}

// Counted is how often something occurred.
type Counted struct {
	Key string
	N   int
}

// Stretch is what happened in one week or month of the range: from its first day on, or from the first of a month.
type Stretch struct {
	From                     rights.Date
	Received, Answered, Late int
}

// ConsentTrend is how often people gave and took back their consent to one purpose, stretch by stretch.
type ConsentTrend struct {
	Purpose            rights.Purpose
	Granted, Withdrawn []int // one number each of Numbers.Stretches
}

// maxRange is the most days that numbers are asked for at once.
const maxRange = 3 * 366

// Numbers returns what the desk did in a range of days. A range that ends before it begins, or that is longer than three
// years, is a FieldError.
func (p *Portal) Numbers(ctx context.Context, by rights.Actor, from, to rights.Date) (Numbers, error) {
	n := Numbers{From: from, To: to}
	if err := may(by, rights.SeeDashboard); err != nil {
		return n, err
	}
	days := from.DaysUntil(to) + 1
	if days < 1 || days > maxRange {
		return n, rights.Fault("from", "dashboard.error.range", nil)
	}
	for _, read := range []func() error{
		func() error { return p.numbersNow(ctx, by, &n) },
		func() (err error) { n.Before, err = p.tally(ctx, from.AddDays(-days), from.AddDays(-1)); return err },
		func() error { return p.sorted(ctx, &n) },
		func() error { return p.byStretch(ctx, &n) },
		func() error { return p.consentTrends(ctx, &n) },
	} {
		if err := read(); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (p *Portal) numbersNow(ctx context.Context, by rights.Actor, n *Numbers) error {
	counts, err := p.QueueCounts(ctx, by)
	if err != nil {
		return err
	}
	n.Open, n.Overdue, n.Week = counts["open"], counts["overdue"], counts["week"]
	if n.Delayed, n.Parked, err = p.Store.LettersNotSent(ctx, n.From.In(p.Location)); err != nil {
		return err
	}
	tasks, err := p.Store.OpenTasks(ctx)
	n.Tasks = counted(tasks)
	return err
}

// tally sums up a range.
func (p *Portal) tally(ctx context.Context, from, to rights.Date) (Tally, error) {
	t := Tally{Took: rights.Histogram{}}
	came, err := p.Store.CameIn(ctx, from, to)
	if err != nil {
		return t, err
	}
	answered, err := p.Store.Answered(ctx, from, to)
	if err != nil {
		return t, err
	}
	for _, c := range came {
		t.came(c)
	}
	for _, a := range answered {
		t.answered(a)
	}
	return t, nil
}

// byItself reports whether the portal answers such requests by itself: they would drown the work of the desk.
func byItself(routine bool, right rights.Right) bool { return routine || right == rights.Consent }

func (t *Tally) came(c rights.CameIn) {
	if !byItself(c.Routine, c.Right) {
		t.Received += c.N
	}
}

func (t *Tally) answered(a rights.Answered) {
	if byItself(a.Routine, a.Right) || a.State == rights.Cancelled {
		return
	}
	t.Answered += a.N
	t.Took.Add(a.Days, a.N)
	if a.Late {
		t.Late += a.N
	}
}

// sorter collects tallies by a key.
type sorter map[string]*Tally

func (s sorter) of(key string) *Tally {
	if s[key] == nil {
		s[key] = &Tally{Took: rights.Histogram{}}
	}
	return s[key]
}

// list returns the tallies, that of what most requests came in for first: it is what is drawn and named.
func (s sorter) list() []Sorted {
	var out []Sorted
	for _, key := range slices.Sorted(maps.Keys(s)) {
		if t := s[key]; t.Received+t.Answered > 0 {
			out = append(out, Sorted{key, *t})
		}
	}
	slices.SortStableFunc(out, func(a, b Sorted) int {
		return cmp.Or(cmp.Compare(b.Received, a.Received), cmp.Compare(b.Answered, a.Answered))
	})
	return out
}

func (p *Portal) sorted(ctx context.Context, n *Numbers) error {
	came, err := p.Store.CameIn(ctx, n.From, n.To)
	if err != nil {
		return err
	}
	answered, err := p.Store.Answered(ctx, n.From, n.To)
	if err != nil {
		return err
	}
	n.Took = rights.Histogram{}
	byRight, byRegime, byChannel, grounds := sorter{}, sorter{}, sorter{}, map[string]int{}
	for _, c := range came {
		if byItself(c.Routine, c.Right) {
			n.AtOnce += c.N
		}
		for _, t := range []*Tally{&n.Tally, byRight.of(string(c.Right)), byRegime.of(c.Regime), byChannel.of(string(c.Channel))} {
			t.came(c)
		}
	}
	for _, a := range answered {
		for _, t := range []*Tally{&n.Tally, byRight.of(string(a.Right)), byRegime.of(a.Regime), byChannel.of(string(a.Channel))} {
			t.answered(a)
		}
		switch {
		case byItself(a.Routine, a.Right):
		case a.State == rights.Cancelled:
			n.Withdrawn += a.N
		case a.Ground != "":
			grounds[a.Ground] += a.N
		}
	}
	n.ByRight, n.ByRegime, n.ByChannel, n.Grounds = byRight.list(), byRegime.list(), byChannel.list(), counted(grounds)
	return nil
}

// counted lists counts, the largest first.
func counted(counts map[string]int) []Counted {
	var out []Counted
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, Counted{key, counts[key]})
	}
	slices.SortStableFunc(out, func(a, b Counted) int { return cmp.Compare(b.N, a.N) })
	return out
}

// maxWeeks is the most weeks that are told apart: more would be lines as thin as hairs, and tables that nobody reads.
const maxWeeks = 27

// cut divides the range into stretches.
func (n *Numbers) cut() {
	n.Months = n.From.DaysUntil(n.To)/7 >= maxWeeks
	for day := n.From; !day.After(n.To); {
		n.Stretches = append(n.Stretches, Stretch{From: day})
		if n.Months {
			day = rights.NewDate(day.Year, day.Month+1, 1)
		} else {
			day = day.AddDays(7)
		}
	}
}

// at is the index of the stretch that a day of the range lies in.
func (n *Numbers) at(day rights.Date) int {
	return sort.Search(len(n.Stretches), func(i int) bool { return n.Stretches[i].From.After(day) }) - 1
}

func (p *Portal) byStretch(ctx context.Context, n *Numbers) error {
	n.cut()
	came, err := p.Store.CameInByDay(ctx, n.From, n.To)
	if err != nil {
		return err
	}
	answered, err := p.Store.AnsweredByDay(ctx, n.From, n.To)
	if err != nil {
		return err
	}
	for _, c := range came {
		n.Stretches[n.at(c.Day)].Received += c.N
	}
	for _, a := range answered {
		w := &n.Stretches[n.at(a.Day)]
		w.Answered += a.N
		if a.Late {
			w.Late += a.N
		}
	}
	return nil
}

func (p *Portal) consentTrends(ctx context.Context, n *Numbers) error {
	numbers, err := p.Store.ConsentNumbers(ctx, n.From, n.To)
	if err != nil {
		return err
	}
	trends := map[string]*ConsentTrend{}
	for _, purpose := range p.Purposes { // in their order, and those that nobody chose about, too
		if purpose.Basis != "consent" {
			continue
		}
		trends[purpose.Key] = &ConsentTrend{Purpose: purpose, Granted: make([]int, len(n.Stretches)), Withdrawn: make([]int, len(n.Stretches))}
	}
	for _, c := range numbers {
		t := trends[c.Purpose]
		if t == nil {
			continue // a purpose that the configuration no longer names
		}
		at := n.at(c.Day)
		if c.Choice == rights.Granted {
			t.Granted[at] += c.N
		} else {
			t.Withdrawn[at] += c.N
		}
	}
	for _, purpose := range p.Purposes {
		if t := trends[purpose.Key]; t != nil {
			n.Consents = append(n.Consents, *t)
		}
	}
	return nil
}

// Yearly compiles the yearly numbers of the CCPA (11 CCR 7102), of one regime or of all with "".
func (p *Portal) Yearly(ctx context.Context, by rights.Actor, year int, regime string) ([]rights.Yearly, error) {
	if err := may(by, rights.SeeDashboard); err != nil {
		return nil, err
	}
	return p.yearly(ctx, year, regime, p.today())
}

// yearly is what became up to a day of the requests that came in in a year.
func (p *Portal) yearly(ctx context.Context, year int, regime string, until rights.Date) ([]rights.Yearly, error) {
	came, err := p.Store.CameIn(ctx, rights.NewDate(year, 1, 1), rights.NewDate(year, 12, 31))
	if err != nil {
		return nil, err
	}
	answered, err := p.Store.AnsweredOfYear(ctx, year, until)
	if err != nil {
		return nil, err
	}
	return rights.YearlyOf(year, regime, came, answered), nil
}

// publication is what everybody may see for a month: compiled once, however often it is asked for.
type publication struct {
	mu    sync.Mutex
	until rights.Date
	lines []rights.Yearly
}

// PublicYearly returns the numbers of the last full year that anybody may see, as they stood when last month ended, and that
// day: numbers that moved every day would tell whose request was answered on which. It is ErrNotFound while the house does
// not publish them.
func (p *Portal) PublicYearly(ctx context.Context) (lines []rights.Yearly, year int, until rights.Date, err error) {
	set, err := p.settings(ctx)
	if err != nil {
		return nil, 0, until, err
	}
	if !set.PublicMetrics {
		return nil, 0, until, rights.ErrNotFound
	}
	today := p.today()
	until = rights.NewDate(today.Year, today.Month, 0)
	year = today.Year - 1
	p.published.mu.Lock()
	defer p.published.mu.Unlock()
	if p.published.until != until {
		lines, err := p.yearly(ctx, year, "", until) // of everybody, wherever they live: 11 CCR 7102(b)
		if err != nil {
			return nil, 0, until, err
		}
		p.published.until, p.published.lines = until, lines
	}
	return p.published.lines, year, until, nil
}
