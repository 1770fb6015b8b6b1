package sources

// Text is what the map says to a person, by language tag. A plain string of the map stands under the empty tag and
// serves every language.
type Text map[string]string

// In returns the text in lang, else the plain string, else English, else the language that sorts first, else "".
func (t Text) In(lang string) string {
	for _, tag := range []string{lang, "", "en"} {
		if s, ok := t[tag]; ok {
			return s
		}
	}
	first, text := "", ""
	for tag, s := range t {
		if first == "" || tag < first {
			first, text = tag, s
		}
	}
	return text
}

// Same reports whether both say the same in every language.
func (t Text) Same(other Text) bool {
	if len(t) != len(other) {
		return false
	}
	for tag, s := range t {
		if o, ok := other[tag]; !ok || o != s {
			return false
		}
	}
	return true
}
