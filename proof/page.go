package proof

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"habeas/locale"
	"habeas/rights"
)

//go:embed pages
var pages embed.FS

// style is inline because the page is opened from a disk. The policy in its head allows that and nothing else.
var style = func() template.CSS {
	text, err := pages.ReadFile("pages/style.css")
	if err != nil {
		panic(err) // embedded
	}
	return template.CSS(text)
}()

var indexPage = template.Must(template.ParseFS(pages, "pages/index.html"))

// view is the page that people read.
type view struct {
	Lang, House, Title, Lead string
	Others                   []link
	Missing                  []string
	Facts                    []fact
	Start                    string
	Dates                    []date
	Pauses                   []string
	Decisions, Steps         []step
	Messages                 []message
	Letters                  []letter
	Files                    []link
	Verifier, Command        string
	Language                 string // of the case
}

type (
	link    struct{ Href, Lang, Text, About string }
	fact    struct{ Label, Text, Why string }
	date    struct{ What, Day, Strict, Citation, Notes string }
	step    struct{ When, What, Who, Text, Why string }
	message struct{ When, Who, Text string }
	letter  struct {
		What, When, Fault string
		Files             []link
	}
)

// T is a sentence in the language of the page.
func (v view) T(key string, pairs ...any) string { return locale.T(v.Lang, key, pairs...) }

// Style returns the style of the page.
func (v view) Style() template.CSS { return style }

// writer writes a case in one language.
type writer struct {
	Case
	lang string
}

func (c Case) index(lang string) ([]byte, error) {
	v, err := writer{c, lang}.view()
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	if err := indexPage.Execute(&page, v); err != nil {
		return nil, fmt.Errorf("write the index: %w", err)
	}
	return page.Bytes(), nil
}

func (w writer) view() (view, error) {
	r := w.Request
	notes, _, err := w.letters()
	if err != nil {
		return view{}, err
	}
	house := w.House.Name[w.lang]
	v := view{
		Lang: w.lang, House: house, Title: w.t("proof.index.title", "Ref", r.Ref),
		Lead:  w.t("proof.index.lead", "House", house, "Date", w.moment(w.MadeAt)),
		Facts: w.factLines(), Start: w.day(r.Clock.Start), Dates: w.dates(), Pauses: w.pauses(), Steps: w.steps(w.Events), Decisions: w.decided(),
		Verifier: w.Verifier, Command: "habeas audit verify " + r.Ref + "-proof.zip --key '" + w.Verifier + "'",
	}
	for _, l := range w.languages() {
		if l != w.lang {
			v.Others = append(v.Others, link{Href: w.indexName(l), Lang: l, Text: locale.T(l, "language."+l)})
		}
	}
	for _, m := range w.Missing {
		v.Missing = append(v.Missing, w.t("proof.missing."+string(m)))
	}
	for _, m := range w.Messages {
		v.Messages = append(v.Messages, message{When: w.moment(m.At), Who: w.who(m.Actor), Text: m.Body})
	}
	for i, n := range notes {
		v.Letters = append(v.Letters, w.letter(w.Letters[i], n))
	}
	for i, f := range w.Files {
		v.Files = append(v.Files, link{Href: fileName(i, f.File), Text: f.Name, About: w.moment(f.At) + " · " + w.who(f.Actor)})
	}
	return v, nil
}

func (w writer) t(key string, pairs ...any) string { return locale.T(w.lang, key, pairs...) }

// word names something by its ID, which stands for itself where there is no word for it.
func (w writer) word(prefix, id string) string {
	if id != "" && locale.Has(w.lang, prefix+id) {
		return w.t(prefix + id)
	}
	return id
}

func (w writer) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return locale.DateTime(w.lang, t.In(w.MadeAt.Location()))
}

func (w writer) day(d rights.Date) string {
	if d.IsZero() {
		return ""
	}
	return locale.Date(w.lang, d.In(time.UTC))
}

// who names the part somebody has. Of colleagues it gives the ID that the audit entries name them by.
func (w writer) who(a rights.Actor) string {
	switch {
	case a.Role == rights.RoleSubject:
		return w.t("proof.who.person")
	case a.Role == rights.RoleRecipient:
		return w.t("proof.who.recipient")
	case a.IsStaff():
		return w.t("proof.who.staff", "Role", w.t("staff.role."+string(a.Role)), "ID", a.ID)
	}
	return w.t("proof.who.portal")
}

func (w writer) ground(id string) (name, citation string) {
	if g := ground(w.Request, id); g != nil {
		return w.word("ground.", id), locale.Citation(w.lang, g.Citation)
	}
	return "", ""
}

func (w writer) factLines() []fact {
	r := w.Request
	ground, why := w.ground(r.Ground)
	lines := []fact{
		{w.t("proof.fact.reference"), r.Ref, ""},
		{w.t("proof.fact.right"), w.word("desk.right.", string(r.Called())), ""},
		{w.t("proof.fact.law"), w.word("regime.", r.Regime), w.word("regime.", r.Regime+".law")},
		{w.t("proof.fact.channel"), w.t("proof.channel." + string(r.Channel)), ""},
		{w.t("proof.fact.identity"), w.t("proof.identity." + string(r.Identity)), ""},
		{w.t("proof.fact.received"), w.moment(r.ReceivedAt), ""},
		{w.t("proof.fact.acknowledged"), w.moment(r.AcknowledgedAt), ""},
		{w.t("proof.fact.due"), w.day(r.Due), ""},
		{w.t("proof.fact.state"), w.word("desk.state.", string(r.State)), ""},
		{w.t("proof.fact.ground"), ground, why},
		{w.t("proof.fact.closed"), w.moment(r.ClosedAt), ""},
		{w.t("proof.fact.about"), w.About, ""},
		{w.t("proof.fact.keep"), w.day(w.KeepUntil.Due), locale.Citation(w.lang, w.KeepUntil.Citation)},
		{w.t("proof.fact.pseudonymised"), w.moment(r.PseudonymisedAt), ""},
	}
	if k := w.Correction; k != nil {
		lines = append(lines, fact{w.t("proof.fact.field"), k.Source + " · " + k.Collection + " · " + k.Field, ""},
			fact{w.t("proof.fact.old"), k.Old, ""}, fact{w.t("proof.fact.new"), k.New, ""}, fact{w.t("proof.fact.reason"), k.Reason, ""})
	}
	house := w.House.Name[w.lang]
	for _, more := range []string{w.House.Address, w.House.Contact} {
		if more != "" {
			house += "\n" + more
		}
	}
	lines = append(lines, fact{w.t("proof.fact.controller"), house, ""}, fact{w.t("proof.fact.authority"), w.House.Authority, ""})
	return slices.DeleteFunc(lines, func(f fact) bool { return f.Text == "" })
}

func (w writer) dates() []date {
	var out []date
	for _, d := range w.Request.Clock.Deadlines {
		line := date{What: w.word("kind.", string(d.Kind)), Day: w.day(d.Due), Citation: locale.Citation(w.lang, d.Citation)}
		if !d.At.IsZero() {
			line.Day = w.moment(d.At)
		}
		if d.StrictDue != d.Due {
			line.Strict = w.day(d.StrictDue)
		}
		for i, n := range d.Notes {
			if i > 0 {
				line.Notes += " "
			}
			line.Notes += w.t(n.Key, n.Pairs()...)
		}
		out = append(out, line)
	}
	return out
}

func (w writer) pauses() []string {
	var out []string
	for _, p := range w.Request.Clock.Pauses {
		to := w.t("proof.pause.open")
		if !p.To.IsZero() {
			to = w.day(p.To)
		}
		out = append(out, w.t("proof.pause."+p.Why, "From", w.day(p.From), "To", to))
	}
	return out
}

func (w writer) steps(events []rights.Event) []step {
	var out []step
	for _, e := range events {
		n := w.step(e)
		if shown := w.evidence(e); shown != "" {
			n.Text = shown
		}
		out = append(out, step{When: w.moment(e.At), What: w.stepWord(e), Who: w.who(e.Actor), Text: n.Text})
	}
	return out
}

// decided are the steps that moved the request, with where they left it.
func (w writer) decided() []step {
	var out []step
	for _, e := range w.moves() {
		now := e.Left
		s := step{When: w.moment(e.At), What: w.stepWord(e), Who: w.who(e.Actor), Text: w.t("proof.stands", "State", w.word("desk.state.", string(now.State)))}
		if !now.Due.IsZero() {
			s.Text = w.t("proof.stands.due", "State", w.word("desk.state.", string(now.State)), "Due", w.day(now.Due))
		}
		if name, citation := w.ground(now.Ground); name != "" {
			s.Why = w.t("proof.stands.ground", "Ground", name, "Citation", citation)
		}
		out = append(out, s)
	}
	return out
}

// stepWord says what happened in the words of the desk.
func (w writer) stepWord(e rights.Event) string {
	key, owner := "trail."+e.Kind, e.Facts["owner"]
	if e.Kind == "assigned" && owner == "" {
		key = "trail.unassigned"
	}
	if !locale.Has(w.lang, key) {
		return e.Kind
	}
	ground, _ := w.ground(e.Facts["ground"])
	field := strings.Join([]string{e.Facts["source"], e.Facts["collection"], e.Facts["field"]}, ".") // as the data map names it
	pairs := []any{
		"Owner", owner, "Ground", ground, "Ref", e.Facts["ref"], "Task", w.task(e.Facts["task"]), "Field", field, "Reason", w.word("reveal.reason.", e.Facts["reason"]),
		"Source", e.Facts["source"], "Trouble", w.word("erasure.trouble.", e.Facts["trouble"]), "Why", w.word("erasure.why.", e.Facts["why"]),
	}
	if until, err := rights.ParseDate(e.Facts["until"]); err == nil {
		pairs = append(pairs, "Until", w.day(until))
	}
	if records, err := strconv.Atoi(e.Facts["records"]); err == nil && e.Kind == "erased_in" {
		pairs = append(pairs, "Count", records)
	}
	return w.t(key, pairs...)
}

// evidence says who did what a step ticks and on which day, "" where that is not known or the task is open again.
func (w writer) evidence(e rights.Event) string {
	if e.Kind != "task_done" && e.Kind != "task_skipped" {
		return ""
	}
	for _, t := range w.Tasks {
		if t.ID == e.Facts["task"] && t.By != "" && !t.On.IsZero() {
			return w.t("tasks.evidence", "By", t.By, "Date", w.day(t.On))
		}
	}
	return ""
}

// task names what stood on the list. What a colleague put there in words of their own is for the team only.
func (w writer) task(id string) string {
	for _, t := range w.Tasks {
		if t.ID == id && t.Kind != rights.TaskOther {
			return w.t("task."+t.Kind, "Source", t.Source, "What", t.What)
		}
	}
	return w.t("proof.task.other")
}

func (w writer) letter(of Letter, n letterNote) letter {
	l := letter{What: w.word("desk.letter.", n.Kind), Fault: n.Fault}
	switch {
	case of.State == "sent" && of.ServerID == byPost:
		l.When = w.t("proof.letter.posted", "Date", w.moment(of.SentAt))
	case of.State == "sent" && of.ServerID == "":
		l.When = w.t("proof.letter.sent_unnamed", "Date", w.moment(of.SentAt))
	case of.State == "sent":
		l.When = w.t("proof.letter.sent", "Date", w.moment(of.SentAt), "ID", of.ServerID)
	default:
		l.When = w.t("proof.letter." + of.State)
	}
	for i, path := range n.Files {
		l.Files = append(l.Files, link{Href: path, Text: []string{"JSON", w.t("proof.part.text"), "HTML"}[i]})
	}
	return l
}

// byPost stands in the place of a server's name for a letter that went on paper.
const byPost = "post"
