package handlers_test

import (
	_ "embed"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"habeas/rights"
)

// What somebody writes is text, wherever it comes back.

//go:embed testdata/xss.txt
var xssText string

// payloads are what would run, load or break out where text is taken for markup.
func payloads(t *testing.T) []string {
	t.Helper()
	list := strings.Split(strings.TrimSuffix(xssText, "\n"), "\n")
	if len(list) < 80 {
		t.Fatalf("only %d payloads", len(list))
	}
	return list
}

// bones are the elements and attributes of an answer, with the values of those that load or lead somewhere, or run.
func bones(t *testing.T, r reply) []string {
	t.Helper()
	var out []string
	for _, n := range nodes(t, r) {
		bone := n.Data
		for _, a := range n.Attr {
			bone += " " + a.Key
			leads := slices.Contains([]string{"href", "src", "action", "formaction", "xlink:href", "srcset", "poster", "data"}, a.Key)
			if leads && !ours(a.Val) {
				bone += "=" + a.Val
			}
		}
		out = append(out, bone)
	}
	return out
}

// ours reports whether an address is a path of this site, a mailbox, or one of the two foreign addresses at the foot.
func ours(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "" && u.Host == "" || u.Scheme == "mailto" || u.Host == "shop.test" || u.Host == "authority.test")
}

// harmless is what a payload is compared with: as long, and of characters that mean nothing.
func harmless(payload string) string {
	return strings.Repeat("a", max(1, len([]rune(strings.TrimSpace(payload)))))
}

// inert fails the test unless a page has the same bones with the payload as with harmless text, and says what was typed.
func inert(t *testing.T, where, payload string, with, without reply, shown bool) {
	t.Helper()
	if with.StatusCode != without.StatusCode {
		t.Errorf("%s: %q is answered %d, harmless text %d", where, payload, with.StatusCode, without.StatusCode)
		return
	}
	a, b := bones(t, with), bones(t, without)
	if !slices.Equal(a, b) {
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Errorf("%s: %q makes <%s> of <%s>", where, payload, a[i], b[i])
				return
			}
		}
		t.Errorf("%s: %q makes %d elements of %d", where, payload, len(a), len(b))
	}
	if shown && !holds(t, with, payload) {
		t.Errorf("%s: %q is not shown as it was typed", where, payload)
	}
}

// holds reports whether a page holds a text, as text or as the value of a field.
func holds(t *testing.T, r reply, text string) bool {
	t.Helper()
	text = strings.TrimSpace(text)
	root, err := html.Parse(strings.NewReader(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.TextNode && strings.Contains(n.Data, text) {
			return true
		}
		for _, a := range n.Attr {
			if a.Key == "value" && strings.Contains(a.Val, text) {
				return true
			}
		}
	}
	return false
}

func TestTheComparisonSeesWhatIsNotText(t *testing.T) {
	seen := 0
	for _, x := range payloads(t) {
		for _, frame := range []string{"<main>%s</main>", `<main><input value="%s"></main>`, "<main><a href='%s'>x</a></main>"} {
			with, without := reply{Body: fmt.Sprintf(frame, x)}, reply{Body: fmt.Sprintf(frame, harmless(x))}
			if !slices.Equal(bones(t, with), bones(t, without)) {
				seen++
				break
			}
		}
	}
	if seen < 80 {
		t.Errorf("of %d payloads it sees %d", len(payloads(t)), seen)
	}
}

func TestWhatComesBackAtOnceIsText(t *testing.T) {
	s := newPortal(t)
	stranger, b := s.browser(), s.customer(marta)
	desk, admin := s.staff(rights.RoleOfficer), s.staff(rights.RoleAdmin)
	var searchers []*officer // a member of staff may search 50 times a day
	for i := range 2*len(payloads(t))/40 + 1 {
		searchers = append(searchers, s.named(fmt.Sprintf("searcher%d@shop.test", i), "Mei Searcher", rights.RoleOfficer))
	}
	searches := 0
	search := func(x string) reply {
		searches++
		return searchers[searches/40].get("/staff/queue?q=" + url.QueryEscape(x))
	}
	half := s.customer(family)
	ref := b.ask(rights.Objection, "x")
	long := strings.Repeat("a", 4001)
	note := func(more ...string) []string {
		return append([]string{"source", "shop", "collection", "orders", "id", "11", "field", "note", "old", "Leave it with the neighbour"}, more...)
	}
	for _, c := range []struct {
		where string
		shown bool
		ask   func(text string) reply
	}{
		{"the address at the start", true, func(x string) reply { return stranger.post("/", "email", x+" ") }},
		{"the code", false, func(x string) reply { return stranger.post("/verify", "code", x) }},
		{"the token of a link", false, func(x string) reply { return stranger.get("/enter/" + url.PathEscape(x)) }},
		{"the token of a stop", false, func(x string) reply { return stranger.get("/stop/" + url.PathEscape(x)) }},
		{"an address that is not there", false, func(x string) reply { return stranger.get("/" + url.PathEscape(x+"z")) }},
		{"the language", false, func(x string) reply { return stranger.get("/?lang=" + url.QueryEscape(x)) }},
		{"a return", false, func(x string) reply { return b.get("/?return=" + url.QueryEscape(x)) }},
		{"a request in words", true, func(x string) reply { return b.post("/requests", "right", "objection", "text", x+long) }},
		{"a right", false, func(x string) reply { return b.post("/requests", "right", x, "text", "x") }},
		{"a regime", false, func(x string) reply { return b.post("/requests", "right", "objection", "regime", x, "text", "x") }},
		{"a message", true, func(x string) reply { return b.post("/requests/"+ref+"/messages", "text", x+long) }},
		{"a new value", true, func(x string) reply { return b.post("/correct", note("value", x)...) }},
		{"a reason", true, func(x string) reply { return b.post("/correct", note("value", "new", "reason", x)...) }},
		{"a reason that is too long", true, func(x string) reply { return b.post("/correct", note("value", "new", "reason", x+long)...) }},
		{"a new value that came too late", true, func(x string) reply {
			return b.post("/correct", "source", "shop", "collection", "orders", "id", "11", "field", "note", "old", "other", "value", x)
		}},
		{"an old value", true, func(x string) reply {
			return b.post("/correct", "source", "shop", "collection", "orders", "id", "11", "field", "note", "old", x, "value", "new")
		}},
		{"a page mark", false, func(x string) reply { return b.get("/requests?after=" + url.QueryEscape(x)) }},
		{"a choice", false, func(x string) reply { return b.post("/consents/newsletter", "state", x) }},
		{"a purpose", false, func(x string) reply { return b.post("/consents/"+url.PathEscape(x+"z"), "state", "granted") }},
		{"a search of the queue", true, search},
		{"a note", true, func(x string) reply {
			return desk.post("/staff/requests/"+ref+"/note", "version", "1", "text", x+long)
		}},
		{"the address of a colleague", true, func(x string) reply {
			return admin.post("/staff/team/invite", "email", x+" ", "name", "x", "role", "officer", "language", "en")
		}},
		{"the name of a colleague", true, func(x string) reply {
			return admin.post("/staff/team/invite", "email", "no", "name", x, "role", "officer", "language", "en")
		}},
		{"the address at the desk's door", true, func(x string) reply {
			return s.browser().post("/staff/login", "email", x+" ", "password", "x")
		}},
	} {
		t.Run(c.where, func(t *testing.T) {
			plainly := map[string]reply{}
			for _, x := range payloads(t) {
				same := harmless(x)
				if _, asked := plainly[same]; !asked {
					plainly[same] = c.ask(same)
				}
				inert(t, c.where, x, c.ask(x), plainly[same], c.shown && !strings.Contains(x, "@"))
			}
		})
	}
	t.Run("a second datum", func(t *testing.T) { // five tries a day
		for _, x := range payloads(t)[:2] {
			inert(t, "a second datum", x, half.post("/choose", "datum", x), half.post("/choose", "datum", harmless(x)), true)
		}
	})
}

func TestWhatWaitsForAProofIsText(t *testing.T) {
	s := newPortal(t)
	b := s.customer(marta)
	s.clock.Advance(11 * time.Minute)
	for _, x := range payloads(t) {
		ask := func(x string) reply {
			return b.post("/correct", "source", "shop", "collection", "orders", "id", "11", "field", "note", "old", x, "value", x, "reason", x, x+"z", x)
		}
		inert(t, "a form that waits", x, ask(x), ask(harmless(x)), true)
	}
}

func TestWhatWasStoredComesBackAsText(t *testing.T) {
	plainly, evil := newPortal(t), newPortal(t)
	type shownAt struct {
		where string
		reply reply
	}
	draw := func(s *site, text func(string) string) (pages []shownAt) {
		b := s.customer(marta)
		officer := s.staff(rights.RoleOfficer)
		who, err := s.Who(t.Context(), b.cookies["habeas"])
		s.must(err)
		desk, err := s.Who(t.Context(), officer.cookies["habeas"])
		s.must(err)
		ref := b.ask(rights.Objection, text("First words"))
		changed := b.post("/correct", "source", "shop", "collection", "orders", "id", "11", "field", "note", "old", "Leave it with the neighbour",
			"value", text("<new value>"), "reason", text("<reason>"), "confirm", "yes").filed(t)
		for i, x := range payloads(t) {
			s.must(s.Say(t.Context(), who.Actor, ref, text(x)+"."))
			s.must(s.Note(t.Context(), desk.Actor, ref, 1, text(x)+"."))
			s.execute(fmt.Sprintf("INSERT INTO orders VALUES (%d, 1, '%[2]s', '%[2]s', '%[2]s')", 100+i, strings.ReplaceAll(text(x), "'", "''")))
			s.clock.Advance(49 * time.Minute)
		}
		s.execute(fmt.Sprintf("UPDATE customers SET name = '%[1]s', phone = '%[1]s', postcode = '%[1]s', birthday = '%[1]s' WHERE id = 1",
			strings.ReplaceAll(text(strings.Join(payloads(t), " ")), "'", "''")))
		b = s.customer(marta)
		get := func(who *browser, path string) {
			r := who.get(path)
			pages = append(pages, shownAt{path, r})
			page(t, r)
		}
		get(b, "/data")
		get(b, "/data/shop/customers")
		get(b, "/data/shop/orders")
		get(b, "/data/shop/orders?after=150")
		get(b, "/correct?source=shop&collection=customers&id=1&field=name")
		get(b, "/correct?source=shop&collection=customers&id=1&field=phone")
		get(b, "/requests/"+ref)
		get(b, "/requests/"+changed)
		get(b, "/requests/"+changed+"/done?kind=corrected")
		get(b, "/activity")
		again := officer.again()
		get(again.browser, "/staff/requests/"+ref)
		get(again.browser, "/staff/requests/"+changed)
		get(again.browser, "/staff/queue?view=all")
		return pages
	}
	without := draw(plainly, harmless)
	with := draw(evil, func(x string) string { return x })
	for i, p := range with {
		p.reply.want(t, http.StatusOK)
		if a, b := bones(t, p.reply), bones(t, without[i].reply); !slices.Equal(a, b) {
			for j := range min(len(a), len(b)) {
				if a[j] != b[j] {
					t.Errorf("%s has <%s> where harmless text leaves <%s>", p.where, a[j], b[j])
					break
				}
			}
			t.Errorf("%s has %d elements, with harmless text %d", p.where, len(a), len(b))
		}
	}
	for _, x := range payloads(t) {
		for _, i := range []int{6, 10} { // the conversation, as the person and as the officer read it
			if !holds(t, with[i].reply, x) {
				t.Errorf("%s does not show %q as it was typed", with[i].where, x)
			}
		}
	}
}
