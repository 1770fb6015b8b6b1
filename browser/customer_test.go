package browser

import (
	"strings"
	"testing"
)

// The officer of these tests, to whom the demo gives the queue.
const officer = "ingrid.solheim@harbour-home.example"

func TestANewcomerIsAnsweredWithinTheirFirstMinute(t *testing.T) {
	t.Parallel()
	v := arrive(t, eyes{})
	box := mailboxOf(t, "maeve.gallagher@mail.example")
	v.open("/")
	v.sees(v.T("start.title"))
	v.shot("start-en")
	v.fill(v.T("start.email"), " Maeve.Gallagher@mail.example ")
	v.press(v.T("start.go"))
	v.at("/verify")
	v.shot("verify-en")

	first := box.next("code")
	v.fill(v.T("code.label"), " "+wideDigits.Replace(first.code(t))+" ")
	v.press(v.T("verify.go"))
	v.at("/data")
	v.sees("Maeve Gallagher", "14 Sandycove Terrace", v.T("group.orders"))
	v.shot("data-en")

	// A sign-in a moment ago is proof enough: no second code stands between the person and their copy.
	ref, file := v.downloads()
	files := wholePackage(t, file)
	if !strings.Contains(string(files["index.html"]), "Maeve Gallagher") && !strings.Contains(string(files["data/shop/customers.json"]), "Maeve Gallagher") {
		t.Errorf("the package does not hold the person's name")
	}
	box.next(v.T("letters.alert.title")).link(t, "/stop/")
	box.next(v.T("letters.package_ready.title")).link(t, "/export/"+ref)

	v.press(ref)
	v.at("/requests/" + ref)
	v.sees(v.T("right.access"), v.T("state.in_progress")) // what the paper archive holds is still to come (GDPR Art. 15(3))

	desk := arrive(t, eyes{})
	desk.signsInAs(officer)
	desk.finds(ref)
	desk.sees("m***@mail.example", desk.T("desk.right.access"), desk.T("trail.package_incomplete"), desk.T("trail.downloaded"), "Archive, cellar 2")
	desk.shot("desk-copy-en")
}

func TestAWrongCodeSaysHowManyTriesAreLeft(t *testing.T) {
	t.Parallel()
	v := arrive(t, eyes{})
	box := mailboxOf(t, "rosa.delgado@mail.example")
	v.open("/")
	v.fill(v.T("start.email"), "rosa.delgado@mail.example")
	v.press(v.T("start.go"))
	code := box.next("code").code(t)

	v.fill(v.T("code.label"), "12")
	v.press(v.T("verify.go"))
	v.answered(422)
	v.sees(v.T("verify.error.format"))

	wrong := strings.Map(func(r rune) rune { // no digit of it is right
		if r >= '0' && r <= '9' {
			return '0' + (r-'0'+1)%10
		}
		return r
	}, code)
	for _, left := range []int{4, 3} {
		v.fill(v.T("code.label"), wrong)
		v.press(v.T("verify.go"))
		v.answered(422)
		v.sees(v.T("fault.title"), v.T("verify.error.wrong", "Count", left))
	}
	v.shot("verify-wrong-en")
	v.fill(v.T("code.label"), code)
	v.press(v.T("verify.go"))
	v.at("/data")
	v.sees("Rosa Delgado")
}

func TestALinkInsteadOfTheCodeWorksInAnotherBrowserAndOnce(t *testing.T) {
	t.Parallel()
	asked, other := arrive(t, eyes{}), arrive(t, eyes{width: 390})
	box := mailboxOf(t, "paolo.ricci@mail.example")
	asked.open("/")
	asked.fill(asked.T("start.email"), "paolo.ricci@mail.example")
	asked.press(asked.T("start.go"))
	l := box.next("code")

	other.open("/verify")
	other.sees(other.T("verify.elsewhere.title"))

	link := l.link(t, "/enter/")
	for range 2 { // looking uses nothing up: mail scanners look first
		other.open(link)
		other.sees(other.T("enter.title"), other.T("enter.other.title"))
	}
	other.shot("enter-390-en")
	other.press(other.T("enter.go"))
	other.at("/data")
	other.sees("Paolo Ricci")

	asked.open(link)
	asked.answered(410)
	asked.sees(asked.T("enter.gone.title"))
}

func TestANewCodeReplacesTheOldOne(t *testing.T) {
	t.Parallel()
	v := arrive(t, eyes{})
	address := "resent@elsewhere.example"
	box := mailboxOf(t, address)
	v.open("/")
	v.fill(v.T("start.email"), address)
	v.press(v.T("start.go"))
	old := box.next("code").code(t)
	v.click(v.T("verify.none"))
	v.press(v.T("verify.resend"))
	v.sees(v.T("verify.resent"))
	code := box.next("code").code(t)
	v.fill(v.T("code.label"), old)
	v.press(v.T("verify.go"))
	v.answered(422)
	v.fill(v.T("code.label"), code)
	v.press(v.T("verify.go"))
	v.sees(v.T("nothing.title"))
}

func TestWhoeverIsNotKnownGetsThatForAnAnswer(t *testing.T) {
	t.Parallel()
	v := arrive(t, eyes{})
	box := v.signsIn("never.bought@elsewhere.example")
	v.at("/data")
	v.sees(v.T("nothing.title"), "never.bought@elsewhere.example", v.T("nothing.receipt"))
	v.shot("nothing-en")
	v.press(v.T("nothing.ask"))
	v.fill(v.T("ask.text"), "Look for HH-204481, please.")
	v.press(v.T("ask.send"))
	v.sees(v.T("done.asked.title"))
	ref := refShape.FindString(v.path())
	box.next(ref)
}

func TestPeopleBehindOneMailboxAreToldApart(t *testing.T) {
	t.Parallel()
	v := arrive(t, eyes{})
	v.signsInAs("family@lindqvist.example")
	v.at("/choose")
	v.misses("Freja")
	v.misses("Jonas")
	v.shot("choose-en")
	v.open("/data")
	v.at("/choose")

	v.fill(v.T("datum.any"), "999 99")
	v.press(v.T("choose.go"))
	v.answered(422)
	v.sees(v.T("choose.error.wrong"))
	v.fill(v.T("datum.any"), "11821")
	v.press(v.T("choose.go"))
	v.at("/data")
	v.sees("Jonas Lindqvist", "Hornsgatan 92")
	v.misses("Freja")
	v.misses("Strandvägen")
}

func TestACorrectionOfOnesOwnIsDoneAtOnce(t *testing.T) {
	t.Parallel()
	v := arrive(t, eyes{})
	box := v.signsInAs("rosa.delgado@mail.example")
	v.sees("2207 Lakeshore Avenue")
	ref := v.corrects("Street and number", "2209 Lakeshore Avenue", "")
	box.next(ref)
	v.press(v.T("data.back"))
	v.sees("Street and number 2209 Lakeshore Avenue")

	v.press(v.T("data.correct") + " Town") // the same again is nothing to correct, and nothing is lost
	v.press(v.T("correct.check"))
	v.answered(422)
	v.sees(v.T("correct.error.same"))
}

func TestACorrectionThatAnOfficerDecides(t *testing.T) {
	t.Parallel()
	v, desk := arrive(t, eyes{}), arrive(t, eyes{})
	box := v.signsInAs("arthur.pemberton@mail.example")
	desk.signsInAs(officer)
	for _, row := range []struct{ field, to, why, act, ground, state, letter string }{
		{"Email for invoices", "bills@pemberton.example", "The old one was closed.", "accept", "", "state.fulfilled", "letters.correction_accepted.title"},
		{"Date of birth", "1951-05-11", "Day and month were swapped.", "decline", "unfounded", "state.refused", "letters.correction_declined.title"},
	} {
		ref := v.corrects(row.field, row.to, row.why)
		box.next(ref)

		desk.finds(ref)
		desk.sees(desk.T("desk.change", "Field", row.field), row.why)
		desk.shot("desk-correction-en")
		ground := ""
		if row.ground != "" { // whichever the law of this request lists first
			ground = get[string](desk, "() => document.querySelector('#decline-ground option:nth-child(2)').value")
		}
		words := ""
		if ground != "" {
			words = "Our copy of your licence says November."
		}
		desk.decides(row.act, ground, words)

		box.next(v.T(row.letter))
		v.open("/requests/" + ref)
		v.sees(v.T(row.state), row.why)
		v.shot("request-" + row.act + "-en")
		if row.act == "accept" {
			v.open("/data")
			v.sees(row.to)
		} else {
			v.sees(v.T("request.refused"), words)
		}
	}
}

func TestAConsentIsOneClick(t *testing.T) {
	t.Parallel()
	v := arrive(t, eyes{})
	box := v.signsInAs("lin.guoqiang@youjian.example")
	v.open("/consents?lang=en")
	checked := `() => document.querySelector("#analytics").getAttribute("aria-checked")`
	if got := get[string](v, checked); got != "false" {
		t.Fatalf("before anything: aria-checked=%s", got)
	}
	v.mu.Lock()
	loads := v.loads
	v.mu.Unlock()
	v.click("#analytics")
	v.sees(v.T("consents.saved.granted.flash"))
	if got := get[string](v, checked); got != "true" {
		t.Errorf("after one click: aria-checked=%s", got)
	}
	if got := get[string](v, "() => document.activeElement.id"); got != "analytics" {
		t.Errorf("the focus went to %q", got)
	}
	v.mu.Lock()
	if v.loads != loads {
		t.Errorf("the page was loaded anew; a swap was enough")
	}
	v.mu.Unlock()
	v.shot("consents-en")
	box.next(v.T("letters.consent_given.title"))

	v.press(v.T("consents.withdraw_all"))
	v.sees(v.T("consents.saved.all"))
	if on := get[int](v, `() => document.querySelectorAll("[role=switch][aria-checked=true]").length`); on != 0 {
		t.Errorf("%d consents are still on", on)
	}
	v.press(v.T("consents.history"))
	v.sees(v.T("consents.history.title"), v.T("consents.choice.granted"), v.T("consents.choice.withdrawn"))
	v.shot("consents-history-en")
}

func TestWordsGoBothWaysAndARequestCanBeTakenBack(t *testing.T) {
	t.Parallel()
	v, desk := arrive(t, eyes{}), arrive(t, eyes{})
	box := v.signsInAs("kenji.mori@mail.example")
	v.open("/requests/new?right=restriction")
	v.fill(v.T("ask.text.optional"), "Please keep my visits out of your counts.")
	v.press(v.T("ask.send"))
	v.sees(v.T("done.asked.title"))
	ref := refShape.FindString(v.path())
	v.press(v.T("done.follow"))

	v.fill(v.T("request.reply"), "Those of March above all.")
	v.press(v.T("request.send"))
	v.sees(v.T("request.sent"), "Those of March above all.")

	desk.signsInAs(officer)
	desk.finds(ref)
	desk.sees("Please keep my visits out of your counts.", "Those of March above all.")
	desk.fill(desk.T("desk.message.words"), "Which <b>shop</b> do you mean?")
	desk.press(desk.T("desk.message.go"))
	desk.sees(desk.T("desk.done.message"))

	l := box.next(v.T("letters.message.title"))
	if strings.Contains(l.Text+l.HTML, "shop</b>") {
		t.Error("the message stands in the letter; mail can be read on its way")
	}
	v.open("/requests/" + ref)
	v.sees("Which <b>shop</b> do you mean?", v.T("request.from.us"))
	v.shot("request-messages-en")
	v.press(v.T("cancel.title"))
	v.sees(v.T("cancel.text"))
	v.press(v.T("cancel.go"))
	v.sees(v.T("request.cancelled.flash"), v.T("state.cancelled"))
	box.next(v.T("letters.cancelled.title"))
}

func TestAnErasureWaitsAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	v := arrive(t, eyes{})
	box := v.signsInAs("lena.vogel@mail.example")
	v.press(v.T("acts.erase"))
	v.sees(v.T("erase.step.wait", "Time", v.T("wait.hours", "Count", 72)))
	v.shot("erase-en")
	v.press(v.T("erase.go"))
	v.sees(v.T("done.erase.title"), v.T("done.cooling_off"))
	v.shot("erase-done-en")
	ref := refShape.FindString(v.path())
	box.next(v.T("letters.alert.title")).link(t, "/stop/")
	box.next(v.T("letters.receipt.title")).link(t, "/requests/"+ref)
	v.press(v.T("done.follow"))
	v.sees(v.T("request.fact.not_before"))
	v.press(v.T("cancel.title"))
	v.press(v.T("cancel.go"))
	v.sees(v.T("state.cancelled"))
	v.open("/data")
	v.sees("Lena Vogel")
}

func TestTheStopLinkEndsWhatSomebodyElseBegan(t *testing.T) {
	t.Parallel()
	thief, owner := arrive(t, eyes{}), arrive(t, eyes{width: 390})
	box := thief.signsIn("hugo.stop@elsewhere.example")
	thief.open("/export")
	thief.press(thief.T("export.go"))
	ref := refShape.FindString(thief.path())
	alert := box.next(thief.T("letters.alert.title"))

	owner.open(alert.link(t, "/stop/"))
	owner.sees(owner.T("stop.title"), ref)
	owner.shot("stop-390-en")
	thief.open("/export/" + ref) // looking stops nothing
	thief.at("/export/" + ref)
	owner.press(owner.T("stop.go"))
	owner.sees(owner.T("stop.done.title"), ref)

	thief.open("/data")
	thief.at("/")
	owner.open(alert.link(t, "/stop/"))
	owner.answered(410)
}

func TestWhoLookedIsToldAndASessionEnds(t *testing.T) {
	t.Parallel()
	here, elsewhere := arrive(t, eyes{}), arrive(t, eyes{})
	here.signsIn("two.browsers@elsewhere.example")
	elsewhere.signsIn("two.browsers@elsewhere.example")
	here.click(".account summary")
	here.press(here.T("nav.activity"))
	here.sees(here.T("look.data.viewed"), here.T("activity.you"))
	here.shot("activity-en")

	here.open("/security")
	here.sees(here.T("security.here"))
	here.shot("security-en")
	here.press(here.T("security.end_others"))
	here.sees(here.T("security.ended.flash"), here.T("security.only_here"))
	elsewhere.open("/data")
	elsewhere.at("/")

	here.click(".account summary")
	here.press(here.T("nav.sign_out"))
	here.sees(here.T("signed_out.title"))
	here.open("/data")
	here.at("/")
}

func TestFiveThousandVisitsArePagedThrough(t *testing.T) {
	t.Parallel()
	v := arrive(t, eyes{})
	v.signsInAs("kenji.mori@mail.example")
	v.open("/data/shop/visits")
	v.sees("5,000")
	v.shot("visits-en")
	first := func() string {
		return get[string](v, "() => document.querySelector('main tbody tr, main .card dl').innerText")
	}
	seen := map[string]bool{first(): true}
	for range 3 {
		v.press(v.T("pager.next"))
		if words := first(); seen[words] {
			v.stuck("the same page again: %s", words)
		} else {
			seen[words] = true
		}
	}
	v.press(v.T("pager.first"))
	if !seen[first()] {
		v.stuck("not the first page")
	}
}
