package mail

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"habeas/locale"
	"habeas/rights"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var harbour = House{
	Name:           map[string]string{"en": "Harbour & Home", "zh-CN": "港湾家居"},
	Address:        "1 Quay Street, Dublin 2, Ireland",
	PrivacyContact: "privacy@harbour.example",
	Officer:        "Aoife Byrne",
	AuthorityName:  "Data Protection Commission",
	AuthorityURL:   "https://www.dataprotection.ie",
	PolicyURL:      "https://privacy.harbour.example/policy",
	BaseURL:        "https://privacy.harbour.example",
}

const reader = "lena.vogel@post.example"

// letters are one letter of each kind, as the reader of lang gets it.
func saidIn(lang, en, zh string) string {
	if lang == locale.Chinese {
		return zh
	}
	return en
}

func letters(lang string) []Message {
	asked := time.Date(2026, 1, 31, 14, 5, 0, 0, time.FixedZone("", 3600))
	due := rights.NewDate(2026, 3, 2)
	refusal := Refusal{
		Ground: "Tax law obliges us to keep your invoices until 31 December 2033 (Art. 17(3)(b) GDPR).",
		Route:  "You may complain to a supervisory authority, in particular where you live or work (Art. 77 GDPR).",
		Remedy: "You may also go to court (Art. 79 GDPR).",
		Basis:  "GDPR Art. 17(3)(b)", GroundLaw: "GDPR Art. 17(3)(b)", RouteLaw: "GDPR Art. 12(4)",
	}
	said := "We looked through all our systems.\n\nThe invoices of 2026 stay; everything else is gone."
	field, newsletter, reason := "Delivery address", "Newsletter", "You sent us several requests, and they need records from two archives."
	if lang == locale.Chinese {
		refusal = Refusal{
			Ground: "依照税收法律、行政法规，发票须保存至2033年12月31日，保存期限届满前不予删除（《个人信息保护法》第四十七条第二款）。",
			Route:  "您有权向履行个人信息保护职责的部门投诉、举报（《个人信息保护法》第六十五条）。",
			Remedy: "个人信息处理者拒绝您行使权利的请求的，您可以依法向人民法院提起诉讼（《个人信息保护法》第五十条第二款）。",
			Basis:  "《个人信息保护法》第47条第2款", GroundLaw: "PIPL Art. 47(2)", RouteLaw: "PIPL Art. 50, 65",
		}
		said = "我们已查找全部系统。\n\n2026年的发票予以保留，其余信息均已删除。"
		field, newsletter, reason = "收货地址", "新品与优惠邮件", "您提出的请求较多，需要从两处档案调取记录。"
	}
	const ref = "HB-7Q4K-9TXM"
	return []Message{
		SignInCode{Code: "12345678", Token: "t0kenOfTheLink", Minutes: 10},
		StepUpCode{Code: "87654321", Act: ActExport, Minutes: 10},
		Receipt{Ref: ref, Right: rights.Consent, Received: asked, Due: due, Choices: []Choice{
			{newsletter, rights.Withdrawn}, {field, rights.Granted},
		}},
		Alert{Ref: ref, Act: ActErase, At: asked, NotBefore: asked.Add(72 * time.Hour), Token: "t0kenOfTheStop"},
		PackageReady{Ref: ref, Until: asked.Add(24 * time.Hour)},
		PackageFailed{Ref: ref},
		SupplementReady{Ref: ref, Until: sentAt.AddDate(0, 0, 1)},
		CorrectionDone{Ref: ref, Field: field},
		CorrectionAccepted{Ref: ref, Field: field},
		CorrectionDeclined{Ref: ref, Field: field, Refusal: refusal, Words: said},
		ConsentGiven{Ref: ref, Purposes: []string{newsletter}, At: asked},
		ConsentWithdrawn{Ref: ref, Purposes: []string{newsletter}, At: asked},
		FlagRaised{Ref: ref, Flag: rights.Objected, Purposes: []string{newsletter}, At: asked, Due: due},
		FlagLowered{Ref: ref, Flag: rights.OptedOut, At: asked},
		FlagLifting{Ref: ref, Falls: due, Words: said},
		Explained{Ref: ref, Words: said},
		TeamMessage{Ref: ref, Words: said},
		Fulfilled{Ref: ref, Right: rights.Access, Words: said},
		Erased{Ref: ref, Left: []Kept{{What: saidIn(lang, "Orders", "订单"), Records: 3, Ground: saidIn(lang, "Accounting records must be kept: § 257 HGB", "依据德国《商法典》第 257 条须保存会计凭证"),
			Until: saidIn(lang, "8 years after the year of the order", "订单当年结束后 8 年")},
			{What: saidIn(lang, "Nightly backups · Our shop", "每日备份 · 我们的网店"), Copy: true, Day: rights.NewDate(2026, 5, 4)}}},
		Refused{Ref: ref, Right: rights.Erasure, Refusal: refusal, Words: said},
		Cancelled{Ref: ref, Right: rights.Erasure, Begun: true},
		Extended{Ref: ref, Right: rights.Access, Due: rights.NewDate(2026, 4, 30), Law: "GDPR Art. 12(3)", Reason: reason},
		Acknowledged{Ref: ref, Right: rights.Erasure, Received: asked, Due: due, Law: "11 CCR 7021(a)", Words: said},
		Asked{Ref: ref, Right: rights.Access, Why: rights.ForIdentity, Stops: true, Due: due, Law: "UK GDPR Art. 12A", Words: said},
		Asked{Ref: ref, Right: rights.Access, Why: rights.ForClarification, Due: due, Law: "11 CCR 7021(b)", Words: said},
		FulfilledInPart{Ref: ref, Right: rights.Erasure, Refusal: refusal, Words: said},
		Reopened{Ref: ref, Right: rights.Erasure, Due: due, Late: true, Words: said},
		Mandate{Ref: ref, Right: rights.Access, As: rights.Agent},
		RecipientNotice{Ref: ref, Law: "GDPR Art. 19", Act: rights.Rectification, What: []Disclosed{{saidIn(lang, "Our shop", "网店"), field}}, Token: "t0kenOfTheNotice", Until: due},
		RecipientLifted{Ref: ref, What: []Disclosed{{saidIn(lang, "Our shop", "网店"), field}}},
		StaffInvite{Role: rights.RoleOfficer, Token: "t0kenOfTheInvite", Until: asked.Add(72 * time.Hour)},
		StaffAlert{Ref: ref, Event: rights.AlertMessage, Right: rights.Access, Due: due},
		StaffNotice{Event: rights.AlertApproval},
		StaffDigest{
			Late: 1, Week: 2, Alerts: 3, Messages: 1, Requests: []DueRequest{{ref, rights.Access, due}, {"HB-1A2B-3C4D", rights.Erasure, due.AddDays(4)}},
			Team: &TeamDigest{Open: 1204, Late: 3, Week: 17, Unassigned: 5, New: 9},
		},
	}
}

// eachLetter runs the test on every kind in every language.
func eachLetter(t *testing.T, test func(t *testing.T, l Letter, m Message)) {
	for _, lang := range locale.Languages {
		for i, m := range letters(lang) {
			if m.Kind() != Kinds[i] {
				t.Fatalf("the sample of %s is missing or out of order", Kinds[i])
			}
			t.Run(string(m.Kind())+"."+lang, func(t *testing.T) {
				l, err := Compose(harbour, lang, reader, m)
				if err != nil {
					t.Fatal(err)
				}
				test(t, l, m)
			})
		}
		if len(letters(lang)) != len(Kinds) {
			t.Fatal("not one sample of every kind")
		}
	}
}

func TestEveryLetterReadsAsItsGoldenFiles(t *testing.T) {
	eachLetter(t, func(t *testing.T, l Letter, m Message) {
		base := filepath.Join("testdata", "golden", fmt.Sprintf("%s.%s", l.Kind, l.Language))
		for ext, got := range map[string]string{".txt": "Subject: " + l.Subject + "\n\n" + l.Text, ".html": l.HTML} {
			if *update {
				if err := os.WriteFile(base+ext, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(base + ext)
			if err != nil {
				t.Fatalf("%v: make golden writes it", err)
			}
			if got != string(want) {
				t.Errorf("%s%s has changed; look at it, then make golden. Now:\n%s", base, ext, got)
			}
		}
	})
}

// A letter on paper goes to somebody who has no mailbox to sign in with: it speaks of no page, has no link, and says what
// the team wrote.
func TestALetterOnPaperNeedsNoMailbox(t *testing.T) {
	online := regexp.MustCompile(`(?i)\bpage\b|sign in|email|automatic|reply to|/requests/|页面|登录|邮件|回复本`)
	for _, lang := range locale.Languages {
		for _, m := range append(letters(lang), Receipt{Ref: "HB-7Q4K-9TXM", Right: rights.Access, Confirm: true}, Fulfilled{Ref: "HB-7Q4K-9TXM", Right: rights.Access, ByHand: true}) {
			switch m.Kind() {
			case KindReceipt, KindMessage, KindFulfilled, KindRefused, KindExtended, KindAcknowledged, KindAskedIdentity, KindAskedClarification,
				KindFulfilledInPart, KindErased, KindReopened, KindCancelled, KindCorrectionAccepted, KindCorrectionDeclined:
			default:
				continue // only somebody with a mailbox gets them
			}
			l, err := Compose(harbour, lang, "", m)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(l.Text, "新品与优惠邮件", "") // the name of a purpose
			if found := online.FindString(text); found != "" {
				t.Errorf("%s in %s speaks of %q:\n%s", l.Kind, lang, found, l.Text)
			}
		}
		l, err := Compose(harbour, lang, "", TeamMessage{Ref: "HB-7Q4K-9TXM", Words: "The couriers have\nanswered."})
		if err != nil || !strings.Contains(l.Text, "The couriers have\n\nanswered.") || !strings.Contains(l.Text, harbour.Address) {
			t.Errorf("a message on paper (%v):\n%s", err, l.Text)
		}
	}
}

// squeeze takes all blanks away, so that wrapped and unwrapped text compare.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == 0 {
			return -1
		}
		return r
	}, s)
}

// visible returns the words of an HTML letter, without its head and its hidden preview, a NUL after each piece.
func visible(t *testing.T, doc string) string {
	root, err := html.Parse(strings.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Data == "head" || n.Type == html.DoctypeNode || strings.Contains(attribute(n, "style"), "display:none") {
			return
		}
		if n.Type == html.TextNode {
			b.WriteString(n.Data + "\x00")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return b.String()
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func TestTextAndHTMLSayTheSame(t *testing.T) {
	eachLetter(t, func(t *testing.T, l Letter, m Message) {
		shown := strings.ReplaceAll(squeeze(visible(t, l.HTML)), "：", ":")
		for _, line := range strings.Split(l.Text, "\n") {
			line = strings.ReplaceAll(strings.Trim(squeeze(line), "—"), "：", ":")
			label, value, two := strings.Cut(line, ":") // a label and its value stand in two cells
			if line != "--" && !strings.Contains(shown, line) && !(two && strings.Contains(shown, label+value)) {
				t.Errorf("only the text says %q", line)
			}
		}
		text := squeeze(l.Text)
		for _, said := range strings.Split(visible(t, l.HTML), "\x00") {
			if said = squeeze(said); !strings.Contains(text, said) &&
				said != squeeze(locale.T(l.Language, "letters.copy")) &&
				said != squeeze(locale.T(l.Language, "letters.brand", "House", l.FromName)) {
				t.Errorf("only the HTML says %q", said)
			}
		}
	})
}

func TestLettersKeepTheirSecrets(t *testing.T) {
	eachLetter(t, func(t *testing.T, l Letter, m Message) {
		if l.To != reader {
			t.Errorf("addressed to %q", l.To)
		}
		for part, s := range map[string]string{"subject": l.Subject, "text": l.Text, "html": l.HTML} {
			if strings.Contains(s, "lena") || strings.Contains(s, "vogel") {
				t.Errorf("the %s repeats the reader's address", part)
			}
			if strings.Contains(s, "⟦") || strings.Contains(s, "<no value>") || strings.Contains(s, "%!") {
				t.Errorf("the %s lacks a word", part)
			}
		}
		if m.ref() != "" && !strings.Contains(l.Subject, m.ref()) {
			t.Errorf("the subject %q lacks the reference", l.Subject)
		}
		preview := regexp.MustCompile(`mso-hide:all;">([^<]+)<`).FindStringSubmatch(l.HTML)
		if preview == nil {
			t.Fatal("there is no preview")
		}
		for _, secret := range []string{"1234 5678", "12345678", "8765 4321", "Delivery", "收货", "Newsletter", "新品", "31 December"} {
			if strings.Contains(l.Subject, secret) || strings.Contains(preview[1], secret) {
				t.Errorf("subject or preview shows %q on a locked phone", secret)
			}
		}
	})
}

func TestHTMLFetchesNothingAndLinksOnlyHome(t *testing.T) {
	fetches := regexp.MustCompile(`(?i)<(img|link|script|iframe|object|video|form)|\ssrc=|url\(|@import|srcset|\son[a-z]+=`)
	hrefs := regexp.MustCompile(`href="([^"]*)"`)
	eachLetter(t, func(t *testing.T, l Letter, m Message) {
		if found := fetches.FindString(l.HTML); found != "" {
			t.Errorf("the letter has %q", found)
		}
		links := hrefs.FindAllStringSubmatch(l.HTML, -1)
		for _, h := range links {
			if !strings.HasPrefix(h[1], harbour.BaseURL+"/") {
				t.Errorf("links to %q", h[1])
			}
		}
		if len(links) == 0 && l.Kind != KindStepUpCode && l.Kind != KindRecipientLifted { // which ask for nothing behind a link
			t.Error("links nowhere: the reader cannot act")
		}
		if !strings.Contains(l.HTML, `<html lang="`+l.Language+`"`) {
			t.Error("does not name its language")
		}
		if len(l.HTML) > 20_000 {
			t.Errorf("%d bytes: mail programs cut long letters", len(l.HTML))
		}
		for _, name := range []string{l.FromName, "1 Quay Street", "privacy@harbour.example", "Aoife Byrne"} {
			if !strings.Contains(l.Text, name) {
				t.Errorf("does not say who writes: %q", name)
			}
		}
	})
}

func TestChineseIsSetAsChinese(t *testing.T) {
	half := regexp.MustCompile(`\p{Han}[,;:!?()]|[,;:!?(]\p{Han}`)
	for _, m := range letters(locale.Chinese) {
		l, err := Compose(harbour, locale.Chinese, reader, m)
		if err != nil {
			t.Fatal(err)
		}
		if found := half.FindString(l.Subject + l.Text); found != "" {
			t.Errorf("%s has half-width punctuation: %q", l.Kind, found)
		}
		for _, line := range strings.Split(l.Text, "\n") {
			first, _ := utf8.DecodeRuneInString(line)
			last, _ := utf8.DecodeLastRuneInString(line)
			if strings.ContainsRune(notFirst, first) || strings.ContainsRune(notLast, last) {
				t.Errorf("%s breaks a line at %q", l.Kind, line)
			}
		}
	}
}

func TestTextIsWrapped(t *testing.T) {
	eachLetter(t, func(t *testing.T, l Letter, m Message) {
		for _, line := range strings.Split(l.Text, "\n") {
			wide := 0
			for _, u := range units(line) {
				wide += u.width + u.space
			}
			if wide > columns && !strings.HasPrefix(line, "https://") {
				t.Errorf("%d columns: %q", wide, line)
			}
		}
	})
}

func TestEveryRightActRoleAndEventHasItsWords(t *testing.T) {
	var all []Message
	for _, r := range rights.Rights {
		all = append(all, Receipt{Ref: "HB-7Q4K-9TXM", Right: r})
	}
	for _, act := range []Act{ActExport, ActCorrect, ActErase, ActReveal} {
		all = append(all, StepUpCode{Code: "12345678", Act: act, Minutes: 1})
	}
	for _, r := range rights.StaffRoles {
		all = append(all, StaffInvite{Role: r, Token: "t"})
	}
	for _, k := range rights.MandateKinds {
		all = append(all, Mandate{Ref: "HB-7Q4K-9TXM", Right: rights.Access, As: k})
	}
	all = append(all, Receipt{Ref: "HB-7Q4K-9TXM", Right: rights.Access, Confirm: true},
		Alert{Ref: "HB-7Q4K-9TXM", Act: ActErase, Registered: true, Token: "t"})
	for _, e := range rights.AlertKinds {
		if noticed[e] != nil {
			all = append(all, StaffNotice{Event: e})
		} else {
			all = append(all, StaffAlert{Ref: "HB-7Q4K-9TXM", Event: e, Right: rights.Access})
		}
	}
	for _, lang := range locale.Languages {
		for _, m := range all {
			if _, err := Compose(harbour, lang, reader, m); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestComposeRefusesALetterThatCannotBeActedOn(t *testing.T) {
	elsewhere := harbour
	elsewhere.BaseURL = "privacy.harbour.example"
	nobody := harbour
	nobody.PrivacyContact = ""
	for _, c := range []struct {
		sentence string
		house    House
		m        Message
	}{
		{"a link without its token", harbour, SignInCode{Code: "12345678", Minutes: 10}},
		{"a code letter without a code", harbour, SignInCode{Token: "t", Minutes: 10}},
		{"a request without a reference", harbour, TeamMessage{}},
		{"a right that nobody has words for", harbour, Receipt{Ref: "HB-7Q4K-9TXM", Right: "flying"}},
		{"a house with nobody to write to", nobody, TeamMessage{Ref: "HB-7Q4K-9TXM"}},
		{"a base URL without a scheme", elsewhere, TeamMessage{Ref: "HB-7Q4K-9TXM"}},
	} {
		if _, err := Compose(c.house, "en", reader, c.m); err == nil {
			t.Errorf("composed %s", c.sentence)
		}
	}
}

func TestFactsAreTextAndNeverMarkupOrLines(t *testing.T) {
	l, err := Compose(harbour, "en", reader, CorrectionDone{
		Ref: "HB-7Q4K-9TXM", Field: "<script>alert(1)</script>\r\nReference: HB-0000-0000 {{.Ref}} \u202Egnp.exe",
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(l.HTML, "<script>") {
		t.Error("a fact became markup")
	}
	if strings.Contains(l.Text, "\nReference: HB-0000") || strings.Contains(l.Text, "\u202E") {
		t.Errorf("a fact became a line of its own:\n%s", l.Text)
	}
	if !strings.Contains(l.Text, "{{.Ref}}") {
		t.Error("a fact was read as a template")
	}
}

func TestALetterSurvivesTheOutbox(t *testing.T) {
	eachLetter(t, func(t *testing.T, l Letter, m Message) {
		kept, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		var back Letter
		if err := json.Unmarshal(kept, &back); err != nil || back != l {
			t.Errorf("came back different: %v", err)
		}
	})
}

func TestHouseIsNamedEvenWhereALanguageHasNoName(t *testing.T) {
	house := harbour
	house.Name = map[string]string{"en": "Harbour & Home"}
	l, err := Compose(house, "zh-CN", reader, TeamMessage{Ref: "HB-7Q4K-9TXM"})
	if err != nil || l.FromName != "Harbour & Home" {
		t.Errorf("signed %q, %v", l.FromName, err)
	}
}
