package handlers

import (
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"habeas/locale"
	"habeas/rights"
	"habeas/views"
	"habeas/workflow"
)

// How long cookies last. A session ends earlier when nothing happens; the store decides.
const (
	sessionLife = 12 * time.Hour
	flashLife   = time.Minute
)

// flashes are the sentences that may be carried to the next page.
var flashes = map[string]bool{
	"consents.saved.granted.flash": true, "consents.saved.withdrawn.flash": true, "consents.saved.all": true, "request.sent": true,
	"request.cancelled.flash": true, "security.ended.flash": true,
	"intake.done.identity": true, "intake.done.mandate": true, "intake.done.files": true, "intake.done.mandate-files": true,
	"yours.done.yes": true, "yours.done.no": true,
	"person.done.decided": true, "person.done.undone": true, "person.done.settled": true, "budget.done": true,
	"hold.done.place": true, "hold.done.review": true, "hold.done.lift": true, "tokens.done.revoked": true,
	"staff.login.out": true, "staff.disabled": true, "desk.done.assign": true, "desk.done.note": true,
	"desk.done.message": true, "desk.done.fulfil": true, "desk.done.refuse": true, "desk.done.accept": true, "desk.done.decline": true,
	"desk.done.task": true, "desk.done.tasks": true, "desk.done.duplicate": true, "desk.done.distinct": true,
	"queue.kept": true, "queue.dropped": true, "queue.bulk.done.assign": true, "queue.bulk.done.start": true, "queue.bulk.done.message": true,
	"queue.bulk.done.fulfil": true,
	"desk.done.pause":        true, "desk.done.resume": true, "desk.done.extend": true,
	"team.proposed": true, "approval.done.approve": true, "approval.done.decline": true, "approval.done.withdraw": true,
	"settings.saved": true, "clocks.done": true, "clocks.done.more": true,
	"desk.done.acknowledge": true, "desk.done.partly": true, "desk.done.reopen": true, "template.saved": true, "template.restored": true,
	"choices.done.raised": true, "choices.done.typed": true, "choices.done.lowered": true, "desk.done.restrict": true, "desk.done.lift": true,
	"reviews.signed": true, "sent.retry.done": true, "sent.post.done": true,
}

// at is t where the house is: people read its dates, not the server's.
func (s *server) at(t time.Time) time.Time { return t.In(s.portal.Location) }

func (s *server) dateTime(lang string, t time.Time) string { return locale.DateTime(lang, s.at(t)) }

// day writes a day of the law; "" for none.
func (s *server) day(lang string, d rights.Date) string {
	if d.IsZero() {
		return ""
	}
	return locale.Date(lang, d.In(s.portal.Location))
}

// title is what a request asks, in the person's words.
func title(lang string, r rights.Request) string {
	if r.Routine {
		return locale.T(lang, "right.viewing")
	}
	return locale.T(lang, "right."+string(r.Called()))
}

func statePill(lang string, state rights.State) views.Pill {
	tone := map[rights.State]string{
		rights.Received: "new", rights.InProgress: "new", rights.Paused: "warn", rights.Fulfilled: "ok", rights.Refused: "bad",
	}
	return views.Pill{Text: locale.T(lang, "state."+string(state)), Tone: tone[state]}
}

// due is the badge of an open request: words and a ring, coloured only when the day is near or past.
func (s *server) due(lang string, r rights.Request) views.Due {
	if !r.State.Open() || r.Due.IsZero() {
		return views.Due{}
	}
	today := rights.DateOf(s.at(s.Now()))
	left := today.DaysUntil(r.Due)
	whole := max(1, rights.DateOf(s.at(r.ReceivedAt)).DaysUntil(r.Due))
	d := views.Due{Date: s.day(lang, r.Due), Used: min(100, max(4, 100-left*100/whole))}
	switch {
	case left < 0:
		d.Tone, d.Text, d.Used = "late", locale.T(lang, "due.late", "Count", -left), 100
	case left == 0:
		d.Tone, d.Text = "soon", locale.T(lang, "due.today")
	case left <= 3:
		d.Tone, d.Text = "soon", locale.T(lang, "due.left", "Count", left)
	default:
		d.Text = locale.T(lang, "due.left", "Count", left)
	}
	return d
}

// wait writes how long to wait, in the largest unit that says it honestly.
func wait(lang string, seconds int) string {
	switch {
	case seconds < 60:
		return locale.T(lang, "wait.seconds", "Count", seconds)
	case seconds < 3600:
		return locale.T(lang, "wait.minutes", "Count", (seconds+59)/60)
	}
	return locale.T(lang, "wait.hours", "Count", (seconds+3599)/3600)
}

// problem is the page of an error, which leads back to where its reader works.
func (s *server) problem(c echo.Context, kind string, seconds int) views.ProblemPage {
	lang := s.language(c)
	m := views.ProblemPage{Kind: kind}
	if seconds > 0 {
		m.Wait = wait(lang, seconds)
	}
	if strings.HasPrefix(c.Path(), "/staff") {
		m.Back = views.Link{Text: locale.T(lang, "problem.queue"), Href: "/staff/queue"}
	}
	return m
}

// steps is a timeline, oldest first; what an officer alone may read has been left out before.
func (s *server) steps(lang string, events []rights.Event, names func(rights.Actor) string) []views.Step {
	out := make([]views.Step, len(events))
	for i, e := range events {
		pairs := []any{}
		for k, v := range e.Facts {
			pairs = append(pairs, k, v)
		}
		pairs = append(pairs, s.erasurePairs(lang, e)...)
		text := s.dateTime(lang, e.At)
		if who := names(e.Actor); who != "" {
			text += " · " + who
		}
		out[i] = views.Step{Title: locale.T(lang, "event."+e.Kind, pairs...), Text: text, State: "done"}
	}
	return out
}

// actorName is who did something, as the person reads it: never a colleague's name.
func actorName(lang string) func(rights.Actor) string {
	return func(a rights.Actor) string {
		switch {
		case a.Role == rights.RoleSubject:
			return locale.T(lang, "activity.you")
		case a.Role == rights.RoleSystem:
			return locale.T(lang, "activity.system")
		case a.Role == rights.RoleRecipient:
			return locale.T(lang, "activity.recipient")
		}
		return locale.T(lang, "activity.officer")
	}
}

// lawDates are the dates of a clock with the rule behind each.
func (s *server) lawDates(lang string, clock rights.Clock) []views.LawDate {
	out := make([]views.LawDate, 0, len(clock.Deadlines))
	for _, d := range clock.Deadlines {
		date := s.day(lang, d.Due)
		if !d.At.IsZero() {
			date = s.dateTime(lang, d.At)
		}
		out = append(out, views.LawDate{What: locale.T(lang, "kind."+string(d.Kind)), Date: date, Citation: locale.Citation(lang, d.Citation), Note: notes(lang, d.Notes)})
	}
	return out
}

// notes is what must be known before a date is relied on, in sentences.
func notes(lang string, list []rights.Note) string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = locale.T(lang, n.Key, n.Pairs()...)
	}
	return strings.Join(out, " ")
}

// actAt is the act that a page of ours leads to, for the words of its step-up.
func actAt(path string) workflow.Act {
	switch {
	case strings.HasPrefix(path, "/export"):
		return workflow.ActExport
	case strings.HasPrefix(path, "/correct"):
		return workflow.ActCorrect
	case strings.HasPrefix(path, "/erase"), strings.Contains(path, "right=erasure"):
		return workflow.ActErase
	}
	return workflow.ActReveal
}

func (s *server) confirmWhy(lang, path string) string {
	return locale.T(lang, "confirm.why."+string(actAt(path)))
}

func queryEscape(s string) string { return url.QueryEscape(s) }

func pathEscape(s string) string { return url.PathEscape(s) }

// lang is the language a page is drawn in.
func lang(c echo.Context) string { return visitOf(c).lang }
