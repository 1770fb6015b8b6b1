package browser

import (
	"fmt"
	"testing"
)

// fits asserts that a page needs no scrolling sideways and that what fingers press is big enough (WCAG 2.5.8; 46 px for
// buttons and fields, by our own measure).
func (v *visitor) fits(width int64) {
	v.t.Helper()
	if wide := get[string](v, overflow, width); wide != "" {
		v.t.Errorf("%s: wider than the phone: %s", v.path(), wide)
	}
	small := get[[]string](v, `() => [...document.querySelectorAll("main .btn:not(.small), main input:not([type=hidden]), main select, main textarea")]
	  .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 46 && !e.classList.contains("vh") && e.type !== "checkbox")
	  .map(e => e.outerHTML.slice(0, 100) + " " + e.getBoundingClientRect().height)`)
	for _, s := range small {
		v.t.Errorf("%s: too small for a finger: %s", v.path(), s)
	}
}

func TestTheRoadOnAPhone(t *testing.T) {
	t.Parallel()
	for _, width := range []int64{390, 320} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			v := arrive(t, eyes{width: width})
			box := mailboxOf(t, "paolo.ricci@mail.example")
			v.open("/")
			v.fits(width)
			v.fill(v.T("start.email"), "paolo.ricci@mail.example")
			v.press(v.T("start.go"))
			v.fits(width)
			if mode := get[string](v, "() => document.querySelector('#code').inputMode"); mode != "numeric" {
				t.Errorf("the code's keyboard is %q", mode)
			}
			v.fill(v.T("code.label"), box.next(v.T("letters.sign_in_code.title")).code(t))
			v.press(v.T("verify.go"))
			v.sees("Paolo Ricci")
			v.fits(width)
			v.shot(fmt.Sprintf("phone-data-%d", width))
			for _, tab := range []string{"/consents", "/requests", "/data"} {
				v.press(".tabs a[href='" + tab + "']")
				v.fits(width)
			}
			v.press("[href*='field=phone']")
			v.fill(v.T("correct.new"), fmt.Sprintf("+39 06 555 0%d", width))
			v.press(v.T("correct.check"))
			v.fits(width)
			v.shot(fmt.Sprintf("phone-correct-%d", width))
			v.press(v.T("correct.write"))
			v.fits(width)
			box.next(v.T("letters.correction_done.title"))
			v.open("/data")
			_, file := v.downloads()
			wholePackage(t, file)
			v.fits(width)
			v.click(".account summary")
			v.fits(width)
			v.press(v.T("nav.sign_out"))
			v.fits(width)
		})
	}
}

func TestTheDeskOnAPhone(t *testing.T) {
	t.Parallel()
	v := arrive(t, eyes{width: 390})
	v.signsInAs(officer)
	v.fits(390)
	v.press("[scope=row] a")
	v.fits(390)
	v.fill(v.T("desk.note.words"), "Seen on the train.")
	v.press(v.T("desk.note.go"))
	v.sees(v.T("desk.done.note"))
	v.fits(390)
	v.press(v.T("desk.back"))
	v.at("/staff/queue")
}
