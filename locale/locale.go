// Package locale holds every word a person reads, in every language, and writes dates, numbers and sizes as readers
// of that language expect. It knows nothing of pages, letters or the law: it turns keys into sentences.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// English and Chinese are the languages that every key must exist in.
const (
	English = "en"
	Chinese = "zh-CN"
)

// Languages lists the languages in the order a switch shows them.
var Languages = []string{English, Chinese}

//go:embed words/*.json
var words embed.FS

var matcher = language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese})

var localizers = sync.OnceValue(func() map[string]*i18n.Localizer {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	files, err := words.ReadDir("words")
	if err != nil {
		panic(err)
	}
	for _, f := range files {
		if _, err := bundle.LoadMessageFileFS(words, "words/"+f.Name()); err != nil {
			panic(fmt.Sprintf("words/%s: %v", f.Name(), err)) // embedded: a test keeps it from ever being shipped
		}
	}
	out := map[string]*i18n.Localizer{}
	for _, lang := range Languages {
		out[lang] = i18n.NewLocalizer(bundle, lang)
	}
	return out
})

// T returns the sentence of key in lang. Pairs fill its placeholders: T("en", "tries.left", "Count", 2). The pair
// "Count" also picks the plural form. An unknown key shows as ⟦key⟧, which tests look for.
func T(lang, key string, pairs ...any) string {
	if len(pairs) == 0 {
		return plain(lang, key)
	}
	s, err := lookup(lang, key, pairs)
	if err != nil {
		return "⟦" + key + "⟧"
	}
	return s
}

// said remembers sentences without placeholders: most of a page, and looking one up costs a template run.
var said sync.Map

func plain(lang, key string) string {
	type sentence struct{ lang, key string }
	if s, ok := said.Load(sentence{lang, key}); ok {
		return s.(string)
	}
	s, err := lookup(lang, key, nil)
	if err != nil {
		return "⟦" + key + "⟧" // not remembered: keys that are made from data would fill the memory
	}
	said.Store(sentence{lang, key}, s)
	return s
}

// Has reports whether key has a sentence in lang: for keys that are made from data.
func Has(lang, key string) bool {
	_, err := lookup(lang, key, []any{"Count", 2})
	return err == nil
}

func lookup(lang, key string, pairs []any) (string, error) {
	l, ok := localizers()[lang]
	if !ok {
		l = localizers()[English]
	}
	cfg := i18n.LocalizeConfig{MessageID: key}
	if len(pairs) > 0 {
		data := make(map[string]any, len(pairs)/2)
		for i := 0; i+1 < len(pairs); i += 2 {
			name := pairs[i].(string)
			data[name] = pairs[i+1]
			if name == "Count" {
				cfg.PluralCount = pairs[i+1]
			}
		}
		cfg.TemplateData = data
	}
	return l.Localize(&cfg)
}

// Match picks a language: the person's own choice where it is one of Languages, else the best of an Accept-Language
// header, else English.
func Match(choice, accept string) string {
	for _, l := range Languages {
		if choice == l {
			return l
		}
	}
	tag, _ := language.MatchStrings(matcher, accept)
	if base, _ := tag.Base(); base.String() == "zh" {
		return Chinese
	}
	return English
}
