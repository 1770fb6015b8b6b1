package browser

import "testing"

// tabsTo presses Tab until the focus is on what a selector names. Wherever it stops on its way, the focus can be seen.
func (v *visitor) tabsTo(selector string) {
	v.t.Helper()
	type stop struct {
		There, Seen bool
		Name        string
	}
	for range 80 {
		v.key("Tab")
		s := get[stop](v, `(selector) => {
		  const e = document.activeElement, style = getComputedStyle(e), r = e.getBoundingClientRect();
		  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
		  const inside = r.width > 0 && r.bottom > 0 && r.right > 0 && r.top < innerHeight && r.left < innerWidth;
		  return {there: e.matches(selector), seen: e === document.body || ring && inside, name: e.outerHTML.slice(0, 120)};
		}`, selector)
		if !s.Seen {
			v.t.Errorf("%s: the focus cannot be seen on %s", v.path(), s.Name)
		}
		if s.There {
			return
		}
	}
	v.stuck("Tab never comes to %s", selector)
}

// settled asks only once htmx has made what it swapped in its own: no finger is faster.
const settled = "() => document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added') ? '' : "

// types presses the keys of a text.
func (v *visitor) types(text string) {
	v.t.Helper()
	for _, r := range text {
		v.key(string(r))
	}
}

func TestAKeyboardIsEnough(t *testing.T) {
	t.Parallel()
	v := arrive(t, eyes{})
	const address = "keys.only@elsewhere.example"
	box := mailboxOf(t, address)
	v.open("/")
	v.tabsTo(".skip")
	v.key("Enter")
	if got := get[string](v, "() => document.activeElement.id"); got != "main" {
		t.Errorf("the skip link leads to %q", got)
	}
	v.tabsTo("#email")
	v.types("not an address")
	v.arriving(func() error { v.key("Enter"); return nil })
	v.answered(422)
	v.tabsTo(".errsum a") // the summary has the focus; its first link is next
	v.key("Enter")
	if got := get[string](v, "() => document.activeElement.id"); got != "email" {
		t.Errorf("the summary leads to %q", got)
	}
	get[any](v, "() => document.activeElement.select() ?? 0")
	v.types(address)
	v.arriving(func() error { v.key("Enter"); return nil })
	v.at("/verify")
	v.tabsTo("#code")
	v.types(box.next(v.T("letters.sign_in_code.title")).code(t))
	v.arriving(func() error { v.key("Enter"); return nil })
	v.at("/data")

	v.tabsTo(".tabs a[href='/consents']")
	v.arriving(func() error { v.key("Enter"); return nil })
	v.tabsTo("#analytics")
	for _, checked := range []string{"true", "false"} {
		v.key(" ")
		if !until(func() bool {
			got, _ := eval[string](v, settled+"document.querySelector('#analytics').getAttribute('aria-checked')")
			return got == checked
		}) {
			v.stuck("the space bar does not switch to %s", checked)
		}
		if !until(func() bool { got, _ := eval[string](v, "() => document.activeElement.id"); return got == "analytics" }) {
			v.stuck("the focus left the switch")
		}
	}

	v.open("/consents")
	v.tabsTo(".account summary")
	v.key("Enter")
	v.tabsTo(".menu a[href='/security']")
	v.key("Escape")
	if !get[bool](v, "() => document.activeElement.matches('.account summary') && !document.querySelector('.account').open") {
		v.stuck("Escape does not close the menu and go back to its button")
	}
}

func TestTheDeskIsReachedByKeyboard(t *testing.T) {
	t.Parallel()
	v := arrive(t, eyes{})
	v.signsInAs(officer)
	for _, path := range []string{"/staff/queue", "/staff/queue?view=overdue"} {
		v.open(path)
		v.tabsTo("tbody a")
	}
	v.arriving(func() error { v.key("Enter"); return nil })
	v.tabsTo("form[action$='/note'] button")
}
