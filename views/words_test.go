package views

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/a-h/templ/parser/v2"

	"habeas/locale"
)

func templates(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.templ")
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	return files
}

// spoken are the attributes that a person reads or hears.
var spoken = map[string]bool{"aria-label": true, "title": true, "placeholder": true, "alt": true, "aria-description": true, "label": true}

func TestEveryWordInTemplatesComesFromLocale(t *testing.T) {
	for _, file := range templates(t) {
		parsed, err := parser.Parse(file)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		for _, n := range parsed.Nodes {
			if component, ok := n.(*parser.HTMLTemplate); ok {
				walk(component.Children, func(text string) {
					if strings.ContainsFunc(text, unicode.IsLetter) || strings.ContainsAny(text, ",:;.!?") {
						t.Errorf("%s: %q bypasses locale", file, text)
					}
				})
			}
		}
	}
}

// walk calls say with each text that stands in a template as it is.
func walk(nodes []parser.Node, say func(string)) {
	for _, n := range nodes {
		switch n := n.(type) {
		case *parser.Text:
			say(n.Value)
		case *parser.Element:
			for _, a := range n.Attributes {
				if c, ok := a.(*parser.ConstantAttribute); ok && spoken[c.Key.String()] {
					say(c.Value)
				}
			}
			if n.Name != "kbd" { // the name of a key is the same in every language
				walk(n.Children, say)
			}
		case *parser.RawElement:
			say(n.Contents)
		case *parser.IfExpression:
			walk(n.Then, say)
			for _, e := range n.ElseIfs {
				walk(e.Then, say)
			}
			walk(n.Else, say)
		case *parser.SwitchExpression:
			for _, c := range n.Cases {
				walk(c.Children, say)
			}
		case *parser.ForExpression:
			walk(n.Children, say)
		case *parser.TemplElementExpression:
			walk(n.Children, say)
		}
	}
}

var (
	wholeKey = regexp.MustCompile(`T\(ctx, "([^"]+)"[,)]`)
	keyPart  = regexp.MustCompile(`T\(ctx, ("[^"]*"\s*\+|[^"])`)
)

// made lists the keys that templates put together from a model, each with every value it can take. A template that
// makes a key any other way fails below.
var made = map[string][]string{
	`"verify."+m.State+".title"`:  {"verify.expired.title", "verify.locked.title"},
	`"verify."+m.State+".text"`:   {"verify.expired.text", "verify.locked.text"},
	`"package."+m.State+".title"`: each("package.", []string{"queued", "building", "ready", "failed", "expired", "stopped"}, ".title"),
	`"package."+m.State+".text"`:  each("package.", []string{"queued", "building", "ready", "failed", "expired", "stopped"}, ".text"),
	`"done."+m.Kind+".title"`:     each("done.", []string{"corrected", "correct_asked", "erase", "asked"}, ".title"),
	`"problem."+m.Kind+".title"`:  each("problem.", problems, ".title"),
	`"problem."+m.Kind+".text"`:   each("problem.", problems, ".text"),
	`"problem."+m.Kind+".do"`:     each("problem.", problems, ".do"),
	`m.title()`:                   {"correct.title", "correct.ask.title"},
	`label`:                       {"nav.data", "nav.consents", "nav.requests", "nav.activity", "nav.security"},
	`key`:                         {"acts.export", "acts.erase", "acts.consents", "acts.other"},
	`key+".text"`:                 {"acts.export.text", "acts.erase.text", "acts.consents.text", "acts.other.text"},
}

var problems = []string{"not_found", "forbidden", "conflict", "too_large", "bad_request", "too_many", "failed", "offline",
	"fault_down", "fault_slow", "fault_busy", "fault_changed", "fault_denied", "fault_large", "fault_refused", "fault_broken", "fault_full"}

func each(before string, values []string, after string) []string {
	var out []string
	for _, v := range values {
		out = append(out, before+v+after)
	}
	return out
}

func TestEveryKeyInTemplatesExists(t *testing.T) {
	files := append(templates(t), "page.go", "done.go")
	for _, file := range files {
		if strings.HasPrefix(file, "staff") || strings.HasPrefix(file, "dev") {
			continue // these have keys and tests of their own
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range wholeKey.FindAllStringSubmatch(string(b), -1) {
			exists(t, file, m[1])
		}
		for _, m := range keyPart.FindAllStringIndex(string(b), -1) {
			expression := argument(string(b)[m[0]+len("T(ctx, "):])
			keys, known := made[expression]
			if !known {
				t.Errorf("%s: %s makes a key that this test does not know", file, expression)
			}
			for _, key := range keys {
				exists(t, file, key)
			}
		}
	}
}

// argument returns the source of a call's argument, up to its comma or the end of the call.
func argument(src string) string {
	depth := 0
	for i, c := range src {
		switch {
		case c == '(':
			depth++
		case c == ')' && depth == 0, c == ',' && depth == 0:
			return strings.TrimSpace(src[:i])
		case c == ')':
			depth--
		}
	}
	return src
}

func exists(t *testing.T, file, key string) {
	t.Helper()
	for _, lang := range locale.Languages {
		if !locale.Has(lang, key) {
			t.Errorf("%s: %s has no words in %s", file, key, lang)
		}
	}
}
