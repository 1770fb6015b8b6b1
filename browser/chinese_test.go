package browser

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"habeas/locale"
)

// latin are the Latin words that a Chinese page may show: names, formats and units that have no other.
var latin = strings.Fields(`
	Habeas English Language PDF JPEG PNG ZIP JSON CSV QR HTML Cookie IP UTC kB MB
	EU GDPR UK CCPA LGPD DPDP VCDPA CPA PIPL CQLR c P GB T a e
	Der Hamburgische Beauftragte für Datenschutz und Informationsfreiheit Am Sandtorkai Hamburg Ingrid Solheim IS
	Microsoft Google Authenticator Chrome Linux name example abcde Enter j k
`)

// latinOf returns the Latin words of a text that nobody allowed: no address, no reference and none of what is stored.
func latinOf(text string, stored ...string) []string {
	for _, s := range stored {
		text = strings.ReplaceAll(text, s, " ")
	}
	text = regexp.MustCompile(`\S+@\S+|https?://\S+|`+refShape.String()+`|\b[A-Z]{1,3}-?\d[\w-]*`).ReplaceAllString(text, " ")
	var out []string
	for _, word := range regexp.MustCompile(`\p{Latin}+`).FindAllString(text, -1) {
		if !slices.Contains(latin, word) && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// inChinese asserts that the page is: its language, and every word of it.
func (v *visitor) inChinese(stored ...string) {
	v.t.Helper()
	if lang := get[string](v, "() => document.documentElement.lang"); lang != locale.Chinese {
		v.t.Errorf("%s: html lang is %q", v.path(), lang)
	}
	words := get[string](v, `() => {
	  const named = [...document.querySelectorAll("[aria-label],[alt],[placeholder],[title]")].filter(e => !e.closest("[lang=en]"));
	  const names = named.flatMap(e => ["aria-label", "alt", "placeholder", "title"].map(a => e.getAttribute(a) ?? ""));
	  const body = document.body.cloneNode(true);
	  body.querySelectorAll("[translate=no], kbd").forEach(e => e.remove()); // colleagues and keys are called what they are called
	  return [document.title, body.textContent, ...names].join("\n");
	}`)
	if left := latinOf(words, stored...); len(left) > 0 {
		v.t.Errorf("%s: not in Chinese: %q", v.path(), left)
	}
	if strings.Contains(words, "⟦") {
		v.t.Errorf("%s: a sentence is missing", v.path())
	}
}

// inChinese asserts the same of a letter.
func (l letter) inChinese(t *testing.T) {
	t.Helper()
	text := l.Subject + "\n" + l.Text
	if left := latinOf(text); len(left) > 0 {
		t.Errorf("%s: not in Chinese: %q", l.Subject, left)
	}
	if lang := l.Headers["Content-Language"]; !slices.Equal(lang, []string{locale.Chinese}) {
		t.Errorf("%s: Content-Language %q", l.Subject, lang)
	}
}

func TestTheWholeRoadInChinese(t *testing.T) {
	t.Parallel()
	v, desk := arrive(t, eyes{lang: locale.Chinese}), arrive(t, eyes{lang: locale.Chinese})
	const address = "chen.jingyi@youjian.example"
	box := mailboxOf(t, address)
	v.open("/")
	v.inChinese()
	v.shot("start-zh")
	v.fill(v.T("start.email"), address)
	v.press(v.T("start.go"))
	v.inChinese()
	v.shot("verify-zh")
	sent := box.next(v.T("letters.sign_in_code.title"))
	sent.inChinese(t)
	v.fill(v.T("code.label"), wideDigits.Replace(sent.code(t)))
	v.press(v.T("verify.go"))
	v.at("/data")
	v.sees("陈静怡", "静安区愚园路 218 弄 6 号")
	v.inChinese("zh-CN", "CN", "devoted", "card", "active")
	v.shot("data-zh")

	ref, file := v.downloads()
	v.inChinese()
	files := wholePackage(t, file)
	if !strings.Contains(string(files["index.html"]), `lang="zh-CN"`) {
		t.Error("the package is not in Chinese")
	}
	box.next(v.T("letters.alert.title")).inChinese(t)
	box.next(v.T("letters.package_ready.title")).inChinese(t)
	v.press(ref)
	v.inChinese()
	v.shot("request-zh")

	v.corrects("街道门牌", "静安区愚园路 220 弄 1 号", "")
	v.inChinese()
	box.next(v.T("letters.correction_done.title")).inChinese(t)
	ref = v.corrects("出生日期", "1990-09-26", "身份证上为 26 日。")
	v.inChinese()
	box.next(ref).inChinese(t)

	v.open("/consents")
	v.inChinese()
	v.click("#analytics")
	v.sees(v.T("consents.saved.granted.flash"))
	v.inChinese()
	v.shot("consents-zh")
	box.next(v.T("letters.consent_given.title")).inChinese(t)
	v.open("/consents/history")
	v.inChinese()

	v.open("/requests/" + ref)
	v.fill(v.T("request.reply"), "如需身份证，请告知提交方式。")
	v.press(v.T("request.send"))
	v.sees("如需身份证，请告知提交方式。")
	v.inChinese()

	desk.signsInAs("zhou.min@harbour-home.example")
	desk.inChinese()
	desk.shot("queue-zh")
	desk.finds(ref)
	desk.sees("身份证上为 26 日。")
	desk.inChinese()
	desk.shot("desk-correction-zh")
	ground := get[string](desk, "() => document.querySelector('#decline-ground option:nth-child(2)').value")
	desk.decides("decline", ground, "与我们留存的证件复印件不一致。")
	desk.inChinese()

	box.next(v.T("letters.correction_declined.title")).inChinese(t)
	v.open("/requests/" + ref)
	v.sees(v.T("request.refused"), "与我们留存的证件复印件不一致。")
	v.inChinese()
	v.shot("request-refused-zh")

	v.open("/requests")
	v.inChinese()
	v.shot("requests-zh")
	v.open("/activity")
	v.inChinese()
	v.open("/security")
	v.inChinese()
	v.open("/requests/new")
	v.inChinese()
	v.shot("ask-zh")
	v.open("/erase")
	v.inChinese()
	v.shot("erase-zh")
	v.open("/nowhere")
	v.inChinese()
	v.press(v.T("problem.home"))
	v.click(".account summary")
	v.press(v.T("nav.sign_out"))
	v.inChinese()
}

func TestTheLanguageCanBeChangedOnAnyPageAndStays(t *testing.T) {
	t.Parallel()
	v := arrive(t, eyes{})
	v.signsInAs("lin.guoqiang@youjian.example")
	v.open("/requests/new?right=objection")
	v.press("[hreflang=zh-CN]")
	v.lang = locale.Chinese
	v.at("/requests/new")
	v.sees(v.T("ask.objection"))
	v.open("/data")
	v.sees(v.T("data.title"))
	v.press("[hreflang=en]")
	v.lang = locale.English
	v.sees(v.T("data.title"))
}
