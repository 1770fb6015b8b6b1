package locale

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// forms lists the plural forms that each language tells apart in whole numbers (CLDR).
var forms = map[string][]string{English: {"one", "other"}, Chinese: {"other"}}

// sentences reads one file: each key with its sentences by plural form, "" for a key without forms.
func sentences(t *testing.T, file string) map[string]map[string]string {
	t.Helper()
	b, err := words.ReadFile("words/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	out := map[string]map[string]string{}
	for key, r := range raw {
		var one string
		if json.Unmarshal(r, &one) == nil {
			out[key] = map[string]string{"": one}
			continue
		}
		var many map[string]string
		if err := json.Unmarshal(r, &many); err != nil {
			t.Errorf("%s: %s is neither a sentence nor plural forms", file, key)
		}
		out[key] = many
	}
	return out
}

// areas lists the files by area and language.
func areas(t *testing.T) map[string]map[string]map[string]map[string]string {
	t.Helper()
	files, err := words.ReadDir("words")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]map[string]map[string]string{}
	for _, f := range files {
		area, lang, _ := strings.Cut(strings.TrimSuffix(f.Name(), ".json"), ".")
		if !slices.Contains(Languages, lang) {
			t.Errorf("words/%s is in no language of ours", f.Name())
		}
		if out[area] == nil {
			out[area] = map[string]map[string]map[string]string{}
		}
		out[area][lang] = sentences(t, f.Name())
	}
	return out
}

func TestEveryLanguageSaysTheSameThings(t *testing.T) {
	for area, byLang := range areas(t) {
		for _, lang := range Languages {
			if byLang[lang] == nil {
				t.Errorf("words/%s.%s.json is missing", area, lang)
				continue
			}
			for key := range byLang[English] {
				if byLang[lang][key] == nil {
					t.Errorf("words/%s.%s.json: %s is missing", area, lang, key)
				}
			}
			for key := range byLang[lang] {
				if byLang[English][key] == nil {
					t.Errorf("words/%s.%s.json: %s has no English", area, lang, key)
				}
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

func placeholders(s string) []string {
	names := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
		names[m[1]] = true
	}
	return slices.Sorted(maps.Keys(names))
}

func TestEveryLanguageFillsTheSamePlaceholders(t *testing.T) {
	for area, byLang := range areas(t) {
		for key, english := range byLang[English] {
			for _, lang := range Languages {
				for form, s := range byLang[lang][key] {
					got, want := placeholders(s), placeholders(english[plural(english)])
					if form == "one" { // "1 day left" may spell the number out, and must not need more
						want = slices.DeleteFunc(want, func(name string) bool { return !slices.Contains(got, name) })
					}
					if !slices.Equal(got, want) {
						t.Errorf("words/%s.%s.json: %s fills %q, want %q", area, lang, key, got, want)
					}
				}
			}
		}
	}
}

// plural is the form that names every placeholder.
func plural(byForm map[string]string) string {
	if _, ok := byForm["other"]; ok {
		return "other"
	}
	return ""
}

func TestPluralFormsAreThoseOfTheLanguage(t *testing.T) {
	for area, byLang := range areas(t) {
		for key, english := range byLang[English] {
			if english[""] != "" {
				continue
			}
			for _, lang := range Languages {
				got := slices.Sorted(maps.Keys(byLang[lang][key]))
				if !slices.Equal(got, forms[lang]) {
					t.Errorf("words/%s.%s.json: %s has the forms %q, want %q", area, lang, key, got, forms[lang])
				}
			}
		}
	}
}

func TestNoSentenceIsEmptyOrUnfinished(t *testing.T) {
	for area, byLang := range areas(t) {
		for lang, keys := range byLang {
			for key, byForm := range keys {
				for _, s := range byForm {
					if strings.TrimSpace(s) == "" {
						t.Errorf("words/%s.%s.json: %s is empty", area, lang, key)
					}
					if strings.ContainsAny(s, "⟦⟧") || strings.Contains(s, "TODO") {
						t.Errorf("words/%s.%s.json: %s is unfinished: %q", area, lang, key, s)
					}
				}
			}
		}
	}
}

func TestAKeyLivesInOneArea(t *testing.T) {
	home := map[string]string{}
	for area, byLang := range areas(t) {
		for key := range byLang[English] {
			if other, ok := home[key]; ok {
				t.Errorf("%s is in both %s and %s: the later one would win by chance", key, other, area)
			}
			home[key] = area
		}
	}
}

// What a person reads of who looked at their data speaks to them; colleagues read the same entries about somebody else.
func TestALookThatSpeaksToThePersonHasWordsForColleagues(t *testing.T) {
	you := map[string]*regexp.Regexp{English: regexp.MustCompile(`(?i)\byour?s?\b`), Chinese: regexp.MustCompile(`[您你]`)}
	for _, byLang := range areas(t) {
		for lang, byKey := range byLang {
			for key, byForm := range byKey {
				if !strings.HasPrefix(key, "look.") || !you[lang].MatchString(byForm[""]) {
					continue
				}
				if theirs := "person." + key; !Has(lang, theirs) || you[lang].MatchString(T(lang, theirs)) {
					t.Errorf("%s: colleagues read %q about somebody else: say it in %s", lang, byForm[""], theirs)
				}
			}
		}
	}
}

// Half-width commas, full stops and question marks between Chinese characters are how machine translation shows.
var halfWidth = regexp.MustCompile(`\p{Han}[,;:?!.]|[,;:?!]\p{Han}`)

func TestChineseIsPunctuatedInFullWidth(t *testing.T) {
	for area, byLang := range areas(t) {
		for key, byForm := range byLang[Chinese] {
			for _, s := range byForm {
				if m := halfWidth.FindString(s); m != "" {
					t.Errorf("words/%s.zh-CN.json: %s: %q in %q", area, key, m, s)
				}
			}
		}
	}
}

func TestChineseIsNotLeftInEnglish(t *testing.T) {
	for area, byLang := range areas(t) {
		for key, byForm := range byLang[Chinese] {
			for form, s := range byForm {
				plain := placeholder.ReplaceAllString(s, "")
				if strings.HasPrefix(key, "language.") || !regexp.MustCompile(`[A-Za-z]{3}`).MatchString(plain) {
					continue
				}
				if !regexp.MustCompile(`\p{Han}`).MatchString(s) && s == byLang[English][key][form] && strings.Contains(s, " ") {
					t.Errorf("words/%s.zh-CN.json: %s is still English: %q", area, key, s)
				}
			}
		}
	}
}
