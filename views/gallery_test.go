package views

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"habeas/locale"
)

var galleryDir = flag.String("gallery", "", "a directory to write every page into, to look at")

// draw renders one page of the gallery as a browser would get it.
func draw(t *testing.T, lang, name string, c templ.Component) string {
	t.Helper()
	page := Page{
		Lang: lang, Path: "/data?after=7", Brand: pick(lang, "Harbour & Home", "港湾家居"), Demo: true,
		PolicyURL: "https://shop.example/privacy", Contact: "privacy@shop.example",
		Authority: Link{pick(lang, "Data Protection Commission", "国家互联网信息办公室"), "https://authority.example/"},
		Active:    strings.SplitN(name, "-", 2)[0],
	}
	if !strings.HasPrefix(name, "start") && !strings.HasPrefix(name, "bare") {
		page.SignedInAs = "lin.qing@example.com"
	}
	if strings.HasSuffix(name, "-flash") {
		page.Flash = locale.T(lang, "consents.saved.all")
	}
	var b bytes.Buffer
	if err := c.Render(With(context.Background(), page), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEveryPageIsDrawnWellInEveryLanguage(t *testing.T) {
	for _, lang := range locale.Languages {
		for name, c := range gallery(lang) {
			t.Run(lang+"/"+name, func(t *testing.T) {
				page := draw(t, lang, name, c)
				inspect(t, lang, page)
				if *galleryDir != "" {
					if err := os.WriteFile(filepath.Join(*galleryDir, name+"."+lang+".html"), []byte(page), 0o644); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	}
}

// inspect holds a page to what every page of ours keeps.
func inspect(t *testing.T, lang, page string) {
	t.Helper()
	if len(page) > 40_000 {
		t.Errorf("the page has %d bytes", len(page))
	}
	for _, bad := range []string{"⟦", "<no value>", "%!"} {
		if at := strings.Index(page, bad); at >= 0 {
			t.Errorf("the page says %q", page[at:min(at+60, len(page))])
		}
	}
	doc, err := html.ParseWithOptions(strings.NewReader(page), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	e := elements(doc)
	properlyNested(t, page, e)
	policyKept(t, e)
	named(t, e)

	if n := len(e["h1"]); n != 1 {
		t.Errorf("%d h1", n)
	}
	if got := attr(e["html"][0], "lang"); got != lang {
		t.Errorf("lang %q", got)
	}
	title := text(e["title"][0])
	summaries := strings.Contains(page, `class="errsum"`)
	if summaries != strings.HasPrefix(title, locale.T(lang, "fault.prefix")) {
		t.Errorf("title %q, an error summary: %t", title, summaries)
	}
	level := 1
	for _, h := range headings(doc) {
		if int(h.Data[1]-'0') > level+1 {
			t.Errorf("heading %q jumps to %s", text(h), h.Data)
		}
		level = int(h.Data[1] - '0')
	}
}

// elements gathers the elements of a page by name, in order.
func elements(doc *html.Node) map[string][]*html.Node {
	out := map[string][]*html.Node{}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			out[n.Data] = append(out[n.Data], n)
		}
	}
	return out
}

func headings(doc *html.Node) []*html.Node {
	var out []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
			out = append(out, n)
		}
	}
	return out
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// properlyNested compares the tags as written with the tree a browser makes of them: where it had to repair, they differ.
func properlyNested(t *testing.T, page string, e map[string][]*html.Node) {
	t.Helper()
	written := map[string]int{}
	page = strings.NewReplacer("<noscript>", "", "</noscript>", "").Replace(page) // the tokenizer takes what is inside for text
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		if kind == html.StartTagToken || kind == html.SelfClosingTagToken {
			name, _ := z.TagName()
			written[string(name)]++
		}
	}
	for name, list := range e {
		if name != "noscript" && written[name] != len(list) {
			t.Errorf("<%s> is written %d times and read %d times", name, written[name], len(list))
		}
	}
}

var handlerAttribute = regexp.MustCompile(`^on[a-z]+$`)

// policyKept finds what the content security policy would block, and what reaches out.
func policyKept(t *testing.T, e map[string][]*html.Node) {
	t.Helper()
	if len(e["style"]) > 0 {
		t.Error("an inline style sheet")
	}
	for _, s := range e["script"] {
		if text(s) != "" || !strings.HasPrefix(attr(s, "src"), "/static/") {
			t.Errorf("a script that is inline or foreign: %q", attr(s, "src"))
		}
	}
	for _, list := range e {
		for _, n := range list {
			for _, a := range n.Attr {
				if a.Key == "style" || handlerAttribute.MatchString(a.Key) {
					t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
				}
				if strings.HasPrefix(a.Val, "javascript:") {
					t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
				}
			}
		}
	}
	for _, f := range e["form"] {
		if attr(f, "method") != "post" || !strings.HasPrefix(attr(f, "action"), "/") {
			t.Errorf("a form by %q to %q", attr(f, "method"), attr(f, "action"))
		}
	}
}

// named checks that whatever can be pressed or filled says what it is, and that references lead somewhere.
func named(t *testing.T, e map[string][]*html.Node) {
	t.Helper()
	ids := map[string]*html.Node{}
	labelled := map[string]bool{}
	for _, list := range e {
		for _, n := range list {
			if id := attr(n, "id"); id != "" {
				if ids[id] != nil {
					t.Errorf("two elements have the id %q", id)
				}
				ids[id] = n
			}
			if n.Data == "label" && text(n) != "" {
				labelled[attr(n, "for")] = true
			}
		}
	}
	for _, name := range []string{"input", "textarea", "select"} {
		for _, n := range e[name] {
			if attr(n, "type") != "hidden" && !labelled[attr(n, "id")] && attr(n, "aria-label") == "" {
				t.Errorf("<%s name=%q> has no label", name, attr(n, "name"))
			}
		}
	}
	for _, name := range []string{"a", "button", "summary"} {
		for _, n := range e[name] {
			if text(n) == "" && attr(n, "aria-label") == "" && attr(n, "aria-labelledby") == "" {
				t.Errorf("<%s href=%q> says nothing", name, attr(n, "href"))
			}
		}
	}
	for _, list := range e {
		for _, n := range list {
			for _, key := range []string{"aria-labelledby", "aria-describedby", "for"} {
				for _, id := range strings.Fields(attr(n, key)) {
					if ids[id] == nil {
						t.Errorf("<%s %s=%q> refers to nothing", n.Data, key, id)
					}
				}
			}
			if href := attr(n, "href"); strings.HasPrefix(href, "#") && ids[href[1:]] == nil {
				t.Errorf("the link %q leads nowhere", href)
			}
		}
	}
	for _, n := range e["progress"] {
		if attr(n, "aria-label") == "" {
			t.Error("a progress bar without a name")
		}
	}
}

func TestTheLanguageSwitchStaysOnThePage(t *testing.T) {
	for path, want := range map[string]string{
		"/":                           "/?lang=zh-CN",
		"/data/shop/orders?after=7":   "/data/shop/orders?after=7&lang=zh-CN",
		"/requests/new?lang=en&q=%26": "/requests/new?lang=zh-CN&q=%26",
	} {
		ctx := With(context.Background(), Page{Lang: "en", Path: path})
		if got := inLanguage(ctx, "zh-CN"); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestAnErrorPageIsDrawnWithoutAnythingKnown(t *testing.T) {
	var b bytes.Buffer
	if err := Problem(ProblemPage{Kind: "failed"}).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	inspect(t, "en", b.String())
}

func TestWhatPeopleWriteIsText(t *testing.T) {
	const payload = `"><script>alert(1)</script><a href="javascript:alert(1)">`
	for name, c := range map[string]templ.Component{
		"start":   Start(StartPage{Email: payload, Faults: []Fault{{"email", payload}}}),
		"correct": Correct(CorrectPage{Label: payload, Old: payload, New: payload, Long: true, ID: payload}),
		"request": Request(RequestPage{Title: payload, Messages: []Message{{From: payload, Text: payload}}, Result: Link{payload, "javascript:alert(1)"}}),
		"data": Data(DataPage{Address: payload, Categories: []Category{{Key: "c", Title: payload, Collections: []Collection{{Title: payload,
			Record: &Record{Title: payload, Fields: []Datum{{Label: payload, Value: payload, Why: payload}}}}}}}}),
	} {
		var b bytes.Buffer
		if err := c.Render(With(context.Background(), Page{Lang: "en", Path: "/", Brand: payload, SignedInAs: payload, Flash: payload}), &b); err != nil {
			t.Fatal(err)
		}
		doc, err := html.Parse(&b)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { policyKept(t, elements(doc)) })
	}
}
