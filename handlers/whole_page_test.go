package handlers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// What every answer and every page keeps to.

// guarded fails the test unless an answer carries what keeps browsers from harm.
func guarded(t *testing.T, what string, r reply) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
			"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %s is %q", what, name, got)
		}
	}
}

// nodes are the elements of an answer, in order.
func nodes(t *testing.T, r reply) (out []*html.Node) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			out = append(out, n)
		}
	}
	return out
}

// void are the elements that have no end.
var void = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// page fails the test unless an answer is one whole page: guarded, well-formed, with a title and one heading.
func page(t *testing.T, r reply) {
	t.Helper()
	what := r.Request
	guarded(t, fmt.Sprint(what), r)
	var open []string
	count := map[string]int{}
	z := html.NewTokenizer(strings.NewReader(r.Body))
	for token := z.Next(); token != html.ErrorToken; token = z.Next() {
		name, _ := z.TagName()
		switch tag := string(name); token {
		case html.StartTagToken:
			count[tag]++
			if !slices.Contains(void, tag) {
				open = append(open, tag)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != tag {
				t.Errorf("</%s> ends %v: %s", tag, open, plain(r.Body))
				return
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 || count["h1"] != 1 || count["title"] != 1 || count["main"] != 1 {
		t.Errorf("%v are open, %d h1, %d titles, %d main: %d %s", open, count["h1"], count["title"], count["main"], r.StatusCode, plain(r.Body))
	}
	if title := titleOf(r.Body); strings.TrimSpace(title) == "" {
		t.Errorf("the title is empty: %s", plain(r.Body))
	}
}

func titleOf(body string) string {
	_, rest, _ := strings.Cut(body, "<title>")
	title, _, _ := strings.Cut(rest, "</title>")
	return title
}
