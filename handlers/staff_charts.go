package handlers

import (
	"strconv"

	"habeas/locale"
	"habeas/views"
	"habeas/workflow"
)

// charts are the drawings of the dashboard, each with its finding in words.
func (s *server) charts(lang string, n workflow.Numbers) []views.Chart {
	out := []views.Chart{
		s.stretchesChart(lang, n), s.tookChart(lang, n),
		s.sortedChart(lang, "right", n.ByRight, func(key string) string { return locale.T(lang, "desk.right."+key) }),
		s.sortedChart(lang, "regime", n.ByRegime, func(key string) string { return locale.T(lang, "regime."+key) }),
		s.sortedChart(lang, "channel", n.ByChannel, func(key string) string { return locale.T(lang, "desk.channel."+key) }),
		countedChart(lang, "ground", n.Grounds, func(key string) string { return locale.T(lang, "ground."+key) }),
		countedChart(lang, "task", n.Tasks, func(key string) string { return s.portal.SourceLabel(key, lang) }),
	}
	for _, trend := range n.Consents {
		out = append(out, s.consentChart(lang, n, trend))
	}
	r := span{n.From, n.To}
	for i := range out {
		out[i].CSV = r.href("/staff/dashboard.csv", "chart", out[i].ID)
	}
	return out
}

// chartOf is a chart with its title; what is empty says so instead of a finding.
func chartOf(lang, id string) views.Chart {
	return views.Chart{
		ID: id, Title: locale.T(lang, "chart."+id), Across: locale.T(lang, "chart."+id+".across"), Finding: locale.T(lang, "chart.empty"),
	}
}

// group is a line of a chart: numbers as they are written for people and for a spreadsheet.
func group(lang, label, tick string, values ...int) views.Group {
	g := views.Group{Label: label, Tick: tick, Values: values}
	for _, v := range values {
		g.Texts = append(g.Texts, locale.Number(lang, v))
		g.Plain = append(g.Plain, strconv.Itoa(v))
	}
	return g
}

func (s *server) stretchesChart(lang string, n workflow.Numbers) views.Chart {
	c := chartOf(lang, "weeks")
	if n.Months {
		c.Title = locale.T(lang, "chart.months")
	}
	c.Tall = true
	for _, key := range []string{"received", "answered", "late"} {
		c.Series = append(c.Series, locale.T(lang, "chart.series."+key))
	}
	if n.Received+n.Answered == 0 {
		return c
	}
	for _, w := range n.Stretches {
		c.Groups = append(c.Groups, group(lang, s.day(lang, w.From), locale.ShortDate(lang, w.From.In(s.portal.Location)), w.Received, w.Answered, w.Late))
	}
	c.Finding = locale.T(lang, "chart.weeks.finding", "Received", locale.Number(lang, n.Received), "Answered", locale.Number(lang, n.Answered), "Late", locale.Number(lang, n.Late))
	return c
}

// buckets are the stretches of days that answers are drawn by, each up to and with its number; the last is open.
var buckets = []int{3, 7, 14, 21, 30, 45, 90}

func (s *server) tookChart(lang string, n workflow.Numbers) views.Chart {
	c := chartOf(lang, "took")
	c.Tall, c.Series = true, []string{locale.T(lang, "chart.series.answered")}
	if n.Took.Total() == 0 {
		return c
	}
	counts := make([]int, len(buckets)+1)
	for days, answers := range n.Took {
		at := 0
		for at < len(buckets) && days > buckets[at] {
			at++
		}
		counts[at] += answers
	}
	from := 0
	for i, count := range counts {
		label := locale.T(lang, "chart.over", "Number", from-1)
		tick := strconv.Itoa(from) + "+"
		if i < len(buckets) {
			tick = strconv.Itoa(from) + "–" + strconv.Itoa(buckets[i])
			label, from = locale.T(lang, "chart.between", "From", from, "To", buckets[i]), buckets[i]+1
		}
		c.Groups = append(c.Groups, group(lang, label, tick, count))
	}
	median, nine := s.took(lang, n.Took)
	c.Finding = locale.T(lang, "chart.took.finding", "Median", median, "Nine", nine)
	return c
}

// sortedChart draws how many requests of each kind came in, and tells in its table how they were answered.
func (s *server) sortedChart(lang, id string, kinds []workflow.Sorted, name func(string) string) views.Chart {
	c := chartOf(lang, id)
	for _, key := range []string{"received", "answered", "late", "on_time", "median", "nine"} {
		c.Series = append(c.Series, locale.T(lang, "chart.series."+key))
	}
	for _, k := range kinds {
		g := group(lang, name(k.Key), "", k.Received, k.Answered, k.Late)
		median, nine := s.took(lang, k.Took)
		g.Texts = append(g.Texts, onTime(lang, k.Tally), median, nine)
		g.Plain = append(g.Plain, onTime(lang, k.Tally), median, nine)
		c.Groups = append(c.Groups, g)
	}
	if len(kinds) > 0 {
		c.Finding = locale.T(lang, "chart.sorted.finding", "Name", name(kinds[0].Key), "Count", kinds[0].Received, "Number", locale.Number(lang, kinds[0].Received))
	}
	return c
}

func countedChart(lang, id string, counts []workflow.Counted, name func(string) string) views.Chart {
	c := chartOf(lang, id)
	c.Series = []string{locale.T(lang, "chart."+id+".series")}
	sum := 0
	for _, k := range counts {
		c.Groups = append(c.Groups, group(lang, name(k.Key), "", k.N))
		sum += k.N
	}
	if len(counts) > 0 {
		c.Finding = locale.T(lang, "chart."+id+".finding", "Name", name(counts[0].Key), "Number", locale.Number(lang, counts[0].N), "Sum", locale.Number(lang, sum))
	}
	return c
}

func (s *server) consentChart(lang string, n workflow.Numbers, trend workflow.ConsentTrend) views.Chart {
	c := chartOf(lang, "consent")
	c.ID, c.Title, c.Tall = "consent-"+trend.Purpose.Key, locale.T(lang, "chart.consent.of", "Purpose", trend.Purpose.Title[lang]), true
	c.Series = []string{locale.T(lang, "chart.series.granted"), locale.T(lang, "chart.series.withdrawn")}
	granted, withdrawn := 0, 0
	for i, w := range n.Stretches {
		c.Groups = append(c.Groups, group(lang, s.day(lang, w.From), locale.ShortDate(lang, w.From.In(s.portal.Location)), trend.Granted[i], trend.Withdrawn[i]))
		granted, withdrawn = granted+trend.Granted[i], withdrawn+trend.Withdrawn[i]
	}
	if granted+withdrawn == 0 {
		c.Groups = nil
		return c
	}
	c.Finding = locale.T(lang, "chart.consent.finding", "Granted", locale.Number(lang, granted), "Withdrawn", locale.Number(lang, withdrawn))
	return c
}
