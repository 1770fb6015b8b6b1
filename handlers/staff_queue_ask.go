package handlers

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"habeas/locale"
	"habeas/rights"
	"habeas/workflow"
)

// queueAsk is what the address of the queue says. Every part of it can be kept as a bookmark.
type queueAsk struct {
	View, Q, Right, State, Regime, Owner, Due, Channel, Language, Sort, After string
}

// queuePart is one part of the address. A filter narrows what the view holds.
type queuePart struct {
	name   string
	filter bool
	of     func(*queueAsk) *string
	lawful func(string) bool
}

var queueParts = []queuePart{
	{"view", false, func(a *queueAsk) *string { return &a.View }, oneOf(savedViews)},
	{"q", false, func(a *queueAsk) *string { return &a.Q }, func(string) bool { return true }},
	{"right", true, func(a *queueAsk) *string { return &a.Right }, func(v string) bool { return rights.Right(v).Valid() }},
	{"state", true, func(a *queueAsk) *string { return &a.State }, func(v string) bool { return rights.State(v).Valid() }},
	{"owner", true, func(a *queueAsk) *string { return &a.Owner }, func(v string) bool { return v == "me" || v == "nobody" || staffID.MatchString(v) }},
	{"due", true, func(a *queueAsk) *string { return &a.Due }, oneOf(dueDays)},
	{"regime", true, func(a *queueAsk) *string { return &a.Regime }, func(v string) bool { _, known := rights.RegimeByID(v); return known }},
	{"channel", true, func(a *queueAsk) *string { return &a.Channel }, func(v string) bool { return rights.Channel(v).Valid() }},
	{"language", true, func(a *queueAsk) *string { return &a.Language }, oneOf(locale.Languages)},
	{"sort", false, func(a *queueAsk) *string { return &a.Sort }, func(string) bool { return true }},   // against the view
	{"after", false, func(a *queueAsk) *string { return &a.After }, func(string) bool { return true }}, // the engine reads its own marks
}

var (
	dueDays = []string{"overdue", "today", "week", "none"}
	staffID = regexp.MustCompile(`^[0-9a-f]{32}$`)
)

func oneOf(list []string) func(string) bool {
	return func(v string) bool { return slices.Contains(list, v) }
}

// readQueue reads an address, or a form that carries its parts. What no page of ours links to does not exist. Me is the
// staff ID of the reader.
func readQueue(get func(name string) string, me string) (queueAsk, error) {
	var a queueAsk
	for _, p := range queueParts {
		v := strings.TrimSpace(strings.ToValidUTF8(get(p.name), ""))
		if v != "" && !p.lawful(v) {
			return a, rights.ErrNotFound
		}
		*p.of(&a) = v
	}
	return a.tidy(me)
}

// tidy gives each list one address only, so that a kept view knows itself in it.
func (a queueAsk) tidy(me string) (queueAsk, error) {
	if a.View == "" {
		a.View = "open"
	}
	sorts := a.sorts()
	if a.Sort != "" && !slices.Contains(sorts, a.Sort) {
		if !slices.Contains(workflow.QueueSorts(a.View), a.Sort) {
			return a, rights.ErrNotFound
		}
		a.Sort = "" // the form of a search carries the order of the list it stands above
	}
	if a.Sort == sorts[0] {
		a.Sort = ""
	}
	if a.Owner == me {
		a.Owner = "me"
	}
	return a, nil
}

// held is the view whose requests are listed: what was searched for is looked for everywhere. Whoever types an address
// wants all that is there, whatever view they stand in.
func (a queueAsk) held() string {
	if a.Q != "" {
		return "all"
	}
	return a.View
}

func (a queueAsk) sorts() []string { return workflow.QueueSorts(a.held()) }

// order is the order of the list.
func (a queueAsk) order() string {
	if a.Sort != "" {
		return a.Sort
	}
	return a.sorts()[0]
}

// filters are the parts that narrow the view and are set.
func (a queueAsk) filters() (set []queuePart) {
	for _, p := range queueParts {
		if p.filter && *p.of(&a) != "" {
			set = append(set, p)
		}
	}
	return set
}

func (a queueAsk) narrowed() bool { return a.Q != "" || len(a.filters()) > 0 }

// plain is the view without anything that narrows it.
func (a queueAsk) plain() queueAsk { return queueAsk{View: a.View} }

// without is the list from its beginning, with one part not set.
func (a queueAsk) without(p queuePart) queueAsk {
	a.After = ""
	*p.of(&a) = ""
	return a
}

func (a queueAsk) at(after string) queueAsk {
	a.After = after
	return a
}

func (a queueAsk) sorted(by string) queueAsk {
	a.Sort, a.After = by, ""
	if by == a.sorts()[0] {
		a.Sort = ""
	}
	return a
}

// values are the parts that are set.
func (a queueAsk) values() url.Values {
	out := url.Values{}
	for _, p := range queueParts {
		if v := *p.of(&a); v != "" {
			out.Set(p.name, v)
		}
	}
	return out
}

// href is the address of this list.
func (a queueAsk) href() string { return "/staff/queue?" + a.values().Encode() }

// query is what the engine is asked.
func (a queueAsk) query(me string) workflow.QueueQuery {
	q := workflow.QueueQuery{
		View: a.held(), Right: rights.Right(a.Right), State: rights.State(a.State), Regime: a.Regime, Owner: a.Owner, Due: a.Due,
		Channel: rights.Channel(a.Channel), Language: a.Language, Sort: a.Sort, After: a.After, Limit: queuePage,
	}
	if a.Owner == "me" {
		q.Owner = me
	}
	return q
}

// askOf is the address of what a kept view asks.
func askOf(q workflow.QueueQuery, me string) (queueAsk, error) {
	return queueAsk{
		View: q.View, Right: string(q.Right), State: string(q.State), Regime: q.Regime, Owner: q.Owner, Due: q.Due,
		Channel: string(q.Channel), Language: q.Language, Sort: q.Sort,
	}.tidy(me)
}
