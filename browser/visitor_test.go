package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"habeas/locale"
)

// visitor is somebody in front of a browser with a profile of their own. Whatever goes wrong in their browser meanwhile, in
// the console, by the content policy or on the network, fails the test in the end.
type visitor struct {
	t    *testing.T
	ctx  context.Context
	lang string

	mu        sync.Mutex
	main      cdp.FrameID
	loads     int // pages that have finished loading
	status    int64
	documents map[string]bool
	wrong     []string
}

// eyes are how somebody looks at the portal.
type eyes struct {
	lang     string // "" for English
	width    int64  // 0 for 1280
	dark     bool
	noScript bool
}

// arrive opens a browser for somebody.
func arrive(t *testing.T, e eyes) *visitor {
	t.Helper()
	if e.lang == "" {
		e.lang = locale.English
	}
	v := &visitor{t: t, lang: e.lang, documents: map[string]bool{}}
	ctx, cancel := chromedp.NewContext(chrome, chromedp.WithNewBrowserContext(), chromedp.WithListener(v.hear))
	v.ctx = ctx
	t.Cleanup(func() {
		if t.Failed() {
			v.photograph("failed")
		}
		cancel()
		v.mu.Lock()
		defer v.mu.Unlock()
		for _, w := range v.wrong {
			t.Errorf("in the browser: %s", w)
		}
	})
	v.must(call(ctx, audits.Enable, cdp.Empty{}))
	v.must(call(ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": e.lang}}))
	v.must(call(ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}))
	v.must(call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: e.noScript}))
	v.must(call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}))
	v.look(e)
	return v
}

// look changes the window and the colours that somebody prefers.
func (v *visitor) look(e eyes) {
	v.t.Helper()
	if e.width == 0 {
		e.width = 1280
	}
	height, phone := int64(900), e.width < 700
	if phone {
		height = 844
	}
	v.must(call(v.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: e.width, Height: height, DeviceScaleFactor: 1, Mobile: phone,
	}))
	colours := map[bool]string{false: "light", true: "dark"}[e.dark]
	v.must(call(v.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: colours}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}))
}

func call[P, R any](ctx context.Context, command cdp.Command[P, R], params P) error {
	_, err := chromedp.Call(ctx, command, params)
	return err
}

// hear takes down what happens in the browser.
func (v *visitor) hear(event any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch e := event.(type) {
	case *page.EventLoadEventFired:
		v.loads++
	case *page.EventFrameNavigated:
		if e.Frame.ParentID == "" {
			v.main = e.Frame.ID
		}
	case *network.EventRequestWillBeSent:
		if e.Type == network.ResourceTypeDocument {
			v.documents[e.Request.URL] = true
		}
		if !ownAddress(e.Request.URL) {
			v.wrong = append(v.wrong, "asked somebody else: "+e.Request.URL)
		}
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument && (v.main == "" || e.FrameID == v.main) {
			v.status = e.Response.Status
		}
	case *log.EventEntryAdded:
		// A page that answers with 4xx is one that tests ask for; anything it loads must come.
		// Many tests are one officer at once: to some of their pages the portal says that too many listen already.
		refused := e.Entry.Source == log.EntrySourceNetwork && (v.documents[e.Entry.URL] || e.Entry.URL == base+"/staff/events")
		if (e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning) && !refused {
			v.wrong = append(v.wrong, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			said, _ := json.Marshal(e.Args)
			v.wrong = append(v.wrong, "console: "+string(said))
		}
	case *runtime.EventExceptionThrown:
		v.wrong = append(v.wrong, "script: "+e.ExceptionDetails.Text)
	case *audits.EventIssueAdded:
		if e.Issue.Code == audits.InspectorIssueCodeContentSecurityPolicyIssue {
			said, _ := json.Marshal(e.Issue.Details.ContentSecurityPolicyIssueDetails)
			v.wrong = append(v.wrong, "content policy: "+string(said))
		}
	}
}

func ownAddress(url string) bool {
	return slices.ContainsFunc([]string{base + "/", "data:", "about:", "blob:" + base}, func(own string) bool { return strings.HasPrefix(url, own) })
}

// weighs returns how many bytes the page and all that it needs were on the network. The face of rare letters does not
// count: only a name that is written with one fetches it, once, and a browser keeps it for a year.
func (v *visitor) weighs() int {
	v.t.Helper()
	return get[int](v, `async () => {
	  await document.fonts.ready;
	  return performance.getEntries().filter((e) => !e.name.endsWith("/source-sans-3-ext.woff2")).reduce((sum, e) => sum + (e.transferSize ?? 0), 0);
	}`)
}

// T is a sentence of the portal in the language of this visitor.
func (v *visitor) T(key string, pairs ...any) string { return locale.T(v.lang, key, pairs...) }

func (v *visitor) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

// stuck ends the test with what is on the screen.
func (v *visitor) stuck(format string, args ...any) {
	v.t.Helper()
	at, _ := eval[string](v, "() => location.href")
	words, _ := eval[string](v, "() => document.title + '\\n' + document.body.innerText")
	v.mu.Lock()
	status := v.status
	v.mu.Unlock()
	v.t.Fatalf("%s\n--- %s, status %d ---\n%.3000s", fmt.Sprintf(format, args...), at, status, words)
}

// eval calls a JavaScript function in the page, as the tools of the browser do: also where scripts of pages are switched off.
func eval[T any](v *visitor, function string, args ...any) (T, error) {
	text, err := json.Marshal(append([]any{}, args...)) // none is an empty list, not null
	if err != nil {
		var none T
		return none, err
	}
	return chromedp.Run(v.ctx, chromedp.Evaluate[T]("("+function+")(..."+string(text)+")", chromedp.EvalAwaitPromise))
}

// get is eval for what must be there.
func get[T any](v *visitor, function string, args ...any) T {
	v.t.Helper()
	out, err := eval[T](v, function, args...)
	if err != nil {
		v.stuck("%s: %v", function, err)
	}
	return out
}

// open types an address, of ours or as a letter gives it, and waits for its page.
func (v *visitor) open(path string) {
	v.t.Helper()
	v.arriving(func() error {
		return call(v.ctx, page.Navigate, page.NavigateParams{URL: base + strings.TrimPrefix(path, base)})
	})
}

// arriving does what leads to another page and waits until that has loaded.
func (v *visitor) arriving(do func() error) {
	v.t.Helper()
	v.mu.Lock()
	before := v.loads
	v.mu.Unlock()
	v.must(do())
	if !until(func() bool { v.mu.Lock(); defer v.mu.Unlock(); return v.loads > before }) {
		v.stuck("no page came")
	}
}

// named finds what somebody would press by its words: all of them, or the first ones where nothing has just these.
const named = `(words) => {
  const tidy = s => s.replace(/\s+/g, " ").trim();
  const name = e => tidy(e.ariaLabelledByElements?.length ? e.ariaLabelledByElements.map(x => x.textContent).join(" ") : e.textContent);
  const there = [...document.querySelectorAll("a[href], button, summary")].filter(e => e.checkVisibility());
  const e = there.find(e => name(e) === tidy(words)) || there.find(e => name(e).startsWith(tidy(words)));
  return e;
}`

// point scrolls to something and returns where to press it; an error if anything else lies above it.
const point = `(e) => {
  if (!e) return null;
  e.scrollIntoView({block: "center", behavior: "instant"});
  const r = e.getClientRects()[0], x = r.x + r.width / 2, y = r.y + r.height / 2, top = document.elementFromPoint(x, y);
  if (!top || !(e.contains(top) || top.contains(e))) return null;
  return {x, y};
}`

// click presses something, named by its words or, with a leading #, by its place in the page.
func (v *visitor) click(what string) {
	v.t.Helper()
	find := "(" + named + ")(what)"
	if strings.HasPrefix(what, "#") || strings.HasPrefix(what, ".") || strings.HasPrefix(what, "[") {
		find = "document.querySelector(what)"
	}
	at := get[*struct{ X, Y float64 }](v, "(what) => ("+point+")("+find+")", what)
	if at == nil {
		v.stuck("nothing to press that says %q", what)
	}
	v.must(chromedp.Do(v.ctx, chromedp.MouseClickXY(at.X, at.Y)))
}

// press clicks something that leads to another page.
func (v *visitor) press(what string) {
	v.t.Helper()
	v.arriving(func() error { v.click(what); return nil })
}

// fill replaces what stands in the field with that label.
func (v *visitor) fill(label, text string) {
	v.t.Helper()
	if !get[bool](v, `(label) => {
	  const tidy = s => s.replace(/\s+/g, " ").trim();
	  const l = [...document.querySelectorAll("label")].find(l => tidy(l.textContent) === tidy(label) && l.checkVisibility());
	  if (!l?.control) return false;
	  l.control.focus();
	  l.control.select?.();
	  return document.activeElement === l.control;
	}`, label) {
		v.stuck("no field called %q", label)
	}
	v.must(call(v.ctx, input.InsertText, input.InsertTextParams{Text: text}))
}

// choose picks an entry of a list by its value.
func (v *visitor) choose(id, value string) {
	v.t.Helper()
	if !get[bool](v, `(id, value) => {
	  const list = document.getElementById(id);
	  if (!list || ![...list.options].some(o => o.value === value)) return false;
	  list.value = value;
	  return true;
	}`, id, value) {
		v.stuck("list %s has no %q", id, value)
	}
}

// keys are those without a character, and Enter.
var keys = map[string]input.DispatchKeyEventParams{
	"Tab": {Key: "Tab", Code: "Tab", WindowsVirtualKeyCode: 9}, "Enter": {Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13, Text: "\r"},
	"Escape": {Key: "Escape", Code: "Escape", WindowsVirtualKeyCode: 27}, " ": {Key: " ", Code: "Space", WindowsVirtualKeyCode: 32, Text: " "},
}

// key presses one key, as a keyboard does: a page that takes it for itself gets no character.
func (v *visitor) key(name string) {
	v.t.Helper()
	press, named := keys[name]
	if !named {
		press = input.DispatchKeyEventParams{Key: name, Text: name}
	}
	press.Type = input.DispatchKeyEventTypeKeyDown
	if press.Text == "" {
		press.Type = input.DispatchKeyEventTypeRawKeyDown
	}
	v.must(call(v.ctx, input.DispatchKeyEvent, press))
	press.Type, press.Text = input.DispatchKeyEventTypeKeyUp, ""
	v.must(call(v.ctx, input.DispatchKeyEvent, press))
}

// reads returns the words of the page, with single spaces.
func (v *visitor) reads() string {
	words, err := eval[string](v, "() => document.body.innerText")
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(words), " ")
}

// sees waits for words.
func (v *visitor) sees(words ...string) {
	v.t.Helper()
	for _, w := range words {
		w = strings.Join(strings.Fields(w), " ")
		if !until(func() bool { return strings.Contains(v.reads(), w) }) {
			v.stuck("the page does not say %q", w)
		}
	}
}

// misses asserts that words are not there.
func (v *visitor) misses(words string) {
	v.t.Helper()
	if strings.Contains(v.reads(), words) {
		v.stuck("the page says %q", words)
	}
}

// path is where the visitor is.
func (v *visitor) path() string {
	v.t.Helper()
	return get[string](v, "() => location.pathname")
}

// at asserts where the visitor is.
func (v *visitor) at(path string) {
	v.t.Helper()
	if got := v.path(); got != path {
		v.stuck("at %s, not at %s", got, path)
	}
}

// answered asserts the status of the page.
func (v *visitor) answered(status int64) {
	v.t.Helper()
	v.mu.Lock()
	got := v.status
	v.mu.Unlock()
	if got != status {
		v.stuck("status %d, not %d", got, status)
	}
}

// shot keeps a picture where HABEAS_SHOTS names a directory.
func (v *visitor) shot(name string) {
	if dir := os.Getenv("HABEAS_SHOTS"); dir != "" {
		v.keep(filepath.Join(dir, name+".png"))
	}
}

// photograph keeps a picture of what failed.
func (v *visitor) photograph(name string) {
	dir := os.Getenv("HABEAS_SHOTS")
	if dir == "" {
		dir = filepath.Join(os.TempDir(), "habeas-shots")
	}
	path := filepath.Join(dir, strings.ReplaceAll(v.t.Name(), "/", "_")+"-"+name+".png")
	v.keep(path)
	v.t.Logf("screenshot: %s", path)
}

func (v *visitor) keep(path string) {
	whole := true
	picture, err := chromedp.Call(v.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &whole})
	if err == nil {
		if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
			err = os.WriteFile(path, picture.Data, 0o644)
		}
	}
	if err != nil {
		v.t.Logf("screenshot: %v", err)
	}
}
