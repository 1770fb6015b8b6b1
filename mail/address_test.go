package mail

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"habeas/locale"
	"habeas/rights"
)

func TestCanonicalGivesOneFormToOneMailbox(t *testing.T) {
	for _, c := range []struct{ sentence, typed, want string }{
		{"a plain address is itself", "lena@post.example", "lena@post.example"},
		{"capitals do not count", "Lena.VOGEL@Post.Example", "lena.vogel@post.example"},
		{"blanks around it do not count", " \t\u3000lena@post.example\u00A0 ", "lena@post.example"},
		{"a tag is part of the mailbox", "lena+shop@post.example", "lena+shop@post.example"},
		{"dots are part of the mailbox", "l.e.n.a@post.example", "l.e.n.a@post.example"},
		{"every mark of RFC 5322 may stand in it", "o'neill!#$%&*+-/=?^_`{|}~@post.example", "o'neill!#$%&*+-/=?^_`{|}~@post.example"},
		{"a full-width @ and full-width dots are understood", "lena＠post．example", "lena@post.example"},
		{"the Chinese full stop is a dot", "lena@post。example", "lena@post.example"},
		{"the half-width ideographic stop is a dot", "lena@post｡example", "lena@post.example"},
		{"full-width letters are letters", "ＬＥＮＡ＠ｐｏｓｔ．ｅｘａｍｐｌｅ", "lena@post.example"},
		{"what has no width is dropped", "le\u200Bna\uFEFF@po\u00ADst.exa\u2060mple", "lena@post.example"},
		{"the marks that address books paste are dropped", "\u202Alena@post.example\u202C", "lena@post.example"},
		{"an international domain becomes ASCII", "lena@Bücher.example", "lena@xn--bcher-kva.example"},
		{"and stays so", "lena@xn--bcher-kva.example", "lena@xn--bcher-kva.example"},
		{"a sharp s stays one", "lena@straße.example", "lena@xn--strae-oqa.example"},
		{"a Chinese mailbox", "用户@例子.中国", "用户@xn--fsqu00a.xn--fiqs8s"},
		{"a decomposed accent composes", "rene\u0301@post.example", "rené@post.example"},
		{"a capital accent folds", "RENÉ@post.example", "rené@post.example"},
		{"a Cyrillic lookalike is another mailbox", "lenа@post.example", "lenа@post.example"},
	} {
		got, err := Canonical(c.typed)
		if err != nil || got != c.want {
			t.Errorf("%s: %q became %q, %v", c.sentence, c.typed, got, err)
		}
	}
	if latin, _ := Canonical("lena@post.example"); latin == "lenа@post.example" {
		t.Error("lookalikes merged")
	}
}

func TestCanonicalRefusesWhatIsNotOneMailbox(t *testing.T) {
	for _, c := range []struct{ sentence, typed, key string }{
		{"nothing", "", "email.empty"},
		{"blanks", " \u3000 ", "email.empty"},
		{"only what cannot be seen", "\u200B\uFEFF", "email.empty"},
		{"no @", "lena.post.example", "email.format"},
		{"nothing before the @", "@post.example", "email.format"},
		{"nothing after it", "lena@", "email.format"},
		{"two of them", "lena@evil.example@post.example", "email.format"},
		{"a hidden second one", "lena＠evil.example@post.example", "email.format"},
		{"a line break and a header", "lena@post.example\r\nBcc: eve@evil.example", "email.format"},
		{"a line break at the end", "lena@post.example\n", "email.format"},
		{"a NUL", "lena\x00@post.example", "email.format"},
		{"a list", "lena@post.example,eve@evil.example", "email.format"},
		{"a list with semicolons", "lena@post.example;eve@evil.example", "email.format"},
		{"a comma before the @", "eve,lena@post.example", "email.format"},
		{"a full-width comma", "eve，lena@post.example", "email.format"},
		{"a display name", "Lena <lena@post.example>", "email.format"},
		{"angle brackets", "<lena@post.example>", "email.format"},
		{"a comment", "lena(x)@post.example", "email.format"},
		{"a quoted local part", `"lena"@post.example`, "email.format"},
		{"a quoted second recipient", `"a@evil.example,"@post.example`, "email.format"},
		{"a backslash", `le\na@post.example`, "email.format"},
		{"a blank inside", "le na@post.example", "email.format"},
		{"a dot first", ".lena@post.example", "email.format"},
		{"two dots", "le..na@post.example", "email.format"},
		{"a dot before the @", "lena.@post.example", "email.format"},
		{"an address literal", "lena@[192.0.2.1]", "email.format"},
		{"an IP address", "lena@192.0.2.1", "email.format"},
		{"a machine without a domain", "lena@localhost", "email.format"},
		{"a domain that ends with a dot", "lena@post.example.", "email.format"},
		{"an underscore in the domain", "lena@po_st.example", "email.format"},
		{"a hyphen first in the domain", "lena@-post.example", "email.format"},
		{"a route", "@evil.example:lena@post.example", "email.format"},
		{"a percent hack in the domain", "lena@post.example%evil.example", "email.format"},
		{"a false xn-- label", "lena@xn--a.example", "email.format"},
		{"invalid UTF-8", "lena\xff@post.example", "email.format"},
		{"text that runs backwards", "\u202Elena@post.example", "email.format"},
		{"a Kelvin sign for a k", "\u212Aate@post.example", "email.format"},
		{"a Kelvin sign in the domain", "lena@\u212Apost.example", "email.format"},
		{"a ligature for two letters", "ﬁona@post.example", "email.format"},
		{"a circled digit", "lena①@post.example", "email.format"},
		{"a Turkish capital I", "İlena@post.example", "email.format"},
		{"an emoji", "💌@post.example", "email.format"},
		{"65 octets before the @", strings.Repeat("a", 65) + "@post.example", "email.too_long"},
		{"255 octets", strings.Repeat("a", 64) + "@" + strings.Repeat(strings.Repeat("b", 60)+".", 3) + "example", "email.too_long"},
		{"a megabyte", strings.Repeat("a", 1<<20), "email.too_long"},
	} {
		got, err := Canonical(c.typed)
		var faults rights.FieldErrors
		if !errors.As(err, &faults) {
			t.Errorf("%s was taken as %q (%v)", c.sentence, got, err)
			continue
		}
		if len(faults) != 1 || faults[0].Field != "email" || faults[0].Key != c.key {
			t.Errorf("%s: %v, not %s", c.sentence, faults, c.key)
		}
	}
}

func TestAddressFaultsHaveSentences(t *testing.T) {
	for _, lang := range locale.Languages {
		for _, key := range []string{"email.empty", "email.format", "email.too_long"} {
			if !locale.Has(lang, key) {
				t.Errorf("%s lacks %s", lang, key)
			}
		}
	}
}

func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{
		"lena@post.example", "Lena ＠ post。example", `"a,b"@c.example`, "a@b\r\nc", "用户@例子.中国", "\u212A@ß.example", "a\u0345@b.example", "\u03A3a@ΑΣ.example",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		once, err := Canonical(typed)
		if err != nil {
			var faults rights.FieldErrors
			if !errors.As(err, &faults) {
				t.Fatalf("%q: not a FieldErrors: %v", typed, err)
			}
			return
		}
		if twice, err := Canonical(once); err != nil || twice != once {
			t.Fatalf("%q became %q, which became %q, %v", typed, once, twice, err)
		}
		if !utf8.ValidString(once) || strings.ContainsFunc(once, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
			t.Fatalf("%q became %q", typed, once)
		}
		if strings.ContainsAny(once, `,;:<>()[]"\`) || strings.Count(once, "@") != 1 || len(once) > maxAddress {
			t.Fatalf("%q became %q", typed, once)
		}
		if to, err := recipient(once); err != nil || to != once {
			t.Fatalf("%q cannot be written to: %q, %v", once, to, err)
		}
	})
}
