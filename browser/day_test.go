package browser

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// A day in an officer's life: one request from the customer's question to the proof for the regulator, between an officer
// at her desk and an approver on his phone.
func TestADayInAnOfficersLife(t *testing.T) {
	t.Parallel()
	person, desk, phone := arrive(t, eyes{}), arrive(t, eyes{}), arrive(t, eyes{width: 390})
	person.signsInAs("arthur.pemberton@mail.example") // whose law is that of the United Kingdom
	person.open("/requests/new?right=access")
	person.choose("regime", "uk_gdpr")
	person.fill(person.T("ask.text"), "Which calls of mine do you keep?")
	person.press(person.T("ask.send"))
	ref := refShape.FindString(person.path())
	box := mailboxOf(t, "arthur.pemberton@mail.example")

	// In the morning she takes it, looks where it must be looked, and sees one value in full, for a reason.
	desk.signsInAs(officer)
	desk.finds(ref)
	desk.press(desk.T("desk.assign.me"))
	desk.sees(desk.T("desk.done.assign"), desk.T("desk.tasks"))
	desk.open("/staff/requests/" + ref + "/data")
	desk.misses("arthur.pemberton")
	desk.press("[href*='/data/shop/']") // their account
	desk.shot("desk-data-en")
	desk.click(desk.T("reveal.open"))
	desk.choose("field", get[string](desk, "() => document.querySelector('#field option:nth-child(2)').value"))
	desk.choose("reason", "verify")
	desk.press(desk.T("reveal.go"))
	desk.sees(desk.T("reveal.told"))
	desk.shot("desk-reveal-en")
	person.open("/activity")
	person.sees(person.T("reveal.reason.verify"))

	// A note that names a colleague rings his bell.
	desk.open("/staff/requests/" + ref)
	desk.fill(desk.T("desk.note.words"), "@周敏 do we still have the calls of spring?")
	desk.press(desk.T("desk.note.go"))
	desk.sees(desk.T("desk.done.note"))
	phone.signsInAs(approver)
	phone.open("/staff/alerts")
	phone.fits(390)
	phone.sees(phone.T("alerts.mentioned.by", "Who", "Ingrid Solheim"))
	phone.open("/staff/requests/" + ref)
	phone.sees("@周敏 do we still have the calls of spring?")
	phone.fits(390)
	phone.shot("desk-phone-en")

	// While he writes on the phone, she asks the person what exactly they mean. The law lets the clock stand still for that.
	phone.fill(phone.T("desk.note.words"), "Only those since May.")
	desk.open("/staff/requests/" + ref)
	desk.click(desk.T("act.pause"))
	desk.click("[name=ground][value=clarification]")
	desk.press(desk.T("act.letter"))
	desk.sees(desk.T("check.pause.title"), desk.T("letters.asked_clarification.title"), desk.T("letters.asked.stops"))
	desk.shot("desk-letter-en")
	desk.fill(get[string](desk, "() => document.querySelector('label[for=text]').textContent"), "Do you mean calls to the shop, or to the help desk?")
	desk.press(desk.T("check.pause.go"))
	desk.sees(desk.T("desk.done.pause"), desk.T("desk.state.paused"))
	box.next("Do you mean calls to the shop, or to the help desk?")

	// He is shown both versions, and what he had typed is still there.
	phone.press(phone.T("desk.note.go"))
	phone.answered(409)
	phone.sees(phone.T("desk.conflict"), phone.T("desk.conflict.then"), phone.T("desk.state.paused"), "Only those since May.")
	phone.fits(390)
	phone.shot("desk-phone-conflict-en")
	phone.press(phone.T("desk.note.go"))
	phone.sees(phone.T("desk.done.note"))

	// The person answers, and the clock runs again. In the afternoon he refuses a part, with the ground of the law.
	person.open("/requests/" + ref)
	person.fill(person.T("request.reply"), "The help desk.")
	person.press(person.T("request.send"))
	phone.open("/staff/requests/" + ref)
	phone.sees(phone.T("desk.state.in_progress"), "The help desk.")
	phone.decides("partly", get[string](phone, "() => document.querySelector('#partly-ground option:nth-child(2)').value"), "Calls since May are in your copy. Older ones are gone.")
	letter := box.next(phone.T("letters.fulfilled_in_part.title"))
	for _, owed := range []string{"Calls since May are in your copy.", phone.T("letters.disagree"), "https://"} {
		if !strings.Contains(letter.Text, owed) {
			t.Errorf("the letter does not say %q:\n%s", owed, letter.Text)
		}
	}

	// Something was forgotten: it is opened again, and answered.
	desk.open("/staff/requests/" + ref)
	desk.decides("reopen", "", "We have found calls of April.")
	desk.sees(desk.T("desk.state.in_progress"))
	desk.decides("fulfil", "", "All calls are in your copy now.")
	person.open("/requests/" + ref)
	person.sees("All calls are in your copy now.")

	// Years later an authority asks. The proof holds without the house, and not a byte of it can be changed.
	desk.open("/staff/requests/" + ref + "/proof")
	desk.shot("desk-proof-en")
	file := desk.saves(desk.T("proof.page.go"))
	if out, err := exec.Command(binary, "audit", "verify", file).CombinedOutput(); err != nil {
		t.Errorf("the proof does not hold: %v\n%s", err, out)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	whole[len(whole)/2] ^= 1
	if err := os.WriteFile(file, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(binary, "audit", "verify", file).CombinedOutput(); err == nil {
		t.Errorf("a changed proof holds:\n%s", out)
	}
}

// saves presses what leads to a file and returns where it lies.
func (v *visitor) saves(words string) (file string) {
	v.t.Helper()
	dir := v.t.TempDir()
	_, err := chromedp.CallBrowser(v.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir, BrowserContextID: chromedp.FromContext(v.ctx).BrowserContextID,
	})
	v.must(err)
	v.click(words)
	if !until(func() bool {
		found, _ := filepath.Glob(filepath.Join(dir, "*.zip"))
		if len(found) != 1 {
			return false
		}
		whole, err := zip.OpenReader(found[0]) // the name is there before the bytes are
		if err != nil {
			return false
		}
		file = found[0]
		return whole.Close() == nil
	}) {
		v.stuck("nothing was downloaded")
	}
	return file
}
