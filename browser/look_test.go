package browser

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"habeas/locale"
)

// sight is one page of the site map, and how to come to it.
type sight struct {
	name   string
	come   func(v *visitor)
	status int64 // 0 for 200
}

func at(name, path string) sight {
	return sight{name: name, come: func(v *visitor) { v.open(path) }}
}

func faulty(status int64, s sight) sight {
	s.status = status
	return s
}

// sent is the page that answers a form: opened, its field filled in and its button pressed.
func sent(name, path, label, text, button string) sight {
	return sight{name: name, come: func(v *visitor) {
		v.open(path)
		if label != "" {
			v.fill(v.T(label), text)
		}
		v.press(v.T(button))
	}}
}

// outside are the pages that anybody may see.
var outside = []sight{
	at("start", "/"),
	faulty(422, sent("start-422", "/", "start.email", "not an address", "start.go")),
	at("verify-elsewhere", "/verify"),
	sight{name: "verify", come: func(v *visitor) {
		v.open("/")
		v.fill(v.T("start.email"), "looker-"+strings.ToLower(v.lang)+"@elsewhere.example")
		v.press(v.T("start.go"))
	}},
	faulty(422, sent("verify-422", "/verify", "code.label", "12", "verify.go")),
	faulty(410, at("enter-gone", "/enter/AAAAAAAAAAAAAAAAAAAAAA")),
	faulty(410, at("stop-gone", "/stop/AAAAAAAAAAAAAAAAAAAAAA")),
	at("signed-out", "/signed-out"),
	at("signed-out-late", "/signed-out?late=1"),
	faulty(404, at("nowhere-404", "/nowhere")),
	faulty(429, sight{name: "too-many-429", come: func(v *visitor) {
		for ask(v.t, "flooded@elsewhere.example") != http.StatusTooManyRequests {
		}
		v.open("/")
		v.fill(v.T("start.email"), "flooded@elsewhere.example")
		v.press(v.T("start.go"))
	}}),
	at("staff-login", "/staff/login"),
	faulty(422, sent("staff-login-422", "/staff/login", "staff.login.email", "nobody@harbour-home.example", "staff.login.go")),
	faulty(410, at("staff-enrol-gone", "/staff/enrol/AAAAAAAAAAAAAAAAAAAAAA")),
	at("dev", "/dev"),
	at("dev-mail", "/dev/mail"),
	faulty(404, at("transparency-off", "/transparency")), // until an administrator publishes it
}

// ask lets somebody ask for a code, and returns the status of the answer.
func ask(t *testing.T, address string) int {
	t.Helper()
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := c.PostForm(base+"/", url.Values{"email": {address}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// own are the pages of a customer of eight years.
var own = []sight{
	at("data", "/data"),
	at("data-orders", "/data/shop/orders"),
	at("data-addresses", "/data/shop/addresses"),
	at("data-replies", "/data/shop/ticket_replies"),
	at("data-visits", "/data/shop/visits"),
	faulty(404, at("data-404", "/data/shop/nothing")),
	at("export", "/export"),
	sight{name: "correct", come: func(v *visitor) { v.open("/data"); v.press("[href*='field=phone']") }},
	faulty(422, sight{name: "correct-422", come: func(v *visitor) {
		v.open("/data")
		v.press("[href*='field=phone']")
		v.press(v.T("correct.check"))
	}}),
	sight{name: "correct-ask", come: func(v *visitor) { v.open("/data"); v.press("[href*='field=birth_date']") }},
	sight{name: "correct-check", come: func(v *visitor) {
		v.open("/data")
		v.press("[href*='field=birth_date']")
		v.fill(v.T("correct.new"), "1979-04-24")
		v.press(v.T("correct.check"))
	}},
	at("erase", "/erase"),
	at("consents", "/consents"),
	at("consents-history", "/consents/history"),
	at("choices", "/choices"),
	at("requests", "/requests"),
	at("requests-new", "/requests/new"),
	at("ask", "/requests/new?right=objection"),
	faulty(422, sent("ask-422", "/requests/new?right=complaint", "", "", "ask.send")),
	sight{name: "request", come: func(v *visitor) { v.open("/requests"); v.press(".items a") }},
	faulty(422, sight{name: "request-422", come: func(v *visitor) {
		v.open("/requests")
		v.press(".items a")
		v.press(v.T("request.send"))
	}}),
	sight{name: "request-cancel", come: func(v *visitor) { v.open("/requests"); v.press(".items a"); v.press("[href$='/cancel']") }},
	faulty(404, at("request-404", "/requests/HB-0000-0000")),
	at("activity", "/activity"),
	at("security", "/security"),
}

// theDesk are the pages of an administrator, who sees them all and may do less.
var theDesk = []sight{
	at("queue", "/staff/queue"),
	at("queue-closed", "/staff/queue?view=closed"),
	at("tasks", "/staff/tasks"),
	at("tasks-team", "/staff/tasks?team=archive"),
	at("queue-empty", "/staff/queue?view=all&q=nobody"),
	at("queue-routine", "/staff/queue?view=routine"),
	at("queue-filtered", "/staff/queue?view=all&right=access&regime=eu_gdpr&channel=portal&sort=received"),
	faulty(422, sight{name: "queue-keep-422", come: func(v *visitor) {
		v.open("/staff/queue?view=open&right=access")
		v.click(v.T("queue.keep"))
		v.press(v.T("queue.keep.go"))
	}}),
	sight{name: "desk", come: func(v *visitor) { v.open("/staff/queue"); v.press("[scope=row] a") }},
	sight{name: "desk-correction", come: func(v *visitor) { v.open("/staff/queue?view=all&right=rectification"); v.press("[scope=row] a") }},
	sight{name: "desk-refused", come: func(v *visitor) { v.open("/staff/queue?view=all&state=refused"); v.press("[scope=row] a") }},
	desk("desk-phone", "view=open&channel=phone"),
	desk("desk-letter", "view=open&channel=letter"),
	desk("desk-agent", "view=open&channel=email"),
	desk("desk-complaint", "view=open&right=complaint"),
	desk("desk-recipients", "view=closed&right=restriction"),
	at("holds", "/staff/holds"),
	faulty(404, at("desk-404", "/staff/requests/HB-0000-0000")),
	at("alerts", "/staff/alerts"),
	at("dashboard", "/staff/dashboard"),
	at("dashboard-year", "/staff/dashboard?from=2025-12-01&to=2026-11-30"),
	at("dashboard-empty", "/staff/dashboard?from=2019-01-01&to=2019-02-01"),
	faulty(422, at("dashboard-422", "/staff/dashboard?from=2026-02-31&to=2026-01-01")),
	at("ccpa", "/staff/dashboard/ccpa"),
	at("activities", "/staff/activities"),
	sight{name: "activities-open", come: func(v *visitor) { v.open("/staff/activities"); v.click(".record summary") }},
	at("activities-print", "/staff/activities/print"),
	at("activities-versions", "/staff/activities/versions"),
	at("activities-diff", "/staff/activities/diff"),
	at("activities-same", "/staff/activities/diff?from=1&to=1"),
	at("retention", "/staff/retention"),
	sight{name: "retention-preview", come: func(v *visitor) { v.open("/staff/retention"); v.press(".destructions [scope=row] a") }},
	sight{name: "retention-record", come: func(v *visitor) { v.open("/staff/retention"); v.press("[aria-labelledby=over-t] [scope=row] a") }},
	at("reviews", "/staff/reviews"),
	sight{name: "review", come: func(v *visitor) { v.open("/staff/reviews"); v.press(".aside .rows a") }},
}

// desk is the page of the first request of a list.
func desk(name, list string, then ...string) sight {
	return sight{name: name, come: func(v *visitor) {
		v.open("/staff/queue?" + list)
		v.press("[scope=row] a")
		for _, link := range then {
			v.press(link)
		}
	}}
}

var theOfficers = []sight{
	at("register", "/staff/requests/new"),
	faulty(422, sent("register-422", "/staff/requests/new", "register.mailbox", "nobody", "register.check")),
	desk("desk-data", "view=open&right=portability", ".facts [href$='/data']"),
	desk("desk-records", "view=open&right=portability", ".facts [href$='/data']", "[href*='/data/shop/']"),
	desk("desk-sent", "view=closed&right=objection", ".aside [href*='/letters/']"),
	desk("desk-proof", "view=closed&right=objection", ".aside [href$='/proof']"),
	desk("desk-person", "view=open&right=portability", ".facts [href*='/people/']"),
	at("people", "/staff/people"),
	at("people-nobody", "/staff/people?q=nobody@nowhere.example"),
	sight{name: "desk-acts", come: func(v *visitor) { // every form of the page at once
		v.open("/staff/queue?view=open&right=portability")
		v.press("[scope=row] a")
		get[bool](v, "() => { document.querySelectorAll('main details').forEach(d => d.open = true); return true }")
	}},
	ticking("queue-check", "fulfil"),
	faulty(422, ticking("queue-422", "assign")), // to nobody yet
	sight{name: "desk-check", come: func(v *visitor) {
		v.open("/staff/queue?view=open&right=explanation")
		v.press("[scope=row] a")
		v.click("[name=decide]:first-of-type summary")
		v.press(v.T("act.letter"))
	}},
	faulty(422, sight{name: "desk-422", come: func(v *visitor) {
		v.open("/staff/queue?view=open&right=explanation")
		v.press("[scope=row] a")
		v.press(v.T("desk.note.go"))
	}}),
}

// ticking ticks a request and does something with what is ticked.
func ticking(name, act string) sight {
	return sight{name: name, come: func(v *visitor) {
		v.open("/staff/queue?view=open&right=explanation")
		v.click("[name^='pick.']")
		v.press("[name=act][value=" + act + "]")
	}}
}

var theAdmins = []sight{
	at("team", "/staff/team"),
	faulty(422, sent("team-422", "/staff/team", "team.name", "", "team.invite.go")),
	sight{name: "team-role", come: func(v *visitor) { v.open("/staff/team"); v.press("[href*='/staff/team/role']") }},
	at("alerts-empty", "/staff/alerts"),
	at("approvals", "/staff/approvals"),
	sight{name: "approval", come: func(v *visitor) { v.open("/staff/approvals"); v.press(".rows a") }},
	at("settings", "/staff/settings"),
	faulty(422, sent("settings-422", "/staff/settings", "settings.due_soon_days", "soon", "settings.save")),
	at("holidays", "/staff/settings/holidays"),
	faulty(422, sent("holidays-422", "/staff/settings/holidays/CN", "holidays.lines", "2027 13-01", "settings.save")),
	at("clocks", "/staff/settings/clocks"),
	at("templates", "/staff/templates"),
	at("template", "/staff/templates/refused/en"),
	faulty(422, sight{name: "retention-422", come: func(v *visitor) {
		v.open("/staff/retention")
		v.press(".destructions [scope=row] a")
		v.press("[value=decline]")
	}}),
	faulty(422, sent("template-422", "/staff/templates/refused/en", "template.text", "{{nobody}}", "template.save")),
}

// TestEveryPageIsFitToBeSeen looks at every page of the site map in both languages, on a desk and on a phone, by day and
// by night.
func TestEveryPageIsFitToBeSeen(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile("testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, tour := range []struct {
		name, who string
		sights    []sight
	}{
		{"outside", "", outside},
		{"customer", "maeve.gallagher@mail.example", own},
		{"nobody", "nobody.here@elsewhere.example", []sight{at("nothing", "/data")}},
		{"shared", "family@lindqvist.example", []sight{at("choose", "/choose")}},
		{"desk", officer, append(theDesk, theOfficers...)},
		{"team", "tomas.novak@harbour-home.example", theAdmins},
	} {
		for _, lang := range locale.Languages {
			t.Run(tour.name+" "+lang, func(t *testing.T) {
				t.Parallel()
				v := arrive(t, eyes{lang: lang})
				if tour.who == "" {
					v.open("/?lang=" + lang)
				} else {
					v.signsInAs(tour.who)
				}
				for _, s := range tour.sights {
					v.visits(s, string(axe))
				}
			})
		}
	}
}

const kilobyte = 1000

// install puts axe into the page, past its content policy.
func (v *visitor) install(axe string) {
	v.t.Helper()
	if _, err := chromedp.Run(v.ctx, chromedp.Evaluate[*runtime.RemoteObject](axe)); err != nil {
		v.t.Fatalf("axe: %v", err)
	}
}

// visits looks at one page in every light. The page is loaded once: what changes is the window and the colours.
func (v *visitor) visits(s sight, axe string) {
	v.t.Helper()
	s.come(v)
	if s.status == 0 {
		s.status = http.StatusOK
	}
	v.answered(s.status)
	if weight := v.weighs(); weight > 100*kilobyte {
		v.t.Errorf("%s: %d bytes came over the network", s.name, weight)
	}
	if lang := get[string](v, "() => document.documentElement.lang"); lang != v.lang {
		v.t.Errorf("%s: html lang is %q", s.name, lang)
	}
	if s.status == http.StatusUnprocessableEntity {
		v.showsFaults(s.name)
	}
	v.install(axe)
	for _, view := range []struct {
		name  string
		eyes  eyes
		rules []string // nil for all
	}{
		{"desktop", eyes{width: 1280}, nil},
		{"desktop-dark", eyes{width: 1280, dark: true}, []string{"color-contrast", "link-in-text-block"}},
		{"phone-dark", eyes{width: 390, dark: true}, []string{"color-contrast", "link-in-text-block"}},
		{"phone", eyes{width: 390}, nil},
		{"narrow", eyes{width: 320}, []string{}}, // 1280 at 400 % (WCAG 1.4.10)
	} {
		v.look(view.eyes)
		where := fmt.Sprintf("%s %s %s", s.name, v.lang, view.name)
		if wide := get[string](v, overflow, view.eyes.width); wide != "" {
			v.t.Errorf("%s: wider than the window: %s", where, wide)
		}
		if thin := get[string](v, squeezed); thin != "" {
			v.t.Errorf("%s: one letter a line: %s", where, thin)
		}
		if view.rules == nil || len(view.rules) > 0 {
			for _, fault := range get[[]string](v, examine, view.rules) {
				v.t.Errorf("%s: %s", where, fault)
			}
		}
		v.shot("look/" + s.name + "-" + v.lang + "-" + view.name)
	}
	v.look(eyes{})
}

// overflow names what makes the page scroll sideways in a window of that width.
const overflow = `(width) => {
  const root = document.documentElement;
  if (root.scrollWidth <= width && window.innerWidth <= width) return "";
  const wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > width + 1 && e.checkVisibility());
  const name = e => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (e.className ? "." + String(e.className).replace(/ /g, ".") : "");
  return root.scrollWidth + " in " + width + ": " + wide.slice(0, 4).map(name).join(", ");
}`

// squeezed names a text that stands in a column of a letter or two.
const squeezed = `() => {
  const thin = [...document.querySelectorAll("main :is(p, b, a, h2, h3, dt, dd, td, li, label)")].find(e => {
    const box = e.getBoundingClientRect(), letter = parseFloat(getComputedStyle(e).fontSize);
    return e.textContent.trim().length > 8 && !e.closest(".vh") && box.width < 2 * letter && box.height > 6 * letter && e.checkVisibility();
  });
  return thin ? thin.textContent.trim().slice(0, 60) : "";
}`

// examine asks axe: WCAG 2.2 A and AA, and its best practices.
const examine = `async (rules) => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await axe.run(document, {
    runOnly: rules ? {type: "rule", values: rules} : {type: "tag", values: tags}, resultTypes: ["violations"], iframes: false, preload: false, selectors: false,
  });
  return found.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.html.slice(0, 160) + " " + (n.any[0] ?? n.all[0] ?? n.none[0])?.message));
}`

// showsFaults asserts that a form sent back says first what is wrong, in the title too, and that its summary has the focus
// and leads to the fields.
func (v *visitor) showsFaults(name string) {
	v.t.Helper()
	type summary struct {
		Focused, First bool
		Title          string
		Dead           []string
	}
	s := get[summary](v, `() => {
	  const s = document.querySelector(".errsum");
	  return {
	    focused: document.activeElement === s, title: document.title,
	    first: s?.compareDocumentPosition(document.querySelector("h1")) === Node.DOCUMENT_POSITION_FOLLOWING,
	    dead: [...(s?.querySelectorAll("a") ?? [])].map(a => a.getAttribute("href")).filter(h => !document.querySelector(h)),
	  };
	}`)
	if !s.Focused || !s.First {
		v.t.Errorf("%s: the error summary has the focus: %v, stands first: %v", name, s.Focused, s.First)
	}
	if !strings.HasPrefix(s.Title, v.T("fault.prefix")) {
		v.t.Errorf("%s: the title is %q", name, s.Title)
	}
	if len(s.Dead) > 0 {
		v.t.Errorf("%s: the summary leads nowhere: %q", name, s.Dead)
	}
}

// TestTheExaminerFindsFaults keeps the tour honest: it would be green, too, if axe never ran.
func TestTheExaminerFindsFaults(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile("testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	v := arrive(t, eyes{width: 390})
	v.open("/")
	v.install(string(axe))
	get[any](v, `() => {
	  document.querySelector("label").remove();
	  document.querySelector("h1").style.width = "600px";
	  return 0;
	}`)
	if found := strings.Join(get[[]string](v, examine, []string(nil)), "\n"); !strings.Contains(found, "label: ") {
		t.Errorf("a field without a label is not found: %s", found)
	}
	if wide := get[string](v, overflow, 390); !strings.Contains(wide, "h1") {
		t.Errorf("a title that is too wide is not found: %q", wide)
	}
}
