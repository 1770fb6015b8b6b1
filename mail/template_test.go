package mail

import (
	"errors"
	"strings"
	"testing"
	"time"

	"habeas/locale"
	"habeas/rights"
)

var about = Facts{
	Ref: "HB-7Q4K-9TXM", Right: rights.Erasure, Due: rights.NewDate(2026, 3, 2),
	Received: time.Date(2026, 1, 31, 14, 5, 0, 0, time.FixedZone("", 3600)),
}

func TestATemplateIsFilledInTheReadersLanguage(t *testing.T) {
	noOfficer := harbour
	noOfficer.Officer = ""
	for _, row := range []struct {
		sentence, lang, text, want string
		house                      House
	}{
		{"each variable in English", "en", "{{ref}}|{{right}}|{{received}}|{{due}}|{{house}}|{{officer}}",
			"HB-7Q4K-9TXM|Erasure of your data|31 January 2026|2 March 2026|Harbour & Home|Aoife Byrne", harbour},
		{"and in Chinese", "zh-CN", "{{right}}，{{received}}至{{due}}，{{house}}", "删除个人信息，2026年1月31日至2026年3月2日，港湾家居", harbour},
		{"with blanks inside", "en", "by {{ due }}", "by 2 March 2026", harbour},
		{"nobody in charge: whom to write to", "en", "{{officer}}", "privacy@harbour.example", noOfficer},
		{"text that is no variable stays", "en", "{ref} {{{}}} 100 %s", "{ref} {{{}}} 100 %s", harbour},
	} {
		if got := Fill(row.house, row.lang, row.text, about); got != row.want {
			t.Errorf("%s: %q, want %q", row.sentence, got, row.want)
		}
	}
}

func TestAFactIsNeverReadAsATemplate(t *testing.T) {
	trap := harbour
	trap.Officer = "{{ref}}"
	if got := Fill(trap, "en", "{{officer}}", about); got != "{{ref}}" {
		t.Errorf("filled twice: %q", got)
	}
}

func TestWhatIsWrongInATemplateIsToldByLineAndName(t *testing.T) {
	for _, row := range []struct {
		sentence, text string
		line           int
		name           string // "" for braces
	}{
		{"a variable that does not exist", "Hello\n{{name}}", 2, "name"},
		{"capitals are another name", "{{Ref}}", 1, "Ref"},
		{"logic", "a\nb\n{{if ref}}", 3, "if ref"},
		{"nothing inside", "{{}}", 1, ""},
		{"braces that stay open", "one\ntwo {{ref", 2, "-"},
		{"over two lines", "{{ref\n}}", 1, "-"},
	} {
		var faults rights.FieldErrors
		if err := CheckTemplate("text", row.text); !errors.As(err, &faults) {
			t.Errorf("%s: %v", row.sentence, err)
			continue
		}
		if f := faults[0]; f.Args["Line"] != row.line || row.name != "-" && f.Args["Name"] != row.name {
			t.Errorf("%s: %+v", row.sentence, f)
		}
	}
	if err := CheckTemplate("text", "{{ref}} { } }{ by {{ due }}\n{{house}}{{officer}}"); err != nil {
		t.Errorf("a good template: %v", err)
	}
}

func TestBuiltInTemplatesAreGoodTemplates(t *testing.T) {
	for _, lang := range locale.Languages {
		for _, kind := range Worded {
			text := BuiltIn(lang, kind)
			if err := CheckTemplate("text", text); err != nil {
				t.Errorf("%s in %s: %v", kind, lang, err)
			}
			if filled := Fill(harbour, lang, text, about); strings.ContainsAny(filled, "{}⟦<") {
				t.Errorf("%s in %s reads %q", kind, lang, filled)
			}
			if (text == "") != (BuiltIn(locale.English, kind) == "") {
				t.Errorf("%s has words in one language only", kind)
			}
		}
	}
}

// What an officer looks at before sending is what is sent: the words between the two halves of the preview, and not a
// block more or less.
func TestAPreviewIsTheLetter(t *testing.T) {
	worded := 0
	for _, lang := range locale.Languages {
		for _, m := range letters(lang) {
			d, err := Preview(harbour, lang, m, false)
			if err != nil {
				t.Fatal(err)
			}
			l, err := Compose(harbour, lang, reader, m)
			if err != nil {
				t.Fatal(err)
			}
			p, _, err := draw(harbour, lang, m, false)
			if err != nil {
				t.Fatal(err)
			}
			blocks := append([]Block{}, d.Above...)
			if d.Worded {
				worded++
				said := p.Blocks[len(d.Above) : len(p.Blocks)-len(d.Below)]
				if len(said) == 0 {
					t.Errorf("%s in %s loses the officer's words", m.Kind(), lang)
				}
				blocks = append(blocks, said...)
			}
			blocks = append(blocks, d.Below...)
			shown := page{Lang: lang, House: d.House, Title: d.Title, Blocks: blocks, Foot: d.Foot}
			if shown.text() != l.Text || d.Subject != l.Subject {
				t.Errorf("%s in %s: shown\n%s\nsent\n%s", m.Kind(), lang, shown.text(), l.Text)
			}
			for _, part := range append([]string{d.Hello, d.Sign, d.Title}, d.Foot...) {
				if !strings.Contains(squeeze(l.Text), squeeze(part)) {
					t.Errorf("%s in %s does not say %q", m.Kind(), lang, part)
				}
			}
		}
	}
	if worded != len(Worded)*len(locale.Languages) {
		t.Errorf("%d letters have room for words, %d templates are kept", worded, len(Worded)*len(locale.Languages))
	}
}

func TestEveryFormOfALetterHasItsWords(t *testing.T) {
	const ref = "HB-7Q4K-9TXM"
	for _, lang := range locale.Languages {
		for _, m := range []Message{
			Fulfilled{Ref: ref, Right: rights.Access, ByHand: true}, Reopened{Ref: ref, Right: rights.Access, Due: about.Due},
			Asked{Ref: ref, Right: rights.Access, Why: rights.ForClarification, Stops: true}, Acknowledged{Ref: ref, Right: rights.Complaint},
			Refused{Ref: ref, Right: rights.Erasure, Refusal: RefusalOf(lang, "cn_pipl", "retention_period")},
		} {
			if _, err := Compose(harbour, lang, reader, m); err != nil {
				t.Error(err)
			}
		}
	}
	if r := RefusalOf("zh-CN", "cn_pipl", "retention_period"); r.Basis != "《个人信息保护法》第47条第2款" || r.GroundLaw != "PIPL Art. 47(2)" || r.RouteLaw != "PIPL Art. 50, 65" {
		t.Errorf("a refusal under the PIPL says %+v", r)
	}
}

func TestALetterWithoutWordsHasNoGapForThem(t *testing.T) {
	with, err := Preview(harbour, "en", Refused{Ref: "HB-7Q4K-9TXM", Right: rights.Erasure, Words: "Said."}, false)
	if err != nil {
		t.Fatal(err)
	}
	without, err := Preview(harbour, "en", Refused{Ref: "HB-7Q4K-9TXM", Right: rights.Erasure}, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(with.Above) != len(without.Above) || len(with.Below) != len(without.Below) || !without.Worded {
		t.Errorf("the words change what stands around them: %+v, %+v", with, without)
	}
}
