// Package views draws the pages: templ components and the plain view models they take. A model holds sentences,
// formatted dates and addresses that a handler has made; a template formats nothing, queries nothing and never sees a
// domain type. The package knows locale for its fixed words and static for addresses of files, and nothing else of ours.
package views

import (
	"context"
	"net/url"

	"habeas/locale"
)

// Page is what every page shows around its content. Handlers put it into the context with With.
type Page struct {
	Lang       string // a language of locale
	Path       string // of this page, with its query: where the language switch leads back to
	Brand      string // the organisation's name in Lang
	SignedInAs string // the mailbox as it may be shown; "" for nobody
	Demo       bool   // says so on every page
	Flash      string // a sentence in Lang about what was just done; "" for none
	Active     string // the tab this page belongs to: data, consents, requests, activity, security
	PolicyURL  string // the organisation's privacy notice; "" for none
	Contact    string // the mailbox of the privacy team; "" for none
	Authority  Link   // the supervisory authority; zero for none
	Theme      string // "" follows the device; "light" and "dark" do not
}

// Link is an address and the words that lead there.
type Link struct{ Text, Href string }

// Fault is bad input in one field, as a sentence in the reader's language.
type Fault struct{ Field, Text string }

type pageKey struct{}

// With returns a context that carries p to every component drawn with it.
func With(ctx context.Context, p Page) context.Context {
	return context.WithValue(ctx, pageKey{}, &p)
}

// noPage lets an error page be drawn even before anything about the asker is known.
var noPage = &Page{Lang: locale.English, Path: "/"}

// Of returns the page that ctx carries.
func Of(ctx context.Context) *Page {
	if p, ok := ctx.Value(pageKey{}).(*Page); ok {
		return p
	}
	return noPage
}

// T returns the sentence of key in the page's language. Pairs fill its placeholders, as in locale.T.
func T(ctx context.Context, key string, pairs ...any) string {
	return locale.T(Of(ctx).Lang, key, pairs...)
}

// CorrectURL is the address of the form that corrects one field of one record.
func CorrectURL(source, collection, record, field string) string {
	return "/correct?" + url.Values{"source": {source}, "collection": {collection}, "id": {record}, "field": {field}}.Encode()
}

// inLanguage is the address of this page in another language, its query kept.
func inLanguage(ctx context.Context, lang string) string {
	u, err := url.Parse(Of(ctx).Path)
	if err != nil {
		return "/?lang=" + lang // a path that cannot be read back is not worth keeping
	}
	q := u.Query()
	q.Set("lang", lang)
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

// home is where the brand leads: a signed-in person's data, or the start.
func home(ctx context.Context) string {
	if Of(ctx).SignedInAs != "" {
		return "/data"
	}
	return "/"
}

// faultOf returns what is wrong with a field, or "".
func faultOf(faults []Fault, field string) string {
	for _, f := range faults {
		if f.Field == field {
			return f.Text
		}
	}
	return ""
}

// titled puts "Error:" before the title of a page that reports faults: it is the first thing a screen reader says.
func titled(ctx context.Context, title string, faults []Fault) string {
	if len(faults) > 0 {
		return T(ctx, "fault.prefix") + " " + title
	}
	return title
}

// brandLine names whose privacy centre this is, in the title of each page.
func brandLine(ctx context.Context) string {
	if b := Of(ctx).Brand; b != "" {
		return b + " " + T(ctx, "layout.area")
	}
	return T(ctx, "layout.area")
}
