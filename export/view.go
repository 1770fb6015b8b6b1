package export

import (
	"embed"
	"html/template"
	"slices"
	"strings"
	"time"

	"habeas/locale"
	"habeas/rights"
	"habeas/sources"
)

//go:embed pages
var files embed.FS

// style is the one style of a page, inline because a page is opened from a disk. The policy in each head allows it and
// nothing else: no page of a package may call anybody, wherever it is opened.
var style = func() template.CSS {
	text, err := files.ReadFile("pages/style.css")
	if err != nil {
		panic(err) // embedded
	}
	return template.CSS(text)
}()

var (
	indexPage   = template.Must(template.ParseFS(files, "pages/index.html", "pages/head.html"))
	recordsPage = template.Must(template.ParseFS(files, "pages/records.html", "pages/head.html"))
)

// frame is what every page has.
type frame struct{ Lang, House, Title string }

// T is a sentence in the language of the page.
func (f frame) T(key string, pairs ...any) string { return locale.T(f.Lang, key, pairs...) }

// Heading names the page in tabs and histories.
func (f frame) Heading() string { return f.Title + " · " + f.House }

// Style returns the style of every page.
func (f frame) Style() template.CSS { return style }

// fact is a label with what stands beside it.
type fact struct{ Label, Text string }

// facts are shown on demand.
type facts struct {
	Title string
	Facts []fact
}

// link leads to the same page in another language.
type link struct{ Href, Lang, Text string }

// pageView is a page of records.
type pageView struct {
	frame
	Range                 string
	Home                  string // the index
	First, Previous, Next string // pages; "" where there is none
	Withheld              facts
	Wide                  bool
	Heads                 []string      // of a table
	Body                  template.HTML // only the mark where records go
}

// indexView is the page a person begins with.
type indexView struct {
	frame
	Lead           string
	Whole          bool // not a supplement
	Others         []link
	Troubles, Kept []string // what is missing
	Facts          []fact
	PagesIn        string // that the records are in another language than this page
	Sources        []sourceView
	Consents       []fact
	Requests       []fact
	Route          string // how to complain
	Contact, Files []fact
}

// sourceView is one system with what it holds.
type sourceView struct {
	Title       string
	Collections []collectionView
	Empty       string // what it could hold and does not
}

type collectionView struct {
	Title, Count            string
	Page, JSON, CSV, Schema string // "" where nothing of it may be shown
	About, Withheld         facts
}

// house is the controller's name in a language, or in any that it has.
func (b *build) house(lang string) string { return sources.Text(b.Controller.Name).In(lang) }

func (b *build) indexView(lang string, notes []sourceNote) indexView {
	copied := "copy"
	if b.Supplement != nil {
		copied = "copy.supplement"
	}
	v := indexView{frame: frame{lang, b.house(lang), locale.T(lang, copied+".title")}, Whole: b.Supplement == nil}
	v.Lead = v.T(copied+".lead", "House", v.House, "Address", b.Mailbox, "Date", locale.DateTime(lang, b.MadeAt))
	for _, l := range b.languages() {
		if l != lang {
			v.Others = append(v.Others, link{b.indexName(l), l, locale.T(l, "language."+l)})
		}
	}
	if lang != b.Language {
		v.PagesIn = v.T("copy.pages_in", "Language", locale.T(lang, "language."+b.Language))
	}
	for _, s := range notes {
		v.Sources = append(v.Sources, b.sourceView(&v, s))
	}
	r := b.Request
	law := v.T("regime." + r.Regime + ".law")
	v.Facts = []fact{
		{v.T("copy.reference"), r.Ref},
		{v.T("copy.right"), v.T("right." + string(r.Called()))},
		{v.T("copy.law"), law},
		{v.T("copy.received"), b.day(lang, r)},
		{v.T("copy.records"), locale.Number(lang, b.done)},
	}
	v.Consents = b.consentFacts(lang)
	for _, q := range b.Requests {
		state := v.T("state." + string(q.State))
		if q.ID == r.ID && !b.incomplete() {
			state = v.T("copy.answered")
		}
		right := v.T("right." + string(q.Called()))
		v.Requests = append(v.Requests, fact{q.Ref, v.T("copy.request", "Right", right, "Date", b.day(lang, q), "State", state)})
	}
	v.Route = v.T(b.regime.RouteKey())
	v.Contact = given(fact{v.T("copy.controller"), v.House}, fact{v.T("copy.address"), b.Controller.Address}, fact{v.T("copy.contact"), b.Controller.Contact})
	names := []string{"pages", "csv", "json", "schema", "manifest", "activities"}
	if b.Request.Right == rights.Portability {
		names = slices.Insert(names, 3, "jsonld")
	}
	for _, name := range names {
		v.Files = append(v.Files, fact{v.T("copy.file." + name), v.T("copy.file." + name + ".text")})
	}
	return v
}

func (b *build) day(lang string, r rights.Request) string {
	return locale.Date(lang, r.ReceivedAt.In(b.MadeAt.Location()))
}

func (b *build) sourceView(v *indexView, s sourceNote) sourceView {
	out := sourceView{Title: s.Label[v.Lang]}
	var empty []string
	for _, c := range s.Collections {
		title := c.Label[v.Lang]
		switch c.State {
		case failed:
			v.Troubles = append(v.Troubles, v.T("copy.trouble", "Source", out.Title, "What", title, "Why", v.T("copy.kind."+c.Reason)))
		case keptBack:
			v.Kept = append(v.Kept, v.T("copy.kept.what", "Source", out.Title, "What", title))
		}
		if c.table == nil {
			if c.State == complete {
				empty = append(empty, title)
			}
			continue
		}
		if c.Files == nil && c.State == failed {
			continue
		}
		view := collectionView{
			Title: title, Count: v.T("count.records", "Count", c.Records, "Number", locale.Number(v.Lang, c.Records)),
			About:    facts{v.T("copy.about"), aboutFacts(v.Lang, c.about)},
			Withheld: facts{v.T("copy.withheld"), withheldFacts(v.Lang, c.Withheld)},
		}
		if c.Files != nil {
			view.JSON, view.CSV, view.Page, view.Schema = href(c.Files[0]), href(c.Files[1]), href(c.Files[2]), href(c.Files[len(c.Files)-1])
		}
		out.Collections = append(out.Collections, view)
	}
	if len(empty) > 0 {
		out.Empty = v.T("copy.empty", "What", strings.Join(empty, v.T("copy.comma")))
	}
	return out
}

// aboutFacts is what GDPR Art. 15(1)(a) to (g) and PIPL Art. 17 want told of a collection.
func aboutFacts(lang string, a sources.Activity) []fact {
	join := func(list []string) string { return strings.Join(list, "\n") }
	said := func(list []sources.Text) string {
		var out []string
		for _, t := range list {
			out = append(out, t.In(lang))
		}
		return join(out)
	}
	var bases, origins []string
	for _, x := range a.Bases {
		bases = append(bases, locale.T(lang, "copy.basis."+x))
	}
	for _, x := range a.Origins {
		origins = append(origins, locale.T(lang, "copy.origin."+string(x)))
	}
	return given(
		fact{locale.T(lang, "about.purpose"), said(a.Purposes)},
		fact{locale.T(lang, "about.basis"), join(bases)},
		fact{locale.T(lang, "about.retention"), said(a.Retention)},
		fact{locale.T(lang, "about.recipients"), said(a.Recipients)},
		fact{locale.T(lang, "about.origin"), join(origins)},
	)
}

// given leaves out facts with nothing to say.
func given(facts ...fact) []fact {
	return slices.DeleteFunc(facts, func(f fact) bool { return f.Text == "" })
}

func withheldFacts(lang string, notes []withheldNote) []fact {
	var out []fact
	for _, n := range notes {
		out = append(out, fact{n.Label[lang], locale.T(lang, "copy.shown."+n.Shown, "Ground", locale.T(lang, "copy.ground."+n.Ground), "Citation", n.Citation)})
	}
	return out
}

func (b *build) consentFacts(lang string) []fact {
	var out []fact
	for i, s := range rights.Standings(b.Purposes, b.Consents, b.MadeAt) {
		p := b.Purposes[i]
		if p.Basis != "consent" {
			continue
		}
		day := func(t time.Time) string { return locale.Date(lang, t.In(b.MadeAt.Location())) }
		text := locale.T(lang, "copy.choice.never")
		switch {
		case s.Choice == rights.Granted && !s.Until.IsZero() && !b.MadeAt.Before(s.Until):
			text = locale.T(lang, "copy.choice.expired", "Given", day(s.Since), "Date", day(s.Until))
		case s.Choice != "":
			text = locale.T(lang, "copy.choice."+string(s.Choice), "Date", day(s.Since))
		}
		out = append(out, fact{sources.Text(p.Title).In(lang), text})
	}
	return out
}

// readme is the file that people open first, in every language, the person's first. Lines end as Notepad wants.
func (b *build) readme() []byte {
	var out strings.Builder
	out.WriteString(byteOrderMark)
	text := "copy.readme"
	if b.Supplement != nil {
		text = "copy.supplement.readme"
	}
	for i, lang := range b.languages() {
		if i > 0 {
			out.WriteString("\n----\n\n")
		}
		out.WriteString(locale.T(lang, text, "House", b.house(lang), "Address", b.Mailbox, "Ref", b.Request.Ref,
			"Date", locale.DateTime(lang, b.MadeAt), "Index", b.indexName(lang), "Contact", b.Controller.Contact))
		out.WriteString("\n\n" + locale.T(lang, "copy.care") + "\n")
		if b.incomplete() {
			out.WriteString("\n" + locale.T(lang, "copy.incomplete") + " " + locale.T(lang, "copy.incomplete.text") + "\n")
		}
	}
	return []byte(strings.ReplaceAll(out.String(), "\n", "\r\n"))
}
