package browser

import "testing"

// Without scripts the same road leads to the same places, a page at a time.
func TestEverythingWorksWithoutScripts(t *testing.T) {
	t.Parallel()
	v, desk := arrive(t, eyes{noScript: true}), arrive(t, eyes{noScript: true})
	const address = "hanna.seidel@mail.example"
	box := v.signsIn(address)
	v.at("/data")
	v.sees("Hanna Seidel")

	v.open("/export")
	v.press(v.T("export.go"))
	ref := refShape.FindString(v.path())
	v.sees(v.T("package.ready.title")) // the page reloads by itself until it is
	box.next(v.T("letters.package_ready.title")).link(t, "/export/"+ref)
	v.open("/data")
	_, file := v.downloads()
	wholePackage(t, file)

	box.next(v.corrects("Town", "Potsdam", ""))
	v.open("/data")
	v.sees("Potsdam")

	v.open("/consents")
	v.press("#product_tests")
	v.at("/consents")
	v.sees(v.T("consents.saved.granted.flash"))
	if got := get[string](v, `() => document.querySelector("#product_tests").getAttribute("aria-checked")`); got != "true" {
		t.Errorf("after the switch: aria-checked=%s", got)
	}
	box.next(v.T("letters.consent_given.title"))

	ref = v.corrects("Date of birth", "1988-02-15", "I am a day younger.")
	v.press(v.T("done.follow"))
	v.fill(v.T("request.reply"), "")
	v.press(v.T("request.send"))
	v.answered(422)
	v.sees(v.T("fault.title"), v.T("request.error.message"))
	v.fill(v.T("request.reply"), "My passport says so.")
	v.press(v.T("request.send"))
	v.sees(v.T("request.sent"), "My passport says so.")

	desk.signsInAs(officer)
	desk.finds(ref)
	desk.sees("My passport says so.")
	desk.shot("nojs-desk-en")
	desk.decides("accept", "", "")
	box.next(v.T("letters.correction_accepted.title"))
	v.open("/data")
	v.sees("15 February 1988")

	v.click(".account summary")
	v.press(v.T("nav.sign_out"))
	v.sees(v.T("signed_out.title"))
}
