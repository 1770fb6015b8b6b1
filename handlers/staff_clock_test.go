package handlers

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// clockAt draws the clock of a request of 23 November 2026 as an officer sees it so many days later.
func clockAt(t *testing.T, lang string, right rights.Right, regime string, days int, change func(r *rights.Request, f *rights.Facts)) views.ClockCard {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	received := time.Date(2026, 11, 23, 9, 0, 0, 0, berlin)
	r := rights.Request{Right: right, Regime: regime, State: rights.InProgress, ReceivedAt: received, AcknowledgedAt: received}
	f := rights.Facts{Received: received, Location: berlin, Country: "DE", IdentityReceived: rights.DateOf(received)}
	if change != nil {
		change(&r, &f)
	}
	law, ok := rights.RegimeByID(regime)
	if !ok {
		t.Fatalf("there is no regime %s", regime)
	}
	r.Clock = law.Clock(right, f)
	r.Due = r.Clock.DueDay()
	s := &server{portal: &workflow.Portal{Config: workflow.Config{Location: berlin}}}
	s.Now = func() time.Time { return received.AddDate(0, 0, days) }
	return s.clock(lang, r)
}

func paused(why string, from, to rights.Date) func(*rights.Request, *rights.Facts) {
	return func(r *rights.Request, f *rights.Facts) {
		f.Pauses = []rights.Pause{{Why: why, From: from, To: to}}
		if to.IsZero() {
			r.State = rights.Paused
		}
	}
}

func TestTheClockSaysWhatComesNextAndWhatMissingItMeans(t *testing.T) {
	unacknowledged := func(r *rights.Request, _ *rights.Facts) { r.AcknowledgedAt = time.Time{} }
	extended := func(_ *rights.Request, f *rights.Facts) { f.Extended = true }
	for _, row := range []struct {
		what   string
		right  rights.Right
		regime string
		days   int
		change func(*rights.Request, *rights.Facts)
		next   string
		missed string
		tone   string
	}{
		{"on the day it came: the answer", rights.Access, "eu_gdpr", 0, nil, "Answer the request by 23 December 2026", "the answer is late", ""},
		{"three days before: a warning", rights.Access, "eu_gdpr", 27, nil, "Answer the request by 23 December 2026", "the answer is late", "warn"},
		{"the day after: late", rights.Access, "eu_gdpr", 31, nil, "Answer the request: this was due on 23 December 2026", "It is late.", "bad"},
		{"extended: the longer period, and no second one", rights.Access, "eu_gdpr", 20, extended, "Answer, once extended by 23 February 2027", "no second extension", ""},
		{"not acknowledged yet: that first", rights.Access, "ccpa", 0, unacknowledged, "Acknowledge the request by", "confirmed late", ""},
		{"never acknowledged: late, however long the answer may take", rights.Access, "ccpa", 30, unacknowledged, "Acknowledge the request: this was due on", "It is late.", "bad"},
		{"acknowledged: the answer", rights.Access, "ccpa", 0, nil, "Answer the request by", "the answer is late", ""},
		{"an opt-out", rights.OptOut, "ccpa", 0, nil, "Carry out the opt-out by", "the opt-out is late", ""},
	} {
		t.Run(row.what, func(t *testing.T) {
			n := clockAt(t, locale.English, row.right, row.regime, row.days, row.change).Next
			if !strings.HasPrefix(n.Text, row.next) || !strings.Contains(n.Missed, row.missed) || n.Tone != row.tone || n.Citation == "" {
				t.Errorf("it says %q, %q, in the tone %q, by %q", n.Text, n.Missed, n.Tone, n.Citation)
			}
		})
	}
	closed := clockAt(t, locale.English, rights.Access, "eu_gdpr", 40, func(r *rights.Request, _ *rights.Facts) {
		r.State, r.ClosedAt = rights.Fulfilled, r.ReceivedAt.AddDate(0, 0, 10)
	})
	if closed.Next.Text != "" {
		t.Errorf("a closed request still owes %q", closed.Next.Text)
	}
}

func TestTheListHoldsEveryDateOfTheClockWithItsRule(t *testing.T) {
	november := func(day int) rights.Date { return rights.NewDate(2026, time.November, day) }
	for _, row := range []struct {
		what   string
		right  rights.Right
		regime string
		days   int
		change func(*rights.Request, *rights.Facts)
		want   []string // what, its date, its state
	}{
		{"under way", rights.Access, "eu_gdpr", 5, nil, []string{
			"Received, 23 November 2026, done", "Today, 28 November 2026, today", "Answer the request, 23 December 2026, next",
			"Last day to tell the person of an extension, 23 December 2026, ", "Answer, once extended, 23 February 2027, may"}},
		{"asked and answered: the days of waiting are added", rights.Access, "uk_gdpr", 10, paused(rights.ForClarification, november(24), november(27)), []string{
			"Received, 23 November 2026, done", "Stood still: a clarification was asked for, 24 November 2026 to 27 November 2026, pause",
			"Today, 3 December 2026, today", "Answer the request, 29 December 2026, next"}},
		{"still waiting for the person", rights.Access, "uk_gdpr", 4, paused(rights.ForIdentity, november(24), rights.Date{}), []string{
			"Received, 23 November 2026, done", "Stood still: proof of identity was asked for, 24 November 2026 to today, pause"}},
		{"too late to extend: that it could have been is left out", rights.Access, "eu_gdpr", 35, nil, []string{
			"Received, 23 November 2026, done", "Answer the request, 23 December 2026, late",
			"Last day to tell the person of an extension, 23 December 2026, done", "Today, 28 December 2026, today"}},
		{"answered", rights.Access, "eu_gdpr", 35, func(r *rights.Request, _ *rights.Facts) {
			r.State, r.ClosedAt = rights.Refused, r.ReceivedAt.AddDate(0, 0, 3)
		}, []string{
			"Received, 23 November 2026, done", "Refused, 26 November 2026, done", "Answer the request, 23 December 2026, done",
			"Last day to tell the person of an extension, 23 December 2026, done"}},
		{"acknowledged on a later day", rights.Complaint, "eu_gdpr", 3, func(r *rights.Request, _ *rights.Facts) {
			r.AcknowledgedAt = r.ReceivedAt.AddDate(0, 0, 2)
		}, []string{"Received, 23 November 2026, done", "Acknowledged, 25 November 2026, done"}},
	} {
		t.Run(row.what, func(t *testing.T) {
			card := clockAt(t, locale.English, row.right, row.regime, row.days, row.change)
			var got []string
			for _, d := range card.Dates {
				got = append(got, d.What+", "+d.Date+", "+d.State)
				if d.Citation == "" && slices.Contains([]string{"next", "late", "pause", "may"}, d.State) {
					t.Errorf("%s, %s: no rule is named", d.What, d.Date)
				}
				if !strings.Contains(card.Line.Label, d.What+": "+d.Date) {
					t.Errorf("the drawing does not say %q to whoever cannot see it: %s", d.What, card.Line.Label)
				}
			}
			if len(got) < len(row.want) || !slices.Equal(got[:len(row.want)], row.want) {
				t.Errorf("it lists %q, want %q", got, row.want)
			}
		})
	}
}

var iso = regexp.MustCompile(`\d{4}-\d{2}-\d{2}`)

func TestARemarkIsSaidOnceAndInTheReadersDates(t *testing.T) {
	for _, lang := range locale.Languages {
		card := clockAt(t, lang, rights.Access, "uk_gdpr", 4, paused(rights.ForClarification, rights.NewDate(2026, time.November, 24), rights.Date{}))
		seen := map[string]bool{}
		for _, d := range card.Dates {
			for _, note := range d.Notes {
				if iso.MatchString(note) || seen[note] {
					t.Errorf("%s: %q", d.What, note)
				}
				seen[note] = true
			}
		}
		if len(seen) == 0 {
			t.Error("nothing says that the date still moves")
		}
	}
}

// The drawing must be legible for every regime, right, day and language: no word on another, none beyond the edge.
func TestNoWordOfTheDrawingTouchesAnother(t *testing.T) {
	drawn := 0
	for _, lang := range locale.Languages {
		for _, law := range rights.Regimes {
			for _, right := range rights.Rights {
				for _, days := range []int{0, 1, 9, 29, 31, 44, 120} {
					for _, change := range []func(*rights.Request, *rights.Facts){
						nil,
						func(_ *rights.Request, f *rights.Facts) { f.Extended = true },
						paused(rights.ForClarification, rights.NewDate(2026, time.November, 23), rights.NewDate(2026, time.November, 30)),
						func(r *rights.Request, _ *rights.Facts) {
							r.State, r.ClosedAt = rights.Fulfilled, r.ReceivedAt.AddDate(0, 0, days)
						},
					} {
						legible(t, clockAt(t, lang, right, law.ID, days, change).Line)
						drawn++
					}
				}
			}
		}
	}
	if drawn < 1000 {
		t.Fatalf("only %d drawings", drawn)
	}
}

func legible(t *testing.T, line views.ClockLine) {
	t.Helper()
	type word struct {
		text     string
		y        int
		from, to float64
	}
	number := func(s string) float64 {
		n, err := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	var words []word
	for _, m := range line.Marks {
		x, wide := number(m.X), (width(m.Text)-14)*100/lineWidth
		w := word{m.Text, int(number(m.Y)), x, x + wide}
		switch m.Anchor {
		case "middle":
			w.from, w.to = x-wide/2, x+wide/2
		case "end":
			w.from, w.to = x-wide, x
		}
		if w.from < -0.5 || w.to > 100.5 || w.y < 12 || float64(w.y) > number(line.Height) {
			t.Fatalf("%q stands outside the drawing: %+v", m.Text, w)
		}
		for _, other := range words {
			if other.y == w.y && w.from < other.to && other.from < w.to {
				t.Fatalf("%q touches %q", m.Text, other.text)
			}
		}
		words = append(words, w)
	}
	for _, span := range line.Spans {
		if x, wide := number(span.X), number(span.Width); x < 0 || wide < 0 || x+wide > 100 {
			t.Fatalf("the stretch %s leaves the line: %+v", span.Kind, span)
		}
	}
}
