package browser

import (
	"strings"
	"testing"
)

const approver = "zhou.min@harbour-home.example"

// asks lets somebody ask for an explanation and returns the reference. They are signed in.
func (v *visitor) asks() string {
	v.t.Helper()
	v.open("/requests/new?right=explanation")
	v.choose("regime", "eu_gdpr")
	v.fill(v.T("ask.explanation.which"), "How was my price made?")
	v.press(v.T("ask.send"))
	ref := refShape.FindString(v.path())
	if ref == "" {
		v.stuck("nothing was filed")
	}
	return ref
}

// now waits for what a function of the page returns.
func now[T comparable](v *visitor, want T, function string, args ...any) {
	v.t.Helper()
	var got T
	if !until(func() bool { got, _ = eval[T](v, function, args...); return got == want }) {
		v.stuck("%s: %v, want %v", function, got, want)
	}
}

// goes presses j or k until the hand is on that request.
func (v *visitor) goes(key, ref string) {
	v.t.Helper()
	for range 30 {
		v.key(key)
		if get[string](v, "() => document.querySelector('tr[data-current] a').textContent") == ref {
			return
		}
	}
	v.stuck("%s never comes to %s", key, ref)
}

const (
	explanations = "/staff/queue?view=open&right=explanation&sort=-received"
	ticks        = "() => document.querySelectorAll('[name^=\"pick.\"]:checked').length"
	barShown     = "() => document.querySelector('.picked').checkVisibility()"
	focusOn      = "() => document.activeElement.id || document.activeElement.value"
	ownerOf      = "(ref) => document.querySelector(`tr:has([href$='${ref}']) .own`)?.innerText.trim() ?? ''"
)

func TestAnOfficersHandIsOnTheKeys(t *testing.T) {
	t.Parallel()
	v, desk := arrive(t, eyes{}), arrive(t, eyes{})
	v.signsIn("hand.on.keys@elsewhere.example")
	first, second := v.asks(), v.asks()
	desk.signsInAs(approver)
	desk.open(explanations)
	if get[bool](desk, barShown) {
		t.Error("there is something to do with nothing")
	}
	desk.goes("j", first)
	desk.key("x")
	now(desk, 1, ticks)
	desk.sees(desk.T("queue.picked.count", "Count", 1, "Number", "1"))
	desk.key("x")
	now(desk, false, barShown)

	desk.key("a") // takes the one under the hand
	now(desk, "bulk-owner", focusOn)
	now(desk, 1, ticks)
	desk.key("Escape") // back to the list
	desk.key("s")
	now(desk, "start", focusOn)
	desk.key("Escape")
	desk.key("e")
	now(desk, "text", focusOn)
	desk.types("jx?") // are letters now
	now(desk, "jx?", "() => document.querySelector('#text').value")
	desk.shot("queue-hand-en")
	desk.key("Escape")

	desk.goes("k", second) // which came in later and stands above
	desk.key("x")
	now(desk, 2, ticks)
	desk.click("[data-all]")
	now(desk, true, "() => [...document.querySelectorAll('[name^=\"pick.\"]')].every(b => b.checked)")
	desk.click(".picked .linkish")
	now(desk, 0, ticks)

	desk.key("?")
	now(desk, true, "() => document.querySelector('.keys').open")
	desk.shot("queue-keys-en")
	desk.click("[data-keys]")
	desk.key("Escape")
	desk.key("x")
	now(desk, 0, ticks)
	desk.open(explanations) // the choice is kept
	desk.key("j")
	now(desk, 0, "() => document.querySelectorAll('tr[data-current]').length")
	desk.click(desk.T("queue.keys"))
	desk.click("[data-keys]")
	desk.key("Escape")
	desk.goes("j", first)
	desk.arriving(func() error { desk.key("g"); desk.key("d"); return nil })
	desk.at("/staff/dashboard")
	desk.arriving(func() error { desk.key("g"); desk.key("q"); return nil })
	desk.at("/staff/queue")
}

func TestTwoOfficersActOnManyAtOnce(t *testing.T) {
	t.Parallel()
	v, one, other := arrive(t, eyes{}), arrive(t, eyes{}), arrive(t, eyes{})
	v.signsIn("many.at.once@elsewhere.example")
	first, second := v.asks(), v.asks()
	one.signsInAs(officer)
	other.signsInAs(approver)
	one.open(explanations)
	other.open(explanations)
	for _, desk := range []*visitor{one, other} {
		for _, ref := range []string{first, second} {
			desk.click("[name='pick." + ref + "']")
		}
	}
	other.choose("bulk-owner", get[string](other, "() => document.querySelector('#bulk-owner option:nth-child(2)').value"))
	other.press("[name=act][value=assign]")
	other.at("/staff/queue")
	other.sees(other.T("queue.bulk.done.assign"))

	// The other one's list follows, and what they had ticked stays as they had seen it.
	now(one, true, "(ref) => !document.querySelector(`tr:has([href$='${ref}']) .own .none`)", first)
	now(one, 2, ticks)
	one.press("[name=act][value=start]")
	one.sees(one.T("queue.bulk.part", "Done", "0", "Failed", "2"), one.T("queue.bulk.why.changed"), first, second)
	one.shot("queue-result-en")
	one.press(one.T("queue.bulk.again"))
	one.at("/staff/queue")
	one.sees(one.T("queue.bulk.done.start"))

	one.click("[name='pick." + first + "']")
	one.press("[name=act][value=fulfil]")
	one.sees(one.T("queue.bulk.check.title"), one.T("queue.bulk.check", "Count", 1, "Number", "1"))
	one.shot("queue-check-en")
	one.fill(one.T("queue.bulk.check.words"), "Our shop decides nothing by machine.")
	one.press(one.T("queue.bulk.check.go"))
	one.sees(one.T("queue.bulk.done.fulfil"))
	v.open("/requests/" + first)
	v.sees("Our shop decides nothing by machine.", v.T("state.fulfilled"))
}

func TestWhatComesInIsSeenWithoutLoading(t *testing.T) {
	t.Parallel()
	v, desk := arrive(t, eyes{}), arrive(t, eyes{})
	v.signsIn("comes.in@elsewhere.example")
	known := v.asks()
	desk.signsInAs("tomas.novak@harbour-home.example") // an administrator, who reads
	desk.open(explanations)
	desk.goes("j", known)
	get[any](desk, "() => { window.same = true; return 0 }")
	now(desk, true, "() => document.querySelector('[data-reload]').hidden") // it listens
	ref := v.asks()
	now(desk, true, "(ref) => !!document.querySelector(`#queue-rows [href$='${ref}']`)", ref)
	if !get[bool](desk, "() => window.same") {
		t.Error("the page was loaded again")
	}
	if at := get[string](desk, "() => document.querySelector('tr[data-current] a').textContent + ' ' + document.activeElement.textContent"); at != known+" "+known {
		t.Errorf("the hand is at %q, not at %s", at, known)
	}
	if said := get[string](desk, "() => document.querySelector('#live').textContent"); said == "" {
		t.Error("nothing was said")
	}
	desk.shot("queue-live-en")
	v.open("/requests/" + ref)
	v.press("[href$='/cancel']")
	v.press(v.T("cancel.go"))
	now(desk, false, "(ref) => !!document.querySelector(`#queue-rows [href$='${ref}']`)", ref)
}

func TestTheQueueOnAPhone(t *testing.T) {
	t.Parallel()
	v, desk := arrive(t, eyes{}), arrive(t, eyes{width: 390})
	v.signsIn("by.phone@elsewhere.example")
	ref := v.asks()
	desk.signsInAs(officer)
	desk.open("/staff/queue")
	desk.fits(390)
	desk.click(".rest summary")
	desk.fits(390)
	desk.choose("right", "explanation")
	desk.shot("queue-phone-filters-en")
	desk.press(desk.T("queue.filter"))
	if query := get[string](desk, "() => location.search"); query != "?view=open&right=explanation" {
		t.Errorf("the address says %s", query)
	}
	desk.sees(desk.T("desk.right.explanation"))
	desk.open(explanations)
	desk.click("[name='pick." + ref + "']")
	desk.fits(390)
	desk.shot("queue-phone-ticked-en")
	desk.choose("bulk-owner", get[string](desk, "() => document.querySelector('#bulk-owner option:nth-child(2)').value"))
	desk.press("[name=act][value=assign]")
	desk.sees(desk.T("queue.bulk.done.assign"))
	desk.fits(390)
	if owner := get[string](desk, ownerOf, ref); !strings.Contains(owner, "Ingrid Solheim") {
		t.Errorf("it is %q's", owner)
	}
}

func TestTheQueueWithoutScripts(t *testing.T) {
	t.Parallel()
	v, desk := arrive(t, eyes{}), arrive(t, eyes{noScript: true})
	v.signsIn("no.scripts@elsewhere.example")
	first, second := v.asks(), v.asks()
	desk.signsInAs(approver)
	desk.open(explanations)
	if !get[bool](desk, barShown) {
		t.Error("nothing can be done with what is ticked")
	}
	for _, ref := range []string{first, second} {
		desk.click("[name='pick." + ref + "']")
	}
	desk.click(desk.T("queue.bulk.message"))
	desk.fill(desk.T("queue.bulk.words"), "We look into it.")
	desk.shot("queue-nojs-en")
	desk.press(desk.T("queue.bulk.message.go"))
	desk.sees(desk.T("queue.bulk.done.message"))
	v.open("/requests/" + second)
	v.sees("We look into it.")

	desk.click(".rest summary")
	desk.choose("language", "en")
	desk.press(desk.T("queue.filter"))
	desk.sees(desk.T("queue.chip", "Name", desk.T("queue.language"), "Value", "English"))
	desk.click(desk.T("queue.keep"))
	desk.fill(desk.T("queue.keep.name"), "English explanations")
	desk.press(desk.T("queue.keep.go"))
	desk.sees(desk.T("queue.kept"), "English explanations")
	desk.press(desk.T("queue.again"))
	desk.click(desk.T("queue.drop"))
	desk.press(desk.T("queue.drop.go"))
	desk.sees(desk.T("queue.dropped"))
	desk.misses("English explanations")
}
