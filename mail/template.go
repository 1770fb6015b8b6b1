package mail

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"habeas/locale"
	"habeas/rights"
)

// Worded are the kinds of letter in which an officer has a say: each has its template, the words it begins with.
var Worded = []Kind{
	KindAcknowledged, KindAskedIdentity, KindAskedClarification, KindExtended, KindFulfilled, KindFulfilledInPart, KindRefused,
	KindCorrectionDeclined, KindReopened, KindExplained,
}

// Facts are what the variables of a template stand for, in one letter.
type Facts struct {
	Ref      string
	Right    rights.Right
	Received time.Time
	Due      rights.Date
}

// variables are all that a template may name. There is no logic in one, so that whoever edits it can do no harm.
var variables = []struct {
	name  string
	value func(w *writer, f Facts) string
}{
	{"ref", func(_ *writer, f Facts) string { return f.Ref }},
	{"right", func(w *writer, f Facts) string { return w.right(f.Right) }},
	{"received", func(w *writer, f Facts) string { return locale.Date(w.page.Lang, f.Received) }},
	{"due", func(w *writer, f Facts) string { return w.day(f.Due) }},
	{"house", func(w *writer, _ Facts) string { return w.page.House }},
	// The data protection officer of the house, never the colleague who writes: people are not told who handles their request.
	{"officer", func(w *writer, _ Facts) string {
		if w.house.Officer != "" {
			return w.house.Officer
		}
		return w.house.PrivacyContact
	}},
}

// Variables lists the names that a template may use, {{ref}} and so on.
func Variables() []string {
	out := make([]string, len(variables))
	for i, v := range variables {
		out[i] = v.name
	}
	return out
}

// named is a variable of a template, or what looks like one.
var named = regexp.MustCompile(`\{\{[^{}\n]*\}\}`)

// CheckTemplate returns a fault for each name that no variable has, with its line, and for braces that are not closed.
func CheckTemplate(field, text string) error {
	var faults rights.FieldErrors
	for i, line := range strings.Split(text, "\n") {
		for _, found := range named.FindAllString(line, -1) {
			if name := nameIn(found); !slices.Contains(Variables(), name) {
				faults = append(faults, rights.FieldError{Field: field, Key: "template.error.variable", Args: map[string]any{"Line": i + 1, "Name": name}})
			}
		}
		if rest := named.ReplaceAllString(line, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
			faults = append(faults, rights.FieldError{Field: field, Key: "template.error.braces", Args: map[string]any{"Line": i + 1}})
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

func nameIn(slot string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(slot, "{{"), "}}"))
}

// Fill puts the facts of one letter into a template, in the reader's language. What a fact says is never read as a
// template again.
func Fill(house House, lang, text string, f Facts) string {
	lang = locale.Match(lang, "")
	w := &writer{house: house, page: page{Lang: lang, House: house.name(lang)}}
	return named.ReplaceAllStringFunc(text, func(slot string) string {
		for _, v := range variables {
			if v.name == nameIn(slot) {
				return v.value(w, f)
			}
		}
		return slot
	})
}

// BuiltIn returns the template that a house begins with. It is empty where the law wants the reasons of this very
// request: nothing that is said to everybody could be those.
func BuiltIn(lang string, kind Kind) string {
	key := "template.words." + string(kind)
	if !locale.Has(lang, key) {
		return ""
	}
	return locale.T(lang, key, "Ref", "{{ref}}", "Right", "{{right}}", "Received", "{{received}}", "Due", "{{due}}", "House", "{{house}}")
}
